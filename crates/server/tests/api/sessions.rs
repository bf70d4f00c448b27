//! Signing in, being signed in, and how that ends.

use std::time::{Duration, Instant};

use api_types::MaybeKnown;
use jiff::SignedDuration;
use latchkey_server::app::Settings;
use rstest::rstest;
use serde_json::json;
use store::{people, tenancies};

use crate::harness::{
    Answer, MANAGER, MobileToken, NOON, PASSWORD, RESIDENT, Request, SUPPORT, TestServer, WebSession, logged,
};

#[tokio::test]
async fn the_session_s_cookie_is_locked_down() {
    let server = TestServer::start().await;
    let answer = server.signing_in(MANAGER, PASSWORD).send().await;
    assert_eq!(answer.status, 200);
    let session = answer.session();
    assert_eq!(session.0.len(), 43, "256 bits");
    let attributes = format!("__Host-latchkey={}; HttpOnly; Secure; SameSite=Strict; Path=/", session.0);
    assert_eq!(answer.header("set-cookie"), attributes);
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    assert_eq!(body["user"]["email"], MANAGER);
    assert_eq!(body["user"]["roles"], json!(["manager"]));
    assert_eq!(body["expires_at"], "2026-06-15T18:30:00Z");
    assert_eq!(body["demo"], false);
}

const SAFARI: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                      Version/26.0 Safari/605.1.15";
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/141.0.0.0 Safari/537.36";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0";

/// A server that only this machine can reach, with no proxy in front.
fn on_loopback() -> Settings {
    Settings { loopback_only: true, ..Settings::default() }
}

fn cookies_of(answer: &Answer) -> Vec<&str> {
    let all = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().expect("text"));
    // The mark of the device is no session.
    all.filter(|cookie| !cookie.starts_with(DEVICE)).collect()
}

/// WebKit keeps no `Secure` cookie of plain http, not even on loopback.
#[tokio::test]
async fn webkit_on_loopback_over_plain_http_gets_a_cookie_that_it_keeps() {
    let server = TestServer::start_with(on_loopback()).await;
    let answer = server.signing_in(MANAGER, PASSWORD).header("user-agent", SAFARI).send().await;
    let session = answer.session().0;
    let loopback = format!("latchkey-loopback={session}");
    assert_eq!(
        cookies_of(&answer),
        [
            format!("__Host-latchkey={session}; HttpOnly; Secure; SameSite=Strict; Path=/"),
            format!("{loopback}; HttpOnly; SameSite=Strict; Path=/"),
        ]
    );

    // It is a session like any other.
    let kept = |request: Request| request.header("cookie", &loopback);
    assert_eq!(kept(server.get("/session")).send().await.json()["user"]["email"], MANAGER);
    assert_eq!(kept(server.get("/me/sessions")).send().await.json()["items"][0]["current"], true);
    assert_eq!(kept(server.delete("/session")).send().await.problem(), (403, "cross_site".into()));
    let both = kept(server.get("/openapi.json")).header("authorization", "Bearer made-up").send().await;
    assert_eq!(both.problem(), (400, "both_credentials".into()));

    let own = |request: Request| kept(request).header("origin", &server.origin);
    let again = json!({"email": MANAGER, "password": PASSWORD});
    let again = own(server.post("/session").json(&again)).header("user-agent", SAFARI).send().await;
    assert_eq!(again.status, 200);
    assert_eq!(kept(server.get("/session")).send().await.problem(), (401, "signed_out".into()), "replaced");

    let loopback = format!("latchkey-loopback={}", again.session().0);
    let signed_out =
        server.delete("/session").header("cookie", &loopback).header("origin", &server.origin).send().await;
    assert_eq!(signed_out.status, 204);
    assert_eq!(
        cookies_of(&signed_out),
        [
            "__Host-latchkey=; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=0",
            "latchkey-loopback=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0",
        ]
    );
    assert_eq!(server.get("/session").header("cookie", &loopback).send().await.status, 401);
}

