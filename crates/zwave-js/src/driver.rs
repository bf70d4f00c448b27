//! The driver.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use access_code::{Code, Length};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use hub::{
    Accepted, Capabilities, FoundLock, HubAddress, HubEvent, HubInfo, HubLock, Lengths, LockDriver, LockError,
    LockHealth, ReadBack, Slot, SlotContent,
};
use ids::{HubId, LockId};
use serde::de::IgnoredAny;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, broadcast};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::asking::{AtHub, Reading, Way};
use crate::connection::{self, Target};
use crate::device::Device;
use crate::network::{Found, Node};
use crate::shared::{CallError, OwnDoing, Shared, Standing};
use crate::timings::Timings;
use crate::token::Token;
use crate::wire::{self, CredentialCapabilities, Ping, Scalar, UserCapabilities, command_class};
use crate::{user_code, user_credential};

/// The locks of one Z-Wave JS server.
///
/// Dropping it ends its connection.
pub struct ZwaveJs {
    shared: Arc<Shared>,
    /// Whose turn it is at each node, so that deeds at one lock don't get into each other's way.
    turns: Mutex<HashMap<u16, Arc<AsyncMutex<()>>>>,
    connection: JoinHandle<()>,
}

impl ZwaveJs {
    /// How many events wait for a slow receiver before it lags.
    pub const EVENTS_KEPT: usize = crate::shared::EVENTS_KEPT;

    /// At how many locks deeds may be under way at a time. Radio sends one message at a time, but while one lock wakes up
    /// or turns its wheels there is time for another.
    pub const LOCKS_AT_ONCE: usize = 2;

    /// How many serial numbers are asked for at a time, and for how long all in all.
    const SERIALS_AT_ONCE: usize = 4;
    const SERIALS_PATIENCE: Duration = Duration::from_secs(10);

