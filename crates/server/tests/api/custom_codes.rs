//! Residents picking their own code: who, where, with which app, which codes, and when not (R1–R15).

use hub::LockError;
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::{Value, json};
use store::{doors, placements, tenancies};
use uuid::Uuid;

use crate::fixtures::{APP, conditions, mentions, permanent, placement, status, text};
use crate::harness::{Answer, MANAGER, MobileToken, NOON, PASSWORD, RESIDENT, SUPPORT, TestServer, logged};

/// Every condition, in the order of every checklist.
const CONDITIONS: [&str; 11] = [
    "in_mobile_app",
    "app_version",
    "own_tenancy",
    "own_unit_door",
    "feature_enabled",
    "code_format",
    "code_not_repeated",
    "code_not_consecutive",
    "hub_online",
    "lock_online",
    "code_available",
];

const REFUSED: &str = "code.custom.refused";

/// A working server with custom codes switched on.
async fn start_enabled() -> TestServer {
    let server = TestServer::start_working().await;
    server.switch_custom_codes(true).await;
    server
}

/// The refusal's stable code, after checking what holds for every refusal of a custom code: the whole checklist in
/// order, a next step for everything that isn't met, and the first unmet condition as the problem's code (R14).
fn refusal(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    assert_whole_checklist(&body["checklist"]);
    assert!(!conditions(&body["checklist"], Some(false)).is_empty(), "{body}");
    answer.problem()
}

fn assert_whole_checklist(checklist: &Value) {
    let items = checklist.as_array().expect("a checklist");
    assert_eq!(items.iter().map(|item| text(&item["condition"])).collect::<Vec<_>>(), CONDITIONS);
    for item in items {
        assert!(!text(&item["detail"]).is_empty());
        match item["met"].as_bool() {
            Some(met) => assert_eq!(item["next_step"].is_string(), !met, "{item}"),
            None => assert!(item["met"].is_null()),
        }
    }
}

#[tokio::test]
async fn r01_a_resident_picks_the_code_of_their_own_unit_and_of_no_other() {
    let server = start_enabled().await;
    let second_door = server.add_door(api_types::DoorKind::Unit, "101 balcony", Some(server.world.unit), 20).await;
    let neighbour = server.add_unit("102").await;
    server.add_resident("neighbour@example.com", neighbour.id, "102").await;
    let resident = server.resident().await;

    let answer = server.pick(&resident, "530917").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    server.settled().await;
    let access = server.access(&resident).await;
    assert_eq!(access["code"]["origin"], "custom");
    let doors: Vec<&Value> = access["code"]["placements"].as_array().expect("placements").iter().collect();
    assert_eq!(doors.len(), 2);
    for door in [server.world.door, second_door] {
        assert_eq!(status(&access["code"], door), "working");
        assert!(server.holds(door, "530917").await);
    }
    assert!(!server.holds(neighbour.door, "530917").await);

    // There is no way to name another unit, door or person.
    for field in ["unit", "unit_id", "door_id", "door_ids", "resident_id", "on_behalf_of"] {
        let body = json!({"mode": "custom", "code": "530918", field: neighbour.id});
        let answer = server.change_code(&resident, &body).await;
        assert_eq!(answer.problem(), (422, "unknown_field".into()), "{field}");
        assert_eq!(answer.json()["errors"][0]["field"], field);
    }
    assert_eq!(server.access(&resident).await["code"]["id"], access["code"]["id"]);
}

#[tokio::test]
async fn r01_a_tenancy_that_is_over_picks_nothing() {
    let server = start_enabled().await;
    let resident = server.resident().await;
    let tenancy = server.world.tenancy;
    server.write(move |tx| tenancies::end(tx, tenancy, NOON).expect("ended")).await;
    assert_eq!(server.pick(&resident, "530917").await.problem(), (401, "signed_out".into()));
    assert!(!server.holds(server.world.door, "530917").await);
}

#[tokio::test]
async fn r02_a_picked_code_never_goes_to_amenity_or_property_doors() {
    let server = start_enabled().await;
    let resident = server.resident().await;
    assert_eq!(server.pick(&resident, "530917").await.status, 200);
    server.settled().await;
    assert!(server.holds(server.world.door, "530917").await);
    for door in [server.world.gate, server.world.gym] {
        assert_eq!(server.held(door).await, 0);
    }
    let kinds: Vec<Value> = server.access(&resident).await["doors"]
        .as_array()
        .expect("doors")
        .iter()
        .map(|door| door["kind"].clone())
        .collect();
    assert_eq!(kinds, ["unit"]);
}

