//! What people type and others read: names, reasons, addresses.
//!
//! Nobody must be misled by characters that can't be seen (R42): two names that look alike, a sentence that reads
//! backwards, a second person with the same address. Requests are searched for such characters as they are read
//! ([`crate::extract`]); what is kept is a [`Line`] or an [`Address`] besides, wherever it comes from.

use std::fmt;
use std::ops::Deref;

use api_types::FieldCode;
use email_address::{EmailAddress, Options};
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_normalization::UnicodeNormalization;

/// The longest address, in bytes (RFC 5321).
pub const MAX_ADDRESS: usize = 254;

/// A text of one line that shows every character it has, in Unicode's composed form (NFC), without spaces around it and
/// never empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line(String);

/// Why a text is no [`Line`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Nothing in it is visible.
    Empty,
    /// More than so many characters.
    TooLong(usize),
    /// It has characters that can't be seen.
    Unseen,
}

impl Unfit {
    /// As the code of a field.
    pub fn code(self) -> FieldCode {
        match self {
            Self::Empty => FieldCode::Required,
            Self::TooLong(_) => FieldCode::TooLong,
            Self::Unseen => FieldCode::UnseenCharacters,
        }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("This field is required."),
            Self::TooLong(longest) => write!(f, "Use at most {longest} characters."),
            Self::Unseen => f.write_str(UNSEEN),
        }
    }
}

/// What to do about unseen characters.
pub(crate) const UNSEEN: &str =
    "This has characters that can’t be seen, such as a line break or one that turns the direction. Type it again.";

impl Line {
    /// The text as a line of at most `longest` characters.
    ///
    /// # Errors
    /// [`Unfit`].
    pub fn parse(text: &str, longest: usize) -> Result<Self, Unfit> {
        let text: String = text.trim().nfc().collect();
        if text.chars().any(is_unseen) {
            return Err(Unfit::Unseen);
        }
        if text.chars().all(|c| c.is_whitespace() || is_mark(c)) {
            return Err(Unfit::Empty);
        }
        if text.chars().count() > longest { Err(Unfit::TooLong(longest)) } else { Ok(Self(text)) }
    }
}

