//! Scans the records for damaged ones, so that support knows of them before somebody is standing at a door.

use ids::{CodeId, GuestCodeId};
use store::incidents::{self, Incident};
use store::{Millis, Scope, Store, codes, guest_codes, placements, tenancies};

use crate::domain::{damage, guest_code};

/// How many codes are read in one query.
const BATCH: u32 = 500;

/// Opens every code that is in force and reads its guest code. Reports those that can't be read to support, and
/// withdraws incidents about those that can.
pub(super) async fn scan(store: &Store, now: Millis) -> store::Result<()> {
    let mut after = CodeId::NIL;
    loop {
        let vault = store.vault().clone();
        let (found, last) = store
            .read(move |db| {
                let ids = codes::in_force_after(db, after, BATCH)?;
                let mut found = Vec::new();
                for (id, property_id, guest) in &ids {
                    let read = codes::get(db, *id)
                        .and_then(|record| record.map(|record| codes::open(&vault, db, &record)).transpose());
                    if let Err(error) = read {
                        found.push(Incident::of_code(*id, *property_id, &one_record(error)?));
                    } else if *guest && let Err(error) = guest_code::is_wanted(db, GuestCodeId::of_code(*id), now) {
                        let id = GuestCodeId::of_code(*id);
                        found.push(Incident::of_guest_code(id, Some(*property_id), &one_record(error)?));
                    }
                }
                Ok::<_, store::Error>((found, ids.last().map(|(id, ..)| *id)))
            })
            .await?;
        if !found.is_empty() {
            store
                .write_unrecorded(move |tx| {
                    for incident in &found {
                        damage::report(tx, incident, now)?;
                        // There is no telling when it may open a door, so it opens none until somebody has dealt with
                        // it.
                        if let Some(id) = incident.guest_code() {
                            guest_codes::set_aside(tx, id)?;
                            placements::set_wanted(tx, id.code(), false, now)?;
                        }
                    }
                    Ok::<_, store::Error>(())
                })
                .await?;
        }
        match last {
            Some(last) => after = last,
            None => break,
        }
    }
    clear_repaired(store, now).await
}

/// Withdraws incidents about records that can be read again. A guest code that was set aside is taken up again.
async fn clear_repaired(store: &Store, now: Millis) -> store::Result<()> {
    let vault = store.vault().clone();
    let mended = store
        .read(move |db| {
            let mut mended = Vec::new();
            for incident in incidents::list(db)? {
                let readable = if let Some(id) = incident.code_id() {
                    let code = codes::get(db, id);
                    let opened = code.and_then(|code| code.map(|code| codes::open(&vault, db, &code)).transpose());
                    matches!(opened, Ok(Some(_)))
                        && incident.guest_code().is_none_or(|id| guest_code::is_wanted(db, id, now).is_ok())
                } else if let Some(id) = incident.tenancy_id() {
                    matches!(tenancies::get(db, Scope::Everything, id), Ok(Some(_)))
                } else {
                    false
                };
                if readable {
                    mended.push(incident);
                }
            }
            Ok::<_, store::Error>(mended)
        })
        .await?;
    if !mended.is_empty() {
        store
            .write_unrecorded(move |tx| {
                for incident in &mended {
                    if let Some(id) = incident.guest_code() {
                        guest_codes::take_up(tx, id, now)?;
                    }
                    incidents::resolve(tx, incident.id)?;
                }
                Ok::<_, store::Error>(())
            })
            .await?;
    }
    Ok(())
}

/// Lets errors of a single damaged record through; a failure of the database fails the whole scan.
fn one_record(error: store::Error) -> store::Result<store::Error> {
    if error.is_single_record() { Ok(error) } else { Err(error) }
}
