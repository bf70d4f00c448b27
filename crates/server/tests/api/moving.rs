//! The windows of a guest code can be moved after it was issued; its digits stay (R43).

use ids::DoorId;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::fixtures::{APP, Credential, mentions, permanent, status, temporary, text};
use crate::harness::{Answer, FOREIGN_MANAGER, MANAGER, RESIDENT, SUPPORT, TestServer};

const START: &str = "2026-06-15T21:00:00Z";
const END: &str = "2026-06-15T22:00:00Z";

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

async fn turn_to(server: &TestServer, instant: &str) {
    let millis = instant.parse::<Timestamp>().expect("an instant").as_millisecond() - server.app.now();
    assert!(millis > 0, "{instant} is over");
    server.advance(SignedDuration::from_millis(millis));
    server.settled().await;
}

fn path(issued: &Value) -> String {
    format!("/guest-codes/{}", text(&issued["id"]))
}

/// A change by somebody who has read that version.
async fn change_from(server: &TestServer, who: &impl Credential, issued: &Value, etag: &str, edit: &Value) -> Answer {
    let request = server.request(Method::PATCH, &path(issued)).header("if-match", etag);
    who.sign(request).json(edit).send().await
}

/// A change by somebody who has just read it.
async fn change(server: &TestServer, who: &impl Credential, issued: &Value, edit: &Value) -> Answer {
    let read = who.sign(server.get(&path(issued))).send().await;
    assert_eq!(read.status, 200, "{}", read.text);
    assert_eq!(read.header("etag"), text(&read.json()["etag"]));
    change_from(server, who, issued, read.header("etag"), edit).await
}

/// A change that is made.
async fn changed(server: &TestServer, who: &impl Credential, issued: &Value, edit: &Value) -> Value {
    let answer = change(server, who, issued, edit).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("etag"), text(&answer.json()["etag"]));
    server.settled().await;
    answer.json()
}

async fn preview(server: &TestServer, who: &impl Credential, issued: &Value, edit: &Value) -> Answer {
    who.sign(server.post(&format!("{}/preview", path(issued)))).json(edit).send().await
}

/// What is on record of that action, how often.
async fn times(server: &TestServer, action: &str) -> usize {
    server.recorded_as(action).await.len()
}

/// How often anything was said of placements.
async fn placements_told(server: &TestServer) -> usize {
    server.recorded().await.iter().filter(|event| event.action.name().starts_with("placement.")).count()
}

fn recurring(doors: &[DoorId], weekdays: &[&str], times: [&str; 2], days: [&str; 2]) -> Value {
    json!({"kind": "recurring", "door_ids": doors, "guest_name": "Cleaner",
        "recurrence": recurrence(weekdays, times, days)})
}

fn recurrence(weekdays: &[&str], [from, to]: [&str; 2], [first_day, last_day]: [&str; 2]) -> Value {
    json!({"weekdays": weekdays, "from": from, "to": to, "first_day": first_day, "last_day": last_day})
}

fn starting(kind: &str, doors: &[DoorId], starts_at: &str) -> Value {
    json!({"kind": kind, "door_ids": doors, "guest_name": "Ada", "starts_at": starts_at})
}

/// The fields that are wrong, with the codes that say how.
fn errors(answer: &Answer) -> Vec<(String, String)> {
    let body = answer.json();
    let errors = body["errors"].as_array().expect("errors").iter();
    errors.map(|error| (text(&error["field"]).to_owned(), text(&error["code"]).to_owned())).collect()
}

