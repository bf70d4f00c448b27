//! What somebody may do is decided in the transaction that does it, and nothing they issued outlives their right to
//! issue it (R1, R24, R30, R31).

use std::sync::Arc;

use api_types::Outcome;
use ids::{DoorId, PersonId};
use jiff::SignedDuration;
use latchkey_server::domain::{By, rights};
use serde_json::json;
use store::{Tx, people, tenancies};
use tokio::task::JoinSet;

use crate::fixtures::{Credential, permanent, text};
use crate::fixtures_matrix::{ADMINISTRATOR, As, BY_LINK, Ids, Town, keyed, operations, probe};
use crate::harness::{MANAGER, PASSWORD, RESIDENT, TestServer, WebSession};

/// How somebody loses a right: an SQL statement that takes their id.
const LOSSES: [(&str, &str); 5] = [
    ("signed out", "DELETE FROM session WHERE person_id = ?"),
    ("disabled", "UPDATE person SET disabled_at = 0 WHERE id = ?"),
    ("moved out", "UPDATE tenancy SET ended_at = 0 WHERE person_id = ?"),
    ("lost the property", "DELETE FROM manages WHERE person_id = ?"),
    ("lost the role", "UPDATE person SET administrator = 0 WHERE id = ?"),
];

fn lose(tx: &Tx, sql: &str, person: PersonId) {
    tx.execute(sql, [person]).expect("lost");
}

/// Whether an operation is a deed of a signed-in person. Others change nothing for them, or belong to nobody in
/// particular.
pub(crate) fn is_a_deed(operation: &str) -> bool {
    let of_nobody = ["GET ", "POST /session", "POST /mobile/token", "POST /simulator"].into_iter().chain(BY_LINK);
    let asks = [
        "POST /guest-codes/preview",
        "POST /guest-codes/{id}/preview",
        "POST /guest-codes/search",
        "POST /me/passkeys/options",
    ];
    !of_nobody.into_iter().any(|start| operation.starts_with(start)) && !asks.contains(&operation)
}

/// Whether somebody may do the deed while they have all their rights.
pub(crate) fn may(operation: &str, email: &str) -> bool {
    match operation {
        "PUT /me/code" => email == RESIDENT,
        "POST /properties"
        | "POST /people"
        | "PATCH /people/{id}"
        | "POST /people/{id}/invite"
        | "POST /people/{id}/reset" => email == ADMINISTRATOR,
        "POST /properties/{id}/layout"
        | "POST /properties/{id}/buildings"
        | "POST /properties/{id}/units"
        | "POST /properties/{id}/doors" => email != RESIDENT,
        part if ["/buildings/{id}", "/units/{id}", "/doors/{id}"].iter().any(|path| part.ends_with(path)) => {
            email != RESIDENT
        }
        "POST /properties/{id}/hubs" => email != RESIDENT,
        set_up if [" /hubs/", " /doors/"].iter().any(|path| set_up.contains(path)) => email != RESIDENT,
        "POST /codes/{id}/send-again"
        | "PATCH /properties/{id}"
        | "PUT /properties/{id}/summary"
        | "POST /properties/{id}/invitations"
        | "POST /properties/{id}/roster"
        | "POST /properties/{id}/roster/imports/{import_id}/undo"
        | "POST /properties/{id}/residents/{resident_id}/invite"
        | "POST /properties/{id}/residents/{resident_id}/reset"
        | "POST /properties/{id}/residents/{resident_id}/address"
        | "POST /properties/{id}/residents/{resident_id}/move-out" => email == MANAGER,
        own if own.contains("/session") || own.contains(" /me/pass") || own.contains("/me/address") => true,
        _ => email != ADMINISTRATOR,
    }
}

