//! What is on the locks: the statuses, the order of deeds, what is retried and when, and restarts (R25–R29).

use std::collections::BTreeSet;
use std::time::Duration;

use access_code::Code;
use api_types::{DoorKind, PlacementStatus};
use hub::{Lengths, LockError, LockSettings, Operation, OperationKind, ReadBack, Slot};
use ids::{CodeId, DoorId};
use jiff::SignedDuration;
use rstest::rstest;
use serde_json::{Value, json};
use store::{placements, unknown_codes};

use crate::fixtures::{permanent, placement, status, text};
use crate::harness::{MANAGER, MobileToken, SUPPORT, TestServer};

/// A working server with custom codes switched on, and `530917`, picked by the resident, on the lock.
async fn start_with_code() -> (TestServer, MobileToken) {
    let server = TestServer::start_working().await;
    server.switch_custom_codes(true).await;
    let resident = server.resident().await;
    assert_eq!(server.pick(&resident, "530917").await.status, 200);
    server.settled().await;
    (server, resident)
}

/// The resident's code as support sees it, with slot, attempts and the protocol's error.
async fn as_support_sees_it(server: &TestServer) -> Value {
    let support = server.sign_in(SUPPORT).await;
    let path = format!("/properties/{}/residents/{}", server.world.property, server.world.tenancy);
    placement(&server.read(&support, &path).await["code"], server.world.door).clone()
}

/// What was done at the door's lock since operation number `from`.
async fn done_at(server: &TestServer, door: DoorId, from: usize) -> Vec<Operation> {
    let lock = server.lock(door).await;
    server.simulator().operations().into_iter().skip(from).filter(|operation| operation.lock == lock).collect()
}

#[tokio::test]
async fn r25_r26_a_code_is_being_sent_until_it_was_read_back_from_the_lock() {
    let mut server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    server.stop_workers().await;
    let issued = server.issued(&resident, &permanent(&[door])).await;
    assert_eq!(status(&issued, door), "sending");
    assert_eq!(placement(&issued, door)["evidence"], Value::Null);
    server.advance(SignedDuration::from_secs(9));
    server.start_workers();
    server.settled().await;
    let code = server.guest_code(&resident, &issued).await;
    let working = placement(&code, door);
    assert_eq!((&working["status"], &working["evidence"]), (&json!("working"), &json!("read_back")));
    assert_eq!((&working["since"], &working["door_name"]), (&json!("2026-06-15T18:00:09Z"), &json!("101")));
    assert_eq!(working["reason"], Value::Null);
    assert!(server.holds(door, text(&issued["code"])).await);
}

#[rstest]
#[case::digits(ReadBack::Digits, "read_back")]
#[case::only_whether_it_is_taken(ReadBack::Occupancy, "read_back")]
#[case::nothing(ReadBack::None, "accepted")]
#[tokio::test]
async fn r25_the_evidence_is_no_more_than_the_lock_can_tell(#[case] read_back: ReadBack, #[case] evidence: &str) {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    let settings = LockSettings { read_back, slots: 20, ..LockSettings::default() };
    server.simulator().configure(server.lock(door).await, settings);
    let issued = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    let code = server.guest_code(&resident, &issued).await;
    assert_eq!((status(&code, door), &placement(&code, door)["evidence"]), ("working", &json!(evidence)));
    assert_eq!(server.revoke(&resident, &issued).await.status, 200);
    server.settled().await;
    assert_eq!(status(&server.guest_code(&resident, &issued).await, door), "removed");
    assert!(!server.holds(door, text(&issued["code"])).await);
}

#[tokio::test]
async fn r25_a_lock_that_accepts_and_forgets_is_caught() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    server.simulator().drop_after_accept(server.lock(door).await, 3);
    let issued = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    assert_eq!(status(&server.guest_code(&resident, &issued).await, door), "sending");
    server.outlast_delays(3).await;
    assert_eq!(status(&server.guest_code(&resident, &issued).await, door), "working");
    assert!(server.holds(door, text(&issued["code"])).await);
}

