//! The texts of the console, a file for each language: a visit downloads one of them, alongside the wasm.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use locale_files::Language;

use crate::{pages, product::name_of, workspace};

/// The folder they are in.
pub(crate) const FOLDER: &str = "texts";

/// Writes each language's texts into a folder of `out`, and returns the files' addresses.
pub(crate) fn write(out: &Path) -> Result<Vec<String>> {
    let folder = workspace::root().join("locales");
    fs::create_dir_all(out.join(FOLDER))?;
    let mut addresses = Vec::new();
    for (tag, _) in pages::LANGUAGES {
        let json = Language::read(&folder, tag)?.to_json();
        let name = format!("{FOLDER}/{tag}-{}.json", name_of(&json));
        fs::write(out.join(&name), json).with_context(|| format!("writing {name}"))?;
        addresses.push(format!("/{name}"));
    }
    Ok(addresses)
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
