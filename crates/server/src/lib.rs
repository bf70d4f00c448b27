//! The Latchkey server: the HTTP API, sessions and the lock workers.

pub mod app;
mod assets;
pub mod auth;
pub mod clock;
pub mod config;
mod csp;
pub mod deeds;
pub mod denials;
pub mod domain;
pub mod extract;
mod headers;
mod health;
pub mod hubs;
pub mod idempotency;
mod metrics_recorder;
pub mod openapi;
pub mod problem;
mod qr;
pub mod request_id;
pub mod requester;
pub mod router;
mod routes;
pub mod serve;
pub mod single_instance;
pub mod text;
pub mod view;
pub mod worker;