#[rstest]
#[case::chrome(Some(CHROME))]
#[case::firefox(Some(FIREFOX))]
#[case::curl(Some("curl/8.14.1"))]
#[case::unsaid(None)]
#[tokio::test]
async fn who_keeps_secure_cookies_on_loopback_gets_no_other(#[case] browser: Option<&str>) {
    let server = TestServer::start_with(on_loopback()).await;
    let request = server.signing_in(MANAGER, PASSWORD);
    let request = if let Some(browser) = browser { request.header("user-agent", browser) } else { request };
    let answer = request.send().await;
    let locked = format!("__Host-latchkey={}; HttpOnly; Secure; SameSite=Strict; Path=/", answer.session().0);
    assert_eq!(cookies_of(&answer), [locked]);
}

/// Whatever the browser claims to be: the configuration and the connection decide, and a proxy that nobody mentioned is
/// noticed by what it sends.
#[rstest]
#[case::reached_from_elsewhere(Settings::default(), &[])]
#[case::behind_a_proxy(Settings { behind_proxy: true, ..on_loopback() }, &[])]
#[case::behind_a_proxy_with_tls(Settings { behind_proxy: true, ..on_loopback() }, &[("x-forwarded-proto", "https")])]
#[case::behind_a_proxy_without_tls(Settings { behind_proxy: true, ..on_loopback() }, &[("x-forwarded-proto", "http")])]
#[case::unmentioned_proxy(on_loopback(), &[("x-forwarded-for", "192.0.2.1")])]
#[case::unmentioned_proxy_with_tls(on_loopback(), &[("x-forwarded-proto", "https")])]
#[case::unmentioned_proxy_of_the_standard(on_loopback(), &[("forwarded", "for=127.0.0.1;proto=http")])]
#[case::unmentioned_cache(on_loopback(), &[("via", "1.1 cache")])]
#[case::another_host(on_loopback(), &[("host", "latchkey.example")])]
#[case::loopback_is_claimed(Settings::default(), &[("host", "127.0.0.1"), ("x-forwarded-for", "127.0.0.1")])]
#[case::page_over_tls(on_loopback(), &[("origin", "https://latchkey.example")])]
#[tokio::test]
async fn nowhere_else_is_a_session_s_cookie_without_secure(
    #[case] settings: Settings,
    #[case] headers: &[(&str, &str)],
) {
    let server = TestServer::start_with(settings).await;
    let with = |request: Request| {
        let request = request.header("user-agent", SAFARI).header("sec-fetch-site", "same-origin");
        headers.iter().fold(request, |request, (name, value)| request.header(name, value))
    };
    let signing_in = json!({"email": MANAGER, "password": PASSWORD});
    let answer = with(server.post("/session").json(&signing_in)).send().await;
    let session = answer.session();
    let locked = format!("__Host-latchkey={}; HttpOnly; Secure; SameSite=Strict; Path=/", session.0);
    assert_eq!(cookies_of(&answer), [locked]);

    // Nor is one accepted: anybody on the way could have set it.
    let planted = format!("latchkey-loopback={}", session.0);
    let answer = with(server.get("/session")).header("cookie", &planted).send().await;
    assert_eq!(answer.problem(), (401, "signed_out".into()));
    let answer = with(server.delete("/session").web(&session)).send().await;
    assert_eq!(answer.status, 204);
    assert_eq!(cookies_of(&answer), ["__Host-latchkey=; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=0"]);
}

