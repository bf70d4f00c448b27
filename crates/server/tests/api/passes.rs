//! Guest passes: links by which guests see their own codes without signing in.

use jiff::SignedDuration;
use rstest::rstest;
use serde_json::{Value, json};

use crate::fixtures::{Credential, mentions, permanent, text};
use crate::harness::{Answer, FOREIGN_MANAGER, MANAGER, RESIDENT, SUPPORT, TestServer, logged};

/// The secret of a link: what is after the `#`.
fn secret(link: &Value) -> String {
    text(&link["url"]).split_once("/pass#").expect("a link").1.to_owned()
}

async fn sharing(server: &TestServer, who: &impl Credential, guest: &Value) -> Answer {
    who.sign(server.post(&format!("/guest-codes/{}/share", text(&guest["id"])))).send().await
}

async fn shared(server: &TestServer, who: &impl Credential, guest: &Value) -> Value {
    let answer = sharing(server, who, guest).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()
}

async fn links(server: &TestServer, who: &impl Credential, guest: &Value) -> Vec<Value> {
    let answer = who.sign(server.get(&format!("/guest-codes/{}/shares", text(&guest["id"])))).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["items"].as_array().expect("items").clone()
}

/// As a guest, who isn't signed in anywhere.
async fn opening(server: &TestServer, secret: &str) -> Answer {
    server.post("/pass").json(&json!({"secret": secret})).send().await
}

async fn revealing(server: &TestServer, secret: &str) -> Answer {
    server.post("/pass/reveal").json(&json!({"secret": secret})).send().await
}

/// A server whose resident has issued a permanent guest code that is on the lock, with a link to it.
async fn start_with_pass() -> (TestServer, Value, Value) {
    let server = TestServer::start_working().await;
    let resident = server.sign_in(RESIDENT).await;
    let guest = server.issued(&resident, &permanent(&[server.world.door])).await;
    server.settled().await;
    let link = shared(&server, &resident, &guest).await;
    (server, guest, link)
}

#[tokio::test]
async fn r23_r30_a_guest_sees_their_code_with_only_the_link() {
    let (server, guest, link) = start_with_pass().await;
    assert!(secret(&link).len() >= 22, "at least 128 bits in base64url");
    assert!(!mentions(&link.to_string(), text(&guest["code"])), "no digits in a link");
    assert!(text(&link["qr_svg"]).starts_with("<svg "));

    let pass = opening(&server, &secret(&link)).await;
    assert_eq!(pass.status, 200, "{}", pass.text);
    assert_eq!(pass.header("cache-control"), "no-store");
    assert!(!mentions(&pass.text, text(&guest["code"])), "no digits until they are asked for");
    let pass = pass.json();
    assert_eq!(pass["guest_name"], guest["guest_name"]);
    assert_eq!(
        (&pass["kind"], &pass["state"], &pass["length"]),
        (&json!("permanent"), &json!("live"), &guest["length"])
    );
    assert_eq!(pass["doors"][0]["working"], true);
    assert_eq!(pass["property"]["time_zone"], "America/Denver");

    let revealed = revealing(&server, &secret(&link)).await;
    assert_eq!(revealed.status, 200);
    assert!(revealed.json()["code"] == guest["code"]);
    assert_eq!(revealed.header("cache-control"), "no-store");

    for (action, times) in [("guest_code.pass_opened", 1), ("guest_code.pass_revealed", 1)] {
        let events = server.recorded_as(action).await;
        assert_eq!(events.len(), times, "{action}");
        assert_eq!((events[0].actor.role.name(), events[0].actor.id), ("guest", None));
    }
    assert_eq!(server.recorded_as("guest_code.shared").await.len(), 1);
    let resident = server.sign_in(RESIDENT).await;
    let known = links(&server, &resident, &guest).await;
    assert_eq!((known.len(), &known[0]["opened_count"]), (1, &json!(1)));
    assert!(known[0].get("url").is_none());
}

#[tokio::test]
async fn r32_the_secret_is_stored_and_logged_nowhere() {
    let (server, _, link) = start_with_pass().await;
    let secret = secret(&link);
    assert_eq!(revealing(&server, &secret).await.status, 200);
    let files = server.files();
    assert!(!files.windows(secret.len()).any(|window| window == secret.as_bytes()), "in the database's files");
    assert!(!logged().contains(&secret));
    let record = serde_json::to_string(&server.recorded().await).expect("JSON");
    assert!(!record.contains(&secret));
}

