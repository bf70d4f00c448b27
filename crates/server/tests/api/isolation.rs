//! Nobody sees what isn't theirs, and nobody can tell it from what doesn't exist (R33).

use ids::{CodeId, DoorId, GuestCodeId};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::tenancies::{self, Dates};
use uuid::Uuid;

use crate::fixtures_matrix::{
    As, FOREIGN_RESIDENT, Household, Ids, ROOMMATE, Town, id, keyed, operations, permanent, probe,
};
use crate::harness::{Answer, FOREIGN_MANAGER, MANAGER, NOON, RESIDENT, Request, SUPPORT, WebSession};

/// The operations whose address names something, except those that only ever show people their own things.
async fn naming(town: &Town) -> Vec<String> {
    operations(&town.server).await.into_iter().filter(|operation| operation.contains('{')).collect()
}

/// Requests something that exists and something that doesn't; both answers must be refusals with the same bytes.
async fn assert_same(town: &Town, caller: &As<'_>, operation: &str, something: &Ids, nothing: &Ids) {
    let ask = async |ids| {
        let request = probe(&town.server, operation, ids).expect("a known operation");
        caller.sign(request).send().await
    };
    let (of_something, of_nothing) = (ask(something).await, ask(nothing).await);
    assert_eq!(of_something.bytes(), of_nothing.bytes(), "{operation}");
    assert!(of_something.status >= 400, "{operation}: {}", of_something.text);
}

#[tokio::test]
async fn r33_what_is_elsewhere_and_what_is_nowhere_return_the_same_bytes() {
    let town = Town::start().await;
    let server = &town.server;
    let (own, foreign, nothing) = (town.own_ids().await, town.foreign_ids().await, Ids::of_nothing());
    let (manager, other) = (server.sign_in(MANAGER).await, server.sign_in(FOREIGN_MANAGER).await);
    let resident = server.sign_in(RESIDENT).await;
    let app = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    for operation in naming(&town).await {
        assert_same(&town, &As::Web(&manager), &operation, &foreign, &nothing).await;
        assert_same(&town, &As::Web(&other), &operation, &own, &nothing).await;
        for caller in [As::Web(&resident), As::App(&app)] {
            assert_same(&town, &caller, &operation, &foreign, &nothing).await;
        }
    }
    // Half of the address belongs to the caller.
    for operation in naming(&town).await.iter().filter(|operation| operation.contains("{resident_id}")) {
        let (elsewhere, nowhere) =
            (Ids { resident: foreign.resident, ..own }, Ids { resident: nothing.resident, ..own });
        assert_same(&town, &As::Web(&manager), operation, &elsewhere, &nowhere).await;
        let (elsewhere, nowhere) =
            (Ids { property: foreign.property, ..own }, Ids { property: nothing.property, ..own });
        assert_same(&town, &As::Web(&manager), operation, &elsewhere, &nowhere).await;
    }
}

#[tokio::test]
async fn r30_r33_support_can_not_tell_which_codes_there_are() {
    let town = Town::start().await;
    let support = town.server.sign_in(SUPPORT).await;
    let (own, nothing) = (town.own_ids().await, Ids::of_nothing());
    // But for what is there for support to find out why a code doesn't work.
    let of_a_code = |operation: &&String| operation.contains("codes/{id}") && !operation.contains("/troubleshoot/");
    for operation in naming(&town).await.iter().filter(of_a_code) {
        assert_same(&town, &As::Web(&support), operation, &own, &nothing).await;
    }
}

#[tokio::test]
async fn r33_residents_of_one_unit_are_strangers_to_each_other() {
    let town = Town::start().await;
    let nothing = Ids::of_nothing();
    for (who, theirs, others) in
        [(RESIDENT, town.home, [town.roommate, town.neighbour]), (ROOMMATE, town.roommate, [town.home, town.neighbour])]
    {
        let session = town.server.sign_in(who).await;
        let app = town.server.mobile_sign_in(who, "2.8.0").await;
        for Household { tenancy, code, guest_code, .. } in others {
            let ids = Ids { resident: tenancy, code, guest_code, ..nothing };
            // Guest codes have digits too.
            let guest = Ids { code: guest_code.code(), ..ids };
            for operation in naming(&town).await {
                for caller in [As::Web(&session), As::App(&app)] {
                    assert_same(&town, &caller, &operation, &ids, &nothing).await;
                    assert_same(&town, &caller, &operation, &guest, &nothing).await;
                }
            }
        }
        let guests = items(&town, &session, "/guest-codes").await;
        assert_eq!(guests.iter().map(id::<GuestCodeId>).collect::<Vec<_>>(), [theirs.guest_code]);
        let access = town.server.get("/me/access").web(&session).send().await.json();
        assert_eq!(id::<CodeId>(&access["code"]), theirs.code);
    }
}

async fn items(town: &Town, session: &WebSession, path: &str) -> Vec<Value> {
    let answer = town.server.get(path).web(session).send().await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.json()["items"].as_array().expect("items").clone()
}

