//! Renaming, moving and retiring buildings, units and doors (R36).

use std::sync::Arc;

use api_types::DoorKind;
use ids::{BuildingId, DoorId, UnitId};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use store::{doors, placements};
use uuid::Uuid;

use crate::fixtures::{permanent, status, temporary, text};
use crate::fixtures_matrix::{ADMINISTRATOR, Town, id, keyed};
use crate::harness::{Answer, MANAGER, RESIDENT, TestServer, WebSession};

/// A manager at work on the layout of their property.
struct Office {
    server: TestServer,
    session: WebSession,
}

impl Office {
    async fn open() -> Self {
        let server = TestServer::start_working().await;
        let session = server.sign_in(MANAGER).await;
        Self { server, session }
    }

    async fn add_building(&self, name: &'static str) -> BuildingId {
        let property = self.server.world.property;
        self.server.write(move |tx| doors::insert_building(tx, property, name).expect("a building")).await
    }

    /// The parts that a list shows.
    async fn list(&self, query: &str) -> Vec<Value> {
        let path = format!("/properties/{}/layout?{query}", self.server.world.property);
        self.server.read(&self.session, &path).await["items"].as_array().expect("items").clone()
    }

    async fn names(&self, query: &str) -> Vec<String> {
        self.list(query).await.iter().map(|part| text(&part["name"]).to_owned()).collect()
    }

    /// A part as it is now, in use or retired.
    async fn part(&self, id: Uuid) -> Value {
        let mut all = self.list("limit=200").await;
        all.extend(self.list("retired=true&limit=200").await);
        all.into_iter().find(|part| part["id"] == json!(id)).expect("a part")
    }

    /// Changes it as it is now.
    async fn edit(&self, address: &str, id: Uuid, edit: &Value) -> Answer {
        let etag = text(&self.part(id).await["etag"]).to_owned();
        let request = self.server.request(Method::PATCH, &format!("/{address}/{id}"));
        request.web(&self.session).header("if-match", &etag).json(edit).send().await
    }

    async fn edited(&self, address: &str, id: Uuid, edit: &Value) -> Value {
        let answer = self.edit(address, id, edit).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.header("etag"), text(&answer.json()["etag"]));
        answer.json()
    }

    async fn retire(&self, address: &str, id: Uuid) -> Answer {
        keyed(self.server.delete(&format!("/{address}/{id}"))).web(&self.session).send().await
    }

    async fn retired(&self, address: &str, id: Uuid) -> Value {
        let answer = self.retire(address, id).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// What retiring it would do.
    async fn planned(&self, address: &str, id: Uuid) -> Answer {
        self.server.delete(&format!("/{address}/{id}?dry_run=true")).web(&self.session).send().await
    }

    async fn details(&self, action: &str) -> Vec<(String, String)> {
        let events = self.server.recorded_as(action).await.into_iter();
        events.map(|event| (event.subject.name, event.detail)).collect()
    }
}

