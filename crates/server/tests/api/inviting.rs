//! Inviting many residents at once (R37): by mail where the server sends any, and by sheets to print where it doesn't.

use ids::{PersonId, TenancyId};
use latchkey_server::app::Settings;
use serde_json::{Value, json};
use store::people::NewPerson;
use store::tenancies::{Dates, NewTenancy};
use store::{Tx, doors, people, tenancies};

use crate::harness::{FOREIGN_MANAGER, MANAGER, NOON, PASSWORD, RESIDENT, TestServer, World};
use crate::smtp::MailServer;

/// Tenancies of people who can't sign in yet.
#[derive(Clone, Copy)]
struct Newcomers {
    /// Of somebody with two homes.
    two: [TenancyId; 2],
    one: TenancyId,
    /// Of somebody without an address.
    without_address: TenancyId,
}

fn furnish(tx: &Tx, world: &World) -> Newcomers {
    let person = |email: &str, name: &str| {
        let id = PersonId::generate();
        people::insert(tx, NOON, &NewPerson { id, email, name, password_hash: None, support: false })
            .expect("a person");
        id
    };
    let dates = Dates { move_in: "2026-01-01", move_out: None, starts_at: NOON - 1_000, ends_at: None };
    let lives = |person_id: PersonId, unit: &str, name: &str| {
        let unit_id = doors::insert_unit(tx, world.property, None, unit).expect("a unit");
        let tenancy = NewTenancy { property_id: world.property, unit_id, unit, person_id, name, dates };
        tenancies::insert(tx, &tenancy).expect("a tenancy")
    };
    let ada = person("ada@example.com", "Ada Brandt");
    let ben = person("ben@example.com", "Ben Osei");
    let cam = person("", "Cam Ito");
    Newcomers {
        two: [lives(ada, "201", "Ada Brandt"), lives(ada, "202", "Ada Brandt")],
        one: lives(ben, "203", "Ben Osei"),
        without_address: lives(cam, "204", "Cam Ito"),
    }
}

fn path(server: &TestServer) -> String {
    format!("/properties/{}/invitations", server.world.property)
}

fn secret(link: &Value) -> String {
    link.as_str().expect("a link").split_once("/invitation#").expect("a secret").1.to_owned()
}

#[tokio::test]
async fn r37_many_residents_are_invited_at_once_and_who_cannot_be_keeps_nobody_from_it() {
    let (server, newcomers) = TestServer::start_furnished(Settings::default(), furnish).await;
    let manager = server.sign_in(MANAGER).await;
    let path = path(&server);
    let listed = server.read(&manager, &path).await;
    let units: Vec<&str> =
        listed["items"].as_array().expect("items").iter().filter_map(|it| it["unit"].as_str()).collect();
    assert_eq!(units, ["201", "202", "203", "204"], "not who can sign in already");
    assert_eq!(listed["items"][3]["email"], "");
    let page = server.read(&manager, &format!("{path}?limit=3")).await;
    let rest =
        server.read(&manager, &format!("{path}?limit=3&cursor={}", page["next_cursor"].as_str().expect("more"))).await;
    assert_eq!((page["items"].as_array().map(Vec::len), rest["items"][0]["unit"].as_str()), (Some(3), Some("204")));

    let Newcomers { two, one, without_address } = newcomers;
    let nobody = TenancyId::generate();
    let all = [two[0], one, one, two[1], without_address, server.world.tenancy, nobody];
    let answer = server.post(&path).web(&manager).json(&json!({"residents": all})).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer = answer.json();
    let left_out: Vec<_> =
        answer["left_out"].as_array().expect("left out").iter().map(|it| (&it["id"], &it["code"])).collect();
    assert_eq!(
        left_out,
        [
            (&json!(without_address), &json!("no_address")),
            (&json!(server.world.tenancy), &json!("already_active")),
            (&json!(nobody), &json!("not_found")),
        ]
    );
    let invited = answer["invited"].as_array().expect("invited");
    assert_eq!(invited.iter().map(|it| &it["unit"]).collect::<Vec<_>>(), ["201", "203", "202"]);
    assert_eq!(invited[0]["link"], invited[2]["link"], "two homes, one person, one link");
    assert!(
        invited
            .iter()
            .all(|it| it["mailed"] == false && it["qr_svg"].as_str().is_some_and(|svg| svg.starts_with("<svg")))
    );
    assert_eq!(invited[1]["sheet"]["until"], "The link works once, until June 29, 2026, 12:00 PM.");
    assert_eq!(server.recorded_as("person.invited").await.len(), 2);
    let listed = server.read(&manager, &path).await;
    assert_eq!(listed["items"][0]["invited_until"], invited[0]["expires_at"]);

    // It works, and then there is nobody to invite any more.
    let accept = json!({"token": secret(&invited[1]["link"]), "password": PASSWORD});
    assert_eq!(server.post("/invitations/accept").json(&accept).send().await.status, 200);
    let listed = server.read(&manager, &path).await;
    assert!(listed["items"].as_array().expect("items").iter().all(|it| it["id"] != json!(one)));
}

