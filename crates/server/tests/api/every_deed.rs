//! What may happen to any deed, for every route that does one: its client hangs up, nothing can be written, the right or the
//! link is lost meanwhile, it is asked for twice under the same key, or by two at once (R24, R31).
//!
//! The routes come from the contract, so that a new one is tried too; what it takes to make one possible is in [`Ready`].

use std::fmt::Write;

use api_types::{AuditEvent, Outcome};
use ids::PersonId;
use serde_json::{Value, json};
use store::Tx;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::authenticator::Device;
use crate::authority::{is_a_deed, may};
use crate::fixtures_matrix::{
    ADMINISTRATOR, As, INVITATION, Ids, RESET, Town, assert_snapshot, everything, operations, probe,
};
use crate::harness::{Answer, MANAGER, MobileToken, RESIDENT, Request, SUPPORT, TestServer, WebSession};
use crate::smtp::{CONSOLE, MailServer};

/// What whoever has the secret of a link does with it, besides looking.
const BY_LINK: [&str; 6] = [
    "POST /address/confirm",
    "POST /invitations/accept",
    "POST /invitations/passkey",
    "POST /pass/reveal",
    "POST /password/passkey",
    "POST /password/reset",
];

/// Deeds that this town has no use for; the tests of their subject do them.
const ELSEWHERE: [&str; 4] = [
    // Its locks are linked.
    "DELETE /hubs/{id}",
    // No door has had another lock.
    "POST /doors/{id}/former-locks/{lock_id}/confirm-gone",
    // No lock holds a code that isn't ours.
    "POST /doors/{id}/unknown-codes/{slot}/clear",
    // Whoever signs in is somebody else afterwards.
    "POST /session/passkey",
];

/// Who asks.
enum Asker {
    Nobody,
    Web(WebSession),
    App(MobileToken),
}

impl Asker {
    fn of(&self) -> As<'_> {
        match self {
            Self::Nobody => As::Nobody,
            Self::Web(session) => As::Web(session),
            Self::App(token) => As::App(token),
        }
    }
}

/// A town in which somebody can do a deed.
struct Ready {
    town: Town,
    _mail: MailServer,
    operation: String,
    ids: Ids,
    asker: Asker,
    /// A passkey that was asked for.
    credential: Value,
}

impl Ready {
    async fn to(operation: &str) -> Self {
        let mail = MailServer::start().await;
        let town = Town::start_with(mail.settings()).await;
        let server = &town.server;
        let mut ids = town.own_ids().await;
        let mut credential = Value::Null;
        let by_link = BY_LINK.contains(&operation);
        let asker = match operation {
            _ if by_link => Asker::Nobody,
            "PUT /me/code" => Asker::App(server.mobile_sign_in(RESIDENT, "2.8.0").await),
            _ => {
                let own = operation.contains(" /me/");
                let order = if own { [RESIDENT, MANAGER, ADMINISTRATOR] } else { [MANAGER, ADMINISTRATOR, RESIDENT] };
                let email = order.into_iter().find(|email| may(operation, email)).expect("somebody may");
                Asker::Web(server.sign_in(email).await)
            }
        };
        match operation {
            "POST /me/passkeys" | "POST /invitations/passkey" | "POST /password/passkey" => {
                credential = asked_for(server, &asker, operation).await;
            }
            "POST /people/{id}/reset" => ids.person = server.world.manager,
            "POST /properties/{id}/invitations"
            | "POST /properties/{id}/residents/{resident_id}/invite"
            | "POST /properties/{id}/residents/{resident_id}/address" => {
                // Somebody who can't sign in yet.
                let roommate = town.roommate;
                let sql = "UPDATE person SET password_hash = NULL WHERE id = ?";
                server.write(move |tx| tx.execute(sql, [roommate.person]).expect("changed")).await;
                ids.resident = roommate.tenancy;
            }
            _ => {}
        }
        Self { town, _mail: mail, operation: operation.to_owned(), ids, asker, credential }
    }

    /// The request, under that key if it takes one.
    fn request(&self, key: &str) -> Request {
        let mut request = probe(&self.town.server, &self.operation, &self.ids).expect("a request");
        request = request.without("idempotency-key").header("idempotency-key", key);
        if let Some(body) = passkey_body(&self.operation, &self.credential) {
            request = there(request).json(&body);
        }
        if self.operation.starts_with("PATCH ") {
            request = request.without("if-match").header("if-match", "\"1\"");
        }
        self.asker.of().sign(request)
    }

