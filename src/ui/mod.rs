//! Components that know nothing about the app: no routes, no data, no requests.

mod button;
mod copy;
mod dialog;
mod error_summary;
mod field;
mod filter;
mod icon;
mod pager;
mod pill;
mod state;
mod switch;
mod table;
mod time;
mod toast;
mod windowed;

pub use button::*;
pub use copy::*;
pub use dialog::*;
pub use error_summary::*;
pub use field::*;
pub use filter::*;
pub use icon::*;
pub use pager::*;
pub use pill::*;
pub use state::*;
pub use switch::*;
pub use table::*;
pub use time::*;
pub use toast::*;
pub use windowed::*;
