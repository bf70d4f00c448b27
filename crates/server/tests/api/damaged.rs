//! Records that hold something impossible: each is set aside and reported to support, and everything else carries on.

use std::str::FromStr;

use ids::{CodeId, GuestCodeId, TenancyId};
use jiff::SignedDuration;
use rstest::rstest;
use rusqlite::Params;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::fixtures::{permanent, placement, status, temporary, text};
use crate::fixtures_matrix::id;
use crate::harness::{MANAGER, RESIDENT, SUPPORT, TestServer, WebSession};

/// Changes rows as only a defect or manual editing would. Returns how many there were.
async fn damage(server: &TestServer, sql: &'static str, values: impl Params + Send + 'static) {
    let changed = server
        .write(move |tx| {
            tx.pragma_update(None, "ignore_check_constraints", true).expect("set");
            let changed = tx.execute(sql, values).expect("damaged");
            tx.pragma_update(None, "ignore_check_constraints", false).expect("set");
            changed
        })
        .await;
    assert_eq!(changed, 1, "{sql}");
}

/// Flips every bit of the sealed digits, or flips them back.
const SEALED: &str = "UPDATE code SET sealed = ?2 WHERE id = ?1";

async fn sealed(server: &TestServer, code: CodeId) -> Vec<u8> {
    let sql = "SELECT sealed FROM code WHERE id = ?";
    server.query(move |db| db.query_row(sql, [code], |row| row.get(0)).expect("a code")).await
}

/// Damages a code's sealed digits. Returns the original ones.
async fn break_seal(server: &TestServer, code: &Value) -> Vec<u8> {
    let intact = sealed(server, id::<CodeId>(code)).await;
    let broken: Vec<u8> = intact.iter().map(|byte| !byte).collect();
    damage(server, SEALED, (id::<CodeId>(code), broken)).await;
    intact
}

/// The damaged records that support is shown, each with its kind.
async fn reported(server: &TestServer) -> Vec<(String, Uuid)> {
    let support = server.sign_in(SUPPORT).await;
    let damaged = server.read(&support, "/troubleshoot/damaged").await;
    let items = damaged["items"].as_array().expect("items").iter();
    items.map(|item| (text(&item["kind"]).to_owned(), id(item))).collect()
}

