//! The schema: it is brought up to date once, and never touched if it is newer than the program.

use std::path::{Path, PathBuf};

use api_types::Outcome;
use ids::{EventId, PersonId, PropertyId, SessionId};
use rusqlite::{Connection, params};
use store::audit::{self, Filter};
use store::people::NewPerson;
use store::{Db, Error, Scope, Store, properties, sessions, tenancies};
use tempfile::TempDir;

use crate::fixtures::{NOON, event, key, open, read, store, write};

/// The statements of the schema.
async fn schema(store: &Store) -> Vec<String> {
    read(store, |db| {
        let mut statement = db.prepare("SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name").expect("a query");
        statement.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("text")
    })
    .await
}

/// How many migrations it has had.
async fn version(store: &Store) -> i64 {
    read(store, |db| db.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a number")).await
}

#[tokio::test]
async fn reopening_keeps_everything() {
    let (folder, first) = store().await;
    let id = write(&first, |tx| {
        tx.record(NOON, event("kept")).expect("recorded");
        properties::insert(tx, "Juniper Flats", "America/Denver", false, NOON).expect("inserted")
    })
    .await;
    let before = schema(&first).await;
    first.close().await;

    let again = open(&folder, key()).await;
    assert_eq!(schema(&again).await, before);
    let kept = again.read(move |db| properties::get(db, Scope::Everything, id)).await.expect("read").expect("there");
    assert_eq!(kept.name, "Juniper Flats");
    let found = again.read(audit::verify).await.expect("read");
    assert_eq!((found.events, found.intact), (1, true));
}

/// The database in that folder with only the first `migrations` migrations, counted in `user_version`.
fn as_of(folder: &TempDir, migrations: usize) -> Connection {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<PathBuf> =
        all.read_dir().expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let db = Connection::open(folder.path().join("test.db")).expect("a connection");
    for file in &files[..migrations] {
        db.execute_batch(&std::fs::read_to_string(file).expect("text")).expect("migrated");
    }
    db.pragma_update(None, "user_version", migrations as i64).expect("counted");
    db
}

/// Counts the migrations as versions up to 0.1 did.
fn count_in_table(db: &Db, migrations: i64) {
    db.execute_batch(
        "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
         installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, \
         execution_time BIGINT NOT NULL)",
    )
    .expect("made");
    for version in 1..=migrations {
        db.execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (?, 'a change', TRUE, x'00', 1)",
            [version],
        )
        .expect("counted");
    }
    db.pragma_update(None, "user_version", 0).expect("not counted otherwise");
}

fn insert_person(db: &Db) -> PersonId {
    let person = PersonId::generate();
    let sql = "INSERT INTO person (id, email, name, created_at) VALUES (?, 'a@example.com', 'Ada', 0)";
    db.execute(sql, [person]).expect("inserted");
    person
}

#[tokio::test]
async fn a_database_with_migrations_counted_in_a_table_is_adopted() {
    let (_folder, fresh) = store().await;
    for done in [5, 3] {
        let folder = tempfile::tempdir().expect("a folder");
        let db = as_of(&folder, done as usize);
        count_in_table(&db, done);
        let person = insert_person(&db);
        drop(db);
        for _ in ["when it is opened first", "and again"] {
            let store = open(&folder, key()).await;
            assert_eq!(schema(&store).await, schema(&fresh).await, "after {done} changes");
            let kept = store.read(move |db| store::people::by_id(db, person)).await.expect("read").expect("there");
            assert_eq!(kept.name, "Ada");
            assert_eq!(version(&store).await, version(&fresh).await);
            store.close().await;
        }
    }
}

/// Sessions from before there were public ids stay valid, each with its own id, made from the time it began.
#[tokio::test]
async fn older_sessions_get_ids() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = as_of(&folder, 2);
    let person = insert_person(&db);
    for (hash, channel, idle_expires_at) in
        [([1_u8; 32], "web", NOON + 35 * 60_000), ([2; 32], "web", NOON + 30 * 60_000), ([3; 32], "mobile", NOON * 2)]
    {
        db.execute(
            "INSERT INTO session (id_hash, person_id, channel, created_at, idle_expires_at, absolute_expires_at) \
             VALUES (?, ?, ?, ?, ?, ?)",
            params![hash, person, channel, NOON, idle_expires_at, NOON * 2],
        )
        .expect("inserted");
    }
    drop(db);

    let store = open(&folder, key()).await;
    let found = store.read(move |db| sessions::list(db, person, &[1; 32], NOON)).await.expect("read");
    assert_eq!(found.len(), 3);
    for session in &found {
        let id = session.id.uuid();
        assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
        let (seconds, nanos) = id.get_timestamp().expect("of version 7").to_unix();
        assert_eq!(i64::try_from(seconds * 1000 + u64::from(nanos) / 1_000_000).expect("small"), NOON);
        let used = if session.current { NOON + 5 * 60_000 } else { NOON };
        assert_eq!((session.last_seen_at, session.browser.as_deref()), (used, None));
    }
    let mut ids: Vec<SessionId> = found.iter().map(|session| session.id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    assert!(store.read(|db| sessions::live(db, &[3; 32], NOON)).await.expect("read").is_some());
}

