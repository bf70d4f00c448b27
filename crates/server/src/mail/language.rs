//! The languages that letters are written in: those of the console.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

/// A language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Spanish.
    Spanish,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::Spanish];

    /// As in `lang` attributes.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    /// The language with that code, such as `es` or `es-MX`.
    pub fn named(code: &str) -> Option<Self> {
        let first = code.trim().get(..2)?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|language| language.code() == first)
    }

    /// The language that a request is made in: the console says in which one it is shown, and browsers which they prefer.
    pub fn of(headers: &HeaderMap) -> Self {
        let said = headers.get(ACCEPT_LANGUAGE).and_then(|said| said.to_str().ok()).unwrap_or_default();
        said.split([',', ';']).find_map(Self::named).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_first_language_that_we_write_counts() {
        for (said, expected) in [
            ("es", Language::Spanish),
            ("es-MX,es;q=0.9,en;q=0.8", Language::Spanish),
            ("fr-FR,es;q=0.5,en;q=0.3", Language::Spanish),
            ("en-GB,es;q=0.5", Language::English),
            ("", Language::English),
            ("ü", Language::English),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_bytes(said.as_bytes()).expect("a header's value"));
            assert_eq!(Language::of(&headers), expected, "{said}");
        }
    }
}
