//! The seam between Latchkey and the hubs.

use access_code::{Code, Length};
use async_trait::async_trait;
use ids::{HubId, LockId};
use tokio::sync::broadcast;

use crate::{FoundLock, HubEvent, HubInfo, HubLock, LockError, Slot};

/// Drives the locks of one hub.
///
/// Every deed may be repeated with no further effect, so that after [`LockError::TimedOut`] or a restart the worker
/// simply does it again. A deed fails with [`LockError::HubOffline`] or [`LockError::LockOffline`] when it can't reach
/// the lock: **a driver never queues**, since keeping track of what waits for a lock is the worker's business (R13,
/// R29). A driver limits the time of each deed and returns [`LockError::TimedOut`] after that.
///
/// How this maps to Z-Wave JS, the first protocol in mind:
///
/// | here | there |
/// | --- | --- |
/// | [`capabilities`](Self::capabilities) | `endpoint.access_control.get_credential_capabilities_cached` |
/// | [`write`](Self::write) to slot *n* | `set_user` and `set_credential`, or *User Code* `set` on old locks |
/// | [`remove`](Self::remove) | `delete_user` or `delete_credential`, or *User Code* `clear` |
/// | [`read_back`](Self::read_back) | `get_credential`, or *User Code* `get` |
/// | [`ping`](Self::ping) | `node.ping` |
/// | [`LockError::DuplicateOnLock`] | credential result 3, or notification type 6 event 15 |
/// | [`LockError::LockOffline`] | `zwaveErrorCode` 204, event `node dead` |
/// | [`HubEvent::CodeUsed`] | notification type 6 event 6, whose `userId` has the slot |
#[async_trait]
pub trait LockDriver: Send + Sync {
    /// The hub that this driver speaks to.
    fn hub(&self) -> HubId;

    /// At how many locks deeds may be under way at a time: as many as the hub's radio can handle. At one lock there is
    /// never more than one.
    fn locks_at_once(&self) -> usize;

    /// What the lock can do, as the hub last knew it; the lock itself need not be online.
    ///
    /// Ask again rather than remember: locks have been seen to change the length they take.
    async fn capabilities(&self, lock: LockId) -> Result<Capabilities, LockError>;

    /// Writes `code` to `slot`, over whatever the slot holds. The same code again in the same slot is `Ok`.
    ///
    /// After an error other than [`LockError::TimedOut`] the slot holds what it held before, so the previous code stays
    /// in force (R13, R27). `Ok` is the lock's word only; locks have been seen to drop a code a minute later, so
    /// confirm with [`read_back`](Self::read_back), now and later.
    ///
    /// # Errors
    /// [`LockError::SlotsFull`] beyond the last slot, [`LockError::LengthNotSupported`],
    /// [`LockError::DuplicateOnLock`] if another slot holds the same code (R11); and what reaching a lock may come to.
    async fn write(&self, lock: LockId, slot: Slot, code: &Code) -> Result<Accepted, LockError>;

    /// Empties `slot`. A slot that is empty already, or beyond the lock's last, is `Ok`.
    ///
    /// Until this is `Ok` the code still opens the door (R24).
    async fn remove(&self, lock: LockId, slot: Slot) -> Result<(), LockError>;

    /// What `slot` holds, asked of the lock itself. A slot beyond the lock's last is empty.
    ///
    /// # Errors
    /// [`LockError::NotSupported`] where [`Capabilities::read_back`] is [`ReadBack::None`].
    async fn read_back(&self, lock: LockId, slot: Slot) -> Result<SlotContent, LockError>;

    /// Whether the lock answers now: `Ok`, or an error that says which of hub and lock is offline (R13).
    async fn ping(&self, lock: LockId) -> Result<LockHealth, LockError>;

