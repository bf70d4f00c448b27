//! Several locks of a hub at a time, each in turn: what goes wrong at one lock stops only that lock (R24, R28).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

use access_code::Code;
use api_types::DoorKind;
use async_trait::async_trait;
use hub::{
    Accepted, Capabilities, HubEvent, LockDriver, LockError, LockHealth, OperationKind, Simulator, Slot, SlotContent,
};
use ids::{CodeId, DoorId, HubId, LockId};
use jiff::SignedDuration;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::sync::{broadcast, watch};

use crate::fixtures::{permanent, placement, status, temporary, text};
use crate::fixtures_matrix::id;
use crate::harness::{MANAGER, TestServer, WebSession, logged};

/// How often every deed yields, so that others would get in between if they could.
const YIELDS: usize = 20;

/// A simulated hub at whose locks deeds take as long as a test wants, and which tracks the deeds at each lock.
struct Watched {
    simulator: Arc<Simulator>,
    at_once: usize,
    /// Writes and removals at these locks are neither done nor answered until the lock is no longer listed.
    held_up: watch::Sender<HashSet<LockId>>,
    /// So is looking at their slots.
    unread: watch::Sender<HashSet<LockId>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    faults: HashMap<LockId, Fault>,
    under_way: BTreeMap<LockId, usize>,
    most_at_a_lock: usize,
    most_locks: usize,
    asked: HashMap<LockId, usize>,
}

/// What goes wrong with every deed at a lock.
#[derive(Clone, Copy)]
enum Fault {
    Panics,
    TimesOut,
}

impl Watched {
    fn over(at_once: usize) -> impl FnOnce(Arc<Simulator>) -> Self {
        move |simulator| Self {
            simulator,
            at_once,
            held_up: watch::Sender::default(),
            unread: watch::Sender::default(),
            state: Mutex::default(),
        }
    }

    fn block(&self, lock: LockId) {
        self.held_up.send_modify(|held_up| {
            held_up.insert(lock);
        });
    }

    fn block_reading(&self, lock: LockId) {
        self.unread.send_modify(|unread| {
            unread.insert(lock);
        });
    }

    fn release(&self) {
        self.held_up.send_modify(HashSet::clear);
        self.unread.send_modify(HashSet::clear);
    }

    fn set_fault(&self, lock: LockId, fault: Option<Fault>) {
        match fault {
            Some(fault) => self.state().faults.insert(lock, fault),
            None => self.state().faults.remove(&lock),
        };
    }

    async fn until_released(&self, lock: LockId) {
        let mut held_up = self.held_up.subscribe();
        held_up.wait_for(|held_up| !held_up.contains(&lock)).await.expect("the hub is there");
    }

    /// At how many locks a deed is under way.
    fn locks_under_way(&self) -> usize {
        self.state().under_way.len()
    }

    /// How often a lock was asked to do something.
    fn asked(&self, lock: LockId) -> usize {
        self.state().asked.get(&lock).copied().unwrap_or(0)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with it")
    }

    /// Begins a deed, which ends when the result is dropped.
    fn begin(&self, lock: LockId) -> UnderWay<'_> {
        let mut state = self.state();
        *state.asked.entry(lock).or_default() += 1;
        let here = state.under_way.get(&lock).map_or(1, |here| here + 1);
        state.under_way.insert(lock, here);
        state.most_at_a_lock = state.most_at_a_lock.max(here);
        state.most_locks = state.most_locks.max(state.under_way.len());
        UnderWay { at: self, lock }
    }

    async fn deed<T>(&self, lock: LockId, deed: impl Future<Output = Result<T, LockError>>) -> Result<T, LockError> {
        let _here = self.begin(lock);
        for _ in 0..YIELDS {
            tokio::task::yield_now().await;
        }
        let fault = self.state().faults.get(&lock).copied();
        match fault {
            Some(Fault::Panics) => panic!("as this test wants it"),
            Some(Fault::TimesOut) => Err(LockError::TimedOut),
            None => deed.await,
        }
    }
}

struct UnderWay<'a> {
    at: &'a Watched,
    lock: LockId,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut state = self.at.state();
        let here = state.under_way.get_mut(&self.lock).expect("it was begun");
        *here -= 1;
        if *here == 0 {
            state.under_way.remove(&self.lock);
        }
    }
}