#[rstest]
#[case(MANAGER, "manager")]
#[case(RESIDENT, "resident")]
#[case(SUPPORT, "support")]
#[tokio::test]
async fn everybody_is_who_they_are(#[case] email: &str, #[case] role: &str) {
    let server = TestServer::start().await;
    // Letter case and blanks around an address don't matter.
    let session = server.sign_in(&format!(" {} ", email.to_uppercase())).await;
    let body = server.get("/session").web(&session).send().await.json();
    assert_eq!(body["user"]["email"], email);
    assert_eq!(body["user"]["roles"], json!([role]));
    let event = &server.recorded().await[0];
    assert_eq!((event.action.name(), event.actor.role.name()), ("session.created", role));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_person_get_the_same_answer() {
    let server = TestServer::start().await;
    let support = server.world.support;
    server.write(move |tx| people::set_disabled(tx, support, Some(NOON)).expect("set")).await;
    let mut answers = Vec::new();
    for (email, password) in [(MANAGER, "wrong"), ("nobody@example.com", "wrong"), (SUPPORT, PASSWORD)] {
        let answer = server.signing_in(email, password).send().await;
        assert_eq!(answer.problem(), (401, "wrong_credentials".into()));
        assert_eq!(answer.header("set-cookie"), "");
        let mut body = answer.json();
        body["request_id"] = json!(null);
        answers.push(body.to_string());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

/// R31, R32: it is recorded, but without what an unknown person typed.
#[tokio::test]
async fn a_refused_sign_in_is_on_record_without_what_was_typed() {
    let server = TestServer::start().await;
    server.signing_in(RESIDENT, "hunter2-hunter2").send().await;
    server.signing_in("nemo.nobody@example.com", "hunter2-hunter2").send().await;
    let events = server.recorded().await;
    let [unknown, known, ..] = events.as_slice() else { panic!("two events") };
    for event in [unknown, known] {
        assert_eq!(event.action.name(), "session.refused");
        assert_eq!(event.code.as_deref(), Some("wrong_credentials"));
        assert_eq!((event.actor.id, event.actor.role.name()), (None, "unknown"));
    }
    assert_eq!(unknown.subject.name, "n***@example.com");
    assert_eq!(
        (known.subject.id, known.property_id),
        (Some(server.world.resident.uuid()), Some(server.world.property))
    );
    let kept = String::from_utf8_lossy(&server.files()).into_owned() + &logged();
    assert!(!kept.contains("hunter2-hunter2"));
    assert!(!kept.contains("nemo.nobody"));
}

#[tokio::test]
async fn secrets_are_neither_stored_nor_logged() {
    let server = TestServer::start().await;
    let session = server.sign_in(MANAGER).await;
    let token = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    server.get("/session?q=canary-in-a-query").web(&session).send().await;
    server.get("/session").mobile(&token).send().await;
    let kept = String::from_utf8_lossy(&server.files()).into_owned();
    let log = logged();
    for secret in [PASSWORD, &session.0, &token.0] {
        assert!(!kept.contains(secret));
        assert!(!log.contains(secret));
    }
    assert!(!log.contains("canary-in-a-query"));
    assert!(log.contains("/api/v1/session"), "requests are logged by route");
}

#[tokio::test]
async fn an_idle_session_ends_and_a_used_one_goes_on() {
    let server = TestServer::start().await;
    let session = server.sign_in(MANAGER).await;
    for _ in 0..3 {
        server.advance(SignedDuration::from_mins(29));
        assert_eq!(server.get("/session").web(&session).send().await.status, 200);
        server.written().await;
    }
    server.advance(SignedDuration::from_mins(30));
    assert_eq!(server.get("/session").web(&session).send().await.problem(), (401, "signed_out".into()));
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_however_much_it_is_used() {
    let server = TestServer::start().await;
    let session = server.sign_in(MANAGER).await;
    for _ in 0..12 * 4 - 1 {
        server.advance(SignedDuration::from_mins(15));
        assert_eq!(server.get("/session").web(&session).send().await.status, 200);
        server.written().await;
    }
    let body = server.get("/session").web(&session).send().await.json();
    assert_eq!(body["expires_at"], "2026-06-16T06:00:00Z");
    server.advance(SignedDuration::from_mins(15));
    assert_eq!(server.get("/session").web(&session).send().await.status, 401);
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let server = TestServer::start().await;
    let session = server.sign_in(MANAGER).await;
    let answer = server.delete("/session").web(&session).send().await;
    assert_eq!(answer.status, 204);
    assert!(answer.header("set-cookie").starts_with("__Host-latchkey=; "));
    assert!(answer.header("set-cookie").ends_with("; Max-Age=0"));
    assert_eq!(server.get("/session").web(&session).send().await.status, 401);
    assert_eq!(server.recorded().await[0].action.name(), "session.ended");
}

#[tokio::test]
async fn signing_in_again_gives_another_session_and_ends_the_first() {
    let server = TestServer::start().await;
    let first = server.sign_in(MANAGER).await;
    let body = json!({"email": MANAGER, "password": PASSWORD});
    let second = server.post("/session").web(&first).json(&body).send().await.session();
    assert_ne!(first.0, second.0);
    assert_eq!(server.get("/session").web(&first).send().await.status, 401);
    assert_eq!(server.get("/session").web(&second).send().await.status, 200);
}

#[tokio::test]
async fn disabling_a_person_ends_their_sessions_for_good() {
    let server = TestServer::start().await;
    let session = server.sign_in(RESIDENT).await;
    let token = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let resident = server.world.resident;
    server.write(move |tx| people::set_disabled(tx, resident, Some(NOON)).expect("set")).await;
    assert_eq!(server.get("/session").web(&session).send().await.status, 401);
    assert_eq!(server.get("/session").mobile(&token).send().await.status, 401);
    server.write(move |tx| people::set_disabled(tx, resident, None).expect("set")).await;
    assert_eq!(server.get("/session").web(&session).send().await.status, 401);
    assert_eq!(server.get("/session").mobile(&token).send().await.status, 401);
    server.sign_in(RESIDENT).await;
}

#[tokio::test]
async fn moving_out_ends_a_resident_s_sessions() {
    let server = TestServer::start().await;
    let session = server.sign_in(RESIDENT).await;
    let token = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let tenancy = server.world.tenancy;
    server.write(move |tx| tenancies::end(tx, tenancy, NOON).expect("ended")).await;
    assert_eq!(server.get("/session").web(&session).send().await.status, 401);
    assert_eq!(server.get("/session").mobile(&token).send().await.status, 401);
    // The password is still right, but there is nothing to sign in to.
    assert_eq!(server.signing_in(RESIDENT, PASSWORD).send().await.problem(), (403, "no_role".into()));
    assert_eq!(server.recorded().await[0].code.as_deref(), Some("no_role"));
}

#[tokio::test]
async fn r39_moving_out_leaves_a_manager_their_sessions_of_the_console() {
    let server = TestServer::start().await;
    let (resident, property, tenancy) = (server.world.resident, server.world.property, server.world.tenancy);
    server.write(move |tx| people::add_manager(tx, resident, property).expect("added")).await;
    let session = server.sign_in(RESIDENT).await;
    let token = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let body = server.get("/session").web(&session).send().await.json();
    assert_eq!(body["user"]["roles"], json!(["manager", "resident"]));
    server.write(move |tx| tenancies::end(tx, tenancy, NOON).expect("ended")).await;
    assert_eq!(server.get("/session").mobile(&token).send().await.status, 401);
    let body = server.get("/session").web(&session).send().await.json();
    assert_eq!(body["user"]["roles"], json!(["manager"]));
}

#[tokio::test]
async fn a_tenancy_that_runs_out_ends_a_resident_s_sessions() {
    let server = TestServer::start().await;
    let session = server.sign_in(RESIDENT).await;
    let token = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let ends_at = NOON + 10 * 60 * 1000;
    let dates = tenancies::Dates {
        move_in: "2026-01-01",
        move_out: Some("2026-06-15"),
        starts_at: NOON - 1000,
        ends_at: Some(ends_at),
    };
    let tenancy = server.world.tenancy;
    server.write(move |tx| tenancies::set_dates(tx, tenancy, dates).expect("set")).await;
    assert_eq!(server.get("/session").web(&session).send().await.status, 200);
    server.advance(SignedDuration::from_mins(10));
    assert_eq!(server.get("/session").web(&session).send().await.status, 401);
    assert_eq!(server.get("/session").mobile(&token).send().await.status, 401);
}

fn token_request(server: &TestServer, email: &str, password: &str) -> Request {
    let body = json!({"email": email, "password": password, "platform": "android", "app_version": "2.8.0"});
    server.post("/mobile/token").json(&body)
}

#[tokio::test]
async fn a_token_is_bound_to_its_app() {
    let server = TestServer::start().await;
    let answer = token_request(&server, RESIDENT, PASSWORD).send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("set-cookie"), "");
    let body = answer.json();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["channel"], json!({"kind": "mobile", "platform": "android", "app_version": "2.8.0"}));
    assert_eq!(body["expires_at"], "2026-07-15T18:00:00Z");
    let event = &server.recorded().await[0];
    assert_eq!(event.action.name(), "mobile_token.created");
    assert_eq!(event.channel.app_version.as_deref(), Some("2.8.0"));
    assert_eq!((event.property_id, event.actor.id), (Some(server.world.property), Some(server.world.resident)));

    let token = MobileToken(body["token"].as_str().expect("a token").into());
    assert_eq!(server.get("/session").mobile(&token).send().await.problem(), (403, "not_on_mobile".into()));
    server.advance(SignedDuration::from_hours(30 * 24));
    assert_eq!(server.get("/session").mobile(&token).send().await.problem(), (401, "signed_out".into()));
}

/// R4: a version may be missing or malformed; it is kept as declared, and counts as too old.
#[rstest]
#[case(json!("2.8"), Some("2.8"))]
#[case(json!("latest"), Some("latest"))]
#[case(json!(""), Some(""))]
#[case(json!(null), None)]
#[tokio::test]
async fn any_version_signs_in(#[case] declared: serde_json::Value, #[case] kept: Option<&str>) {
    let server = TestServer::start().await;
    let body = json!({"email": RESIDENT, "password": PASSWORD, "platform": "ios", "app_version": declared});
    let answer = server.post("/mobile/token").json(&body).send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["channel"]["app_version"].as_str(), kept);
    let resident = server.world.resident;
    let person = server.query(move |db| people::by_id(db, resident).expect("read").expect("there")).await;
    assert_eq!(
        (person.app_platform.as_ref().map(MaybeKnown::name), person.app_version.as_deref()),
        (Some("ios"), kept)
    );
}

#[rstest]
#[case(json!({"platform": "windows", "app_version": "2.8.0"}), "platform")]
#[case(json!({"platform": "ios", "app_version": "9".repeat(33)}), "app_version")]
#[case(json!({"app_version": "2.8.0"}), "platform")]
#[tokio::test]
async fn a_token_request_that_is_wrong_names_the_field(#[case] mut body: serde_json::Value, #[case] field: &str) {
    let server = TestServer::start().await;
    body["email"] = json!(RESIDENT);
    body["password"] = json!(PASSWORD);
    let answer = server.post("/mobile/token").json(&body).send().await;
    assert_eq!(answer.problem(), (422, "invalid".into()));
    assert_eq!(answer.json()["errors"][0]["field"], field);
}

#[rstest]
#[case(MANAGER)]
#[case(SUPPORT)]
#[tokio::test]
async fn the_app_is_for_residents(#[case] email: &str) {
    let server = TestServer::start().await;
    assert_eq!(token_request(&server, email, PASSWORD).send().await.problem(), (403, "not_a_resident".into()));
    assert_eq!(token_request(&server, email, "wrong").send().await.problem(), (401, "wrong_credentials".into()));
    assert!(server.recorded().await.iter().take(2).all(|event| event.action.name() == "mobile_token.refused"));
}

#[tokio::test]
async fn a_cookie_is_no_token_and_a_token_no_cookie() {
    let server = TestServer::start().await;
    let session = server.sign_in(RESIDENT).await;
    let token = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let crossed = MobileToken(session.0.clone());
    assert_eq!(server.get("/session").mobile(&crossed).send().await.problem(), (401, "signed_out".into()));
    let crossed = WebSession(token.0.clone());
    assert_eq!(server.get("/session").web(&crossed).send().await.problem(), (401, "signed_out".into()));
    // Both at once are refused wherever they go.
    for path in ["/session", "/openapi.json", "/nowhere"] {
        let answer = server.get(path).web(&session).mobile(&token).send().await;
        assert_eq!(answer.problem(), (400, "both_credentials".into()), "{path}");
    }
}

#[rstest]
#[case::same_origin(&[("sec-fetch-site", "same-origin")], true)]
#[case::same_site(&[("sec-fetch-site", "same-site")], false)]
#[case::cross_site(&[("sec-fetch-site", "cross-site")], false)]
#[case::typed_in(&[("sec-fetch-site", "none")], false)]
#[case::own_origin(&[("origin", "{own}")], true)]
#[case::other_origin(&[("origin", "http://evil.example")], false)]
#[case::other_scheme(&[("origin", "https://{host}")], false)]
#[case::longer_origin(&[("origin", "{own}.evil.example")], false)]
#[case::opaque_origin(&[("origin", "null")], false)]
#[case::site_before_origin(&[("sec-fetch-site", "cross-site"), ("origin", "{own}")], false)]
#[case::unsaid(&[], false)]
#[tokio::test]
async fn only_our_own_pages_may_change_anything(#[case] headers: &[(&str, &str)], #[case] allowed: bool) {
    let server = TestServer::start().await;
    let session = server.sign_in(MANAGER).await;
    let host = server.origin.strip_prefix("http://").expect("http");
    let with = |mut request: Request| {
        request = request.web(&session).without_site();
        for (name, value) in headers {
            request = request.header(name, &value.replace("{own}", &server.origin).replace("{host}", host));
        }
        request
    };
    assert_eq!(with(server.get("/session")).send().await.status, 200, "reading may come from anywhere");
    let again = json!({"email": MANAGER, "password": "wrong"});
    let signing_in = with(server.post("/session").json(&again)).send().await;
    let signing_out = with(server.delete("/session")).send().await;
    if allowed {
        assert_eq!(signing_in.problem(), (401, "wrong_credentials".into()));
        assert_eq!(signing_out.status, 204);
    } else {
        assert_eq!(signing_in.problem(), (403, "cross_site".into()));
        assert_eq!(signing_out.problem(), (403, "cross_site".into()));
    }
}

#[tokio::test]
async fn behind_a_proxy_the_origin_has_the_browser_s_scheme() {
    let server = TestServer::start_with(Settings { behind_proxy: true, ..Settings::default() }).await;
    let session = server.sign_in(MANAGER).await;
    let origin = server.origin.replace("http://", "https://");
    let request =
        |proto| server.delete("/session").web(&session).header("origin", &origin).header("x-forwarded-proto", proto);
    assert_eq!(request("http").send().await.problem(), (403, "cross_site".into()));
    let answer = request("https").send().await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("strict-transport-security"), "max-age=63072000; includeSubDomains");
}