#[tokio::test]
async fn r02_a_resident_without_a_door_of_their_own_picks_no_code() {
    let server = start_enabled().await;
    let property = server.world.property;
    let loft = server.write(move |tx| doors::insert_unit(tx, property, None, "Loft").expect("a unit")).await;
    server.add_resident("loft@example.com", loft, "Loft").await;
    let resident = server.mobile_sign_in("loft@example.com", APP).await;
    let answer = server.pick(&resident, "530917").await;
    assert_eq!(refusal(&answer), (403, "not_a_unit_door".into()));
    assert_eq!(conditions(&answer.json()["checklist"], Some(false)), ["own_unit_door"]);
}

#[tokio::test]
async fn r03_it_is_off_until_a_manager_switches_it_on() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let before = server.access(&resident).await["code"]["id"].clone();
    assert_eq!(refusal(&server.pick(&resident, "530917").await), (403, "custom_codes_disabled".into()));
    let event = server.recorded_as(REFUSED).await.remove(0);
    assert_eq!(event.code.as_deref(), Some("custom_codes_disabled"));
    assert_eq!((event.subject.id, event.property_id), (Some(server.world.unit.uuid()), Some(server.world.property)));
    assert_eq!(server.access(&resident).await["code"]["id"], before);

    server.switch_custom_codes(true).await;
    let event = server.recorded_as("property.custom_codes.enabled").await.remove(0);
    assert_eq!((event.actor.id, event.actor.role.name()), (Some(server.world.manager), "manager"));
    assert_eq!(server.pick(&resident, "530917").await.status, 200);

    server.switch_custom_codes(false).await;
    assert_eq!(server.recorded_as("property.custom_codes.disabled").await.len(), 1);
    assert_eq!(refusal(&server.pick(&resident, "530918").await), (403, "custom_codes_disabled".into()));
}

#[rstest]
#[case::missing(None, false)]
#[case::empty(Some(""), false)]
#[case::older(Some("2.7.9"), false)]
#[case::older_by_number_not_by_text(Some("2.7.10"), false)]
#[case::release_candidate(Some("2.8.0-rc.1"), false)]
#[case::two_parts(Some("2.8"), false)]
#[case::with_a_letter(Some("v2.8.0"), false)]
#[case::with_a_leading_zero(Some("2.08.0"), false)]
#[case::words(Some("latest"), false)]
#[case::the_first(Some("2.8.0"), true)]
#[case::newer_by_number_not_by_text(Some("2.10.0"), true)]
#[case::release_candidate_of_a_later_one(Some("2.8.1-rc.1"), true)]
#[case::with_build(Some("2.8.0+77"), true)]
#[tokio::test]
async fn r04_only_an_app_of_2_8_0_or_newer_picks_codes(#[case] version: Option<&str>, #[case] allowed: bool) {
    let server = start_enabled().await;
    let token = mobile_sign_in_as(&server, version).await;
    let answer = server.pick(&token, "530917").await;
    server.settled().await;
    if allowed {
        assert_eq!(answer.status, 200, "{}", answer.text);
    } else {
        assert_eq!(refusal(&answer), (403, "app_too_old".into()));
        assert_eq!(conditions(&answer.json()["checklist"], Some(false)), ["app_version"]);
        let event = server.recorded_as(REFUSED).await.remove(0);
        assert_eq!((event.code.as_deref(), event.channel.app_version.as_deref()), (Some("app_too_old"), version));
    }
    assert_eq!(server.holds(server.world.door, "530917").await, allowed);
}

#[tokio::test]
async fn r04_the_version_is_the_token_s_whatever_a_later_request_claims() {
    let server = start_enabled().await;
    let old = server.mobile_sign_in(RESIDENT, "2.7.9").await;
    let body = json!({"mode": "custom", "code": "530917"});
    let claims = [
        ("app-version", "2.8.0"),
        ("x-app-version", "2.8.0"),
        ("x-client-version", "2.8.0"),
        ("user-agent", "Latchkey/2.8.0 (iOS)"),
    ];
    for (name, value) in claims {
        let answer = server.put("/me/code").mobile(&old).once().header(name, value).json(&body).send().await;
        assert_eq!(refusal(&answer), (403, "app_too_old".into()), "{name}");
    }
    let answer = server.put("/me/code?app_version=2.8.0&platform=ios").mobile(&old).once().json(&body).send().await;
    assert_eq!(refusal(&answer), (403, "app_too_old".into()));
    let claiming = json!({"mode": "custom", "code": "530917", "app_version": "2.8.0"});
    assert_eq!(server.change_code(&old, &claiming).await.problem(), (422, "unknown_field".into()));

    // Nor does a newer app of the same person upgrade the older one's token.
    let new = server.mobile_sign_in(RESIDENT, "2.10.0").await;
    assert_eq!(refusal(&server.pick(&old, "530917").await), (403, "app_too_old".into()));
    assert_eq!(server.pick(&new, "530917").await.status, 200);
}

