//! The server with the true Z-Wave JS, over a mock radio: from a hub that somebody adds to what is on its locks (R24–R27, R35).

use api_types::DoorKind;
use ids::{DoorId, HubId};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::doors::{self, NewDoor};
use zwave_js::ZwaveJs;

use crate::fixtures::{permanent, placement, status, text};
use crate::fixtures_matrix::keyed;
use crate::harness::{MANAGER, NOON, TestServer, WebSession};
use crate::true_hub::Hub;

/// The names that `tests/hub/hub.mjs` gives its locks, and how Z-Wave JS tells them apart.
const OLD: (&str, &str) = ("old", "sn=YA-0001");
const NEW: (&str, &str) = ("new", "sn=NW-0001");

/// More than the pause between two looks at what is offline.
const A_WHILE: SignedDuration = SignedDuration::from_secs(31);

/// A property with a true hub, and a door that has no lock yet.
struct Site {
    server: TestServer,
    session: WebSession,
    hub: Hub,
    hub_id: HubId,
    door: DoorId,
}

impl Site {
    async fn open() -> Self {
        let hub = Hub::start().await;
        let furnish = |tx: &store::Tx, world: &crate::harness::World| {
            let hub_id = doors::unlinked_hub(tx, world.property, NOON).expect("a hub that stands for none");
            let door = NewDoor {
                property_id: world.property,
                building_id: None,
                unit_id: None,
                kind: DoorKind::Property,
                name: "Cellar",
                hub_id,
                slots_total: 250,
                battery_percent: None,
            };
            doors::insert_door(tx, &door, NOON).expect("a door")
        };
        let (mut server, door) =
            TestServer::start_connecting(furnish, |to| Some(ZwaveJs::connect(to.hub_id, to.address, None, to.links)))
                .await;
        server.start_workers();
        let session = server.sign_in(MANAGER).await;
        let path = format!("/properties/{}/hubs", server.world.property);
        let new = json!({"kind": "zwave_js", "name": "Cellar", "url": format!("ws://127.0.0.1:{}", hub.port)});
        let added = keyed(server.post(&path)).web(&session).json(&new).send().await;
        assert_eq!(added.status, 201, "{}", added.text);
        let hub_id: HubId = text(&added.json()["id"]).parse().expect("an id");
        server
            .eventually("the hub answers", async || {
                let tested = server.post(&format!("/hubs/{hub_id}/test")).web(&session).send().await.json();
                tested["result"] == "answered"
            })
            .await;
        Self { server, session, hub, hub_id, door }
    }

    async fn read_door(&self) -> Value {
        self.server.read(&self.session, &format!("/doors/{}", self.door)).await
    }

    /// Links one of the hub's locks to the door, or exchanges the one that it has.
    async fn link(&self, (_, serial): (&str, &str)) {
        let found = self.server.read(&self.session, &format!("/hubs/{}/locks", self.hub_id)).await;
        let found = found["items"].as_array().expect("locks").iter().map(|lock| text(&lock["hub_lock"]).to_owned());
        let hub_lock = found.into_iter().find(|name| name.contains(serial)).expect("the lock");
        let etag = text(&self.read_door().await["etag"]).to_owned();
        let request = self.server.put(&format!("/doors/{}/lock", self.door)).web(&self.session);
        let linked = request.header("if-match", &etag).json(&json!({"hub_id": self.hub_id, "hub_lock": hub_lock}));
        let linked = linked.send().await;
        assert_eq!(linked.status, 200, "{}", linked.text);
    }

    async fn issue(&self, request: &Value) -> Value {
        self.server.issued(&self.session, request).await
    }

    async fn until(&self, code: &Value, wanted: &str) {
        self.server
            .eventually(&format!("the code is {wanted}"), async || {
                status(&self.server.guest_code(&self.session, code).await, self.door) == wanted
            })
            .await;
    }
}

#[tokio::test]
async fn r24_r35_a_code_waits_for_a_lock_is_on_it_and_opens_until_the_lock_confirms_that_it_is_gone() {
    let mut site = Site::open().await;
    let code = site.issue(&permanent(&[site.door])).await;
    assert_eq!(status(&code, site.door), "waiting");
    site.link(OLD).await;
    site.until(&code, "working").await;
    let digits = text(&code["code"]).to_owned();
    assert_eq!(site.hub.held(OLD.0, 1).await.as_ref(), Some(&digits));
    let slots = &site.read_door().await["lock"]["slots"];
    assert_eq!((&slots[0]["slot"], &slots[0]["evidence"]), (&json!(1), &json!("read_back")));

    site.hub.order(json!({"do": "offline", "lock": OLD.0})).await;
    assert_eq!(site.server.revoke(&site.session, &code).await.status, 200);
    site.server
        .eventually("the lock is known to be offline", async || {
            let shown = site.server.guest_code(&site.session, &code).await;
            placement(&shown, site.door)["reason"] == "lock_offline"
        })
        .await;
    site.until(&code, "being_removed").await;
    assert_eq!(site.hub.held(OLD.0, 1).await, Some(digits), "it still opens the door");

    site.hub.order(json!({"do": "online", "lock": OLD.0})).await;
    site.server.advance(A_WHILE);
    site.until(&code, "removed").await;
    assert_eq!(site.hub.held(OLD.0, 1).await, None);
}

