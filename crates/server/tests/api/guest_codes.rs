//! Guest codes: always random, of four kinds, opening doors only at their times, and gone when they are over (R19–R24).

use api_types::DoorKind;
use ids::DoorId;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use store::doors::{self, NewDoor};
use store::tenancies::{self, Dates, NewTenancy};
use store::{Scope, properties};

use crate::fixtures::{APP, Credential, mentions, permanent, placement, status, text};
use crate::harness::{FOREIGN_MANAGER, MANAGER, MobileToken, NOON, RESIDENT, SUPPORT, TestServer};

fn temporary(doors: &[DoorId], starts_at: &str, ends_at: &str) -> Value {
    json!({"kind": "temporary", "door_ids": doors, "guest_name": "Ada", "starts_at": starts_at, "ends_at": ends_at})
}

fn delivery(doors: &[DoorId]) -> Value {
    json!({"kind": "delivery", "door_ids": doors, "guest_name": "Parcel"})
}

fn recurring(doors: &[DoorId], weekdays: &[&str], times: [&str; 2], days: [&str; 2]) -> Value {
    let [from, to] = times;
    let [first_day, last_day] = days;
    json!({"kind": "recurring", "door_ids": doors, "guest_name": "Cleaner", "recurrence": {
        "weekdays": weekdays, "from": from, "to": to, "first_day": first_day, "last_day": last_day,
    }})
}

/// Advances the clock to an instant and waits until what is due then is done.
async fn turn_to(server: &TestServer, instant: &str) {
    let millis = instant.parse::<Timestamp>().expect("an instant").as_millisecond() - server.app.now();
    assert!(millis > 0, "{instant} is over");
    server.advance(SignedDuration::from_millis(millis));
    server.settled().await;
}

/// The fields that are wrong, with the codes that say how.
fn errors(body: &Value) -> Vec<(&str, &str)> {
    let errors = body["errors"].as_array().expect("errors").iter();
    errors.map(|error| (text(&error["field"]), text(&error["code"]))).collect()
}

#[rstest]
#[case::code("code", json!("530917"))]
#[case::code_as_a_number("code", json!(530917))]
#[case::no_code("code", json!(null))]
#[case::pin("pin", json!("530917"))]
#[case::digits("digits", json!("530917"))]
#[case::access_code("access_code", json!("530917"))]
#[case::custom_code("custom_code", json!("530917"))]
#[tokio::test]
async fn r19_a_request_with_digits_of_its_own_is_refused(#[case] field: &str, #[case] value: Value) {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let manager = server.sign_in(MANAGER).await;
    let mut request = permanent(&[server.world.door]);
    request[field] = value;
    for (who, role) in [(&resident as &dyn Credential, "resident"), (&manager as &dyn Credential, "manager")] {
        let answer = who.sign(server.post("/guest-codes")).once().json(&request).send().await;
        assert_eq!(answer.problem(), (422, "guest_codes_are_random".into()));
        assert_eq!(errors(&answer.json()), [(field, "guest_codes_are_random")]);
        assert!(!answer.text.contains("530917"));
        let event = server.recorded_as("guest_code.refused").await.remove(0);
        assert_eq!((event.code.as_deref(), event.actor.role.name()), (Some("guest_codes_are_random"), role));
        assert!(!mentions(&format!("{event:?}"), "530917"));
    }
    assert_eq!(server.read(&resident, "/guest-codes").await["items"], json!([]));
    assert_eq!(server.held(server.world.door).await, 1);
}

#[tokio::test]
async fn r19_nothing_else_that_a_client_meant_is_dropped_either() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    for field in ["note", "max_uses", "Guest_Name", "encoding"] {
        let mut request = permanent(&[server.world.door]);
        request[field] = json!("530917");
        let answer = server.issue(&resident, &request).await;
        assert_eq!(answer.problem(), (422, "unknown_field".into()), "{field}");
        assert_eq!(errors(&answer.json()), [(field, "unknown_field")]);
    }
    let mut request = recurring(&[server.world.door], &["mon"], ["09:00", "12:30"], ["2026-06-15", "2026-06-30"]);
    request["recurrence"]["pin"] = json!("530917");
    assert_eq!(server.issue(&resident, &request).await.problem(), (422, "unknown_field".into()));
    assert_eq!(server.read(&resident, "/guest-codes").await["items"], json!([]));
}

#[tokio::test]
async fn r20_a_temporary_code_works_from_its_start_to_its_end() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    let request = temporary(&[door], "2026-06-15T19:00:00Z", "2026-06-15T21:30:00Z");
    let issued = server.issued(&resident, &request).await;
    let digits = text(&issued["code"]).to_owned();
    server.settled().await;
    assert_eq!((&issued["state"], status(&issued, door)), (&json!("scheduled"), "none"));
    assert!(!server.holds(door, &digits).await);

    // A quarter of an hour before, it is sent (R44).
    turn_to(&server, "2026-06-15T18:44:59.999Z").await;
    assert!(!server.holds(door, &digits).await);
    turn_to(&server, "2026-06-15T19:00:00Z").await;
    let code = server.guest_code(&resident, &issued).await;
    assert_eq!((&code["state"], status(&code, door)), (&json!("live"), "working"));
    assert!(server.holds(door, &digits).await);
    // As often as they like.
    for _ in 0..3 {
        assert!(server.open(door, &digits).await);
    }
    turn_to(&server, "2026-06-15T21:29:59.999Z").await;
    assert!(server.holds(door, &digits).await);
    turn_to(&server, "2026-06-15T21:30:00Z").await;
    let code = server.guest_code(&resident, &issued).await;
    assert_eq!((&code["state"], status(&code, door)), (&json!("expired"), "removed"));
    assert!(!server.open(door, &digits).await);
    assert_eq!(server.recorded_as("guest_code.expired").await.len(), 1);
}

