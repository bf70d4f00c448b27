//! Guest codes are sent to locks shortly before their windows, as early as their property has it (R44).

use ids::DoorId;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use store::placements;

use crate::fixtures::{Credential, permanent, status, temporary, text};
use crate::harness::{MANAGER, TestServer};

const START: &str = "2026-06-15T21:00:00Z";
const END: &str = "2026-06-15T22:00:00Z";
const MOMENT: SignedDuration = SignedDuration::from_millis(1);

fn at(instant: &str) -> Timestamp {
    instant.parse().expect("an instant")
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

/// Advances the clock to an instant and waits until what is due then is done.
async fn turn_to(server: &TestServer, instant: Timestamp) {
    let millis = instant.as_millisecond() - server.app.now();
    assert!(millis > 0, "{instant} is over");
    server.advance(SignedDuration::from_millis(millis));
    server.settled().await;
}

/// A manager says how early the property sends guest codes.
async fn set_lead(server: &TestServer, minutes: u32) {
    let manager = server.sign_in(MANAGER).await;
    let path = format!("/properties/{}", server.world.property);
    let etag = server.get(&path).web(&manager).send().await.header("etag").to_owned();
    let edit = server.request(Method::PATCH, &path).web(&manager).header("if-match", &etag);
    let answer = edit.json(&json!({"guest_code_lead_minutes": minutes})).send().await;
    assert_eq!((answer.status, &answer.json()["guest_code_lead_minutes"]), (200, &json!(minutes)), "{}", answer.text);
    server.settled().await;
}

/// A request for a code of that kind for the gym and the gate, whose window is the one from [`START`] to [`END`] or longer.
fn of_kind(server: &TestServer, kind: &str) -> Value {
    let doors = [server.world.gym, server.world.gate];
    let mut request = match kind {
        "temporary" => temporary(&doors, START, END),
        "permanent" => permanent(&doors),
        "delivery" => json!({"kind": "delivery", "door_ids": [doors[1]], "guest_name": "Parcel"}),
        _ => json!({"kind": "recurring", "door_ids": doors, "guest_name": "Cleaner", "recurrence": {
            "weekdays": ["mon"], "from": "15:00", "to": "16:00", "first_day": "2026-06-15", "last_day": "2026-06-15",
        }}),
    };
    if kind != "recurring" {
        request["starts_at"] = json!(START);
    }
    request
}

async fn times(server: &TestServer, action: &str) -> usize {
    server.recorded_as(action).await.len()
}

/// The state of a code, and at each of its doors its status and whether the lock really holds it.
async fn seen(server: &TestServer, issued: &Value) -> (String, Vec<(String, bool)>) {
    let manager = server.sign_in(MANAGER).await;
    let code = server.guest_code(&manager, issued).await;
    let mut at_doors = Vec::new();
    for door in issued["door_ids"].as_array().expect("doors") {
        let door: DoorId = text(door).parse().expect("an id");
        at_doors.push((status(&code, door).to_owned(), server.holds(door, text(&issued["code"])).await));
    }
    (text(&code["state"]).to_owned(), at_doors)
}

async fn assert_seen(server: &TestServer, issued: &Value, state: &str, status: &str, held: bool) {
    let (found, at_doors) = seen(server, issued).await;
    assert_eq!(found, state);
    assert!(at_doors.iter().all(|door| *door == (status.to_owned(), held)), "{state}, {status}: {at_doors:?}");
}

#[rstest]
#[tokio::test]
async fn r44_a_code_is_sent_as_early_as_its_property_says(
    #[values("temporary", "recurring", "delivery", "permanent")] kind: &str,
    #[values(None, Some(0), Some(120))] lead: Option<u32>,
) {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    if let Some(lead) = lead {
        set_lead(&server, lead).await;
    }
    let issued = server.issued(&manager, &of_kind(&server, kind)).await;
    let (doors, lead) = (issued["door_ids"].as_array().expect("doors").len(), minutes(lead.unwrap_or(15).into()));
    let before = times(&server, "placement.on_lock").await;
    let sent = async || times(&server, "placement.on_lock").await - before;
    turn_to(&server, at(START) - lead - MOMENT).await;
    assert_seen(&server, &issued, "scheduled", "none", false).await;

    turn_to(&server, at(START) - lead).await;
    if lead != SignedDuration::ZERO {
        // On the lock it opens the door, and that is what is said; its window has not begun.
        assert_seen(&server, &issued, "scheduled", "working", true).await;
        assert_eq!((sent().await, times(&server, "guest_code.window_opened").await), (doors, 0));
        turn_to(&server, at(START) - MOMENT).await;
        assert_seen(&server, &issued, "scheduled", "working", true).await;
        turn_to(&server, at(START)).await;
    }
    assert_seen(&server, &issued, "live", "working", true).await;
    assert_eq!(times(&server, "guest_code.window_opened").await, 1);
    assert_eq!(sent().await, doors, "it was sent once");

    let ends = if kind == "delivery" { at(END) + minutes(60) } else { at(END) };
    turn_to(&server, ends - MOMENT).await;
    assert_seen(&server, &issued, "live", "working", true).await;
    turn_to(&server, ends).await;
    match kind {
        "permanent" => assert_seen(&server, &issued, "live", "working", true).await,
        _ => assert_seen(&server, &issued, "expired", "removed", false).await,
    }
}

#[tokio::test]
async fn r44_a_code_that_is_issued_within_the_lead_is_sent_at_once() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    turn_to(&server, at(START) - minutes(10)).await;
    let manager_again = server.sign_in(MANAGER).await;
    drop(manager);
    let issued = server.issued(&manager_again, &of_kind(&server, "temporary")).await;
    server.settled().await;
    assert_seen(&server, &issued, "scheduled", "working", true).await;
    turn_to(&server, at(START)).await;
    assert_seen(&server, &issued, "live", "working", true).await;
    assert_eq!(times(&server, "guest_code.window_opened").await, 1);
}