#[tokio::test]
async fn r43_the_end_of_a_live_code_moves_and_nothing_is_sent_for_that() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let (door, gate) = (server.world.door, server.world.gate);
    let issued =
        server.issued(&resident, &temporary(&[door, gate], "2026-06-15T17:00:00Z", "2026-06-15T19:00:00Z")).await;
    let digits = text(&issued["code"]).to_owned();
    server.settled().await;
    let told = placements_told(&server).await;

    let later = changed(&server, &resident, &issued, &json!({"ends_at": "2026-06-15T21:00:00Z"})).await;
    assert_eq!((&later["ends_at"], &later["starts_at"]), (&json!("2026-06-15T21:00:00Z"), &issued["starts_at"]));
    assert_eq!((&later["state"], status(&later, door)), (&json!("live"), "working"));
    assert_eq!(later["next_windows"][0]["ends_at"], "2026-06-15T21:00:00Z");
    turn_to(&server, "2026-06-15T20:59:59Z").await;
    assert!(server.holds(door, &digits).await && server.holds(gate, &digits).await, "the digits stay");
    assert_eq!(placements_told(&server).await, told, "no lock was told anything");
    turn_to(&server, "2026-06-15T21:00:00Z").await;
    assert!(!server.holds(door, &digits).await && !server.holds(gate, &digits).await);

    let event = server.recorded_as("guest_code.changed").await.remove(0);
    assert_eq!((event.actor.role.name(), event.outcome.name()), ("resident", "done"));
    assert_eq!(event.subject.id.map(|id| id.to_string()).as_deref(), issued["id"].as_str());
    let facts = event.facts.as_ref().expect("facts");
    assert_eq!(facts.said.as_ref().expect("what it says").name(), "times_moved");
    assert_eq!(
        facts.values,
        ["2026-06-15T17:00:00Z", "2026-06-15T21:00:00Z", "2026-06-15T17:00:00Z", "2026-06-15T19:00:00Z"]
    );
    assert!(!mentions(&format!("{event:?}"), &digits), "no digits in the record");
}

#[tokio::test]
async fn r43_a_live_code_that_is_to_have_ended_ends_at_once() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let gym = server.world.gym;
    let issued = server.issued(&manager, &temporary(&[gym], "2026-06-15T17:00:00Z", "2026-06-15T19:00:00Z")).await;
    server.settled().await;
    let over = json!({"ends_at": "2026-06-15T17:30:00Z"});
    let shown = preview(&server, &manager, &issued, &over).await;
    assert_eq!((shown.status, &shown.json()["windows"]), (200, &json!([])));
    let ended = changed(&server, &manager, &issued, &over).await;
    assert_eq!(ended["state"], "expired");
    assert!(!server.holds(gym, text(&issued["code"])).await);
    assert_eq!(status(&server.guest_code(&manager, &issued).await, gym), "removed");
    assert_eq!([times(&server, "guest_code.changed").await, times(&server, "guest_code.expired").await], [1, 1]);
    // Over is over.
    let again = change(&server, &manager, &issued, &json!({"ends_at": END})).await;
    assert_eq!(again.problem(), (409, "code_ended".into()));
    assert_eq!(
        preview(&server, &manager, &issued, &json!({"ends_at": END})).await.problem(),
        (409, "code_ended".into())
    );
}

#[rstest]
#[tokio::test]
async fn r43_the_start_moves_while_it_has_not_come(#[values("temporary", "delivery", "permanent")] kind: &str) {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let gate = server.world.gate;
    let request = if kind == "temporary" { temporary(&[gate], START, END) } else { starting(kind, &[gate], START) };
    let issued = server.issued(&manager, &request).await;
    let digits = text(&issued["code"]).to_owned();
    // On the lock already, as it is sent a quarter of an hour before (R44): an hour later is too early for that.
    turn_to(&server, "2026-06-15T20:50:00Z").await;
    let manager = server.sign_in(MANAGER).await;
    assert!(server.holds(gate, &digits).await);
    let mut edit = json!({"starts_at": "2026-06-15T22:00:00Z"});
    if kind == "temporary" {
        edit["ends_at"] = json!("2026-06-15T23:00:00Z");
    }
    let moved = changed(&server, &manager, &issued, &edit).await;
    assert_eq!((&moved["state"], &moved["starts_at"]), (&json!("scheduled"), &edit["starts_at"]));
    let ends_at = match kind {
        "temporary" => json!("2026-06-15T23:00:00Z"),
        // Two hours after its start (R20).
        "delivery" => json!("2026-06-16T00:00:00Z"),
        _ => Value::Null,
    };
    assert_eq!(moved["ends_at"], ends_at);
    assert!(!server.holds(gate, &digits).await);
    // Nothing opened or closed: its window had not begun.
    assert_eq!(times(&server, "guest_code.window_opened").await + times(&server, "guest_code.window_closed").await, 0);

    // Back to what is near: it is sent again, with the same digits.
    let near = changed(&server, &manager, &issued, &json!({"starts_at": "2026-06-15T21:00:00Z"})).await;
    assert_eq!((&near["state"], status(&near, gate)), (&json!("scheduled"), "sending"));
    assert!(server.holds(gate, &digits).await);
    turn_to(&server, START).await;
    assert_eq!(server.guest_code(&manager, &issued).await["state"], "live");

    let begun = change(&server, &manager, &issued, &json!({"starts_at": "2026-06-15T21:30:00Z"})).await;
    assert_eq!(begun.problem(), (409, "guest_code_begun".into()));
    assert!(text(&begun.json()["detail"]).contains("Move its end"), "{}", begun.text);
    let event = server.recorded_as("guest_code.changed").await.remove(0);
    assert_eq!((event.outcome.name(), event.code.as_deref()), ("refused", Some("guest_code_begun")));
    // The start that it has is no other.
    let same = changed(&server, &manager, &issued, &json!({"starts_at": START, "reference": "WO-7"})).await;
    assert_eq!((&same["starts_at"], &same["reference"]), (&json!(START), &json!("WO-7")));
}

