//! The digits of a code in what people write about it (R45).

use access_code::Code;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::text::digit;

/// Whether the digits of `code` are in the text one after another, perhaps with spaces, dots or dashes between them, in
/// any script.
pub(super) fn are_in(text: &str, code: &Code) -> bool {
    // Made large enough at once: what grows leaves a copy behind.
    let mut run = Zeroizing::new(String::with_capacity(text.len()));
    for c in text.nfkc() {
        match digit(c) {
            Some(digit) => run.push(digit),
            None if matches!(c, ' ' | '.' | '-' | '_' | '/' | ',' | ':' | '‐' | '–' | '—') => {}
            None => run.clear(),
        }
        if run.ends_with(code.expose()) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r45_a_code_is_found_in_words_however_it_is_written() {
        let code = Code::parse("120458").expect("six digits");
        for text in ["120458", "PIN 12 04 58!", "1-2-0-4-5-8", "order 99120458", "１２０４５８", "١٢٠٤٥٨", "①2०458"]
        {
            assert!(are_in(text, &code), "{text}");
        }
        for text in ["", "Unit 1204 plumber", "WO-48213", "12045", "1204x58", "twelve"] {
            assert!(!are_in(text, &code), "{text}");
        }
    }
}