#[tokio::test]
async fn r44_between_windows_that_are_closer_than_the_lead_a_code_stays_on_its_locks() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    set_lead(&server, 120).await;
    // Closed from 14:00 to 15:00 every day, and open around that.
    let request = json!({"kind": "recurring", "door_ids": [server.world.gym], "guest_name": "Nurse", "recurrence": {
        "weekdays": ["mon", "tue", "wed"], "from": "15:00", "to": "14:00", "first_day": "2026-06-15", "last_day": "2026-06-17",
    }});
    let issued = server.issued(&manager, &request).await;
    turn_to(&server, at("2026-06-15T21:00:00Z")).await;
    for (instant, opened, closed) in [
        ("2026-06-16T20:00:00Z", 1, 1),
        ("2026-06-16T21:00:00Z", 2, 1),
        ("2026-06-17T20:00:00Z", 2, 2),
        ("2026-06-17T21:00:00Z", 3, 2),
    ] {
        turn_to(&server, at(instant)).await;
        assert_seen(&server, &issued, "live", "working", true).await;
        let windows =
            [times(&server, "guest_code.window_opened").await, times(&server, "guest_code.window_closed").await];
        assert_eq!(windows, [opened, closed], "{instant}: windows begin and end as they do");
    }
    assert_eq!(times(&server, "placement.removed").await, 0, "it never left the lock");
    turn_to(&server, at("2026-06-18T20:00:00Z")).await;
    assert_seen(&server, &issued, "expired", "removed", false).await;
}

#[tokio::test]
async fn r44_changing_the_lead_holds_for_codes_that_are_issued_already() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let issued = server.issued(&manager, &of_kind(&server, "temporary")).await;
    let later =
        server.issued(&manager, &temporary(&[server.world.gym], "2026-06-16T21:00:00Z", "2026-06-16T22:00:00Z")).await;
    turn_to(&server, at(START) - minutes(60)).await;
    assert_seen(&server, &issued, "scheduled", "none", false).await;

    set_lead(&server, 120).await;
    assert_seen(&server, &issued, "scheduled", "working", true).await;
    assert_seen(&server, &later, "scheduled", "none", false).await;
    set_lead(&server, 59).await;
    assert_seen(&server, &issued, "scheduled", "removed", false).await;
    set_lead(&server, 60).await;
    assert_seen(&server, &issued, "scheduled", "working", true).await;
    set_lead(&server, 0).await;
    assert_seen(&server, &issued, "scheduled", "removed", false).await;
    assert_eq!(times(&server, "guest_code.window_opened").await + times(&server, "guest_code.window_closed").await, 0);

    turn_to(&server, at(START)).await;
    assert_seen(&server, &issued, "live", "working", true).await;
    // What is open stays so, whatever the lead.
    set_lead(&server, 15).await;
    assert_seen(&server, &issued, "live", "working", true).await;
    turn_to(&server, at("2026-06-16T20:45:00Z")).await;
    assert_seen(&server, &later, "scheduled", "working", true).await;
}

