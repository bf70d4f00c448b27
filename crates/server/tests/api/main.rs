//! The server as its clients see it: over HTTP, on a real database, with a clock that the tests turn.
//!
//! One binary for all of them, which links once.

mod conventions;
mod harness;
mod sessions;