    /// What was done since that event, as it was recorded.
    async fn done_since(&self, newest: &AuditEvent) -> Vec<String> {
        let events = self.town.server.recorded().await;
        let since = events.into_iter().take_while(|event| event.id != newest.id);
        let done = since.filter(|event| event.outcome == Outcome::Done);
        let mut done: Vec<_> = done.map(|event| event.action.to_string()).collect();
        done.reverse();
        done
    }

    async fn newest(&self) -> AuditEvent {
        self.town.server.recorded().await.remove(0)
    }

    /// That the record is whole.
    async fn is_intact(&self) {
        let support = self.town.server.sign_in(SUPPORT).await;
        assert_eq!(self.town.server.read(&support, "/audit/verify").await["intact"], true, "{}", self.operation);
    }
}

/// As a browser sends it that reached the server at [`CONSOLE`].
fn there(request: Request) -> Request {
    request.header("host", CONSOLE.trim_start_matches("https://")).header("sec-fetch-site", "same-origin")
}

/// The body of a request with a new passkey.
fn passkey_body(operation: &str, credential: &Value) -> Option<Value> {
    let mut body = json!({"name": "Phone", "credential": credential});
    match operation {
        "POST /me/passkeys" => {}
        "POST /invitations/passkey" => body["token"] = json!(INVITATION),
        "POST /password/passkey" => body["token"] = json!(RESET),
        _ => return None,
    }
    Some(body)
}

/// The passkey that a device makes when it is asked for what the operation adds.
async fn asked_for(server: &TestServer, asker: &Asker, operation: &str) -> Value {
    let path = operation.trim_start_matches("POST ");
    let token = passkey_body(operation, &Value::Null).and_then(|body| body.get("token").cloned());
    let body = token.map_or(json!({}), |token| json!({"token": token}));
    let asked = there(asker.of().sign(server.post(&format!("{path}/options")))).json(&body).send().await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    Device::at(CONSOLE).make(&asked.json()["public_key"])
}

/// Every route that does a deed.
async fn deeds() -> Vec<String> {
    let all = operations(&Town::start().await.server).await;
    let deeds = all.into_iter().filter(|it| is_a_deed(it) || BY_LINK.contains(&it.as_str()));
    deeds.filter(|it| !ELSEWHERE.contains(&it.as_str())).collect()
}

fn key() -> String {
    Uuid::now_v7().to_string()
}

/// Does the deed where nothing goes wrong. Returns the answer's status and what was recorded.
async fn undisturbed(operation: &str) -> (u16, Vec<String>) {
    let ready = Ready::to(operation).await;
    let newest = ready.newest().await;
    let answer = ready.request(&key()).send().await;
    assert!((200..300).contains(&answer.status), "{operation}: {} {}", answer.status, answer.text);
    let done = ready.done_since(&newest).await;
    assert!(!done.is_empty(), "{operation} recorded nothing");
    (answer.status, done)
}

fn send(request: Request) -> JoinHandle<Answer> {
    tokio::spawn(request.send())
}

#[tokio::test]
async fn r24_r31_a_deed_whose_client_has_hung_up_is_done_and_recorded_as_a_whole() {
    for operation in deeds().await {
        let (_, expected) = undisturbed(&operation).await;
        let ready = Ready::to(&operation).await;
        let server = &ready.town.server;
        let newest = ready.newest().await;
        let held = server.hold(|_| ()).await;
        let asked = send(ready.request(&key()));
        server.until_waiting(1).await;
        asked.abort();
        assert!(asked.await.is_err(), "it was answered");
        // By the time that these are answered, the server has noticed.
        for _ in 0..3 {
            assert_eq!(server.get("//healthz").send().await.status, 200);
        }
        held.release().await;
        server.written().await;
        assert_eq!(ready.done_since(&newest).await, expected, "{operation}");
        ready.is_intact().await;
    }
}

#[tokio::test]
async fn r31_a_deed_that_can_not_be_written_leaves_everything_as_it_was_and_is_done_when_asked_again() {
    for operation in deeds().await {
        let (status, expected) = undisturbed(&operation).await;
        let mut ready = Ready::to(&operation).await;
        ready.town.server.written().await;
        let newest = ready.newest().await;
        let (store, key) = (ready.town.server.app.store().clone(), key());
        let before = everything(&store).await;
        ready.town.server.fill_the_disk(true).await;
        let answer = ready.request(&key).send().await;
        assert_eq!(answer.problem(), (503, "storage_unavailable".into()), "{operation}");
        ready.town.server.fill_the_disk(false).await;
        for (table, rows) in everything(&store).await {
            assert_eq!(rows, before[&table], "{operation} changed {table}");
        }
        if ready.credential != Value::Null {
            // What was asked can be answered once.
            ready.credential = asked_for(&ready.town.server, &ready.asker, &operation).await;
        }
        let again = ready.request(&key).send().await;
        assert_eq!(again.status, status, "{operation}: {}", again.text);
        assert_eq!(ready.done_since(&newest).await, expected, "{operation}");
    }
}

