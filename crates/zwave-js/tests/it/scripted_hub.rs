//! The driver and a server that does what the true one can't be made to do.

use std::fmt::Write as _;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hub::{Accepted, HubAddress, HubEvent, HubLock, Lengths, LockDriver, LockError};
use ids::{HubId, LockId};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::{self, Message};
use zwave_js::{Timings, Token, ZwaveJs};

use crate::support::{address, code, event, shown, slot};

const CODE: &str = "407159";
const LOCK_NAME: &str = "7e570001/2/0129-0004-0800";
const KEY: &str = "11111-22222-33333-44444-55555-66666-77777-88888";

/// Short ones, since nobody here is slow but on purpose; what is waited for in vain is waited for shortly.
const TIMINGS: Timings = Timings {
    connect: Duration::from_secs(20),
    hub: Duration::from_secs(20),
    lock: Duration::from_millis(300),
    ping: Duration::from_millis(100),
    silence: Duration::from_secs(20),
    failures_counted: 6,
    stable: Duration::from_secs(60),
};

/// Where the driver connects to.
struct Server {
    listener: TcpListener,
}

/// One of its connections.
struct Connection {
    socket: WebSocketStream<TcpStream>,
    /// What the lock holds: status and digits by slot.
    slots: std::collections::BTreeMap<u64, String>,
}

/// What the server does with a command.
#[derive(PartialEq, Eq)]
enum Reaction {
    /// What a hub with an old lock does.
    Usual,
    /// Nothing.
    Silence,
    /// Another result.
    Answer(Value),
    /// The connection ends.
    HangUp,
}

impl Server {
    async fn new() -> Self {
        Self { listener: TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port") }
    }

    fn connect(&self, timings: Timings, links: impl IntoIterator<Item = (LockId, HubLock)>) -> Arc<ZwaveJs> {
        self.connect_with(timings, None, links)
    }

    fn connect_with(
        &self,
        timings: Timings,
        token: Option<Token>,
        links: impl IntoIterator<Item = (LockId, HubLock)>,
    ) -> Arc<ZwaveJs> {
        let port = self.listener.local_addr().expect("bound").port();
        ZwaveJs::connect_with(HubId::generate(), address(port), token, links, timings)
    }

    /// The next connection, before anything is said.
    async fn accept(&self) -> Connection {
        let (stream, _) = self.listener.accept().await.expect("somebody connects");
        let socket = tokio_tungstenite::accept_async(stream).await.expect("a WebSocket");
        Connection { socket, slots: Default::default() }
    }

    /// The next connection, once the hub has said what it has.
    async fn accept_and_begin(&self, nodes: &[Value]) -> Connection {
        let mut connection = self.accept().await;
        connection.begin(nodes).await;
        connection
    }
}

impl Connection {
    async fn send(&mut self, message: Value) {
        self.socket.send(Message::text(message.to_string())).await.expect("the driver listens");
    }

    async fn event(&mut self, event: Value) {
        self.send(json!({"type": "event", "event": event})).await;
    }

    async fn begin(&mut self, nodes: &[Value]) {
        self.send(version(50)).await;
        let command = self.command().await.expect("a command");
        assert_eq!(command["command"], "set_api_schema");
        assert_eq!(command["schemaVersion"], 50);
        self.answer(&command, json!({})).await;
        let command = self.command().await.expect("a command");
        assert_eq!(command["command"], "start_listening");
        let state = json!({"controller": {"homeId": 0x7e57_0001_u32}, "driver": {}, "nodes": nodes, "new": [1]});
        self.answer(&command, json!({"state": state})).await;
    }

    async fn answer(&mut self, command: &Value, result: Value) {
        let message_id = &command["messageId"];
        self.send(json!({"type": "result", "success": true, "messageId": message_id, "result": result})).await;
    }

