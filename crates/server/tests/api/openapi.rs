//! The published contract: kept in `docs/openapi.json`, complete, and with every name that other programs rely on.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::fixtures_matrix::{As, BY_LINK, Ids, Town, assert_in_contract, assert_snapshot, operations, probe};
use crate::harness::{MANAGER, RESIDENT, SUPPORT, TestServer};

async fn document() -> Value {
    TestServer::start().await.get("/openapi.json").send().await.json()
}

/// Each operation with its name, as in `PATCH /properties/{id}`.
async fn each() -> Vec<(String, Value)> {
    let server = TestServer::start().await;
    let document = server.get("/openapi.json").send().await.json();
    let mut all = Vec::new();
    for name in operations(&server).await {
        let (method, path) = name.split_once(' ').expect("a method and a path");
        let operation = document["paths"][format!("/api/v1{path}")][method.to_lowercase()].clone();
        all.push((name, operation));
    }
    all
}

#[tokio::test]
async fn the_kept_contract_is_the_published_one() {
    let server = TestServer::start().await;
    let published = server.get("/openapi.json").send().await.text;
    let document: Value = serde_json::from_str(&published).expect("JSON");
    assert!(document["openapi"].as_str().expect("a version").starts_with("3.1"));
    assert_snapshot("../../docs/openapi.json", &format!("{}\n", published.trim_end()));
}

#[tokio::test]
async fn every_operation_has_a_name_of_its_own_and_says_what_it_does() {
    let mut names = BTreeSet::new();
    for (operation, description) in each().await {
        let name = description["operationId"].as_str().unwrap_or_else(|| panic!("{operation} has no operationId"));
        assert!(names.insert(name.to_owned()), "{operation}: {name} is taken");
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{operation}: {name}");
        let summary = description["summary"].as_str().unwrap_or_default();
        assert!(summary.len() > 10, "{operation} has no summary");
        assert!(description["tags"].as_array().is_some_and(|tags| tags.len() == 1), "{operation}");
    }
}

#[tokio::test]
async fn every_refusal_is_a_problem() {
    for (operation, description) in each().await {
        let responses = description["responses"].as_object().expect("responses");
        assert!(responses.keys().any(|status| status.starts_with('2')), "{operation}");
        for (status, response) in responses.iter().filter(|(status, _)| status.starts_with(['4', '5'])) {
            let content = response["content"].as_object().unwrap_or_else(|| panic!("{operation} {status} is empty"));
            assert_eq!(content.keys().collect::<Vec<_>>(), ["application/problem+json"], "{operation} {status}");
            let schema = &content["application/problem+json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/Problem", "{operation} {status}");
            let text = response["description"].as_str().expect("a description");
            assert!(text.contains('`'), "{operation} {status} doesn't say which codes");
        }
        // What requires signing in says so, and with which credentials.
        let secured = description["security"].as_array().is_some_and(|schemes| !schemes.is_empty());
        // A guest's link has its own secret, and nobody signs in with it.
        let link = BY_LINK.iter().any(|start| operation.starts_with(start));
        let signs_in = matches!(operation.as_str(), "POST /session" | "POST /session/passkey" | "POST /mobile/token");
        assert_eq!(secured, !signs_in && !link, "{operation}");
        assert_eq!(responses.contains_key("401"), !link, "{operation}");
    }
}

/// Everything the document refers to is in it: schemas, security schemes, and path parameters.
#[tokio::test]
async fn the_contract_is_whole() {
    let document = document().await;
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("within the document");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    for (operation, description) in each().await {
        for scheme in description["security"].as_array().into_iter().flatten() {
            for name in scheme.as_object().expect("a scheme").keys() {
                let known = &document["components"]["securitySchemes"][name];
                assert!(known.is_object(), "{operation} takes {name}, which is not described");
            }
        }
        let in_address: BTreeSet<&str> =
            operation.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        let parameters = description["parameters"].as_array().into_iter().flatten();
        let described: BTreeSet<&str> = parameters
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().expect("a name"))
            .collect();
        assert_eq!(described, in_address, "{operation}");
    }
}

