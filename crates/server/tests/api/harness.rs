//! A separate server for each test.
//!
//! ```ignore
//! let server = TestServer::start().await;
//! let session = server.sign_in(MANAGER).await;
//! let answer = server.get("/session").web(&session).send().await;
//! assert_eq!(answer.status, 200);
//! ```
//!
//! Its hub is simulated and does every deed at once. It listens on a port of 127.0.0.1, with a database in its own
//! folder and a clock that stands still at [`NOON`]. Passwords are hashed at next to no cost. Everything the servers
//! log is kept for [`logged`].

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, Once};
use std::time::Duration;

use api_types::{Action, DoorKind, SubjectKind};
use axum::Router;
use hub::{LockDriver, Simulator};
use ids::{DoorId, HubId, PersonId, PropertyId, TenancyId, UnitId};
use jiff::SignedDuration;
use latchkey_server::app::{App, Settings};
use latchkey_server::auth::{Password, PasswordCost, Passwords};
use latchkey_server::clock::Clock;
use latchkey_server::connections::Limits;
use latchkey_server::health;
use latchkey_server::hubs::{HubToConnect, Hubs};
use latchkey_server::router::router;
use latchkey_server::view::event;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder};
use rusqlite::OpenFlags;
use serde::Serialize;
use serde_json::Value;
use store::audit::{Filter, NewEvent, system_actor, system_channel};
use store::doors::NewDoor;
use store::people::{self, NewPerson};
use store::tenancies::{self, Dates, NewTenancy};
use store::{Db, MasterKey, Millis, Scope, Store, Tx, doors, properties};
use tempfile::TempDir;
use tokio::task::JoinSet;

/// 2026-06-15T18:00:00Z: noon at the property.
pub(crate) const NOON: Millis = 1_781_546_400_000;
/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// Manages [`World::property`].
pub(crate) const MANAGER: &str = "manager@example.com";
/// Lives in [`World::unit`].
pub(crate) const RESIDENT: &str = "resident@example.com";
/// Reads everything.
pub(crate) const SUPPORT: &str = "support@example.com";
/// Manages [`World::foreign_property`].
pub(crate) const FOREIGN_MANAGER: &str = "foreign.manager@example.com";

/// What is in the database from the start.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, reason = "not every test file needs all of it")]
pub(crate) struct World {
    pub(crate) property: PropertyId,
    pub(crate) foreign_property: PropertyId,
    pub(crate) hub: HubId,
    pub(crate) unit: UnitId,
    /// The unit's own door.
    pub(crate) door: DoorId,
    /// A property door that everybody passes through.
    pub(crate) gate: DoorId,
    /// An amenity door.
    pub(crate) gym: DoorId,
    pub(crate) tenancy: TenancyId,
    pub(crate) manager: PersonId,
    pub(crate) resident: PersonId,
    pub(crate) support: PersonId,
}

/// A running server. It ends with the test.
pub(crate) struct TestServer {
    pub(crate) app: App,
    pub(crate) world: World,
    pub(crate) origin: String,
    /// Where its operators' listener is.
    operators: String,
    client: reqwest::Client,
    listeners: JoinSet<()>,
    workers: JoinSet<()>,
    folder: TempDir,
    key: MasterKey,
    settings: Settings,
    /// What is connected to the hubs that people add.
    connect: Option<Connect>,
}

/// Makes the drivers of the hubs that people add.
type Connect = Arc<dyn Fn(HubToConnect) -> Option<Arc<dyn LockDriver>> + Send + Sync>;

/// The value of a session's cookie.
pub(crate) struct WebSession(pub(crate) String);

/// A token of the app.
pub(crate) struct MobileToken(pub(crate) String);

impl TestServer {
    /// Starts with the default settings.
    pub(crate) async fn start() -> Self {
        Self::start_with(Settings::default()).await
    }

    /// Starts with those settings, except for the cost of passwords.
    pub(crate) async fn start_with(settings: Settings) -> Self {
        Self::start_furnished(settings, |_, _| ()).await.0
    }

