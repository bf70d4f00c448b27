//! The writing connection: what shares a commit, what is undone alone, and who is notified.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use access_code::Code;
use api_types::{Action, CodeOrigin, DoorKind, Evidence, ProblemCode};
use ids::{CodeId, HubId, PersonId};
use store::audit::{self, Filter};
use store::codes::{self, NewCode};
use store::doors::{self, NewDoor};
use store::placements::{self, Event, NewPlacement, PlacementState};
use store::{Error, Scope, Store, Tx, properties};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, yield_now};
use tokio::time::timeout;

use crate::fixtures::{NOON, event, key, open, read, store, write};

/// The writer, held by a deed until it is released.
struct Held {
    release: mpsc::Sender<()>,
    deed: JoinHandle<Result<(), Error>>,
}

impl Held {
    async fn of(store: &Store) -> Self {
        let (begun, begins) = oneshot::channel();
        let (release, released) = mpsc::channel::<()>();
        let store = store.clone();
        let deed = tokio::spawn(async move {
            let wait = move |_: &Tx| {
                begun.send(()).expect("somebody waits");
                released.recv().expect("released");
                Ok(())
            };
            store.write(wait).await
        });
        begins.await.expect("begun");
        Self { release, deed }
    }

    async fn release(self) -> Result<(), Error> {
        self.release.send(()).expect("it waits");
        self.deed.await.expect("no panic")
    }
}

type Deed = Box<dyn FnOnce(&Tx) -> Result<(), Error> + Send>;

/// Does all of these deeds, which wait together while another is being done.
async fn together(store: &Store, deeds: Vec<Deed>) -> Vec<Result<(), Error>> {
    let held = Held::of(store).await;
    let mut waiting = Vec::new();
    for deed in deeds {
        let store_of_deed = store.clone();
        waiting.push(tokio::spawn(async move { store_of_deed.write(deed).await }));
        while store.waiting() < waiting.len() {
            yield_now().await;
        }
    }
    // It shares the fate of the other deeds in its commit.
    let _ = held.release().await;
    let mut answers = Vec::new();
    for deed in waiting {
        answers.push(deed.await.expect("no panic"));
    }
    answers
}

/// Adds a property of that name, and an event that names it.
fn add(tx: &Tx, name: &str) -> Result<(), Error> {
    properties::insert(tx, name, "America/Denver", false, NOON)?;
    tx.record(NOON, event(name))?;
    Ok(())
}

fn adds(name: &'static str) -> Deed {
    Box::new(move |tx| add(tx, name))
}

/// The names of all properties, after checking the log: it is intact, has an event for each of them, and finds each by
/// its name.
async fn names(store: &Store) -> Vec<String> {
    let properties = store.read(|db| properties::list(db, Scope::Everything, None, 200)).await.expect("read").0;
    let names: Vec<String> = properties.into_iter().map(|property| property.name).collect();
    let found = store.read(audit::verify).await.expect("read");
    assert!(found.intact);
    assert_eq!(found.events, names.len() as u64);
    assert_eq!(store.read(audit::count).await.expect("read"), found.events, "no number is left out");
    for name in &names {
        assert_eq!(said(store, name).await, [name.as_str()]);
    }
    names
}

/// The details of the events that contain that word.
async fn said(store: &Store, word: &str) -> Vec<String> {
    let filter = Filter { words: Some(word.into()), ..Filter::default() };
    let found = store.read(move |db| audit::list(db, Scope::Everything, &filter, None, 50)).await.expect("read").0;
    found.into_iter().map(|event| event.detail).collect()
}