    /// The next command; `None` when the driver has ended the connection.
    async fn command(&mut self) -> Option<Value> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).expect("JSON")),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(_) | Err(_)) | None => return None,
            }
        }
    }

    /// Answers commands until `deed` is done. Returns what came of it.
    async fn during<T>(&mut self, deed: impl Future<Output = T>, mut react: impl FnMut(&Value) -> Reaction) -> T {
        tokio::pin!(deed);
        loop {
            tokio::select! {
                done = &mut deed => return done,
                command = self.command() => {
                    let command = command.expect("the driver keeps its connection");
                    match react(&command) {
                        Reaction::Usual => {
                            let result = self.usual(&command);
                            self.answer(&command, result).await;
                        }
                        Reaction::Answer(result) => self.answer(&command, result).await,
                        Reaction::Silence => {}
                        Reaction::HangUp => {
                            self.socket.close(None).await.expect("still open");
                            return deed.await;
                        }
                    }
                }
            }
        }
    }

    fn usual(&mut self, command: &Value) -> Value {
        let arguments = &command["args"];
        match (command["command"].as_str().expect("a command"), command["methodName"].as_str()) {
            ("endpoint.access_control.get_user_capabilities_cached", _) => json!({"capabilities": {"maxUsers": 30}}),
            ("endpoint.access_control.get_credential_capabilities_cached", _) => {
                let digits =
                    json!({"numberOfCredentialSlots": 30, "minCredentialLength": 4, "maxCredentialLength": 10});
                json!({"capabilities": {"supportedCredentialTypes": {"1": digits}}})
            }
            ("endpoint.invoke_cc_api", Some("get")) => {
                let held = arguments[0].as_u64().and_then(|slot| self.slots.get(&slot));
                json!({"response": {"userIdStatus": u8::from(held.is_some()), "userCode": held}})
            }
            ("endpoint.invoke_cc_api", Some("set")) => {
                let digits = arguments[2].as_str().expect("digits").to_owned();
                self.slots.insert(arguments[0].as_u64().expect("a slot"), digits);
                json!({})
            }
            ("endpoint.invoke_cc_api", Some("clear")) => {
                self.slots.remove(&arguments[0].as_u64().expect("a slot"));
                json!({})
            }
            ("node.ping", _) => json!({"responded": true}),
            ("driver.is_statistics_enabled", _) => json!({"statisticsEnabled": false}),
            unknown => panic!("{unknown:?}"),
        }
    }
}

fn version(schema: u32) -> Value {
    json!({
        "type": "version", "homeId": 1, "driverVersion": "15.29.0", "serverVersion": "3.10.2",
        "minSchemaVersion": 0, "maxSchemaVersion": schema,
    })
}

/// An old lock that has been interviewed, with what else is to be said of it.
fn old_lock(node: u16, more: Value) -> Value {
    let mut lock = json!({
        "nodeId": node, "status": 4, "ready": true, "manufacturerId": 0x0129, "productType": 4, "productId": 0x0800,
        "name": "", "location": "Lobby", "deviceConfig": {"manufacturer": "Yale", "label": "YRD110"},
        "endpoints": [{"index": 0, "commandClasses": [{"id": 98, "version": 4}, {"id": 99, "version": 1}]}],
        "values": [{"commandClass": 128, "endpoint": 0, "property": "level", "value": 80}],
    });
    let fields = lock.as_object_mut().expect("an object");
    fields.extend(more.as_object().expect("an object").clone());
    lock
}

fn usual(_: &Value) -> Reaction {
    Reaction::Usual
}

fn hub_lock(name: &str) -> HubLock {
    HubLock::new(name).expect("a name")
}

/// A driver that is connected to a hub with one old lock, which is linked.
async fn linked() -> (Server, Connection, Arc<ZwaveJs>, broadcast::Receiver<HubEvent>, LockId) {
    linked_with(TIMINGS).await
}

async fn linked_with(timings: Timings) -> (Server, Connection, Arc<ZwaveJs>, broadcast::Receiver<HubEvent>, LockId) {
    let (server, lock) = (Server::new().await, LockId::generate());
    let driver = server.connect(timings, [(lock, hub_lock(LOCK_NAME))]);
    let mut events = driver.events();
    let connection = server.accept_and_begin(&[old_lock(2, json!({}))]).await;
    event(&mut events, HubEvent::HubOnline).await;
    event(&mut events, HubEvent::LockOnline { lock }).await;
    (server, connection, driver, events, lock)
}

