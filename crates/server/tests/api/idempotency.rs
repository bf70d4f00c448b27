//! A repeated request is done once, and edits name the version they edit.

use api_types::Outcome;
use ids::GuestCodeId;
use reqwest::Method;
use serde_json::{Value, json};
use store::tenancies;
use uuid::Uuid;

use crate::fixtures_matrix::{As, Town, everything, id, keyed, operations, permanent, probe};
use crate::harness::{Answer, MANAGER, RESIDENT, TestServer, WebSession};

async fn issue(server: &TestServer, session: &WebSession, key: &str, body: &Value) -> Answer {
    server.post("/guest-codes").web(session).header("idempotency-key", key).json(body).send().await
}

/// How many guest codes there are.
async fn guest_codes(server: &TestServer) -> usize {
    everything(server.app.store()).await["guest_code"].len()
}

#[tokio::test]
async fn r19_the_same_request_again_answers_the_same_digits_and_issues_nothing() {
    let town = Town::start().await;
    let server = &town.server;
    let (session, app) = (server.sign_in(RESIDENT).await, server.mobile_sign_in(RESIDENT, "2.8.0").await);
    let body = permanent(&[town.home.door], "Grandma");
    let before = guest_codes(server).await;
    let first = issue(server, &session, "a key", &body).await;
    assert_eq!(first.problem(), (400, "idempotency_key_required".into()), "a blank is no visible character");
    let first = issue(server, &session, "a-key", &body).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, ""));
    assert_eq!(first.json()["code"].as_str().map(str::len), Some(6));

    let events = server.recorded().await.len();
    let again = issue(server, &session, "a-key", &body).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    assert!(again.text == first.text, "the same answer, digits and all");
    assert_eq!(again.header("cache-control"), "no-store");
    // The key belongs to the person, whichever channel they use.
    let in_app = server.post("/guest-codes").mobile(&app).header("idempotency-key", "a-key").json(&body).send().await;
    assert!(in_app.text == first.text);
    assert_eq!(guest_codes(server).await, before + 1);
    // Each reveal of the digits is recorded (R30), and nothing else.
    let shown = server.recorded().await;
    assert_eq!(shown.len(), events + 2);
    assert!(shown[..2].iter().all(|event| event.action.name() == "code.revealed" && event.outcome == Outcome::Done));

    let other = issue(server, &session, "a-key", &permanent(&[town.home.door], "Grandpa")).await;
    assert_eq!(other.problem(), (422, "idempotency_key_reused".into()));
    // The same JSON written differently is the same request.
    let turned: Vec<String> =
        body.as_object().expect("fields").iter().rev().map(|(k, v)| format!(" {k:?} : {v}")).collect();
    let turned = format!("{{{}}}", turned.join(" ,\n"));
    let request = server.post("/guest-codes").web(&session).header("idempotency-key", "a-key");
    let answer = request.body("application/json", turned).send().await;
    assert_eq!((answer.status, answer.header("idempotency-replayed")), (201, "true"));
    assert!(answer.text == first.text);
    let manager = server.sign_in(MANAGER).await;
    let theirs = issue(server, &manager, "a-key", &body).await;
    assert_eq!((theirs.status, theirs.header("idempotency-replayed")), (201, ""), "another person's key");
    assert_ne!(id::<GuestCodeId>(&theirs.json()), id(&first.json()));
}

#[tokio::test]
async fn five_clicks_issue_one_code() {
    let town = Town::start().await;
    let server = &town.server;
    let session = server.sign_in(RESIDENT).await;
    let body = permanent(&[town.home.door], "Grandma");
    let before = guest_codes(server).await;
    let click = || issue(server, &session, "one-key", &body);
    let (one, two, three, four, five) = tokio::join!(click(), click(), click(), click(), click());
    let answers = [one, two, three, four, five];
    for answer in &answers {
        assert_eq!(answer.status, 201);
        assert!(answer.text == answers[0].text);
    }
    let replayed = answers.iter().filter(|answer| answer.header("idempotency-replayed") == "true").count();
    assert_eq!(replayed, 4);
    assert_eq!(guest_codes(server).await, before + 1);
}

