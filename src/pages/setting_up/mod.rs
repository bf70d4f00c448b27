//! Setting up (R34, R36, R37): the first administrator, properties with their layout, and the staff.

mod first;
mod invite_link;
mod layout;
mod people;
mod property;
mod settings;

pub use first::*;
pub use invite_link::*;
pub use layout::*;
pub use people::*;
pub use property::*;
pub use settings::*;