/// What a hub that refuses us says, once it has answered the first attempt.
async fn refusal(driver: &ZwaveJs) -> String {
    match driver.about().await {
        Err(LockError::Rejected(text)) => text.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_hub_that_is_too_old_is_told_to_be_updated() {
    let server = Server::new().await;
    let driver = server.connect(TIMINGS, []);
    let serve = async {
        loop {
            let mut connection = server.accept().await;
            connection.send(version(47)).await;
            assert_eq!(connection.command().await, None);
        }
    };
    let text = tokio::select! { text = refusal(&driver) => text, () = serve => unreachable!() };
    assert_eq!(text, "Z-Wave JS server 3.10.2 is too old (schema 47, at least 48 is needed): update it");
    assert_eq!(driver.locks().await, Err(LockError::HubOffline));
}

#[tokio::test]
async fn a_newer_hub_is_spoken_to_in_the_schema_that_is_known() {
    let server = Server::new().await;
    let _driver = server.connect(TIMINGS, []);
    let mut connection = server.accept().await;
    connection.send(version(99)).await;
    assert_eq!(connection.command().await.expect("a command")["schemaVersion"], 50);
}

#[tokio::test]
async fn something_else_than_a_hub_is_called_that() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
        "SSH-2.0-x\r\n",
    ] {
        let server = Server::new().await;
        let driver = server.connect(TIMINGS, []);
        let serve = async {
            loop {
                let (mut stream, _) = server.listener.accept().await.expect("somebody connects");
                stream.write_all(answer.as_bytes()).await.expect("somebody listens");
                let _ = stream.read_to_end(&mut Vec::new()).await;
            }
        };
        let text = tokio::select! { text = refusal(&driver) => text, () = serve => unreachable!() };
        assert!(text.contains("check the address"), "{answer}: {text}");
    }
}

#[tokio::test]
#[expect(clippy::result_large_err, reason = "the type of the handshake's callback")]
async fn the_token_is_sent_and_one_that_is_refused_is_told() {
    let server = Server::new().await;
    let token = Token::new("open-sesame".to_owned());
    let driver = server.connect_with(TIMINGS, token, []);
    let sent = Arc::new(Mutex::new(None));
    let serve = async {
        loop {
            let (stream, _) = server.listener.accept().await.expect("somebody connects");
            let refuse = |request: &Request, _: Response| -> Result<Response, ErrorResponse> {
                let header = request.headers().get("authorization").expect("a token");
                *sent.lock().expect("not poisoned") = Some(header.to_str().expect("text").to_owned());
                let mut response = ErrorResponse::new(None);
                *response.status_mut() = tungstenite::http::StatusCode::UNAUTHORIZED;
                Err(response)
            };
            assert!(tokio_tungstenite::accept_hdr_async(stream, refuse).await.is_err());
        }
    };
    let text = tokio::select! { text = refusal(&driver) => text, () = serve => unreachable!() };
    assert_eq!(text, "the hub refused the token: enter the one that it expects");
    assert_eq!(sent.lock().expect("not poisoned").as_deref(), Some("Bearer open-sesame"));
}

#[tokio::test]
async fn a_hub_whose_certificate_nobody_vouches_for_is_sent_nothing() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = rustls::pki_types::PrivateKeyDer::try_from(own.signing_key.serialize_der()).expect("a key");
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the usual ones")
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .expect("they belong together");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let address = HubAddress::parse(&format!("wss://localhost:{port}")).expect("encrypted");
    let token = Token::new("open-sesame".to_owned());
    let driver = ZwaveJs::connect_with(HubId::generate(), address, token, [], TIMINGS);
    let serve = async {
        loop {
            let (stream, _) = listener.accept().await.expect("somebody connects");
            assert!(acceptor.accept(stream).await.is_err());
        }
    };
    let text = tokio::select! { text = refusal(&driver) => text, () = serve => unreachable!() };
    assert!(text.contains("certificate is not trusted"), "{text}");
}

#[test]
fn a_token_that_can_not_be_sent_is_none() {
    for text in ["", "  ", "two words", "line\nbreak", "ünïcode"] {
        assert!(Token::new(text.to_owned()).is_none(), "{text}");
    }
    assert_eq!(Token::new(" a.b-c \n".to_owned()).expect("a token").expose(), "a.b-c");
    assert!(Token::new("a".repeat(Token::MAX_CHARS + 1)).is_none());
}

