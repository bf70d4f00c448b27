//! Opaque cursors for keyset pagination.

use crate::{Error, Result};

/// Where a page ended: the sort key's text and the row's id or number, as opaque text.
///
/// `list` binds it to its list and order, so that one list doesn't accept another's cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The sort key of the last row.
    pub key: String,
    /// Tells rows with the same key apart.
    pub id: String,
}

impl Cursor {
    /// The cursor's text for the list called `list`.
    pub fn print(&self, list: &str) -> String {
        const_hex::encode(format!("{list}\0{}\0{}", self.key, self.id))
    }

    /// Reads a cursor of the list called `list`.
    ///
    /// # Errors
    /// [`Error::BadCursor`] for anything that [`Cursor::print`] didn't make for this list.
    pub fn parse(list: &str, text: &str) -> Result<Self> {
        let plain = const_hex::decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let plain = plain.ok_or(Error::BadCursor)?;
        // The key is whatever the records hold: any name, of any length. It stands between what contains no NUL.
        let rest = plain.strip_prefix(list).and_then(|rest| rest.strip_prefix('\0')).ok_or(Error::BadCursor)?;
        let (key, id) = rest.rsplit_once('\0').ok_or(Error::BadCursor)?;
        Ok(Self { key: key.into(), id: id.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_holds_any_key_and_belongs_to_one_list() {
        for key in ["", "Ada", "a\0b", &"\u{1f600}7".repeat(4_000)] {
            let cursor = Cursor { key: key.to_owned(), id: "1".into() };
            assert_eq!(Cursor::parse("doors", &cursor.print("doors")).expect("a cursor"), cursor);
            assert!(Cursor::parse("door", &cursor.print("doors")).is_err());
        }
        for text in ["", "zz", "00", &const_hex::encode("doors"), &const_hex::encode("doors\0key")] {
            assert!(Cursor::parse("doors", text).is_err(), "{text}");
        }
    }
}