#[tokio::test]
async fn r26_slot_attempts_and_the_protocol_s_error_are_for_support_only() {
    let (server, resident) = start_with_code().await;
    let lock = server.lock(server.world.door).await;
    server.simulator().fail_next_writes(lock, 3, LockError::rejected("node 7 said 5 to 804216"));
    assert_eq!(server.pick(&resident, "804216").await.status, 200);
    server.settled().await;
    let seen = as_support_sees_it(&server).await;
    assert_eq!(seen["protocol_error"], "node 7 said 5 to ••••••");
    assert!(seen["attempts"].as_u64().is_some_and(|attempts| attempts >= 1), "{seen}");

    let manager = server.sign_in(MANAGER).await;
    let path = format!("/properties/{}/residents/{}", server.world.property, server.world.tenancy);
    let of_manager = server.read(&manager, &path).await["code"].clone();
    for code in [of_manager, server.access(&resident).await["code"].clone()] {
        let seen = placement(&code, server.world.door);
        assert_eq!(seen["status"], "sending");
        for hidden in ["slot", "attempts", "protocol_error"] {
            assert_eq!(seen[hidden], Value::Null);
        }
    }
    server.outlast_delays(3).await;
    let seen = as_support_sees_it(&server).await;
    assert_eq!((&seen["status"], &seen["slot"]), (&json!("working"), &json!(1)));
}

#[tokio::test]
async fn r27_the_new_code_is_confirmed_before_the_old_one_goes() {
    let (server, resident) = start_with_code().await;
    let door = server.world.door;
    let before = server.simulator().operations().len();
    assert_eq!(server.pick(&resident, "804216").await.status, 200);
    server.settled().await;
    let done: Vec<(OperationKind, u16)> = done_at(&server, door, before)
        .await
        .into_iter()
        .inspect(|operation| assert_eq!(operation.outcome, Ok(())))
        .map(|operation| (operation.kind, operation.slot.number()))
        .collect();
    // The old one is in the second slot, since the first held the one they moved in with.
    // Each slot is looked at first: a code that isn't ours is neither overwritten nor removed.
    let expected = [
        (OperationKind::ReadBack, 1),
        (OperationKind::Write, 1),
        (OperationKind::ReadBack, 1),
        (OperationKind::ReadBack, 2),
        (OperationKind::Remove, 2),
        (OperationKind::ReadBack, 2),
    ];
    assert_eq!(done, expected);
    assert!(server.holds(door, "804216").await && !server.holds(door, "530917").await);
    assert_eq!(server.held(door).await, 1);
    assert_eq!(server.access(&resident).await["previous_code"], Value::Null);
}

#[tokio::test]
async fn r27_until_the_new_code_is_confirmed_the_old_one_stays_and_is_shown() {
    let (server, resident) = start_with_code().await;
    let door = server.world.door;
    let before = server.simulator().operations().len();
    server.simulator().fail_next_writes(server.lock(door).await, 3, LockError::TimedOut);
    assert_eq!(server.pick(&resident, "804216").await.status, 200);
    server.settled().await;
    let access = server.access(&resident).await;
    assert_eq!((status(&access["code"], door), status(&access["previous_code"], door)), ("sending", "working"));
    assert!(server.open(door, "530917").await && !server.open(door, "804216").await);

    // Changing their mind in the meantime leaves one code, and never none.
    assert_eq!(server.pick(&resident, "271828").await.status, 200);
    server.outlast_delays(3).await;
    let access = server.access(&resident).await;
    assert_eq!((status(&access["code"], door), &access["previous_code"]), ("working", &Value::Null));
    assert!(server.open(door, "271828").await);
    assert_eq!(server.held(door).await, 1);
    assert_never_without(&done_at(&server, door, before).await, 2);
}

/// Checks that, throughout the operations at a lock, some slot always holds a confirmed code; `held` did at the
/// beginning.
fn assert_never_without(operations: &[Operation], held: u16) {
    let mut written = BTreeSet::new();
    let mut sure = BTreeSet::from([held]);
    for Operation { kind, slot, outcome, .. } in operations {
        match kind {
            OperationKind::Write if outcome.is_ok() => {
                written.insert(slot);
            }
            OperationKind::ReadBack if outcome.is_ok() && written.contains(slot) => {
                sure.insert(slot.number());
            }
            OperationKind::Remove => {
                written.remove(slot);
                sure.remove(&slot.number());
                assert!(!sure.is_empty(), "slot {} was emptied and no other held a code", slot.number());
            }
            OperationKind::Write | OperationKind::ReadBack => {}
        }
    }
}