#[rstest]
#[case::as_the_app_sends_it("application/json", r#"{"mode":"custom","code":"530917"}"#, &[])]
#[case::random("application/json", r#"{"mode":"random","length":4}"#, &[])]
#[case::claiming_to_be_the_app("application/json", r#"{"mode":"custom","code":"530917"}"#, &[
    ("user-agent", "Latchkey/9.9.9 (iOS)"), ("x-app-version", "9.9.9"), ("x-channel", "mobile"), ("x-platform", "ios"),
])]
#[case::claiming_in_the_body("application/json", r#"{"mode":"custom","code":"530917","channel":"mobile","app_version":"9.9.9"}"#, &[])]
#[case::garbage("application/json", "{{{", &[])]
#[case::nothing("application/json", "", &[])]
#[case::another_content_type("text/plain", "530917", &[])]
#[case::a_form("application/x-www-form-urlencoded", "mode=custom&code=530917", &[])]
#[case::another_site("application/json", r#"{"mode":"custom","code":"530917"}"#, &[("sec-fetch-site", "cross-site")])]
#[case::without_a_key("application/json", r#"{"mode":"custom","code":"530917"}"#, &[("no-key", "1")])]
#[tokio::test]
async fn r05_the_web_is_refused_before_anything_else_is_checked(
    #[case] content_type: &str,
    #[case] body: &'static str,
    #[case] headers: &[(&str, &str)],
) {
    let server = start_enabled().await;
    let session = server.sign_in(RESIDENT).await;
    let before = server.access(&session).await["code"]["id"].clone();
    let mut request = server.put("/me/code").web(&session).body(content_type, body);
    if headers.iter().all(|(name, _)| *name != "no-key") {
        request = request.once();
    }
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let answer = request.send().await;
    assert_eq!(refusal(&answer), (403, "not_on_web".into()));
    assert!(!answer.text.contains("530917"));
    let events = server.recorded_as(REFUSED).await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].code.as_deref(), Some("not_on_web"));
    assert_eq!((events[0].channel.kind, events[0].channel.app_version.as_deref()), (api_types::ChannelKind::Web, None));
    assert_eq!(events[0].actor.id, Some(server.world.resident));
    server.settled().await;
    assert_eq!(server.access(&session).await["code"]["id"], before);
}

#[tokio::test]
async fn r05_a_body_too_large_to_be_read_is_refused_the_same_on_the_web() {
    let server = start_enabled().await;
    let session = server.sign_in(RESIDENT).await;
    let answer = server.put("/me/code").web(&session).body("application/json", "x".repeat(80 * 1024)).send().await;
    assert_eq!(answer.problem(), (403, "not_on_web".into()));
}

#[rstest]
#[case::manager(MANAGER, "manager")]
#[case::support(SUPPORT, "support")]
#[case::resident(RESIDENT, "resident")]
#[tokio::test]
async fn r05_on_the_web_it_is_refused_to_everybody(#[case] email: &str, #[case] role: &str) {
    let server = start_enabled().await;
    let session = server.sign_in(email).await;
    assert_eq!(refusal(&server.pick(&session, "530917").await), (403, "not_on_web".into()));
    let event = server.recorded_as(REFUSED).await.remove(0);
    assert_eq!((event.actor.role.name(), event.code.as_deref()), (role, Some("not_on_web")));
    assert!(!server.holds(server.world.door, "530917").await);
}