#[rstest]
#[case::as_long_as_may_be("2026-06-15T18:00:00Z", "2027-06-16T18:00:00Z", None)]
#[case::a_second_longer("2026-06-15T18:00:00Z", "2027-06-16T18:00:01Z", Some(("ends_at", "window_too_long")))]
#[case::backwards("2026-06-15T20:00:00Z", "2026-06-15T19:00:00Z", Some(("ends_at", "end_not_after_start")))]
#[case::empty("2026-06-15T20:00:00Z", "2026-06-15T20:00:00Z", Some(("ends_at", "end_not_after_start")))]
#[case::over("2026-06-14T20:00:00Z", "2026-06-15T18:00:00Z", Some(("ends_at", "in_the_past")))]
#[case::begun("2026-06-14T20:00:00Z", "2026-06-15T18:00:01Z", None)]
#[case::with_an_offset("2026-06-15T13:00:00-06:00", "2026-06-15T14:00:00-06:00", None)]
#[case::local("2026-06-15T13:00:00", "2026-06-15T20:00:00Z", Some(("starts_at", "not_an_instant")))]
#[case::no_time("tomorrow", "2026-06-15T20:00:00Z", Some(("starts_at", "not_an_instant")))]
#[tokio::test]
async fn r20_a_temporary_code_has_a_start_and_an_end_at_most_366_days_apart(
    #[case] starts_at: &str,
    #[case] ends_at: &str,
    #[case] wrong: Option<(&str, &str)>,
) {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let request = temporary(&[server.world.door], starts_at, ends_at);
    let answer = server.issue(&resident, &request).await;
    let preview = resident.sign(server.post("/guest-codes/preview")).json(&request).send().await;
    match wrong {
        None => assert_eq!((answer.status, preview.status), (201, 200), "{}", answer.text),
        Some(wrong) => {
            for answer in [answer, preview] {
                assert_eq!(answer.problem(), (422, "invalid".into()));
                assert_eq!(errors(&answer.json()), [wrong]);
            }
        }
    }
}

#[rstest]
#[case::temporary_without_times(json!({"kind": "temporary"}), &[("starts_at", "required"), ("ends_at", "required")])]
#[case::temporary_with_recurrence(
    json!({"kind": "temporary", "starts_at": "2026-06-15T19:00:00Z", "ends_at": "2026-06-15T20:00:00Z",
        "recurrence": {"weekdays": ["mon"], "from": "09:00", "to": "10:00", "first_day": "2026-06-15", "last_day": "2026-06-15"}}),
    &[("recurrence", "not_for_this_kind")])]
#[case::recurring_without(json!({"kind": "recurring"}), &[("recurrence", "required")])]
#[case::delivery_with_an_end(json!({"kind": "delivery", "ends_at": "2026-06-15T20:00:00Z"}), &[("ends_at", "not_for_this_kind")])]
#[case::permanent_with_an_end(json!({"kind": "permanent", "ends_at": "2026-06-15T20:00:00Z"}), &[("ends_at", "not_for_this_kind")])]
#[case::no_doors(json!({"kind": "permanent", "door_ids": []}), &[("door_ids", "required")])]
#[case::no_name(json!({"kind": "permanent", "guest_name": " "}), &[("guest_name", "required")])]
#[case::a_long_reference(json!({"kind": "permanent", "reference": "a".repeat(65)}), &[("reference", "too_long")])]
#[case::before_time(json!({"kind": "permanent", "starts_at": "1969-12-31T23:59:59Z"}), &[("starts_at", "out_of_range")])]
#[case::year_one(json!({"kind": "delivery", "starts_at": "0001-01-01T00:00:00Z"}), &[("starts_at", "out_of_range")])]
#[case::a_long_name(json!({"kind": "permanent", "guest_name": "a".repeat(81)}), &[("guest_name", "too_long")])]
#[case::five_digits(json!({"kind": "permanent", "length": 5}), &[("length", "wrong_length")])]
#[tokio::test]
async fn r20_each_kind_takes_what_it_needs_and_nothing_else(#[case] request: Value, #[case] wrong: &[(&str, &str)]) {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let mut whole = permanent(&[server.world.gate]);
    whole.as_object_mut().expect("an object").extend(request.as_object().expect("an object").clone());
    let answer = server.issue(&resident, &whole).await;
    assert_eq!(answer.problem(), (422, "invalid".into()));
    assert_eq!(errors(&answer.json()), wrong);
}

