//! Idempotency keys: five clicks and a reload issue one code.
//!
//! A handler whose route takes an `Idempotency-Key` does its deed through [`Once`]. The change, its audit event and the
//! stored answer are committed together, so that after a crash either all of them are there or none. If the same person
//! sends the same request under that key again, they get the first answer, provided they may still see it.
//!
//! A request that changed and recorded nothing (bad input, a 404) isn't kept, and the key stays free.
//!
//! Stored answers hold no digits (R32): an answer with digits is stored without them but with the code's id.

use api_types::Problem as WireProblem;
use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use ids::CodeId;
use serde::Serialize;
use serde_json::Value;
use store::idempotency::{self, Record};
use zeroize::{Zeroize, Zeroizing};

use crate::app::App;
use crate::domain::deed::Deed;
use crate::domain::{Done, Failure, Refusal};
use crate::extract::{Csv, IdempotencyKey, JsonBytes, NoBody, RosterFile};
use crate::problem::{Problem, Result};
use crate::requester::Requester;

/// What identifies a request, apart from its body: the key, the method, and the path with its query.
pub struct KeyedRequest {
    key: IdempotencyKey,
    method: Method,
    uri: Uri,
}

impl<S: Send + Sync> FromRequestParts<S> for KeyedRequest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let key = IdempotencyKey::from_request_parts(parts, state).await?;
        Ok(Self { key, method: parts.method.clone(), uri: parts.uri.clone() })
    }
}

impl KeyedRequest {
    fn bytes(&self, body: &[u8]) -> Zeroizing<Vec<u8>> {
        let uri = self.uri.path_and_query().map_or("", |path| path.as_str());
        // Neither a method nor a path contains a line feed, so the parts can't run into each other.
        Zeroizing::new([self.method.as_str().as_bytes(), b"\n", uri.as_bytes(), b"\n", body].concat())
    }
}

/// A body whose bytes tell two requests with the same key apart.
pub trait Body: FromRequest<App, Rejection = Problem> {
    /// The bytes as they were sent.
    fn bytes(&self) -> &[u8];

    /// Bytes that are the same for bodies that say the same.
    fn canonical(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.bytes().to_vec())
    }
}

impl Body for JsonBytes {
    fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Fields in the order of their names, and no space between them.
    fn canonical(&self) -> Zeroizing<Vec<u8>> {
        let Ok(mut value) = serde_json::from_slice::<Value>(&self.0) else {
            return Zeroizing::new(self.0.to_vec());
        };
        value.sort_all_objects();
        let bytes = Zeroizing::new(value.to_string().into_bytes());
        wipe(&mut value);
        bytes
    }
}

/// Wipes every text of a value, which may hold digits (R32).
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl Body for Csv {
    fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Body for RosterFile {
    fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Body for NoBody {
    fn bytes(&self) -> &[u8] {
        b""
    }
}

/// A request under a key, with its body, whose deed is done once however often it is sent.
pub struct Once<B> {
    asked: KeyedRequest,
    /// The body.
    pub body: B,
}

impl<B: Body> FromRequest<App> for Once<B> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let asked = KeyedRequest::from_request_parts(&mut parts, app).await?;
        Ok(Self { asked, body: B::from_request(Request::from_parts(parts, body), app).await? })
    }
}

/// The answer to a request. No `Debug`: it may hold digits.
pub struct Answer {
    status: StatusCode,
    body: Value,
    code_id: Option<CodeId>,
    digits: Option<Zeroizing<String>>,
    repeated: bool,
}

/// The header that is `true` on an answer that was given before.
pub static REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

impl Answer {
    /// An answer whose body is stored as it is.
    ///
    /// # Errors
    /// Never for types of the API.
    pub fn new(status: StatusCode, body: &impl Serialize) -> Done<Self> {
        let body = serde_json::to_value(body).map_err(unreadable)?;
        Ok(Self { status, body, code_id: None, digits: None, repeated: false })
    }

    /// With the digits of a code under `code`, which aren't stored.
    #[must_use]
    pub fn with_digits(mut self, code_id: CodeId, code: &access_code::Code) -> Self {
        self.code_id = Some(code_id);
        self.show(code);
        self
    }

