//! Locks are asked again: what they lost is seen and put right, and codes that aren't ours are left alone (R25).

use access_code::Code;
use hub::{OperationKind, Slot};
use ids::{CodeId, DoorId};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::placements;
use store::unknown_codes;

use crate::fixtures::{permanent, placement, status, text};
use crate::fixtures_matrix::id;
use crate::harness::{MANAGER, TestServer, WebSession};
use crate::storage::recorded_of;

/// The digits of somebody else.
const THEIRS: &str = "860417";

fn theirs() -> Code {
    Code::parse(THEIRS).expect("a code")
}

fn slot(number: u16) -> Slot {
    Slot::new(number).expect("slots are numbered from 1")
}

/// A working server with a manager, and a guest code of theirs that is on the gym's lock.
async fn start_with_code() -> (TestServer, WebSession, Value, DoorId) {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let gym = server.world.gym;
    let issued = server.issued(&manager, &permanent(&[gym])).await;
    server.settled().await;
    assert_eq!(slot_of(&server, &issued, gym).await, Some(1));
    (server, manager, issued, gym)
}

/// The slot that a code is in on the door's lock.
async fn slot_of(server: &TestServer, issued: &Value, door: DoorId) -> Option<u16> {
    let code_id: CodeId = id(issued);
    let all = server.query(move |db| placements::of_code(db, code_id).expect("read")).await;
    all.into_iter().find(|placement| placement.door_id == door).and_then(|placement| placement.slot)
}

/// The slots of a door's lock that hold codes which aren't ours.
async fn unknown_at(server: &TestServer, door: DoorId) -> Vec<u16> {
    let found = server.query(move |db| unknown_codes::of_door(db, door).expect("read")).await;
    found.into_iter().map(|unknown| unknown.slot).collect()
}

#[tokio::test]
async fn r25_a_code_that_the_lock_dropped_after_saying_yes_is_seen_as_lost_and_put_right() {
    let (server, manager, issued, gym) = start_with_code().await;
    let lock = server.lock(gym).await;
    server.simulator().forget(lock, slot(1));
    assert_eq!(status(&server.guest_code(&manager, &issued).await, gym), "working", "nobody knows yet");
    server.advance(SignedDuration::from_mins(5));
    server.eventually("it is put right", async || server.holds(gym, text(&issued["code"])).await).await;
    server.settled().await;
    assert_eq!(status(&server.guest_code(&manager, &issued).await, gym), "working");
    assert_eq!(slot_of(&server, &issued, gym).await, Some(1), "it keeps its slot");
    assert_eq!(recorded_of(&server, "placement.drifted", &issued["id"]).await, 1);
    assert_eq!(recorded_of(&server, "placement.on_lock", &issued["id"]).await, 2);
}

#[tokio::test]
async fn a_lock_that_forgets_again_and_again_is_said_to_have_failed_and_is_not_worn_out() {
    let (server, manager, issued, gym) = start_with_code().await;
    let lock = server.lock(gym).await;
    let shown = async || placement(&server.guest_code(&manager, &issued).await, gym).clone();
    while shown().await["status"] == "working" {
        server.simulator().forget(lock, slot(1));
        server.advance(SignedDuration::from_mins(5));
        let before = server.simulator().write_count(lock);
        server
            .eventually("it is seen", async || {
                shown().await["status"] == "failed" || server.simulator().write_count(lock) > before
            })
            .await;
        server.settled().await;
        assert!(server.simulator().write_count(lock) <= 3, "it is written again twice");
    }
    let failed = shown().await;
    assert_eq!((text(&failed["status"]), text(&failed["reason"])), ("failed", "lost_by_lock"));
    server.advance(SignedDuration::from_hours(48));
    server.settled().await;
    assert_eq!(server.simulator().write_count(lock), 3, "R28: until something changes");
    server.simulator().set_battery(lock, 5);
    server.simulator().set_battery(lock, 100);
    // The session is over by now.
    let manager = server.sign_in(MANAGER).await;
    let is_working = async || status(&server.guest_code(&manager, &issued).await, gym) == "working";
    server.eventually("it is written again", is_working).await;
}

#[tokio::test]
async fn a_code_programmed_at_the_lock_is_found_and_its_slot_left_alone() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let gym = server.world.gym;
    let lock = server.lock(gym).await;
    server.simulator().program_at_keypad(lock, slot(2), Some(theirs()));
    server.eventually("it is found", async || unknown_at(&server, gym).await == [2]).await;
    let mut slots = Vec::new();
    for _ in 0..3 {
        let issued = server.issued(&manager, &permanent(&[gym])).await;
        server.settled().await;
        slots.push(slot_of(&server, &issued, gym).await);
    }
    assert_eq!(slots, [Some(1), Some(3), Some(4)]);
    assert!(server.holds(gym, THEIRS).await, "it is left alone");

    server.simulator().program_at_keypad(lock, slot(2), None);
    server.eventually("it is gone", async || unknown_at(&server, gym).await.is_empty()).await;
    let issued = server.issued(&manager, &permanent(&[gym])).await;
    server.settled().await;
    assert_eq!(slot_of(&server, &issued, gym).await, Some(2), "the slot is free again");
}

