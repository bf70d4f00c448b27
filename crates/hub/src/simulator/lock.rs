//! One simulated lock: its memory, its behaviour and the faults it was told to have.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use access_code::Code;

use crate::{Capabilities, FoundLock, HubLock, Lengths, LockError, LockHealth, ReadBack, Slot, SlotContent};

/// What a simulated lock is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockSettings {
    /// How many slots it has.
    pub slots: u16,
    /// The code lengths that it accepts.
    pub lengths: Lengths,
    /// How much it reveals of what its slots hold.
    pub read_back: ReadBack,
    /// How long each deed takes. The simulator never sleeps when this is zero.
    pub latency: Duration,
    /// What is left of its battery, 0 to 100.
    pub battery_percent: u8,
}

impl Default for LockSettings {
    /// A common lock: 30 slots, both lengths, codes can be read back; with no latency and a full battery.
    fn default() -> Self {
        Self {
            slots: 30,
            lengths: Lengths::FourAndSix,
            read_back: ReadBack::Digits,
            latency: Duration::ZERO,
            battery_percent: 100,
        }
    }
}

/// A simulated lock. Whether it can be reached is for the hub to check: a lock does not know that it is offline.
pub(super) struct Lock {
    pub(super) name: HubLock,
    /// What people know it by.
    pub(super) label: String,
    pub(super) settings: LockSettings,
    pub(super) online: bool,
    pub(super) memory: BTreeMap<Slot, Code>,
    pub(super) faults: Faults,
    pub(super) writes: u64,
}

/// What is to go wrong, each used up by the deeds that meet it.
#[derive(Default)]
pub(super) struct Faults {
    /// Errors for the next writes, which then change nothing.
    pub(super) writes: VecDeque<LockError>,
    /// Errors for the next removals, which then change nothing.
    pub(super) removals: VecDeque<LockError>,
    /// How many accepted writes are to be forgotten at once.
    pub(super) forgotten_writes: u32,
    /// How many writes and removals are to be done without the answer getting through.
    pub(super) lost_answers: u32,
    /// After how many accepted writes the lock is to go out of reach.
    pub(super) vanishing_writes: u32,
}

impl Lock {
    pub(super) fn new(name: HubLock, label: String, settings: LockSettings) -> Self {
        Self { name, label, settings, online: true, memory: BTreeMap::new(), faults: Faults::default(), writes: 0 }
    }

    pub(super) fn capabilities(&self) -> Capabilities {
        let LockSettings { slots, lengths, read_back, .. } = self.settings;
        Capabilities { slots, lengths, read_back, schedules: false }
    }

    pub(super) fn found(&self) -> FoundLock {
        FoundLock {
            lock: self.name.clone(),
            name: self.label.clone(),
            model: Some("Simulated lock".to_owned()),
            online: self.online,
            battery_percent: Some(self.settings.battery_percent),
            capabilities: Some(self.capabilities()),
        }
    }

    pub(super) fn health(&self) -> LockHealth {
        LockHealth { battery_percent: Some(self.settings.battery_percent) }
    }

    pub(super) fn write(&mut self, slot: Slot, code: &Code) -> Result<(), LockError> {
        if let Some(error) = self.faults.writes.pop_front() {
            return Err(error);
        }
        self.check(slot, code)?;
        if used_up(&mut self.faults.forgotten_writes) {
            // What the slot held before was overwritten and is gone too.
            self.memory.remove(&slot);
        } else {
            self.memory.insert(slot, code.clone());
        }
        if used_up(&mut self.faults.vanishing_writes) {
            self.online = false;
        }
        self.answer()
    }

    /// What real locks refuse, duplicates among it (R11).
    fn check(&self, slot: Slot, code: &Code) -> Result<(), LockError> {
        if slot.number() > self.settings.slots {
            return Err(LockError::SlotsFull);
        }
        if !self.settings.lengths.support(code.length()) {
            return Err(LockError::LengthNotSupported);
        }
        if self.memory.iter().any(|(other, held)| *other != slot && held == code) {
            return Err(LockError::DuplicateOnLock);
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, slot: Slot) -> Result<(), LockError> {
        if let Some(error) = self.faults.removals.pop_front() {
            return Err(error);
        }
        self.memory.remove(&slot);
        self.answer()
    }

    fn answer(&mut self) -> Result<(), LockError> {
        if used_up(&mut self.faults.lost_answers) { Err(LockError::TimedOut) } else { Ok(()) }
    }

    pub(super) fn read_back(&self, slot: Slot) -> Result<SlotContent, LockError> {
        match (self.settings.read_back, self.memory.get(&slot)) {
            (ReadBack::None, _) => Err(LockError::NotSupported),
            (_, None) => Ok(SlotContent::Empty),
            (ReadBack::Occupancy, Some(_)) => Ok(SlotContent::Occupied),
            (ReadBack::Digits, Some(code)) => Ok(SlotContent::Holds(code.clone())),
        }
    }

    /// The slot whose code these digits are.
    pub(super) fn slot_opened_by(&self, digits: &str) -> Option<Slot> {
        self.memory.iter().find(|(_, code)| code.expose() == digits).map(|(slot, _)| *slot)
    }
}

/// Takes one from a count of faults; `false` if none was left.
fn used_up(faults: &mut u32) -> bool {
    let left = faults.checked_sub(1);
    *faults = left.unwrap_or(0);
    left.is_some()
}
