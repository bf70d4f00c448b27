//! Undoing an import, as far as nobody has acted on what it did.

use api_types::{
    Action, KeptBecause, KeptRow, ProblemCode, Role, RosterImported, RosterImports, RosterUndo, Said, Subject,
    SubjectKind,
};
use ids::{PropertyId, RosterImportId};
use store::roster_imports::{self, ImportRecord, ImportedRow};
use store::tenancies::{self, TenancyRecord};
use store::{Db, Millis, Scope, Tx, people, properties};

use super::import::carry_on;
use crate::domain::deed::Deed;
use crate::domain::{By, Done, Refusal, tenancy};
use crate::view::time::instant;

/// How long an import can be undone, in milliseconds: 24 hours.
pub const UNDO: Millis = 24 * 60 * 60 * 1000;

/// The imports into a property that were made in the last 24 hours.
///
/// # Errors
/// `not_found` for a property outside the scope.
pub fn imports(db: &Db, scope: Scope, property_id: PropertyId, now: Millis) -> Done<RosterImports> {
    properties::get(db, scope, property_id)?.ok_or_else(Refusal::not_found)?;
    let items = roster_imports::since(db, property_id, now - UNDO)?;
    Ok(RosterImports { items: items.into_iter().map(described).collect() })
}

fn described(import: ImportRecord) -> RosterImported {
    RosterImported {
        id: import.id,
        by: import.by,
        at: instant(import.at),
        added: import.added,
        changed: import.changed,
        undo_until: import.undone_at.is_none().then(|| instant(import.at + UNDO)),
    }
}

/// Undoes an import: tenancies that it added are over, and those that it changed are as they were. Rows that somebody has
/// acted on since stay, and those that it moved out: their codes are gone.
///
/// # Errors
/// `not_found` for an import of a property that they don't manage; `undo_over` after 24 hours or if it was undone already;
/// recorded.
pub fn undo(deed: &Deed<'_>, property_id: PropertyId, id: RosterImportId) -> Done<RosterUndo> {
    let Deed { tx, now, .. } = *deed;
    let scope = deed.manager_scope()?;
    let by = deed.acting_as(Role::Manager);
    let property = properties::get(tx, scope, property_id)?.ok_or_else(Refusal::not_found)?;
    let import = roster_imports::get(tx, property_id, id)?.ok_or_else(Refusal::not_found)?;
    let subject = Subject { kind: SubjectKind::Roster.into(), id: Some(property_id.uuid()), name: property.name };
    let mut event = by.event(Action::RosterUndone, subject);
    event.property_id = Some(property_id);
    if import.undone_at.is_some() || import.at + UNDO <= now {
        let detail = if import.undone_at.is_some() {
            "This import was undone already."
        } else {
            "This import was made more than 24 hours ago. Import a corrected roster instead."
        };
        return Err(Refusal::new(ProblemCode::UndoOver, detail).record(tx, now, event)?);
    }
    // Whatever of it is still to be done is done first.
    while carry_on(tx, Some(id), now)? {}
    let mut outcome = RosterUndo::default();
    // The last first: a person who was given an address and another tenancy had the address first.
    for row in roster_imports::rows(tx, id)?.into_iter().rev() {
        let Some(resident) = tenancies::get(tx, scope, row.tenancy_id)? else { continue };
        let because = if resident.ended_at.is_some() {
            Some(KeptBecause::MovedOut)
        } else if roster_imports::was_touched(tx, resident.id, resident.person_id, row.seq)? {
            Some(KeptBecause::ActedOn)
        } else {
            None
        };
        if let Some(because) = because {
            outcome.kept.push(KeptRow {
                line: row.line.unsigned_abs(),
                name: resident.name,
                unit: resident.unit,
                because: because.into(),
            });
            continue;
        }
        undo_row(tx, &by, &row, &resident, now)?;
        outcome.undone += 1;
    }
    outcome.kept.reverse();
    roster_imports::set_undone(tx, id, now)?;
    let detail = format!("{} rows undone, {} left as they are.", outcome.undone, outcome.kept.len());
    event.say(Said::Nothing, [], detail);
    tx.record(now, event)?;
    Ok(outcome)
}

fn undo_row(tx: &Tx, by: &By, row: &ImportedRow, resident: &TenancyRecord, now: Millis) -> store::Result<()> {
    let Some(dates) = row.old_dates().filter(|_| !row.added) else {
        tenancy::end(tx, by, resident, now)?;
        return tenancies::set_undone(tx, resident.id);
    };
    tenancies::set_dates(tx, resident.id, dates)?;
    let name = row.old_name.as_deref().unwrap_or(&resident.name);
    tenancies::rename(tx, resident.id, name, &resident.unit)?;
    if let Some(own) = &row.old_own {
        people::rename(tx, resident.person_id, own)?;
    }
    if row.addressed {
        people::set_email(tx, resident.person_id, None)?;
    }
    let subject = Subject {
        kind: SubjectKind::Resident.into(),
        id: Some(resident.id.uuid()),
        name: format!("{name}, unit {}", resident.unit),
    };
    let mut event = by.event(Action::ResidentChanged, subject);
    event.property_id = Some(resident.property_id);
    event.resident_id = Some(resident.id);
    event.is_of(name, Some(&resident.unit));
    match dates.move_out {
        Some(last) => event.say(Said::FromTo, [dates.move_in, last], format!("From {} to {last}.", dates.move_in)),
        None => event.say(Said::From, [dates.move_in], format!("From {}.", dates.move_in)),
    }
    tx.record(now, event)?;
    if !tenancy::end_if_due(tx, by, resident.id, now)? {
        tenancy::sync_codes(tx, by, resident.id, now)?;
    }
    Ok(())
}
