//! The driver and the true Z-Wave JS, over a mock radio: `tests/hub`, which `cargo xtask test --only hub` installs.

use std::sync::Arc;

use hub::{
    Accepted, Capabilities, FoundLock, HubEvent, HubLock, Lengths, LockDriver, LockError, ReadBack, SlotContent,
};
use ids::{HubId, LockId};
use serde_json::json;
use tokio::sync::broadcast;
use zwave_js::ZwaveJs;

use crate::support::{address, code, event, shown, slot};
use crate::true_hub::Hub;

/// The serial numbers of the hub's locks.
const OLD: &str = "YA-0001";
const NEW: &str = "NW-0001";
const TWIN: &str = "YA-0002";
const SMALL: &str = "SM-0001";
const FORGETFUL: &str = "FO-0001";

const CODE: &str = "407159";
const OTHER: &str = "2846";

impl Hub {
    async fn users(&mut self, lock: &str) -> u64 {
        self.order(json!({"do": "users", "lock": lock})).await["users"].as_u64().expect("a number")
    }
}

/// A hub with one of its locks linked, and the driver that is connected to it.
struct Set {
    hub: Hub,
    driver: Arc<ZwaveJs>,
    events: broadcast::Receiver<HubEvent>,
    lock: LockId,
}

impl Set {
    async fn with(serial: &str) -> Self {
        let hub = Hub::start().await;
        let (driver, events) = connected(hub.port, []).await;
        let mut set = Self { hub, driver, events, lock: LockId::generate() };
        set.take(serial).await;
        set
    }

    /// Links another of the hub's locks, in place of the one before.
    async fn take(&mut self, serial: &str) {
        self.driver.unlink(self.lock);
        self.lock = LockId::generate();
        self.driver.link(self.lock, self.found(serial).await.lock);
        self.expect(HubEvent::LockOnline { lock: self.lock }).await;
    }

    async fn found(&self, serial: &str) -> FoundLock {
        found(&self.driver, serial).await
    }

    async fn expect(&mut self, wanted: HubEvent) {
        event(&mut self.events, wanted).await;
    }

    async fn write(&self, number: u16, digits: &str) -> Result<Accepted, LockError> {
        self.driver.write(self.lock, slot(number), &code(digits)).await
    }

    async fn read(&self, number: u16) -> Result<String, LockError> {
        self.driver.read_back(self.lock, slot(number)).await.map(|content| shown(&content))
    }

    async fn remove(&self, number: u16) -> Result<(), LockError> {
        self.driver.remove(self.lock, slot(number)).await
    }
}

async fn connected(
    port: u16,
    links: impl IntoIterator<Item = (LockId, HubLock)>,
) -> (Arc<ZwaveJs>, broadcast::Receiver<HubEvent>) {
    let driver = ZwaveJs::connect(HubId::generate(), address(port), None, links);
    let mut events = driver.events();
    event(&mut events, HubEvent::HubOnline).await;
    (driver, events)
}

async fn found(driver: &ZwaveJs, serial: &str) -> FoundLock {
    let locks = driver.locks().await.expect("the hub is online");
    let lock = locks.iter().find(|found| found.lock.as_str().contains(serial));
    lock.unwrap_or_else(|| panic!("no {serial} in {locks:?}")).clone()
}

#[tokio::test]
async fn the_hub_says_what_it_is_and_what_its_locks_can_do() {
    let hub = Hub::start().await;
    let (driver, _) = connected(hub.port, []).await;
    let about = driver.about().await.expect("the hub is online");
    assert!(about.version.starts_with("Z-Wave JS 15."), "{}", about.version);

    let locks = driver.locks().await.expect("the hub is online");
    assert_eq!(locks.len(), 5, "{locks:?}");
    let abilities = |slots| {
        let lengths = Lengths::FourAndSix;
        Some(Capabilities { slots, lengths, read_back: ReadBack::Digits, schedules: false })
    };
    for (serial, slots) in [(OLD, 30), (NEW, 50), (TWIN, 30), (SMALL, 4), (FORGETFUL, 10)] {
        let found = found(&driver, serial).await;
        assert_eq!(found.capabilities, abilities(slots), "{serial}");
        assert!(found.online, "{serial}");
        assert_eq!(found.battery_percent, Some(80), "{serial}");
    }
    assert_eq!(found(&driver, OLD).await.model.as_deref(), Some("Yale YRD110"));
}

