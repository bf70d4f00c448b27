//! Locks without a free slot: people are told what is known, and a slot is used as soon as one is free (R26–R29).

use api_types::DoorKind;
use hub::OperationKind;
use serde_json::json;

use crate::fixtures::{permanent, placement, status, text};
use crate::harness::{MANAGER, TestServer};

#[tokio::test]
async fn r26_r29_a_code_for_an_offline_lock_waits_even_if_its_slots_are_taken_by_codes_being_removed() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let unit = server.add_unit("102").await;
    let second = server.add_door(DoorKind::Unit, "102 balcony", Some(unit.id), 3).await;
    let going =
        [server.issued(&manager, &permanent(&[second])).await, server.issued(&manager, &permanent(&[second])).await];
    server.settled().await;
    assert_eq!(server.held(second).await, 2);
    server.leave_slots(second, 2).await;
    server.reach_lock(second, false).await;
    for code in &going {
        assert_eq!(server.revoke(&manager, code).await.status, 200);
    }
    server.settled().await;
    let before = server.simulator().operations().len();

    let resident = server.add_resident("new@example.com", unit.id, "102").await;
    let path = format!("/properties/{}/residents/{resident}", server.world.property);
    let code = server.read(&manager, &path).await["code"].clone();
    let waiting = placement(&code, second);
    assert_eq!((&waiting["status"], &waiting["reason"]), (&json!("waiting"), &json!("lock_offline")));
    assert!(text(&waiting["next_step"]).contains("batteries"), "{waiting}");
    // Where the lock is online, it already works.
    assert_eq!(status(&code, unit.door), "working");
    for code in &going {
        assert_eq!(status(&server.guest_code(&manager, code).await, second), "being_removed");
    }
    assert!(server.recorded_as("placement.failed").await.is_empty());
    server.outlast_delays(2).await;
    let manager = server.sign_in(MANAGER).await;
    assert_eq!(status(&server.read(&manager, &path).await["code"], second), "waiting");

    server.reach_lock(second, true).await;
    server.settled().await;
    let code = server.read(&manager, &path).await["code"].clone();
    assert_eq!(status(&code, second), "working");
    for code in &going {
        assert_eq!(status(&server.guest_code(&manager, code).await, second), "removed");
        assert!(!server.holds(second, text(&code["code"])).await);
    }
    assert_eq!(server.held(second).await, 1);
    let lock = server.lock(second).await;
    let done = server.simulator().operations().into_iter().skip(before);
    let done = done.filter(|done| done.lock == lock && done.outcome.is_ok() && done.kind != OperationKind::ReadBack);
    let done: Vec<OperationKind> = done.map(|done| done.kind).collect();
    assert_eq!(done.last(), Some(&OperationKind::Write), "{done:?}");
    assert_eq!(done.iter().filter(|kind| **kind == OperationKind::Write).count(), 1, "{done:?}");
    assert_eq!(done.len(), 3, "{done:?}");
    assert!(server.recorded_as("placement.failed").await.is_empty());
}

#[tokio::test]
async fn r24_r26_a_code_for_a_lock_whose_slots_are_being_freed_is_sent_and_not_failed() {
    let mut server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let pool = server.add_door(DoorKind::Amenity, "Pool", None, 1).await;
    let old = server.issued(&manager, &permanent(&[pool])).await;
    server.settled().await;
    server.stop_workers().await;
    // The lock won't release it at once.
    server.simulator().fail_next_removals(server.lock(pool).await, 2, hub::LockError::rejected("busy"));
    assert_eq!(server.revoke(&manager, &old).await.status, 200);
    let new = server.issued(&manager, &permanent(&[pool])).await;
    server.start_workers();
    server.settled().await;
    assert_eq!(status(&server.guest_code(&manager, &new).await, pool), "sending");
    assert_eq!(status(&server.guest_code(&manager, &old).await, pool), "being_removed");
    server.outlast_delays(3).await;
    let manager = server.sign_in(MANAGER).await;
    assert_eq!(status(&server.guest_code(&manager, &new).await, pool), "working");
    assert_eq!(status(&server.guest_code(&manager, &old).await, pool), "removed");
    assert!(server.recorded_as("placement.failed").await.is_empty());
}

#[tokio::test]
async fn r28_a_code_that_found_no_slot_is_retried_as_soon_as_one_is_free() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let pool = server.add_door(DoorKind::Amenity, "Pool", None, 1).await;
    let lock = server.lock(pool).await;
    let mut codes = Vec::new();
    for _ in 0..3 {
        codes.push(server.issued(&manager, &permanent(&[pool])).await);
        server.settled().await;
    }
    let stand = async || {
        let mut stand = Vec::new();
        for code in &codes {
            let code = server.guest_code(&manager, code).await;
            let placement = placement(&code, pool);
            stand.push((text(&placement["status"]).to_owned(), placement["reason"].clone()));
        }
        stand
    };
    let (working, removed) = (("working".to_owned(), json!(null)), ("removed".to_owned(), json!(null)));
    let failed = ("failed".to_owned(), json!("slots_full"));
    assert_eq!(stand().await, [working.clone(), failed.clone(), failed.clone()]);
    assert_eq!(server.simulator().write_count(lock), 1);

    // One gives up its slot to one of them, and the other still has none.
    assert_eq!(server.revoke(&manager, &codes[0]).await.status, 200);
    server.settled().await;
    let now = stand().await;
    assert_eq!(now[0], removed);
    let (with, without) = if now[1] == working { (1, 2) } else { (2, 1) };
    assert_eq!((&now[with], &now[without]), (&working, &failed));
    assert!(server.holds(pool, text(&codes[with]["code"])).await);
    assert_eq!(server.revoke(&manager, &codes[with]).await.status, 200);
    server.settled().await;
    assert_eq!(stand().await[without], working);
    assert!(server.holds(pool, text(&codes[without]["code"])).await);
    assert_eq!((server.held(pool).await, server.simulator().write_count(lock)), (1, 3));
    // What was revoked before a slot was free takes none.
    let given_up = server.issued(&manager, &permanent(&[pool])).await;
    server.settled().await;
    assert_eq!(server.revoke(&manager, &given_up).await.status, 200);
    assert_eq!(server.revoke(&manager, &codes[without]).await.status, 200);
    server.settled().await;
    assert_eq!(server.held(pool).await, 0);
}