    /// The code whose digits were in the answer.
    pub fn code_id(&self) -> Option<CodeId> {
        self.code_id
    }

    /// Whether it was a refusal.
    pub fn is_refusal(&self) -> bool {
        !self.status.is_success()
    }

    /// Shows the digits in this answer.
    pub fn show(&mut self, code: &access_code::Code) {
        self.digits = Some(Zeroizing::new(code.expose().to_owned()));
    }

    fn of(record: &Record) -> Done<Self> {
        Ok(Self {
            status: StatusCode::from_u16(record.status).map_err(unreadable)?,
            body: serde_json::from_str(&record.body).map_err(unreadable)?,
            code_id: record.code_id,
            digits: None,
            repeated: true,
        })
    }
}

fn unreadable(error: impl std::fmt::Display) -> store::Error {
    store::Error::Unreadable(format!("the answer to a request: {error}"))
}

impl IntoResponse for Answer {
    fn into_response(mut self) -> Response {
        if let (Some(digits), Value::Object(object)) = (&self.digits, &mut self.body) {
            object.insert("code".to_owned(), Value::String(digits.to_string()));
        }
        let problem: Option<WireProblem> =
            self.is_refusal().then(|| serde_json::from_value(self.body.clone()).ok()).flatten();
        let mut response = match problem {
            Some(problem) => Problem::from_wire(problem).into_response(),
            None => (self.status, Json(self.body)).into_response(),
        };
        if self.repeated {
            response.headers_mut().insert(REPLAYED.clone(), HeaderValue::from_static("true"));
        }
        response
    }
}

impl Answer {
    /// A text of the answer's body.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.body.get(field).and_then(Value::as_str)
    }
}

impl<B: Body> Once<B> {
    /// From what was already extracted from the request.
    pub fn new(asked: KeyedRequest, body: B) -> Self {
        Self { asked, body }
    }

    /// Does the deed, unless the person already did it under the same key.
    ///
    /// If they did, `again` decides whether they may still have the answer, and what to add to it. Concurrent requests
    /// with the same key wait for each other, as there is only one writer.
    ///
    /// # Errors
    /// As [`Requester::deed`]; 422 `idempotency_key_reused` if the key was used with another request before.
    pub async fn run(
        self,
        requester: &Requester,
        first: impl FnOnce(&Deed<'_>) -> Done<Answer> + Send + 'static,
        again: impl FnOnce(&Deed<'_>, &mut Answer) -> Done<()> + Send + 'static,
    ) -> Result<Answer> {
        let bytes = self.asked.bytes(&self.body.canonical());
        // As the server before took its fingerprint: so that a request is known again across an update.
        let as_sent = self.asked.bytes(self.body.bytes());
        let key = self.asked.key.0;
        requester.deed(move |deed| once(deed, &key, [&bytes, &as_sent], first, again)).await
    }
}

fn once(
    deed: &Deed<'_>,
    key: &str,
    [bytes, as_sent]: [&[u8]; 2],
    first: impl FnOnce(&Deed<'_>) -> Done<Answer>,
    again: impl FnOnce(&Deed<'_>, &mut Answer) -> Done<()>,
) -> Done<Answer> {
    let fingerprint = deed.tx.request_fingerprint(bytes)?;
    if let Some(record) = idempotency::find(deed.tx, deed.person_id(), key)? {
        if record.fingerprint != fingerprint && record.fingerprint != deed.tx.request_fingerprint(as_sent)? {
            return Err(Refusal::idempotency_key_reused().into());
        }
        let mut answer = Answer::of(&record)?;
        again(deed, &mut answer)?;
        return Ok(answer);
    }
    let answer = match first(deed) {
        Ok(answer) => answer,
        // So that it is refused the same way again under this key.
        Err(Failure::Refused(refusal)) if deed.tx.has_recorded() => {
            let problem = Problem::from(refusal);
            Answer::new(problem.status(), &problem.to_wire())?
        }
        Err(failure) => return Err(failure),
    };
    let record =
        Record { fingerprint, status: answer.status.as_u16(), body: answer.body.to_string(), code_id: answer.code_id };
    idempotency::insert(deed.tx, deed.now, deed.person_id(), key, &record)?;
    Ok(answer)
}
