//! A hub and its locks inside this process.

mod lock;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use access_code::Code;
use async_trait::async_trait;
use ids::{HubId, LockId};
use tokio::sync::broadcast;

use crate::{
    Accepted, Capabilities, FoundLock, HubEvent, HubInfo, HubLock, LockDriver, LockError, LockHealth, Slot, SlotContent,
};
use lock::Lock;
pub use lock::LockSettings;

/// A hub and its locks inside this process, for tests and for the demonstration property.
///
/// Its locks refuse what real ones refuse (duplicates, unsupported lengths, slots they don't have), keep no queue, and
/// can be told to go offline, fail, forget and lose answers. They hold codes in memory only: a server that restarts
/// puts back what was on them with [`restore`](Self::restore), as a real lock keeps its codes through that.
///
/// # Panics
/// The controls panic when they name a lock that [`add_lock`](Self::add_lock) wasn't called for. The deeds of
/// [`LockDriver`] never panic: they answer [`LockError::UnknownLock`].
pub struct Simulator {
    hub: HubId,
    events: broadcast::Sender<HubEvent>,
    // Held for moments only, never across an await. Events are sent while it is held, so that their order is the
    // order of the changes.
    state: Mutex<State>,
}

struct State {
    online: bool,
    locks: BTreeMap<LockId, Lock>,
    /// Locks that are linked to no door.
    unlinked: BTreeMap<HubLock, Lock>,
    operations: VecDeque<Operation>,
}

/// What came of digits entered at a keypad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeypadResult {
    /// The door opened, by the code in this slot.
    Opened(Slot),
    /// The lock holds no such code.
    Refused,
}

/// A deed that the simulator was asked for, and what came of it. Holds no digits (R32).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// At which lock.
    pub lock: LockId,
    /// At which slot.
    pub slot: Slot,
    /// What was asked.
    pub kind: OperationKind,
    /// What was answered.
    pub outcome: Result<(), LockError>,
}

/// The deeds that are remembered as [`Operation`]s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// [`LockDriver::write`].
    Write,
    /// [`LockDriver::remove`].
    Remove,
    /// [`LockDriver::read_back`].
    ReadBack,
}

impl Simulator {
    /// How many events wait for a slow receiver before it lags.
    pub const EVENTS_KEPT: usize = 1024;

    /// At how many locks deeds may be under way at a time.
    pub const LOCKS_AT_ONCE: usize = 32;

    /// How many of the latest operations are remembered.
    pub const OPERATIONS_KEPT: usize = 4096;

    /// A hub that is online and has no locks yet.
    pub fn new(hub: HubId) -> Self {
        let (events, _) = broadcast::channel(Self::EVENTS_KEPT);
        let state =
            State { online: true, locks: BTreeMap::new(), unlinked: BTreeMap::new(), operations: VecDeque::new() };
        Self { hub, events, state: Mutex::new(state) }
    }

    /// Pairs a new, empty lock that is online. A lock of this id that was there before is replaced.
    pub fn add_lock(&self, lock: LockId, settings: LockSettings) {
        self.state().locks.insert(lock, Lock::new(name_of(lock), label_of(lock), settings));
    }

    /// Pairs a new, empty lock that is online and linked to no door. One of this name that was there before is replaced.
    /// Emits [`HubEvent::LocksChanged`] if the hub can be reached.
    pub fn pair(&self, lock: HubLock, settings: LockSettings) {
        let mut state = self.state();
        let label = lock.to_string();
        state.unlinked.insert(lock.clone(), Lock::new(lock, label, settings));
        if state.online {
            self.emit(HubEvent::LocksChanged);
        }
    }

    /// Changes a lock's settings and nothing else: it keeps its codes. No event reports it.
    pub fn configure(&self, lock: LockId, settings: LockSettings) {
        self.state().lock(lock).settings = settings;
    }

    /// Connects or disconnects the hub. Emits [`HubEvent::HubOnline`], followed by the state of each lock, or
    /// [`HubEvent::HubOffline`]; nothing if that is how it was.
    pub fn set_hub_online(&self, online: bool) {
        let mut state = self.state();
        if state.online == online {
            return;
        }
        state.online = online;
        if online {
            self.emit(HubEvent::HubOnline);
            for (lock, simulated) in &state.locks {
                self.emit(presence(*lock, simulated.online));
            }
        } else {
            self.emit(HubEvent::HubOffline);
        }
    }

    /// Brings a lock within or out of the hub's reach. Emits [`HubEvent::LockOnline`] or [`HubEvent::LockOffline`];
    /// nothing if that is how it was, or while the hub is offline.
    pub fn set_lock_online(&self, lock: LockId, online: bool) {
        let mut state = self.state();
        let changed = std::mem::replace(&mut state.lock(lock).online, online) != online;
        if changed && state.online {
            self.emit(presence(lock, online));
        }
    }

