//! The digits of codes are only where they are shown (R32).

use ids::CodeId;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::fixtures_matrix::{Town, id, keyed, permanent};
use crate::harness::{Answer, MANAGER, RESIDENT, SUPPORT, logged};

/// A code that no other test picks.
const CANARY: &str = "730519";

/// Bytes without the ids and hashes in them, which may contain any digits by chance.
fn without_ids(bytes: &[u8]) -> Vec<u8> {
    let hexadecimal = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    let mut kept = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let run = bytes[at..].iter().take_while(|byte| hexadecimal(**byte)).count();
        let id = (run >= 36).then(|| &bytes[at..at + 36]).filter(|run| {
            std::str::from_utf8(run).is_ok_and(|text| text.matches('-').count() == 4 && Uuid::parse_str(text).is_ok())
        });
        if id.is_some() {
            at += 36;
        } else if run >= 64 && bytes[at..at + 64].iter().all(u8::is_ascii_hexdigit) {
            at += 64;
        } else {
            kept.push(bytes[at]);
            at += 1;
        }
    }
    kept
}

fn holds(bytes: &[u8], digits: &str) -> bool {
    without_ids(bytes).windows(digits.len()).any(|window| window == digits.as_bytes())
}

/// Whether the digits are in the log as a separate number. Fractions of a second may contain them by chance.
fn logs(text: &str, digits: &str) -> bool {
    // Most lines don't, and there are hundreds of thousands.
    if !text.contains(digits) {
        return false;
    }
    let text = String::from_utf8_lossy(&without_ids(text.as_bytes())).into_owned();
    text.match_indices(digits).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + digits.len()..].chars().next();
        !before.is_some_and(|c| c.is_ascii_digit() || c == '.') && !after.is_some_and(|c| c.is_ascii_digit())
    })
}

#[test]
fn the_search_for_digits_finds_them() {
    assert!(holds(b"x730519x", CANARY) && holds(b"730519", CANARY));
    assert!(!holds(b"01997305-1973-7305-b730-730519730519", CANARY));
    assert!(holds(b"01997305-1973-7305-b730-730519730519 730519", CANARY));
    assert!(logs("code=730519, ", CANARY) && logs("730519.", CANARY) && logs("\"730519\"", CANARY));
    assert!(!logs("18:00:00.730519Z", CANARY) && !logs("elapsed=1.730519ms", CANARY));
}