#[tokio::test]
async fn r43_a_start_that_is_past_begins_at_once() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let gym = server.world.gym;
    let issued = server.issued(&manager, &temporary(&[gym], START, END)).await;
    let moved = changed(&server, &manager, &issued, &json!({"starts_at": "2026-06-15T17:00:00Z"})).await;
    assert_eq!(moved["state"], "live");
    assert!(server.holds(gym, text(&issued["code"])).await);
    assert_eq!(times(&server, "guest_code.window_opened").await, 1);
    turn_to(&server, END).await;
    let manager = server.sign_in(MANAGER).await;
    assert_eq!(server.guest_code(&manager, &issued).await["state"], "expired");
}

#[tokio::test]
async fn r43_days_and_hours_of_a_recurring_code_move() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let gym = server.world.gym;
    // It is Monday noon there.
    let days = ["2026-06-15", "2026-07-10"];
    let issued = server.issued(&manager, &recurring(&[gym], &["mon", "fri"], ["09:00", "13:00"], days)).await;
    let digits = text(&issued["code"]).to_owned();
    server.settled().await;
    assert!(server.holds(gym, &digits).await);
    let told = placements_told(&server).await;

    let longer = json!({"recurrence": recurrence(&["mon", "wed"], ["08:00", "15:00"], days)});
    let shown = preview(&server, &manager, &issued, &longer).await.json();
    let moved = changed(&server, &manager, &issued, &longer).await;
    assert_eq!((&moved["state"], &moved["recurrence"]), (&json!("live"), &longer["recurrence"]));
    assert_eq!((&shown["windows"], &shown["more"]), (&moved["next_windows"], &json!(true)));
    assert_eq!(moved["next_windows"][1]["starts_at"], "2026-06-17T14:00:00Z");
    assert_eq!(placements_told(&server).await, told, "it is open before and after");
    let event = server.recorded_as("guest_code.changed").await.remove(0);
    let facts = event.facts.as_ref().expect("facts");
    assert_eq!(facts.said.as_ref().expect("what it says").name(), "hours_moved");
    assert_eq!(
        facts.values,
        ["mon,wed", "08:00", "15:00", days[0], days[1], "mon,fri", "09:00", "13:00", days[0], days[1]]
    );

    // Today is no longer among its days: the window closes, and the next one opens as it should.
    let closed =
        changed(&server, &manager, &issued, &json!({"recurrence": recurrence(&["wed"], ["08:00", "15:00"], days)}))
            .await;
    assert_eq!(closed["next_windows"][0]["starts_at"], "2026-06-17T14:00:00Z");
    assert!(!server.holds(gym, &digits).await);
    assert_eq!(times(&server, "guest_code.window_closed").await, 1);
    turn_to(&server, "2026-06-17T14:00:00Z").await;
    assert!(server.holds(gym, &digits).await);
    assert_eq!(times(&server, "guest_code.window_opened").await, 1);

    let manager = server.sign_in(MANAGER).await;
    let first_day = json!({"recurrence": recurrence(&["wed"], ["08:00", "15:00"], ["2026-06-16", days[1]])});
    assert_eq!(change(&server, &manager, &issued, &first_day).await.problem(), (409, "guest_code_begun".into()));
    let over = json!({"recurrence": recurrence(&["mon"], ["08:00", "09:00"], [days[0], "2026-06-15"])});
    assert_eq!(changed(&server, &manager, &issued, &over).await["state"], "expired");
    assert!(!server.holds(gym, &digits).await);
}

