//! The schema: brought up to date once, and never when it is newer than the program.

use store::{Scope, Store, properties};

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