#[tokio::test]
async fn sheets_are_in_the_language_of_the_property_or_else_of_who_prints_them() {
    let (server, newcomers) = TestServer::start_furnished(Settings::default(), furnish).await;
    let manager = server.sign_in(MANAGER).await;
    let sheet = async |asked_in: &str| {
        let request = server.post(&path(&server)).web(&manager).header("accept-language", asked_in);
        let answer = request.json(&json!({"residents": [newcomers.one]})).send().await;
        answer.json()["invited"][0]["sheet"].clone()
    };
    assert_eq!(sheet("es").await["unit"], "Unidad 203");
    assert_eq!(sheet("en").await["unit"], "Unit 203");
    let property = server.world.property;
    server.write(move |tx| store::properties::set_language(tx, property, "es").expect("set")).await;
    let spanish = sheet("en").await;
    assert_eq!((&spanish["language"], &spanish["unit"]), (&json!("es"), &json!("Unidad 203")));
    assert_eq!(spanish["until"], "El enlace sirve una vez, hasta el 29/6/2026, 12:00.");
}

#[tokio::test]
async fn r37_invitations_of_many_go_by_mail() {
    let mail = MailServer::start().await;
    let (mut server, newcomers) = TestServer::start_furnished(mail.settings(), furnish).await;
    server.start_workers();
    let manager = server.sign_in(MANAGER).await;
    let all = [newcomers.two[0], newcomers.one];
    let answer = server.post(&path(&server)).web(&manager).json(&json!({"residents": all})).send().await.json();
    let invited = answer["invited"].as_array().expect("invited");
    assert!(invited.iter().all(|it| it["mailed"] == true && it.get("qr_svg").is_none()), "{answer}");
    server.eventually("they arrive", async || mail.arrived().len() == 2).await;
    let mut to: Vec<String> = mail.arrived().into_iter().map(|letter| letter.to).collect();
    to.sort();
    assert_eq!(to, ["ada@example.com", "ben@example.com"]);
}

#[tokio::test]
async fn r33_r37_residents_are_invited_by_their_managers_alone_and_not_without_bounds() {
    let (server, newcomers) = TestServer::start_furnished(Settings::default(), furnish).await;
    let path = path(&server);
    let body = json!({"residents": [newcomers.one]});
    for (email, expected) in [(FOREIGN_MANAGER, 404), (RESIDENT, 403)] {
        let session = server.sign_in(email).await;
        assert_eq!(server.post(&path).web(&session).json(&body).send().await.status, expected, "{email}");
        assert_eq!(server.get(&path).web(&session).send().await.status, expected, "{email}");
    }
    let manager = server.sign_in(MANAGER).await;
    let many: Vec<TenancyId> = (0..101).map(|_| TenancyId::generate()).collect();
    for residents in [json!([]), json!(many)] {
        let answer = server.post(&path).web(&manager).json(&json!({"residents": residents})).send().await;
        assert_eq!(answer.problem(), (422, "invalid".into()));
        assert_eq!(answer.json()["errors"][0]["field"], "residents");
    }
    assert!(server.recorded_as("person.invited").await.is_empty());
}