#[tokio::test]
async fn every_answer_that_comes_is_in_the_contract() {
    let town = Town::start().await;
    let server = &town.server;
    let document = server.get("/openapi.json").send().await.json();
    let (manager, support) = (server.sign_in(MANAGER).await, server.sign_in(SUPPORT).await);
    let (resident, app) = (server.sign_in(RESIDENT).await, server.mobile_sign_in(RESIDENT, "2.8.0").await);
    let nothing = Ids::of_nothing();
    let request = |operation: &str| probe(server, operation, &nothing).expect("a request");
    let long = "x".repeat(5_000);
    for operation in operations(server).await {
        let mut answers = Vec::new();
        let credentials = [As::Nobody, As::Web(&manager), As::Web(&support), As::Web(&resident), As::App(&app)];
        for credential in credentials {
            answers.push(credential.sign(request(&operation)).header("sec-fetch-site", "cross-site").send().await);
            for kind in ["application/json", "text/csv", "text/plain"] {
                for body in ["{", "{\"surprise\": 1}", "null", "\u{0}"] {
                    let asked = request(&operation).without("content-type").without("content-length");
                    answers.push(credential.sign(asked.body(kind, body)).send().await);
                }
            }
            answers.push(credential.sign(request(&operation)).header("authorization", "Bearer x").send().await);
            for query in
                ["limit=0&cursor=zz", "cursor=zz", &format!("q={long}"), "from=1&format=x&sort=x&state=x&app=x"]
            {
                answers.push(credential.sign(request(&operation).query(query)).send().await);
            }
        }
        for answer in answers {
            let code = if answer.status >= 400 { answer.problem().1 } else { String::new() };
            assert_in_contract(&document, &operation, answer.status, &code);
        }
    }
}

#[tokio::test]
async fn what_needs_no_credential_says_so() {
    for (operation, description) in each().await {
        assert!(description["security"].is_array(), "{operation}");
    }
}

#[tokio::test]
async fn an_export_has_both_its_types() {
    let document = document().await;
    let content = document["paths"]["/api/v1/audit/export"]["get"]["responses"]["200"]["content"].as_object();
    let types: BTreeSet<_> = content.expect("types").keys().map(String::as_str).collect();
    assert_eq!(types, BTreeSet::from(["application/x-ndjson", "text/csv"]));
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| collect_references(value, found));
        }
        Value::Array(array) => array.iter().for_each(|value| collect_references(value, found)),
        _ => {}
    }
}

/// Routes with the parameters and headers that clients send.
const ROUTES: &[(&str, &[&str])] = &[
    ("POST /session", &[]),
    ("GET /session", &[]),
    ("DELETE /session", &[]),
    ("POST /mobile/token", &[]),
    ("GET /me/sessions", &[]),
    ("DELETE /me/sessions", &[]),
    ("DELETE /me/sessions/{id}", &["id"]),
    ("GET /properties", &[]),
    ("GET /properties/{id}", &["id"]),
    ("PATCH /properties/{id}", &["id", "If-Match"]),
    ("GET /properties/{id}/residents", &["q", "unit", "origin", "status", "sort", "cursor", "limit"]),
    ("POST /properties/{id}/residents/{resident_id}/move-out", &["id", "resident_id", "Idempotency-Key"]),
    ("GET /properties/{id}/residents/{resident_id}/move-out", &["id", "resident_id"]),
    ("GET /troubleshoot/residents", &["q"]),
    ("GET /troubleshoot/guest-codes/{id}", &["id"]),
    ("GET /troubleshoot/residents/{id}", &["id"]),
    ("GET /properties/{id}/roster", &["id"]),
    ("POST /properties/{id}/roster", &["id", "dry_run", "Idempotency-Key"]),
    ("GET /properties/{id}/doors", &["id"]),
    ("GET /guest-codes", &["property", "door", "kind", "status", "cursor", "limit"]),
    ("POST /guest-codes/preview", &[]),
    ("POST /guest-codes", &["Idempotency-Key"]),
    ("GET /guest-codes/{id}", &["id"]),
    ("PATCH /guest-codes/{id}", &["id", "If-Match"]),
    ("POST /guest-codes/{id}/preview", &["id"]),
    ("POST /guest-codes/{id}/revoke", &["id", "Idempotency-Key"]),
    ("GET /guest-codes/{id}/shares", &["id"]),
    ("POST /guest-codes/{id}/share", &["id"]),
    ("DELETE /guest-codes/{id}/shares/{share_id}", &["id", "share_id"]),
    ("POST /pass", &[]),
    ("POST /pass/reveal", &[]),
    ("POST /codes/{id}/reveal", &["id"]),
    ("GET /codes/{id}/reveals", &["id"]),
    ("GET /me/access", &[]),
    ("PUT /me/code", &["Idempotency-Key"]),
    (
        "GET /audit",
        &["actor", "action", "property", "resident", "door", "outcome", "q", "from", "to", "cursor", "limit"],
    ),
    ("GET /audit/export", &["format", "actor", "action", "property", "resident", "door", "outcome", "q", "from", "to"]),
    ("GET /audit/verify", &[]),
];