    /// Like [`TestServer::start_with`], with more in the database before the hubs are created from it.
    pub(crate) async fn start_furnished<T: Send + 'static>(
        settings: Settings,
        furnish_more: impl FnOnce(&Tx, &World) -> T + Send + 'static,
    ) -> (Self, T) {
        Self::start_of(settings, furnish_more, |_, hubs| hubs).await
    }

    /// Starts with a driver made from the simulated hub in its place, until the server is restarted. Returns that
    /// driver too.
    pub(crate) async fn start_driven<D: LockDriver + 'static>(
        drive: impl FnOnce(Arc<Simulator>) -> D,
    ) -> (Self, Arc<D>) {
        let mut made = None;
        let drive = |world: &World, hubs: Hubs| {
            let simulator = hubs.simulator(world.hub).expect("a simulated hub").clone();
            let driver = made.insert(Arc::new(drive(simulator))).clone();
            hubs.with_driver(world.hub, driver)
        };
        let (server, ()) = Self::start_of(Settings::default(), |_, _| (), drive).await;
        (server, made.expect("a driver"))
    }

    /// Like [`TestServer::start_furnished`], connecting to the hubs that people add, now and after a restart.
    pub(crate) async fn start_connecting<T: Send + 'static>(
        furnish_more: impl FnOnce(&Tx, &World) -> T + Send + 'static,
        connect: impl Fn(HubToConnect) -> Option<Arc<dyn LockDriver>> + Send + Sync + 'static,
    ) -> (Self, T) {
        let connect: Connect = Arc::new(connect);
        let given = connect.clone();
        let drive = |_: &World, hubs: Hubs| hubs.connecting(move |hub| given(hub));
        let (server, more) = Self::start_of(Settings::default(), furnish_more, drive).await;
        (Self { connect: Some(connect), ..server }, more)
    }

    async fn start_of<T: Send + 'static>(
        settings: Settings,
        furnish_more: impl FnOnce(&Tx, &World) -> T + Send + 'static,
        drive: impl FnOnce(&World, Hubs) -> Hubs,
    ) -> (Self, T) {
        keep_logs();
        let folder = tempfile::tempdir().expect("a folder");
        let key = MasterKey::generate(1).expect("random bytes");
        let store = open(&folder, &key).await;
        let settings = Settings { password_cost: PasswordCost::FOR_TESTS, ..settings };
        let world = furnish(&store).await;
        let more = write(&store, move |tx| furnish_more(tx, &world)).await;
        let Served { app, origin, operators, listeners } =
            serve(store, NOON, settings.clone(), |hubs| drive(&world, hubs)).await;
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let workers = JoinSet::new();
        (Self { app, world, origin, operators, client, listeners, workers, folder, key, settings, connect: None }, more)
    }

    /// Stops the server and starts another on the same files, at the same time of its clock.
    pub(crate) async fn restart(&mut self) {
        self.listeners = JoinSet::new();
        self.workers = JoinSet::new();
        self.app.store().close().await;
        let store = open(&self.folder, &self.key).await;
        let connect = self.connect.clone();
        let drive = |hubs: Hubs| match connect {
            Some(connect) => hubs.connecting(move |hub| connect(hub)),
            None => hubs,
        };
        let served = serve(store, self.app.now(), self.settings.clone(), drive).await;
        (self.app, self.origin) = (served.app, served.origin);
        (self.operators, self.listeners) = (served.operators, served.listeners);
    }

    /// Starts the workers, which begin by giving residents their codes.
    pub(crate) fn start_workers(&mut self) {
        self.workers = self.app.start_workers();
    }

    /// Stops the workers, in the middle of whatever they are doing.
    pub(crate) async fn stop_workers(&mut self) {
        self.workers.shutdown().await;
    }

    /// Waits until detached writes are done too, such as when a session was last used.
    pub(crate) async fn written(&self) {
        self.write(|_| ()).await;
    }

    /// Advances the clock.
    pub(crate) fn advance(&self, by: SignedDuration) {
        self.app.clock().advance(by);
    }

    /// Sets the clock forward, though no time passes.
    pub(crate) fn set_forward(&self, by: SignedDuration) {
        self.app.clock().set_forward(by);
    }

    /// A request to `path` under `/api/v1`, or to the bare path if it begins with `//`.
    pub(crate) fn request(&self, method: Method, path: &str) -> Request {
        let path = path
            .strip_prefix('/')
            .filter(|path| path.starts_with('/'))
            .map_or_else(|| format!("/api/v1{path}"), str::to_owned);
        self.request_to(method, &format!("{}{path}", self.origin))
    }

    fn request_to(&self, method: Method, url: &str) -> Request {
        Request { builder: self.client.request(method, url), same_origin: false, said_site: false }
    }

    /// A request to that path at the operators' listener.
    pub(crate) fn get_as_operator(&self, path: &str) -> Request {
        self.request_to(Method::GET, &format!("{}{path}", self.operators))
    }

    pub(crate) fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Request {
        self.request(Method::POST, path)
    }

    pub(crate) fn put(&self, path: &str) -> Request {
        self.request(Method::PUT, path)
    }

    pub(crate) fn delete(&self, path: &str) -> Request {
        self.request(Method::DELETE, path)
    }

    /// An attempt to sign in to the console, as a browser makes it.
    pub(crate) fn signing_in(&self, email: &str, password: &str) -> Request {
        self.post("/session")
            .header("sec-fetch-site", "same-origin")
            .json(&serde_json::json!({"email": email, "password": password}))
    }

    /// Signs in to the console.
    pub(crate) async fn sign_in(&self, email: &str) -> WebSession {
        let answer = self.signing_in(email, PASSWORD).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.session()
    }

    /// Signs in through the app of that version on iOS.
    pub(crate) async fn mobile_sign_in(&self, email: &str, app_version: &str) -> MobileToken {
        let body =
            serde_json::json!({"email": email, "password": PASSWORD, "platform": "ios", "app_version": app_version});
        let answer = self.post("/mobile/token").json(&body).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        MobileToken(answer.json()["token"].as_str().expect("a token").to_owned())
    }

    /// The recorded events, newest first.
    pub(crate) async fn recorded(&self) -> Vec<api_types::AuditEvent> {
        self.query(|db| {
            let (events, _) = store::audit::list(db, Scope::Everything, &Filter::default(), None, 200).expect("events");
            events.into_iter().map(event::describe).collect()
        })
        .await
    }

    /// Changes the database in a way that no route does. Returns the result.
    pub(crate) async fn write<T: Send + 'static>(&self, work: impl FnOnce(&Tx) -> T + Send + 'static) -> T {
        write(self.app.store(), work).await
    }

    /// Reads something from the database that no route returns.
    pub(crate) async fn query<T: Send + 'static>(&self, question: impl FnOnce(&Db) -> T + Send + 'static) -> T {
        self.app.store().read(move |db| Ok::<_, store::Error>(question(db))).await.expect("read")
    }

    /// A separate connection for tests that read often, since the server's have other things to do.
    pub(crate) fn watch(&self) -> Db {
        Db::open_with_flags(self.folder.path().join(DATABASE), OpenFlags::SQLITE_OPEN_READ_ONLY).expect("a connection")
    }

    /// The database as another program opens it.
    pub(crate) async fn another_program(&self) -> Store {
        open(&self.folder, &self.key).await
    }

    /// Every byte of the database and the files beside it.
    pub(crate) fn files(&self) -> Vec<u8> {
        std::fs::read_dir(self.folder.path())
            .expect("a folder")
            .flat_map(|entry| std::fs::read(entry.expect("a file").path()).expect("its bytes"))
            .collect()
    }
}

