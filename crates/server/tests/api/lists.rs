//! Every list is read page by page, whatever its rows are called and whatever is searched for.

use std::collections::BTreeSet;

use api_types::DoorKind;
use serde_json::Value;
use store::{people, properties};

use crate::fixtures::{Credential, text};
use crate::harness::{MANAGER, NOON, SUPPORT, TestServer, WebSession};

/// Reads a list to its end in pages of two. Returns the rows, and how many each page had.
async fn pages(server: &TestServer, who: &impl Credential, path: &str) -> (Vec<Value>, Vec<usize>) {
    let (mut rows, mut sizes, mut cursor) = (Vec::new(), Vec::new(), String::new());
    loop {
        let sign = if path.contains('?') { '&' } else { '?' };
        let mut page = server.read(who, &format!("{path}{sign}limit=2{cursor}")).await;
        let items = page["items"].as_array_mut().expect("items");
        sizes.push(items.len());
        rows.append(items);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (rows, sizes),
        }
    }
}

fn names(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| text(&row["name"])).collect()
}

#[tokio::test]
async fn properties_come_in_pages() {
    let server = TestServer::start().await;
    let (manager, world) = (server.world.manager, server.world);
    server
        .write(move |tx| {
            for name in ["Aspen", "Aspen", "Birch", &"9a".repeat(60)] {
                let property = properties::insert(tx, name, "America/Denver", false, NOON).expect("a property");
                people::add_manager(tx, manager, property).expect("a manager");
            }
        })
        .await;
    let session = server.sign_in(MANAGER).await;
    let (rows, sizes) = pages(&server, &session, "/properties").await;
    assert_eq!(names(&rows), [&"9a".repeat(60), "Aspen", "Aspen", "Birch", "Juniper Flats"]);
    assert_eq!(sizes, [2, 2, 1]);
    assert_eq!(rows.iter().map(|row| text(&row["id"])).collect::<BTreeSet<_>>().len(), 5);
    assert_eq!(text(&rows[4]["id"]), world.property.to_string());
    // Support has one more, and a page of all of them by default.
    let all = server.read(&server.sign_in(SUPPORT).await, "/properties").await;
    assert_eq!((all["items"].as_array().map(Vec::len), &all["next_cursor"]), (Some(6), &Value::Null));
    for (query, problem) in
        [("limit=0", (422, "invalid")), ("limit=201", (422, "invalid")), ("cursor=zz", (400, "bad_cursor"))]
    {
        let answer = session.sign(server.get(&format!("/properties?{query}"))).send().await;
        assert_eq!(answer.problem(), (problem.0, problem.1.into()), "{query}");
    }
}

#[tokio::test]
async fn doors_come_in_pages() {
    let mut server = TestServer::start_working().await;
    for name in ["102", "103", "9", &"1x".repeat(59)] {
        server.add_door(DoorKind::Amenity, name, None, 20).await;
    }
    server.stop_workers().await;
    let session = server.sign_in(MANAGER).await;
    let path = format!("/properties/{}/doors", server.world.property);
    let all = server.read(&session, &path).await;
    let (rows, sizes) = pages(&server, &session, &path).await;
    assert_eq!(sizes, [2, 2, 2, 1]);
    assert_eq!(names(&rows), names(all["items"].as_array().expect("items")));
    assert_eq!(names(&rows), [&"1x".repeat(59), "9", "101", "102", "103", "Gate", "Gym"]);
    // What is counted is cut into pages after it was chosen.
    let (rows, sizes) = pages(&server, &session, &format!("{path}?reachable=true")).await;
    assert_eq!((rows.len(), sizes), (7, vec![2, 2, 2, 1]));
    let (rows, _) = pages(&server, &session, &format!("{path}?reachable=false")).await;
    assert!(rows.is_empty());
    for (query, problem) in [("limit=0", (422, "invalid")), ("cursor=zz", (400, "bad_cursor"))] {
        let answer = session.sign(server.get(&format!("{path}?{query}"))).send().await;
        assert_eq!(answer.problem(), (problem.0, problem.1.into()), "{query}");
    }
}

#[tokio::test]
async fn a_list_goes_on_after_a_row_with_any_name() {
    let server = TestServer::start_working().await;
    // 119 characters, as an import takes them: 60 numbers, each of which sorts as eight digits.
    let unit = server.add_unit("102").await;
    for number in 0..4 {
        let name = format!("{}{number}", "1é".repeat(59));
        server.add_resident(&format!("{name}@example.com"), unit.id, "102").await;
    }
    let session = server.sign_in(MANAGER).await;
    for sort in ["name", "-name", "unit"] {
        let path = format!("/properties/{}/residents?sort={sort}", server.world.property);
        let (rows, sizes) = pages(&server, &session, &path).await;
        assert_eq!((rows.len(), sizes), (5, vec![2, 2, 1]), "{sort}");
    }
}