/// A log from before there was an index can be searched like any other, and added to.
#[tokio::test]
async fn an_older_log_gets_its_index() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = as_of(&folder, 4);
    for detail in ["José called", "Olga called"] {
        db.execute(
            "INSERT INTO audit (id, at, actor_name, actor_role, channel, action, subject_kind, subject_name, outcome, \
             detail, hash) VALUES (?, 7, 'system', 'system', 'system', 'test.done', 'code', '', 'refused', ?, x'00')",
            params![EventId::generate(), detail],
        )
        .expect("inserted");
    }
    drop(db);

    let found = async |store: &Store, outcome| {
        let filter = Filter { words: Some("jose".into()), outcome, ..Filter::default() };
        store.read(move |db| audit::list(db, Scope::Everything, &filter, None, 50)).await.expect("read").0
    };
    for _ in ["when it is opened first", "and again"] {
        let store = open(&folder, key()).await;
        store.write(|tx| tx.record(NOON, event("José was here"))).await.expect("recorded");
        let refused = found(&store, Some(Outcome::Refused)).await;
        assert_eq!(refused.iter().map(|event| event.detail.as_str()).collect::<Vec<_>>(), ["José called"]);
        store.close().await;
    }
    let store = open(&folder, key()).await;
    assert_eq!(found(&store, None).await.len(), 3);
}

/// Names from before they were sorted and found as people expect, and from before that was done otherwise.
#[tokio::test]
async fn r42_older_names_are_found_and_sorted_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = as_of(&folder, 8);
    for name in ["Zz", "Émile"] {
        db.execute(
            "INSERT INTO property (id, name, time_zone, created_at) VALUES (?, ?, 'America/Denver', 0)",
            params![PropertyId::generate(), name],
        )
        .expect("inserted");
    }
    let person = insert_person(&db);
    db.execute_batch(
        "UPDATE person SET name = 'José Łuka';
         INSERT INTO unit SELECT randomblob(16), id, NULL, 'Ático 2', '' FROM property LIMIT 1;
         INSERT INTO tenancy (id, property_id, unit_id, person_id, move_in, starts_at, name_key, name_text, unit_key)
         SELECT randomblob(16), unit.property_id, unit.id, person.id, '2026-01-01', 0, '', '', '' FROM unit, person;",
    )
    .expect("inserted");
    drop(db);

    let mut store = open(&folder, key()).await;
    for _ in ["when it is opened first", "and after a program with other keys"] {
        let (found, _) = store.read(|db| properties::list(db, Scope::Everything, None, 50)).await.expect("read");
        assert_eq!(found.iter().map(|property| property.name.as_str()).collect::<Vec<_>>(), ["Émile", "Zz"]);
        let tenancies = store.read(move |db| tenancies::not_ended_of_person(db, person)).await.expect("read");
        assert_eq!(tenancies.len(), 1);
        let keys = read(&store, |db| {
            db.query_row("SELECT name_text, name_key, unit_key FROM tenancy", [], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
            })
            .expect("a row")
        })
        .await;
        assert_eq!(keys.0, "jose luka\natico 2");
        assert!(!keys.1.is_empty() && !keys.2.is_empty());
        store.close().await;
        let db = Connection::open(folder.path().join("test.db")).expect("a connection");
        db.execute_batch(
            "UPDATE text_keys SET version = 0; UPDATE tenancy SET name_text = ''; UPDATE property SET sort_key = name",
        )
        .expect("set back");
        drop(db);
        store = open(&folder, key()).await;
    }
}

