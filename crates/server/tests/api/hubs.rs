//! Hubs that people add, and the locks that they link to doors (R24, R25, R27, R28, R33–R36).

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use api_types::{DoorKind, HubKind, NewHub};
use hub::{HubLock, Lengths, LockDriver, LockError, LockSettings, Simulator, Slot};
use ids::{DoorId, HubId, LockId, UnitId};
use latchkey_server::domain::hub as domain;
use latchkey_server::hubs::HubToConnect;
use reqwest::Method;
use serde_json::{Value, json};
use store::doors::{self, NewDoor};
use store::{Tx, locks};

use crate::fixtures::{permanent, text};
use crate::fixtures_matrix::keyed;
use crate::harness::{Answer, FOREIGN_MANAGER, MANAGER, SUPPORT, TestServer, WebSession, World, logged};

/// Nothing else has this text.
const TOKEN: &str = "t0ken-of-the-proxy-before-the-hub";

/// The locks that every hub has, with what they can do.
fn paired() -> [(&'static str, LockSettings); 3] {
    let lock = LockSettings::default();
    [("front", lock), ("back", lock), ("six-only", LockSettings { lengths: Lengths::Six, ..lock })]
}

/// A connection that was made: where to, and with what token.
type Made = (String, Option<String>);

/// What is in the air around the server: the hubs that it connected to, which keep what is on their locks.
#[derive(Clone, Default)]
struct Air {
    simulators: Arc<Mutex<HashMap<HubId, Arc<Simulator>>>>,
    connections: Arc<Mutex<Vec<Made>>>,
}

impl Air {
    fn connect(&self, to: HubToConnect) -> Option<Arc<dyn LockDriver>> {
        assert_eq!(to.kind, HubKind::ZwaveJs);
        let token = to.token.map(|token| token.to_string());
        self.connections.lock().expect("unpoisoned").push((to.address.to_string(), token));
        let mut simulators = self.simulators.lock().expect("unpoisoned");
        let simulator = simulators.entry(to.hub_id).or_insert_with(|| {
            let simulator = Simulator::new(to.hub_id);
            for (name, settings) in paired() {
                simulator.pair(HubLock::new(name).expect("a name"), settings);
            }
            Arc::new(simulator)
        });
        to.links.into_iter().for_each(|(lock, name)| simulator.link(lock, name));
        Some(simulator.clone())
    }

    fn hub(&self, id: HubId) -> Arc<Simulator> {
        self.simulators.lock().expect("unpoisoned")[&id].clone()
    }

    fn connections(&self) -> Vec<Made> {
        self.connections.lock().expect("unpoisoned").clone()
    }
}

/// A property with two doors that have no lock, one of them somebody's.
struct Site {
    server: TestServer,
    air: Air,
    session: WebSession,
    door: DoorId,
    other: DoorId,
}

fn furnish(tx: &Tx, world: &World) -> (UnitId, DoorId, DoorId) {
    let now = crate::harness::NOON;
    let hub_id = doors::unlinked_hub(tx, world.property, now).expect("a hub that stands for none");
    let unit = doors::insert_unit(tx, world.property, None, "201").expect("a unit");
    let door = |kind, unit_id, name| {
        let new = NewDoor {
            property_id: world.property,
            building_id: None,
            unit_id,
            kind,
            name,
            hub_id,
            slots_total: 250,
            battery_percent: None,
        };
        doors::insert_door(tx, &new, now).expect("a door")
    };
    (unit, door(DoorKind::Unit, Some(unit), "201"), door(DoorKind::Property, None, "Cellar"))
}

impl Site {
    async fn open() -> Self {
        let air = Air::default();
        let given = air.clone();
        let (mut server, (unit, door, other)) =
            TestServer::start_connecting(furnish, move |to| given.connect(to)).await;
        server.start_workers();
        server.add_resident("noa@example.com", unit, "201").await;
        let session = server.sign_in(MANAGER).await;
        Self { server, air, session, door, other }
    }

    async fn try_to_add(&self, new: &Value) -> Answer {
        let path = format!("/properties/{}/hubs", self.server.world.property);
        keyed(self.server.post(&path)).web(&self.session).json(new).send().await
    }

    async fn add(&self) -> HubId {
        let new = json!({"kind": "zwave_js", "name": "Cellar hub", "url": "ws://127.0.0.1:3000", "token": TOKEN});
        let answer = self.try_to_add(&new).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let id: HubId = text(&answer.json()["id"]).parse().expect("an id");
        // It is connected to before it answers.
        let tested = self.server.post(&format!("/hubs/{id}/test")).web(&self.session).send().await.json();
        assert_eq!((&tested["result"], &tested["locks"]), (&json!("answered"), &json!(3)), "{tested}");
        id
    }

    async fn door(&self, id: DoorId) -> Value {
        self.server.read(&self.session, &format!("/doors/{id}")).await
    }

    async fn try_to_link(&self, door: DoorId, hub: HubId, lock: &str) -> Answer {
        let etag = text(&self.door(door).await["etag"]).to_owned();
        let request = self.server.put(&format!("/doors/{door}/lock")).web(&self.session).header("if-match", &etag);
        request.json(&json!({"hub_id": hub, "hub_lock": lock})).send().await
    }

    /// Links a lock. Returns its id.
    async fn link(&self, door: DoorId, hub: HubId, lock: &str) -> LockId {
        let answer = self.try_to_link(door, hub, lock).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        text(&answer.json()["lock"]["id"]).parse().expect("an id")
    }

    async fn unlink(&self, door: DoorId) -> Answer {
        let etag = text(&self.door(door).await["etag"]).to_owned();
        let request = self.server.delete(&format!("/doors/{door}/lock")).web(&self.session);
        request.header("if-match", &etag).send().await
    }

    /// Waits until the door's lock has that many codes and says so of each.
    async fn holds(&self, door: DoorId, codes: usize) {
        let has = async || {
            let lock = &self.door(door).await["lock"];
            let slots = lock["slots"].as_array().map(Vec::as_slice).unwrap_or_default();
            slots.len() == codes && slots.iter().all(|slot| slot["state"] == "working")
        };
        self.server.eventually(&format!("the lock holds {codes} codes"), has).await;
    }

    async fn has_no_former_locks(&self, door: DoorId) {
        let none = async || self.door(door).await["former_locks"] == json!([]);
        self.server.eventually("no lock from before holds anything", none).await;
    }

    /// The lock's content as the hub has it, once its driver knows the lock: it hears of a link after the request is answered.
    async fn content(&self, hub: HubId, lock: LockId) -> Vec<String> {
        let hub = self.air.hub(hub);
        self.server.eventually("the driver knows the lock", async || hub.capabilities(lock).await.is_ok()).await;
        let slots = (1..=30).filter_map(Slot::new);
        slots.filter_map(|slot| hub.holds(lock, slot)).map(|code| code.expose().to_owned()).collect()
    }

    async fn recorded(&self, action: &str) -> usize {
        self.server.recorded_as(action).await.len()
    }
}

#[tokio::test]
async fn r35_codes_that_waited_are_sent_to_the_lock_that_is_linked_and_all_of_it_is_there_after_a_restart() {
    let mut site = Site::open().await;
    let door = site.door(site.door).await;
    assert_eq!((&door["lock"], &door["waiting"][0]["reason"]), (&Value::Null, &json!("no_lock_linked")), "{door}");
    assert_eq!(door["waiting"][0]["holder"], "noa");

    let hub = site.add().await;
    let listed = site.server.read(&site.session, &format!("/properties/{}/hubs", site.server.world.property)).await;
    let names: Vec<&str> = listed["items"].as_array().expect("items").iter().map(|hub| text(&hub["name"])).collect();
    assert_eq!(names, ["Cellar hub", "Hub"]);
    assert_eq!(
        (&listed["items"][0]["has_token"], &listed["items"][0]["software"]),
        (&json!(true), &json!("Simulator"))
    );
    let found = site.server.read(&site.session, &format!("/hubs/{hub}/locks")).await;
    let front = found["items"].as_array().expect("items").iter().find(|lock| lock["hub_lock"] == "front").expect("it");
    assert_eq!((&front["linked"], &front["abilities"]["slots"]), (&json!(false), &json!(30)));

    let lock = site.link(site.door, hub, "front").await;
    site.holds(site.door, 1).await;
    let door = site.door(site.door).await;
    assert_eq!(door["lock"]["abilities"]["lengths"], "four_and_six");
    assert!(door["lock"]["slots"][0]["confirmed_at"].is_string(), "{door}");
    assert_eq!(door["waiting"], json!([]));
    let found = site.server.read(&site.session, &format!("/hubs/{hub}/locks")).await;
    let front = found["items"].as_array().expect("items").iter().find(|lock| lock["hub_lock"] == "front").expect("it");
    assert_eq!(front["door"]["id"], json!(site.door));
    assert_eq!((site.recorded("hub.added").await, site.recorded("lock.linked").await), (1, 1));

    // A server that is started again knows the hub and its links.
    site.server.restart().await;
    site.server.start_workers();
    let issued = site.server.issued(&site.session, &permanent(&[site.door])).await;
    site.holds(site.door, 2).await;
    assert!(site.content(hub, lock).await.contains(&text(&issued["code"]).to_owned()));
    assert_eq!(site.air.connections().len(), 2, "one connection each time");
}

#[tokio::test]
async fn a_token_is_kept_sealed_and_never_said_again_and_goes_to_its_address_alone() {
    let site = Site::open().await;
    let hub = site.add().await;
    let path = format!("/hubs/{hub}");
    let edit = async |edit: Value| {
        let listed = site.server.read(&site.session, &format!("/properties/{}/hubs", site.server.world.property)).await;
        let etag = text(&listed["items"][0]["etag"]).to_owned();
        let request = site.server.request(Method::PATCH, &path).web(&site.session).header("if-match", &etag);
        let answer = request.json(&edit).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(!answer.text.contains(TOKEN));
        answer.json()
    };
    assert_eq!(edit(json!({"name": "Attic hub"})).await["name"], "Attic hub");
    let moved = edit(json!({"url": "wss://hub.example.com:3000"})).await;
    assert_eq!((&moved["has_token"], &moved["online"]), (&json!(false), &json!(false)), "{moved}");
    site.server.eventually("it connects anew", async || site.air.connections().len() == 2).await;
    assert_eq!(
        site.air.connections(),
        [("ws://127.0.0.1:3000/".into(), Some(TOKEN.into())), ("wss://hub.example.com:3000/".into(), None)],
        "another name makes no other connection, and another address gets no token that was given for the first"
    );
    let kept = |bytes: &[u8]| bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes());
    assert!(!kept(&site.server.files()), "it is in the clear in the database");
    assert!(!logged().contains(TOKEN), "it is in the log");
}