#[tokio::test]
async fn r27_without_a_free_slot_the_old_code_is_overwritten_and_that_is_recorded() {
    let server = TestServer::start_working().await;
    let unit = server.add_unit("102").await;
    // All slots but the resident's own are taken by guests' codes.
    let door = unit.door;
    server.add_resident("neighbour@example.com", unit.id, "102").await;
    let manager = server.sign_in(MANAGER).await;
    for _ in 0..18 {
        server.issued(&manager, &permanent(&[door])).await;
    }
    server.settled().await;
    assert_eq!(server.held(door).await, 19);
    server.leave_slots(door, 19).await;
    let neighbour = server.mobile_sign_in("neighbour@example.com", "2.8.0").await;
    let old = server.access(&neighbour).await["code"].clone();
    let old_digits = server.digits(&neighbour, &old).await;
    let before = server.simulator().operations().len();

    assert_eq!(server.take_random(&neighbour, 6).await.status, 200);
    server.settled().await;
    let access = server.access(&neighbour).await;
    assert_eq!((status(&access["code"], door), &access["previous_code"]), ("working", &Value::Null));
    let digits = server.digits(&neighbour, &access["code"]).await;
    assert!(server.holds(door, &digits).await && !server.holds(door, &old_digits).await);
    assert_eq!(server.held(door).await, 19);
    let done = done_at(&server, door, before).await;
    assert!(done.iter().all(|operation| operation.kind != OperationKind::Remove));
    let event = server.recorded_as("placement.on_lock").await.remove(0);
    assert!(event.detail.contains("Written over the code before it: no slot was free."), "{}", event.detail);
}

/// The lock has the new code in the old one's slot, and the server was killed before it could note that. A slot has
/// since become free.
#[tokio::test]
async fn r25_r27_an_overwrite_cut_short_by_a_kill_is_found_in_its_slot() {
    let mut server = TestServer::start_working().await;
    let door = server.add_door(DoorKind::Unit, "101 balcony", Some(server.world.unit), 3).await;
    let (resident, manager) = (server.resident().await, server.sign_in(MANAGER).await);
    assert_eq!(server.take_random(&resident, 6).await.status, 200);
    let guest = server.issued(&manager, &permanent(&[door])).await;
    server.settled().await;
    assert_eq!(server.held(door).await, 2);
    server.leave_slots(door, 2).await;

    server.stop_workers().await;
    assert_eq!(server.take_random(&resident, 6).await.status, 200);
    let code = server.access(&resident).await["code"].clone();
    let digits = server.digits(&resident, &code).await;
    let lock = server.lock(door).await;
    let first = Slot::new(1).expect("a slot");
    server.simulator().program_at_keypad(lock, first, Some(Code::parse(&digits).expect("a code")));
    assert_eq!(server.revoke(&manager, &guest).await.status, 200);

    server.start_workers();
    server.settled().await;
    let access = server.access(&resident).await;
    assert_eq!((status(&access["code"], door), &access["previous_code"]), ("working", &Value::Null));
    assert_eq!(server.held(door).await, 1);
    assert!(server.holds(door, &digits).await);
}

#[tokio::test]
async fn r27_a_refused_overwrite_leaves_the_old_code() {
    let server = TestServer::start_working().await;
    let door = server.add_door(DoorKind::Unit, "101 balcony", Some(server.world.unit), 1).await;
    let resident = server.resident().await;
    assert_eq!(server.take_random(&resident, 6).await.status, 200);
    server.settled().await;
    let code = server.access(&resident).await["code"].clone();
    let digits = server.digits(&resident, &code).await;
    assert!(server.open(door, &digits).await);

    let lock = server.lock(door).await;
    server.simulator().fail_next_writes(lock, 3, LockError::rejected("busy"));
    assert_eq!(server.take_random(&resident, 6).await.status, 200);
    server.settled().await;
    let access = server.access(&resident).await;
    assert_eq!(status(&access["code"], door), "sending");
    assert!(server.open(door, &digits).await);
    server.outlast_delays(3).await;
    assert_eq!(status(&server.access(&resident).await["code"], door), "working");
    assert!(!server.open(door, &digits).await);
}

