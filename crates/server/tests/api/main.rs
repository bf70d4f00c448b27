//! The server as its clients see it: over HTTP, on a real database, with a clock that the tests turn.
//!
//! One binary for all of them, which links once.

mod audit;
mod conventions;
mod custom_codes;
mod fixtures;
mod fixtures_matrix;
mod guest_codes;
mod harness;
mod idempotency;
mod isolation;
mod matrix;
mod my_sessions;
mod openapi;
mod passes;
mod placements;
mod random_codes;
mod reveals;
mod roster;
mod secrets;
mod sessions;
mod troubleshoot;
