//! From an empty database to a house with people who sign in (R34–R37).

use ids::{PersonId, PropertyId, TenancyId};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::{Tx, one_time_links, people};

use crate::fixtures::text;
use crate::fixtures_matrix::{ADMINISTRATOR, Town, id, keyed};
use crate::harness::{Answer, MANAGER, NOON, PASSWORD, Request, SUPPORT, TestServer, WebSession};

/// The secret of the link that the program prints.
const PRINTED: &str = "the printed link";
const ADA: &str = "ada@example.com";

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}

fn offer(tx: &Tx) {
    one_time_links::insert_set_up(tx, &hash(PRINTED), NOON, NOON + 24 * 3_600_000).expect("offered");
}

async fn set_up(server: &TestServer, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "name": " Ada  Brandt", "email": "Ada@example.com", "password": password});
    server.post("/set-up").json(&body).send().await
}

/// A server with its first administrator.
async fn started() -> (TestServer, WebSession) {
    let server = TestServer::start().await;
    server.write(offer).await;
    let answer = set_up(&server, PRINTED, PASSWORD).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let session = answer.session();
    (server, session)
}

async fn add_property(server: &TestServer, session: &WebSession, name: &str, manage: bool) -> Answer {
    let body = json!({"name": name, "time_zone": "Europe/Madrid", "manage": manage});
    keyed(server.post("/properties")).web(session).json(&body).send().await
}

async fn layout(server: &TestServer, session: &WebSession, property: PropertyId, rows: &str, dry_run: bool) -> Answer {
    let path = format!("/properties/{property}/layout?dry_run={dry_run}");
    let csv = format!("building,unit,door,kind\r\n{rows}");
    keyed(server.post(&path)).web(session).body("text/csv", csv).send().await
}

fn patch(server: &TestServer, path: &str) -> Request {
    server.request(Method::PATCH, path)
}

async fn token_of(invite: Answer) -> String {
    assert_eq!(invite.status, 200, "{}", invite.text);
    let link = text(&invite.json()["link"]).to_owned();
    let (page, token) = link.split_once('#').expect("a secret after the #");
    assert!(page.ends_with("/invitation"), "{page}");
    token.to_owned()
}

async fn accept(server: &TestServer, token: &str, password: &str) -> Answer {
    server.post("/invitations/accept").json(&json!({"token": token, "password": password})).send().await
}

#[tokio::test]
async fn r34_the_printed_link_makes_one_administrator_and_no_other() {
    let (server, session) = started().await;
    let signed_in = server.read(&session, "/session").await;
    assert_eq!(signed_in["user"]["name"], "Ada Brandt");
    assert_eq!(signed_in["user"]["email"], ADA);
    assert_eq!(signed_in["user"]["roles"], json!(["administrator"]));
    let event = &server.recorded_as("person.administrator.added").await[0];
    assert_eq!(event.actor.name, "Ada Brandt");

    for token in [PRINTED, "another"] {
        assert_eq!(set_up(&server, token, PASSWORD).await.problem(), (404, "set_up_done".into()));
    }
    // They sign in as anybody does.
    server.sign_in(ADA).await;
}

#[tokio::test]
async fn r34_a_wrong_or_old_link_makes_nobody() {
    let server = TestServer::start().await;
    assert_eq!(set_up(&server, PRINTED, PASSWORD).await.problem(), (404, "link_over".into()));
    server.write(offer).await;
    assert_eq!(set_up(&server, "another", PASSWORD).await.problem(), (404, "link_over".into()));
    server.advance(SignedDuration::from_hours(24));
    assert_eq!(set_up(&server, PRINTED, PASSWORD).await.problem(), (404, "link_over".into()));
    // A newer one voids the older.
    let now = server.app.now();
    server.write(move |tx| one_time_links::insert_set_up(tx, &hash("newer"), now, now + 1000).expect("offered")).await;
    assert_eq!(set_up(&server, PRINTED, PASSWORD).await.problem(), (404, "link_over".into()));
    assert_eq!(set_up(&server, "newer", PASSWORD).await.status, 201);
}

