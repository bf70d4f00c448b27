//! A clock that goes back: what has ended stays ended, and nothing waits for hours that already passed once (R24).

use hub::{LockError, Simulator};
use ids::{GuestCodeId, LockId};
use jiff::SignedDuration;
use rstest::rstest;
use rusqlite::params;
use serde_json::{Value, json};
use store::tenancies::{self, Dates};

use crate::fixtures::{permanent, status, temporary, text};
use crate::fixtures_matrix::id;
use crate::harness::{Answer, MANAGER, MobileToken, NOON, SUPPORT, TestServer, WebSession};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// A working server, where everybody has lived long enough to still be there when the clock goes back.
async fn start() -> TestServer {
    let server = TestServer::start_working().await;
    lived_there_long(&server).await;
    server
}

async fn lived_there_long(server: &TestServer) {
    let long_ago = NOON - 90 * 24 * 60 * 60 * 1000;
    server.write(move |tx| tx.execute("UPDATE tenancy SET starts_at = ?", [long_ago]).expect("changed")).await;
}

/// The statuses that a session and a token get.
async fn answers(server: &TestServer, session: &WebSession, token: &MobileToken) -> [u16; 2] {
    let (web, app) = (server.get("/session").web(session).send().await, server.get("/me/access").mobile(token).send());
    [web.status, app.await.status]
}

#[rstest]
#[case::of_which_somebody_was_told(true)]
#[case::of_which_nobody_was_told(false)]
#[tokio::test]
async fn a_session_or_token_that_has_ended_is_not_valid_again(#[case] told: bool) {
    let mut server = start().await;
    let (session, token) = (server.sign_in(MANAGER).await, server.resident().await);
    let long = 30 * DAY + MINUTE;
    if told {
        // The workers do this too; here it is enough that somebody is told.
        server.stop_workers().await;
        server.advance(long);
        assert_eq!(answers(&server, &session, &token).await, [401, 401]);
        server.written().await;
    } else {
        server.advance(long);
        let sql = "SELECT count(*) FROM session";
        let sessions = || server.query(|db| db.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a number"));
        server.eventually("they are forgotten", async || sessions().await == 0).await;
    }
    server.advance(-long);
    assert_eq!(answers(&server, &session, &token).await, [401, 401]);
    let (session, token) = (server.sign_in(MANAGER).await, server.resident().await);
    assert_eq!(answers(&server, &session, &token).await, [200, 200]);
}

/// It may have ended in the meantime, before anybody noticed.
#[tokio::test]
async fn a_session_or_token_last_used_in_the_future_is_over() {
    let server = start().await;
    let (session, token) = (server.sign_in(MANAGER).await, server.resident().await);
    server.advance(20 * MINUTE);
    assert_eq!(answers(&server, &session, &token).await, [200, 200]);
    server.written().await;
    // Two clocks may differ by this much.
    server.advance(-MINUTE);
    assert_eq!(answers(&server, &session, &token).await, [200, 200]);
    server.advance(-10 * MINUTE);
    assert_eq!(answers(&server, &session, &token).await, [401, 401]);
    server.written().await;
    server.advance(11 * MINUTE);
    assert_eq!(answers(&server, &session, &token).await, [401, 401], "for good");
}

#[rstest]
#[case::it_was_refused(|hub: &Simulator, lock| {
    hub.fail_next_removals(lock, 1, LockError::rejected("busy"));
    hub.fail_next_writes(lock, 1, LockError::rejected("busy"));
})]
#[case::nobody_answered(|hub: &Simulator, lock| hub.lose_next_answers(lock, 1))]
#[tokio::test]
async fn r24_r28_postponed_work_does_not_wait_for_hours_that_come_twice(#[case] fault: fn(&Simulator, LockId)) {
    let server = start().await;
    let resident = server.resident().await;
    let door = server.world.door;
    let going = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    fault(server.simulator(), server.lock(door).await);
    assert_eq!(server.revoke(&resident, &going).await.status, 200);
    server.settled().await;
    let coming = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;

    server.advance(-6 * HOUR);
    server.settled().await;
    let resident = server.resident().await;
    assert_eq!(status(&server.guest_code(&resident, &going).await, door), "removed");
    assert_eq!(status(&server.guest_code(&resident, &coming).await, door), "working");
    assert!(!server.holds(door, text(&going["code"])).await && server.holds(door, text(&coming["code"])).await);
}

#[tokio::test]
async fn r24_a_removal_that_waits_for_a_lock_is_done_when_the_lock_is_back_whatever_the_clock_says() {
    let server = start().await;
    let resident = server.resident().await;
    let door = server.world.door;
    let going = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    server.reach_lock(door, false).await;
    assert_eq!(server.revoke(&resident, &going).await.status, 200);
    server.settled().await;
    server.outlast_delays(4).await;
    server.advance(-6 * HOUR);
    server.settled().await;
    assert!(server.holds(door, text(&going["code"])).await);
    server.reach_lock(door, true).await;
    server.settled().await;
    assert!(!server.holds(door, text(&going["code"])).await);
}