    /// Drives the locks of the hub at `address`: returns at once, and keeps a connection until the driver is dropped.
    ///
    /// `token` is for a proxy in front of the hub. `links` says which of the hub's locks are which, as
    /// [`LockDriver::link`] would.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn connect(
        hub: HubId,
        address: HubAddress,
        token: Option<Token>,
        links: impl IntoIterator<Item = (LockId, HubLock)>,
    ) -> Arc<Self> {
        Self::connect_with(hub, address, token, links, Timings::default())
    }

    /// The same, with other patience: for tests, and for networks that are slower than any seen so far.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn connect_with(
        hub: HubId,
        address: HubAddress,
        token: Option<Token>,
        links: impl IntoIterator<Item = (LockId, HubLock)>,
        timings: Timings,
    ) -> Arc<Self> {
        let shared = Arc::new(Shared::new(hub, timings, links));
        let connection = tokio::spawn(connection::keep(shared.clone(), Target::new(address, token)));
        Arc::new(Self { shared, turns: Mutex::default(), connection })
    }

    /// The node that a lock is, as far as the hub knows; whether that is proven is said too.
    fn find(&self, lock: LockId) -> Result<(Device, u16, bool), LockError> {
        if !self.shared.is_connected() {
            return Err(LockError::HubOffline);
        }
        let state = self.shared.state();
        match state.find(lock) {
            Some((device, Found::Node { id, unproven })) => Ok((device.clone(), id, unproven)),
            // The hub is asking it what it is. That ends with the lock being online.
            Some((_, Found::NotYet)) => Err(LockError::LockOffline),
            Some((_, Found::Nothing)) | None => Err(LockError::UnknownLock),
        }
    }

    /// The node that a lock is, beyond what the hub happens to know: where only a serial number tells it from others of its
    /// model, the lock is asked for that before anything is done with it.
    async fn reach(&self, lock: LockId) -> Result<AtHub<'_>, LockError> {
        let (device, node, unproven) = self.find(lock)?;
        if unproven {
            if device.serial.is_none() {
                return Err(LockError::UnknownLock);
            }
            self.ask_for_serial(node).await?;
            match self.find(lock)? {
                (_, proven, false) if proven == node => {}
                _ => return Err(LockError::UnknownLock),
            }
        }
        Ok(AtHub { shared: &self.shared, node })
    }

    /// Learns a lock's serial number from the lock.
    async fn ask_for_serial(&self, node: u16) -> Result<(), LockError> {
        const SERIAL_NUMBER: u8 = 1;
        let at = AtHub { shared: &self.shared, node };
        let answer = at.invoke(command_class::MANUFACTURER_SPECIFIC, "deviceSpecificGet", [SERIAL_NUMBER]).await;
        let answer: Option<Scalar> = answer.map_err(CallError::for_lock)?;
        if let Some(node) = self.shared.state().network.as_mut().and_then(|network| network.node_mut(node)) {
            node.serial_asked = true;
            node.serial = answer.as_ref().and_then(Scalar::text).and_then(Device::serial);
        }
        answer.map(|_| ()).ok_or(LockError::TimedOut)
    }

    /// Reaches a lock for a deed at one of its slots, once no other deed is under way there.
    async fn at_slot(&self, lock: LockId, slot: Slot) -> Result<(AtHub<'_>, Deed), LockError> {
        let (_, node, _) = self.find(lock)?;
        let turn = self.turns.lock().unwrap_or_else(PoisonError::into_inner).entry(node).or_default().clone();
        let turn = turn.lock_owned().await;
        let at = self.reach(lock).await?;
        Ok((at, Deed { _own_doing: self.shared.own_doing(at.node, slot), _turn: turn }))
    }

    /// Whether it is to be asked as a new lock, with users.
    async fn has_users(&self, at: AtHub<'_>) -> Result<bool, LockError> {
        let supports = |class| {
            let state = self.shared.state();
            let node = state.network.as_ref().and_then(|network| network.node(at.node));
            node.is_some_and(|node| node.supports(class))
        };
        match (supports(command_class::USER_CREDENTIAL), supports(command_class::USER_CODE)) {
            (true, true) => user_credential::is_used(at).await,
            (has_users, _) => Ok(has_users),
        }
    }

    async fn read(&self, at: AtHub<'_>, slot: Slot) -> Result<Reading, LockError> {
        if self.has_users(at).await? { user_credential::read(at, slot).await } else { user_code::read(at, slot).await }
    }

    /// What a lock can do, as the hub knows it.
    async fn abilities(&self, at: AtHub<'_>) -> Result<Capabilities, LockError> {
        let ask = |command| format!("endpoint.access_control.{command}");
        let users = ask("get_user_capabilities_cached");
        let users: wire::Capabilities<UserCapabilities> =
            at.call(Way::Hub, &users, ()).await.map_err(CallError::for_lock)?;
        let types = ask("get_credential_capabilities_cached");
        let types: wire::Capabilities<CredentialCapabilities> =
            at.call(Way::Hub, &types, ()).await.map_err(CallError::for_lock)?;
        let types = types.capabilities.supported_credential_types;
        let is_old = users.capabilities.supports_users_without_credentials == Some(false);
        // An old lock that takes letters takes digits too.
        let digits = types.pin.or(types.password.filter(|_| is_old)).ok_or(LockError::NotSupported)?;
        let slots = digits.number_of_credential_slots.min(users.capabilities.max_users);
        if slots == 0 {
            return Err(LockError::rejected("the hub has not found out yet what this lock can do"));
        }
        let set = self.shared.state();
        let set = set.network.as_ref().and_then(|network| network.node(at.node)).and_then(|node| node.code_length);
        let takes = |length: Length| {
            let digits_of = length.digits();
            (digits.min_credential_length..=digits.max_credential_length).contains(&digits_of)
                && set.is_none_or(|only| usize::from(only) == digits_of)
        };
        let lengths = match (takes(Length::Four), takes(Length::Six)) {
            (true, true) => Lengths::FourAndSix,
            (true, false) => Lengths::Four,
            (false, true) => Lengths::Six,
            (false, false) => return Err(LockError::LengthNotSupported),
        };
        let read_back = if digits.max_credential_hash_length == 0 { ReadBack::Digits } else { ReadBack::Occupancy };
        Ok(Capabilities { slots, lengths, read_back, schedules: false })
    }

    /// Whether the lock has no such slot. What can't be told is left to the lock.
    async fn is_beyond_last(&self, at: AtHub<'_>, slot: Slot) -> bool {
        self.abilities(at).await.is_ok_and(|capabilities| slot.number() > capabilities.slots)
    }

    /// Asks the locks that can be reached for the serial numbers that the hub doesn't know, as far as they answer in time.
    async fn learn_serials(&self) {
        let unknown = self.without_serial();
        let asking = stream::iter(unknown).for_each_concurrent(Self::SERIALS_AT_ONCE, |node| async move {
            if let Err(error) = self.ask_for_serial(node).await {
                tracing::debug!(hub = %self.shared.hub, node, %error, "a lock has not said its serial number");
            }
        });
        // The others are known without.
        let _ = timeout(Self::SERIALS_PATIENCE, asking).await;
    }

    /// The locks that can be asked for a serial number which the hub doesn't know.
    fn without_serial(&self) -> Vec<u16> {
        let state = self.shared.state();
        let locks = state.network.iter().flat_map(|network| network.locks());
        let unknown = locks.filter(|node| {
            let can_say = node.version_of(command_class::MANUFACTURER_SPECIFIC) >= 2;
            node.serial.is_none() && !node.serial_asked && can_say && node.is_online()
        });
        unknown.map(|node| node.id).collect()
    }

    fn found(&self, node: &Node, lock: HubLock, capabilities: Option<Capabilities>) -> FoundLock {
        FoundLock {
            lock,
            name: node.name.clone().unwrap_or_else(|| node.id.to_string()),
            model: node.model.clone(),
            online: node.is_online(),
            battery_percent: node.battery_percent,
            capabilities,
        }
    }
}

