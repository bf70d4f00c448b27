//! Importing residents from spreadsheets as people really save them.

use std::fmt::Write;

use ids::{DoorId, PropertyId};
use jiff::SignedDuration;
use latchkey_server::app::Settings;
use latchkey_server::worker::Settler;
use serde_json::{Value, json};
use store::tenancies::{Filter, TenancyRecord};
use store::{Scope, doors, tenancies};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use crate::fixtures::{permanent, status, text};
use crate::fixtures_matrix::{Town, everything, unit_door};
use crate::harness::{Answer, FOREIGN_MANAGER, MANAGER, RESIDENT, SUPPORT, TestServer, WebSession};

const HEADER: &str = "unit,name,email,move_in,move_out";
const ROWS: usize = 500;
/// The first unit that has a door.
const NEW_UNIT: &str = "600";

/// Realistic names; the third uses combining accents, the fourth needs combining characters in Hindi.
const NAMES: [&str; 8] = [
    "Zoë Ångström",
    "O'Neil, Sean & Ann",
    "Ame\u{301}lie Nguye\u{302}\u{303}n",
    "मारिया देवी",
    "Ann \"Annie\" Lee",
    "李小龍",
    "Łukasz Żółć-Öztürk",
    "Nuño de la Peña, \"el Niño\"",
];

/// A server with units `R000` to `R499` and [`NEW_UNIT`] with a door.
async fn start() -> (TestServer, DoorId) {
    TestServer::start_furnished(Settings::default(), |tx, world| {
        for number in 0..ROWS {
            let name = format!("R{number:03}");
            doors::insert_unit(tx, world.property, None, &name).expect("a unit");
        }
        let unit = doors::insert_unit(tx, world.property, None, NEW_UNIT).expect("a unit");
        unit_door(tx, world.property, world.hub, unit, NEW_UNIT)
    })
    .await
}

fn settler_of(server: &TestServer) -> Settler {
    Settler::new(server.app.store(), server.app.hubs(), server.app.clock())
}

fn name(number: usize) -> String {
    format!("{} {number}", NAMES[number % NAMES.len()])
}

fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// A name as it is kept, whichever keyboard it was typed on (R42).
fn composed(name: &str) -> String {
    name.nfc().collect()
}

/// Every tenth has moved in, every seventh will move out.
fn row(number: usize) -> String {
    let move_in = if number.is_multiple_of(10) { "2026-06-01" } else { "2026-07-01" };
    let move_out = if number.is_multiple_of(7) { "2027-01-31" } else { "" };
    format!("R{number:03},{},R{number}@Example.com,{move_in},{move_out}", quoted(&name(number)))
}

/// As a spreadsheet saves it: a byte-order mark and CRLF.
fn file(rows: impl IntoIterator<Item = String>) -> String {
    let mut text = format!("\u{feff}{HEADER}\r\n");
    for row in rows {
        write!(text, "{row}\r\n").expect("a string");
    }
    text
}

struct Import<'a> {
    server: &'a TestServer,
    session: &'a WebSession,
    property: PropertyId,
}

impl Import<'_> {
    async fn send(&self, body: impl Into<Vec<u8>>, query: &str, key: Option<&str>) -> Answer {
        let path = format!("/properties/{}/roster{query}", self.property);
        let request = self.server.post(&path).web(self.session).body("text/csv; charset=utf-8", body.into());
        let request = if let Some(key) = key { request.header("idempotency-key", key) } else { request };
        request.send().await
    }

    async fn really(&self, body: impl Into<Vec<u8>>) -> Answer {
        self.send(body, "", Some(&Uuid::now_v7().to_string())).await
    }

    async fn dry(&self, body: impl Into<Vec<u8>>) -> Answer {
        self.send(body, "?dry_run=true", None).await
    }
}

fn report(answer: &Answer) -> [u64; 4] {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    ["row_count", "created", "unchanged", "updated"].map(|field| body[field].as_u64().expect("a number"))
}

/// Everybody with a tenancy in the property, whether it has begun or not.
async fn tenants(server: &TestServer, property: PropertyId) -> Vec<TenancyRecord> {
    let filter = Filter { sort: tenancies::Sort::Unit, ..Filter::default() };
    server
        .query(move |db| tenancies::list(db, Scope::Everything, property, &filter, None, 1_000).expect("tenancies").0)
        .await
}