#[rstest]
#[case::no_weekday(&[], ["09:00", "10:00"], ["2026-06-15", "2026-06-30"], ("recurrence.weekdays", "no_weekdays"))]
#[case::no_such_weekday_between(&["sun"], ["09:00", "10:00"], ["2026-06-15", "2026-06-18"], ("recurrence.weekdays", "no_windows"))]
#[case::backwards(&["mon"], ["09:00", "10:00"], ["2026-06-15", "2026-06-14"], ("recurrence.last_day", "last_day_before_first_day"))]
#[case::too_long(&["mon"], ["09:00", "10:00"], ["2026-06-15", "2027-06-16"], ("recurrence.last_day", "window_too_long"))]
#[case::over(&["mon"], ["09:00", "10:00"], ["2026-06-08", "2026-06-15"], ("recurrence.last_day", "in_the_past"))]
#[case::no_such_day(&["mon"], ["09:00", "10:00"], ["2026-06-15", "2026-06-31"], ("recurrence.last_day", "not_a_date"))]
#[case::no_such_time(&["mon"], ["09:00", "25:00"], ["2026-06-15", "2026-06-30"], ("recurrence.to", "not_a_time"))]
#[case::before_time(&["mon"], ["09:00", "10:00"], ["1969-12-31", "2026-06-30"], ("recurrence.first_day", "out_of_range"))]
#[case::seconds(&["mon"], ["09:00:30", "10:00"], ["2026-06-15", "2026-06-30"], ("recurrence.from", "not_a_time"))]
#[tokio::test]
async fn r20_a_recurring_code_has_weekdays_a_daily_window_and_two_dates(
    #[case] weekdays: &[&str],
    #[case] times: [&str; 2],
    #[case] days: [&str; 2],
    #[case] wrong: (&str, &str),
) {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let answer = server.issue(&resident, &recurring(&[server.world.door], weekdays, times, days)).await;
    assert_eq!(answer.problem(), (422, "invalid".into()));
    assert_eq!(errors(&answer.json()), [wrong]);
}

#[tokio::test]
async fn r20_a_delivery_code_works_once() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let gate = server.world.gate;
    let issued = server.issued(&resident, &delivery(&[gate])).await;
    let digits = text(&issued["code"]);
    server.settled().await;
    assert_eq!(server.guest_code(&resident, &issued).await["state"], "live");

    assert!(server.open(gate, digits).await);
    server.eventually("it is used", async || server.guest_code(&resident, &issued).await["state"] == "used").await;
    server.settled().await;
    assert_eq!(status(&server.guest_code(&resident, &issued).await, gate), "removed");
    assert!(!server.open(gate, digits).await);
    let event = server.recorded_as("guest_code.used").await.remove(0);
    assert_eq!((event.actor.role.name(), event.detail.as_str()), ("system", "Gate"));
    // It stays used when its time is over.
    server.advance(SignedDuration::from_hours(3));
    server.settled().await;
    assert_eq!(server.guest_code(&resident, &issued).await["state"], "used");
    assert!(server.recorded_as("guest_code.expired").await.is_empty());
}

#[tokio::test]
async fn r20_an_unused_delivery_code_expires_two_hours_after_its_start() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let gate = server.world.gate;
    let mut request = delivery(&[gate]);
    request["starts_at"] = json!("2026-06-15T20:00:00Z");
    let issued = server.issued(&resident, &request).await;
    let digits = text(&issued["code"]);
    server.settled().await;
    assert_eq!((&issued["state"], &issued["ends_at"]), (&json!("scheduled"), &json!("2026-06-15T22:00:00Z")));
    turn_to(&server, "2026-06-15T19:44:59.999Z").await;
    assert!(!server.holds(gate, digits).await);
    turn_to(&server, "2026-06-15T20:00:00Z").await;
    assert!(server.holds(gate, digits).await);
    turn_to(&server, "2026-06-15T21:59:59.999Z").await;
    assert!(server.holds(gate, digits).await);
    turn_to(&server, "2026-06-15T22:00:00Z").await;
    assert!(!server.open(gate, digits).await);
    assert_eq!(server.guest_code(&resident, &issued).await["state"], "expired");
}

