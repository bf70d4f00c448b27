//! One server per database: two would both drive its locks.

use std::time::{Duration, Instant};

use latchkey_server::single_instance::SingleInstance;

#[test]
fn a_database_has_one_server_whatever_path_leads_to_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("latchkey.db");
    std::fs::write(&database, "").expect("written");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let link = elsewhere.path().join("linked.db");
    std::os::unix::fs::symlink(&database, &link).expect("a link");
    let _first = SingleInstance::claim(&database).expect("nobody else is there");
    assert!(SingleInstance::claim(&link).is_err(), "a second one");
}

#[test]
fn a_database_has_one_server_at_a_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("latchkey.db");
    let first = SingleInstance::claim(&database).expect("nobody else is there");
    for _ in 0..2 {
        let Err(refused) = SingleInstance::claim(&database) else { panic!("a second one") };
        let why = format!("{refused:#}");
        assert!(why.contains("another server runs on") && why.contains("latchkey.db"), "{why}");
        assert!(why.contains("--data"), "it says what to do: {why}");
    }
    // Other databases may have servers of their own.
    let _other = SingleInstance::claim(&folder.path().join("demo.db")).expect("another database");
    drop(first);
    // A program that another test is just starting may have inherited the lock, until it begins.
    let began = Instant::now();
    while let Err(error) = SingleInstance::claim(&database) {
        assert!(began.elapsed() < Duration::from_secs(60), "the first one is gone: {error:#}");
    }
}
