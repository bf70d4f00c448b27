//! Presence: no hub event is lost, and what locks answer counts too (R25, R26).

use hub::{Lengths, LockError, LockSettings};
use ids::DoorId;
use jiff::SignedDuration;
use latchkey_server::view::door;
use rstest::rstest;
use serde_json::json;

use crate::fixtures::{permanent, placement, status, text};
use crate::harness::{MANAGER, TestServer};

/// Makes the records say that a door's lock and its hub are offline, which they aren't.
async fn presume_offline(server: &TestServer, door: DoorId) {
    server
        .write(move |tx| {
            tx.execute("UPDATE lock SET online = 0 WHERE door_id = ?", [door]).expect("changed");
            tx.execute("UPDATE hub SET online = 0", []).expect("changed");
        })
        .await;
}

async fn is_online(server: &TestServer, door: DoorId) -> bool {
    let record = server.door_record(door).await;
    record.lock_online && record.hub_online
}

/// The recorded online and offline events, oldest first.
async fn comings_and_goings(server: &TestServer) -> Vec<String> {
    let mut events = server.recorded().await;
    events.reverse();
    let actions = events.into_iter().map(|event| event.action.to_string());
    actions.filter(|action| action.starts_with("lock.") || action.starts_with("hub.")).collect()
}

#[tokio::test]
async fn r31_hub_events_that_can_not_be_recorded_are_recorded_later_in_order() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let (gate, gym) = (server.world.gate, server.world.gym);
    let parcel = serde_json::json!({"kind": "delivery", "door_ids": [gate], "guest_name": "Parcel"});
    let parcel = server.issued(&manager, &parcel).await;
    server.settled().await;
    let lock = server.lock(gym).await;
    server.fill_the_disk(true).await;
    let simulator = server.simulator();
    simulator.set_lock_online(lock, false);
    simulator.set_lock_online(lock, true);
    assert!(server.open(gate, text(&parcel["code"])).await);
    simulator.set_lock_online(lock, false);
    simulator.set_battery(server.lock(gate).await, 7);
    server.eventually("it is off its lock", async || server.held(gate).await == 0).await;
    assert!(is_online(&server, gym).await, "nothing of it is on record");
    assert_eq!(comings_and_goings(&server).await, [""; 0]);
    assert_eq!(server.guest_code(&manager, &parcel).await["state"], "live");

    server.fill_the_disk(false).await;
    let battery =
        async || door::describe_with_lock(&server.door_record(gate).await).lock.and_then(|lock| lock.battery_percent);
    server.eventually("the last of it is on record", async || battery().await == Some(7)).await;
    assert_eq!(comings_and_goings(&server).await, ["lock.offline", "lock.online", "lock.offline"]);
    assert!(!server.door_record(gym).await.lock_online);
    assert_eq!(server.guest_code(&manager, &parcel).await["state"], "used");
    assert_eq!(server.recorded_as("guest_code.used").await.len(), 1);
}

#[derive(Clone, Copy, PartialEq)]
enum Answer {
    Taken,
    Refused,
    Removed,
}

#[rstest]
#[case::a_code_is_taken(Answer::Taken)]
#[case::a_code_is_refused(Answer::Refused)]
#[case::a_code_is_taken_off(Answer::Removed)]
#[tokio::test]
async fn r25_any_answer_of_a_lock_shows_that_it_and_its_hub_are_online(#[case] answer: Answer) {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    let there = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    presume_offline(&server, door).await;
    match answer {
        Answer::Taken => drop(server.issued(&resident, &permanent(&[door])).await),
        Answer::Refused => {
            server.simulator().fail_next_writes(server.lock(door).await, 1, LockError::rejected("busy"));
            server.issued(&resident, &permanent(&[door])).await;
        }
        Answer::Removed => assert_eq!(server.revoke(&resident, &there).await.status, 200),
    }
    server.eventually("they are thought online", async || is_online(&server, door).await).await;
    assert_eq!(comings_and_goings(&server).await, ["hub.online", "lock.online"]);
    server.settled().await;
    assert_eq!(comings_and_goings(&server).await.len(), 2, "said once");
}

/// R13 depends on what is known: after one answer, a code can be picked again.
#[tokio::test]
async fn r13_after_a_mistaken_refusal_the_lock_s_next_answer_allows_picking_a_code() {
    let server = TestServer::start_working().await;
    server.switch_custom_codes(true).await;
    let resident = server.resident().await;
    let door = server.world.door;
    presume_offline(&server, door).await;
    assert_eq!(server.pick(&resident, "530917").await.problem(), (409, "lock_offline".into()));
    let guest = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    assert_eq!(status(&server.guest_code(&resident, &guest).await, door), "working");
    assert_eq!(server.pick(&resident, "530917").await.status, 200);
    server.settled().await;
    assert!(server.holds(door, "530917").await);
}

