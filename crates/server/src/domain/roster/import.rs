//! Importing a roster: all rows or none, and nothing but what the dry run said.

use std::collections::{HashMap, HashSet};

use api_types::{
    Action, Actor, Channel, FieldCode, FieldError, ProblemCode, Role, RosterImport, Said, Subject, SubjectKind,
};
use ids::{CauseId, PersonId, PropertyId, RosterImportId, TenancyId};
use serde::{Deserialize, Serialize};
use store::people::{self, NewPerson};
use store::properties;
use store::roster_imports::{self, ImportedRow};
use store::tenancies::{self, Dates, NewTenancy};
use store::{Db, Millis, Scope, Tx};

use super::options::Options;
use super::plan::{Plan, plan};
use super::planner::{Planned, Planning, Who};
use super::table::Read;
use crate::domain::deed::Deed;
use crate::domain::{By, Done, Failure, Refusal, tenancy};

/// How many rows an import does at once; a longer one is accepted at once and done in parts ([`carry_on`]), so that
/// nobody else's changes wait for all of it.
const AT_ONCE: usize = 100;

/// How many rows are a part.
const PART: usize = 20;

/// An import that only has to be carried out, unless something happens before.
pub struct Prepared {
    /// What it comes to, without its rows.
    report: RosterImport,
    refusal: Option<Refusal>,
    /// The rows that change something, if they are few.
    rows: Vec<Planned>,
    /// The parts of a long import, as they are kept.
    parts: Vec<String>,
    said: Option<(String, String)>,
    /// How far the log went.
    seq: i64,
}

/// Works out everything about an import that takes time, so that nobody's changes wait for that.
///
/// # Errors
/// As [`plan`].
pub fn prepare(
    db: &Db,
    scope: Scope,
    property_id: PropertyId,
    file: &Read,
    options: &Options,
    now: Millis,
) -> Done<Prepared> {
    let seq = roster_imports::newest(db)?;
    let Plan { planning: Planning { rows, mut report }, said } = plan(db, scope, property_id, file, options, now)?;
    let refusal = refusal(&report, options);
    report.rows = Vec::new();
    let rows: Vec<Planned> = rows.into_iter().filter(|row| !row.is_done()).collect();
    let (rows, parts) = if rows.len() <= AT_ONCE {
        (rows, Vec::new())
    } else {
        let parts = rows.chunks(PART).map(serde_json::to_string).collect::<Result<_, _>>();
        (Vec::new(), parts.map_err(|error| store::Error::Unreadable(error.to_string()))?)
    };
    Ok(Prepared { report, refusal, rows, parts, said, seq })
}

/// Imports the rows: all of them, or none if one can't be imported or is left to decide.
///
/// A long import is accepted as a whole here, and done by [`carry_on`], whoever hangs up: by the request, or by the worker
/// where that is gone. Those who have moved in have a first code when it is done, and so appear in the list of residents;
/// others get theirs when they move in (from the worker, which also retries where no code is free). Codes are kept in step with the days: those of residents who don't live there yet are taken off
/// their locks.
///
/// What was prepared before is taken if nothing that matters has happened since; otherwise it is worked out anew.
///
/// # Errors
/// As [`plan`]; `roster_moved_on` if it isn't what the dry run said; `roster_has_bad_rows` with each bad row, and
/// `roster_undecided` with what is left to decide; recorded.
pub fn import(
    deed: &Deed<'_>,
    property_id: PropertyId,
    file: &Read,
    options: &Options,
    prepared: Option<Prepared>,
) -> Done<RosterImport> {
    let Deed { tx, now, .. } = *deed;
    let scope = deed.manager_scope()?;
    let by = deed.acting_as(Role::Manager);
    let property = properties::get(tx, scope, property_id)?.ok_or_else(Refusal::not_found)?;
    let subject = Subject { kind: SubjectKind::Roster.into(), id: Some(property_id.uuid()), name: property.name };
    let mut event = by.event(Action::RosterImported, subject);
    event.property_id = Some(property_id);
    let fresh = match prepared {
        Some(prepared) if !roster_imports::has_changed_since(tx, property_id, prepared.seq)? => Ok(prepared),
        _ => prepare(tx, scope, property_id, file, options, now),
    };
    let Prepared { mut report, refusal, rows, parts, said, .. } = match fresh {
        Ok(prepared) => prepared,
        Err(Failure::Refused(refusal)) => return Err(refusal.record(tx, now, event)?),
        Err(failure) => return Err(failure),
    };
    if roster_imports::is_under_way(tx, property_id)? {
        let detail = "Another roster is being imported here. Look at what would change once that is done.";
        return Err(Refusal::new(ProblemCode::RosterMovedOn, detail).record(tx, now, event)?);
    }
    if let Some(refusal) = refusal {
        return Err(refusal.record(tx, now, event)?);
    }
    let id = RosterImportId::generate();
    let whom = Whom { actor: by.actor.clone(), channel: by.channel.clone(), cause: tx.cause() };
    let whom = serde_json::to_string(&whom).map_err(|error| store::Error::Unreadable(error.to_string()))?;
    roster_imports::insert(tx, id, property_id, deed.person_id(), &whom, now)?;
    if let Some((headings, columns)) = said {
        roster_imports::remember_columns(tx, property_id, &headings, &columns)?;
    }
    let mut import = Import { tx, by: &by, property_id, id, now, by_address: HashMap::new() };
    for planned in &rows {
        import.carry_out(planned)?;
    }
    for (part, rows) in parts.iter().enumerate() {
        roster_imports::insert_rest(tx, id, part, rows)?;
    }
    let counts = [report.row_count, report.created, report.updated, report.unchanged].map(|count| count.to_string());
    let [rows, new, changed, unchanged] = counts.each_ref().map(String::as_str);
    let detail = format!("{rows} rows: {new} new, {changed} changed, {unchanged} as they were.");
    event.say(Said::Roster, [rows, new, changed, unchanged], detail);
    tx.record(now, event)?;
    (report.dry_run, report.import_id, report.plan) = (false, Some(id), None);
    Ok(report)
}