/// People from before there were some without an address.
#[tokio::test]
async fn r41_older_people_keep_their_addresses_and_others_need_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = as_of(&folder, 14);
    let person = insert_person(&db);
    drop(db);
    let store = open(&folder, key()).await;
    let found = store.read(move |db| store::people::by_id(db, person)).await.expect("read").expect("there");
    assert_eq!(found.email, "a@example.com");
    let add = |email: &'static str| {
        store.write_unrecorded(move |tx| {
            let new = NewPerson { id: PersonId::generate(), email, name: "Ida", password_hash: None, support: false };
            store::people::insert(tx, 0, &new)
        })
    };
    for _ in 0..2 {
        add("").await.expect("nobody shares an address that isn't there");
    }
    add("A@example.com").await.expect_err("two people share no address");
    assert!(store.read(|db| store::people::by_email(db, "")).await.expect("read").is_none());
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_as_it_is() {
    for in_table in [false, true] {
        let (folder, first) = store().await;
        let newer = version(&first).await + 1;
        first.close().await;
        let db = Connection::open(folder.path().join("test.db")).expect("a connection");
        if in_table {
            count_in_table(&db, newer)
        } else {
            db.pragma_update(None, "user_version", newer).expect("counted")
        }
        let whole = |db: &Db| -> (i64, i64) {
            let version = db.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a number");
            (version, db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).expect("a number"))
        };
        let before = whole(&db);
        let refused = Store::open(&folder.path().join("test.db"), key()).await.err().expect("refused");
        assert!(matches!(refused, Error::NewerSchema(_)), "{refused}");
        assert_eq!(whole(&db), before);
    }
}