/// How a link stops working: an SQL statement that takes the id of the person whom it is for.
const VOIDED: [(&str, &str); 3] = [
    ("replaced", "DELETE FROM one_time_link WHERE person_id = ?"),
    ("too old", "UPDATE one_time_link SET expires_at = 1 WHERE person_id = ?"),
    ("disabled", "UPDATE person SET disabled_at = 0 WHERE id = ?"),
];

#[tokio::test]
async fn r37_r38_a_link_that_stopped_working_between_request_and_transaction_does_nothing() {
    for operation in BY_LINK.into_iter().filter(|operation| *operation != "POST /pass/reveal") {
        for (how, sql) in VOIDED {
            let ready = Ready::to(operation).await;
            let person: PersonId =
                if operation.starts_with("POST /invitations") { ready.town.invited } else { ready.town.foreign.person };
            let server = &ready.town.server;
            let newest = ready.newest().await;
            let void = move |tx: &Tx| {
                tx.execute(sql, [person]).expect("voided");
            };
            let held = server.hold(void).await;
            let asked = send(ready.request(&key()));
            server.until_waiting(1).await;
            held.release().await;
            let answer = asked.await.expect("it is answered");
            assert_eq!(answer.problem(), (404, "link_over".into()), "{operation}, {how}");
            assert_eq!(ready.done_since(&newest).await, Vec::<String>::new(), "{operation}, {how}");
        }
    }
}

/// Sends both while the writer is held, and returns their answers: statuses and codes, in order.
async fn both(ready: &Ready, keys: [String; 2]) -> Vec<String> {
    let server = &ready.town.server;
    let held = server.hold(|_| ()).await;
    let asked = keys.map(|key| send(ready.request(&key)));
    let arrived = || server.app.store().waiting() >= 2 || asked.iter().any(JoinHandle::is_finished);
    server.eventually("both have arrived", async || arrived()).await;
    held.release().await;
    let mut answers = Vec::new();
    for answer in asked {
        let answer = answer.await.expect("it is answered");
        assert!(answer.status < 500, "{}: {}", ready.operation, answer.text);
        let replayed = if answer.header("idempotency-replayed") == "true" { " replayed" } else { "" };
        let code = if answer.status >= 400 { format!(" {}", answer.problem().1) } else { String::new() };
        answers.push(format!("{}{code}{replayed}", answer.status));
    }
    answers.sort();
    answers
}

/// What two requests at once are answered and do is in `twice.txt`: under the same key once, and otherwise nothing that one
/// alone couldn't have done.
#[tokio::test]
async fn r31_a_deed_that_is_asked_for_twice_at_once_is_done_as_the_file_says() {
    let document = Town::start().await.server.get("/openapi.json").send().await.json();
    let mut text = String::new();
    for operation in deeds().await {
        writeln!(text, "{operation}").expect("a string");
        let (method, path) = operation.split_once(' ').expect("a method and a path");
        let parameters = &document["paths"][format!("/api/v1{path}")][method.to_lowercase()]["parameters"];
        let keyed = parameters.as_array().into_iter().flatten().any(|it| it["name"] == "Idempotency-Key");
        if keyed {
            let (_, expected) = undisturbed(&operation).await;
            let ready = Ready::to(&operation).await;
            let (newest, key) = (ready.newest().await, key());
            let answers = both(&ready, [key.clone(), key]).await;
            let mut done = ready.done_since(&newest).await;
            // To whom digits are shown again is on record (R30).
            done.retain(|action| action != "code.revealed");
            assert_eq!(done, expected, "{operation} under the same key");
            writeln!(text, "    the same key  {}", answers.join(", ")).expect("a string");
            ready.is_intact().await;
        }
        let ready = Ready::to(&operation).await;
        let newest = ready.newest().await;
        let answers = both(&ready, [key(), key()]).await;
        let done = ready.done_since(&newest).await.join(", ");
        writeln!(text, "    two at once   {}  [{done}]", answers.join(", ")).expect("a string");
        ready.is_intact().await;
    }
    assert_snapshot("tests/api/twice.txt", &text);
}
