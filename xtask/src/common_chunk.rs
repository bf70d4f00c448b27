//! Code shared by several chunks, in a few files. The splitter makes a file for every set of chunks that share
//! something: more than a hundred, most of them below a kilobyte, of which a page would download dozens. Here they
//! become three: what pages of each family share, and what the families share. These compress better, and are already
//! there for every further page.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use wasm_encoder::{EntityType, ExportKind, ExportSection, ImportSection, Module};
use wasmparser::{Imports, Parser, Payload};

use crate::{pages, toolbox::Toolbox};

/// The file of what families share.
const COMMON: &str = "common";
/// Where the splitter's files import memory, table and stack pointer from.
const SHARED: &str = "__wasm_split";
/// Where the merged files import them from.
const OUTSIDE: &str = "__wasm_split_common";

/// A file that the splitter made for what some chunks share.
pub(crate) struct Shared {
    /// Its name without the extension.
    pub(crate) stem: String,
    /// The names of those chunks.
    pub(crate) users: BTreeSet<String>,
}

/// The name, without the extension, of the file that a shared one becomes part of: that of the family that all its
/// users belong to according to the table of pages, or the common one.
pub(crate) fn family_of(shared: &Shared) -> &'static str {
    let mut families = shared.users.iter().map(|user| pages::family(user).unwrap_or(COMMON));
    let first = families.next().unwrap_or(COMMON);
    if families.all(|family| family == first) { first } else { COMMON }
}

/// Merges the `shared` files in `folder` into the families' files, and makes the loader `script` load those instead.
pub(crate) fn gather(
    toolbox: &Toolbox,
    shared: &[Shared],
    script: &Path,
    folder: &Path,
    features: &[&str],
) -> Result<Vec<PathBuf>> {
    // Otherwise everything it shares would be in the common file.
    if let Some(stray) = shared.iter().flat_map(|shared| &shared.users).find(|user| pages::family(user).is_none()) {
        bail!("the table of pages (src/pages/table.rs) has no chunk {stray}");
    }
    let file_of = |stem: &str| folder.join(stem).with_extension("wasm");
    let modules = shared
        .iter()
        .map(|shared| {
            let file = file_of(&shared.stem);
            fs::read(&file).with_context(|| format!("reading {}", file.display()))
        })
        .collect::<Result<Vec<_>>>()?;
    let outside = folder.join("outside.wasm");
    fs::write(&outside, forwarding_module(&modules)?)?;

    let mut families = BTreeMap::<_, Vec<_>>::new();
    for shared in shared {
        families.entry(family_of(shared)).or_default().push(shared);
    }
    let mut merged = Vec::new();
    for (family, members) in families {
        let file = file_of(family);
        let mut command = toolbox.command("wasm-merge");
        command.args(features).arg("-g").args([&outside, Path::new(SHARED)]);
        for member in members {
            command.arg(file_of(&member.stem)).arg(&member.stem);
        }
        let output = command.arg("-o").arg(&file).output().context("starting wasm-merge")?;
        ensure!(output.status.success(), "chunks can't be merged: {}", String::from_utf8_lossy(&output.stderr));
        merged.push(file);
    }

    let families = shared.iter().map(|shared| (shared.stem.as_str(), family_of(shared))).collect();
    let loader = fs::read_to_string(script).context("reading the chunks' loader")?;
    let loader = loading_families(&loader, &families);
    fs::write(script, loader.context("the chunks' loader isn't as it was when this was written")?)?;
    Ok(merged)
}

/// A module that exports what the modules import, and imports it itself. When merged with them, memory and table are
/// imported only once, as browsers require.
fn forwarding_module(modules: &[Vec<u8>]) -> Result<Vec<u8>> {
    let mut wanted = BTreeMap::new();
    for module in modules {
        for payload in Parser::new(0).parse_all(module) {
            let Payload::ImportSection(section) = payload? else { continue };
            for imports in section {
                let Imports::Single(_, import) = imports? else { continue };
                ensure!(import.module == SHARED, "a chunk imports from {}", import.module);
                wanted.insert(import.name.to_owned(), EntityType::try_from(import.ty)?);
            }
        }
    }
    let (mut imports, mut exports) = (ImportSection::new(), ExportSection::new());
    let (mut memories, mut tables, mut globals) = (0, 0, 0);
    for (name, kind) in wanted {
        let (export, index) = match kind {
            EntityType::Memory(_) => (ExportKind::Memory, &mut memories),
            EntityType::Table(_) => (ExportKind::Table, &mut tables),
            EntityType::Global(_) => (ExportKind::Global, &mut globals),
            other => bail!("a chunk imports {name}, which is {other:?}"),
        };
        imports.import(OUTSIDE, &name, kind);
        exports.export(&name, export, *index);
        *index += 1;
    }
    let mut module = Module::new();
    module.section(&imports).section(&exports);
    Ok(module.finish())
}

