//! SQLite's plans for the list queries: each finds its rows by an index, and the most used pages come in the order of
//! an index, however long the list is.

use api_types::{Action, CodeOrigin, GuestCodeKind, GuestCodeState, Outcome, PlacementReason, PlacementStatus};
use ids::{DoorId, GuestCodeId, HubId, PersonId, PropertyId, TenancyId};
use rusqlite::{StatementStatus, params_from_iter};
use store::audit::Actions;
use store::people::NewPerson;
use store::placements::OnLock;
use store::tenancies::{Sort, Stage};
use store::{
    Query, Scope, Store, audit, codes, doors, guest_codes, hubs, people, properties, sessions, shares, summaries,
    tenancies,
};

use crate::fixtures::{NOON, read, store, write};

const SORTING: &str = "USE TEMP B-TREE FOR ORDER BY";

/// The steps of a query, in SQLite's words.
async fn plan(store: &Store, query: &Query) -> Vec<String> {
    let query = query.clone();
    read(store, move |db| {
        let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {}", query.text())).expect("a query");
        let steps = statement.query_map(params_from_iter(query.values()), |row| row.get("detail")).expect("a plan");
        steps.collect::<Result<_, _>>().expect("steps")
    })
    .await
}

/// Refuses a plan that reads a whole table or index. Lists that are part of the query may be read whole.
async fn check(store: &Store, name: &str, query: &Query) -> Vec<String> {
    let steps = plan(store, query).await;
    assert!(!steps.is_empty(), "{name}");
    for step in &steps {
        let brought = step.starts_with("SCAN wanted ") || step.starts_with("SCAN json_each ");
        let whole = step.starts_with("SCAN ") && !brought;
        assert!(!whole, "{name}: {steps:#?}");
        assert!(!step.contains("AUTOMATIC"), "{name}: {steps:#?}");
    }
    steps
}

/// Like [`check`], and the rows must come in order.
async fn check_in_order(store: &Store, name: &str, query: &Query) {
    let steps = check(store, name, query).await;
    assert!(!steps.iter().any(|step| step == SORTING), "{name}: {steps:#?}");
}

fn person() -> Scope {
    Scope::ManagedBy(PersonId::generate())
}