impl Drop for ZwaveJs {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

/// A deed at a slot, while it lasts.
struct Deed {
    _own_doing: OwnDoing,
    _turn: OwnedMutexGuard<()>,
}

#[async_trait]
impl LockDriver for ZwaveJs {
    fn hub(&self) -> HubId {
        self.shared.hub
    }

    fn locks_at_once(&self) -> usize {
        Self::LOCKS_AT_ONCE
    }

    async fn capabilities(&self, lock: LockId) -> Result<Capabilities, LockError> {
        let (_, node, _) = self.find(lock)?;
        self.abilities(AtHub { shared: &self.shared, node }).await
    }

    async fn write(&self, lock: LockId, slot: Slot, code: &Code) -> Result<Accepted, LockError> {
        let (at, _deed) = self.at_slot(lock, slot).await?;
        let capabilities = self.abilities(at).await?;
        if slot.number() > capabilities.slots {
            return Err(LockError::SlotsFull);
        }
        if !capabilities.lengths.support(code.length()) {
            return Err(LockError::LengthNotSupported);
        }
        if self.has_users(at).await? {
            user_credential::write(at, slot, code).await
        } else {
            user_code::write(at, slot, code).await
        }
    }

    async fn remove(&self, lock: LockId, slot: Slot) -> Result<(), LockError> {
        let (at, _deed) = self.at_slot(lock, slot).await?;
        if self.is_beyond_last(at, slot).await {
            return Ok(());
        }
        if self.has_users(at).await? {
            user_credential::remove(at, slot).await
        } else {
            user_code::remove(at, slot).await
        }
    }

    async fn read_back(&self, lock: LockId, slot: Slot) -> Result<SlotContent, LockError> {
        let (at, _deed) = self.at_slot(lock, slot).await?;
        if self.is_beyond_last(at, slot).await {
            return Ok(SlotContent::Empty);
        }
        self.read(at, slot).await?.content()
    }

