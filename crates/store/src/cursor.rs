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
        let bytes = (text.len() <= 1024).then(|| const_hex::decode(text).ok()).flatten();
        let plain = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(Error::BadCursor)?;
        let mut parts = plain.split('\0');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(of), Some(key), Some(id), None) if of == list => Ok(Self { key: key.into(), id: id.into() }),
            _ => Err(Error::BadCursor),
        }
    }
}
