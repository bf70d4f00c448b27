//! The extractors that handlers use, each refusing with a [`Problem`].
//!
//! A refusal names the field and never repeats its value: it may hold the digits of a code (R32).

use std::fmt::{self, Display};
use std::time::Duration;

use api_types::{FieldCode, FieldError, Named};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CONTENT_TYPE, ETAG, IF_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::problem::{Problem, Result};
use crate::text::{UNSEEN, is_unseen};

/// The largest body accepted by a route that doesn't say otherwise, in bytes.
pub const BODY_LIMIT: usize = 64 * 1024;

/// How long a body may take to arrive, as an extension of the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyTime(pub(crate) Duration);

/// A JSON body.
///
/// Refuses another content type (415), a body that is too large (413), too slow (408) or isn't JSON (400), and bad fields
/// (422 `unknown_field`, or 422 `invalid` with the field): among them any text with characters that can't be seen (R42).
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        JsonBytes::from_request(request, state).await?.parse().map(Self)
    }
}

/// A JSON body that may be left out, which is the same as `{}`.
///
/// Refuses what [`Json`] refuses, and a body without a content type (415).
pub struct JsonOrNothing<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonOrNothing<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        if request.headers().contains_key(CONTENT_TYPE) {
            return Json::from_request(request, state).await.map(|Json(value)| Self(value));
        }
        if !body(request, state).await?.is_empty() {
            return Err(Problem::unsupported_media_type().with_detail("Send the body as application/json."));
        }
        JsonBytes(Bytes::from_static(b"{}")).parse().map(Self)
    }
}

/// A JSON body that isn't parsed yet, for requests whose bytes are needed too ([`crate::idempotency`]).
#[derive(Clone)]
pub struct JsonBytes(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for JsonBytes {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        if !is_type(request.headers(), "application/json") {
            return Err(Problem::unsupported_media_type().with_detail("Send the body as application/json."));
        }
        body(request, state).await.map(Self)
    }
}

impl JsonBytes {
    /// Parses the body.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        refuse_unseen(&self.0)?;
        let mut deserializer = serde_json::Deserializer::from_slice(&self.0);
        let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            let path = error.path().to_string();
            if error.inner().is_data() { field_problem(&path, error.inner()) } else { Problem::malformed_json() }
        })?;
        deserializer.end().map_err(|_| Problem::malformed_json())?;
        Ok(value)
    }
}

/// No body: if there is one, it is ignored.
pub struct NoBody;

impl<S: Send + Sync> FromRequest<S> for NoBody {
    type Rejection = Problem;

    async fn from_request(_: Request, _: &S) -> Result<Self> {
        Ok(Self)
    }
}

/// A body of comma-separated values in UTF-8.
///
/// Refuses another content type (415), a body that is too large (413), and one that isn't UTF-8 (422 `invalid`).
pub struct Csv(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Csv {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        if !is_type(request.headers(), "text/csv") {
            return Err(Problem::unsupported_media_type().with_detail("Send the body as text/csv."));
        }
        let bytes = body(request, state).await?;
        if std::str::from_utf8(&bytes).is_err() {
            return Err(Problem::invalid_field(
                "body",
                FieldCode::NotUtf8,
                "Save the file as UTF-8 and send it again.",
            ));
        }
        Ok(Self(bytes))
    }
}

/// A roster as it was saved: text in any encoding that is told apart, or a workbook.
///
/// Refuses another content type (415) and a body that is too large (413).
pub struct RosterFile(pub Bytes);

/// The content type of a workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

impl<S: Send + Sync> FromRequest<S> for RosterFile {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let taken = ["text/csv", "text/tab-separated-values", XLSX];
        if !taken.iter().any(|kind| is_type(request.headers(), kind)) {
            let detail = "Send the body as text/csv, or as a workbook (.xlsx).";
            return Err(Problem::unsupported_media_type().with_detail(detail));
        }
        Ok(Self(body(request, state).await?))
    }
}

fn is_type(headers: &HeaderMap, wanted: &str) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted))
}

/// Refuses JSON with a character that can't be seen in any of its texts, naming the field, whichever route it is for.
/// What isn't JSON is left to the parser.
fn refuse_unseen(json: &[u8]) -> Result<()> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    match serde_path_to_error::deserialize::<_, AllSeen>(&mut deserializer) {
        Err(error) if error.inner().is_data() => Err(field_problem(&error.path().to_string(), error.inner())),
        _ => Ok(()),
    }
}

/// JSON of any shape in whose texts all characters can be seen. Nothing of it is kept.
struct AllSeen;

/// Fields that aren't texts for people: a password is nobody else's to read, and what is wrong with a code is said by its
/// checklist (R14).
const NOT_READ: [&str; 2] = ["password", "code"];

