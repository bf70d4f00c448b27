//! Checks the structure described in ARCHITECTURE.md, from `use` lines and paths that begin with `crate::`: no files of
//! the server or of the store import each other in a cycle, and no lower folder of the console imports a higher one.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result};

use crate::{files, workspace};

/// The console's folders, lowest first: each may import from itself and those before it.
const FOLDERS: [&str; 5] = ["api", "ui", "components", "forms", "pages"];

/// The violations, a sentence each.
pub(crate) fn violations() -> Result<Vec<String>> {
    let root = workspace::root();
    let mut violations = Vec::new();
    for part in ["server", "store"] {
        let cycles = cycles(&read(&root.join("crates").join(part).join("src"))?).into_iter();
        violations.extend(
            cycles.map(|circle| format!("files of the {part} import each other in a circle: {}", circle.join(", "))),
        );
    }
    violations.extend(upward_imports(&read(&root.join("src"))?));
    Ok(violations)
}

/// The modules below a folder by their paths (`auth::caller`; the root is empty), with their source.
fn read(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut modules = BTreeMap::new();
    for file in files::walk(folder, &|_| false)? {
        if file.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        let below = file.strip_prefix(folder).unwrap_or(&file).with_extension("");
        let mut path: Vec<String> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if path.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib")) {
            path.pop();
        }
        // The program's own file isn't a module of the library.
        if path != ["main"] {
            modules.insert(path.join("::"), text);
        }
    }
    Ok(modules)
}

