//! What the store promises, by the rule that asks for it.

mod chain;
mod damaged;
mod fixtures;
mod guest_codes;
mod plans;
mod schema;
mod search;
mod vault;
mod writer;