#[tokio::test]
async fn commits_are_on_disk_and_foreign_keys_are_enforced() {
    let (_folder, store) = store().await;
    write(&store, |tx| {
        for (pragma, value) in [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1")] {
            let sql = format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}");
            let found: String = tx.query_row(&sql, [], |row| row.get(0)).expect("read");
            assert_eq!(found, value, "{pragma}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_connection_for_reading_can_not_write() {
    let (_folder, store) = store().await;
    let error = read(&store, |db| db.execute("DELETE FROM property", [])).await.expect_err("refused");
    assert!(error.to_string().contains("readonly"), "{error}");
}

/// The migrations as they are applied: in the order of the list, which isn't that of the files' names.
fn in_order() -> Vec<String> {
    let list = include_str!("../../src/schema.rs");
    let names = list.lines().filter_map(|line| line.trim().strip_prefix("include_str!(\"../migrations/"));
    names.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

/// Hubs and locks are made anew, with everything that refers to them, also where a lock holds codes.
#[tokio::test]
async fn older_locks_keep_their_doors_and_their_codes() {
    let folder = tempfile::tempdir().expect("a folder");
    let order = in_order();
    let before = order.iter().position(|name| name.starts_with("0040")).expect("the migration");
    let db = Connection::open(folder.path().join("test.db")).expect("a connection");
    for name in &order[..before] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(name);
        db.execute_batch(&std::fs::read_to_string(file).expect("text")).expect("migrated");
    }
    db.pragma_update(None, "user_version", before as i64).expect("counted");
    let id = |number: u8| [number; 16].to_vec();
    let [property, hub, none, door, lock, other_door, other_lock, code, placement] =
        [1, 2, 3, 4, 5, 6, 7, 8, 9].map(id);
    let insert = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        db.execute(sql, values).expect("inserted");
    };
    insert(
        "INSERT INTO property (id, name, time_zone, created_at) VALUES (?, 'Juniper Flats', 'America/Denver', 0)",
        &[&property],
    );
    for (id, kind) in [(&hub, "simulated"), (&none, "none")] {
        let sql = "INSERT INTO hub (id, property_id, name, online, since, kind) VALUES (?, ?, 'Hub', 1, 0, ?)";
        insert(sql, &[id, &property, &kind]);
    }
    for (door, lock, hub) in [(&door, &lock, &hub), (&other_door, &other_lock, &none)] {
        let sql = "INSERT INTO door (id, property_id, kind, name, sort_key) VALUES (?, ?, 'amenity', 'Gym', 'gym')";
        insert(sql, &[door, &property]);
        let sql = "INSERT INTO lock (id, door_id, property_id, hub_id, online, since, slots_total) VALUES (?, ?, ?, ?, 1, 0, 30)";
        insert(sql, &[lock, door, &property, hub]);
    }
    insert(
        "INSERT INTO code (id, property_id, holder, origin, length, sealed, key_version, status, created_at) \
         VALUES (?, ?, 'guest', 'random', 4, x'00', 1, 'working', 0)",
        &[&code, &property],
    );
    insert(
        "INSERT INTO placement (id, code_id, property_id, door_id, lock_id, hub_id, wanted, state, since, slot) \
         VALUES (?, ?, ?, ?, ?, ?, 1, 'on_lock', 0, 3)",
        &[&placement, &code, &property, &door, &lock, &hub],
    );
    drop(db);

    let store = open(&folder, key()).await;
    let found = read(&store, |db| {
        let broken: i64 =
            db.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).expect("checked");
        assert_eq!(broken, 0, "everything refers to something");
        store::doors::all_locks(db).expect("locks")
    })
    .await;
    let names: Vec<Option<&str>> = found.iter().map(|lock| lock.hub_lock.as_deref()).collect();
    assert_eq!(names, [Some("05050505-0505-0505-0505-050505050505"), None], "a simulated lock is named by its id");
    assert_eq!(found[0].id.to_string(), "05050505-0505-0505-0505-050505050505");
    let slots = read(&store, |db| store::placements::with_slots(db).expect("placements")).await;
    assert_eq!((slots.len(), slots[0].lock_id, slots[0].slot), (1, found[0].id, Some(3)));
    let (_fresh_folder, fresh) = crate::fixtures::store().await;
    assert_eq!(schema(&store).await, schema(&fresh).await);
}

/// R44: a code that is on its locks because its window is open when the records are brought up to date stays there, and one that
/// begins later is sent a quarter of an hour before.
#[tokio::test]
async fn r44_older_guest_codes_go_on_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let order = in_order();
    let before = order.iter().position(|name| name.starts_with("0050")).expect("the migration");
    let db = Connection::open(folder.path().join("test.db")).expect("a connection");
    for name in &order[..before] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(name);
        db.execute_batch(&std::fs::read_to_string(file).expect("text")).expect("migrated");
    }
    db.pragma_update(None, "user_version", before as i64).expect("counted");
    db.execute_batch(
        "INSERT INTO property (id, name, time_zone, created_at) VALUES (x'01', 'Juniper Flats', 'America/Denver', 0);
         INSERT INTO person (id, name, created_at) VALUES (x'02', 'Morgan', 0);
         INSERT INTO hub (id, property_id, name, online, since, kind) VALUES (x'03', x'01', 'Hub', 1, 0, 'simulated');
         INSERT INTO door (id, property_id, kind, name, sort_key) VALUES (x'04', x'01', 'amenity', 'Gym', 'gym');
         INSERT INTO lock (id, door_id, property_id, hub_id, online, since, slots_total)
             VALUES (x'05', x'04', x'01', x'03', 1, 0, 30);",
    )
    .expect("inserted");
    for (id, state, next, wanted) in [(1, "live", 9_000_000, true), (2, "scheduled", 5_000_000, false)] {
        let (code, placement) = (vec![id; 16], vec![id + 10; 16]);
        db.execute(
            "INSERT INTO code (id, property_id, holder, origin, length, sealed, key_version, status, created_at) \
             VALUES (?, x'01', 'guest', 'random', 4, x'00', 1, 'working', 0)",
            [&code],
        )
        .expect("inserted");
        db.execute(
            "INSERT INTO guest_code (id, property_id, kind, guest_name, issued_by, issued_at, state, next_change_at) \
             VALUES (?, x'01', 'temporary', 'Ada', x'02', 0, ?, ?)",
            (&code, state, next),
        )
        .expect("inserted");
        db.execute(
            "INSERT INTO placement (id, code_id, property_id, door_id, lock_id, hub_id, wanted, state, since) \
             VALUES (?, ?, x'01', x'04', x'05', x'03', ?, 'pending', 0)",
            (&placement, &code, wanted),
        )
        .expect("inserted");
    }
    drop(db);

    let store = open(&folder, key()).await;
    let due = async |now| read(&store, move |db| store::guest_codes::due(db, now).expect("read")).await;
    let sent_at = 5_000_000 - 15 * 60_000;
    assert_eq!(due(sent_at - 1).await, []);
    assert_eq!(
        due(sent_at).await.iter().map(|id| id.to_string()).collect::<Vec<_>>(),
        ["02020202-0202-0202-0202-020202020202"]
    );
    assert_eq!(read(&store, |db| store::guest_codes::next_change(db, 0).expect("read")).await, Some(sent_at));
    let states = read(&store, |db| {
        let mut states = db.prepare("SELECT window_state FROM guest_code ORDER BY id").expect("a query");
        let states = states.query_map([], |row| row.get::<_, String>(0)).expect("rows");
        states.collect::<Result<Vec<_>, _>>().expect("states")
    })
    .await;
    assert_eq!(states, ["open", "closed"]);
}
