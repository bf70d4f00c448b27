//! The hubs of the simulation: the simulated hub of `crates/hub`, behind a radio on which more goes wrong, and which keeps
//! a journal of what every slot truly held. A witness looks at the door at each instant when a lock changes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use access_code::Code;
use async_trait::async_trait;
use hub::{
    Accepted, Capabilities, FoundLock, HubEvent, HubInfo, HubLock, LockDriver, LockError, LockHealth, ReadBack,
    Simulator, Slot, SlotContent,
};
use ids::{HubId, LockId};
use latchkey_server::clock::Clock;
use store::Millis;
use tokio::sync::broadcast;

use super::witness::Witness;

/// How long a driver waits for a lock.
pub(super) const PATIENCE: Millis = 30_000;

/// A lie that a hub tells in a self-test, for the oracle to catch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lie {
    /// A removal is said to be done, and the slot to be empty.
    Removed,
    /// A code is said to be written, and to be read back.
    Written,
    /// A slot that holds somebody else's code is said to be empty.
    Free,
}

/// What goes wrong at a lock at the moment.
#[derive(Clone, Copy, Default)]
pub(super) struct Mishaps {
    /// How long each deed takes.
    pub(super) latency: Millis,
    /// The lock can't be reached, and nobody is told.
    pub(super) silent: bool,
    /// So many removals are said to be done and aren't.
    pub(super) removals_said: u32,
    /// So many writes and removals are done and said to have been rejected.
    pub(super) done_but_rejected: u32,
    /// So many writes and removals are refused.
    pub(super) refusals: u32,
}

/// What is known of a slot, by the lock itself.
#[derive(Clone, Default)]
pub(super) struct SlotJournal {
    held: Option<Code>,
    /// Counts what happens, so that what came first can be told.
    pub(super) changed: u64,
    /// It was changed by something other than what the server asked for.
    pub(super) silently: bool,
    /// When the server was last told, truly, what it holds.
    pub(super) looked: u64,
    /// The most codes that the server had on the lock at a time since then: it has them looked for in turn.
    pub(super) codes: usize,
}

/// The hub's radio. One for each hub; it outlives the server.
pub(super) struct Radio {
    hub: HubId,
    pub(super) simulator: Simulator,
    events: broadcast::Sender<HubEvent>,
    state: Mutex<State>,
    witness: Arc<Witness>,
}

struct State {
    clock: Clock,
    told: broadcast::Receiver<HubEvent>,
    /// Nothing that happens is told.
    mute: bool,
    /// The hub can't be reached, and nobody is told.
    silent: bool,
    names: HashMap<LockId, HubLock>,
    mishaps: HashMap<HubLock, Mishaps>,
    journal: HashMap<HubLock, BTreeMap<Slot, SlotJournal>>,
    count: u64,
    /// Deeds that are under way, and of these the ones that wait for time to pass, with until when.
    active: HashMap<LockId, usize>,
    waiting: Vec<(LockId, Millis)>,
    lie: Option<Lie>,
    /// What a lying hub says that slots hold.
    lies: HashMap<(HubLock, Slot), Option<Code>>,
    foreign: HashSet<(HubLock, Slot)>,
    happened: u64,
}

