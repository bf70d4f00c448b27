//! The server's HTTP API (`/api/v1`) as typed functions: a file per resource, one client and one error type.

mod client;
mod error;
mod idempotency;

pub mod audit;
pub mod codes;
pub mod doors;
pub mod guest_codes;
pub mod hubs;
pub mod layout;
pub mod me;
pub mod pass;
pub mod passkeys;
pub mod people;
pub mod properties;
pub mod residents;
pub mod session;
pub mod troubleshoot;

pub use client::{
    ETag, Tagged, last_answer_ms, last_extension_ms, note_answer_elsewhere, on_connection_change, on_session_end,
    server_ahead_ms,
};
pub use error::ApiError;
pub use idempotency::{IdempotencyKey, PendingKey};

/// The prefix of every path.
pub(crate) const BASE: &str = "/api/v1";
