//! Who gets what answer where, and what of it is recorded: all of it is in `matrix.txt`.

use std::fmt::Write;

use api_types::Outcome;
use store::{Db, Scope, audit};

use crate::fixtures_matrix::{
    ADMINISTRATOR, As, BY_LINK, Ids, Town, assert_in_contract, assert_snapshot, operations, probe,
};
use crate::harness::{Answer, FOREIGN_MANAGER, MANAGER, RESIDENT, SUPPORT};

/// Operations that change nothing that is recorded, although they aren't GETs.
const UNRECORDED: [&str; 16] = [
    // The resident can sign in already and is left out; `inviting.rs` has the rest.
    "POST /properties/{id}/invitations",
    // Nothing is stored.
    "POST /guest-codes/preview",
    "POST /guest-codes/{id}/preview",
    // Reading, with a name or a secret in the body, so that it is in no address.
    "POST /guest-codes/search",
    "POST /pass/state",
    "POST /invitations/open",
    "POST /password/open",
    "POST /address/open",
    // What an authenticator is to be asked.
    "POST /session/passkey/options",
    "POST /me/passkeys/options",
    "POST /invitations/passkey/options",
    "POST /password/passkey/options",
    // This town sends no mail; `passwords.rs` has the rest.
    "POST /password/forgot",
    // Somebody acting at a simulated door. What its hub reports is recorded when it is received.
    "POST /simulator/hubs/{id}",
    "POST /simulator/doors/{id}/lock",
    "POST /simulator/doors/{id}/keypad",
];

/// The callers, those who may do most last.
const CALLERS: [&str; 7] = [
    "signed out",
    "resident (web)",
    "resident (app)",
    "other property's manager",
    "support",
    "administrator",
    "manager",
];

struct Cell {
    operation: String,
    caller: &'static str,
    status: u16,
    code: String,
    recorded: Vec<(String, Outcome)>,
}

