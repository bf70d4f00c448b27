//! Importing residents from a spreadsheet.

use serde::{Deserialize, Serialize};

use crate::{FieldCode, MaybeKnown};

/// `POST /properties/{id}/roster`: what was imported, or with `dry_run=true` what would be.
///
/// All or nothing: with any bad row, nothing is imported and the answer is a problem
/// `roster_has_bad_rows` whose `errors` name each (`field` is `line 7: email`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RosterImport {
    /// Nothing was stored.
    pub dry_run: bool,
    /// Data rows in the file.
    pub rows: u32,
    /// New tenancies.
    pub created: u32,
    /// Rows that are as they were.
    pub unchanged: u32,
    /// Tenancies whose dates or name changed.
    pub updated: u32,
    /// Rows whose last day is over, though the resident still lives there: they would be moved out at once. Bad rows,
    /// unless `move_out_past=yes` says that they are meant.
    pub past_move_outs: u32,
    /// A dry run lists the bad rows here instead of failing.
    pub bad_rows: Vec<BadRow>,
}

/// A row that can't be imported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BadRow {
    /// The line in the file, from 1, the header being line 1.
    pub line: u64,
    /// The column's name.
    pub column: String,
    /// What the row has in that column, at most 120 characters of it; empty if nothing.
    pub value: String,
    /// Stable, `snake_case`.
    #[cfg_attr(feature = "openapi", schema(value_type = FieldCode))]
    pub code: MaybeKnown<FieldCode>,
    /// What is wrong and how to mend it.
    pub detail: String,
}