#[tokio::test]
async fn guessing_gets_slower_and_recovers() {
    let server = TestServer::start().await;
    for _ in 0..5 {
        assert_eq!(server.signing_in(MANAGER, "wrong").send().await.status, 401);
    }
    for wait in [1, 2, 4, 8] {
        // The right password isn't checked either, or the wait would reveal which it is.
        let answer = server.signing_in(MANAGER, PASSWORD).send().await;
        assert_eq!(answer.problem(), (429, "too_many_requests".into()));
        assert_eq!(answer.header("retry-after"), wait.to_string());
        // Being turned away doesn't make the wait longer, and is recorded once.
        assert_eq!(server.signing_in(MANAGER, PASSWORD).send().await.header("retry-after"), wait.to_string());
        let events = server.recorded().await;
        assert_eq!(events[0].code.as_deref(), Some("too_many_requests"));
        assert_ne!(events[1].code.as_deref(), Some("too_many_requests"));
        server.advance(SignedDuration::from_secs(wait));
        assert_eq!(server.signing_in(MANAGER, "wrong").send().await.status, 401);
    }
    // Somebody else isn't kept waiting, and an unknown person waits like a known one.
    server.sign_in(RESIDENT).await;
    for _ in 0..5 {
        assert_eq!(server.signing_in("nobody@example.com", "wrong").send().await.status, 401);
    }
    assert_eq!(server.signing_in("nobody@example.com", "wrong").send().await.status, 429);
    assert_eq!(token_request(&server, "nobody@example.com", "wrong").send().await.status, 429);

    server.advance(SignedDuration::from_secs(16));
    server.sign_in(MANAGER).await;
    assert_eq!(server.signing_in(MANAGER, "wrong").send().await.status, 401);
}

