//! Placements: what is on which lock (R25), and what the lock workers have to do.
//!
//! `wanted` is what should be, `state` what is. A row with `next_attempt_at` is work; it was written in the transaction
//! of the change that made it, so that no wish is lost. Every change of what is wanted raises `generation`; a worker's
//! result counts only for the generation it worked on.

mod due;
mod open;
mod progress;
mod record;
mod state;
mod status;
mod wanted;

pub use due::{due_by_lock, due_of_hub, due_of_lock, has_removals, next_due, set_damaged_aside};
pub use open::{OpenPlacement, open_of_property};
pub use progress::{Progress, advance, free_slot, reserve, retry_hub_now, retry_lock_now, take_over_slot};
pub use record::{PlacementRecord, by_slot, get, of_code, of_codes, of_tenancy, wanted_own, with_slots};
pub use state::PlacementState;
pub use status::{refresh_status, release_fingerprints};
pub use wanted::{NewPlacement, fingerprints, holder_of, insert, unwant_one, want};
