//! The built console, which is embedded in the program.
//!
//! Debug builds read `dist/` from disk for every request, so that a rebuilt console shows after a reload, and one that is
//! built after the server is found.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::csp::content_security_policy;

/// A file of the console.
struct File {
    bytes: Cow<'static, [u8]>,
    sha256: [u8; 32],
}

/// Gets a file by its path in `dist/`.
type Get = dyn Fn(&str) -> Option<File> + Send + Sync;

/// Where the files come from.
#[derive(Clone)]
pub(crate) struct Assets {
    get: Arc<Get>,
    /// The policy for `index.html`, once it is known; `None` if the file may change.
    policy: Option<Arc<OnceLock<HeaderValue>>>,
}

#[cfg(not(debug_assertions))]
impl Assets {
    /// The files in the program.
    pub(crate) fn of_the_program() -> Self {
        #[derive(rust_embed::Embed)]
        #[folder = "../../dist"]
        #[allow_missing = true]
        struct Dist;

        let get =
            |path: &str| Dist::get(path).map(|file| File { sha256: file.metadata.sha256_hash(), bytes: file.data });
        Self { get: Arc::new(get), policy: Some(Arc::default()) }
    }
}

#[cfg(debug_assertions)]
impl Assets {
    /// Names a folder with a console other than the one in `dist/`: xtask tests the console on Leptos's own views with it.
    const FOLDER: &str = "LATCHKEY_CONSOLE";

    /// The files of the folder that the variable names, else of `dist/`.
    pub(crate) fn of_the_program() -> Self {
        let dist = || concat!(env!("CARGO_MANIFEST_DIR"), "/../../dist").into();
        Self::of_folder(std::env::var_os(Self::FOLDER).unwrap_or_else(dist).into())
    }

    /// The files that are in a folder when they are asked for.
    fn of_folder(folder: std::path::PathBuf) -> Self {
        use sha2::{Digest, Sha256};
        let get = move |path: &str| {
            let bytes = std::fs::read(folder.join(path)).ok()?;
            Some(File { sha256: Sha256::digest(&bytes).into(), bytes: Cow::Owned(bytes) })
        };
        Self { get: Arc::new(get), policy: None }
    }
}

impl Assets {
    fn policy(&self, html: &File) -> HeaderValue {
        let make = || content_security_policy(&String::from_utf8_lossy(&html.bytes));
        self.policy.as_ref().map_or_else(make, |known| known.get_or_init(make).clone())
    }
}

const INDEX: &str = "index.html";

/// What people see if the server is started before the console was built.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Latchkey</title>\
    <h1>The console isn't built</h1><p>The API is running at <code>/api/v1</code>. Build the console with \
    <code>cargo xtask build</code>, then load this page again.</p></html>\n";

/// Answers a GET or HEAD for `path`: the file, or the console's page for one of its addresses.
pub(crate) fn serve(assets: &Assets, path: &str, headers: &HeaderMap) -> Response {
    let name = path.trim_start_matches('/');
    let compressed_itself = name.ends_with(".br") || name.ends_with(".gz");
    let is_a_file = !name.is_empty() && name != INDEX && !compressed_itself && !name.contains("..");
    if let Some(file) = is_a_file.then(|| (assets.get)(name)).flatten() {
        return answer(assets, name, file, headers);
    }
    if name.is_empty() || name == INDEX || is_address_of_the_console(name, headers) {
        return match (assets.get)(INDEX) {
            Some(file) => answer(assets, INDEX, file, headers),
            None => {
                let html = HeaderValue::from_static("text/html; charset=utf-8");
                let headers = [(CONTENT_TYPE, html), (CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
                (StatusCode::NOT_FOUND, headers, NOT_BUILT).into_response()
            }
        };
    }
    (StatusCode::NOT_FOUND, [(CONTENT_TYPE, "text/plain; charset=utf-8")], "There is nothing here.\n").into_response()
}

/// Whether a browser is navigating to a page: the path has no extension, and the browser wants HTML.
fn is_address_of_the_console(name: &str, headers: &HeaderMap) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default().contains('.');
    let navigates = headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
    let wants_html =
        headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|a| a.contains("text/html"));
    !file && (navigates || wants_html)
}

fn answer(assets: &Assets, name: &str, plain: File, headers: &HeaderMap) -> Response {
    let policy = (name == INDEX).then(|| assets.policy(&plain));
    let smaller = ["br", "gzip"]
        .into_iter()
        .filter(|encoding| accepts(headers, encoding))
        .find_map(|encoding| Some((encoding, (assets.get)(&format!("{name}.{}", extension_of(encoding)))?)));
    let (encoding, file) = smaller.map_or((None, plain), |(encoding, file)| (Some(encoding), file));

    let etag = format!("\"{}\"", file.sha256[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    let unchanged = headers
        .get(IF_NONE_MATCH)
        .and_then(|tags| tags.to_str().ok())
        .is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag));
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let body = match file.bytes {
            Cow::Borrowed(bytes) => Body::from(bytes),
            Cow::Owned(bytes) => Body::from(bytes),
        };
        let mut response = Response::new(body);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
        if let Some(encoding) = encoding {
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    };
    let answer = response.headers_mut();
    answer.insert(VARY, HeaderValue::from_static("accept-encoding"));
    answer.insert(ETAG, HeaderValue::from_str(&etag).expect("hexadecimal"));
    let lasting = if has_hash(name) { "public, max-age=31536000, immutable" } else { "no-cache" };
    answer.insert(CACHE_CONTROL, HeaderValue::from_static(lasting));
    if let Some(policy) = policy {
        answer.insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn extension_of(encoding: &str) -> &str {
    if encoding == "gzip" { "gz" } else { encoding }
}

/// Whether the client accepts this encoding; `q=0` means it doesn't.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let name = parts.next()?;
            let refused =
                parts.filter_map(|part| part.strip_prefix("q=")).any(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0));
            name.eq_ignore_ascii_case(encoding).then_some(!refused)
        })
        .next()
        .unwrap_or(false)
}