#[tokio::test]
async fn what_the_true_hub_was_recorded_to_say_is_understood() {
    let mut recorded = include_str!("recorded/events.jsonl").lines();
    let server = Server::new().await;
    let (old, new) = (LockId::generate(), LockId::generate());
    let links = [(old, hub_lock(LOCK_NAME)), (new, hub_lock("7e570001/3/0129-0004-3000"))];
    let driver = server.connect(TIMINGS, links);
    let mut events = driver.events();
    let mut connection = server.accept().await;
    connection.socket.send(Message::text(recorded.next().expect("a version"))).await.expect("the driver listens");
    let command = connection.command().await.expect("a command");
    connection.answer(&command, json!({})).await;
    let command = connection.command().await.expect("a command");
    let state: Value = serde_json::from_str(include_str!("recorded/start_listening.json")).expect("JSON");
    connection.answer(&command, state["result"].clone()).await;
    for message in recorded {
        connection.socket.send(Message::text(message)).await.expect("the driver listens");
    }
    for told in [
        HubEvent::HubOnline,
        HubEvent::LockOnline { lock: old },
        HubEvent::LockOnline { lock: new },
        HubEvent::CodeUsed { lock: old, slot: slot(3) },
        // Programmed, and deleted again.
        HubEvent::SlotChanged { lock: old, slot: slot(9) },
        HubEvent::SlotChanged { lock: old, slot: slot(9) },
        HubEvent::SlotChanged { lock: new, slot: slot(9) },
        HubEvent::BatteryLevel { lock: old, percent: 41 },
        HubEvent::LockOffline { lock: old },
        HubEvent::LockOnline { lock: old },
    ] {
        assert_eq!(events.recv().await, Ok(told));
    }
    let react = |command: &Value| match command["methodName"].as_str() {
        Some("deviceSpecificGet") => Reaction::Answer(json!({"response": "YA-0001"})),
        _ => Reaction::Usual,
    };
    let found = connection.during(driver.locks(), react).await.expect("the hub is online");
    let known = found.iter().map(|found| (found.lock.as_str(), found.model.as_deref(), found.battery_percent));
    let new_name = "7e570001/3/0129-0004-3000";
    assert_eq!(
        known.collect::<Vec<_>>(),
        [(LOCK_NAME, Some("Yale YRD110"), Some(41)), (new_name, Some("ASSA ABLOY"), Some(80))]
    );
}

#[tokio::test]
async fn a_message_that_can_not_be_read_costs_only_itself() {
    let (_server, mut connection, driver, mut events, lock) = linked().await;
    for garbage in ["", "nonsense", "[]", "{}", r#"{"type": 7}"#, r#"{"type": "result"}"#, r#"{"type": "event"}"#] {
        connection.socket.send(Message::text(garbage)).await.expect("the driver listens");
    }
    connection.socket.send(Message::binary(vec![0xff; 16])).await.expect("the driver listens");
    for strange in [
        json!({"source": "moon", "event": "eclipse"}),
        json!({"source": "node", "event": "value updated", "nodeId": 2, "args": "none"}),
        json!({"source": "node", "event": "value updated", "nodeId": 2, "args": {"commandClass": -1}}),
        json!({"source": "node", "event": "notification", "nodeId": 2, "ccId": 113, "args": {"type": 6, "event": 6}}),
        json!({"source": "node", "event": "notification", "nodeId": 2, "ccId": 113,
               "args": {"type": 6, "event": 6, "parameters": {"type": "Buffer", "data": [1]}}}),
        json!({"source": "controller", "event": "node added", "node": {"nodeId": "two"}}),
    ] {
        connection.event(strange).await;
    }
    let keypad =
        json!({"type": 6, "event": 6, "label": "Access Control", "parameters": {"userId": 3, "userCode": CODE}});
    connection
        .event(json!({"source": "node", "event": "notification", "nodeId": 2, "ccId": 113, "args": keypad}))
        .await;
    event(&mut events, HubEvent::CodeUsed { lock, slot: slot(3) }).await;
    let about = connection.during(driver.about(), usual).await;
    assert_eq!(about.expect("the hub is online").version, "Z-Wave JS 15.29.0 (server 3.10.2)");
}

