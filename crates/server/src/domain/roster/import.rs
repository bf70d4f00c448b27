//! Importing a roster: all rows or none, and nothing but what the dry run said.

use std::collections::{HashMap, HashSet};

use api_types::{Action, FieldCode, FieldError, ProblemCode, Role, RosterImport, Said, Subject, SubjectKind};
use ids::{PersonId, PropertyId, RosterImportId, TenancyId};
use store::people::{self, NewPerson};
use store::properties::{self, PropertyRecord};
use store::roster_imports::{self, ImportedRow};
use store::tenancies::{self, Dates, NewTenancy};
use store::{Millis, Tx};

use super::plan::{Planned, Planning, Who};
use super::{MAX_FIRST_CODES, Options, Plan, Read, plan};
use crate::domain::deed::Deed;
use crate::domain::{By, Done, Failure, Refusal, tenancy};

/// Imports the rows: all of them, or none if one can't be imported or is left to decide.
///
/// Those who have moved in have a first code when this is done, and so appear in the list of residents. Those beyond
/// [`MAX_FIRST_CODES`] get theirs right afterwards, others when they move in (from the worker, which also retries where
/// no code is free). Codes are kept in step with the days: those of residents who don't live there yet are taken off
/// their locks.
///
/// # Errors
/// As [`plan`]; `roster_moved_on` if it isn't what the dry run said; `roster_has_bad_rows` with each bad row, and
/// `roster_undecided` with what is left to decide; recorded.
pub fn import(deed: &Deed<'_>, property_id: PropertyId, file: &Read, options: &Options) -> Done<RosterImport> {
    let Deed { tx, now, .. } = *deed;
    let scope = deed.manager_scope()?;
    let by = deed.acting_as(Role::Manager);
    let property = properties::get(tx, scope, property_id)?.ok_or_else(Refusal::not_found)?;
    let subject = Subject { kind: SubjectKind::Roster.into(), id: Some(property_id.uuid()), name: property.name };
    let mut event = by.event(Action::RosterImported, subject);
    event.property_id = Some(property_id);
    let Plan { property, planning, said } = match plan(tx, scope, property_id, file, options, now) {
        Ok(plan) => plan,
        Err(Failure::Refused(refusal)) => return Err(refusal.record(tx, now, event)?),
        Err(failure) => return Err(failure),
    };
    let Planning { rows, mut report } = planning;
    if let Some(refusal) = refusal(&report, options) {
        return Err(refusal.record(tx, now, event)?);
    }
    let id = RosterImportId::generate();
    roster_imports::insert(tx, id, property_id, deed.person_id(), now)?;
    if let Some((headings, columns)) = said {
        roster_imports::remember_columns(tx, property_id, &headings, &columns)?;
    }
    let mut import = Import { tx, by: &by, property: &property, id, now, by_address: HashMap::new() };
    let mut first_codes = 0;
    for planned in &rows {
        let Some(resident_id) = import.carry_out(planned)? else { continue };
        if first_codes < MAX_FIRST_CODES && tenancy::give_first_code(tx, resident_id, now)? {
            first_codes += 1;
        }
    }
    let counts = [report.row_count, report.created, report.updated, report.unchanged].map(|count| count.to_string());
    let [rows, new, changed, unchanged] = counts.each_ref().map(String::as_str);
    let detail = format!("{rows} rows: {new} new, {changed} changed, {unchanged} as they were.");
    event.say(Said::Roster, [rows, new, changed, unchanged], detail);
    tx.record(now, event)?;
    roster_imports::finish(tx, id)?;
    // What it did is what the dry run listed; the answer is kept for whoever sends the same again.
    (report.dry_run, report.import_id, report.plan) = (false, Some(id), None);
    report.rows.clear();
    Ok(report)
}

/// Why it can't be imported, if it can't.
fn refusal(report: &RosterImport, options: &Options) -> Option<Refusal> {
    if !report.asks.is_empty() {
        let errors = report.asks.iter().map(|ask| FieldError {
            field: ask.name().to_owned(),
            code: FieldCode::Required.into(),
            detail: "Say this first: a dry run shows what there is to choose from.".into(),
        });
        let detail = "Something about the file has to be said before its rows can be read.";
        return Some(Refusal { errors: errors.collect(), ..Refusal::new(ProblemCode::RosterUndecided, detail) });
    }
    if options.plan.is_some() && options.plan != report.plan || options.decisions.has_unused() {
        let detail =
            "The records have changed since the dry run, so nothing was imported. Look at what would change now.";
        return Some(Refusal::new(ProblemCode::RosterMovedOn, detail));
    }
    if !report.bad_rows.is_empty() {
        let errors = report.bad_rows.iter().map(|row| FieldError {
            field: format!("line {}: {}", row.line, row.column),
            code: row.code.clone(),
            detail: row.detail.clone(),
        });
        let lines = report.bad_rows.iter().map(|row| row.line).collect::<HashSet<_>>().len();
        let detail = format!("{lines} of {} rows can’t be imported, so none were.", report.row_count);
        return Some(Refusal { errors: errors.collect(), ..Refusal::new(ProblemCode::RosterHasBadRows, detail) });
    }
    if report.undecided > 0 {
        let open = report.rows.iter().filter(|row| row.decide.iter().any(|it| it.chosen.is_none()));
        let errors = open.map(|row| {
            let choices = row.decide.iter().filter(|it| it.chosen.is_none()).flat_map(|it| &it.choices);
            let choices = choices.map(|choice| format!("{}.{}", row.line, choice.name()));
            FieldError {
                field: format!("line {}", row.line),
                code: FieldCode::Undecided.into(),
                detail: format!("Decide this row with one of {}.", choices.collect::<Vec<_>>().join(", ")),
            }
        });
        let detail = format!(
            "{} of {} rows have to be decided first, so none were imported.",
            report.undecided, report.row_count
        );
        return Some(Refusal { errors: errors.collect(), ..Refusal::new(ProblemCode::RosterUndecided, detail) });
    }
    None
}

