//! Two properties with their own people, doors and codes, for tests of who may do and see what.
//!
//! ```ignore
//! let town = Town::start().await;
//! let session = town.server.sign_in(FOREIGN_MANAGER).await;
//! let answer = town.server.get(&format!("/codes/{}/reveals", town.home.code)).web(&session).send().await;
//! assert_eq!(answer.problem(), (404, "not_found".into()));
//! ```
//!
//! Codes get to the locks through a [`Settler`], which does what is due and returns, so there is nothing to wait for.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use api_types::DoorKind;
use hub::{HubLock, LockSettings};
use ids::{
    BuildingId, CodeId, DoorId, EventId, GuestCodeId, HubId, PasskeyId, PersonId, PropertyId, RosterImportId,
    SessionId, ShareId, TenancyId, UnitId,
};
use latchkey_server::app::Settings;
use latchkey_server::worker::Settler;
use rusqlite::Params;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::doors::NewDoor;
use store::layout::Part;
use store::one_time_links::Purpose;
use store::passkeys::{self, NewPasskey};
use store::people::{self, NewPerson};
use store::tenancies::{self, Dates, NewTenancy};
use store::{Db, Scope, Store, Tx, doors, layout, one_time_links, roster_imports, sessions, shares};
use uuid::Uuid;

use crate::harness::{
    Answer, FOREIGN_MANAGER, MANAGER, MobileToken, NOON, PASSWORD, RESIDENT, Request, TestServer, WebSession, World,
};

/// Lives in the same unit as [`RESIDENT`].
pub(crate) const ROOMMATE: &str = "roommate@example.com";
/// Lives next door to [`RESIDENT`].
pub(crate) const NEIGHBOUR: &str = "neighbour@example.com";
/// Lives in [`World::foreign_property`].
pub(crate) const FOREIGN_RESIDENT: &str = "foreign.resident@example.com";

/// Sets up properties and staff.
pub(crate) const ADMINISTRATOR: &str = "administrator@example.com";
/// A lock of each hub that is linked to no door.
const SPARE_LOCK: &str = "spare";
/// The secret of the invitation of [`Town::invited`].
pub(crate) const INVITATION: &str = "the invitation";
/// The secret of a link with which the foreign resident sets another password.
pub(crate) const RESET: &str = "the reset";
/// The secret of a link that confirms another address of the foreign resident.
const CONFIRMATION: &str = "the confirmation";

/// How operations begin that anybody may use who has the secret of a link, who forgot their password, or who is about to sign
/// in.
pub(crate) const BY_LINK: [&str; 8] = [
    "POST /pass",
    "POST /set-up",
    "POST /invitations",
    "POST /password",
    "GET /password",
    "POST /address",
    "POST /summaries",
    "POST /session/passkey/options",
];

/// Two properties.
pub(crate) struct Town {
    pub(crate) server: TestServer,
    pub(crate) administrator: PersonId,
    /// Somebody on the staff who has an invitation and no password yet.
    pub(crate) invited: PersonId,
    pub(crate) home: Household,
    pub(crate) roommate: Household,
    pub(crate) neighbour: Household,
    pub(crate) foreign: Household,
    pub(crate) foreign_hub: HubId,
    pub(crate) foreign_gate: DoorId,
    /// Parts of the layouts of both properties that nobody uses.
    pub(crate) disused: [Disused; 2],
    /// A guest code of the property's manager, for the gym.
    pub(crate) manager_guest: GuestCodeId,
    /// A guest code of the foreign property's manager, for its gate.
    pub(crate) foreign_manager_guest: GuestCodeId,
    settler: Settler,
}

/// What nobody uses, and what has a history.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disused {
    /// Its only unit is retired.
    pub(crate) building: BuildingId,
    /// Nobody lives there.
    pub(crate) unit: UnitId,
}

/// A resident and what belongs to them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Household {
    pub(crate) person: PersonId,
    pub(crate) tenancy: TenancyId,
    pub(crate) door: DoorId,
    /// Their own code, on the lock.
    pub(crate) code: CodeId,
    /// A permanent guest code for the door, on the lock.
    pub(crate) guest_code: GuestCodeId,
}

impl Household {
    const NONE: Self = Self {
        person: PersonId::NIL,
        tenancy: TenancyId::NIL,
        door: DoorId::NIL,
        code: CodeId::NIL,
        guest_code: GuestCodeId::NIL,
    };
}

