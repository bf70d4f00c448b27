//! Drives the locks of one hub.
//!
//! Removals go first; then each lock has its turn, and several locks are seen to at a time, as many as the hub's radio
//! takes. A deed at a lock lies between two transactions. The first reserves the slot and leaves the work in the outbox,
//! so that a server killed in between does the deed again, which the lock doesn't notice; the second stores what came of
//! it and its event.

mod answer;
mod drive;
mod outcome;
mod remove;
mod target;
mod worker;
mod write;

pub(super) use worker::HubWorker;