#[tokio::test]
async fn r26_r27_a_code_that_may_have_been_written_over_is_not_said_to_be_working() {
    let server = TestServer::start_working().await;
    let door = server.add_door(DoorKind::Unit, "101 balcony", Some(server.world.unit), 1).await;
    let resident = server.resident().await;
    assert_eq!(server.take_random(&resident, 6).await.status, 200);
    server.settled().await;
    let lock = server.lock(door).await;
    // It takes the new code in the old one's place, and is out of reach before it can be asked.
    server.simulator().vanish_after_writes(lock, 1);
    assert_eq!(server.take_random(&resident, 6).await.status, 200);
    server.settled().await;
    let access = server.access(&resident).await;
    assert_eq!((status(&access["code"], door), status(&access["previous_code"], door)), ("waiting", "sending"));

    server.reach_lock(door, true).await;
    server.outlast_delays(1).await;
    let access = server.access(&resident).await;
    assert_eq!((status(&access["code"], door), &access["previous_code"]), ("working", &Value::Null));
    let digits = server.digits(&resident, &access["code"]).await;
    assert!(server.open(door, &digits).await);
}

/// A full lock took a code in another's place, and nobody heard of it. That code opens the door until it is known to be gone,
/// whatever else becomes of it.
#[rstest]
#[case::changed_again(true)]
#[case::moved_out(false)]
#[tokio::test]
async fn r24_r27_a_code_that_was_written_over_another_unnoticed_is_taken_off(#[case] changed_again: bool) {
    let server = TestServer::start_working().await;
    let door = server.add_door(DoorKind::Unit, "101 balcony", Some(server.world.unit), 1).await;
    let resident = server.resident().await;
    assert_eq!(server.take_random(&resident, 6).await.status, 200);
    server.settled().await;
    let lock = server.lock(door).await;
    if changed_again {
        server.simulator().lose_next_answers(lock, 1);
    } else {
        server.simulator().vanish_after_writes(lock, 1);
    }
    assert_eq!(server.take_random(&resident, 6).await.status, 200);
    server.settled().await;
    let between = server.access(&resident).await["code"].clone();
    let digits_between = server.digits(&resident, &between).await;
    assert!(server.holds(door, &digits_between).await, "it is on the lock, and nobody knows");

    let code: CodeId = text(&between["id"]).parse().expect("an id");
    if changed_again {
        assert_eq!(server.take_random(&resident, 6).await.status, 200);
    } else {
        let manager = server.sign_in(MANAGER).await;
        let path = format!("/properties/{}/residents/{}/move-out", server.world.property, server.world.tenancy);
        assert!(server.post(&path).web(&manager).once().send().await.status < 300);
    }
    server.settled().await;
    let states = async || {
        let placed = server.query(move |db| placements::of_code(db, code).expect("read")).await;
        placed.into_iter().filter(|it| it.door_id == door).map(|it| it.state().status()).collect::<Vec<_>>()
    };
    if !changed_again {
        assert_eq!(states().await, [PlacementStatus::BeingRemoved], "it still opens the door");
        server.reach_lock(door, true).await;
    }
    server.outlast_delays(2).await;
    assert!(!server.holds(door, &digits_between).await);
    let unknown = server.query(move |db| unknown_codes::of_door(db, door).expect("read")).await;
    assert!(unknown.is_empty(), "it was ours all the time: {unknown:?}");
    if changed_again {
        let access = server.access(&resident).await;
        assert_eq!((status(&access["code"], door), &access["previous_code"]), ("working", &Value::Null));
        let digits = server.digits(&resident, &access["code"]).await;
        assert!(server.open(door, &digits).await);
    }
    assert_eq!(server.simulator().slots_used(lock), usize::from(changed_again));
}

#[tokio::test]
async fn r28_a_full_lock_fails_at_once_with_the_next_step_and_is_not_retried() {
    let server = TestServer::start_working().await;
    let door = server.add_door(DoorKind::Amenity, "Pool", None, 1).await;
    let manager = server.sign_in(MANAGER).await;
    let first = server.issued(&manager, &permanent(&[door])).await;
    server.settled().await;
    let second = server.issued(&manager, &permanent(&[door])).await;
    server.settled().await;
    let code = server.guest_code(&manager, &second).await;
    let failed = placement(&code, door);
    assert_eq!((&failed["status"], &failed["reason"]), (&json!("failed"), &json!("slots_full")));
    assert!(text(&failed["next_step"]).contains("Revoke a code of this door"), "{failed}");
    let event = server.recorded_as("placement.failed").await.remove(0);
    assert_eq!((event.outcome, event.code.as_deref()), (api_types::Outcome::Failed, Some("slots_full")));
    assert_eq!(status(&server.guest_code(&manager, &first).await, door), "working");

    let lock = server.lock(door).await;
    let writes = server.simulator().write_count(lock);
    server.reach_lock(door, false).await;
    server.reach_lock(door, true).await;
    server.outlast_delays(3).await;
    assert_eq!(server.simulator().write_count(lock), writes);
    let manager = server.sign_in(MANAGER).await;
    assert_eq!(placement(&server.guest_code(&manager, &second).await, door), failed);
    assert!(!server.holds(door, text(&second["code"])).await);
}