/// Ids to put into a request's address and body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ids {
    pub(crate) property: PropertyId,
    pub(crate) resident: TenancyId,
    pub(crate) code: CodeId,
    pub(crate) guest_code: GuestCodeId,
    pub(crate) door: DoorId,
    pub(crate) hub: HubId,
    pub(crate) event: EventId,
    /// A session of the console, by its public id.
    pub(crate) session: SessionId,
    /// A link to the guest code, whose secret is [`secret_of`] it.
    pub(crate) share: ShareId,
    /// A member of the staff.
    pub(crate) person: PersonId,
    pub(crate) building: BuildingId,
    /// One in which nobody lives.
    pub(crate) unit: UnitId,
    /// A passkey.
    pub(crate) passkey: PasskeyId,
}

impl Ids {
    /// Ids of nothing.
    pub(crate) fn of_nothing() -> Self {
        Self {
            property: PropertyId::generate(),
            resident: TenancyId::generate(),
            code: CodeId::generate(),
            guest_code: GuestCodeId::generate(),
            door: DoorId::generate(),
            hub: HubId::generate(),
            event: EventId::generate(),
            session: SessionId::generate(),
            share: ShareId::generate(),
            person: PersonId::generate(),
            building: BuildingId::generate(),
            unit: UnitId::generate(),
            passkey: PasskeyId::generate(),
        }
    }
}

impl Town {
    /// A demonstration, so that the simulator's controls are there too.
    pub(crate) async fn start() -> Self {
        Self::start_with(Settings::default()).await
    }

    /// The same with these settings.
    pub(crate) async fn start_with(settings: Settings) -> Self {
        let settings = Settings { demo: true, ..settings };
        let (server, plots) = TestServer::start_furnished(settings, furnish).await;
        for hub in [server.world.hub, plots.foreign_hub] {
            let simulator = server.app.hubs().simulator(hub).expect("a simulated hub");
            simulator.pair(HubLock::new(SPARE_LOCK).expect("a name"), LockSettings::default());
        }
        let settler = Settler::new(server.app.store(), server.app.hubs(), server.app.clock());
        let [home, roommate, neighbour, foreign] = plots.households;
        let mut town = Self {
            server,
            administrator: plots.administrator,
            invited: plots.invited,
            home,
            roommate,
            neighbour,
            foreign,
            foreign_hub: plots.foreign_hub,
            foreign_gate: plots.foreign_gate,
            disused: plots.disused,
            manager_guest: GuestCodeId::NIL,
            foreign_manager_guest: GuestCodeId::NIL,
            settler,
        };
        town.settle().await;
        for (email, which) in [(RESIDENT, 0), (ROOMMATE, 1), (NEIGHBOUR, 2), (FOREIGN_RESIDENT, 3)] {
            let session = town.server.sign_in(email).await;
            let door = town.household(which).door;
            let access = town.server.get("/me/access").web(&session).send().await.json();
            let guest = issue(&town.server, &session, &permanent(&[door], "Ada")).await;
            let household = town.household(which);
            household.code = id(&access["code"]);
            household.guest_code = id(&guest);
        }
        let manager = town.server.sign_in(MANAGER).await;
        town.manager_guest = id(&issue(&town.server, &manager, &permanent(&[town.server.world.gym], "Ada")).await);
        let manager = town.server.sign_in(FOREIGN_MANAGER).await;
        town.foreign_manager_guest = id(&issue(&town.server, &manager, &permanent(&[town.foreign_gate], "Ada")).await);
        town.settle().await;
        town
    }

    fn household(&mut self, which: usize) -> &mut Household {
        [&mut self.home, &mut self.roommate, &mut self.neighbour, &mut self.foreign][which]
    }

    /// Does everything that is due now, including at the locks.
    pub(crate) async fn settle(&mut self) {
        self.settler.settle().await.expect("settled");
    }

    /// What is in [`World::property`] and [`RESIDENT`]'s.
    pub(crate) async fn own_ids(&self) -> Ids {
        let world = self.server.world;
        Ids {
            property: world.property,
            resident: self.home.tenancy,
            code: self.home.code,
            guest_code: self.home.guest_code,
            door: world.door,
            hub: world.hub,
            event: self.event_of(world.property).await,
            session: self.session_of(RESIDENT).await,
            share: self.share_of(&self.home).await,
            person: self.invited,
            building: self.disused[0].building,
            unit: self.disused[0].unit,
            passkey: PasskeyId::from_uuid(self.home.tenancy.uuid()),
        }
    }