#[tokio::test]
async fn a_hub_that_can_not_be_added_is_refused_at_the_field() {
    let site = Site::open().await;
    let hub = |key: &str, value: Value| {
        let mut hub = json!({"kind": "zwave_js", "name": "Cellar hub", "url": "ws://localhost:3000"});
        hub[key] = value;
        hub
    };
    for (new, field, code) in [
        (hub("url", json!("ws://hub.example.com:3000")), "url", "not_encrypted"),
        (hub("url", json!("ws://10.0.0.5:3000")), "url", "not_encrypted"),
        (hub("url", json!("http://localhost:3000")), "url", "not_a_hub_address"),
        (hub("url", json!("wss://ada:secret@hub.example.com")), "url", "has_secrets"),
        (hub("kind", json!("home_assistant")), "kind", "comes_later"),
        (hub("kind", json!("simulated")), "kind", "comes_later"),
        (hub("name", json!(" HUB ")), "name", "taken"),
        (hub("name", json!("")), "name", "required"),
        (hub("token", json!("two words")), "token", "invalid"),
    ] {
        let answer = site.try_to_add(&new).await;
        assert_eq!(answer.problem(), (422, "invalid".into()), "{new}");
        let error = &answer.json()["errors"][0];
        assert_eq!((text(&error["field"]), text(&error["code"])), (field, code), "{new}");
    }
    assert_eq!(site.recorded("hub.added").await, 0);
    assert_eq!(site.air.connections(), []);
}