#[rstest]
#[case::length(LockError::LengthNotSupported, "length_not_supported", "another length")]
#[case::duplicate(LockError::DuplicateOnLock, "duplicate_on_lock", "Choose another code")]
#[tokio::test]
async fn r28_what_the_lock_can_never_take_is_not_retried_and_the_old_code_stays(
    #[case] error: LockError,
    #[case] reason: &str,
    #[case] next_step: &str,
) {
    let (server, resident) = start_with_code().await;
    let door = server.world.door;
    let lock = server.lock(door).await;
    server.simulator().fail_next_writes(lock, 1, error);
    assert_eq!(server.pick(&resident, "8042").await.status, 200);
    server.settled().await;
    let writes = server.simulator().write_count(lock);
    server.outlast_delays(3).await;
    assert_eq!(server.simulator().write_count(lock), writes);
    let access = server.access(&resident).await;
    let failed = placement(&access["code"], door);
    assert_eq!((&failed["status"], &failed["reason"]), (&json!("failed"), &json!(reason)));
    assert!(text(&failed["next_step"]).contains(next_step), "{failed}");
    assert_eq!(status(&access["previous_code"], door), "working");
    assert!(server.open(door, "530917").await);

    // Another code is not held up by it.
    assert_eq!(server.pick(&resident, "271828").await.status, 200);
    server.settled().await;
    assert_eq!(status(&server.access(&resident).await["code"], door), "working");
    assert!(!server.open(door, "530917").await && server.open(door, "271828").await);
    assert_eq!(server.held(door).await, 1);
}

#[tokio::test]
async fn r28_a_lock_that_takes_another_length_is_not_even_written_to() {
    let (server, resident) = start_with_code().await;
    let door = server.world.door;
    let lock = server.lock(door).await;
    let settings = LockSettings { lengths: Lengths::Six, slots: 20, ..LockSettings::default() };
    server.simulator().configure(lock, settings);
    let writes = server.simulator().write_count(lock);
    assert_eq!(server.take_random(&resident, 4).await.status, 200);
    server.settled().await;
    let access = server.access(&resident).await;
    assert_eq!(placement(&access["code"], door)["reason"], "length_not_supported");
    assert_eq!(server.simulator().write_count(lock), writes);
    assert!(server.open(door, "530917").await);
}

#[rstest]
#[case::no_answer(LockError::TimedOut)]
#[case::rejected(LockError::rejected("busy"))]
#[case::not_paired_yet(LockError::UnknownLock)]
#[tokio::test]
async fn r28_transient_failures_are_retried_after_a_delay(#[case] error: LockError) {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    let lock = server.lock(door).await;
    let writes = server.simulator().write_count(lock);
    server.simulator().fail_next_writes(lock, 3, error);
    let issued = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    assert_eq!(status(&server.guest_code(&resident, &issued).await, door), "sending");
    assert!(server.simulator().write_count(lock) < writes + 4, "it pauses");
    server.outlast_delays(3).await;
    let code = server.guest_code(&resident, &issued).await;
    assert_eq!((status(&code, door), &placement(&code, door)["reason"]), ("working", &Value::Null));
    assert_eq!(server.simulator().write_count(lock), writes + 4);
    assert_eq!(server.held(door).await, 2);
}

#[tokio::test]
async fn r28_after_many_attempts_it_is_shown_as_failed_and_recovers_with_the_lock() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    server.simulator().fail_next_writes(server.lock(door).await, 9, LockError::rejected("jammed"));
    let issued = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    server.outlast_delays(4).await;
    let code = server.guest_code(&resident, &issued).await;
    let failed = placement(&code, door);
    assert_eq!((&failed["status"], &failed["reason"]), (&json!("failed"), &json!("rejected")));
    assert_eq!(failed["next_step"], "Contact support.");
    server.outlast_delays(5).await;
    assert_eq!(status(&server.guest_code(&resident, &issued).await, door), "working");
}