    /// What is in [`World::foreign_property`].
    pub(crate) async fn foreign_ids(&self) -> Ids {
        let property = self.server.world.foreign_property;
        Ids {
            property,
            resident: self.foreign.tenancy,
            code: self.foreign.code,
            guest_code: self.foreign.guest_code,
            door: self.foreign.door,
            hub: self.foreign_hub,
            event: self.event_of(property).await,
            session: self.session_of(FOREIGN_RESIDENT).await,
            share: self.share_of(&self.foreign).await,
            person: self.invited,
            building: self.disused[1].building,
            unit: self.disused[1].unit,
            passkey: PasskeyId::from_uuid(self.foreign.tenancy.uuid()),
        }
    }

    /// An existing session; an id of nothing for somebody who is signed out.
    async fn session_of(&self, email: &str) -> SessionId {
        let (email, now) = (email.to_owned(), self.server.app.now());
        let sessions = self
            .server
            .query(move |db| {
                let person = people::by_email(db, &email).expect("read").expect("a person");
                sessions::list(db, person.id, &[0; 32], now).expect("read")
            })
            .await;
        let of_console = sessions.iter().find(|session| session.channel().kind == api_types::ChannelKind::Web);
        of_console.map_or_else(SessionId::generate, |session| session.id)
    }

    /// The link to their guest code, created when first asked for.
    async fn share_of(&self, household: &Household) -> ShareId {
        let hash: [u8; 32] = Sha256::digest(secret_of(household.guest_code)).into();
        let Household { guest_code, person, .. } = *household;
        self.server
            .write(move |tx| match shares::by_secret(tx, &hash, NOON).expect("read") {
                Some(known) => known.id,
                None => shares::insert(tx, guest_code, &hash, person, NOON).expect("a link"),
            })
            .await
    }

    async fn event_of(&self, property: PropertyId) -> EventId {
        let filter = store::audit::Filter { property: Some(property), ..store::audit::Filter::default() };
        self.server
            .query(move |db| {
                let (events, _) =
                    store::audit::list(db, Scope::Everything, &filter, None, 1).expect("events of the property");
                events[0].id
            })
            .await
    }
}

/// The secret of the link to a guest code.
pub(crate) fn secret_of(guest_code: GuestCodeId) -> String {
    format!("the link to {guest_code}")
}

struct Plots {
    administrator: PersonId,
    invited: PersonId,
    households: [Household; 4],
    foreign_hub: HubId,
    foreign_gate: DoorId,
    disused: [Disused; 2],
}

fn furnish(tx: &Tx, world: &World) -> Plots {
    let unit = doors::insert_unit(tx, world.property, None, "102").expect("a unit");
    let next_door = unit_door(tx, world.property, world.hub, unit, "102");
    let foreign_hub = doors::insert_hub(tx, world.foreign_property, "Far hub", NOON).expect("a hub");
    let foreign_unit = doors::insert_unit(tx, world.foreign_property, None, "F1").expect("a unit");
    let foreign_door = unit_door(tx, world.foreign_property, foreign_hub, foreign_unit, "F1");
    let gate = NewDoor {
        property_id: world.foreign_property,
        building_id: None,
        unit_id: None,
        kind: DoorKind::Property,
        name: "Far gate",
        hub_id: foreign_hub,
        slots_total: 20,
        battery_percent: None,
    };
    let foreign_gate = doors::insert_door(tx, &gate, NOON).expect("a door");
    let home = Household { person: world.resident, tenancy: world.tenancy, door: world.door, ..Household::NONE };
    let roommate = resident(tx, world.property, world.unit, "101", ROOMMATE);
    let neighbour = resident(tx, world.property, unit, "102", NEIGHBOUR);
    let foreign = resident(tx, world.foreign_property, foreign_unit, "F1", FOREIGN_RESIDENT);
    for household in [&home, &foreign] {
        // It has the id of its person's tenancy. Nobody signs in with it, so it needs no key.
        let id = PasskeyId::from_uuid(household.tenancy.uuid());
        let (person_id, credential_id) = (household.person, id.uuid().into_bytes());
        let passkey = NewPasskey { id, person_id, credential_id: &credential_id, credential: "{}", name: "Phone" };
        passkeys::insert(tx, NOON, &passkey).expect("a passkey");
    }
    let households = [
        home,
        Household { door: world.door, ..roommate },
        Household { door: next_door, ..neighbour },
        Household { door: foreign_door, ..foreign },
    ];
    let hash = people::by_email(tx, RESIDENT).expect("read").and_then(|person| person.password_hash);
    let (administrator, invited) = (PersonId::generate(), PersonId::generate());
    for (id, email, password_hash) in
        [(administrator, ADMINISTRATOR, hash.as_deref()), (invited, "new@staff.test", None)]
    {
        let name = email.split('@').next().expect("a name");
        people::insert(tx, NOON, &NewPerson { id, email, name, password_hash, support: false }).expect("a person");
    }
    people::set_administrator(tx, administrator, true).expect("an administrator");
    people::add_manager(tx, invited, world.foreign_property).expect("a manager");
    for (property, manager) in [(world.property, MANAGER), (world.foreign_property, FOREIGN_MANAGER)] {
        let manager = people::by_email(tx, manager).expect("read").expect("the manager").id;
        let import = RosterImportId::from_uuid(property.uuid());
        roster_imports::insert(tx, import, property, manager, "{}", NOON).expect("an import");
    }
    let secret: [u8; 32] = Sha256::digest(INVITATION).into();
    one_time_links::insert_invitation(tx, &secret, invited, NOON, NOON + 1_000_000_000).expect("an invitation");
    let foreign = people::by_email(tx, FOREIGN_RESIDENT).expect("read").expect("a person").id;
    for (secret, purpose, email) in
        [(RESET, Purpose::Reset, None), (CONFIRMATION, Purpose::Address, Some("confirmed@example.com"))]
    {
        let secret: [u8; 32] = Sha256::digest(secret).into();
        one_time_links::insert_for(tx, purpose, &secret, foreign, email, NOON, NOON + 1_000_000_000).expect("a link");
    }
    let disused = [world.property, world.foreign_property].map(|property| disuse(tx, property));
    Plots { administrator, invited, households, foreign_hub, foreign_gate, disused }
}

