//! Forgotten passwords and other addresses (R38).

use jiff::SignedDuration;
use serde_json::json;
use store::{one_time_links, people};

use crate::fixtures::text;
use crate::fixtures_matrix::{ADMINISTRATOR, Town, keyed};
use crate::harness::{Answer, MANAGER, PASSWORD, RESIDENT, SUPPORT, TestServer};
use crate::smtp::{Arrived, MailServer};

const ANOTHER: &str = "seven quiet herons wade";

async fn forgot(server: &TestServer, email: &str) -> Answer {
    let answer = server.post("/password/forgot").json(&json!({"email": email})).send().await;
    server.written().await;
    answer
}

async fn reset(server: &TestServer, token: &str, password: &str) -> Answer {
    server.post("/password/reset").json(&json!({"token": token, "password": password})).send().await
}

async fn open(server: &TestServer, token: &str) -> Answer {
    server.post("/password/open").json(&json!({"token": token})).send().await
}

fn token_in(made: &Answer) -> String {
    assert_eq!(made.status, 200, "{}", made.text);
    let made = made.json();
    let (page, token) = text(&made["link"]).split_once('#').expect("a secret after the #");
    assert!(page.ends_with("/reset-password"), "{page}");
    token.to_owned()
}

/// A server that sends mail, and the mail server.
async fn with_mail() -> (TestServer, MailServer) {
    let mail = MailServer::start().await;
    let mut server = TestServer::start_with(mail.settings()).await;
    server.start_workers();
    (server, mail)
}

async fn nth(server: &TestServer, mail: &MailServer, count: usize) -> Arrived {
    server.eventually("mail arrives", async || mail.arrived().len() >= count).await;
    mail.arrived()[count - 1].clone()
}

#[tokio::test]
async fn r38_without_mail_an_administrator_or_a_manager_hands_a_link_over() {
    let town = Town::start().await;
    let server = &town.server;
    assert_eq!(server.get("/password/forgot").send().await.json(), json!({"mails": false}));
    let answer = forgot(server, MANAGER).await;
    assert_eq!((answer.status, answer.json()), (202, json!({"mails": false})));
    assert!(server.recorded_as("person.password.forgotten").await.is_empty());

    let administrator = server.sign_in(ADMINISTRATOR).await;
    let manager = server.sign_in(MANAGER).await;
    let phone = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let path = format!("/people/{}/reset", server.world.manager);
    let older = token_in(&server.post(&path).web(&administrator).send().await);
    let made = server.post(&path).web(&administrator).send().await;
    assert_eq!(made.json()["mailed"], false);
    let token = token_in(&made);
    assert_eq!(server.post(&path).web(&manager).send().await.problem(), (403, "forbidden".into()));

    // A newer one voids the older, and a password has to be a good one.
    assert_eq!(reset(server, &older, ANOTHER).await.problem(), (404, "link_over".into()));
    assert_eq!(open(server, &token).await.json()["email"], MANAGER);
    assert_eq!(reset(server, &token, "manager12345").await.problem(), (422, "invalid".into()));
    assert_eq!(server.get("/session").web(&manager).send().await.status, 200);
    assert_eq!(reset(server, &token, ANOTHER).await.status, 200);
    // Once, and every session ended.
    assert_eq!(reset(server, &token, PASSWORD).await.problem(), (404, "link_over".into()));
    assert_eq!(server.get("/session").web(&manager).send().await.problem(), (401, "signed_out".into()));
    assert_eq!(server.signing_in(MANAGER, PASSWORD).send().await.problem(), (401, "wrong_credentials".into()));
    assert_eq!(server.signing_in(MANAGER, ANOTHER).send().await.status, 200);

    // A resident's, with their token of the app.
    let manager = server.signing_in(MANAGER, ANOTHER).send().await.session();
    let path = format!("/properties/{}/residents/{}/reset", server.world.property, server.world.tenancy);
    assert_eq!(server.post(&path).web(&administrator).send().await.problem(), (403, "forbidden".into()));
    let token = token_in(&server.post(&path).web(&manager).send().await);
    assert_eq!(reset(server, &token, ANOTHER).await.status, 200);
    assert_eq!(server.get("/me/access").mobile(&phone).send().await.problem(), (401, "signed_out".into()));
    let changed = server.recorded_as("person.password.changed").await;
    assert_eq!((changed[0].actor.name.as_str(), changed[0].property_id), ("resident", Some(server.world.property)));
    assert_eq!(server.recorded_as("person.password.link").await.len(), 3);
    assert!(!crate::harness::logged().contains(&token));
}