#[tokio::test]
async fn r28_a_lost_answer_loses_no_code() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    let lock = server.lock(door).await;
    server.simulator().lose_next_answers(lock, 1);
    let issued = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    server.outlast_delays(1).await;
    assert_eq!(status(&server.guest_code(&resident, &issued).await, door), "working");
    assert_eq!(server.held(door).await, 2, "once, in the slot it was first sent to");
    server.simulator().lose_next_answers(lock, 1);
    assert_eq!(server.revoke(&resident, &issued).await.status, 200);
    server.settled().await;
    server.outlast_delays(1).await;
    assert_eq!(status(&server.guest_code(&resident, &issued).await, door), "removed");
    assert_eq!(server.held(door).await, 1);
}

#[rstest]
#[case::lock(false, "lock_offline", "batteries")]
#[case::hub(true, "hub_offline", "power and network")]
#[tokio::test]
async fn r29_a_guest_code_waits_for_a_lock_that_is_offline_and_goes_there_at_once_when_it_is_back(
    #[case] by_hub: bool,
    #[case] reason: &str,
    #[case] next_step: &str,
) {
    let server = TestServer::start_working().await;
    server.switch_custom_codes(true).await;
    let resident = server.resident().await;
    let door = server.world.door;
    server.advance(SignedDuration::from_mins(5));
    if by_hub {
        server.reach_hub(false).await;
    } else {
        server.reach_lock(door, false).await;
    }
    server.advance(SignedDuration::from_mins(5));
    let issued = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    let code = server.guest_code(&resident, &issued).await;
    let waiting = placement(&code, door);
    assert_eq!((&waiting["status"], &waiting["reason"]), (&json!("waiting"), &json!(reason)));
    // Since when the lock is offline, not since when the code waits.
    assert_eq!(waiting["since"], "2026-06-15T18:05:00Z");
    assert!(text(&waiting["next_step"]).contains(next_step), "{waiting}");
    let event = server.recorded_as("placement.waiting").await.remove(0);
    assert_eq!(event.code.as_deref(), Some(reason));
    // A custom code may not (R13).
    assert_eq!(server.pick(&resident, "530917").await.problem(), (409, "lock_offline".into()));
    // However long it takes, it is still waiting, and recorded once.
    server.outlast_delays(8).await;
    assert_eq!(status(&server.guest_code(&resident, &issued).await, door), "waiting");
    assert_eq!(server.recorded_as("placement.waiting").await.len(), 1);

    if by_hub {
        server.reach_hub(true).await;
    } else {
        server.reach_lock(door, true).await;
    }
    server.settled().await;
    assert_eq!(status(&server.guest_code(&resident, &issued).await, door), "working");
    assert!(server.holds(door, text(&issued["code"])).await);
    for action in [["lock.offline", "lock.online"], ["hub.offline", "hub.online"]][usize::from(by_hub)] {
        assert_eq!(server.recorded_as(action).await.len(), 1, "{action}");
    }
}

#[tokio::test]
async fn r29_a_code_revoked_while_waiting_never_reaches_the_lock() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    server.reach_lock(door, false).await;
    let issued = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    let answer = server.revoke(&resident, &issued).await;
    assert_eq!(status(&answer.json(), door), "removed", "it never was on the lock");
    server.reach_lock(door, true).await;
    server.settled().await;
    assert!(!server.holds(door, text(&issued["code"])).await);
    assert_eq!(server.held(door).await, 1);
}

#[tokio::test]
async fn r24_a_code_that_may_be_on_the_lock_is_taken_off_even_if_never_confirmed() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    let lock = server.lock(door).await;
    // The lock accepts the code and is out of reach before it can be read back.
    server.simulator().vanish_after_writes(lock, 1);
    let issued = server.issued(&resident, &permanent(&[door])).await;
    let digits = text(&issued["code"]);
    server.settled().await;
    assert_eq!(status(&server.guest_code(&resident, &issued).await, door), "waiting");
    assert!(server.open(door, digits).await);

    let answer = server.revoke(&resident, &issued).await;
    assert_eq!(status(&answer.json(), door), "being_removed");
    server.settled().await;
    assert_eq!(status(&server.guest_code(&resident, &issued).await, door), "being_removed");
    server.reach_lock(door, true).await;
    server.settled().await;
    assert_eq!(status(&server.guest_code(&resident, &issued).await, door), "removed");
    assert!(!server.open(door, digits).await);
}