#[tokio::test]
async fn five_hundred_residents_come_in_as_they_are_called() {
    let (server, _) = start().await;
    let session = server.sign_in(MANAGER).await;
    let property = server.world.property;
    let import = Import { server: &server, session: &session, property };
    let csv = file((0..ROWS).map(row));

    // A dry run says the same, needs no key, and leaves nothing behind.
    let before = everything(server.app.store()).await;
    let dry = import.dry(csv.clone()).await;
    assert_eq!(report(&dry), [500, 500, 0, 0]);
    assert_eq!(dry.json()["dry_run"], true);
    assert_eq!(everything(server.app.store()).await, before);

    let key = Uuid::now_v7().to_string();
    let imported = import.send(csv.clone(), "", Some(&key)).await;
    assert_eq!(report(&imported), [500, 500, 0, 0]);
    assert_eq!(imported.json()["dry_run"], false);
    let stored = tenants(&server, property).await;
    assert_eq!(stored.len(), 501);
    for (number, tenant) in stored.iter().filter(|tenant| tenant.unit.starts_with('R')).enumerate() {
        assert_eq!(tenant.name, composed(&name(number)), "letter for letter");
        assert_eq!(tenant.email, format!("r{number}@example.com"));
        let move_out = number.is_multiple_of(7).then_some("2027-01-31");
        assert_eq!((tenant.unit.as_str(), tenant.move_out.as_deref()), (format!("R{number:03}").as_str(), move_out));
    }
    let families = store::audit::Filter {
        action: Some(api_types::Action::ResidentAdded.into()),
        ..store::audit::Filter::default()
    };
    let (events, more) =
        server.query(move |db| store::audit::list(db, Scope::Everything, &families, None, 500).expect("events")).await;
    assert_eq!((events.len(), more), (500, None), "one event for each (R31)");

    // The same file again changes nothing, under the same key and under another.
    let after = everything(server.app.store()).await;
    let again = import.send(csv.clone(), "", Some(&key)).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.text, imported.text);
    assert_eq!(everything(server.app.store()).await, after);
    assert_eq!(report(&import.really(csv.clone()).await), [500, 0, 500, 0]);
    let unchanged = everything(server.app.store()).await;
    for table in ["person", "tenancy", "code"] {
        assert_eq!(unchanged[table], after[table], "{table}");
    }
    let reused = import.send(file([row(1)]), "", Some(&key)).await;
    assert_eq!(reused.problem(), (422, "idempotency_key_reused".into()));
    assert_eq!(import.send(csv, "", None).await.problem(), (400, "idempotency_key_required".into()));

    // Later they move out, and one is called something else.
    let changed =
        file([row(0).replace("2027-01-31", "2027-03-31"), row(1).replace(&quoted(&name(1)), "Sean O'Neil"), row(2)]);
    // Another name needs a yes (R40).
    assert_eq!(import.really(changed.clone()).await.problem(), (422, "roster_undecided".into()));
    let key = Uuid::now_v7().to_string();
    let renamed = import.send(changed, "?decisions=3.rename", Some(&key)).await;
    assert_eq!(report(&renamed), [3, 0, 1, 2]);
    let stored = tenants(&server, property).await;
    let of = |unit: &str| stored.iter().find(|tenant| tenant.unit == unit).expect("a tenant");
    assert_eq!(of("R000").move_out.as_deref(), Some("2027-03-31"));
    assert_eq!(of("R001").name, "Sean O'Neil");
    assert_eq!(of("R002").name, composed(&name(2)));
}

