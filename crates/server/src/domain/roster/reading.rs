//! Reading a roster as it was saved: the rows of a text or of a workbook, by line, and how it was read.

use std::borrow::Cow;

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::table::{MAX_COLUMNS, Read, Record, Table};
use super::{columns, workbook};
use crate::domain::spreadsheet::Lines;

/// The most records that are looked at, data or not: files are small, but blank cells are smaller.
const MAX_RECORDS: usize = 20_000;

/// Reads a file, whatever it was said to be: a workbook is known by its first bytes.
///
/// # Errors
/// What is wrong with the file as a whole, as a sentence.
pub fn read(bytes: &[u8]) -> Read {
    if bytes.starts_with(b"PK\x03\x04") {
        return workbook::read(bytes);
    }
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err("This is a workbook of an old kind. Save it as .xlsx or as CSV.".into());
    }
    let (mut text, encoding) = decode(bytes)?;
    // As Macs once ended lines.
    if text.contains('\r') && !text.contains('\n') {
        text = text.replace('\r', "\n").into();
    }
    let (body, said) = said_separator(&text);
    let separator = said.unwrap_or_else(|| guess_separator(body));
    let first_line = if said.is_some() { 2 } else { 1 };
    let rows = parse(body, separator, usize::MAX, first_line);
    if rows.len() > MAX_RECORDS {
        return Err(format!(
            "The file has more than {MAX_RECORDS} rows. Remove the empty ones, or import it in parts."
        ));
    }
    if rows.iter().any(|row| row.cells.len() > MAX_COLUMNS) {
        return Err(format!("A row has more than {MAX_COLUMNS} columns. Is this a roster?"));
    }
    let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
    if let Some(line) = swallowed(body, separator, width) {
        return Err(format!(
            "The quoted cell that begins in line {} runs over other rows. Remove its quotation mark, or close it.",
            line + first_line - 1
        ));
    }
    Ok(Table { rows, format: "csv", separator: Some(separator), encoding: Some(encoding), ..Table::default() })
}

/// The text, and what it was encoded in: as its byte-order mark says, else UTF-8 if it is that, else what Windows wrote
/// before there was UTF-8.
fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, &'static str), String> {
    let no_text = || Err("The file is no text. Save it as CSV or as .xlsx.".to_owned());
    let (encoding, name, rest) = if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        match std::str::from_utf8(rest) {
            Ok(text) => return Ok((text.into(), "utf-8")),
            _ => return Err("The file says that it is UTF-8, but isn’t throughout. Save it as CSV UTF-8.".into()),
        }
    } else if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        (UTF_16LE, "utf-16le", rest)
    } else if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        (UTF_16BE, "utf-16be", rest)
    } else if let Some(le) = utf_16_without_mark(bytes) {
        if le { (UTF_16LE, "utf-16le", bytes) } else { (UTF_16BE, "utf-16be", bytes) }
    } else if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok((text.into(), "utf-8"));
    } else {
        // Names in two encodings would come out wrong in one of them, whichever was taken.
        if mixed(bytes) {
            return Err("Part of the file is UTF-8 and part is not. Save it as CSV UTF-8.".into());
        }
        if bytes.iter().any(|byte| matches!(byte, 0..=8 | 14..=31 | 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)) {
            return no_text();
        }
        (WINDOWS_1252, "windows-1252", bytes)
    };
    let (text, wrong) = encoding.decode_without_bom_handling(rest);
    if wrong || text.contains('\0') { no_text() } else { Ok((text, name)) }
}

/// Whether it is UTF-16 by the look of it, and then whether in little-endian order: of Latin text every second byte is
/// nought.
fn utf_16_without_mark(bytes: &[u8]) -> Option<bool> {
    let pairs = bytes.chunks_exact(2).take(1_000);
    let (all, odd, even) = pairs.fold((0, 0, 0), |(all, odd, even), pair| {
        (all + 1, odd + usize::from(pair[1] == 0), even + usize::from(pair[0] == 0))
    });
    let most = all * 7 / 10;
    match (bytes.len().is_multiple_of(2) && all > 4, odd > most && even == 0, even > most && odd == 0) {
        (true, true, _) => Some(true),
        (true, _, true) => Some(false),
        _ => None,
    }
}

/// Whether text that isn't UTF-8 has more letters that are than bytes that aren't.
fn mixed(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > bad
}

/// The text after a first line that says how its cells are separated, as Excel reads it, and that.
fn said_separator(text: &str) -> (&str, Option<char>) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let said = first.trim_end_matches('\r').trim_matches('"').to_ascii_lowercase();
    let said = said.strip_prefix("sep=").and_then(|said| said.chars().next());
    match said.filter(|said| matches!(said, ',' | ';' | '\t' | '|')) {
        Some(said) => (rest, Some(said)),
        None => (text, None),
    }
}

/// The separator with which a row has the most headings that are known; else the one with which rows are longest.
fn guess_separator(text: &str) -> char {
    let score = |separator: char| {
        let rows = parse(text, separator, 40, 1);
        let known = rows.iter().map(|row| columns::known_in(&row.cells)).max().unwrap_or_default();
        let cells: usize = rows.iter().map(|row| row.cells.len() - 1).sum();
        (known, cells)
    };
    // The last of equals is taken.
    ['|', '\t', ';', ','].into_iter().max_by_key(|separator| score(*separator)).unwrap_or(',')
}