#[rstest]
#[case::r06_empty("", "code_wrong_length", "code_format")]
#[case::r06_three("123", "code_wrong_length", "code_format")]
#[case::r06_five("53091", "code_wrong_length", "code_format")]
#[case::r06_seven("5309171", "code_wrong_length", "code_format")]
#[case::r06_blank_in_front(" 5309", "code_wrong_length", "code_format")]
#[case::r06_letter("53o9", "code_not_digits", "code_format")]
#[case::r06_sign("-530", "code_not_digits", "code_format")]
#[case::r06_blanks("53 09 ", "code_not_digits", "code_format")]
#[case::r06_digits_of_another_script("٥٣٠٩", "code_not_digits", "code_format")]
#[case::r06_full_width("５３０９", "code_not_digits", "code_format")]
#[case::r07_four_alike("1111", "code_repeated_digit", "code_not_repeated")]
#[case::r07_six_alike("000000", "code_repeated_digit", "code_not_repeated")]
#[case::r08_up_from_zero("0123", "code_consecutive", "code_not_consecutive")]
#[case::r08_up("6789", "code_consecutive", "code_not_consecutive")]
#[case::r08_down("4321", "code_consecutive", "code_not_consecutive")]
#[case::r08_down_from_nine("9876", "code_consecutive", "code_not_consecutive")]
#[case::r08_six_down("654321", "code_consecutive", "code_not_consecutive")]
#[tokio::test]
async fn r06_to_r08_what_a_code_may_not_be(#[case] candidate: &str, #[case] code: &str, #[case] condition: &str) {
    let server = start_enabled().await;
    let resident = server.resident().await;
    let answer = server.pick(&resident, candidate).await;
    assert_eq!(refusal(&answer), (422, code.to_owned()));
    assert_eq!(conditions(&answer.json()["checklist"], Some(false)), [condition]);
    server.settled().await;
    assert_eq!(server.held(server.world.door).await, 1);
}

#[tokio::test]
async fn r06_a_code_is_text_and_its_leading_zeros_count() {
    let server = start_enabled().await;
    let resident = server.resident().await;
    assert_eq!(server.pick(&resident, "0192").await.status, 200);
    server.settled().await;
    assert!(server.holds(server.world.door, "0192").await);
    let code = server.access(&resident).await["code"].clone();
    assert_eq!(code["length"], 4);
    assert!(server.digits(&resident, &code).await == "0192");
    // A number isn't text, and its value isn't repeated.
    let answer = server.change_code(&resident, &json!({"mode": "custom", "code": 530917})).await;
    assert_eq!(answer.problem(), (422, "invalid".into()));
    assert!(!answer.text.contains("530917"));
}

#[tokio::test]
async fn r08_r09_no_other_rule_refuses_a_code() {
    let server = start_enabled().await;
    let resident = server.resident().await;
    // No wrap from 9 to 0, whole codes only; birthdays and common codes are the resident's own business.
    for candidate in ["7890", "0987", "1235", "112345", "1212", "2580", "1984", "121212", "246802", "0001"] {
        let answer = server.pick(&resident, candidate).await;
        assert_eq!(answer.status, 200, "{candidate}: {}", answer.text);
    }
    server.settled().await;
    assert!(server.holds(server.world.door, "0001").await);
    assert_eq!(server.held(server.world.door).await, 1);
}

#[tokio::test]
async fn r10_residents_of_different_units_may_have_the_same_code_and_nothing_tells() {
    let server = start_enabled().await;
    let neighbour_unit = server.add_unit("102").await;
    server.add_resident("neighbour@example.com", neighbour_unit.id, "102").await;
    let resident = server.resident().await;
    let neighbour = server.mobile_sign_in("neighbour@example.com", APP).await;

    let first = server.pick(&resident, "530917").await;
    server.settled().await;
    let second = server.pick(&neighbour, "530917").await;
    server.settled().await;
    assert_eq!((first.status, second.status), (200, 200), "{}", second.text);
    assert_eq!(faceless(&first.json()), faceless(&second.json()));
    assert_eq!(names(&first), names(&second));
    for door in [server.world.door, neighbour_unit.door] {
        assert!(server.holds(door, "530917").await);
    }

    // The audit log and the program's log say the same about both, without the digits.
    let events = server.recorded_as("code.custom.set").await;
    assert_eq!(events.len(), 2);
    assert_eq!((&events[0].detail, events[0].outcome), (&events[1].detail, events[1].outcome));
    assert_eq!(events[0].code, events[1].code);
    assert!(!mentions(&format!("{:?}", server.recorded().await), "530917"));
    let [one, other] = [&first, &second].map(logged_of);
    assert!(!one.is_empty());
    assert_eq!(one, other);

    // Nor do the metrics, by any of their labels.
    let metrics = server.get_as_operator("/metrics").send().await.text;
    let labels: Vec<&str> = metrics.lines().filter_map(|line| line.split_once('}')).map(|(labels, _)| labels).collect();
    assert!(labels.iter().any(|labels| labels.contains("/api/v1/me/code")));
    assert!(labels.iter().all(|labels| !labels.contains("530917")));

    // Nor does the database: equal codes leave different traces on every lock.
    let locks = [server.lock(server.world.door).await, server.lock(neighbour_unit.door).await];
    let [on_one, on_other] =
        server.query(move |db| locks.map(|lock| placements::fingerprints(db, lock).expect("read"))).await;
    assert!(!on_one.is_empty() && on_one.iter().all(|fingerprint| !on_other.contains(fingerprint)));
}

