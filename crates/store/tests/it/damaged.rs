//! Records that hold something impossible: they aren't shown, whoever asks for one is told, and everything else carries
//! on.

use std::collections::HashSet;

use std::fmt::Debug;

use access_code::Code;
use api_types::{CodeOrigin, DoorKind, GuestCodeKind, GuestCodeState, MaybeKnown};
use ids::{DoorId, EventId, GuestCodeId, HubId, PersonId, PropertyId, TenancyId};
use rusqlite::ToSql;
use store::audit::{self, Filter};
use store::codes::{self, NewCode};
use store::doors::{self, NewDoor};
use store::guest_codes::{self, NewGuestCode, WindowState};
use store::people::{self, NewPerson};
use store::placements::{self, NewPlacement};
use store::sessions::{self, NewSession};
use store::tenancies::{self, Dates, NewTenancy};
use store::{Error, Millis, Scope, Store, properties};

use crate::fixtures::{NOON, event, store, write};

/// Three of each.
struct Place {
    property: PropertyId,
    hub: HubId,
    person: PersonId,
    tenancies: [TenancyId; 3],
    doors: [DoorId; 3],
    /// Of guests, each at all doors.
    codes: [GuestCodeId; 3],
}

const EVERYTHING: Scope = Scope::Everything;

impl Place {
    async fn in_store(store: &Store) -> Self {
        write(store, |tx| {
            let property = properties::insert(tx, "Juniper Flats", "America/Denver", false, NOON).expect("inserted");
            let hub = doors::insert_hub(tx, property, "Hub", NOON).expect("inserted");
            let unit = doors::insert_unit(tx, property, None, "101").expect("inserted");
            let person = PersonId::generate();
            let new =
                NewPerson { id: person, email: "a@example.com", name: "Ada", password_hash: None, support: false };
            people::insert(tx, NOON, &new).expect("inserted");
            let tenancies = ["a", "b", "c"].map(|name| {
                let dates = Dates { move_in: "2026-01-01", move_out: None, starts_at: NOON, ends_at: Some(NOON) };
                let new =
                    NewTenancy { property_id: property, unit_id: unit, unit: "101", person_id: person, name, dates };
                tenancies::insert(tx, &new).expect("inserted")
            });
            let doors = ["a", "b", "c"].map(|name| {
                let new = NewDoor {
                    property_id: property,
                    building_id: None,
                    unit_id: None,
                    kind: DoorKind::Property,
                    name,
                    hub_id: hub,
                    slots_total: 10,
                    battery_percent: None,
                };
                doors::insert_door(tx, &new, NOON).expect("inserted")
            });
            let at_doors = doors::of_property(tx, EVERYTHING, property).expect("read");
            let codes = [1_u8, 2, 3].map(|number| {
                let code = Code::parse("048213").expect("a code");
                let origin = CodeOrigin::Random;
                let new = NewCode { property_id: property, tenancy_id: None, guest: true, origin, code: &code };
                let code_id = codes::insert(tx, &new, NOON).expect("inserted");
                let new = NewGuestCode {
                    code_id,
                    property_id: property,
                    tenancy_id: None,
                    kind: GuestCodeKind::Delivery,
                    guest_name: "Courier",
                    reference: None,
                    starts_at: Some(NOON),
                    ends_at: Some(NOON),
                    recurrence: None,
                    issued_by: person,
                    state: GuestCodeState::Live,
                    window: WindowState::Open,
                    next_change_at: Some(NOON),
                };
                let id = guest_codes::insert(tx, &new, NOON + Millis::from(number)).expect("inserted");
                for door in &at_doors {
                    let fingerprint = vec![number];
                    let new = NewPlacement { code_id, door, fingerprint, wanted: true, replaces: None };
                    placements::insert(tx, &new, NOON).expect("inserted");
                }
                id
            });
            Self { property, hub, person, tenancies, doors, codes }
        })
        .await
    }
}

/// Changes a record in a way that the program never does.
async fn damage(store: &Store, sql: &'static str, id: impl ToSql + Send + 'static) {
    write(store, move |tx| {
        tx.pragma_update(None, "ignore_check_constraints", true).expect("set");
        assert_eq!(tx.execute(sql, [id]).expect("damaged"), 1, "{sql}");
        tx.pragma_update(None, "ignore_check_constraints", false).expect("set");
    })
    .await;
}

fn unreadable<T: Debug>(found: Result<T, Error>) {
    assert!(matches!(found, Err(Error::Unreadable(_))), "{found:?}");
}