fn disuse(tx: &Tx, property: PropertyId) -> Disused {
    let building = doors::insert_building(tx, property, "Annex").expect("a building");
    let closed = doors::insert_unit(tx, property, Some(building), "981").expect("a unit");
    layout::set_retired(tx, Part::Unit(closed), Some(NOON)).expect("retired");
    let unit = doors::insert_unit(tx, property, None, "982").expect("a unit");
    tx.execute("INSERT INTO unavailable_code (unit_id, at) VALUES (?, 0)", [unit]).expect("something happened there");
    Disused { building, unit }
}

/// A unit's door with its lock.
pub(crate) fn unit_door(tx: &Tx, property_id: PropertyId, hub_id: HubId, unit_id: UnitId, name: &str) -> DoorId {
    let door = NewDoor {
        property_id,
        building_id: None,
        unit_id: Some(unit_id),
        kind: DoorKind::Unit,
        name,
        hub_id,
        slots_total: 20,
        battery_percent: None,
    };
    doors::insert_door(tx, &door, NOON).expect("a door")
}

/// Somebody who has moved in and signs in with everybody's password.
fn resident(tx: &Tx, property_id: PropertyId, unit_id: UnitId, unit: &str, email: &str) -> Household {
    let hash = people::by_email(tx, RESIDENT).expect("read").and_then(|person| person.password_hash);
    let name = email.split('@').next().expect("a name");
    let person = PersonId::generate();
    let new = NewPerson { id: person, email, name, password_hash: hash.as_deref(), support: false };
    people::insert(tx, NOON, &new).expect("a person");
    let dates = Dates { move_in: "2026-01-01", move_out: None, starts_at: NOON - 1_000, ends_at: None };
    let new = NewTenancy { property_id, unit_id, unit, person_id: person, name, dates };
    let tenancy = tenancies::insert(tx, &new).expect("a tenancy");
    Household { person, tenancy, ..Household::NONE }
}

/// What a request is authenticated with.
pub(crate) enum As<'a> {
    /// Nothing.
    Nobody,
    /// A session of the console.
    Web(&'a WebSession),
    /// A token of the app.
    App(&'a MobileToken),
}

impl As<'_> {
    /// Authenticates the request.
    pub(crate) fn sign(&self, request: Request) -> Request {
        match self {
            Self::Nobody => request,
            Self::Web(session) => request.web(session),
            Self::App(token) => request.mobile(token),
        }
    }
}

/// A guest code for these doors until it is revoked.
pub(crate) fn permanent(doors: &[DoorId], guest_name: &str) -> Value {
    json!({"kind": "permanent", "door_ids": doors, "guest_name": guest_name})
}

