//! The texts of the console, in files for each language: one that every visit downloads, alongside the wasm, and one for
//! each chunk, alongside its code. A text belongs to the code that has its function (`kit/locale-macro`).

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result, ensure};
use locale_files::Language;

use crate::{pages, product::name_of, workspace};

/// The folder they are in.
pub(crate) const FOLDER: &str = "texts";
/// What the names of the texts' functions have in common, as the compiler writes them: each part after its length.
const MODULE: &str = "16latchkey_console6locale";

/// The name of a file of texts in a language; `public/boot.js` makes the same names. `None` for those that every visit needs.
pub(crate) fn file_name(tag: &str, chunk: Option<&str>) -> String {
    chunk.map_or_else(|| format!("{tag}.json"), |chunk| format!("{tag}-{chunk}.json"))
}

/// Writes the files of each language into a folder of `out`, and returns its address. The functions are those in what every
/// visit downloads, and those of each chunk.
///
/// # Errors
/// If there is a text that nothing uses, apart from what can't be written.
pub(crate) fn write(
    out: &Path,
    always: &BTreeSet<String>,
    chunks: &BTreeMap<String, BTreeSet<String>>,
) -> Result<String> {
    let folder = workspace::root().join("locales");
    let languages = pages::LANGUAGES.map(|(tag, _)| Language::read(&folder, tag));
    let languages = languages.into_iter().collect::<Result<Vec<_>, _>>()?;
    let all = languages[0].functions();
    let always = numbers(always, &all);
    let of_chunk = |functions: &BTreeSet<String>| &numbers(functions, &all) - &always;
    let chunks: BTreeMap<_, _> = chunks.iter().map(|(chunk, functions)| (chunk, of_chunk(functions))).collect();

    let used: BTreeSet<_> = always.iter().chain(chunks.values().flatten()).collect();
    let messages = languages[0].messages.iter().enumerate();
    let unused: Vec<_> = messages.filter(|(number, _)| !used.contains(number)).map(|(_, text)| text.name()).collect();
    ensure!(unused.is_empty(), "nothing uses these texts: {}", unused.join(", "));

    let mut files = BTreeMap::new();
    for language in &languages {
        files.insert(file_name(&language.tag, None), language.to_json(&always));
        for (chunk, numbers) in &chunks {
            files.insert(file_name(&language.tag, Some(chunk)), language.to_json(numbers));
        }
    }
    let name = format!("{FOLDER}/{}", name_of(&files));
    fs::create_dir_all(out.join(&name))?;
    for (file, json) in files {
        fs::write(out.join(&name).join(&file), json).with_context(|| format!("writing {file}"))?;
    }
    Ok(format!("/{name}"))
}

/// The numbers of the texts that these functions return.
fn numbers(functions: &BTreeSet<String>, all: &BTreeMap<Vec<String>, Vec<usize>>) -> BTreeSet<usize> {
    functions.iter().filter_map(|name| all.get(&path(name)?)).flatten().copied().collect()
}

/// The path of a function in the module of texts, from the name that the compiler gave it: `…9residents5title`.
fn path(function: &str) -> Option<Vec<String>> {
    let mut rest = function.split_once(MODULE)?.1;
    let mut path = Vec::new();
    while let Some(end) = rest.find(|c: char| !c.is_ascii_digit()).filter(|end| *end > 0) {
        let (name, after) = rest[end..].split_at_checked(rest[..end].parse().ok()?)?;
        path.push(name.to_owned());
        rest = after;
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files;

    /// The crates whose sentences people read: of refusals, checklists, events and next steps.
    const SPEAKING: [&str; 3] = ["crates/access-code/src", "crates/guest-windows/src", "crates/server/src"];

    /// Every text of a language, with its name.
    fn texts_of(tag: &str) -> Vec<(String, String)> {
        let language = Language::read(&workspace::root().join("locales"), tag).expect("readable");
        language.messages.into_iter().map(|message| (message.name(), message.text)).collect()
    }

    /// The sentences in a source file: string literals that begin with a capital letter. Not those for the contract, which
    /// has the comments' typewriter apostrophes throughout, nor those of tests.
    fn sentences(source: &str) -> Vec<String> {
        let source = source.split("#[cfg(test)]").next().unwrap_or_default().replace("\\\n", " ");
        let spoken = |line: &&str| !line.trim_start().starts_with("//") && !line.contains("description");
        let literals = source.lines().filter(spoken).flat_map(|line| line.split('"').skip(1).step_by(2));
        literals.filter(|text| text.starts_with(|first: char| first.is_uppercase())).map(str::to_owned).collect()
    }

    #[test]
    fn a_function_s_path_is_read_from_its_name() {
        let path = |name: &str| path(name).map(|path| path.join("."));
        let residents = "_RNvNtNtCs5PwsTFp4zVJ_16latchkey_console6locale9residents5title";
        assert_eq!(path(residents).as_deref(), Some("residents.title"));
        assert_eq!(path(&format!("{residents}.llvm.12")).as_deref(), Some("residents.title"));
        assert_eq!(path("_RNvC1a_16latchkey_console6router5title"), None);
    }

    fn has_typewriter_apostrophe(text: &str) -> bool {
        text.as_bytes().windows(2).any(|pair| pair[0].is_ascii_alphabetic() && pair[1] == b'\'')
    }

    #[test]
    fn the_console_has_one_kind_of_apostrophe() {
        let wrong: Vec<_> = pages::LANGUAGES
            .iter()
            .flat_map(|(tag, _)| texts_of(tag))
            .filter(|(_, text)| text.contains('\''))
            .map(|(name, _)| name)
            .collect();
        assert!(wrong.is_empty(), "these have ' in place of ’: {wrong:?}");
    }

    #[test]
    fn the_server_has_the_same_apostrophe() {
        let mut seen = 0;
        for folder in SPEAKING {
            for file in files::walk(&workspace::root().join(folder), &|_| false).expect("readable") {
                let source = fs::read_to_string(&file).expect("readable");
                for sentence in sentences(&source) {
                    assert!(!has_typewriter_apostrophe(&sentence), "{}: {sentence}", file.display());
                    seen += usize::from(sentence.contains('’'));
                }
            }
        }
        assert!(seen > 20, "only {seen} sentences with an apostrophe were found");
    }

    #[test]
    fn sentences_are_told_from_comments_descriptions_and_tests() {
        let source = "/// \"It's a comment\"\nlet a = \"It's \\\n  said\"; b(\"tag's\", \"You don't\");\n\
                      c(description = \"The zone's\");\n#[cfg(test)] \"Isn't read\"";
        assert_eq!(sentences(source), ["It's    said", "You don't"]);
        assert!(sentences(source).iter().all(|sentence| has_typewriter_apostrophe(sentence)));
        assert!(!has_typewriter_apostrophe("’Tis “CSV”, it’s said"));
    }

    /// A slot is a *ranura*, a guest code a *código de invitado*: one word for each thing, as in English.
    #[test]
    fn spanish_has_one_word_for_a_slot_and_one_for_a_guest() {
        for (name, text) in texts_of("es") {
            for other in ["espacio", "visita", "huésped"] {
                assert!(!text.to_lowercase().contains(other), "{name} says {other:?}: {text}");
            }
        }
    }
}
