//! Short names for what a module and wasm-bindgen's script have from each other.
//!
//! wasm-bindgen ends each of some 260 names with a hash, which no compression can shorten, and which stands in both files.

use std::collections::BTreeMap;

use wasm_encoder::{EntityType, ExportSection, ImportSection, Module, RawSection};
use wasmparser::{ExternalKind, Imports, Parser, Payload};

use crate::Error;

/// Shortens the names of what the module imports from the script `from`, and of the functions that `script` uses as
/// `wasm.{name}`. Chunks import no functions, so theirs are other names.
///
/// # Errors
/// If the script isn't written as wasm-bindgen does for the target `web`, or if something isn't WebAssembly.
pub fn shorten_names(module: &[u8], script: &str, from: &str) -> Result<(Vec<u8>, String), Error> {
    let mut script = Script { words: words(script), imports: BTreeMap::new(), exports: BTreeMap::new() };
    let mut short = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        match &payload {
            Payload::ImportSection(section) => {
                let mut imports = ImportSection::new();
                for found in section.clone() {
                    let Imports::Single(_, import) = found? else {
                        return Err(Error::Unexpected("its imports are in the compact form".to_owned()));
                    };
                    let kind = EntityType::try_from(import.ty)
                        .map_err(|error| Error::Unexpected(format!("it imports {}: {error}", import.name)))?;
                    let name = if import.module == from { script.import(import.name)? } else { import.name.to_owned() };
                    imports.import(import.module, &name, kind);
                }
                short.section(&imports);
            }
            Payload::ExportSection(section) => {
                let mut exports = ExportSection::new();
                for export in section.clone() {
                    let export = export?;
                    let is_function = export.kind == ExternalKind::Func;
                    let name = if is_function { script.export(export.name) } else { export.name.to_owned() };
                    exports.export(&name, export.kind.into(), export.index);
                }
                short.section(&exports);
            }
            _ => {
                if let Some((id, range)) = payload.as_section() {
                    let at = |place| usize::try_from(place).unwrap_or(usize::MAX);
                    let data = module.get(at(range.start)..at(range.end)).unwrap_or_default();
                    short.section(&RawSection { id, data });
                }
            }
        }
    }
    Ok((short.finish(), script.text()))
}

/// The script in the making.
struct Script<'a> {
    words: Vec<&'a str>,
    /// The new name of each import, and of each export that the script uses.
    imports: BTreeMap<&'a str, String>,
    exports: BTreeMap<&'a str, String>,
}

impl<'a> Script<'a> {
    /// The new name of what the script provides as `name: …`.
    fn import(&mut self, name: &str) -> Result<String, Error> {
        let mut given = self.words.windows(2).filter(|pair| pair[0] == name && pair[1].starts_with(':'));
        match (given.next(), given.next()) {
            (Some(pair), None) => {
                let letters = letters(self.imports.len());
                self.imports.insert(pair[0], letters.clone());
                Ok(letters)
            }
            _ => Err(Error::Unexpected(format!("wasm-bindgen's script doesn't provide {name} once"))),
        }
    }

    /// The new name of what the script uses as `wasm.name`; the old one where it doesn't.
    fn export(&mut self, name: &str) -> String {
        let Some(used) = self.words.windows(3).find(|three| is_use(three) && three[2] == name) else {
            return name.to_owned();
        };
        let letters = letters(self.exports.len());
        self.exports.insert(used[2], letters.clone());
        letters
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (at, word) in self.words.iter().enumerate() {
            let next = self.words.get(at + 1).copied().unwrap_or_default();
            let is_used = at >= 2 && is_use(&self.words[at - 2..=at]);
            let renamed = match () {
                () if is_used => self.exports.get(word),
                () if next.starts_with(':') => self.imports.get(word),
                () => None,
            };
            text.push_str(renamed.map_or(word, String::as_str));
        }
        text
    }
}

/// Whether that is `wasm.name`.
fn is_use(three: &[&str]) -> bool {
    three[0] == "wasm" && three[1] == "."
}

/// The script as names, and what is between them.
fn words(script: &str) -> Vec<&str> {
    let is_of_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let mut words = Vec::new();
    let mut rest = script;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| is_of_name(c) != is_of_name(first)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after;
    }
    words
}

/// The name of that number: `a` to `z`, `aa`, `ab` and so on.
fn letters(number: usize) -> String {
    let (before, last) = (number / 26, number % 26);
    let before = before.checked_sub(1).map(letters).unwrap_or_default();
    // Less than 26.
    before + &char::from(b'a' + u8::try_from(last).unwrap_or_default()).to_string()
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{ExportKind, TypeSection};

    use super::*;

    /// A module that imports two functions, and exports them as wasm-bindgen's would and as the splitter's.
    fn module() -> Vec<u8> {
        let (mut types, mut imports, mut exports) = (TypeSection::new(), ImportSection::new(), ExportSection::new());
        types.ty().function([], []);
        imports.import("./app_bg.js", "__wbg_now_0a1b", EntityType::Function(0));
        imports.import("./chunks.js", "load_page", EntityType::Function(0));
        exports.export("__wbindgen_start", ExportKind::Func, 0);
        exports.export("shared", ExportKind::Memory, 0);
        exports.export("unused", ExportKind::Func, 1);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&exports);
        module.finish()
    }

    fn names(module: &[u8]) -> Vec<String> {
        let mut names = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            match payload.expect("a module") {
                Payload::ImportSection(section) => {
                    for import in section {
                        let Ok(Imports::Single(_, import)) = import else { panic!("an import") };
                        names.push(import.name.to_owned());
                    }
                }
                Payload::ExportSection(section) => {
                    names.extend(section.into_iter().map(|export| export.expect("an export").name.to_owned()));
                }
                _ => {}
            }
        }
        names
    }

    #[test]
    fn module_and_script_have_the_same_short_names() {
        let script = "{ __wbg_now_0a1b: () => __wbg_now_0a1b_else() }; wasm.__wbindgen_start(); wasm.shared;";
        let (module, script) = shorten_names(&module(), script, "./app_bg.js").expect("shortened");
        assert_eq!(names(&module), ["a", "load_page", "a", "shared", "unused"]);
        assert_eq!(script, "{ a: () => __wbg_now_0a1b_else() }; wasm.a(); wasm.shared;");
    }

    #[test]
    fn a_script_that_lacks_an_import_is_an_error() {
        assert!(shorten_names(&module(), "{ __wbg_other: 1 }", "./app_bg.js").is_err());
        assert!(shorten_names(b"text", "", "./app_bg.js").is_err());
    }

    #[test]
    fn no_two_numbers_have_the_same_letters() {
        assert_eq!([0, 25, 26, 51, 52, 701, 702].map(letters), ["a", "z", "aa", "az", "ba", "zz", "aaa"]);
    }
}