#[tokio::test]
async fn an_address_that_guesses_everywhere_waits_everywhere() {
    let server = TestServer::start_with(Settings { behind_proxy: true, ..Settings::default() }).await;
    let attempt = |email: &str, password: &str, from: &str| {
        server.signing_in(email, password).header("x-forwarded-for", &format!("203.0.113.9, {from}")).send()
    };
    for n in 0..20 {
        assert_eq!(attempt(&format!("{n}@example.com"), "wrong", "192.0.2.1").await.status, 401);
    }
    assert_eq!(attempt(MANAGER, PASSWORD, "192.0.2.1").await.status, 429);
    assert_eq!(attempt(MANAGER, PASSWORD, "192.0.2.2").await.status, 200);
}

#[tokio::test]
async fn who_is_told_to_wait_hears_it_late() {
    let late = Duration::from_millis(200);
    let server = TestServer::start_with(Settings { waits_told_after: late, ..Settings::default() }).await;
    for _ in 0..5 {
        assert_eq!(server.signing_in(MANAGER, "wrong").send().await.status, 401);
    }
    for _ in 0..2 {
        let asked = Instant::now();
        assert_eq!(server.signing_in(MANAGER, "wrong").send().await.status, 429);
        assert!(asked.elapsed() >= late);
    }
}

