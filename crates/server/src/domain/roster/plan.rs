//! What importing a file would do.

use api_types::{ProblemCode, RosterImport};
use ids::PropertyId;
use jiff::tz::TimeZone;
use store::{Db, Millis, Scope, doors, properties, roster_imports};

use super::options::Options;
use super::planner::{self, Planning};
use super::rows;
use super::table::Read;
use super::units::Units;
use crate::domain::{Done, Refusal};

/// What importing a file would do.
pub struct Plan {
    pub(super) planning: Planning,
    /// The names of the columns, and which is which if somebody says so now.
    pub(super) said: Option<(String, String)>,
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
    let units = Units::of(doors::units(db, property_id)?);
    let rows = rows::check(table, &layout, places, options.date_order, &units).map_err(unreadable)?;
    let planning = planner::plan(db, property_id, &zone, rows, options, now)?;
    Ok(Plan { planning, said })
}