/// Sends requests with the digits of that code where they don't belong. Other words may hold them: what isn't about the
/// code can't know of it (R10, R45).
async fn misplaced(town: &Town, digits: &str, code: CodeId) -> Vec<(String, Answer)> {
    let server = &town.server;
    let (resident, manager) = (server.sign_in(RESIDENT).await, server.sign_in(MANAGER).await);
    let support = server.sign_in(SUPPORT).await;
    let app = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let (door, property) = (town.home.door, server.world.property);
    let mut answers = Vec::new();
    let number: u32 = digits.parse().expect("digits");
    let spaced: String = digits.chars().map(|digit| format!("{digit} ")).collect();

    let guest = |extra: Value| {
        let mut body = permanent(&[door], "Ada");
        let fields = extra.as_object().expect("fields").clone();
        body.as_object_mut().expect("fields").extend(fields);
        body
    };
    let guests = [
        guest(json!({"code": digits})),
        guest(json!({"pin": number})),
        guest(json!({digits: digits})),
        guest(json!({"note": digits})),
        guest(json!({"length": number})),
        guest(json!({"length": digits})),
        guest(json!({"door_ids": [digits]})),
        guest(json!({"kind": digits})),
        guest(json!({"starts_at": digits})),
        guest(json!({"kind": "temporary", "starts_at": digits, "ends_at": digits})),
        guest(
            json!({"kind": "recurring", "recurrence": {"weekdays": [digits], "from": digits, "to": digits, "first_day": digits, "last_day": digits}}),
        ),
        guest(
            json!({"kind": "recurring", "recurrence": {"weekdays": ["mon"], "from": digits, "to": digits, "first_day": digits, "last_day": digits}}),
        ),
        guest(json!({"kind": "recurring", "recurrence": {"weekdays": ["mon"], digits: digits}})),
        json!(digits),
        json!([number]),
    ];
    for body in guests {
        for path in ["/guest-codes", "/guest-codes/preview"] {
            let answer = keyed(server.post(path)).web(&resident).json(&body).send().await;
            // A preview takes no name and issues nothing.
            assert!(answer.status >= 400, "{path} {}", answer.text);
            answers.push((path.to_owned(), answer));
        }
    }
    let mine = || keyed(server.request(Method::PUT, "/me/code"));
    for body in [
        json!({"mode": "custom", "code": format!("{digits}0")}),
        json!({"mode": "custom", "code": format!("{digits}x")}),
        json!({"mode": "custom", "code": number}),
        json!({"mode": "custom", "code": [digits]}),
        json!({"mode": "custom", "pin": digits}),
        json!({"mode": "custom", "code": "4711", digits: digits}),
        json!({"mode": digits}),
        json!({"mode": "random", "length": number}),
        json!({"mode": "random", "length": 6, "code": digits}),
    ] {
        answers.push(("PUT".into(), mine().mobile(&app).json(&body).send().await));
    }
    for body in
        [format!("{{\"mode\": \"custom\", \"code\": \"{digits}\""), digits.to_owned(), format!("\"{digits}\" x")]
    {
        answers.push(("PUT malformed".into(), mine().mobile(&app).body("application/json", body.clone()).send().await));
        answers.push(("PUT as text".into(), mine().mobile(&app).body("text/plain", body).send().await));
    }
    let own = json!({"mode": "custom", "code": digits});
    answers.push(("PUT on the web".into(), mine().web(&resident).json(&own).send().await));
    answers.push(("PUT signed out".into(), mine().json(&own).send().await));
    let old = server.mobile_sign_in(RESIDENT, "2.7.0").await;
    answers.push(("PUT in an old app".into(), mine().mobile(&old).json(&own).send().await));

    let reveal = format!("/codes/{code}/reveal");
    for body in [
        json!({"reason": digits}),
        json!({"reason": spaced}),
        json!({"reason": format!("They said it is {digits}.")}),
        json!({"reason": format!("{}-{}", &digits[..3], &digits[3..])}),
        json!({"reason": number}),
        json!({digits: "reason"}),
    ] {
        answers.push(("reveal".into(), server.post(&reveal).web(&manager).json(&body).send().await));
    }
    for path in [
        format!("/audit?actor={digits}"),
        format!("/audit?from={digits}"),
        format!("/audit?outcome={digits}"),
        format!("/audit?cursor={digits}"),
        format!("/audit?limit={digits}"),
        format!("/audit/export?format={digits}"),
        format!("/audit/{digits}"),
        format!("/guest-codes?kind={digits}"),
        format!("/guest-codes?door={digits}"),
        format!("/guest-codes/{digits}"),
        format!("/codes/{digits}/reveals"),
        format!("/properties/{digits}"),
        format!("/properties/{property}/residents?sort={digits}"),
        format!("/properties/{property}/residents/{digits}"),
        format!("/{digits}"),
        format!("/{digits}?code={digits}"),
    ] {
        answers.push((format!("GET {}", path.replace(digits, "…")), server.get(&path).web(&manager).send().await));
    }
    // Searching for digits finds nothing, but isn't refused.
    for path in [
        format!("/audit?q={digits}"),
        format!("/audit?action={digits}"),
        format!("/audit?code={digits}"),
        format!("/audit/export?format=csv&q={digits}"),
        format!("/properties/{property}/residents?q={digits}&unit={digits}"),
    ] {
        let session = if path.starts_with("/audit") { &support } else { &manager };
        let answer = server.get(&path).web(session).send().await;
        assert_eq!(answer.status, 200);
        answers.push((format!("GET {}", path.replace(digits, "…")), answer));
    }
    for (email, password) in [(digits, "x"), (&*format!("{digits}@example.com"), digits), (RESIDENT, digits)] {
        answers.push(("sign-in".into(), server.signing_in(email, password).send().await));
    }
    for body in [
        json!({"email": RESIDENT, "password": digits, "platform": digits}),
        json!({"email": RESIDENT, "password": "x", "platform": "ios", "app_version": [digits]}),
        json!({"email": RESIDENT, "password": "x", "platform": "ios", digits: true}),
    ] {
        answers.push(("token".into(), server.post("/mobile/token").json(&body).send().await));
    }
    let path = format!("/properties/{property}");
    let edit = server.request(Method::PATCH, &path).web(&manager).header("if-match", digits);
    answers.push(("edit".into(), edit.json(&json!({"custom_codes_enabled": true})).send().await));
    let edit = server.request(Method::PATCH, &path).web(&manager).header("if-match", "\"1\"");
    answers.push(("edit".into(), edit.json(&json!({"custom_codes_enabled": digits})).send().await));
    for row in [
        format!("{digits},Ada,ada@example.com,2026-07-01,"),
        format!("101,Ada,{digits},2026-07-01,"),
        format!("101,Ada,ada@example.com,{digits},{digits}"),
    ] {
        let csv = format!("unit,name,email,move_in,move_out\n{row}\n");
        let roster = keyed(server.post(&format!("{path}/roster"))).web(&manager).body("text/csv", csv);
        answers.push(("roster".into(), roster.send().await));
    }
    let press = server.post(&format!("/simulator/doors/{}/keypad", server.world.gym)).web(&manager);
    answers.push(("keypad".into(), press.json(&json!({"digits": digits, "door": digits})).send().await));
    answers
}

