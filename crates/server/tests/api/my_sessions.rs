//! Seeing where one is signed in, and signing out there.

use ids::SessionId;
use jiff::SignedDuration;
use rstest::rstest;
use serde_json::{Value, json};

use crate::fixtures::text;
use crate::harness::{Answer, FOREIGN_MANAGER, MANAGER, PASSWORD, RESIDENT, SUPPORT, TestServer, WebSession};

const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";

async fn sign_in_with(server: &TestServer, email: &str, browser: &str) -> WebSession {
    let answer = server.signing_in(email, PASSWORD).header("user-agent", browser).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.session()
}

async fn sessions(server: &TestServer, session: &WebSession) -> Vec<Value> {
    let answer = server.get("/me/sessions").web(session).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["items"].as_array().expect("items").clone()
}

async fn end(server: &TestServer, session: &WebSession, of: &Value) -> Answer {
    server.delete(&format!("/me/sessions/{}", text(&of["id"]))).web(session).send().await
}

async fn is_signed_in(server: &TestServer, session: &WebSession) -> bool {
    server.get("/session").web(session).send().await.status == 200
}

#[tokio::test]
async fn people_see_where_they_are_signed_in() {
    let server = TestServer::start().await;
    let chrome = sign_in_with(&server, RESIDENT, CHROME).await;
    server.advance(SignedDuration::from_mins(1));
    let token = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    server.advance(SignedDuration::from_mins(1));
    let unknown = server.sign_in(RESIDENT).await;
    // Others' sessions aren't among theirs.
    server.sign_in(MANAGER).await;

    let answer = server.get("/me/sessions").web(&unknown).send().await;
    assert_eq!(answer.header("cache-control"), "no-store");
    for secret in [&chrome.0, &token.0, &unknown.0] {
        assert!(!answer.text.contains(secret.as_str()));
    }
    let mut items = answer.json()["items"].as_array().expect("items").clone();
    for item in &mut items {
        let id: SessionId = text(&item["id"]).parse().expect("an id");
        assert_eq!(id.uuid().get_version_num(), 7);
        item.as_object_mut().expect("a session").remove("id");
    }
    assert_eq!(
        items,
        [
            json!({
                "current": true, "channel": {"kind": "web"}, "created_at": "2026-06-15T18:02:00Z",
                "last_seen_at": "2026-06-15T18:02:00Z", "expires_at": "2026-06-15T18:32:00Z",
            }),
            json!({
                "current": false, "channel": {"kind": "mobile", "platform": "ios", "app_version": "2.8.0"},
                "created_at": "2026-06-15T18:01:00Z", "last_seen_at": "2026-06-15T18:01:00Z",
                "expires_at": "2026-06-29T18:01:00Z",
            }),
            json!({
                "current": false, "channel": {"kind": "web"}, "browser": "Chrome on Windows",
                "created_at": "2026-06-15T18:00:00Z", "last_seen_at": "2026-06-15T18:00:00Z",
                "expires_at": "2026-06-15T18:30:00Z",
            }),
        ]
    );
    // Looking isn't recorded: it is nobody else's business.
    assert!(
        server
            .recorded()
            .await
            .iter()
            .all(|event| event.action.name().ends_with(".created") || event.actor.id.is_none())
    );
}

#[tokio::test]
async fn ended_sessions_are_not_shown() {
    let server = TestServer::start().await;
    sign_in_with(&server, MANAGER, CHROME).await;
    server.advance(SignedDuration::from_mins(20));
    let session = server.sign_in(MANAGER).await;
    assert_eq!(sessions(&server, &session).await.len(), 2);
    server.advance(SignedDuration::from_mins(10));
    let left = sessions(&server, &session).await;
    assert_eq!((left.len(), &left[0]["current"]), (1, &json!(true)));
}

