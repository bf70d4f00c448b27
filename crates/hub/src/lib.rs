//! Driving locks through hubs.
//!
//! [`LockDriver`] is the seam between Latchkey and whatever really turns the bolts: it says what a lock can do, writes
//! codes to it, removes them, reads them back where the lock allows that, and streams what happens at the lock. There
//! is one driver per hub, used behind `Arc<dyn LockDriver>`.
//!
//! [`Simulator`] is a hub with its locks inside this process, for tests and for the demonstration property. It behaves
//! as real locks do, the unpleasant ways included.
//!
//! This crate knows nothing of wanted states, placements or retries: the server's worker decides what to write and
//! when to try again. What it needs for that is here too: [`LockError::is_permanent`] and [`backoff`] (R28).
//!
//! Digits go through this crate as [`access_code::Code`] and are in no error, event or operation log (R32).

mod address;
pub mod backoff;
mod driver;
mod error;
mod event;
mod found;
mod simulator;
mod slot;

pub use address::{HubAddress, HubAddressError};
pub use driver::{Accepted, Capabilities, Lengths, LockDriver, LockHealth, ReadBack, SlotContent};
pub use error::{LockError, Rejection};
pub use event::HubEvent;
pub use found::{FoundLock, HubInfo, HubLock};
pub use simulator::{KeypadResult, LockSettings, Operation, OperationKind, Simulator};
pub use slot::Slot;