impl<'de> Deserialize<'de> for AllSeen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for AllSeen {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self, E> {
        if text.chars().any(is_unseen) { Err(unseen()) } else { Ok(Self) }
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(Self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(Self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(Self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(Self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(Self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(Self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self, A::Error> {
        while let Some(name) = fields.next_key::<String>()? {
            if NOT_READ.contains(&name.as_str()) {
                fields.next_value::<IgnoredAny>()?;
            } else {
                fields.next_value::<Self>()?;
            }
        }
        Ok(Self)
    }
}

fn unseen<E: serde::de::Error>() -> E {
    refuse_value(FieldCode::UnseenCharacters, UNSEEN)
}

/// Begins an error of a field's own type, which is passed on as it is: the code, the same again, the sentence.
const OWN: char = '\u{1}';

/// What a field's type says when it is deserialised from something that it doesn't take.
fn refuse_value<E: serde::de::Error>(code: FieldCode, detail: impl Display) -> E {
    E::custom(format!("{OWN}{}{OWN}{detail}{OWN}", code.name()))
}

/// What somebody searches for: at most [`Words::MAX`] characters, all of which can be seen.
#[derive(Clone, Debug, Default)]
pub struct Words(pub String);

impl Words {
    /// The most characters: more than the longest name and address together.
    pub const MAX: usize = 400;

    /// The words, if there are any.
    pub fn given(words: Option<Self>) -> Option<String> {
        words.map(|words| words.0.trim().to_owned()).filter(|words| !words.is_empty())
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = String::deserialize(deserializer)?;
        if words.chars().count() > Self::MAX {
            return Err(refuse_value(FieldCode::TooLong, format_args!("Search for at most {} characters.", Self::MAX)));
        }
        if words.chars().any(is_unseen) { Err(unseen()) } else { Ok(Self(words)) }
    }
}

async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes> {
    let time = request.extensions().get::<BodyTime>().map_or(Duration::MAX, |time| time.0);
    let read = tokio::time::timeout(time, Bytes::from_request(request, state)).await;
    read.map_err(|_| Problem::body_too_slow())?.map_err(|rejection: BytesRejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Problem::too_large()
        } else {
            Problem::malformed_json().with_detail("The body broke off.")
        }
    })
}

/// What is wrong with a field, worked out from serde's error text, of which only a field's name is passed on.
fn field_problem(path: &str, error: &impl Display) -> Problem {
    let message = error.to_string();
    if let Some((code, detail)) = message.strip_prefix(OWN).and_then(|said| said.split_once(OWN))
        && let Some(code) = FieldCode::from_name(code)
    {
        return Problem::invalid_field(field_at(path, ""), code, detail.split(OWN).next().unwrap_or_default());
    }
    let named = message.split('`').nth(1).unwrap_or_default();
    if message.starts_with("unknown field") {
        return Problem::unknown_field(field_at(path, named));
    }
    if message.starts_with("missing field") {
        return Problem::invalid_field(field_at(path, named), FieldCode::Required, "This field is required.");
    }
    if message.starts_with("duplicate field") {
        return Problem::invalid_field(field_at(path, named), FieldCode::Duplicate, "This field is there twice.");
    }
    Problem::invalid_field(field_at(path, ""), FieldCode::Invalid, "This value isn’t of the kind that’s accepted here.")
}

/// A client's own name for a field, if it may be repeated: not if it could be a code (R32).
pub(crate) fn field_name(named: &str) -> String {
    field_at("", named)
}

/// The path ending with the field itself, restricted to characters that occur in field names.
fn field_at(path: &str, named: &str) -> String {
    let parent = path.strip_suffix(named).unwrap_or(path).trim_end_matches('.').trim_matches('?');
    let full = match (parent, named) {
        (".", name) | ("", name) => name.to_owned(),
        (parent, "") => parent.to_owned(),
        (parent, name) => format!("{parent}.{name}"),
    };
    // A client's own field name is repeated, unless it could be a code.
    let digits = full.chars().filter(char::is_ascii_digit).count();
    let plain = full.chars().all(|c| c.is_ascii_alphanumeric() || "_.-[]".contains(c));
    if full.is_empty() || full.len() > 64 || !plain || digits >= 4 { "body".to_owned() } else { full }
}

/// Parts of the path. One that can't be parsed is 404, like anything else that doesn't exist (R33).
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(Problem::not_found()),
        }
    }
}

/// The query. A value that can't be parsed is 422 `invalid` with its name; unknown names are ignored.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = form_urlencoded::parse(query.as_bytes());
        serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs))
            .map(Self)
            .map_err(|error| field_problem(&error.path().to_string(), error.inner()))
    }
}

