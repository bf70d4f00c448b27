//! The schema: brought up to date once, and never when it is newer than the program.

use std::ffi::OsString;
use std::path::Path;

use api_types::Outcome;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use store::audit::{self, Filter};
use store::{Scope, Store, properties, sessions};
use tempfile::TempDir;
use uuid::Uuid;

use crate::fixtures::{NOON, event, key, open, store, write};

#[tokio::test]
async fn opening_again_keeps_everything() {
    let (folder, first) = store().await;
    let id = write(&first, async |tx| {
        tx.record(NOON, event("kept")).await.expect("recorded");
        properties::insert(tx, "Juniper Flats", "America/Denver", false, NOON).await.expect("inserted")
    })
    .await;
    let schema = |store: Store| async move {
        let mut db = store.read().await.expect("a connection");
        let sql = "SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name";
        sqlx::query_scalar::<_, String>(sql).fetch_all(&mut *db).await.expect("read")
    };
    let before = schema(first.clone()).await;
    first.close().await;

    let again = open(&folder, key()).await;
    assert_eq!(schema(again.clone()).await, before);
    let mut db = again.read().await.expect("a connection");
    let kept = properties::get(&mut db, Scope::Everything, id).await.expect("read").expect("there");
    assert_eq!(kept.name, "Juniper Flats");
    let found = store::audit::verify(&mut db).await.expect("read");
    assert_eq!((found.events, found.intact), (1, true));
}

/// The database in that folder as it was with the first so many migrations.
async fn as_of(folder: &TempDir, migrations: usize) -> SqliteConnection {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let entries = all.read_dir().expect("a folder").map(|entry| entry.expect("a file").file_name());
    let mut names: Vec<OsString> = entries.collect();
    names.sort();
    let first = tempfile::tempdir().expect("a folder");
    for name in &names[..migrations] {
        std::fs::copy(all.join(name), first.path().join(name)).expect("copied");
    }
    let file = SqliteConnectOptions::new().filename(folder.path().join("test.db")).create_if_missing(true);
    let mut db = file.connect().await.expect("a connection");
    Migrator::new(first.path()).await.expect("migrations").run(&mut db).await.expect("migrated");
    db
}

/// Sessions from before they had a public id go on, each with one of its own, of the time it began.
#[tokio::test]
async fn sessions_from_before_get_ids() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut db = as_of(&folder, 2).await;
    let person = Uuid::now_v7();
    sqlx::query("INSERT INTO person (id, email, name, created_at) VALUES (?, 'a@example.com', 'Ada', 0)")
        .bind(person)
        .execute(&mut db)
        .await
        .expect("inserted");
    for (hash, channel, idle_expires_at) in
        [([1_u8; 32], "web", NOON + 35 * 60_000), ([2; 32], "web", NOON + 30 * 60_000), ([3; 32], "mobile", NOON * 2)]
    {
        sqlx::query(
            "INSERT INTO session (id_hash, person_id, channel, created_at, idle_expires_at, absolute_expires_at) \
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(&hash[..])
        .bind(person)
        .bind(channel)
        .bind(NOON)
        .bind(idle_expires_at)
        .bind(NOON * 2)
        .execute(&mut db)
        .await
        .expect("inserted");
    }
    drop(db);

    let store = open(&folder, key()).await;
    let mut db = store.read().await.expect("a connection");
    let found = sessions::list(&mut db, person, &[1; 32], NOON).await.expect("read");
    assert_eq!(found.len(), 3);
    for session in &found {
        assert_eq!((session.id.get_version_num(), session.id.get_variant()), (7, uuid::Variant::RFC4122));
        let (seconds, nanos) = session.id.get_timestamp().expect("of version 7").to_unix();
        assert_eq!(i64::try_from(seconds * 1000 + u64::from(nanos) / 1_000_000).expect("small"), NOON);
        let used = if session.current { NOON + 5 * 60_000 } else { NOON };
        assert_eq!((session.last_seen_at, session.browser.as_deref()), (used, None));
    }
    let mut ids: Vec<Uuid> = found.iter().map(|session| session.id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    assert!(sessions::live(&mut db, &[3; 32], NOON).await.expect("read").is_some());
}

/// A record from before its index is searched like any other, and goes on.
#[tokio::test]
async fn a_record_from_before_gets_its_index() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut db = as_of(&folder, 4).await;
    for (id, detail) in [(Uuid::now_v7(), "José called"), (Uuid::now_v7(), "Olga called")] {
        sqlx::query(
            "INSERT INTO audit (id, at, actor_name, actor_role, channel, action, subject_kind, subject_name, outcome, \
             detail, hash) VALUES (?, 7, 'system', 'system', 'system', 'test.done', 'code', '', 'refused', ?, x'00')",
        )
        .bind(id)
        .bind(detail)
        .execute(&mut db)
        .await
        .expect("inserted");
    }
    drop(db);

    for _ in ["when it is opened first", "and again"] {
        let store = open(&folder, key()).await;
        write(&store, async |tx| tx.record(NOON, event("José was here")).await.expect("recorded")).await;
        let mut db = store.read().await.expect("a connection");
        let filter = Filter { words: Some("jose".into()), outcome: Some(Outcome::Refused), ..Filter::default() };
        let (found, _) = audit::list(&mut db, Scope::Everything, &filter, None, 50).await.expect("read");
        assert_eq!(found.iter().map(|event| event.detail.as_str()).collect::<Vec<_>>(), ["José called"]);
        drop(db);
        store.close().await;
    }
    let store = open(&folder, key()).await;
    let mut db = store.read().await.expect("a connection");
    let filter = Filter { words: Some("jose".into()), ..Filter::default() };
    let (found, _) = audit::list(&mut db, Scope::Everything, &filter, None, 50).await.expect("read");
    assert_eq!(found.len(), 3);
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let (folder, first) = store().await;
    write(&first, async |tx| {
        let sql = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (9999, 'of a version to come', 1, x'00', 1)";
        sqlx::query(sql).execute(&mut **tx).await.expect("inserted");
    })
    .await;
    first.close().await;
    let refused = Store::open(&folder.path().join("test.db"), key()).await.err().expect("refused");
    assert!(refused.to_string().contains("9999"), "{refused}");
}

#[tokio::test]
async fn what_is_committed_is_on_disk_and_references_hold() {
    let (_folder, store) = store().await;
    let mut tx = store.begin().await.expect("a transaction");
    for (pragma, value) in [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1")] {
        let sql = format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}");
        let found: String = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut *tx).await.expect("read");
        assert_eq!(found, value, "{pragma}");
    }
}

#[tokio::test]
async fn a_connection_for_reading_can_not_write() {
    let (_folder, store) = store().await;
    let mut db = store.read().await.expect("a connection");
    let error = sqlx::query("DELETE FROM property").execute(&mut *db).await.expect_err("refused");
    assert!(error.to_string().contains("readonly"), "{error}");
}
