//! Importing residents from a spreadsheet: all rows or none.

use std::collections::{HashMap, HashSet};

use api_types::{Action, BadRow, FieldCode, FieldError, ProblemCode, Role, RosterImport, Said, Subject, SubjectKind};
use ids::{PersonId, PropertyId, TenancyId, UnitId};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::people::{self, NewPerson, Person};
use store::properties::{self, PropertyRecord};
use store::tenancies::{self, Dates, NewTenancy, TenancyRecord};
use store::{Db, Millis, Scope, Tx, doors};

use super::deed::Deed;
use super::{By, Done, Failure, Refusal, spreadsheet, tenancy};
use crate::text::{Address, Line, UNSEEN, Unfit, is_unseen};

/// The most rows a file may have.
pub const MAX_ROWS: usize = 5_000;

/// How many residents are given their first code by the import itself. Other writers wait until it is done.
pub const MAX_FIRST_CODES: usize = 300;

/// The longest name.
pub const MAX_TEXT: usize = 120;

/// Years in which a tenancy can plausibly begin or end; others are typing errors.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2199;

/// The columns of a roster, in order.
pub const COLUMNS: [&str; 5] = ["unit", "name", "email", "move_in", "move_out"];

/// A row that is valid by itself.
struct Row {
    line: u64,
    unit_id: UnitId,
    unit: String,
    name: Line,
    email: Address,
    move_in: Date,
    move_out: Option<Date>,
}

/// What an import may additionally do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether a last day that is over may move current residents out at once.
    pub move_out_past: bool,
}

/// A row, with what it means for existing residents.
struct Planned {
    row: Row,
    person: Option<Person>,
    tenancy: Option<TenancyRecord>,
    /// The roster has another name for the tenancy's person.
    renamed: bool,
    /// The person is to be called so themselves, as they are nothing but a resident of this property.
    own_name: bool,
}

/// What importing a file would do.
pub struct Plan {
    property: PropertyRecord,
    zone: TimeZone,
    rows: Vec<Planned>,
    report: RosterImport,
}

impl Plan {
    /// The report of what it would do, with every row that can't be imported.
    pub fn into_report(self) -> RosterImport {
        RosterImport { dry_run: true, ..self.report }
    }
}

/// Reads the CSV and works out what importing it would do. Accepts a byte-order mark, CRLF and quoted commas.
///
/// Rows are identified by unit and address: one that already exists is unchanged, or has its dates updated. A last day
/// that is over would move somebody out at once, which must be explicitly allowed ([`Options::move_out_past`]). A name is the
/// roster's own (R39); what the person is called themselves is changed only while they are nothing but a resident of this
/// property.
///
/// # Errors
/// `not_found` for a property outside the scope; `roster_not_readable` for anything but such a CSV.
pub fn plan(db: &Db, scope: Scope, property_id: PropertyId, csv: &[u8], options: Options, now: Millis) -> Done<Plan> {
    let property = properties::get(db, scope, property_id)?.ok_or_else(Refusal::not_found)?;
    let zone = TimeZone::get(&property.time_zone)
        .map_err(|_| store::Error::Unreadable(format!("the time zone {}", property.time_zone)))?;
    let records = spreadsheet::rows(csv, COLUMNS, MAX_ROWS)
        .map_err(|detail| Refusal::new(ProblemCode::RosterNotReadable, detail))?;
    let mut report = RosterImport { rows: records.len() as u32, ..RosterImport::default() };
    let checked = check(db, property_id, records, &mut report.bad_rows)?;
    let mut rows = Vec::with_capacity(checked.len());
    for row in checked {
        let person = people::by_email(db, &row.email)?;
        let tenancy = match &person {
            Some(person) => tenancies::of_person_in_unit(db, person.id, row.unit_id)?,
            None => None,
        };
        let over = ends_at(&row, &zone).is_some_and(|end| end <= now);
        let renamed = tenancy.as_ref().is_some_and(|tenancy| tenancy.name != *row.name);
        let own_name = match &person {
            Some(person) => person.name != *row.name && people::is_only_resident_of(db, person.id, property_id)?,
            None => false,
        };
        let planned = Planned { row, person, tenancy, renamed, own_name };
        let line = planned.row.line;
        match &planned.tenancy {
            None if over => {
                let detail = "This tenancy is already over. Remove the row.";
                report.bad_rows.push(bad(line, "move_out", &planned.move_out(), FieldCode::AlreadyOver, detail));
                continue;
            }
            Some(old) if over && !planned.has_dates_of(old) => {
                report.past_move_outs += 1;
                if !options.move_out_past {
                    let detail = "This last day has passed, so the resident would be moved out now. Fix it, or say \
                                  that past last days are meant.";
                    report.bad_rows.push(bad(line, "move_out", &planned.move_out(), FieldCode::MoveOutPast, detail));
                    continue;
                }
                report.updated += 1;
            }
            Some(old) if planned.has_dates_of(old) && !planned.renamed => report.unchanged += 1,
            Some(_) => report.updated += 1,
            None => report.created += 1,
        }
        rows.push(planned);
    }
    report.bad_rows.sort_by_key(|row| row.line);
    Ok(Plan { property, zone, rows, report })
}

