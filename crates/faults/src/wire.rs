//! What the server under test and this suite's locks say to each other: JSON, a line each.
//!
//! Digits of codes travel here and nowhere else; no type that holds them has `Debug`.

use access_code::Code;
use hub::{Accepted, Capabilities, HubEvent, Lengths, LockError, LockHealth, ReadBack, Slot, SlotContent};
use ids::{HubId, LockId};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// From the server: something to be done at a lock.
#[derive(Serialize, Deserialize)]
pub(crate) struct Question {
    /// Repeated in the answer.
    pub(crate) id: u64,
    /// The hub.
    pub(crate) hub: HubId,
    /// The lock.
    pub(crate) lock: LockId,
    /// What is to be done.
    pub(crate) deed: Deed,
}

/// What is to be done: the methods of [`hub::LockDriver`].
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Deed {
    Capabilities,
    Write { slot: u16, digits: Zeroizing<String> },
    Remove { slot: u16 },
    ReadBack { slot: u16 },
    Ping,
}

/// From the locks.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Message {
    Answer { id: u64, answer: Result<Answer, Fault> },
    Event { hub: HubId, event: Event },
}

/// What a lock answers.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    Capabilities { slots: u16 },
    Done,
    Empty,
    Occupied,
    Holds { digits: Zeroizing<String> },
    Healthy,
}

/// Why a lock did not do it: [`LockError`].
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fault {
    HubOffline,
    LockOffline,
    SlotsFull,
    LengthNotSupported,
    DuplicateOnLock,
    TimedOut,
    Rejected { text: String },
    NotSupported,
    UnknownLock,
}

/// What hubs tell without being asked: [`HubEvent`].
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    HubOnline,
    HubOffline,
    LocksChanged,
    LockOnline { lock: LockId },
    LockOffline { lock: LockId },
    CodeUsed { lock: LockId, slot: u16 },
    SlotChanged { lock: LockId, slot: u16 },
    BatteryLevel { lock: LockId, percent: u8 },
}

impl From<LockError> for Fault {
    fn from(error: LockError) -> Self {
        match error {
            LockError::HubOffline => Self::HubOffline,
            LockError::LockOffline => Self::LockOffline,
            LockError::SlotsFull => Self::SlotsFull,
            LockError::LengthNotSupported => Self::LengthNotSupported,
            LockError::DuplicateOnLock => Self::DuplicateOnLock,
            LockError::TimedOut => Self::TimedOut,
            LockError::Rejected(rejection) => Self::Rejected { text: rejection.to_string() },
            LockError::NotSupported => Self::NotSupported,
            LockError::UnknownLock => Self::UnknownLock,
        }
    }
}

impl From<Fault> for LockError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::HubOffline => Self::HubOffline,
            Fault::LockOffline => Self::LockOffline,
            Fault::SlotsFull => Self::SlotsFull,
            Fault::LengthNotSupported => Self::LengthNotSupported,
            Fault::DuplicateOnLock => Self::DuplicateOnLock,
            Fault::TimedOut => Self::TimedOut,
            Fault::Rejected { text } => Self::rejected(&text),
            Fault::NotSupported => Self::NotSupported,
            Fault::UnknownLock => Self::UnknownLock,
        }
    }
}

impl From<HubEvent> for Event {
    fn from(event: HubEvent) -> Self {
        match event {
            HubEvent::HubOnline => Self::HubOnline,
            HubEvent::HubOffline => Self::HubOffline,
            HubEvent::LocksChanged => Self::LocksChanged,
            HubEvent::LockOnline { lock } => Self::LockOnline { lock },
            HubEvent::LockOffline { lock } => Self::LockOffline { lock },
            HubEvent::CodeUsed { lock, slot } => Self::CodeUsed { lock, slot: slot.number() },
            HubEvent::SlotChanged { lock, slot } => Self::SlotChanged { lock, slot: slot.number() },
            HubEvent::BatteryLevel { lock, percent } => Self::BatteryLevel { lock, percent },
        }
    }
}

impl Event {
    /// The event as drivers report it; `None` for an impossible slot.
    pub(crate) fn told(self) -> Option<HubEvent> {
        Some(match self {
            Self::HubOnline => HubEvent::HubOnline,
            Self::HubOffline => HubEvent::HubOffline,
            Self::LocksChanged => HubEvent::LocksChanged,
            Self::LockOnline { lock } => HubEvent::LockOnline { lock },
            Self::LockOffline { lock } => HubEvent::LockOffline { lock },
            Self::CodeUsed { lock, slot } => HubEvent::CodeUsed { lock, slot: Slot::new(slot)? },
            Self::SlotChanged { lock, slot } => HubEvent::SlotChanged { lock, slot: Slot::new(slot)? },
            Self::BatteryLevel { lock, percent } => HubEvent::BatteryLevel { lock, percent },
        })
    }
}

impl Answer {
    /// A lock's capabilities. Those not in the answer are the same for all of this suite's locks.
    pub(crate) fn capabilities(self) -> Result<Capabilities, LockError> {
        match self {
            Self::Capabilities { slots } => {
                Ok(Capabilities { slots, lengths: Lengths::FourAndSix, read_back: ReadBack::Digits, schedules: false })
            }
            _ => Err(unexpected()),
        }
    }

    pub(crate) fn accepted(self) -> Result<Accepted, LockError> {
        self.done().map(|()| Accepted::ByLock)
    }

    pub(crate) fn done(self) -> Result<(), LockError> {
        match self {
            Self::Done => Ok(()),
            _ => Err(unexpected()),
        }
    }

    pub(crate) fn content(self) -> Result<SlotContent, LockError> {
        match self {
            Self::Empty => Ok(SlotContent::Empty),
            Self::Occupied => Ok(SlotContent::Occupied),
            Self::Holds { digits } => Code::parse(&digits).map(SlotContent::Holds).map_err(|_| unexpected()),
            _ => Err(unexpected()),
        }
    }

    pub(crate) fn health(self) -> Result<LockHealth, LockError> {
        match self {
            Self::Healthy => Ok(LockHealth { battery_percent: None }),
            _ => Err(unexpected()),
        }
    }
}

fn unexpected() -> LockError {
    LockError::rejected("the answer to another question")
}
