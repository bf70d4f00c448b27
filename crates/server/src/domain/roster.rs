//! Importing residents from a spreadsheet: all rows or none.

use std::collections::{HashMap, HashSet};

use api_types::{Action, BadRow, FieldCode, FieldError, ProblemCode, Role, RosterImport, Subject};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::people::{self, NewPerson, Person};
use store::properties::{self, PropertyRecord};
use store::tenancies::{self, Dates, NewTenancy, TenancyRecord};
use store::{Db, Millis, Scope, Tx, doors};
use uuid::Uuid;

use super::deed::Deed;
use super::{By, Done, Failure, Refusal, tenancy};

/// A file may have so many rows.
pub const ROWS_MOST: usize = 5_000;

/// So many residents are given their first code with the import itself. Who else writes waits until it is done.
pub const FIRST_CODES_MOST: usize = 300;

/// Names and addresses may be so long.
pub const TEXT_MOST: usize = 120;

/// Years that a tenancy can plausibly begin or end in; others are slips of the pen.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2199;

/// The columns of a roster, in their order.
pub const COLUMNS: [&str; 5] = ["unit", "name", "email", "move_in", "move_out"];

/// A row that is in order by itself.
struct Row {
    line: u64,
    unit_id: Uuid,
    unit: String,
    name: String,
    email: String,
    move_in: Date,
    move_out: Option<Date>,
}

/// What a roster may do besides.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Residents of now may be moved out at once by a last day that is over.
    pub move_out_past: bool,
}

/// A row with what it means for those who are there.
struct Planned {
    row: Row,
    person: Option<Person>,
    tenancy: Option<TenancyRecord>,
    renamed: bool,
}

/// What importing a file would do.
pub struct Plan {
    property: PropertyRecord,
    zone: TimeZone,
    rows: Vec<Planned>,
    report: RosterImport,
}

impl Plan {
    /// What it would do, with every row that can't be imported.
    pub fn into_report(self) -> RosterImport {
        RosterImport { dry_run: true, ..self.report }
    }
}