fn parse(text: &str, separator: char, most: usize, first_line: u64) -> Vec<Record> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .delimiter(u8::try_from(separator).unwrap_or(b','))
        .from_reader(text.as_bytes());
    let mut lines = Lines::of(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records().map_while(Result::ok).take(most.min(MAX_RECORDS + 1)) {
        let line = record.position().map_or(0, |position| lines.at(position.byte())) + first_line - 1;
        rows.push(Record { line, cells: record.iter().map(|cell| unguarded(cell).to_owned()).collect() });
    }
    rows
}

/// A cell without blanks around it, and without the apostrophe by which an export keeps a spreadsheet from taking it for
/// a formula (`routes::csv`).
fn unguarded(cell: &str) -> &str {
    let cell = cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    match cell.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) => rest,
        _ => cell,
    }
}

/// The line in which a quoted cell begins that runs over other rows: one that never ends, one after whose end there is
/// more text, or one in which a whole line has the separators of a row.
fn swallowed(text: &str, separator: char, width: usize) -> Option<u64> {
    let (mut line, mut at_start, mut begun) = (1_u64, true, None::<u64>);
    // Of the cell that is open or was just closed: whether it has a line break, and the separators of its current line.
    let (mut broken, mut separators) = (false, 0_usize);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match begun {
            None if c == '"' && at_start => {
                (begun, broken, separators, at_start) = (Some(line), false, 0, false);
            }
            None => at_start = c == separator || c == '\n' || c == '\r',
            Some(first) => match c {
                '"' if chars.peek() == Some(&'"') => {
                    chars.next();
                }
                '"' => {
                    let next = chars.peek().copied();
                    let ends = next.is_none_or(|next| next == separator || next == '\n' || next == '\r');
                    if broken && (!ends || separators + 1 >= width.max(3)) {
                        return Some(first);
                    }
                    begun = None;
                }
                '\n' => {
                    if broken && separators + 1 >= width.max(3) {
                        return Some(first);
                    }
                    (broken, separators) = (true, 0);
                }
                c if c == separator => separators += 1,
                _ => {}
            },
        }
        line += u64::from(c == '\n');
    }
    begun
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
        read(bytes).expect("a table").rows.into_iter().map(|row| row.cells).collect()
    }

    #[test]
    fn encodings_are_told_apart() {
        let text = "unit,name\n203,Zoë";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        let files = [
            (text.as_bytes().to_vec(), "utf-8"),
            (marked(b"\xef\xbb\xbf", text.as_bytes()), "utf-8"),
            (marked(b"\xff\xfe", &le), "utf-16le"),
            (marked(b"\xfe\xff", &be), "utf-16be"),
            (le, "utf-16le"),
            (be, "utf-16be"),
            (b"unit,name\n203,Zo\xeb".to_vec(), "windows-1252"),
        ];
        for (bytes, encoding) in files {
            assert_eq!(read(&bytes).expect("a table").encoding, Some(encoding));
            assert_eq!(cells(&bytes), [["unit", "name"], ["203", "Zoë"]], "{encoding}");
        }
        for no_text in [&b"unit,name\n203,Zo\x81"[..], b"\x89PNG\r\n\x1a\n\0\0"] {
            assert!(read(no_text).is_err());
        }
        assert!(read(b"Zo\xc3\xab Zo\xc3\xab Zo\xeb").is_err(), "two at once");
    }

    #[test]
    fn separators_are_told_apart() {
        for (text, separator) in [
            ("unit;name;email\n203;Prieto, Olga, Ms;a@b.test", ';'),
            ("unit\tname\temail\n203\tPrieto, Olga\ta@b.test", '\t'),
            ("A, B, C, D, E, F\nunit;name;email\n203;Olga;a@b.test", ';'),
            ("sep=;\r\nunit;name\r\n203;Olga, Ida", ';'),
            ("unit,name\n203,\"Olga; Ida; Per\"", ','),
        ] {
            assert_eq!(read(text.as_bytes()).expect("a table").separator, Some(separator), "{text}");
        }
        for ends in ["\r\n", "\n", "\r"] {
            let text = "sep=;\nunit;name\n203;Olga".replace('\n', ends);
            assert_eq!(read(text.as_bytes()).expect("a table").rows[1].line, 3, "{ends:?}");
        }
    }

    #[test]
    fn a_quoted_cell_that_swallows_rows_is_found_by_its_line() {
        let head = "unit,name,email,notes\n";
        for (rows, line) in [
            ("203,Olga,a@b.test,\"20 inch\n305,Ida,c@d.test,\n", 2),
            ("101,Ann,e@f.test,ok\n203,Olga,a@b.test,\"20 inch\n305,Ida,c@d.test,\"21 inch\n", 3),
            ("203,\"Olga,a@b.test,\n305,\"Ida\",c@d.test,\n", 2),
            ("203,Olga,a@b.test,\"20 inch\n305,Ida,c@d.test,\n407,Per,g@h.test,\"\n", 2),
        ] {
            let refused = read([head, rows].concat().as_bytes()).expect_err("refused");
            assert!(refused.contains(&format!("begins in line {line} ")), "{rows}: {refused}");
        }
        for fine in ["203,Olga,a@b.test,\"a dog,\ntwo cats\"\n", "203,\"Olga \"\"O\"\" P\",a@b.test,20\" bike\n"] {
            assert_eq!(cells([head, fine].concat().as_bytes()).len(), 2, "{fine}");
        }
    }

    #[test]
    fn only_the_guard_of_a_formula_is_taken_off() {
        for (cell, name) in
            [("'=Ann", "=Ann"), ("''=Ann", "'=Ann"), ("'-Bo", "-Bo"), ("'t Hooft", "'t Hooft"), ("=A", "=A")]
        {
            assert_eq!(unguarded(cell), name);
        }
    }
}
