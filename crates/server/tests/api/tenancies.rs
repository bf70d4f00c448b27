//! Tenancies of one person are apart (R39): each property knows its own roster, and ending one touches no other.

use api_types::Outcome;
use ids::{GuestCodeId, TenancyId};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::people;

use crate::fixtures::{Credential, text};
use crate::fixtures_matrix::{Town, id, keyed, permanent};
use crate::harness::{Answer, FOREIGN_MANAGER, MANAGER, RESIDENT, SUPPORT, WebSession};

/// What the other property's roster calls the resident.
const ELSEWHERE: &str = "Someone Else";

/// The other property's manager imports the resident's address, and the tenancy begins after the resident's own.
async fn import_elsewhere(town: &mut Town) -> TenancyId {
    town.server.advance(SignedDuration::from_hours(24));
    let manager = town.server.sign_in(FOREIGN_MANAGER).await;
    let csv = format!("unit,name,email,move_in,move_out\nF1,{ELSEWHERE},{RESIDENT},2026-06-16,\n");
    let path = format!("/properties/{}/roster", town.server.world.foreign_property);
    let answer = keyed(town.server.post(&path)).web(&manager).body("text/csv", csv).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["created"], 1, "{}", answer.text);
    town.settle().await;
    let residents = list(town, &manager, &residents_of(town, true)).await;
    let found = residents.iter().find(|resident| resident["name"] == ELSEWHERE).expect("a resident");
    id(found)
}

fn residents_of(town: &Town, foreign: bool) -> String {
    let world = town.server.world;
    format!("/properties/{}/residents", if foreign { world.foreign_property } else { world.property })
}

async fn list(town: &Town, who: &WebSession, path: &str) -> Vec<Value> {
    let page = town.server.read(who, path).await;
    page["items"].as_array().expect("items").clone()
}

async fn access(town: &Town, who: &impl Credential, tenancy: Option<TenancyId>) -> Answer {
    let query = tenancy.map(|id| format!("?tenancy={id}")).unwrap_or_default();
    who.sign(town.server.get(&format!("/me/access{query}"))).send().await
}