impl Radio {
    pub(super) fn new(hub: HubId, clock: Clock, witness: Arc<Witness>, lie: Option<Lie>) -> Self {
        let simulator = Simulator::new(hub);
        let told = simulator.events();
        let (events, _) = broadcast::channel(Simulator::EVENTS_KEPT);
        let state = State {
            clock,
            told,
            mute: false,
            silent: false,
            names: HashMap::new(),
            mishaps: HashMap::new(),
            journal: HashMap::new(),
            count: 0,
            active: HashMap::new(),
            waiting: Vec::new(),
            lie,
            lies: HashMap::new(),
            foreign: HashSet::new(),
            happened: 0,
        };
        Self { hub, simulator, events, state: Mutex::new(state), witness }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A lock that was there from the start.
    pub(super) fn installed(&self, lock: LockId, settings: hub::LockSettings) {
        self.simulator.add_lock(lock, settings);
        if let Some(name) = HubLock::new(lock.to_string()) {
            self.state().names.insert(lock, name);
        }
        self.pump();
    }

    /// Another server drives it from now on, by that clock: what the one before was about is over.
    pub(super) fn driven_by(&self, clock: Clock) {
        let mut state = self.state();
        state.clock = clock;
        state.active.clear();
        state.waiting.clear();
        // Whatever it had been told and not stored is lost with it.
        state.journal.values_mut().flat_map(BTreeMap::values_mut).for_each(|slot| slot.looked = 0);
    }

    /// Passes on what the hub tells, unless it is mute.
    pub(super) fn pump(&self) {
        let mut state = self.state();
        loop {
            match state.told.try_recv() {
                Ok(event) if !state.mute => drop(self.events.send(event)),
                Ok(_) | Err(broadcast::error::TryRecvError::Lagged(_)) => {}
                Err(_) => return,
            }
        }
    }

    /// Does something to the hub that it tells of, or doesn't.
    pub(super) fn happen(&self, told: bool, what: impl FnOnce(&Simulator)) {
        self.pump();
        self.state().mute = !told;
        what(&self.simulator);
        self.pump();
        self.state().mute = false;
        self.note_all(true);
        self.state().happened += 1;
    }

    /// How many times something happened to a lock or was asked of one.
    pub(super) fn version(&self) -> u64 {
        let state = self.state();
        state.count + state.happened
    }

    /// Whether everything that was told was heard.
    pub(super) fn is_heard(&self) -> bool {
        self.events.is_empty()
    }

    pub(super) fn name_of(&self, lock: LockId) -> Option<HubLock> {
        self.state().names.get(&lock).cloned()
    }

    pub(super) fn mishaps(&self, lock: &HubLock, change: impl FnOnce(&mut Mishaps)) {
        let mut state = self.state();
        change(state.mishaps.entry(lock.clone()).or_default());
        state.happened += 1;
    }

    pub(super) fn mishaps_of(&self, lock: &HubLock) -> Mishaps {
        self.state().mishaps.get(lock).copied().unwrap_or_default()
    }

    pub(super) fn set_silent(&self, silent: bool) {
        let mut state = self.state();
        state.silent = silent;
        state.happened += 1;
    }

    pub(super) fn is_silent(&self) -> bool {
        self.state().silent
    }

    /// Whether deeds are under way that don't wait for time to pass; and at which locks some do, with the next moment when
    /// one goes on.
    pub(super) fn under_way(&self) -> (bool, HashSet<LockId>, Option<Millis>) {
        let state = self.state();
        let active: usize = state.active.values().sum();
        let waiting = state.waiting.iter().map(|(lock, _)| *lock).collect();
        (active > state.waiting.len(), waiting, state.waiting.iter().map(|(_, until)| *until).min())
    }

    pub(super) fn is_busy(&self, lock: LockId) -> bool {
        self.state().active.get(&lock).is_some_and(|deeds| *deeds > 0)
    }

    /// A slot of somebody else's.
    pub(super) fn is_foreign(&self, lock: &HubLock, slot: Slot, foreign: bool) {
        let mut state = self.state();
        if foreign {
            state.foreign.insert((lock.clone(), slot));
        } else {
            state.foreign.remove(&(lock.clone(), slot));
        }
    }

    pub(super) fn slot(&self, lock: &HubLock, slot: Slot) -> SlotJournal {
        self.state().journal.get(lock).and_then(|slots| slots.get(&slot)).cloned().unwrap_or_default()
    }

    /// The server says that it has so many codes on the lock now.
    pub(super) fn note_codes(&self, lock: &HubLock, codes: usize) {
        let mut state = self.state();
        for slot in state.journal.entry(lock.clone()).or_default().values_mut() {
            slot.codes = slot.codes.max(codes);
        }
    }

    /// Notes what the slots of a lock hold now.
    fn note(&self, lock: &HubLock, silently: bool) {
        let held: BTreeMap<Slot, Code> = self.simulator.contents(lock).into_iter().collect();
        let mut state = self.state();
        state.count += 1;
        let count = state.count;
        let journal = state.journal.entry(lock.clone()).or_default();
        for slot in held.keys() {
            journal.entry(*slot).or_default();
        }
        for (slot, entry) in journal {
            let now = held.get(slot);
            if entry.held.as_ref() != now {
                *entry = SlotJournal { held: now.cloned(), changed: count, silently, ..entry.clone() };
            }
        }
    }

    /// Notes that a lock said that it did what it was asked, and didn't.
    fn note_untold(&self, lock: &HubLock, slot: Slot, code: Option<&Code>, done: &Result<Accepted, LockError>) {
        let mut state = self.state();
        let count = state.count;
        let entry = state.journal.entry(lock.clone()).or_default().entry(slot).or_default();
        if done.is_ok() && entry.held.as_ref() != code {
            (entry.changed, entry.silently) = (count, true);
        }
        if state.lie.is_some() {
            // What the oracle is to catch.
            state.journal.entry(lock.clone()).or_default().entry(slot).or_default().silently = false;
        }
    }

    fn note_all(&self, silently: bool) {
        let names: HashSet<HubLock> = {
            let state = self.state();
            state.names.values().chain(state.journal.keys()).cloned().collect()
        };
        names.iter().for_each(|name| self.note(name, silently));
    }

    fn reach(&self, lock: LockId) -> Result<(HubLock, Mishaps), LockError> {
        let state = self.state();
        if state.silent {
            return Err(LockError::HubOffline);
        }
        let name = state.names.get(&lock).cloned().ok_or(LockError::UnknownLock)?;
        let mishaps = state.mishaps.get(&name).copied().unwrap_or_default();
        if mishaps.silent { Err(LockError::LockOffline) } else { Ok((name, mishaps)) }
    }

    /// Lets the time pass that a deed takes. Returns whether the driver still waits for the answer.
    async fn travel(&self, lock: LockId, latency: Millis) -> bool {
        if latency == 0 {
            return true;
        }
        let (clock, until) = {
            let state = self.state();
            (state.clock.clone(), state.clock.now() + latency.min(PATIENCE))
        };
        let waits = Waits::begin(self, lock, until);
        clock.sleep_until(until).await;
        drop(waits);
        latency <= PATIENCE
    }

    async fn change(&self, lock: LockId, slot: Slot, code: Option<&Code>) -> Result<Accepted, LockError> {
        let _active = Active::begin(self, lock);
        self.witness.look(self, lock, "before the lock is asked to change").await;
        let (name, mishaps) = self.reach(lock)?;
        let answered = self.travel(lock, mishaps.latency).await;
        // It may have gone out of reach in the meantime.
        self.reach(lock)?;
        let done = self.do_it(lock, &name, slot, code).await;
        self.pump();
        self.note(&name, done.is_err());
        self.note_untold(&name, slot, code, &done);
        self.witness.told(lock, &format!("slot {slot}: {} {}", verb(code), said(&done)));
        self.witness.look(self, lock, "after the lock was asked to change").await;
        let rejected = self.use_up(&name, |mishaps| &mut mishaps.done_but_rejected);
        match done {
            Ok(_) if !answered => Err(LockError::TimedOut),
            Ok(_) if rejected => Err(LockError::rejected("busy")),
            done => done,
        }
    }

    async fn do_it(
        &self,
        lock: LockId,
        name: &HubLock,
        slot: Slot,
        code: Option<&Code>,
    ) -> Result<Accepted, LockError> {
        if self.use_up(name, |mishaps| &mut mishaps.refusals) {
            return Err(LockError::rejected("busy"));
        }
        let lie = self.state().lie;
        match (code, lie) {
            (Some(code), Some(Lie::Written)) => {
                self.state().lies.insert((name.clone(), slot), Some(code.clone()));
                return Ok(Accepted::ByLock);
            }
            (None, Some(Lie::Removed)) => {
                self.state().lies.insert((name.clone(), slot), None);
                return Ok(Accepted::ByLock);
            }
            _ => {}
        }
        match code {
            Some(code) => {
                self.state().lies.remove(&(name.clone(), slot));
                self.simulator.write(lock, slot, code).await
            }
            None => {
                if self.use_up(name, |mishaps| &mut mishaps.removals_said) {
                    return Ok(Accepted::ByLock);
                }
                self.simulator.remove(lock, slot).await.map(|()| Accepted::ByLock)
            }
        }
    }

    fn use_up(&self, lock: &HubLock, which: impl FnOnce(&mut Mishaps) -> &mut u32) -> bool {
        let mut state = self.state();
        let Some(mishaps) = state.mishaps.get_mut(lock) else { return false };
        let left = which(mishaps);
        let was = *left > 0;
        *left = left.saturating_sub(1);
        was
    }
}

fn verb(code: Option<&Code>) -> &'static str {
    if code.is_some() { "a code is written:" } else { "is emptied:" }
}