#[tokio::test]
async fn r24_r27_an_exchanged_lock_is_emptied_once_the_new_one_has_the_codes() {
    let site = Site::open().await;
    let hub = site.add().await;
    let front = site.link(site.door, hub, "front").await;
    site.server.issued(&site.session, &permanent(&[site.door])).await;
    site.holds(site.door, 2).await;
    let before = site.content(hub, front).await;
    let back = site.link(site.door, hub, "back").await;
    assert_ne!(front, back, "it is another lock on the same door");
    site.holds(site.door, 2).await;
    site.has_no_former_locks(site.door).await;
    let mut now = site.content(hub, back).await;
    let mut expected = before;
    now.sort();
    expected.sort();
    assert_eq!(now, expected, "the same digits");
    assert_eq!(site.recorded("lock.exchanged").await, 1);
    // The one before is free for another door, and empty.
    let cellar = site.link(site.other, hub, "front").await;
    assert_eq!(site.content(hub, cellar).await, [""; 0]);
}

#[tokio::test]
async fn r27_a_code_that_the_new_lock_does_not_take_stays_on_the_old_one() {
    let site = Site::open().await;
    let hub = site.add().await;
    let four = json!({"kind": "permanent", "door_ids": [site.other], "guest_name": "Ada", "length": 4});
    let front = site.link(site.other, hub, "front").await;
    let issued = site.server.issued(&site.session, &four).await;
    site.holds(site.other, 1).await;
    site.link(site.other, hub, "six-only").await;
    let failed = async || site.door(site.other).await["lock"]["waiting"][0]["reason"] == "length_not_supported";
    site.server.eventually("the new lock refuses it", failed).await;
    let door = site.door(site.other).await;
    let former = &door["former_locks"][0];
    assert_eq!((&former["id"], &former["slots"][0]["state"]), (&json!(front), &json!("working")), "{door}");
    assert_eq!(site.content(hub, front).await, [text(&issued["code"])]);
    // It goes from both when it is revoked.
    assert_eq!(site.server.revoke(&site.session, &issued).await.status, 200);
    site.has_no_former_locks(site.other).await;
    let placements = site.server.guest_code(&site.session, &issued).await["placements"].clone();
    assert_eq!(placements.as_array().expect("placements").len(), 1, "a door is told of once: {placements}");
}

