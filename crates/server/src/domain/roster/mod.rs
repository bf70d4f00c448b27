//! Rosters: residents from a spreadsheet, as people save it (R40, R41).
//!
//! [`reading::read`] takes the rows out of a file, off the threads that answer requests and off the one that writes.
//! `columns`, `dates`, `units` and `names` know how people write things; `rows` checks each row by itself; `plan` says what
//! it means for those who live there, with what is left to decide; `import` does that, and `undo` undoes it.

mod columns;
mod dates;
mod decide;
mod import;
mod names;
mod plan;
mod reading;
mod rows;
mod undo;
mod units;
mod workbook;

use std::str::FromStr;

use api_types::{BadRow, DateOrder, FieldCode, ProblemCode, RosterImport};
use ids::PropertyId;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::properties;
use store::{Db, Millis, Scope, doors, roster_imports};

pub use self::columns::Places;
pub use self::decide::Decisions;
pub use self::import::{Prepared, carry_on, import, prepare};
use self::plan::Planning;
pub use self::reading::{Read, read};
pub use self::undo::{imports, undo};
use self::units::Units;
use super::{Done, Refusal};

/// The most rows a file may have.
pub const MAX_ROWS: usize = 5_000;

/// The longest name.
pub const MAX_TEXT: usize = 120;

/// Years in which a tenancy can plausibly begin or end; others are typing errors.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2199;

/// The columns of a roster as it is exported, in order.
pub const COLUMNS: [&str; 5] = ["unit", "name", "email", "move_in", "move_out"];

/// How long an import can be undone, in milliseconds: 24 hours.
pub const UNDO: Millis = 24 * 60 * 60 * 1000;

/// What is said about a file besides the file itself.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether a last day that is over may move current residents out at once.
    pub move_out_past: bool,
    /// Which column is which.
    pub columns: Option<Places>,
    /// The order of day and month.
    pub date_order: Option<DateOrder>,
    /// What was decided about single rows.
    pub decisions: Decisions,
    /// What the dry run called its plan, so that nothing else is done.
    pub plan: Option<String>,
}

impl Options {
    /// The columns as the API takes them.
    ///
    /// # Errors
    /// `invalid` for anything else.
    pub fn columns(text: &str) -> Result<Places, Refusal> {
        let detail = "Say which column is which like unit:1,name:2,email:3,move_in:4,move_out:none.";
        Places::from_str(text).map_err(|()| Refusal::invalid("columns", FieldCode::Invalid, detail))
    }

    /// The decisions as the API takes them.
    ///
    /// # Errors
    /// `invalid` for anything else.
    pub fn decisions(text: &str) -> Result<Decisions, Refusal> {
        let detail = "Use the decisions that the dry run names, like 7.rename,8.leave_out.";
        Decisions::from_str(text).map_err(|()| Refusal::invalid("decisions", FieldCode::Invalid, detail))
    }
}

/// What importing a file would do.
pub struct Plan {
    planning: Planning,
    /// The names of the columns, and which is which if somebody says so now.
    said: Option<(String, String)>,
}

impl Plan {
    /// The report of what it would do, with every row that can't be imported.
    pub fn into_report(self) -> RosterImport {
        self.planning.report
    }
}

/// Works out what importing a file would do.
///
/// Rows are identified by unit and address, or without an address by unit and name: one that already exists is unchanged,
/// or changes. What contradicts the records is asked (R40). A name is the roster's own (R39); what the person is called
/// themselves is changed only while they are nothing but a resident of this property.
///
/// # Errors
/// `not_found` for a property outside the scope; `roster_not_readable` for what is no roster.
pub fn plan(db: &Db, scope: Scope, property_id: PropertyId, file: &Read, options: &Options, now: Millis) -> Done<Plan> {
    let property = properties::get(db, scope, property_id)?.ok_or_else(Refusal::not_found)?;
    let zone = TimeZone::get(&property.time_zone)
        .map_err(|_| store::Error::Unreadable(format!("the time zone {}", property.time_zone)))?;
    let unreadable = |detail| Refusal::new(ProblemCode::RosterNotReadable, detail);
    let table = file.as_ref().map_err(|detail| unreadable(detail.clone()))?;
    let layout = rows::Layout::of(table).map_err(unreadable)?;
    let key = layout.key();
    let places = match &options.columns {
        Some(said) => said.clone(),
        None => match roster_imports::columns(db, property_id, &key)?.and_then(|said| said.parse().ok()) {
            Some(remembered) => remembered,
            None => layout.places(),
        },
    };
    let said = options.columns.as_ref().map(|said| (key, said.print()));
    let units = doors::units(db, property_id)?;
    let units = Units::of(units.into_iter().map(|(id, name, _)| (id, name)).collect());
    let rows = rows::check(table, &layout, places, options.date_order, &units).map_err(unreadable)?;
    let planning = plan::plan(db, property_id, &zone, rows, options, now)?;
    Ok(Plan { planning, said })
}

fn bad(line: u64, column: &str, value: &str, code: FieldCode, detail: &str) -> BadRow {
    let value = value.chars().take(MAX_TEXT).collect();
    BadRow { line, column: column.into(), value, code: code.into(), detail: detail.into() }
}

fn start_of(date: Date, zone: &TimeZone) -> Millis {
    date.to_zoned(zone.clone()).expect("YEARS are within the calendar").timestamp().as_millisecond()
}

/// The first instant after a last day.
fn ends_at(last: Option<Date>, zone: &TimeZone) -> Option<Millis> {
    last.and_then(|date| date.tomorrow().ok()).map(|date| start_of(date, zone))
}
