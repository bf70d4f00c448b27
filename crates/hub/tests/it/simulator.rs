//! The simulated locks behave as real ones do, seen through the trait that the worker sees.

use std::sync::Arc;
use std::time::Duration;

use access_code::Code;
use hub::{
    Accepted, HubEvent, HubLock, KeypadResult, Lengths, LockDriver, LockError, LockSettings, OperationKind, ReadBack,
    Simulator, Slot, SlotContent,
};
use ids::{HubId, LockId};
use tokio::sync::broadcast::Receiver;
use uuid::Uuid;

const LOCK: LockId = LockId::from_uuid(Uuid::from_u128(1));
const OTHER_LOCK: LockId = LockId::from_uuid(Uuid::from_u128(2));
const OLD: &str = "0192";
const NEW: &str = "407159";

fn code(digits: &str) -> Code {
    Code::parse(digits).expect("a well-formed code")
}

fn slot(number: u16) -> Slot {
    Slot::new(number).expect("slots are numbered from 1")
}

fn simulator_with(settings: LockSettings) -> Simulator {
    let simulator = Simulator::new(HubId::from_uuid(Uuid::from_u128(9)));
    simulator.add_lock(LOCK, settings);
    simulator
}

fn simulator() -> Simulator {
    simulator_with(LockSettings::default())
}

fn drain(events: &mut Receiver<HubEvent>) -> Vec<HubEvent> {
    std::iter::from_fn(|| events.try_recv().ok()).collect()
}

/// The slot that these digits open, if they open the door.
fn opened_by(simulator: &Simulator, digits: &str) -> Option<u16> {
    match simulator.press_keypad(LOCK, digits) {
        KeypadResult::Opened(slot) => Some(slot.number()),
        KeypadResult::Refused => None,
    }
}

#[tokio::test]
async fn a_written_code_opens_reads_back_and_is_gone_when_removed() {
    let driver: Arc<dyn LockDriver> = Arc::new({
        let simulator = simulator();
        simulator.add_lock(OTHER_LOCK, LockSettings::default());
        simulator
    });
    assert_eq!(driver.write(LOCK, slot(3), &code(OLD)).await, Ok(Accepted::ByLock));
    assert!(driver.read_back(LOCK, slot(3)).await == Ok(SlotContent::Holds(code(OLD))));
    assert!(driver.read_back(LOCK, slot(4)).await == Ok(SlotContent::Empty));
    assert!(driver.read_back(OTHER_LOCK, slot(3)).await == Ok(SlotContent::Empty), "each lock has its own slots");
    assert_eq!(driver.remove(LOCK, slot(3)).await, Ok(()));
    assert!(driver.read_back(LOCK, slot(3)).await == Ok(SlotContent::Empty));
}

#[tokio::test]
async fn every_deed_may_be_repeated() {
    let simulator = simulator();
    for _ in 0..3 {
        assert_eq!(simulator.write(LOCK, slot(1), &code(OLD)).await, Ok(Accepted::ByLock));
    }
    assert_eq!(simulator.slots_used(LOCK), 1);
    for _ in 0..3 {
        assert_eq!(simulator.remove(LOCK, slot(1)).await, Ok(()));
    }
    assert_eq!(simulator.slots_used(LOCK), 0);
    assert_eq!(simulator.write_count(LOCK), 3);
}

#[tokio::test]
async fn after_a_lost_answer_doing_it_again_is_safe() {
    let simulator = simulator();
    simulator.lose_next_answers(LOCK, 1);
    assert_eq!(simulator.write(LOCK, slot(1), &code(OLD)).await, Err(LockError::TimedOut));
    assert_eq!(opened_by(&simulator, OLD), Some(1), "it was written though no answer came");
    assert_eq!(simulator.write(LOCK, slot(1), &code(OLD)).await, Ok(Accepted::ByLock));

    simulator.lose_next_answers(LOCK, 1);
    assert_eq!(simulator.remove(LOCK, slot(1)).await, Err(LockError::TimedOut));
    assert_eq!(simulator.remove(LOCK, slot(1)).await, Ok(()));
    assert_eq!(simulator.slots_used(LOCK), 0);
}