#[tokio::test]
async fn r37_a_new_password_has_twelve_characters_and_is_not_common() {
    let server = TestServer::start().await;
    server.write(offer).await;
    for (password, code) in [("too short", "too_short"), ("password1234", "too_common"), ("qwertyuiop12", "too_common")]
    {
        let answer = set_up(&server, PRINTED, password).await;
        assert_eq!(answer.problem(), (422, "invalid".into()), "{password}");
        assert_eq!(
            answer.json()["errors"],
            json!([{
                "field": "password", "code": code, "detail": answer.json()["errors"][0]["detail"]
            }])
        );
    }
    let answer = server.post("/set-up").json(&json!({
        "token": PRINTED, "name": "", "email": "nobody", "password": PASSWORD
    }));
    assert_eq!(answer.send().await.problem(), (422, "invalid".into()));
    // Nothing was used up.
    assert_eq!(set_up(&server, PRINTED, PASSWORD).await.status, 201);
}

#[tokio::test]
async fn r34_two_at_once_make_one_administrator() {
    let server = TestServer::start().await;
    server.write(offer).await;
    let ask = |email: &str| {
        let body = json!({"token": PRINTED, "name": "Ada", "email": email, "password": PASSWORD});
        server.post("/set-up").json(&body).send()
    };
    let (one, other) = tokio::join!(ask("one@example.com"), ask("other@example.com"));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 404]);
}

#[tokio::test]
async fn r34_r36_an_administrator_adds_a_property_with_buildings_units_and_doors() {
    let (server, session) = started().await;
    let added = add_property(&server, &session, "Willow Court", false).await;
    assert_eq!(added.status, 201, "{}", added.text);
    let property: PropertyId = id(&added.json());
    assert_eq!(added.json()["time_zone"], "Europe/Madrid");
    assert_eq!(added.json()["custom_codes_enabled"], false);
    let rows = "North,101,,\r\nNorth,102,102 Front,unit\r\n,,Gate,property\r\nNorth,,Gym,amenity\r\n";
    let mut planned = layout(&server, &session, property, rows, true).await.json();
    assert!(planned["plan"].take().is_string());
    planned.as_object_mut().expect("an object").remove("plan");
    assert_eq!(
        planned,
        json!({"dry_run": true, "rows": 4, "buildings": 1, "units": 2, "doors": 4, "unchanged": 0, "bad_rows": []})
    );
    let done = layout(&server, &session, property, rows, false).await;
    assert_eq!((done.status, &done.json()["doors"]), (200, &json!(4)), "{}", done.text);
    let doors = server.read(&session, &format!("/properties/{property}/doors")).await;
    let named = |door: &Value| format!("{} {}", text(&door["kind"]), text(&door["name"]));
    let mut names: Vec<_> = doors["items"].as_array().expect("items").iter().map(named).collect();
    names.sort();
    assert_eq!(names, ["amenity Gym", "property Gate", "unit 101", "unit 102 Front"]);
    // R35: no door holds anything before it is linked to a lock.
    assert!(doors["items"].as_array().expect("items").iter().all(|door| door["lock"]["online"] == false));

    // The same file again changes nothing; one more row adds a door.
    let again = layout(&server, &session, property, &format!("{rows}North,101,101 Balcony,\r\n"), false).await.json();
    assert_eq!((&again["doors"], &again["unchanged"], &again["units"]), (&json!(1), &json!(4), &json!(0)));
}