#[rstest]
#[case::backwards("temporary", json!({"ends_at": "2026-06-15T20:00:00Z"}), "ends_at", "end_not_after_start")]
#[case::a_year_and_more("temporary", json!({"ends_at": "2027-06-17T21:00:00Z"}), "ends_at", "window_too_long")]
#[case::never_begun(
    "temporary",
    json!({"starts_at": "2026-06-14T20:00:00Z", "ends_at": "2026-06-15T17:00:00Z"}), "ends_at", "in_the_past"
)]
#[case::no_instant("temporary", json!({"starts_at": "tomorrow"}), "starts_at", "not_an_instant")]
#[case::no_end("delivery", json!({"ends_at": "2026-06-15T22:30:00Z"}), "ends_at", "not_for_this_kind")]
#[case::until_revoked("permanent", json!({"ends_at": "2026-06-15T22:30:00Z"}), "ends_at", "not_for_this_kind")]
#[case::no_start("recurring", json!({"starts_at": START}), "starts_at", "not_for_this_kind")]
#[case::no_days(
    "recurring",
    json!({"recurrence": recurrence(&[], ["09:00", "10:00"], ["2026-06-16", "2026-06-20"])}),
    "recurrence.weekdays", "no_weekdays"
)]
#[case::past_days(
    "recurring",
    json!({"recurrence": recurrence(&["mon"], ["09:00", "10:00"], ["2026-06-01", "2026-06-10"])}),
    "recurrence.last_day", "in_the_past"
)]
#[case::too_long("temporary", json!({"reference": "W".repeat(65)}), "reference", "too_long")]
#[tokio::test]
async fn r20_r43_the_bounds_of_each_kind_hold(
    #[case] kind: &str,
    #[case] edit: Value,
    #[case] field: &str,
    #[case] code: &str,
) {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let gate = server.world.gate;
    let request = match kind {
        "temporary" => temporary(&[gate], START, END),
        "recurring" => recurring(&[gate], &["tue"], ["09:00", "10:00"], ["2026-06-16", "2026-06-20"]),
        kind => starting(kind, &[gate], START),
    };
    let issued = server.issued(&manager, &request).await;
    let answer = change(&server, &manager, &issued, &edit).await;
    assert_eq!((answer.problem(), errors(&answer)), ((422, "invalid".into()), vec![(field.into(), code.into())]));
    if field != "reference" {
        let shown = preview(&server, &manager, &issued, &edit).await;
        assert_eq!((shown.problem(), errors(&shown)), ((422, "invalid".into()), vec![(field.into(), code.into())]));
    }
    let event = server.recorded_as("guest_code.changed").await.remove(0);
    assert_eq!((event.outcome.name(), event.detail), ("refused", format!("{field}: {code}")));
    let mut now = server.guest_code(&manager, &issued).await;
    now["code"] = issued["code"].clone();
    assert_eq!(now, issued, "it is as it was");
}

#[tokio::test]
async fn r43_what_is_not_given_stays_and_something_must_be() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let mut request = temporary(&[server.world.gym], START, END);
    request["reference"] = json!("WO-1");
    let issued = server.issued(&manager, &request).await;
    assert_eq!(issued["etag"], "\"1\"");
    assert_eq!(change(&server, &manager, &issued, &json!({})).await.problem(), (422, "invalid".into()));
    let none = changed(&server, &manager, &issued, &json!({"reference": "  "})).await;
    assert_eq!((&none["reference"], &none["starts_at"], &none["ends_at"]), (&Value::Null, &json!(START), &json!(END)));
    let facts = server.recorded_as("guest_code.changed").await.remove(0).facts.expect("facts");
    assert_eq!(facts.said.expect("what it says").name(), "reference");
    let ends = changed(&server, &manager, &issued, &json!({"ends_at": "2026-06-16T00:00:00Z"})).await;
    assert_eq!((&ends["starts_at"], &ends["etag"]), (&json!(START), &json!("\"3\"")));
    let unknown = change(&server, &manager, &issued, &json!({"door_ids": []})).await;
    assert_eq!(unknown.problem(), (422, "unknown_field".into()));
    // A preview of nothing is of the windows as they are.
    let shown = preview(&server, &manager, &issued, &json!({})).await.json();
    assert_eq!(shown["windows"], ends["next_windows"]);
}

