//! How soon codes are where they should be when some hubs are bad (`cargo xtask bench --only locks`): a dead and a slow hub
//! hold up no other, and a hub that comes back has what waited for it within a minute.
//!
//! The server is the real one, in this process, with its records on disk; the hubs are simulated, with a radio as slow as real
//! ones are.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use access_code::Code;
use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use hub::{
    Accepted, Capabilities, HubEvent, LockDriver, LockError, LockHealth, LockSettings, Simulator, Slot, SlotContent,
};
use ids::{HubId, LockId};
use latchkey_server::app::{App, Settings};
use latchkey_server::auth::PasswordCost;
use latchkey_server::clock::Clock;
use latchkey_server::connections::Limits;
use latchkey_server::hubs::Hubs;
use latchkey_server::router::router;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::broadcast;
use tokio::task::JoinSet;

use crate::client::{Body, Client, Credential, Request};
use crate::deeds::now;
use crate::report::{Report, seconds};
use crate::world::{MANAGER, Size, World};

/// How long a deed takes at a lock that is well, and how many locks a hub's radio serves at a time.
const LATENCY: Duration = Duration::from_millis(20);
const AT_ONCE: usize = 1;
/// The same at a slow hub.
const SLOW: Duration = Duration::from_secs(2);
/// How long a driver waits for a hub that doesn't answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Hubs, and locks and codes at each: a thousand placements.
const HUBS: usize = 20;
const LOCKS: usize = 10;
const CODES: usize = 5;
/// How much longer the others may take because of two bad ones.
const MOST: f64 = 1.10;
/// How often both are measured.
const TIMES: usize = 3;

/// Locks at the hub that comes back: each of their residents changes their code three times, a guest's code is issued and
/// another revoked.
const RETURNING: usize = 200;
const CHANGES: usize = 3;
/// How soon all is as wanted.
const WITHIN: Duration = Duration::from_secs(60);
/// How long anything is waited for.
const LONG_ENOUGH: Duration = Duration::from_secs(240);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Well,
    Slow,
    /// Nothing is done and nothing answered.
    Dead,
}

/// A hub with a radio.
struct Paced {
    simulator: Simulator,
    at_once: usize,
    state: Mutex<State>,
}

struct State {
    mood: Mood,
    /// What was written.
    written: Vec<(LockId, Code)>,
}

impl Paced {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn travel(&self) -> Result<(), LockError> {
        let mood = self.state().mood;
        match mood {
            Mood::Well => tokio::time::sleep(LATENCY).await,
            Mood::Slow => tokio::time::sleep(SLOW).await,
            Mood::Dead => {
                tokio::time::sleep(PATIENCE).await;
                return Err(LockError::TimedOut);
            }
        }
        Ok(())
    }
}

#[async_trait]
impl LockDriver for Paced {
    fn hub(&self) -> HubId {
        self.simulator.hub()
    }

    fn locks_at_once(&self) -> usize {
        self.at_once
    }

    async fn capabilities(&self, lock: LockId) -> Result<Capabilities, LockError> {
        self.simulator.capabilities(lock).await
    }

    async fn write(&self, lock: LockId, slot: Slot, code: &Code) -> Result<Accepted, LockError> {
        self.travel().await?;
        self.state().written.push((lock, code.clone()));
        self.simulator.write(lock, slot, code).await
    }

    async fn remove(&self, lock: LockId, slot: Slot) -> Result<(), LockError> {
        self.travel().await?;
        self.simulator.remove(lock, slot).await
    }

    async fn read_back(&self, lock: LockId, slot: Slot) -> Result<SlotContent, LockError> {
        self.travel().await?;
        self.simulator.read_back(lock, slot).await
    }

    async fn ping(&self, lock: LockId) -> Result<LockHealth, LockError> {
        self.travel().await?;
        self.simulator.ping(lock).await
    }

    fn events(&self) -> broadcast::Receiver<HubEvent> {
        self.simulator.events()
    }
}

/// A server whose workers don't work yet, with its hubs.
struct Scene {
    app: App,
    client: Client,
    manager: Credential,
    world: World,
    hubs: HashMap<HubId, Arc<Paced>>,
    _listeners: JoinSet<()>,
    _folder: TempDir,
}