#[tokio::test]
async fn an_old_lock_takes_a_code_shows_it_replaces_it_and_loses_it() {
    takes_shows_replaces_and_loses(OLD, "old").await;
}

#[tokio::test]
async fn a_new_lock_takes_a_code_shows_it_replaces_it_and_loses_it_with_its_user() {
    let mut hub = takes_shows_replaces_and_loses(NEW, "new").await;
    assert_eq!(hub.users("new").await, 0);
}

async fn takes_shows_replaces_and_loses(serial: &str, lock: &str) -> Hub {
    let mut set = Set::with(serial).await;
    assert_eq!(set.read(7).await, Ok("empty".to_owned()));
    assert_eq!(set.write(7, CODE).await, Ok(Accepted::ByLock));
    assert_eq!(set.hub.held(lock, 7).await.as_deref(), Some(CODE));
    assert_eq!(set.read(7).await, Ok(CODE.to_owned()));
    // The same again is no duplicate.
    assert_eq!(set.write(7, CODE).await, Ok(Accepted::ByLock));
    assert_eq!(set.write(7, OTHER).await, Ok(Accepted::ByLock));
    assert_eq!(set.hub.held(lock, 7).await.as_deref(), Some(OTHER));
    let held = set.driver.held(set.lock).await.expect("the lock is online");
    let held: Vec<_> = held.iter().map(|(slot, content)| (slot.number(), shown(content))).collect();
    assert_eq!(held, [(7, OTHER.to_owned())]);
    assert_eq!(set.remove(7).await, Ok(()));
    assert_eq!(set.remove(7).await, Ok(()));
    assert_eq!(set.hub.held(lock, 7).await, None);
    assert_eq!(set.read(7).await, Ok("empty".to_owned()));
    set.hub
}

#[tokio::test]
async fn r11_an_old_lock_refuses_a_code_that_it_holds_in_another_slot_and_keeps_what_it_had() {
    refuses_a_duplicate(OLD, "old").await;
}

#[tokio::test]
async fn r11_a_new_lock_refuses_a_code_that_it_holds_in_another_slot_and_no_empty_user_is_left() {
    let mut hub = refuses_a_duplicate(NEW, "new").await;
    // Those of slots 1 and 2.
    assert_eq!(hub.users("new").await, 2);
}

async fn refuses_a_duplicate(serial: &str, lock: &str) -> Hub {
    let mut set = Set::with(serial).await;
    set.write(1, CODE).await.expect("the lock is empty");
    set.write(2, OTHER).await.expect("another code");
    for number in [2, 3] {
        assert_eq!(set.write(number, CODE).await, Err(LockError::DuplicateOnLock), "slot {number}");
    }
    assert_eq!(set.hub.held(lock, 2).await.as_deref(), Some(OTHER));
    assert_eq!(set.hub.held(lock, 3).await, None);
    set.hub
}

#[tokio::test]
async fn r28_a_lock_with_four_slots_has_no_fifth() {
    let set = Set::with(SMALL).await;
    set.write(4, CODE).await.expect("its last slot");
    assert_eq!(set.write(5, OTHER).await, Err(LockError::SlotsFull));
    assert_eq!(set.read(5).await, Ok("empty".to_owned()));
    assert_eq!(set.remove(5).await, Ok(()));
}

#[tokio::test]
async fn r13_a_lock_out_of_reach_takes_nothing_and_says_when_it_is_back() {
    let mut set = Set::with(OLD).await;
    for (serial, name) in [(OLD, "old"), (NEW, "new")] {
        set.take(serial).await;
        let lock = set.lock;
        set.write(1, OTHER).await.expect("the lock is online");
        set.hub.order(json!({"do": "offline", "lock": name})).await;
        assert_eq!(set.write(1, CODE).await, Err(LockError::LockOffline), "{name}");
        set.expect(HubEvent::LockOffline { lock }).await;
        assert_eq!(set.driver.ping(lock).await, Err(LockError::LockOffline), "{name}");
        assert_eq!(set.remove(1).await, Err(LockError::LockOffline), "{name}");
        assert_eq!(set.read(1).await, Err(LockError::LockOffline), "{name}");
        set.hub.order(json!({"do": "online", "lock": name})).await;
        assert!(set.driver.ping(lock).await.is_ok(), "{name}");
        set.expect(HubEvent::LockOnline { lock }).await;
        assert_eq!(set.read(1).await, Ok(OTHER.to_owned()), "{name}");
    }
}

