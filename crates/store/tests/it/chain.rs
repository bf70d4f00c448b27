//! The record: append-only, chained, in order (R31).

use store::audit::{self, Filter};
use store::{Error, Millis, Scope, Store};

use crate::fixtures::{NOON, event, store, write};

async fn verify(store: &Store) -> audit::Verification {
    store.read(audit::verify).await.expect("read")
}

async fn events(store: &Store) -> Vec<audit::EventRecord> {
    store.read(|db| audit::list(db, Scope::Everything, &Filter::default(), None, 200)).await.expect("read").0
}

async fn record(store: &Store, details: &[&'static str]) {
    for detail in details.iter().copied() {
        store.write(move |tx| tx.record(NOON, event(detail))).await.expect("recorded");
    }
}

/// Runs SQL that nobody should run, on a log whose triggers have been dropped.
async fn tamper(store: &Store, sql: &'static str) {
    write(store, |tx| {
        for trigger in ["update", "delete", "insert"] {
            tx.execute(&format!("DROP TRIGGER audit_is_append_only_{trigger}"), []).expect("dropped");
        }
        tx.execute(sql, []).expect("done");
    })
    .await;
}

#[tokio::test]
async fn r31_an_empty_log_is_intact() {
    let (_folder, store) = store().await;
    let found = verify(&store).await;
    assert_eq!((found.events, found.intact, found.head.as_slice(), found.first_broken), (0, true, &[][..], None));
}

#[tokio::test]
async fn r31_the_head_is_the_newest_event_and_moves_with_each() {
    let (_folder, store) = store().await;
    let mut heads = Vec::new();
    for detail in ["one", "two", "two"] {
        record(&store, &[detail]).await;
        let found = verify(&store).await;
        assert!(found.intact);
        assert_eq!(found.head, events(&store).await[0].hash);
        heads.push(found.head);
    }
    // Even two events with the same content have different hashes.
    heads.dedup();
    assert_eq!(heads.len(), 3);
}

#[tokio::test]
async fn r31_a_change_without_an_event_is_not_committed() {
    let (_folder, store) = store().await;
    let done = store.write(|tx| store::properties::insert(tx, "Quiet", "Europe/Berlin", false, NOON)).await;
    assert!(matches!(done, Err(Error::Unrecorded)));
    assert!(
        store.read(|db| store::properties::list(db, Scope::Everything, None, 200)).await.expect("read").0.is_empty()
    );
}

#[tokio::test]
async fn r31_the_log_can_only_be_added_to() {
    let (_folder, store) = store().await;
    record(&store, &["one", "two", "three"]).await;
    let before = events(&store).await;
    for sql in [
        "UPDATE audit SET detail = 'never happened' WHERE seq = 2",
        "UPDATE audit SET seq = 9 WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 2",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 2",
        "REPLACE INTO audit (seq, id, at, actor_name, actor_role, channel, action, subject_kind, subject_name, \
         outcome, detail, hash) SELECT 99, id, at, actor_name, actor_role, channel, action, subject_kind, \
         subject_name, outcome, 'never happened', hash FROM audit WHERE seq = 2",
    ] {
        let error = store.write_unrecorded(|tx| Ok::<_, Error>(tx.execute(sql, [])?)).await.expect_err(sql);
        assert!(error.to_string().contains("append-only"), "{sql}: {error}");
    }
    assert_eq!(events(&store).await, before);
    assert!(verify(&store).await.intact);
}

#[tokio::test]
async fn r31_the_first_event_that_was_tampered_with_is_named() {
    for (sql, broken) in [
        ("UPDATE audit SET detail = 'never happened' WHERE seq = 3", 3),
        ("UPDATE audit SET at = at + 1 WHERE seq = 3", 3),
        ("UPDATE audit SET actor_id = x'00112233445566778899aabbccddeeff' WHERE seq = 3", 3),
        ("UPDATE audit SET code = '' WHERE seq = 3", 3),
        // Moves text from one field to the next.
        ("UPDATE audit SET subject_kind = 'propert', subject_name = 'yJuniper Flats' WHERE seq = 3", 3),
        // What was added to events later is as safe, whichever of it is left.
        ("UPDATE audit SET facts = NULL, cause = NULL WHERE seq = 3", 3),
        ("UPDATE audit SET cause = NULL WHERE seq = 3", 3),
        ("UPDATE audit SET facts = '{\"person\":\"Nobody\"}' WHERE seq = 3", 3),
        ("UPDATE audit SET hash = randomblob(32) WHERE seq = 5", 5),
        ("UPDATE audit SET hash = (SELECT hash FROM audit WHERE seq = 1) WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 1", 2),
        ("DELETE FROM audit WHERE seq = 3", 4),
    ] {
        let (_folder, store) = store().await;
        record(&store, &["1", "2", "3", "4", "5"]).await;
        let mut before = events(&store).await;
        before.reverse();
        tamper(&store, sql).await;
        let found = verify(&store).await;
        assert!(!found.intact, "{sql}");
        assert_eq!(found.first_broken, Some(before[broken - 1].id), "{sql}");
    }
}

/// Hashes worked out once by another program, so that the chains of older logs stay valid.
#[tokio::test]
async fn r31_hashes_never_change_between_versions() {
    let (_folder, store) = store().await;
    write(&store, |tx| {
        tx.execute_batch(
            "INSERT INTO audit VALUES (1, x'000102030405060708090a0b0c0d0e0f', 1781546400000, NULL, 'system', 'system', \
             'system', NULL, NULL, 'test.done', NULL, 'property', NULL, 'Juniper Flats', NULL, NULL, 'done', NULL, '', \
             NULL, x'641ecd30413e5a2e28481b7992d337f3218c014465920f9dfd0f9871609d92da', \
             NULL, NULL); \
             INSERT INTO audit SELECT 2, x'101112131415161718191a1b1c1d1e1f', 1781546400001, it, 'Amélie', 'resident', \
             'mobile', 'ios', '2.1', 'code.revealed', it, 'code', it, 'Code of Amélie', it, it, 'refused', 'role', \
             'Why.', '[]', x'62ee20ace242f39e20a53cb993bbcbe80c89caa00abaf5b7cf4ce3a8fdba860c', NULL, NULL \
             FROM (SELECT x'00112233445566778899aabbccddeeff' AS it)",
        )
        .expect("inserted");
    })
    .await;
    record(&store, &["and on"]).await;
    let found = verify(&store).await;
    assert_eq!((found.events, found.intact), (3, true));
}

#[tokio::test]
async fn r31_time_never_goes_back_in_the_log() {
    let (_folder, store) = store().await;
    for at in [NOON, NOON - 3_600_000, NOON + 1, NOON] {
        store.write(move |tx| tx.record(at, event(""))).await.expect("recorded");
    }
    let at: Vec<Millis> = events(&store).await.into_iter().rev().map(|event| event.at).collect();
    assert_eq!(at, [NOON, NOON, NOON + 1, NOON + 1]);
    assert!(verify(&store).await.intact);
}

#[tokio::test]
async fn words_match_prefixes_in_any_script_with_or_without_accents() {
    let (_folder, store) = store().await;
    // The same name twice: with a precomposed letter, and with a combining accent.
    record(&store, &["Amélie moved in", "Ame\u{301}lie moved out", "Ольга", "O’Neil-Weiss", "nothing here"]).await;
    let found = async |words: &str| {
        let filter = Filter { words: Some(words.into()), ..Filter::default() };
        let (events, _) =
            store.read(move |db| audit::list(db, Scope::Everything, &filter, None, 50)).await.expect("read");
        events.into_iter().map(|event| event.detail).collect::<Vec<_>>()
    };
    for words in ["amelie", "AMÉLIE", "Ame\u{301}lie", "amé", "ame moved", "\"Amélie\" (moved)*"] {
        assert_eq!(found(words).await, ["Ame\u{301}lie moved out", "Amélie moved in"], "{words}");
    }
    assert_eq!(found("ольг").await, ["Ольга"]);
    assert_eq!(found("O'Neil").await, ["O’Neil-Weiss"]);
    assert_eq!(found("O’Neil").await, ["O’Neil-Weiss"]);
    assert_eq!(found("neil-we").await, ["O’Neil-Weiss"]);
    for words in ["lie", "amelie olga", "nothing NOT here there", "NEAR(", "moved OR nothing"] {
        assert_eq!(found(words).await, Vec::<String>::new(), "{words}");
    }
    assert_eq!(found("property.added nothing").await, ["nothing here"]);
}