#[tokio::test]
async fn r20_a_delivery_opens_property_doors_and_the_unit_s_where_the_property_allows_it() {
    // Another property, which allows it.
    let (mut server, annex_door) =
        TestServer::start_furnished(latchkey_server::app::Settings::default(), |tx, world| {
            let annex = properties::insert(tx, "Annex", "America/Denver", true, NOON).expect("a property");
            let unit = doors::insert_unit(tx, annex, None, "1").expect("a unit");
            let door = NewDoor {
                property_id: annex,
                building_id: None,
                unit_id: Some(unit),
                kind: DoorKind::Unit,
                name: "1",
                hub_id: world.hub,
                slots_total: 20,
                battery_percent: None,
            };
            let door = doors::insert_door(tx, &door, NOON).expect("a door");
            // The support person lives there.
            let dates = Dates { move_in: "2026-01-01", move_out: None, starts_at: NOON - 1_000, ends_at: None };
            let person_id = world.support;
            let new = NewTenancy { property_id: annex, unit_id: unit, unit: "1", person_id, name: "support", dates };
            tenancies::insert(tx, &new).expect("a tenancy");
            door
        })
        .await;
    server.start_workers();
    server.settled().await;
    let (door, gate, gym) = (server.world.door, server.world.gate, server.world.gym);

    let resident = server.resident().await;
    assert_eq!(server.access(&resident).await["delivery_opens_unit_doors"], false);
    assert_eq!(server.issue(&resident, &delivery(&[gate])).await.status, 201);
    for doors in [&[door][..], &[gate, door]] {
        let answer = server.issue(&resident, &delivery(doors)).await;
        assert_eq!(answer.problem(), (422, "delivery_not_for_this_door".into()));
        assert!(text(&answer.json()["detail"]).contains("101"));
    }
    // Amenity doors aren't for deliveries, whoever asks.
    let manager = server.sign_in(MANAGER).await;
    assert_eq!(server.issue(&manager, &delivery(&[gym])).await.problem(), (422, "delivery_not_for_this_door".into()));
    let event = server.recorded_as("guest_code.refused").await.remove(0);
    assert_eq!(event.code.as_deref(), Some("delivery_not_for_this_door"));

    let other = server.mobile_sign_in(SUPPORT, APP).await;
    assert_eq!(server.access(&other).await["delivery_opens_unit_doors"], true);
    let issued = server.issued(&other, &delivery(&[annex_door])).await;
    server.settled().await;
    assert!(server.open(annex_door, text(&issued["code"])).await);
}

#[tokio::test]
async fn r20_a_permanent_code_works_until_it_is_revoked() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let issued = server.issued(&manager, &permanent(&[server.world.gym])).await;
    server.settled().await;
    turn_to(&server, "2029-06-15T18:00:00Z").await;
    assert!(server.holds(server.world.gym, text(&issued["code"])).await);
    let manager = server.sign_in(MANAGER).await;
    assert_eq!(server.guest_code(&manager, &issued).await["state"], "live");
    assert_eq!(server.revoke(&manager, &issued).await.json()["state"], "revoked");
    server.settled().await;
    assert!(!server.holds(server.world.gym, text(&issued["code"])).await);
}

#[tokio::test]
async fn r21_a_resident_issues_for_their_unit_and_the_property_doors_on_the_way() {
    let server = TestServer::start_working().await;
    let neighbour = server.add_unit("102").await;
    let resident = server.resident().await;
    let (door, gate, gym) = (server.world.door, server.world.gate, server.world.gym);
    let mut offered: Vec<Value> = server.access(&resident).await["guest_doors"]
        .as_array()
        .expect("doors")
        .iter()
        .map(|d| d["id"].clone())
        .collect();
    offered.sort_by_key(ToString::to_string);
    let mut expected = vec![json!(door), json!(gate)];
    expected.sort_by_key(ToString::to_string);
    assert_eq!(offered, expected);

    let issued = server.issued(&resident, &permanent(&[door, gate])).await;
    server.settled().await;
    assert_eq!(issued["issued_by"]["id"], json!(server.world.resident));
    for door in [door, gate] {
        assert!(server.holds(door, text(&issued["code"])).await);
    }
    // Other doors are as if they didn't exist.
    let nowhere = server.issue(&resident, &permanent(&[DoorId::generate()])).await;
    for doors in [&[gym][..], &[neighbour.door], &[door, neighbour.door], &[door, gym]] {
        let answer = server.issue(&resident, &permanent(doors)).await;
        assert_eq!(answer.problem(), (404, "not_found".into()));
        assert_eq!(answer.json()["detail"], nowhere.json()["detail"]);
    }
    assert_eq!(server.read(&resident, "/guest-codes").await["items"].as_array().map(Vec::len), Some(1));
    assert_eq!((server.held(gym).await, server.held(neighbour.door).await), (0, 0));
}

#[tokio::test]
async fn r21_property_doors_of_another_building_are_not_on_the_way() {
    let server = TestServer::start_working().await;
    let world = server.world;
    let lobby = server
        .write(move |tx| {
            let building = doors::insert_building(tx, world.property, "East").expect("a building");
            let lobby = NewDoor {
                property_id: world.property,
                building_id: Some(building),
                unit_id: None,
                kind: DoorKind::Property,
                name: "East lobby",
                hub_id: world.hub,
                slots_total: 20,
                battery_percent: None,
            };
            doors::insert_door(tx, &lobby, NOON).expect("a door")
        })
        .await;
    let resident = server.resident().await;
    assert_eq!(server.issue(&resident, &permanent(&[lobby])).await.problem(), (404, "not_found".into()));
}

#[tokio::test]
async fn r21_a_manager_issues_for_any_door_of_only_their_properties() {
    let server = TestServer::start_working().await;
    let all = [server.world.door, server.world.gate, server.world.gym];
    let manager = server.sign_in(MANAGER).await;
    let issued = server.issued(&manager, &permanent(&all)).await;
    server.settled().await;
    for door in all {
        assert!(server.holds(door, text(&issued["code"])).await);
    }
    let foreign = server.sign_in(FOREIGN_MANAGER).await;
    for door in all {
        assert_eq!(server.issue(&foreign, &permanent(&[door])).await.problem(), (404, "not_found".into()));
    }
    let support = server.sign_in(SUPPORT).await;
    assert_eq!(server.issue(&support, &permanent(&all)).await.problem(), (403, "forbidden".into()));
    // Nor may these see or end what others issued.
    let path = format!("/guest-codes/{}", text(&issued["id"]));
    for other in [&foreign, &support] {
        assert_eq!(other.sign(server.get(&path)).send().await.problem(), (404, "not_found".into()));
        assert_eq!(server.revoke(other, &issued).await.problem(), (404, "not_found".into()));
    }
    let resident = server.resident().await;
    assert_eq!(server.revoke(&resident, &issued).await.problem(), (404, "not_found".into()));
    assert_eq!(server.guest_code(&manager, &issued).await["state"], "live");
}

