//! What support sees about a resident: every condition and every placement, but no digits (R14, R26, R30).

use ids::DoorId;
use serde_json::json;

use crate::fixtures::{conditions, text};
use crate::harness::{MANAGER, SUPPORT, TestServer};

#[tokio::test]
async fn r14_r26_support_sees_every_condition_with_the_app_last_used_and_the_placements_in_detail() {
    let server = TestServer::start_working().await;
    server.switch_custom_codes(true).await;
    let resident = server.resident().await;
    assert_eq!(server.pick(&resident, "530917").await.status, 200);
    server.settled().await;
    let support = server.sign_in(SUPPORT).await;
    let path = format!("/troubleshoot/residents/{}", server.world.tenancy);

    let diagnosis = server.read(&support, &path).await;
    assert_eq!(diagnosis["app_version"], "2.8.0");
    assert_eq!(conditions(&diagnosis["eligibility"]["checklist"], Some(false)), [""; 0]);
    assert_eq!(diagnosis["resident"]["code"]["origin"], "custom");
    let placement = &diagnosis["resident"]["code"]["placements"][0];
    assert!(placement["slot"].is_number() && placement["attempts"].is_number(), "{placement}");
    assert_eq!(diagnosis["doors"][0]["lock"]["online"], true);
    assert!(!diagnosis.to_string().contains("530917"), "R30: support never sees digits");

    // What is in the way is reported as of now, and as it would be in their app.
    server.switch_custom_codes(false).await;
    server.reach_lock(server.world.door, false).await;
    server.mobile_sign_in(crate::harness::RESIDENT, "2.7.9").await;
    let diagnosis = server.read(&support, &path).await;
    assert_eq!(diagnosis["app_version"], "2.7.9");
    let unmet = conditions(&diagnosis["eligibility"]["checklist"], Some(false));
    assert_eq!(unmet, ["app_version", "feature_enabled", "lock_online"]);
    assert_eq!(diagnosis["doors"][0]["lock"]["online"], false);
}

#[tokio::test]
async fn support_finds_residents_by_name_unit_or_address_and_nobody_for_no_words() {
    let server = TestServer::start_working().await;
    let support = server.sign_in(SUPPORT).await;
    let resident =
        server.read(&support, &format!("/troubleshoot/residents/{}", server.world.tenancy)).await["resident"].clone();
    let found = async |q: &str| {
        let answer = server.read(&support, &format!("/troubleshoot/residents?q={q}")).await;
        assert_eq!(answer["more"], false);
        let items = answer["items"].as_array().expect("items").clone();
        items.iter().any(|item| item["id"] == json!(server.world.tenancy))
    };
    let (name, email, unit) = (text(&resident["name"]), text(&resident["email"]), text(&resident["unit"]));
    for words in [&name.to_uppercase(), &name[..2], email, unit] {
        assert!(found(&words.replace(' ', "%20")).await, "{words}");
    }
    for words in ["", "%20", "nobody-of-that-name", "%25"] {
        assert!(!found(words).await, "{words}");
    }
}

#[tokio::test]
async fn r26_r30_support_finds_a_guest_code_by_its_guests_name_and_sees_why_it_fails() {
    let server = TestServer::start_working().await;
    let (manager, support) = (server.sign_in(MANAGER).await, server.sign_in(SUPPORT).await);
    let resident = server.mobile_sign_in(crate::harness::RESIDENT, "2.8.0").await;
    let door = server.world.door;
    let full = server.add_door(api_types::DoorKind::Amenity, "Pool", None, 0).await;
    let of_resident = server.issued(&resident, &named("Piotr the plumber", door)).await;
    let of_manager = server.issued(&manager, &named("Paula the PLUMBER", full)).await;
    server.settled().await;

    let found = server.read(&support, "/troubleshoot/residents?q=plumber").await;
    assert_eq!((&found["items"], &found["more"]), (&json!([]), &json!(false)));
    let expected = [(&of_manager, "Paula the PLUMBER", json!(null)), (&of_resident, "Piotr the plumber", json!("101"))];
    let guest_codes = found["guest_codes"].as_array().expect("guest codes");
    assert_eq!(guest_codes.len(), expected.len(), "{found}");
    for (found, (issued, name, unit)) in guest_codes.iter().zip(expected) {
        assert_eq!((&found["id"], &found["guest_name"]), (&issued["id"], &json!(name)));
        assert_eq!((&found["unit"], &found["state"]), (&unit, &json!("live")));
    }

    // R42: in any order, whatever the accents.
    let found = server.read(&support, "/troubleshoot/residents?q=pl%C3%BAmber%20piotr").await;
    assert_eq!(found["guest_codes"].as_array().map(Vec::len), Some(1), "{found}");

    let path = |issued: &serde_json::Value| format!("/troubleshoot/guest-codes/{}", text(&issued["id"]));
    let failed = server.read(&support, &path(&of_manager)).await;
    let placement = &failed["guest_code"]["placements"][0];
    assert_eq!((&placement["status"], &placement["reason"]), (&json!("failed"), &json!("slots_full")));
    assert!(placement["attempts"].is_number() && placement["protocol_error"].is_string(), "{placement}");
    let actions = failed["events"].as_array().expect("events").iter().map(|event| text(&event["action"]));
    assert_eq!(actions.collect::<Vec<_>>(), ["placement.failed", "guest_code.issued"]);
    let diagnosis = server.read(&support, &format!("/troubleshoot/residents/{}", server.world.tenancy)).await;
    let working = &diagnosis["guest_codes"][0];
    assert_eq!((&working["id"], &working["guest_name"]), (&of_resident["id"], &json!("Piotr the plumber")));
    assert!(working["placements"][0]["slot"].is_number(), "{working}");
    for (answer, issued) in [(&failed, &of_manager), (&diagnosis, &of_resident)] {
        assert!(!answer.to_string().contains(text(&issued["code"])), "support never sees digits");
    }
    let answer = server.get(&path(&of_manager)).web(&manager).send().await;
    assert_eq!(answer.problem(), (403, "forbidden".into()));
}

/// A permanent guest code of this name, for this door.
fn named(guest: &str, door: DoorId) -> serde_json::Value {
    json!({"kind": "permanent", "door_ids": [door], "guest_name": guest})
}

#[tokio::test]
async fn r33_only_support_troubleshoots() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    for path in [format!("/troubleshoot/residents/{}", server.world.tenancy), "/troubleshoot/residents?q=a".into()] {
        assert_eq!(server.get(&path).web(&manager).send().await.problem(), (403, "forbidden".into()));
    }
}
