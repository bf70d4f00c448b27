//! What people type: every character of it can be seen, and digits in it are nobody's code.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::fixtures::{Credential, permanent, text};
use crate::harness::{Answer, MANAGER, TestServer, WebSession};

/// The fields of an answer's errors, with their codes.
fn errors(answer: &Answer) -> Vec<(String, String)> {
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| (text(&error["field"]).to_owned(), text(&error["code"]).to_owned())).collect()
}

/// Characters that can't be seen, each within a word.
const UNSEEN: [&str; 9] = [
    "A\u{202e}da",
    "A\u{2066}da",
    "A\u{200b}da",
    "A\u{2060}da",
    "A\u{feff}da",
    "A\u{0}da",
    "A\nda",
    "A\u{1b}[31mda",
    "A\u{ad}da",
];

#[tokio::test]
async fn r42_no_request_has_characters_that_can_not_be_seen() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let guest = server.issued(&manager, &permanent(&[server.world.gate])).await;
    let id = text(&guest["id"]).to_owned();
    let code = |what: &str| format!("/{what}/{id}");
    for name in UNSEEN {
        let with = |field: &str| {
            let mut request = permanent(&[server.world.gate]);
            request[field] = json!(name);
            request
        };
        let requests = [
            ("/guest-codes".to_owned(), "guest_name", with("guest_name")),
            ("/guest-codes".to_owned(), "reference", with("reference")),
            ("/guest-codes/preview".to_owned(), "guest_name", with("guest_name")),
            ("/guest-codes/search".to_owned(), "guest", json!({"guest": name})),
            (code("codes") + "/reveal", "reason", json!({"reason": name})),
            (code("guest-codes") + "/share", "reason", json!({"reason": name})),
            ("/session".to_owned(), "email", json!({"email": name, "password": "secret"})),
        ];
        for (path, field, body) in requests {
            let answer = manager.sign(server.request(Method::POST, &path)).once().json(&body).send().await;
            assert_eq!(answer.problem(), (422, "invalid".into()), "{path} {name:?}");
            assert_eq!(errors(&answer), [(field.to_owned(), "unseen_characters".to_owned())], "{path} {name:?}");
            assert!(!answer.text.contains("A\\u") && !answer.text.contains(name), "{path} repeats what was typed");
        }
    }
    // A password is nobody else's to read.
    let answer = server.signing_in(MANAGER, "with a\ttab").send().await;
    assert_eq!(answer.problem(), (401, "wrong_credentials".into()));
}

async fn import(server: &TestServer, session: &WebSession, rows: &str) -> Answer {
    let path = format!("/properties/{}/roster?dry_run=true", server.world.property);
    let csv = format!("unit,name,email,move_in,move_out\n{rows}");
    session.sign(server.post(&path)).body("text/csv", csv).send().await
}

#[tokio::test]
async fn r42_no_row_of_a_roster_has_characters_that_can_not_be_seen() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    for name in UNSEEN {
        for (column, row) in [
            ("name", format!("101,\"{name}\",a@b.test,2026-01-01,")),
            ("email", format!("101,Ada,\"{name}@b.test\",2026-01-01,")),
            ("email", format!("101,Ada,\"a@b{name}.test\",2026-01-01,")),
        ] {
            let report = import(&server, &manager, &row).await.json();
            let bad = &report["bad_rows"][0];
            assert_eq!((text(&bad["column"]), text(&bad["code"])), (column, "unseen_characters"), "{name:?}");
            assert_eq!(bad["line"], 2);
        }
    }
}

#[rstest]
#[case("mailto:a@b.test")]
#[case("<a@b.test>")]
#[case("a@b..test")]
#[case("Ada <a@b.test>")]
#[case("a@b")]
#[case("a@-b.test")]
#[tokio::test]
async fn r41_an_address_is_an_address(#[case] address: &str) {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let report = import(&server, &manager, &format!("101,Ada,{address},2026-01-01,")).await.json();
    assert_eq!(
        (&report["bad_rows"][0]["column"], &report["bad_rows"][0]["code"]),
        (&json!("email"), &json!("not_an_address"))
    );
}

#[tokio::test]
async fn a_name_is_the_same_however_its_accents_are_composed() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let path = format!("/properties/{}/roster", server.world.property);
    for (name, expected) in [("José", "created"), ("Jose\u{301}", "unchanged")] {
        let csv = format!("unit,name,email,move_in,move_out\n101,{name},{name}@b.test,2026-01-01,");
        let report = manager.sign(server.post(&path)).once().body("text/csv", csv).send().await.json();
        assert_eq!(report[expected], 1, "{report}");
    }
}

#[tokio::test]
async fn r45_names_and_references_hold_digits_but_never_those_of_their_code() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let mut request = permanent(&[server.world.gate]);
    request["guest_name"] = json!("Unit 1204 plumber");
    request["reference"] = json!(" WO-48213 ");
    let issued = server.issued(&manager, &request).await;
    assert_eq!((&issued["guest_name"], &issued["reference"]), (&json!("Unit 1204 plumber"), &json!("WO-48213")));
    let found =
        manager.sign(server.post("/guest-codes/search")).json(&json!({"guest": "plumber wo-482"})).send().await.json();
    assert_eq!(found["items"][0]["id"], issued["id"]);

    // Most codes of four digits are in these names, one with a space in it: another is drawn.
    request["length"] = json!(4);
    let pairs: Vec<String> = (0..26).map(|tens| format!("{:02}", tens)).collect();
    for round in 0..20 {
        let name: String = pairs.iter().map(String::as_str).cycle().skip(round).take(38).collect::<Vec<_>>().join("");
        request["guest_name"] = json!(name);
        let issued = server.issue(&manager, &request).await;
        if issued.status != 201 {
            break;
        }
        assert!(!name.contains(text(&issued.json()["code"])), "{name}");
    }
}

#[rstest]
#[case("code")]
#[case("Code")]
#[case("keypad_code")]
#[case("keypadCode")]
#[case("PIN")]
#[case("digits")]
#[case("door-code")]
#[tokio::test]
async fn r19_own_digits_are_refused_by_any_name_in_previews_too(#[case] field: &str) {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let mut request = permanent(&[server.world.gate]);
    request[field] = json!("4711");
    let preview = manager.sign(server.post("/guest-codes/preview")).json(&request).send().await;
    for answer in [server.issue(&manager, &request).await, preview] {
        assert_eq!(answer.problem(), (422, "guest_codes_are_random".into()));
        assert_eq!(errors(&answer), [(field.to_owned(), "guest_codes_are_random".to_owned())]);
    }
}

#[tokio::test]
async fn the_years_that_can_be_printed_are_taken_and_no_others() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    for (at, code) in
        [("1969-12-31T23:59:59Z", "out_of_range"), ("0001-01-01T00:00:00Z", "out_of_range"), ("soon", "not_an_instant")]
    {
        for field in ["from", "to"] {
            let answer = manager.sign(server.get(&format!("/audit?{field}={at}"))).send().await;
            assert_eq!(errors(&answer), [(field.to_owned(), code.to_owned())], "{at}");
        }
    }
    for at in ["1970-01-01T00:00:00Z", "9999-12-30T12:00:00Z"] {
        assert_eq!(manager.sign(server.get(&format!("/audit?from={at}&to={at}"))).send().await.status, 200);
    }
}