/// A request to be sent.
#[must_use]
pub(crate) struct Request {
    builder: RequestBuilder,
    same_origin: bool,
    said_site: bool,
}

impl Request {
    /// With the session's cookie, and from the same origin unless [`Request::header`] says another site.
    pub(crate) fn web(mut self, session: &WebSession) -> Self {
        self.same_origin = true;
        self.header("cookie", &format!("__Host-latchkey={}", session.0))
    }

    /// With the app's token.
    pub(crate) fn mobile(self, token: &MobileToken) -> Self {
        self.header("authorization", &format!("Bearer {}", token.0))
    }

    /// Without saying which site it comes from: no `Sec-Fetch-Site`, no `Origin`.
    pub(crate) fn without_site(mut self) -> Self {
        self.said_site = true;
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.said_site |= matches!(name, "sec-fetch-site" | "origin");
        let name: HeaderName = name.parse().expect("a header's name");
        self.builder = self.builder.header(name, HeaderValue::from_str(value).expect("a header's value"));
        self
    }

    /// A header whose value need not be text.
    pub(crate) fn header_bytes(mut self, name: &str, value: &[u8]) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        self.builder = self.builder.header(name, HeaderValue::from_bytes(value).expect("a header's value"));
        self
    }

    /// With these parameters, beside those in its path.
    pub(crate) fn query(mut self, query: &str) -> Self {
        let (client, request) = self.builder.build_split();
        let mut request = request.expect("a request");
        let all = request.url().query().into_iter().chain([query]).collect::<Vec<_>>().join("&");
        request.url_mut().set_query(Some(&all));
        self.builder = RequestBuilder::from_parts(client, request);
        self
    }

    /// Removes a header.
    pub(crate) fn without(mut self, name: &str) -> Self {
        let (client, request) = self.builder.build_split();
        let mut request = request.expect("a request");
        request.headers_mut().remove(name);
        self.builder = RequestBuilder::from_parts(client, request);
        self
    }

    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        self.builder = self.builder.json(body);
        self
    }

    pub(crate) fn body(mut self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        self.builder = self.builder.body(body);
        self.header("content-type", content_type)
    }

    /// Sends it; returns the answer whose body is still to come.
    pub(crate) async fn open(mut self) -> reqwest::Response {
        if self.same_origin && !self.said_site {
            self = self.header("sec-fetch-site", "same-origin");
        }
        self.builder.send().await.expect("an answer")
    }

    pub(crate) async fn send(self) -> Answer {
        let mut response = self.open().await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = if headers.get("content-type").is_some_and(|kind| kind == "text/event-stream") {
            // There is no end of it.
            response.chunk().await.expect("a body").expect("a part of it")
        } else {
            // Not `text()`, which takes a byte-order mark off.
            response.bytes().await.expect("a body")
        };
        Answer { status, headers, text: String::from_utf8_lossy(&body).into_owned() }
    }
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// Status and stable code of a problem, which must be one by its content type.
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        assert_eq!(problem["type"], format!("/problems/{}", problem["code"].as_str().expect("a code")));
        (self.status, problem["code"].as_str().expect("a code").to_owned())
    }

    /// The session set by the answer.
    pub(crate) fn session(&self) -> WebSession {
        let cookie = self.header("set-cookie");
        let value = cookie.strip_prefix("__Host-latchkey=").and_then(|rest| rest.split(';').next());
        WebSession(value.expect("a session's cookie").to_owned())
    }
}