#[tokio::test]
async fn waiting_deeds_share_a_commit_and_all_are_answered() {
    let (_folder, store) = store().await;
    let commits = Arc::new(AtomicUsize::new(0));
    let counted = commits.clone();
    write(&store, |tx| {
        let count = move || {
            counted.fetch_add(1, Ordering::Relaxed);
            false
        };
        tx.commit_hook(Some(count)).expect("set");
    })
    .await;
    let before = commits.load(Ordering::Relaxed);
    let deeds = (100..150).map(|number| Box::new(move |tx: &Tx| add(tx, &format!("n{number}"))) as Deed);
    let answers = together(&store, deeds.collect()).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let commits = commits.load(Ordering::Relaxed) - before;
    assert!((1..10).contains(&commits), "{commits} commits");
    assert_eq!(names(&store).await, (100..150).map(|number| format!("n{number}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_failed_deed_is_undone_alone() {
    let (_folder, store) = store().await;
    let fails = |tx: &Tx| {
        add(tx, "undone")?;
        tx.record(NOON, event("undone too"))?;
        Err(Error::BadCursor)
    };
    let answers = together(&store, vec![adds("first"), Box::new(fails), adds("last")]).await;
    assert!(matches!(answers[..], [Ok(()), Err(Error::BadCursor), Ok(())]), "{answers:?}");
    assert_eq!(names(&store).await, ["first", "last"]);
    assert_eq!(said(&store, "undone").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_failure_first_or_last_leaves_the_log_intact() {
    let (_folder, store) = store().await;
    let fails = || {
        let deed = |tx: &Tx| {
            add(tx, "undone")?;
            Err(Error::BadCursor)
        };
        Box::new(deed) as Deed
    };
    for name in ["one", "two"] {
        let answers = together(&store, vec![fails(), adds(name), fails()]).await;
        assert!(matches!(answers[..], [Err(_), Ok(()), Err(_)]), "{answers:?}");
    }
    assert_eq!(names(&store).await, ["one", "two"]);
    assert_eq!(said(&store, "undone").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_panicking_deed_is_undone_alone_and_writing_goes_on() {
    let (_folder, store) = store().await;
    let panics = |tx: &Tx| {
        add(tx, "undone")?;
        panic!("as this test wants it")
    };
    let answers = together(&store, vec![adds("first"), Box::new(panics), adds("last")]).await;
    assert!(matches!(answers[..], [Ok(()), Err(Error::Panicked), Ok(())]), "{answers:?}");
    store.write(|tx| add(tx, "more")).await.expect("done");
    assert_eq!(names(&store).await, ["first", "last", "more"]);
    assert_eq!(said(&store, "undone").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_panicking_query_costs_no_connection() {
    let (_folder, store) = store().await;
    for _ in 0..10 {
        let answer = store.read(|_| -> Result<(), Error> { panic!("as this test wants it") }).await;
        assert!(matches!(answer, Err(Error::Panicked)), "{answer:?}");
    }
    assert_eq!(names(&store).await, Vec::<String>::new());
}

#[tokio::test]
async fn r31_a_change_without_an_event_is_undone_even_among_others() {
    let (_folder, store) = store().await;
    let quiet = |tx: &Tx| properties::insert(tx, "quiet", "America/Denver", false, NOON).map(|_| ());
    let looks = |tx: &Tx| properties::list(tx, Scope::Everything, None, 200).map(|_| ());
    let answers = together(&store, vec![adds("first"), Box::new(quiet), Box::new(looks), adds("last")]).await;
    assert!(matches!(answers[..], [Ok(()), Err(Error::Unrecorded), Ok(()), Ok(())]), "{answers:?}");
    let alone = store.write(quiet).await;
    assert!(matches!(alone, Err(Error::Unrecorded)), "{alone:?}");
    assert_eq!(names(&store).await, ["first", "last"]);
    // A statement that returns rows is a change like any other.
    let session = [7; 32];
    let person = PersonId::generate();
    let id = write(&store, move |tx| {
        let new = store::people::NewPerson { id: person, email: "a@b", name: "A", password_hash: None, support: false };
        store::people::insert(tx, NOON, &new).expect("inserted");
        let (idle_expires_at, absolute_expires_at) = (NOON * 2, NOON * 2);
        let new = store::sessions::NewSession {
            id_hash: &session,
            person_id: person,
            app: None,
            browser: None,
            idle_expires_at,
            absolute_expires_at,
        };
        store::sessions::insert(tx, NOON, &new).expect("inserted");
        store::sessions::list(tx, person, &session, NOON).expect("read")[0].id
    })
    .await;
    let ended = store.write(move |tx| store::sessions::end_one_of(tx, person, id, &session, NOON)).await;
    assert!(matches!(ended, Err(Error::Unrecorded)), "{ended:?}");
    assert!(store.read(move |db| store::sessions::live(db, &session, NOON)).await.expect("read").is_some());
}

#[tokio::test]
async fn a_deed_is_done_even_if_nobody_is_waiting_for_it_any_more() {
    let (_folder, store) = store().await;
    let held = Held::of(&store).await;
    let given_up = timeout(Duration::ZERO, store.write(|tx| add(tx, "kept"))).await;
    assert!(given_up.is_err());
    store.write_later(|tx| add(tx, "later"));
    assert_eq!(store.waiting(), 2);
    held.release().await.expect("done");
    // It comes after them.
    store.write(|tx| add(tx, "last")).await.expect("done");
    assert_eq!(names(&store).await, ["kept", "last", "later"]);
}

#[tokio::test]
async fn waiting_deeds_are_done_before_the_store_closes_and_none_after() {
    let (folder, store) = store().await;
    let held = Held::of(&store).await;
    let given_up = timeout(Duration::ZERO, store.write(|tx| add(tx, "kept"))).await;
    assert!(given_up.is_err());
    let closes = tokio::spawn({
        let store = store.clone();
        async move { store.close().await }
    });
    held.release().await.expect("done");
    closes.await.expect("closed");
    assert!(matches!(store.write(|tx| add(tx, "late")).await, Err(Error::Closed)));
    assert!(matches!(store.read(audit::count).await, Err(Error::Closed)));
    let again = open(&folder, key()).await;
    assert_eq!(names(&again).await, ["kept"]);
}

#[tokio::test]
async fn a_full_disk_undoes_what_failed_and_writing_resumes_afterwards() {
    let (_folder, store) = store().await;
    let fills = |tx: &Tx| {
        let pages: i64 = tx.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        tx.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
        let filled = add(tx, &"undone ".repeat(20_000));
        tx.query_row("PRAGMA max_page_count = 1000000000", [], |_| Ok(()))?;
        filled
    };
    let answers = together(&store, vec![adds("first"), Box::new(fills), adds("last")]).await;
    assert!(answers[1].is_err());
    let done: BTreeSet<String> = ["first", "last"]
        .into_iter()
        .zip([&answers[0], &answers[2]])
        .filter(|(_, answer)| answer.is_ok())
        .map(|(name, _)| name.to_owned())
        .collect();
    assert_eq!(names(&store).await.into_iter().collect::<BTreeSet<_>>(), done);
    store.write(|tx| add(tx, "more")).await.expect("there is room again");
    assert!(store.is_writable());
    assert!(names(&store).await.contains(&"more".to_owned()));
}

/// The newest event is kept in memory for one transaction only, because another process may record one.
#[tokio::test]
async fn events_of_another_process_are_linked_to() {
    let (folder, store) = store().await;
    let other = open(&folder, key()).await;
    for (at, name) in ["abel", "bruno", "clara", "emma"].into_iter().enumerate() {
        let writes = if at % 2 == 0 { &store } else { &other };
        writes.write(move |tx| add(tx, name)).await.expect("done");
    }
    assert_eq!(names(&store).await, ["abel", "bruno", "clara", "emma"]);
}

#[tokio::test]
async fn a_transaction_sees_what_it_recorded() {
    let (_folder, store) = store().await;
    let code_id = CodeId::generate();
    let refused = move || {
        let mut refused = event("no code is free");
        (refused.action, refused.subject.id, refused.code) =
            (Action::CodeRevealed, Some(code_id.uuid()), Some("codes_exhausted".into()));
        refused
    };
    let id = write(&store, move |tx| {
        let id = tx.record(NOON, refused()).expect("recorded");
        let since = audit::count_since(tx, code_id.uuid(), Action::CodeRevealed, ProblemCode::CodesExhausted, NOON)
            .expect("read");
        let reveals = audit::reveals(tx, code_id).expect("read");
        assert_eq!((since, reveals.len(), reveals[0].id), (1, 1, id));
        assert_eq!((audit::count(tx).expect("read"), audit::newest_at(tx).expect("read")), (1, Some(NOON)));
        assert!(audit::get(tx, Scope::Everything, id).expect("read").is_some());
        id
    })
    .await;
    assert_eq!(said(&store, "free").await.len(), 1);
    assert!(store.read(move |db| audit::get(db, Scope::Everything, id)).await.expect("read").is_some());
}

/// A placement at a lock of the first hub with nothing to do; there is a second hub.
async fn settled_placement(store: &Store) -> ([HubId; 2], CodeId) {
    write(store, |tx| {
        let property_id = properties::insert(tx, "Juniper Flats", "America/Denver", false, NOON).expect("inserted");
        let hubs = ["one", "two"].map(|name| doors::insert_hub(tx, property_id, name, NOON).expect("inserted"));
        let door = NewDoor {
            property_id,
            building_id: None,
            unit_id: None,
            kind: DoorKind::Property,
            name: "Gate",
            hub_id: hubs[0],
            slots_total: 10,
            battery_percent: None,
        };
        doors::insert_door(tx, &door, NOON).expect("inserted");
        let door = &doors::of_property(tx, Scope::Everything, property_id).expect("read")[0];
        let code = Code::parse("048213").expect("a code");
        let new = NewCode { property_id, tenancy_id: None, guest: true, origin: CodeOrigin::Random, code: &code };
        let code_id = codes::insert(tx, &new, NOON).expect("inserted");
        let new = NewPlacement { code_id, door, fingerprint: vec![1], wanted: true, replaces: None };
        placements::insert(tx, &new, NOON).expect("inserted");
        let placement = &placements::of_code(tx, code_id).expect("read")[0];
        let confirmed = Event::Confirmed { slot: 1, evidence: Evidence::Accepted };
        let told = placements::advance(tx, placement, confirmed, NOON, &|_| Ok(0)).expect("advanced");
        assert_eq!(told.map(|told| told.state), Some(PlacementState::OnLock));
        (hubs, code_id)
    })
    .await
}

#[tokio::test]
async fn a_hub_and_no_other_is_notified_of_its_work_whoever_made_it() {
    let (_folder, store) = store().await;
    let (hubs, code_id) = settled_placement(&store).await;
    let told = async || {
        let mut told = Vec::new();
        for hub in hubs {
            told.push(timeout(Duration::ZERO, store.hub_work(hub).notified()).await.is_ok());
        }
        told
    };
    assert_eq!(told().await, [false, false], "nothing is to be done");

    write(&store, move |tx| placements::set_wanted(tx, code_id, false, NOON).expect("done")).await;
    assert_eq!(told().await, [true, false], "a code is to be taken off");
    assert_eq!(told().await, [false, false], "once");

    let sql = "UPDATE placement SET next_attempt_at = 7";
    write(&store, |tx| tx.execute(sql, []).expect("done")).await;
    assert_eq!(told().await, [true, false], "whoever changed it");

    write(&store, |tx| tx.execute("UPDATE placement SET next_attempt_at = NULL", []).expect("done")).await;
    assert_eq!(told().await, [false, false], "there is nothing more to do");

    let undone = store.write_unrecorded(|tx| {
        tx.execute(sql, [])?;
        Err::<(), _>(Error::BadCursor)
    });
    undone.await.expect_err("undone");
    assert_eq!(told().await, [false, false], "it was undone");

    let waits = tokio::spawn({
        let work = store.hub_work(hubs[0]);
        async move { work.notified().await }
    });
    yield_now().await;
    write(&store, |tx| tx.execute(sql, []).expect("done")).await;
    timeout(Duration::from_secs(10), waits).await.expect("told").expect("no panic");
}

#[tokio::test]
async fn the_timekeeper_is_notified_of_what_may_make_something_due() {
    let (_folder, store) = store().await;
    let told = async || timeout(Duration::ZERO, store.time_work().notified()).await.is_ok();
    settled_placement(&store).await;
    assert!(told().await, "a property was added, which says how early its codes are sent");
    write(&store, |tx| drop(tx.execute("UPDATE lock SET slots_total = 20", []))).await;
    assert!(!told().await);
    write(&store, |tx| drop(tx.execute("UPDATE property SET guest_code_lead_minutes = 20", []))).await;
    assert!(told().await);
    write(&store, |tx| {
        let sql = "INSERT INTO guest_code (id, property_id, kind, guest_name, issued_by, issued_at, state) \
             SELECT code.id, code.property_id, 'delivery', 'Courier', ?, 0, 'live' FROM code";
        let person = PersonId::generate();
        let new = store::people::NewPerson { id: person, email: "a@b", name: "A", password_hash: None, support: false };
        store::people::insert(tx, NOON, &new).expect("inserted");
        tx.execute(sql, [person]).expect("inserted");
    })
    .await;
    assert!(told().await);
    assert_eq!(read(&store, |db| store::guest_codes::next_change(db, NOON).expect("read")).await, None);
    assert!(!told().await);
}