#[tokio::test]
async fn r36_buildings_units_and_doors_are_added_one_at_a_time() {
    let office = Office::open().await;
    let (server, world) = (&office.server, office.server.world);
    let post = async |what: &str, body: &Value| {
        let path = format!("/properties/{}/{what}", world.property);
        keyed(server.post(&path)).web(&office.session).json(body).send().await
    };
    let added = async |what: &str, body: Value| {
        let answer = post(what, &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()
    };
    let building = added("buildings", json!({"name": " North  wing "})).await;
    assert_eq!((text(&building["name"]), text(&building["kind"])), ("North wing", "building"));
    let unit = added("units", json!({"name": "201", "building_id": building["id"]})).await;
    assert_eq!(text(&unit["building"]), "North wing");
    let door = added("doors", json!({"kind": "unit", "unit_id": unit["id"]})).await;
    assert_eq!((text(&door["name"]), text(&door["unit"]), text(&door["building"])), ("201", "201", "North wing"));
    let pool = added("doors", json!({"kind": "amenity", "name": "Pool", "building_id": building["id"]})).await;
    assert_eq!((text(&pool["door_kind"]), text(&pool["building"])), ("amenity", "North wing"));
    for (action, name) in [("building.added", "North wing"), ("unit.added", "Unit 201"), ("door.added", "201")] {
        let events = server.recorded_as(action).await;
        assert!(events.iter().any(|event| event.subject.name == name), "{action}");
    }

    // A further door of a unit gets the codes of who lives there, and waits for its lock (R35).
    let balcony = added("doors", json!({"kind": "unit", "unit_id": world.unit, "name": "101 balcony"})).await;
    let resident = server.sign_in(RESIDENT).await;
    let access = server.access(&resident).await;
    assert_eq!(status(&access["code"], id::<DoorId>(&balcony)), "waiting");

    let retired = added("buildings", json!({"name": "Annex"})).await;
    let annex = store::layout::Part::Building(id(&retired));
    server.write(move |tx| store::layout::set_retired(tx, annex, Some(0)).expect("retired")).await;
    let foreign = server.world.foreign_property;
    let elsewhere = server.write(move |tx| doors::insert_building(tx, foreign, "Far").expect("a building")).await;
    for (what, body, field, code) in [
        ("buildings", json!({"name": "NORTH WING"}), "name", "taken"),
        ("buildings", json!({"name": "annex"}), "name", "taken"),
        ("buildings", json!({"name": " "}), "name", "required"),
        ("units", json!({"name": "101"}), "name", "taken"),
        ("units", json!({"name": "301", "building_id": elsewhere}), "building_id", "invalid"),
        ("doors", json!({"kind": "property", "name": "gate"}), "name", "taken"),
        ("doors", json!({"kind": "property"}), "name", "required"),
        ("doors", json!({"kind": "unit", "name": "x"}), "unit_id", "required"),
        ("doors", json!({"kind": "unit", "name": "x", "unit_id": UnitId::generate()}), "unit_id", "invalid"),
        ("doors", json!({"kind": "amenity", "name": "x", "unit_id": world.unit}), "unit_id", "not_for_this_kind"),
        (
            "doors",
            json!({"kind": "unit", "name": "x", "unit_id": world.unit, "building_id": elsewhere}),
            "building_id",
            "not_for_this_kind",
        ),
    ] {
        let answer = post(what, &body).await;
        assert_eq!(answer.problem(), (422, "invalid".into()), "{what} {body}");
        let error = &answer.json()["errors"][0];
        assert_eq!((text(&error["field"]), text(&error["code"])), (field, code), "{what} {body}");
    }
    assert_eq!(server.recorded_as("door.added").await.len(), 3);
}

#[tokio::test]
async fn r36_a_unit_is_renamed_with_its_door_and_old_records_keep_the_name() {
    let office = Office::open().await;
    let (server, world) = (&office.server, office.server.world);
    let edited = office.edited("units", world.unit.uuid(), &json!({"name": " 1  A "})).await;
    assert_eq!((text(&edited["name"]), text(&edited["kind"])), ("1 A", "unit"));
    assert_eq!(office.names("kind=unit").await, ["1 A"]);
    assert_eq!(office.part(world.door.uuid()).await["name"], "1 A", "a door that is called like its unit");
    assert_eq!(office.details("unit.renamed").await, [("Unit 1 A".into(), "Was called 101.".into())]);
    assert_eq!(office.details("door.renamed").await, [("1 A".into(), "Was called 101.".into())]);
    // The residents are found by it, and listed with it; a roster knows it too.
    let residents = server.read(&office.session, &format!("/properties/{}/residents?unit=1%20A", world.property)).await;
    assert_eq!(residents["items"][0]["unit"], "1 A");
    let resident = server.sign_in(RESIDENT).await;
    assert_eq!(server.access(&resident).await["unit"], "1 A");
    let csv = "unit,name,email,move_in,move_out\r\n1 a,Noa Weiss,noa@example.com,2026-01-01,\r\n";
    let path = format!("/properties/{}/roster?dry_run=true", world.property);
    let report = server.post(&path).web(&office.session).body("text/csv", csv).send().await.json();
    assert_eq!(report["bad_rows"], json!([]), "{report}");
    // What was recorded before says what it was called then.
    assert!(server.recorded().await.iter().any(|event| event.subject.name.ends_with(", unit 101")));
}

#[tokio::test]
async fn r36_names_are_unique_however_they_are_written() {
    let office = Office::open().await;
    let world = office.server.world;
    let north = office.add_building("North").await.uuid();
    let south = office.add_building("South").await.uuid();
    for name in ["NORTH", " north ", "\u{a0}North"] {
        let answer = office.edit("buildings", south, &json!({"name": name})).await;
        assert_eq!(answer.problem(), (422, "invalid".into()), "{name}");
        assert_eq!(answer.json()["errors"][0]["code"], "taken", "{name}");
    }
    // Its own name in another spelling is free.
    assert_eq!(office.edited("buildings", south, &json!({"name": "SOUTH"})).await["name"], "SOUTH");
    // A door can't take another's name, nor can a unit whose door would.
    let other = office.server.add_unit("102").await;
    let gym = office.server.door_record(world.gym).await.name;
    let answer = office.edit("doors", world.gate.uuid(), &json!({"name": gym.to_uppercase()})).await;
    assert_eq!(answer.json()["errors"][0]["code"], "taken");
    let answer = office.edit("units", other.id.uuid(), &json!({"name": gym})).await;
    assert_eq!(answer.json()["errors"][0]["code"], "taken");
    assert_eq!(office.part(other.id.uuid()).await["name"], "102", "nothing is half done");
    // Retired things keep their names.
    office.server.write(move |tx| doors::insert_unit(tx, world.property, None, "103").expect("a unit")).await;
    office.edited("buildings", north, &json!({"name": "Old North"})).await;
    assert_eq!(office.retired("buildings", north).await["deleted"], false);
    let answer = office.edit("buildings", south, &json!({"name": "old north"})).await;
    assert!(text(&answer.json()["detail"]).contains("Bring it back"), "{}", answer.text);
}

#[tokio::test]
async fn r36_an_edit_of_what_has_changed_since_is_stale_and_says_nothing_new() {
    let office = Office::open().await;
    let (server, gate) = (&office.server, office.server.world.gate);
    let send = async |etag: Option<&str>, body: Value| {
        let request = server.request(Method::PATCH, &format!("/doors/{gate}")).web(&office.session);
        let request = match etag {
            Some(etag) => request.header("if-match", etag),
            None => request,
        };
        request.json(&body).send().await
    };
    assert_eq!(send(None, json!({"name": "A"})).await.problem(), (428, "if_match_required".into()));
    assert_eq!(send(Some("\"7\""), json!({"name": "A"})).await.problem(), (412, "stale".into()));
    assert_eq!(send(Some("\"1\""), json!({})).await.problem(), (422, "invalid".into()));
    assert_eq!(send(Some("\"1\""), json!({"names": "A"})).await.problem(), (422, "unknown_field".into()));
    assert_eq!(send(Some("\"1\""), json!({"retired": true})).await.problem(), (422, "invalid".into()));
    assert_eq!(send(Some("\"1\""), json!({"name": "A"})).await.status, 200);
    assert_eq!(send(Some("\"1\""), json!({"name": "B"})).await.problem(), (412, "stale".into()));
    assert_eq!(office.part(gate.uuid()).await["name"], "A");
}

#[tokio::test]
async fn r21_r24_a_move_takes_guest_codes_off_doors_that_are_no_longer_on_the_way() {
    let office = Office::open().await;
    let (server, world) = (&office.server, office.server.world);
    let (north, south) = (office.add_building("North").await, office.add_building("South").await);
    let lobby = server.add_door(DoorKind::Property, "Lobby", None, 20).await;
    office.edited("units", world.unit.uuid(), &json!({"building_id": north})).await;
    office.edited("doors", lobby.uuid(), &json!({"building_id": north})).await;
    assert_eq!(office.part(world.door.uuid()).await["building"], "North", "a unit takes its doors along");
    let resident = server.sign_in(RESIDENT).await;
    let both = server.issued(&resident, &permanent(&[lobby, world.door])).await;
    let only = server.issued(&resident, &permanent(&[lobby])).await;
    let of_office = server.issued(&office.session, &permanent(&[lobby])).await;
    server.settled().await;
    assert_eq!(server.held(lobby).await, 3);

    // To another building: the lobby of the first is no longer on the way.
    let moved = office.edited("units", world.unit.uuid(), &json!({"building_id": south})).await;
    assert_eq!(moved["building"], "South");
    server.settled().await;
    assert_eq!(server.held(lobby).await, 1, "what the office issued");
    assert!(server.open(lobby, text(&of_office["code"])).await);
    assert!(!server.open(lobby, text(&both["code"])).await);
    assert!(server.open(world.door, text(&both["code"])).await);
    let seen = server.guest_code(&resident, &both).await;
    assert_eq!((text(&seen["state"]), status(&seen, lobby), status(&seen, world.door)), ("live", "removed", "working"));
    assert_eq!(server.guest_code(&resident, &only).await["state"], "revoked");
    assert_eq!(server.issue(&resident, &permanent(&[lobby])).await.problem(), (404, "not_found".into()));
    let detail = &office.details("unit.moved").await[0].1;
    assert_eq!(detail, "In South now. Was in North.");

    // Out of any building, the door is on everybody's way; as an amenity it is on nobody's.
    office.edited("doors", lobby.uuid(), &json!({"building_id": null})).await;
    let again = server.issued(&resident, &permanent(&[lobby])).await;
    office.edited("doors", lobby.uuid(), &json!({"kind": "amenity"})).await;
    assert_eq!(server.guest_code(&resident, &again).await["state"], "revoked");
    for (address, of, edit) in [
        ("doors", world.door.uuid(), json!({"building_id": north})),
        ("doors", world.door.uuid(), json!({"kind": "property"})),
        ("doors", lobby.uuid(), json!({"kind": "unit"})),
        ("buildings", north.uuid(), json!({"building_id": south})),
        ("units", world.unit.uuid(), json!({"kind": "property"})),
    ] {
        let answer = office.edit(address, of, &edit).await;
        assert_eq!(answer.json()["errors"][0]["code"], "not_for_this_kind", "{edit}: {}", answer.text);
    }
    let elsewhere = server.world.foreign_property;
    let foreign = server.write(move |tx| doors::insert_building(tx, elsewhere, "Far").expect("a building")).await;
    let answer = office.edit("units", world.unit.uuid(), &json!({"building_id": foreign})).await;
    assert_eq!(answer.json()["errors"][0]["field"], "building_id", "{}", answer.text);
}

#[tokio::test]
async fn r24_r36_nothing_opens_a_retired_door_and_it_says_so_before() {
    let office = Office::open().await;
    let (server, world) = (&office.server, office.server.world);
    let balcony = server.add_door(DoorKind::Unit, "101 Balcony", Some(world.unit), 20).await;
    // So that the resident's code is there too.
    let resident = server.resident().await;
    assert_eq!(server.take_random(&resident, 6).await.status, 200);
    let only = server.issued(&office.session, &permanent(&[balcony])).await;
    let both = server.issued(&office.session, &permanent(&[balcony, world.gate])).await;
    let later = temporary(&[balcony, world.gate], "2026-06-15T18:20:00Z", "2026-06-17T12:00:00Z");
    let later = server.issued(&office.session, &later).await;
    server.settled().await;
    assert_eq!(server.held(balcony).await, 3);
    let own = server.digits(&resident, &server.access(&resident).await["code"]).await;

    let counts = json!({
        "dry_run": true, "deleted": false, "doors": 1, "resident_codes": 1, "guest_codes": 1, "guest_codes_elsewhere": 2,
    });
    let mut planned = office.planned("doors", balcony.uuid()).await.json();
    assert_eq!(planned["part"]["name"], "101 Balcony");
    planned.as_object_mut().expect("an object").remove("part");
    assert_eq!(planned, counts);
    assert_eq!(server.held(balcony).await, 3, "a dry run does nothing");

    let retired = office.retired("doors", balcony.uuid()).await;
    for count in ["doors", "resident_codes", "guest_codes", "guest_codes_elsewhere"] {
        assert_eq!(retired[count], counts[count], "{count}");
    }
    assert!(retired["part"]["retired_at"].is_string());
    server.settled().await;
    assert_eq!(server.held(balcony).await, 0);
    for digits in [text(&only["code"]), text(&both["code"]), own.as_str()] {
        assert!(!server.open(balcony, digits).await);
    }
    assert!(server.open(world.gate, text(&both["code"])).await);
    assert!(server.open(world.door, &own).await);
    assert_eq!(server.guest_code(&office.session, &only).await["state"], "revoked");
    let why = server.recorded_as("guest_code.revoked").await;
    assert_eq!(why[0].detail, "The doors that it opened are retired.");
    let (name, detail) = office.details("door.retired").await.remove(0);
    assert_eq!(name, "101 Balcony");
    assert!(detail.starts_with("1 residents’ codes no longer open it, 1 guest codes are revoked"), "{detail}");

    // A window that begins doesn't bring it back, nor does another code of the resident.
    server.advance(SignedDuration::from_mins(25));
    server.settled().await;
    let seen = server.guest_code(&office.session, &later).await;
    assert_eq!(
        (text(&seen["state"]), status(&seen, world.gate), status(&seen, balcony)),
        ("live", "working", "removed")
    );
    assert_eq!(server.take_random(&resident, 4).await.status, 200);
    server.settled().await;
    assert_eq!(server.held(balcony).await, 0);

    // It is in no list and no choice; its name stays in the record.
    let doors = server.read(&office.session, &format!("/properties/{}/doors", world.property)).await;
    assert!(!doors.to_string().contains("Balcony"), "{doors}");
    assert!(!server.access(&resident).await["doors"].to_string().contains("Balcony"));
    assert_eq!(office.names("retired=true").await, ["101 Balcony"]);
    let refused = server.issue(&office.session, &permanent(&[balcony])).await;
    assert_eq!(refused.problem(), (404, "not_found".into()));
    let rename = office.edit("doors", balcony.uuid(), &json!({"name": "Other"})).await;
    assert_eq!(rename.problem(), (409, "retired".into()));

    // Brought back, it opens to the resident again, and to no guest.
    office.edited("doors", balcony.uuid(), &json!({"retired": false})).await;
    server.settled().await;
    assert_eq!(server.held(balcony).await, 1);
    let own = server.digits(&resident, &server.access(&resident).await["code"]).await;
    assert!(server.open(balcony, &own).await);
    assert_eq!(office.details("door.brought_back").await.len(), 1);
}

#[tokio::test]
async fn r24_a_retired_door_stays_in_sight_until_its_lock_is_empty() {
    let office = Office::open().await;
    let (server, world) = (&office.server, office.server.world);
    let issued = server.issued(&office.session, &permanent(&[world.gym])).await;
    server.settled().await;
    server.reach_lock(world.gym, false).await;
    office.retired("doors", world.gym.uuid()).await;
    let gym = async || {
        let doors = server.read(&office.session, &format!("/properties/{}/doors", world.property)).await;
        doors["items"].as_array().expect("items").iter().any(|door| door["id"] == json!(world.gym))
    };
    // It still opens, and that is said.
    assert!(gym().await);
    let health = server.read(&office.session, &format!("/properties/{}", world.property)).await["health"].clone();
    assert_eq!((&health["removals_unconfirmed"], &health["doors"]), (&json!(1), &json!(3)), "{health}");
    assert_eq!(health["needs"][0]["cause"], "lock_offline");
    let seen = server.guest_code(&office.session, &issued).await;
    assert_eq!(status(&seen, world.gym), "being_removed");
    server.reach_lock(world.gym, true).await;
    server.settled().await;
    assert!(!gym().await);
    let health = server.read(&office.session, &format!("/properties/{}", world.property)).await["health"].clone();
    assert_eq!((&health["doors"], &health["needs"]), (&json!(2), &json!([])));
}

#[tokio::test]
async fn r36_a_unit_is_retired_once_nobody_lives_there() {
    let office = Office::open().await;
    let (server, world) = (&office.server, office.server.world);
    let north = office.add_building("North").await;
    office.edited("units", world.unit.uuid(), &json!({"building_id": north})).await;
    let occupied = (409, "unit_occupied".to_owned());
    let planned = office.planned("units", world.unit.uuid()).await;
    assert_eq!(planned.problem(), occupied);
    assert_eq!(planned.json()["detail"], "A resident lives in this unit, or will. Move them out first.");
    assert_eq!(office.retire("units", world.unit.uuid()).await.problem(), occupied);
    let full = office.retire("buildings", north.uuid()).await;
    assert_eq!(full.problem(), (409, "building_not_empty".into()));
    assert_eq!(full.json()["detail"], "The building has 1 unit. Move or retire them first.");

    let (property, tenancy) = (world.property, world.tenancy);
    let out = keyed(server.post(&format!("/properties/{property}/residents/{tenancy}/move-out"))).web(&office.session);
    assert_eq!(out.send().await.status, 200);
    let kept = server.issued(&office.session, &permanent(&[world.door])).await;
    server.settled().await;
    let retired = office.retired("units", world.unit.uuid()).await;
    assert_eq!((&retired["doors"], &retired["guest_codes"]), (&json!(1), &json!(1)));
    server.settled().await;
    assert_eq!(server.held(world.door).await, 0);
    assert_eq!(server.guest_code(&office.session, &kept).await["state"], "revoked");
    assert_eq!(office.names("kind=unit").await, [""; 0]);
    assert_eq!(office.names("retired=true").await, ["101", "101"]);
    let path = format!("/properties/{property}/units?retired=true");
    assert_eq!(server.read(&office.session, &path).await["items"][0]["name"], "101");
    let seen = server.read(&office.session, &format!("/properties/{property}")).await;
    assert_eq!(seen["counts"]["units"], 0);
    // Rosters don't find it, layouts don't add it again, and who lived there still did.
    let csv = "unit,name,email,move_in,move_out\r\n101,Noa Weiss,noa@example.com,2026-01-01,\r\n";
    let path = format!("/properties/{property}/roster?dry_run=true");
    let report = server.post(&path).web(&office.session).body("text/csv", csv).send().await.json();
    assert_eq!(report["bad_rows"][0]["column"], "unit", "{report}");
    let csv = "building,unit,door,kind\r\nNorth,101,,\r\n";
    let path = format!("/properties/{property}/layout?dry_run=true");
    let report = server.post(&path).web(&office.session).body("text/csv", csv).send().await.json();
    assert_eq!(report["bad_rows"][0]["code"], "taken", "{report}");
    let former = server.read(&office.session, &format!("/properties/{property}/residents?tenancy=former")).await;
    assert_eq!(former["items"][0]["unit"], "101");

    // The building is empty now. A door of a retired unit comes back with its unit, which needs its building.
    assert_eq!(office.retired("buildings", north.uuid()).await["deleted"], false);
    for (address, of, first) in [
        ("doors", world.door.uuid(), "Bring back unit 101 first."),
        ("units", world.unit.uuid(), "Bring back North first"),
    ] {
        let answer = office.edit(address, of, &json!({"retired": false})).await;
        assert_eq!(answer.problem(), (409, "retired".into()));
        assert!(text(&answer.json()["detail"]).contains(first), "{}", answer.text);
    }
    office.edited("units", world.unit.uuid(), &json!({"retired": false, "building_id": null})).await;
    assert_eq!(office.names("kind=door&q=101").await, ["101"]);
    let report = server.post(&format!("/properties/{property}/roster?dry_run=true")).web(&office.session);
    let csv = "unit,name,email,move_in,move_out\r\n101,Noa Weiss,noa@example.com,2026-01-01,\r\n";
    assert_eq!(report.body("text/csv", csv).send().await.json()["bad_rows"], json!([]));
}

#[tokio::test]
async fn r36_what_has_neither_codes_nor_history_is_deleted() {
    let office = Office::open().await;
    let server = &office.server;
    let csv = "building,unit,door,kind\r\nNrth,1O1,,\r\n,,Gat,property\r\n";
    let path = format!("/properties/{}/layout", server.world.property);
    let done = keyed(server.post(&path)).web(&office.session).body("text/csv", csv).send().await;
    assert_eq!(done.status, 200, "{}", done.text);
    let find = async |kind: &str, name: &str| -> Uuid {
        let found = office.list(&format!("kind={kind}&q={name}")).await;
        text(&found[0]["id"]).parse().expect("an id")
    };
    let (building, unit, gate) = (find("building", "nrth").await, find("unit", "1O1").await, find("door", "Gat").await);
    assert_eq!(office.planned("units", unit).await.json()["deleted"], true);
    // Sent again, it is answered as before.
    let request =
        || server.delete(&format!("/units/{unit}")).web(&office.session).header("idempotency-key", "delete-1");
    let (first, again) = (request().send().await, request().send().await);
    assert_eq!((first.status, &first.json()), (200, &again.json()));
    assert_eq!(first.json()["doors"], 1);
    assert_eq!(office.retired("doors", gate).await["deleted"], true);
    assert_eq!(office.retired("buildings", building).await["deleted"], true);
    assert_eq!(office.names("retired=true").await, [""; 0]);
    assert_eq!(office.names("q=1O1").await, [""; 0]);
    assert_eq!(office.details("unit.deleted").await[0].0, "Unit 1O1");
    assert_eq!(office.retire("doors", gate).await.problem(), (404, "not_found".into()));
    // The names are free again.
    let done = keyed(server.post(&path)).web(&office.session).body("text/csv", csv).send().await;
    assert_eq!(done.json()["doors"], 2, "{}", done.text);
    assert_eq!(server.delete(&format!("/doors/{gate}")).web(&office.session).send().await.problem().0, 400);
}

#[tokio::test]
async fn r36_a_layout_is_listed_page_by_page_and_searched() {
    let office = Office::open().await;
    let (server, world) = (&office.server, office.server.world);
    let north = office.add_building("Nørth").await;
    office.edited("units", world.unit.uuid(), &json!({"building_id": north})).await;
    let whole = office.names("").await;
    assert_eq!(whole.len(), 5, "{whole:?}");
    assert_eq!(&whole[..2], ["Nørth", "101"]);
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/properties/{}/layout?limit=2{cursor}", world.property);
        let page = server.read(&office.session, &path).await;
        paged.extend(page["items"].as_array().expect("items").iter().map(|part| text(&part["name"]).to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(paged, whole);
    // By a building's name what is in it is found too.
    assert_eq!(office.names("q=north").await, ["Nørth", "101", "101"]);
    let town = Town::start().await;
    let administrator = town.server.sign_in(ADMINISTRATOR).await;
    let path = format!("/properties/{}/layout", town.server.world.property);
    assert!(!town.server.read(&administrator, &path).await["items"].as_array().expect("items").is_empty());
}

/// A building renamed while its CSV is imported: nothing is added under the name that is no longer its own.
#[tokio::test]
async fn r36_a_layout_is_imported_as_it_was_checked_or_not_at_all() {
    let office = Office::open().await;
    let (server, property) = (&office.server, office.server.world.property);
    let north = office.add_building("North").await.uuid();
    let csv = "building,unit,door,kind\r\nNorth,301,,\r\nNorth,302,,\r\n";
    let send = async |query: &str| {
        let path = format!("/properties/{property}/layout?{query}");
        keyed(server.post(&path)).web(&office.session).body("text/csv", csv).send().await
    };
    let plan = text(&send("dry_run=true").await.json()["plan"]).to_owned();
    office.edited("buildings", north, &json!({"name": "Norte"})).await;
    let refused = send(&format!("plan={plan}")).await;
    assert_eq!(refused.problem(), (409, "layout_moved_on".into()));
    assert_eq!(office.names("kind=building").await, ["Norte"]);
    assert_eq!(office.names("q=301").await, [""; 0]);
    // Renamed back, it is what was checked.
    office.edited("buildings", north, &json!({"name": "North"})).await;
    let done = send(&format!("plan={plan}")).await;
    assert_eq!((done.status, &done.json()["buildings"]), (200, &json!(0)), "{}", done.text);

    // At the same time, one of the two comes first, and there are never two buildings.
    for round in 0..12 {
        let csv = format!("building,unit,door,kind\r\nNorth,4{round:02},,\r\n");
        let path = format!("/properties/{property}/layout");
        let dry = server.post(&format!("{path}?dry_run=true")).web(&office.session).body("text/csv", csv.clone());
        let plan = text(&dry.send().await.json()["plan"]).to_owned();
        let import = keyed(server.post(&format!("{path}?plan={plan}"))).web(&office.session).body("text/csv", csv);
        let name = json!({"name": "Norte"});
        let (import, rename) = tokio::join!(import.send(), office.edit("buildings", north, &name));
        assert_eq!(rename.status, 200, "{}", rename.text);
        assert!(import.status == 200 || import.problem() == (409, "layout_moved_on".into()), "{}", import.text);
        assert_eq!(office.names("kind=building").await, ["Norte"]);
        office.edited("buildings", north, &json!({"name": "North"})).await;
    }
}

/// A door retired while a guest code for it is being issued: nothing opens it afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r24_r36_whatever_the_interleaving_nothing_opens_a_door_that_was_retired() {
    let office = Arc::new(Office::open().await);
    let mut issued = 0;
    for round in 0..20 {
        let door = office.server.add_door(DoorKind::Property, &format!("Gate {round}"), None, 20).await;
        office.server.issued(&office.session, &permanent(&[door])).await;
        let mut clients = tokio::task::JoinSet::new();
        for number in 0..4 {
            let office = office.clone();
            clients.spawn(async move {
                if number == 2 {
                    return office.retired("doors", door.uuid()).await["part"]["retired_at"].is_null();
                }
                let answer = office.server.issue(&office.session, &permanent(&[door])).await;
                assert!(answer.status == 201 || answer.problem() == (404, "not_found".into()), "{}", answer.text);
                answer.status == 201
            });
        }
        issued += clients.join_all().await.into_iter().filter(|done| *done).count();
        let live = office.server.query(move |db| placements::at_door(db, door).expect("read")).await;
        assert!(live.is_empty(), "round {round}: {live:?}");
        office.server.settled().await;
        assert_eq!(office.server.held(door).await, 0, "round {round}");
    }
    assert!(issued > 0, "none was issued");
}

#[tokio::test]
async fn r33_r34_an_administrator_changes_any_layout_and_a_manager_their_own() {
    let town = Town::start().await;
    let server = &town.server;
    let administrator = server.sign_in(ADMINISTRATOR).await;
    let ids = town.foreign_ids().await;
    let edit = server.request(Method::PATCH, &format!("/units/{}", ids.unit)).web(&administrator);
    let edited = edit.header("if-match", "\"1\"").json(&json!({"name": "9C"})).send().await;
    assert_eq!(edited.status, 200, "{}", edited.text);
    let event = &server.recorded_as("unit.renamed").await[0];
    assert_eq!((event.actor.role.name(), event.property_id), ("administrator", Some(ids.property)));
    let manager = server.sign_in(MANAGER).await;
    let path = format!("/properties/{}/layout", ids.property);
    assert_eq!(server.get(&path).web(&manager).send().await.problem(), (404, "not_found".into()));
    let _: (DoorId, UnitId) = (ids.door, id(&edited.json()));
}