#[tokio::test]
async fn r13_r29_offline_nothing_is_added_queued_or_lost() {
    let simulator = simulator();
    simulator.write(LOCK, slot(1), &code(OLD)).await.expect("online");

    simulator.set_lock_online(LOCK, false);
    assert_eq!(simulator.write(LOCK, slot(1), &code(NEW)).await, Err(LockError::LockOffline));
    assert_eq!(simulator.remove(LOCK, slot(1)).await, Err(LockError::LockOffline));
    assert!(simulator.read_back(LOCK, slot(1)).await == Err(LockError::LockOffline));
    assert_eq!(simulator.ping(LOCK).await, Err(LockError::LockOffline));

    simulator.set_hub_online(false);
    assert_eq!(simulator.write(LOCK, slot(1), &code(NEW)).await, Err(LockError::HubOffline));
    assert_eq!(simulator.remove(LOCK, slot(1)).await, Err(LockError::HubOffline));
    assert!(simulator.read_back(LOCK, slot(1)).await == Err(LockError::HubOffline));
    assert_eq!(simulator.ping(LOCK).await, Err(LockError::HubOffline));
    assert_eq!(simulator.capabilities(LOCK).await, Err(LockError::HubOffline));

    simulator.set_hub_online(true);
    simulator.set_lock_online(LOCK, true);
    assert_eq!(simulator.ping(LOCK).await.map(|health| health.battery_percent), Ok(Some(100)));
    assert_eq!(opened_by(&simulator, OLD), Some(1), "the previous code stays in force");
    assert_eq!(opened_by(&simulator, NEW), None, "no driver queues");
}

#[tokio::test]
async fn r28_the_return_of_a_lock_is_told() {
    let simulator = simulator();
    simulator.add_lock(OTHER_LOCK, LockSettings::default());
    let mut events = simulator.events();

    simulator.set_lock_online(LOCK, false);
    simulator.set_lock_online(LOCK, false);
    simulator.set_lock_online(LOCK, true);
    let (lock, other) = (LOCK, OTHER_LOCK);
    assert_eq!(drain(&mut events), [HubEvent::LockOffline { lock }, HubEvent::LockOnline { lock }]);

    simulator.set_hub_online(false);
    simulator.set_lock_online(OTHER_LOCK, false);
    simulator.set_hub_online(true);
    assert_eq!(
        drain(&mut events),
        [
            HubEvent::HubOffline,
            HubEvent::HubOnline,
            HubEvent::LockOnline { lock },
            HubEvent::LockOffline { lock: other },
        ],
        "what happened while the hub was away is told when it is back"
    );
}

#[tokio::test]
async fn r11_r28_a_lock_refuses_a_second_slot_with_the_same_code() {
    let simulator = simulator();
    simulator.add_lock(OTHER_LOCK, LockSettings::default());
    simulator.write(LOCK, slot(1), &code(OLD)).await.expect("free");
    let refused = simulator.write(LOCK, slot(2), &code(OLD)).await;
    assert_eq!(refused, Err(LockError::DuplicateOnLock));
    assert_eq!(simulator.slots_used(LOCK), 1);
    assert_eq!(simulator.write(OTHER_LOCK, slot(2), &code(OLD)).await, Ok(Accepted::ByLock), "another lock may");
}

#[tokio::test]
async fn r28_a_lock_refuses_lengths_and_slots_that_it_does_not_have() {
    let settings = LockSettings { slots: 2, lengths: Lengths::Four, ..LockSettings::default() };
    let simulator = simulator_with(settings);
    assert_eq!(simulator.write(LOCK, slot(1), &code(NEW)).await, Err(LockError::LengthNotSupported));
    assert_eq!(simulator.write(LOCK, slot(3), &code(OLD)).await, Err(LockError::SlotsFull));
    assert_eq!(simulator.write(LOCK, slot(2), &code(OLD)).await, Ok(Accepted::ByLock));
    assert_eq!(simulator.remove(LOCK, slot(3)).await, Ok(()), "there is nothing there");

    simulator.configure(LOCK, LockSettings { lengths: Lengths::Six, ..settings });
    assert_eq!(simulator.capabilities(LOCK).await.map(|can| can.lengths), Ok(Lengths::Six));
    assert_eq!(simulator.write(LOCK, slot(1), &code("5820")).await, Err(LockError::LengthNotSupported));
    assert_eq!(simulator.write(LOCK, slot(1), &code(NEW)).await, Ok(Accepted::ByLock));
    assert_eq!(opened_by(&simulator, OLD), Some(2), "codes stay when the lock changes");
}

