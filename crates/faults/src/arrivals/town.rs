//! The server as it runs (router, records, workers, clock), and the radios that outlive it.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use hub::{LockSettings, ReadBack};
use ids::{HubId, LockId, PersonId};
use jiff::SignedDuration;
use latchkey_server::app::{App, Settings};
use latchkey_server::auth::PasswordCost;
use latchkey_server::clock::Clock;
use latchkey_server::config::master_key;
use latchkey_server::connections::Limits;
use latchkey_server::hubs::Hubs;
use latchkey_server::router::router;
use reqwest::Method;
use rusqlite::{Connection, OpenFlags};
use store::people::{self, NewPerson};
use store::{Millis, Store};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::client::{Answer, Body, Client, Credential, Request};
use crate::world::{DATABASE, MANAGER, Size, World};

use super::radio::{Lie, Radio};
use super::witness::Witness;

/// Ten units at three hubs, a gate for each hub, six residents and people who come and go.
const SIZE: Size = Size { hubs: 3, units: 10, slots: 8, residents: 6, movers: 14, spare: 0 };
/// Reads the whole log.
const SUPPORT: &str = "support@example.com";
/// How long the server may take, by a real clock, until it has done what is due.
const LONG_ENOUGH: Duration = Duration::from_secs(60);
/// How many rounds with nothing to do count as having done everything.
const QUIET_ROUNDS: u32 = 3;

/// Everything but the people.
pub(super) struct Town {
    folder: TempDir,
    pub(super) world: World,
    pub(super) radios: HashMap<HubId, Arc<Radio>>,
    pub(super) witness: Arc<Witness>,
    pub(super) read_back: HashMap<LockId, ReadBack>,
    pub(super) now: Millis,
    running: Option<Running>,
}

struct Running {
    app: App,
    db: Connection,
    client: Client,
    manager: Credential,
    support: Credential,
    apps: HashMap<String, Credential>,
    _listeners: JoinSet<()>,
    workers: JoinSet<()>,
}

impl Town {
    pub(super) async fn found(start: Millis, lie: Option<Lie>) -> Result<Self> {
        let folder = TempDir::with_prefix("latchkey-arrivals-").context("a folder")?;
        let world = World::make(folder.path(), SIZE, start).await?;
        let store = crate::world::open(folder.path(), false).await?;
        let support = store.write_unrecorded(move |tx| {
            let manager = people::by_email(tx, MANAGER)?;
            let hash = manager.and_then(|manager| manager.password_hash);
            let id = PersonId::generate();
            let person = NewPerson { id, email: SUPPORT, name: "Noor", password_hash: hash.as_deref(), support: true };
            people::insert(tx, start, &person).map(|_| ())
        });
        support.await?;
        store.close().await;
        let witness = Arc::new(Witness::default());
        witness.it_is(start);
        let mut radios = HashMap::new();
        let mut read_back = HashMap::new();
        for hub in &world.hubs {
            radios.insert(*hub, Arc::new(Radio::new(*hub, Clock::manual(start), witness.clone(), lie)));
        }
        for (number, door) in world.doors.iter().enumerate() {
            // Most locks show their codes, one only whether it holds some, one nothing at all.
            let tells = match number {
                4 => ReadBack::Occupancy,
                8 => ReadBack::None,
                _ => ReadBack::Digits,
            };
            read_back.insert(door.lock, tells);
            let settings = LockSettings { slots: door.slots, read_back: tells, ..LockSettings::default() };
            radios[&door.hub].installed(door.lock, settings);
            witness.lock_is_on(door.lock, door.id);
        }
        let mut town = Self { folder, world, radios, witness, read_back, now: start, running: None };
        town.start().await?;
        Ok(town)
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join(DATABASE)
    }

    /// Keeps the records, for investigating a failure. Returns where they are.
    pub(super) fn keep(self) -> PathBuf {
        self.folder.keep()
    }

    pub(super) fn is_up(&self) -> bool {
        self.running.is_some()
    }

