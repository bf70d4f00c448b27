//! What the driver and its connection share: the connection, what the hub said of its network, the links, and asking.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hub::{HubEvent, HubLock, LockError, Slot};
use ids::{HubId, LockId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Notify, broadcast, mpsc, oneshot, watch};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{Bytes, Utf8Bytes};
use zeroize::Zeroizing;

use crate::device::Device;
use crate::network::{Found, Network};
use crate::timings::Timings;
use crate::wire::{Command, Outcome, Success, Version};

/// How many events wait for a slow receiver before it lags.
pub(crate) const EVENTS_KEPT: usize = 1024;

/// How many commands wait for the socket. It takes them faster than any hub; when it doesn't, the hub counts as offline.
const COMMANDS_KEPT: usize = 64;

/// For how long after a deed a change of its slot is put down to the deed: what a lock reports of it may come late.
const OWN_DOING: Duration = Duration::from_secs(5);

pub(crate) struct Shared {
    pub(crate) hub: HubId,
    pub(crate) timings: Timings,
    pub(crate) events: broadcast::Sender<HubEvent>,
    pub(crate) standing: watch::Sender<Standing>,
    /// Ends the pause before the next attempt to connect.
    pub(crate) retry: Notify,
    // Held for moments only, never across an await. Events are sent while it is held, so that their order is the order
    // of the changes.
    state: Mutex<State>,
}

/// How the driver stands with its hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The first attempt isn't over.
    Connecting,
    Connected(Version),
    /// The last attempt failed, or the connection was lost.
    Failed(LockError),
}

#[derive(Default)]
pub(crate) struct State {
    connection: Option<Connection>,
    /// As it was when last heard of.
    pub(crate) network: Option<Network>,
    links: BTreeMap<LockId, Link>,
    /// How often a lock has said that it holds a code already, by node.
    duplicates: HashMap<u16, u64>,
    /// What deeds do or have just done, by node and slot: until when. `None` while they last.
    own_doing: HashMap<(u16, u16), Option<Instant>>,
    next_message: u64,
}

struct Link {
    name: HubLock,
    /// `None` for a name that isn't of this driver's making.
    device: Option<Device>,
    /// What was last told of its presence on this connection.
    told_online: Option<bool>,
}

struct Connection {
    outgoing: mpsc::Sender<Utf8Bytes>,
    waiting: HashMap<u64, oneshot::Sender<Zeroizing<String>>>,
}

/// Why a command has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CallError {
    /// There is no connection, so nothing was sent.
    Offline,
    /// The connection was lost, or no answer came in time. What became of the command is unknown.
    NoAnswer,
    /// The hub said no.
    Refused { code: String, zwave_code: Option<i64>, message: String },
    /// The answer isn't what was expected.
    Unreadable,
}

impl CallError {
    const NODE_TIMEOUT: i64 = 201;
    const MESSAGE_DROPPED: i64 = 202;
    const NOT_ACKNOWLEDGED: i64 = 204;
    const NODE_NOT_FOUND: i64 = 211;
    const NODE_REMOVED: i64 = 213;
    const MESSAGE_EXPIRED: i64 = 215;

    /// What it means for a deed that has changed nothing so far.
    pub(crate) fn for_lock(self) -> LockError {
        match self {
            Self::Offline => LockError::HubOffline,
            Self::NoAnswer => LockError::TimedOut,
            Self::Refused { zwave_code: Some(Self::NODE_TIMEOUT), .. } => LockError::TimedOut,
            Self::Refused {
                zwave_code: Some(Self::NOT_ACKNOWLEDGED | Self::MESSAGE_DROPPED | Self::MESSAGE_EXPIRED),
                ..
            } => LockError::LockOffline,
            Self::Refused { zwave_code: Some(Self::NODE_NOT_FOUND | Self::NODE_REMOVED), .. } => LockError::UnknownLock,
            Self::Refused { code, .. } if code == "node_not_found" => LockError::UnknownLock,
            Self::Refused { code, message, .. } if message.is_empty() => LockError::rejected(&code),
            // The rest of it says where in the hub's program.
            Self::Refused { message, .. } => LockError::rejected(message.lines().next().unwrap_or_default()),
            Self::Unreadable => LockError::rejected("the hub gave an answer that Latchkey does not know"),
        }
    }

    /// What it means for a deed that this command was to change something for: whether it did is unknown wherever the hub
    /// says that it wasn't heard, since it may have been.
    pub(crate) fn for_change(self) -> LockError {
        match self {
            Self::Refused { zwave_code: Some(200..300), .. } | Self::Unreadable => LockError::TimedOut,
            _ => self.for_lock(),
        }
    }
}