#[tokio::test]
async fn r27_with_a_free_slot_the_new_code_works_before_the_old_one_goes() {
    let simulator = simulator();
    simulator.write(LOCK, slot(1), &code(OLD)).await.expect("free");

    simulator.write(LOCK, slot(2), &code(NEW)).await.expect("free");
    assert!(simulator.read_back(LOCK, slot(2)).await == Ok(SlotContent::Holds(code(NEW))));
    assert_eq!((opened_by(&simulator, OLD), opened_by(&simulator, NEW)), (Some(1), Some(2)));

    simulator.remove(LOCK, slot(1)).await.expect("online");
    assert_eq!((opened_by(&simulator, OLD), opened_by(&simulator, NEW)), (None, Some(2)));

    let done: Vec<_> = simulator.operations().iter().map(|done| (done.kind, done.slot.number())).collect();
    assert_eq!(
        done,
        [
            (OperationKind::Write, 1),
            (OperationKind::Write, 2),
            (OperationKind::ReadBack, 2),
            (OperationKind::Remove, 1)
        ]
    );
}

#[tokio::test]
async fn r27_overwriting_never_leaves_both_gone() {
    let simulator = simulator_with(LockSettings { slots: 1, ..LockSettings::default() });
    simulator.write(LOCK, slot(1), &code(OLD)).await.expect("free");

    let errors = [LockError::TimedOut, LockError::rejected("jammed")];
    for error in errors {
        simulator.fail_next_writes(LOCK, 1, error.clone());
        assert_eq!(simulator.write(LOCK, slot(1), &code(NEW)).await, Err(error));
        assert_eq!((opened_by(&simulator, OLD), opened_by(&simulator, NEW)), (Some(1), None));
    }
    simulator.write(LOCK, slot(1), &code(NEW)).await.expect("no more failures");
    assert_eq!((opened_by(&simulator, OLD), opened_by(&simulator, NEW)), (None, Some(1)));
}

#[tokio::test]
async fn r24_a_code_opens_until_its_removal_is_confirmed() {
    let simulator = simulator();
    simulator.write(LOCK, slot(1), &code(OLD)).await.expect("free");
    simulator.fail_next_removals(LOCK, 2, LockError::rejected("jammed"));
    for _ in 0..2 {
        assert_eq!(simulator.remove(LOCK, slot(1)).await, Err(LockError::rejected("jammed")));
        assert_eq!(opened_by(&simulator, OLD), Some(1));
    }
    assert_eq!(simulator.remove(LOCK, slot(1)).await, Ok(()));
    assert_eq!(opened_by(&simulator, OLD), None);
}

#[tokio::test]
async fn r25_an_accepted_code_may_be_dropped_and_reading_back_shows_it() {
    let simulator = simulator();
    simulator.drop_after_accept(LOCK, 1);
    assert_eq!(simulator.write(LOCK, slot(1), &code(OLD)).await, Ok(Accepted::ByLock));
    assert!(simulator.read_back(LOCK, slot(1)).await == Ok(SlotContent::Empty));

    simulator.write(LOCK, slot(1), &code(OLD)).await.expect("free");
    assert!(simulator.read_back(LOCK, slot(1)).await == Ok(SlotContent::Holds(code(OLD))));
    simulator.forget(LOCK, slot(1));
    assert!(simulator.read_back(LOCK, slot(1)).await == Ok(SlotContent::Empty));
}

#[tokio::test]
async fn locks_tell_no_more_of_their_slots_than_they_can() {
    for (read_back, told) in [
        (ReadBack::Digits, Ok(SlotContent::Holds(code(OLD)))),
        (ReadBack::Occupancy, Ok(SlotContent::Occupied)),
        (ReadBack::None, Err(LockError::NotSupported)),
    ] {
        let simulator = simulator_with(LockSettings { read_back, ..LockSettings::default() });
        simulator.write(LOCK, slot(1), &code(OLD)).await.expect("free");
        assert_eq!(simulator.capabilities(LOCK).await.map(|can| can.read_back), Ok(read_back));
        assert!(simulator.read_back(LOCK, slot(1)).await == told, "{read_back:?}");
    }
}

