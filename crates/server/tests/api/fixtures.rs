//! What tests of codes need beyond [`World`](crate::harness::World): more doors and people, what the locks hold, and
//! waiting for the workers.
//!
//! ```ignore
//! let server = TestServer::start_working().await;
//! server.switch_custom_codes(true).await;
//! let resident = server.mobile_sign_in(RESIDENT, APP).await;
//! assert_eq!(server.pick(&resident, "530917").await.status, 200);
//! server.settled().await;
//! assert!(server.holds(server.world.door, "530917").await);
//! ```

use std::time::{Duration, Instant};

use api_types::{AuditEvent, DoorKind};
use hub::{KeypadResult, LockSettings, Simulator, Slot, backoff};
use ids::{DoorId, LockId, PersonId, TenancyId, UnitId};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use store::doors::{self, DoorRecord, NewDoor};
use store::people::{self, NewPerson};
use store::tenancies::{self, Dates, NewTenancy};
use store::{Scope, guest_codes, placements};
use uuid::Uuid;

use crate::harness::{Answer, MANAGER, MobileToken, NOON, RESIDENT, Request, TestServer, WebSession};

/// The oldest app in which a code can be picked (R4).
pub(crate) const APP: &str = "2.8.0";

/// How long to wait for something, long enough even on a busy machine.
const LONG_ENOUGH: Duration = Duration::from_secs(60);

/// How often to yield between two checks, so that checking isn't most of the work.
const YIELDS: usize = 500;

/// No lock of the tests has more slots.
const MOST_SLOTS: u16 = 30;

/// What a request is authenticated with.
pub(crate) trait Credential {
    fn sign(&self, request: Request) -> Request;
}

impl Credential for WebSession {
    fn sign(&self, request: Request) -> Request {
        request.web(self)
    }
}

impl Credential for MobileToken {
    fn sign(&self, request: Request) -> Request {
        request.mobile(self)
    }
}

/// A unit with one door.
#[derive(Clone, Copy)]
pub(crate) struct Unit {
    pub(crate) id: UnitId,
    pub(crate) door: DoorId,
}

/// Starting, and more doors and people.
impl TestServer {
    /// Starts with the workers running, and the resident's first code on its lock.
    pub(crate) async fn start_working() -> Self {
        let mut server = Self::start().await;
        server.start_workers();
        server.settled().await;
        server
    }

    /// Adds a unit of the property, with a door of the same name.
    pub(crate) async fn add_unit(&self, name: &str) -> Unit {
        let (property, of_unit) = (self.world.property, name.to_owned());
        let id = self.write(move |tx| doors::insert_unit(tx, property, None, &of_unit).expect("a unit")).await;
        Unit { id, door: self.add_door(DoorKind::Unit, name, Some(id), 20).await }
    }

    /// Takes the slots away that are kept for residents, so that a lock is full: guests' codes alone never fill one.
    pub(crate) async fn leave_slots(&self, door: DoorId, slots: u16) {
        let lock = self.lock(door).await;
        let sql = "UPDATE lock SET slots_total = ? WHERE id = ?";
        self.write(move |tx| tx.execute(sql, (slots, lock)).expect("changed")).await;
    }

    /// Adds a door of the property, whose lock has `slots_total` slots.
    pub(crate) async fn add_door(
        &self,
        kind: DoorKind,
        name: &str,
        unit_id: Option<UnitId>,
        slots_total: u16,
    ) -> DoorId {
        let (world, name, now) = (self.world, name.to_owned(), self.app.now());
        let door = self
            .write(move |tx| {
                let new = NewDoor {
                    property_id: world.property,
                    building_id: None,
                    unit_id,
                    kind,
                    name: &name,
                    hub_id: world.hub,
                    slots_total,
                    battery_percent: None,
                };
                doors::insert_door(tx, &new, now).expect("a door")
            })
            .await;
        let settings = LockSettings { slots: slots_total, ..LockSettings::default() };
        self.simulator().add_lock(self.lock(door).await, settings);
        door
    }

    /// Adds somebody who lives in that unit, with their first code on its lock. Returns the tenancy's id.
    pub(crate) async fn add_resident(&self, email: &str, unit_id: UnitId, unit: &str) -> TenancyId {
        let (property_id, email, unit) = (self.world.property, email.to_owned(), unit.to_owned());
        let tenancy = self
            .write(move |tx| {
                let hash = people::by_email(tx, RESIDENT).expect("read").and_then(|person| person.password_hash);
                let name = email.split('@').next().expect("a name");
                let id = PersonId::generate();
                let person = NewPerson { id, email: &email, name, password_hash: hash.as_deref(), support: false };
                people::insert(tx, NOON, &person).expect("a person");
                let dates = Dates { move_in: "2026-01-01", move_out: None, starts_at: NOON - 1_000, ends_at: None };
                let new = NewTenancy { property_id, unit_id, unit: &unit, person_id: id, name, dates };
                tenancies::insert(tx, &new).expect("a tenancy")
            })
            .await;
        self.settled().await;
        tenancy
    }