#[rstest]
#[case::revoked_link("link")]
#[case::revoked_code("code")]
#[case::moved_out("tenancy")]
#[tokio::test]
async fn r24_a_link_ends_with_its_code(#[case] what: &str) {
    let (server, guest, link) = start_with_pass().await;
    let resident = server.sign_in(RESIDENT).await;
    match what {
        "link" => {
            let path = format!("/guest-codes/{}/shares/{}", text(&guest["id"]), text(&link["id"]));
            assert_eq!(server.delete(&path).web(&resident).send().await.status, 204);
            assert_eq!(server.delete(&path).web(&resident).send().await.status, 404, "revoked already");
            assert_eq!(server.recorded_as("guest_code.share_revoked").await.len(), 1);
        }
        "code" => assert_eq!(server.revoke(&resident, &guest).await.status, 200),
        _ => {
            let manager = server.sign_in(MANAGER).await;
            let path = format!("/properties/{}/residents/{}/move-out", server.world.property, server.world.tenancy);
            assert_eq!(server.post(&path).web(&manager).once().send().await.status, 200);
        }
    }
    let unknown = opening(&server, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
    for answer in [opening(&server, &secret(&link)).await, revealing(&server, &secret(&link)).await] {
        assert_eq!(answer.problem(), (404, "not_found".into()));
        let (mut this, mut that) = (answer.json(), unknown.json());
        for json in [&mut this, &mut that] {
            json.as_object_mut().expect("a problem").remove("request_id");
        }
        assert_eq!(this, that, "nothing tells a link that is over from one that never was");
    }
    let refused = server.recorded_as("guest_code.pass_revealed").await;
    assert_eq!(refused.len(), 1, "whoever still tries it is on record");
}

#[tokio::test]
async fn r22_digits_are_shown_from_the_first_window_on() {
    let server = TestServer::start_working().await;
    let resident = server.sign_in(RESIDENT).await;
    let request = json!({
        "kind": "temporary", "guest_name": "Kim", "door_ids": [server.world.door],
        "starts_at": "2026-06-15T20:00:00Z", "ends_at": "2026-06-15T22:00:00Z",
    });
    let guest = server.issued(&resident, &request).await;
    let link = shared(&server, &resident, &guest).await;
    assert_eq!(link["expires_at"], "2026-06-15T22:00:00Z");
    assert_eq!(opening(&server, &secret(&link)).await.json()["state"], "scheduled");

    let early = revealing(&server, &secret(&link)).await;
    assert_eq!(early.problem(), (409, "pass_not_live".into()));
    assert!(early.json()["detail"].as_str().expect("text").contains("2026-06-15 at 14:00 (America/Denver)"));
    assert!(!early.header("retry-after").is_empty());

    server.advance(SignedDuration::from_hours(2));
    assert_eq!(revealing(&server, &secret(&link)).await.status, 200);
    server.advance(SignedDuration::from_hours(2));
    assert_eq!(revealing(&server, &secret(&link)).await.problem(), (404, "not_found".into()));
    assert_eq!(opening(&server, &secret(&link)).await.problem(), (404, "not_found".into()));
}

async fn state(server: &TestServer, secret: &str) -> Answer {
    server.post("/pass/state").json(&json!({"secret": secret})).send().await
}

#[tokio::test]
async fn r24_an_open_pass_learns_that_it_is_over_without_being_opened_again() {
    let (server, guest, link) = start_with_pass().await;
    let resident = server.sign_in(RESIDENT).await;
    assert_eq!(opening(&server, &secret(&link)).await.status, 200);
    let before = server.recorded().await.len();
    for _ in 0..3 {
        let now = state(&server, &secret(&link)).await;
        assert_eq!(now.status, 200, "{}", now.text);
        assert_eq!(now.header("cache-control"), "no-store");
        let now = now.json();
        assert_eq!((&now["state"], &now["working"]), (&json!("live"), &json!([true])));
        assert!(now.get("guest_name").is_none() && now.get("doors").is_none(), "less than opening it says");
    }
    assert_eq!(links(&server, &resident, &guest).await[0]["opened_count"], 1);
    assert_eq!(server.recorded().await.len(), before);

    assert_eq!(server.revoke(&resident, &guest).await.status, 200);
    let (over, unknown) = (state(&server, &secret(&link)).await, state(&server, "AAAAAAAAAAAAAAAAAAAAAA").await);
    assert_eq!((over.problem(), unknown.problem()), ((404, "not_found".into()), (404, "not_found".into())));
    let text = |answer: &Answer| {
        let mut json = answer.json();
        json.as_object_mut().expect("a problem").remove("request_id");
        json
    };
    assert_eq!(text(&over), text(&unknown));
}

#[tokio::test]
async fn a_pass_says_who_shared_it_and_has_its_windows_for_a_calendar() {
    let server = TestServer::start_working().await;
    let resident = server.sign_in(RESIDENT).await;
    let request = json!({
        "kind": "recurring", "guest_name": "Kim", "door_ids": [server.world.door],
        "recurrence": {
            "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "14:00", "to": "16:00",
            "first_day": "2026-06-16", "last_day": "2026-06-23",
        },
    });
    let guest = server.issued(&resident, &request).await;
    let link = shared(&server, &resident, &guest).await;
    let pass = opening(&server, &secret(&link)).await.json();
    assert_eq!(pass["shared_by"], guest["issued_by"]["name"]);
    let calendar = text(&pass["calendar"]);
    assert!(calendar.starts_with("BEGIN:VCALENDAR\r\n") && calendar.ends_with("END:VCALENDAR\r\n"));
    assert_eq!(calendar.matches("BEGIN:VEVENT").count(), 8, "each window, and not only those shown");
    assert!(calendar.contains("DTSTART:20260616T200000Z\r\nDTEND:20260616T220000Z\r\n"));
    assert!(!mentions(calendar, text(&guest["code"])));

    let lasting = server.issued(&resident, &permanent(&[server.world.door])).await;
    let link = shared(&server, &resident, &lasting).await;
    assert!(opening(&server, &secret(&link)).await.json().get("calendar").is_none(), "nothing of it ends");
}

#[tokio::test]
async fn r30_a_manager_gives_a_reason_for_sharing_what_they_did_not_issue() {
    let (server, guest, _) = start_with_pass().await;
    let manager = server.sign_in(MANAGER).await;
    assert_eq!(sharing(&server, &manager, &guest).await.problem(), (422, "reason_required".into()));
    let path = format!("/guest-codes/{}/share", text(&guest["id"]));
    let with_reason = server.post(&path).web(&manager).json(&json!({"reason": "The resident is away"})).send().await;
    assert_eq!(with_reason.status, 201, "{}", with_reason.text);
    let events = server.recorded_as("guest_code.shared").await;
    assert!(events.iter().any(|event| event.detail == "The resident is away"));
}

#[tokio::test]
async fn r33_only_those_who_may_reveal_the_code_may_share_it() {
    let (server, guest, link) = start_with_pass().await;
    for email in [FOREIGN_MANAGER, SUPPORT] {
        let other = server.sign_in(email).await;
        let answer = sharing(&server, &other, &guest).await;
        assert!([403, 404].contains(&answer.status), "{email}: {}", answer.status);
        let path = format!("/guest-codes/{}/shares/{}", text(&guest["id"]), text(&link["id"]));
        assert!([403, 404].contains(&server.delete(&path).web(&other).send().await.status), "{email}");
    }
    assert_eq!(opening(&server, &secret(&link)).await.status, 200, "it is good still");
}

#[tokio::test]
async fn a_guest_code_has_at_most_five_links() {
    let (server, guest, _) = start_with_pass().await;
    let resident = server.sign_in(RESIDENT).await;
    for _ in 1..5 {
        shared(&server, &resident, &guest).await;
    }
    assert_eq!(sharing(&server, &resident, &guest).await.problem(), (409, "too_many_shares".into()));
    let newest = links(&server, &resident, &guest).await[0].clone();
    let path = format!("/guest-codes/{}/shares/{}", text(&guest["id"]), text(&newest["id"]));
    assert_eq!(server.delete(&path).web(&resident).send().await.status, 204);
    shared(&server, &resident, &guest).await;
}

#[tokio::test]
async fn another_sites_page_opens_no_pass() {
    let (server, _, link) = start_with_pass().await;
    let body = json!({"secret": secret(&link)});
    let answer = server.post("/pass").header("sec-fetch-site", "cross-site").json(&body).send().await;
    assert_eq!(answer.problem(), (403, "cross_site".into()));
}

#[tokio::test]
async fn guessing_secrets_gets_slower() {
    let (server, _, link) = start_with_pass().await;
    let mut answers = Vec::new();
    for number in 0..40 {
        answers.push(opening(&server, &format!("wrong-{number}")).await.status);
    }
    assert!(answers.contains(&429));
    let good = opening(&server, &secret(&link)).await;
    assert_eq!(good.status, 429, "the address waits, whatever it sends");
    server.advance(SignedDuration::from_hours(1));
    assert_eq!(opening(&server, &secret(&link)).await.status, 200);
}
