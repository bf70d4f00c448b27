//! Rules that no test names. A test that proves a rule says so by its number (`R7`), in its name or a comment.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result};

use crate::{files, workspace};

/// The rules that a test must name. R25 to R29 are about locks and are proved as a whole.
fn expected() -> BTreeSet<u32> {
    (1..=24).chain(30..=33).collect()
}

/// The rules named by no test of the workspace, in order.
pub(crate) fn unnamed() -> Result<Vec<u32>> {
    let mut named = BTreeSet::new();
    for text in test_sources(&workspace::root())? {
        named.extend(named_in(&text));
    }
    Ok(expected().difference(&named).copied().collect())
}

/// The text of every test: whole files of `tests/` folders, and what follows `#[cfg(test)]` in a source file.
pub(crate) fn test_sources(root: &Path) -> Result<Vec<String>> {
    let mut sources = Vec::new();
    for folder in ["src", "tests", "crates"] {
        for file in files::walk(&root.join(folder), &|name| matches!(name, "node_modules" | "test-results" | "target"))?
        {
            if !file.extension().is_some_and(|extension| extension == "rs" || extension == "ts") {
                continue;
            }
            let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
            if is_test_file(&file) {
                sources.push(text);
            } else if let Some(start) = text.find("#[cfg(test)]") {
                // Test modules come last in a file, here as in most Rust code.
                sources.push(text[start..].to_owned());
            }
        }
    }
    Ok(sources)
}

fn is_test_file(file: &Path) -> bool {
    file.components().any(|part| part.as_os_str() == "tests")
        || file.file_stem().is_some_and(|stem| stem == "tests" || stem == "test")
}

/// Numbers written as `R7`, or as `r7_` at the start of a test's name. A range such as `R6–R9` names its two ends only.
fn named_in(text: &str) -> BTreeSet<u32> {
    let bytes = text.as_bytes();
    let mut named = BTreeSet::new();
    for (start, byte) in bytes.iter().enumerate() {
        let starts_a_word = start == 0 || !(bytes[start - 1].is_ascii_alphanumeric() || bytes[start - 1] == b'_');
        if !matches!(byte, b'R' | b'r') || !starts_a_word {
            continue;
        }
        let rest = &text[start + 1..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let after = rest.as_bytes().get(digits);
        let ends_well = match byte {
            b'R' => after.is_none_or(|after| !after.is_ascii_alphanumeric()),
            _ => after == Some(&b'_'),
        };
        if let (true, Ok(number)) = (ends_well, rest[..digits].parse()) {
            named.insert(number);
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_named_in_comments_and_names_of_tests() {
        let text = "/// R7, R30: never\nfn r13_says_which_is_offline() { let r2 = PR5; } // CR9, R1a, R6–R8, XR4 (R33)";
        assert_eq!(named_in(text), BTreeSet::from([6, 7, 8, 13, 30, 33]));
    }

    #[test]
    fn only_tests_count() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in [
            ("src/routes.rs", "// R1"),
            ("src/code.rs", "// R2\n#[cfg(test)]\nmod tests { /* R3 */ }"),
            ("crates/server/tests/roles.rs", "// R4"),
            ("crates/server/src/deeds.rs", "// R5"),
            ("tests/journeys/resident.spec.ts", "// R6"),
            ("tests/journeys/node_modules/x/tests.ts", "// R7"),
            ("tests/journeys/readme.md", "R8"),
        ] {
            let file = dir.path().join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("writable");
            fs::write(file, text).expect("writable");
        }
        let named: BTreeSet<_> =
            test_sources(dir.path()).expect("readable").iter().flat_map(|text| named_in(text)).collect();
        assert_eq!(named, BTreeSet::from([3, 4, 6]));
    }
}
