//! The rows of a table that are about residents, each checked by itself, and those that are set aside.

use api_types::{
    BadRow, DateExample, DateOrder, FieldCode, RosterAsk, RosterColumn, RosterHeading, RosterReading, RosterSetAside,
    SetAside,
};
use jiff::civil::Date;

use super::columns::{self, Places};
use super::dates::{self, Order, Written};
use super::limits::{MAX_ROWS, MAX_TEXT, bad};
use super::names;
use super::table::{Record, Table};
use super::units::{Found, Units};
use crate::text::{Address, Line, UNSEEN, Unfit, is_unseen};

/// How many rows that are set aside are listed.
const MAX_LISTED: usize = 200;

/// A row that is valid by itself.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) unit: Found,
    pub(super) unit_written: String,
    pub(super) name: Line,
    pub(super) name_written: String,
    pub(super) email: Option<Address>,
    pub(super) move_in: Date,
    pub(super) move_out: Option<Date>,
}

/// What a file's rows come to.
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    /// All that are about residents, bad ones too.
    pub(super) count: usize,
    pub(super) bad: Vec<BadRow>,
    pub(super) asks: Vec<RosterAsk>,
    pub(super) reading: RosterReading,
    places: Places,
}

/// What a file's columns are, as far as it takes no more than the file and what is known of it.
pub(super) struct Layout {
    at: Option<usize>,
    headings: Vec<String>,
    width: usize,
}

impl Layout {
    /// # Errors
    /// What is wrong with the file as a whole.
    pub(super) fn of(table: &Table) -> Result<Self, String> {
        if table.rows.iter().all(|row| row.filled().next().is_none()) {
            return Err("The file is empty.".into());
        }
        let at = columns::headings(&table.rows);
        let width = table.rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
        // Three columns are the least in which a roster fits: a unit, a name and a day.
        if table.rows.iter().all(|row| row.filled().count() < 3) {
            return Err("The file has no columns with units, names and first days. Its first line should name the \
                        columns, such as unit, name, email, move_in and move_out."
                .into());
        }
        let headings = match at {
            Some(at) => (0..width).map(|place| table.rows[at].cell(place).to_owned()).collect(),
            None => vec![String::new(); width],
        };
        Ok(Self { at, headings, width })
    }

    /// The names of the columns, to remember them by.
    pub(super) fn key(&self) -> String {
        self.headings.iter().map(|heading| columns::folded(heading)).collect::<Vec<_>>().join("|")
    }

    /// By the columns' usual names.
    pub(super) fn places(&self) -> Places {
        Places::by_name(&self.headings)
    }
}