#[tokio::test]
async fn r11_a_code_that_is_live_on_the_same_lock_is_refused_neutrally() {
    let server = start_enabled().await;
    server.add_resident("roommate@example.com", server.world.unit, "101").await;
    let resident = server.resident().await;
    let roommate = server.mobile_sign_in("roommate@example.com", APP).await;
    assert_eq!(server.pick(&resident, "530917").await.status, 200);
    server.settled().await;

    let answer = server.pick(&roommate, "530917").await;
    assert_eq!(refusal(&answer), (409, "code_unavailable_for_this_door".into()));
    assert_eq!(conditions(&answer.json()["checklist"], Some(false)), ["code_available"]);
    for hint in ["roommate", "somebody", "taken", "in use", "already", "same code", "equal", "530917"] {
        assert!(!answer.text.contains(hint), "{hint}: {}", answer.text);
    }
    let event = server.recorded_as(REFUSED).await.remove(0);
    assert_eq!(event.code.as_deref(), Some("code_unavailable_for_this_door"));
    assert_eq!(event.actor.name, "roommate");
    assert!(!mentions(&format!("{event:?}"), "530917"));

    // A guest's live code is no different.
    let guest = server.issued(&resident, &permanent(&[server.world.door])).await;
    let again = server.pick(&roommate, text(&guest["code"])).await;
    assert_eq!(refusal(&again), (409, "code_unavailable_for_this_door".into()));
    assert_eq!(faceless(&answer.json()), faceless(&again.json()));
}

#[tokio::test]
async fn r11_digits_are_live_until_the_lock_confirms_that_they_are_gone() {
    let server = start_enabled().await;
    server.add_resident("roommate@example.com", server.world.unit, "101").await;
    let resident = server.resident().await;
    let roommate = server.mobile_sign_in("roommate@example.com", APP).await;
    assert_eq!(server.pick(&resident, "530917").await.status, 200);
    server.settled().await;
    let lock = server.lock(server.world.door).await;
    server.simulator().fail_next_removals(lock, 3, LockError::TimedOut);
    assert_eq!(server.pick(&resident, "804216").await.status, 200);
    server.settled().await;
    assert_eq!(status(&server.access(&resident).await["code"], server.world.door), "working");
    assert!(server.holds(server.world.door, "530917").await);
    assert_eq!(refusal(&server.pick(&roommate, "530917").await), (409, "code_unavailable_for_this_door".into()));
    server.outlast_delays(3).await;
    assert!(!server.holds(server.world.door, "530917").await);
    assert_eq!(server.pick(&roommate, "530917").await.status, 200);
}

#[tokio::test]
async fn r11_a_sixth_try_within_a_day_waits_for_the_next() {
    let server = start_enabled().await;
    server.add_resident("roommate@example.com", server.world.unit, "101").await;
    let resident = server.resident().await;
    let roommate = server.mobile_sign_in("roommate@example.com", APP).await;
    assert_eq!(server.pick(&resident, "530917").await.status, 200);
    server.settled().await;

    // The same request sent again counts as the same attempt.
    let again = || server.put("/me/code").mobile(&roommate).header("idempotency-key", "one");
    let body = json!({"mode": "custom", "code": "530917"});
    for _ in 0..3 {
        assert_eq!(refusal(&again().json(&body).send().await), (409, "code_unavailable_for_this_door".into()));
    }
    for _ in 0..4 {
        server.advance(SignedDuration::from_mins(1));
        assert_eq!(server.pick(&roommate, "530917").await.problem().0, 409);
    }
    // Neither trying a free code nor the unit's other resident learns anything more. The third is sent twice, which
    // returns the same answer.
    for (who, digits, key) in
        [(&roommate, "530917", "a"), (&roommate, "804216", "b"), (&resident, "804216", "c"), (&resident, "804216", "c")]
    {
        let request = server.put("/me/code").mobile(who).header("idempotency-key", key);
        let answer = request.json(&json!({"mode": "custom", "code": digits})).send().await;
        assert_eq!(answer.problem(), (429, "too_many_requests".into()));
        assert_whole_checklist(&answer.json()["checklist"]);
        assert_eq!(conditions(&answer.json()["checklist"], Some(false)), [""; 0]);
        let retry_after: u64 = answer.header("retry-after").parse().expect("seconds");
        assert!((1..=24 * 60 * 60).contains(&retry_after), "{retry_after}");
    }
    assert_eq!(server.recorded_as(REFUSED).await[0].code.as_deref(), Some("too_many_requests"));
    // R16: a random code is available at any time.
    assert_eq!(server.take_random(&roommate, 6).await.status, 200);

    server.advance(SignedDuration::from_hours(24));
    assert_eq!(server.pick(&roommate, "804216").await.status, 200);
}

