//! The overview: every number counts exactly what the list that it links to shows, whatever state hubs, locks and codes
//! are in; and nobody disappears while their code opens a door (R24, R26).

use api_types::DoorKind;
use ids::{DoorId, HubId};
use latchkey_server::app::Settings;
use serde_json::{Value, json};
use store::doors::{self, NewDoor};
use store::{placements, unknown_codes};

use crate::fixtures::{permanent, text};
use crate::harness::{MANAGER, NOON, TestServer, WebSession};

/// A demonstration with a second hub, *East*, which drives the locks of two gates; the second lock has a single slot.
pub(crate) async fn start() -> (TestServer, East) {
    let settings = Settings { demo: true, ..Settings::default() };
    let (mut server, east) = TestServer::start_furnished(settings, |tx, world| {
        let hub = doors::insert_hub(tx, world.property, "East", NOON).expect("a hub");
        let gate = |name, slots_total| {
            let new = NewDoor {
                property_id: world.property,
                building_id: None,
                unit_id: None,
                kind: DoorKind::Property,
                name,
                hub_id: hub,
                slots_total,
                battery_percent: None,
            };
            doors::insert_door(tx, &new, NOON).expect("a door")
        };
        East { hub, gate: gate("East gate", 20), narrow: gate("Narrow gate", 1) }
    })
    .await;
    server.start_workers();
    server.settled().await;
    (server, east)
}

#[derive(Clone, Copy)]
pub(crate) struct East {
    pub(crate) hub: HubId,
    pub(crate) gate: DoorId,
    pub(crate) narrow: DoorId,
}

/// Waits until nothing is due at either hub.
pub(crate) async fn settled(server: &TestServer, east: East) {
    server.settled().await;
    let db = server.watch();
    server
        .eventually("nothing is due in the east", async || {
            let next = placements::next_due(&db, east.hub, server.app.now()).expect("read");
            next.is_none_or(|at| at > server.app.now())
        })
        .await;
    server.settled().await;
}

/// Switches a hub by the demonstration's route, and waits until the server knows.
pub(crate) async fn switch_hub(server: &TestServer, manager: &WebSession, hub: HubId, door: DoorId, online: bool) {
    let path = format!("/simulator/hubs/{hub}");
    let answer = server.post(&path).web(manager).json(&json!({"online": online})).send().await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    server.eventually("the hub was heard of", async || server.door_record(door).await.hub_online == online).await;
}

/// Switches a lock by the demonstration's route. Of one behind an offline hub nothing is heard.
pub(crate) async fn switch_lock(server: &TestServer, manager: &WebSession, door: DoorId, online: bool) {
    let path = format!("/simulator/doors/{door}/lock");
    let answer = server.post(&path).web(manager).json(&json!({"online": online})).send().await;
    assert!(answer.status < 300, "{}", answer.text);
    server
        .eventually("the lock was heard of", async || {
            let record = server.door_record(door).await;
            !record.hub_online || record.lock_online == online
        })
        .await;
}

/// How many items a list has.
async fn count(server: &TestServer, manager: &WebSession, path: &str) -> u64 {
    let list = server.read(manager, path).await;
    assert!(list["next_cursor"].is_null(), "{path} is longer than a page");
    list["items"].as_array().expect("items").len() as u64
}

async fn property(server: &TestServer, manager: &WebSession) -> Value {
    server.read(manager, &format!("/properties/{}", server.world.property)).await
}

/// The filters of a need, as the console puts them into its links.
fn filters(need: &Value) -> String {
    match text(&need["cause"]) {
        "hub_offline" => format!("&hub={}", text(&need["hub_id"])),
        "lock_offline" => format!("&door={}", text(&need["door_id"])),
        "failed" => format!("&reason={}", text(&need["reason"])),
        "not_removed" => format!("&reason={}&reachable=true", text(&need["reason"])),
        other => panic!("an unknown cause: {other}"),
    }
}