/// Checks every row by itself, and collects everything that is wrong or has to be said first.
///
/// # Errors
/// What is wrong with the file as a whole.
pub(super) fn check(
    table: &Table,
    layout: &Layout,
    places: Places,
    said_order: Option<DateOrder>,
    units: &Units,
) -> Result<Rows, String> {
    let body = &table.rows[layout.at.map_or(0, |at| at + 1)..];
    let mut reading = RosterReading {
        format: table.format.into(),
        separator: table.separator.map(|separator| separator_name(separator).into()),
        encoding: table.encoding.map(str::to_owned),
        sheet: table.sheet.clone(),
        other_sheets: table.other_sheets.clone(),
        headings_line: layout.at.map(|at| table.rows[at].line),
        columns: (0..layout.width)
            .map(|place| RosterHeading {
                place: place as u32 + 1,
                heading: shortened(&layout.headings[place]),
                example: body
                    .iter()
                    .map(|row| row.cell(place))
                    .find(|it| !it.is_empty())
                    .map_or_else(String::new, shortened),
                column: places.at(place).map(Into::into),
            })
            .collect(),
        ..RosterReading::default()
    };
    let mut aside = |row: &Record, reason: RosterSetAside| {
        reading.set_aside_count += 1;
        if reading.set_aside.len() < MAX_LISTED {
            let text = shortened(&row.filled().collect::<Vec<_>>().join(" · "));
            reading.set_aside.push(SetAside { line: row.line, reason: reason.into(), text });
        }
    };
    for row in &table.rows[..layout.at.unwrap_or_default()] {
        let empty = row.filled().next().is_none();
        aside(row, if empty { RosterSetAside::Empty } else { RosterSetAside::Title });
    }
    let mut data: Vec<&Record> = Vec::new();
    for row in body {
        match reason_aside(row, layout, &places, units) {
            Some(reason) => aside(row, reason),
            None => data.push(row),
        }
    }
    let mut rows = Rows { rows: Vec::new(), count: data.len(), bad: Vec::new(), asks: Vec::new(), reading, places };
    if rows.count == 0 {
        return Err("The file has headings, but there are no rows in it.".into());
    }
    if rows.count > MAX_ROWS {
        return Err(format!("More than {MAX_ROWS} rows. Import the file in parts."));
    }
    if !rows.places.suffice(layout.width) {
        rows.asks.push(RosterAsk::Columns);
        return Ok(rows);
    }
    let is_book = table.sheet.is_some();
    let date = |text: &str| dates::read(text).or_else(|| serial(text).filter(|_| is_book).map(Written::Plain));
    let of = |row: &Record, column| rows.places.of(column).map_or_else(String::new, |place| row.cell(place).to_owned());
    let days = |row: &Record| [of(row, RosterColumn::MoveIn), of(row, RosterColumn::MoveOut)];
    let order =
        match (dates::order_of(data.iter().flat_map(|row| days(row)).filter_map(|text| date(&text))), said_order) {
            (Order::Any, _) => None,
            (Order::One(order), None) => Some(order),
            (_, Some(order)) => Some(order),
            (Order::Unknown, None) => {
                rows.asks.push(RosterAsk::DateOrder);
                None
            }
        };
    rows.reading.date_order = order.map(Into::into);
    let numbers = data.iter().flat_map(|row| days(row).map(|text| (row.line, text)));
    let example = numbers.filter_map(|(line, text)| Some((line, date(&text)?, text)));
    let example = example.filter(|(_, written, _)| {
        let [a, b] = [DateOrder::DayFirst, DateOrder::MonthFirst].map(|order| written.in_order(order));
        a != b
    });
    rows.reading.date_example = example.take(1).next().map(|(line, written, text)| DateExample {
        line,
        text: shortened(&text),
        day_first: written.in_order(DateOrder::DayFirst).map(|date| date.to_string()),
        month_first: written.in_order(DateOrder::MonthFirst).map(|date| date.to_string()),
    });
    if !rows.asks.is_empty() {
        return Ok(rows);
    }
    let order = order.unwrap_or(DateOrder::DayFirst);
    let date = |text: &str| date(text).and_then(|written| written.in_order(order));
    let mut good = Vec::with_capacity(data.len());
    let mut bad_rows = Vec::new();
    for record in data {
        let before = bad_rows.len();
        let line = record.line;
        let mut wrong = |column: RosterColumn, value: &str, code, detail: &str| {
            bad_rows.push(bad(line, column.name(), value, code, detail));
        };
        let unit_written = of(record, RosterColumn::Unit);
        let unit = units.find(&unit_written);
        if unit_written.is_empty() {
            wrong(RosterColumn::Unit, "", FieldCode::Required, "Enter the unit.");
        } else if unit == Found::Unknown {
            wrong(RosterColumn::Unit, &unit_written, FieldCode::UnknownUnit, "This property has no such unit.");
        }
        let name_written = match rows.places.of(RosterColumn::Name) {
            Some(place) => record.cell(place).to_owned(),
            None => {
                let parts = [of(record, RosterColumn::FirstName), of(record, RosterColumn::LastName)];
                parts.join(" ").trim().to_owned()
            }
        };
        let name = Line::parse(&name_written, MAX_TEXT);
        match &name {
            Ok(_) => {}
            Err(Unfit::Empty) => {
                wrong(RosterColumn::Name, &name_written, FieldCode::Required, "Enter the resident’s name.");
            }
            Err(Unfit::TooLong(_)) => {
                let detail = "Use at most 120 characters, on one line.";
                wrong(RosterColumn::Name, &name_written, FieldCode::NotAName, detail);
            }
            Err(unfit @ Unfit::Unseen) => {
                wrong(RosterColumn::Name, &name_written, unfit.code(), &unfit.to_string());
            }
        }
        let written = of(record, RosterColumn::Email);
        let email = if columns::NOTHING.contains(&columns::folded(&written).as_str()) && !written.contains('@') {
            None
        } else {
            let address = Address::parse(&written);
            if written.chars().any(is_unseen) {
                wrong(RosterColumn::Email, &written, FieldCode::UnseenCharacters, UNSEEN);
            } else if address.is_none() {
                let detail = "Enter an email address like ada@example.com, or leave it empty.";
                wrong(RosterColumn::Email, &written, FieldCode::NotAnAddress, detail);
            }
            address
        };
        let [first, last] = days(record);
        let starts = date(&first);
        if starts.is_none() {
            wrong(RosterColumn::MoveIn, &first, FieldCode::NotADate, "Enter a date like 2026-11-03.");
        }
        let ends = date(&last);
        if !columns::NOTHING.contains(&columns::folded(&last).as_str()) && ends.is_none() {
            let detail = "Enter a date like 2026-11-03, or leave it empty.";
            wrong(RosterColumn::MoveOut, &last, FieldCode::NotADate, detail);
        }
        if let (Some(starts), Some(ends)) = (starts, ends)
            && ends < starts
        {
            wrong(RosterColumn::MoveOut, &last, FieldCode::BeforeMoveIn, "The last day is before the first.");
        }
        if let (true, Ok(name), Some(move_in)) = (bad_rows.len() == before, name, starts) {
            good.push(Row { line, unit, unit_written, name, name_written, email, move_in, move_out: ends });
        }
    }
    (rows.rows, rows.bad) = (good, bad_rows);
    Ok(rows)
}