#[tokio::test]
async fn r24_a_lock_that_is_gone_still_opens_until_somebody_confirms_that_it_does_not() {
    let site = Site::open().await;
    let hub = site.add().await;
    let front = site.link(site.door, hub, "front").await;
    site.holds(site.door, 1).await;
    site.air.hub(hub).set_lock_online(front, false);
    site.server.eventually("it is offline", async || site.door(site.door).await["lock"]["online"] == false).await;
    assert_eq!(site.unlink(site.door).await.status, 200);
    let door = site.door(site.door).await;
    assert_eq!(door["lock"], Value::Null);
    assert_eq!(door["waiting"][0]["reason"], "no_lock_linked", "{door}");
    assert_eq!(door["former_locks"][0]["slots"][0]["state"], "being_removed", "{door}");
    // It is still this door's, and its hub's.
    let answer = site.try_to_link(site.other, hub, "front").await;
    assert_eq!(answer.problem(), (409, "lock_linked".into()));
    assert!(text(&answer.json()["detail"]).contains("201"), "{}", answer.text);
    assert_eq!(site.server.delete(&format!("/hubs/{hub}")).web(&site.session).send().await.problem().1, "hub_in_use");

    let path = format!("/doors/{}/former-locks/{front}/confirm-gone", site.door);
    let confirm =
        async |reason: &str| site.server.post(&path).web(&site.session).json(&json!({"reason": reason})).send().await;
    assert_eq!(confirm("  ").await.problem(), (422, "reason_required".into()));
    let digits = site.content(hub, front).await[0].clone();
    assert_eq!(confirm(&format!("I typed {digits} and it stayed shut")).await.problem(), (422, "invalid".into()));
    let answer = confirm("The lock was taken off the door").await;
    assert_eq!((answer.status, &answer.json()["former_locks"]), (200, &json!([])), "{}", answer.text);
    let gone = site.server.recorded_as("lock.confirmed_gone").await;
    assert_eq!(gone[0].detail, "The lock was taken off the door");
    assert_eq!(site.server.recorded_as("placement.removed").await[0].actor.name, "manager");
    assert_eq!(confirm("Twice").await.problem(), (404, "not_found".into()));
    // Nothing hangs on the hub any more.
    assert_eq!(site.server.delete(&format!("/hubs/{hub}")).web(&site.session).send().await.status, 204);
    let path = format!("/hubs/{hub}/locks");
    assert_eq!(site.server.get(&path).web(&site.session).send().await.problem(), (404, "not_found".into()));
}

