//! The rows of a file, before anybody knows what they mean.

/// The most columns.
pub(super) const MAX_COLUMNS: usize = 100;

/// The rows of a file, and how it was read.
#[derive(Debug, Default)]
pub struct Table {
    pub(super) rows: Vec<Record>,
    pub(super) format: &'static str,
    pub(super) separator: Option<char>,
    pub(super) encoding: Option<&'static str>,
    pub(super) sheet: Option<String>,
    pub(super) other_sheets: Vec<String>,
}

/// A file that was read; else what is wrong with it as a whole, as a sentence.
pub type Read = Result<Table, String>;

/// A row of a file.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// As an editor or a spreadsheet shows it, from 1.
    pub(super) line: u64,
    /// Without blanks around them.
    pub(super) cells: Vec<String>,
}

impl Record {
    pub(super) fn cell(&self, place: usize) -> &str {
        self.cells.get(place).map_or("", String::as_str)
    }

    /// The cells with something in them.
    pub(super) fn filled(&self) -> impl Iterator<Item = &str> {
        self.cells.iter().map(String::as_str).filter(|cell| !cell.is_empty())
    }
}
