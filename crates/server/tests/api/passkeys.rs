//! Passkeys: adding, renaming and removing one's own, and signing in with them (R31, R33, R37).

use api_types::Outcome;
use jiff::SignedDuration;
use latchkey_server::app::Settings;
use serde_json::{Value, json};
use store::people;

use crate::authenticator::Device;
use crate::fixtures::text;
use crate::fixtures_matrix::{ADMINISTRATOR, FOREIGN_RESIDENT, INVITATION, RESET, Town, keyed};
use crate::harness::{Answer, MANAGER, PASSWORD, RESIDENT, Request, SUPPORT, TestServer, WebSession};
use crate::smtp::{CONSOLE, MailServer};

/// A server that people reach at [`CONSOLE`].
async fn start() -> TestServer {
    TestServer::start_with(settings()).await
}

fn settings() -> Settings {
    Settings { public_url: Some(CONSOLE.into()), ..Settings::default() }
}

/// As a browser sends it that reached the server there.
fn there(request: Request) -> Request {
    request.header("host", "keys.example.com").header("sec-fetch-site", "same-origin")
}

async fn options(server: &TestServer, session: &WebSession, body: &Value) -> Answer {
    there(server.post("/me/passkeys/options").web(session)).json(body).send().await
}

async fn answer_options(server: &TestServer, session: &WebSession, name: &str, credential: &Value) -> Answer {
    let body = json!({"name": name, "credential": credential});
    keyed(there(server.post("/me/passkeys").web(session))).json(&body).send().await
}

/// Adds a passkey, in a session that has just begun.
async fn add(server: &TestServer, session: &WebSession, name: &str) -> (Device, Value) {
    let mut device = Device::at(CONSOLE);
    let asked = options(server, session, &json!({})).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    let credential = device.make(&asked.json()["public_key"]);
    let added = answer_options(server, session, name, &credential).await;
    assert_eq!(added.status, 201, "{}", added.text);
    (device, added.json())
}