impl Planned {
    /// The last day as the file has it; empty without one.
    fn move_out(&self) -> String {
        self.row.move_out.map_or_else(String::new, |date| date.to_string())
    }

    fn has_dates_of(&self, tenancy: &TenancyRecord) -> bool {
        let move_out = self.row.move_out.map(|date| date.to_string());
        tenancy.move_in == self.row.move_in.to_string() && tenancy.move_out == move_out
    }
}

/// Imports the CSV: all rows, or none if one of them can't be imported.
///
/// Those who have moved in have a first code when this is done, and so appear in the list of residents. Those beyond
/// [`MAX_FIRST_CODES`] get theirs right afterwards, others when they move in (from the worker, which also retries where
/// no code is free). Codes are kept in step with the days: those of residents who don't live there yet are taken off
/// their locks.
///
/// # Errors
/// As [`plan`], and `roster_has_bad_rows` with each bad row; recorded.
pub fn import(deed: &Deed<'_>, property_id: PropertyId, csv: &[u8], options: Options) -> Done<RosterImport> {
    let Deed { tx, now, .. } = *deed;
    let scope = deed.manager_scope()?;
    let by = deed.acting_as(Role::Manager);
    let property = properties::get(tx, scope, property_id)?.ok_or_else(Refusal::not_found)?;
    let subject = Subject { kind: SubjectKind::Roster.into(), id: Some(property_id.uuid()), name: property.name };
    let mut event = by.event(Action::RosterImported, subject);
    event.property_id = Some(property_id);
    let Plan { property, zone, rows, report } = match plan(tx, scope, property_id, csv, options, now) {
        Ok(plan) => plan,
        Err(Failure::Refused(refusal)) => return Err(refusal.record(tx, now, event)?),
        Err(failure) => return Err(failure),
    };
    if !report.bad_rows.is_empty() {
        let errors = report.bad_rows.iter().map(|row| FieldError {
            field: format!("line {}: {}", row.line, row.column),
            code: row.code.clone(),
            detail: row.detail.clone(),
        });
        let detail =
            format!("{} of {} rows can’t be imported, so none were.", count_lines(&report.bad_rows), report.rows);
        let refusal = Refusal { errors: errors.collect(), ..Refusal::new(ProblemCode::RosterHasBadRows, detail) };
        return Err(refusal.record(tx, now, event)?);
    }
    let mut first_codes = 0;
    for planned in &rows {
        let Some(resident_id) = carry_out(tx, &by, &property, &zone, planned, now)? else { continue };
        if first_codes < MAX_FIRST_CODES && tenancy::give_first_code(tx, resident_id, now)? {
            first_codes += 1;
        }
    }
    let counts = [report.rows, report.created, report.updated, report.unchanged].map(|count| count.to_string());
    let [rows, new, changed, unchanged] = counts.each_ref().map(String::as_str);
    let detail = format!("{rows} rows: {new} new, {changed} changed, {unchanged} as they were.");
    event.say(Said::Roster, [rows, new, changed, unchanged], detail);
    tx.record(now, event)?;
    Ok(report)
}

/// Applies a row. Returns the resident it changed, if any.
fn carry_out(
    tx: &Tx,
    by: &By,
    property: &PropertyRecord,
    zone: &TimeZone,
    planned: &Planned,
    now: Millis,
) -> store::Result<Option<TenancyId>> {
    let Planned { row, person, tenancy, renamed, own_name } = planned;
    let move_in = row.move_in.to_string();
    let move_out = row.move_out.map(|date| date.to_string());
    let dates = Dates {
        move_in: &move_in,
        move_out: move_out.as_deref(),
        starts_at: start_of(row.move_in, zone),
        ends_at: ends_at(row, zone),
    };
    // An earlier row of the file may have added them: one person may have several tenancies (R39).
    let known = match person {
        Some(person) => Some(person.id),
        None => people::by_email(tx, &row.email)?.map(|person| person.id),
    };
    let person_id = match known {
        Some(id) => id,
        None => {
            let id = PersonId::generate();
            let new = NewPerson { id, email: &row.email, name: &row.name, password_hash: None, support: false };
            people::insert(tx, now, &new)?;
            id
        }
    };
    if *own_name {
        people::rename(tx, person_id, &row.name)?;
    }
    let (resident_id, action) = match tenancy {
        Some(old) if planned.has_dates_of(old) && !renamed => return Ok(None),
        Some(old) => {
            tenancies::set_dates(tx, old.id, dates)?;
            tenancies::rename(tx, old.id, &row.name, &row.unit)?;
            (old.id, Action::ResidentChanged)
        }
        None => {
            let new = NewTenancy {
                property_id: property.id,
                unit_id: row.unit_id,
                unit: &row.unit,
                person_id,
                name: &row.name,
                dates,
            };
            (tenancies::insert(tx, &new)?, Action::ResidentAdded)
        }
    };
    let name = format!("{}, unit {}", &*row.name, row.unit);
    let mut event =
        by.event(action, Subject { kind: SubjectKind::Resident.into(), id: Some(resident_id.uuid()), name });
    event.property_id = Some(property.id);
    event.resident_id = Some(resident_id);
    event.is_of(&row.name, Some(&row.unit));
    match &move_out {
        Some(move_out) => event.say(Said::FromTo, [&move_in, move_out], format!("From {move_in} to {move_out}.")),
        None => event.say(Said::From, [&move_in], format!("From {move_in}.")),
    }
    tx.record(now, event)?;
    if !tenancy::end_if_due(tx, by, resident_id, now)? {
        tenancy::sync_codes(tx, by, resident_id, now)?;
    }
    Ok(Some(resident_id))
}