/// The text without blanks around it, and with single ones within.
pub(crate) fn tidy(text: &str) -> String {
    text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What names of buildings, units and doors are compared by (R36): without their case and with single blanks.
pub(crate) fn folded(name: &str) -> String {
    tidy(name).to_lowercase()
}

impl Deref for Line {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// An email address as it is stored: parsed, in lower case and NFC. Only sending mail can tell whether it arrives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address(String);

impl Address {
    /// The address, if the text is one: nothing around it, no quotes, a domain with a dot.
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.trim().nfc().collect();
        let options = Options::default().without_display_text().without_domain_literal().with_required_tld();
        let parsed = EmailAddress::parse_with_options(&text, options).ok()?;
        // Quoted local parts may hold spaces and anything else; nobody has such an address, and programs mistake them.
        let plain = !text.contains(['"', '\\']) && !parsed.local_part().contains([':', '<', '>', '(', ')', ',', ';']);
        let visible = !text.chars().any(|c| c.is_whitespace() || is_unseen(c));
        (plain && visible && text.len() <= MAX_ADDRESS).then(|| Self(store::people::email_key(&text)))
    }
}

impl Deref for Address {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Whether a character can't be seen where it stands: controls (NUL, line breaks, escape), those that turn the direction,
/// separators of lines, zero-width and other characters that are ignored when shown, and what only some fonts have.
///
/// Marks, such as the variation selectors that telephones put after emoji, belong to the character before them.
pub(crate) fn is_unseen(c: char) -> bool {
    let unseen = GeneralCategoryGroup::Control
        .union(GeneralCategoryGroup::Format)
        .union(GeneralCategoryGroup::LineSeparator)
        .union(GeneralCategoryGroup::ParagraphSeparator)
        .union(GeneralCategoryGroup::PrivateUse);
    unseen.contains(category(c)) || (ignorable(c) && !is_mark(c)) || c == '\u{34f}' || c == '\u{2800}'
}

fn ignorable(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

fn is_mark(c: char) -> bool {
    GeneralCategoryGroup::Mark.contains(category(c))
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

/// The value of a decimal digit of any script.
pub(crate) fn digit(c: char) -> Option<char> {
    if c.is_ascii_digit() {
        return Some(c);
    }
    if category(c) != GeneralCategory::DecimalNumber {
        return None;
    }
    // Unicode has the ten digits of a script in a row, from nought on.
    let before = (1..).take_while(|back| {
        u32::from(c)
            .checked_sub(*back)
            .and_then(char::from_u32)
            .is_some_and(|c| category(c) == GeneralCategory::DecimalNumber)
    });
    char::from_digit(u32::try_from(before.count()).ok()? % 10, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Result<String, Unfit> {
        Line::parse(text, 20).map(|line| line.to_string())
    }

    #[test]
    fn r42_a_line_shows_every_character_it_has() {
        assert_eq!(line("  Jose\u{301} "), Ok("José".into()));
        for fine in ["O’Brien", "Łukasz", "Straße 3", "李雷", "فاطمة", "नमस्ते", "❤️ flowers", "a  b", "1204"]
        {
            assert_eq!(line(fine).as_deref(), Ok(fine));
        }
        for unseen in [
            "A\u{202e}da",
            "A\u{2066}da",
            "A\u{200b}da",
            "A\u{200d}da",
            "A\u{feff}da",
            "A\u{0}da",
            "A\nda",
            "A\u{1b}da",
            "A\u{7f}da",
            "A\u{ad}da",
            "A\u{2028}da",
            "A\u{115f}da",
            "A\u{3164}da",
            "A\u{e0041}da",
            "A\u{2800}da",
            "A\u{34f}da",
            "A\u{e000}",
        ] {
            assert_eq!(line(unseen), Err(Unfit::Unseen), "{unseen:?}");
        }
        for empty in ["", "   ", "\u{a0}", "\u{301}", "\u{fe0f}"] {
            assert_eq!(line(empty), Err(Unfit::Empty), "{empty:?}");
        }
        assert_eq!(line(&"ä".repeat(21)), Err(Unfit::TooLong(20)));
    }

    #[test]
    fn r41_an_address_is_one_and_nothing_else() {
        for (text, address) in [
            (" Ada@Example.com ", "ada@example.com"),
            ("a.b+c@mail.example.com", "a.b+c@mail.example.com"),
            ("o'neil@example.com", "o'neil@example.com"),
            ("jose\u{301}@example.com", "josé@example.com"),
        ] {
            assert_eq!(Address::parse(text).as_deref(), Some(address));
        }
        for text in [
            "",
            "ada",
            "@b.test",
            "a@",
            "a@b",
            "mailto:a@b.test",
            "<a@b.test>",
            "Ada <a@b.test>",
            "a@b..test",
            "a..b@c.test",
            ".a@b.test",
            "a.@b.test",
            "a@.b.test",
            "a@b.test.",
            "a@-b.test",
            "a@b@c.test",
            "a\u{200b}@b.test",
            "a@b\u{200b}.test",
            "a b@c.test",
            "\"a b\"@c.test",
            "a@[127.0.0.1]",
            "a@b.test, c@d.test",
            "a@b.test\u{0}",
            "(x)a@b.test",
        ] {
            assert!(Address::parse(text).is_none(), "{text:?}");
        }
        assert!(Address::parse(&format!("{}@example.com", "a".repeat(65))).is_none());
    }

    #[test]
    fn r45_digits_of_any_script_have_a_value() {
        let value = |text: &str| text.chars().filter_map(digit).collect::<String>();
        assert_eq!(value("0192"), "0192");
        assert_eq!(value("٠١٩٢ ०१९२ ๐๑๙๒"), "019201920192");
        assert_eq!(value("²½Ⅷ八x"), "");
    }
}
