//! The audit log as support and managers read it: searched, paged, exported and verified (R31, R32).

use std::collections::HashSet;

use api_types::{Action, Actor, ActorRole, AuditEvent, Outcome, Subject, SubjectKind};
use ids::{DoorId, EventId, PersonId, PropertyId, TenancyId};
use jiff::SignedDuration;
use latchkey_server::view::time::instant;
use serde_json::{Value, json};
use store::audit::{NewEvent, system_actor, system_channel};
use store::{Millis, Tx};

use crate::fixtures_matrix::{As, Ids, Town, everything, id, keyed, probe};
use crate::harness::{MANAGER, NOON, PASSWORD, RESIDENT, SUPPORT, TestServer, WebSession};

async fn page(server: &TestServer, session: &WebSession, query: &str) -> (Vec<AuditEvent>, Option<String>) {
    let answer = server.get(&format!("/audit?{query}")).web(session).send().await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    let page: api_types::Page<AuditEvent> = serde_json::from_str(&answer.text).expect("a page");
    (page.items, page.next_cursor)
}

/// Every event of a filter, over all its pages.
async fn all(server: &TestServer, session: &WebSession, filter: &str) -> Vec<AuditEvent> {
    let (mut events, mut cursor) = page(server, session, &format!("limit=100&{filter}")).await;
    while let Some(next) = cursor {
        let (more, after) = page(server, session, &format!("limit=100&{filter}&cursor={next}")).await;
        events.extend(more);
        cursor = after;
    }
    events
}

/// What an event concerns beyond what a client sees.
struct Made {
    id: EventId,
    at: Millis,
    event: NewEvent,
}

/// Whether a filter means this event.
type Meaning<'a> = Box<dyn Fn(&Made) -> bool + 'a>;

const DETAILS: [&str; 4] = ["Maria Ångström called", "Lobby gate stuck", "José moved", "Nothing to say"];
const ACTIONS: [Action; 4] =
    [Action::CodeRevealed, Action::CodeCustomRefused, Action::GuestCodeIssued, Action::PlacementOnLock];
const OUTCOMES: [Outcome; 3] = [Outcome::Done, Outcome::Refused, Outcome::Failed];

struct Log {
    server: TestServer,
    made: Vec<Made>,
    actors: [PersonId; 2],
    residents: [TenancyId; 2],
    doors: [DoorId; 2],
    support: WebSession,
    manager: WebSession,
}

impl Log {
    /// A log of `count` events of every kind, one a second from [`NOON`] + 1 s on.
    async fn of(count: usize) -> Self {
        let server = TestServer::start().await;
        // Before the events, so that only these events are newer than noon.
        let (support, manager) = (server.sign_in(SUPPORT).await, server.sign_in(MANAGER).await);
        let actors = std::array::from_fn(|_| PersonId::generate());
        let residents = std::array::from_fn(|_| TenancyId::generate());
        let doors = std::array::from_fn(|_| DoorId::generate());
        let properties = [None, Some(server.world.property), Some(server.world.foreign_property)];
        let made = server
            .write(move |tx| {
                let mut made = Vec::new();
                for number in 0..count {
                    // Coprime numbers, so that everything is combined with everything.
                    let actor = Actor {
                        id: Some(actors[number / 2 % 2]),
                        name: "Somebody".into(),
                        role: ActorRole::Manager.into(),
                    };
                    let subject = Subject { kind: SubjectKind::Code.into(), id: None, name: "Something".into() };
                    let event = NewEvent {
                        actor,
                        property_id: properties[number % 3],
                        resident_id: (number % 5 != 0).then_some(residents[number % 2]),
                        door_id: (number % 7 != 0).then_some(doors[number / 3 % 2]),
                        outcome: OUTCOMES[number / 5 % 3],
                        detail: DETAILS[number / 4 % 4].into(),
                        ..NewEvent::done(system_actor(), system_channel(), ACTIONS[number / 7 % 4], subject)
                    };
                    let at = NOON + 1_000 * (number as Millis + 1);
                    let id = tx.record(at, event.clone()).expect("recorded");
                    made.push(Made { id, at, event });
                }
                made.reverse();
                made
            })
            .await;
        Self { server, made, actors, residents, doors, support, manager }
    }