/// Every route that changes something, called by somebody who could do it when the request came in but can't when it
/// would be done.
#[tokio::test]
async fn r1_r24_a_right_that_was_lost_between_request_and_transaction_does_nothing() {
    let mut asked = 0;
    let all = operations(&Town::start().await.server).await;
    for operation in all.iter().filter(|operation| is_a_deed(operation)) {
        for (loss, sql) in LOSSES {
            for email in [RESIDENT, MANAGER, ADMINISTRATOR] {
                let town = Town::start().await;
                let server = &town.server;
                let ids: Ids = town.own_ids().await;
                let session = server.sign_in(email).await;
                let app = if email == RESIDENT { Some(server.mobile_sign_in(RESIDENT, "2.8.0").await) } else { None };
                let credential = match &app {
                    Some(app) if operation == "PUT /me/code" => As::App(app),
                    _ => As::Web(&session),
                };
                let person = match email {
                    RESIDENT => server.world.resident,
                    MANAGER => server.world.manager,
                    _ => town.administrator,
                };
                let matters = match loss {
                    "moved out" => email == RESIDENT,
                    "lost the property" => email == MANAGER,
                    "lost the role" => email == ADMINISTRATOR,
                    _ => true,
                };
                if !matters || !may(operation, email) {
                    continue;
                }
                let held = server.hold(move |tx| lose(tx, sql, person)).await;
                let request = credential.sign(probe(server, operation, &ids).expect("a request"));
                let answer = tokio::spawn(request.send());
                server.until_waiting(1).await;
                held.release().await;
                let answer = answer.await.expect("it is answered");
                let name = format!("{operation} by {email}, {loss}: {}", answer.text);
                assert!(matches!(answer.problem().0, 401 | 403 | 404), "{name}");
                let events = server.recorded().await;
                let done = events.iter().take_while(|event| !event.action.name().ends_with(".created"));
                assert!(
                    done.clone().all(|event| event.outcome != Outcome::Done),
                    "{name}: {:?}",
                    done.collect::<Vec<_>>()
                );
                asked += 1;
            }
        }
    }
    assert!(asked > 40, "{asked} were asked");
}

/// Whoever does something at the same time, after a move-out nothing that was issued for the tenancy is live.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r24_whatever_the_interleaving_a_move_out_leaves_nothing_live() {
    for threads in [1, 2, 4, 12] {
        let server = Arc::new(TestServer::start().await);
        let manager = Arc::new(server.sign_in(MANAGER).await);
        let mut issued = 0;
        for round in 0..100 {
            let tenancy = server.world.tenancy;
            let again = server.write(move |tx| {
                let sql = "UPDATE tenancy SET ended_at = NULL WHERE id = ?";
                tx.execute(sql, [tenancy]).expect("moved in again");
            });
            again.await;
            let session = Arc::new(server.sign_in(RESIDENT).await);
            let mut clients = JoinSet::new();
            for _ in 0..threads {
                let (server, session) = (server.clone(), session.clone());
                clients.spawn(async move {
                    let mut issued = 0;
                    // Until the move-out gets in between, which never takes many rounds.
                    for _ in 0..50 {
                        let answer = server.issue(&*session, &permanent(&[server.world.gate])).await;
                        if answer.status != 201 {
                            return issued;
                        }
                        issued += 1;
                    }
                    issued
                });
            }
            let path = format!("/properties/{}/residents/{tenancy}/move-out", server.world.property);
            for _ in 0..round % 7 {
                tokio::task::yield_now().await;
            }
            let answer = keyed(server.post(&path)).web(&manager).send().await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            while let Some(client) = clients.join_next().await {
                issued += client.expect("it doesn't panic");
            }
            assert_eq!(live(&server).await, 0, "{threads} threads, round {round}");
        }
        assert!(issued > 0, "nothing was issued meanwhile");
    }
}

/// The guest codes and placements that open something.
async fn live(server: &TestServer) -> i64 {
    let sql = "SELECT (SELECT count(*) FROM guest_code WHERE state IN ('scheduled', 'live')) \
               + (SELECT count(*) FROM placement WHERE wanted)";
    server.query(move |db| db.query_row(sql, [], |row| row.get(0)).expect("a number")).await
}

#[tokio::test]
async fn somebody_shut_out_while_their_password_is_checked_is_not_let_in() {
    let cases = [
        ("UPDATE person SET password_hash = 'another' WHERE id = ?", 401, "wrong_credentials"),
        ("UPDATE person SET disabled_at = 0 WHERE id = ?", 401, "wrong_credentials"),
        ("UPDATE person SET email = 'another@example.com' WHERE id = ?", 401, "wrong_credentials"),
        ("UPDATE tenancy SET ended_at = 0 WHERE person_id = ?", 403, "no_role"),
    ];
    for (sql, status, code) in cases {
        let server = TestServer::start().await;
        let person = server.world.resident;
        let held = server.hold(move |tx| lose(tx, sql, person)).await;
        let answer = tokio::spawn(server.signing_in(RESIDENT, PASSWORD).send());
        server.until_waiting(1).await;
        held.release().await;
        let answer = answer.await.expect("it is answered");
        assert_eq!(answer.problem(), (status, code.into()), "{sql}");
        assert_eq!(answer.header("set-cookie"), "");
        let refused = &server.recorded().await[0];
        assert_eq!((refused.action.name(), refused.outcome), ("session.refused", Outcome::Refused));
    }
}

/// A resident with their own code and a guest code, and a manager's guest code, all on their locks.
async fn populated() -> (TestServer, WebSession, WebSession) {
    let server = TestServer::start_working().await;
    let (resident, manager) = (server.sign_in(RESIDENT).await, server.sign_in(MANAGER).await);
    server.issued(&resident, &permanent(&[server.world.door])).await;
    server.issued(&manager, &permanent(&[server.world.gym])).await;
    server.settled().await;
    assert_eq!((server.held(server.world.door).await, server.held(server.world.gym).await), (2, 1));
    (server, resident, manager)
}