impl Outcome {
    pub(crate) fn into_result(self) -> Result<(), CallError> {
        if self.success {
            return Ok(());
        }
        let message = self.zwave_error_message.or(self.message).unwrap_or_default();
        Err(CallError::Refused { code: self.error_code, zwave_code: self.zwave_error_code, message })
    }
}

impl Shared {
    pub(crate) fn new(hub: HubId, timings: Timings, links: impl IntoIterator<Item = (LockId, HubLock)>) -> Self {
        let (events, _) = broadcast::channel(EVENTS_KEPT);
        let (standing, _) = watch::channel(Standing::Connecting);
        let mut state = State::default();
        state.links.extend(links.into_iter().map(|(lock, name)| (lock, Link::new(name))));
        Self { hub, timings, events, standing, retry: Notify::new(), state: Mutex::new(state) }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that is done with it can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn emit(&self, event: HubEvent) {
        // An error means that nobody is listening, which is fine.
        let _ = self.events.send(event);
    }

    /// The connection is there, and the hub has said what it has. Commands for it come out of what is returned.
    pub(crate) fn connected(&self, version: Version, network: Network) -> mpsc::Receiver<Utf8Bytes> {
        let (outgoing, commands) = mpsc::channel(COMMANDS_KEPT);
        let mut state = self.state();
        state.connection = Some(Connection { outgoing, waiting: HashMap::new() });
        state.network = Some(network);
        // Before it is told, so that whoever is told can act on it.
        self.standing.send_replace(Standing::Connected(version));
        self.emit(HubEvent::HubOnline);
        for link in state.links.values_mut() {
            link.told_online = None;
        }
        self.tell_presence(&mut state);
        commands
    }

    /// The connection is lost, or there was none. Whoever waits for an answer gets none.
    pub(crate) fn disconnected(&self, error: LockError) {
        let mut state = self.state();
        state.connection = None;
        state.own_doing.clear();
        let before = self.standing.send_replace(Standing::Failed(error));
        if matches!(before, Standing::Connected(_)) {
            self.emit(HubEvent::HubOffline);
        }
    }

    /// Hands an answer to whoever waits for it.
    pub(crate) fn answer(&self, message_id: &str, text: &str) {
        let Ok(id) = message_id.parse::<u64>() else { return };
        let mut state = self.state();
        let waiting = state.connection.as_mut().and_then(|connection| connection.waiting.remove(&id));
        if let Some(waiting) = waiting {
            // Nobody there means that they stopped waiting.
            let _ = waiting.send(Zeroizing::new(text.to_owned()));
        }
    }

    /// Tells of every linked lock whose presence has changed, or was never told.
    pub(crate) fn tell_presence(&self, state: &mut State) {
        let State { network: Some(network), links, .. } = state else { return };
        for (lock, link) in links {
            let online = link.is_online(network);
            if link.told_online.replace(online) != Some(online) {
                let lock = *lock;
                self.emit(if online { HubEvent::LockOnline { lock } } else { HubEvent::LockOffline { lock } });
            }
        }
    }

    pub(crate) fn link(&self, lock: LockId, name: HubLock) {
        let mut state = self.state();
        if state.links.get(&lock).is_some_and(|link| link.name == name) {
            return;
        }
        state.links.insert(lock, Link::new(name));
        if self.is_connected() {
            let known = state.network.as_ref().zip(state.links.get(&lock));
            if known.is_some_and(|(network, link)| link.find(network) != Found::Nothing) {
                self.tell_presence(&mut state);
            }
        }
    }

    pub(crate) fn unlink(&self, lock: LockId) {
        self.state().links.remove(&lock);
    }

    pub(crate) fn is_connected(&self) -> bool {
        matches!(*self.standing.borrow(), Standing::Connected(_))
    }

    /// Sends a command and waits for its result.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        command: &str,
        arguments: impl Serialize,
        limit: Duration,
    ) -> Result<T, CallError> {
        let (id, answer) = self.send(command, arguments)?;
        let _stops_waiting = StopsWaiting { shared: self, id };
        let text = match tokio::time::timeout(limit, answer).await {
            Ok(Ok(text)) => text,
            Ok(Err(_)) | Err(_) => return Err(CallError::NoAnswer),
        };
        let outcome: Outcome = serde_json::from_str(&text).map_err(|_| CallError::Unreadable)?;
        outcome.into_result()?;
        let success: Success<T> = serde_json::from_str(&text).map_err(|_| CallError::Unreadable)?;
        Ok(success.result)
    }