/// The ids of a list, read in pages of one.
async fn listed<Id: FromStr>(server: &TestServer, session: &WebSession, path: &str) -> Vec<Id> {
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = server.read(session, &format!("{path}{cursor}")).await;
        ids.extend(page["items"].as_array().expect("items").iter().map(id));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

#[rstest]
#[case::its_days("UPDATE guest_code SET kind = 'recurring', recurrence = '{' WHERE id = ?")]
#[case::no_days("UPDATE guest_code SET kind = 'recurring', recurrence = NULL WHERE id = ?")]
#[case::its_start("UPDATE guest_code SET starts_at = 9223372036854775807 WHERE id = ?")]
#[case::its_end("UPDATE guest_code SET ends_at = starts_at - 1 WHERE id = ?")]
#[case::its_kind("UPDATE guest_code SET kind = 'yearly' WHERE id = ?")]
#[case::its_length("UPDATE code SET length = 15 WHERE id = ?")]
#[tokio::test]
async fn r24_a_guest_code_whose_times_can_not_be_read_stops_nobody_else_s_and_is_taken_off_its_lock(
    #[case] sql: &'static str,
) {
    let server = TestServer::start_working().await;
    let (resident, manager) = (server.resident().await, server.sign_in(MANAGER).await);
    let (door, gym) = (server.world.door, server.world.gym);
    // The damaged one is due before all others.
    let broken = server.issued(&manager, &temporary(&[gym], "2026-06-15T18:00:00Z", "2026-06-15T18:05:00Z")).await;
    let closes = server.issued(&resident, &temporary(&[door], "2026-06-15T18:00:00Z", "2026-06-15T18:10:00Z")).await;
    let opens = server.issued(&manager, &temporary(&[gym], "2026-06-15T18:10:00Z", "2026-06-15T18:20:00Z")).await;
    server.settled().await;
    assert!(server.holds(gym, text(&broken["code"])).await);
    damage(&server, sql, [id::<GuestCodeId>(&broken)]).await;

    server.advance(SignedDuration::from_mins(10));
    server.settled().await;
    assert!(!server.holds(gym, text(&broken["code"])).await, "nobody knows when it may open");
    let closed = server.guest_code(&resident, &closes).await;
    assert_eq!((text(&closed["state"]), status(&closed, door)), ("expired", "removed"));
    assert_eq!(status(&server.guest_code(&manager, &opens).await, gym), "working");
    server.advance(SignedDuration::from_mins(10));
    server.settled().await;
    let closed = server.guest_code(&manager, &opens).await;
    assert_eq!((text(&closed["state"]), status(&closed, gym)), ("expired", "removed"));

    assert_eq!(reported(&server).await, [("guest_code".to_owned(), id(&broken))]);
    let event = server.recorded_as("record.set_aside").await;
    assert_eq!(event.len(), 1, "said once");
    assert_eq!((event[0].subject.id, event[0].outcome), (Some(id(&broken)), api_types::Outcome::Failed));
    assert_eq!(event[0].code.as_deref(), Some("record_unreadable"));
    for email in [MANAGER, RESIDENT] {
        let session = server.sign_in(email).await;
        let answer = server.get("/troubleshoot/damaged").web(&session).send().await;
        assert_eq!(answer.problem(), (403, "forbidden".into()), "{email}");
    }
    // Its manager isn't shown the impossible record, but everything else.
    let manager = server.sign_in(MANAGER).await;
    assert_eq!(
        listed::<GuestCodeId>(&server, &manager, "/guest-codes?limit=1").await,
        [id::<GuestCodeId>(&opens), id(&closes)]
    );
    let answer = server.get(&format!("/guest-codes/{}", id::<GuestCodeId>(&broken))).web(&manager).send().await;
    assert_eq!(answer.problem(), (500, "record_unreadable".into()));
}

/// However often it is checked again, and by whichever server.
#[tokio::test]
async fn a_damaged_record_is_reported_once() {
    let mut server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let gym = server.world.gym;
    let broken = server.issued(&manager, &temporary(&[gym], "2026-06-15T18:00:00Z", "2026-06-15T18:05:00Z")).await;
    server.settled().await;
    damage(
        &server,
        "UPDATE guest_code SET kind = 'recurring', recurrence = '{' WHERE id = ?",
        [id::<GuestCodeId>(&broken)],
    )
    .await;
    for _ in 0..3 {
        server.advance(SignedDuration::from_hours(2));
        server.stop_workers().await;
        server.restart().await;
        server.start_workers();
        server.eventually("it is told", async || !reported(&server).await.is_empty()).await;
        server.settled().await;
    }
    assert_eq!(reported(&server).await, [("guest_code".to_owned(), id(&broken))]);
    assert_eq!(server.recorded_as("record.set_aside").await.len(), 1);
    assert_eq!(server.held(gym).await, 0);
}

#[tokio::test]
async fn a_code_that_does_not_open_fails_alone_and_the_hub_goes_on() {
    let mut server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let (door, gate, gym) = (server.world.door, server.world.gate, server.world.gym);
    let on_lock = server.issued(&manager, &permanent(&[gate])).await;
    server.settled().await;
    server.stop_workers().await;
    let broken = server.issued(&manager, &permanent(&[gym])).await;
    let others = [gym, gate, door].map(|door| permanent(&[door]));
    let mut intact = Vec::new();
    for request in &others {
        intact.push(server.issued(&manager, request).await);
    }
    for code in [&broken, &on_lock] {
        break_seal(&server, code).await;
    }

    server.restart().await;
    server.start_workers();
    server.settled().await;
    for (code, door) in intact.iter().zip([gym, gate, door]) {
        assert_eq!(status(&server.guest_code(&manager, code).await, door), "working");
        assert!(server.holds(door, text(&code["code"])).await);
    }
    let code = server.guest_code(&manager, &broken).await;
    let failed = placement(&code, gym);
    assert_eq!((&failed["status"], &failed["reason"]), (&json!("failed"), &json!("code_unreadable")));
    assert_eq!(failed["next_step"], "Contact support.");
    let event = server.recorded_as("placement.failed").await;
    assert_eq!(event.len(), 1);
    assert_eq!((event[0].subject.id, event[0].code.as_deref()), (Some(id(&broken)), Some("code_unreadable")));
    let hub = server.door_record(gym).await;
    assert!(hub.hub_online && hub.lock_online);
    assert!(server.recorded_as("hub.offline").await.is_empty() && server.recorded_as("lock.offline").await.is_empty());
    assert_eq!(server.get("//readyz").send().await.status, 200);

    // Whoever wants to see the digits is told that they can't be shown, which is recorded.
    let reveal = server.reveal(&manager, &broken, None).await;
    assert_eq!(reveal.problem(), (500, "record_unreadable".into()));
    let event = server.recorded_as("code.revealed").await.remove(0);
    assert_eq!((event.subject.id, event.outcome), (Some(id(&broken)), api_types::Outcome::Failed));
    assert_eq!(event.code.as_deref(), Some("record_unreadable"));
    let reported = reported(&server).await;
    for code in [&broken, &on_lock] {
        assert!(reported.contains(&("code".to_owned(), id(code))), "{reported:?}");
    }
    // It can be revoked like any other.
    for (code, door) in [(&broken, gym), (&on_lock, gate)] {
        assert_eq!(server.revoke(&manager, code).await.status, 200);
        server.settled().await;
        assert_eq!(status(&server.guest_code(&manager, code).await, door), "removed");
    }
}

#[tokio::test]
async fn damaged_codes_are_found_within_an_hour_unasked_and_repaired_ones_are_withdrawn() {
    let server = TestServer::start_working().await;
    let (resident, manager) = (server.resident().await, server.sign_in(MANAGER).await);
    let own = server.access(&resident).await["code"].clone();
    let guest = server.issued(&manager, &permanent(&[server.world.gym])).await;
    let whole = server.issued(&manager, &permanent(&[server.world.gym])).await;
    server.settled().await;
    assert_eq!(reported(&server).await, []);
    let mut intact = Vec::new();
    for code in [&own, &guest] {
        intact.push((id::<CodeId>(code), break_seal(&server, code).await));
    }
    server.advance(SignedDuration::from_hours(1));
    let mut found = vec![("code".to_owned(), id(&own)), ("code".to_owned(), id(&guest))];
    found.sort();
    server
        .eventually("both are told", async || {
            let mut reported = reported(&server).await;
            reported.sort();
            reported == found
        })
        .await;
    assert_eq!(server.recorded_as("record.set_aside").await.len(), 2);
    // They still open their doors: what is on the locks is unchanged.
    let manager = server.sign_in(MANAGER).await;
    assert_eq!(status(&server.guest_code(&manager, &guest).await, server.world.gym), "working");
    assert!(server.holds(server.world.gym, text(&guest["code"])).await);
    assert!(server.holds(server.world.gym, text(&whole["code"])).await);

    for (code, sealed) in intact {
        damage(&server, SEALED, (code, sealed)).await;
    }
    server.advance(SignedDuration::from_hours(1));
    server.eventually("they are taken back", async || reported(&server).await.is_empty()).await;
}

#[tokio::test]
async fn a_guest_code_that_is_mended_goes_on() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let gym = server.world.gym;
    let guest = server.issued(&manager, &permanent(&[gym])).await;
    server.settled().await;
    let code = id::<GuestCodeId>(&guest);
    damage(&server, "UPDATE guest_code SET kind = 'other' WHERE id = ?", [code]).await;
    server.advance(SignedDuration::from_hours(1));
    server.eventually("it is told", async || !reported(&server).await.is_empty()).await;
    server.eventually("it is off its lock", async || !server.holds(gym, text(&guest["code"])).await).await;

    damage(&server, "UPDATE guest_code SET kind = 'permanent' WHERE id = ?", [code]).await;
    server.advance(SignedDuration::from_hours(1));
    server.eventually("it is on its lock again", async || server.holds(gym, text(&guest["code"])).await).await;
    server.eventually("support is told no more", async || reported(&server).await.is_empty()).await;
    let manager = server.sign_in(MANAGER).await;
    assert_eq!(status(&server.guest_code(&manager, &guest).await, gym), "working");
}