#[tokio::test]
async fn r24_a_disabled_person_is_signed_out_and_what_they_issued_is_revoked() {
    let (server, resident, manager) = populated().await;
    let (person, now) = (server.world.resident, server.app.now());
    let digits = server.digits(&resident, &server.access(&resident).await["code"]).await;
    server
        .write(move |tx| rights::disable(tx, &By::system(), person, now).map_err(|_| "refused").expect("disabled"))
        .await;
    server.settled().await;
    assert_eq!(server.get("/session").web(&resident).send().await.status, 401);
    assert_eq!(server.held(server.world.door).await, 0, "R1: their own code is off too");
    assert_eq!(server.held(server.world.gym).await, 1, "what others issued stays");
    assert_eq!(server.recorded_as("person.disabled").await.len(), 1);

    // They keep their code, which works again once they do. Their guests' codes don't come back.
    server
        .write(move |tx| rights::enable(tx, &By::system(), person, now).map_err(|_| "refused").expect("enabled"))
        .await;
    server.settled().await;
    assert_eq!(server.held(server.world.door).await, 1);
    assert!(server.holds(server.world.door, &digits).await);

    // A manager who is disabled loses what they issued for the property.
    let person = server.world.manager;
    server
        .write(move |tx| rights::disable(tx, &By::system(), person, now).map_err(|_| "refused").expect("disabled"))
        .await;
    server.settled().await;
    assert_eq!(server.get("/session").web(&manager).send().await.status, 401);
    assert_eq!(server.held(server.world.gym).await, 0);
}

#[tokio::test]
async fn r24_a_manager_who_loses_a_property_loses_what_they_issued_there() {
    let (server, _, manager) = populated().await;
    let (person, property, now) = (server.world.manager, server.world.property, server.app.now());
    let remove = move |tx: &Tx| {
        rights::remove_manager(tx, &By::system(), person, property, now).map_err(|_| "refused").expect("removed");
    };
    server.write(remove).await;
    server.settled().await;
    assert_eq!(server.held(server.world.gym).await, 0);
    assert_eq!(server.held(server.world.door).await, 2, "the residents' codes are theirs");
    assert_eq!(server.get("/session").web(&manager).send().await.status, 401, "they are nothing any more");
}

/// However a right was lost, and through whatever program: a minute later nothing issued by it is left.
#[tokio::test]
async fn r24_codes_of_a_right_lost_unnoticed_are_swept_up() {
    for (sql, person_of, door, left) in [
        ("UPDATE person SET disabled_at = 0 WHERE id = ?", RESIDENT, "door", 0),
        ("UPDATE tenancy SET ended_at = 0 WHERE person_id = ?", RESIDENT, "door", 1),
        ("DELETE FROM manages WHERE person_id = ?", MANAGER, "gym", 0),
        ("UPDATE person SET disabled_at = 0 WHERE id = ?", MANAGER, "gym", 0),
    ] {
        let (server, ..) = populated().await;
        let person = if person_of == RESIDENT { server.world.resident } else { server.world.manager };
        let door = if door == "door" { server.world.door } else { server.world.gym };
        server.write(move |tx| lose(tx, sql, person)).await;
        server.advance(SignedDuration::from_secs(61));
        server.eventually("it was swept up", async || server.held(door).await == left).await;
    }
}

#[tokio::test]
async fn r30_a_replayed_answer_shows_digits_only_while_the_code_is_in_force_and_is_recorded() {
    let server = TestServer::start().await;
    let session = server.sign_in(RESIDENT).await;
    let body = permanent(&[server.world.door]);
    let ask = async |session: &WebSession| {
        server.post("/guest-codes").web(session).header("idempotency-key", "once").json(&body).send().await
    };
    let first = ask(&session).await;
    assert_eq!(first.status, 201);
    assert!(first.json()["code"].is_string());

    let again = ask(&session).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    assert_eq!(again.json()["code"], first.json()["code"]);
    let shown = server.recorded_as("code.revealed").await;
    assert_eq!(shown.len(), 1, "showing them again is a look at them");
    assert_eq!(shown[0].subject.id, Some(text(&first.json()["id"]).parse().expect("an id")));

    // It is revoked and opens nothing: the answer is still given, without the digits.
    assert_eq!(server.revoke(&session, &first.json()).await.status, 200);
    let again = ask(&session).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    assert_eq!(again.json()["code"], json!(null));
    assert_eq!(server.recorded_as("code.revealed").await.len(), 1);
}

