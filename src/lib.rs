//! The Latchkey console: a thin client of the server's HTTP API. `docs/console.md` shows how to add a page.

pub mod api;
pub mod app;
pub mod components;
mod early;
pub mod forms;
pub mod intl;
pub mod live;
pub mod load;
pub mod locale;
pub mod location;
pub mod mutation;
pub mod pages;
pub mod prelude;
pub mod query;
pub mod routes;
pub mod searched;
pub mod session;
pub mod ui;
pub mod wording;
