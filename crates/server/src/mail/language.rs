//! The languages that letters are written in: those of the console.

use api_types::{Language, Named};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

/// The language with that code, such as `es` or `es-MX`.
pub fn named(code: &str) -> Option<Language> {
    let first = code.trim().get(..2)?.to_ascii_lowercase();
    Language::from_name(&first)
}

/// The language that a request is made in: the console says in which one it is shown, and browsers which they prefer. English
/// for any other.
pub fn of(headers: &HeaderMap) -> Language {
    let said = headers.get(ACCEPT_LANGUAGE).and_then(|said| said.to_str().ok()).unwrap_or_default();
    said.split([',', ';']).find_map(named).unwrap_or(Language::English)
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
            assert_eq!(of(&headers), expected, "{said}");
        }
    }
}