#[tokio::test]
async fn r20_r44_a_delivery_code_that_is_used_before_its_window_has_been_used() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let issued = server.issued(&manager, &of_kind(&server, "delivery")).await;
    let (gate, digits) = (server.world.gate, text(&issued["code"]));
    turn_to(&server, at(START) - minutes(5)).await;
    assert!(server.open(gate, digits).await);
    server.eventually("its use is on record", async || times(&server, "guest_code.used").await == 1).await;
    server.settled().await;
    assert_seen(&server, &issued, "used", "removed", false).await;
    assert!(!server.open(gate, digits).await);
    let event = server.recorded_as("guest_code.used").await.remove(0);
    let said = event.facts.as_ref().and_then(|facts| facts.said.as_ref()).expect("what it says");
    assert_eq!(said.name(), "door_before_window");
    assert!(event.detail.ends_with(", before its window began."), "{}", event.detail);
    // Its window brings it back to no lock.
    turn_to(&server, at(START)).await;
    assert_seen(&server, &issued, "used", "removed", false).await;
    assert_eq!(times(&server, "guest_code.window_opened").await, 0);
}

#[tokio::test]
async fn r24_r44_a_code_that_is_revoked_before_its_window_leaves_the_lock_and_stays_away() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let issued = server.issued(&manager, &of_kind(&server, "temporary")).await;
    turn_to(&server, at(START) - minutes(5)).await;
    assert_seen(&server, &issued, "scheduled", "working", true).await;
    let manager = server.sign_in(MANAGER).await;
    assert_eq!(server.revoke(&manager, &issued).await.status, 200);
    server.settled().await;
    assert_seen(&server, &issued, "revoked", "removed", false).await;
    turn_to(&server, at(START)).await;
    assert_seen(&server, &issued, "revoked", "removed", false).await;
    assert_eq!(times(&server, "guest_code.window_opened").await, 0);
}

#[tokio::test]
async fn r24_r44_a_clock_that_jumps_over_the_lead_or_the_whole_window_misses_nothing() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let begins = server.issued(&manager, &temporary(&[server.world.gym], START, "2026-06-15T23:00:00Z")).await;
    let missed =
        server.issued(&manager, &temporary(&[server.world.gym], "2026-06-15T21:05:00Z", "2026-06-15T21:10:00Z")).await;
    let before = times(&server, "placement.on_lock").await;
    turn_to(&server, at("2026-06-15T21:30:00Z")).await;
    assert_seen(&server, &begins, "live", "working", true).await;
    assert_seen(&server, &missed, "expired", "none", false).await;
    assert_eq!(times(&server, "placement.on_lock").await - before, 1);
    assert_eq!([times(&server, "guest_code.window_opened").await, times(&server, "guest_code.expired").await], [1, 1]);
}

#[tokio::test]
async fn r44_a_code_that_was_sent_too_early_by_a_clock_that_is_set_back_is_taken_off() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let issued = server.issued(&manager, &of_kind(&server, "temporary")).await;
    turn_to(&server, at(START) - minutes(10)).await;
    assert_seen(&server, &issued, "scheduled", "working", true).await;
    server.advance(-minutes(60));
    server.settled().await;
    assert_seen(&server, &issued, "scheduled", "removed", false).await;
    turn_to(&server, at(START) - minutes(15)).await;
    assert_seen(&server, &issued, "scheduled", "working", true).await;
}

