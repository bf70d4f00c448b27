//! Asking twice, doing once: five clicks and a reload issue one code.
//!
//! A handler whose route takes an `Idempotency-Key` begins with [`begin`]. If the same person sent the same request
//! under that key before, it gets [`Begun::Again`] with what was answered then. Otherwise it gets [`Begun::First`],
//! which holds the write transaction: the change, its audit event and the record of the answer are committed together
//! by [`Once::done`] or [`Once::refused`], so that after a crash either all of it is there or nothing.
//!
//! What changed nothing and put nothing on record (bad input, a 404) isn't kept: the handler just returns the problem,
//! which undoes the transaction.
//!
//! Records hold no digits (R32). An answer with digits is stored without them and with the code's id; the handler adds
//! them to a first answer and to a repeated one alike.

use std::ops::{Deref, DerefMut};

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use store::idempotency::{self, Record};
use store::{Millis, Tx};
use uuid::Uuid;

use crate::app::App;
use crate::auth::Caller;
use crate::extract::IdempotencyKey;
use crate::problem::{Problem, Result};

/// Records are kept for seven days, in milliseconds; the worker forgets older ones.
pub const KEPT: Millis = 7 * 24 * 60 * 60 * 1000;

/// What makes two requests the same: method, path with query, and body.
pub struct Request<'a> {
    /// The method.
    pub method: &'a Method,
    /// Path and query.
    pub uri: &'a Uri,
    /// The body's bytes.
    pub body: &'a [u8],
}

/// Whether the request was done before.
pub enum Begun {
    /// It wasn't. Do it in this transaction.
    First(Once),
    /// It was, and this was the answer.
    Again(Answer),
}

/// An answer without its digits.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: Value,
    /// The code whose digits belong to the answer.
    pub code_id: Option<Uuid>,
    repeated: bool,
}

/// The header that says `true` on an answer that was given before.
pub static REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

impl Answer {
    /// Puts a field into the body: the digits, under `code`.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        if let Value::Object(object) = &mut self.body {
            object.insert(field.to_owned(), value.into());
        }
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let problem = self.status.is_client_error().then(|| serde_json::from_value(self.body.clone()).ok()).flatten();
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

/// A request under way that is done once. Dropped, nothing of it happened and the key is free again.
pub struct Once {
    tx: Tx,
    now: Millis,
    person_id: Uuid,
    key: String,
    fingerprint: Vec<u8>,
}

/// Looks the key up and starts the write transaction.
///
/// Requests with the same key at the same time wait for one another here, for there is one writer.
///
/// # Errors
/// 422 `idempotency_key_reused` where the key came with another request before.
pub async fn begin(app: &App, caller: &Caller, key: IdempotencyKey, request: Request<'_>) -> Result<Begun> {
    let mut tx = app.store().begin().await?;
    let fingerprint = app.store().vault().request_fingerprint(&mut tx, &request.bytes()).await?;
    let Some(record) = idempotency::find(&mut tx, caller.person_id, &key.0).await? else {
        let once = Once { tx, now: app.now(), person_id: caller.person_id, key: key.0, fingerprint };
        return Ok(Begun::First(once));
    };
    tx.rollback().await?;
    if record.fingerprint != fingerprint {
        return Err(Problem::idempotency_key_reused());
    }
    Ok(Begun::Again(Answer {
        status: StatusCode::from_u16(record.status).map_err(Problem::internal)?,
        body: serde_json::from_str(&record.body).map_err(Problem::internal)?,
        code_id: record.code_id,
        repeated: true,
    }))
}

impl Request<'_> {
    fn bytes(&self) -> Vec<u8> {
        let uri = self.uri.path_and_query().map_or("", |path| path.as_str());
        // Neither a method nor a path holds a line feed, so that the parts can't run into one another.
        [self.method.as_str().as_bytes(), b"\n", uri.as_bytes(), b"\n", self.body].concat()
    }
}

impl Once {
    /// Commits the change with its answer. `body` must be without digits; `code_id` names the code they belong to.
    ///
    /// # Errors
    /// The database failed; or nothing was recorded in the transaction (R31).
    pub async fn done(self, status: StatusCode, body: &impl Serialize, code_id: Option<Uuid>) -> Result<Answer> {
        let body = serde_json::to_value(body).map_err(Problem::internal)?;
        self.store(Answer { status, body, code_id, repeated: false }).await
    }

    /// Commits the record of a refusal, to be refused the same way again under this key.
    ///
    /// # Errors
    /// As [`Once::done`].
    pub async fn refused(self, problem: Problem) -> Result<Problem> {
        let body = serde_json::to_value(problem.to_wire()).map_err(Problem::internal)?;
        self.store(Answer { status: problem.status(), body, code_id: None, repeated: false }).await?;
        Ok(problem)
    }

    async fn store(mut self, answer: Answer) -> Result<Answer> {
        let record = Record {
            fingerprint: self.fingerprint,
            status: answer.status.as_u16(),
            body: answer.body.to_string(),
            code_id: answer.code_id,
        };
        idempotency::insert(&mut self.tx, self.now, self.person_id, &self.key, &record).await?;
        self.tx.commit().await?;
        Ok(answer)
    }
}

impl Deref for Once {
    type Target = Tx;
    fn deref(&self) -> &Tx {
        &self.tx
    }
}

impl DerefMut for Once {
    fn deref_mut(&mut self) -> &mut Tx {
        &mut self.tx
    }
}