#[tokio::test]
async fn r36_a_layout_with_a_bad_row_adds_nothing_and_names_each() {
    let (server, session) = started().await;
    let property: PropertyId = id(&add_property(&server, &session, "Willow Court", true).await.json());
    let rows =
        "North,101,,\r\nSouth,101,Other,\r\n,,,amenity\r\n,102,x,gate\r\n,103,Pool,amenity\r\nNorth,104,101,\r\n";
    let planned = layout(&server, &session, property, rows, true).await.json();
    let bad = planned["bad_rows"].as_array().expect("rows").iter();
    let bad: Vec<_> = bad.map(|row| (row["line"].as_u64(), text(&row["column"]), text(&row["code"]))).collect();
    assert_eq!(
        bad,
        [
            (Some(3), "building", "taken"),
            (Some(4), "door", "required"),
            (Some(5), "kind", "invalid"),
            (Some(6), "unit", "not_for_this_kind"),
            (Some(7), "door", "twice"),
        ]
    );
    let refused = layout(&server, &session, property, rows, false).await;
    assert_eq!(refused.problem(), (422, "layout_has_bad_rows".into()));
    let doors = server.read(&session, &format!("/properties/{property}/doors")).await;
    assert_eq!(doors["items"], json!([]));
}

#[tokio::test]
async fn r34_a_property_s_name_is_its_own_and_its_zone_exists() {
    let (server, session) = started().await;
    assert_eq!(add_property(&server, &session, "Willow Court", false).await.status, 201);
    for (body, field) in [
        (json!({"name": "willow  court", "time_zone": "Europe/Madrid"}), "name"),
        (json!({"name": "  ", "time_zone": "Europe/Madrid"}), "name"),
        (json!({"name": "Oak", "time_zone": "Mars/Base"}), "time_zone"),
        (json!({"name": "Oak", "time_zone": "Europe/Madrid", "support_email": "nobody"}), "support_email"),
    ] {
        let answer = keyed(server.post("/properties")).web(&session).json(&body).send().await;
        assert_eq!(answer.problem(), (422, "invalid".into()), "{body}");
        assert_eq!(answer.json()["errors"][0]["field"], field);
    }
}

#[tokio::test]
async fn r34_an_administrator_sees_no_residents_and_no_codes() {
    let mut town = Town::start().await;
    let server = &town.server;
    let session = server.sign_in(ADMINISTRATOR).await;
    let property = server.world.property;
    for path in [format!("/properties/{property}/residents"), "/guest-codes".into(), "/audit".into()] {
        assert_eq!(server.get(&path).web(&session).send().await.problem(), (403, "forbidden".into()), "{path}");
    }
    let reveal = format!("/codes/{}/reveal", town.home.code);
    let answer = server.post(&reveal).web(&session).json(&json!({"reason": "Curious"})).send().await;
    assert_eq!(answer.problem().0, 404);
    // Every property as such.
    let properties = server.read(&session, "/properties").await;
    assert_eq!(properties["items"].as_array().expect("items").len(), 2);

    // Whose codes need attention is for its managers.
    let manager = server.sign_in(MANAGER).await;
    server.simulator().set_hub_online(false);
    let issued = crate::fixtures_matrix::permanent(&[server.world.gym], "Ada Brandt");
    crate::fixtures_matrix::issue(server, &manager, &issued).await;
    town.settle().await;
    let path = format!("/properties/{property}");
    let seen = town.server.read(&manager, &path).await;
    assert!(seen.to_string().contains("Ada Brandt"), "{seen}");
    let seen = town.server.read(&session, &path).await;
    assert!(!seen.to_string().contains("Ada"), "{seen}");
    assert_eq!(seen["health"]["waiting"], 1);
}