#[async_trait]
impl LockDriver for Watched {
    fn hub(&self) -> HubId {
        self.simulator.hub()
    }

    fn locks_at_once(&self) -> usize {
        self.at_once
    }

    async fn capabilities(&self, lock: LockId) -> Result<Capabilities, LockError> {
        self.simulator.capabilities(lock).await
    }

    async fn write(&self, lock: LockId, slot: Slot, code: &Code) -> Result<Accepted, LockError> {
        let written = async {
            self.until_released(lock).await;
            self.simulator.write(lock, slot, code).await
        };
        self.deed(lock, written).await
    }

    async fn remove(&self, lock: LockId, slot: Slot) -> Result<(), LockError> {
        let removed = async {
            self.until_released(lock).await;
            self.simulator.remove(lock, slot).await
        };
        self.deed(lock, removed).await
    }

    async fn read_back(&self, lock: LockId, slot: Slot) -> Result<SlotContent, LockError> {
        let read = async {
            let mut unread = self.unread.subscribe();
            unread.wait_for(|unread| !unread.contains(&lock)).await.expect("the hub is there");
            self.simulator.read_back(lock, slot).await
        };
        self.deed(lock, read).await
    }

    async fn ping(&self, lock: LockId) -> Result<LockHealth, LockError> {
        self.deed(lock, self.simulator.ping(lock)).await
    }

    fn events(&self) -> broadcast::Receiver<HubEvent> {
        self.simulator.events()
    }
}

/// A server whose locks are tracked, once it has done its initial work.
async fn start(at_once: usize) -> (TestServer, Arc<Watched>) {
    let (mut server, hub) = TestServer::start_driven(Watched::over(at_once)).await;
    server.start_workers();
    server.settled().await;
    (server, hub)
}

/// Issues `count` guest codes for a door.
async fn issue_many(server: &TestServer, manager: &WebSession, door: DoorId, count: usize) -> Vec<Value> {
    let mut codes = Vec::new();
    for _ in 0..count {
        codes.push(server.issued(manager, &permanent(&[door])).await);
    }
    codes
}

/// Waits until a code has that status at a door.
async fn until(server: &TestServer, manager: &WebSession, code: &Value, door: DoorId, wanted: &str) {
    let stands = async || status(&server.guest_code(manager, code).await, door) == wanted;
    server.eventually(&format!("a code is {wanted}"), stands).await;
}

#[tokio::test]
async fn r28_a_lock_that_takes_for_ever_holds_up_no_other() {
    let (server, hub) = start(8).await;
    let manager = server.sign_in(MANAGER).await;
    let (gate, gym) = (server.world.gate, server.world.gym);
    let pool = server.add_door(DoorKind::Amenity, "Pool", None, 40).await;
    let old = server.issued(&manager, &permanent(&[gate])).await;
    server.settled().await;

    hub.block(server.lock(pool).await);
    let stuck = issue_many(&server, &manager, pool, 30).await;
    server.eventually("the lock is at work", async || hub.locks_under_way() == 1).await;
    let new = server.issued(&manager, &permanent(&[gym])).await;
    assert_eq!(server.revoke(&manager, &old).await.status, 200);
    until(&server, &manager, &new, gym, "working").await;
    until(&server, &manager, &old, gate, "removed").await;
    assert!(server.holds(gym, text(&new["code"])).await && !server.holds(gate, text(&old["code"])).await);
    for code in &stuck {
        assert_eq!(status(&server.guest_code(&manager, code).await, pool), "sending");
    }
    // It was asked what the slot holds, and then to take the code.
    assert_eq!((server.held(pool).await, hub.asked(server.lock(pool).await)), (0, 2));
    assert_eq!(server.get("//readyz").send().await.status, 200);

    hub.release();
    server.settled().await;
    assert_eq!(server.held(pool).await, 30);
    for code in &stuck {
        assert_eq!(status(&server.guest_code(&manager, code).await, pool), "working");
    }
    assert_eq!(hub.state().most_at_a_lock, 1);
}