/// Everything that would betray the foreign property.
fn marks(town: &Town) -> Vec<String> {
    let Household { person, tenancy, door, code, guest_code } = town.foreign;
    let ids = [
        person.uuid(),
        tenancy.uuid(),
        door.uuid(),
        code.uuid(),
        guest_code.uuid(),
        town.foreign_hub.uuid(),
        town.foreign_gate.uuid(),
        town.foreign_manager_guest.uuid(),
        town.server.world.foreign_property.uuid(),
    ];
    let words = ["Elsewhere", "Far hub", "Far gate", "foreign"];
    ids.map(|id| id.to_string()).into_iter().chain(words.map(str::to_owned)).collect()
}

#[tokio::test]
async fn r33_lists_and_exports_hold_nothing_of_another_property() {
    let town = Town::start().await;
    let server = &town.server;
    let (manager, resident) = (server.sign_in(MANAGER).await, server.sign_in(RESIDENT).await);
    let property = server.world.property;
    let of_manager = [
        "/properties".to_owned(),
        format!("/properties/{property}"),
        format!("/properties/{property}/doors"),
        format!("/properties/{property}/residents"),
        "/guest-codes".into(),
        format!("/guest-codes?property={property}"),
        "/audit?limit=200".into(),
        "/audit?q=code".into(),
        "/audit?action=code.".into(),
        "/audit?outcome=done&limit=200".into(),
        "/audit/export?format=csv".into(),
        "/audit/export?format=ndjson".into(),
    ];
    let of_resident = ["/me/access".to_owned(), "/guest-codes".into()];
    let asked = of_manager.iter().map(|path| (path, &manager)).chain(of_resident.iter().map(|path| (path, &resident)));
    for (path, session) in asked {
        let answer = server.get(path).web(session).send().await;
        assert_eq!(answer.status, 200, "{path}");
        for mark in marks(&town) {
            assert!(!answer.text.contains(&mark), "{path} tells of {mark}");
        }
    }
    // Somebody with the right to would see them.
    let support = server.sign_in(SUPPORT).await;
    let everything = server.get("/audit/export?format=ndjson").web(&support).send().await.text;
    for mark in [town.foreign.code, town.foreign.guest_code.code(), town.foreign_manager_guest.code()] {
        assert!(everything.contains(&mark.to_string()));
    }
}

#[tokio::test]
async fn r33_filters_that_name_what_is_elsewhere_find_nothing() {
    let town = Town::start().await;
    let server = &town.server;
    let manager = server.sign_in(MANAGER).await;
    let resident = server.sign_in(RESIDENT).await;
    let foreign = town.foreign_ids().await;
    let property = server.world.property;
    let (there, nowhere) = (foreign.property, Uuid::now_v7());
    for (path, value) in [
        ("/audit?property=", there.uuid()),
        ("/audit?resident=", foreign.resident.uuid()),
        ("/audit?door=", foreign.door.uuid()),
        ("/audit?actor=", town.foreign.person.uuid()),
        ("/audit/export?format=csv&property=", there.uuid()),
        ("/audit/export?format=ndjson&actor=", town.foreign.person.uuid()),
        ("/guest-codes?property=", there.uuid()),
        ("/guest-codes?door=", foreign.door.uuid()),
        ("/guest-codes?resident=", foreign.resident.uuid()),
    ] {
        let ask = async |id: Uuid| server.get(&format!("{path}{id}")).web(&manager).send().await;
        let (found, of_nothing) = (ask(value).await, ask(nowhere).await);
        assert_eq!(found.status, 200, "{path}");
        assert_eq!(found.bytes(), of_nothing.bytes(), "{path}");
    }
    for query in ["q=foreign", "unit=F1"] {
        let path = format!("/properties/{property}/residents?{query}");
        assert_eq!(items(&town, &manager, &path).await, Vec::<Value>::new(), "{query}");
    }
    assert_eq!(items(&town, &manager, "/audit?q=foreign").await, Vec::<Value>::new());
    for path in ["/guest-codes?property=", "/guest-codes?door=", "/guest-codes?resident="] {
        let ask = async |id: Uuid| server.get(&format!("{path}{id}")).web(&resident).send().await;
        // So are a roommate's and a neighbour's.
        for other in [there.uuid(), foreign.door.uuid(), town.roommate.tenancy.uuid(), town.neighbour.door.uuid()] {
            assert_eq!(ask(other).await.bytes(), ask(nowhere).await.bytes(), "{path}");
        }
    }
}