    /// Sets what is left of a lock's battery, 0 to 100. Emits [`HubEvent::BatteryLevel`] if the lock can be reached.
    pub fn set_battery(&self, lock: LockId, percent: u8) {
        let mut state = self.state();
        state.lock(lock).settings.battery_percent = percent;
        if state.reach(lock).is_ok() {
            self.emit(HubEvent::BatteryLevel { lock, percent });
        }
    }

    /// Enters digits at a lock's keypad. A keypad works without the hub, but only a lock that can be reached has
    /// [`HubEvent::CodeUsed`] reported.
    pub fn press_keypad(&self, lock: LockId, digits: &str) -> KeypadResult {
        let mut state = self.state();
        let Some(slot) = state.lock(lock).slot_opened_by(digits) else { return KeypadResult::Refused };
        if state.reach(lock).is_ok() {
            self.emit(HubEvent::CodeUsed { lock, slot });
        }
        KeypadResult::Opened(slot)
    }

    /// Puts a code into a slot, or empties it, as somebody with the lock's programming code could. Emits
    /// [`HubEvent::SlotChanged`] if the lock can be reached.
    pub fn program_at_keypad(&self, lock: LockId, slot: Slot, code: Option<Code>) {
        let mut state = self.state();
        let memory = &mut state.lock(lock).memory;
        match code {
            Some(code) => memory.insert(slot, code),
            None => memory.remove(&slot),
        };
        if state.reach(lock).is_ok() {
            self.emit(HubEvent::SlotChanged { lock, slot });
        }
    }

    /// Puts back a code that was on the lock before this process started. Is no operation and emits no event.
    pub fn restore(&self, lock: LockId, slot: Slot, code: Code) {
        self.state().lock(lock).memory.insert(slot, code);
    }

    /// The lock silently loses what a slot holds, as some do a minute after accepting a code.
    pub fn forget(&self, lock: LockId, slot: Slot) {
        self.state().lock(lock).memory.remove(&slot);
    }

    /// The next `count` writes that reach the lock fail with `error` and change nothing, after those already queued.
    pub fn fail_next_writes(&self, lock: LockId, count: usize, error: LockError) {
        self.state().lock(lock).faults.writes.extend(std::iter::repeat_n(error, count));
    }

    /// The next `count` removals that reach the lock fail with `error` and change nothing, after those already queued.
    pub fn fail_next_removals(&self, lock: LockId, count: usize, error: LockError) {
        self.state().lock(lock).faults.removals.extend(std::iter::repeat_n(error, count));
    }

    /// The lock says yes to the next `count` writes and forgets the code at once: the slot is then empty. Replaces what
    /// was left of such a count.
    pub fn drop_after_accept(&self, lock: LockId, count: u32) {
        self.state().lock(lock).faults.forgotten_writes = count;
    }

    /// The next `count` writes and removals are done, but answered with [`LockError::TimedOut`]. Replaces what was left
    /// of such a count.
    pub fn lose_next_answers(&self, lock: LockId, count: u32) {
        self.state().lock(lock).faults.lost_answers = count;
    }

    /// The lock does and answers each of the next `count` writes, and then goes out of reach, without an event
    /// ([`set_lock_online`](Self::set_lock_online) brings it back). Replaces what was left of such a count.
    pub fn vanish_after_writes(&self, lock: LockId, count: u32) {
        self.state().lock(lock).faults.vanishing_writes = count;
    }

    /// The code that a slot really holds, whatever the lock says.
    pub fn holds(&self, lock: LockId, slot: Slot) -> Option<Code> {
        self.state().lock(lock).memory.get(&slot).cloned()
    }

    /// Whether a deed at a linked lock would get there.
    pub fn is_reachable(&self, lock: LockId) -> bool {
        self.state().reach(lock).is_ok()
    }

    /// Whether there is a lock of this name, linked or not.
    pub fn knows(&self, lock: &HubLock) -> bool {
        let state = self.state();
        state.unlinked.contains_key(lock) || state.locks.values().any(|simulated| simulated.name == *lock)
    }

    /// What a lock of this name really holds, linked or not, whatever it says; nothing if there is no such lock.
    pub fn contents(&self, lock: &HubLock) -> Vec<(Slot, Code)> {
        let state = self.state();
        let linked = state.locks.values().find(|simulated| simulated.name == *lock);
        let found = linked.or_else(|| state.unlinked.get(lock));
        found.map(|lock| lock.memory.iter().map(|(slot, code)| (*slot, code.clone())).collect()).unwrap_or_default()
    }

    /// How many slots really hold a code.
    pub fn slots_used(&self, lock: LockId) -> usize {
        self.state().lock(lock).memory.len()
    }

    /// How many writes were asked of the lock, whatever came of them.
    pub fn write_count(&self, lock: LockId) -> u64 {
        self.state().lock(lock).writes
    }

