//! The server as its clients see it: over HTTP, on a real database, with a clock that the tests turn.
//!
//! One binary for all of them, which links once.

mod conventions;
mod custom_codes;
mod fixtures;
mod guest_codes;
mod harness;
mod placements;
mod random_codes;
mod reveals;
mod sessions;