#[tokio::test]
async fn r24_what_has_ended_does_not_come_back() {
    let server = start().await;
    let (door, gym) = (server.world.door, server.world.gym);
    let unit = server.add_unit("102").await;
    let leaving = server.add_resident("leaving@example.com", unit.id, "102").await;
    let (resident, manager) = (server.resident().await, server.sign_in(MANAGER).await);
    let ended = server.issued(&resident, &temporary(&[door], "2026-06-15T18:00:00Z", "2026-06-15T18:20:00Z")).await;
    let recurrence = json!({"weekdays": ["mon"], "from": "11:00", "to": "12:20", "first_day": "2026-06-15",
        "last_day": "2026-06-29"});
    let closed = json!({"kind": "recurring", "door_ids": [gym], "guest_name": "Cleaner", "recurrence": recurrence});
    let closed = server.issued(&manager, &closed).await;
    let revoked = server.issued(&resident, &permanent(&[door])).await;
    server
        .write(move |tx| {
            let (starts_at, ends_at) = (NOON, Some(NOON + 20 * 60 * 1000));
            let dates = Dates { move_in: "2026-01-01", move_out: Some("2026-06-15"), starts_at, ends_at };
            tenancies::set_dates(tx, leaving, dates).expect("changed");
        })
        .await;
    lived_there_long(&server).await;
    server.settled().await;
    assert_eq!((server.held(door).await, server.held(gym).await, server.held(unit.door).await), (3, 1, 1));
    server.advance(20 * MINUTE);
    assert_eq!(server.revoke(&resident, &revoked).await.status, 200);
    server.settled().await;

    for back in [20 * MINUTE, 3 * DAY] {
        server.advance(-back);
        server.settled().await;
        let (resident, manager) = (server.resident().await, server.sign_in(MANAGER).await);
        let held = [server.held(door).await, server.held(gym).await, server.held(unit.door).await];
        assert_eq!(held, [1, 0, 0], "only the resident's own");
        let state = |code: &Value| text(&code["state"]).to_owned();
        assert_eq!(state(&server.guest_code(&resident, &ended).await), "expired");
        assert_eq!(state(&server.guest_code(&resident, &revoked).await), "revoked");
        assert_eq!(status(&server.guest_code(&manager, &closed).await, gym), "removed");
        assert_eq!(server.signing_in("leaving@example.com", crate::harness::PASSWORD).send().await.status, 403);
    }
    // The window of the week after opens as it should.
    server.advance(10 * DAY);
    server.settled().await;
    assert_eq!(server.held(gym).await, 1);
    // Time in the audit log never goes back.
    let support = server.sign_in(SUPPORT).await;
    assert_eq!(server.read(&support, "/audit/verify").await["intact"], true);
    let times: Vec<String> = server.recorded().await.into_iter().map(|event| event.at.0).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
}

/// Sends a request with that key.
async fn asked(server: &TestServer, resident: &MobileToken, key: &str, name: &str) -> Answer {
    let body = json!({"kind": "permanent", "door_ids": [server.world.door], "guest_name": name});
    server.post("/guest-codes").header("idempotency-key", key).mobile(resident).json(&body).send().await
}

/// Waits until everything that is due to be forgotten has been.
async fn all_old_is_forgotten(server: &TestServer) {
    let (person, long_ago) = (server.world.resident, server.app.now() - 8 * 24 * 60 * 60 * 1000);
    let sql =
        "INSERT INTO idempotency (person_id, key, fingerprint, status, body, at) VALUES (?, 'old', x'', 200, '', ?)";
    server.write(move |tx| tx.execute(sql, params![person, long_ago]).expect("inserted")).await;
    let sql = "SELECT count(*) FROM idempotency WHERE key = 'old'";
    let left = || server.query(|db| db.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a number"));
    server.eventually("what is old is forgotten", async || left().await == 0).await;
}

#[tokio::test]
async fn a_key_lasts_seven_days_and_no_longer_whatever_the_clock_did() {
    let server = start().await;
    let resident = server.resident().await;
    let first = asked(&server, &resident, "first", "Ada").await;
    assert_eq!(first.status, 201);

    server.advance(-8 * DAY);
    all_old_is_forgotten(&server).await;
    let resident = server.resident().await;
    let again = asked(&server, &resident, "first", "Ada").await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    assert_eq!(id::<GuestCodeId>(&again.json()), id(&first.json()));
    let other = asked(&server, &resident, "first", "Bea").await;
    assert_eq!(other.problem(), (422, "idempotency_key_reused".into()));
    // Another key works, and is stored too.
    let second = asked(&server, &resident, "second", "Bea").await;
    assert_eq!((second.status, second.header("idempotency-replayed")), (201, ""));
    let again = asked(&server, &resident, "second", "Bea").await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));

    // Six days after it was first used, and then seven and an hour.
    server.advance(14 * DAY);
    all_old_is_forgotten(&server).await;
    let resident = server.resident().await;
    let again = asked(&server, &resident, "first", "Ada").await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    server.advance(DAY + HOUR);
    all_old_is_forgotten(&server).await;
    let free = asked(&server, &resident, "first", "Bea").await;
    assert_eq!((free.status, free.header("idempotency-replayed")), (201, ""));
    server.settled().await;
    assert_eq!(server.held(server.world.door).await, 4);
}

#[tokio::test]
async fn r24_the_chores_of_every_minute_still_run() {
    let server = start().await;
    let manager = server.sign_in(MANAGER).await;
    let gym = server.world.gym;
    let issued = server.issued(&manager, &permanent(&[gym])).await;
    server.settled().await;
    server.advance(-6 * HOUR);
    // The right is lost through a change that nobody is told of.
    let lost = server.world.manager;
    server.write(move |tx| tx.execute("DELETE FROM manages WHERE person_id = ?", [lost]).expect("deleted")).await;
    server.eventually("it is off the lock", async || !server.holds(gym, text(&issued["code"])).await).await;
}