#[tokio::test]
async fn who_has_moved_in_is_listed_under_their_own_name_from_the_import_on() {
    let (server, _) = start().await;
    let session = server.sign_in(MANAGER).await;
    let property = server.world.property;
    let import = Import { server: &server, session: &session, property };
    settler_of(&server).settle().await.expect("settled");
    // From here on no worker runs: it isn't one of them that gives the codes.
    assert_eq!(import.really(file((0..80).map(row))).await.status, 200);

    let mut names = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/properties/{property}/residents?sort=unit&limit=3{cursor}");
        let page = server.get(&path).web(&session).send().await.json();
        names.extend(page["items"].as_array().expect("items").iter().map(|item| item["name"].clone()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    // Future residents have no code yet and aren't listed.
    let mut expected: Vec<Value> = (0..80).step_by(10).map(|number| json!(composed(&name(number)))).collect();
    expected.insert(0, json!("resident"));
    assert_eq!(names, expected);

    let found = async |q: &str| -> Vec<Value> {
        let path = format!("/properties/{property}/residents?q={q}");
        let page = server.get(&path).web(&session).send().await.json();
        page["items"].as_array().expect("items").iter().map(|item| item["unit"].clone()).collect()
    };
    assert_eq!(found("%C3%A5NGSTR").await, [json!("R000"), json!("R040")]);
    assert_eq!(found("R20%40example").await, [json!("R020")]);
    assert_eq!(found("%22annie%22").await, [json!("R020"), json!("R060")]);
    assert_eq!(found("%25").await, Vec::<Value>::new(), "a percent sign is no joker");
}

/// A long roster is accepted as a whole and done in parts: who has moved in has a code when it is answered, and nothing of
/// it is left.
#[tokio::test]
async fn r40_a_long_roster_is_done_when_it_is_answered() {
    let (server, _) = start().await;
    let session = server.sign_in(MANAGER).await;
    let property = server.world.property;
    let import = Import { server: &server, session: &session, property };
    let mut settler = settler_of(&server);
    settler.settle().await.expect("settled");
    let with_code = async || tenants(&server, property).await.iter().filter(|tenant| tenant.code_id.is_some()).count();
    let before = with_code().await;
    let moved_in =
        (0..ROWS).map(|number| format!("R{number:03},{},r{number}@example.com,2026-06-01,", quoted(&name(number))));
    assert_eq!(report(&import.really(file(moved_in)).await), [500, 500, 0, 0]);
    assert_eq!(with_code().await - before, ROWS);
    let left = server.query(|db| store::roster_imports::next_rest(db, None).expect("read").is_some()).await;
    assert!(!left);
}

/// What was accepted is done, even if nobody waits for it; what somebody has changed meanwhile is left as it is, on record.
#[tokio::test]
async fn r40_a_long_roster_that_nobody_waits_for_is_done_by_the_worker() {
    let (server, _) = start().await;
    let session = server.sign_in(MANAGER).await;
    let property = server.world.property;
    let import = Import { server: &server, session: &session, property };
    assert_eq!(report(&import.really(file((0..ROWS).map(row))).await), [500, 500, 0, 0]);
    let later = |number: usize| row(number).replace(",2027-01-31", ",").replace("2026-07-01,", "2026-07-01,2027-06-30");
    let table = latchkey_server::domain::roster::read(file((0..ROWS).map(later)).as_bytes());
    let manager = server.query(|db| store::people::by_email(db, MANAGER).expect("read").expect("there").id).await;
    let now = server.app.now();
    let via = latchkey_server::auth::Via::Web;
    let accepted = server
        .write(move |tx| {
            let deed = latchkey_server::domain::deed::Deed::in_the_name_of(tx, manager, via, now).expect("a manager");
            let options = latchkey_server::domain::roster::Options::default();
            latchkey_server::domain::roster::import(&deed, property, &table, &options, None).expect("accepted")
        })
        .await;
    assert_eq!(accepted.updated, 458);
    // Nobody imports into the middle of it.
    assert_eq!(import.really(file([row(1)])).await.problem(), (409, "roster_moved_on".into()));
    // The last one moves out before it is their turn.
    let last = tenants(&server, property).await.into_iter().find(|it| it.unit == "R499").expect("there").id;
    let out = format!("/properties/{property}/residents/{last}/move-out");
    assert!(server.post(&out).web(&session).once().send().await.status < 300);
    settler_of(&server).settle().await.expect("settled");
    let stored = tenants(&server, property).await;
    let changed = stored.iter().filter(|it| it.move_out.as_deref() == Some("2027-06-30")).count();
    assert_eq!(changed, 449, "all who moved in in July but the one who is out");
    let left = server.recorded_as("roster.imported").await.into_iter();
    let left: Vec<_> = left.filter(|event| event.code.as_deref() == Some("roster_moved_on")).collect();
    assert!(left.iter().any(|event| event.detail.starts_with("Line 501 ")), "{left:?}");
}

/// Columns that are wrong, each with the code that says how.
type Wrong = &'static [(&'static str, &'static str)];

/// A file with rows that are wrong, and the line that an editor shows for each.
const WRONG: &[(&str, u64, Wrong)] = &[
    ("R000,Ada,ada@example.com,2026-07-01,", 2, &[]),
    ("", 3, &[]),
    ("Z999,Bob,bob@example.com,2026-07-01,", 4, &[("unit", "unknown_unit")]),
    ("R001,\"Cleo,\r\nthe Great\",cleo@example.com,2026-07-01,", 5, &[("name", "unseen_characters")]),
    ("R002,Dan,dan at example.com,2026-07-01,", 7, &[("email", "not_an_address")]),
    ("R003,Eve,eve@example.com,in summer,", 8, &[("move_in", "not_a_date")]),
    ("R004,Finn,finn@example.com,2026-07-01,2026-06-30", 9, &[("move_out", "before_move_in")]),
    ("R000,ada,ADA@example.com,2026-08-01,", 10, &[("email", "twice")]),
    ("R005,Gus,gus@example.com,2020-01-01,2020-12-31", 11, &[("move_out", "already_over")]),
    ("R006,,nobody@", 12, &[("name", "required"), ("email", "not_an_address"), ("move_in", "not_a_date")]),
    ("\"R007\",\"Héloïse, \"\"Hélo\"\" Roux\",helo@example.com,2026-07-01,", 13, &[]),
    (",,,,", 14, &[]),
    (
        ",Ida,ida@example.com,2026-02-30,2026-13-01",
        15,
        &[("unit", "required"), ("move_in", "not_a_date"), ("move_out", "not_a_date")],
    ),
];

#[tokio::test]
async fn every_bad_row_is_named_by_its_line_and_nothing_is_imported() {
    let (server, _) = start().await;
    let session = server.sign_in(MANAGER).await;
    let import = Import { server: &server, session: &session, property: server.world.property };
    let expected: Vec<(u64, &str, &str)> = WRONG
        .iter()
        .flat_map(|(_, line, wrong)| wrong.iter().map(move |(column, code)| (*line, *column, *code)))
        .collect();
    for (csv, endings) in [
        (file(WRONG.iter().map(|row| row.0.to_owned())), "CRLF"),
        (file(WRONG.iter().map(|row| row.0.to_owned())).replace("\r\n", "\n"), "LF"),
    ] {
        let before = everything(server.app.store()).await;
        let dry = import.dry(csv.clone()).await;
        assert_eq!(report(&dry), [11, 2, 0, 0], "{endings}");
        let body = dry.json();
        let bad = body["bad_rows"].as_array().expect("rows").iter();
        let bad: Vec<_> = bad
            .map(|row| {
                assert!(!row["detail"].as_str().expect("text").is_empty());
                (row["line"].as_u64().expect("a number"), row["column"].as_str(), row["code"].as_str())
            })
            .collect();
        let named: Vec<_> = expected.iter().map(|(line, column, code)| (*line, Some(*column), Some(*code))).collect();
        assert_eq!(bad, named, "{endings}");
        let values = [
            (4, "unit", "Z999"),
            (7, "email", "dan at example.com"),
            (8, "move_in", "in summer"),
            (11, "move_out", "2020-12-31"),
            (12, "name", ""),
        ];
        for (line, column, value) in values {
            let row = body["bad_rows"].as_array().expect("rows").iter();
            let row = row.filter(|row| row["line"] == line && row["column"] == column).collect::<Vec<_>>();
            assert_eq!(row.iter().map(|row| &row["value"]).collect::<Vec<_>>(), [value], "{endings}: {line}, {column}");
        }
        assert_eq!(everything(server.app.store()).await, before, "{endings}");

        let refused = import.really(csv).await;
        assert_eq!(refused.problem(), (422, "roster_has_bad_rows".into()));
        let body = refused.json();
        assert_eq!(body["detail"], "9 of 11 rows can’t be imported, so none were.");
        let errors = body["errors"].as_array().expect("errors").iter();
        let errors: Vec<_> = errors.map(|error| error["field"].as_str().expect("text").to_owned()).collect();
        let fields: Vec<_> = expected.iter().map(|(line, column, _)| format!("line {line}: {column}")).collect();
        assert_eq!(errors, fields);
        // Only the attempt is recorded (R31).
        let after = everything(server.app.store()).await;
        for table in ["person", "tenancy", "code", "unit"] {
            assert_eq!(after[table], before[table], "{table}");
        }
        let event = &server.recorded().await[0];
        assert_eq!((event.action.name(), event.code.as_deref()), ("roster.imported", Some("roster_has_bad_rows")));
        assert_eq!(event.outcome, api_types::Outcome::Refused);
    }
}

#[tokio::test]
async fn a_file_that_is_no_roster_is_refused_with_what_to_do() {
    let (server, _) = start().await;
    let session = server.sign_in(MANAGER).await;
    let import = Import { server: &server, session: &session, property: server.world.property };
    let cases: [(&str, Vec<u8>, &str); 7] = [
        ("nothing", Vec::new(), "empty"),
        ("JSON", b"{\"unit\": \"R001\"}".to_vec(), "no columns"),
        ("headings alone", HEADER.into(), "no rows in it"),
        ("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "no text"),
        ("an old workbook", [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1].into(), ".xlsx"),
        ("half a workbook", b"PK\x03\x04 and so on".to_vec(), "can’t be read"),
        (
            "an open quote",
            format!("{HEADER}\r\nR001,\"Ada,ada@example.com,2026-07-01,\r\n{}\r\n", row(2)).into_bytes(),
            "begins in line 2",
        ),
    ];
    let before = tenants(&server, server.world.property).await.len();
    for (what, body, says) in cases {
        for answer in [import.really(body.clone()).await, import.dry(body).await] {
            assert_eq!(answer.problem(), (422, "roster_not_readable".into()), "{what}");
            let body = answer.json();
            assert!(body["detail"].as_str().expect("text").contains(says), "{what}: {body}");
        }
    }
    let path = format!("/properties/{}/roster?dry_run=true", server.world.property);
    for content_type in ["application/json", "text/plain", "application/vnd.ms-excel"] {
        let answer = server.post(&path).web(&session).body(content_type, file([row(1)])).send().await;
        assert_eq!(answer.problem(), (415, "unsupported_media_type".into()), "{content_type}");
    }
    assert_eq!(tenants(&server, server.world.property).await.len(), before);
}

#[tokio::test]
async fn a_roster_has_at_most_a_mebibyte() {
    let (server, _) = start().await;
    let session = server.sign_in(MANAGER).await;
    let import = Import { server: &server, session: &session, property: server.world.property };
    // Blank lines matter only for their length, which is more than other bodies may have.
    let mut csv = file([row(1)]);
    csv.push_str(&"\n".repeat(1024 * 1024 - csv.len()));
    assert_eq!(report(&import.dry(csv.clone()).await), [1, 1, 0, 0]);
    csv.push('\n');
    assert_eq!(import.dry(csv.clone()).await.problem(), (413, "too_large".into()));
    assert_eq!(import.really(csv).await.problem(), (413, "too_large".into()));
}

/// A transfer, two homes at once, or the same address in other letters: one person with two tenancies (R39).
#[tokio::test]
async fn r39_one_new_address_in_two_rows_is_one_person_with_two_tenancies() {
    let (server, _) = start().await;
    let manager = server.sign_in(MANAGER).await;
    let property = server.world.property;
    server.add_unit("901").await;
    server.add_unit("902").await;
    let csv = "unit,name,email,move_in,move_out\n\
               901,Noa Weiss,noa@example.com,2026-01-01,2026-06-30\n902,Noa Weiss,Noa@Example.com,2026-07-01,\n";
    let path = format!("/properties/{property}/roster");
    let planned = server.post(&format!("{path}?dry_run=true")).web(&manager).body("text/csv", csv).send().await.json();
    assert_eq!((&planned["created"], &planned["bad_rows"]), (&json!(2), &json!([])));
    let done = server.post(&path).web(&manager).header("idempotency-key", "two").body("text/csv", csv).send().await;
    assert_eq!((done.status, &done.json()["created"]), (200, &json!(2)), "{}", done.text);
    let own = tenants(&server, property).await.into_iter().filter(|it| it.email == "noa@example.com");
    let own: Vec<_> = own.map(|it| (it.person_id, it.unit)).collect();
    assert_eq!(own.len(), 2, "{own:?}");
    assert_eq!(own[0].0, own[1].0);
}

#[tokio::test]
async fn columns_may_come_in_any_order_among_others() {
    let (server, _) = start().await;
    let session = server.sign_in(MANAGER).await;
    let import = Import { server: &server, session: &session, property: server.world.property };
    let csv = "Notes,EMAIL, Name ,move_out,Unit,MOVE_IN\n\"has a dog, two cats\",ada@example.com, Ada  Lind ,, R001 ,2026-07-01";
    assert_eq!(report(&import.really(csv).await), [1, 1, 0, 0]);
    let stored = tenants(&server, server.world.property).await;
    let ada = stored.iter().find(|tenant| tenant.unit == "R001").expect("there");
    assert_eq!((ada.name.as_str(), ada.email.as_str()), ("Ada  Lind", "ada@example.com"));
}

/// R31, and a resident's first code (R17): random, on the day they move in and not before, in the property's zone.
#[tokio::test]
async fn r17_a_resident_who_moves_in_gets_a_code_that_day() {
    let (server, door) = start().await;
    let session = server.sign_in(MANAGER).await;
    let property = server.world.property;
    let import = Import { server: &server, session: &session, property };
    let mut settler = settler_of(&server);
    settler.settle().await.expect("settled");
    let csv = file([format!("{NEW_UNIT},Ada Lind,ada@example.com,2026-06-20,")]);
    assert_eq!(report(&import.really(csv).await), [1, 1, 0, 0]);
    let resident = tenants(&server, property).await.into_iter().find(|tenant| tenant.unit == NEW_UNIT);
    let resident = resident.expect("there");
    let lock = server.query(move |db| doors::by_ids(db, Scope::Everything, &[door]).expect("read")[0].lock_id).await;
    let on_lock = || server.app.hubs().simulator(server.world.hub).expect("a hub").slots_used(lock);

    // Noon of the 15th to the last second of the 19th in Denver.
    server.advance(SignedDuration::from_hours(4 * 24 + 12) - SignedDuration::from_secs(1));
    settler.settle().await.expect("settled");
    assert_eq!(on_lock(), 0);
    server.advance(SignedDuration::from_secs(1));
    settler.settle().await.expect("settled");
    assert_eq!(on_lock(), 1);

    let session = server.sign_in(MANAGER).await;
    let path = format!("/properties/{property}/residents/{}", resident.id);
    let listed = server.get(&path).web(&session).send().await.json();
    assert_eq!(listed["code"]["status"], "working");
    assert_eq!((&listed["code"]["origin"], &listed["code"]["length"]), (&json!("random"), &json!(6)));
    assert_eq!(listed["code"]["placements"][0]["door_id"], json!(door));
    assert_eq!(listed["move_in"], "2026-06-20");
    let events = server.recorded().await;
    let actions: Vec<&str> = events.iter().take(3).map(|event| event.action.name()).collect();
    assert_eq!(actions, ["session.created", "placement.on_lock", "code.random.issued"]);
}

/// A manager imports somebody who lives or works elsewhere: their name isn't changed (R33).
#[tokio::test]
async fn r33_a_manager_renames_nobody_of_another_property() {
    let mut town = Town::start().await;
    let there = town.server.world.foreign_property;
    let session = town.server.sign_in(FOREIGN_MANAGER).await;
    let import = Import { server: &town.server, session: &session, property: there };
    let csv = file([RESIDENT, MANAGER, SUPPORT].map(|email| format!("F1,Mallory was here,{email},2026-06-01,")));
    assert_eq!(report(&import.really(csv.clone()).await), [3, 3, 0, 0]);
    // Their own roster has their own names (R39), and nobody is called so anywhere else.
    let names = tenants(&town.server, there).await.into_iter().map(|tenant| tenant.name);
    assert_eq!(names.filter(|name| name == "Mallory was here").count(), 3);
    for (email, name) in [(RESIDENT, "resident"), (MANAGER, "manager"), (SUPPORT, "support")] {
        let mine = town.server.get("/session").web(&town.server.sign_in(email).await).send().await.json();
        assert_eq!(mine["user"]["name"], name);
    }
    assert_eq!(report(&import.really(csv).await), [3, 0, 3, 0]);
    let home = tenants(&town.server, town.server.world.property).await;
    assert!(home.iter().any(|tenant| tenant.name == "resident"));
    // The list finds them by the name of the roster alone.
    town.settle().await;
    let session = town.server.sign_in(FOREIGN_MANAGER).await;
    let found = async |q: &str| {
        let path = format!("/properties/{there}/residents?q={q}");
        let page = town.server.get(&path).web(&session).send().await.json();
        page["items"].as_array().expect("items").len()
    };
    assert_eq!((found("mallory").await, found("support%40").await), (3, 1));
    // They may rename their own people.
    let csv = file(["F1,Ada Lind,foreign.resident@example.com,2026-01-01,".to_owned()]);
    let import = Import { server: &town.server, session: &session, property: there };
    assert_eq!(report(&import.send(csv, "?decisions=2.rename", Some("ada")).await), [1, 0, 0, 1]);
    assert_eq!(found("ada").await, 1);
}

/// A roster's property is looked up in the caller's scope, so that another one is as good as none (R33).
#[tokio::test]
async fn r33_a_roster_can_be_imported_only_into_one_s_own_property() {
    let town = Town::start().await;
    let session = town.server.sign_in(FOREIGN_MANAGER).await;
    let before = everything(town.server.app.store()).await;
    let csv = file([row(1)]);
    let mut answers = Vec::new();
    for property in [town.server.world.property, PropertyId::generate()] {
        let import = Import { server: &town.server, session: &session, property };
        answers.push((import.dry(csv.clone()).await.bytes(), import.really(csv.clone()).await.bytes()));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0.0, 404);
    assert_eq!(everything(town.server.app.store()).await, before);
}

/// Whoever hasn't moved in has no working code (R1, R40), even if they had one: it is still theirs and comes back.
#[tokio::test]
async fn r24_a_resident_whose_first_day_is_postponed_has_no_working_code_until_then_and_then_the_same_one() {
    let server = TestServer::start_working().await;
    let (property, door) = (server.world.property, server.world.door);
    let (manager, resident) = (server.sign_in(MANAGER).await, server.resident().await);
    let own = server.access(&resident).await["code"].clone();
    let digits = server.digits(&resident, &own).await;
    let guest = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    assert!(server.holds(door, &digits).await && server.holds(door, text(&guest["code"])).await);

    let import = Import { server: &server, session: &manager, property };
    let csv = file(["101,resident,resident@example.com,2026-07-01,".to_owned()]);
    // They live there now: that is a conflict, and needs a yes (R40).
    let row = import.dry(csv.clone()).await.json()["rows"][0].clone();
    assert_eq!((&row["change"], &row["decide"][0]["question"]), (&json!("conflict"), &json!("future_move_in")));
    assert_eq!(row["notes"], json!(["code_later"]));
    assert_eq!(import.really(csv.clone()).await.problem(), (422, "roster_undecided".into()));
    let yes = "decisions=2.postpone";
    assert_eq!(report(&import.send(csv.clone(), &format!("?dry_run=true&{yes}"), None).await), [1, 0, 0, 1]);
    assert_eq!(server.held(door).await, 2, "a dry run only tells");
    assert_eq!(report(&import.send(csv, &format!("?{yes}"), Some("postponed")).await), [1, 0, 0, 1]);
    server.settled().await;
    assert_eq!(server.held(door).await, 0);
    let seen = server.guest_code(&manager, &guest).await;
    assert_eq!((text(&seen["state"]), status(&seen, door)), ("revoked", "removed"));
    let path = format!("/properties/{property}/residents/{}", server.world.tenancy);
    let kept = server.read(&manager, &path).await["code"].clone();
    assert_eq!((&kept["id"], &kept["status"]), (&own["id"], &json!("removed")));
    assert_eq!(server.get("/me/access").mobile(&resident).send().await.problem(), (401, "signed_out".into()));
    assert_eq!(server.recorded_as("code.held_off").await.len(), 1);

    // The last millisecond of June in Denver.
    server.advance(SignedDuration::from_hours(15 * 24 + 12) - SignedDuration::from_millis(1));
    server.settled().await;
    assert_eq!(server.held(door).await, 0);
    server.advance(SignedDuration::from_millis(1));
    server.settled().await;
    assert!(server.holds(door, &digits).await);
    assert_eq!(server.held(door).await, 1, "their guests' don't come back");
    let resident = server.resident().await;
    let back = server.access(&resident).await["code"].clone();
    assert_eq!((&back["id"], status(&back, door)), (&own["id"], "working"));
    assert_eq!(server.digits(&resident, &back).await, digits);
    assert_eq!(server.recorded_as("code.restored").await.len(), 1);
    let manager = server.sign_in(MANAGER).await;
    assert_eq!(server.guest_code(&manager, &guest).await["state"], "revoked");
}

/// A typing error in a file of hundreds must not move somebody out at once (R40).
#[tokio::test]
async fn r40_a_last_day_that_is_over_moves_nobody_out_unless_explicitly_confirmed() {
    let server = TestServer::start_working().await;
    let (property, door) = (server.world.property, server.world.door);
    let (manager, resident) = (server.sign_in(MANAGER).await, server.resident().await);
    let guest = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    let import = Import { server: &server, session: &manager, property };
    let new_line = "101,Ada Lind,ada@example.com,2026-06-01,".to_owned();
    let csv = file([new_line, "101,resident,resident@example.com,2026-01-01,2026-06-14".to_owned()]);
    let key = || Some(Uuid::now_v7().to_string());

    // A dry run says so either way.
    let before = everything(server.app.store()).await;
    let dry = import.dry(csv.clone()).await;
    assert_eq!(report(&dry), [2, 1, 0, 0]);
    let body = dry.json();
    assert_eq!(body["past_move_outs"], 1);
    let bad = &body["bad_rows"][0];
    assert_eq!((&bad["line"], &bad["column"], &bad["code"]), (&json!(3), &json!("move_out"), &json!("move_out_past")));
    let dry = import.send(csv.clone(), "?dry_run=true&move_out_past=yes", None).await;
    assert_eq!(report(&dry), [2, 1, 0, 1]);
    assert_eq!((&dry.json()["past_move_outs"], &dry.json()["bad_rows"]), (&json!(1), &json!([])));
    assert_eq!(everything(server.app.store()).await, before);

    let refused = import.really(csv.clone()).await;
    assert_eq!(refused.problem(), (422, "roster_has_bad_rows".into()));
    let errors = &refused.json()["errors"];
    assert_eq!((&errors[0]["field"], &errors[0]["code"]), (&json!("line 3: move_out"), &json!("move_out_past")));
    // Nothing else is taken for a yes, and then nothing is done.
    for other in ["no", "true", "1", "YES", ""] {
        for dry in ["", "&dry_run=true"] {
            let answer = import.send(csv.clone(), &format!("?move_out_past={other}{dry}"), key().as_deref()).await;
            assert_eq!(answer.status, 422, "{other}: {}", answer.text);
        }
    }
    server.settled().await;
    assert_eq!((server.held(door).await, tenants(&server, property).await.len()), (2, 1));
    assert!(server.recorded_as("resident.moved_out").await.is_empty());
    assert_eq!(server.access(&resident).await["code"]["status"], "working");

    let imported = import.send(csv.clone(), "?move_out_past=yes", key().as_deref()).await;
    assert_eq!(report(&imported), [2, 1, 0, 1]);
    assert_eq!(imported.json()["past_move_outs"], 1);
    assert_eq!(server.get("/me/access").mobile(&resident).send().await.problem(), (401, "signed_out".into()));
    server.settled().await;
    assert_eq!(server.held(door).await, 1, "the new resident's");
    let path = format!("/properties/{property}/residents/{}/move-out", server.world.tenancy);
    assert_eq!(server.read(&manager, &path).await["all_doors_confirmed"], true);
    let seen = server.guest_code(&manager, &guest).await;
    assert_eq!((text(&seen["state"]), status(&seen, door)), ("revoked", "removed"));
    assert_eq!(server.recorded_as("resident.moved_out").await.len(), 1);
    // Somebody who has moved out isn't moved out again; as a new resident they would be over before they began.
    let again = import.send(csv, "?dry_run=true&move_out_past=yes", None).await.json();
    assert_eq!((&again["past_move_outs"], &again["bad_rows"][0]["code"]), (&json!(0), &json!("already_over")));
}

#[tokio::test]
async fn an_exported_roster_changes_nothing_when_imported() {
    let (server, _) = start().await;
    let session = server.sign_in(MANAGER).await;
    let property = server.world.property;
    let import = Import { server: &server, session: &session, property };
    assert_eq!(report(&import.send(file((0..ROWS).map(row)), "", Some("key")).await), [500, 500, 0, 0]);

    let path = format!("/properties/{property}/roster");
    let exported = server.get(&path).web(&session).send().await;
    assert_eq!((exported.status, exported.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert_eq!(exported.text.lines().count(), 502, "a head and everybody");
    assert!(exported.bytes().1.starts_with('\u{feff}'), "Excel takes it for Windows-1252 otherwise");
    assert_eq!(report(&import.dry(exported.text.clone()).await), [501, 0, 501, 0]);
}
