//! What an event can be found by: the things it concerns, and its words.

use ids::{DoorId, PersonId, PropertyId, TenancyId};
use unicode_normalization::char::is_combining_mark;

use crate::plain::plain;

/// How many characters of a word are indexed; longer words are cut.
const MAX_WORD_CHARS: usize = 32;

/// One thing an event can be found by, as it is stored in the index: a letter for its kind, then the value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Term(Vec<u8>);

impl Term {
    fn new(kind: u8, value: &[u8]) -> Self {
        Self([&[kind], value].concat())
    }

    pub(super) fn actor(id: PersonId) -> Self {
        Self::new(b'a', id.as_ref())
    }

    pub(super) fn property(id: PropertyId) -> Self {
        Self::new(b'p', id.as_ref())
    }

    pub(super) fn resident(id: TenancyId) -> Self {
        Self::new(b'r', id.as_ref())
    }

    pub(super) fn door(id: DoorId) -> Self {
        Self::new(b'd', id.as_ref())
    }

    pub(super) fn outcome(name: &str) -> Self {
        Self::new(b'o', name.as_bytes())
    }

    /// Being a part of a group of events, whose head is another one.
    pub(super) fn part() -> Self {
        Self::new(b'g', b"")
    }

    /// An action, or a family of actions when it ends with a dot.
    pub(super) fn action(name: &str) -> Self {
        Self::new(b'c', name.as_bytes())
    }

    /// An action and each family it belongs to: `code.custom.set`, `code.custom.` and `code.`.
    pub(super) fn actions(name: &str) -> impl Iterator<Item = Self> {
        let families = name.match_indices('.').map(|(at, dot)| Self::action(&name[..at + dot.len()]));
        families.chain([Self::action(name)])
    }

    /// The words of a text, or prefixes of words.
    pub(super) fn words(text: &str) -> impl Iterator<Item = Self> {
        words(text).into_iter().map(|word| Self::new(b'w', word.as_bytes()))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// An exclusive upper bound of the terms that start with this one: greater than all of those, and less than every
    /// other greater term.
    pub(super) fn upper_bound_of_prefix(&self) -> Vec<u8> {
        // This byte never occurs in UTF-8.
        [&self.0[..], &[0xff]].concat()
    }
}

/// The words of a text in the form in which they are compared: lower case, without accents.
fn words(text: &str) -> Vec<String> {
    plain(text)
        .split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c))
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(MAX_WORD_CHARS).collect())
        .collect()
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
        assert_eq!(words(&"é".repeat(100)), ["e".repeat(MAX_WORD_CHARS)]);
    }

    #[test]
    fn an_action_belongs_to_all_its_families() {
        let found: Vec<Term> = Term::actions("code.custom.set").collect();
        assert_eq!(found, ["code.", "code.custom.", "code.custom.set"].map(Term::action));
    }
}