    /// A manager switches custom codes on or off (R3).
    pub(crate) async fn switch_custom_codes(&self, enabled: bool) {
        let manager = self.sign_in(MANAGER).await;
        let path = format!("/properties/{}", self.world.property);
        let etag = self.get(&path).web(&manager).send().await.header("etag").to_owned();
        let edit = json!({"custom_codes_enabled": enabled});
        let answer =
            self.request(Method::PATCH, &path).web(&manager).header("if-match", &etag).json(&edit).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

/// The disk.
impl TestServer {
    /// Sets whether writing any record fails from now on, as on a full disk.
    pub(crate) async fn fill_the_disk(&self, full: bool) {
        let sql = if full {
            "CREATE TRIGGER the_disk_is_full BEFORE INSERT ON audit BEGIN SELECT RAISE (ABORT, 'the disk is full'); END"
        } else {
            "DROP TRIGGER the_disk_is_full"
        };
        self.write(|tx| tx.execute(sql, []).expect("a trigger")).await;
    }
}

/// Waiting.
impl TestServer {
    /// Checks until it holds, letting everything else run between checks.
    pub(crate) async fn eventually(&self, what: &str, mut holds: impl AsyncFnMut() -> bool) {
        let began = Instant::now();
        loop {
            if holds().await {
                return;
            }
            assert!(began.elapsed() < LONG_ENOUGH, "it never came to be that {what}");
            for _ in 0..YIELDS {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Waits until the workers have done everything that is due at the clock's time. Work stays due until its outcome
    /// is stored, so nothing is under way then.
    pub(crate) async fn settled(&self) {
        let db = self.watch();
        self.eventually("nothing is due", async || {
            // What is due for a code comes before what that makes due at its locks, and is checked first.
            let next = [
                tenancies::next_change(&db).expect("read"),
                guest_codes::next_change(&db, self.app.now()).expect("read"),
                placements::next_due(&db, self.world.hub, self.app.now()).expect("read"),
            ];
            next.into_iter().flatten().all(|at| at > self.app.now())
        })
        .await;
    }

    /// Advances the clock past `pauses` retry delays, however long each is.
    pub(crate) async fn outlast_delays(&self, pauses: usize) {
        for _ in 0..pauses {
            self.advance(SignedDuration::try_from(backoff::CAP).expect("minutes"));
            self.settled().await;
        }
    }
}

/// The locks.
impl TestServer {
    pub(crate) fn simulator(&self) -> &Simulator {
        self.app.hubs().simulator(self.world.hub).expect("a simulated hub")
    }

    /// The record of a door and its lock.
    pub(crate) async fn door_record(&self, door: DoorId) -> DoorRecord {
        self.query(move |db| doors::by_ids(db, Scope::Everything, &[door]).expect("read").pop().expect("a door")).await
    }

    /// The lock on that door.
    pub(crate) async fn lock(&self, door: DoorId) -> LockId {
        self.door_record(door).await.lock_id
    }

    /// How many codes the lock on that door really holds.
    pub(crate) async fn held(&self, door: DoorId) -> usize {
        self.simulator().slots_used(self.lock(door).await)
    }

    /// Whether the lock on that door really holds these digits.
    pub(crate) async fn holds(&self, door: DoorId, digits: &str) -> bool {
        let lock = self.lock(door).await;
        let slots = (1..=MOST_SLOTS).filter_map(Slot::new);
        slots.filter_map(|slot| self.simulator().holds(lock, slot)).any(|code| code.expose() == digits)
    }

    /// Types digits at the lock's keypad; its hub reports a use. Returns whether the door opened.
    pub(crate) async fn open(&self, door: DoorId, digits: &str) -> bool {
        matches!(self.simulator().press_keypad(self.lock(door).await, digits), KeypadResult::Opened(_))
    }

    /// Brings a lock within or out of reach, and waits until the server knows.
    pub(crate) async fn reach_lock(&self, door: DoorId, online: bool) {
        self.simulator().set_lock_online(self.lock(door).await, online);
        self.eventually("the lock was heard of", async || self.door_record(door).await.lock_online == online).await;
    }

    /// Connects or disconnects the hub, and waits until the server knows.
    pub(crate) async fn reach_hub(&self, online: bool) {
        self.simulator().set_hub_online(online);
        let door = self.world.door;
        self.eventually("the hub was heard of", async || self.door_record(door).await.hub_online == online).await;
    }
}

/// What people do over and over.
impl TestServer {
    /// Signs the resident of [`World::unit`](crate::harness::World::unit) in to an app that may pick codes.
    pub(crate) async fn resident(&self) -> MobileToken {
        self.mobile_sign_in(RESIDENT, APP).await
    }

    /// A change of one's own code.
    pub(crate) async fn change_code(&self, who: &impl Credential, body: &Value) -> Answer {
        who.sign(self.put("/me/code")).once().json(body).send().await
    }

    /// Picks a code.
    pub(crate) async fn pick(&self, who: &impl Credential, digits: &str) -> Answer {
        self.change_code(who, &json!({"mode": "custom", "code": digits})).await
    }

    /// Takes a random code.
    pub(crate) async fn take_random(&self, who: &impl Credential, length: u8) -> Answer {
        self.change_code(who, &json!({"mode": "random", "length": length})).await
    }

    /// `GET /me/access`.
    pub(crate) async fn access(&self, who: &impl Credential) -> Value {
        self.read(who, "/me/access").await
    }

    /// Reads something that they may read.
    pub(crate) async fn read(&self, who: &impl Credential, path: &str) -> Value {
        let answer = who.sign(self.get(path)).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    /// An attempt to issue a guest code.
    pub(crate) async fn issue(&self, who: &impl Credential, request: &Value) -> Answer {
        who.sign(self.post("/guest-codes")).once().json(request).send().await
    }

    /// Issues a guest code. Returns it, with its digits under `code`.
    pub(crate) async fn issued(&self, who: &impl Credential, request: &Value) -> Value {
        let answer = self.issue(who, request).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()
    }

    /// `GET /guest-codes/{id}` of one that was issued.
    pub(crate) async fn guest_code(&self, who: &impl Credential, issued: &Value) -> Value {
        self.read(who, &format!("/guest-codes/{}", text(&issued["id"]))).await
    }

    /// An attempt to revoke a guest code.
    pub(crate) async fn revoke(&self, who: &impl Credential, issued: &Value) -> Answer {
        who.sign(self.post(&format!("/guest-codes/{}/revoke", text(&issued["id"])))).once().send().await
    }

    /// An attempt to reveal a code's digits.
    pub(crate) async fn reveal(&self, who: &impl Credential, code: &Value, reason: Option<&str>) -> Answer {
        let body = reason.map_or(json!({}), |reason| json!({"reason": reason}));
        who.sign(self.post(&format!("/codes/{}/reveal", text(&code["id"])))).json(&body).send().await
    }

    /// Reveals the digits of their own code.
    pub(crate) async fn digits(&self, who: &impl Credential, code: &Value) -> String {
        let answer = self.reveal(who, code, None).await;
        assert_eq!(answer.status, 200);
        text(&answer.json()["code"]).to_owned()
    }

    /// The recorded events of that action, newest first.
    pub(crate) async fn recorded_as(&self, action: &str) -> Vec<AuditEvent> {
        self.recorded().await.into_iter().filter(|event| event.action.name() == action).collect()
    }
}

impl Request {
    /// Adds a unique `Idempotency-Key`.
    pub(crate) fn once(self) -> Self {
        self.header("idempotency-key", &Uuid::now_v7().to_string())
    }
}

/// The text of a JSON string.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

/// The placement on that door's lock of a code, a guest code or whatever else has placements.
pub(crate) fn placement(of: &Value, door: DoorId) -> &Value {
    let mut placements = of["placements"].as_array().expect("placements").iter();
    placements.find(|placement| placement["door_id"] == json!(door)).unwrap_or(&Value::Null)
}

/// The status on that door's lock; `none` where there is no placement (yet).
pub(crate) fn status(of: &Value, door: DoorId) -> &str {
    placement(of, door)["status"].as_str().unwrap_or("none")
}

/// The conditions of a checklist that have this state.
pub(crate) fn conditions(checklist: &Value, met: Option<bool>) -> Vec<&str> {
    let items = checklist.as_array().expect("a checklist").iter();
    items.filter(|item| item["met"] == json!(met)).map(|item| text(&item["condition"])).collect()
}

/// Whether these digits occur in the text as a separate number. Ids and hashes may contain them by chance.
pub(crate) fn mentions(text: &str, digits: &str) -> bool {
    text.match_indices(digits).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + digits.len()..].chars().next();
        !before.into_iter().chain(after).any(char::is_alphanumeric)
    })
}

/// A guest code for these doors until it is revoked.
pub(crate) fn permanent(doors: &[DoorId]) -> Value {
    json!({"kind": "permanent", "door_ids": doors, "guest_name": "Ada"})
}

/// A guest code for these doors from one instant to another.
pub(crate) fn temporary(doors: &[DoorId], starts_at: &str, ends_at: &str) -> Value {
    json!({"kind": "temporary", "door_ids": doors, "guest_name": "Ada", "starts_at": starts_at, "ends_at": ends_at})
}