#[tokio::test]
async fn an_answer_that_can_not_be_read_is_told_of_its_command() {
    let (_server, mut connection, driver, _events, lock) = linked().await;
    let pinged = connection.during(driver.ping(lock), |_| Reaction::Answer(json!({"responded": "perhaps"}))).await;
    assert!(matches!(pinged, Err(LockError::Rejected(_))));
    assert!(connection.during(driver.ping(lock), usual).await.is_ok());
}

#[tokio::test]
async fn a_message_that_is_too_large_ends_the_connection_and_not_the_driver() {
    let (server, mut connection, _driver, mut events, _lock) = linked().await;
    // A text of 2^40 bytes, of which none follows.
    let mut header = vec![0x81, 127];
    header.extend((1_u64 << 40).to_be_bytes());
    connection.socket.get_mut().write_all(&header).await.expect("the driver listens");
    event(&mut events, HubEvent::HubOffline).await;
    let _again = server.accept_and_begin(&[]).await;
    event(&mut events, HubEvent::HubOnline).await;
}

#[tokio::test]
async fn r13_a_connection_that_is_silently_dead_is_noticed() {
    let silence = Duration::from_millis(300);
    let (_server, _connection, _driver, mut events, _lock) = linked_with(Timings { silence, ..TIMINGS }).await;
    // Nobody reads the connection any more, so nobody answers the pings.
    event(&mut events, HubEvent::HubOffline).await;
}

#[tokio::test]
async fn a_hub_that_says_nothing_at_first_is_offline() {
    let server = Server::new().await;
    let driver = server.connect(Timings { connect: Duration::from_millis(100), ..TIMINGS }, []);
    let _connection = server.accept().await;
    assert_eq!(driver.about().await, Err(LockError::HubOffline));
}

#[tokio::test]
async fn a_deed_without_an_answer_ends_in_time_and_its_outcome_is_unknown() {
    let (_server, mut connection, driver, _events, lock) = linked().await;
    let (number, digits) = (slot(1), code(CODE));
    let silent_for = |method: &'static str| {
        move |command: &Value| if command["methodName"] == method { Reaction::Silence } else { Reaction::Usual }
    };
    let written = connection.during(driver.write(lock, number, &digits), silent_for("set")).await;
    assert_eq!(written, Err(LockError::TimedOut));
    let removed = connection.during(driver.remove(lock, number), silent_for("clear")).await;
    assert_eq!(removed, Err(LockError::TimedOut));
    let read = connection.during(driver.read_back(lock, number), silent_for("get")).await;
    assert!(matches!(read, Err(LockError::TimedOut)));
    // It can be done again.
    assert_eq!(connection.during(driver.write(lock, number, &digits), usual).await, Ok(Accepted::ByLock));
}

#[tokio::test]
async fn r27_whether_a_code_is_there_is_unknown_when_the_connection_or_the_lock_is_lost_after_sending_it() {
    let (server, mut connection, driver, mut events, lock) = linked().await;
    let (number, digits) = (slot(1), code(CODE));
    let mut sent = false;
    let lost_after_sending = |command: &Value| {
        sent |= command["methodName"] == "set";
        if sent { Reaction::HangUp } else { Reaction::Usual }
    };
    let written = connection.during(driver.write(lock, number, &digits), lost_after_sending).await;
    assert_eq!(written, Err(LockError::TimedOut));
    event(&mut events, HubEvent::HubOffline).await;
    // And nothing is kept for later.
    assert_eq!(driver.write(lock, number, &digits).await, Err(LockError::HubOffline));
    let mut connection = server.accept_and_begin(&[old_lock(2, json!({}))]).await;
    event(&mut events, HubEvent::HubOnline).await;
    assert_eq!(connection.during(driver.ping(lock), usual).await.expect("online").battery_percent, Some(80));

    // The lock doesn't acknowledge the code, which it may have received.
    let deed = driver.write(lock, number, &digits);
    tokio::pin!(deed);
    let written = loop {
        tokio::select! {
            written = &mut deed => break written,
            command = connection.command() => {
                let command = command.expect("a command");
                if command["methodName"] == "set" {
                    connection.send(json!({
                        "type": "result", "success": false, "messageId": command["messageId"],
                        "errorCode": "zwave_error", "zwaveErrorCode": 204,
                        "zwaveErrorMessage": format!("The node did not acknowledge {CODE} (ZW0204)"),
                    })).await;
                } else {
                    let result = connection.usual(&command);
                    connection.answer(&command, result).await;
                }
            }
        }
    };
    assert_eq!(written, Err(LockError::TimedOut));
}