/// An import that is being made.
struct Import<'a> {
    tx: &'a Tx,
    by: &'a By,
    property: &'a PropertyRecord,
    id: RosterImportId,
    now: Millis,
    /// People that rows before have added, by their address: one person may have several tenancies (R39).
    by_address: HashMap<String, PersonId>,
}

impl Import<'_> {
    /// Applies a row. Returns the resident it changed, if any.
    fn carry_out(&mut self, planned: &Planned) -> store::Result<Option<TenancyId>> {
        let Self { tx, by, property, now, .. } = *self;
        let Planned { name, unit, move_in, move_out, .. } = planned;
        let dates =
            Dates { move_in, move_out: move_out.as_deref(), starts_at: planned.starts_at, ends_at: planned.ends_at };
        if let Some(old) = &planned.old
            && old.move_in == *move_in
            && old.move_out == *move_out
            && old.name == **name
            && !planned.gets_address
        {
            return Ok(None);
        }
        let person_id = self.person(planned)?;
        let mut done = ImportedRow {
            line: planned.line as i64,
            tenancy_id: TenancyId::NIL,
            added: planned.old.is_none(),
            addressed: planned.gets_address,
            old_name: planned.old.as_ref().map(|old| old.name.clone()),
            old_own: None,
            old_in: planned.old.as_ref().map(|old| old.move_in.clone()),
            old_out: planned.old.as_ref().and_then(|old| old.move_out.clone()),
            old_starts: planned.old.as_ref().map(|old| old.starts_at),
            old_ends: planned.old.as_ref().and_then(|old| old.ends_at),
        };
        if planned.own_name {
            done.old_own = people::by_id(tx, person_id)?.map(|person| person.name);
            people::rename(tx, person_id, name)?;
        }
        if let Some(email) = planned.email.as_deref().filter(|_| planned.gets_address) {
            people::set_email(tx, person_id, Some(email))?;
        }
        let action = match &planned.old {
            Some(old) => {
                done.tenancy_id = old.id;
                tenancies::set_dates(tx, old.id, dates)?;
                tenancies::rename(tx, old.id, name, unit)?;
                Action::ResidentChanged
            }
            None => {
                let new =
                    NewTenancy { property_id: property.id, unit_id: planned.unit_id, unit, person_id, name, dates };
                done.tenancy_id = tenancies::insert(tx, &new)?;
                Action::ResidentAdded
            }
        };
        let resident_id = done.tenancy_id;
        roster_imports::insert_row(tx, self.id, &done)?;
        let subject = Subject {
            kind: SubjectKind::Resident.into(),
            id: Some(resident_id.uuid()),
            name: format!("{}, unit {unit}", &**name),
        };
        let mut event = by.event(action, subject);
        event.property_id = Some(property.id);
        event.resident_id = Some(resident_id);
        event.is_of(name, Some(unit));
        match move_out {
            Some(move_out) => event.say(Said::FromTo, [move_in, move_out], format!("From {move_in} to {move_out}.")),
            None => event.say(Said::From, [move_in], format!("From {move_in}.")),
        }
        tx.record(now, event)?;
        if planned.old.is_some() && !tenancy::end_if_due(tx, by, resident_id, now)? {
            tenancy::sync_codes(tx, by, resident_id, now)?;
        }
        Ok(Some(resident_id))
    }

    /// The person of a row, who is added if there is none.
    fn person(&mut self, planned: &Planned) -> store::Result<PersonId> {
        if let Who::Known(id) = planned.person {
            return Ok(id);
        }
        let email = planned.email.as_deref().unwrap_or_default();
        if let Some(id) = self.by_address.get(email).filter(|_| !email.is_empty()) {
            return Ok(*id);
        }
        let id = PersonId::generate();
        let new = NewPerson { id, email, name: &planned.name, password_hash: None, support: false };
        people::insert(self.tx, self.now, &new)?;
        self.by_address.insert(email.to_owned(), id);
        Ok(id)
    }
}