#[tokio::test]
async fn r27_when_a_lock_is_exchanged_its_codes_go_to_the_new_one_and_then_off_the_old_one() {
    let mut site = Site::open().await;
    site.link(OLD).await;
    let code = site.issue(&permanent(&[site.door])).await;
    site.until(&code, "working").await;
    site.link(NEW).await;
    site.server
        .eventually("nothing is left on the old one", async || site.read_door().await["former_locks"] == json!([]))
        .await;
    site.until(&code, "working").await;
    let digits = text(&code["code"]).to_owned();
    assert_eq!((site.hub.held(OLD.0, 1).await, site.hub.held(NEW.0, 1).await), (None, Some(digits)));
}

#[tokio::test]
async fn r20_a_delivery_code_is_off_the_lock_once_it_has_opened_the_door() {
    let mut site = Site::open().await;
    site.link(OLD).await;
    let code = site.issue(&json!({"kind": "delivery", "door_ids": [site.door], "guest_name": "Parcel"})).await;
    site.until(&code, "working").await;
    site.hub.order(json!({"do": "keypad", "lock": OLD.0, "slot": 1})).await;
    site.until(&code, "removed").await;
    assert_eq!(site.server.guest_code(&site.session, &code).await["state"], "used");
    assert_eq!(site.hub.held(OLD.0, 1).await, None);
}

#[tokio::test]
async fn r25_a_code_programmed_at_the_lock_is_found_left_alone_and_removed_when_somebody_wants_that() {
    let mut site = Site::open().await;
    site.link(OLD).await;
    site.hub.order(json!({"do": "program", "lock": OLD.0, "slot": 1, "digits": "8642"})).await;
    let unknown = async |site: &Site| site.read_door().await["lock"]["unknown_codes"].clone();
    site.server.eventually("it is found", async || unknown(&site).await[0]["slot"] == 1).await;
    let code = site.issue(&permanent(&[site.door])).await;
    site.until(&code, "working").await;
    assert_eq!(site.hub.held(OLD.0, 1).await.as_deref(), Some("8642"));
    assert_eq!(site.hub.held(OLD.0, 2).await.as_deref(), Some(text(&code["code"])));

    let path = format!("/doors/{}/unknown-codes/1/clear", site.door);
    let cleared = site.server.post(&path).web(&site.session).json(&json!({"reason": "Nobody knows it"})).send().await;
    assert_eq!(cleared.status, 200, "{}", cleared.text);
    site.server.eventually("it is gone", async || unknown(&site).await == json!([])).await;
    assert_eq!(site.hub.held(OLD.0, 1).await, None);
}

#[tokio::test]
async fn r25_a_code_that_the_lock_lost_is_put_back() {
    let mut site = Site::open().await;
    site.link(OLD).await;
    let code = site.issue(&permanent(&[site.door])).await;
    site.until(&code, "working").await;
    site.hub.order(json!({"do": "forget", "lock": OLD.0, "slot": 1})).await;
    site.server.advance(SignedDuration::from_mins(5));
    site.server.eventually("it is seen", async || !site.server.recorded_as("placement.drifted").await.is_empty()).await;
    site.until(&code, "working").await;
    assert_eq!(site.hub.held(OLD.0, 1).await.as_deref(), Some(text(&code["code"])));
}

#[tokio::test]
async fn what_waits_while_the_hub_is_gone_is_done_when_it_is_back_although_the_server_was_restarted() {
    let mut site = Site::open().await;
    site.link(OLD).await;
    let going = site.issue(&permanent(&[site.door])).await;
    site.until(&going, "working").await;
    site.hub.order(json!({"do": "stop"})).await;
    assert_eq!(site.server.revoke(&site.session, &going).await.status, 200);
    let coming = site.issue(&permanent(&[site.door])).await;
    site.until(&coming, "waiting").await;
    site.server.restart().await;
    site.server.start_workers();
    site.hub.order(json!({"do": "start"})).await;
    site.server
        .eventually("the hub answers", async || {
            let path = format!("/hubs/{}/test", site.hub_id);
            site.server.post(&path).web(&site.session).send().await.json()["result"] == "answered"
        })
        .await;
    site.server.advance(A_WHILE);
    site.until(&going, "removed").await;
    site.until(&coming, "working").await;
}
