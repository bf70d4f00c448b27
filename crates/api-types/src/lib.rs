//! What goes over the wire between the server and its clients (`/api/v1`).
//!
//! One shape per type, in JSON with `snake_case` names; ids are UUIDv7, instants are
//! RFC 3339 text in UTC ([`Instant`]), codes are text. No type here carries the digits
//! of a code but [`RevealedCode`] and [`IssuedGuestCode`], and neither has `Debug`.
//!
//! **Absent on purpose (R5):** the request with which a resident picks a code. It belongs
//! to the mobile app, so it lives in the server's mobile router and is never compiled
//! into the console.

mod access;
mod action;
mod audit;
mod code;
mod door;
mod field_code;
mod guest_code;
mod hub;
mod instant;
mod language;
mod layout;
mod list;
mod live;
mod named;
mod pass;
mod passkey;
mod people;
mod problem;
mod problem_code;
mod property;
mod resident;
mod roster;
mod said;
mod session;
mod troubleshoot;

pub use access::*;
pub use action::*;
pub use audit::*;
pub use code::*;
pub use door::*;
pub use field_code::*;
pub use guest_code::*;
pub use hub::*;
pub use instant::*;
pub use language::*;
pub use layout::*;
pub use list::*;
pub use live::*;
pub use named::{MaybeKnown, Named};
pub use pass::*;
pub use passkey::*;
pub use people::*;
pub use problem::*;
pub use problem_code::*;
pub use property::*;
pub use resident::*;
pub use roster::*;
pub use said::*;
pub use session::*;
pub use troubleshoot::*;
