//! Parts that know the app: its words, its data, its session.

mod access_bar;
mod checklist;
mod connection;
mod door_choice;
mod guest_code;
mod link;
mod load_view;
mod page;
mod placement_status;
mod problem_view;
mod property_scope;
mod secret_code;
mod shell;
mod theme;

pub use access_bar::*;
pub use checklist::*;
pub use connection::*;
pub use door_choice::*;
pub use guest_code::*;
pub use link::*;
pub use load_view::*;
pub use page::*;
pub use placement_status::*;
pub use problem_view::*;
pub use property_scope::*;
pub use secret_code::*;
pub use shell::*;
pub use theme::*;