#[rstest]
#[case::before_it_is_sent(30, 5, "scheduled")]
#[case::after_it_was_sent(10, 5, "scheduled")]
#[case::before_it_begins(30, -5, "live")]
#[tokio::test]
async fn r24_r44_leads_survive_a_restart(
    #[case] stopped_before: i64,
    #[case] started_before: i64,
    #[case] state: &str,
) {
    let mut server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let issued = server.issued(&manager, &of_kind(&server, "temporary")).await;
    turn_to(&server, at(START) - minutes(stopped_before)).await;
    server.stop_workers().await;
    server.advance(minutes(stopped_before - started_before));
    server.restart().await;
    server.start_workers();
    server.settled().await;
    let manager = server.sign_in(MANAGER).await;
    let code = server.guest_code(&manager, &issued).await;
    assert_eq!((text(&code["state"]), status(&code, server.world.gym)), (state, "working"));
    let ends = at(END).as_millisecond() - server.app.now();
    server.advance(SignedDuration::from_millis(ends));
    server.settled().await;
    let manager = server.sign_in(MANAGER).await;
    let code = server.guest_code(&manager, &issued).await;
    assert_eq!((text(&code["state"]), status(&code, server.world.gym)), ("expired", "removed"));
}

#[tokio::test]
async fn r44_a_pass_says_of_a_code_that_is_on_the_lock_early_that_it_opens_the_door() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let issued = server.issued(&manager, &of_kind(&server, "temporary")).await;
    let link =
        manager.sign(server.post(&format!("/guest-codes/{}/share", text(&issued["id"])))).json(&json!({})).send().await;
    let link = link.json();
    let secret = text(&link["url"]).rsplit('#').next().expect("a secret").to_owned();
    let pass = async |path: &str| {
        let answer = server.post(path).json(&json!({"secret": secret})).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    };
    assert_eq!(pass("/pass").await["doors"][0]["opens"], false);
    turn_to(&server, at(START) - minutes(5)).await;
    let opened = pass("/pass").await;
    assert_eq!((&opened["state"], &opened["doors"][0]["opens"]), (&json!("scheduled"), &json!(true)));
    assert_eq!(pass("/pass/state").await["opens"], json!([true, true]));

    // Being taken off, it still opens the door until the lock confirms.
    server.reach_hub(false).await;
    let manager = server.sign_in(MANAGER).await;
    let path = format!("/properties/{}", server.world.property);
    let etag = server.get(&path).web(&manager).send().await.header("etag").to_owned();
    let edit = server.request(Method::PATCH, &path).web(&manager).header("if-match", &etag);
    assert_eq!(edit.json(&json!({"guest_code_lead_minutes": 0})).send().await.status, 200);
    server.eventually("it is to go", async || pass("/pass/state").await["working"] == json!([false, false])).await;
    assert_eq!(pass("/pass/state").await["opens"], json!([true, true]));
}

#[tokio::test]
async fn r31_r44_a_window_that_ends_while_nothing_can_be_recorded_leaves_the_lock_unless_the_next_is_near() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    set_lead(&server, 120).await;
    let daily = |name: &str, from: &str, to: &str| {
        json!({"kind": "recurring", "door_ids": [server.world.gym], "guest_name": name, "recurrence": {
            "weekdays": ["mon", "tue"], "from": from, "to": to, "first_day": "2026-06-15", "last_day": "2026-06-16",
        }})
    };
    // Both windows end at 12:20 there; the next ones begin at 11:00 tomorrow, and at 13:20 today.
    let leaves = server.issued(&manager, &daily("Leaves", "11:00", "12:20")).await;
    let mut stays = daily("Stays", "13:20", "12:20");
    stays["recurrence"]["first_day"] = json!("2026-06-14");
    stays["recurrence"]["weekdays"] = json!(["sun", "mon"]);
    let stays = server.issued(&manager, &stays).await;
    server.settled().await;
    server.write(|tx| drop(tx.execute("UPDATE placement SET check_at = NULL", []))).await;
    server.fill_the_disk(true).await;
    server.advance(minutes(20));
    let gym = server.world.gym;
    server.eventually("it is off its lock", async || !server.holds(gym, text(&leaves["code"])).await).await;
    assert!(server.holds(gym, text(&stays["code"])).await);
    server.fill_the_disk(false).await;
    server.eventually("both ends are on record", async || times(&server, "guest_code.window_closed").await == 2).await;
    server.settled().await;
    assert!(server.holds(gym, text(&stays["code"])).await);
    assert_eq!(
        server.query(|db| placements::with_slots(db).expect("read").len()).await,
        2,
        "the resident's and the one that stays"
    );
}