#[tokio::test]
async fn r19_r45_the_digits_can_neither_be_changed_nor_be_written_into_the_reference() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let issued = server.issued(&manager, &temporary(&[server.world.gym], START, END)).await;
    let digits = text(&issued["code"]).to_owned();
    let own = change(&server, &manager, &issued, &json!({"code": "530917"})).await;
    assert_eq!(own.problem(), (422, "guest_codes_are_random".into()));
    let told = change(&server, &manager, &issued, &json!({"reference": format!("PIN {digits}")})).await;
    assert_eq!(
        (told.problem(), errors(&told)),
        ((422, "invalid".into()), vec![("reference".into(), "holds_digits".into())])
    );
    assert!(!mentions(&told.text, &digits));
    assert!(!server.recorded().await.iter().any(|event| mentions(&format!("{event:?}"), &digits)));
    assert_eq!(changed(&server, &manager, &issued, &json!({"reference": "Unit 1204"})).await["reference"], "Unit 1204");
}

#[tokio::test]
async fn r43_the_issuer_and_the_property_s_managers_may_and_nobody_else() {
    let server = TestServer::start_working().await;
    let (resident, manager) = (server.resident().await, server.sign_in(MANAGER).await);
    let of_resident = server.issued(&resident, &temporary(&[server.world.door], START, END)).await;
    let of_manager = server.issued(&manager, &temporary(&[server.world.door], START, END)).await;
    let unit = server.add_unit("102").await;
    server.add_resident("neighbour@example.com", unit.id, "102").await;
    let neighbour = server.mobile_sign_in("neighbour@example.com", APP).await;
    let (foreign, support) = (server.sign_in(FOREIGN_MANAGER).await, server.sign_in(SUPPORT).await);
    let edit = json!({"ends_at": "2026-06-15T23:00:00Z"});

    changed(&server, &resident, &of_resident, &edit).await;
    changed(&server, &manager, &of_resident, &json!({"ends_at": "2026-06-15T22:30:00Z"})).await;
    changed(&server, &manager, &of_manager, &edit).await;
    let roles: Vec<String> =
        server.recorded_as("guest_code.changed").await.iter().map(|event| event.actor.role.name().to_owned()).collect();
    assert_eq!(roles, ["manager", "manager", "resident"]);
    for issued in [&of_resident, &of_manager] {
        for (name, answer) in [
            ("a neighbour", change_from(&server, &neighbour, issued, "\"2\"", &edit).await),
            ("another property's manager", change_from(&server, &foreign, issued, "\"2\"", &edit).await),
            ("support", change_from(&server, &support, issued, "\"2\"", &edit).await),
        ] {
            assert_eq!(answer.problem(), (404, "not_found".into()), "{name}");
        }
        assert_eq!(preview(&server, &neighbour, issued, &edit).await.problem(), (404, "not_found".into()));
        assert_eq!(preview(&server, &support, issued, &edit).await.problem(), (404, "not_found".into()));
    }
    let by_resident = change_from(&server, &resident, &of_manager, "\"2\"", &edit).await;
    assert_eq!(by_resident.problem(), (404, "not_found".into()), "of the office");
}

#[tokio::test]
async fn r43_of_two_who_change_it_at_once_the_second_is_told() {
    let server = TestServer::start_working().await;
    let (resident, manager) = (server.resident().await, server.sign_in(MANAGER).await);
    let issued = server.issued(&resident, &temporary(&[server.world.door], START, END)).await;
    let (later, sooner) = (json!({"ends_at": "2026-06-15T23:00:00Z"}), json!({"ends_at": "2026-06-15T21:30:00Z"}));
    let (one, other) = tokio::join!(
        change_from(&server, &resident, &issued, "\"1\"", &later),
        change_from(&server, &manager, &issued, "\"1\"", &sooner),
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    let stale = if one.status == 412 { one } else { other };
    assert_eq!(stale.problem(), (412, "stale".into()));
    let without = server.request(Method::PATCH, &path(&issued)).web(&manager).json(&later).send().await;
    assert_eq!(without.problem(), (428, "if_match_required".into()));
    let outcomes: Vec<String> =
        server.recorded_as("guest_code.changed").await.iter().map(|event| event.outcome.name().to_owned()).collect();
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "done").count(), 1);
    assert_eq!(outcomes.len(), 2);
}