/// Whether the name contains a hash of the content, as in `console-776c770216d84aa5_bg.wasm`, so that it can be cached
/// for good.
fn has_hash(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| part.len() >= 16 && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        // It must be exactly this, or browsers don't compile while downloading.
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use sha2::{Digest, Sha256};

    use super::*;

    fn assets(files: &'static [(&'static str, &'static str)]) -> Assets {
        let files: HashMap<_, _> = files.iter().copied().collect();
        let get = move |path: &str| {
            let bytes = files.get(path)?.as_bytes();
            Some(File { bytes: bytes.into(), sha256: Sha256::digest(bytes).into() })
        };
        Assets { get: Arc::new(get), policy: None }
    }

    fn built() -> Assets {
        assets(&[
            ("index.html", "<script>boot()</script>"),
            ("console-776c770216d84aa5_bg.wasm", "plain"),
            ("console-776c770216d84aa5_bg.wasm.br", "brotli"),
            ("console-776c770216d84aa5_bg.wasm.gz", "gzip"),
            ("boot.js", "theme"),
        ])
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value))).collect()
    }

    async fn body(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        String::from_utf8(bytes.into()).expect("text")
    }

    #[tokio::test]
    async fn hashed_files_are_cached_for_good_and_served_compressed() {
        const WASM: &str = "/console-776c770216d84aa5_bg.wasm";
        for (accept, encoding, content) in [
            ("gzip, br", Some("br"), "brotli"),
            ("gzip;q=1.0, br;q=0", Some("gzip"), "gzip"),
            ("identity", None, "plain"),
        ] {
            let response = serve(&built(), WASM, &headers(&[("accept-encoding", accept)]));
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.headers()[CONTENT_TYPE], "application/wasm");
            assert_eq!(response.headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
            assert_eq!(response.headers()[VARY], "accept-encoding");
            assert_eq!(response.headers().get(CONTENT_ENCODING).map(|value| value.to_str().expect("ASCII")), encoding);
            assert_eq!(body(response).await, content);
        }
        assert_eq!(serve(&built(), &format!("{WASM}.br"), &HeaderMap::new()).status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn a_console_that_is_built_after_the_server_was_started_is_served() {
        let folder = tempfile::tempdir().expect("a folder");
        let dist = folder.path().join("dist");
        let assets = Assets::of_folder(dist.clone());
        let navigation = headers(&[("accept", "text/html")]);
        assert_eq!(serve(&assets, "/", &navigation).status(), StatusCode::NOT_FOUND);
        std::fs::create_dir(&dist).expect("writable");
        std::fs::write(dist.join(INDEX), "built").expect("writable");
        assert_eq!(body(serve(&assets, "/", &navigation)).await, "built");
    }

    #[tokio::test]
    async fn addresses_of_the_console_return_its_page() {
        let navigation = headers(&[("accept", "text/html,*/*;q=0.8")]);
        for path in ["/", "/properties/1/residents", "/index.html"] {
            let response = serve(&built(), path, &navigation);
            assert_eq!(response.headers()[CACHE_CONTROL], "no-cache", "{path}");
            assert!(response.headers()[CONTENT_SECURITY_POLICY].to_str().expect("ASCII").contains("'sha256-"));
            let tag = response.headers()[ETAG].clone();
            assert_eq!(body(response).await, "<script>boot()</script>");
            let again: HeaderMap =
                [(IF_NONE_MATCH, tag), (ACCEPT, HeaderValue::from_static("text/html"))].into_iter().collect();
            let again = serve(&built(), path, &again);
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
            assert_eq!(body(again).await, "");
        }
    }

    #[tokio::test]
    async fn anything_else_is_not_found() {
        let navigation = headers(&[("accept", "text/html")]);
        assert_eq!(serve(&built(), "/missing.js", &navigation).status(), StatusCode::NOT_FOUND);
        assert_eq!(serve(&built(), "/properties", &headers(&[("accept", "application/json")])).status(), 404);
        assert_eq!(serve(&built(), "/../Cargo.toml", &navigation).status(), StatusCode::NOT_FOUND);
        let response = serve(&built(), "/boot.js", &HeaderMap::new());
        assert_eq!(response.headers()[CACHE_CONTROL], "no-cache");
    }

    #[tokio::test]
    async fn without_a_console_the_page_says_how_to_build_it() {
        let response = serve(&assets(&[]), "/", &HeaderMap::new());
        assert!(body(response).await.contains("cargo xtask build"));
    }
}