#[tokio::test]
async fn when_one_was_last_seen_is_kept_coarsely() {
    let server = TestServer::start().await;
    let session = sign_in_with(&server, RESIDENT, CHROME).await;
    let token = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let seen = async || {
        sessions(&server, &session).await;
        server.written().await;
        let items = sessions(&server, &session).await;
        ["mobile", "web"].map(|kind| {
            let of_kind = items.iter().find(|item| item["channel"]["kind"] == kind).expect("a session");
            text(&of_kind["last_seen_at"]).to_owned()
        })
    };
    let use_token = async || {
        let answer = server.get("/me/access").mobile(&token).send().await;
        server.written().await;
        answer.status
    };
    server.advance(SignedDuration::from_secs(59));
    use_token().await;
    assert_eq!(seen().await, ["2026-06-15T18:00:00Z", "2026-06-15T18:00:00Z"]);
    server.advance(SignedDuration::from_secs(4 * 60));
    use_token().await;
    assert_eq!(seen().await, ["2026-06-15T18:00:00Z", "2026-06-15T18:04:59Z"]);
    server.advance(SignedDuration::from_secs(1));
    use_token().await;
    assert_eq!(seen().await, ["2026-06-15T18:05:00Z", "2026-06-15T18:04:59Z"]);
    // Using a token doesn't extend its life.
    server.advance(SignedDuration::from_hours(30 * 24) - SignedDuration::from_secs(5 * 60));
    assert_eq!(server.get("/me/access").mobile(&token).send().await.problem(), (401, "signed_out".into()));
}

#[tokio::test]
async fn people_can_sign_out_elsewhere() {
    let server = TestServer::start().await;
    let chrome = sign_in_with(&server, RESIDENT, CHROME).await;
    let token = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let session = server.sign_in(RESIDENT).await;
    let items = sessions(&server, &session).await;
    let named = |what: &str| items.iter().find(|item| item.to_string().contains(what)).expect("a session");

    let answer = end(&server, &session, named("Chrome")).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (204, ""));
    assert!(!is_signed_in(&server, &chrome).await);
    let event = &server.recorded().await[0];
    assert_eq!((event.action.name(), event.actor.role.name()), ("session.ended", "resident"));
    assert_eq!(event.detail, "Signed out of the console in Chrome on Windows, from another session.");
    assert_eq!(
        (event.subject.id, event.property_id),
        (Some(server.world.resident.uuid()), Some(server.world.property))
    );

    assert_eq!(end(&server, &session, named("ios")).await.status, 204);
    assert_eq!(server.get("/me/access").mobile(&token).send().await.problem(), (401, "signed_out".into()));
    assert_eq!(server.recorded().await[0].action.name(), "mobile_token.ended");

    // It is over: the session no longer exists, and there is nothing to record.
    let events = server.recorded().await.len();
    assert_eq!(end(&server, &session, named("ios")).await.problem(), (404, "not_found".into()));
    assert_eq!(server.recorded().await.len(), events);
    assert!(is_signed_in(&server, &session).await);

    let answer = end(&server, &session, named("true")).await;
    assert_eq!(answer.status, 204);
    assert!(answer.header("set-cookie").starts_with("__Host-latchkey=; "));
    assert!(!is_signed_in(&server, &session).await);
    assert_eq!(server.recorded().await[0].detail, "Signed out of the console.");
}

#[tokio::test]
async fn people_can_sign_out_everywhere_else() {
    let server = TestServer::start().await;
    let chrome = sign_in_with(&server, RESIDENT, CHROME).await;
    let token = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let manager = server.sign_in(MANAGER).await;
    // This one expired, which doesn't count.
    server.advance(SignedDuration::from_mins(30));
    let other = server.sign_in(RESIDENT).await;
    let session = server.sign_in(RESIDENT).await;
    let answer = server.delete("/me/sessions").web(&session).send().await;
    assert_eq!((answer.status, answer.json()), (200, json!({"ended": 2})));
    for ended in [&chrome, &other] {
        assert!(!is_signed_in(&server, ended).await);
    }
    assert_eq!(server.get("/me/access").mobile(&token).send().await.problem(), (401, "signed_out".into()));
    assert!(is_signed_in(&server, &session).await);
    assert_eq!(sessions(&server, &session).await.len(), 1);
    let event = &server.recorded().await[0];
    assert_eq!((event.action.name(), event.detail.as_str()), ("session.others_ended", "Signed out in 2 other places."));
    // Nobody else is signed out.
    let again = server.sign_in(MANAGER).await;
    assert!(is_signed_in(&server, &again).await && !is_signed_in(&server, &manager).await);

    let answer = server.delete("/me/sessions").web(&session).send().await;
    assert_eq!(answer.json(), json!({"ended": 0}));
    assert!(is_signed_in(&server, &again).await);
}