    async fn held(&self, lock: LockId) -> Result<Vec<(Slot, SlotContent)>, LockError> {
        let mut held = Vec::new();
        for slot in Slot::all(self.capabilities(lock).await?.slots) {
            let (at, _deed) = self.at_slot(lock, slot).await?;
            match self.read(at, slot).await? {
                Reading::Empty => {}
                Reading::Holds(code) => held.push((slot, SlotContent::Holds(code))),
                // What is switched off may be switched on again: the slot is taken.
                Reading::Occupied | Reading::SwitchedOff => held.push((slot, SlotContent::Occupied)),
            }
        }
        Ok(held)
    }

    async fn ping(&self, lock: LockId) -> Result<LockHealth, LockError> {
        let at = self.reach(lock).await?;
        let ping: Ping = at.call(Way::Lock, "node.ping", ()).await.map_err(CallError::for_lock)?;
        if !ping.responded {
            return Err(LockError::LockOffline);
        }
        let state = self.shared.state();
        let node = state.network.as_ref().and_then(|network| network.node(at.node));
        Ok(LockHealth { battery_percent: node.and_then(|node| node.battery_percent) })
    }

    async fn locks(&self) -> Result<Vec<FoundLock>, LockError> {
        if !self.shared.is_connected() {
            return Err(LockError::HubOffline);
        }
        self.learn_serials().await;
        let nodes: Vec<u16> = match &self.shared.state().network {
            Some(network) => network.locks().map(|node| node.id).collect(),
            None => return Err(LockError::HubOffline),
        };
        let mut found = Vec::new();
        for id in nodes {
            let capabilities = match self.abilities(AtHub { shared: &self.shared, node: id }).await {
                Ok(capabilities) => Some(capabilities),
                Err(error @ LockError::HubOffline) => return Err(error),
                Err(_) => None,
            };
            let state = self.shared.state();
            let Some((network, node)) = state.network.as_ref().and_then(|network| Some((network, network.node(id)?)))
            else {
                continue;
            };
            // A lock is called what it was linked by, whatever has become known of it since.
            let linked = state.linked_name(id).cloned();
            // What the hub knows nothing of yet can't be named; it is told of once it does.
            if let Some(lock) = linked.or_else(|| network.device(node)?.name()) {
                found.push(self.found(node, lock, capabilities));
            }
        }
        Ok(found)
    }

    async fn about(&self) -> Result<HubInfo, LockError> {
        let mut standing = self.shared.standing.subscribe();
        if let Standing::Failed(_) = *standing.borrow_and_update() {
            self.shared.retry.notify_one();
        }
        let is_over = |standing: &Standing| *standing != Standing::Connecting;
        let attempt = async {
            if !self.shared.is_connected() {
                standing.changed().await.ok()?;
            }
            standing.wait_for(is_over).await.ok().map(|standing| standing.clone())
        };
        let patience = self.shared.timings.connect + self.shared.timings.hub;
        match timeout(patience, attempt).await {
            Ok(Some(Standing::Connected(version))) => {
                let asked = self.shared.call::<IgnoredAny>("driver.is_statistics_enabled", (), self.shared.timings.hub);
                asked.await.map_err(CallError::for_lock)?;
                let wire::Version { driver_version, server_version, .. } = version;
                Ok(HubInfo { version: format!("Z-Wave JS {driver_version} (server {server_version})") })
            }
            Ok(Some(Standing::Failed(error))) => Err(error),
            Ok(Some(Standing::Connecting) | None) | Err(_) => Err(LockError::HubOffline),
        }
    }

    fn link(&self, lock: LockId, at_hub: HubLock) {
        self.shared.link(lock, at_hub);
    }

    fn unlink(&self, lock: LockId) {
        self.shared.unlink(lock);
    }

    fn events(&self) -> broadcast::Receiver<HubEvent> {
        self.shared.events.subscribe()
    }
}