#[rstest]
// The clocks go back on the 1st of November at 2 in the morning, and forward on the 14th of March.
#[case::local_times_stay(&["sat", "sun", "mon"], ["09:00", "12:30"], ["2026-10-31", "2026-11-02"], &[
    ("2026-10-31T15:00:00Z", "2026-10-31T18:30:00Z"),
    ("2026-11-01T16:00:00Z", "2026-11-01T19:30:00Z"),
    ("2026-11-02T16:00:00Z", "2026-11-02T19:30:00Z"),
])]
#[case::an_end_in_the_repeated_hour_is_the_second(&["sat"], ["22:00", "01:30"], ["2026-10-31", "2026-10-31"], &[
    ("2026-11-01T04:00:00Z", "2026-11-01T08:30:00Z"),
])]
#[case::a_start_in_the_repeated_hour_is_the_first(&["sun"], ["01:30", "03:00"], ["2026-11-01", "2026-11-01"], &[
    ("2026-11-01T07:30:00Z", "2026-11-01T10:00:00Z"),
])]
#[case::a_start_in_the_skipped_hour_has_the_offset_before(&["sun"], ["02:30", "05:00"], ["2027-03-14", "2027-03-21"], &[
    ("2027-03-14T09:30:00Z", "2027-03-14T11:00:00Z"),
    ("2027-03-21T08:30:00Z", "2027-03-21T11:00:00Z"),
])]
#[case::over_midnight(&["fri"], ["22:00", "02:00"], ["2026-06-15", "2026-06-20"], &[
    ("2026-06-20T04:00:00Z", "2026-06-20T08:00:00Z"),
])]
#[tokio::test]
async fn r22_a_preview_keeps_local_times_across_daylight_saving(
    #[case] weekdays: &[&str],
    #[case] times: [&str; 2],
    #[case] days: [&str; 2],
    #[case] windows: &[(&str, &str)],
) {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let request = recurring(&[server.world.door], weekdays, times, days);
    let preview = resident.sign(server.post("/guest-codes/preview")).json(&request).send().await;
    assert_eq!(preview.status, 200, "{}", preview.text);
    let windows: Vec<Value> = windows.iter().map(|(from, to)| json!({"starts_at": from, "ends_at": to})).collect();
    assert_eq!(preview.json(), json!({"time_zone": "America/Denver", "windows": windows, "more": false}));
    // Asking stores and records nothing.
    assert_eq!(server.read(&resident, "/guest-codes").await["items"], json!([]));
    assert!(server.recorded().await.iter().all(|event| !event.action.name().starts_with("guest_code.")));
}

#[tokio::test]
async fn r22_a_preview_shows_the_next_five_windows() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let every_day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let request = recurring(&[server.world.door], &every_day, ["09:00", "13:00"], ["2026-06-01", "2026-07-31"]);
    let preview = server.post("/guest-codes/preview").mobile(&resident).json(&request).send().await.json();
    let starts: Vec<&str> =
        preview["windows"].as_array().expect("windows").iter().map(|window| text(&window["starts_at"])).collect();
    // The window that is open now is the first.
    let expected: Vec<String> = (15..20).map(|day| format!("2026-06-{day}T15:00:00Z")).collect();
    assert_eq!(starts, expected);
    assert_eq!(preview["more"], true);
}

#[tokio::test]
async fn r22_r44_a_lock_holds_a_recurring_code_only_within_its_windows_and_shortly_before() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let door = server.world.door;
    let request = recurring(&[door], &["mon", "tue"], ["13:00", "14:00"], ["2026-06-15", "2026-06-16"]);
    let issued = server.issued(&manager, &request).await;
    let digits = text(&issued["code"]);
    server.settled().await;
    assert_eq!(issued["state"], "scheduled");
    for (instant, open, state) in [
        ("2026-06-15T18:44:59Z", false, "scheduled"),
        ("2026-06-15T18:45:00Z", true, "scheduled"),
        ("2026-06-15T19:00:00Z", true, "live"),
        ("2026-06-15T19:59:59Z", true, "live"),
        ("2026-06-15T20:00:00Z", false, "live"),
        ("2026-06-16T18:44:59Z", false, "live"),
        ("2026-06-16T18:45:00Z", true, "live"),
        ("2026-06-16T19:00:00Z", true, "live"),
        ("2026-06-16T20:00:00Z", false, "expired"),
        ("2026-06-22T19:30:00Z", false, "expired"),
    ] {
        turn_to(&server, instant).await;
        let manager = server.sign_in(MANAGER).await;
        let code = server.guest_code(&manager, &issued).await;
        assert_eq!((&code["state"], server.open(door, digits).await), (&json!(state), open), "{instant}");
        let expected = if open {
            "working"
        } else if state == "scheduled" {
            "none"
        } else {
            "removed"
        };
        assert_eq!(status(&code, door), expected, "{instant}");
    }
    let actions = ["guest_code.window_opened", "guest_code.window_closed", "guest_code.expired"];
    for (action, times) in actions.into_iter().zip([2, 1, 1]) {
        assert_eq!(server.recorded_as(action).await.len(), times, "{action}");
    }
}