/// The loader with the families' files in place of all shared ones: it has `const __chunk_7 = makeLoad(…, []);` for
/// each shared file, and names them in the list of what a page needs.
fn loading_families(loader: &str, families: &BTreeMap<&str, &str>) -> Option<String> {
    const BEGINS: &str = "const __chunk_";
    const ENDS: &str = ", []);\n";
    let constant = |family: &str| format!("__{family}");
    let family_of = |constant: &str| families.get(constant.trim().strip_prefix("__")?).copied();
    let (mut kept, mut rest, mut there) = (String::new(), loader, BTreeSet::new());
    while let Some(start) = rest.find(BEGINS) {
        let end = start + rest[start..].find(ENDS)? + ENDS.len();
        let statement = &rest[start..end];
        let name = statement.strip_prefix("const ")?.split(' ').next()?;
        let file = statement.split_once("\"./")?.1.split_once('"')?.0;
        let family = family_of(name)?;
        kept.push_str(&rest[..start]);
        if there.insert(family) {
            kept.push_str(&statement.replace(name, &constant(family)).replace(file, &format!("{family}.wasm")));
        }
        rest = &rest[end..];
    }
    kept.push_str(rest);
    let (mut loader, mut rest) = (String::new(), kept.as_str());
    while let Some((before, list)) = rest.split_once("[__chunk_") {
        let (names, after) = list.split_once(']')?;
        let names = format!("__chunk_{names}");
        let needed: BTreeSet<_> = names.split(',').map(family_of).collect::<Option<_>>()?;
        loader.push_str(before);
        loader.push_str(&format!("[{}]", needed.into_iter().map(constant).collect::<Vec<_>>().join(", ")));
        rest = after;
    }
    loader.push_str(rest);
    // The files import from a different name, because the splitter's is what the merged modules know each other by.
    let at = loader.find("    return sharedImports;\n").filter(|_| !there.is_empty())?;
    loader.insert_str(at, &format!("    sharedImports.{OUTSIDE} = sharedImports.{SHARED};\n"));
    Some(loader)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_a_family_shares_is_in_its_file() {
        let family = |users: &[&str]| {
            family_of(&Shared { stem: "chunk_1".into(), users: users.iter().map(|&user| user.into()).collect() })
        };
        assert_eq!(family(&["guests", "issue"]), "codes");
        assert_eq!(family(&["audit", "doors", "manager"]), "office");
        assert_eq!(family(&["audit", "issue"]), "common");
    }

    #[test]
    fn the_loader_loads_the_families_in_place_of_all_shared_files() {
        let loader = "function getSharedImports() {\n    return sharedImports;\n}\n\
            /* a, b */\nconst __chunk_1 = makeLoad(() => {\n    fetch(new URL(\"./chunk_1.wasm\", here));\n}\n, []);\n\
            /* b, c */\nconst __chunk_2 = makeLoad(() => {\n    fetch(new URL(\"./chunk_2.wasm\", here));\n}\n, []);\n\
            /* a, c */\nconst __chunk_3 = makeLoad(() => {\n    fetch(new URL(\"./chunk_3.wasm\", here));\n}\n, []);\n\
            export const a = wrap(makeLoad(own(\"./a.wasm\"), [__chunk_1, __chunk_3]));\n\
            export const b = wrap(makeLoad(own(\"./b.wasm\"), [__chunk_1, __chunk_2]));\n\
            export const d = wrap(makeLoad(own(\"./d.wasm\"), []));\n";
        let families = BTreeMap::from([("chunk_1", "codes"), ("chunk_2", "common"), ("chunk_3", "codes")]);
        assert_eq!(
            loading_families(loader, &families).expect("a loader of the splitter's"),
            "function getSharedImports() {\n    sharedImports.__wasm_split_common = sharedImports.__wasm_split;\n    \
            return sharedImports;\n}\n\
            /* a, b */\nconst __codes = makeLoad(() => {\n    fetch(new URL(\"./codes.wasm\", here));\n}\n, []);\n\
            /* b, c */\nconst __common = makeLoad(() => {\n    fetch(new URL(\"./common.wasm\", here));\n}\n, []);\n\
            /* a, c */\n\
            export const a = wrap(makeLoad(own(\"./a.wasm\"), [__codes]));\n\
            export const b = wrap(makeLoad(own(\"./b.wasm\"), [__codes, __common]));\n\
            export const d = wrap(makeLoad(own(\"./d.wasm\"), []));\n"
        );
        assert!(loading_families("export {};", &families).is_none());
    }
}