/// Compares each number of the overview with the list that it links to.
pub(crate) async fn check_lists(server: &TestServer, manager: &WebSession, state: &str) -> Value {
    let property = property(server, manager).await;
    let (counts, health) = (&property["counts"], &property["health"]);
    let id = server.world.property;
    let doors = format!("/properties/{id}/doors?limit=200");
    let residents = format!("/properties/{id}/residents?limit=200");
    let guests = format!("/guest-codes?property={id}&limit=200");
    let mut numbers = vec![
        (health["doors"].clone(), doors.clone()),
        (health["doors_in_order"].clone(), format!("{doors}&state=working")),
        (health["locks_offline"].clone(), format!("{doors}&state=offline")),
        (health["doors_unsettled"].clone(), format!("{doors}&state=unsettled")),
        (counts["residents"].clone(), format!("{residents}&tenancy=current")),
        (counts["residents_app_ready"].clone(), format!("{residents}&tenancy=current&app=ready")),
        (counts["residents_app_too_old"].clone(), format!("{residents}&tenancy=current&app=too_old")),
        (counts["residents_without_app"].clone(), format!("{residents}&tenancy=current&app=none")),
        (counts["custom_codes"].clone(), format!("{residents}&tenancy=current&origin=custom")),
        (counts["guest_codes_live"].clone(), format!("{guests}&status=live")),
    ];
    for (status, codes) in counts["guest_codes"].as_object().expect("numbers") {
        numbers.push((codes.clone(), format!("{guests}&status=live&worst={status}")));
    }
    for hub in health["hubs"].as_array().expect("hubs") {
        numbers.push((hub["doors"].clone(), format!("{doors}&hub={}", text(&hub["id"]))));
        let told = health["needs"].as_array().expect("needs").iter().find(|need| need["hub_id"] == hub["id"]);
        assert_eq!(told.is_none(), hub["online"].as_bool().expect("a state"), "{state}: {hub}");
        assert!(told.is_none_or(|need| need["since"] == hub["since"]), "{state}: two times for {hub}");
    }
    for need in health["needs"].as_array().expect("needs") {
        let filters = filters(need);
        let of_doors = match text(&need["cause"]) {
            "hub_offline" => Some(format!("{doors}{filters}")),
            "failed" => Some(format!("{doors}{filters}&on_lock=failed")),
            "not_removed" => Some(format!("{doors}{filters}&on_lock=being_removed")),
            _ => None,
        };
        numbers.extend(of_doors.map(|path| (need["doors"].clone(), path)));
        for codes in need["codes"].as_array().expect("codes") {
            let list = match text(&codes["of"]) {
                "guest" => guests.clone(),
                "former_resident" => format!("{residents}&tenancy=former"),
                _ => residents.clone(),
            };
            numbers.push((codes["count"].clone(), format!("{list}{filters}&on_lock={}", text(&codes["status"]))));
        }
    }
    for (number, path) in numbers {
        assert_eq!(number, count(server, manager, &path).await, "{state}: {path}\n{health:#}");
    }
    let parts =
        ["doors_in_order", "locks_offline", "doors_unsettled"].map(|part| health[part].as_u64().expect("a number"));
    assert_eq!(health["doors"], parts.iter().sum::<u64>(), "{state}");

    // A lock that is offline says so, and since when, once.
    for door in server.read(manager, &doors).await["items"].as_array().expect("doors") {
        let lock = &door["lock"];
        assert_eq!(lock["online"] == json!(false), lock["state"] == "offline", "{state}: {door}");
        let mut needs = health["needs"].as_array().expect("needs").iter();
        let told = needs.find(|need| need["door_id"] == door["id"] || need["hub_id"] == lock["hub_id"]);
        assert_eq!(told.is_some(), lock["online"] == json!(false), "{state}: {door}\n{health:#}");
        assert!(told.is_none_or(|need| need["since"] == lock["since"]), "{state}: two times for {door}");
    }
    // Nobody disappears while their code opens a door.
    for thing in health["needs_you"].as_array().expect("things") {
        if let Some(resident) = thing["resident_id"].as_str() {
            let found = server.read(manager, &format!("/properties/{id}/residents/{resident}")).await;
            assert_eq!(found["ended_at"].is_string(), thing["former"] == json!(true), "{state}: {thing}");
            if thing["former"] == json!(true) {
                let former = server.read(manager, &format!("{residents}&tenancy=former")).await;
                let mut items = former["items"].as_array().expect("items").iter();
                assert!(items.any(|item| item["id"] == *resident), "{state}: {thing}");
            }
        }
    }
    property
}

#[tokio::test]
async fn r26_with_every_hub_off_no_door_works_and_each_hub_needs_attention() {
    let (server, east) = start().await;
    let manager = server.sign_in(MANAGER).await;
    let world = server.world;
    let working = server.issued(&manager, &permanent(&[east.gate])).await;
    settled(&server, east).await;
    switch_hub(&server, &manager, world.hub, world.gate, false).await;
    switch_hub(&server, &manager, east.hub, east.gate, false).await;
    server.issued(&manager, &permanent(&[east.gate])).await;
    server.revoke(&manager, &working).await;
    settled(&server, east).await;
    let property = check_lists(&server, &manager, "all off").await;
    let health = &property["health"];
    assert_eq!((&health["doors_in_order"], &health["locks_offline"]), (&json!(0), &json!(5)), "{health:#}");
    let needs = health["needs"].as_array().expect("needs");
    let of = |need: &Value| (need["cause"].clone(), need["name"].clone(), need["doors"].clone());
    assert_eq!(of(&needs[0]), (json!("hub_offline"), json!("East"), json!(2)));
    assert_eq!(of(&needs[1]), (json!("hub_offline"), json!("Hub"), json!(3)));
    let codes = json!([
        {"status": "being_removed", "of": "guest", "count": 1},
        {"status": "waiting", "of": "guest", "count": 1},
    ]);
    assert_eq!(needs[0]["codes"], codes);
    assert_eq!(property["counts"]["guest_codes"]["waiting"], 1);
    assert_eq!(property["counts"]["guest_codes"]["working"], 0);
}