impl Scene {
    async fn set(size: Size, at_once: usize) -> Result<Self> {
        let folder = TempDir::with_prefix("latchkey-pace-").context("a folder")?;
        let world = World::make(folder.path(), size, now()).await?;
        let store = crate::world::open(folder.path(), false).await?;
        let mut hubs = HashMap::new();
        for hub in &world.hubs {
            let simulator = Simulator::new(*hub);
            for door in world.doors.iter().filter(|door| door.hub == *hub) {
                simulator.add_lock(door.lock, LockSettings { slots: door.slots, ..LockSettings::default() });
            }
            let state = Mutex::new(State { mood: Mood::Well, written: Vec::new() });
            hubs.insert(*hub, Arc::new(Paced { simulator, at_once, state }));
        }
        let drivers = hubs.iter().fold(Hubs::default(), |all, (id, hub)| all.with_driver(*id, hub.clone()));
        let settings = Settings { password_cost: PasswordCost::FOR_TESTS, ..Settings::default() };
        let app = App::new(store, Clock::system(), drivers, settings).await?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let client = Client::new(listener.local_addr()?.to_string())?;
        let mut listeners = JoinSet::new();
        let served =
            latchkey_server::serve::serve(listener, router(app.clone()), Limits::default(), std::future::pending());
        listeners.spawn(served);
        let manager = client.sign_in(MANAGER).await?;
        Ok(Self { app, client, manager, world, hubs, _listeners: listeners, _folder: folder })
    }

    async fn done(&self, who: &Credential, request: Request) -> Result<serde_json::Value> {
        let answer = self.client.until_answered(who, &request).await?;
        ensure!(answer.status < 300, "{} is answered {} {}", request.path, answer.status, answer.code());
        Ok(answer.body)
    }

    /// Issues a guest's code for one door. Returns its id.
    async fn issue(&self, door: usize) -> Result<String> {
        let body = json!({"kind": "permanent", "door_ids": [self.world.doors[door].id], "guest_name": "Ada"});
        let issued = self.done(&self.manager, Request::new(Method::POST, "/guest-codes", Body::Json(body))).await?;
        Ok(issued["id"].as_str().context("a guest code without its id")?.to_owned())
    }