fn said(done: &Result<Accepted, LockError>) -> String {
    done.as_ref().map_or_else(ToString::to_string, |_| "done".to_owned())
}

/// A deed under way.
struct Active<'a>(&'a Radio, LockId);

impl<'a> Active<'a> {
    fn begin(radio: &'a Radio, lock: LockId) -> Self {
        *radio.state().active.entry(lock).or_default() += 1;
        Self(radio, lock)
    }
}

impl Drop for Active<'_> {
    fn drop(&mut self) {
        if let Some(deeds) = self.0.state().active.get_mut(&self.1) {
            *deeds = deeds.saturating_sub(1);
        }
    }
}

/// A deed that waits for time to pass.
struct Waits<'a>(&'a Radio, LockId, Millis);

impl<'a> Waits<'a> {
    fn begin(radio: &'a Radio, lock: LockId, until: Millis) -> Self {
        radio.state().waiting.push((lock, until));
        Self(radio, lock, until)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        if let Some(at) = state.waiting.iter().position(|waits| *waits == (self.1, self.2)) {
            state.waiting.swap_remove(at);
        }
    }
}

#[async_trait]
impl LockDriver for Radio {
    fn hub(&self) -> HubId {
        self.hub
    }

    fn locks_at_once(&self) -> usize {
        4
    }

