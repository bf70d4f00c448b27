//! The connection to the hub: made, kept and made again, for as long as the driver lives.

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use hub::{HubAddress, HubEvent, LockError, Slot, backoff};
use ids::LockId;
use rustls::{ClientConfig, RootCertStore};
use serde::Serialize;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message, Utf8Bytes};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream};
use zeroize::{Zeroize, Zeroizing};

use crate::network::{Change, Network, Node, Status};
use crate::shared::{CallError, Shared, written};
use crate::token::Token;
use crate::user_credential::{self, PASSWORD, PIN};
use crate::wire::{
    Arguments, Command, CredentialChanged, EventHead, EventMessage, Head, Listening, NEWEST_SCHEMA, NodeAdded,
    NodeReady, NodeRemoved, NodeState, Notification, NotificationHead, OLDEST_SCHEMA, Outcome, Success, ValueState,
    Version, command_class,
};

// Notifications of type 6.
const ACCESS_CONTROL: u8 = 6;
const OPENED_BY_CODE: u8 = 6;
const ALL_CODES_DELETED: u8 = 12;
const CODE_DELETED: u8 = 13;
const CODE_ADDED: u8 = 14;
const CODE_IS_DUPLICATE: u8 = 15;

// tungstenite logs frames and the token at the level of traces; in this program that code doesn't exist (R32).
const _: () = assert!(log::STATIC_MAX_LEVEL as usize <= log::LevelFilter::Debug as usize);

/// No message of a hub is larger; the state of two hundred locks is some ten million bytes.
const MAX_MESSAGE_BYTES: usize = 64 << 20;

/// How many uses of codes are looked up at a time; more than that are told of nobody.
const LOOK_UPS: usize = 32;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Where and how to connect.
pub(crate) struct Target {
    pub(crate) address: HubAddress,
    pub(crate) token: Option<Token>,
    pub(crate) tls: Connector,
}

impl Target {
    /// The same certificates count as for sending mail.
    pub(crate) fn new(address: HubAddress, token: Option<Token>) -> Self {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring supports the default versions of TLS")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { address, token, tls: Connector::Rustls(Arc::new(tls)) }
    }

    async fn open(&self) -> Result<Socket, LockError> {
        let mut request = self.address.as_str().into_client_request().map_err(|error| refusal(&error))?;
        if let Some(token) = &self.token {
            let header = Zeroizing::new(format!("Bearer {}", token.expose()));
            let mut header = HeaderValue::from_str(&header)
                .map_err(|_| LockError::rejected("the token has characters that can’t be sent"))?;
            header.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, header);
        }
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_MESSAGE_BYTES))
            .max_frame_size(Some(MAX_MESSAGE_BYTES));
        let connecting =
            tokio_tungstenite::connect_async_tls_with_config(request, Some(config), true, Some(self.tls.clone()));
        connecting.await.map(|(socket, _)| socket).map_err(|error| refusal(&error))
    }
}

/// Why there is no connection: the hub isn't there, or it is and won't talk to us, with what to do about it.
fn refusal(error: &Error) -> LockError {
    match error {
        Error::Http(response) => match response.status() {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                LockError::rejected("the hub refused the token: enter the one that it expects")
            }
            status if status.is_server_error() => LockError::HubOffline,
            status => LockError::rejected(&format!(
                "the address answered with HTTP {} and is no Z-Wave JS server: check the address",
                status.as_u16()
            )),
        },
        Error::Io(error) if is_certificate_error(error) => LockError::rejected(
            "the hub’s certificate is not trusted: use one of a public authority, or a hub on this machine",
        ),
        Error::Tls(_) => LockError::rejected("no encrypted connection to the hub is possible: check the address"),
        Error::Protocol(_) | Error::HttpFormat(_) | Error::Url(_) => {
            LockError::rejected("the address is no WebSocket server: check the address")
        }
        _ => LockError::HubOffline,
    }
}

fn is_certificate_error(error: &std::io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(inner, Some(rustls::Error::InvalidCertificate(_)))
}