    /// Filters as they are written and as they are meant.
    fn filters(&self) -> Vec<(String, Meaning<'_>)> {
        let property = self.server.world.property;
        let (from, to) = (NOON + 20_000, NOON + 50_000);
        let words = |made: &Made, word: &str| {
            let plain = made.event.detail.replace(['Å'], "A").replace('ö', "o").replace('é', "e").to_lowercase();
            plain.split(' ').any(|one| one.starts_with(word))
        };
        vec![
            (format!("actor={}", self.actors[0]), Box::new(|made| made.event.actor.id == Some(self.actors[0]))),
            ("action=code.revealed".into(), Box::new(|made| made.event.action.name() == "code.revealed")),
            ("action=code.".into(), Box::new(|made| made.event.action.name().starts_with("code."))),
            (format!("property={property}"), Box::new(move |made| made.event.property_id == Some(property))),
            (
                format!("resident={}", self.residents[1]),
                Box::new(|made| made.event.resident_id == Some(self.residents[1])),
            ),
            (format!("door={}", self.doors[0]), Box::new(|made| made.event.door_id == Some(self.doors[0]))),
            ("outcome=refused".into(), Box::new(|made| made.event.outcome == Outcome::Refused)),
            ("q=ang".into(), Box::new(move |made| words(made, "ang"))),
            ("q=JOSE%20Mov".into(), Box::new(move |made| words(made, "jose") && words(made, "mov"))),
            (format!("from={}", instant(from).0), Box::new(move |made| made.at >= from)),
            (format!("to={}", instant(to).0), Box::new(move |made| made.at < to)),
        ]
    }
}

#[tokio::test]
async fn r31_filters_find_what_they_say_alone_and_together() {
    let log = Log::of(130).await;
    let Log { support, .. } = &log;
    let filters = log.filters();
    let check = async |query: &str, meant: &dyn Fn(&Made) -> bool| {
        let expected: Vec<EventId> = log.made.iter().filter(|made| meant(made)).map(|made| made.id).collect();
        let mut found = all(&log.server, support, query).await;
        found.retain(|event| event.action.name() != "session.created");
        assert_eq!(found.iter().map(|event| event.id).collect::<Vec<_>>(), expected, "{query}");
        expected.len()
    };
    // The event of creating the world is found by time, too.
    let signed_in_at = |query: &str| query.starts_with("to=");
    for (at, (one, means_one)) in filters.iter().enumerate() {
        if !signed_in_at(one) {
            assert!(check(one, means_one).await > 0, "{one}");
        }
        for (other, means_other) in &filters[at + 1..] {
            // The same field twice isn't tested here.
            if one.split('=').next() != other.split('=').next() {
                check(&format!("{one}&{other}"), &|made| means_one(made) && means_other(made)).await;
            }
        }
    }
    let every = filters.iter().filter(|(query, _)| !query.starts_with("action=code.r") && *query != "q=ang");
    let query = every.clone().map(|(query, _)| query.as_str()).collect::<Vec<_>>().join("&");
    check(&query, &|made| every.clone().all(|(_, means)| means(made))).await;
    check("from=2026-06-15T12:00:21-06:00&to=2026-06-15T18:00:23Z", &|made| {
        (NOON + 21_000..NOON + 23_000).contains(&made.at)
    })
    .await;
    assert_eq!(check("from=2030-01-01T00:00:00Z", &|_| false).await, 0);
    assert_eq!(check("to=2020-01-01T00:00:00Z", &|_| false).await, 0);
    assert_eq!(check("action=code", &|_| false).await, 0);
    let twice = log.server.get("/audit?action=code.&action=guest_code.").web(support).send().await;
    assert_eq!(twice.problem(), (422, "invalid".into()));
}

#[tokio::test]
async fn r33_a_manager_finds_the_same_within_their_property() {
    let log = Log::of(60).await;
    let Log { manager, .. } = &log;
    let property = log.server.world.property;
    for (query, means) in log.filters() {
        // Every one of them contains `Somebody` and `Something`.
        let query = format!("{query}&q=some");
        let expected: Vec<EventId> = log
            .made
            .iter()
            .filter(|made| means(made) && made.event.property_id == Some(property))
            .map(|made| made.id)
            .collect();
        if query.matches("q=").count() > 1 {
            continue;
        }
        let found = all(&log.server, manager, &query).await;
        assert_eq!(found.iter().map(|event| event.id).collect::<Vec<_>>(), expected, "{query}");
    }
    for made in log.made.iter().take(6) {
        let status = if made.event.property_id == Some(property) { 200 } else { 404 };
        let answer = log.server.get(&format!("/audit/{}", made.id)).web(manager).send().await;
        assert_eq!(answer.status, status);
    }
}