#[tokio::test]
async fn what_is_searched_for_is_bounded_and_can_be_seen() {
    let server = TestServer::start().await;
    let (manager, support) = (server.sign_in(MANAGER).await, server.sign_in(SUPPORT).await);
    let residents = format!("/properties/{}/residents", server.world.property);
    for (who, path) in [
        (&manager, residents.as_str()),
        (&manager, "/audit"),
        (&manager, "/audit/export?format=csv"),
        (&support, "/troubleshoot/residents"),
    ] {
        let ask = async |q: &str| {
            let encoded: String = q.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let sign = if path.contains('?') { '&' } else { '?' };
            who.sign(server.get(&format!("{path}{sign}q={encoded}"))).send().await
        };
        for q in ["", "ada", &"ä".repeat(400)] {
            assert_eq!(ask(q).await.status, 200, "{path}");
        }
        for (q, code) in
            [("x".repeat(401), "too_long"), ("x".repeat(20_000), "too_long"), ("a\u{0}da".into(), "unseen_characters")]
        {
            let answer = ask(&q).await;
            assert_eq!(answer.problem(), (422, "invalid".into()), "{path}");
            let error = &answer.json()["errors"][0];
            assert_eq!((text(&error["field"]), text(&error["code"])), ("q", code), "{path}");
        }
    }
}

/// Imports people into unit 101, by their names; each has an address of their own.
async fn import(server: &TestServer, session: &WebSession, names: &[&str]) {
    let rows: Vec<String> =
        names.iter().enumerate().map(|(at, name)| format!("101,{name},r{at}@example.com,2026-01-01,")).collect();
    let csv = format!("unit,name,email,move_in,move_out\n{}\n", rows.join("\n"));
    let path = format!("/properties/{}/roster", server.world.property);
    let answer = session.sign(server.post(&path)).once().body("text/csv", csv).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn r42_people_are_sorted_as_in_a_directory() {
    let mut server = TestServer::start_working().await;
    server.stop_workers().await;
    let session = server.sign_in(MANAGER).await;
    let sorted =
        ["Ada", "Élan", "Émile", "Emma", "Łukasz", "mallory", "O’Brien", "Öztürk", "resident", "Zoë", "Zz", "Ольга"];
    let mut turned: Vec<_> = sorted.into_iter().filter(|name| *name != "resident").collect();
    turned.reverse();
    import(&server, &session, &turned).await;
    for sort in ["name", "-name"] {
        let (rows, sizes) =
            pages(&server, &session, &format!("/properties/{}/residents?sort={sort}", server.world.property)).await;
        let mut listed = names(&rows);
        if sort == "-name" {
            listed.reverse();
        }
        assert_eq!((listed, sizes), (sorted.to_vec(), vec![2; 6]), "{sort}");
    }
}

#[tokio::test]
async fn r42_people_are_found_by_what_people_type() {
    let mut server = TestServer::start_working().await;
    server.stop_workers().await;
    let (manager, support) = (server.sign_in(MANAGER).await, server.sign_in(SUPPORT).await);
    import(&server, &manager, &["José García", "Sean O’Neil", "Łukasz Żółć-Öztürk", "Robin Brandt", "Ana Straße"])
        .await;
    let residents = format!("/properties/{}/residents?q=", server.world.property);
    for (q, name) in [
        ("jose", "José García"),
        ("Jose\u{301}", "José García"),
        ("garcia jose", "José García"),
        ("García,  José", "José García"),
        ("o'neil", "Sean O’Neil"),
        ("oneil", "Sean O’Neil"),
        ("lukasz", "Łukasz Żółć-Öztürk"),
        ("zolc–ozturk", "Łukasz Żółć-Öztürk"),
        ("STRASSE", "Ana Straße"),
        ("101 Brandt", "Robin Brandt"),
        ("Unit 101 brandt", "Robin Brandt"),
        ("robin   brandt", "Robin Brandt"),
        ("R3@example.com", "Robin Brandt"),
    ] {
        let encoded: String = q.bytes().map(|byte| format!("%{byte:02x}")).collect();
        for (who, path) in [(&manager, residents.as_str()), (&support, "/troubleshoot/residents?q=")] {
            let found = server.read(who, &format!("{path}{encoded}")).await;
            assert_eq!(names(found["items"].as_array().expect("items")), [name], "{q} in {path}");
        }
    }
    let all = server.read(&manager, &format!("{residents}unit%20101")).await;
    assert_eq!(all["items"].as_array().map(Vec::len), Some(6));
    for q in ["jose%20brandt", "102", "%25", "_"] {
        let found = server.read(&manager, &format!("{residents}{q}")).await;
        assert_eq!(found["items"], serde_json::json!([]), "{q}");
    }
}
