//! What holds for every route.

use std::time::Duration;

use latchkey_server::app::Settings;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{MANAGER, PASSWORD, RESIDENT, TestServer};

#[rstest]
#[case::unknown_field(json!({"email": "a", "password": "b", "remember": true}).to_string(), 422, "unknown_field", Some("remember"))]
#[case::missing_field(json!({"email": "a"}).to_string(), 422, "invalid", Some("password"))]
#[case::wrong_type(json!({"email": 1, "password": "b"}).to_string(), 422, "invalid", Some("email"))]
#[case::empty(json!({"email": "", "password": "b"}).to_string(), 422, "invalid", Some("email"))]
#[case::not_json("{".into(), 400, "malformed_json", None)]
#[case::nothing(String::new(), 400, "malformed_json", None)]
#[tokio::test]
async fn a_bad_body_is_a_problem_that_says_what_is_wrong(
    #[case] body: String,
    #[case] status: u16,
    #[case] code: &str,
    #[case] field: Option<&str>,
) {
    let server = TestServer::start().await;
    let answer = server.post("/session").body("application/json", body).send().await;
    assert_eq!(answer.problem(), (status, code.into()));
    assert_eq!(answer.json()["errors"][0]["field"].as_str(), field);
}

#[rstest]
#[case("text/plain")]
#[case("application/x-www-form-urlencoded")]
#[case("application/jsonp")]
#[tokio::test]
async fn only_json_is_taken(#[case] content_type: &str) {
    let server = TestServer::start().await;
    let answer = server.post("/session").body(content_type, "{}").send().await;
    assert_eq!(answer.problem(), (415, "unsupported_media_type".into()));
    let answer = server.post("/session").body("application/json; charset=utf-8", "{}").send().await;
    assert_eq!(answer.status, 422);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let server = TestServer::start().await;
    let body = |length| json!({"email": "a@example.com", "password": "x".repeat(length)}).to_string();
    let answer = server.post("/session").body("application/json", body(64 * 1024)).send().await;
    assert_eq!(answer.problem(), (413, "too_large".into()));
    // Within the limit of bodies, but no password.
    let answer = server.post("/session").body("application/json", body(2000)).send().await;
    assert_eq!(answer.problem(), (422, "invalid".into()));
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_408_and_nothing_is_done() {
    let settings = Settings { body_time: Duration::from_millis(100), ..Settings::default() };
    let server = TestServer::start_with(settings).await;
    let address = server.origin.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let begun = "POST /api/v1/session HTTP/1.1\r\nhost: latchkey\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"em";
    stream.write_all(begun.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    // The connection ends with it: what else was sent isn't read.
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("body_too_slow"), "{answer}");
    assert_eq!(server.signing_in(MANAGER, PASSWORD).send().await.status, 200, "others aren't held up");
}

#[tokio::test]
async fn two_credentials_of_one_kind_are_refused_too() {
    let server = TestServer::start().await;
    let token = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    for path in ["/session", "/me/access", "//healthz"] {
        let answer = server.get(path).mobile(&token).header("authorization", "Bearer other").send().await;
        assert_eq!(answer.problem(), (400, "both_credentials".into()), "{path}");
    }
}

#[tokio::test]
async fn what_does_not_exist_is_a_problem_too() {
    let server = TestServer::start().await;
    for path in ["/nowhere", "//api", "//api/v2/session"] {
        assert_eq!(server.get(path).send().await.problem(), (404, "not_found".into()), "{path}");
    }
    let answer = server.request(Method::PATCH, "/session").send().await;
    assert_eq!(answer.problem(), (405, "method_not_allowed".into()));
    for method in ["GET", "POST", "DELETE"] {
        assert!(answer.header("allow").contains(method), "{}", answer.header("allow"));
    }
    let answer = server.post("//").send().await;
    assert_eq!(answer.problem(), (405, "method_not_allowed".into()));
    assert_eq!(answer.header("allow"), "GET, HEAD");
}

#[tokio::test]
async fn without_a_credential_one_is_signed_out() {
    let server = TestServer::start().await;
    for (name, value) in [
        ("accept", "*/*"),
        ("cookie", "__Host-latchkey=made-up"),
        ("authorization", "Bearer made-up"),
        ("authorization", "Basic dXNlcjpwYXNzd29yZA=="),
    ] {
        let answer = server.get("/session").header(name, value).send().await;
        assert_eq!(answer.problem(), (401, "signed_out".into()), "{name}: {value}");
    }
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let server = TestServer::start().await;
    for path in ["/session", "/openapi.json", "//", "//healthz", "//missing.js"] {
        let answer = server.get(path).header("accept", "text/html").send().await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"), "{path}: {policy}");
        assert!(policy.ends_with("base-uri 'none'; frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}: not over plain http");
        assert_eq!(answer.header("cache-control") == "no-store", !matches!(path, "//" | "//missing.js"), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
}

#[tokio::test]
async fn requests_have_ids_of_our_own() {
    let server = TestServer::start().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let answer = server.get("/session").header("x-request-id", "theirs").send().await;
        let id: uuid::Uuid = answer.header("x-request-id").parse().expect("an id");
        assert_eq!(id.get_version_num(), 7);
        ids.push(id);
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn the_contract_is_published() {
    let server = TestServer::start().await;
    let answer = server.get("/openapi.json").send().await;
    assert_eq!(answer.header("content-type"), "application/json");
    let document = answer.json();
    assert!(document["openapi"].as_str().expect("a version").starts_with("3.1"));
    for (path, method) in [("session", "post"), ("session", "get"), ("session", "delete"), ("mobile/token", "post")] {
        let operation = &document["paths"][format!("/api/v1/{path}")][method];
        assert!(operation["responses"].is_object(), "{method} {path}");
    }
    assert_eq!(document["components"]["securitySchemes"]["session"]["name"], "__Host-latchkey");
    assert_eq!(document["components"]["schemas"]["SignIn"]["additionalProperties"], false);
}

#[tokio::test]
async fn operators_see_liveness_readiness_and_metrics_at_an_address_of_their_own() {
    let mut server = TestServer::start().await;
    assert_eq!(server.get("//healthz").send().await.status, 200);
    let ready = server.get("//readyz").send().await;
    assert_eq!(ready.status, 200);
    assert_eq!(ready.json(), json!({"ready": true}), "and no more in public");
    assert!(!server.get("//metrics").send().await.text.contains("latchkey_http_requests_total"));
    assert_eq!(server.get("//readyz?detail").send().await.json(), json!({"ready": true}));
    assert_eq!(server.get_as_operator("/healthz").send().await.status, 200);
    assert_eq!(server.get_as_operator("/readyz").send().await.json(), json!({"ready": true}));
    let detail = server.get_as_operator("/readyz?detail").send().await;
    let hub = json!({"id": server.world.hub, "online": true});
    let database = json!({"writable": true, "waiting": 0});
    assert_eq!(detail.json(), json!({"ready": true, "database": database, "workers": [], "hubs": [hub]}));
    server.start_workers();
    let detail = server.get_as_operator("/readyz?detail").send().await.json();
    let workers = detail["workers"].as_array().expect("workers");
    assert!(workers.iter().any(|worker| worker["name"] == "keeps time"), "{detail}");
    assert!(workers.iter().all(|worker| worker["restarts"] == 0), "{detail}");
    assert_eq!(server.get_as_operator("/api/v1/session").send().await.status, 404);
    server.sign_in(MANAGER).await;
    let metrics = server.get_as_operator("/metrics").send().await.text;
    let counted = "latchkey_http_requests_total{method=\"POST\",route=\"/api/v1/session\",status=\"200\"}";
    assert!(metrics.contains(counted), "{metrics}");
    assert!(!metrics.contains(MANAGER));
}

#[tokio::test]
async fn a_database_that_is_gone_makes_it_unready() {
    let server = TestServer::start().await;
    server.app.store().close().await;
    let ready = server.get("//readyz").send().await;
    assert_eq!((ready.status, ready.json()), (503, json!({"ready": false})));
    let detail = server.get_as_operator("/readyz?detail").send().await;
    assert_eq!((detail.status, &detail.json()["database"]["writable"]), (503, &json!(false)));
    assert_eq!(detail.json().get("hubs"), None, "they can't be read");
    let answer = server.signing_in(MANAGER, "any").send().await;
    assert_eq!(answer.problem(), (503, "storage_unavailable".into()));
    assert_eq!(answer.header("retry-after"), "1");
}