    fn send(
        &self,
        command: &str,
        arguments: impl Serialize,
    ) -> Result<(u64, oneshot::Receiver<Zeroizing<String>>), CallError> {
        let mut state = self.state();
        state.next_message += 1;
        let id = state.next_message;
        let Some(connection) = &mut state.connection else { return Err(CallError::Offline) };
        let text = written(&Command { message_id: &id.to_string(), command, arguments });
        let (waiting, answer) = oneshot::channel();
        // A socket that takes nothing more is as good as none.
        connection.outgoing.try_send(text).map_err(|_| CallError::Offline)?;
        connection.waiting.insert(id, waiting);
        Ok((id, answer))
    }

    /// How often the lock has said until now that it holds a code already.
    pub(crate) fn duplicates(&self, node: u16) -> u64 {
        self.state().duplicates.get(&node).copied().unwrap_or(0)
    }

    pub(crate) fn note_duplicate(&self, node: u16) {
        *self.state().duplicates.entry(node).or_default() += 1;
    }

    /// Until what is returned is dropped, and a while longer, changes of the slot are this deed's.
    pub(crate) fn own_doing(self: &Arc<Self>, node: u16, slot: Slot) -> OwnDoing {
        let key = (node, slot.number());
        self.state().own_doing.insert(key, None);
        OwnDoing { shared: self.clone(), key }
    }
}

impl State {
    /// The links to a node.
    pub(crate) fn linked_to(&self, node: u16) -> impl Iterator<Item = LockId> {
        let links = self.links.iter().filter(move |(_, link)| {
            let found = self.network.as_ref().map(|network| link.find(network));
            matches!(found, Some(Found::Node { id, .. }) if id == node)
        });
        links.map(|(lock, _)| *lock)
    }

    /// The device that a lock is linked to, and which node that is.
    pub(crate) fn find(&self, lock: LockId) -> Option<(&Device, Found)> {
        let device = self.links.get(&lock)?.device.as_ref()?;
        Some((device, self.network.as_ref().map_or(Found::NotYet, |network| network.find(device))))
    }

    /// What a node is called by those who linked it.
    pub(crate) fn linked_name(&self, node: u16) -> Option<&HubLock> {
        let lock = self.linked_to(node).next()?;
        self.links.get(&lock).map(|link| &link.name)
    }

    /// Whether a change of that slot is what a deed has just done.
    pub(crate) fn is_own_doing(&mut self, node: u16, slot: u16) -> bool {
        let now = Instant::now();
        self.own_doing.retain(|_, until| until.is_none_or(|until| now < until));
        self.own_doing.contains_key(&(node, slot))
    }
}

impl Link {
    fn new(name: HubLock) -> Self {
        let device = Device::parse(&name);
        Self { name, device, told_online: None }
    }

    fn find(&self, network: &Network) -> Found {
        self.device.as_ref().map_or(Found::Nothing, |device| network.find(device))
    }

    fn is_online(&self, network: &Network) -> bool {
        match self.find(network) {
            Found::Node { id, .. } => network.node(id).is_some_and(crate::network::Node::is_online),
            Found::NotYet | Found::Nothing => false,
        }
    }
}

/// Forgets that somebody waits for an answer, once they no longer do.
struct StopsWaiting<'a> {
    shared: &'a Shared,
    id: u64,
}

impl Drop for StopsWaiting<'_> {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.shared.state().connection {
            connection.waiting.remove(&self.id);
        }
    }
}

/// See [`Shared::own_doing`].
pub(crate) struct OwnDoing {
    shared: Arc<Shared>,
    key: (u16, u16),
}

impl Drop for OwnDoing {
    fn drop(&mut self) {
        self.shared.state().own_doing.insert(self.key, Some(Instant::now() + OWN_DOING));
    }
}

/// A command as it is sent, in memory that is wiped when it has been.
pub(crate) fn written(command: &impl Serialize) -> Utf8Bytes {
    // Longer than any command, so that no smaller buffer with digits is left behind.
    let mut text = Zeroizing::new(Vec::with_capacity(1024));
    serde_json::to_writer(&mut *text, command).expect("a command has text keys and nothing that fails");
    Utf8Bytes::try_from(Bytes::from_owner(text)).expect("JSON is UTF-8")
}