#[tokio::test]
async fn a_restart_forgets_no_key() {
    let mut town = Town::start().await;
    let session = town.server.sign_in(RESIDENT).await;
    let app = town.server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let body = permanent(&[town.home.door], "Grandma");
    let first = issue(&town.server, &session, "kept", &body).await;
    let change = json!({"mode": "random", "length": 4});
    let put = async |server: &TestServer| {
        server
            .request(Method::PUT, "/me/code")
            .mobile(&app)
            .header("idempotency-key", "code")
            .json(&change)
            .send()
            .await
    };
    let changed = put(&town.server).await;
    assert_eq!((first.status, changed.status), (201, 200), "{}", changed.text);
    let before = everything(town.server.app.store()).await;

    town.server.restart().await;
    let again = put(&town.server).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.text, changed.text);
    let other = issue(&town.server, &session, "kept", &permanent(&[town.home.door], "Grandpa")).await;
    assert_eq!(other.problem(), (422, "idempotency_key_reused".into()));
    assert_eq!(everything(town.server.app.store()).await, before);
    let again = issue(&town.server, &session, "kept", &body).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert!(again.text == first.text, "the same answer, digits and all");
}

/// Every operation that requires a key according to the contract refuses to do anything without one.
#[tokio::test]
async fn requests_that_need_a_key_say_so() {
    let town = Town::start().await;
    let server = &town.server;
    let own = town.own_ids().await;
    let (manager, app) = (server.sign_in(MANAGER).await, server.mobile_sign_in(RESIDENT, "2.8.0").await);
    let document = server.get("/openapi.json").send().await.json();
    let before = everything(server.app.store()).await;
    let mut keyed = Vec::new();
    for operation in operations(server).await {
        let (method, path) = operation.split_once(' ').expect("a method and a path");
        let description = &document["paths"][format!("/api/v1{path}")][method.to_lowercase()];
        let mut parameters = description["parameters"].as_array().into_iter().flatten();
        if !parameters.any(|parameter| parameter["name"] == "Idempotency-Key") {
            continue;
        }
        let caller = match operation.as_str() {
            "PUT /me/code" => As::App(&app),
            _ => As::Web(&manager),
        };
        for key in [None, Some(""), Some("a b"), Some("é"), Some(&*"x".repeat(129))] {
            let request = probe(server, &operation, &own).expect("a request").without("idempotency-key");
            let request = match key {
                Some(key) => request.header_bytes("idempotency-key", key.as_bytes()),
                None => request,
            };
            let answer = caller.sign(request).send().await;
            assert_eq!(answer.problem(), (400, "idempotency_key_required".into()), "{operation} {key:?}");
        }
        keyed.push(operation);
    }
    assert_eq!(
        keyed,
        [
            "DELETE /buildings/{id}",
            "DELETE /doors/{id}",
            "POST /guest-codes",
            "POST /guest-codes/{id}/revoke",
            "PUT /me/code",
            "POST /me/passkeys",
            "POST /people",
            "POST /properties",
            "POST /properties/{id}/buildings",
            "POST /properties/{id}/doors",
            "POST /properties/{id}/hubs",
            "POST /properties/{id}/layout",
            "POST /properties/{id}/residents/{resident_id}/move-out",
            "POST /properties/{id}/roster",
            "POST /properties/{id}/roster/imports/{import_id}/undo",
            "POST /properties/{id}/units",
            "DELETE /units/{id}",
        ]
    );
    assert_eq!(everything(server.app.store()).await, before);
}

#[tokio::test]
async fn revoking_and_moving_out_twice_is_done_once() {
    let town = Town::start().await;
    let server = &town.server;
    let manager = server.sign_in(MANAGER).await;
    let property = server.world.property;
    for path in [
        format!("/guest-codes/{}/revoke", town.home.guest_code),
        format!("/properties/{property}/residents/{}/move-out", town.neighbour.tenancy),
    ] {
        let key = Uuid::now_v7().to_string();
        let ask = || server.post(&path).web(&manager).header("idempotency-key", &key).send();
        let (first, again) = (ask().await, ask().await);
        assert_eq!((first.status, again.status), (200, 200), "{path}");
        assert_eq!(first.text, again.text, "{path}");
        assert_eq!(again.header("idempotency-replayed"), "true", "{path}");
        // Under another key it is already done, and the answer says so.
        assert_eq!(keyed(server.post(&path)).web(&manager).send().await.status, 200, "{path}");
        // A key that stood for one path doesn't stand for another.
        let other = server.post(&format!("/guest-codes/{}/revoke", town.manager_guest)).web(&manager);
        let other = other.header("idempotency-key", &key).send().await;
        assert_eq!(other.problem(), (422, "idempotency_key_reused".into()), "{path}");
    }
}

