//! Reading a workbook (`.xlsx`), by calamine, cell by cell: what a file unpacks to is bounded, whatever it says about itself.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, SheetVisible, Xlsx};

use super::columns;
use super::table::{MAX_COLUMNS, Record, Table};

/// The most bytes that a workbook may unpack to: many times what 5,000 rows take.
const MAX_UNPACKED: u64 = 48 * 1024 * 1024;

/// The last row that is looked at.
const MAX_LINE: u32 = 20_000;

/// The most cells.
const MAX_CELLS: usize = 400_000;

/// Reads the sheet that has headings, or the first one that can be seen and has something in it.
pub(super) fn read(bytes: &[u8]) -> Result<Table, String> {
    bounded(bytes)?;
    let unreadable = |_| "The workbook can’t be read. Open it and save it again as .xlsx, or as CSV.".to_owned();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let sheets = book.sheets_metadata().iter().filter(|sheet| sheet.visible == SheetVisible::Visible);
    let names: Vec<String> = sheets.map(|sheet| sheet.name.clone()).take(50).collect();
    let mut best: Option<(usize, String, Vec<Record>)> = None;
    for name in &names {
        let Some(rows) = rows(&mut book, name)? else { continue };
        let known = rows.iter().take(40).map(|row| columns::known_in(&row.cells)).max().unwrap_or_default();
        if !rows.is_empty() && best.as_ref().is_none_or(|(most, ..)| known > *most) {
            best = Some((known, name.clone(), rows));
        }
    }
    let (_, sheet, rows) = best.ok_or("The workbook has nothing in it.")?;
    let other_sheets = names.into_iter().filter(|name| *name != sheet).collect();
    Ok(Table { rows, format: "xlsx", sheet: Some(sheet), other_sheets, ..Table::default() })
}

/// Unpacks everything once and keeps nothing of it.
fn bounded(bytes: &[u8]) -> Result<(), String> {
    let unreadable = || "The workbook can’t be read. Open it and save it again as .xlsx, or as CSV.".to_owned();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
    let mut left = MAX_UNPACKED;
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(|_| unreadable())?;
        let mut part = entry.take(left + 1);
        let unpacked = std::io::copy(&mut part, &mut std::io::sink()).map_err(|_| unreadable())?;
        left = left.checked_sub(unpacked).ok_or("The workbook unpacks to more than a roster can be.")?;
    }
    Ok(())
}

/// The rows of a sheet; none for what isn't a worksheet.
fn rows(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Option<Vec<Record>>, String> {
    let unreadable = |_| format!("The sheet “{name}” can’t be read. Open the workbook and save it again.");
    let Ok(mut cells) = book.worksheet_cells_reader(name) else { return Ok(None) };
    let (mut rows, mut count): (Vec<Record>, usize) = (Vec::new(), 0);
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        let (row, column) = cell.get_position();
        let text = text(cell.get_value());
        if text.is_empty() {
            continue;
        }
        count += 1;
        if row >= MAX_LINE || column as usize >= MAX_COLUMNS || count > MAX_CELLS {
            return Err(format!("The sheet “{name}” has more in it than a roster can have. Import it in parts."));
        }
        let line = u64::from(row) + 1;
        if rows.last().is_none_or(|last| last.line < line) {
            rows.push(Record { line, cells: Vec::new() });
        }
        let place = column as usize;
        // Rows come in order; a workbook in which they don't is refused.
        let Some(record) = rows.last_mut().filter(|last| last.line == line) else {
            return Err(format!("The sheet “{name}” has rows in disorder. Open the workbook and save it again."));
        };
        if record.cells.len() <= place {
            record.cells.resize(place + 1, String::new());
        }
        record.cells[place] = text;
    }
    Ok(Some(rows))
}

/// A cell as text: dates in ISO, numbers as they are typed.
fn text(cell: &DataRef<'_>) -> String {
    match cell {
        DataRef::String(text) => text.trim().to_owned(),
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(date) if date.is_datetime() => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::DateTime(time) => time.as_f64().to_string(),
        DataRef::DateTimeIso(text) => text.split('T').next().unwrap_or_default().to_owned(),
        DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}