#[tokio::test]
async fn r24_a_slot_of_a_lock_that_does_not_answer_is_not_taken_for_empty() {
    let mut set = Set::with(OLD).await;
    for (serial, name) in [(OLD, "old"), (NEW, "new")] {
        set.take(serial).await;
        set.write(1, CODE).await.expect("the lock is online");
        set.hub.order(json!({"do": "silent", "lock": name})).await;
        assert_eq!(set.read(1).await, Err(LockError::TimedOut), "{name}");
        assert_eq!(set.read(2).await, Err(LockError::TimedOut), "{name}");
        assert_eq!(set.remove(1).await, Err(LockError::TimedOut), "{name}");
        assert_eq!(set.write(2, OTHER).await, Err(LockError::TimedOut), "{name}");
        set.hub.order(json!({"do": "answering", "lock": name})).await;
        assert_eq!(set.read(1).await, Ok(CODE.to_owned()), "{name}");
    }
}

#[tokio::test]
async fn a_code_used_at_the_keypad_is_told_by_its_slot() {
    let mut set = Set::with(OLD).await;
    for (serial, name) in [(OLD, "old"), (NEW, "new")] {
        set.take(serial).await;
        let lock = set.lock;
        set.write(3, CODE).await.expect("the lock is online");
        set.hub.order(json!({"do": "keypad", "lock": name, "slot": 3})).await;
        set.expect(HubEvent::CodeUsed { lock, slot: slot(3) }).await;
    }
}

#[tokio::test]
async fn a_code_programmed_at_the_keypad_is_told_by_its_slot_and_shown() {
    let mut set = Set::with(OLD).await;
    for (serial, name) in [(OLD, "old"), (NEW, "new")] {
        set.take(serial).await;
        let lock = set.lock;
        // A new lock's user 5 has the code in slot 9.
        let order = json!({"do": "program", "lock": name, "slot": 9, "digits": OTHER, "user": 5});
        set.hub.order(order).await;
        set.expect(HubEvent::SlotChanged { lock, slot: slot(9) }).await;
        assert_eq!(set.read(9).await, Ok(OTHER.to_owned()), "{name}");
    }
}

#[tokio::test]
async fn a_new_locks_users_of_other_origin_are_left_alone() {
    let mut set = Set::with(NEW).await;
    let lock = set.lock;
    set.hub.order(json!({"do": "program", "lock": "new", "slot": 9, "digits": OTHER, "user": 5})).await;
    set.expect(HubEvent::SlotChanged { lock, slot: slot(9) }).await;
    // It is slot 9 that is theirs, not slot 5.
    set.hub.order(json!({"do": "keypad", "lock": "new", "slot": 5})).await;
    set.expect(HubEvent::CodeUsed { lock, slot: slot(9) }).await;
    set.write(5, CODE).await.expect("slot 5 is free");
    assert_eq!(set.hub.users("new").await, 2);
    assert_eq!(set.remove(5).await, Ok(()));
    assert_eq!(set.hub.users("new").await, 1);
    assert_eq!(set.hub.held("new", 9).await.as_deref(), Some(OTHER));
}

#[tokio::test]
async fn a_code_that_an_old_lock_has_switched_off_counts_neither_as_there_nor_as_gone() {
    let mut set = Set::with(OLD).await;
    set.hub.order(json!({"do": "put", "lock": "old", "slot": 2, "digits": CODE, "disabled": true})).await;
    assert!(matches!(set.read(2).await, Err(LockError::Rejected(_))));
    let held = set.driver.held(set.lock).await.expect("the lock is online");
    assert!(matches!(held.as_slice(), [(_, SlotContent::Occupied)]));
    assert_eq!(set.write(2, CODE).await, Ok(Accepted::ByLock));
    assert_eq!(set.read(2).await, Ok(CODE.to_owned()));
}