/// The cookie of a device that signed in before.
const DEVICE: &str = "__Host-latchkey-device";

/// The marks of a device that signed in.
fn marks(answer: &Answer) -> String {
    let mut all = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().expect("text"));
    let cookie = all.find(|cookie| cookie.starts_with(DEVICE)).expect("a mark");
    let (mark, attributes) = cookie.split_once("; ").expect("attributes");
    assert_eq!(attributes, "HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=34560000");
    mark.to_owned()
}

/// Ten minutes in which strangers guess at an account twenty times a second, from the owner's address too.
#[tokio::test]
async fn an_owner_gets_in_within_a_minute_whatever_strangers_do() {
    let mut server = TestServer::start_with(Settings { behind_proxy: true, ..Settings::default() }).await;
    let from = |server: &TestServer, email: &str, password: &str, address: &str| {
        server.signing_in(email, password).header("x-forwarded-for", address)
    };
    let laptop = marks(&from(&server, MANAGER, PASSWORD, "192.0.2.1").send().await);
    assert_eq!(laptop.split('~').count(), 1);
    // Another account of the family, and nothing that somebody made up.
    let both =
        from(&server, RESIDENT, PASSWORD, "192.0.2.1").header("cookie", &format!("{laptop}~made.up")).send().await;
    let both = marks(&both);
    assert_eq!(both.split('~').count(), 3);
    assert!(both.contains(laptop.split('=').next_back().expect("a mark")));

    let mut told = None;
    for minute in 0..10 {
        for guess in 0..20 {
            let stranger = format!("198.51.100.{}", guess % 10);
            let status = from(&server, MANAGER, "wrong", &stranger).send().await.status;
            assert!(matches!(status, 401 | 429), "{status}");
        }
        // At once on a device that signed in before, from anywhere, and after a restart.
        for device in [&laptop, &both] {
            let answer = from(&server, MANAGER, PASSWORD, "203.0.113.7").header("cookie", device).send().await;
            assert_eq!(answer.status, 200, "{minute}: {}", answer.text);
        }
        // Elsewhere when the minute is over.
        let answer = from(&server, MANAGER, PASSWORD, "192.0.2.77").send().await;
        match told.take() {
            None if answer.status == 429 => {
                let wait: i64 = answer.header("retry-after").parse().expect("seconds");
                assert!((1..=60).contains(&wait), "{wait}");
                told = Some(wait);
            }
            None => assert_eq!(answer.status, 200),
            Some(wait) => assert_eq!(answer.status, 200, "after {wait} s: {}", answer.text),
        }
        if minute == 5 {
            server.restart().await;
        }
        server.advance(SignedDuration::from_secs(60));
    }
    // A mark is for its own account.
    for _ in 0..6 {
        from(&server, SUPPORT, "wrong", "198.51.100.1").send().await;
    }
    assert_eq!(from(&server, SUPPORT, PASSWORD, "203.0.113.9").header("cookie", &both).send().await.status, 429);
}

