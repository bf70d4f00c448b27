//! Revealing digits: they are masked unless somebody with a right to them asks, and everybody who did is recorded (R23,
//! R30).

use ids::CodeId;
use jiff::SignedDuration;
use rstest::rstest;
use serde_json::{Value, json};

use crate::fixtures::{APP, Credential, mentions, permanent, text};
use crate::harness::{FOREIGN_MANAGER, MANAGER, RESIDENT, SUPPORT, TestServer};

/// A server on which the resident has picked `530917`, and that code.
async fn start_with_code() -> (TestServer, Value) {
    let server = TestServer::start_working().await;
    server.switch_custom_codes(true).await;
    let resident = server.resident().await;
    assert_eq!(server.pick(&resident, "530917").await.status, 200);
    server.settled().await;
    let code = server.access(&resident).await["code"].clone();
    (server, code)
}

#[tokio::test]
async fn r30_digits_are_masked_everywhere() {
    let (server, code) = start_with_code().await;
    let (property, tenancy) = (server.world.property, server.world.tenancy);
    let resident = server.resident().await;
    let guest = server.issued(&resident, &permanent(&[server.world.door])).await;
    server.settled().await;
    server.reveal(&server.sign_in(MANAGER).await, &code, Some("Locked out")).await;
    let office = [
        format!("/properties/{property}"),
        format!("/properties/{property}/residents/{tenancy}"),
        format!("/properties/{property}/doors"),
        "/audit?limit=200".to_owned(),
    ];
    let lists = [format!("/properties/{property}/residents")];
    let own = ["/me/access".to_owned(), format!("/codes/{}/reveals", text(&code["id"]))];
    let guests = ["/guest-codes".to_owned(), format!("/guest-codes/{}", text(&guest["id"]))];
    for (email, paths) in [
        (MANAGER, [&office[..], &lists[..], &guests[..]].concat()),
        (SUPPORT, office.to_vec()),
        (RESIDENT, [&own[..], &guests[..]].concat()),
    ] {
        let session = server.sign_in(email).await;
        for path in paths {
            let answer = session.sign(server.get(&path)).send().await;
            assert_eq!(answer.status, 200, "{path}");
            assert!(!mentions(&answer.text, "530917"), "{email} {path}");
            assert!(!mentions(&answer.text, text(&guest["code"])), "{email} {path}");
        }
    }
}