#[tokio::test]
async fn r38_a_manager_resets_nobody_who_is_more_than_a_resident_of_theirs() {
    let town = Town::start().await;
    let server = &town.server;
    let manager = server.sign_in(MANAGER).await;
    let path = format!("/properties/{}/residents/{}/reset", server.world.property, server.world.tenancy);
    let person = server.world.resident;
    for (given, taken) in [(true, false), (false, false)] {
        server.write(move |tx| people::set_administrator(tx, person, given).expect("set")).await;
        server.write(move |tx| people::set_support(tx, person, !given).expect("set")).await;
        assert_eq!(
            server.post(&path).web(&manager).send().await.problem(),
            (403, "forbidden".into()),
            "{given} {taken}"
        );
    }
    server.write(move |tx| people::set_support(tx, person, false).expect("set")).await;
    assert_eq!(server.post(&path).web(&manager).send().await.status, 200);
    // Nor anybody of another property, nor somebody who was only invited.
    let foreign = format!("/properties/{}/residents/{}/reset", server.world.foreign_property, town.foreign.tenancy);
    assert_eq!(server.post(&foreign).web(&manager).send().await.problem(), (404, "not_found".into()));
    let administrator = server.sign_in(ADMINISTRATOR).await;
    let invited = format!("/people/{}/reset", town.invited);
    assert_eq!(server.post(&invited).web(&administrator).send().await.problem(), (409, "not_active".into()));
}

#[tokio::test]
async fn r38_the_answer_is_the_same_for_everybody_and_mail_goes_to_who_can_sign_in() {
    let (server, mail) = with_mail().await;
    let (disabled, invited) = (server.world.support, "invited@example.com");
    server.write(move |tx| people::set_disabled(tx, disabled, Some(1)).expect("disabled")).await;
    server
        .write(move |tx| {
            let id = ids::PersonId::generate();
            let person = people::NewPerson { id, email: invited, name: "Ina", password_hash: None, support: true };
            people::insert(tx, 1, &person).expect("a person");
        })
        .await;
    let known = forgot(&server, &format!(" {} ", RESIDENT.to_uppercase())).await;
    for nobody in ["nobody@example.com", SUPPORT, invited, "", "no address", &"x".repeat(10_000)] {
        let answer = forgot(&server, nobody).await;
        assert_eq!((answer.status, &answer.text), (202, &known.text), "{nobody}");
        let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&answer), names(&known), "{nobody}");
    }
    let letter = nth(&server, &mail, 1).await;
    assert_eq!((letter.to.as_str(), mail.arrived().len()), (RESIDENT, 1));
    let recorded = server.recorded_as("person.password.forgotten").await;
    assert_eq!(recorded.len(), 6, "each but the one that can't be an address");
    // An unknown address isn't kept.
    let kept = serde_json::to_string(&recorded).expect("JSON");
    assert!(!kept.contains("nobody@") && kept.contains("n***@example.com"), "{kept}");

    let token = letter.token("/reset-password");
    assert_eq!(reset(&server, &token, ANOTHER).await.status, 200);
    let told = nth(&server, &mail, 2).await;
    assert_eq!(told.to, RESIDENT);
    assert!(told.text.contains("Your password was changed") && !told.text.contains('#'), "{}", told.text);
    assert_eq!(server.signing_in(RESIDENT, ANOTHER).send().await.status, 200);
}

#[tokio::test]
async fn r38_a_link_is_over_after_thirty_minutes_and_with_the_right_to_sign_in() {
    let (server, mail) = with_mail().await;
    forgot(&server, RESIDENT).await;
    let token = nth(&server, &mail, 1).await.token("/reset-password");
    server.advance(SignedDuration::from_mins(29));
    assert_eq!(open(&server, &token).await.status, 200);
    let person = server.world.resident;
    server.write(move |tx| people::set_disabled(tx, person, Some(1)).expect("disabled")).await;
    assert_eq!(open(&server, &token).await.problem(), (404, "link_over".into()));
    server.write(move |tx| people::set_disabled(tx, person, None).expect("enabled")).await;
    server.advance(SignedDuration::from_mins(2));
    assert_eq!(reset(&server, &token, ANOTHER).await.problem(), (404, "link_over".into()));
}