#[tokio::test]
async fn r24_at_one_lock_removals_come_before_writes_and_writes_in_order() {
    let (server, hub) = start(8).await;
    let manager = server.sign_in(MANAGER).await;
    let pool = server.add_door(DoorKind::Amenity, "Pool", None, 40).await;
    let lock = server.lock(pool).await;
    let going = issue_many(&server, &manager, pool, 3).await;
    server.settled().await;
    hub.block(lock);
    issue_many(&server, &manager, pool, 1).await;
    server.eventually("the lock is at work", async || hub.locks_under_way() == 1).await;
    let mut coming = Vec::new();
    for _ in 0..5 {
        server.advance(SignedDuration::from_millis(1));
        coming.push(server.issued(&manager, &permanent(&[pool])).await);
    }
    let from = server.simulator().operations().len();
    for code in &going {
        server.advance(SignedDuration::from_millis(1));
        assert_eq!(server.revoke(&manager, code).await.status, 200);
    }
    hub.release();
    server.settled().await;
    let done: Vec<_> = server.simulator().operations().into_iter().skip(from).map(|done| done.kind).collect();
    let deeds: Vec<_> = done.into_iter().filter(|kind| *kind != OperationKind::ReadBack).collect();
    let (write, remove) = (OperationKind::Write, OperationKind::Remove);
    assert_eq!(deeds, [write, remove, remove, remove, write, write, write, write, write]);
    // The first to come is in the first slot that became free; the fourth was being written to.
    let mut slots = Vec::new();
    for code in &coming {
        let (code_id, sql) = (id::<CodeId>(code), "SELECT slot FROM placement WHERE code_id = ?");
        slots.push(
            server.query(move |db| db.query_row(sql, [code_id], |row| row.get::<_, u16>(0)).expect("a slot")).await,
        );
    }
    assert_eq!(slots, [1, 2, 3, 5, 6]);
}

#[tokio::test]
async fn r28_several_locks_at_a_time_as_many_as_the_hub_takes_and_one_deed_at_each() {
    let (server, hub) = start(3).await;
    let manager = server.sign_in(MANAGER).await;
    let mut doors = Vec::new();
    for number in 0..8 {
        let door = server.add_door(DoorKind::Amenity, &format!("Pool {number}"), None, 20).await;
        hub.block(server.lock(door).await);
        doors.push(door);
    }
    let mut codes = Vec::new();
    for _ in 0..5 {
        codes.push(server.issued(&manager, &permanent(&doors)).await);
    }
    server.eventually("as many locks as may be are at work", async || hub.locks_under_way() == 3).await;
    hub.release();
    server.settled().await;
    for door in &doors {
        assert_eq!(server.held(*door).await, 5);
    }
    for code in &codes {
        assert_eq!(server.revoke(&manager, code).await.status, 200);
    }
    server.settled().await;
    for door in &doors {
        assert_eq!(server.held(*door).await, 0);
    }
    let state = hub.state();
    assert_eq!((state.most_locks, state.most_at_a_lock), (3, 1));
}

#[tokio::test]
async fn r28_a_lock_that_does_not_answer_is_left_alone_while_others_go_on() {
    let (server, hub) = start(8).await;
    let manager = server.sign_in(MANAGER).await;
    let gym = server.world.gym;
    let pool = server.add_door(DoorKind::Amenity, "Pool", None, 40).await;
    let lock = server.lock(pool).await;
    hub.set_fault(lock, Some(Fault::TimesOut));
    let waiting = issue_many(&server, &manager, pool, 30).await;
    let others = issue_many(&server, &manager, gym, 15).await;
    server.settled().await;
    for code in &others {
        assert_eq!(status(&server.guest_code(&manager, code).await, gym), "working");
    }
    // Each pause is random, and some might be none.
    let few = 6;
    assert!(hub.asked(lock) <= few, "asked {} times", hub.asked(lock));
    for _ in 0..5 {
        let before = hub.asked(lock);
        server.outlast_delays(1).await;
        assert!(hub.asked(lock) - before <= few, "asked {} times", hub.asked(lock) - before);
    }
    assert_eq!(server.held(pool).await, 0);
    let manager = server.sign_in(MANAGER).await;
    for code in &waiting {
        let code = server.guest_code(&manager, code).await;
        assert_eq!(placement(&code, pool)["reason"], "timed_out");
    }

    hub.set_fault(lock, None);
    server.outlast_delays(2).await;
    let manager = server.sign_in(MANAGER).await;
    for code in &waiting {
        assert_eq!(status(&server.guest_code(&manager, code).await, pool), "working");
    }
    assert_eq!(server.held(pool).await, 30);
    assert_eq!(hub.state().most_at_a_lock, 1);
}