#[tokio::test]
async fn r11_a_clock_set_forward_does_not_lift_the_limit_of_a_day() {
    let mut server = start_enabled().await;
    server.add_resident("roommate@example.com", server.world.unit, "101").await;
    let resident = server.resident().await;
    assert_eq!(server.pick(&resident, "530917").await.status, 200);
    server.settled().await;
    let roommate = server.mobile_sign_in("roommate@example.com", APP).await;
    for _ in 0..5 {
        assert_eq!(server.pick(&roommate, "530917").await.problem().0, 409);
    }
    server.advance(SignedDuration::from_hours(1));
    server.set_forward(SignedDuration::from_hours(24));

    let refused = server.pick(&roommate, "804216").await;
    assert_eq!(refused.problem(), (429, "too_many_requests".into()));
    assert_eq!(refused.header("retry-after"), (23 * 60 * 60).to_string());
    server.advance(SignedDuration::from_mins(1));
    let db = server.watch();
    server
        .eventually("how far the clock is ahead was kept", async || {
            store::real_days::clock_ahead(&db).expect("read") == store::real_days::DAY
        })
        .await;
    server.restart().await;
    assert_eq!(server.pick(&roommate, "804216").await.problem(), (429, "too_many_requests".into()));

    server.advance(SignedDuration::from_hours(23) - SignedDuration::from_mins(1));
    let roommate = server.mobile_sign_in("roommate@example.com", APP).await;
    assert_eq!(server.pick(&roommate, "804216").await.status, 200);
}

#[tokio::test]
async fn r12_switching_off_takes_no_code_away() {
    let server = start_enabled().await;
    let resident = server.resident().await;
    assert_eq!(server.pick(&resident, "530917").await.status, 200);
    server.settled().await;
    let before = server.access(&resident).await["code"].clone();

    server.switch_custom_codes(false).await;
    server.settled().await;
    assert_eq!(server.access(&resident).await["code"], before);
    assert_eq!((&before["origin"], status(&before, server.world.door)), (&json!("custom"), "working"));
    assert!(server.open(server.world.door, "530917").await);
    let manager = server.sign_in(MANAGER).await;
    let residents = server.read(&manager, &format!("/properties/{}/residents", server.world.property)).await;
    assert_eq!(residents["items"][0]["code"]["origin"], "custom");

    // It can't be changed to another custom one, but to a random one at any time (R16).
    assert_eq!(refusal(&server.pick(&resident, "804216").await), (403, "custom_codes_disabled".into()));
    assert!(server.open(server.world.door, "530917").await);
    assert_eq!(server.take_random(&resident, 6).await.status, 200);
    server.settled().await;
    assert_eq!(server.access(&resident).await["code"]["origin"], "random");
    assert!(!server.open(server.world.door, "530917").await);
}

#[tokio::test]
async fn r12_switching_on_changes_no_code_and_the_one_they_have_may_be_kept() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let before = server.access(&resident).await["code"].clone();
    let digits = server.digits(&resident, &before).await;
    server.switch_custom_codes(true).await;
    server.settled().await;
    assert_eq!(server.access(&resident).await["code"], before);

    let lock = server.lock(server.world.door).await;
    let writes = server.simulator().write_count(lock);
    assert_eq!(server.pick(&resident, &digits).await.status, 200);
    server.settled().await;
    let kept = server.access(&resident).await["code"].clone();
    assert_eq!((&kept["id"], &kept["origin"]), (&before["id"], &json!("custom")));
    assert_eq!(server.simulator().write_count(lock), writes);
}

