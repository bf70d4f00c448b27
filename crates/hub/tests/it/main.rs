//! What the hub crate promises, by the rule that asks for it.

mod address;
mod backoff;
mod errors;
mod simulator;