#[tokio::test]
async fn r38_strangers_who_ask_again_and_again_keep_nobody_out() {
    let (server, mail) = with_mail().await;
    forgot(&server, RESIDENT).await;
    let token = nth(&server, &mail, 1).await.token("/reset-password");
    for _ in 0..15 {
        assert_eq!(forgot(&server, RESIDENT).await.status, 202);
        server.advance(SignedDuration::from_secs(30));
    }
    // The link that was sent still works, and no other was.
    assert_eq!((open(&server, &token).await.status, mail.arrived().len()), (200, 1));
    server.advance(SignedDuration::from_mins(4));
    forgot(&server, RESIDENT).await;
    let newer = nth(&server, &mail, 2).await.token("/reset-password");
    assert_eq!(reset(&server, &token, ANOTHER).await.problem(), (404, "link_over".into()));
    assert_eq!(reset(&server, &newer, ANOTHER).await.status, 200);

    // From one address not for ever; the answer stays the same.
    for n in 0..60 {
        assert_eq!(forgot(&server, &format!("{n}@example.com")).await.status, 202);
    }
    let asked = server.recorded_as("person.password.forgotten").await.len();
    assert!(asked < 50, "{asked}");
    // Signing in doesn't wait for that.
    assert_eq!(server.signing_in(RESIDENT, ANOTHER).send().await.status, 200);
}

#[tokio::test]
async fn r38_whoever_resets_is_signed_in_as_nobody_and_their_browser_is_known() {
    let town = Town::start().await;
    let server = &town.server;
    let (administrator, support) = (server.sign_in(ADMINISTRATOR).await, server.sign_in(SUPPORT).await);
    let path = format!("/people/{}/reset", server.world.manager);
    let token = token_in(&server.post(&path).web(&administrator).send().await);
    // Signed in as somebody else, that session goes on.
    let body = json!({"token": token, "password": ANOTHER});
    let answer = server.post("/password/reset").web(&support).json(&body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.header("set-cookie").starts_with("__Host-latchkey-device="), "{:?}", answer.headers);
    assert_eq!(server.read(&support, "/session").await["user"]["email"], SUPPORT);
}

#[tokio::test]
async fn r38_another_address_counts_once_it_is_confirmed_there() {
    let (server, mail) = with_mail().await;
    let session = server.sign_in(RESIDENT).await;
    let ask = async |email: &str, password: &str| {
        server.post("/me/address").web(&session).json(&json!({"email": email, "password": password})).send().await
    };
    let field = |answer: Answer| {
        assert_eq!(answer.problem(), (422, "invalid".into()), "{}", answer.text);
        let error = &answer.json()["errors"][0];
        (text(&error["field"]).to_owned(), text(&error["code"]).to_owned())
    };
    assert_eq!(field(ask("new@example.com", ANOTHER).await), ("password".into(), "wrong_password".into()));
    assert_eq!(field(ask("nobody", PASSWORD).await), ("email".into(), "not_an_address".into()));
    assert_eq!(field(ask(MANAGER, PASSWORD).await), ("email".into(), "taken".into()));
    assert_eq!(ask("New@example.com", PASSWORD).await.status, 202);
    let letter = nth(&server, &mail, 1).await;
    assert_eq!(letter.to, "new@example.com");
    let token = letter.token("/confirm-address");
    // Nothing has changed yet.
    assert_eq!(server.signing_in("new@example.com", PASSWORD).send().await.status, 401);
    let opened = server.post("/address/open").json(&json!({"token": token})).send().await.json();
    assert_eq!((text(&opened["name"]), text(&opened["email"])), ("resident", "new@example.com"));
    // A link for one thing does nothing else.
    assert_eq!(reset(&server, &token, ANOTHER).await.problem(), (404, "link_over".into()));
    let confirm = async || server.post("/address/confirm").json(&json!({"token": token})).send().await;
    assert_eq!(confirm().await.status, 200);
    assert_eq!(confirm().await.problem(), (404, "link_over".into()));
    let told = nth(&server, &mail, 2).await;
    assert_eq!(told.to, RESIDENT);
    assert!(told.text.contains("new@example.com"), "{}", told.text);
    assert_eq!(server.signing_in(RESIDENT, PASSWORD).send().await.status, 401);
    assert_eq!(server.signing_in("new@example.com", PASSWORD).send().await.status, 200);
    assert_eq!(server.recorded_as("person.address.changed").await.len(), 1);
}

