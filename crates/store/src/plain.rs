//! Texts in the form in which they are compared: lower case, without accents.

use unicode_normalization::UnicodeNormalization;

/// A text in lower case and without accents.
pub(crate) fn plain(text: &str) -> String {
    text.nfd().flat_map(char::to_lowercase).filter(|c| !is_accent(*c)).collect()
}

/// Whether it is a mark that merely accents a letter, as in é. Marks of other scripts, such as Indic vowel signs, carry
/// meaning of their own.
fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}