#[tokio::test]
async fn r24_an_unlinked_lock_is_emptied_and_can_be_linked_again() {
    let site = Site::open().await;
    let hub = site.add().await;
    let front = site.link(site.door, hub, "front").await;
    site.holds(site.door, 1).await;
    assert_eq!(site.unlink(site.door).await.status, 200);
    site.has_no_former_locks(site.door).await;
    assert_eq!(site.unlink(site.door).await.problem(), (409, "no_lock_linked".into()));
    let again = site.link(site.door, hub, "front").await;
    site.holds(site.door, 1).await;
    assert_ne!(front, again);
    assert_eq!(site.content(hub, again).await.len(), 1);
}

#[tokio::test]
async fn r35_a_lock_is_on_one_door_at_most_and_other_properties_learn_nothing_of_it() {
    let site = Site::open().await;
    let hub = site.add().await;
    site.link(site.door, hub, "front").await;
    let answer = site.try_to_link(site.other, hub, "front").await;
    assert_eq!(answer.problem(), (409, "lock_linked".into()));
    assert!(text(&answer.json()["detail"]).contains("201"), "{}", answer.text);
    assert_eq!(site.try_to_link(site.other, hub, "none such").await.problem(), (409, "unknown_lock".into()));

    // The same device, found through a hub of another property.
    let foreign = site.server.sign_in(FOREIGN_MANAGER).await;
    let property = site.server.world.foreign_property;
    let new = json!({"kind": "zwave_js", "name": "Mine", "url": "ws://127.0.0.1:3000"});
    let added = keyed(site.server.post(&format!("/properties/{property}/hubs"))).web(&foreign).json(&new).send().await;
    let other_hub = text(&added.json()["id"]).to_owned();
    let tested = site.server.post(&format!("/hubs/{other_hub}/test")).web(&foreign).send().await;
    assert_eq!(tested.json()["result"], "answered", "{}", tested.text);
    let door = site
        .server
        .write(move |tx| {
            let hub_id = doors::unlinked_hub(tx, property, crate::harness::NOON).expect("a hub");
            let new = NewDoor {
                property_id: property,
                building_id: None,
                unit_id: None,
                kind: DoorKind::Amenity,
                name: "Far gym",
                hub_id,
                slots_total: 250,
                battery_percent: None,
            };
            doors::insert_door(tx, &new, crate::harness::NOON).expect("a door")
        })
        .await;
    let found = site.server.read(&foreign, &format!("/hubs/{other_hub}/locks")).await;
    let front = found["items"].as_array().expect("items").iter().find(|lock| lock["hub_lock"] == "front").expect("it");
    assert_eq!((&front["linked"], &front["door"]), (&json!(true), &Value::Null), "{front}");
    let etag = text(&site.server.read(&foreign, &format!("/doors/{door}")).await["etag"]).to_owned();
    let request = site.server.put(&format!("/doors/{door}/lock")).web(&foreign).header("if-match", &etag);
    let answer = request.json(&json!({"hub_id": other_hub, "hub_lock": "front"})).send().await;
    assert_eq!(answer.problem(), (409, "lock_linked".into()));
    assert!(!answer.text.contains("201"), "{}", answer.text);
    // A hub of the one is none of the other, whoever may see both.
    let support = site.server.sign_in(SUPPORT).await;
    assert_eq!(site.server.get(&format!("/hubs/{hub}/locks")).web(&foreign).send().await.status, 404);
    assert_eq!(site.server.get(&format!("/hubs/{hub}/locks")).web(&support).send().await.status, 403);
    assert_eq!(site.server.get(&format!("/doors/{}", site.door)).web(&foreign).send().await.status, 404);
}