    /// Starts the server.
    pub(super) async fn start(&mut self) -> Result<()> {
        let key = master_key(&self.folder.path().join("master-key"), false)?;
        // No test cuts the power, so none has to wait for the disk.
        let store = Store::open_unsafely_fast(&self.database(), key).await?;
        let drivers = self.radios.iter();
        let hubs = drivers.fold(Hubs::default(), |hubs, (id, radio)| hubs.with_driver(*id, radio.clone()));
        let settings = Settings { password_cost: PasswordCost::FOR_TESTS, ..Settings::default() };
        let app = App::new(store, Clock::manual(self.now), hubs, settings).await?;
        self.radios.values().for_each(|radio| radio.driven_by(app.clock().clone()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let client = Client::new(listener.local_addr()?.to_string())?;
        let mut listeners = JoinSet::new();
        let served =
            latchkey_server::serve::serve(listener, router(app.clone()), Limits::default(), std::future::pending());
        listeners.spawn(served);
        let manager = client.sign_in(MANAGER).await?;
        let support = client.sign_in(SUPPORT).await?;
        let db = Connection::open_with_flags(self.database(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        self.witness.looks_at(Some((client.clone(), manager.clone())));
        let workers = app.start_workers();
        self.running =
            Some(Running { app, db, client, manager, support, apps: HashMap::new(), _listeners: listeners, workers });
        self.settle().await
    }

    /// Stops the server in the middle of whatever it is doing.
    pub(super) async fn stop(&mut self) {
        self.witness.looks_at(None);
        if let Some(mut running) = self.running.take() {
            running.workers.shutdown().await;
            running.app.store().close().await;
        }
    }

    /// Lets time pass. What falls due then is done by [`Town::settle`].
    pub(super) fn advance(&mut self, to: Millis) {
        let by = to - self.now;
        self.now = to;
        self.witness.it_is(to);
        if let Some(running) = &self.running {
            running.app.clock().advance(SignedDuration::from_millis(by));
        }
    }

    /// Waits until the server has done what is due at this time, but for what waits for a slow lock.
    pub(super) async fn settle(&self) -> Result<()> {
        let Some(running) = &self.running else { return Ok(()) };
        let began = Instant::now();
        let mut quiet = 0;
        while quiet < QUIET_ROUNDS {
            ensure!(began.elapsed() < LONG_ENOUGH, "the server never came to rest: {}", self.restless()?);
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            self.radios.values().for_each(|radio| radio.pump());
            // What was handed to the writing thread before is written after this.
            running.app.store().write_unrecorded(|_| Ok::<_, store::Error>(())).await?;
            quiet = if self.restless()?.is_empty() { quiet + 1 } else { 0 };
        }
        Ok(())
    }

    /// What is still to be done now.
    fn restless(&self) -> Result<String> {
        let Some(running) = &self.running else { return Ok(String::new()) };
        let mut slow: HashSet<LockId> = HashSet::new();
        for radio in self.radios.values() {
            let (active, waiting, _) = radio.under_way();
            if active {
                return Ok("a lock is being asked".into());
            }
            if !radio.is_heard() {
                return Ok("a hub is being heard".into());
            }
            slow.extend(waiting);
        }
        let now = self.now;
        for (what, sql) in DUE {
            let mut statement = running.db.prepare_cached(sql)?;
            let locks = statement.query_map([now], |row| row.get::<_, LockId>(0))?;
            for lock in locks {
                if !slow.contains(&lock?) {
                    return Ok((*what).into());
                }
            }
        }
        for (what, sql) in DUE_BY_TIME {
            let due: i64 = running.db.prepare_cached(sql)?.query_row([now], |row| row.get(0))?;
            if due > 0 {
                return Ok((*what).into());
            }
        }
        Ok(String::new())
    }

    /// When the server or a lock will do something next, at the latest.
    pub(super) fn next_due(&self) -> Result<Option<Millis>> {
        let Some(running) = &self.running else { return Ok(None) };
        let mut next: Option<Millis> = self.radios.values().filter_map(|radio| radio.under_way().2).min();
        for sql in NEXT {
            let due: Option<Millis> = running.db.prepare_cached(sql)?.query_row([self.now], |row| row.get(0))?;
            next = next.into_iter().chain(due).min();
        }
        Ok(next)
    }

    /// Counts what the records and the locks went through.
    pub(super) fn version(&self) -> Result<(i64, u64)> {
        let Some(running) = &self.running else { return Ok((-1, 0)) };
        let version = running.db.query_row("PRAGMA data_version", [], |row| row.get(0))?;
        Ok((version, self.radios.values().map(|radio| radio.version()).sum()))
    }

    /// Asks as the manager, who signs in again where that is needed.
    pub(super) async fn as_manager(&mut self, request: &Request) -> Result<Answer> {
        let running = self.running.as_mut().context("the server is down")?;
        let answer = running.client.ask(&running.manager, request).await?;
        if answer.status != 401 {
            return checked(answer, request);
        }
        running.manager = running.client.sign_in(MANAGER).await?;
        self.witness.looks_at(Some((running.client.clone(), running.manager.clone())));
        checked(running.client.ask(&running.manager, request).await?, request)
    }

    /// Asks as support.
    pub(super) async fn as_support(&mut self, request: &Request) -> Result<Answer> {
        let running = self.running.as_mut().context("the server is down")?;
        let answer = running.client.ask(&running.support, request).await?;
        if answer.status != 401 {
            return checked(answer, request);
        }
        running.support = running.client.sign_in(SUPPORT).await?;
        checked(running.client.ask(&running.support, request).await?, request)
    }

    /// Asks as a resident, in their app.
    pub(super) async fn as_resident(&mut self, email: &str, request: &Request) -> Result<Answer> {
        let running = self.running.as_mut().context("the server is down")?;
        if let Some(app) = running.apps.get(email) {
            let answer = running.client.ask(app, request).await?;
            if answer.status != 401 {
                return checked(answer, request);
            }
        }
        let app = running.client.sign_in_to_app(email).await?;
        running.apps.insert(email.to_owned(), app.clone());
        checked(running.client.ask(&app, request).await?, request)
    }

    /// Reads something as the manager.
    pub(super) async fn read(&mut self, path: &str) -> Result<serde_json::Value> {
        let answer = self.as_manager(&Request::new(Method::GET, path, Body::Nothing)).await?;
        ensure!(answer.status == 200, "{path} is answered {} {}", answer.status, answer.code());
        Ok(answer.body)
    }
}

/// No request may fail, whatever goes wrong at the locks.
fn checked(answer: Answer, request: &Request) -> Result<Answer> {
    ensure!(answer.status < 500, "{} {} is answered {}", request.method, request.path, answer.status);
    Ok(answer)
}

/// What is due at locks.
const DUE: &[(&str, &str)] = &[
    ("a code is to be put on a lock, or taken off", "SELECT lock_id FROM placement WHERE next_attempt_at <= ?1"),
    (
        "a code is to be looked for",
        "SELECT lock_id FROM placement JOIN lock ON lock.id = lock_id JOIN hub ON hub.id = placement.hub_id \
         WHERE check_at <= ?1 AND lock.online AND hub.online",
    ),
    (
        "a slot is to be looked at",
        "SELECT lock_id FROM unknown_code JOIN lock ON lock.id = lock_id JOIN hub ON hub.id = lock.hub_id \
         WHERE next_attempt_at <= ?1 AND lock.online AND hub.online",
    ),
];

/// What is due by itself.
const DUE_BY_TIME: &[(&str, &str)] = &[
    ("a window is to open or close", "SELECT count(*) FROM guest_code WHERE next_change_at <= ?1"),
    (
        "a resident is to come or go",
        "SELECT count(*) FROM tenancy WHERE ended_at IS NULL AND (ends_at <= ?1 OR (starts_at <= ?1 AND code_id IS NULL))",
    ),
];

/// When something is due at locks next.
const NEXT: &[&str] = &[
    "SELECT min(next_attempt_at) FROM placement WHERE next_attempt_at > ?1",
    "SELECT min(check_at) FROM placement JOIN lock ON lock.id = lock_id WHERE check_at > ?1 AND lock.online",
];
