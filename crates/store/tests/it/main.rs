//! What the store promises, by the rule that asks for it.

mod chain;
mod fixtures;
mod plans;
mod schema;
mod search;
mod vault;