#[tokio::test]
async fn r39_a_person_sees_all_their_tenancies_and_says_which_they_mean() {
    let mut town = Town::start().await;
    let elsewhere = import_elsewhere(&mut town).await;
    let server = &town.server;
    let (web, app) = (server.sign_in(RESIDENT).await, server.mobile_sign_in(RESIDENT, "2.8.0").await);
    // The one that began last, unless another is meant.
    for (meant, tenancy, unit, property) in [
        (None, elsewhere, "F1", "Elsewhere"),
        (Some(elsewhere), elsewhere, "F1", "Elsewhere"),
        (Some(town.home.tenancy), town.home.tenancy, "101", "Juniper Flats"),
    ] {
        for answer in [access(&town, &web, meant).await, access(&town, &app, meant).await] {
            assert_eq!(answer.status, 200, "{}", answer.text);
            let mine = answer.json();
            assert_eq!((id::<TenancyId>(&json!({"id": mine["tenancy_id"]})), &mine["unit"]), (tenancy, &json!(unit)));
            assert_eq!(mine["property"]["name"], property);
            let all = mine["tenancies"].as_array().expect("tenancies").iter();
            let all: Vec<_> = all
                .map(|one| {
                    (id::<TenancyId>(one), text(&one["unit"]).to_owned(), text(&one["property"]["name"]).to_owned())
                })
                .collect();
            assert_eq!(
                all,
                [
                    (elsewhere, "F1".to_owned(), "Elsewhere".to_owned()),
                    (town.home.tenancy, "101".to_owned(), "Juniper Flats".to_owned()),
                ]
            );
        }
    }
    // Nobody else's, and none that doesn't exist: both are the same.
    for other in [town.neighbour.tenancy, town.foreign.tenancy, TenancyId::generate()] {
        assert_eq!(access(&town, &web, Some(other)).await.problem(), (404, "not_found".into()));
        let put = keyed(server.put(&format!("/me/code?tenancy={other}"))).mobile(&app);
        assert_eq!(put.json(&json!({"mode": "random", "length": 6})).send().await.problem(), (404, "not_found".into()));
    }

    // Each has its own code: changing one leaves the other.
    let code = async |tenancy| access(&town, &web, Some(tenancy)).await.json()["code"]["id"].clone();
    let (at_home, there) = (code(town.home.tenancy).await, code(elsewhere).await);
    let put = keyed(server.put(&format!("/me/code?tenancy={}", town.home.tenancy))).mobile(&app);
    let changed = put.json(&json!({"mode": "random", "length": 4})).send().await;
    assert_eq!((changed.status, &changed.json()["unit"]), (200, &json!("101")), "{}", changed.text);
    assert_ne!(code(town.home.tenancy).await, at_home);
    assert_eq!(code(elsewhere).await, there);
    for code in [code(town.home.tenancy).await, there] {
        let answer = server.post(&format!("/codes/{}/reveal", text(&code))).web(&web).json(&json!({})).send().await;
        assert_eq!(answer.status, 200, "their own code, wherever it is");
    }
    // And their rights: guest codes for the doors of each, all in one list, each revoked by its resident.
    let mut guests: Vec<GuestCodeId> = Vec::new();
    for door in [town.home.door, town.foreign.door] {
        let issued = keyed(server.post("/guest-codes")).web(&web).json(&permanent(&[door], "Ada")).send().await;
        assert_eq!(issued.status, 201, "{}", issued.text);
        guests.push(id(&issued.json()));
    }
    let listed: Vec<GuestCodeId> = list(&town, &web, "/guest-codes").await.iter().map(id).collect();
    assert!(guests.iter().all(|guest| listed.contains(guest)) && listed.contains(&town.home.guest_code), "{listed:?}");
    assert!(!listed.contains(&town.foreign.guest_code) && !listed.contains(&town.neighbour.guest_code));
    for guest in guests {
        let answer = keyed(server.post(&format!("/guest-codes/{guest}/revoke"))).web(&web).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    // Doors of both at once are of two properties.
    let both = keyed(server.post("/guest-codes")).web(&web);
    let both = both.json(&permanent(&[town.home.door, town.foreign.door], "Ada")).send().await;
    assert_eq!(both.problem(), (404, "not_found".into()));
}

#[tokio::test]
async fn r33_r39_a_manager_knows_a_resident_by_their_own_roster_and_nothing_of_their_life_elsewhere() {
    let mut town = Town::start().await;
    let before = town.server.recorded().await[0].id;
    let elsewhere = import_elsewhere(&mut town).await;
    let server = &town.server;
    let (web, app) = (server.sign_in(RESIDENT).await, server.mobile_sign_in(RESIDENT, "2.8.0").await);
    let wrong = server.signing_in(RESIDENT, "wrong password").send().await;
    assert_eq!(wrong.status, 401);
    for (door, name) in [(town.home.door, "Guest at home"), (town.foreign.door, "Guest elsewhere")] {
        let issued = keyed(server.post("/guest-codes")).web(&web).json(&permanent(&[door], name)).send().await;
        assert_eq!(issued.status, 201);
    }
    let put = keyed(server.put(&format!("/me/code?tenancy={}", town.home.tenancy))).mobile(&app);
    assert_eq!(put.json(&json!({"mode": "random", "length": 4})).send().await.status, 200);

    let (manager, foreign) = (server.sign_in(MANAGER).await, server.sign_in(FOREIGN_MANAGER).await);
    for (session, is_foreign, own, other, tenancy) in [
        (&manager, false, "resident", ELSEWHERE, town.home.tenancy),
        (&foreign, true, ELSEWHERE, "resident", elsewhere),
    ] {
        let residents = list(&town, session, &residents_of(&town, is_foreign)).await;
        let names: Vec<_> =
            residents.iter().filter(|one| id::<TenancyId>(one) == tenancy).map(|one| text(&one["name"])).collect();
        assert_eq!(names, [own]);
        let found = async |q: &str| {
            list(&town, session, &format!("{}?q={}", residents_of(&town, is_foreign), q.replace(' ', "%20")))
                .await
                .len()
        };
        assert!(found(own).await > 0 && (own != ELSEWHERE || found("resident@").await > 0));
        assert_eq!(found(if is_foreign { "101" } else { ELSEWHERE }).await, 0);
        let property = if is_foreign { server.world.foreign_property } else { server.world.property };
        let guests = list(&town, session, "/guest-codes").await;
        assert!(guests.iter().all(|guest| guest["property_id"] == json!(property)));
        let issued = guests.iter().find(|guest| text(&guest["guest_name"]).starts_with("Guest")).expect("a guest code");
        assert_eq!(text(&issued["issued_by"]["name"]), own, "the name of their own roster");
        // Whatever happened since is of their own property, and says nothing of the other.
        let events = list(&town, session, "/audit?limit=200").await;
        let since: Vec<_> = events.iter().take_while(|event| event["id"] != json!(before)).collect();
        assert!(since.iter().any(|event| event["action"] == "guest_code.issued"));
        for event in since {
            assert_eq!(event["property_id"], json!(property), "{event}");
            let whole = event.to_string();
            assert!(
                !whole.contains(&format!("\"name\":\"{other}\"")) && !whole.contains(&format!("of {other},")),
                "{event}"
            );
        }
    }
    // That they sign in concerns no one property. Support sees it.
    let support = server.sign_in(SUPPORT).await;
    for action in ["session.created", "session.refused", "mobile_token.created"] {
        let of_resident = |event: &&Value| event["subject"]["id"] == json!(server.world.resident);
        let newest = async |who: &WebSession| {
            let events = list(&town, who, &format!("/audit?action={action}&limit=200")).await;
            events.iter().filter(|event| text(&event["at"]).starts_with("2026-06-16")).filter(of_resident).count()
        };
        assert_eq!((newest(&manager).await, newest(&foreign).await), (0, 0), "{action}");
        let all = list(&town, &support, &format!("/audit?action={action}&limit=200")).await;
        assert!(all.iter().any(|event| of_resident(&event)), "{action}");
    }
}

#[tokio::test]
async fn r39_ending_one_tenancy_touches_no_other() {
    let mut town = Town::start().await;
    let elsewhere = import_elsewhere(&mut town).await;
    let server = &town.server;
    let (web, app) = (server.sign_in(RESIDENT).await, server.mobile_sign_in(RESIDENT, "2.8.0").await);
    let foreign = server.sign_in(FOREIGN_MANAGER).await;
    let path = format!("/properties/{}/residents/{elsewhere}/move-out", server.world.foreign_property);
    assert_eq!(keyed(server.post(&path)).web(&foreign).send().await.status, 200);
    town.settle().await;
    let server = &town.server;
    for answer in [access(&town, &web, None).await, access(&town, &app, None).await] {
        assert_eq!((answer.status, &answer.json()["unit"]), (200, &json!("101")), "{}", answer.text);
        assert_eq!(answer.json()["tenancies"].as_array().map(Vec::len), Some(1));
        assert_eq!(answer.json()["code"]["status"], "working", "{}", answer.text);
    }
    assert_eq!(access(&town, &web, Some(elsewhere)).await.problem(), (404, "not_found".into()));
    // The last one ends their sessions.
    let manager = server.sign_in(MANAGER).await;
    let path = format!("/properties/{}/residents/{}/move-out", server.world.property, town.home.tenancy);
    assert_eq!(keyed(server.post(&path)).web(&manager).send().await.status, 200);
    for answer in [access(&town, &web, None).await, access(&town, &app, None).await] {
        assert_eq!(answer.problem(), (401, "signed_out".into()));
    }
}

#[tokio::test]
async fn r39_moving_out_leaves_an_office_its_sessions_and_ends_the_app_s() {
    let town = Town::start().await;
    let server = &town.server;
    let (person, property) = (server.world.resident, server.world.property);
    server.write(move |tx| people::add_manager(tx, person, property).expect("a manager")).await;
    let (web, app) = (server.sign_in(RESIDENT).await, server.mobile_sign_in(RESIDENT, "2.8.0").await);
    let manager = server.sign_in(MANAGER).await;
    let path = format!("/properties/{property}/residents/{}/move-out", town.home.tenancy);
    assert_eq!(keyed(server.post(&path)).web(&manager).send().await.status, 200);
    assert_eq!(server.get("/properties").web(&web).send().await.status, 200);
    assert_eq!(access(&town, &web, None).await.problem(), (403, "forbidden".into()));
    assert_eq!(access(&town, &app, None).await.problem(), (401, "signed_out".into()));
    let ended = server.recorded().await.into_iter().find(|event| event.action.name() == "resident.moved_out");
    assert_eq!(ended.expect("recorded").outcome, Outcome::Done);
}

#[tokio::test]
async fn r39_a_roster_renames_nobody_elsewhere() {
    let mut town = Town::start().await;
    import_elsewhere(&mut town).await;
    let server = &town.server;
    let (manager, foreign) = (server.sign_in(MANAGER).await, server.sign_in(FOREIGN_MANAGER).await);
    let path = format!("/properties/{}/roster?decisions=2.rename", server.world.property);
    let csv = format!("unit,name,email,move_in,move_out\n101,Robin Moreau,{RESIDENT},2026-01-01,\n");
    let answer = keyed(server.post(&path)).web(&manager).body("text/csv", csv).send().await;
    assert_eq!(answer.json()["updated"], 1, "{}", answer.text);
    let names = async |session, foreign| -> Vec<String> {
        let all = list(&town, session, &residents_of(&town, foreign)).await;
        all.iter().map(|one| text(&one["name"]).to_owned()).collect()
    };
    assert!(names(&manager, false).await.contains(&"Robin Moreau".to_owned()));
    assert!(names(&foreign, true).await.contains(&ELSEWHERE.to_owned()));
    // Somebody with several homes is called what they were called first.
    let mine = server.get("/session").web(&server.sign_in(RESIDENT).await).send().await.json();
    assert_eq!(mine["user"]["name"], "resident");
}