/// How many items a page has: 1–200, 50 by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(pub u32);

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let limit = u32::deserialize(deserializer)?;
        if (1..=200).contains(&limit) {
            Ok(Self(limit))
        } else {
            Err(serde::de::Error::custom("a page has 1 to 200 items"))
        }
    }
}

/// `If-Match`: the version that the caller read. 428 without it.
pub struct IfMatch(HeaderValue);

impl IfMatch {
    /// Checks that `version` is the one the caller read.
    ///
    /// # Errors
    /// 412 `stale`.
    pub fn check(&self, version: i64) -> Result<()> {
        let current = etag(version);
        let current = current.as_bytes();
        // Our entity tags contain no comma. A weak one (`W/"1"`) never matches, as RFC 9110 requires for If-Match.
        if self.0.as_bytes().split(|byte| *byte == b',').any(|tag| tag.trim_ascii() == current) {
            Ok(())
        } else {
            Err(Problem::stale())
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.headers.get(IF_MATCH).cloned().map(Self).ok_or_else(Problem::if_match_required)
    }
}

/// The entity tag of a version.
pub fn etag(version: i64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\"")).expect("digits and quotes")
}

/// The `ETag` header of a version, to put in front of a response: `(etag_header(version), Json(property))`.
pub fn etag_header(version: i64) -> [(HeaderName, HeaderValue); 1] {
    [(ETAG, etag(version))]
}

/// `Idempotency-Key`: 1 to 128 visible ASCII characters. 400 without it.
pub struct IdempotencyKey(pub String);

/// The name of the header.
pub static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts
            .headers
            .get(&IDEMPOTENCY_KEY)
            .and_then(|value| value.to_str().ok())
            .filter(|key| (1..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()))
            .map(|key| Self(key.to_owned()))
            .ok_or_else(Problem::idempotency_key_required)
    }
}

/// Collects everything that is wrong with a request, for one 422.
#[derive(Default)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Notes that `field` is wrong unless `holds`.
    pub fn require(&mut self, holds: bool, field: &str, code: FieldCode, detail: &str) {
        if !holds {
            self.0.push(FieldError { field: field.into(), code: code.into(), detail: detail.into() });
        }
    }

    /// # Errors
    /// 422 `invalid` where anything was noted.
    pub fn check(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid(self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Outer {
        length: u8,
        #[serde(default)]
        inner: Option<Inner>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Inner {
        from: String,
    }

    fn refusal(body: &str) -> (u16, String, Option<(String, String)>) {
        let problem = JsonBytes(Bytes::from(body.to_owned())).parse::<Outer>().err().expect("it is refused").to_wire();
        let field = problem.errors.into_iter().next().map(|error| (error.field, error.code.to_string()));
        (problem.status, problem.code.to_string(), field)
    }

    fn field(field: &str, code: &str) -> Option<(String, String)> {
        Some((field.into(), code.into()))
    }

    #[test]
    fn a_refused_body_names_its_field() {
        assert_eq!(refusal("{"), (400, "malformed_json".into(), None));
        assert_eq!(refusal(r#"{"length":4} x"#), (400, "malformed_json".into(), None));
        assert_eq!(refusal(r#"{"length":4,"pin":1}"#), (422, "unknown_field".into(), field("pin", "unknown_field")));
        assert_eq!(refusal("{}"), (422, "invalid".into(), field("length", "required")));
        assert_eq!(refusal(r#"{"length":"x"}"#), (422, "invalid".into(), field("length", "invalid")));
        assert_eq!(refusal(r#"{"length":1,"length":2}"#), (422, "invalid".into(), field("length", "duplicate")));
        assert_eq!(refusal(r#"{"length":1,"inner":{}}"#), (422, "invalid".into(), field("inner.from", "required")));
        assert_eq!(
            refusal(r#"{"length":1,"inner":{"from":"x","pin":1}}"#),
            (422, "unknown_field".into(), field("inner.pin", "unknown_field"))
        );
    }

    #[test]
    fn a_refusal_repeats_no_digits() {
        for body in
            [json!({"length": "530917"}), json!({"530917": 1}), json!({"length": 4, "530917": 4}), json!("530917")]
        {
            let problem = JsonBytes(Bytes::from(body.to_string())).parse::<Outer>().err().expect("it is refused");
            assert!(!serde_json::to_string(&problem.to_wire()).expect("JSON").contains("5309"), "{body}");
        }
    }

    #[test]
    fn an_entity_tag_matches_only_itself() {
        let of = |value: &'static str| IfMatch(HeaderValue::from_static(value));
        assert!(of("\"3\"").check(3).is_ok());
        assert!(of("\"2\", \"3\"").check(3).is_ok());
        for other in ["\"2\"", "W/\"3\"", "3", "", "*"] {
            assert_eq!(of(other).check(3).expect_err("stale").code().name(), "stale", "{other}");
        }
    }
}
