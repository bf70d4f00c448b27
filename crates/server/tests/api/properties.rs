//! What is set for a property, and what follows from it.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use store::people;

use crate::fixtures::{permanent, placement, text};
use crate::harness::{Answer, FOREIGN_MANAGER, MANAGER, RESIDENT, SUPPORT, TestServer, WebSession};

/// Changes what is set, having read the current version.
async fn edit(server: &TestServer, session: &WebSession, edit: Value) -> Answer {
    let path = format!("/properties/{}", server.world.property);
    let etag = server.get(&path).web(session).send().await.header("etag").to_owned();
    let etag = if etag.is_empty() { "\"1\"" } else { &etag };
    server.request(Method::PATCH, &path).web(session).header("if-match", etag).json(&edit).send().await
}

/// An administrator who manages nothing.
async fn administrator(server: &TestServer) -> WebSession {
    server
        .write(|tx| {
            let person = people::by_email(tx, SUPPORT).expect("read").expect("a person");
            people::set_support(tx, person.id, false).expect("changed");
            people::set_administrator(tx, person.id, true).expect("changed");
        })
        .await;
    server.sign_in(SUPPORT).await
}

#[tokio::test]
async fn r34_managers_and_administrators_change_what_is_set_and_each_change_is_recorded() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let property = edit(
        &server,
        &manager,
        json!({
            "name": " Juniper  Court ", "support_email": "help@example.com", "support_phone": "+1 303 555 0100",
            "guest_codes_per_unit": 3, "guest_code_lead_minutes": 30, "delivery_opens_unit_doors": true,
        }),
    )
    .await;
    assert_eq!(property.status, 200, "{}", property.text);
    let property = property.json();
    assert_eq!(
        [&property["name"], &property["support_email"], &property["support_phone"]],
        ["Juniper Court", "help@example.com", "+1 303 555 0100"]
    );
    assert_eq!((&property["guest_codes_per_unit"], &property["custom_codes_enabled"]), (&json!(3), &json!(false)));
    assert_eq!(
        (&property["delivery_opens_unit_doors"], &property["guest_code_lead_minutes"]),
        (&json!(true), &json!(30))
    );
    let detail = async |action: &str| server.recorded_as(action).await[0].detail.clone();
    assert_eq!(detail("property.renamed").await, "Was called Juniper Flats.");
    assert_eq!(detail("property.guest_limit.changed").await, "3 for each unit. Was 20.");
    assert_eq!(detail("property.guest_lead.changed").await, "30 minutes before a window. Was 15.");
    assert_eq!(detail("property.unit_deliveries.allowed").await, "Was off.");
    assert_eq!(server.recorded_as("property.contact.changed").await.len(), 1);

    // What isn't given stays; an empty contact is none.
    let administrator = administrator(&server).await;
    let property = edit(&server, &administrator, json!({"support_phone": ""})).await.json();
    assert_eq!((&property["support_email"], property.get("support_phone")), (&json!("help@example.com"), None));
    assert_eq!(property["name"], "Juniper Court");

    // Residents and guests see whom to turn to.
    let resident = server.sign_in(RESIDENT).await;
    let access = server.read(&resident, "/me/access").await;
    assert_eq!(access["property"]["support_email"], "help@example.com");
    let code = server.issued(&resident, &permanent(&[server.world.door])).await;
    let share = format!("/guest-codes/{}/share", text(&code["id"]));
    let share = server.post(&share).web(&resident).json(&json!({})).send().await.json();
    let secret = text(&share["url"]).split_once('#').expect("a secret").1.to_owned();
    let pass = server.post("/pass").json(&json!({"secret": secret})).send().await.json();
    assert_eq!(pass["property"]["support_email"], "help@example.com");
}

#[tokio::test]
async fn r03_r34_custom_codes_are_switched_by_managers_of_the_property_alone() {
    let server = TestServer::start().await;
    let on = json!({"custom_codes_enabled": true});
    let administrator = administrator(&server).await;
    assert_eq!(edit(&server, &administrator, on.clone()).await.problem(), (403, "forbidden".into()));
    let mixed = json!({"custom_codes_enabled": true, "name": "Mine"});
    assert_eq!(edit(&server, &administrator, mixed).await.problem(), (403, "forbidden".into()));
    let foreign = server.sign_in(FOREIGN_MANAGER).await;
    assert_eq!(edit(&server, &foreign, on.clone()).await.problem(), (404, "not_found".into()));
    assert_eq!(edit(&server, &foreign, json!({"name": "Mine"})).await.problem(), (404, "not_found".into()));
    let resident = server.sign_in(RESIDENT).await;
    assert_eq!(edit(&server, &resident, json!({"name": "Mine"})).await.problem(), (403, "forbidden".into()));
    let manager = server.sign_in(MANAGER).await;
    let property = edit(&server, &manager, on).await.json();
    assert_eq!((&property["custom_codes_enabled"], &property["name"]), (&json!(true), &json!("Juniper Flats")));
}