/// Why a row isn't about a resident, if it isn't.
fn reason_aside(row: &Record, layout: &Layout, places: &Places, units: &Units) -> Option<RosterSetAside> {
    let mut filled = row.filled();
    let Some(first) = filled.next() else { return Some(RosterSetAside::Empty) };
    let alone = filled.next().is_none();
    if row.filled().any(|cell| cell.contains('@')) {
        return None;
    }
    if names::is_total(first) {
        return Some(RosterSetAside::Total);
    }
    let headings = (0..layout.width).filter(|place| !layout.headings[*place].is_empty());
    let mut headings = headings.peekable();
    if headings.peek().is_some() && headings.all(|place| row.cell(place).eq_ignore_ascii_case(&layout.headings[place]))
    {
        return Some(RosterSetAside::Headings);
    }
    let cell = |column| places.of(column).map_or("", |place| row.cell(place));
    let unit = cell(RosterColumn::Unit);
    let nameless = [RosterColumn::Name, RosterColumn::FirstName, RosterColumn::LastName];
    let nameless = nameless.iter().all(|column| cell(*column).is_empty());
    let nobody = nameless && cell(RosterColumn::Email).is_empty() && cell(RosterColumn::MoveIn).is_empty();
    if names::is_vacant(cell(RosterColumn::Name)) || (nobody && units.find(unit) != Found::Unknown) {
        return Some(RosterSetAside::Vacant);
    }
    // A footnote: nobody's unit, address or day.
    let dated = [RosterColumn::MoveIn, RosterColumn::MoveOut].iter().any(|column| !cell(*column).is_empty());
    let is_number = unit.chars().count() <= 12 && unit.contains(|c: char| c.is_ascii_digit());
    let nowhere = places.suffice(layout.width) && units.find(unit) == Found::Unknown && !dated && !is_number;
    ((alone && layout.width > 2) || nowhere).then_some(RosterSetAside::Text)
}

/// The day of a spreadsheet's serial number, if it is one of our time.
fn serial(text: &str) -> Option<Date> {
    let days: f64 = text.parse().ok()?;
    if !(20_000.0..80_000.0).contains(&days) {
        return None;
    }
    Date::constant(1899, 12, 30).checked_add(jiff::Span::new().days(days.floor() as i64)).ok()
}

fn separator_name(separator: char) -> &'static str {
    match separator {
        ';' => "semicolon",
        '\t' => "tab",
        '|' => "bar",
        _ => "comma",
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}
