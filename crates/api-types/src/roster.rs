//! Importing residents from a spreadsheet.

use ids::RosterImportId;
use serde::{Deserialize, Serialize};

use crate::named::named;
use crate::{FieldCode, Instant, MaybeKnown};

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
    /// A dry run says row by row what would change (R40).
    pub rows: Vec<RosterRow>,
    /// Data rows in the file.
    pub row_count: u32,
    /// New tenancies.
    pub created: u32,
    /// Rows that are as they were.
    pub unchanged: u32,
    /// Tenancies whose dates, name or address changed.
    pub updated: u32,
    /// Rows that somebody decided to leave out.
    pub left_out: u32,
    /// Rows about which something is left to decide.
    pub undecided: u32,
    /// Rows whose last day is over, though the resident still lives there: they would be moved out at once. Bad rows,
    /// unless `move_out_past=yes` or a decision says that they are meant.
    pub past_move_outs: u32,
    /// A dry run lists the bad rows here instead of failing.
    pub bad_rows: Vec<BadRow>,
    /// What has to be said about the file before its rows can be read.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<RosterAsk>))]
    pub asks: Vec<MaybeKnown<RosterAsk>>,
    /// How the file was read.
    pub reading: RosterReading,
    /// What an import sends back as `plan`, so that it does what this dry run said or nothing.
    pub plan: Option<String>,
    /// The import that was made, by which it can be undone.
    pub import_id: Option<RosterImportId>,
}

named! {
    /// What has to be said about a file before its rows can be read.
    pub enum RosterAsk {
        /// Which column is which (`columns=`).
        Columns = "columns",
        /// The order of day and month (`date_order=`).
        DateOrder = "date_order",
    }
}

named! {
    /// The order of day and month in a date.
    pub enum DateOrder {
        /// 31/12/2026.
        DayFirst = "day_first",
        /// 12/31/2026.
        MonthFirst = "month_first",
    }
}

named! {
    /// What a column of a roster is about.
    pub enum RosterColumn {
        /// The unit.
        Unit = "unit",
        /// The whole name.
        Name = "name",
        /// The first name, beside a last name.
        FirstName = "first_name",
        /// The last name, beside a first name.
        LastName = "last_name",
        /// The email address.
        Email = "email",
        /// The first day.
        MoveIn = "move_in",
        /// The last day.
        MoveOut = "move_out",
    }
}

/// How a file was read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RosterReading {
    /// `csv` or `xlsx`.
    pub format: String,
    /// `comma`, `semicolon` or `tab`, of a text.
    pub separator: Option<String>,
    /// `utf-8`, `utf-16le`, `utf-16be` or `windows-1252`, of a text.
    pub encoding: Option<String>,
    /// The name of the sheet, of a workbook.
    pub sheet: Option<String>,
    /// The names of its other sheets, which aren't read.
    pub other_sheets: Vec<String>,
    /// The line of the headings; none if the file has no headings.
    pub headings_line: Option<u64>,
    /// The columns, from the left.
    pub columns: Vec<RosterHeading>,
    /// The order of day and month; none if no date needs it, or if it has to be said.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<DateOrder>))]
    pub date_order: Option<MaybeKnown<DateOrder>>,
    /// A date of the file as it is written, and what it is in each order.
    pub date_example: Option<DateExample>,
    /// Rows that aren't about a resident, at most 200 of them.
    pub set_aside: Vec<SetAside>,
    /// How many there are.
    pub set_aside_count: u32,
}

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RosterHeading {
    /// Its place, from 1.
    pub place: u32,
    /// Its heading; empty if it has none.
    pub heading: String,
    /// What it has in the first row.
    pub example: String,
    /// What it is about, if that is known.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<RosterColumn>))]
    pub column: Option<MaybeKnown<RosterColumn>>,
}

/// A date that could be two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DateExample {
    /// The line it is in.
    pub line: u64,
    /// As it is written.
    pub text: String,
    /// What it is with the day first.
    pub day_first: Option<String>,
    /// What it is with the month first.
    pub month_first: Option<String>,
}

named! {
    /// Why a row is set aside.
    pub enum RosterSetAside {
        /// It is above the headings.
        Title = "title",
        /// The headings again.
        Headings = "headings",
        /// Nothing is in it.
        Empty = "empty",
        /// Nobody lives in the unit.
        Vacant = "vacant",
        /// A total.
        Total = "total",
        /// A single text, such as the name of a building or a footnote.
        Text = "text",
    }
}

/// A row that isn't about a resident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetAside {
    /// The line in the file.
    pub line: u64,
    /// Why.
    #[cfg_attr(feature = "openapi", schema(value_type = RosterSetAside))]
    pub reason: MaybeKnown<RosterSetAside>,
    /// What is in it, at most 120 characters.
    pub text: String,
}

named! {
    /// What would happen to a row (R40).
    pub enum RosterChange {
        /// A resident who isn't there yet.
        Comes = "comes",
        /// One whose days, name or address change.
        Changes = "changes",
        /// One who is there as they are in the file.
        Stays = "stays",
        /// One who moved out and comes back.
        Returns = "returns",
        /// Something that contradicts the records or another row.
        Conflict = "conflict",
        /// It can't be imported.
        Bad = "bad",
    }
}