type AuditFilter = (&'static str, fn(&mut audit::Filter));

const AUDIT_FILTERS: [AuditFilter; 12] = [
    ("nothing", |_| ()),
    ("property", |filter| filter.property = Some(PropertyId::NIL)),
    ("actor", |filter| filter.actor = Some(PersonId::NIL)),
    ("resident", |filter| filter.resident = Some(TenancyId::NIL)),
    ("door", |filter| filter.door = Some(DoorId::NIL)),
    ("action", |filter| filter.action = Some(Action::CodeRevealed.into())),
    ("family", |filter| filter.action = Some(Actions::Family("code.".into()))),
    ("outcome", |filter| filter.outcome = Some(Outcome::Refused)),
    ("words", |filter| filter.words = Some("maria lobby".into())),
    ("from", |filter| filter.from = Some(NOON)),
    ("to", |filter| filter.to = Some(NOON)),
    ("heads", |filter| filter.heads = true),
];

/// Whatever is searched for, a search reads the sets of the blocks it names and the events of the page: never an event
/// that it then discards.
#[tokio::test]
async fn every_search_of_the_log_uses_an_index() {
    let (_folder, store) = store().await;
    let manager = PersonId::generate();
    write(&store, move |tx| {
        let new = NewPerson { id: manager, email: "m@example.com", name: "M", password_hash: None, support: false };
        people::insert(tx, NOON, &new).expect("inserted");
        for name in ["Juniper Flats", "Maple Court"] {
            let property = properties::insert(tx, name, "America/Denver", false, NOON).expect("inserted");
            people::add_manager(tx, manager, property).expect("added");
        }
    })
    .await;
    for scope in [Scope::Everything, Scope::ManagedBy(manager), Scope::Tenancy(TenancyId::NIL)] {
        for (one, set_one) in AUDIT_FILTERS {
            for (other, set_other) in AUDIT_FILTERS {
                let mut filter = audit::Filter::default();
                set_one(&mut filter);
                set_other(&mut filter);
                let name = format!("{scope:?}, {one} and {other}");
                let queries = store.read(move |db| audit::list_queries(db, scope, &filter)).await.expect("queries");
                for query in queries {
                    let steps = check(&store, &name, &query).await;
                    let reads: Vec<&String> = steps.iter().filter(|step| step.contains(" audit")).collect();
                    assert_eq!(reads.len(), 1, "{name}: {steps:#?}");
                    assert!(READS.iter().any(|read| reads[0].ends_with(read)), "{name}: {steps:#?}");
                }
            }
        }
    }
}

/// However many events there are, what belongs to one is found by its cause, in order.
#[tokio::test]
async fn what_belongs_to_an_event_is_found_by_an_index() {
    let (_folder, store) = store().await;
    write(&store, |tx| {
        let subject = api_types::Subject { kind: api_types::SubjectKind::Audit.into(), id: None, name: "A".into() };
        let event =
            |action| audit::NewEvent::done(audit::system_actor(), audit::system_channel(), action, subject.clone());
        tx.record(NOON, event(Action::PropertyAdded)).expect("recorded");
    })
    .await;
    let head = read(&store, |db| audit::list(db, Scope::Everything, &audit::Filter::default(), None, 1)).await;
    for query in audit::group_queries(&head.expect("a page").0[0]) {
        // What the limit has let through is read whole.
        let steps = plan(&store, &query).await;
        let mut reads = steps.iter().filter(|step| step.contains(" audit "));
        assert!(reads.clone().count() > 0, "{steps:#?}");
        assert!(reads.all(|step| step.contains("INDEX audit_by_cause") || step.contains("(id=?)")), "{steps:#?}");
        assert!(!steps.iter().any(|step| step == SORTING), "{steps:#?}");
    }
}

/// How the log and its index may be read: the sets of a term or of a prefix in one block after another, one event after
/// another, and where a range of time begins or ends.
const READS: [&str; 5] = [
    "audit_index USING PRIMARY KEY (block=? AND term=?)",
    "audit_index USING PRIMARY KEY (block=? AND term>? AND term<?)",
    "audit USING INTEGER PRIMARY KEY (rowid=?)",
    "audit USING COVERING INDEX audit_by_at (at>?)",
    "audit USING COVERING INDEX audit_by_at (at<?)",
];

#[tokio::test]
async fn residents_are_found_by_an_index_and_come_in_the_order_asked_for() {
    let (_folder, store) = store().await;
    let list = |filter: &tenancies::Filter, after| {
        tenancies::list_query(person(), PropertyId::NIL, filter, after, 51).expect("a query")
    };
    for sort in [Sort::Name, Sort::Unit, Sort::Changed] {
        for descending in [false, true] {
            for after in [None, Some(("17".to_owned(), TenancyId::NIL))] {
                let filter = tenancies::Filter { sort, descending, ..tenancies::Filter::default() };
                let name = format!("{sort:?}, descending {descending}, after {after:?}");
                check_in_order(&store, &name, &list(&filter, after.clone())).await;
                // A search reads on along the index until the page is full.
                let searched = tenancies::Filter { text: Some("mar".into()), ..filter.clone() };
                check_in_order(&store, &format!("{name}, text"), &list(&searched, after.clone())).await;
                for (what, filter) in [
                    ("unit", tenancies::Filter { unit: Some("101".into()), ..filter.clone() }),
                    ("origin", tenancies::Filter { origin: Some(CodeOrigin::Custom), ..filter.clone() }),
                    ("status", tenancies::Filter { status: Some(PlacementStatus::Failed), ..filter.clone() }),
                    ("on a lock", tenancies::Filter { on_lock: on_lock(), ..filter.clone() }),
                    ("current", tenancies::Filter { stage: Stage::Current(NOON), ..filter.clone() }),
                    ("upcoming", tenancies::Filter { stage: Stage::Upcoming(NOON), ..filter.clone() }),
                    ("former", tenancies::Filter { stage: Stage::Ended, ..filter.clone() }),
                    (
                        "former, on a lock",
                        tenancies::Filter { stage: Stage::Ended, on_lock: on_lock(), ..filter.clone() },
                    ),
                ] {
                    check(&store, &format!("{name}, {what}"), &list(&filter, after.clone())).await;
                }
            }
        }
    }
    for descending in [false, true] {
        let former = tenancies::Filter { stage: Stage::Ended, descending, ..tenancies::Filter::default() };
        check_in_order(&store, "former residents", &list(&former, None)).await;
    }
    check(&store, "other codes of residents", &codes::others_on_locks_query(&[TenancyId::NIL])).await;
}

/// Every condition on a placement.
fn on_lock() -> OnLock {
    OnLock {
        status: Some(PlacementStatus::BeingRemoved),
        door: Some(DoorId::NIL),
        hub: Some(HubId::NIL),
        reason: Some(PlacementReason::Rejected.into()),
        reachable: Some(true),
    }
}

/// Planning takes about as long as reading a page.
#[tokio::test]
async fn a_query_is_planned_once_whatever_its_values_are() {
    let (_folder, store) = store().await;
    let query = |limit| {
        tenancies::list_query(person(), PropertyId::NIL, &tenancies::Filter::default(), None, limit).expect("a query")
    };
    let planned_again = read(&store, move |db| {
        let mut statement = db.prepare(query(1).text()).expect("a query");
        for limit in [51, 201, 51] {
            let mut rows = statement.query(params_from_iter(query(limit).values())).expect("rows");
            while rows.next().expect("a row").is_some() {}
        }
        statement.get_status(StatementStatus::RePrepare)
    })
    .await;
    assert_eq!(planned_again, 0);
}

#[tokio::test]
async fn support_finds_residents_along_an_index_of_their_names() {
    let (_folder, store) = store().await;
    let found = plan(&store, &tenancies::search_query("mar", 21)).await;
    assert_eq!(found[0], "SCAN tenancy USING INDEX tenancy_of_anywhere_by_name");
    assert!(!found.iter().any(|step| step == SORTING), "{found:?}");
}

#[tokio::test]
async fn guest_codes_are_found_by_an_index() {
    let (_folder, store) = store().await;
    type Set = fn(&mut guest_codes::Filter);
    let filters: [(&str, Set); 7] = [
        ("nothing", |_| ()),
        ("door", |filter| filter.on_lock.door = Some(DoorId::NIL)),
        ("kind", |filter| filter.kind = Some(GuestCodeKind::Delivery)),
        ("state", |filter| filter.state = Some(GuestCodeState::Live)),
        ("tenancy", |filter| filter.tenancy = Some(TenancyId::NIL)),
        ("the worst", |filter| filter.worst = Some(PlacementStatus::Waiting)),
        ("on a lock", |filter| filter.on_lock = on_lock()),
    ];
    for (name, set) in filters {
        for before in [None, Some((NOON, GuestCodeId::NIL))] {
            let mut filter = guest_codes::Filter::default();
            set(&mut filter);
            let steps = check(&store, name, &guest_codes::list_query(person(), &filter, before, 51)).await;
            // The page itself, at most: not all codes of all properties.
            assert!(steps.iter().filter(|step| *step == SORTING).count() <= 1, "{name}: {steps:#?}");
            let own = guest_codes::list_query(Scope::Tenancy(TenancyId::NIL), &filter, before, 51);
            check_in_order(&store, &format!("own, {name}"), &own).await;
            filter.property = Some(PropertyId::NIL);
            let of_property = guest_codes::list_query(person(), &filter, before, 51);
            check_in_order(&store, &format!("of a property, {name}"), &of_property).await;
        }
    }
}

/// R44: how early a property sends its codes is read when it is needed. That costs a look at each property and no code that
/// isn't due.
#[tokio::test]
async fn guest_codes_that_are_to_be_sent_are_found_by_an_index() {
    let (_folder, store) = store().await;
    for (name, query, bounds) in [
        ("to send", guest_codes::to_send_query(NOON), " AND next_change_at>? AND next_change_at<?"),
        ("sent too early", guest_codes::sent_too_early_query(NOON), " AND next_change_at>?"),
        ("next", guest_codes::next_sent_query(), " AND next_change_at>?"),
    ] {
        let steps = plan(&store, &query).await;
        let by_index = ["INDEX guest_code_windows (property_id=? AND window_state=?", bounds, ")"].concat();
        assert!(steps.iter().any(|step| step.ends_with(&by_index)), "{name}: {steps:#?}");
        assert!(
            steps.iter().all(|step| !step.starts_with("SCAN ") || step.starts_with("SCAN property")),
            "{name}: {steps:#?}"
        );
    }
}

#[tokio::test]
async fn a_person_s_sessions_are_found_by_an_index_and_come_in_its_order() {
    let (_folder, store) = store().await;
    check_in_order(&store, "sessions", &sessions::list_query(PersonId::NIL, &[0; 32], NOON)).await;
    check_in_order(&store, "links to a guest code", &shares::list_query(GuestCodeId::NIL)).await;
}

#[tokio::test]
async fn doors_and_properties_are_found_by_an_index() {
    let (_folder, store) = store().await;
    for scope in [Scope::Everything, person()] {
        check(&store, "hubs", &hubs::of_property_query(scope, PropertyId::NIL)).await;
        let query = doors::of_property_query(scope, PropertyId::NIL);
        check_in_order(&store, "doors", &query).await;
        // Codes that are scheduled at a property, however many, aren't read to tell how its doors are.
        let steps = plan(&store, &query).await;
        assert!(steps.iter().any(|step| step.contains("INDEX placement_unsettled (door_id=?)")), "{steps:#?}");
    }
    check(&store, "a manager's properties", &properties::list_query(person(), None, 51)).await;
    // Support sees every property, read in the order of their names.
    let all = plan(&store, &properties::list_query(Scope::Everything, None, 51)).await;
    assert_eq!(all[0], "SCAN property USING INDEX property_by_sort_key");
    assert!(!all.iter().any(|step| step == SORTING), "{all:?}");
}

/// It is asked every few seconds, however many properties there are.
#[tokio::test]
async fn summaries_that_are_due_are_found_by_an_index() {
    let (_folder, store) = store().await;
    check(&store, "summaries that are due", &summaries::due_query(1_800_000_000_000)).await;
}

#[tokio::test]
async fn residents_to_invite_are_found_by_an_index() {
    let (_folder, store) = store().await;
    for after in [None, Some(("101".to_owned(), TenancyId::NIL))] {
        check(&store, "residents to invite", &tenancies::invitable_query(PropertyId::NIL, NOON, after, 51)).await;
    }
}