#[tokio::test]
async fn a_code_that_was_on_the_lock_before_us_is_never_overwritten() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let gym = server.world.gym;
    // Nothing tells of it: it was there when the lock was linked.
    server.simulator().restore(server.lock(gym).await, slot(1), theirs());
    let issued = server.issued(&manager, &permanent(&[gym])).await;
    server.settled().await;
    assert_eq!((slot_of(&server, &issued, gym).await, unknown_at(&server, gym).await), (Some(2), vec![1]));
    assert_eq!(status(&server.guest_code(&manager, &issued).await, gym), "working");
    assert!(server.holds(gym, THEIRS).await);
}

#[tokio::test]
async fn a_code_that_somebody_put_over_ours_is_left_there_and_ours_takes_another_slot() {
    let (server, manager, issued, gym) = start_with_code().await;
    let lock = server.lock(gym).await;
    server.simulator().program_at_keypad(lock, slot(1), Some(theirs()));
    server.eventually("ours is back", async || server.holds(gym, text(&issued["code"])).await).await;
    server.settled().await;
    assert_eq!((slot_of(&server, &issued, gym).await, unknown_at(&server, gym).await), (Some(2), vec![1]));
    assert_eq!(recorded_of(&server, "placement.drifted", &issued["id"]).await, 1);

    // It is ours that is taken off when it is revoked, wherever it is.
    assert_eq!(server.revoke(&manager, &issued).await.status, 200);
    server.settled().await;
    assert!(server.holds(gym, THEIRS).await && !server.holds(gym, text(&issued["code"])).await);
}

#[tokio::test]
async fn r24_revoking_a_code_that_was_overwritten_at_the_lock_removes_nobody_elses() {
    let (server, manager, issued, gym) = start_with_code().await;
    let lock = server.lock(gym).await;
    // Nothing tells of it, and nobody has looked.
    server.simulator().restore(lock, slot(1), theirs());
    assert_eq!(server.revoke(&manager, &issued).await.status, 200);
    server.settled().await;
    assert_eq!(status(&server.guest_code(&manager, &issued).await, gym), "removed");
    assert!(server.holds(gym, THEIRS).await);
    assert_eq!(unknown_at(&server, gym).await, [1]);
}

#[tokio::test]
async fn an_unknown_code_is_removed_when_somebody_wants_it_and_that_is_on_record() {
    let server = TestServer::start_working().await;
    let gym = server.world.gym;
    let lock = server.lock(gym).await;
    server.simulator().program_at_keypad(lock, slot(2), Some(theirs()));
    server.eventually("it is found", async || unknown_at(&server, gym).await == [2]).await;
    server.reach_lock(gym, false).await;
    let manager = server.sign_in(MANAGER).await;
    let door = format!("/doors/{gym}");
    let clear = |slot: u16, reason: &str| {
        server.post(&format!("{door}/unknown-codes/{slot}/clear")).web(&manager).json(&json!({"reason": reason}))
    };
    assert_eq!(clear(2, " ").send().await.problem(), (422, "reason_required".into()));
    assert_eq!(clear(3, "Nobody knows it").send().await.problem(), (404, "not_found".into()));
    let cleared = clear(2, "Nobody knows it").send().await;
    assert_eq!(cleared.status, 200);
    assert_eq!(server.read(&manager, &door).await["lock"]["unknown_codes"][0]["clearing"], true);
    assert!(server.holds(gym, THEIRS).await, "the lock is away");
    server.reach_lock(gym, true).await;
    server.eventually("it is gone", async || unknown_at(&server, gym).await.is_empty()).await;
    assert!(!server.holds(gym, THEIRS).await);
    assert_eq!(server.read(&manager, &door).await["lock"]["unknown_codes"], json!([]));
    assert_eq!(recorded_of(&server, "lock.unknown_code_clearing", &Value::from(gym.to_string())).await, 2);
    assert_eq!(recorded_of(&server, "lock.unknown_code_cleared", &Value::from(gym.to_string())).await, 1);
}

/// Waits until no lock is to be asked what it holds.
async fn all_looked_at(server: &TestServer) {
    let hub = server.world.hub;
    server
        .eventually("every lock was asked", async || {
            let next = server.query(move |db| placements::next_check(db, hub).expect("read")).await;
            next.is_none_or(|at| at > server.app.now())
        })
        .await;
}

#[tokio::test]
async fn a_lock_is_asked_four_times_a_day_and_about_all_of_its_codes_when_it_was_away() {
    let (server, manager, _, gym) = start_with_code().await;
    let lock = server.lock(gym).await;
    for _ in 0..5 {
        server.issued(&manager, &permanent(&[gym])).await;
    }
    server.settled().await;
    let asked = async || {
        let all = server.simulator().operations();
        all.iter().filter(|it| it.lock == lock && it.kind == OperationKind::ReadBack).count()
    };
    // Some minutes after they were written.
    let before = asked().await;
    server.advance(SignedDuration::from_mins(5));
    server.eventually("each was looked for", async || asked().await == before + 6).await;

    let before = asked().await;
    for _ in 0..48 {
        server.advance(SignedDuration::from_hours(1));
        all_looked_at(&server).await;
    }
    let in_two_days = asked().await - before;
    assert!((6..=8).contains(&in_two_days), "{in_two_days}");

    let before = asked().await;
    server.reach_lock(gym, false).await;
    server.reach_lock(gym, true).await;
    server.advance(SignedDuration::from_mins(8));
    server.eventually("each was looked for", async || asked().await >= before + 6).await;
}
