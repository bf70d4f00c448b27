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
pub async fn begin(app: &App, person_id: Uuid, key: IdempotencyKey, request: Request<'_>) -> Result<Begun> {
    let mut tx = app.store().begin().await?;
    let fingerprint = app.store().vault().request_fingerprint(&mut tx, &request.bytes()).await?;
    let Some(record) = idempotency::find(&mut tx, person_id, &key.0).await? else {
        let once = Once { tx, now: app.now(), person_id, key: key.0, fingerprint };
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

#[cfg(test)]
mod tests {
    use serde_json::json;
    use store::audit::{NewEvent, system_actor, system_channel};
    use store::people::{self, NewPerson};
    use store::{MasterKey, Store};
    use tempfile::TempDir;

    use super::*;
    use crate::app::Settings;
    use crate::auth::PasswordCost;
    use crate::clock::Clock;
    use crate::hubs::Hubs;

    async fn app() -> (TempDir, App, [Uuid; 2]) {
        let folder = tempfile::tempdir().expect("a folder");
        let key = MasterKey::generate(1).expect("random bytes");
        let store = Store::open(&folder.path().join("test.db"), key).await.expect("a database");
        let settings = Settings { password_cost: PasswordCost::FOR_TESTS, ..Settings::default() };
        let app = App::new(store, Clock::manual(0), Hubs::default(), settings).expect("an app");
        let people = [Uuid::now_v7(), Uuid::now_v7()];
        let mut tx = app.store().begin().await.expect("a transaction");
        for id in people {
            let email = format!("{id}@example.com");
            let person = NewPerson { id, email: &email, name: "Somebody", password_hash: None, support: false };
            people::insert(&mut tx, 0, &person).await.expect("inserted");
        }
        tx.commit_unrecorded().await.expect("committed");
        (folder, app, people)
    }

    async fn ask(app: &App, person: Uuid, key: &str, body: &str) -> Result<Begun> {
        let uri = Uri::from_static("/api/v1/guest-codes");
        let request = Request { method: &Method::POST, uri: &uri, body: body.as_bytes() };
        begin(app, person, IdempotencyKey(key.into()), request).await
    }

    async fn first(app: &App, person: Uuid, key: &str, body: &str) -> Once {
        match ask(app, person, key, body).await {
            Ok(Begun::First(once)) => once,
            _ => panic!("it was not asked before"),
        }
    }

    async fn again(app: &App, person: Uuid, key: &str, body: &str) -> Answer {
        match ask(app, person, key, body).await {
            Ok(Begun::Again(answer)) => answer,
            _ => panic!("it was asked before"),
        }
    }

    async fn record(once: &mut Once) {
        let subject = api_types::Subject { kind: "session".into(), id: None, name: "a test".into() };
        let event = NewEvent::done(system_actor(), system_channel(), "test.done", subject);
        once.record(0, event).await.expect("recorded");
    }

    #[tokio::test]
    async fn the_same_request_is_answered_again_and_not_done_again() {
        let (_folder, app, [person, _]) = app().await;
        let mut once = first(&app, person, "key", "body").await;
        record(&mut once).await;
        once.done(StatusCode::CREATED, &json!({"id": 7}), None).await.expect("done");

        let answer = again(&app, person, "key", "body").await;
        assert_eq!((answer.status, &answer.body), (StatusCode::CREATED, &json!({"id": 7})));
        assert_eq!(answer.with("code", "added").into_response().headers()[&REPLAYED], "true");
    }

    #[tokio::test]
    async fn a_key_is_for_one_request_of_one_person() {
        let (_folder, app, [person, other]) = app().await;
        let mut once = first(&app, person, "key", "body").await;
        record(&mut once).await;
        once.done(StatusCode::OK, &json!({}), None).await.expect("done");

        let problem = ask(&app, person, "key", "another body").await.err().expect("a problem");
        assert_eq!(problem.code(), "idempotency_key_reused");
        first(&app, other, "key", "body").await;
        first(&app, person, "another key", "body").await;
    }

    #[tokio::test]
    async fn what_was_not_done_leaves_the_key_free() {
        let (_folder, app, [person, _]) = app().await;
        drop(first(&app, person, "key", "body").await);
        // R31: without its event nothing is done.
        let once = first(&app, person, "key", "body").await;
        assert_eq!(once.done(StatusCode::OK, &json!({}), None).await.err().expect("a problem").code(), "internal");
        first(&app, person, "key", "another body").await;
    }

    #[tokio::test]
    async fn a_refusal_is_given_again() {
        let (_folder, app, [person, _]) = app().await;
        let mut once = first(&app, person, "key", "body").await;
        record(&mut once).await;
        let refused =
            once.refused(Problem::conflict("lock_offline", "Offline", "It is offline.")).await.expect("stored");
        assert_eq!(refused.code(), "lock_offline");

        let response = again(&app, person, "key", "body").await.into_response();
        assert_eq!(response.status(), StatusCode::CONFLICT);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }

    /// R32: a body may hold a code, of which there are too few for a bare hash to hide one.
    #[tokio::test]
    async fn a_fingerprint_says_nothing_without_the_key() {
        let (_one_folder, one, [person, _]) = app().await;
        let (_other_folder, other, [others, _]) = app().await;
        let body = r#"{"mode":"custom"}"#;
        let fingerprints =
            [first(&one, person, "key", body).await.fingerprint, first(&other, others, "key", body).await.fingerprint];
        assert_ne!(fingerprints[0], fingerprints[1]);
    }
}