/// R33: somebody else's session is the same as one that doesn't exist.
#[rstest]
#[case::a_manager(MANAGER)]
#[case::a_manager_elsewhere(FOREIGN_MANAGER)]
#[case::support(SUPPORT)]
#[tokio::test]
async fn r33_nobody_ends_or_sees_another_s_session(#[case] email: &str) {
    let server = TestServer::start().await;
    let resident = server.sign_in(RESIDENT).await;
    let theirs = sessions(&server, &resident).await.remove(0);
    let session = server.sign_in(email).await;
    let own = sessions(&server, &session).await;
    assert!(own.len() == 1 && own[0]["id"] != theirs["id"]);
    let nowhere = json!({"id": SessionId::generate()});
    let (of_theirs, of_nothing) = (end(&server, &session, &theirs).await, end(&server, &session, &nowhere).await);
    assert_eq!(of_theirs.problem(), (404, "not_found".into()));
    assert_eq!(of_theirs.bytes(), of_nothing.bytes());
    assert_eq!(server.delete("/me/sessions/530917").web(&session).send().await.problem(), (404, "not_found".into()));
    assert!(is_signed_in(&server, &resident).await);
}

#[tokio::test]
async fn another_site_s_page_signs_nobody_out() {
    let server = TestServer::start().await;
    let (other, session) = (server.sign_in(MANAGER).await, server.sign_in(MANAGER).await);
    let id = text(&sessions(&server, &other).await[0]["id"]).to_owned();
    for path in ["/me/sessions".to_owned(), format!("/me/sessions/{id}")] {
        for site in ["cross-site", "same-site", "none"] {
            let answer = server.delete(&path).web(&session).header("sec-fetch-site", site).send().await;
            assert_eq!(answer.problem(), (403, "cross_site".into()));
        }
        let answer = server.delete(&path).web(&session).without_site().send().await;
        assert_eq!(answer.problem(), (403, "cross_site".into()));
    }
    assert!(is_signed_in(&server, &other).await);
}

#[tokio::test]
async fn a_token_signs_itself_out() {
    let server = TestServer::start().await;
    let session = server.sign_in(RESIDENT).await;
    let token = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let answer = server.delete("/session").mobile(&token).send().await;
    assert_eq!((answer.status, answer.header("set-cookie")), (204, ""));
    assert_eq!(server.get("/me/access").mobile(&token).send().await.problem(), (401, "signed_out".into()));
    assert!(is_signed_in(&server, &session).await, "the console goes on");
    let event = &server.recorded().await[0];
    assert_eq!((event.action.name(), event.detail.as_str()), ("mobile_token.ended", "Signed out of the app."));
}

#[tokio::test]
async fn the_app_shows_where_one_is_signed_in_and_signs_out_there() {
    let server = TestServer::start().await;
    let session = server.sign_in(RESIDENT).await;
    let lost = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let token = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let read = async || server.get("/me/sessions").mobile(&token).send().await.json()["items"].clone();
    let items = read().await;
    assert_eq!(items.as_array().map(Vec::len), Some(3));
    let other = items
        .as_array()
        .expect("items")
        .iter()
        .find(|item| item["channel"]["kind"] == "mobile" && item["current"] == false);
    let path = format!("/me/sessions/{}", text(&other.expect("the other token")["id"]));
    assert_eq!(server.delete(&path).mobile(&token).send().await.status, 204);
    assert_eq!(server.get("/me/access").mobile(&lost).send().await.problem(), (401, "signed_out".into()));
    let ended = server.delete("/me/sessions").mobile(&token).send().await;
    assert_eq!((ended.status, &ended.json()["ended"]), (200, &serde_json::json!(1)));
    assert!(!is_signed_in(&server, &session).await);
    assert_eq!(read().await.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_token_that_is_not_used_ends_and_a_used_one_goes_on_for_thirty_days() {
    let server = TestServer::start().await;
    let used = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let idle = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    for _ in 0..2 {
        server.advance(jiff::SignedDuration::from_hours(13 * 24));
        assert_ne!(server.get("/me/access").mobile(&used).send().await.status, 401);
        server.written().await;
    }
    assert_eq!(server.get("/me/access").mobile(&idle).send().await.problem(), (401, "signed_out".into()));
    server.advance(jiff::SignedDuration::from_hours(4 * 24));
    assert_eq!(server.get("/me/access").mobile(&used).send().await.problem(), (401, "signed_out".into()));
}
