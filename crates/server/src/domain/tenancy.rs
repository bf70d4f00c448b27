//! The beginning and the end of a tenancy.

use api_types::{GuestCodeState, MoveOut, Subject};
use store::tenancies::{self, TenancyRecord};
use store::{Db, Millis, Store, Tx, audit, codes, guest_codes, placements, sessions};

use super::{By, Done, Failure, resident_code};

const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// Ends a tenancy: its codes are revoked, its guests' too, and its person is signed out everywhere.
///
/// Done again for a tenancy that has ended, it changes nothing.
pub async fn move_out(tx: &mut Tx, by: &By, tenancy: &TenancyRecord, now: Millis) -> Done<()> {
    for code_id in codes::live_of_tenancy(tx, tenancy.id).await? {
        codes::end(tx, code_id, now).await?;
        placements::want(tx, code_id, false, now).await?;
        let guest = guest_codes::get(tx, store::Scope::Tenancy(tenancy.id), code_id).await?;
        if guest.is_some_and(|guest| guest.is_live_or_scheduled()) {
            guest_codes::set_state(tx, code_id, GuestCodeState::Revoked, None).await?;
        }
    }
    tenancies::end(tx, tenancy.id, now).await?;
    sessions::end_all_of(tx, tenancy.person_id).await?;
    let mut event = by.event("resident.moved_out", subject(tenancy));
    event.property_id = Some(tenancy.property_id);
    event.resident_id = Some(tenancy.id);
    if tenancy.ended_at.is_some() {
        event.detail = "Had moved out already.".into();
    }
    tx.record(now, event).await?;
    Ok(())
}

/// How far the doors are with a tenancy that has ended (R24).
pub async fn move_out_progress(db: &mut Db, tenancy: &TenancyRecord, for_support: bool) -> store::Result<MoveOut> {
    let records = placements::of_tenancy(db, tenancy.id).await?;
    let placements: Vec<_> =
        records.iter().filter(|record| record.begun()).map(|record| record.describe(for_support)).collect();
    Ok(MoveOut {
        resident_id: tenancy.id,
        all_doors_confirmed: placements.iter().all(|placement| placement.status == api_types::PlacementStatus::Removed),
        placements,
    })
}

/// Ends what is over at `now` and gives a code to those who have moved in. Answers how many tenancies it saw to.
pub async fn keep_time(store: &Store, now: Millis) -> store::Result<usize> {
    let mut read = store.read().await?;
    let overdue = tenancies::overdue(&mut read, now).await?;
    let codeless = tenancies::without_code(&mut read, now).await?;
    drop(read);
    let mut seen = 0;
    for tenancy in overdue {
        let mut tx = store.begin().await?;
        match move_out(&mut tx, &By::system(), &tenancy, now).await {
            Ok(()) => tx.commit().await?,
            Err(Failure::Store(error)) => return Err(error),
            Err(Failure::Refused(_)) => {}
        }
        seen += 1;
    }
    for tenancy in codeless {
        let mut tx = store.begin().await?;
        match resident_code::give_first(store, &mut tx, &By::system(), &tenancy, now).await {
            Ok(_) => {
                tx.commit().await?;
                seen += 1;
            }
            Err(Failure::Store(error)) => return Err(error),
            // No code is free (R18). Tried again whenever something changes, but recorded once a day.
            Err(Failure::Refused(refusal)) => {
                let mut read = store.read().await?;
                let since = now - DAY_MS;
                let unit = tenancy.unit_id;
                let said = audit::count_since(&mut read, unit, "code.random.refused", refusal.code, since).await?;
                if said == 0 { tx.commit().await? } else { tx.rollback().await? }
            }
        }
    }
    Ok(seen)
}

fn subject(tenancy: &TenancyRecord) -> Subject {
    Subject { kind: "resident".into(), id: Some(tenancy.id), name: format!("{}, unit {}", tenancy.name, tenancy.unit) }
}
