//! What the hub crate promises, by the rule that asks for it.

mod backoff;
mod errors;
mod simulator;