#[tokio::test]
async fn a_tenancy_that_is_mended_ends_on_its_day() {
    let server = TestServer::start_working().await;
    let (tenancy, door, now) = (server.world.tenancy, server.world.door, server.app.now());
    server.settled().await;
    assert_eq!(server.held(door).await, 1);
    let sql = "UPDATE tenancy SET ends_at = ?2, move_in = CAST(x'ff' AS TEXT) WHERE id = ?1";
    damage(&server, sql, (tenancy, now + 1000)).await;
    server.advance(SignedDuration::from_hours(1));
    server.eventually("it is told", async || !reported(&server).await.is_empty()).await;

    damage(&server, "UPDATE tenancy SET move_in = '2026-01-01' WHERE id = ?", [tenancy]).await;
    server.advance(SignedDuration::from_hours(1));
    server.eventually("its code is off the lock", async || server.held(door).await == 0).await;
    server.eventually("support is told no more", async || reported(&server).await.is_empty()).await;
}

#[tokio::test]
async fn an_impossible_guest_code_is_not_shown_and_lists_go_on_past_it() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let gym = server.world.gym;
    let mut codes = Vec::new();
    for _ in 0..6 {
        codes.push(server.issued(&manager, &permanent(&[gym])).await);
        server.advance(SignedDuration::from_secs(1));
    }
    server.settled().await;
    damage(&server, "UPDATE code SET length = 15 WHERE id = ?", [id::<CodeId>(&codes[1])]).await;
    damage(&server, "DELETE FROM placement WHERE code_id = ?", [id::<CodeId>(&codes[3])]).await;
    damage(&server, "UPDATE guest_code SET state = 'lost' WHERE id = ?", [id::<GuestCodeId>(&codes[5])]).await;
    let shown: Vec<GuestCodeId> = [4, 2, 0].map(|number| id(&codes[number])).into();
    for path in ["/guest-codes?limit=1", "/guest-codes?limit=2", "/guest-codes?limit=3", "/guest-codes?limit=200"] {
        assert_eq!(listed::<GuestCodeId>(&server, &manager, path).await, shown, "{path}");
    }
    for number in [1, 3, 5] {
        let path = format!("/guest-codes/{}", id::<GuestCodeId>(&codes[number]));
        let answer = server.get(&path).web(&manager).send().await;
        assert_eq!(answer.problem(), (500, "record_unreadable".into()), "{number}");
    }
    for number in [0, 2, 4] {
        assert_eq!(server.guest_code(&manager, &codes[number]).await["length"], 6);
    }
    // A code of fifteen digits isn't opened either.
    assert_eq!(server.reveal(&manager, &codes[1], None).await.problem(), (500, "record_unreadable".into()));
    // R24: they can be revoked nevertheless, and then open nothing.
    let held = server.held(gym).await;
    for number in [1, 5] {
        assert_eq!(server.revoke(&manager, &codes[number]).await.problem(), (500, "record_unreadable".into()));
    }
    server.settled().await;
    assert_eq!(server.held(gym).await, held - 2);
    assert_eq!(server.recorded_as("guest_code.revoked").await.len(), 2);
}