/// A foreign door and one that doesn't exist are refused alike, alone or among the caller's own.
#[tokio::test]
async fn r21_r33_no_guest_code_for_another_s_door() {
    let town = Town::start().await;
    let server = &town.server;
    let (manager, resident) = (server.sign_in(MANAGER).await, server.sign_in(RESIDENT).await);
    let app = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let (home, gym, next_door, far) = (town.home.door, server.world.gym, town.neighbour.door, town.foreign.door);
    let cases = [
        (As::Web(&manager), vec![far], vec![home, far]),
        (As::Web(&resident), vec![next_door], vec![home, next_door]),
        (As::Web(&resident), vec![gym], vec![home, gym]),
        (As::App(&app), vec![far], vec![home, far]),
    ];
    for (caller, alone, among) in &cases {
        for path in ["/guest-codes", "/guest-codes/preview"] {
            let ask = async |doors: &[DoorId]| -> Answer {
                let request: Request = keyed(server.post(path)).json(&permanent(doors, "Ada"));
                caller.sign(request).send().await
            };
            assert_eq!(ask(alone).await.problem(), (404, "not_found".into()));
            assert_eq!(ask(alone).await.bytes(), ask(&[DoorId::generate()]).await.bytes());
            assert_eq!(ask(among).await.bytes(), ask(&[home, DoorId::generate()]).await.bytes());
        }
    }
}

#[tokio::test]
async fn r33_a_resident_who_moved_out_is_signed_out_at_the_next_request() {
    let town = Town::start().await;
    let server = &town.server;
    let (session, app) = (server.sign_in(RESIDENT).await, server.mobile_sign_in(RESIDENT, "2.8.0").await);
    let (roommate, manager) = (server.sign_in(ROOMMATE).await, server.sign_in(MANAGER).await);
    for credential in [As::Web(&session), As::App(&app)] {
        assert_eq!(credential.sign(server.get("/me/access")).send().await.status, 200);
    }
    let path = format!("/properties/{}/residents/{}/move-out", server.world.property, town.home.tenancy);
    assert_eq!(keyed(server.post(&path)).web(&manager).send().await.status, 200);
    for credential in [As::Web(&session), As::App(&app)] {
        for operation in ["GET /me/access", "GET /guest-codes", "POST /guest-codes", "PUT /me/code"] {
            let request = probe(server, operation, &town.own_ids().await).expect("a request");
            let answer = credential.sign(request).send().await;
            assert_eq!(answer.problem(), (401, "signed_out".into()), "{operation}");
        }
    }
    assert_eq!(server.get("/me/access").web(&roommate).send().await.status, 200);
    assert_eq!(server.signing_in(RESIDENT, crate::harness::PASSWORD).send().await.problem(), (403, "no_role".into()));
}

/// Without the workers: whether a tenancy is over depends on the clock.
#[tokio::test]
async fn r33_a_tenancy_that_is_over_signs_out_on_time() {
    let town = Town::start().await;
    let server = &town.server;
    let (session, app) =
        (server.sign_in(FOREIGN_RESIDENT).await, server.mobile_sign_in(FOREIGN_RESIDENT, "2.8.0").await);
    let dates =
        Dates { move_in: "2026-01-01", move_out: Some("2026-06-15"), starts_at: 0, ends_at: Some(NOON + 1_000) };
    let tenancy = town.foreign.tenancy;
    server.write(move |tx| tenancies::set_dates(tx, tenancy, dates).expect("set")).await;
    let ask = async |credential: As<'_>| credential.sign(server.get("/me/access")).send().await;
    server.advance(SignedDuration::from_millis(999));
    assert_eq!(ask(As::Web(&session)).await.status, 200);
    assert_eq!(ask(As::App(&app)).await.status, 200);
    server.advance(SignedDuration::from_millis(1));
    assert_eq!(ask(As::Web(&session)).await.problem(), (401, "signed_out".into()));
    assert_eq!(ask(As::App(&app)).await.problem(), (401, "signed_out".into()));
}

/// A manager of one property who lives in another is a resident there and nothing more.
#[tokio::test]
async fn r33_one_s_roles_do_not_add_up() {
    let town = Town::start().await;
    let server = &town.server;
    let foreign_property = server.world.foreign_property;
    // The resident becomes the other property's manager.
    let resident = server.world.resident;
    server.write(move |tx| store::people::add_manager(tx, resident, foreign_property).expect("a manager")).await;
    let session = server.sign_in(RESIDENT).await;
    let app = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let home = server.get(&format!("/properties/{}", server.world.property)).web(&session).send().await;
    assert_eq!(home.problem(), (404, "not_found".into()));
    let there = server.get(&format!("/properties/{foreign_property}")).web(&session).send().await;
    assert_eq!(there.status, 200);
    // In the app they are only a resident.
    let path = format!("/guest-codes/{}", town.foreign.guest_code);
    assert_eq!(server.get(&path).web(&session).send().await.status, 200);
    assert_eq!(server.get(&path).mobile(&app).send().await.problem(), (404, "not_found".into()));
    // A roommate's code is no more theirs than before; a code of the property they manage needs a reason.
    let reveal = async |code: CodeId, body: Value| {
        server.post(&format!("/codes/{code}/reveal")).web(&session).json(&body).send().await
    };
    let reason = json!({"reason": "Locked out"});
    assert_eq!(reveal(town.roommate.code, reason.clone()).await.problem(), (404, "not_found".into()));
    assert_eq!(reveal(town.foreign.code, json!({})).await.problem(), (422, "reason_required".into()));
    assert_eq!(reveal(town.foreign.code, reason).await.status, 200);
    assert_eq!(reveal(town.home.code, json!({})).await.status, 200);
}