#[tokio::test]
async fn r22_a_window_never_closes_early_in_the_night_when_the_clocks_go_back() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let gym = server.world.gym;
    let request = recurring(&[gym], &["sat"], ["22:00", "01:30"], ["2026-10-31", "2026-10-31"]);
    let issued = server.issued(&manager, &request).await;
    let digits = text(&issued["code"]);
    for (instant, open) in [
        ("2026-11-01T03:44:59Z", false),
        ("2026-11-01T04:00:00Z", true),
        // Half past one for the first time.
        ("2026-11-01T07:30:00Z", true),
        ("2026-11-01T08:29:59Z", true),
        // And for the second.
        ("2026-11-01T08:30:00Z", false),
    ] {
        turn_to(&server, instant).await;
        assert_eq!(server.open(gym, digits).await, open, "{instant}");
    }
}

#[tokio::test]
async fn r23_the_digits_are_in_the_answer_to_issuing_and_in_no_other() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    let request = permanent(&[door]);
    let send = |key: &'static str, request: &Value| {
        server.post("/guest-codes").mobile(&resident).header("idempotency-key", key).json(request).send()
    };
    let first = send("one", &request).await;
    assert_eq!(first.status, 201);
    let issued = first.json();
    let digits = text(&issued["code"]);
    assert_eq!((digits.len(), &issued["length"]), (6, &json!(6)));
    server.settled().await;

    for path in [format!("/guest-codes/{}", text(&issued["id"])), "/guest-codes".into()] {
        let answer = server.get(&path).mobile(&resident).send().await;
        assert_eq!(answer.status, 200);
        assert!(!mentions(&answer.text, digits) && !answer.text.contains("\"code\""), "{path}");
    }
    // Sent again, it returns the same answer and issues no other code.
    let again = send("one", &request).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    assert!(again.json() == issued);
    assert_eq!(server.recorded_as("guest_code.issued").await.len(), 1);
    assert_eq!(server.held(door).await, 2);
    // Its event holds no digits.
    assert!(!mentions(&format!("{:?}", server.recorded().await), digits));

    let other = permanent(&[server.world.gate]);
    assert_eq!(send("one", &other).await.problem(), (422, "idempotency_key_reused".into()));
    let keyless = server.post("/guest-codes").mobile(&resident).json(&request).send().await;
    assert_eq!(keyless.problem(), (400, "idempotency_key_required".into()));
    // Under another key it is another code.
    let second = send("two", &request).await.json();
    assert_ne!(second["id"], issued["id"]);
    assert!(second["code"] != issued["code"]);
}

#[tokio::test]
async fn r23_an_answer_is_the_same_after_a_restart() {
    let mut server = TestServer::start_working().await;
    let resident = server.resident().await;
    let request = permanent(&[server.world.door]);
    let first = server.post("/guest-codes").mobile(&resident).header("idempotency-key", "one").json(&request);
    let first = first.send().await.json();
    server.restart().await;
    let again = server.post("/guest-codes").mobile(&resident).header("idempotency-key", "one").json(&request);
    let again = again.send().await;
    assert_eq!(again.status, 201);
    assert!(again.json() == first);
}

#[tokio::test]
async fn r24_a_revoked_code_is_reported_to_open_the_door_until_the_lock_confirms() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    let issued = server.issued(&resident, &permanent(&[door])).await;
    let digits = text(&issued["code"]);
    server.settled().await;
    server.advance(SignedDuration::from_mins(4));
    server.reach_lock(door, false).await;

    server.advance(SignedDuration::from_mins(1));
    let answer = server.revoke(&resident, &issued).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!((&answer.json()["state"], status(&answer.json(), door)), (&json!("revoked"), "being_removed"));
    server.settled().await;
    let code = server.guest_code(&resident, &issued).await;
    let held = placement(&code, door);
    assert_eq!((&held["status"], &held["reason"]), (&json!("being_removed"), &json!("lock_offline")));
    assert!(text(&held["next_step"]).contains("still opens the door"), "{held}");
    // It does.
    assert!(server.open(door, digits).await);
    let event = server.recorded_as("placement.removal_unconfirmed").await.remove(0);
    assert_eq!((event.outcome, event.code.as_deref()), (api_types::Outcome::Failed, Some("lock_offline")));
    let sentences = ": the lock is offline. Until the lock confirms, the code still opens the door.";
    assert!(event.detail.ends_with(sentences), "{}", event.detail);

    // At once when the lock is back, without the clock moving.
    server.reach_lock(door, true).await;
    server.settled().await;
    assert_eq!(status(&server.guest_code(&resident, &issued).await, door), "removed");
    assert!(!server.open(door, digits).await);
    assert_eq!(server.recorded_as("placement.removed").await.len(), 1);
}