#[tokio::test]
async fn a_use_at_the_keypad_is_told_by_slot_if_the_lock_can_be_reached() {
    let simulator = simulator();
    simulator.write(LOCK, slot(7), &code(OLD)).await.expect("free");
    let mut events = simulator.events();

    assert_eq!(opened_by(&simulator, OLD), Some(7));
    assert_eq!(opened_by(&simulator, "01920"), None);
    assert_eq!(opened_by(&simulator, NEW), None);
    assert_eq!(drain(&mut events), [HubEvent::CodeUsed { lock: LOCK, slot: slot(7) }]);

    simulator.set_hub_online(false);
    drain(&mut events);
    assert_eq!(opened_by(&simulator, OLD), Some(7), "a keypad needs no hub");
    assert_eq!(drain(&mut events), []);
}

#[tokio::test]
async fn what_is_programmed_at_the_keypad_is_told_and_can_be_read() {
    let simulator = simulator();
    let mut events = simulator.events();
    simulator.program_at_keypad(LOCK, slot(5), Some(code(NEW)));
    assert_eq!(drain(&mut events), [HubEvent::SlotChanged { lock: LOCK, slot: slot(5) }]);
    assert!(simulator.read_back(LOCK, slot(5)).await == Ok(SlotContent::Holds(code(NEW))));
    simulator.program_at_keypad(LOCK, slot(5), None);
    assert_eq!(simulator.slots_used(LOCK), 0);
}

#[tokio::test]
async fn the_battery_is_told_and_can_be_asked_for() {
    let simulator = simulator();
    let mut events = simulator.events();
    simulator.set_battery(LOCK, 12);
    assert_eq!(drain(&mut events), [HubEvent::BatteryLevel { lock: LOCK, percent: 12 }]);
    assert_eq!(simulator.ping(LOCK).await.map(|health| health.battery_percent), Ok(Some(12)));
}

#[tokio::test]
async fn restored_codes_are_there_without_a_write() {
    let simulator = simulator();
    let mut events = simulator.events();
    simulator.restore(LOCK, slot(2), code(OLD));
    assert!(simulator.holds(LOCK, slot(2)) == Some(code(OLD)));
    assert_eq!(simulator.write_count(LOCK), 0);
    assert_eq!(simulator.operations(), []);
    assert_eq!(drain(&mut events), []);
}

#[tokio::test]
async fn locks_that_the_hub_does_not_know_are_an_error() {
    let simulator = simulator();
    assert_eq!(simulator.capabilities(OTHER_LOCK).await, Err(LockError::UnknownLock));
    assert_eq!(simulator.write(OTHER_LOCK, slot(1), &code(OLD)).await, Err(LockError::UnknownLock));
    assert_eq!(simulator.ping(OTHER_LOCK).await, Err(LockError::UnknownLock));
}

#[tokio::test]
async fn r32_operations_and_events_show_no_digits() {
    let simulator = simulator();
    let mut events = simulator.events();
    simulator.write(LOCK, slot(1), &code(NEW)).await.expect("free");
    simulator.write(LOCK, slot(2), &code(NEW)).await.expect_err("a duplicate");
    assert_eq!(opened_by(&simulator, NEW), Some(1));
    let shown = format!("{:?} {:?}", simulator.operations(), drain(&mut events));
    assert!(shown.contains("DuplicateOnLock") && shown.contains("CodeUsed"), "both are shown");
    assert!(!shown.contains(NEW));
}

#[tokio::test]
async fn only_the_latest_operations_are_kept() {
    let simulator = simulator();
    simulator.write(LOCK, slot(1), &code(OLD)).await.expect("free");
    for _ in 0..Simulator::OPERATIONS_KEPT {
        simulator.remove(LOCK, slot(1)).await.expect("online");
    }
    let operations = simulator.operations();
    assert_eq!(operations.len(), Simulator::OPERATIONS_KEPT);
    assert!(operations.iter().all(|operation| operation.kind == OperationKind::Remove));
}