#[rstest]
#[case::lock(&["lock_online"], true, false)]
#[case::hub(&["hub_online"], false, true)]
#[case::both(&["hub_online", "lock_online"], false, false)]
#[tokio::test]
async fn r13_while_the_lock_cannot_be_reached_the_code_stays_as_it_is(
    #[case] unmet: &[&str],
    #[case] hub_online: bool,
    #[case] lock_online: bool,
) {
    let server = start_enabled().await;
    let resident = server.resident().await;
    assert_eq!(server.pick(&resident, "530917").await.status, 200);
    server.settled().await;
    let before = server.access(&resident).await["code"].clone();
    server.advance(SignedDuration::from_mins(10));
    if !lock_online {
        server.reach_lock(server.world.door, false).await;
    }
    if !hub_online {
        server.reach_hub(false).await;
    }
    server.advance(SignedDuration::from_mins(7));

    let custom = server.pick(&resident, "804216").await;
    assert_eq!(refusal(&custom), (409, "lock_offline".into()));
    let random = server.take_random(&resident, 6).await;
    assert_eq!(random.problem(), (409, "lock_offline".into()));
    for answer in [custom, random] {
        let body = answer.json();
        assert_eq!(conditions(&body["checklist"], Some(false)), unmet);
        // Which of them is offline, and since when.
        for condition in unmet {
            let items = body["checklist"].as_array().expect("a checklist");
            let item = items.iter().find(|item| item["condition"] == *condition).expect("the condition");
            assert_eq!(item["since"], "2026-06-15T18:10:00Z");
            let named =
                format!("The {} has been offline since 2026-06-15T18:10:00Z.", &condition[..condition.len() - 7]);
            assert!(text(&body["detail"]).contains(&named), "{body}");
        }
        assert!(text(&body["detail"]).contains("code keeps working"), "{body}");
        // Behind an offline hub nothing is known about the lock.
        assert!(!hub_online || conditions(&body["checklist"], Some(true)).contains(&"hub_online"));
        assert!(hub_online || !conditions(&body["checklist"], Some(true)).contains(&"lock_online"), "{body}");
    }
    server.settled().await;
    assert_eq!(server.access(&resident).await["code"], before);
    assert!(server.holds(server.world.door, "530917").await);

    server.reach_hub(true).await;
    server.reach_lock(server.world.door, true).await;
    server.settled().await;
    assert!(!server.holds(server.world.door, "804216").await, "a refused code isn't kept for later");
    assert_eq!(server.pick(&resident, "804216").await.status, 200);
}

#[tokio::test]
async fn r13_a_code_whose_lock_went_offline_is_never_shown_as_working() {
    let mut server = start_enabled().await;
    let resident = server.resident().await;
    assert_eq!(server.pick(&resident, "530917").await.status, 200);
    server.settled().await;
    // The server hasn't heard of it yet when it accepts the code.
    server.stop_workers().await;
    assert_eq!(server.pick(&resident, "804216").await.status, 200);
    server.simulator().set_lock_online(server.lock(server.world.door).await, false);
    server.start_workers();
    server.settled().await;

    let access = server.access(&resident).await;
    assert_eq!(status(&access["code"], server.world.door), "waiting");
    assert_eq!(placement(&access["code"], server.world.door)["reason"], "lock_offline");
    assert_eq!(status(&access["previous_code"], server.world.door), "working");
    assert!(server.holds(server.world.door, "530917").await && !server.holds(server.world.door, "804216").await);

    server.reach_lock(server.world.door, true).await;
    server.settled().await;
    let access = server.access(&resident).await;
    assert_eq!(status(&access["code"], server.world.door), "working");
    assert_eq!(access["previous_code"], Value::Null);
    assert!(!server.holds(server.world.door, "530917").await && server.holds(server.world.door, "804216").await);
}

#[tokio::test]
async fn r14_a_refusal_carries_everything_that_is_in_the_way_and_so_does_my_access() {
    let server = TestServer::start_working().await;
    let old = server.mobile_sign_in(RESIDENT, "2.7.9").await;
    server.reach_hub(false).await;

    let answer = server.pick(&old, "1111").await;
    assert_eq!(refusal(&answer), (403, "app_too_old".into()));
    let refused = answer.json()["checklist"].clone();
    assert_eq!(
        conditions(&refused, Some(false)),
        ["app_version", "feature_enabled", "code_not_repeated", "hub_online"]
    );
    assert!(conditions(&refused, None).contains(&"code_available"), "not looked up for a code that can't be had");
    let recorded = server.recorded_as(REFUSED).await.remove(0).checklist;
    assert_eq!(serde_json::to_value(recorded).expect("JSON"), refused);

    // The same list explains why the option isn't there, except for the code, since there is none yet.
    let asked = server.access(&old).await["eligibility"]["checklist"].clone();
    assert_whole_checklist(&asked);
    assert_eq!(conditions(&asked, Some(false)), ["app_version", "feature_enabled", "hub_online"]);
    for (refused, asked) in refused.as_array().expect("items").iter().zip(asked.as_array().expect("items")) {
        let of_the_code = text(&asked["condition"]).starts_with("code_");
        assert!(if of_the_code { asked["met"].is_null() } else { asked == refused }, "{asked} {refused}");
    }

    // On the web the app last seen counts, with the additional condition that this isn't the app.
    let session = server.sign_in(RESIDENT).await;
    let asked = server.access(&session).await["eligibility"]["checklist"].clone();
    assert_whole_checklist(&asked);
    assert_eq!(conditions(&asked, Some(false)), ["in_mobile_app", "app_version", "feature_enabled", "hub_online"]);
}