#[tokio::test]
async fn a_lock_that_says_yes_and_forgets_is_found_out_by_reading_back() {
    let set = Set::with(FORGETFUL).await;
    assert_eq!(set.write(1, CODE).await, Ok(Accepted::ByLock));
    assert_eq!(set.read(1).await, Ok("empty".to_owned()));
}

#[tokio::test]
async fn what_is_left_of_the_battery_is_told_and_answered() {
    let mut set = Set::with(OLD).await;
    let lock = set.lock;
    set.hub.order(json!({"do": "battery", "lock": "old", "percent": 41})).await;
    set.expect(HubEvent::BatteryLevel { lock, percent: 41 }).await;
    assert_eq!(set.driver.ping(lock).await.expect("the lock is online").battery_percent, Some(41));
    assert_eq!(set.found(OLD).await.battery_percent, Some(41));
}

#[tokio::test]
async fn r13_a_hub_that_is_gone_is_offline_and_when_it_is_back_its_locks_hold_what_they_held() {
    let mut set = Set::with(NEW).await;
    let lock = set.lock;
    set.write(1, CODE).await.expect("the lock is online");
    set.hub.order(json!({"do": "stop"})).await;
    set.expect(HubEvent::HubOffline).await;
    assert_eq!(set.write(1, OTHER).await, Err(LockError::HubOffline));
    assert_eq!(set.driver.about().await, Err(LockError::HubOffline));
    assert_eq!(set.driver.locks().await, Err(LockError::HubOffline));
    set.hub.order(json!({"do": "start"})).await;
    set.expect(HubEvent::HubOnline).await;
    set.expect(HubEvent::LockOnline { lock }).await;
    assert_eq!(set.read(1).await, Ok(CODE.to_owned()));
}

#[tokio::test]
async fn locks_of_one_model_that_got_each_others_numbers_are_written_no_code_of_the_other() {
    let mut set = Set::with(OLD).await;
    let twin = set.found(TWIN).await.lock;
    set.hub.order(json!({"do": "renumber", "nodes": {"old": 4, "twin": 2}})).await;
    set.expect(HubEvent::HubOnline).await;
    assert_eq!(set.write(1, CODE).await, Err(LockError::UnknownLock));
    assert_eq!(set.read(1).await, Err(LockError::UnknownLock));
    assert_eq!(set.hub.held("twin", 1).await, None);
    // Until somebody says which is which now.
    let now = set.found(OLD).await.lock;
    assert_ne!(now, twin);
    set.driver.link(set.lock, now);
    assert_eq!(set.write(1, CODE).await, Ok(Accepted::ByLock));
    assert_eq!(set.hub.held("old", 1).await.as_deref(), Some(CODE));
}

#[tokio::test]
async fn a_lock_of_another_model_in_the_place_of_a_lock_is_unknown() {
    let mut set = Set::with(OLD).await;
    set.hub.order(json!({"do": "renumber", "nodes": {"old": 5, "small": 2}})).await;
    set.expect(HubEvent::HubOnline).await;
    assert_eq!(set.write(1, CODE).await, Err(LockError::UnknownLock));
    assert_eq!(set.driver.ping(set.lock).await, Err(LockError::UnknownLock));
}

#[tokio::test]
async fn a_lock_keeps_the_name_that_it_was_linked_by() {
    let hub = Hub::start().await;
    let (driver, _) = connected(hub.port, []).await;
    let name = found(&driver, OLD).await.lock;
    // As it was before its serial number was known.
    let (bare, _) = name.as_str().split_once("/sn=").expect("a serial number");
    let bare = HubLock::new(bare).expect("a name");
    let lock = LockId::generate();
    driver.link(lock, bare.clone());
    let names: Vec<_> = driver.locks().await.expect("the hub is online").into_iter().map(|found| found.lock).collect();
    assert!(names.contains(&bare) && !names.contains(&name), "{names:?}");
    driver.unlink(lock);
    assert_eq!(driver.ping(lock).await, Err(LockError::UnknownLock));
    assert_eq!(found(&driver, OLD).await.lock, name);
}