/// The stored answer is given only to those who may still have it.
#[tokio::test]
async fn r33_a_replayed_answer_is_authorised_again() {
    let town = Town::start().await;
    let server = &town.server;
    let ids = town.own_ids().await;
    let property = server.world.property;
    for operation in [
        "POST /guest-codes",
        "POST /guest-codes/{id}/revoke",
        "POST /properties/{id}/layout",
        "POST /properties/{id}/buildings",
        "POST /properties/{id}/units",
        "POST /properties/{id}/doors",
        "POST /properties/{id}/roster",
        "POST /properties/{id}/residents/{resident_id}/move-out",
        "DELETE /doors/{id}",
    ] {
        let manager = server.sign_in(MANAGER).await;
        let ask = async || {
            let request = probe(server, operation, &ids).expect("a request").without("idempotency-key");
            request.header("idempotency-key", &operation.replace(' ', "-")).web(&manager).send().await
        };
        let first = ask().await;
        assert!((200..300).contains(&first.status), "{operation}: {}", first.text);
        // They manage another property instead, so they are still a manager.
        let (person, foreign) = (server.world.manager, server.world.foreign_property);
        server
            .write(move |tx| {
                people::add_manager(tx, person, foreign).expect("added");
                assert!(people::remove_manager(tx, person, property).expect("removed"));
            })
            .await;
        let again = ask().await;
        assert_eq!(again.problem(), (404, "not_found".into()), "{operation}");
        server.write(move |tx| people::add_manager(tx, person, property).expect("added")).await;
    }

    // A resident's change of their own code, after they moved out and came back elsewhere.
    let app = server.mobile_sign_in(crate::fixtures_matrix::NEIGHBOUR, "2.8.0").await;
    let change = json!({"mode": "random", "length": 6});
    let ask = async || server.put("/me/code").mobile(&app).header("idempotency-key", "mine").json(&change).send().await;
    assert_eq!(ask().await.status, 200);
    let tenancy = town.neighbour.tenancy;
    server.write(move |tx| tenancies::end(tx, tenancy, 0).expect("ended")).await;
    assert_eq!(ask().await.problem(), (401, "signed_out".into()));
}

/// R31: denials are recorded, and can't flood the log.
#[tokio::test]
async fn r31_denials_are_recorded_once_a_minute_with_their_number() {
    let server = TestServer::start_working().await;
    let resident = server.sign_in(RESIDENT).await;
    let hidden = format!("/properties/{}", server.world.foreign_property);
    for _ in 0..40 {
        assert_eq!(server.get("/audit").web(&resident).send().await.problem(), (403, "forbidden".into()));
        assert_eq!(server.get(&hidden).web(&resident).send().await.status, 403);
    }
    let refused = async || server.recorded_as("access.refused").await;
    // The first of each is recorded at once. How many more were counted by then depends on who was quicker.
    server.eventually("the first were recorded", async || refused().await.len() >= 2).await;
    assert_eq!(refused().await.len(), 2);
    server.advance(SignedDuration::from_secs(61));
    server.eventually("the others were recorded", async || refused().await.len() >= 4).await;
    let events = refused().await;
    assert_eq!(events.len(), 4, "{events:?}");
    assert!(events.iter().all(|event| event.outcome == Outcome::Refused && event.code.as_deref() == Some("forbidden")));
    let audit: Vec<_> = events.iter().filter(|event| event.subject.name == "GET /api/v1/audit").collect();
    assert_eq!(audit.len(), 2);
    let numbers = audit.iter().flat_map(|event| event.detail.split(' ').filter_map(|word| word.parse::<u32>().ok()));
    let turned_away = numbers.sum::<u32>() + audit.iter().filter(|event| event.detail == "Turned away.").count() as u32;
    assert_eq!(turned_away, 40, "{audit:?}");
    assert_eq!(audit[0].actor.id, Some(server.world.resident));
    assert_eq!(audit[0].property_id, Some(server.world.property), "its managers see it");

    // What somebody may not see is a 404 like any other, and recorded too; a refusal that a deed recorded isn't
    // recorded twice.
    let manager = server.sign_in(MANAGER).await;
    assert_eq!(server.get(&hidden).web(&manager).send().await.problem(), (404, "not_found".into()));
    assert_eq!(server.issue(&manager, &permanent(&[DoorId::generate()])).await.status, 404);
    server.eventually("it was recorded", async || refused().await.len() > 4).await;
    let newest = refused().await;
    assert_eq!((newest.len(), newest[0].code.as_deref()), (5, Some("not_found")));
    assert_eq!(server.recorded_as("guest_code.refused").await.len(), 1);
}

impl Credential for As<'_> {
    fn sign(&self, request: crate::harness::Request) -> crate::harness::Request {
        As::sign(self, request)
    }
}
