//! A separate store for each test.

use api_types::{Action, Outcome, Subject, SubjectKind};
use store::audit::{NewEvent, system_actor, system_channel};
use store::{Db, Error, MasterKey, Millis, Store, Tx};
use tempfile::TempDir;

/// 2026-06-15T18:00:00Z.
pub(crate) const NOON: Millis = 1_781_546_400_000;

/// An empty store, and the folder that must outlive it.
pub(crate) async fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(&folder, key()).await;
    (folder, store)
}

/// The store in that folder.
pub(crate) async fn open(folder: &TempDir, key: MasterKey) -> Store {
    Store::open(&folder.path().join("test.db"), key).await.expect("a database")
}

/// The same key every time.
pub(crate) fn key() -> MasterKey {
    MasterKey::new(1, [7; 32])
}

/// An event that says `detail`.
pub(crate) fn event(detail: &str) -> NewEvent {
    let subject = Subject { kind: SubjectKind::Property.into(), id: None, name: "Juniper Flats".into() };
    let event = NewEvent::done(system_actor(), system_channel(), Action::PropertyAdded, subject);
    NewEvent { detail: detail.into(), outcome: Outcome::Done, ..event }
}

/// Does something that changes the database, with or without an event.
pub(crate) async fn write<T: Send + 'static>(store: &Store, work: impl FnOnce(&Tx) -> T + Send + 'static) -> T {
    store.write_unrecorded(move |tx| Ok::<_, Error>(work(tx))).await.expect("committed")
}

/// Asks the database something.
pub(crate) async fn read<T: Send + 'static>(store: &Store, question: impl FnOnce(&Db) -> T + Send + 'static) -> T {
    store.read(move |db| Ok::<_, Error>(question(db))).await.expect("read")
}