#[tokio::test]
async fn guest_codes_that_cannot_be_read_are_left_out_and_pages_go_on() {
    for sql in [
        "UPDATE guest_code SET state = 'asleep' WHERE id = ?",
        "UPDATE guest_code SET kind = '' WHERE id = ?",
        "UPDATE guest_code SET recurrence = '{' WHERE id = ?",
        "UPDATE guest_code SET ends_at = 9223372036854775807 WHERE id = ?",
        "UPDATE guest_code SET guest_name = CAST(x'ff' AS TEXT) WHERE id = ?",
        "UPDATE code SET length = 5 WHERE id = ?",
    ] {
        for damaged in 0..3 {
            let (_folder, store) = store().await;
            let place = Place::in_store(&store).await;
            damage(&store, sql, place.codes[damaged]).await;
            let (codes, id) = (place.codes, place.codes[damaged]);
            unreadable(store.read(move |db| guest_codes::get(db, EVERYTHING, id)).await);
            let others: Vec<GuestCodeId> = codes.into_iter().rev().filter(|code| *code != id).collect();
            for limit in [1, 2, 3] {
                let found = store.read(move |db| {
                    let (filter, mut found, mut cursor) = (guest_codes::Filter::default(), Vec::new(), None);
                    loop {
                        let (page, next) = guest_codes::list(db, EVERYTHING, &filter, cursor.as_deref(), limit)?;
                        found.extend(page.into_iter().map(|code| code.id));
                        cursor = next;
                        if cursor.is_none() {
                            return Ok::<_, Error>(found);
                        }
                    }
                });
                assert_eq!(found.await.expect("read"), others, "{sql}, {damaged}, {limit} at once");
            }
            // The timekeeper handles them one by one.
            assert_eq!(store.read(|db| guest_codes::due(db, NOON)).await.expect("read").len(), 3);
        }
    }
}

#[tokio::test]
async fn residents_who_cannot_be_read_are_left_out_and_pages_go_on() {
    for damaged in 0..3 {
        let (_folder, store) = store().await;
        let place = Place::in_store(&store).await;
        let (property, id) = (place.property, place.tenancies[damaged]);
        damage(&store, "UPDATE tenancy SET starts_at = -9223372036854775808 WHERE id = ?", id).await;
        unreadable(store.read(move |db| tenancies::get(db, EVERYTHING, id)).await);
        let found = store.read(move |db| {
            let (filter, mut found, mut cursor) = (tenancies::Filter::default(), Vec::new(), None);
            loop {
                let (page, next) = tenancies::list(db, EVERYTHING, property, &filter, cursor.as_deref(), 1)?;
                found.extend(page.into_iter().map(|tenancy| tenancy.id));
                cursor = next;
                if cursor.is_none() {
                    return Ok::<_, Error>(found);
                }
            }
        });
        let others: Vec<TenancyId> = place.tenancies.into_iter().filter(|tenancy| *tenancy != id).collect();
        assert_eq!(found.await.expect("read"), others, "{damaged}");
        assert_eq!(store.read(|db| tenancies::overdue(db, NOON)).await.expect("read").len(), 3);
        assert_eq!(store.read(|db| tenancies::without_code(db, NOON)).await.expect("read").len(), 3);
    }
}

#[tokio::test]
async fn placements_that_cannot_be_read_are_left_out_and_hold_up_no_other_work() {
    for sql in [
        "UPDATE placement SET state = 'lost' WHERE id = ?",
        "UPDATE placement SET slot = -1 WHERE id = ?",
        "UPDATE placement SET since = 9223372036854775807 WHERE id = ?",
    ] {
        let (_folder, store) = store().await;
        let place = Place::in_store(&store).await;
        let all =
            store.read(move |db| placements::of_codes(db, &place.codes.map(GuestCodeId::code))).await.expect("read");
        assert_eq!(all.len(), 9);
        let id = all[0].id;
        damage(&store, sql, id).await;
        unreadable(store.read(move |db| placements::get(db, id)).await);
        let left =
            store.read(move |db| placements::of_codes(db, &place.codes.map(GuestCodeId::code))).await.expect("read");
        assert_eq!(left.len(), 8, "{sql}");
        store.read(move |db| placements::open_of_property(db, place.property)).await.expect("read");
        let due = move |store: &Store| {
            let store = store.clone();
            async move { store.read(move |db| placements::due_by_lock(db, place.hub, NOON, &[], &HashSet::new(), 50)).await }
        };
        // One at each of the three locks, even where the first can't be read.
        let first = due(&store).await.expect("read");
        assert_eq!(first.len(), 3, "{sql}");
        assert!(first.iter().all(|placement| placement.id != id));
        write(&store, move |tx| {
            let sql = "UPDATE placement SET next_attempt_at = NULL WHERE id <> ?";
            tx.execute(sql, [id]).expect("done");
        })
        .await;
        unreadable(due(&store).await);
        let set_aside =
            store.write_unrecorded(move |tx| placements::set_aside_damaged(tx, place.hub, NOON)).await.expect("done");
        assert_eq!(set_aside, [(all[0].code_id, place.property)]);
        assert_eq!(due(&store).await.expect("read").len(), 0);
    }
}