#[tokio::test]
async fn r24_a_removal_that_the_lock_keeps_refusing_is_an_incident_and_still_retried() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    let issued = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    server.simulator().fail_next_removals(server.lock(door).await, 8, hub::LockError::rejected("jammed"));
    assert_eq!(server.revoke(&resident, &issued).await.status, 200);
    server.settled().await;
    server.outlast_delays(4).await;
    let manager = server.sign_in(MANAGER).await;
    let property = server.read(&manager, &format!("/properties/{}", server.world.property)).await;
    assert_eq!(property["health"]["removals_unconfirmed"], 1, "{property}");
    let code = server.guest_code(&manager, &issued).await;
    assert_eq!((status(&code, door), &placement(&code, door)["reason"]), ("being_removed", &json!("rejected")));
    assert!(text(&placement(&code, door)["next_step"]).contains("Contact support"));
    assert!(!server.recorded_as("placement.removal_unconfirmed").await.is_empty());
    assert!(server.open(door, text(&issued["code"])).await);

    server.outlast_delays(4).await;
    assert_eq!(status(&server.guest_code(&server.resident().await, &issued).await, door), "removed");
    assert!(!server.open(door, text(&issued["code"])).await);
}

#[tokio::test]
async fn r24_expiring_removes_a_code_from_every_lock() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let all = [server.world.door, server.world.gate, server.world.gym];
    let issued = server.issued(&manager, &temporary(&all, "2026-06-15T18:00:00Z", "2026-06-15T19:00:00Z")).await;
    server.settled().await;
    server.reach_lock(server.world.gym, false).await;
    turn_to(&server, "2026-06-15T19:00:00Z").await;
    let manager = server.sign_in(MANAGER).await;
    let code = server.guest_code(&manager, &issued).await;
    assert_eq!(code["state"], "expired");
    assert_eq!(all.map(|door| status(&code, door)), ["removed", "removed", "being_removed"]);
    server.reach_lock(server.world.gym, true).await;
    server.settled().await;
    let code = server.guest_code(&manager, &issued).await;
    assert_eq!(all.map(|door| status(&code, door)), ["removed"; 3]);
    for door in all {
        assert!(!server.open(door, text(&issued["code"])).await);
    }
}

#[tokio::test]
async fn r24_revoking_twice_or_before_the_first_window_is_no_error() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    let issued = server.issued(&resident, &temporary(&[door], "2026-06-16T18:00:00Z", "2026-06-17T18:00:00Z")).await;
    for _ in 0..2 {
        let answer = server.revoke(&resident, &issued).await;
        assert_eq!((answer.status, &answer.json()["state"]), (200, &json!("revoked")));
    }
    let details: Vec<String> =
        server.recorded_as("guest_code.revoked").await.into_iter().map(|event| event.detail).collect();
    assert_eq!(details, ["Was over already.", ""]);
    turn_to(&server, "2026-06-16T18:00:00Z").await;
    assert!(!server.holds(door, text(&issued["code"])).await);
    let keyless = server.request(Method::POST, &format!("/guest-codes/{}/revoke", text(&issued["id"])));
    assert_eq!(keyless.mobile(&resident).send().await.problem(), (400, "idempotency_key_required".into()));
}

#[tokio::test]
async fn r24_moving_out_ends_the_codes_of_the_resident_and_of_their_guests() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let (door, gate) = (server.world.door, server.world.gate);
    let code = server.access(&resident).await["code"].clone();
    let digits = server.digits(&resident, &code).await;
    let guest = server.issued(&resident, &permanent(&[door, gate])).await;
    server.settled().await;
    server.reach_lock(gate, false).await;

    let manager = server.sign_in(MANAGER).await;
    let path = format!("/properties/{}/residents/{}/move-out", server.world.property, server.world.tenancy);
    let answer = server.post(&path).web(&manager).once().send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["all_doors_confirmed"], false);
    server.settled().await;
    // The gate's lock can't be told yet, and its door is the only one the code still opens.
    let progress = server.read(&manager, &path).await;
    let open: Vec<&Value> = progress["placements"]
        .as_array()
        .expect("placements")
        .iter()
        .filter(|placement| placement["status"] != "removed")
        .map(|placement| &placement["door_id"])
        .collect();
    assert_eq!((&progress["all_doors_confirmed"], open), (&json!(false), vec![&json!(gate)]));
    assert!(!server.open(door, &digits).await && !server.open(door, text(&guest["code"])).await);
    let code = server.guest_code(&manager, &guest).await;
    assert_eq!(
        (&code["state"], status(&code, door), status(&code, gate)),
        (&json!("revoked"), "removed", "being_removed")
    );
    assert_eq!(server.get("/me/access").mobile(&resident).send().await.status, 401);
    server.reach_lock(gate, true).await;
    server.settled().await;
    assert_eq!(status(&server.guest_code(&manager, &guest).await, gate), "removed");
    assert_eq!(server.read(&manager, &path).await["all_doors_confirmed"], true);
    let resident = server.read(&manager, path.trim_end_matches("/move-out")).await;
    assert!(resident["ended_at"].is_string(), "{resident}");
}