#[tokio::test]
async fn r28_a_driver_that_panics_at_one_lock_stops_only_that_lock_and_the_log_says_so() {
    let (server, hub) = start(8).await;
    let manager = server.sign_in(MANAGER).await;
    let gym = server.world.gym;
    let pool = server.add_door(DoorKind::Amenity, "Pool", None, 40).await;
    hub.set_fault(server.lock(pool).await, Some(Fault::Panics));
    let stuck = issue_many(&server, &manager, pool, 3).await;
    let panicked = || {
        let hub = server.world.hub.to_string();
        logged().lines().any(|line| line.contains("a deed at a lock panicked") && line.contains(&hub))
    };
    server.eventually("it panicked", async || panicked()).await;
    let others = issue_many(&server, &manager, gym, 3).await;
    for code in &others {
        until(&server, &manager, code, gym, "working").await;
    }
    assert_eq!(server.revoke(&manager, &others[0]).await.status, 200);
    until(&server, &manager, &others[0], gym, "removed").await;
    for code in &stuck {
        assert_eq!(status(&server.guest_code(&manager, code).await, pool), "sending");
    }
    assert_eq!(server.get("//readyz").send().await.status, 200);

    hub.set_fault(server.lock(pool).await, None);
    server.settled().await;
    for code in &stuck {
        assert_eq!(status(&server.guest_code(&manager, code).await, pool), "working");
    }
    assert_eq!(server.held(pool).await, 3);
}

/// What goes wrong at a lock.
#[derive(Clone, Copy)]
enum Wrong {
    NeverEnds,
    Panics,
}

impl Wrong {
    fn go(self, hub: &Watched, lock: LockId) {
        match self {
            Self::NeverEnds => hub.block(lock),
            Self::Panics => hub.set_fault(lock, Some(Fault::Panics)),
        }
    }
}

#[rstest]
#[case::a_removal_that_never_ends(Wrong::NeverEnds)]
#[case::a_driver_that_panics(Wrong::Panics)]
#[tokio::test]
async fn r24_r31_one_lock_does_not_hold_up_removals_at_others_when_nothing_can_be_recorded(#[case] wrong: Wrong) {
    let (server, hub) = start(8).await;
    let manager = server.sign_in(MANAGER).await;
    let (gate, gym) = (server.world.gate, server.world.gym);
    // One before it and one after it, whatever the order is.
    let pool = server.add_door(DoorKind::Amenity, "Pool", None, 40).await;
    let mut ends = Vec::new();
    for door in [gym, gate, pool, gym] {
        let request = temporary(&[door], "2026-06-15T18:00:00Z", "2026-06-15T18:20:00Z");
        ends.push(server.issued(&manager, &request).await);
    }
    let parcel = json!({"kind": "delivery", "door_ids": [pool], "guest_name": "Parcel"});
    assert_eq!(server.issue(&manager, &parcel).await.status, 422, "not for amenities");
    let parcels = [gate, server.add_door(DoorKind::Property, "Back gate", None, 40).await];
    let mut sent = Vec::new();
    for door in parcels {
        let request = json!({"kind": "delivery", "door_ids": [door], "guest_name": "Parcel"});
        sent.push(server.issued(&manager, &request).await);
    }
    server.settled().await;
    wrong.go(&hub, server.lock(gate).await);
    server.fill_the_disk(true).await;
    server.advance(SignedDuration::from_mins(20));
    for (door, parcel) in parcels.iter().zip(&sent) {
        assert!(server.open(*door, text(&parcel["code"])).await);
    }
    let held = async || {
        [server.held(gate).await, server.held(gym).await, server.held(pool).await, server.held(parcels[1]).await]
    };
    server.eventually("the others gave up their codes", async || held().await[1..] == [0, 0, 0]).await;
    assert_eq!(held().await[0], 2);
    // The hub's events are received all the while, and handled once they can be recorded again.
    server.simulator().set_lock_online(server.lock(gym).await, false);
    server.fill_the_disk(false).await;
    server.eventually("it is heard", async || !server.door_record(gym).await.lock_online).await;
    for (code, door) in [(&ends[2], pool), (&sent[1], parcels[1])] {
        until(&server, &manager, code, door, "removed").await;
    }
    hub.set_fault(server.lock(gate).await, None);
    hub.release();
    server.reach_lock(gym, true).await;
    server.settled().await;
    assert_eq!(held().await, [0; 4]);
    for (code, door) in [(&ends[0], gym), (&ends[1], gate), (&sent[0], gate), (&ends[3], gym)] {
        assert_eq!(status(&server.guest_code(&manager, code).await, door), "removed");
    }
    assert_eq!(hub.state().most_at_a_lock, 1);
}