    /// Every slot that isn't empty, with what it holds, ours or not.
    ///
    /// This may ask the lock once for each of its slots, so it is for rare occasions: a lock that was just linked, or
    /// one that may have been changed by hand.
    ///
    /// # Errors
    /// [`LockError::NotSupported`] where [`Capabilities::read_back`] is [`ReadBack::None`].
    async fn held(&self, lock: LockId) -> Result<Vec<(Slot, SlotContent)>, LockError> {
        let mut held = Vec::new();
        for slot in Slot::all(self.capabilities(lock).await?.slots) {
            match self.read_back(lock, slot).await? {
                SlotContent::Empty => {}
                content => held.push((slot, content)),
            }
        }
        Ok(held)
    }

    /// The locks that the hub has, linked or not, as the hub last knew them.
    ///
    /// # Errors
    /// [`LockError::HubOffline`]; [`LockError::NotSupported`] by a driver whose locks were given to it, as in tests, and
    /// that needs none of the next three either.
    async fn locks(&self) -> Result<Vec<FoundLock>, LockError> {
        Err(LockError::NotSupported)
    }

    /// What the hub says of itself, asked of it now: a test of the connection.
    ///
    /// # Errors
    /// [`LockError::HubOffline`]; [`LockError::Rejected`] if it is there but won't talk to us (a wrong token, a version
    /// that is too old).
    async fn about(&self) -> Result<HubInfo, LockError> {
        Err(LockError::NotSupported)
    }

    /// From now on `lock` is this one of the hub's locks. What it was before no longer counts.
    ///
    /// It need not be there yet: deeds are [`LockError::UnknownLock`] as long as the hub knows no such lock. A
    /// [`HubEvent::LockOnline`] or [`HubEvent::LockOffline`] follows if it does.
    fn link(&self, _lock: LockId, _at_hub: HubLock) {}

    /// From now on `lock` is none of the hub's locks: deeds at it are [`LockError::UnknownLock`]. What it holds stays.
    fn unlink(&self, _lock: LockId) {}

    /// What happens at the hub and its locks from now on. Nothing is told of locks that aren't linked, but
    /// [`HubEvent::LocksChanged`].
    ///
    /// A receiver that lagged has lost events and must ping every lock and check their slots again.
    fn events(&self) -> broadcast::Receiver<HubEvent>;
}

/// What a lock can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// How many slots it has; they are numbered from 1.
    pub slots: u16,
    /// The code lengths that it accepts.
    pub lengths: Lengths,
    /// How much it reveals of what its slots hold.
    pub read_back: ReadBack,
    /// Whether it can enforce a code's times by itself. Where it can't, the worker writes and removes codes at their
    /// times.
    pub schedules: bool,
}

/// The code lengths (R6) that a lock accepts; many accept only one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lengths {
    /// Four digits only.
    Four,
    /// Six digits only.
    Six,
    /// Four digits and six.
    FourAndSix,
}

impl Lengths {
    /// Whether codes of this length are accepted.
    pub const fn support(self, length: Length) -> bool {
        match length {
            Length::Four => matches!(self, Self::Four | Self::FourAndSix),
            Length::Six => matches!(self, Self::Six | Self::FourAndSix),
        }
    }
}

/// How much a lock reveals of what its slots hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadBack {
    /// The code itself.
    Digits,
    /// Only whether a slot holds something, as in Matter, whose codes are write-only.
    Occupancy,
    /// Nothing.
    None,
}

/// How far a written code has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// The lock itself said yes.
    ByLock,
    /// The hub has sent it and the lock hasn't answered yet; the worker confirms it by reading back.
    ByHub,
}

/// What a slot holds. Has no `Debug`, since it may hold a code.
#[derive(Clone, PartialEq, Eq)]
pub enum SlotContent {
    /// Nothing.
    Empty,
    /// This code; not necessarily one of ours.
    Holds(Code),
    /// Something that the lock won't show, or that is no code as Latchkey knows them (eight digits, a tag).
    Occupied,
}

/// What a lock answers to a ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockHealth {
    /// What is left of its battery, 0 to 100; `None` if it has none or hasn't reported it.
    pub battery_percent: Option<u8>,
}
