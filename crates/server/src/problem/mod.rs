//! The single place through which every refusal and failure leaves the server, as `application/problem+json`.
//!
//! What went wrong inside is logged here and never sent; what is sent never holds digits of a code (R32).

mod answer;
mod common;
mod kind;
mod of_store;

pub(crate) use answer::RefusedUnrecorded;
pub use answer::{Problem, Result};
