//! Reading spreadsheets: CSV whose first line names the columns.

/// The rows by line and column, or what is wrong with the file as a whole.
///
/// Accepts a byte-order mark, CRLF, quoted commas, other columns besides, and any order of columns. Rows without text are
/// left out.
pub(super) fn rows<const N: usize>(
    csv: &[u8],
    columns: [&str; N],
    max_rows: usize,
) -> Result<Vec<(u64, [String; N])>, String> {
    let text = csv.strip_prefix(b"\xef\xbb\xbf").unwrap_or(csv);
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text);
    let headers = reader.headers().map_err(|_| "The file isn’t UTF-8 text. Save it as CSV UTF-8.".to_owned())?.clone();
    let mut places = [0; N];
    for (place, column) in places.iter_mut().zip(columns) {
        let found = headers.iter().position(|header| header.eq_ignore_ascii_case(column));
        *place = found.ok_or_else(|| {
            format!("The first line must name the columns {}; {column} is missing.", columns.join(", "))
        })?;
    }
    let mut rows = Vec::new();
    let mut lines = Lines::of(text);
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, |position| lines.at(position.byte()));
            format!("Line {line} can’t be read: it isn’t UTF-8 text.")
        })?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        if rows.len() == max_rows {
            return Err(format!("More than {max_rows} rows. Import the file in parts."));
        }
        let line = record.position().map_or(0, |position| lines.at(position.byte()));
        rows.push((line, places.map(|place| record.get(place).unwrap_or_default().to_owned())));
    }
    Ok(rows)
}

/// Counts lines as an editor shows them. The reader's own count lags by one after CRLF and by every empty line, because
/// it treats those as the beginning of the next row.
pub(super) struct Lines<'a> {
    text: &'a [u8],
    byte: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a [u8]) -> Self {
        Self { text, byte: 0, line: 1 }
    }

    /// The line, from 1, of the row that begins at or after `byte`. Must be called with ascending bytes.
    pub(super) fn at(&mut self, byte: u64) -> u64 {
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

/// A digest, shortened, in letters alone: it goes into an address, where no digits should be (R32).
pub(super) fn letters(digest: &[u8]) -> String {
    let nibbles = digest.iter().take(16).flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.map(|nibble| char::from(b'a' + nibble)).collect()
}