named! {
    /// What is to be decided about a row.
    pub enum RosterQuestion {
        /// The unit is written otherwise.
        UnitSuggested = "unit_suggested",
        /// They moved out before.
        Returns = "returns",
        /// Somebody else has this address here.
        OtherName = "other_name",
        /// Another row of the file has this address.
        SharedAddress = "shared_address",
        /// They have a tenancy of this unit that has other days.
        Overlap = "overlap",
        /// They live there now, and the first day is still to come.
        FutureMoveIn = "future_move_in",
        /// They live there now, and the last day is over.
        MovesOutNow = "moves_out_now",
    }
}

named! {
    /// What can be decided about a row.
    pub enum RosterChoice {
        /// It is the unit that is suggested.
        Unit = "unit",
        /// They come back.
        Return = "return",
        /// It is the same person, who is called so now.
        Rename = "rename",
        /// It is the same person, who is called as before.
        KeepName = "keep_name",
        /// It is somebody else, who is imported without an address.
        NoAddress = "no_address",
        /// The tenancy gets these days.
        Change = "change",
        /// It begins later: no working code until then.
        Postpone = "postpone",
        /// They are moved out now.
        MoveOut = "move_out",
        /// The row isn't imported.
        LeaveOut = "leave_out",
    }
}

named! {
    /// What else is said about a row.
    pub enum RosterNote {
        /// The name was written with the last name first.
        NameTurned = "name_turned",
        /// They can't sign in until they have an address.
        NoAddress = "no_address",
        /// No working code until the first day.
        CodeLater = "code_later",
        /// They have another tenancy here besides.
        OtherTenancy = "other_tenancy",
        /// They get the address they had not.
        AddressAdded = "address_added",
        /// They are moved out now.
        MovedOut = "moved_out",
    }
}

/// One row of a roster, and what importing it would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RosterRow {
    /// The line in the file, from 1.
    pub line: u64,
    /// What would happen.
    #[cfg_attr(feature = "openapi", schema(value_type = RosterChange))]
    pub change: MaybeKnown<RosterChange>,
    /// As it would be.
    pub new: OfRow,
    /// As it is now, where there is something.
    pub old: Option<OfRow>,
    /// The unit as the file writes it, where that differs.
    pub unit_written: Option<String>,
    /// The name as the file writes it, where that differs.
    pub name_written: Option<String>,
    /// What else is said.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<RosterNote>))]
    pub notes: Vec<MaybeKnown<RosterNote>>,
    /// What is to be decided.
    pub decide: Vec<RosterDecision>,
}

/// What a row says, and what the records say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfRow {
    /// The unit.
    pub unit: String,
    /// The name.
    pub name: String,
    /// The address; empty without one.
    pub email: String,
    /// The first day.
    pub move_in: String,
    /// The last day; empty without one.
    pub move_out: String,
}

/// Something to decide about a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RosterDecision {
    /// What it is about.
    #[cfg_attr(feature = "openapi", schema(value_type = RosterQuestion))]
    pub question: MaybeKnown<RosterQuestion>,
    /// What can be said. `decisions=` takes the line and one of these: `7.rename`. Several are separated by commas.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<RosterChoice>))]
    pub choices: Vec<MaybeKnown<RosterChoice>>,
    /// What was said.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<RosterChoice>))]
    pub chosen: Option<MaybeKnown<RosterChoice>>,
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

/// An import that was made: an item of `GET /properties/{id}/roster/imports`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RosterImported {
    /// By which it can be undone.
    pub id: RosterImportId,
    /// Who imported.
    pub by: String,
    /// When.
    pub at: Instant,
    /// How many tenancies it added.
    pub added: u32,
    /// How many it changed.
    pub changed: u32,
    /// Until when it can be undone; none if it was undone.
    pub undo_until: Option<Instant>,
}

/// `GET /properties/{id}/roster/imports`: the imports of the last 24 hours, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RosterImports {
    /// The imports.
    pub items: Vec<RosterImported>,
}

/// `POST /properties/{id}/roster/imports/{import}/undo`: what was undone and what wasn't.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RosterUndo {
    /// Rows that are as they were before the import.
    pub undone: u32,
    /// Rows that stay as they are.
    pub kept: Vec<KeptRow>,
}

/// A row of an import that can't be undone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeptRow {
    /// The line in the file.
    pub line: u64,
    /// The resident.
    pub name: String,
    /// Their unit.
    pub unit: String,
    /// Why.
    #[cfg_attr(feature = "openapi", schema(value_type = KeptBecause))]
    pub because: MaybeKnown<KeptBecause>,
}

named! {
    /// Why a row of an import can't be undone.
    pub enum KeptBecause {
        /// Somebody has done something about them since.
        ActedOn = "acted_on",
        /// They have moved out: their codes are gone.
        MovedOut = "moved_out",
    }
}