/// Reads the CSV and finds out what importing it would do. Takes a byte-order mark, CRLF and quoted commas.
///
/// Rows are told apart by unit and address: a row that is there already is unchanged, or its dates are updated. A last
/// day that is over would move somebody out at once, which must be asked for by name ([`Options::move_out_past`]). A
/// person's name is only changed while they are nothing but residents of this property.
///
/// # Errors
/// `not_found` for a property outside the scope; `roster_not_readable` for what is no such CSV.
pub fn plan(db: &Db, scope: Scope, property_id: Uuid, csv: &[u8], options: Options, now: Millis) -> Done<Plan> {
    let property = properties::get(db, scope, property_id)?.ok_or_else(Refusal::not_found)?;
    let zone = TimeZone::get(&property.time_zone)
        .map_err(|_| store::Error::Unreadable(format!("the time zone {}", property.time_zone)))?;
    let records = read(csv).map_err(|detail| Refusal::new(ProblemCode::RosterNotReadable, detail))?;
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
        let renamed = match &person {
            Some(person) => person.name != row.name && people::belongs_only_to(db, person.id, property_id)?,
            None => false,
        };
        let planned = Planned { row, person, tenancy, renamed };
        let line = planned.row.line;
        match &planned.tenancy {
            None if over => {
                let detail = "This tenancy is over already: leave it out.";
                report.bad_rows.push(bad(line, "move_out", FieldCode::AlreadyOver, detail));
                continue;
            }
            Some(old) if over && !planned.has_dates_of(old) => {
                report.past_move_outs += 1;
                if !options.move_out_past {
                    let detail = "This last day is over, so the resident would be moved out at once. Correct it, or say \
                                  that past last days are meant.";
                    report.bad_rows.push(bad(line, "move_out", FieldCode::MoveOutPast, detail));
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
    fn has_dates_of(&self, tenancy: &TenancyRecord) -> bool {
        let move_out = self.row.move_out.map(|date| date.to_string());
        tenancy.move_in == self.row.move_in.to_string() && tenancy.move_out == move_out
    }
}

/// Imports the CSV: all rows, or none where one can't be.
///
/// Who has moved in has a first code when this is done, and so is in the list of residents. Those beyond
/// [`FIRST_CODES_MOST`] get theirs right after it, others when they move in (the worker, which also tries again where no
/// code is free). Codes follow the days: those of residents who don't live there yet are taken off their locks.
///
/// # Errors
/// As [`plan`]'s, and `roster_has_bad_rows` with each bad row; recorded.
pub fn import(deed: &Deed<'_>, property_id: Uuid, csv: &[u8], options: Options) -> Done<RosterImport> {
    let Deed { tx, now, .. } = *deed;
    let scope = deed.manager_scope()?;
    let by = deed.acting_as(Role::Manager);
    let property = properties::get(tx, scope, property_id)?.ok_or_else(Refusal::not_found)?;
    let subject = Subject { kind: "roster".into(), id: Some(property_id), name: property.name };
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
            format!("{} of {} rows can't be imported, so nothing was.", count_lines(&report.bad_rows), report.rows);
        let refusal = Refusal { errors: errors.collect(), ..Refusal::new(ProblemCode::RosterHasBadRows, detail) };
        return Err(refusal.record(tx, now, event)?);
    }
    let mut first_codes = 0;
    for planned in &rows {
        let Some(resident_id) = carry_out(tx, &by, &property, &zone, planned, now)? else { continue };
        if first_codes < FIRST_CODES_MOST && tenancy::give_first_code(tx, resident_id, now)? {
            first_codes += 1;
        }
    }
    event.detail = format!(
        "{} rows: {} new, {} changed, {} as they were.",
        report.rows, report.created, report.updated, report.unchanged
    );
    tx.record(now, event)?;
    Ok(report)
}

/// Does what a row means. Answers the resident whom it changed, if it changed any.
fn carry_out(
    tx: &Tx,
    by: &By,
    property: &PropertyRecord,
    zone: &TimeZone,
    planned: &Planned,
    now: Millis,
) -> store::Result<Option<Uuid>> {
    let Planned { row, person, tenancy, renamed } = planned;
    let move_in = row.move_in.to_string();
    let move_out = row.move_out.map(|date| date.to_string());
    let dates = Dates {
        move_in: &move_in,
        move_out: move_out.as_deref(),
        starts_at: start_of(row.move_in, zone),
        ends_at: ends_at(row, zone),
    };
    // Of somebody who is more than a resident here, the list keeps the name they have.
    let shown = match person {
        Some(person) if !renamed => person.name.clone(),
        _ => row.name.clone(),
    };
    let person_id = match person {
        Some(person) => person.id,
        None => {
            let id = Uuid::now_v7();
            let new = NewPerson { id, email: &row.email, name: &row.name, password_hash: None, support: false };
            people::insert(tx, now, &new)?;
            id
        }
    };
    if *renamed {
        people::rename(tx, person_id, &row.name)?;
        tenancies::rename_person(tx, person_id, &row.name)?;
    }
    let (resident_id, action) = match tenancy {
        Some(old) if planned.has_dates_of(old) && !renamed => return Ok(None),
        Some(old) => {
            tenancies::set_dates(tx, old.id, dates)?;
            (old.id, Action::ResidentChanged)
        }
        None => {
            let new = NewTenancy {
                property_id: property.id,
                unit_id: row.unit_id,
                unit: &row.unit,
                person_id,
                name: &shown,
                dates,
            };
            (tenancies::insert(tx, &new)?, Action::ResidentAdded)
        }
    };
    let name = format!("{shown}, unit {}", row.unit);
    let mut event = by.event(action, Subject { kind: "resident".into(), id: Some(resident_id), name });
    event.property_id = Some(property.id);
    event.resident_id = Some(resident_id);
    event.detail = match &move_out {
        Some(move_out) => format!("From {move_in} to {move_out}."),
        None => format!("From {move_in}."),
    };
    tx.record(now, event)?;
    if !tenancy::end_if_over(tx, by, resident_id, now)? {
        tenancy::follow_days(tx, by, resident_id, now)?;
    }
    Ok(Some(resident_id))
}

/// The rows by line and column, or what is wrong with the file as a whole.
fn read(csv: &[u8]) -> Result<Vec<(u64, [String; 5])>, String> {
    let text = csv.strip_prefix(b"\xef\xbb\xbf").unwrap_or(csv);
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text);
    let headers = reader.headers().map_err(|_| "The file is not UTF-8 text. Save it as CSV UTF-8.".to_owned())?.clone();
    let mut places = [0; 5];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let found = headers.iter().position(|header| header.eq_ignore_ascii_case(column));
        *place = found.ok_or_else(|| {
            format!("The first line must name the columns {}; {column} is missing.", COLUMNS.join(", "))
        })?;
    }
    let mut rows = Vec::new();
    let mut lines = Lines::of(text);
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, |position| lines.at(position.byte()));
            format!("Line {line} can't be read: it is not UTF-8 text.")
        })?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        if rows.len() == ROWS_MOST {
            return Err(format!("More than {ROWS_MOST} rows. Import the file in parts."));
        }
        let line = record.position().map_or(0, |position| lines.at(position.byte()));
        rows.push((line, places.map(|place| record.get(place).unwrap_or_default().to_owned())));
    }
    Ok(rows)
}