    /// The latest [`OPERATIONS_KEPT`](Self::OPERATIONS_KEPT) operations at all locks, oldest first.
    pub fn operations(&self) -> Vec<Operation> {
        self.state().operations.iter().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Poisoned only by a control that named an unknown lock, which changed nothing before it panicked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn emit(&self, event: HubEvent) {
        // An error means that nobody is listening, which is fine.
        let _ = self.events.send(event);
    }

    /// Lets the lock's latency pass.
    async fn travel(&self, lock: LockId) {
        let latency = self.state().locks.get(&lock).map(|lock| lock.settings.latency).unwrap_or_default();
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
    }

    /// Does `deed` at the lock if it can be reached, and remembers it.
    async fn operate<T>(
        &self,
        kind: OperationKind,
        lock: LockId,
        slot: Slot,
        deed: impl FnOnce(&mut Lock) -> Result<T, LockError>,
    ) -> Result<T, LockError> {
        self.travel(lock).await;
        let mut state = self.state();
        if let (OperationKind::Write, Some(simulated)) = (kind, state.locks.get_mut(&lock)) {
            simulated.writes += 1;
        }
        let result = state.reach(lock).and_then(deed);
        if state.operations.len() == Self::OPERATIONS_KEPT {
            state.operations.pop_front();
        }
        let outcome = result.as_ref().map(|_| ()).map_err(Clone::clone);
        state.operations.push_back(Operation { lock, slot, kind, outcome });
        result
    }
}

impl State {
    /// A lock for a control.
    fn lock(&mut self, lock: LockId) -> &mut Lock {
        match self.locks.get_mut(&lock) {
            Some(simulated) => simulated,
            None => panic!("the simulator has no lock {lock}"),
        }
    }

    fn unlink(&mut self, lock: LockId) {
        if let Some(simulated) = self.locks.remove(&lock) {
            self.unlinked.insert(simulated.name.clone(), simulated);
        }
    }

    /// A lock for a deed: as far as the hub can reach it.
    fn reach(&mut self, lock: LockId) -> Result<&mut Lock, LockError> {
        if !self.online {
            return Err(LockError::HubOffline);
        }
        let simulated = self.locks.get_mut(&lock).ok_or(LockError::UnknownLock)?;
        if simulated.online { Ok(simulated) } else { Err(LockError::LockOffline) }
    }
}

/// The name at the hub of a lock that was added under its id.
fn name_of(lock: LockId) -> HubLock {
    HubLock::new(lock.to_string()).expect("an id is printable and short")
}

/// What people know such a lock by: an id is too long to be read.
fn label_of(lock: LockId) -> String {
    let id = lock.to_string().to_uppercase();
    format!("Lock {}", &id[id.len() - 4..])
}

fn presence(lock: LockId, online: bool) -> HubEvent {
    if online { HubEvent::LockOnline { lock } } else { HubEvent::LockOffline { lock } }
}

#[async_trait]
impl LockDriver for Simulator {
    fn hub(&self) -> HubId {
        self.hub
    }

    fn locks_at_once(&self) -> usize {
        Self::LOCKS_AT_ONCE
    }

    async fn capabilities(&self, lock: LockId) -> Result<Capabilities, LockError> {
        let state = self.state();
        if !state.online {
            return Err(LockError::HubOffline);
        }
        state.locks.get(&lock).map(Lock::capabilities).ok_or(LockError::UnknownLock)
    }

    async fn write(&self, lock: LockId, slot: Slot, code: &Code) -> Result<Accepted, LockError> {
        self.operate(OperationKind::Write, lock, slot, |simulated| simulated.write(slot, code)).await?;
        Ok(Accepted::ByLock)
    }

    async fn remove(&self, lock: LockId, slot: Slot) -> Result<(), LockError> {
        self.operate(OperationKind::Remove, lock, slot, |simulated| simulated.remove(slot)).await
    }

    async fn read_back(&self, lock: LockId, slot: Slot) -> Result<SlotContent, LockError> {
        self.operate(OperationKind::ReadBack, lock, slot, |simulated| simulated.read_back(slot)).await
    }

    async fn ping(&self, lock: LockId) -> Result<LockHealth, LockError> {
        self.travel(lock).await;
        self.state().reach(lock).map(|simulated| simulated.health())
    }

    async fn locks(&self) -> Result<Vec<FoundLock>, LockError> {
        let state = self.state();
        if !state.online {
            return Err(LockError::HubOffline);
        }
        Ok(state.locks.values().chain(state.unlinked.values()).map(Lock::found).collect())
    }

    async fn about(&self) -> Result<HubInfo, LockError> {
        if self.state().online { Ok(HubInfo { version: "Simulator".to_owned() }) } else { Err(LockError::HubOffline) }
    }

    fn link(&self, lock: LockId, at_hub: HubLock) {
        let mut state = self.state();
        if state.locks.get(&lock).is_some_and(|simulated| simulated.name == at_hub) {
            return;
        }
        state.unlink(lock);
        let Some(simulated) = state.unlinked.remove(&at_hub) else { return };
        let online = simulated.online;
        state.locks.insert(lock, simulated);
        if state.online {
            self.emit(presence(lock, online));
        }
    }

    fn unlink(&self, lock: LockId) {
        self.state().unlink(lock);
    }

    fn events(&self) -> broadcast::Receiver<HubEvent> {
        self.events.subscribe()
    }
}
