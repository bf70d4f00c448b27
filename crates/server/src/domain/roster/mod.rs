//! Rosters: residents from a spreadsheet, as people save it (R40, R41).
//!
//! [`read`] takes the rows out of a file, off the threads that answer requests and off the one that writes.
//! `columns`, `dates`, `units` and `names` know how people write things; `rows` checks each row by itself; `plan` says what
//! it means for those who live there, with what is left to decide; `import` does that, and `undo` undoes it.

mod columns;
mod dates;
mod decide;
mod import;
mod limits;
mod names;
mod options;
mod plan;
mod planner;
mod reading;
mod rows;
mod table;
mod undo;
mod units;
mod workbook;

pub use self::columns::Places;
pub use self::decide::Decisions;
pub use self::import::{Prepared, carry_on, import, prepare};
pub use self::limits::{MAX_ROWS, MAX_TEXT};
pub use self::options::Options;
pub use self::plan::{Plan, plan};
pub use self::reading::read;
pub use self::table::{Read, Table};
pub use self::undo::{UNDO, imports, undo};

/// The columns of a roster as it is exported, in order.
pub const COLUMNS: [&str; 5] = ["unit", "name", "email", "move_in", "move_out"];
