//! The layout of a property: its buildings, units and doors (R34, R36). A file per deed.

mod add;
mod codes;
mod edit;
mod event;
mod import;
mod retire;

pub use add::{add_building, add_door, add_unit};
pub use edit::edit;
pub use import::{COLUMNS, MAX_ROWS, Plan, SLOTS_UNTIL_LINKED, import, plan};
pub use retire::{plan as plan_retirement, retire};