/// Adds a unique idempotency key.
pub(crate) fn keyed(request: Request) -> Request {
    request.header("idempotency-key", &Uuid::now_v7().to_string())
}

/// Issues a guest code. Returns it, with its digits under `code`.
pub(crate) async fn issue(server: &TestServer, session: &WebSession, body: &Value) -> Value {
    let answer = keyed(server.post("/guest-codes")).web(session).json(body).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

/// The id in a JSON object.
pub(crate) fn id<Id: FromStr>(of: &Value) -> Id {
    of["id"].as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("an id in {of}"))
}

impl Answer {
    /// Status and body, without what distinguishes one request from another.
    pub(crate) fn bytes(&self) -> (u16, String) {
        let id = self.header("x-request-id");
        (self.status, if id.is_empty() { self.text.clone() } else { self.text.replace(id, "") })
    }
}

/// Everything in the database except sessions, whose idle limits move: by table, each row as text.
pub(crate) async fn everything(store: &Store) -> BTreeMap<String, Vec<String>> {
    store.read(|db| Ok::<_, store::Error>(everything_in(db))).await.expect("read")
}

fn everything_in(db: &Db) -> BTreeMap<String, Vec<String>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'session'";
    let rows_of = |table: &str| {
        let columns = texts(db, "SELECT name FROM pragma_table_info(?)", [table]);
        let row = columns.iter().map(|column| format!("quote({column})")).collect::<Vec<_>>().join(" || ',' || ");
        texts(db, &format!("SELECT {row} FROM {table} ORDER BY 1"), [])
    };
    let mut all = BTreeMap::new();
    for table in texts(db, sql, []) {
        let rows = rows_of(&table);
        all.insert(table, rows);
    }
    all
}