/// A refusal is repeated under its key, although its cause has changed since.
#[tokio::test]
async fn r13_a_refusal_is_given_again_under_its_key() {
    let mut town = Town::start().await;
    let door = town.home.door;
    let lock = town
        .server
        .query(move |db| store::doors::by_ids(db, store::Scope::Everything, &[door]).expect("read")[0].lock_id)
        .await;
    let hub = town.server.app.hubs().simulator(town.server.world.hub).expect("a hub").clone();
    hub.set_lock_online(lock, false);
    town.settle().await;
    let app = town.server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let body = json!({"mode": "random", "length": 6});
    let server = &town.server;
    let put = |key: &str| {
        server.request(Method::PUT, "/me/code").mobile(&app).header("idempotency-key", key).json(&body).send()
    };
    let refused = put("key").await;
    assert_eq!(refused.problem(), (409, "lock_offline".into()));
    assert_ne!(refused.json()["checklist"], Value::Null);
    hub.set_lock_online(lock, true);
    drop(hub);
    town.settle().await;
    let server = &town.server;
    let put = |key: &str| {
        server.request(Method::PUT, "/me/code").mobile(&app).header("idempotency-key", key).json(&body).send()
    };
    let again = put("key").await;
    assert_eq!(again.problem(), (409, "lock_offline".into()));
    assert_eq!(again.bytes(), refused.bytes());
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(put("another").await.status, 200);
}

/// Input that was never accepted leaves its key free.
#[tokio::test]
async fn bad_input_uses_up_no_key() {
    let town = Town::start().await;
    let server = &town.server;
    let session = server.sign_in(RESIDENT).await;
    let wrong = json!({"kind": "permanent", "door_ids": [town.home.door], "guest_name": "Ada", "until": "ever"});
    assert_eq!(issue(server, &session, "key", &wrong).await.problem(), (422, "unknown_field".into()));
    assert_eq!(issue(server, &session, "key", &permanent(&[town.home.door], "Ada")).await.status, 201);
}

/// R33: a repeated answer is only for those who may still see what it concerns.
#[tokio::test]
async fn r33_a_resident_who_moved_gets_no_digits_of_their_old_home_again() {
    let town = Town::start().await;
    let server = &town.server;
    let session = server.sign_in(RESIDENT).await;
    let body = permanent(&[town.home.door], "Grandma");
    assert_eq!(issue(server, &session, "key", &body).await.status, 201);
    // They move next door.
    let (world, tenancy, now) = (server.world, town.home.tenancy, server.app.now());
    server
        .write(move |tx| {
            let dates = tenancies::Dates { move_in: "2026-06-15", move_out: None, starts_at: 0, ends_at: None };
            let unit = store::doors::unit_by_name(tx, world.property, "102").expect("read");
            let new = tenancies::NewTenancy {
                property_id: world.property,
                unit_id: unit.expect("a unit"),
                unit: "102",
                person_id: world.resident,
                name: "resident",
                dates,
            };
            tenancies::end(tx, tenancy, now).expect("ended");
            tenancies::insert(tx, &new).expect("inserted");
        })
        .await;
    let session = server.sign_in(RESIDENT).await;
    assert_eq!(issue(server, &session, "key", &body).await.problem(), (404, "not_found".into()));
}

#[tokio::test]
async fn r3_an_edit_names_what_was_read() {
    let town = Town::start().await;
    let server = &town.server;
    let manager = server.sign_in(MANAGER).await;
    let path = format!("/properties/{}", server.world.property);
    let read = server.get(&path).web(&manager).send().await;
    let etag = read.header("etag").to_owned();
    assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag}");
    assert_eq!(read.json()["custom_codes_enabled"], false, "off until somebody switches it on");
    let edit = |if_match: Option<&str>, enabled: bool| {
        let request =
            server.request(Method::PATCH, &path).web(&manager).json(&json!({"custom_codes_enabled": enabled}));
        match if_match {
            Some(etag) => request.header("if-match", etag),
            None => request,
        }
        .send()
    };
    assert_eq!(edit(None, true).await.problem(), (428, "if_match_required".into()));
    for stale in ["\"0\"", "\"2\"", "*", &format!("W/{etag}"), etag.trim_matches('"')] {
        assert_eq!(edit(Some(stale), true).await.problem(), (412, "stale".into()), "{stale}");
    }
    let edited = edit(Some(&etag), true).await;
    assert_eq!((edited.status, &edited.json()["custom_codes_enabled"]), (200, &json!(true)));
    assert_eq!(edited.json()["custom_codes_changed"]["by"], "manager");
    let newer = edited.header("etag").to_owned();
    assert_ne!(newer, etag);
    assert_eq!(server.get(&path).web(&manager).send().await.header("etag"), newer);
    // Of two people who read the same version, one comes too late.
    let (one, other) = tokio::join!(edit(Some(&newer), false), edit(Some(&newer), true));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    // Existing codes are unaffected (R12).
    let codes = everything(server.app.store()).await["code"].clone();
    let etag = server.get(&path).web(&manager).send().await.header("etag").to_owned();
    assert_eq!(edit(Some(&etag), true).await.status, 200);
    assert_eq!(everything(server.app.store()).await["code"], codes);
}