    async fn capabilities(&self, lock: LockId) -> Result<Capabilities, LockError> {
        if self.is_silent() {
            return Err(LockError::HubOffline);
        }
        self.simulator.capabilities(lock).await
    }

    async fn write(&self, lock: LockId, slot: Slot, code: &Code) -> Result<Accepted, LockError> {
        self.change(lock, slot, Some(code)).await
    }

    async fn remove(&self, lock: LockId, slot: Slot) -> Result<(), LockError> {
        self.change(lock, slot, None).await.map(|_| ())
    }

    async fn read_back(&self, lock: LockId, slot: Slot) -> Result<SlotContent, LockError> {
        let _active = Active::begin(self, lock);
        let (name, mishaps) = self.reach(lock)?;
        let answered = self.travel(lock, mishaps.latency).await;
        self.reach(lock)?;
        if !answered {
            return Err(LockError::TimedOut);
        }
        let content = self.simulator.read_back(lock, slot).await?;
        let mut state = self.state();
        state.count += 1;
        let count = state.count;
        if let Some(said) = state.lies.get(&(name.clone(), slot)) {
            return Ok(said.clone().map_or(SlotContent::Empty, SlotContent::Holds));
        }
        if state.lie == Some(Lie::Free) && state.foreign.contains(&(name.clone(), slot)) {
            return Ok(SlotContent::Empty);
        }
        let entry = state.journal.entry(name).or_default().entry(slot).or_default();
        (entry.looked, entry.codes) = (count, 0);
        Ok(content)
    }

    async fn ping(&self, lock: LockId) -> Result<LockHealth, LockError> {
        let _active = Active::begin(self, lock);
        self.reach(lock)?;
        self.simulator.ping(lock).await
    }

    async fn locks(&self) -> Result<Vec<FoundLock>, LockError> {
        if self.is_silent() { Err(LockError::HubOffline) } else { self.simulator.locks().await }
    }

    async fn about(&self) -> Result<HubInfo, LockError> {
        if self.is_silent() { Err(LockError::HubOffline) } else { self.simulator.about().await }
    }

    fn link(&self, lock: LockId, at_hub: HubLock) {
        self.simulator.link(lock, at_hub.clone());
        self.state().names.insert(lock, at_hub);
        self.pump();
    }

    fn unlink(&self, lock: LockId) {
        self.simulator.unlink(lock);
        self.state().names.remove(&lock);
        self.pump();
    }

    fn events(&self) -> broadcast::Receiver<HubEvent> {
        self.events.subscribe()
    }
}

/// Whether such a lock can tell what is in a slot.
pub(super) fn tells(read_back: ReadBack) -> bool {
    read_back != ReadBack::None
}