#[tokio::test]
async fn r25_work_left_by_a_killed_server_is_done_by_the_next() {
    let (mut server, resident) = start_with_code().await;
    let door = server.world.door;
    let guest = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    server.stop_workers().await;
    assert_eq!(server.pick(&resident, "804216").await.status, 200);
    assert_eq!(server.revoke(&resident, &guest).await.status, 200);
    let waiting = server.issued(&resident, &permanent(&[door])).await;

    server.restart().await;
    assert!(server.holds(door, "530917").await, "a lock keeps its codes while the server is down");
    let access = server.access(&resident).await;
    assert_eq!((status(&access["code"], door), status(&access["previous_code"], door)), ("sending", "working"));
    server.start_workers();
    server.settled().await;
    let access = server.access(&resident).await;
    assert_eq!((status(&access["code"], door), &access["previous_code"]), ("working", &Value::Null));
    assert_eq!(status(&server.guest_code(&resident, &guest).await, door), "removed");
    assert_eq!(status(&server.guest_code(&resident, &waiting).await, door), "working");
    assert!(server.open(door, "804216").await && server.open(door, text(&waiting["code"])).await);
    assert_eq!(server.held(door).await, 2);
}

#[tokio::test]
async fn r25_a_deed_cut_short_by_a_kill_is_repeated_in_the_same_slot() {
    let (mut server, resident) = start_with_code().await;
    let door = server.world.door;
    let lock = server.lock(door).await;
    let slow = LockSettings { latency: Duration::from_secs(3_600), slots: 20, ..LockSettings::default() };
    server.simulator().configure(lock, slow);
    assert_eq!(server.pick(&resident, "804216").await.status, 200);
    server.eventually("it is being written", async || as_support_sees_it(&server).await["slot"] == 1).await;
    assert_eq!(as_support_sees_it(&server).await["status"], "sending");

    server.restart().await;
    server.start_workers();
    server.settled().await;
    let seen = as_support_sees_it(&server).await;
    assert_eq!((&seen["status"], &seen["slot"]), (&json!("working"), &json!(1)));
    assert!(server.open(door, "804216").await && !server.open(door, "530917").await);
    assert_eq!(server.held(door).await, 1);
}

#[tokio::test]
async fn r24_a_removal_cut_short_by_a_kill_is_finished_by_the_next_server() {
    let (mut server, resident) = start_with_code().await;
    let door = server.world.door;
    let guest = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    let slow = LockSettings { latency: Duration::from_secs(3_600), slots: 20, ..LockSettings::default() };
    server.simulator().configure(server.lock(door).await, slow);
    assert_eq!(server.revoke(&resident, &guest).await.status, 200);
    server.restart().await;
    assert_eq!(status(&server.guest_code(&resident, &guest).await, door), "being_removed");
    assert!(server.open(door, text(&guest["code"])).await);
    server.start_workers();
    server.settled().await;
    assert_eq!(status(&server.guest_code(&resident, &guest).await, door), "removed");
    assert!(!server.open(door, text(&guest["code"])).await);
}

#[tokio::test]
async fn r24_codes_that_expired_while_the_server_was_down_are_over_when_it_is_up() {
    let mut server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    let request = json!({
        "kind": "temporary", "door_ids": [door], "guest_name": "Ada",
        "starts_at": "2026-06-15T18:00:00Z", "ends_at": "2026-06-15T19:00:00Z",
    });
    let issued = server.issued(&resident, &request).await;
    server.settled().await;
    assert!(server.open(door, text(&issued["code"])).await);
    server.stop_workers().await;
    server.advance(SignedDuration::from_hours(5));
    server.restart().await;
    server.start_workers();
    server.settled().await;
    let code = server.guest_code(&resident, &issued).await;
    assert_eq!((&code["state"], status(&code, door)), (&json!("expired"), "removed"));
    assert!(!server.open(door, text(&issued["code"])).await);
}