/// Schemas with their required and optional fields.
const SHAPES: &[(&str, &[&str], &[&str])] = &[
    ("SignIn", &["email", "password"], &[]),
    ("Session", &["user", "expires_at"], &[]),
    ("User", &["id", "name", "email", "roles"], &[]),
    ("MySession", &["id", "current", "channel", "created_at", "last_seen_at", "expires_at"], &["browser"]),
    ("MySessions", &["items"], &[]),
    ("EndedSessions", &["ended"], &[]),
    ("TokenRequest", &["email", "password", "platform"], &["app_version"]),
    ("Token", &["token", "token_type", "expires_at", "channel"], &[]),
    ("Channel", &["kind"], &["platform", "app_version"]),
    (
        "Property",
        &["id", "name", "time_zone", "custom_codes_enabled", "counts", "health"],
        &["support_email", "support_phone"],
    ),
    ("PropertyEdit", &[], &["custom_codes_enabled"]),
    ("Door", &["id", "name", "kind"], &["unit", "lock"]),
    ("LinkLock", &["hub_id", "hub_lock"], &[]),
    ("NewHub", &["kind", "name", "url"], &["token"]),
    ("LockSlot", &["state"], &["slot", "holder", "confirmed_at"]),
    ("Lock", &["id", "hub_id", "online", "since", "slots_used", "slots_total"], &["battery_percent"]),
    (
        "Placement",
        &["door_id", "status", "since"],
        &["evidence", "reason", "next_step", "slot", "attempts", "protocol_error"],
    ),
    ("Code", &["id", "origin", "length", "changed_at", "placements"], &[]),
    ("MyAccess", &["property", "unit", "doors", "code", "eligibility"], &[]),
    ("Eligibility", &["checklist"], &[]),
    ("ChecklistItem", &["condition", "detail"], &["met", "next_step"]),
    ("GuestCodeRequest", &["kind", "door_ids", "guest_name"], &["starts_at", "ends_at", "recurrence", "length"]),
    ("Recurrence", &["weekdays", "from", "to", "first_day", "last_day"], &[]),
    (
        "GuestCode",
        &["id", "kind", "guest_name", "door_ids", "issued_by", "issued_at", "state", "length", "placements"],
        &["starts_at", "ends_at", "recurrence"],
    ),
    ("RevealRequest", &[], &["reason"]),
    ("RevealedCode", &["code", "hide_after_s"], &[]),
    ("Resident", &["id", "name", "email", "unit", "move_in", "code"], &["move_out"]),
    (
        "AuditEvent",
        &["id", "at", "actor", "channel", "action", "subject", "outcome", "detail", "hash"],
        &["property_id", "code"],
    ),
    ("Actor", &["name", "role"], &["id"]),
    ("Subject", &["kind", "name"], &["id"]),
    ("AuditVerification", &["events", "head", "intact"], &["first_broken"]),
    (
        "RosterImport",
        &["dry_run", "rows", "created", "unchanged", "updated", "bad_rows", "row_count", "reading"],
        &["plan", "import_id"],
    ),
    ("Problem", &["type", "title", "status", "detail", "code", "request_id"], &["checklist", "errors"]),
];

#[tokio::test]
async fn the_routes_that_programs_are_written_against_are_there() {
    let all = each().await;
    for (route, parameters) in ROUTES {
        let (_, description) =
            all.iter().find(|(operation, _)| operation == route).unwrap_or_else(|| panic!("{route} is gone"));
        let described: BTreeSet<&str> = description["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|parameter| parameter["name"].as_str().expect("a name"))
            .collect();
        for parameter in *parameters {
            assert!(described.contains(parameter), "{route} has no {parameter}: {described:?}");
        }
    }
}

#[tokio::test]
async fn the_fields_that_programs_are_written_against_are_there() {
    let document = document().await;
    for (name, required, optional) in SHAPES {
        let schema = &document["components"]["schemas"][name];
        assert!(schema.is_object(), "{name} is gone");
        let needed: BTreeSet<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for field in required.iter().chain(*optional) {
            assert!(schema["properties"][field].is_object(), "{name} has no {field}");
        }
        for field in *required {
            assert!(needed.contains(field), "{name}.{field} may be absent");
        }
        for field in *optional {
            assert!(!needed.contains(field) || may_be_null(&schema["properties"][field]), "{name}.{field} is needed");
        }
    }
}

fn may_be_null(schema: &Value) -> bool {
    schema["type"].as_array().is_some_and(|types| types.iter().any(|one| one == "null"))
}

/// R19, and that nothing a client meant is silently dropped: requests allow no undescribed field.
#[tokio::test]
async fn r19_requests_take_no_other_fields() {
    let document = document().await;
    for name in ["SignIn", "TokenRequest", "PropertyEdit", "GuestCodeRequest", "Recurrence", "RevealRequest"] {
        let schema = &document["components"]["schemas"][name];
        assert_eq!(schema["additionalProperties"], false, "{name}");
    }
    let fields = document["components"]["schemas"]["GuestCodeRequest"]["properties"].as_object().expect("fields");
    for digits in ["code", "pin", "digits"] {
        assert!(!fields.contains_key(digits), "{digits}");
    }
}