#[tokio::test]
async fn a_device_s_own_failures_make_it_wait_and_survive_a_restart() {
    let mut server = TestServer::start().await;
    let mark = marks(&server.signing_in(MANAGER, PASSWORD).send().await);
    let attempt = |server: &TestServer, password: &str| server.signing_in(MANAGER, password).header("cookie", &mark);
    for _ in 0..5 {
        assert_eq!(attempt(&server, "wrong").send().await.status, 401);
    }
    server.restart().await;
    let answer = attempt(&server, PASSWORD).send().await;
    assert_eq!(answer.problem(), (429, "too_many_requests".into()));
    assert_eq!(answer.header("retry-after"), "1");
    server.advance(SignedDuration::from_secs(1));
    let again = attempt(&server, PASSWORD).send().await;
    assert_eq!((again.status, marks(&again)), (200, mark.clone()));
    server.restart().await;
    assert_eq!(attempt(&server, PASSWORD).send().await.status, 200, "nothing is left of it");
    // The mark signs nobody in, and is in no log.
    assert_eq!(server.get("/session").header("cookie", &mark).send().await.status, 401);
    let secret = mark.split('=').next_back().expect("a mark");
    assert!(!logged().contains(secret));
    assert!(!server.files().windows(secret.len()).any(|window| window == secret.as_bytes()));
}