#[tokio::test]
async fn r20_a_used_delivery_code_is_removed_before_all_else_that_waits() {
    let (server, hub) = start(8).await;
    let manager = server.sign_in(MANAGER).await;
    let gate = server.world.gate;
    let lock = server.lock(gate).await;
    let going = issue_many(&server, &manager, gate, 5).await;
    let parcel = json!({"kind": "delivery", "door_ids": [gate], "guest_name": "Parcel"});
    let parcel = server.issued(&manager, &parcel).await;
    server.settled().await;
    hub.block(lock);
    for code in &going {
        assert_eq!(server.revoke(&manager, code).await.status, 200);
    }
    server.eventually("a removal is under way", async || hub.locks_under_way() == 1).await;
    server.advance(SignedDuration::from_secs(5));
    assert!(server.open(gate, text(&parcel["code"])).await);
    server.eventually("it is used", async || server.guest_code(&manager, &parcel).await["state"] == "used").await;

    let before = server.simulator().operations().len();
    hub.release();
    server.settled().await;
    let operations = server.simulator().operations();
    let removed: Vec<_> = operations[before..].iter().filter(|it| it.kind == OperationKind::Remove).collect();
    assert_eq!(removed.len(), 6);
    // The sixth that was issued has the sixth slot.
    assert_eq!(removed[1].slot.number(), 6, "after the one that was under way");
}

/// Whichever task has something to do there: driving the hub, timekeeping, listening to the hub, and polling the lock.
#[tokio::test]
async fn at_one_lock_there_is_one_deed_at_a_time_whoever_does_it() {
    let (mut server, hub) = start(8).await;
    let manager = server.sign_in(MANAGER).await;
    let gate = server.world.gate;
    let lock = server.lock(gate).await;
    server.issued(&manager, &temporary(&[gate], "2026-06-15T18:00:00Z", "2026-06-15T18:20:00Z")).await;
    let parcel = json!({"kind": "delivery", "door_ids": [gate], "guest_name": "Parcel"});
    let parcel = server.issued(&manager, &parcel).await;
    let going = server.issued(&manager, &permanent(&[gate])).await;
    server.settled().await;
    server.stop_workers().await;
    assert_eq!(server.revoke(&manager, &going).await.status, 200);
    server.fill_the_disk(true).await;
    hub.block(lock);
    server.start_workers();
    server.eventually("a removal is under way", async || hub.locks_under_way() == 1).await;
    // Presumed offline, it is polled as well.
    server.write(move |tx| tx.execute("UPDATE lock SET online = 0 WHERE door_id = ?", [gate]).expect("changed")).await;
    server.advance(SignedDuration::from_mins(20));
    assert!(server.open(gate, text(&parcel["code"])).await);
    let failed = || {
        let log = logged();
        let of_hub = server.world.hub.to_string();
        let lines = log.lines().filter(|line| line.contains(&of_hub));
        lines.filter(|line| line.contains("what a hub told can't be stored yet")).count()
    };
    server.eventually("all of them had the time to begin", async || failed() > 1).await;
    assert_eq!(hub.state().most_at_a_lock, 1);
    assert_eq!(server.held(gate).await, 3);
    hub.release();
    server.eventually("all are off the lock", async || server.held(gate).await == 0).await;
    server.fill_the_disk(false).await;
    server.eventually("it is there again", async || server.door_record(gate).await.lock_online).await;
    server.settled().await;
    assert_eq!(hub.state().most_at_a_lock, 1);
}