#[tokio::test]
async fn r24_who_moved_out_is_found_until_every_door_has_confirmed() {
    let (server, east) = start().await;
    let manager = server.sign_in(MANAGER).await;
    let resident = server.resident().await;
    let world = server.world;
    server.issued(&resident, &permanent(&[world.door])).await;
    settled(&server, east).await;
    switch_hub(&server, &manager, world.hub, world.gate, false).await;
    let of = format!("/properties/{}/residents", world.property);
    let one = format!("{of}/{}", world.tenancy);
    assert!(server.read(&manager, &one).await["move_out"].is_null());
    assert_eq!(server.post(&format!("{one}/move-out")).web(&manager).once().send().await.status, 200);
    settled(&server, east).await;

    // From the overview, which names them, to the list that it counts and to their page.
    let property = check_lists(&server, &manager, "moved out").await;
    let things = property["health"]["needs_you"].as_array().expect("things");
    let own = things.iter().find(|thing| thing["resident_id"] == json!(world.tenancy)).expect("it is there");
    assert_eq!((&own["former"], &own["status"]), (&json!(true), &json!("being_removed")));
    let still_opens = format!("{of}?tenancy=former&on_lock=being_removed");
    assert_eq!(server.read(&manager, &still_opens).await["items"][0]["id"], json!(world.tenancy));
    assert_eq!(count(&server, &manager, &of).await, 0, "they live there no more");
    let page = server.read(&manager, &one).await;
    assert_eq!((&page["move_in"], &page["move_out"]), (&json!("2026-01-01"), &json!("2026-06-15")), "the dates follow");

    // Two codes at one door, told apart.
    let progress = server.read(&manager, &format!("{one}/move-out")).await;
    assert_eq!(progress["all_doors_confirmed"], false);
    let placements = progress["placements"].as_array().expect("placements").iter();
    let mut which: Vec<_> = placements
        .map(|placement| {
            assert_eq!(placement["door_id"], json!(world.door));
            (text(&placement["which"]).to_owned(), placement["guest_name"].clone())
        })
        .collect();
    which.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(which, [("current".to_owned(), Value::Null), ("guest".to_owned(), json!("Ada"))]);

    switch_hub(&server, &manager, world.hub, world.gate, true).await;
    settled(&server, east).await;
    assert_eq!(server.read(&manager, &format!("{one}/move-out")).await["all_doors_confirmed"], true);
    assert_eq!(count(&server, &manager, &still_opens).await, 0);
    assert_eq!(
        count(&server, &manager, &format!("{of}?tenancy=former")).await,
        1,
        "the list of former residents stays"
    );
}

/// What nobody here knows to be on a lock opens its door, and a lock without power opens none.
#[tokio::test]
async fn r25_unknown_codes_and_low_batteries_need_somebody() {
    let server = TestServer::start().await;
    let manager = server.sign_in(MANAGER).await;
    let property = format!("/properties/{}", server.world.property);
    let needs = async || server.read(&manager, &property).await["health"]["needs"].clone();
    assert_eq!(needs().await, json!([]));

    let (gate, unit) = (server.door_record(server.world.gate).await, server.door_record(server.world.door).await);
    let (of_gate, of_unit) = (gate.lock_id, unit.lock_id);
    server
        .write(move |tx| {
            for slot in [7, 9] {
                unknown_codes::found(tx, of_gate, slot, NOON).expect("found");
            }
            // It is only looked at, since somebody changed something there.
            unknown_codes::suspect(tx, of_unit, 3, NOON).expect("suspected");
            for (lock, percent) in [(of_gate, 20), (of_unit, 21)] {
                tx.execute("UPDATE lock SET battery_percent = ? WHERE id = ?", (percent, lock)).expect("set");
            }
        })
        .await;
    let found = needs().await;
    let causes: Vec<_> =
        found.as_array().expect("a list").iter().map(|need| (&need["cause"], &need["doors"])).collect();
    assert_eq!(causes, [(&json!("unknown_codes"), &json!(1)), (&json!("battery_low"), &json!(1))], "worst first");
    let doors = server.read(&manager, &format!("{property}/doors?limit=200")).await;
    let with_unknown: Vec<_> = doors["items"]
        .as_array()
        .expect("doors")
        .iter()
        .filter(|door| door["lock"]["unknown_codes"] != 0)
        .map(|door| (text(&door["id"]).to_owned(), door["lock"]["unknown_codes"].clone()))
        .collect();
    assert_eq!(with_unknown, [(server.world.gate.to_string(), json!(2))], "the door that the number counts");

    server
        .write(move |tx| {
            for slot in [7, 9] {
                unknown_codes::gone(tx, of_gate, slot).expect("gone");
            }
        })
        .await;
    assert_eq!(needs().await[0]["cause"], "battery_low");
}