#[tokio::test]
async fn r37_staff_come_in_by_a_link_that_works_once() {
    let (server, session) = started().await;
    let property: PropertyId = id(&add_property(&server, &session, "Willow Court", false).await.json());
    let body = json!({
        "name": "Morgan Reyes", "email": "morgan@example.com",
        "roles": [{"role": "manager", "property_id": property}],
    });
    let added = keyed(server.post("/people")).web(&session).json(&body).send().await;
    assert_eq!(added.status, 201, "{}", added.text);
    assert_eq!(added.json()["state"], "not_invited");
    let person: PersonId = id(&added.json());
    let invite = async || server.post(&format!("/people/{person}/invite")).web(&session).send().await;
    let older = token_of(invite().await).await;
    let token = token_of(invite().await).await;
    let state = async || {
        let staff = server.read(&session, "/people").await;
        let people = staff["items"].as_array().expect("items").clone();
        people.into_iter().find(|it| it["id"] == json!(person)).expect("on the staff")["state"].clone()
    };
    assert_eq!(state().await, "invited");

    // The newer one voids the older.
    assert_eq!(accept(&server, &older, PASSWORD).await.problem(), (404, "link_over".into()));
    let opened = server.post("/invitations/open").json(&json!({"token": token})).send().await.json();
    assert_eq!((text(&opened["name"]), text(&opened["email"])), ("Morgan Reyes", "morgan@example.com"));
    assert_eq!(accept(&server, &token, "short").await.problem(), (422, "invalid".into()));
    assert_eq!(accept(&server, &token, PASSWORD).await.status, 200);
    assert_eq!(accept(&server, &token, PASSWORD).await.problem(), (404, "link_over".into()));
    assert_eq!(state().await, "active");
    assert_eq!(invite().await.problem(), (409, "already_active".into()));

    let manager = server.sign_in("morgan@example.com").await;
    let managed = server.read(&manager, "/properties").await;
    assert_eq!(managed["items"].as_array().expect("items").len(), 1);
    assert_eq!(id::<PropertyId>(&managed["items"][0]), property);

    // Disabled, they are out at the next click.
    let edit = patch(&server, &format!("/people/{person}")).web(&session).json(&json!({"disabled": true}));
    assert_eq!(edit.send().await.json()["state"], "disabled");
    assert_eq!(server.get("/properties").web(&manager).send().await.problem(), (401, "signed_out".into()));
}

#[tokio::test]
async fn r37_an_invitation_ends_after_its_time_and_with_the_right() {
    let town = Town::start().await;
    let server = &town.server;
    let session = server.sign_in(ADMINISTRATOR).await;
    let path = format!("/people/{}/invite", town.invited);
    let token = token_of(server.post(&path).web(&session).send().await).await;
    let open = async |token: &str| server.post("/invitations/open").json(&json!({"token": token})).send().await;
    assert_eq!(open(&token).await.status, 200);
    let edit = json!({"disabled": true});
    patch(server, &format!("/people/{}", town.invited)).web(&session).json(&edit).send().await;
    assert_eq!(open(&token).await.problem(), (404, "link_over".into()));
    assert_eq!(server.post(&path).web(&session).send().await.problem(), (409, "already_active".into()));
    let edit = json!({"disabled": false});
    patch(server, &format!("/people/{}", town.invited)).web(&session).json(&edit).send().await;
    assert_eq!(open(&token).await.status, 200);
    server.advance(SignedDuration::from_hours(72));
    assert_eq!(open(&token).await.problem(), (404, "link_over".into()));
}

#[tokio::test]
async fn r37_a_resident_comes_in_by_their_manager_s_link() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let property = server.world.property;
    let csv = "unit,name,email,move_in,move_out\r\n101,Noa Weiss,noa@example.com,2026-01-01,\r\n";
    let imported = keyed(server.post(&format!("/properties/{property}/roster"))).web(&manager).body("text/csv", csv);
    assert_eq!(imported.send().await.status, 200);
    let residents = server.read(&manager, &format!("/properties/{property}/residents?q=noa")).await;
    let resident: TenancyId = id(&residents["items"][0]);
    let path = format!("/properties/{property}/residents/{resident}/invite");
    let token = token_of(server.post(&path).web(&manager).send().await).await;
    let support = server.sign_in(SUPPORT).await;
    assert_eq!(server.post(&path).web(&support).send().await.problem(), (403, "forbidden".into()));
    // For 14 days.
    server.advance(SignedDuration::from_hours(13 * 24));
    assert_eq!(accept(&server, &token, PASSWORD).await.status, 200);
    let session = server.sign_in("noa@example.com").await;
    assert_eq!(server.access(&session).await["unit"], "101");
    let event = &server.recorded_as("person.invitation.accepted").await[0];
    assert_eq!((event.actor.name.as_str(), event.property_id), ("Noa Weiss", Some(property)));
    // The secret is nowhere in the record.
    assert!(!crate::harness::logged().contains(&token));
}