#[tokio::test]
async fn r24_r43_a_code_that_was_revoked_or_used_meanwhile_stays_over() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let (gym, gate) = (server.world.gym, server.world.gate);
    let revoked = server.issued(&manager, &permanent(&[gym])).await;
    let used = server.issued(&manager, &json!({"kind": "delivery", "door_ids": [gate], "guest_name": "Parcel"})).await;
    server.settled().await;
    assert_eq!(server.revoke(&manager, &revoked).await.status, 200);
    assert!(server.open(gate, text(&used["code"])).await);
    server.eventually("its use is on record", async || times(&server, "guest_code.used").await == 1).await;
    server.settled().await;
    for issued in [&revoked, &used] {
        // As somebody has it open who hasn't heard of that.
        let answer = change_from(&server, &manager, issued, "\"1\"", &json!({"reference": "WO-7"})).await;
        assert_eq!(answer.problem(), (409, "code_ended".into()));
        assert!(text(&answer.json()["detail"]).contains("Issue another one"), "{}", answer.text);
    }
    assert!(!server.holds(gym, text(&revoked["code"])).await && !server.holds(gate, text(&used["code"])).await);
}

#[tokio::test]
async fn r24_r43_a_code_whose_end_has_come_cannot_be_extended_even_if_nobody_has_noticed() {
    let mut server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let issued =
        server.issued(&manager, &temporary(&[server.world.gym], "2026-06-15T17:00:00Z", "2026-06-15T18:20:00Z")).await;
    server.stop_workers().await;
    server.advance(minutes(20));
    let answer = change_from(&server, &manager, &issued, "\"1\"", &json!({"ends_at": END})).await;
    assert_eq!(answer.problem(), (409, "code_ended".into()));
    server.start_workers();
    server.settled().await;
    assert_eq!(server.guest_code(&manager, &issued).await["state"], "expired");
}

#[tokio::test]
async fn r43_a_pass_shows_the_times_as_they_are_now() {
    let server = TestServer::start_working().await;
    let resident = server.sign_in(RESIDENT).await;
    let issued = server.issued(&resident, &temporary(&[server.world.door], START, END)).await;
    let shared = resident.sign(server.post(&format!("{}/share", path(&issued)))).json(&json!({})).send().await.json();
    let secret = text(&shared["url"]).rsplit('#').next().expect("a secret").to_owned();
    let pass = async |path: &str| {
        let answer = server.post(path).json(&json!({"secret": secret})).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    };
    let before = pass("/pass").await;
    assert!(text(&before["calendar"]).contains("DTSTART:20260615T210000Z"), "{}", before["calendar"]);
    let edit = json!({"starts_at": "2026-06-16T21:00:00Z", "ends_at": "2026-06-16T23:00:00Z"});
    changed(&server, &resident, &issued, &edit).await;
    let state = pass("/pass/state").await;
    assert_ne!(state["version"], before["version"], "a pass that is open learns of it");
    assert_eq!(state["next_windows"][0]["starts_at"], edit["starts_at"]);
    let after = pass("/pass").await;
    assert_eq!(
        (&after["starts_at"], &after["ends_at"], &after["version"]),
        (&edit["starts_at"], &edit["ends_at"], &state["version"])
    );
    let calendar = text(&after["calendar"]);
    assert!(calendar.contains("DTSTART:20260616T210000Z") && calendar.contains("DTEND:20260616T230000Z"), "{calendar}");
}

#[tokio::test]
async fn r43_a_code_that_waits_for_an_offline_lock_goes_on_waiting_with_its_new_times() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let gym = server.world.gym;
    server.reach_lock(gym, false).await;
    let issued = server.issued(&manager, &temporary(&[gym], "2026-06-15T17:00:00Z", "2026-06-15T18:30:00Z")).await;
    server.eventually("it waits", async || status(&server.guest_code(&manager, &issued).await, gym) == "waiting").await;
    let answer = change(&server, &manager, &issued, &json!({"ends_at": END})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(status(&answer.json(), gym), "waiting");
    server.advance(minutes(60));
    server.reach_lock(gym, true).await;
    server.settled().await;
    assert!(server.holds(gym, text(&issued["code"])).await);
    let manager = server.sign_in(MANAGER).await;
    assert_eq!(status(&server.guest_code(&manager, &issued).await, gym), "working");
}
