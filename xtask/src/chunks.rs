//! Taking the shipped console apart: what a first visit needs, and files with the pages that are downloaded when they are
//! asked for (`src/pages/table.rs` says which). trunk can't split wasm, so this begins again from what cargo compiled:
//! the linker kept the relocations, by which functions are moved to other modules; then wasm-bindgen, wasm-opt and
//! esbuild.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Context, Result, anyhow, ensure};

use crate::{
    boot,
    common_chunk::{self, Shared},
    files, page,
    toolbox::Toolbox,
    workspace::{self, WASM_TARGET},
};

/// The program's name, and so trunk's and ours for its files.
const NAME: &str = "latchkey-console";
/// The script that loads the chunks.
const LOADER: &str = "chunks.js";
/// Without local common subexpressions what is alike stays alike for brotli, and so does the order by name.
const OPTIMISATIONS: [&str; 3] = ["-O3", "--skip-pass=local-cse", "--reorder-functions-by-name"];
/// What the compiler makes use of. All features at once would be more than browsers have.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Puts the console into `dist` in pieces, in place of what trunk put there. `target` is the folder that cargo compiled
/// into.
pub(crate) fn split(toolbox: &Toolbox, target: &Path, dist: &Path) -> Result<()> {
    let scratch = workspace::scratch_dir()?.join("chunks");
    if scratch.exists() {
        fs::remove_dir_all(&scratch).context("removing the chunks of an earlier build")?;
    }
    let wasm = target.join(WASM_TARGET).join("console").join(NAME).with_extension("wasm");
    let parts = take_apart(toolbox, &wasm, &scratch)?;
    let pieces = scratch.join("pieces");
    bind(toolbox, &parts.main, &pieces)?;
    for file in &parts.files {
        fs::copy(file, pieces.join(file.file_name().context("a file has a name")?))?;
    }
    optimise(toolbox, &pieces)?;
    place(&pieces, dist, &parts.chunks)?;
    fs::write(map_file()?, to_text(&parts.chunks)).context("writing which chunk has which files")
}

/// Which files of `dist` each chunk downloads, by the chunk's name.
pub(crate) fn map() -> Result<BTreeMap<String, Vec<String>>> {
    let text = fs::read_to_string(map_file()?).context("reading which chunk has which files")?;
    Ok(from_text(&text))
}

fn map_file() -> Result<PathBuf> {
    Ok(workspace::scratch_dir()?.join("chunks.txt"))
}

/// A line for each chunk: its name, then its files.
fn to_text(chunks: &BTreeMap<String, Vec<String>>) -> String {
    chunks.iter().map(|(name, files)| format!("{name} {}\n", files.join(" "))).collect()
}

fn from_text(text: &str) -> BTreeMap<String, Vec<String>> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split(' ').map(str::to_owned);
            Some((words.next()?, words.collect()))
        })
        .collect()
}

/// A console in pieces, as the splitter leaves them.
struct Parts {
    /// What is always downloaded; wasm-bindgen's input.
    main: PathBuf,
    /// The chunks' modules, and the script that loads them.
    files: Vec<PathBuf>,
    /// The names of the modules of each chunk.
    chunks: BTreeMap<String, Vec<String>>,
}

fn take_apart(toolbox: &Toolbox, wasm: &Path, scratch: &Path) -> Result<Parts> {
    let whole = fs::read(wasm).with_context(|| format!("reading {}", wasm.display()))?;
    let out = scratch.join("split");
    let main = out.join(NAME).with_extension("wasm");
    let (loader, script) = (format!("./{LOADER}"), format!("./{NAME}.js"));
    let mut options = wasm_split_cli_support::Options::new(&whole);
    options.output_dir = &out;
    options.main_out_path = &main;
    options.link_name = &loader;
    options.main_module = &script;
    let split =
        wasm_split_cli_support::transform(options).map_err(|error| anyhow!("splitting the console: {error:#}"))?;
    ensure!(
        !split.prefetch_map.is_empty(),
        "the console has no chunks: was it compiled with the feature of that name?"
    );
    // What one chunk alone needs is named by it; all else is shared.
    let mut users = BTreeMap::<&str, BTreeSet<String>>::new();
    for (chunk, stems) in &split.prefetch_map {
        for stem in stems.iter().filter(|stem| !is_own(stem)) {
            users.entry(stem).or_default().insert(chunk.clone());
        }
    }
    let shared: Vec<_> = users.into_iter().map(|(stem, users)| Shared { stem: stem.to_owned(), users }).collect();
    let chunks = split.prefetch_map.iter().map(|(chunk, stems)| {
        let families = shared.iter().filter(|shared| shared.users.contains(chunk)).map(common_chunk::family_of);
        let families: BTreeSet<_> = families.collect();
        let own = stems.iter().map(String::as_str).filter(|stem| is_own(stem));
        (chunk.clone(), families.into_iter().chain(own).map(|stem| format!("{stem}.wasm")).collect())
    });
    let chunks = chunks.collect();
    let script = out.join(LOADER);
    let mut files = common_chunk::gather(toolbox, &shared, &script, &out, &FEATURES)?;
    files.push(script);
    files.extend(
        split
            .split_modules
            .into_iter()
            .filter(|file| file.file_stem().is_some_and(|stem| is_own(&stem.to_string_lossy()))),
    );
    Ok(Parts { main, files, chunks })
}

/// Whether the splitter's file of that name is one chunk's alone.
fn is_own(stem: &str) -> bool {
    stem.starts_with("split_")
}

