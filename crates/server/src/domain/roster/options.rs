//! What is said about a roster besides the file itself.

use std::str::FromStr;

use api_types::{DateOrder, FieldCode};

use super::columns::Places;
use super::decide::Decisions;
use crate::domain::Refusal;

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