#[tokio::test(start_paused = true)]
async fn a_slow_lock_slows_no_other() {
    let latency = Duration::from_millis(300);
    let simulator = simulator_with(LockSettings { latency, ..LockSettings::default() });
    simulator.add_lock(OTHER_LOCK, LockSettings::default());
    let started = tokio::time::Instant::now();
    let digits = code(OLD);
    let slow = async { simulator.write(LOCK, slot(1), &digits).await.map(|_| started.elapsed()) };
    let quick = async { simulator.write(OTHER_LOCK, slot(1), &digits).await.map(|_| started.elapsed()) };
    assert_eq!(tokio::join!(slow, quick), (Ok(latency), Ok(Duration::ZERO)));
}

#[tokio::test(start_paused = true)]
async fn r13_a_lock_that_goes_offline_while_being_written_keeps_its_code() {
    let simulator = simulator_with(LockSettings { latency: Duration::from_millis(300), ..LockSettings::default() });
    simulator.restore(LOCK, slot(1), code(OLD));
    let replacement = code(NEW);
    let write = simulator.write(LOCK, slot(1), &replacement);
    let cut = async { simulator.set_lock_online(LOCK, false) };
    let (written, ()) = tokio::join!(write, cut);
    assert_eq!(written, Err(LockError::LockOffline));
    assert_eq!(opened_by(&simulator, OLD), Some(1));
}

#[test]
fn slots_are_numbered_from_one() {
    assert_eq!(Slot::new(0), None);
    let numbers: Vec<_> = Slot::all(3).map(Slot::number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(Slot::all(u16::MAX).count(), usize::from(u16::MAX));
    assert_eq!(slot(12).to_string(), "12");
}

#[tokio::test]
async fn a_lock_that_the_hub_found_is_linked_and_keeps_its_codes_when_it_is_unlinked() {
    let hub = Simulator::new(HubId::from_uuid(Uuid::from_u128(9)));
    let name = HubLock::new("7/front-door").expect("printable");
    let mut events = hub.events();
    hub.pair(name.clone(), LockSettings::default());
    assert_eq!(hub.write(LOCK, slot(1), &code("407159")).await, Err(LockError::UnknownLock));
    hub.link(LOCK, name.clone());
    assert_eq!(drain(&mut events), [HubEvent::LocksChanged, HubEvent::LockOnline { lock: LOCK }]);
    assert_eq!(hub.write(LOCK, slot(1), &code("407159")).await, Ok(Accepted::ByLock));
    let held = hub.held(LOCK).await.expect("it can be read");
    assert!(held.len() == 1 && held[0].0 == slot(1) && held[0].1 == SlotContent::Holds(code("407159")));

    hub.unlink(LOCK);
    assert_eq!(hub.remove(LOCK, slot(1)).await, Err(LockError::UnknownLock));
    let found = hub.locks().await.expect("the hub answers");
    assert_eq!(found.iter().map(|found| &found.lock).collect::<Vec<_>>(), [&name]);
    hub.link(LOCK, name);
    assert!(hub.holds(LOCK, slot(1)).is_some(), "what a lock holds stays on it");
}

#[tokio::test]
async fn people_know_a_lock_by_a_short_name() {
    let hub = Simulator::new(HubId::from_uuid(Uuid::from_u128(9)));
    let id: LockId = "0190b3c4-7d00-7000-8000-00000000ab12".parse().expect("an id");
    hub.add_lock(id, LockSettings::default());
    hub.pair(HubLock::new("spare").expect("printable"), LockSettings::default());
    let found = hub.locks().await.expect("the hub answers");
    assert_eq!(found.iter().map(|found| found.name.as_str()).collect::<Vec<_>>(), ["Lock AB12", "spare"]);
}

#[test]
fn the_name_of_a_lock_is_printable_and_short() {
    assert!(HubLock::new("3538736454/7/129.32770.1536").is_some());
    for bad in ["", "two words", "né", "line\n", &"x".repeat(201)] {
        assert!(HubLock::new(bad).is_none(), "{bad:?}");
    }
}
