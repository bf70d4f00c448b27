//! Reading never waits for writing.

use std::time::Duration;

use jiff::SignedDuration;
use store::Millis;
use tokio::time::timeout;

use crate::fixtures_matrix::{ADMINISTRATOR, As, Ids, Town, keyed, operations, probe};
use crate::harness::{MANAGER, RESIDENT, SUPPORT, TestServer};

/// Nothing takes this long: whoever has no answer by then is waiting for something.
const FOR_EVER: Duration = Duration::from_secs(100);

/// How many sessions and tokens are noted as last used at that time.
async fn used_at(server: &TestServer, at: Millis) -> i64 {
    let sql = "SELECT count(*) FROM session WHERE last_seen_at = ?";
    server.query(move |db| db.query_row(sql, [at], |row| row.get(0)).expect("a number")).await
}

#[tokio::test]
async fn readers_are_answered_while_something_is_being_written() {
    let town = Town::start().await;
    let server = &town.server;
    let (manager, support) = (server.sign_in(MANAGER).await, server.sign_in(SUPPORT).await);
    let (resident, app) = (server.sign_in(RESIDENT).await, server.mobile_sign_in(RESIDENT, "2.8.0").await);
    let ids: Ids = town.own_ids().await;
    // There is more to read about somebody who has moved out.
    let path = format!("/properties/{}/residents/{}/move-out", ids.property, town.roommate.tenancy);
    assert_eq!(keyed(server.post(&path)).web(&manager).send().await.status, 200);
    let moved_out = Ids { resident: town.roommate.tenancy, ..ids };

    let administrator = server.sign_in(ADMINISTRATOR).await;
    let callers =
        [As::Web(&manager), As::Web(&resident), As::App(&app), As::Web(&support), As::Web(&administrator), As::Nobody];
    let reads: Vec<String> = operations(server).await.into_iter().filter(|read| read.starts_with("GET ")).collect();
    let answers = async |expected: &[u16]| {
        let mut answers = Vec::new();
        for read in &reads {
            let ids = if read.ends_with("/move-out") { &moved_out } else { &ids };
            for caller in &callers {
                let request = probe(server, read, ids).expect("a request");
                let answer = timeout(FOR_EVER, caller.sign(request).send()).await;
                let answer = answer.unwrap_or_else(|_| panic!("{read} waits"));
                if let Some(expected) = expected.get(answers.len()) {
                    assert_eq!(answer.status, *expected, "{read}: {}", answer.text);
                }
                answers.push(answer.status);
            }
        }
        answers
    };
    let before = answers(&[]).await;
    for (read, answers) in reads.iter().zip(before.chunks(callers.len())) {
        assert!(answers.contains(&200), "{read} is for nobody");
    }

    // That the sessions and the token are in use is to be noted again.
    server.advance(SignedDuration::from_mins(10));
    let held = server.hold(|_| ()).await;
    answers(&before).await;
    for path in ["//readyz", "//healthz", "/openapi.json"] {
        let answer = timeout(FOR_EVER, server.get(path).send()).await.unwrap_or_else(|_| panic!("{path} waits"));
        assert_eq!(answer.status, 200, "{path}");
    }
    for path in ["/readyz?detail", "/metrics"] {
        let answer = timeout(FOR_EVER, server.get_as_operator(path).send()).await;
        assert_eq!(answer.unwrap_or_else(|_| panic!("{path} waits")).status, 200, "{path}");
    }
    // A preview stores nothing either.
    let preview = probe(server, "POST /guest-codes/preview", &ids).expect("a request").web(&manager).send();
    assert_eq!(timeout(FOR_EVER, preview).await.expect("no waiting").status, 200);
    assert!(server.app.store().waiting() > 0, "the uses wait to be noted");

    let now = server.app.now();
    assert_eq!(used_at(server, now).await, 0);
    held.release().await;
    server.written().await;
    assert_eq!(used_at(server, now).await, 5, "it is noted when there is time for it");
}
