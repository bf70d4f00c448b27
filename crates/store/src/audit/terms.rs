//! What an event is found by: the things it is about, and its words.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use uuid::Uuid;

/// So many letters tell a word from others; longer ones are cut.
const LETTERS_MOST: usize = 32;

/// One thing that an event is found by, as the index has it: a letter for its kind, then the value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Term(Vec<u8>);

impl Term {
    fn new(kind: u8, value: &[u8]) -> Self {
        Self([&[kind], value].concat())
    }

    pub(super) fn actor(id: Uuid) -> Self {
        Self::new(b'a', id.as_bytes())
    }

    pub(super) fn property(id: Uuid) -> Self {
        Self::new(b'p', id.as_bytes())
    }

    pub(super) fn resident(id: Uuid) -> Self {
        Self::new(b'r', id.as_bytes())
    }

    pub(super) fn door(id: Uuid) -> Self {
        Self::new(b'd', id.as_bytes())
    }

    pub(super) fn outcome(name: &str) -> Self {
        Self::new(b'o', name.as_bytes())
    }

    /// An action, or with its last dot a family of them.
    pub(super) fn action(name: &str) -> Self {
        Self::new(b'c', name.as_bytes())
    }

    /// An action and each family that it is of: `code.custom.set`, `code.custom.` and `code.`.
    pub(super) fn actions(name: &str) -> impl Iterator<Item = Self> {
        let families = name.match_indices('.').map(|(at, dot)| Self::action(&name[..at + dot.len()]));
        families.chain([Self::action(name)])
    }

    /// The words of a text, or their beginnings.
    pub(super) fn words(text: &str) -> impl Iterator<Item = Self> {
        words(text).into_iter().map(|word| Self::new(b'w', word.as_bytes()))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What is greater than every word that begins with this one, and less than any other that is greater.
    pub(super) fn after_all_that_begin_so(&self) -> Vec<u8> {
        // No text has this byte in UTF-8.
        [&self.0[..], &[0xff]].concat()
    }
}

/// The words of a text as they are compared: in lower case, without accents.
fn words(text: &str) -> Vec<String> {
    let plain: String = text.nfd().flat_map(char::to_lowercase).filter(|c| !is_accent(*c)).collect();
    plain
        .split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c))
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(LETTERS_MOST).collect())
        .collect()
}

/// Is it a mark that makes another letter of one, as in é? Those of other scripts, such as India's vowels, say more.
fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_case_and_accents() {
        assert_eq!(words("Amélie Ame\u{301}lie, ÅNGSTRÖM"), ["amelie", "amelie", "angstrom"]);
        assert_eq!(
            words("guest_code.issued: O’Neil-Weiss 12"),
            ["guest", "code", "issued", "o", "neil", "weiss", "12"]
        );
        assert_eq!(words("İzmir Ольга हिन्दी"), ["izmir", "ольга", "हिन्दी"]);
        assert_eq!(words(" — … "), Vec::<String>::new());
        assert_eq!(words(&"é".repeat(100)), ["e".repeat(LETTERS_MOST)]);
    }

    #[test]
    fn an_action_is_of_all_its_families() {
        let found: Vec<Term> = Term::actions("code.custom.set").collect();
        assert_eq!(found, ["code.", "code.custom.", "code.custom.set"].map(Term::action));
    }
}