#[tokio::test]
async fn r38_two_people_never_share_an_address() {
    let (server, mail) = with_mail().await;
    let mut tokens = Vec::new();
    for (count, who) in [(1, RESIDENT), (2, SUPPORT)] {
        let session = server.sign_in(who).await;
        let body = json!({"email": "wanted@example.com", "password": PASSWORD});
        assert_eq!(server.post("/me/address").web(&session).json(&body).send().await.status, 202);
        tokens.push(nth(&server, &mail, count).await.token("/confirm-address"));
    }
    let confirm = async |token: &str| server.post("/address/confirm").json(&json!({"token": token})).send().await;
    assert_eq!(confirm(&tokens[0]).await.status, 200);
    assert_eq!(confirm(&tokens[1]).await.problem(), (422, "invalid".into()));
    assert_eq!(server.signing_in(SUPPORT, PASSWORD).send().await.status, 200);
    // After thirty minutes it is over.
    let session = server.sign_in(SUPPORT).await;
    let body = json!({"email": "late@example.com", "password": PASSWORD});
    assert_eq!(server.post("/me/address").web(&session).json(&body).send().await.status, 202);
    server.eventually("mail arrives", async || mail.arrived().iter().any(|it| it.to == "late@example.com")).await;
    let late = mail.arrived().into_iter().find(|it| it.to == "late@example.com").expect("it arrived");
    server.advance(SignedDuration::from_mins(30));
    assert_eq!(confirm(&late.token("/confirm-address")).await.problem(), (404, "link_over".into()));
    // A reset ends a link that was made by whoever knew the old password.
    let expires = server.app.now() + 60_000;
    let person = server.world.support;
    let purpose = one_time_links::Purpose::Address;
    let hash = [7; 32];
    server
        .write(move |tx| {
            one_time_links::insert_for(tx, purpose, &hash, person, Some("thief@example.com"), 1, expires)
                .expect("made");
        })
        .await;
    forgot(&server, SUPPORT).await;
    server.eventually("mail arrives", async || mail.arrived().iter().any(|it| it.to == SUPPORT)).await;
    let letter = mail.arrived().into_iter().find(|it| it.to == SUPPORT).expect("it arrived");
    assert_eq!(reset(&server, &letter.token("/reset-password"), ANOTHER).await.status, 200);
    let now = server.app.now();
    let left = server.query(move |db| one_time_links::find(db, purpose, &hash, now).expect("read")).await;
    assert!(left.is_none());
}

#[tokio::test]
async fn r38_a_manager_corrects_the_address_of_who_can_not_sign_in_yet() {
    let (server, mail) = with_mail().await;
    let manager = server.sign_in(MANAGER).await;
    let property = server.world.property;
    let csv = "unit,name,email,move_in,move_out\r\n101,Noa Weiss,noa@exmaple.com,2026-01-01,\r\n";
    let imported = keyed(server.post(&format!("/properties/{property}/roster"))).web(&manager).body("text/csv", csv);
    assert_eq!(imported.send().await.status, 200);
    server.settled().await;
    let residents = server.read(&manager, &format!("/properties/{property}/residents?q=noa")).await;
    let path = format!("/properties/{property}/residents/{}", text(&residents["items"][0]["id"]));
    let invite = async || {
        assert_eq!(server.post(&format!("{path}/invite")).web(&manager).send().await.status, 200);
    };
    let correct = async |email: &str| {
        server.post(&format!("{path}/address")).web(&manager).json(&json!({"email": email})).send().await
    };
    invite().await;
    let wrong = nth(&server, &mail, 1).await;
    assert_eq!(wrong.to, "noa@exmaple.com");
    assert_eq!(correct("noa").await.problem(), (422, "invalid".into()));
    assert_eq!(correct(RESIDENT).await.problem(), (422, "invalid".into()));
    let corrected = correct("noa@example.com").await;
    assert_eq!((corrected.status, &corrected.json()["email"]), (200, &json!("noa@example.com")), "{}", corrected.text);
    // Whoever has the wrong address doesn't come in.
    let accept = async |token: &str| {
        server.post("/invitations/accept").json(&json!({"token": token, "password": ANOTHER})).send().await
    };
    assert_eq!(accept(&wrong.token("/invitation")).await.problem(), (404, "link_over".into()));
    invite().await;
    let right = nth(&server, &mail, 2).await;
    assert_eq!(right.to, "noa@example.com");
    assert_eq!(accept(&right.token("/invitation")).await.status, 200);
    // From now on they change it themselves.
    assert_eq!(correct("else@example.com").await.problem(), (409, "already_active".into()));
    let foreign = server.sign_in(crate::harness::FOREIGN_MANAGER).await;
    let body = json!({"email": "else@example.com"});
    let answer = server.post(&format!("{path}/address")).web(&foreign).json(&body).send().await;
    assert_eq!(answer.problem(), (404, "not_found".into()));
}