#[tokio::test]
async fn a_door_is_linked_as_it_was_read_or_not_at_all() {
    let site = Site::open().await;
    let hub = site.add().await;
    let etag = text(&site.door(site.door).await["etag"]).to_owned();
    site.link(site.door, hub, "front").await;
    let link = |etag: Option<&str>| {
        let request = site.server.put(&format!("/doors/{}/lock", site.door)).web(&site.session);
        let request = match etag {
            Some(etag) => request.header("if-match", etag),
            None => request,
        };
        request.json(&json!({"hub_id": hub, "hub_lock": "back"})).send()
    };
    assert_eq!(link(Some(&etag)).await.problem(), (412, "stale".into()));
    assert_eq!(link(None).await.problem(), (428, "if_match_required".into()));
    site.holds(site.door, 1).await;
    // What is linked already is done and recorded again.
    site.link(site.door, hub, "front").await;
    assert_eq!((site.recorded("lock.linked").await, site.recorded("lock.exchanged").await), (2, 1));
    site.holds(site.door, 1).await;
}

#[tokio::test]
async fn r28_what_failed_is_sent_again_when_somebody_says_so() {
    let site = Site::open().await;
    let path = format!("/doors/{}/send-again", site.other);
    let again = async || site.server.post(&path).web(&site.session).send().await;
    assert_eq!(again().await.problem(), (409, "no_lock_linked".into()));
    let hub = site.add().await;
    let front = site.link(site.other, hub, "front").await;
    site.server.eventually("it is linked", async || site.air.hub(hub).ping(front).await.is_ok()).await;
    site.air.hub(hub).fail_next_writes(front, 1, LockError::DuplicateOnLock);
    let issued = site.server.issued(&site.session, &permanent(&[site.other])).await;
    let failed = async || site.door(site.other).await["lock"]["waiting"][0]["state"] == "failed";
    site.server.eventually("it fails for good", failed).await;
    let answer = again().await;
    assert_eq!((answer.status, &answer.json()["codes"]), (200, &json!(1)), "{}", answer.text);
    site.holds(site.other, 1).await;

    // One code alone, at a lock that is left alone since it doesn't answer.
    site.air.hub(hub).forget(front, Slot::new(1).expect("a slot"));
    let path = format!("/codes/{}/send-again", text(&issued["id"]));
    let answer = site.server.post(&path).web(&site.session).send().await;
    assert_eq!((answer.status, &answer.json()["codes"]), (200, &json!(0)), "what is right is left alone");
    assert_eq!(
        (site.recorded("lock.sent_again").await, site.recorded("code.sent_again").await),
        (2, 1),
        "one was refused"
    );
}