#[tokio::test]
async fn nobody_who_lives_there_has_moved_out() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let path = format!("/properties/{}/residents/{}/move-out", server.world.property, server.world.tenancy);
    assert_eq!(server.get(&path).web(&manager).send().await.problem(), (404, "not_found".into()));
}

#[tokio::test]
async fn guest_codes_are_told_apart_by_scope_and_state() {
    let server = TestServer::start_working().await;
    let resident: MobileToken = server.mobile_sign_in(RESIDENT, "1.0.0").await;
    let manager = server.sign_in(MANAGER).await;
    let own = server.issued(&resident, &permanent(&[server.world.door])).await;
    let other =
        server.issued(&manager, &temporary(&[server.world.gym], "2026-06-16T18:00:00Z", "2026-06-17T18:00:00Z")).await;
    let ids = |page: Value| -> Vec<Value> {
        page["items"].as_array().expect("items").iter().map(|item| item["id"].clone()).collect()
    };
    assert_eq!(ids(server.read(&resident, "/guest-codes").await), [own["id"].clone()]);
    assert_eq!(ids(server.read(&manager, "/guest-codes").await), [other["id"].clone(), own["id"].clone()]);
    assert_eq!(ids(server.read(&manager, "/guest-codes?status=scheduled").await), [other["id"].clone()]);
    assert_eq!(ids(server.read(&manager, "/guest-codes?kind=permanent").await), [own["id"].clone()]);
    let of_gym = format!("/guest-codes?door={}", server.world.gym);
    assert_eq!(ids(server.read(&manager, &of_gym).await), [other["id"].clone()]);
    let (scope, id) = (Scope::Tenancy(server.world.tenancy), text(&other["id"]).parse().expect("an id"));
    assert!(server.query(move |db| store::guest_codes::get(db, scope, id).expect("read")).await.is_none());
}

async fn search(server: &TestServer, who: &impl Credential, body: Value) -> Value {
    let answer = who.sign(server.post("/guest-codes/search")).json(&body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().expect("items").iter().map(|item| text(&item["guest_name"])).collect()
}

#[tokio::test]
async fn r33_r42_guest_codes_are_found_by_name_in_the_callers_scope_alone() {
    let server = TestServer::start_working().await;
    let resident = server.sign_in(RESIDENT).await;
    for name in ["José Nuñez", "Josephine", "Zoë", "Nuria José", "Max"] {
        let request = json!({"kind": "permanent", "door_ids": [server.world.door], "guest_name": name});
        server.issued(&resident, &request).await;
    }
    assert_eq!(
        names(&search(&server, &resident, json!({"guest": "jose"})).await),
        ["Nuria José", "Josephine", "José Nuñez"]
    );
    assert_eq!(names(&search(&server, &resident, json!({"guest": "NU  jos"})).await), ["Nuria José", "José Nuñez"]);
    assert_eq!(names(&search(&server, &resident, json!({"guest": "zoe", "kind": "delivery"})).await), [""; 0]);

    // Page by page, each once.
    let first = search(&server, &resident, json!({"guest": "jose", "limit": 2})).await;
    assert_eq!(names(&first), ["Nuria José", "Josephine"]);
    let rest = json!({"guest": "jose", "limit": 2, "cursor": first["next_cursor"]});
    let rest = search(&server, &resident, rest).await;
    assert_eq!(names(&rest), ["José Nuñez"]);
    assert!(rest["next_cursor"].is_null());

    let manager = server.sign_in(MANAGER).await;
    assert_eq!(names(&search(&server, &manager, json!({"guest": "max"})).await), ["Max"]);
    let foreign = server.sign_in(FOREIGN_MANAGER).await;
    assert_eq!(names(&search(&server, &foreign, json!({"guest": "max"})).await), [""; 0]);
    for wrong in
        [json!({"guest": "x".repeat(81)}), json!({"guest": "a", "limit": 201}), json!({"guest": "a", "q": "b"})]
    {
        assert_eq!(server.post("/guest-codes/search").web(&resident).json(&wrong).send().await.status, 422);
    }
}

#[tokio::test]
async fn r44_doors_say_since_when_they_are_offline_wherever_a_code_is_issued() {
    let server = TestServer::start_working().await;
    let resident = server.sign_in(RESIDENT).await;
    let manager = server.sign_in(MANAGER).await;
    let doors_path = format!("/properties/{}/doors", server.world.property);
    let door = server.world.door.to_string();
    let since = |list: &Value| {
        let found = list.as_array().expect("doors").iter().find(|each| each["id"] == door.as_str());
        found.expect("the door")["offline_since"].clone()
    };
    let of_manager = server.get(&doors_path).web(&manager).send().await.json();
    assert!(since(&of_manager["items"]).is_null());
    server.reach_lock(server.world.door, false).await;
    let of_manager = server.get(&doors_path).web(&manager).send().await.json();
    let of_resident = server.get("/me/access").web(&resident).send().await.json();
    let (of_manager, of_resident) = (since(&of_manager["items"]), since(&of_resident["guest_doors"]));
    assert!(text(&of_manager).starts_with("2026-06-15T18:"), "{of_manager}");
    assert_eq!(of_manager, of_resident);
}