#[tokio::test]
async fn r14_when_nothing_is_in_the_way_the_next_step_is_the_app_and_then_support() {
    let server = start_enabled().await;
    let resident = server.resident().await;
    let eligibility = server.access(&resident).await["eligibility"].clone();
    assert_eq!(conditions(&eligibility["checklist"], Some(false)), [""; 0]);
    let next_step = text(&eligibility["next_step"]);
    assert!(next_step.contains("Access → My Access → Pick a Code → Custom Code"), "{next_step}");
    assert!(next_step.contains("contact support"), "{next_step}");
}

#[tokio::test]
async fn r15_on_the_web_the_resident_sees_their_code_masked_and_the_steps_in_the_app() {
    let server = start_enabled().await;
    let resident = server.resident().await;
    assert_eq!(server.pick(&resident, "530917").await.status, 200);
    server.settled().await;
    let session = server.sign_in(RESIDENT).await;
    let answer = server.get("/me/access").web(&session).send().await;
    assert!(!mentions(&answer.text, "530917"));
    let access = answer.json();
    assert_eq!((&access["unit"], &access["property"]["time_zone"]), (&json!("101"), &json!("America/Denver")));
    assert_eq!((&access["code"]["origin"], &access["code"]["length"]), (&json!("custom"), &json!(6)));
    assert_eq!(status(&access["code"], server.world.door), "working");
    let next_step = text(&access["eligibility"]["next_step"]);
    assert!(next_step.contains("Access → My Access → Pick a Code → Custom Code"), "{next_step}");
}

#[tokio::test]
async fn a_change_sent_twice_is_done_once() {
    let server = start_enabled().await;
    let resident = server.resident().await;
    let lock = server.lock(server.world.door).await;
    let request = |digits: &str| {
        let body = json!({"mode": "custom", "code": digits});
        server.put("/me/code").mobile(&resident).header("idempotency-key", "one").json(&body)
    };
    let first = request("530917").send().await;
    server.settled().await;
    let writes = server.simulator().write_count(lock);
    let second = request("530917").send().await;
    server.settled().await;
    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(first.json(), second.json());
    assert_eq!(second.header("idempotency-replayed"), "true");
    assert_eq!(server.simulator().write_count(lock), writes);
    assert_eq!(server.recorded_as("code.custom.set").await.len(), 1);

    assert_eq!(request("804216").send().await.problem(), (422, "idempotency_key_reused".into()));
    let body = json!({"mode": "custom", "code": "804216"});
    let keyless = server.put("/me/code").mobile(&resident).json(&body).send().await;
    assert_eq!(keyless.problem(), (400, "idempotency_key_required".into()));
    server.settled().await;
    assert!(server.holds(server.world.door, "530917").await);
}

/// Signs the resident in to an app that declares this version, or none.
async fn mobile_sign_in_as(server: &TestServer, version: Option<&str>) -> MobileToken {
    let mut body = json!({"email": RESIDENT, "password": PASSWORD, "platform": "android"});
    if let Some(version) = version {
        body["app_version"] = json!(version);
    }
    let answer = server.post("/mobile/token").json(&body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    MobileToken(text(&answer.json()["token"]).to_owned())
}

/// An answer without anything that identifies the unit, the person or the moment.
fn faceless(value: &Value) -> Value {
    match value {
        Value::String(text) if text.parse::<Uuid>().is_ok() => json!("an id"),
        Value::String(text) if text.parse::<Timestamp>().is_ok() => json!("an instant"),
        Value::String(text) => json!(text.replace("102", "101")),
        Value::Array(items) => items.iter().map(faceless).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), faceless(value))).collect(),
        other => other.clone(),
    }
}

/// The names of an answer's headers.
fn names(answer: &Answer) -> Vec<String> {
    let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
    names.sort_unstable();
    names
}

/// What the server logged about the request itself, without its id, times and byte counts.
fn logged_of(answer: &Answer) -> Vec<String> {
    let id = answer.header("x-request-id");
    let log = logged();
    let lines = log.lines().filter(|line| line.contains(id) && line.contains("latchkey_server"));
    lines
        .map(|line| {
            assert!(!mentions(line.split_once(' ').expect("a time").1, "530917"));
            line.split_once(' ').expect("a time").1.replace(id, "").replace(|c: char| c.is_ascii_digit(), "")
        })
        .collect()
}