/// Keeps the connection. Ends only by being aborted.
pub(crate) async fn keep(shared: Arc<Shared>, target: Target) {
    let mut failures = 0;
    let mut last = None;
    loop {
        let began = Instant::now();
        let error = match connect(&shared, &target).await {
            Ok(session) => {
                session.run().await;
                tracing::warn!(hub = %shared.hub, "the connection to the hub is lost");
                LockError::HubOffline
            }
            // Each reason is logged once, however long it lasts.
            Err(error) => {
                if last.as_ref() != Some(&error) {
                    tracing::warn!(hub = %shared.hub, %error, "no connection to the hub");
                }
                error
            }
        };
        failures = if began.elapsed() >= shared.timings.stable { 0 } else { failures + 1 };
        shared.disconnected(error.clone());
        last = Some(error);
        // Without randomness the longest wait is as good.
        let random = getrandom::u64().unwrap_or(u64::MAX);
        let pause = backoff::delay(failures.min(shared.timings.failures_counted), random);
        // Somebody who asks how it stands needn't wait.
        let _ = timeout(pause, shared.retry.notified()).await;
    }
}

/// Connects to the hub and learns what it has.
async fn connect(shared: &Arc<Shared>, target: &Target) -> Result<Session, LockError> {
    let opening = timeout(shared.timings.connect, async {
        let mut socket = target.open().await?;
        let version = greeting(&mut socket).await?;
        Ok((socket, version))
    });
    let (mut socket, version) = opening.await.unwrap_or(Err(LockError::HubOffline))?;
    let beginning = timeout(shared.timings.hub, begin(&mut socket, &version));
    let network = beginning.await.unwrap_or(Err(LockError::HubOffline))?;
    tracing::info!(hub = %shared.hub, version = version.server_version, "connected to the hub");
    let commands = shared.connected(version, network);
    Ok(Session { shared: shared.clone(), socket, commands, look_ups: JoinSet::new() })
}

/// The hub's first message.
async fn greeting(socket: &mut Socket) -> Result<Version, LockError> {
    let text = receive(socket).await?;
    serde_json::from_str(&text)
        .map_err(|_| LockError::rejected("the address is no Z-Wave JS server: check the address"))
}