#[tokio::test]
async fn doors_and_codes_that_cannot_be_read_are_left_out() {
    let (_folder, store) = store().await;
    let place = Place::in_store(&store).await;
    damage(&store, "UPDATE door SET kind = 'trap' WHERE id = ?", place.doors[0]).await;
    let doors = store.read(move |db| doors::of_property(db, EVERYTHING, place.property)).await.expect("read");
    assert_eq!(doors.iter().map(|door| door.id).collect::<Vec<_>>(), place.doors[1..]);
    damage(&store, "UPDATE code SET origin = 'guessed' WHERE id = ?", place.codes[0]).await;
    let codes = store.read(move |db| codes::by_ids(db, &place.codes.map(GuestCodeId::code))).await.expect("read");
    assert_eq!(codes.iter().map(|code| code.id).collect::<Vec<_>>(), place.codes.map(GuestCodeId::code)[1..]);
    let one = store.read(move |db| Ok(codes::get(db, place.codes[0].code())?.map(|code| code.id))).await;
    unreadable(one);
}

#[tokio::test]
async fn sessions_that_cannot_be_read_are_left_out() {
    let (_folder, store) = store().await;
    let place = Place::in_store(&store).await;
    let listed = async || {
        let list = move |db: &store::Db| sessions::list(db, place.person, &[1; 32], NOON);
        store.read(list).await.expect("read").into_iter().map(|session| session.id).collect::<Vec<_>>()
    };
    write(&store, move |tx| {
        for secret in [1, 2] {
            let id_hash = &[secret; 32];
            let (idle_expires_at, absolute_expires_at) = (NOON * 2, NOON * 2);
            let person_id = place.person;
            let new = NewSession { id_hash, person_id, app: None, browser: None, idle_expires_at, absolute_expires_at };
            sessions::insert(tx, NOON, &new).expect("inserted");
        }
    })
    .await;
    let before = listed().await;
    assert_eq!(before.len(), 2);
    damage(&store, "UPDATE session SET channel = 'pigeon' WHERE id = ?", before[0]).await;
    assert_eq!(listed().await, before[1..]);
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_left_out_and_named_as_broken() {
    for sql in [
        "UPDATE audit SET outcome = 'unheard of' WHERE id = ?",
        "UPDATE audit SET checklist = '' WHERE id = ?",
        "UPDATE audit SET actor_id = x'00' WHERE id = ?",
        "UPDATE audit SET detail = CAST(x'ff' AS TEXT) WHERE id = ?",
    ] {
        let (_folder, store) = store().await;
        for detail in ["one", "two", "three"] {
            store.write(move |tx| tx.record(NOON, event(detail))).await.expect("recorded");
        }
        let listed = async |words: Option<&str>| {
            let filter = Filter { words: words.map(str::to_owned), ..Filter::default() };
            store.read(move |db| audit::list(db, EVERYTHING, &filter, None, 50)).await.expect("read").0
        };
        let before = listed(None).await;
        let id = before[1].id;
        write(&store, |tx| tx.execute_batch("DROP TRIGGER audit_is_append_only_update").expect("dropped")).await;
        damage(&store, sql, id).await;
        unreadable(store.read(move |db| audit::get(db, EVERYTHING, id)).await);
        assert_eq!(listed(None).await, [before[0].clone(), before[2].clone()], "{sql}");
        let found = store.read(audit::verify).await.expect("read");
        assert_eq!((found.intact, found.first_broken), (false, Some(id)), "{sql}");

        // Nor does a damaged set of the index hide anything or prevent recording.
        write(&store, |tx| tx.execute("UPDATE audit_index SET events = x'000000'", []).expect("damaged")).await;
        assert_eq!(listed(Some("three")).await, [before[0].clone()], "{sql}");
        store.write(|tx| tx.record(NOON, event("three again"))).await.expect("recorded");
        assert_eq!(listed(Some("three")).await.len(), 2, "{sql}");
        assert_eq!(listed(Some("one")).await.len(), 1, "{sql}");
    }
}

/// R31: a newer program may have recorded what isn't known here; nothing of it is hidden.
#[tokio::test]
async fn r31_an_action_that_is_not_known_is_read_as_it_stands() {
    let (_folder, store) = store().await;
    write(&store, |tx| {
        let columns = "id, at, actor_name, actor_role, channel, subject_kind, subject_name, outcome, detail, hash";
        let sql = format!(
            "INSERT INTO audit (action, {columns}) \
             VALUES ('lease.signed', ?, 1, 'system', 'system', 'system', 'lease', '', 'done', '', x'00')"
        );
        tx.execute(&sql, [EventId::generate()]).expect("inserted")
    })
    .await;
    let (events, _) = store.read(|db| audit::list(db, EVERYTHING, &Filter::default(), None, 50)).await.expect("read");
    assert_eq!(events[0].action, MaybeKnown::Unknown("lease.signed".into()));
}