#[tokio::test]
async fn r25_what_is_presumed_offline_is_polled_even_if_nothing_is_due_there() {
    let server = TestServer::start_working().await;
    let (door, gym) = (server.world.door, server.world.gym);
    // One that is really offline.
    server.reach_lock(gym, false).await;
    presume_offline(&server, door).await;
    server.advance(SignedDuration::from_secs(31));
    server.eventually("it was found", async || is_online(&server, door).await).await;
    assert_eq!(comings_and_goings(&server).await, ["lock.offline", "hub.online", "lock.online"]);
    assert!(!server.door_record(gym).await.lock_online);

    // And the whole hub.
    server.write(|tx| tx.execute("UPDATE hub SET online = 0", []).expect("changed")).await;
    server.advance(SignedDuration::from_secs(31));
    server.eventually("it was found", async || is_online(&server, door).await).await;
    assert_eq!(comings_and_goings(&server).await.len(), 4);
}

#[tokio::test]
async fn r25_a_lock_going_online_or_offline_is_noticed_even_if_its_event_was_lost() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let (door, gate, gym) = (server.world.door, server.world.gate, server.world.gym);
    server.reach_lock(door, false).await;
    let waits = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    assert_eq!(status(&server.guest_code(&resident, &waits).await, door), "waiting");

    let [comes, goes, chatters] = [server.lock(door).await, server.lock(gym).await, server.lock(gate).await];
    let simulator = server.simulator();
    simulator.set_lock_online(comes, true);
    simulator.set_lock_online(goes, false);
    // More events than are kept for listeners, before anybody could listen.
    for percent in (0..=100).cycle().take(hub::Simulator::EVENTS_KEPT + 1) {
        simulator.set_battery(chatters, percent);
    }
    server.eventually("one came", async || is_online(&server, door).await).await;
    server.eventually("one went", async || !is_online(&server, gym).await).await;
    server.settled().await;
    assert_eq!(status(&server.guest_code(&resident, &waits).await, door), "working");
    assert!(server.holds(door, text(&waits["code"])).await);
    let mut last = comings_and_goings(&server).await.split_off(1);
    last.sort();
    assert_eq!(last, ["lock.offline", "lock.online"]);
}

#[rstest]
#[case::lock("lock_offline", LockError::rejected("busy"))]
#[case::hub("hub_offline", LockError::rejected("busy"))]
#[case::slow_lock("lock_offline", LockError::TimedOut)]
#[case::hub_of_a_slow_lock("hub_offline", LockError::TimedOut)]
#[tokio::test]
async fn r26_a_code_between_two_attempts_waits_as_soon_as_its_lock_is_offline(
    #[case] reason: &str,
    #[case] error: LockError,
) {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    server.simulator().fail_next_writes(server.lock(door).await, 1, error);
    let issued = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    assert_eq!(status(&server.guest_code(&resident, &issued).await, door), "sending");

    // No time passes, so that nothing would be due.
    match reason {
        "lock_offline" => server.reach_lock(door, false).await,
        _ => server.reach_hub(false).await,
    }
    server.settled().await;
    let code = server.guest_code(&resident, &issued).await;
    let seen = placement(&code, door);
    assert_eq!((&seen["status"], &seen["reason"]), (&json!("waiting"), &json!(reason)));
}

#[tokio::test]
async fn r26_what_waited_is_being_sent_once_its_lock_is_back_even_if_that_is_slow_to_answer() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    server.reach_lock(door, false).await;
    let mut waiting = Vec::new();
    for _ in 0..2 {
        waiting.push(server.issued(&resident, &permanent(&[door])).await);
    }
    server.settled().await;
    server.simulator().fail_next_writes(server.lock(door).await, 1, LockError::TimedOut);
    server.reach_lock(door, true).await;
    server.settled().await;
    for issued in &waiting {
        let code = server.guest_code(&resident, issued).await;
        assert_eq!(status(&code, door), "sending", "the lock is online: {code}");
    }
}

/// What a lock can do, its hub knows by itself.
#[tokio::test]
async fn r25_a_refusal_that_the_hub_knows_by_itself_does_not_show_that_the_lock_is_online() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    let settings = LockSettings { lengths: Lengths::Six, slots: 20, ..LockSettings::default() };
    server.simulator().configure(server.lock(door).await, settings);
    server.reach_lock(door, false).await;
    let mut request = permanent(&[door]);
    request["length"] = json!(4);
    let issued = server.issued(&resident, &request).await;
    server.settled().await;
    let code = server.guest_code(&resident, &issued).await;
    assert_eq!(placement(&code, door)["reason"], "length_not_supported");
    assert!(!is_online(&server, door).await);
    assert_eq!(comings_and_goings(&server).await, ["lock.offline"]);
}

#[tokio::test]
async fn r26_what_waits_for_a_lock_says_so_of_its_hub_once_that_is_offline_too() {
    let server = TestServer::start_working().await;
    let (resident, manager) = (server.resident().await, server.sign_in(MANAGER).await);
    let door = server.world.door;
    let there = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    server.reach_lock(door, false).await;
    let waits = server.issued(&resident, &permanent(&[door])).await;
    assert_eq!(server.revoke(&resident, &there).await.status, 200);
    server.settled().await;
    for (hub_online, reason) in [(true, "lock_offline"), (false, "hub_offline"), (true, "lock_offline")] {
        server.reach_hub(hub_online).await;
        server.settled().await;
        for issued in [&waits, &there] {
            let code = server.guest_code(&resident, issued).await;
            assert_eq!(placement(&code, door)["reason"], reason, "{code}");
        }
        let property = server.read(&manager, &format!("/properties/{}", server.world.property)).await;
        assert_eq!(property["health"]["needs"][0]["cause"], reason);
    }
}