/// The first column of a query's result.
fn texts(db: &Db, sql: &str, values: impl Params) -> Vec<String> {
    let mut statement = db.prepare(sql).expect("a query");
    let rows = statement.query_map(values, |row| row.get(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("text")
}

/// Compares with the file `path` of this package; with `UPDATE_SNAPSHOTS=1` in the environment it is written instead.
pub(crate) fn assert_snapshot(path: &str, found: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&file, found).unwrap_or_else(|error| panic!("{path} can't be written: {error}"));
        return;
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    if kept != found {
        let differs = kept.lines().zip(found.lines()).position(|(kept, found)| kept != found);
        let line = differs.unwrap_or_else(|| kept.lines().count().min(found.lines().count()));
        panic!(
            "{path} isn't as it was from line {} on:\n- {}\n+ {}\n\
             If that is right: UPDATE_SNAPSHOTS=1 cargo test -p latchkey-server --test api",
            line + 1,
            kept.lines().nth(line).unwrap_or("(nothing)"),
            found.lines().nth(line).unwrap_or("(nothing)"),
        );
    }
}

/// A plausible request of an operation of the contract with these ids; `None` for an unknown operation.
///
/// `operation` is as in `PATCH /properties/{id}`.
pub(crate) fn probe(server: &TestServer, operation: &str, ids: &Ids) -> Option<Request> {
    let (method, path) = operation.split_once(' ').expect("a method and a path");
    let method = method.parse().expect("a method");
    let Ids { property, resident, code, guest_code, door, hub, event, session, share, person, building, unit, passkey } =
        ids;
    let to = |path: String| server.request(method, &path);
    // Of the first versions, for one caller after another.
    let first = |request: Request| request.header("if-match", "\"1\", \"2\", \"3\", \"4\"");
    let sign_in = json!({"email": RESIDENT, "password": PASSWORD});
    Some(match (operation, path) {
        ("POST /session", _) => to(path.into()).header("sec-fetch-site", "same-origin").json(&sign_in),
        ("POST /mobile/token", _) => {
            let body = json!({"email": RESIDENT, "password": PASSWORD, "platform": "ios", "app_version": "2.8.0"});
            to(path.into()).json(&body)
        }
        (
            "GET /session" | "DELETE /session" | "GET /properties" | "GET /me/access" | "GET /audit" | "GET /events",
            _,
        )
        | ("GET /audit/verify" | "GET /me/sessions" | "DELETE /me/sessions", _) => to(path.into()),
        ("POST /session/passkey/options" | "GET /me/passkeys", _) => to(path.into()).header("host", "localhost"),
        ("POST /session/passkey", _) => {
            let body = json!({"credential": {}});
            to(path.into()).header("sec-fetch-site", "same-origin").json(&body)
        }
        ("POST /me/passkeys/options", _) => to(path.into()).header("host", "localhost").json(&json!({})),
        ("POST /me/passkeys", _) => keyed(to(path.into())).json(&json!({"name": "Phone", "credential": {}})),
        ("PATCH /me/passkeys/{id}", _) => to(format!("/me/passkeys/{passkey}")).json(&json!({"name": "Blue phone"})),
        ("POST /me/passkeys/{id}/remove", _) => to(format!("/me/passkeys/{passkey}/remove")).json(&json!({})),
        ("POST /me/password/remove", _) => to(path.into()).json(&json!({})),
        ("DELETE /me/sessions/{id}", _) => to(format!("/me/sessions/{session}")),
        ("GET /audit/export", _) => to("/audit/export?format=csv".into()),
        ("GET /audit/{id}/parts", _) => to(format!("/audit/{event}/parts")),
        ("GET /audit/{id}", _) => to(format!("/audit/{event}")),
        ("GET /properties/{id}", _) => to(format!("/properties/{property}")),
        ("PATCH /properties/{id}", _) => {
            let edit = json!({"custom_codes_enabled": true});
            to(format!("/properties/{property}")).header("if-match", "\"1\"").json(&edit)
        }
        ("GET /properties/{id}/invitations", _) => to(format!("/properties/{property}/invitations")),
        ("POST /properties/{id}/invitations", _) => {
            to(format!("/properties/{property}/invitations")).json(&json!({"residents": [resident]}))
        }
        ("GET /properties/{id}/hubs", _) => to(format!("/properties/{property}/hubs")),
        ("POST /properties/{id}/hubs", _) => {
            let new = json!({"kind": "zwave_js", "name": "Attic", "url": "ws://127.0.0.1:9/"});
            keyed(to(format!("/properties/{property}/hubs"))).json(&new)
        }
        ("PATCH /hubs/{id}", _) => first(to(format!("/hubs/{hub}"))).json(&json!({"name": "Hub of the cellar"})),
        ("DELETE /hubs/{id}", _) => to(format!("/hubs/{hub}")),
        ("POST /hubs/{id}/test", _) => to(format!("/hubs/{hub}/test")),
        ("GET /hubs/{id}/locks", _) => to(format!("/hubs/{hub}/locks")),
        ("GET /doors/{id}", _) => to(format!("/doors/{door}")),
        ("PUT /doors/{id}/lock", _) => {
            first(to(format!("/doors/{door}/lock"))).json(&json!({"hub_id": hub, "hub_lock": SPARE_LOCK}))
        }
        ("DELETE /doors/{id}/lock", _) => first(to(format!("/doors/{door}/lock"))),
        ("POST /doors/{id}/former-locks/{lock_id}/confirm-gone", _) => {
            to(format!("/doors/{door}/former-locks/{event}/confirm-gone")).json(&json!({"reason": "It was sold"}))
        }
        ("POST /doors/{id}/unknown-codes/{slot}/clear", _) => {
            to(format!("/doors/{door}/unknown-codes/7/clear")).json(&json!({"reason": "Nobody knows it"}))
        }
        ("POST /doors/{id}/send-again", _) => to(format!("/doors/{door}/send-again")),
        ("POST /codes/{id}/send-again", _) => to(format!("/codes/{code}/send-again")),
        ("PUT /properties/{id}/summary", _) => {
            to(format!("/properties/{property}/summary")).json(&json!({"wanted": false}))
        }
        ("POST /summaries/stop/{text}", _) => to("/summaries/stop/AAAA".into()),
        ("GET /properties/{id}/doors", _) => to(format!("/properties/{property}/doors")),
        ("GET /properties/{id}/residents", _) => to(format!("/properties/{property}/residents")),
        ("GET /properties/{id}/residents/{resident_id}", _) => {
            to(format!("/properties/{property}/residents/{resident}"))
        }
        ("POST /properties/{id}/residents/{resident_id}/move-out", _) => {
            keyed(to(format!("/properties/{property}/residents/{resident}/move-out")))
        }
        ("GET /properties/{id}/residents/{resident_id}/move-out", _) => {
            to(format!("/properties/{property}/residents/{resident}/move-out"))
        }
        ("POST /properties/{id}/residents/{resident_id}/invite", _) => {
            to(format!("/properties/{property}/residents/{resident}/invite"))
        }
        ("POST /set-up", _) => {
            let body = json!({"token": "none", "name": "Ada", "email": "ada@example.com", "password": PASSWORD});
            to(path.into()).json(&body)
        }
        ("POST /invitations/open", _) => to(path.into()).json(&json!({"token": INVITATION})),
        ("POST /invitations/passkey/options", _) => {
            to(path.into()).header("host", "localhost").json(&json!({"token": INVITATION}))
        }
        ("POST /invitations/passkey", _) => {
            to(path.into()).json(&json!({"token": INVITATION, "name": "Phone", "credential": {}}))
        }
        ("POST /password/passkey/options", _) => {
            to(path.into()).header("host", "localhost").json(&json!({"token": RESET}))
        }
        ("POST /password/passkey", _) => {
            to(path.into()).json(&json!({"token": RESET, "name": "Phone", "credential": {}}))
        }
        ("POST /invitations/accept", _) => to(path.into()).json(&json!({"token": INVITATION, "password": PASSWORD})),
        ("GET /people" | "GET /mail" | "GET /password/forgot", _) => to(path.into()),
        ("POST /password/forgot", _) => to(path.into()).json(&json!({"email": RESIDENT})),
        ("POST /password/open", _) => to(path.into()).json(&json!({"token": RESET})),
        ("POST /address/open" | "POST /address/confirm", _) => to(path.into()).json(&json!({"token": CONFIRMATION})),
        ("POST /password/reset", _) => to(path.into()).json(&json!({"token": RESET, "password": PASSWORD})),
        ("POST /me/address", _) => to(path.into()).json(&json!({"email": "another@example.com", "password": PASSWORD})),
        ("POST /people/{id}/reset", _) => to(format!("/people/{person}/reset")),
        ("POST /properties/{id}/residents/{resident_id}/address", _) => {
            to(format!("/properties/{property}/residents/{resident}/address"))
                .json(&json!({"email": "right@example.com"}))
        }
        ("POST /properties/{id}/residents/{resident_id}/reset", _) => {
            to(format!("/properties/{property}/residents/{resident}/reset"))
        }
        ("POST /people", _) => {
            let body = json!({"name": "Ada", "email": "ada@staff.test", "roles": [{"role": "support"}]});
            keyed(to(path.into())).json(&body)
        }
        ("PATCH /people/{id}", _) => to(format!("/people/{person}")).json(&json!({"roles": [{"role": "support"}]})),
        ("POST /people/{id}/invite", _) => to(format!("/people/{person}/invite")),
        ("POST /properties", _) => {
            keyed(to(path.into())).json(&json!({"name": "Willow Court", "time_zone": "Europe/Madrid"}))
        }
        ("POST /properties/{id}/layout", _) => {
            let csv = "building,unit,door,kind\r\nNorth,901,,\r\n";
            keyed(to(format!("/properties/{property}/layout"))).body("text/csv", csv)
        }
        ("GET /properties/{id}/setup", _) => to(format!("/properties/{property}/setup")),
        ("GET /properties/{id}/layout", _) => to(format!("/properties/{property}/layout")),
        ("GET /properties/{id}/units", _) => to(format!("/properties/{property}/units")),
        ("POST /properties/{id}/buildings", _) => {
            keyed(to(format!("/properties/{property}/buildings"))).json(&json!({"name": "East"}))
        }
        ("POST /properties/{id}/units", _) => {
            keyed(to(format!("/properties/{property}/units"))).json(&json!({"name": "902", "building_id": building}))
        }
        ("POST /properties/{id}/doors", _) => {
            keyed(to(format!("/properties/{property}/doors"))).json(&json!({"kind": "unit", "unit_id": unit}))
        }
        ("PATCH /buildings/{id}", _) => first(to(format!("/buildings/{building}"))).json(&json!({"name": "North"})),
        ("PATCH /units/{id}", _) => first(to(format!("/units/{unit}"))).json(&json!({"name": "9B"})),
        ("PATCH /doors/{id}", _) => first(to(format!("/doors/{door}"))).json(&json!({"name": "Front door"})),
        ("DELETE /buildings/{id}", _) => keyed(to(format!("/buildings/{building}"))),
        ("DELETE /units/{id}", _) => keyed(to(format!("/units/{unit}"))),
        ("DELETE /doors/{id}", _) => keyed(to(format!("/doors/{door}"))),
        ("GET /troubleshoot/damaged", _) => to(path.into()),
        ("GET /troubleshoot/guest-codes/{id}", _) => to(format!("/troubleshoot/guest-codes/{guest_code}")),
        ("GET /troubleshoot/residents", _) => to("/troubleshoot/residents?q=a".into()),
        ("GET /troubleshoot/residents/{id}", _) => to(format!("/troubleshoot/residents/{resident}")),
        ("GET /properties/{id}/roster", _) => to(format!("/properties/{property}/roster")),
        ("POST /properties/{id}/roster", _) => {
            let csv = "unit,name,email,move_in,move_out\r\n101,New,new@example.com,2026-07-01,\r\n";
            keyed(to(format!("/properties/{property}/roster"))).body("text/csv", csv)
        }
        ("GET /properties/{id}/roster/imports", _) => to(format!("/properties/{property}/roster/imports")),
        ("POST /properties/{id}/roster/imports/{import_id}/undo", _) => {
            // An import that [`furnish`] has given the id of its property.
            keyed(to(format!("/properties/{property}/roster/imports/{property}/undo")))
        }
        ("GET /guest-codes", _) => to(path.into()),
        ("POST /guest-codes", _) => keyed(to(path.into())).json(&permanent(&[*door], "Ada")),
        ("POST /guest-codes/search", _) => to(path.into()).json(&json!({"guest": "a"})),
        ("POST /guest-codes/preview", _) => to(path.into()).json(&permanent(&[*door], "Ada")),
        ("GET /guest-codes/{id}", _) => to(format!("/guest-codes/{guest_code}")),
        ("PATCH /guest-codes/{id}", _) => {
            first(to(format!("/guest-codes/{guest_code}"))).json(&json!({"reference": "WO-7"}))
        }
        ("POST /guest-codes/{id}/preview", _) => to(format!("/guest-codes/{guest_code}/preview")).json(&json!({})),
        ("POST /guest-codes/{id}/revoke", _) => keyed(to(format!("/guest-codes/{guest_code}/revoke"))),
        ("GET /guest-codes/{id}/shares", _) => to(format!("/guest-codes/{guest_code}/shares")),
        ("POST /guest-codes/{id}/share", _) => {
            to(format!("/guest-codes/{guest_code}/share")).json(&json!({"reason": "Locked out"}))
        }
        ("DELETE /guest-codes/{id}/shares/{share_id}", _) => to(format!("/guest-codes/{guest_code}/shares/{share}")),
        ("POST /pass" | "POST /pass/reveal" | "POST /pass/state", _) => {
            to(path.into()).json(&json!({"secret": secret_of(*guest_code)}))
        }
        ("POST /codes/{id}/reveal", _) => to(format!("/codes/{code}/reveal")).json(&json!({"reason": "Locked out"})),
        ("GET /codes/{id}/reveals", _) => to(format!("/codes/{code}/reveals")),
        ("PUT /me/code", _) => keyed(to(path.into())).json(&json!({"mode": "random", "length": 6})),
        ("POST /simulator/hubs/{id}", _) => to(format!("/simulator/hubs/{hub}")).json(&json!({"online": true})),
        ("POST /simulator/doors/{id}/lock", _) => {
            to(format!("/simulator/doors/{door}/lock")).json(&json!({"online": true}))
        }
        ("POST /simulator/doors/{id}/keypad", _) => {
            to(format!("/simulator/doors/{door}/keypad")).json(&json!({"digits": "none"}))
        }
        _ => return None,
    })
}

/// Every operation of the published contract, as in `PATCH /properties/{id}`, in order.
pub(crate) async fn operations(server: &TestServer) -> Vec<String> {
    let document = server.get("/openapi.json").send().await.json();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let path = path.strip_prefix("/api/v1").expect("everything is there");
        let methods = ["get", "put", "post", "patch", "delete"].into_iter().filter(|method| item[method].is_object());
        all.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
    }
    all.sort_by_key(|operation| operation.split_once(' ').map(|(method, path)| (path.to_owned(), method.to_owned())));
    all
}

/// That the contract says of this operation that it may answer so.
pub(crate) fn assert_in_contract(document: &Value, operation: &str, status: u16, code: &str) {
    let (method, path) = operation.split_once(' ').expect("a method and a path");
    let responses = &document["paths"][format!("/api/v1{path}")][method.to_lowercase()]["responses"];
    let response = &responses[status.to_string()];
    assert!(response.is_object(), "the contract of {operation} has no {status} ({code})");
    let said = response["description"].as_str().expect("a description");
    assert!(code.is_empty() || said.contains(&format!("`{code}`")), "{operation}, {status} has no {code}: {said}");
}
