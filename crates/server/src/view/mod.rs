//! Records as people see them: the API's types, and sentences. The store knows neither.

pub mod access;
pub mod calendar;
pub mod code;
pub mod door;
pub mod door_lock;
pub mod event;
pub mod guest_code;
pub mod health;
pub mod hub;
pub mod layout;
pub mod mail;
pub mod move_out;
pub mod placement;
pub mod property;
pub mod resident;
pub mod setup;
pub mod sheet;
pub mod staff;
pub mod time;