#[tokio::test]
async fn r32_what_the_hub_quotes_in_an_error_has_no_digits() {
    let (_server, mut connection, driver, _events, lock) = linked().await;
    let deed = driver.ping(lock);
    tokio::pin!(deed);
    let answer = async {
        let command = connection.command().await.expect("a command");
        connection
            .send(json!({
                "type": "result", "success": false, "messageId": command["messageId"], "errorCode": "unknown_error",
                "message": format!("Error: {CODE} is no code\n    at secret.js:1"), "args": {},
            }))
            .await;
    };
    let (pinged, ()) = tokio::join!(deed, answer);
    assert_eq!(pinged, Err(LockError::rejected("Error: •••••• is no code")));
}

#[tokio::test]
async fn a_hub_that_hangs_up_at_once_is_left_alone_for_longer_each_time() {
    let server = Server::new().await;
    let _driver = server.connect(TIMINGS, []);
    let first = Instant::now();
    for _ in 0..4 {
        let mut connection = server.accept().await;
        connection.socket.close(None).await.expect("open");
    }
    // Three waits of up to 1, 2 and 4 seconds at random: one run in a million is shorter than this.
    assert!(first.elapsed() > Duration::from_millis(30), "{:?}", first.elapsed());
}

#[tokio::test]
async fn who_asks_how_a_hub_is_has_it_connected_to_at_once() {
    // Were it left alone, it would be for minutes.
    let server = Server::new().await;
    let driver = server.connect(TIMINGS, []);
    for _ in 0..12 {
        let refused = async {
            let mut connection = server.accept().await;
            connection.socket.close(None).await.expect("open");
        };
        let (about, ()) = tokio::join!(driver.about(), refused);
        assert_eq!(about, Err(LockError::HubOffline));
    }
    let (about, _connection) = tokio::join!(driver.about(), async {
        let mut connection = server.accept_and_begin(&[]).await;
        let command = connection.command().await.expect("a command");
        connection.answer(&command, json!({})).await;
        connection
    });
    assert!(about.is_ok());
}

#[tokio::test]
async fn a_driver_that_is_dropped_ends_its_connection() {
    let (_server, mut connection, driver, _events, _lock) = linked().await;
    drop(driver);
    assert_eq!(connection.command().await, None);
}

#[tokio::test]
async fn a_hub_that_started_anew_is_asked_for_everything_again() {
    let (server, mut connection, driver, mut events, lock) = linked().await;
    connection.event(json!({"source": "driver", "event": "driver ready"})).await;
    event(&mut events, HubEvent::HubOffline).await;
    let _again = server.accept_and_begin(&[]).await;
    event(&mut events, HubEvent::HubOnline).await;
    event(&mut events, HubEvent::LockOffline { lock }).await;
    assert_eq!(driver.ping(lock).await, Err(LockError::UnknownLock));
}