fn bind(toolbox: &Toolbox, main: &Path, out: &Path) -> Result<()> {
    // The chunks are linked with what the linker exports: memory, table, stack pointer.
    let status = toolbox
        .command("wasm-bindgen")
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports", "--out-name", NAME, "--out-dir"])
        .args([out, main])
        .status()
        .context("starting wasm-bindgen")?;
    ensure!(status.success(), "wasm-bindgen failed");
    Ok(())
}

/// Makes each piece smaller, in place.
fn optimise(toolbox: &Toolbox, folder: &Path) -> Result<()> {
    let pieces = files::walk(folder, &|_| false)?;
    thread::scope(|scope| {
        let works: Vec<_> = pieces
            .iter()
            .filter_map(|piece| {
                let mut command = match piece.extension()?.to_str()? {
                    "wasm" => {
                        let mut command = toolbox.command("wasm-opt");
                        command.args(OPTIMISATIONS).args(FEATURES).args([piece, Path::new("-o"), piece]);
                        command
                    }
                    "js" => {
                        let mut command = toolbox.command("esbuild");
                        let outfile = format!("--outfile={}", piece.display());
                        command.arg(piece).args(["--minify", "--format=esm", "--allow-overwrite", &outfile]);
                        command
                    }
                    _ => return None,
                };
                Some(scope.spawn(move || {
                    let output = command.output().context("starting an optimiser")?;
                    let complaint = String::from_utf8_lossy(&output.stderr);
                    ensure!(output.status.success(), "{} can't be made smaller: {complaint}", piece.display());
                    Ok(())
                }))
            })
            .collect();
        works.into_iter().try_for_each(|work| work.join().map_err(|_| anyhow!("an optimiser panicked"))?)
    })
}

/// Moves the pieces into a folder of `dist` that is named by all their content, since they name one another, and has the
/// page load them from there.
fn place(pieces: &Path, dist: &Path, chunks: &BTreeMap<String, Vec<String>>) -> Result<()> {
    let mut content = DefaultHasher::new();
    for file in files::walk(pieces, &|_| false)? {
        file.file_name().hash(&mut content);
        fs::read(&file)?.hash(&mut content);
    }
    let folder = format!("console-{:016x}", content.finish());

    let page = dist.join("index.html");
    let html = fs::read_to_string(&page).context("reading the page that trunk made")?;
    let (html, replaced) = redirect(&html, &folder).context("the page doesn't load what trunk made")?;
    let of_each: Vec<_> = chunks
        .iter()
        .map(|(chunk, files)| {
            let files: Vec<_> = files.iter().map(|file| format!("/{folder}/{file}")).collect();
            format!("{chunk}:{}", files.join(","))
        })
        .collect();
    fs::write(&page, boot::tell(&html, "chunks", &of_each.join(" "))?)?;
    for name in replaced {
        fs::remove_file(dist.join(&name)).with_context(|| format!("removing {name}"))?;
    }
    fs::rename(pieces, dist.join(folder)).context("moving the console into dist")
}

/// The page with trunk's two files replaced by ours, without the checksums of trunk's, and trunk's files' names.
fn redirect(html: &str, folder: &str) -> Option<(String, [String; 2])> {
    let start = html.find(&format!("/{NAME}-"))? + 1;
    let stem = html[start..].split(".js").next()?;
    let (script, wasm) = (format!("{stem}.js"), format!("{stem}_bg.wasm"));
    let mut page = html.to_owned();
    for link in page::links(html) {
        let tag = &html[link];
        if let Some(checksum) = page::attribute(tag, "integrity").filter(|_| tag.contains(stem)) {
            page =
                page.replace(&format!(" integrity=\"{checksum}\""), "").replace(&format!(" integrity={checksum}"), "");
        }
    }
    page = page
        .replace(&format!("/{script}"), &format!("/{folder}/{NAME}.js"))
        .replace(&format!("/{wasm}"), &format!("/{folder}/{NAME}_bg.wasm"))
        // What the script imports, before the script is there to say so.
        .replacen("<link", &format!("<link href=/{folder}/{LOADER} rel=modulepreload><link"), 1);
    Some((page, [script, wasm]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_loads_the_pieces_instead_of_what_trunk_made() {
        let page = "<link href=/base-0123.css integrity=sha384-keep rel=stylesheet>\
            <script type=module>import init from '/latchkey-console-ab12.js';\
            await init({ module_or_path: '/latchkey-console-ab12_bg.wasm' });</script>\
            <link href=/latchkey-console-ab12.js integrity=\"sha384-x\" rel=modulepreload>\
            <link as=fetch href=/latchkey-console-ab12_bg.wasm rel=preload integrity=sha384-y>";
        let (page, replaced) = redirect(page, "console-0").expect("a page of trunk's");
        assert_eq!(replaced, ["latchkey-console-ab12.js", "latchkey-console-ab12_bg.wasm"]);
        assert_eq!(
            page,
            "<link href=/console-0/chunks.js rel=modulepreload>\
            <link href=/base-0123.css integrity=sha384-keep rel=stylesheet>\
            <script type=module>import init from '/console-0/latchkey-console.js';\
            await init({ module_or_path: '/console-0/latchkey-console_bg.wasm' });</script>\
            <link href=/console-0/latchkey-console.js rel=modulepreload>\
            <link as=fetch href=/console-0/latchkey-console_bg.wasm rel=preload>"
        );
        assert!(redirect("<p>Nothing here</p>", "console-0").is_none());
    }

    #[test]
    fn the_map_of_chunks_is_read_as_it_was_written() {
        let map = BTreeMap::from([
            ("manager".to_owned(), vec!["chunk_1.wasm".to_owned(), "split_manager.wasm".to_owned()]),
            ("support".to_owned(), vec!["split_support.wasm".to_owned()]),
        ]);
        assert_eq!(from_text(&to_text(&map)), map);
    }
}