    /// Waits until so many codes at these hubs are on their locks, and nothing else is to be done there.
    async fn as_wanted(&self, hubs: &[HubId]) -> Result<Duration> {
        let began = Instant::now();
        let ids: HashSet<HubId> = hubs.iter().copied().collect();
        loop {
            let wanted = ids.clone();
            let left = self.app.store().read(move |db| {
                let mut statement = db.prepare_cached(
                    "SELECT hub_id, count(*) FROM placement WHERE state NOT IN ('on_lock', 'removed') GROUP BY hub_id",
                )?;
                let rows = statement.query_map([], |row| Ok((row.get::<_, HubId>(0)?, row.get::<_, i64>(1)?)))?;
                let mut left = 0;
                for row in rows {
                    let (hub, count) = row?;
                    left += if wanted.contains(&hub) { count } else { 0 };
                }
                Ok::<_, store::Error>(left)
            });
            let left = left.await?;
            if left == 0 {
                return Ok(began.elapsed());
            }
            ensure!(began.elapsed() < LONG_ENOUGH, "{left} placements aren't as wanted after {LONG_ENOUGH:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Measures both, and says whether they are within their bounds.
pub(crate) async fn run() -> Result<bool> {
    let mut report = Report::default();
    report.tell("a dead and a slow hub hold up no other", undisturbed().await);
    report.tell("a dead hub returns with 1,000 changes waiting", caught_up().await);
    report.close();
    Ok(report.is_good())
}

async fn undisturbed() -> Result<String> {
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    // In turn, so that whatever else the machine does slows down both.
    for _ in 0..TIMES {
        alone.push(healthy(false).await?);
        beside.push(healthy(true).await?);
    }
    alone.sort();
    beside.sort();
    let (alone, beside) = (alone[TIMES / 2], beside[TIMES / 2]);
    let ratio = beside.as_secs_f64() / alone.as_secs_f64();
    let found = format!(
        "{} placements at {} hubs take {} alone, {} beside the two (medians of {TIMES}): ratio {ratio:.3}, at most {MOST:.2}",
        (HUBS - 2) * LOCKS * CODES,
        HUBS - 2,
        seconds(alone),
        seconds(beside)
    );
    ensure!(ratio <= MOST, "{found}");
    Ok(found)
}

/// How long it takes until the hubs that are well have all their codes.
async fn healthy(with_bad_ones: bool) -> Result<Duration> {
    // Gates can be where nobody lives. Those of each hub come one after another.
    let size = Size { hubs: HUBS, units: 0, slots: 8, residents: 0, movers: 0, spare: HUBS * (LOCKS - 1) };
    let scene = Scene::set(size, AT_ONCE).await?;
    let bad = &scene.world.hubs[..2];
    let well: Vec<HubId> = scene.world.hubs[2..].to_vec();
    for _ in 0..CODES {
        for (number, door) in scene.world.doors.iter().enumerate() {
            if with_bad_ones || !bad.contains(&door.hub) {
                scene.issue(number).await?;
            }
        }
    }
    for (hub, mood) in bad.iter().zip([Mood::Dead, Mood::Slow]) {
        scene.hubs[hub].state().mood = mood;
    }
    let _workers = scene.app.start_workers();
    scene.as_wanted(&well).await
}

async fn caught_up() -> Result<String> {
    let size = Size { hubs: 1, units: RETURNING, slots: 8, residents: RETURNING, movers: 0, spare: 0 };
    let scene = Scene::set(size, 4).await?;
    let hub = scene.world.hubs[0];
    let paced = &scene.hubs[&hub];
    let _workers = scene.app.start_workers();
    let mut guests = Vec::new();
    for door in 0..RETURNING {
        guests.push(scene.issue(door).await?);
    }
    scene.as_wanted(&[hub]).await?;
    paced.state().mood = Mood::Dead;
    let mut superseded: HashSet<(LockId, String)> = HashSet::new();
    let mut last = Vec::new();
    let mut changes = 0;
    for (number, resident) in scene.world.residents.iter().enumerate() {
        let app = scene.client.sign_in_to_app(&resident.email).await?;
        for change in 0..CHANGES {
            // Neither a run nor one digit repeated, and different for everybody.
            let digits = format!("{:06}", 500_000 + 1_000 * change + 3 * number + 1);
            let body = json!({"mode": "custom", "code": digits});
            scene.done(&app, Request::new(Method::PUT, "/me/code", Body::Json(body))).await?;
            changes += 1;
            if change + 1 == CHANGES {
                last.push((resident.unit, digits));
            } else {
                superseded.insert((scene.world.doors[resident.unit].lock, digits));
            }
        }
    }
    for (door, guest) in guests.iter().enumerate() {
        scene.issue(door).await?;
        let request = Request::new(Method::POST, format!("/guest-codes/{guest}/revoke"), Body::Nothing);
        scene.done(&scene.manager, request).await?;
        changes += 2;
    }
    {
        let mut state = paced.state();
        state.mood = Mood::Well;
        state.written.clear();
    }
    // It says that it is back.
    paced.simulator.set_hub_online(false);
    paced.simulator.set_hub_online(true);
    let took = scene.as_wanted(&[hub]).await?;
    for (unit, digits) in &last {
        let lock = scene.world.doors[*unit].lock;
        let held: Vec<Code> = Slot::all(8).filter_map(|slot| paced.simulator.holds(lock, slot)).collect();
        ensure!(
            held.len() == 2 && held.iter().any(|code| code.expose() == digits),
            "a lock doesn't hold what is wanted"
        );
    }
    let written = paced.state().written.clone();
    let in_vain = written.iter().filter(|(lock, code)| superseded.contains(&(*lock, code.expose().to_owned()))).count();
    let found = format!(
        "{changes} changes at {RETURNING} locks, {} of them superseded: all as wanted after {}, at most {}; {} codes written, {in_vain} of them superseded",
        superseded.len(),
        seconds(took),
        seconds(WITHIN),
        written.len()
    );
    ensure!(took <= WITHIN && in_vain == 0, "{found}");
    Ok(found)
}