/// Agrees on a schema, and learns what the hub has.
async fn begin(socket: &mut Socket, version: &Version) -> Result<Network, LockError> {
    if version.max_schema_version < OLDEST_SCHEMA {
        return Err(LockError::rejected(&format!(
            "Z-Wave JS server {} is too old (schema {}, at least {OLDEST_SCHEMA} is needed): update it",
            version.server_version, version.max_schema_version
        )));
    }
    if version.min_schema_version > NEWEST_SCHEMA {
        return Err(LockError::rejected(&format!(
            "Z-Wave JS server {} no longer speaks schema {NEWEST_SCHEMA}: update Latchkey",
            version.server_version
        )));
    }
    let schema = version.max_schema_version.min(NEWEST_SCHEMA);
    ask(socket, "set_api_schema", SchemaVersion { schema_version: schema }).await?;
    let text = ask(socket, "start_listening", ()).await?;
    let listening: Success<Listening> = serde_json::from_str(&text).map_err(|_| CallError::Unreadable.for_lock())?;
    Ok(Network::new(listening.result.state))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SchemaVersion {
    schema_version: u32,
}

/// Asks something before anybody listens; returns the successful answer.
async fn ask(socket: &mut Socket, command: &str, arguments: impl Serialize) -> Result<Zeroizing<String>, LockError> {
    let command = written(&Command { message_id: command, command, arguments });
    socket.send(Message::Text(command)).await.map_err(|_| LockError::HubOffline)?;
    loop {
        let text = receive(socket).await?;
        let head: Head = serde_json::from_str(&text).map_err(|_| CallError::Unreadable.for_lock())?;
        if head.kind == "result" {
            let outcome: Outcome = serde_json::from_str(&text).map_err(|_| CallError::Unreadable.for_lock())?;
            return outcome.into_result().map(|()| text).map_err(CallError::for_lock);
        }
    }
}

/// The next text.
async fn receive(socket: &mut Socket) -> Result<Zeroizing<String>, LockError> {
    while let Some(message) = socket.next().await {
        match message {
            Ok(Message::Text(text)) => {
                let kept = Zeroizing::new(text.as_str().to_owned());
                wipe(text);
                return Ok(kept);
            }
            Ok(Message::Close(_)) | Err(_) => break,
            Ok(_) => {}
        }
    }
    Err(LockError::HubOffline)
}

/// Overwrites a message that was read, if nothing else holds its memory.
fn wipe(text: Utf8Bytes) {
    if let Ok(mut bytes) = Bytes::from(text).try_into_mut() {
        bytes.as_mut().zeroize();
    }
}

struct Session {
    shared: Arc<Shared>,
    socket: Socket,
    commands: mpsc::Receiver<Utf8Bytes>,
    /// Which slots the users of new locks have used. Ended with the session.
    look_ups: JoinSet<()>,
}

impl Session {
    /// Passes on commands, answers and events until the connection is lost or has to be made anew.
    async fn run(mut self) {
        let timings = self.shared.timings;
        let mut pings = tokio::time::interval(timings.ping);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                command = self.commands.recv() => {
                    let Some(command) = command else { return };
                    if !self.send(Message::Text(command)).await {
                        return;
                    }
                }
                message = self.socket.next() => {
                    heard = Instant::now();
                    match message {
                        Some(Ok(Message::Text(text))) => {
                            let goes_on = self.read(&text);
                            wipe(text);
                            if !goes_on {
                                return;
                            }
                        }
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                        Some(Ok(_)) => {}
                    }
                }
                _ = pings.tick() => {
                    if heard.elapsed() > timings.silence || !self.send(Message::Ping(Bytes::new())).await {
                        return;
                    }
                }
                Some(_) = self.look_ups.join_next() => {}
            }
        }
    }

    /// Sends a message, or says that the hub takes none.
    async fn send(&mut self, message: Message) -> bool {
        matches!(timeout(self.shared.timings.silence, self.socket.send(message)).await, Ok(Ok(())))
    }

    /// Reads a message. One that can't be read is left out, and nothing of it is logged but its length (R32).
    /// Returns whether the connection goes on.
    fn read(&mut self, text: &str) -> bool {
        let read = serde_json::from_str::<Head>(text).and_then(|head| match (head.kind.as_str(), head.message_id) {
            ("result", Some(id)) => {
                self.shared.answer(&id, text);
                Ok(true)
            }
            ("event", _) => self.event(text),
            _ => Ok(true),
        });
        read.unwrap_or_else(|_| {
            tracing::debug!(hub = %self.shared.hub, bytes = text.len(), "a message of the hub can't be read");
            true
        })
    }

    fn event(&mut self, text: &str) -> Result<bool, serde_json::Error> {
        let EventMessage { event: head } = serde_json::from_str::<EventMessage<EventHead>>(text)?;
        match (head.source.as_str(), head.event.as_str(), head.node_id) {
            // The hub's program has started its driver anew: all that it said before is void.
            ("driver", "driver ready", _) => return Ok(false),
            ("controller", "node added", _) => {
                let EventMessage { event } = serde_json::from_str::<EventMessage<NodeAdded>>(text)?;
                self.put(event.node);
            }
            ("controller", "node removed", _) => {
                let EventMessage { event } = serde_json::from_str::<EventMessage<NodeRemoved>>(text)?;
                self.change(|network| network.remove(event.node.node_id).is_some_and(|node| node.is_lock));
            }
            ("node", "ready", _) => {
                let EventMessage { event } = serde_json::from_str::<EventMessage<NodeReady>>(text)?;
                self.put(event.node_state);
            }
            ("node", "interview started", Some(node)) => self.set(node, |node| node.ready = false),
            ("node", "alive", Some(node)) => self.set(node, |node| node.status = Status::Alive),
            ("node", "dead", Some(node)) => self.set(node, |node| node.status = Status::Dead),
            ("node", "wake up", Some(node)) => self.set(node, |node| node.status = Status::Awake),
            ("node", "sleep", Some(node)) => self.set(node, |node| node.status = Status::Asleep),
            ("node", "value added" | "value updated", Some(node)) => {
                let EventMessage { event } = serde_json::from_str::<EventMessage<Arguments<ValueState>>>(text)?;
                self.value(node, &event.args);
            }
            ("node", "notification", Some(node)) if head.endpoint_index.unwrap_or(0) == 0 => {
                let EventMessage { event } = serde_json::from_str::<EventMessage<NotificationHead>>(text)?;
                if event.cc_id == command_class::NOTIFICATION {
                    let EventMessage { event } = serde_json::from_str::<EventMessage<Arguments<Notification>>>(text)?;
                    self.notification(node, &event.args);
                }
            }
            ("node", "credential added" | "credential modified" | "credential deleted", Some(node)) => {
                let EventMessage { event } = serde_json::from_str::<EventMessage<Arguments<CredentialChanged>>>(text)?;
                // Of a user who is deleted with all that opens the door for them, no slot is named.
                if matches!(event.args.credential_type, PIN | PASSWORD) {
                    self.slot_changed(node, event.args.credential_slot);
                }
            }
            _ => {}
        }
        Ok(true)
    }

    fn put(&self, node: NodeState) {
        let id = node.node_id;
        self.change(|network| {
            let was_lock = network.remove(id).is_some_and(|node| node.is_lock);
            network.put(node);
            was_lock || network.node(id).is_some_and(|node| node.is_lock)
        });
    }

    fn set(&self, node: u16, change: impl FnOnce(&mut Node)) {
        self.change(|network| {
            if let Some(node) = network.node_mut(node) {
                change(node);
            }
            false
        });
    }

    /// Changes what is known of the network; `change` returns whether its locks changed.
    fn change(&self, change: impl FnOnce(&mut Network) -> bool) {
        let mut state = self.shared.state();
        if state.network.as_mut().is_some_and(change) {
            self.shared.emit(HubEvent::LocksChanged);
        }
        self.shared.tell_presence(&mut state);
    }

    fn value(&self, node: u16, value: &ValueState) {
        let mut state = self.shared.state();
        let changed = state.network.as_mut().and_then(|network| Some(network.node_mut(node)?.note(value)));
        drop(state);
        match changed.unwrap_or(Change::Nothing) {
            Change::Nothing => {}
            Change::Battery(percent) => {
                for lock in self.shared.state().linked_to(node) {
                    self.shared.emit(HubEvent::BatteryLevel { lock, percent });
                }
            }
            Change::Abilities => self.shared.emit(HubEvent::LocksChanged),
            // Locks that send what a slot holds now.
            Change::Slot(slot) => self.slot_changed(node, slot),
        }
    }

    fn notification(&mut self, node: u16, notification: &Notification) {
        if notification.kind != ACCESS_CONTROL {
            return;
        }
        match (notification.event, notification.parameters.user_id) {
            (OPENED_BY_CODE, Some(user)) => self.code_used(node, user),
            (ALL_CODES_DELETED, _) => {
                let slots = self
                    .shared
                    .state()
                    .network
                    .as_ref()
                    .and_then(|network| network.node(node))
                    .map(|node| node.slots_seen);
                for slot in 1..=slots.unwrap_or(0) {
                    self.slot_changed(node, slot);
                }
            }
            (CODE_DELETED | CODE_ADDED, Some(slot)) => self.slot_changed(node, slot),
            (CODE_IS_DUPLICATE, _) => self.shared.note_duplicate(node),
            _ => {}
        }
    }

    /// Somebody changed what a slot holds, unless that was us.
    fn slot_changed(&self, node: u16, slot: u16) {
        let Some(changed) = Slot::new(slot) else { return };
        let mut state = self.shared.state();
        if !state.is_own_doing(node, slot) {
            for lock in state.linked_to(node) {
                self.shared.emit(HubEvent::SlotChanged { lock, slot: changed });
            }
        }
    }

    /// An old lock's users are its slots. A new lock's have slots, which the hub is asked for.
    fn code_used(&mut self, node: u16, user: u16) {
        let state = self.shared.state();
        let has_users = state.network.as_ref().and_then(|network| network.node(node));
        let has_users = has_users.is_some_and(|node| node.supports(command_class::USER_CREDENTIAL));
        let locks: Vec<_> = state.linked_to(node).collect();
        drop(state);
        if locks.is_empty() {
            return;
        }
        if !has_users {
            emit_used(&self.shared, &locks, user);
        } else if self.look_ups.len() < LOOK_UPS {
            let shared = self.shared.clone();
            self.look_ups.spawn(async move {
                if let Some(slot) = user_credential::slot_of(&shared, node, user).await {
                    emit_used(&shared, &locks, slot);
                }
            });
        }
    }
}

fn emit_used(shared: &Shared, locks: &[LockId], slot: u16) {
    let Some(slot) = Slot::new(slot) else { return };
    for &lock in locks {
        shared.emit(HubEvent::CodeUsed { lock, slot });
    }
}