#[tokio::test]
async fn locks_come_go_and_fall_silent_without_a_new_connection() {
    let (_server, mut connection, driver, mut events, lock) = linked().await;
    connection.event(json!({"source": "node", "event": "dead", "nodeId": 2, "oldStatus": 4})).await;
    event(&mut events, HubEvent::LockOffline { lock }).await;
    connection.event(json!({"source": "node", "event": "alive", "nodeId": 2, "oldStatus": 3})).await;
    event(&mut events, HubEvent::LockOnline { lock }).await;
    let reason = 0;
    connection
        .event(json!({"source": "controller", "event": "node removed", "node": {"nodeId": 2}, "reason": reason}))
        .await;
    event(&mut events, HubEvent::LocksChanged).await;
    event(&mut events, HubEvent::LockOffline { lock }).await;
    assert_eq!(driver.locks().await, Ok(Vec::new()));
    // It is paired again: first seen, then asked what it is.
    let unknown = json!({"nodeId": 2, "status": 4, "deviceClass": {"generic": {"key": 0x40}}});
    connection.event(json!({"source": "controller", "event": "node added", "node": unknown, "result": {}})).await;
    event(&mut events, HubEvent::LocksChanged).await;
    assert_eq!(driver.ping(lock).await, Err(LockError::LockOffline));
    let ready = json!({"source": "node", "event": "ready", "nodeId": 2, "nodeState": old_lock(2, json!({}))});
    connection.event(ready).await;
    event(&mut events, HubEvent::LocksChanged).await;
    event(&mut events, HubEvent::LockOnline { lock }).await;
    let found = connection.during(driver.locks(), usual).await.expect("the hub is online");
    assert_eq!(found.iter().map(|found| found.name.as_str()).collect::<Vec<_>>(), ["Lobby"]);
    connection.event(json!({"source": "node", "event": "interview started", "nodeId": 2})).await;
    event(&mut events, HubEvent::LockOffline { lock }).await;
}

#[tokio::test]
async fn a_lock_that_got_another_number_is_followed_by_its_key_alone() {
    let server = Server::new().await;
    let key = json!({"dsk": KEY});
    let (keyed, bare) = (LockId::generate(), LockId::generate());
    let name = format!("{LOCK_NAME}/dsk={}", KEY.split_once('-').expect("groups").1);
    let links = [(keyed, hub_lock(&name)), (bare, hub_lock("7e570001/5/0129-0004-0800"))];
    let driver = server.connect(TIMINGS, links);
    let mut events = driver.events();
    // It has number 9 now, and number 2 is another of its model; number 5 is gone.
    let other = json!({"dsk": KEY.replace("88888", "99999")});
    let mut connection = server.accept_and_begin(&[old_lock(2, other), old_lock(9, key.clone())]).await;
    event(&mut events, HubEvent::LockOnline { lock: keyed }).await;
    event(&mut events, HubEvent::LockOffline { lock: bare }).await;
    let mut nodes = Vec::new();
    let deed = |command: &Value| {
        nodes.push(command["nodeId"].as_u64());
        Reaction::Usual
    };
    assert!(connection.during(driver.write(keyed, slot(1), &code(CODE)), deed).await.is_ok());
    assert!(nodes.iter().all(|node| *node == Some(9)), "{nodes:?}");
    assert_eq!(driver.write(bare, slot(1), &code(CODE)).await, Err(LockError::UnknownLock));
    // Two with that key can't be: then it is neither.
    let twin = json!({"source": "node", "event": "ready", "nodeId": 8, "nodeState": old_lock(8, key)});
    connection.event(twin).await;
    event(&mut events, HubEvent::LockOffline { lock: keyed }).await;
    assert_eq!(driver.write(keyed, slot(1), &code(CODE)).await, Err(LockError::UnknownLock));
}

#[tokio::test]
async fn r28_a_lock_that_takes_one_length_says_which_and_may_change_it() {
    let server = Server::new().await;
    let lock = LockId::generate();
    let driver = server.connect(TIMINGS, [(lock, hub_lock(LOCK_NAME))]);
    let mut events = driver.events();
    let setting = json!({
        "commandClass": 112, "endpoint": 0, "property": 16, "value": 5, "metadata": {"label": "User Code PIN Length"},
    });
    let mut connection = server.accept_and_begin(&[old_lock(2, json!({"values": [setting]}))]).await;
    event(&mut events, HubEvent::LockOnline { lock }).await;
    let written = connection.during(driver.write(lock, slot(1), &code(CODE)), usual).await;
    assert_eq!(written, Err(LockError::LengthNotSupported));
    let found = connection.during(driver.locks(), usual).await.expect("the hub is online");
    assert_eq!(found[0].capabilities, None);
    for (length, lengths) in [(4, Lengths::Four), (6, Lengths::Six)] {
        let args = json!({"commandClass": 112, "endpoint": 0, "property": 16, "newValue": length, "prevValue": 5});
        connection.event(json!({"source": "node", "event": "value updated", "nodeId": 2, "args": args})).await;
        event(&mut events, HubEvent::LocksChanged).await;
        let capabilities = connection.during(driver.capabilities(lock), usual).await.expect("the hub is online");
        assert_eq!(capabilities.lengths, lengths);
    }
    assert_eq!(connection.during(driver.write(lock, slot(1), &code(CODE)), usual).await, Ok(Accepted::ByLock));
    let read = connection.during(driver.read_back(lock, slot(1)), usual).await;
    assert_eq!(read.map(|content| shown(&content)), Ok(CODE.to_owned()));
}