#[tokio::test]
async fn r31_pages_hold_each_event_once_newest_first_while_more_are_written() {
    let log = Log::of(320).await;
    let Log { support, manager, .. } = &log;
    let property = log.server.world.property;
    for (session, filter, limit) in [(support, "", 37), (support, "q=some&", 41), (manager, "", 7)] {
        let expected = all(&log.server, session, filter).await;
        let mut turned: Vec<AuditEvent> = Vec::new();
        let mut cursor = String::new();
        loop {
            let (events, next) = page(&log.server, session, &format!("{filter}limit={limit}{cursor}")).await;
            assert!(events.len() <= limit);
            turned.extend(events);
            // Somebody does something in the meantime.
            log.server.write(move |tx| append(tx, property)).await;
            match next {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(turned, expected, "{filter}");
        let once: HashSet<EventId> = turned.iter().map(|event| event.id).collect();
        assert_eq!(once.len(), turned.len());
        assert!(turned.windows(2).all(|pair| pair[0].at >= pair[1].at));
    }
}

fn append(tx: &Tx, property: PropertyId) {
    let subject = Subject { kind: SubjectKind::Code.into(), id: None, name: "Something".into() };
    let event = NewEvent::done(system_actor(), system_channel(), Action::CodeRevealed, subject);
    tx.record(NOON, NewEvent { property_id: Some(property), ..event }).expect("recorded");
}

#[tokio::test]
async fn a_page_has_one_to_two_hundred_events_and_fifty_unless_asked() {
    let log = Log::of(210).await;
    let Log { support, .. } = &log;
    for (query, count) in [("", 50), ("limit=1", 1), ("limit=200", 200)] {
        assert_eq!(page(&log.server, support, query).await.0.len(), count, "{query}");
    }
    for limit in ["0", "201", "-1", "many", "", "1.5", "99999999999"] {
        let answer = log.server.get(&format!("/audit?limit={limit}")).web(support).send().await;
        assert_eq!(answer.problem(), (422, "invalid".into()), "{limit}");
        assert_eq!(answer.json()["errors"][0]["field"], "limit");
    }
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let town = Town::start().await;
    let server = &town.server;
    let (support, manager) = (server.sign_in(SUPPORT).await, server.sign_in(MANAGER).await);
    let residents = format!("/properties/{}/residents?limit=1", server.world.property);
    let mut cursors = Vec::new();
    for (session, path) in [(&support, "/audit?limit=1"), (&manager, &residents), (&manager, "/guest-codes?limit=1")] {
        let next = server.get(path).web(session).send().await.json()["next_cursor"].clone();
        cursors.push((session, path.replace("limit=1", ""), next.as_str().expect("more than one").to_owned()));
    }
    for (session, path, own) in &cursors {
        let others = cursors.iter().map(|(_, _, cursor)| cursor.as_str()).filter(|cursor| cursor != own);
        for cursor in others.chain(["", "x", "0", "00", "zz", &own[2..], &own[..own.len() - 2], &format!("{own}00")]) {
            let separator = if path.ends_with('?') { "" } else { "&" };
            let answer = server.get(&format!("{path}{separator}cursor={cursor}")).web(session).send().await;
            // A truncated cursor may still be valid, for another place.
            if answer.status != 200 || cursor.len() + 2 != own.len() {
                assert_eq!(answer.problem(), (400, "bad_cursor".into()), "{path} {cursor}");
            }
        }
    }
    // A cursor of the same list in another order.
    let (session, path, own) = &cursors[1];
    let answer = server.get(&format!("{path}sort=-name&cursor={own}")).web(session).send().await;
    assert_eq!(answer.problem(), (400, "bad_cursor".into()));
}

#[tokio::test]
async fn filters_that_can_not_be_read_are_named() {
    let server = TestServer::start().await;
    let support = server.sign_in(SUPPORT).await;
    for (query, field) in [
        ("actor=me", "actor"),
        ("property=1", "property"),
        ("resident=", "resident"),
        ("door=lobby", "door"),
        ("outcome=maybe", "outcome"),
        ("from=yesterday", "from"),
        ("to=2026-06-15", "to"),
        ("from=2026-06-15T18:00:00", "from"),
    ] {
        for path in ["/audit?", "/audit/export?format=csv&"] {
            let answer = server.get(&format!("{path}{query}")).web(&support).send().await;
            assert_eq!(answer.problem(), (422, "invalid".into()), "{path}{query}");
            assert_eq!(answer.json()["errors"][0]["field"], field, "{path}{query}");
        }
    }
    for query in ["", "?format=", "?format=xlsx"] {
        let answer = server.get(&format!("/audit/export{query}")).web(&support).send().await;
        assert_eq!(answer.problem(), (422, "invalid".into()), "{query}");
    }
}

async fn verify(server: &TestServer, session: &WebSession) -> api_types::AuditVerification {
    let answer = server.get("/audit/verify").web(session).send().await;
    assert_eq!(answer.status, 200);
    serde_json::from_str(&answer.text).expect("a verification")
}

#[tokio::test]
async fn r31_tampering_is_found_where_it_was_done() {
    let town = Town::start().await;
    let server = &town.server;
    let support = server.sign_in(SUPPORT).await;
    let whole = verify(server, &support).await;
    assert!(whole.intact && whole.first_broken.is_none());
    let events = all(server, &support, "").await;
    assert_eq!((whole.events, &whole.head), (events.len() as u64, &events[0].hash));

    let oldest_first: Vec<EventId> = events.iter().rev().map(|event| event.id).collect();
    // Somebody with access to the file: the triggers stop nobody who can drop them.
    server
        .write(|tx| {
            for sql in ["DROP TRIGGER audit_is_append_only_update", "UPDATE audit SET detail = 'Nothing' WHERE seq = 5"]
            {
                tx.execute(sql, []).expect("done");
            }
        })
        .await;
    let broken = verify(server, &support).await;
    assert!(!broken.intact);
    assert_eq!((broken.events, broken.first_broken), (4, Some(oldest_first[4])));
    // Nothing done afterwards repairs it.
    server.sign_in(MANAGER).await;
    assert_eq!(verify(server, &support).await.first_broken, broken.first_broken);
}

#[tokio::test]
async fn r31_only_support_verifies() {
    let server = TestServer::start().await;
    for email in [MANAGER, RESIDENT] {
        let session = server.sign_in(email).await;
        assert_eq!(server.get("/audit/verify").web(&session).send().await.problem(), (403, "forbidden".into()));
    }
    let resident = server.sign_in(RESIDENT).await;
    for path in ["/audit", "/audit/export?format=csv"] {
        assert_eq!(server.get(path).web(&resident).send().await.problem(), (403, "forbidden".into()), "{path}");
    }
}

#[tokio::test]
async fn r31_a_clock_that_jumps_back_leaves_the_order() {
    let server = TestServer::start().await;
    let support = server.sign_in(SUPPORT).await;
    server.signing_in(MANAGER, "wrong").send().await;
    server.advance(SignedDuration::from_hours(-3));
    server.signing_in(RESIDENT, "wrong").send().await;
    // Last used in what is now the future, the session is over: nobody knows how long ago that was.
    assert_eq!(server.get("/session").web(&support).send().await.status, 401);
    let support = server.sign_in(SUPPORT).await;
    let events = all(&server, &support, "").await;
    let actions: Vec<&str> = events.iter().map(|event| event.subject.name.as_str()).take(4).collect();
    assert_eq!(actions, ["support", "resident", "manager", "support"]);
    assert!(events.iter().all(|event| event.at.as_str() == "2026-06-15T18:00:00Z"));
    // Searching by time works, too.
    assert_eq!(all(&server, &support, "from=2026-06-15T18:00:00Z").await, events);
    assert_eq!(all(&server, &support, "to=2026-06-15T18:00:00Z").await, []);
    assert!(verify(&server, &support).await.intact);
}

/// R31: an action that can't be recorded doesn't happen, whatever it is and whoever does it.
#[tokio::test]
async fn r31_what_can_not_be_recorded_does_not_happen() {
    let town = Town::start().await;
    let server = &town.server;
    let own = town.own_ids().await;
    let (resident, app) = (server.sign_in(RESIDENT).await, server.mobile_sign_in(RESIDENT, "2.8.0").await);
    let (manager, support) = (server.sign_in(MANAGER).await, server.sign_in(SUPPORT).await);
    server
        .write(|tx| {
            let sql = "CREATE TRIGGER the_disk_is_full BEFORE INSERT ON audit \
                 BEGIN SELECT RAISE (ABORT, 'the disk is full'); END";
            tx.execute(sql, []).expect("a trigger");
        })
        .await;
    let before = everything(server.app.store()).await;
    let deeds = [
        ("PATCH /properties/{id}", As::Web(&manager)),
        ("POST /properties/{id}/roster", As::Web(&manager)),
        ("POST /properties/{id}/residents/{resident_id}/move-out", As::Web(&manager)),
        ("POST /guest-codes", As::Web(&manager)),
        ("POST /guest-codes", As::Web(&resident)),
        ("POST /guest-codes", As::App(&app)),
        ("POST /guest-codes/{id}/revoke", As::Web(&manager)),
        ("POST /guest-codes/{id}/revoke", As::App(&app)),
        ("POST /codes/{id}/reveal", As::Web(&manager)),
        ("POST /codes/{id}/reveal", As::Web(&resident)),
        ("PUT /me/code", As::App(&app)),
        // A refusal that can't be recorded isn't returned either.
        ("PUT /me/code", As::Web(&resident)),
        ("DELETE /session", As::Web(&support)),
        ("POST /session", As::Nobody),
        ("POST /mobile/token", As::Nobody),
    ];
    for (operation, caller) in &deeds {
        let request = probe(server, operation, &own).expect("a request");
        let answer = caller.sign(request).send().await;
        assert_eq!(answer.problem(), (503, "storage_unavailable".into()), "{operation}");
        assert_eq!(answer.header("set-cookie"), "", "{operation}");
    }
    let refused = server.post(&format!("/codes/{}/reveal", own.code)).web(&manager).json(&json!({})).send().await;
    assert_eq!(refused.problem(), (503, "storage_unavailable".into()));
    assert_eq!(everything(server.app.store()).await, before);
    // The person who couldn't sign out is still signed in; nobody else was.
    assert_eq!(server.get("/session").web(&support).send().await.status, 200);
    assert!(verify(server, &support).await.intact);

    server.write(|tx| tx.execute("DROP TRIGGER the_disk_is_full", []).expect("dropped")).await;
    let request = probe(server, "POST /guest-codes", &own).expect("a request");
    assert_eq!(request.web(&manager).send().await.status, 201);
}

/// R31: what a rule refused is recorded as a refusal, with its stable code.
#[tokio::test]
async fn r31_refusals_are_recorded() {
    let town = Town::start().await;
    let server = &town.server;
    let own = town.own_ids().await;
    let property = own.property;
    let (resident, manager) = (server.sign_in(RESIDENT).await, server.sign_in(MANAGER).await);
    let app = server.mobile_sign_in(RESIDENT, "2.7.9").await;
    let guest = |body: Value| keyed(server.post("/guest-codes")).web(&resident).json(&body);
    let custom =
        || keyed(server.request(reqwest::Method::PUT, "/me/code")).json(&json!({"mode": "custom", "code": "1928"}));
    let door = own.door;
    let cases = [
        (server.signing_in(MANAGER, "wrong"), 401, "session.refused", "wrong_credentials"),
        (
            server
                .post("/mobile/token")
                .json(&json!({"email": MANAGER, "password": PASSWORD, "platform": "ios", "app_version": "2.8.0"})),
            403,
            "mobile_token.refused",
            "not_a_resident",
        ),
        (custom().web(&resident), 403, "code.custom.refused", "not_on_web"),
        (custom().mobile(&app), 403, "code.custom.refused", "app_too_old"),
        (
            guest(json!({"kind": "permanent", "door_ids": [door], "guest_name": "Ada", "pin": "none"})),
            422,
            "guest_code.refused",
            "guest_codes_are_random",
        ),
        (
            guest(json!({"kind": "delivery", "door_ids": [door], "guest_name": "Ada"})),
            422,
            "guest_code.refused",
            "delivery_not_for_this_door",
        ),
        (
            guest(json!({"kind": "temporary", "door_ids": [door], "guest_name": "Ada"})),
            422,
            "guest_code.refused",
            "invalid",
        ),
        (
            server.post(&format!("/codes/{}/reveal", own.code)).web(&manager).json(&json!({})),
            422,
            "code.revealed",
            "reason_required",
        ),
        (
            server
                .request(reqwest::Method::PATCH, &format!("/properties/{property}"))
                .web(&manager)
                .header("if-match", "\"7\"")
                .json(&json!({"custom_codes_enabled": true})),
            412,
            "property.custom_codes.enabled",
            "stale",
        ),
        (
            keyed(server.post(&format!("/properties/{property}/roster"))).web(&manager).body("text/csv", "name"),
            422,
            "roster.imported",
            "roster_not_readable",
        ),
    ];
    for (request, status, action, code) in cases {
        let answer = request.send().await;
        assert_eq!(answer.problem(), (status, code.into()), "{action}: {}", answer.text);
        let event = &server.recorded().await[0];
        assert_eq!((event.action.name(), event.outcome), (action, Outcome::Refused), "{code}");
        assert_eq!(event.code.as_deref(), Some(code));
    }
    // A resident's refusals are visible to their managers.
    let found = page(server, &manager, "action=guest_code.refused").await.0;
    assert_eq!(found.len(), 3);
    // Support, who may issue nothing, isn't mistaken for somebody who may.
    let support = server.sign_in(SUPPORT).await;
    let request = keyed(server.post("/guest-codes")).web(&support).json(&json!({"pin": "none"}));
    assert_eq!(request.send().await.problem(), (403, "forbidden".into()));
}

/// Cells that a spreadsheet would take for formulas, and cells that need quotes.
const CELLS: [&str; 10] = [
    "=HYPERLINK(\"http://example.com\")",
    "+1",
    "-2",
    "@SUM(A1)",
    "\tTab",
    "\rReturn",
    "plain",
    "comma, \"quotes\" and\r\ntwo lines",
    "Zoë 李小龍",
    "",
];

#[tokio::test]
async fn r31_r32_exports_hold_every_event_and_no_formula() {
    let server = TestServer::start().await;
    let (support, manager) = (server.sign_in(SUPPORT).await, server.sign_in(MANAGER).await);
    let property = server.world.property;
    server
        .write(move |tx| {
            for number in 0..450 {
                let cell = CELLS[number % CELLS.len()];
                let actor = Actor { id: None, name: cell.into(), role: ActorRole::Resident.into() };
                let subject = Subject { kind: SubjectKind::Code.into(), id: None, name: cell.into() };
                let event = NewEvent::done(actor, system_channel(), Action::CodeRevealed, subject);
                let property_id = number.is_multiple_of(2).then_some(property);
                tx.record(NOON, NewEvent { property_id, detail: cell.into(), ..event }).expect("recorded");
            }
        })
        .await;
    for (session, filter) in
        [(&support, ""), (&manager, ""), (&support, "action=code."), (&manager, "q=plain"), (&support, "q=nowhere")]
    {
        let expected = all(&server, session, filter).await;
        let ndjson = server.get(&format!("/audit/export?format=ndjson&{filter}")).web(session).send().await;
        assert_eq!(ndjson.header("content-type"), "application/x-ndjson");
        assert_eq!(ndjson.header("content-disposition"), "attachment; filename=\"audit.ndjson\"");
        assert_eq!(ndjson.header("cache-control"), "no-store");
        let lines: Vec<AuditEvent> =
            ndjson.text.lines().map(|line| serde_json::from_str(line).expect("an event")).collect();
        assert_eq!(lines, expected, "{filter}");

        let csv = server.get(&format!("/audit/export?format=csv&{filter}")).web(session).send().await;
        assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(csv.header("content-disposition"), "attachment; filename=\"audit.csv\"");
        // RFC 4180: every line ends with CRLF, and there is no bare line feed.
        assert!(csv.text.ends_with("\r\n"));
        assert_eq!(csv.text.matches('\n').count(), csv.text.matches("\r\n").count());
        let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(csv.text.as_bytes());
        let headers = reader.headers().expect("a header").clone();
        let column = |name: &str| headers.iter().position(|header| header == name).expect("a column");
        let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
        assert_eq!(rows.len(), expected.len(), "{filter}");
        for (row, event) in rows.iter().zip(&expected) {
            assert_eq!(row[column("id")], event.id.to_string());
            assert_eq!(row[column("hash")], event.hash);
            for (name, text) in
                [("actor", &event.actor.name), ("subject", &event.subject.name), ("detail", &event.detail)]
            {
                let cell = &row[column(name)];
                let first = text.chars().next();
                let formula = first.is_some_and(|first| "=+-@\t\r\0".contains(first));
                assert_eq!(*cell, if formula { format!("'{text}") } else { text.clone() });
            }
            assert!(!row.iter().any(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\0'])));
        }
    }
}

/// Who revealed a code is shown to its owner as recorded (R30).
#[tokio::test]
async fn r30_r31_every_reveal_is_recorded() {
    let town = Town::start().await;
    let server = &town.server;
    let (resident, manager) = (server.sign_in(RESIDENT).await, server.sign_in(MANAGER).await);
    let path = format!("/codes/{}/reveal", town.home.code);
    for (session, body) in [(&resident, json!({})), (&manager, json!({"reason": "Locked out"}))] {
        let answer = server.post(&path).web(session).json(&body).send().await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let seen = server.get(&format!("/codes/{}/reveals", town.home.code)).web(&resident).send().await.json();
    let roles: Vec<_> = seen["items"].as_array().expect("items").iter().map(|look| look["role"].clone()).collect();
    assert_eq!(roles, [json!("manager"), json!("resident")]);
    let events = page(server, &manager, "action=code.revealed").await.0;
    assert_eq!(events.len(), 2);
    assert!(events.iter().all(|event| event.subject.id == Some(town.home.code.uuid())));
    // An event is the same at its own address.
    let shown = server.get(&format!("/audit/{}", events[0].id)).web(&manager).send().await.json();
    assert_eq!((id(&shown), &shown["detail"]), (events[0].id, &json!("Locked out")));
    let nothing = Ids::of_nothing();
    let answer = server.get(&format!("/audit/{}", nothing.event)).web(&manager).send().await;
    assert_eq!(answer.problem(), (404, "not_found".into()));
}

/// What a sentence says is there as data too, so that it can be said in another language.
#[tokio::test]
async fn r31_an_event_says_whose_it_is_and_what_as_data() {
    let server = TestServer::start_working().await;
    let (manager, resident) = (server.sign_in(MANAGER).await, server.mobile_sign_in(RESIDENT, "2.8.0").await);
    let issued = server.issued(&resident, &crate::fixtures::permanent(&[server.world.door])).await;
    server.settled().await;
    assert_eq!(server.reveal(&manager, &issued, Some("Lost it")).await.status, 200);
    let facts = async |action| {
        let event = server.recorded_as(action).await.pop().expect("recorded");
        serde_json::to_value(event.facts.expect("facts")).expect("JSON")
    };
    let issue = facts("guest_code.issued").await;
    assert_eq!((&issue["said"], &issue["unit"]), (&json!("guest_code"), &json!("101")));
    let length = issued["length"].to_string();
    assert_eq!((&issue["person"], &issue["values"]), (&issued["guest_name"], &json!(["permanent", length, "101"])));
    let placed = facts("placement.on_lock").await;
    assert_eq!((&placed["said"], &placed["values"]), (&json!("read_back"), &json!(["101"])));
    assert_eq!(facts("code.revealed").await["said"], "reason");
}

/// The events of a request, and what happens on the locks because of it, can be told to belong together.
#[tokio::test]
async fn r31_what_belongs_together_has_one_cause() {
    let server = TestServer::start_working().await;
    let resident = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let mut causes = HashSet::new();
    for _ in ["one code", "another code"] {
        let issued = server.issued(&resident, &crate::fixtures::permanent(&[server.world.door])).await;
        server.settled().await;
        assert_eq!(server.revoke(&resident, &issued).await.status, 200);
        server.settled().await;
        let all = server.recorded().await;
        let cause = |action: &str| {
            let of_code = |event: &&AuditEvent| event.subject.id.map(|id| json!(id)) == Some(issued["id"].clone());
            let event = all.iter().filter(of_code).find(|event| event.action.name() == action);
            event.unwrap_or_else(|| panic!("{action} wasn't recorded")).cause.expect("a cause")
        };
        assert_eq!(cause("guest_code.issued"), cause("placement.on_lock"));
        assert_eq!(cause("guest_code.revoked"), cause("placement.removed"));
        causes.extend([cause("guest_code.issued"), cause("guest_code.revoked")]);
    }
    assert_eq!(causes.len(), 4, "what doesn't belong together has other causes");
}

#[tokio::test]
async fn what_belongs_together_is_one_entry_of_the_grouped_log() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let (gate, gym) = (server.world.gate, server.world.gym);
    server.reach_lock(gym, false).await;
    let newest = page(&server, &manager, "limit=1").await.0.remove(0).id;
    let issued = server.issued(&manager, &crate::fixtures::permanent(&[gate, gym])).await;
    server.settled().await;
    assert_eq!(server.revoke(&manager, &issued).await.status, 200);
    server.settled().await;
    let since = |events: Vec<AuditEvent>| events.into_iter().take_while(|event| event.id != newest).collect::<Vec<_>>();
    let flat = since(all(&server, &manager, "").await);
    let grouped = since(all(&server, &manager, "grouped=true").await);
    let names = |events: &[AuditEvent]| events.iter().map(|event| event.action.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&grouped), ["guest_code.revoked", "guest_code.issued"]);
    let parts: u32 = grouped.iter().filter_map(|event| event.parts.as_ref()).map(|parts| parts.count).sum();
    assert_eq!(parts as usize + grouped.len(), flat.len(), "nothing is lost: {:?}", names(&flat));
    assert!(flat.iter().all(|event| event.parts.is_none()));

    // Page by page it is the same, and each entry has its parts, the oldest first.
    let (first, next) = page(&server, &manager, "grouped=true&limit=1").await;
    assert_eq!(first, grouped[..1]);
    let (second, _) = page(&server, &manager, &format!("grouped=true&limit=1&cursor={}", next.expect("more"))).await;
    assert_eq!(second, grouped[1..]);
    for entry in &grouped {
        let path = format!("/audit/{}/parts", entry.id);
        let listed = server.read(&manager, &path).await;
        let listed: Vec<AuditEvent> = serde_json::from_value(listed["items"].clone()).expect("events");
        let mut expected: Vec<_> = flat.iter().filter(|it| it.cause == entry.cause && it.id != entry.id).collect();
        expected.reverse();
        assert_eq!(listed.iter().collect::<Vec<_>>(), expected);
        assert_eq!(listed.len(), entry.parts.as_ref().map_or(0, |parts| parts.count as usize));
        let (mut by_page, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = server.read(&manager, &format!("{path}?limit=1{cursor}")).await;
            by_page.extend(page["items"].as_array().expect("items").clone());
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(by_page.len(), listed.len());
    }
}

/// Who sees a part and not what it came of sees it by itself (R33).
#[tokio::test]
async fn r33_a_part_at_another_property_is_an_entry_of_its_own() {
    let town = Town::start().await;
    let server = &town.server;
    let (here, there) = (server.world.property, server.world.foreign_property);
    let event = |property: Option<PropertyId>, action| {
        let subject =
            Subject { kind: SubjectKind::Property.into(), id: property.map(PropertyId::uuid), name: "A".into() };
        let mut event = NewEvent::done(system_actor(), system_channel(), action, subject);
        event.property_id = property;
        event
    };
    server
        .write(move |tx| {
            for (property, action) in [
                (None, Action::PersonDisabled),
                (Some(here), Action::GuestCodeRevoked),
                (Some(there), Action::GuestCodeRevoked),
                (Some(here), Action::PlacementRemoved),
            ] {
                tx.record(NOON, event(property, action)).expect("recorded");
            }
        })
        .await;
    let (support, manager) = (server.sign_in(SUPPORT).await, server.sign_in(MANAGER).await);
    for (session, expected) in [(&support, vec![0, 1, 0]), (&manager, vec![1])] {
        let (events, _) = page(server, session, "grouped=true&limit=50").await;
        let events: Vec<_> = events.iter().filter(|event| event.subject.name == "A").collect();
        let parts: Vec<_> = events.iter().map(|event| event.parts.as_ref().map_or(0, |it| it.count)).collect();
        assert_eq!(parts, expected, "{events:?}");
    }
}

/// A log of an older program is grouped too, as soon as this one has opened it.
#[tokio::test]
async fn a_log_that_was_indexed_before_there_were_groups_is_grouped_once_it_is_opened() {
    let mut server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    server.issued(&manager, &crate::fixtures::permanent(&[server.world.gate])).await;
    server.settled().await;
    let grouped = all(&server, &manager, "grouped=true").await;
    assert!(grouped.iter().any(|event| event.parts.is_some()));
    server.stop_workers().await;
    server.write(|tx| tx.execute("DELETE FROM audit_index WHERE term = x'67'", []).expect("forgotten")).await;
    let flat = all(&server, &manager, "grouped=true").await;
    assert!(flat.len() > grouped.len());
    server.restart().await;
    assert_eq!(all(&server, &manager, "grouped=true").await, grouped);
}