/// The database's file.
const DATABASE: &str = "latchkey.db";

/// Opens the store. No test cuts the power, so none has to wait for the disk.
async fn open(folder: &TempDir, key: &MasterKey) -> Store {
    Store::open_unsafely_fast(&folder.path().join(DATABASE), key.clone()).await.expect("a database")
}

/// Changes the database without an event.
async fn write<T: Send + 'static>(store: &Store, work: impl FnOnce(&Tx) -> T + Send + 'static) -> T {
    store.write_unrecorded(move |tx| Ok::<_, store::Error>(work(tx))).await.expect("written")
}

async fn serve(store: Store, now: Millis, settings: Settings, drive: impl FnOnce(Hubs) -> Hubs) -> Served {
    let hubs = drive(Hubs::simulated(&store, Duration::ZERO).await.expect("hubs"));
    let app = App::new(store, Clock::manual(now), hubs, settings).await.expect("an app");
    let mut listeners = JoinSet::new();
    let origin = listen(&mut listeners, router(app.clone())).await;
    let operators = listen(&mut listeners, health::operators(app.clone())).await;
    Served { app, origin, operators, listeners }
}

struct Served {
    app: App,
    origin: String,
    operators: String,
    listeners: JoinSet<()>,
}

/// Serves at a port of its own until the set is dropped. Returns the origin.
async fn listen(listeners: &mut JoinSet<()>, router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    listeners.spawn(latchkey_server::serve::serve(listener, router, Limits::default(), std::future::pending()));
    origin
}

