//! Drives the locks of one hub.
//!
//! What happens to a placement is said by its life (`placement`); here locks are asked, and it is told what came of that.
//! Removals go first; then each lock has its turn, with several locks served at a time, as many as the hub's radio can
//! handle. A deed at a lock happens between two transactions. The first reserves the slot and leaves the work in the
//! outbox, so that a server killed in between repeats the deed, which makes no difference to the lock; the second
//! stores the outcome and its event.

mod answer;
mod check;
mod drive;
mod outcome;
mod remove;
mod target;
mod unknown;
mod worker;
mod write;

pub(super) use worker::HubWorker;
