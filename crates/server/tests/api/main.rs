//! The server as its clients see it: over HTTP, on a real database, with a clock that the tests control.
//!
//! One binary for all of them, so that it links only once.

mod audit;
mod authority;
mod clock;
mod connections;
mod conventions;
mod custom_codes;
mod damaged;
mod fair;
mod fixtures;
mod fixtures_matrix;
mod full;
mod guest_codes;
mod hangups;
mod harness;
mod held;
mod idempotency;
mod isolation;
mod lists;
mod mail;
mod matrix;
mod my_sessions;
mod openapi;
mod overview;
mod passes;
mod passwords;
mod placements;
mod presence;
mod properties;
mod random_codes;
mod reading;
mod reveals;
mod roster;
mod rosters;
mod secrets;
mod sessions;
mod setting_up;
mod single_instance;
mod smtp;
mod statements;
mod storage;
mod summaries;
mod tenancies;
mod troubleshoot;
mod typed;