#[rstest]
#[tokio::test]
async fn r25_a_lock_that_makes_its_driver_panic_keeps_no_other_from_being_polled(#[values(0, 1, 2)] wrong: usize) {
    let (server, hub) = start(8).await;
    let doors = [server.world.door, server.world.gate, server.world.gym];
    hub.set_fault(server.lock(doors[wrong]).await, Some(Fault::Panics));
    server.write(|tx| tx.execute("UPDATE lock SET online = 0", []).expect("changed")).await;
    server.advance(SignedDuration::from_secs(31));
    for door in doors.into_iter().filter(|door| *door != doors[wrong]) {
        server.eventually("it is found", async || server.door_record(door).await.lock_online).await;
    }
    assert!(!server.door_record(doors[wrong]).await.lock_online);
    assert_eq!(server.get("//readyz").send().await.status, 200);
}

#[tokio::test]
async fn r28_r29_a_thousand_codes_that_waited_for_a_hub_are_each_written_once_when_it_is_back() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let mut doors = Vec::new();
    for number in 0..50 {
        doors.push(server.add_door(DoorKind::Amenity, &format!("Pool {number}"), None, 20).await);
    }
    server.reach_hub(false).await;
    let mut codes = Vec::new();
    for _ in 0..20 {
        codes.push(server.issued(&manager, &permanent(&doors)).await);
    }
    server.settled().await;
    for code in &codes {
        let code = server.guest_code(&manager, code).await;
        for door in &doors {
            let waiting = placement(&code, *door);
            assert_eq!((&waiting["status"], &waiting["reason"]), (&json!("waiting"), &json!("hub_offline")));
        }
    }
    let tried = server.simulator().operations().len();
    assert!(tried <= 2 * Simulator::LOCKS_AT_ONCE, "{tried} tries at a hub that isn't there");

    server.reach_hub(true).await;
    server.settled().await;
    for code in &codes {
        let code = server.guest_code(&manager, code).await;
        assert!(doors.iter().all(|door| status(&code, *door) == "working"), "{code}");
    }
    let mut written: HashMap<(LockId, Slot), usize> = HashMap::new();
    for operation in server.simulator().operations() {
        if operation.kind == OperationKind::Write && operation.outcome.is_ok() {
            *written.entry((operation.lock, operation.slot)).or_default() += 1;
        }
    }
    // One more is the resident's own, from before.
    assert_eq!(written.len(), 1_001);
    assert!(written.values().all(|times| *times == 1), "{written:?}");
    for door in &doors {
        assert_eq!(server.held(*door).await, 20);
    }
}

#[tokio::test]
async fn r25_of_a_code_that_is_changed_twice_while_the_hub_is_dead_only_the_last_is_written() {
    let (server, hub) = start(8).await;
    let (door, resident) = (server.world.door, server.resident().await);
    let lock = server.lock(door).await;
    let written = server.simulator().write_count(lock);
    // It neither answers nor says that it is offline.
    hub.set_fault(lock, Some(Fault::TimesOut));
    for _ in 0..3 {
        assert_eq!(server.take_random(&resident, 6).await.status, 200);
        server.settled().await;
    }
    hub.set_fault(lock, None);
    server.outlast_delays(2).await;
    let code = server.access(&resident).await["code"].clone();
    assert_eq!(status(&code, door), "working");
    let digits = server.digits(&resident, &code).await;
    assert!(server.holds(door, &digits).await);
    assert_eq!((server.held(door).await, server.simulator().write_count(lock) - written), (1, 1));
}

#[tokio::test]
async fn r25_a_code_that_is_changed_while_the_lock_is_slow_to_tell_what_it_holds_is_not_written() {
    let (server, hub) = start(8).await;
    let (door, resident) = (server.world.door, server.resident().await);
    let lock = server.lock(door).await;
    let written = server.simulator().write_count(lock);
    hub.block_reading(lock);
    assert_eq!(server.take_random(&resident, 6).await.status, 200);
    server.eventually("the lock is asked", async || hub.locks_under_way() == 1).await;
    assert_eq!(server.take_random(&resident, 6).await.status, 200);
    hub.release();
    server.settled().await;
    let code = server.access(&resident).await["code"].clone();
    assert_eq!(status(&code, door), "working");
    let digits = server.digits(&resident, &code).await;
    assert!(server.holds(door, &digits).await);
    assert_eq!((server.held(door).await, server.simulator().write_count(lock) - written), (1, 1));
}