#[tokio::test]
async fn r37_an_invitation_of_somebody_who_moved_out_is_over() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let (property, tenancy) = (server.world.property, server.world.tenancy);
    let person = server.world.resident;
    server
        .write(move |tx| tx.execute("UPDATE person SET password_hash = NULL WHERE id = ?", [person]).expect("done"))
        .await;
    let path = format!("/properties/{property}/residents/{tenancy}/invite");
    let token = token_of(server.post(&path).web(&manager).send().await).await;
    let move_out = keyed(server.post(&format!("/properties/{property}/residents/{tenancy}/move-out")));
    assert_eq!(move_out.web(&manager).send().await.status, 200);
    assert_eq!(accept(&server, &token, PASSWORD).await.problem(), (404, "link_over".into()));
    let manager = server.sign_in(MANAGER).await;
    assert_eq!(server.post(&path).web(&manager).send().await.problem(), (404, "not_found".into()));
}

#[tokio::test]
async fn r34_the_last_administrator_stays_one() {
    let (server, session) = started().await;
    let own: PersonId = id(&server.read(&session, "/session").await["user"]);
    let edit = async |body: Value| patch(&server, &format!("/people/{own}")).web(&session).json(&body).send().await;
    for body in [json!({"disabled": true}), json!({"roles": [{"role": "support"}]})] {
        assert_eq!(edit(body).await.problem(), (409, "last_administrator".into()));
    }
    assert_eq!(server.recorded_as("person.administrator.removed").await.len(), 1, "the refusal is on record");
    // Somebody who was only invited can't set up anything yet.
    let body = json!({"name": "Ben", "email": "ben@example.com", "roles": [{"role": "administrator"}]});
    let ben: PersonId = id(&keyed(server.post("/people")).web(&session).json(&body).send().await.json());
    assert_eq!(edit(json!({"disabled": true})).await.problem(), (409, "last_administrator".into()));
    let token = token_of(server.post(&format!("/people/{ben}/invite")).web(&session).send().await).await;
    assert_eq!(accept(&server, &token, PASSWORD).await.status, 200);
    assert_eq!(edit(json!({"disabled": true})).await.status, 200);
    assert_eq!(server.get("/session").web(&session).send().await.problem(), (401, "signed_out".into()));
}

/// A refusal is kept along with what was done before it: what is refused must not be half done.
#[tokio::test]
async fn r34_roles_are_given_as_a_whole_or_not_at_all() {
    let town = Town::start().await;
    let server = &town.server;
    let session = server.sign_in(ADMINISTRATOR).await;
    let nowhere = PropertyId::generate();
    let roles = json!([{"role": "administrator"}, {"role": "manager", "property_id": nowhere}]);
    let path = format!("/people/{}", town.invited);
    let edit = patch(server, &path).web(&session).json(&json!({"roles": roles})).send().await;
    assert_eq!(edit.problem(), (422, "invalid".into()));
    let body = json!({"name": "Ada", "email": "ada@staff.test", "roles": roles});
    let add = keyed(server.post("/people")).web(&session).json(&body).send().await;
    assert_eq!(add.problem(), (422, "invalid".into()));
    let staff = server.read(&session, "/people").await;
    assert!(!staff.to_string().contains("ada@staff.test"), "{staff}");
    let administrators = staff["items"].as_array().expect("items").iter();
    let administrators = administrators.filter(|it| it["roles"].to_string().contains("administrator")).count();
    assert_eq!(administrators, 1, "{staff}");
    assert_eq!(server.recorded_as("person.added").await.len(), 0);
}

