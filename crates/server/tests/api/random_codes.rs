//! Random codes: whenever a resident likes, different from any other on the lock, and refused when none is left
//! (R16–R18).

use access_code::{Code, content_violation};
use api_types::CodeOrigin;
use ids::DoorId;
use rstest::rstest;
use serde_json::json;
use store::Scope;
use store::codes::{self, NewCode};
use store::doors;
use store::placements::{self, NewPlacement};

use crate::fixtures::{APP, permanent, status, text};
use crate::harness::{MANAGER, NOON, RESIDENT, TestServer};

#[rstest]
#[case::old_app("1.0.0", 6)]
#[case::malformed_version("latest", 4)]
#[case::new_app(APP, 4)]
#[tokio::test]
async fn r16_a_resident_takes_a_random_code_with_any_app_though_custom_codes_are_off(
    #[case] version: &str,
    #[case] length: u8,
) {
    let server = TestServer::start_working().await;
    let resident = server.mobile_sign_in(RESIDENT, version).await;
    let before = server.access(&resident).await["code"].clone();
    let old = server.digits(&resident, &before).await;
    let answer = server.take_random(&resident, length).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    server.settled().await;

    let code = server.access(&resident).await["code"].clone();
    assert_ne!(code["id"], before["id"]);
    assert_eq!((&code["origin"], &code["length"]), (&json!("random"), &json!(length)));
    assert_eq!(status(&code, server.world.door), "working");
    let digits = server.digits(&resident, &code).await;
    assert_eq!(digits.len(), usize::from(length));
    assert!(server.holds(server.world.door, &digits).await);
    assert!(!server.holds(server.world.door, &old).await);
    let event = server.recorded_as("code.random.issued").await.remove(0);
    assert_eq!(event.actor.id, Some(server.world.resident));
    assert_eq!(event.channel.app_version.as_deref(), Some(version));
}

#[tokio::test]
async fn r16_on_the_web_a_resident_s_own_code_is_view_only() {
    let server = TestServer::start_working().await;
    let session = server.sign_in(RESIDENT).await;
    let before = server.access(&session).await["code"].clone();
    assert_eq!(server.take_random(&session, 6).await.problem(), (403, "not_on_web".into()));
    server.settled().await;
    assert_eq!(server.access(&session).await["code"], before);
}

#[rstest]
#[case::five(json!(5))]
#[case::none(json!(0))]
#[case::negative(json!(-4))]
#[case::text(json!("4"))]
#[tokio::test]
async fn r16_a_random_code_has_four_digits_or_six(#[case] length: serde_json::Value) {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let answer = server.change_code(&resident, &json!({"mode": "random", "length": length})).await;
    assert_eq!(answer.problem(), (422, "invalid".into()));
    let chosen = server.change_code(&resident, &json!({"mode": "random", "length": 4, "code": "530917"})).await;
    assert_eq!(chosen.problem(), (422, "unknown_field".into()));
    assert_eq!(server.recorded_as("code.random.issued").await.len(), 1, "the one they moved in with");
}

#[tokio::test]
async fn r17_random_codes_pass_the_rules_of_content_and_differ_on_one_lock() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let mut seen = Vec::new();
    for n in 0..12 {
        let mut request = permanent(&[server.world.gate, server.world.gym]);
        request["length"] = json!(if n % 2 == 0 { 4 } else { 6 });
        let code = server.issued(&manager, &request).await["code"].clone();
        let parsed = Code::parse(text(&code)).expect("a code");
        assert!(content_violation(&parsed).is_none());
        assert!(!seen.contains(&code));
        seen.push(code);
    }
    server.settled().await;
    assert_eq!(server.held(server.world.gate).await, 12);
}

#[tokio::test]
async fn r17_r18_random_codes_are_free_on_every_lock_and_when_none_is_left_it_says_so() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let (door, gate) = (server.world.door, server.world.gate);
    let all_but_two = (0..10_000).map(|n| format!("{n:04}")).filter(|digits| digits != "0192" && digits != "7890");
    take(&server, door, all_but_two).await;
    take(&server, gate, ["0192".to_owned()]).await;
    let mut request = permanent(&[door, gate]);
    request["length"] = json!(4);

    // Each door has codes left, but only one is free on both.
    assert!(server.issued(&resident, &request).await["code"] == "7890");
    assert_eq!(server.issue(&resident, &request).await.problem(), (409, "codes_exhausted".into()));
    assert_eq!(server.take_random(&resident, 4).await.status, 200);
    server.settled().await;
    let code = server.access(&resident).await["code"].clone();
    assert!(server.digits(&resident, &code).await == "0192");

    // R18: nothing is left, they keep what they have, and the other length is available.
    let answer = server.take_random(&resident, 4).await;
    assert_eq!(answer.problem(), (409, "codes_exhausted".into()));
    assert!(text(&answer.json()["detail"]).contains("the other length"));
    let event = server.recorded_as("code.random.refused").await.remove(0);
    assert_eq!(event.code.as_deref(), Some("codes_exhausted"));
    server.settled().await;
    assert_eq!(server.access(&resident).await["code"], code);
    assert_eq!(server.take_random(&resident, 6).await.status, 200);

    // The digits that they had before are free once they are off the lock.
    server.settled().await;
    assert_eq!(server.take_random(&resident, 4).await.status, 200);
    server.settled().await;
    let code = server.access(&resident).await["code"].clone();
    assert!(server.digits(&resident, &code).await == "0192");
}

/// Makes those of these digits that R7 and R8 allow live on the door's lock, as scheduled codes, which take no slot
/// yet.
async fn take(server: &TestServer, door: DoorId, digits: impl IntoIterator<Item = String> + Send + 'static) {
    let property_id = server.world.property;
    server
        .write(move |tx| {
            let door = doors::by_ids(tx, Scope::Everything, &[door]).expect("read").pop().expect("a door");
            let lock = tx.fingerprinter(door.lock_id).expect("a key");
            let codes = digits.into_iter().map(|digits| Code::parse(&digits).expect("a code"));
            for code in codes.filter(|code| content_violation(code).is_none()) {
                let new =
                    NewCode { property_id, tenancy_id: None, guest: true, origin: CodeOrigin::Random, code: &code };
                let code_id = codes::insert(tx, &new, NOON).expect("a code");
                let fingerprint = lock.fingerprint(&code);
                let new = NewPlacement { code_id, door: &door, fingerprint, wanted: false, replaces: None };
                placements::insert(tx, &new, NOON).expect("a placement");
            }
        })
        .await;
}