/// What a browser is asked that wants to sign in, and the cookie that it gets.
async fn asked(server: &TestServer) -> (Value, String) {
    let answer = there(server.post("/session/passkey/options")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=300"), "{cookie}");
    let cookie = cookie.split(';').next().expect("a cookie").to_owned();
    (answer.json()["public_key"].clone(), cookie)
}

async fn answer(server: &TestServer, cookie: &str, credential: &Value) -> Answer {
    let request = there(server.post("/session/passkey")).header("cookie", cookie);
    request.json(&json!({"credential": credential})).send().await
}

async fn sign_in(server: &TestServer, device: &mut Device) -> Answer {
    let (options, cookie) = asked(server).await;
    let credential = device.sign(&options);
    answer(server, &cookie, &credential).await
}

async fn list(server: &TestServer, session: &WebSession) -> Value {
    let answer = there(server.get("/me/passkeys").web(session)).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

async fn remove(server: &TestServer, session: &WebSession, passkey: &Value, body: &Value) -> Answer {
    let path = format!("/me/passkeys/{}/remove", text(&passkey["id"]));
    server.post(&path).web(session).json(body).send().await
}

async fn remove_password(server: &TestServer, session: &WebSession, body: &Value) -> Answer {
    server.post("/me/password/remove").web(session).json(body).send().await
}

#[tokio::test]
async fn r31_a_passkey_signs_in_until_it_is_removed() {
    let server = start().await;
    let session = server.sign_in(RESIDENT).await;
    assert_eq!(
        list(&server, &session).await,
        json!({"items": [], "possible": true, "has_password": true, "must_confirm": false})
    );
    let (mut phone, passkey) = add(&server, &session, "  Blue phone ").await;
    assert_eq!(
        (text(&passkey["name"]), text(&passkey["created_at"]), passkey.get("last_used_at")),
        ("Blue phone", "2026-06-15T18:00:00Z", None)
    );
    let (mut laptop, other) = add(&server, &session, "Laptop").await;

    server.advance(SignedDuration::from_mins(3));
    let signed_in = sign_in(&server, &mut phone).await;
    assert_eq!((signed_in.status, &signed_in.json()["user"]["email"]), (200, &json!(RESIDENT)), "{}", signed_in.text);
    let again = signed_in.session();
    assert_ne!(again.0, session.0);
    let known = signed_in
        .headers
        .get_all("set-cookie")
        .iter()
        .any(|cookie| cookie.to_str().expect("text").starts_with("__Host-latchkey-device="));
    assert!(known, "the device gets its mark, as with a password");
    let items = list(&server, &again).await["items"].clone();
    assert_eq!((items.as_array().map(Vec::len), &items[0]["last_used_at"]), (Some(2), &json!("2026-06-15T18:03:00Z")));
    let event = &server.recorded_as("session.created").await[0];
    assert_eq!(
        (event.actor.name.as_str(), event.detail.as_str(), event.property_id),
        ("resident", "Signed in to the console with the passkey “Blue phone”.", Some(server.world.property))
    );

    // Another name; not for somebody else's (R33).
    let path = format!("/me/passkeys/{}", text(&passkey["id"]));
    let rename = |session| server.request(reqwest::Method::PATCH, &path).web(session);
    let renamed = rename(&again).json(&json!({"name": "Old phone"})).send().await;
    assert_eq!((renamed.status, &renamed.json()["name"]), (200, &json!("Old phone")), "{}", renamed.text);
    for (name, code) in [("", "required"), ("x\u{202e}y", "unseen_characters"), (&"x".repeat(61), "too_long")] {
        let refused = rename(&again).json(&json!({"name": name})).send().await;
        assert_eq!((refused.problem().0, &refused.json()["errors"][0]["code"]), (422, &json!(code)), "{name}");
    }
    let manager = server.sign_in(MANAGER).await;
    let foreign = rename(&manager).json(&json!({"name": "Mine"})).send().await;
    assert_eq!(foreign.problem(), (404, "not_found".into()));
    assert_eq!(remove(&server, &manager, &passkey, &json!({})).await.problem(), (404, "not_found".into()));

    assert_eq!(remove(&server, &again, &passkey, &json!({})).await.status, 204);
    let refused = sign_in(&server, &mut phone).await;
    assert_eq!(refused.problem(), (401, "passkey_refused".into()));
    let event = &server.recorded_as("session.refused").await[0];
    assert_eq!((event.outcome, event.code.as_deref()), (Outcome::Refused, Some("passkey_refused")));
    assert_eq!(sign_in(&server, &mut laptop).await.status, 200);
    assert_eq!(remove(&server, &again, &passkey, &json!({})).await.problem(), (404, "not_found".into()));
    let recorded = server.recorded().await;
    let mut actions: Vec<_> = recorded.iter().map(|event| event.action.name()).collect();
    actions.retain(|action| action.starts_with("person."));
    actions.reverse();
    assert_eq!(
        actions,
        ["person.passkey.added", "person.passkey.added", "person.passkey.renamed", "person.passkey.removed"]
    );
    assert_eq!(list(&server, &again).await["items"][0]["id"], other["id"]);
}

#[tokio::test]
async fn what_was_asked_is_answered_once_soon_and_by_the_browser_that_asked() {
    let server = start().await;
    let session = server.sign_in(MANAGER).await;
    let (mut device, _) = add(&server, &session, "Phone").await;

    let (options, cookie) = asked(&server).await;
    let credential = device.sign(&options);
    let too_late = (409, "passkey_too_late".to_owned());
    assert_eq!(answer(&server, "a=b", &credential).await.problem(), too_late, "another browser");
    assert_eq!(answer(&server, &cookie, &credential).await.status, 200);
    assert_eq!(answer(&server, &cookie, &credential).await.problem(), too_late, "twice");
    // What was asked of another browser isn't what this one was asked.
    let (options, _) = asked(&server).await;
    let (_, cookie) = asked(&server).await;
    let refused = answer(&server, &cookie, &device.sign(&options)).await;
    assert_eq!(refused.problem(), (401, "passkey_refused".into()));
    let (options, cookie) = asked(&server).await;
    server.advance(SignedDuration::from_mins(5));
    assert_eq!(answer(&server, &cookie, &device.sign(&options)).await.problem(), too_late);
    let (_, cookie) = asked(&server).await;
    assert_eq!(answer(&server, &cookie, &json!({"id": 1})).await.problem(), (422, "invalid".into()));

    // A new one likewise: in the session that asked.
    let other = server.sign_in(SUPPORT).await;
    let mut new = Device::at(CONSOLE);
    let asked = self::options(&server, &session, &json!({})).await.json();
    let credential = new.make(&asked["public_key"]);
    assert_eq!(answer_options(&server, &other, "Mine", &credential).await.problem(), too_late);
    let body = json!({"name": "Tablet", "credential": credential});
    let key = "the-same-key";
    let once = || there(server.post("/me/passkeys").web(&session)).header("idempotency-key", key).json(&body);
    let (first, again) = (once().send().await, once().send().await);
    assert_eq!((first.status, &first.text), (201, &again.text));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(list(&server, &session).await["items"].as_array().map(Vec::len), Some(2));
    // Not added again, and no other device answers what this one has answered.
    assert_eq!(answer_options(&server, &session, "Tablet", &credential).await.problem(), (422, "invalid".into()));
    let other_device = Device::at(CONSOLE).make(&asked["public_key"]);
    assert_eq!(answer_options(&server, &session, "Tablet", &other_device).await.problem(), too_late);
    // It knows its own device, and the browser is told not to make another there.
    let asked = self::options(&server, &session, &json!({})).await.json();
    assert_eq!(asked["public_key"]["excludeCredentials"].as_array().map(Vec::len), Some(2));
    let refused = answer_options(&server, &session, "Tablet", &new.make(&asked["public_key"])).await;
    assert_eq!((refused.problem().0, &refused.json()["errors"][0]["code"]), (422, &json!("invalid")));
    // Nor has anybody else the same one.
    let asked = self::options(&server, &other, &json!({})).await.json();
    let refused = answer_options(&server, &other, "Tablet", &new.make(&asked["public_key"])).await;
    assert_eq!((refused.problem().0, &refused.json()["errors"][0]["code"]), (422, &json!("invalid")));
}

#[tokio::test]
async fn a_passkey_of_another_site_without_verification_or_copied_signs_nobody_in() {
    let server = start().await;
    let session = server.sign_in(MANAGER).await;
    let (device, _) = add(&server, &session, "Phone").await;
    let refused = (401, "passkey_refused".to_owned());
    for origin in ["https://keys.example.com.evil.test", "http://keys.example.com", "https://keys.example.com:8443"] {
        let mut phished = Device { origin: origin.into(), ..device.clone() };
        assert_eq!(sign_in(&server, &mut phished).await.problem(), refused, "{origin}");
    }
    let mut unverified = Device { verifies: false, ..device.clone() };
    assert_eq!(sign_in(&server, &mut unverified).await.problem(), refused);
    let mut stranger = Device::at(CONSOLE);
    assert_eq!(sign_in(&server, &mut stranger).await.problem(), refused);

    // The copy counts on from where it was made.
    let mut copy = device.clone();
    let mut device = device;
    for _ in 0..3 {
        assert_eq!(sign_in(&server, &mut device).await.status, 200);
    }
    let of_copy = sign_in(&server, &mut copy).await;
    assert_eq!(of_copy.problem(), refused);
    let event = &server.recorded_as("session.refused").await[0];
    assert_eq!(event.detail, "The passkey’s counter has gone back: it may have been copied.");
    assert_eq!(event.subject.name, "manager");
    assert!(!of_copy.text.contains("copied"), "{}", of_copy.text);
    assert_eq!(sign_in(&server, &mut device).await.status, 200);

    // Nor is such an answer a new passkey.
    for (origin, verifies) in [("https://evil.test", true), (CONSOLE, false)] {
        let mut new = Device { origin: origin.into(), verifies, ..Device::at(CONSOLE) };
        let asked = options(&server, &session, &json!({})).await.json();
        let refused = answer_options(&server, &session, "Mine", &new.make(&asked["public_key"])).await;
        assert_eq!(refused.problem(), (422, "invalid".into()), "{origin}");
    }
}

#[tokio::test]
async fn r24_r37_whoever_is_disabled_or_has_moved_out_gets_nowhere_with_a_passkey() {
    let server = start().await;
    let session = server.sign_in(RESIDENT).await;
    let (mut device, _) = add(&server, &session, "Phone").await;
    let person = server.world.resident;
    server.write(move |tx| people::set_disabled(tx, person, Some(1)).expect("disabled")).await;
    let disabled = sign_in(&server, &mut device).await;
    assert_eq!(disabled.problem(), (401, "passkey_refused".into()));
    let mut stranger = Device::at(CONSOLE);
    let unknown = sign_in(&server, &mut stranger).await;
    assert_eq!(disabled.bytes(), unknown.bytes(), "nobody can tell which");
    server.write(move |tx| people::set_disabled(tx, person, None).expect("enabled")).await;
    server
        .write(move |tx| tx.execute("UPDATE tenancy SET ended_at = 1 WHERE person_id = ?", [person]).expect("ended"))
        .await;
    assert_eq!(sign_in(&server, &mut device).await.problem(), (403, "no_role".into()));

    // Disabled while the answer is being checked.
    server
        .write(move |tx| tx.execute("UPDATE tenancy SET ended_at = NULL WHERE person_id = ?", [person]).expect("back"))
        .await;
    let held = server.hold(move |tx| people::set_disabled(tx, person, Some(1)).expect("disabled")).await;
    let (options, cookie) = asked(&server).await;
    let credential = device.sign(&options);
    let request = there(server.post("/session/passkey")).header("cookie", &cookie);
    let request = tokio::spawn(request.json(&json!({"credential": credential})).send());
    server.until_waiting(1).await;
    held.release().await;
    assert_eq!(request.await.expect("answered").problem(), (401, "passkey_refused".into()));
}

#[tokio::test]
async fn changing_how_one_signs_in_takes_the_password_unless_one_has_just_signed_in() {
    let server = start().await;
    let session = server.sign_in(MANAGER).await;
    let (mut device, passkey) = add(&server, &session, "Phone").await;
    server.advance(SignedDuration::from_mins(11));
    assert_eq!(list(&server, &session).await["must_confirm"], true);
    let wrong = json!({"password": "wrong horse battery"});
    for (body, code) in [(json!({}), "required"), (wrong, "wrong_password")] {
        for refused in [
            options(&server, &session, &body).await,
            remove(&server, &session, &passkey, &body).await,
            remove_password(&server, &session, &body).await,
        ] {
            assert_eq!((refused.problem().0, &refused.json()["errors"][0]["code"]), (422, &json!(code)));
        }
    }
    let right = json!({"password": PASSWORD});
    assert_eq!(options(&server, &session, &right).await.status, 200);
    assert_eq!(remove_password(&server, &session, &right).await.status, 204);

    // Without a password one signs in again, with the passkey.
    let must_sign_in = (403, "sign_in_again".to_owned());
    assert_eq!(options(&server, &session, &json!({})).await.problem(), must_sign_in);
    let address = json!({"email": "another@example.com", "password": ""});
    assert_eq!(server.post("/me/address").web(&session).json(&address).send().await.problem(), must_sign_in);
    let fresh = sign_in(&server, &mut device).await.session();
    assert_eq!(options(&server, &fresh, &json!({})).await.status, 200);
    // This server sends no mail; that is all that keeps it from going on.
    let refused = server.post("/me/address").web(&fresh).json(&address).send().await;
    assert_eq!((refused.problem().0, &refused.json()["errors"][0]["code"]), (422, &json!("no_mail")));
}

#[tokio::test]
async fn the_last_way_in_stays() {
    let town = Town::start_with(settings()).await;
    let server = &town.server;
    let session = server.sign_in(MANAGER).await;
    let last = (409, "last_way_in".to_owned());
    assert_eq!(remove_password(server, &session, &json!({})).await.problem(), last);
    let (mut device, passkey) = add(server, &session, "Phone").await;
    assert_eq!(remove_password(server, &session, &json!({})).await.status, 204);
    assert_eq!(remove_password(server, &session, &json!({})).await.problem(), (404, "not_found".into()));
    assert_eq!(remove(server, &session, &passkey, &json!({})).await.problem(), last);
    let refused = server.recorded_as("person.passkey.removed").await;
    assert_eq!((refused[0].outcome, refused[0].code.as_deref()), (Outcome::Refused, Some("last_way_in")));
    assert_eq!(server.recorded_as("person.password.removed").await.len(), 2);

    // The password is of no use, and they still count as somebody who can sign in.
    assert_eq!(server.signing_in(MANAGER, PASSWORD).send().await.problem(), (401, "wrong_credentials".into()));
    assert_eq!(sign_in(server, &mut device).await.status, 200);
    assert_eq!(list(server, &session).await["has_password"], false);
    let administrator = server.sign_in(ADMINISTRATOR).await;
    let staff = server.get("/people").web(&administrator).send().await.json();
    let states = staff["items"].as_array().expect("staff").iter().map(|it| (text(&it["email"]), text(&it["state"])));
    assert!(states.clone().any(|it| it == (MANAGER, "active")), "{:?}", states.collect::<Vec<_>>());

    // A link sets a password again; then the passkey can go.
    let path = format!("/people/{}/reset", server.world.manager);
    let made = server.post(&path).web(&administrator).send().await.json();
    let token = text(&made["link"]).split_once('#').expect("a secret").1.to_owned();
    let body = json!({"token": token, "password": "seven quiet herons wade"});
    assert_eq!(server.post("/password/reset").json(&body).send().await.status, 200);
    let session = server.signing_in(MANAGER, "seven quiet herons wade").send().await.session();
    assert_eq!(list(server, &session).await["has_password"], true);
    assert_eq!(remove(server, &session, &passkey, &json!({})).await.status, 204);
}

#[tokio::test]
async fn the_person_is_told_by_mail() {
    let mail = MailServer::start().await;
    let mut server = TestServer::start_with(Settings { public_url: Some(CONSOLE.into()), ..mail.settings() }).await;
    server.start_workers();
    let session = server.sign_in(RESIDENT).await;
    let (_, passkey) = add(&server, &session, "Phone").await;
    add(&server, &session, "Laptop").await;
    assert_eq!(remove(&server, &session, &passkey, &json!({})).await.status, 204);
    assert_eq!(remove_password(&server, &session, &json!({})).await.status, 204);
    server.eventually("mail arrives", async || mail.arrived().len() >= 4).await;
    let mut subjects: Vec<_> =
        mail.arrived().iter().map(|letter| (letter.to.clone(), letter.header("subject").to_owned())).collect();
    subjects.sort();
    let subjects: Vec<_> = subjects.iter().map(|(to, subject)| (to.as_str(), subject.as_str())).collect();
    assert_eq!(
        subjects,
        [
            (RESIDENT, "A passkey was added to your Latchkey account"),
            (RESIDENT, "A passkey was added to your Latchkey account"),
            (RESIDENT, "A passkey was removed from your Latchkey account"),
            (RESIDENT, "Your password for Latchkey was removed"),
        ]
    );
    // Who has no password gets the link that sets one, as who forgot it does.
    assert_eq!(server.post("/password/forgot").json(&json!({"email": RESIDENT})).send().await.status, 202);
    server.eventually("mail arrives", async || mail.arrived().len() >= 5).await;
    assert!(mail.arrived()[4].text.contains("/reset-password#"));
}

#[tokio::test]
async fn passkeys_belong_to_the_name_that_people_reach_the_server_by() {
    for (public_url, host, works) in [
        (Some("https://keys.example.com"), "keys.example.com", true),
        (Some("https://keys.example.com:8443"), "keys.example.com:8443", true),
        (Some("https://keys.example.com"), "other.example.com", false),
        (Some("https://keys.example.com"), "127.0.0.1:8080", false),
        (Some("http://192.0.2.1:8080"), "192.0.2.1:8080", false),
        (None, "localhost:8080", true),
        (None, "127.0.0.1:8080", false),
        (None, "keys.example.com", false),
    ] {
        let settings = Settings { public_url: public_url.map(str::to_owned), ..Settings::default() };
        let server = TestServer::start_with(settings).await;
        let session = server.sign_in(MANAGER).await;
        let listed = server.get("/me/passkeys").web(&session).header("host", host).send().await.json();
        assert_eq!(listed["possible"], works, "{public_url:?} {host}");
        let of_new =
            server.post("/me/passkeys/options").web(&session).header("host", host).json(&json!({})).send().await;
        let to_sign_in = server.post("/session/passkey/options").header("host", host).send().await;
        for answer in [of_new, to_sign_in] {
            if works {
                assert_eq!(answer.status, 200, "{public_url:?} {host}: {}", answer.text);
            } else {
                assert_eq!(answer.problem(), (409, "passkeys_unavailable".into()), "{public_url:?} {host}");
            }
        }
    }
}

#[tokio::test]
async fn strangers_with_wrong_passkeys_wait_and_keep_nobody_else_out() {
    let server = start().await;
    let session = server.sign_in(MANAGER).await;
    let (mut device, _) = add(&server, &session, "Phone").await;
    // Guesses at the password make no passkey wait.
    for _ in 0..12 {
        server.signing_in(MANAGER, "wrong horse battery").send().await;
    }
    assert_eq!(server.signing_in(MANAGER, PASSWORD).send().await.problem(), (429, "too_many_requests".into()));
    assert_eq!(sign_in(&server, &mut device).await.status, 200);
    let mut stranger = Device::at(CONSOLE);
    let mut turned_away = None;
    for _ in 0..40 {
        let refused = sign_in(&server, &mut stranger).await;
        if refused.status == 429 {
            turned_away = Some(refused);
            break;
        }
        assert_eq!(refused.status, 401);
    }
    let turned_away = turned_away.expect("in the end they have to wait");
    let seconds: i64 = turned_away.header("retry-after").parse().expect("seconds");
    assert_eq!(sign_in(&server, &mut device).await.status, 429, "the same network");
    server.advance(SignedDuration::from_secs(seconds));
    assert_eq!(sign_in(&server, &mut device).await.status, 200);
    let refused = server.recorded_as("session.refused").await;
    assert_eq!(refused.iter().filter(|event| event.code.as_deref() == Some("too_many_requests")).count(), 2);
}

#[tokio::test]
async fn r37_an_invitation_is_accepted_with_a_passkey_instead_of_a_password() {
    let town = Town::start_with(settings()).await;
    let server = &town.server;
    let token = json!({"token": INVITATION});
    let opened = there(server.post("/invitations/open")).json(&token).send().await;
    assert_eq!((opened.status, &opened.json()["passkeys"]), (200, &json!(true)));
    let elsewhere = server.post("/invitations/open").json(&token).send().await.json();
    assert_eq!(elsewhere.get("passkeys"), None, "not at another address");

    let (mut device, chosen) = choose(server, "/invitations", INVITATION).await;
    assert_eq!((chosen.status, &chosen.json()["email"]), (200, &json!("new@staff.test")), "{}", chosen.text);
    let events = server.recorded().await;
    let actions: Vec<_> = events.iter().take(2).map(|event| event.action.name()).collect();
    assert_eq!(actions, ["person.invitation.accepted", "person.passkey.added"]);
    assert_eq!(sign_in(server, &mut device).await.status, 200);
    let again = there(server.post("/invitations/passkey/options")).json(&token).send().await;
    assert_eq!(again.problem(), (404, "link_over".into()), "it works once");
    // They have no password; a link for a forgotten one gives them one.
    assert_eq!(server.signing_in("new@staff.test", PASSWORD).send().await.status, 401);
}

#[tokio::test]
async fn r38_a_forgotten_password_is_replaced_by_a_passkey() {
    let mail = MailServer::start().await;
    let mut town = Town::start_with(mail.settings()).await;
    town.server.start_workers();
    let server = &town.server;
    let session = server.sign_in(FOREIGN_RESIDENT).await;
    let (mut device, chosen) = choose(server, "/password", RESET).await;
    assert_eq!(chosen.status, 200, "{}", chosen.text);
    assert_eq!(server.get("/session").web(&session).send().await.status, 401, "signed out everywhere");
    assert_eq!(server.signing_in(FOREIGN_RESIDENT, PASSWORD).send().await.status, 401);
    assert_eq!(sign_in(server, &mut device).await.status, 200);
    server.eventually("they are told", async || mail.arrived().len() == 1).await;
    assert!(mail.arrived()[0].header("Subject").contains("passkey"), "{}", mail.arrived()[0].text);
    let events = server.recorded_as("person.password.removed").await;
    assert_eq!(events[0].detail, "By a link to set another password; signed out everywhere.");
    // What was asked for one link answers no other.
    let other = there(server.post("/invitations/passkey/options")).json(&json!({"token": INVITATION})).send().await;
    let credential = Device::at(CONSOLE).make(&other.json()["public_key"]);
    let body = json!({"token": "another", "name": "Phone", "credential": credential});
    assert_eq!(there(server.post("/invitations/passkey")).json(&body).send().await.problem().0, 404);
    let body = json!({"token": INVITATION, "name": "", "credential": credential});
    assert_eq!(there(server.post("/invitations/passkey")).json(&body).send().await.problem().0, 422);
}

/// Chooses a passkey by a link.
async fn choose(server: &TestServer, path: &str, token: &str) -> (Device, Answer) {
    let mut device = Device::at(CONSOLE);
    let asked = there(server.post(&format!("{path}/passkey/options"))).json(&json!({"token": token})).send().await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    let credential = device.make(&asked.json()["public_key"]);
    let body = json!({"token": token, "name": "Phone", "credential": credential});
    let chosen = there(server.post(&format!("{path}/passkey"))).json(&body).send().await;
    (device, chosen)
}