#[tokio::test]
async fn an_impossible_resident_code_is_not_shown_and_lists_go_on_past_it() {
    let server = TestServer::start_working().await;
    let mut residents = Vec::new();
    for name in ["adam", "bea", "cleo"] {
        let unit = server.add_unit(name).await;
        residents.push(server.add_resident(&format!("{name}@example.com"), unit.id, name).await);
    }
    let sql = "UPDATE code SET length = 15 WHERE id = (SELECT code_id FROM tenancy WHERE id = ?)";
    damage(&server, sql, [residents[1]]).await;
    let (manager, support) = (server.sign_in(MANAGER).await, server.sign_in(SUPPORT).await);
    let property = server.world.property;
    let path = format!("/properties/{property}/residents?limit=1&sort=name");
    let shown = [residents[0], residents[2], server.world.tenancy];
    assert_eq!(listed::<TenancyId>(&server, &manager, &path).await, shown);
    let bea = format!("/properties/{property}/residents/{}", residents[1]);
    let diagnosis = format!("/troubleshoot/residents/{}", residents[1]);
    for (session, path) in [(&manager, &bea), (&support, &bea), (&support, &diagnosis)] {
        let answer = server.get(path).web(session).send().await;
        assert_eq!(answer.problem(), (500, "record_unreadable".into()), "{path}");
    }
    let own = server.mobile_sign_in("bea@example.com", "2.8.0").await;
    let answer = server.get("/me/access").mobile(&own).send().await;
    assert_eq!(answer.problem(), (500, "record_unreadable".into()));
    // Support still finds them, and the manager moves them out.
    let found = server.read(&support, "/troubleshoot/residents?q=bea").await;
    assert_eq!(found["items"][0]["id"], json!(residents[1]));
    let move_out = server.post(&format!("{bea}/move-out")).web(&manager).once().send().await;
    assert_eq!(move_out.status, 200, "{}", move_out.text);
    server.settled().await;
    let door = server.read(&manager, &format!("{bea}/move-out")).await;
    assert_eq!(door["all_doors_confirmed"], true);
}