#[tokio::test]
async fn two_deeds_at_one_lock_are_done_one_after_the_other() {
    let (_server, mut connection, driver, _events, lock) = linked().await;
    let (first, second) = (code(CODE), code("2846"));
    let mut slots = Vec::new();
    let both = async { tokio::join!(driver.write(lock, slot(1), &first), driver.write(lock, slot(2), &second)) };
    let written = connection.during(both, |command| {
        slots.extend(command["args"][0].as_u64());
        Reaction::Usual
    });
    assert_eq!(written.await, (Ok(Accepted::ByLock), Ok(Accepted::ByLock)));
    assert_eq!(slots, [1, 1, 1, 2, 2, 2]);
}

#[tokio::test]
async fn a_lock_that_has_no_serial_number_is_asked_for_it_once() {
    let server = Server::new().await;
    let driver = server.connect(TIMINGS, []);
    let classes = json!([{"id": 99, "version": 1}, {"id": 114, "version": 2}]);
    let lock = old_lock(2, json!({"endpoints": [{"index": 0, "commandClasses": classes}]}));
    let mut events = driver.events();
    let mut connection = server.accept_and_begin(&[lock]).await;
    event(&mut events, HubEvent::HubOnline).await;
    let mut asked = 0;
    for _ in 0..2 {
        let react = |command: &Value| match command["methodName"].as_str() {
            Some("deviceSpecificGet") => {
                asked += 1;
                Reaction::Answer(json!({"response": ""}))
            }
            _ => Reaction::Usual,
        };
        let found = connection.during(driver.locks(), react).await.expect("the hub is online");
        assert_eq!(found[0].lock.as_str(), LOCK_NAME);
    }
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn what_a_lock_reports_of_our_own_deeds_is_no_change_by_somebody() {
    let (_server, mut connection, driver, mut events, lock) = linked().await;
    let args = |number: u8| json!({"commandClass": 99, "endpoint": 0, "property": "userIdStatus", "propertyKey": number, "newValue": 1});
    connection.during(driver.write(lock, slot(1), &code(CODE)), usual).await.expect("the lock is online");
    for number in [1, 2] {
        connection.event(json!({"source": "node", "event": "value updated", "nodeId": 2, "args": args(number)})).await;
    }
    assert_eq!(events.recv().await, Ok(HubEvent::SlotChanged { lock, slot: slot(2) }));
}

/// Keeps all that the program would log, at every level.
struct Kept(Mutex<String>);

impl log::Log for Kept {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let mut kept = self.0.lock().expect("not poisoned");
        writeln!(kept, "{} {}", record.target(), record.args()).expect("memory");
    }

    fn flush(&self) {}
}

#[tokio::test]
async fn r32_no_library_logs_a_code_or_the_token() {
    static KEPT: Kept = Kept(Mutex::new(String::new()));
    log::set_logger(&KEPT).expect("no other test sets one");
    log::set_max_level(log::LevelFilter::Trace);
    let server = Server::new().await;
    let lock = LockId::generate();
    let token = Token::new("open-sesame".to_owned());
    let driver = server.connect_with(TIMINGS, token, [(lock, hub_lock(LOCK_NAME))]);
    let mut events = driver.events();
    let mut connection = server.accept_and_begin(&[old_lock(2, json!({}))]).await;
    event(&mut events, HubEvent::LockOnline { lock }).await;
    let secret = "290471";
    connection.during(driver.write(lock, slot(1), &code(secret)), usual).await.expect("the lock is online");
    let logged = KEPT.0.lock().expect("not poisoned");
    assert!(logged.contains("handshake done"), "what libraries log arrives here: {logged}");
    assert!(!logged.contains(secret) && !logged.contains("open-sesame"), "{logged}");
}
