//! The driver.

use std::sync::Arc;

use access_code::Code;
use async_trait::async_trait;
use hub::{
    Accepted, Capabilities, HubAddress, HubEvent, HubLock, LockDriver, LockError, LockHealth, Slot, SlotContent,
};
use ids::{HubId, LockId};
use tokio::sync::broadcast;

use crate::Token;

/// Drives the locks of one Z-Wave JS server.
pub struct ZwaveJs {
    hub: HubId,
    events: broadcast::Sender<HubEvent>,
}

impl ZwaveJs {
    /// How many events wait for a slow receiver before it lags.
    pub const EVENTS_KEPT: usize = 1024;

    /// At how many locks deeds may be under way at a time. Z-Wave sends one frame at a time; a second lock's deed can
    /// use the air while the first lock turns its wheels.
    pub const LOCKS_AT_ONCE: usize = 2;

    /// Drives the locks of the hub at `address`: returns at once, and keeps a connection until the driver is dropped.
    /// Must be called within a tokio runtime.
    ///
    /// `token` is for a proxy in front of the hub. `links` says which of the hub's locks are which, as
    /// [`LockDriver::link`] would.
    pub fn connect(
        hub: HubId,
        _address: HubAddress,
        _token: Option<Token>,
        _links: impl IntoIterator<Item = (LockId, HubLock)>,
    ) -> Arc<Self> {
        let (events, _) = broadcast::channel(Self::EVENTS_KEPT);
        Arc::new(Self { hub, events })
    }
}

#[async_trait]
impl LockDriver for ZwaveJs {
    fn hub(&self) -> HubId {
        self.hub
    }

    fn locks_at_once(&self) -> usize {
        Self::LOCKS_AT_ONCE
    }

    async fn capabilities(&self, _lock: LockId) -> Result<Capabilities, LockError> {
        Err(LockError::HubOffline)
    }

    async fn write(&self, _lock: LockId, _slot: Slot, _code: &Code) -> Result<Accepted, LockError> {
        Err(LockError::HubOffline)
    }

    async fn remove(&self, _lock: LockId, _slot: Slot) -> Result<(), LockError> {
        Err(LockError::HubOffline)
    }

    async fn read_back(&self, _lock: LockId, _slot: Slot) -> Result<SlotContent, LockError> {
        Err(LockError::HubOffline)
    }

    async fn ping(&self, _lock: LockId) -> Result<LockHealth, LockError> {
        Err(LockError::HubOffline)
    }

    fn events(&self) -> broadcast::Receiver<HubEvent> {
        self.events.subscribe()
    }
}