#[tokio::test]
async fn r24_a_manager_who_loses_a_property_loses_what_they_issued_there() {
    let town = Town::start().await;
    let server = &town.server;
    let session = server.sign_in(ADMINISTRATOR).await;
    let (manager, foreign) = (server.world.manager, server.world.foreign_property);
    let body = json!({"roles": [{"role": "manager", "property_id": foreign}]});
    let edited = patch(server, &format!("/people/{manager}")).web(&session).json(&body).send().await;
    assert_eq!(edited.json()["roles"], body["roles"], "{}", edited.text);
    let revoked = server.recorded_as("guest_code.revoked").await;
    assert_eq!(revoked.len(), 1, "the manager's guest code");
    assert_eq!(revoked[0].subject.id, Some(town.manager_guest.uuid()));
    let managed = server.query(move |db| people::manages(db, manager).expect("read")).await;
    assert_eq!(managed, [foreign]);
}

/// What is still missing is said step by step, and once nothing is, by the property itself.
#[tokio::test]
async fn r34_a_property_says_what_is_missing_until_it_is_in_order() {
    let (server, session) = started().await;
    let added = add_property(&server, &session, "Willow Court", true).await.json();
    assert_eq!(added["set_up"], false);
    let property: PropertyId = id(&added);
    let missing = async || {
        let setup = server.read(&session, &format!("/properties/{property}/setup")).await;
        let steps = setup["steps"].as_array().expect("steps").clone();
        assert_eq!(steps.len(), 5, "{setup}");
        let whole = server.read(&session, &format!("/properties/{property}")).await["set_up"].clone();
        assert_eq!(whole, json!(steps.iter().all(|step| step["done"] == true)), "the one definition");
        let missing = steps.iter().filter(|step| step["done"] == false);
        missing.map(|step| text(&step["step"]).to_owned()).collect::<Vec<_>>()
    };
    // Whoever added it manages it.
    assert_eq!(missing().await, ["contact", "layout", "locks", "residents"]);
    let edit = patch(&server, &format!("/properties/{property}")).web(&session).header("if-match", "\"2\"");
    let edited = edit.json(&json!({"support_phone": "+34 600 000 000"})).send().await;
    assert_eq!(edited.status, 200, "{}", edited.text);
    assert_eq!(missing().await, ["layout", "locks", "residents"]);
    layout(&server, &session, property, ",101,,\r\n,102,,\r\n", false).await;
    assert_eq!(missing().await, ["locks", "residents"]);
    let setup = server.read(&session, &format!("/properties/{property}/setup")).await;
    assert_eq!(setup["steps"][2]["left"], 2, "{setup}");
    let csv = "unit,name,email,move_in,move_out\r\n101,Noa Weiss,noa@example.com,2026-01-01,\r\n";
    let roster = keyed(server.post(&format!("/properties/{property}/roster"))).web(&session).body("text/csv", csv);
    assert_eq!(roster.send().await.status, 200);
    assert_eq!(missing().await, ["locks"]);
    // Locks are linked by their hubs.
    server
        .write(move |tx| {
            tx.execute("UPDATE hub SET kind = 'simulated' WHERE property_id = ?", [property]).expect("linked")
        })
        .await;
    assert_eq!(missing().await, [""; 0]);
}

#[tokio::test]
async fn r36_residents_codes_go_to_a_door_that_is_added_later() {
    let server = TestServer::start_working().await;
    server.settled().await;
    let manager = server.sign_in(MANAGER).await;
    let done = layout(&server, &manager, server.world.property, ",101,101 Balcony,\r\n", false).await;
    assert_eq!((done.status, &done.json()["doors"]), (200, &json!(1)), "{}", done.text);
    let resident = server.resident().await;
    let placements = server.access(&resident).await["code"]["placements"].clone();
    let statuses = placements.as_array().expect("placements").iter();
    let mut statuses: Vec<_> = statuses.map(|it| (text(&it["door_name"]), text(&it["status"]))).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [("101", "working"), ("101 Balcony", "waiting")]);
}
