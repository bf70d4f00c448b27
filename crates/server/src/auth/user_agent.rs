//! Describing a browser so that people recognise their own device.

use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;

/// Browsers by a mark in their `User-Agent`. Order matters: nearly all of them claim to be Safari, and those built on
/// Chromium claim to be Chrome.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Systems likewise: Android says it is Linux, and an iPhone says it is like Mac OS X.
const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
];

/// The browser of a request, as in `Chrome on Windows`; `None` where it isn't one of the well-known ones.
///
/// It is what the client claims, good for recognising a session and nothing else. The result is made of the names
/// above, so that nothing a client sends is kept.
pub(crate) fn browser_of(headers: &HeaderMap) -> Option<String> {
    let said = headers.get(USER_AGENT)?.to_str().ok()?;
    let named =
        |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| said.contains(mark)).map(|(_, name)| *name);
    let browser = named(BROWSERS)?;
    Some(named(SYSTEMS).map_or_else(|| browser.to_owned(), |system| format!("{browser} on {system}")))
}

/// Whether it is WebKit, Safari's engine, which every browser on an iPhone has. Those built on Chromium claim to be it too,
/// but also say what they are.
///
/// It is what the client claims, good for choosing what it is offered and nothing else.
pub(crate) fn is_webkit(headers: &HeaderMap) -> bool {
    let said = headers.get(USER_AGENT).and_then(|said| said.to_str().ok());
    said.is_some_and(|said| said.contains("AppleWebKit/") && !said.contains("Chrome/"))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
        "Chrome on Windows"
    )]
    #[case(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
        "Edge on Windows"
    )]
    #[case(
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
        "Safari on Mac"
    )]
    #[case(
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
        "Safari on iPhone"
    )]
    #[case(
        "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0.0.0 Mobile/15E148 Safari/604.1",
        "Chrome on iPad"
    )]
    #[case(
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
        "Chrome on Android"
    )]
    #[case(
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
        "Samsung Internet on Android"
    )]
    #[case("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on Linux")]
    #[case(
        "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
        "Chrome on ChromeOS"
    )]
    #[case("Mozilla/5.0 (PlayStation 5) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15", "Safari")]
    fn browsers_are_told_apart(#[case] said: &str, #[case] found: &str) {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_str(said).expect("a header's value"));
        assert_eq!(browser_of(&headers).as_deref(), Some(found));
        let webkit = ["Safari", "Safari on Mac", "Safari on iPhone", "Chrome on iPad"].contains(&found);
        assert_eq!(is_webkit(&headers), webkit);
    }

    #[test]
    fn unknown_browsers_are_not_guessed() {
        let mut headers = HeaderMap::new();
        assert_eq!(browser_of(&headers), None);
        for said in [&b"curl/8.14.1"[..], b"", b"Windows", b"Chrome/\xff"] {
            headers.insert(USER_AGENT, HeaderValue::from_bytes(said).expect("a header's value"));
            assert_eq!(browser_of(&headers), None);
            assert!(!is_webkit(&headers));
        }
    }
}