/// Checks every row by itself and against the others, and collects everything that is wrong.
fn check(
    db: &Db,
    property_id: PropertyId,
    records: Vec<(u64, [String; 5])>,
    bad_rows: &mut Vec<BadRow>,
) -> store::Result<Vec<Row>> {
    let mut rows = Vec::new();
    let mut units: HashMap<String, Option<UnitId>> = HashMap::new();
    let mut seen: HashSet<(UnitId, Address)> = HashSet::new();
    for (line, record) in records {
        let before = bad_rows.len();
        let [unit, name, email, move_in, move_out] = &record;
        let mut wrong = |column, code, detail: &str| {
            let place = COLUMNS.iter().position(|known| *known == column);
            let value = place.map_or("", |place| record[place].as_str());
            bad_rows.push(bad(line, column, value, code, detail));
        };
        if !units.contains_key(unit) {
            units.insert(unit.clone(), doors::unit_by_name(db, property_id, unit)?);
        }
        let unit_id = units[unit];
        if unit.is_empty() {
            wrong("unit", FieldCode::Required, "Enter the unit.");
        } else if unit_id.is_none() {
            wrong("unit", FieldCode::UnknownUnit, "This property has no such unit.");
        }
        let name = Line::parse(name, MAX_TEXT);
        match name {
            Ok(_) => {}
            Err(Unfit::Empty) => wrong("name", FieldCode::Required, "Enter the resident’s name."),
            Err(Unfit::TooLong(_)) => {
                wrong("name", FieldCode::NotAName, "Use at most 120 characters, on one line.");
            }
            Err(unfit @ Unfit::Unseen) => wrong("name", unfit.code(), &unfit.to_string()),
        }
        let address = Address::parse(email);
        if email.chars().any(is_unseen) {
            wrong("email", FieldCode::UnseenCharacters, UNSEEN);
        } else if address.is_none() {
            wrong("email", FieldCode::NotAnAddress, "Enter an email address like ada@example.com.");
        }
        let date = |text: &str| {
            let date = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten();
            date.filter(|date| YEARS.contains(&date.year()))
        };
        let starts = date(move_in);
        if starts.is_none() {
            wrong("move_in", FieldCode::NotADate, "Enter a date like 2026-11-03.");
        }
        let ends = date(move_out);
        if !move_out.is_empty() && ends.is_none() {
            wrong("move_out", FieldCode::NotADate, "Enter a date like 2026-11-03, or leave it empty.");
        }
        if let (Some(starts), Some(ends)) = (starts, ends)
            && ends < starts
        {
            wrong("move_out", FieldCode::BeforeMoveIn, "The last day is before the first.");
        }
        if let (Some(unit_id), Some(address)) = (unit_id, &address)
            && !seen.insert((unit_id, address.clone()))
        {
            wrong("email", FieldCode::Twice, "This resident is in the file twice for this unit.");
        }
        if bad_rows.len() > before {
            continue;
        }
        if let (Some(unit_id), Some(move_in), Ok(name), Some(email)) = (unit_id, starts, name, address) {
            let [unit, ..] = record;
            rows.push(Row { line, unit_id, unit, name, email, move_in, move_out: ends });
        }
    }
    Ok(rows)
}

fn bad(line: u64, column: &str, value: &str, code: FieldCode, detail: &str) -> BadRow {
    let value = value.chars().take(MAX_TEXT).collect();
    BadRow { line, column: column.into(), value, code: code.into(), detail: detail.into() }
}

fn count_lines(rows: &[BadRow]) -> usize {
    rows.iter().map(|row| row.line).collect::<HashSet<_>>().len()
}

fn start_of(date: Date, zone: &TimeZone) -> Millis {
    date.to_zoned(zone.clone()).expect("YEARS are within the calendar").timestamp().as_millisecond()
}

fn ends_at(row: &Row, zone: &TimeZone) -> Option<Millis> {
    row.move_out.and_then(|date| date.tomorrow().ok()).map(|date| start_of(date, zone))
}