#[tokio::test]
async fn r33_administrators_see_a_door_and_nobody_elses_codes() {
    let site = Site::open().await;
    let hub = site.add().await;
    site.link(site.door, hub, "front").await;
    site.holds(site.door, 1).await;
    let administrator = site.server.world.support;
    site.server
        .write(move |tx| {
            tx.execute("UPDATE person SET support = 0, administrator = 1 WHERE id = ?", [administrator]).expect("set")
        })
        .await;
    let session = site.server.sign_in(SUPPORT).await;
    let door = site.server.read(&session, &format!("/doors/{}", site.door)).await;
    let slot = &door["lock"]["slots"][0];
    assert_eq!((&slot["holder"], &slot["code_id"], &door["events"]), (&Value::Null, &Value::Null, &json!([])));
    assert_eq!((&slot["state"], &door["may_link"]), (&json!("working"), &json!(true)));
}

/// The command line changes the records beside the server.
#[tokio::test]
async fn a_hub_that_another_program_adds_or_removes_is_connected_to_and_let_go() {
    let site = Site::open().await;
    let beside = site.server.another_program().await;
    let (property, now) = (site.server.world.property, site.server.app.now());
    let new = NewHub { kind: HubKind::ZwaveJs, name: "By hand".into(), url: "ws://127.0.0.1:3001".into(), token: None };
    let added = beside.write(move |tx| {
        let added = domain::add_from_command_line(tx, property, &new, now);
        added.map_err(|_| store::Error::Closed)
    });
    let hub = added.await.expect("added");
    site.server.eventually("it is connected to", async || site.air.connections().len() == 1).await;
    let drivers = || Arc::strong_count(&site.air.hub(hub));
    let at_work = drivers();
    let removed =
        beside.write(move |tx| domain::remove_from_command_line(tx, hub, now).map_err(|_| store::Error::Closed));
    removed.await.expect("removed");
    site.server.eventually("its driver is dropped", async || drivers() < at_work && drivers() == 2).await;
    assert!(site.server.app.workers().all_running());
    beside.close().await;
}

#[tokio::test]
async fn a_locks_battery_is_kept_as_it_changes_and_what_it_can_do_is_followed() {
    let site = Site::open().await;
    let hub = site.add().await;
    let front = site.link(site.door, hub, "front").await;
    site.holds(site.door, 1).await;
    for percent in [90, 90, 40] {
        site.server.advance(jiff::SignedDuration::from_mins(1));
        site.air.hub(hub).set_battery(front, percent);
        let heard = async || site.door(site.door).await["lock"]["battery_percent"] == percent;
        site.server.eventually("it is heard of", heard).await;
    }
    let battery = site.door(site.door).await["lock"]["battery"].clone();
    let percents: Vec<&Value> = battery.as_array().expect("readings").iter().map(|it| &it["percent"]).collect();
    assert_eq!(percents, [100, 90, 40]);
    site.air.hub(hub).configure(front, LockSettings { slots: 19, lengths: Lengths::Four, ..LockSettings::default() });
    site.air.hub(hub).pair(HubLock::new("new").expect("a name"), LockSettings::default());
    let told = async || {
        let abilities = &site.door(site.door).await["lock"]["abilities"];
        abilities["slots"] == 19 && abilities["lengths"] == "four"
    };
    site.server.eventually("what it can do is heard of", told).await;
}

#[tokio::test]
async fn r36_a_lock_of_a_retired_door_is_free_once_it_is_empty() {
    let site = Site::open().await;
    let hub = site.add().await;
    site.link(site.other, hub, "front").await;
    site.server.issued(&site.session, &permanent(&[site.other])).await;
    site.holds(site.other, 1).await;
    let answer = keyed(site.server.delete(&format!("/doors/{}", site.other))).web(&site.session).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let other = site.other;
    let idle =
        async || site.server.query(|db| locks::of_device(db, "front").expect("read").expect("linked").idle).await;
    site.server.eventually("it is empty", idle).await;
    site.link(site.door, hub, "front").await;
    site.holds(site.door, 1).await;
    let linked = site.server.query(move |db| locks::of_door(db, other).expect("read")[0].linked).await;
    assert!(!linked, "a door has no lock that another has");
}