impl Cell {
    fn done(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Sends every operation as every caller, for what belongs to the resident and the manager, with a new town after each
/// operation that changed something.
async fn ask_everything() -> Vec<Cell> {
    let mut town = Town::start().await;
    let mut cells = Vec::new();
    for operation in operations(&town.server).await {
        let server = &town.server;
        let ids: Ids = town.own_ids().await;
        let (resident, app) = (server.sign_in(RESIDENT).await, server.mobile_sign_in(RESIDENT, "2.8.0").await);
        let (other, support, manager) =
            (server.sign_in(FOREIGN_MANAGER).await, server.sign_in(SUPPORT).await, server.sign_in(MANAGER).await);
        let administrator = server.sign_in(ADMINISTRATOR).await;
        let credentials = [
            As::Nobody,
            As::Web(&resident),
            As::App(&app),
            As::Web(&other),
            As::Web(&support),
            As::Web(&administrator),
            As::Web(&manager),
        ];
        for (caller, credential) in CALLERS.into_iter().zip(credentials) {
            let request = probe(server, &operation, &ids)
                .unwrap_or_else(|| panic!("{operation} is new: give it a request in fixtures_matrix::probe"));
            let newest = newest_events(&town).await[0].id;
            let answer = credential.sign(request).send().await;
            // Denials are recorded a moment later.
            let app = &server.app;
            app.denials().flush(app.store(), app.now()).await.expect("recorded");
            let recorded = newest_events(&town).await.into_iter().take_while(|event| event.id != newest);
            let mut recorded: Vec<_> = recorded.map(|event| (event.action.to_string(), event.outcome)).collect();
            recorded.reverse();
            let code = if answer.status >= 400 { answer.problem().1 } else { String::new() };
            cells.push(Cell { operation: operation.clone(), caller, status: answer.status, code, recorded });
        }
        if !operation.starts_with("GET ") {
            town = Town::start().await;
        }
    }
    cells
}

async fn newest_events(town: &Town) -> Vec<audit::EventRecord> {
    let newest = |db: &Db| audit::list(db, Scope::Everything, &audit::Filter::default(), None, 20).expect("events").0;
    town.server.query(newest).await
}

/// What nobody can do in this town. Who may is told by the other answers.
const NOT_YET: [&str; 14] = [
    // Locks are linked to it, and no door has had another lock; `hubs.rs` has the rest.
    "DELETE /hubs/{id}",
    "POST /doors/{id}/former-locks/{lock_id}/confirm-gone",
    // No lock holds a code that isn't ours; `drift.rs` has the rest.
    "POST /doors/{id}/unknown-codes/{slot}/clear",
    // Nobody has had mail to stop; `summaries.rs` has the rest.
    "POST /summaries/stop/{text}",
    // Nobody has moved out; `guest_codes.rs` has the rest.
    "GET /properties/{id}/residents/{resident_id}/move-out",
    // The resident can sign in, and there is an administrator; `setting_up.rs` has the rest.
    "POST /properties/{id}/residents/{resident_id}/invite",
    "POST /properties/{id}/residents/{resident_id}/address",
    "POST /set-up",
    // The town sends no mail; `passwords.rs` has the rest.
    "POST /me/address",
    // Nobody was asked for a passkey; `passkeys.rs` has the rest.
    "POST /session/passkey",
    "POST /me/passkeys",
    "POST /invitations/passkey",
    "POST /password/passkey",
    // The member of the staff that it asks for has no password yet; `passwords.rs` has the rest.
    "POST /people/{id}/reset",
];

#[tokio::test]
async fn r31_r33_everybody_gets_the_answer_of_the_matrix() {
    let cells = ask_everything().await;
    let mut text = String::new();
    for cell in &cells {
        if cell.caller == CALLERS[0] {
            writeln!(text, "{}", cell.operation).expect("a string");
        }
        write!(text, "    {:<26}{}", cell.caller, cell.status).expect("a string");
        if !cell.code.is_empty() {
            write!(text, " {}", cell.code).expect("a string");
        }
        for (action, outcome) in &cell.recorded {
            let outcome = match outcome {
                Outcome::Done => "done",
                Outcome::Refused => "refused",
                Outcome::Failed => "failed",
            };
            write!(text, "  [{action} {outcome}]").expect("a string");
        }
        text.push('\n');
    }
    assert_snapshot("tests/api/matrix.txt", &text);

    let document = Town::start().await.server.get("/openapi.json").send().await.json();
    for cell in &cells {
        let name = format!("{}, {}: {}", cell.operation, cell.caller, cell.status);
        let changes = !cell.operation.starts_with("GET ") && !UNRECORDED.contains(&cell.operation.as_str());
        let on_record = cell.recorded.iter().any(|(_, outcome)| *outcome == Outcome::Done);
        assert_eq!(cell.done() && changes, on_record, "what was done and nothing else is on record: {name}");
        let link = BY_LINK.iter().any(|it| cell.operation.starts_with(it));
        let anybody =
            link || matches!(cell.operation.as_str(), "POST /session" | "POST /session/passkey" | "POST /mobile/token");
        if cell.caller == "signed out" && !anybody {
            assert_eq!((cell.status, cell.code.as_str()), (401, "signed_out"), "{name}");
        }
        assert!(cell.status < 500, "{name}");
        assert_in_contract(&document, &cell.operation, cell.status, &cell.code);
        // Support reads, and changes nothing but its own sessions and how it signs in.
        let own = [" /session", " /me/sessions", " /me/passkeys", " /me/password"];
        let own_session = own.iter().any(|path| cell.operation.contains(path));
        if cell.caller == "support" && changes && !own_session && !anybody {
            assert!(!cell.done(), "{name}");
        }
    }
    // No route is such that nobody may use it.
    for operation in cells.iter().map(|cell| &cell.operation).filter(|operation| !NOT_YET.contains(&operation.as_str()))
    {
        assert!(cells.iter().any(|cell| cell.operation == *operation && cell.done()), "{operation} is for nobody");
    }
}

/// R5: a console session is refused whoever it belongs to, and that is recorded.
#[tokio::test]
async fn r5_r31_no_session_of_the_console_makes_a_code() {
    let town = Town::start().await;
    for email in [RESIDENT, MANAGER, FOREIGN_MANAGER, SUPPORT] {
        let session = town.server.sign_in(email).await;
        let request = probe(&town.server, "PUT /me/code", &Ids::of_nothing()).expect("a request");
        let answer: Answer = request.web(&session).send().await;
        assert_eq!(answer.problem(), (403, "not_on_web".into()), "{email}");
        let event = &newest_events(&town).await[0];
        assert_eq!((event.action.name(), event.outcome), ("code.custom.refused", Outcome::Refused), "{email}");
        assert_eq!(event.code.as_deref(), Some("not_on_web"));
    }
}