/// Does a part of a long import: of that one, or of any. Returns whether there was one.
///
/// A row whose tenancy somebody has changed since the import was accepted is left as it is, which is recorded.
///
/// # Errors
/// [`store::Error`].
pub fn carry_on(tx: &Tx, import: Option<RosterImportId>, now: Millis) -> store::Result<bool> {
    let Some(rest) = roster_imports::next_rest(tx, import)? else { return Ok(false) };
    roster_imports::forget_rest(tx, &rest)?;
    let unreadable = |error: serde_json::Error| store::Error::Unreadable(error.to_string());
    let Whom { actor, channel, cause } = serde_json::from_str(&rest.by_whom).map_err(unreadable)?;
    let rows: Vec<Planned> = serde_json::from_str(&rest.rows).map_err(unreadable)?;
    tx.because_of(Some(cause));
    let by = By { actor, channel };
    let (property_id, id) = (rest.property_id, rest.import_id);
    let mut import = Import { tx, by: &by, property_id, id, now, by_address: HashMap::new() };
    for planned in &rows {
        if import.has_moved_on(planned)? {
            let name = format!("{}, unit {}", planned.name, planned.unit);
            let subject =
                Subject { kind: SubjectKind::Resident.into(), id: planned.old.as_ref().map(|it| it.id.uuid()), name };
            let mut event = by.event(Action::RosterImported, subject);
            event.property_id = Some(property_id);
            let detail = format!("Line {} was left as it is, since somebody has changed it meanwhile.", planned.line);
            Refusal::new(ProblemCode::RosterMovedOn, detail).record(tx, now, event)?;
            continue;
        }
        import.carry_out(planned)?;
    }
    Ok(true)
}

/// As whom a long import is done, and because of what.
#[derive(Serialize, Deserialize)]
struct Whom {
    actor: Actor,
    channel: Channel,
    cause: CauseId,
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
    property_id: PropertyId,
    id: RosterImportId,
    now: Millis,
    /// People that rows before have added, by their address: one person may have several tenancies (R39).
    by_address: HashMap<String, PersonId>,
}

impl Import<'_> {
    /// Whether somebody has changed what the row is about since it was planned.
    fn has_moved_on(&self, planned: &Planned) -> store::Result<bool> {
        if let Some(old) = &planned.old {
            return Ok(tenancies::on_roster(self.tx, old.id)?.as_ref() != Some(old));
        }
        let Who::Known(person) = planned.person else { return Ok(false) };
        let there = tenancies::of_person_in_unit(self.tx, person, planned.unit_id)?;
        Ok(there.is_some_and(|there| there.move_in == planned.move_in))
    }

    /// Applies a row, and gives a resident who has moved in their first code.
    fn carry_out(&mut self, planned: &Planned) -> store::Result<()> {
        let Self { tx, by, property_id, now, .. } = *self;
        let Planned { name, unit, move_in, move_out, .. } = planned;
        let dates =
            Dates { move_in, move_out: move_out.as_deref(), starts_at: planned.starts_at, ends_at: planned.ends_at };
        let person_id = self.person(planned)?;
        let mut done = ImportedRow {
            line: planned.line as i64,
            tenancy_id: TenancyId::NIL,
            seq: 0,
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
                let new = NewTenancy { property_id, unit_id: planned.unit_id, unit, person_id, name, dates };
                done.tenancy_id = tenancies::insert(tx, &new)?;
                Action::ResidentAdded
            }
        };
        let resident_id = done.tenancy_id;
        let subject = Subject {
            kind: SubjectKind::Resident.into(),
            id: Some(resident_id.uuid()),
            name: format!("{name}, unit {unit}"),
        };
        let mut event = by.event(action, subject);
        event.property_id = Some(property_id);
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
        // What this row did is in the log by now, and what comes after it was done by others.
        roster_imports::insert_row(tx, self.id, &done)?;
        tenancy::give_first_code(tx, resident_id, now)?;
        Ok(())
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
        // While a long import is done, somebody may have been added elsewhere.
        if let Some(person) = people::by_email(self.tx, email)?.filter(|_| !email.is_empty()) {
            self.by_address.insert(email.to_owned(), person.id);
            return Ok(person.id);
        }
        let id = PersonId::generate();
        let new = NewPerson { id, email, name: &planned.name, password_hash: None, support: false };
        people::insert(self.tx, self.now, &new)?;
        self.by_address.insert(email.to_owned(), id);
        Ok(id)
    }
}
