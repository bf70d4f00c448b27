//! Pages of guest codes: whatever the scope and page size, they are what sorting all of them would give.

use access_code::Code;
use api_types::{CodeOrigin, GuestCodeKind, GuestCodeState};
use ids::{GuestCodeId, PersonId, PropertyId};
use store::codes::{self, NewCode};
use store::guest_codes::{self, Filter, NewGuestCode, WindowState};
use store::people::{self, NewPerson};
use store::{Millis, Scope, Tx, properties};

use crate::fixtures::{NOON, read, store, write};

/// A code that was issued.
#[derive(Clone, Copy)]
struct Issued {
    id: GuestCodeId,
    property_id: PropertyId,
    at: Millis,
    state: GuestCodeState,
}

fn issue(tx: &Tx, property_id: PropertyId, by: PersonId, at: Millis, state: GuestCodeState) -> Issued {
    let code = Code::parse("204917").expect("a code");
    let new = NewCode { property_id, tenancy_id: None, guest: true, origin: CodeOrigin::Random, code: &code };
    let code_id = codes::insert(tx, &new, at).expect("inserted");
    let guest = NewGuestCode {
        code_id,
        property_id,
        tenancy_id: None,
        kind: GuestCodeKind::Permanent,
        guest_name: "Guest",
        reference: None,
        starts_at: Some(at),
        ends_at: None,
        recurrence: None,
        issued_by: by,
        state,
        window: WindowState::Open,
        next_change_at: None,
    };
    let id = guest_codes::insert(tx, &guest, at).expect("inserted");
    Issued { id, property_id, at, state }
}

#[tokio::test]
async fn the_codes_of_several_properties_come_newest_first_page_by_page() {
    let (_folder, store) = store().await;
    let manager = PersonId::generate();
    let (managed, mut issued) = write(&store, move |tx| {
        let new = NewPerson { id: manager, email: "m@example.com", name: "M", password_hash: None, support: false };
        people::insert(tx, NOON, &new).expect("inserted");
        let names = ["Juniper Flats", "Maple Court", "Elm House", "Oak Row"];
        let all = names.map(|name| properties::insert(tx, name, "America/Denver", false, NOON).expect("inserted"));
        for property in &all[..3] {
            people::add_manager(tx, manager, *property).expect("added");
        }
        // Several at the same time; a property with few, and one that somebody else manages.
        let issued = (0..90).map(|number| {
            let property = if number % 10 == 0 { all[2] } else { [all[0], all[1], all[3]][number % 3] };
            let state = [GuestCodeState::Scheduled, GuestCodeState::Live, GuestCodeState::Revoked][number / 2 % 3];
            issue(tx, property, manager, NOON + number as Millis / 4, state)
        });
        (all[..3].to_vec(), issued.collect::<Vec<_>>())
    })
    .await;
    issued.sort_by_key(|code| std::cmp::Reverse((code.at, code.id)));
    issued.retain(|code| managed.contains(&code.property_id));
    for state in [None, Some(GuestCodeState::Live)] {
        let wanted = issued.iter().filter(|code| state.is_none_or(|state| state == code.state));
        let wanted: Vec<GuestCodeId> = wanted.map(|code| code.id).collect();
        for limit in [1, 7, 50, 200] {
            let (mut found, mut cursor) = (Vec::new(), None::<String>);
            loop {
                let filter = Filter { state, ..Filter::default() };
                let (page, next) = read(&store, move |db| {
                    let scope = Scope::ManagedBy(manager);
                    guest_codes::list(db, scope, &filter, cursor.as_deref(), limit).expect("a page")
                })
                .await;
                found.extend(page.iter().map(|record| record.id));
                cursor = next;
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(found, wanted, "{state:?}, {limit} at a time");
        }
    }
}