async fn furnish(store: &Store) -> World {
    let passwords = Passwords::new(PasswordCost::FOR_TESTS).expect("random bytes");
    let Ok(hash) = passwords.hash(Password::new(PASSWORD.into())).await else { panic!("hashed") };
    let world = store.write(move |tx| Ok::<_, store::Error>(furnish_in(tx, &hash))).await;
    world.expect("furnished")
}

fn furnish_in(tx: &Tx, hash: &str) -> World {
    let property = properties::insert(tx, "Juniper Flats", "America/Denver", false, NOON).expect("a property");
    let foreign_property = properties::insert(tx, "Elsewhere", "Europe/Berlin", false, NOON).expect("a property");
    let unit = doors::insert_unit(tx, property, None, "101").expect("a unit");
    let hub = doors::insert_hub(tx, property, "Hub", NOON).expect("a hub");
    let door = |kind, name, unit_id| NewDoor {
        property_id: property,
        building_id: None,
        unit_id,
        kind,
        name,
        hub_id: hub,
        slots_total: 20,
        battery_percent: Some(80),
    };
    let gate = door(DoorKind::Property, "Gate", None);
    let gate = doors::insert_door(tx, &gate, NOON).expect("a door");
    let gym = door(DoorKind::Amenity, "Gym", None);
    let gym = doors::insert_door(tx, &gym, NOON).expect("a door");
    let door = door(DoorKind::Unit, "101", Some(unit));
    let door = doors::insert_door(tx, &door, NOON).expect("a door");
    let mut people = [MANAGER, RESIDENT, SUPPORT, FOREIGN_MANAGER].map(|email| (email, PersonId::generate()));
    for (email, id) in &mut people {
        let name = email.split('@').next().expect("a name");
        let person = NewPerson { id: *id, email, name, password_hash: Some(hash), support: *email == SUPPORT };
        people::insert(tx, NOON, &person).expect("a person");
    }
    let [(_, manager), (_, resident), (_, support), (_, foreign_manager)] = people;
    people::add_manager(tx, manager, property).expect("a manager");
    people::add_manager(tx, foreign_manager, foreign_property).expect("a manager");
    let dates = Dates { move_in: "2026-01-01", move_out: None, starts_at: NOON - 1_000, ends_at: None };
    let tenancy =
        NewTenancy { property_id: property, unit_id: unit, unit: "101", person_id: resident, name: "resident", dates };
    let tenancy = tenancies::insert(tx, &tenancy).expect("a tenancy");
    let subject = api_types::Subject {
        kind: SubjectKind::Property.into(),
        id: Some(property.uuid()),
        name: "Juniper Flats".into(),
    };
    tx.record(NOON, NewEvent::done(system_actor(), system_channel(), Action::PropertyAdded, subject))
        .expect("recorded");
    World { property, foreign_property, hub, unit, door, gate, gym, tenancy, manager, resident, support }
}

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Everything that any server of this process has logged so far.
pub(crate) fn logged() -> String {
    String::from_utf8_lossy(&lock_log()).into_owned()
}

fn lock_log() -> MutexGuard<'static, Vec<u8>> {
    LOG.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        lock_log().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn keep_logs() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let filter = tracing_subscriber::EnvFilter::new("trace");
        tracing_subscriber::fmt().with_ansi(false).with_env_filter(filter).with_writer(|| Log).init();
    });
}
