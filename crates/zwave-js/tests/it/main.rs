//! What the driver does, by what a hub and its locks do.
//!
//! `real_hub` runs against the true Z-Wave JS over a mock radio (tests/hub), and `scripted_hub` against a server that does what
//! the true one can't be made to do.

mod real_hub;
mod scripted_hub;
mod support;
mod true_hub;