#[tokio::test]
async fn r30_a_resident_reveals_their_own_on_the_web_and_in_the_app() {
    let (server, code) = start_with_code().await;
    let session = server.sign_in(RESIDENT).await;
    let app = server.mobile_sign_in(RESIDENT, "1.0.0").await;
    let answers = [server.reveal(&session, &code, None).await, server.reveal(&app, &code, None).await];
    for answer in &answers {
        assert_eq!(answer.status, 200);
        assert!(answer.json()["code"] == "530917");
        assert!(answer.json()["hide_after_s"].as_u64().is_some_and(|seconds| (1..=60).contains(&seconds)));
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let events = server.recorded_as("code.revealed").await;
    assert_eq!(events.len(), 2);
    assert!(events.iter().all(|event| event.actor.role.name() == "resident"));
    let channels: Vec<_> = events.iter().map(|event| event.channel.app_version.as_deref()).collect();
    assert_eq!(channels, [Some("1.0.0"), None]);
}

#[tokio::test]
async fn r30_a_manager_reveals_with_a_reason_and_the_resident_sees_it() {
    let (server, code) = start_with_code().await;
    let manager = server.sign_in(MANAGER).await;
    for reason in [None, Some(""), Some("  ")] {
        let answer = server.reveal(&manager, &code, reason).await;
        assert_eq!(answer.problem(), (422, "reason_required".into()));
        assert_eq!(answer.json()["errors"][0]["field"], "reason");
    }
    let refused = server.recorded_as("code.revealed").await;
    assert_eq!(refused.len(), 3);
    assert!(refused.iter().all(|event| event.outcome == api_types::Outcome::Refused));

    server.advance(SignedDuration::from_mins(3));
    let answer = server.reveal(&manager, &code, Some("  Locked out, called from the lobby ")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.json()["code"] == "530917");
    assert_eq!(answer.header("cache-control"), "no-store");
    let event = server.recorded_as("code.revealed").await.remove(0);
    assert_eq!((event.outcome, event.actor.id), (api_types::Outcome::Done, Some(server.world.manager)));
    assert_eq!(
        (event.detail.as_str(), event.subject.id),
        ("Locked out, called from the lobby", id(&code).map(CodeId::uuid))
    );
    assert!(!mentions(&format!("{event:?}"), "530917"));

    // Who, in which role, when and why; what was refused was not seen.
    let seen = json!({"items": [{
        "at": "2026-06-15T18:03:00Z", "by": "manager", "role": "manager", "reason": "Locked out, called from the lobby",
    }]});
    let path = format!("/codes/{}/reveals", text(&code["id"]));
    assert_eq!(server.read(&server.resident().await, &path).await, seen);
    assert_eq!(server.read(&server.sign_in(RESIDENT).await, &path).await, seen);
    // This is for the resident to know, not the manager.
    assert_eq!(manager.sign(server.get(&path)).send().await.problem(), (404, "not_found".into()));
}

#[rstest]
#[case::the_code("It is 530917", "holds_digits")]
#[case::spelt_out("5 3 0 9 1 7", "holds_digits")]
#[case::among_others("Called from 0153091799", "holds_digits")]
#[case::in_another_script("٥٣٠٩١٧", "holds_digits")]
#[tokio::test]
async fn r32_r45_a_reason_holds_no_digits_of_its_code(#[case] reason: &str, #[case] error: &str) {
    let (server, code) = start_with_code().await;
    let answer = server.reveal(&server.sign_in(MANAGER).await, &code, Some(reason)).await;
    assert_eq!(answer.problem(), (422, "invalid".into()));
    assert_eq!(answer.json()["errors"][0]["code"], error);
    assert!(!answer.text.contains(reason));
    // It tells whether these were the digits, so it is on record; what was typed isn't.
    let events = server.recorded_as("code.revealed").await;
    assert_eq!(events.iter().map(|event| event.outcome).collect::<Vec<_>>(), [api_types::Outcome::Refused]);
    assert!(!format!("{events:?}").contains(reason));
}

#[rstest]
#[case("Unit 1204 plumber")]
#[case("WO-48213")]
#[case("Ring 5550199, then 53091")]
#[tokio::test]
async fn r45_other_digits_are_fine_in_a_reason(#[case] reason: &str) {
    let (server, code) = start_with_code().await;
    let manager = server.sign_in(MANAGER).await;
    assert_eq!(server.reveal(&manager, &code, Some(reason)).await.status, 200);
    assert_eq!(server.recorded_as("code.revealed").await[0].detail, reason);
}

#[tokio::test]
async fn r45_the_reason_for_a_link_holds_no_digits_of_its_code() {
    let (server, _) = start_with_code().await;
    let resident = server.resident().await;
    let guest = server.issued(&resident, &permanent(&[server.world.door])).await;
    let manager = server.sign_in(MANAGER).await;
    let share = async |reason: &str| {
        let path = format!("/guest-codes/{}/share", text(&guest["id"]));
        manager.sign(server.post(&path)).json(&json!({"reason": reason})).send().await
    };
    let answer = share(&format!("It is {}", text(&guest["code"]))).await;
    assert_eq!(answer.problem(), (422, "invalid".into()));
    assert_eq!(answer.json()["errors"][0]["code"], "holds_digits");
    assert_eq!(share("Unit 1204 plumber").await.status, 201);
}

#[rstest]
#[case::support(SUPPORT)]
#[case::a_manager_elsewhere(FOREIGN_MANAGER)]
#[case::a_neighbour("neighbour@example.com")]
#[case::a_roommate("roommate@example.com")]
#[tokio::test]
async fn r30_nobody_else_sees_digits_or_learns_that_there_is_a_code(#[case] email: &str) {
    let (server, code) = start_with_code().await;
    let unit = server.add_unit("102").await;
    server.add_resident("neighbour@example.com", unit.id, "102").await;
    server.add_resident("roommate@example.com", server.world.unit, "101").await;
    let resident = server.resident().await;
    let guest = server.issued(&resident, &permanent(&[server.world.door])).await;
    let nowhere = json!({"id": CodeId::generate()});

    let session = server.sign_in(email).await;
    let strange = server.reveal(&session, &nowhere, Some("Curious")).await;
    assert_eq!(strange.problem(), (404, "not_found".into()));
    for code in [&code, &guest] {
        for reason in [None, Some("Curious")] {
            let answer = server.reveal(&session, code, reason).await;
            assert_eq!(answer.problem(), (404, "not_found".into()));
            assert_eq!(answer.json()["detail"], strange.json()["detail"]);
        }
        let path = format!("/codes/{}/reveals", text(&code["id"]));
        assert_eq!(session.sign(server.get(&path)).send().await.problem(), (404, "not_found".into()));
    }
    assert!(server.recorded_as("code.revealed").await.is_empty());
}

#[tokio::test]
async fn r30_a_code_that_is_over_is_not_revealed_any_more() {
    let (server, code) = start_with_code().await;
    let resident = server.resident().await;
    assert_eq!(server.take_random(&resident, 6).await.status, 200);
    server.settled().await;
    assert_eq!(server.reveal(&resident, &code, None).await.problem(), (409, "code_ended".into()));
    let manager = server.sign_in(MANAGER).await;
    assert_eq!(server.reveal(&manager, &code, Some("Locked out")).await.problem(), (409, "code_ended".into()));

    let guest = server.issued(&resident, &permanent(&[server.world.door])).await;
    server.settled().await;
    assert_eq!(server.revoke(&resident, &guest).await.status, 200);
    server.settled().await;
    assert_eq!(server.reveal(&resident, &guest, None).await.problem(), (409, "code_ended".into()));
    let last = server.recorded_as("code.revealed").await.remove(0);
    assert_eq!((last.outcome, last.code.as_deref()), (api_types::Outcome::Refused, Some("code_ended")));
}

#[tokio::test]
async fn r27_a_replaced_code_that_is_still_in_force_can_still_be_revealed() {
    let (mut server, code) = start_with_code().await;
    let resident = server.mobile_sign_in(RESIDENT, APP).await;
    server.stop_workers().await;
    assert_eq!(server.take_random(&resident, 6).await.status, 200);
    server.simulator().set_hub_online(false);
    server.start_workers();
    server.settled().await;
    assert!(server.digits(&resident, &code).await == "530917");
}

#[tokio::test]
async fn r23_the_issuer_and_the_property_s_managers_reveal_a_guest_code() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let manager = server.sign_in(MANAGER).await;
    let of_resident = server.issued(&resident, &permanent(&[server.world.door])).await;
    let of_manager = server.issued(&manager, &permanent(&[server.world.gym])).await;

    assert!(server.digits(&resident, &of_resident).await == text(&of_resident["code"]));
    assert!(server.digits(&manager, &of_manager).await == text(&of_manager["code"]));
    // A resident's guest code isn't the manager's, who must give a reason; and a manager's is none of the resident's
    // business.
    assert_eq!(server.reveal(&manager, &of_resident, None).await.problem(), (422, "reason_required".into()));
    let answer = server.reveal(&manager, &of_resident, Some("The guest is at the gate")).await;
    assert!(answer.status == 200 && answer.json()["code"] == of_resident["code"]);
    assert_eq!(server.reveal(&resident, &of_manager, None).await.problem(), (404, "not_found".into()));

    let events = server.recorded_as("code.revealed").await;
    let outcomes: Vec<_> = events.iter().rev().map(|event| (event.subject.id, event.actor.role.name())).collect();
    let [of_resident, of_manager] = [of_resident, of_manager].map(|code| id(&code).map(CodeId::uuid));
    assert_eq!(
        outcomes,
        [(of_resident, "resident"), (of_manager, "manager"), (of_resident, "manager"), (of_resident, "manager")]
    );
}

fn id(value: &Value) -> Option<CodeId> {
    text(&value["id"]).parse().ok()
}