#[tokio::test]
async fn what_is_wrong_changes_nothing_even_beside_what_is_right() {
    let server = TestServer::start().await;
    let manager = server.sign_in(MANAGER).await;
    for (wrong, field, code) in [
        (json!({"name": "  "}), "name", "required"),
        (json!({"name": "ELSEWHERE "}), "name", "taken"),
        (json!({"support_email": "nobody"}), "support_email", "not_an_address"),
        (json!({"support_phone": "1".repeat(61)}), "support_phone", "too_long"),
        (json!({"guest_codes_per_unit": 1001}), "guest_codes_per_unit", "out_of_range"),
        (json!({"guest_code_lead_minutes": 121}), "guest_code_lead_minutes", "out_of_range"),
    ] {
        let mut both = wrong.clone();
        both["custom_codes_enabled"] = json!(true);
        both["delivery_opens_unit_doors"] = json!(true);
        for asked in [wrong, both] {
            let answer = edit(&server, &manager, asked).await;
            assert_eq!(answer.problem(), (422, "invalid".into()), "{}", answer.text);
            assert_eq!([&answer.json()["errors"][0]["field"], &answer.json()["errors"][0]["code"]], [field, code]);
        }
    }
    assert_eq!(edit(&server, &manager, json!({})).await.problem(), (422, "invalid".into()));
    let property = server.read(&manager, &format!("/properties/{}", server.world.property)).await;
    assert_eq!((&property["name"], &property["custom_codes_enabled"]), (&json!("Juniper Flats"), &json!(false)));
    // Its own name in other letters is no other's.
    assert_eq!(edit(&server, &manager, json!({"name": "JUNIPER FLATS"})).await.status, 200);
}

#[tokio::test]
async fn r18_a_unit_has_no_more_guest_codes_than_its_property_allows() {
    let server = TestServer::start().await;
    let resident = server.sign_in(RESIDENT).await;
    let (gate, manager) = (server.world.gate, server.sign_in(MANAGER).await);
    let mut codes = Vec::new();
    for _ in 0..20 {
        codes.push(server.issued(&resident, &permanent(&[gate])).await);
    }
    let later = server.app.now() + 3_600_000;
    let scheduled = json!({
        "kind": "permanent", "door_ids": [gate], "guest_name": "Later",
        "starts_at": jiff::Timestamp::from_millisecond(later).expect("a time").to_string(),
    });
    for one_more in [permanent(&[gate]), scheduled] {
        let refused = server.issue(&resident, &one_more).await;
        assert_eq!(refused.problem(), (409, "too_many_guest_codes".into()));
        assert!(text(&refused.json()["detail"]).contains("20 guest codes"), "{}", refused.text);
    }
    let event = &server.recorded_as("guest_code.refused").await[0];
    assert_eq!((event.code.as_deref(), event.property_id), (Some("too_many_guest_codes"), Some(server.world.property)));

    // Managers issue for everybody, and a code that is revoked makes room.
    server.issued(&manager, &permanent(&[gate])).await;
    assert_eq!(server.revoke(&resident, &codes[0]).await.status, 200);
    server.issued(&resident, &permanent(&[gate])).await;

    // Fewer than there are revokes none.
    assert_eq!(edit(&server, &manager, json!({"guest_codes_per_unit": 0})).await.status, 200);
    let refused = server.issue(&resident, &permanent(&[gate])).await;
    assert!(text(&refused.json()["detail"]).contains("office"), "{}", refused.text);
    assert_eq!(server.guest_code(&resident, &codes[1]).await["state"], "live");
}

#[tokio::test]
async fn r18_of_two_who_issue_the_last_one_at_once_one_gets_it() {
    let server = TestServer::start().await;
    let (gate, manager) = (server.world.gate, server.sign_in(MANAGER).await);
    assert_eq!(edit(&server, &manager, json!({"guest_codes_per_unit": 3})).await.status, 200);
    let resident = server.sign_in(RESIDENT).await;
    let request = permanent(&[gate]);
    let (a, b, c, d, e) = tokio::join!(
        server.issue(&resident, &request),
        server.issue(&resident, &request),
        server.issue(&resident, &request),
        server.issue(&resident, &request),
        server.issue(&resident, &request),
    );
    let mut statuses = [a, b, c, d, e].map(|answer| answer.status);
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 201, 409, 409]);
}

#[tokio::test]
async fn r18_r27_guests_leave_the_residents_of_a_unit_their_slots() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let door = server.world.door;
    // The resident's own, and nineteen more.
    let mut codes = Vec::new();
    for _ in 0..20 {
        codes.push(server.issued(&manager, &permanent(&[door])).await);
    }
    server.settled().await;
    let mut full = 0;
    for code in &codes {
        let placement = placement(&server.guest_code(&manager, code).await, door).clone();
        match text(&placement["status"]) {
            "failed" => {
                assert_eq!(placement["reason"], "slots_full");
                full += 1;
            }
            status => assert_eq!(status, "working"),
        }
    }
    assert_eq!((full, server.held(door).await), (2, 19), "one slot is kept");

    // So the resident's new code is written before the old one is removed.
    let resident = server.resident().await;
    let overwritten = async || {
        let events = server.recorded_as("placement.on_lock").await;
        events.iter().filter(|event| event.detail.contains("no slot was free")).count()
    };
    assert_eq!(server.take_random(&resident, 6).await.status, 200);
    server.settled().await;
    assert_eq!((overwritten().await, server.held(door).await), (0, 19));
    server.advance(SignedDuration::from_mins(1));
    server.settled().await;
    assert_eq!(server.held(door).await, 19);
}
