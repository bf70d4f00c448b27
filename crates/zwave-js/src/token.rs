//! The secret that a proxy in front of a hub may ask for.

use zeroize::Zeroizing;

/// A bearer token. Z-Wave JS itself asks for none; a proxy in front of it may.
///
/// It is wiped on drop and can't be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// The most characters of a token.
    pub const MAX_CHARS: usize = 4096;

    /// The token of that text, without the spaces around it; `None` if it is empty, too long, or holds characters that
    /// can't stand in an `Authorization` header (anything but printable ASCII without spaces).
    pub fn new(text: impl Into<Zeroizing<String>>) -> Option<Self> {
        let text = text.into();
        let trimmed = text.trim();
        let fits = !trimmed.is_empty()
            && trimmed.len() <= Self::MAX_CHARS
            && trimmed.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(Zeroizing::new(trimmed.to_owned())))
    }

    /// The text, for the header and for sealing it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}