/// Groups of files that import each other, directly or through others of the group. What the root re-exports (`pub use
/// tx::Tx`) counts as imported from the file that defines it.
fn cycles(modules: &BTreeMap<String, String>) -> Vec<Vec<String>> {
    let mut imports: BTreeMap<&str, BTreeSet<String>> =
        modules.iter().map(|(module, text)| (module.as_str(), imported(module, text, modules))).collect();
    // Nothing then imports from the root itself, so that its re-exports make no cycle.
    imports.remove("");
    let reaches = |from: &str| {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut left: Vec<String> = imports[from].iter().cloned().collect();
        while let Some(module) = left.pop() {
            if let Some(further) = imports.get(module.as_str())
                && seen.insert(module)
            {
                left.extend(further.iter().cloned());
            }
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<String>> = imports.keys().map(|module| (*module, reaches(module))).collect();
    let mut cycles: BTreeSet<Vec<String>> = BTreeSet::new();
    for (module, from_here) in &reached {
        if from_here.contains(*module) {
            let with = from_here.iter().filter(|other| reached[other.as_str()].contains(*module));
            cycles.insert(with.cloned().collect());
        }
    }
    cycles.into_iter().collect()
}

/// Imports from a lower folder of the console to a higher one.
fn upward_imports(modules: &BTreeMap<String, String>) -> Vec<String> {
    let height = |module: &str| FOLDERS.iter().position(|folder| module.split("::").next() == Some(*folder));
    let mut upward_imports = Vec::new();
    for (module, text) in modules {
        let Some(here) = height(module) else { continue };
        for other in imported(module, text, modules) {
            if height(&other).is_some_and(|there| there > here) {
                upward_imports.push(format!("the console's {module} imports from {other}, which is above it"));
            }
        }
    }
    upward_imports
}

/// The modules that a file imports something from, except itself.
fn imported(module: &str, text: &str, modules: &BTreeMap<String, String>) -> BTreeSet<String> {
    // Tests come last in a file, and may import what they like.
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut imported = BTreeSet::new();
    for line in statements(text).into_iter().chain(paths(text)) {
        for path in expanded(&line) {
            if let Some(found) = resolve(module, &path, modules)
                && found != module
            {
                imported.insert(found);
            }
        }
    }
    imported
}

/// The text between `use` and `;`, without blanks, of each statement that begins a line.
fn statements(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (start, _) in text.match_indices("use ") {
        let before = text[..start].rsplit('\n').next().unwrap_or_default().trim();
        if before.is_empty() || before == "pub" || (before.starts_with("pub(") && before.ends_with(')')) {
            let rest = &text[start + "use ".len()..];
            let statement = rest.split(';').next().unwrap_or_default();
            found.push(statement.chars().filter(|c| !c.is_whitespace()).collect());
        }
    }
    found
}

/// The paths that begin with `crate::` outside `use` statements and comments: `crate::tx::Tx` in `&crate::tx::Tx`.
fn paths(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for (start, _) in line.match_indices("crate::") {
            let before = &line[..start];
            // `$crate::` belongs to a macro, wherever that is used; `pub(in crate::worker)` imports nothing.
            if !before.ends_with('$') && !before.ends_with("(in ") && !before.contains("use ") {
                let rest = line[start..].split(|c: char| !c.is_alphanumeric() && !"_:".contains(c)).next();
                found.extend(rest.map(|path| path.trim_end_matches(':').to_owned()));
            }
        }
    }
    found
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d` and `a::c::e`.
fn expanded(statement: &str) -> Vec<String> {
    let Some((before, rest)) = statement.split_once('{') else { return vec![statement.to_owned()] };
    let inner = rest.strip_suffix('}').unwrap_or(rest);
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.flat_map(|part| expanded(part).into_iter().map(move |path| format!("{before}{path}"))).collect()
}

/// The module that a path in `module` leads to or into: the longest prefix of it that is a file.
fn resolve(module: &str, path: &str, modules: &BTreeMap<String, String>) -> Option<String> {
    let mut here: Vec<&str> = module.split("::").filter(|part| !part.is_empty()).collect();
    let mut parts: Vec<&str> = path.split("::").collect();
    match parts.first().copied() {
        Some("crate") => {
            here.clear();
            parts.remove(0);
        }
        Some("self") => {
            parts.remove(0);
        }
        Some("super") => {
            while parts.first() == Some(&"super") {
                here.pop();
                parts.remove(0);
            }
        }
        // A child (`pub use caller::Caller`), if there is one of that name; otherwise another crate.
        Some(name) if modules.contains_key(&[&here[..], &[name]].concat().join("::")) => {}
        _ => return None,
    }
    let mut whole: Vec<String> = here.into_iter().chain(parts).map(str::to_owned).collect();
    if let Some(re_exported) = whole.first().and_then(|name| re_exported(name, modules)) {
        whole.splice(..1, re_exported.split("::").map(str::to_owned));
    }
    (0..=whole.len()).rev().map(|length| whole[..length].join("::")).find(|path| modules.contains_key(path))
}

/// The path of what the root re-exports under that name, if it does and has no file of that name.
fn re_exported(name: &str, modules: &BTreeMap<String, String>) -> Option<String> {
    if modules.contains_key(name) {
        return None;
    }
    let all = statements(modules.get("")?);
    all.iter().flat_map(|line| expanded(line)).find(|path| path.rsplit("::").next() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modules(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn circles_are_found_through_other_files_and_through_what_a_folder_hands_on() {
        let files = modules(&[
            ("app", "use crate::auth::Caller;\nuse std::fmt;"),
            ("auth", "mod caller;\npub use caller::Caller;"),
            ("auth::caller", "use crate::{clock::Clock,\n    app::App};"),
            ("clock", "use super::nothing::Here;\n#[cfg(test)]\nuse crate::app::App;"),
            ("deed", "use crate::clock::Clock;"),
        ]);
        assert_eq!(cycles(&files), [["app", "auth", "auth::caller"].map(str::to_owned).to_vec()]);
        let files = modules(&[("app", "use crate::clock::Clock;"), ("clock", "// use crate::app::App;")]);
        assert_eq!(cycles(&files), [[""; 0]; 0].map(|circle| circle.map(str::to_owned).to_vec()));
    }

    #[test]
    fn a_circle_through_the_root_or_a_whole_path_is_found_and_what_the_root_hands_on_is_none() {
        let files = modules(&[
            ("", "mod db;\nmod tx;\nmod vault;\npub use db::Db;\npub use tx::{Other, Tx};\npub use vault::Vault;"),
            ("db", "pub type Db = ();"),
            ("tx", "use crate::{Db, Vault};"),
            ("vault", "use crate::Db;\n/// Not [`crate::Tx`], which uses it.\npub(in crate::tx) fn seal(db: &Db) {}"),
        ]);
        assert_eq!(cycles(&files), [[""; 0]; 0].map(|circle| circle.map(str::to_owned).to_vec()));
        let sealing = modules(&[("vault", "use crate::Db;\nfn seal(tx: &crate::Tx) { tx.done() }")]);
        let files: BTreeMap<String, String> = files.into_iter().chain(sealing).collect();
        assert_eq!(cycles(&files), [["tx", "vault"].map(str::to_owned).to_vec()]);
    }

    #[test]
    fn an_import_from_above_is_found() {
        let files = modules(&[
            ("ui::button", "use super::icon::Icon;\npub(crate) use crate::components::link::Link;"),
            ("ui::icon", ""),
            ("components::link", "use crate::ui::icon::Icon;\nuse crate::routes::Route;"),
            ("routes", "use crate::pages::home::Home;"),
            ("pages::home", "use crate::components::link::Link;"),
        ]);
        assert_eq!(
            upward_imports(&files),
            ["the console's ui::button imports from components::link, which is above it"]
        );
    }
}