/// Counts lines as an editor shows them. The reader's own count is behind by a line after CRLF and by every empty line,
/// for it takes them for the beginning of the next row.
struct Lines<'a> {
    text: &'a [u8],
    byte: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn of(text: &'a [u8]) -> Self {
        Self { text, byte: 0, line: 1 }
    }

    /// The line, from 1, of the row that begins at or after `byte`. To be asked for rising bytes.
    fn at(&mut self, byte: u64) -> u64 {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        while let Some(next) = self.text.get(self.byte)
            && (self.byte < byte || matches!(next, b'\r' | b'\n'))
        {
            self.line += u64::from(*next == b'\n');
            self.byte += 1;
        }
        self.line
    }
}

/// Checks every row by itself and against the others, and collects all that is wrong.
fn check(
    db: &Db,
    property_id: Uuid,
    records: Vec<(u64, [String; 5])>,
    bad_rows: &mut Vec<BadRow>,
) -> store::Result<Vec<Row>> {
    let mut rows = Vec::new();
    let mut units: HashMap<String, Option<Uuid>> = HashMap::new();
    let mut seen: HashSet<(Uuid, String)> = HashSet::new();
    for (line, [unit, name, email, move_in, move_out]) in records {
        let before = bad_rows.len();
        let mut wrong = |column, code, detail: &str| bad_rows.push(bad(line, column, code, detail));
        if !units.contains_key(&unit) {
            units.insert(unit.clone(), doors::unit_by_name(db, property_id, &unit)?);
        }
        let unit_id = units[&unit];
        if unit.is_empty() {
            wrong("unit", FieldCode::Required, "Give the unit.");
        } else if unit_id.is_none() {
            wrong("unit", FieldCode::UnknownUnit, "There is no such unit in this property.");
        }
        if name.is_empty() {
            wrong("name", FieldCode::Required, "Give the resident's name.");
        } else if name.chars().count() > TEXT_MOST || name.chars().any(char::is_control) {
            wrong("name", FieldCode::NotAName, "At most 120 characters on one line.");
        }
        if !is_address(&email) {
            wrong("email", FieldCode::NotAnAddress, "Give an email address like ada@example.com.");
        }
        let date = |text: &str| {
            let date = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten();
            date.filter(|date| YEARS.contains(&date.year()))
        };
        let starts = date(&move_in);
        if starts.is_none() {
            wrong("move_in", FieldCode::NotADate, "Give a date like 2026-11-03.");
        }
        let ends = date(&move_out);
        if !move_out.is_empty() && ends.is_none() {
            wrong("move_out", FieldCode::NotADate, "Give a date like 2026-11-03, or nothing.");
        }
        if let (Some(starts), Some(ends)) = (starts, ends)
            && ends < starts
        {
            wrong("move_out", FieldCode::BeforeMoveIn, "The last day is before the first.");
        }
        let email = people::email_key(&email);
        if let Some(unit_id) = unit_id
            && !seen.insert((unit_id, email.clone()))
        {
            wrong("email", FieldCode::Twice, "This resident of this unit is in the file twice.");
        }
        if bad_rows.len() > before {
            continue;
        }
        if let (Some(unit_id), Some(move_in)) = (unit_id, starts) {
            rows.push(Row { line, unit_id, unit, name, email, move_in, move_out: ends });
        }
    }
    Ok(rows)
}

fn bad(line: u64, column: &str, code: FieldCode, detail: &str) -> BadRow {
    BadRow { line, column: column.into(), code: code.into(), detail: detail.into() }
}

fn count_lines(rows: &[BadRow]) -> usize {
    rows.iter().map(|row| row.line).collect::<HashSet<_>>().len()
}

/// Something on both sides of one `@`, a dot on the right, no spaces: whether mail arrives there only mail can tell.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    text.chars().count() <= TEXT_MOST
        && !local.is_empty()
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !domain.contains('@')
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

fn start_of(date: Date, zone: &TimeZone) -> Millis {
    date.to_zoned(zone.clone()).expect("YEARS are within the calendar").timestamp().as_millisecond()
}

fn ends_at(row: &Row, zone: &TimeZone) -> Option<Millis> {
    row.move_out.and_then(|date| date.tomorrow().ok()).map(|date| start_of(date, zone))
}