#[tokio::test]
async fn r32_digits_are_nowhere() {
    let mut town = Town::start().await;
    let property = format!("/properties/{}", town.server.world.property);
    let manager = town.server.sign_in(MANAGER).await;
    let edit = town.server.request(Method::PATCH, &property).web(&manager).header("if-match", "\"1\"");
    assert_eq!(edit.json(&json!({"custom_codes_enabled": true})).send().await.status, 200);

    // A custom code, and guest codes of every issuer.
    let app = town.server.mobile_sign_in(RESIDENT, "2.8.0").await;
    let custom = keyed(town.server.request(Method::PUT, "/me/code")).mobile(&app);
    let custom = custom.json(&json!({"mode": "custom", "code": CANARY})).send().await;
    assert_eq!(custom.status, 200);
    town.settle().await;
    town.home.code = id(&custom.json()["code"]);
    let server = &town.server;
    let resident = server.sign_in(RESIDENT).await;
    let (door, gate, gym) = (town.home.door, server.world.gate, server.world.gym);
    let delivery = json!({"kind": "delivery", "door_ids": [gate], "guest_name": "Parcels"});
    let mut codes = vec![(door, CANARY.to_owned(), town.home.code)];
    for (session, door, body) in [
        (&resident, door, permanent(&[door], "Grandma")),
        (&resident, gate, delivery),
        (&manager, gym, permanent(&[gym, gate], "Plumber")),
    ] {
        let key = Uuid::now_v7().to_string();
        let ask = || server.post("/guest-codes").web(session).header("idempotency-key", &key).json(&body).send();
        let (answer, again) = (ask().await, ask().await);
        assert_eq!(answer.status, 201);
        assert!(answer.text == again.text);
        let issued = answer.json();
        codes.push((door, issued["code"].as_str().expect("digits").to_owned(), id(&issued)));
    }
    town.settle().await;
    let server = &town.server;
    for (_, digits, code) in &codes {
        for (session, body) in [(&resident, json!({})), (&manager, json!({"reason": "Locked out"}))] {
            let answer = server.post(&format!("/codes/{code}/reveal")).web(session).json(&body).send().await;
            // A resident doesn't see what the manager issued.
            assert!(answer.status == 404 || answer.json()["code"] == json!(digits), "{}", answer.status);
        }
    }
    for (door, digits, _) in &codes {
        let press = server.post(&format!("/simulator/doors/{door}/keypad")).web(&manager);
        let answer = press.json(&json!({"digits": digits})).send().await;
        assert_eq!(answer.json(), json!({"opened": true}));
    }
    town.settle().await;

    let mut answers = Vec::new();
    // The custom one and one that was issued.
    for (_, digits, code) in &codes[..2] {
        answers.extend(misplaced(&town, digits, *code).await);
    }
    // What people and programs read.
    let server = &town.server;
    let support = server.sign_in(SUPPORT).await;
    let manager = server.sign_in(MANAGER).await;
    let resident = server.sign_in(RESIDENT).await;
    for (session, path) in [
        (&support, "/audit?limit=200"),
        (&support, "/audit/export?format=csv"),
        (&support, "/audit/export?format=ndjson"),
        (&support, "/audit/verify"),
        (&manager, "/audit?limit=200"),
        (&manager, "/guest-codes"),
        (&manager, &format!("{property}/residents")),
        (&manager, &format!("{property}/doors")),
        (&manager, &property),
        (&resident, "/me/access"),
        (&resident, "/guest-codes"),
        (&resident, &format!("/codes/{}/reveals", town.home.code)),
        (&support, "//readyz"),
    ] {
        let answer = server.get(path).web(session).send().await;
        assert_eq!(answer.status, 200, "{path}");
        answers.push((path.to_owned(), answer));
    }
    for path in ["/metrics", "/readyz?detail"] {
        answers.push((path.to_owned(), server.get_as_operator(path).send().await));
    }
    let log = logged();
    let files = server.files();
    // This is the right place to look: it has what people wrote, and who they were.
    let audit = answers.iter().filter(|(what, _)| what.starts_with("/audit"));
    assert_eq!(audit.filter(|(_, answer)| answer.text.contains("Locked out")).count(), 4);
    assert!(holds(&files, "Locked out") && holds(&files, "Grandma"));
    assert!(log.contains("/api/v1/codes/{id}/reveal"));
    for (number, (_, digits, _)) in codes.iter().enumerate() {
        for (what, answer) in &answers {
            assert!(answer.status < 500, "{what}: {}", answer.status);
            assert!(!holds(answer.text.as_bytes(), digits), "code {number} is in the answer to {what}");
            for (name, value) in &answer.headers {
                assert!(!holds(value.as_bytes(), digits), "code {number} is in {name} of {what}");
            }
        }
        assert!(!holds(&files, digits), "code {number} is in the database");
        let line = log.lines().find(|line| logs(line, digits)).map(|line| line.replace(digits, "…"));
        assert_eq!(line, None, "code {number} is in the log");
    }
}
