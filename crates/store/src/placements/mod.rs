//! Placements: which codes are on which locks (R25), and what the lock workers must do.
//!
//! `wanted` is what should be, `state` is what is. A row with `next_attempt_at` is pending work; it is written in the
//! transaction of the change that calls for it, so that none is lost. Every change to what is wanted increments
//! `generation`; a worker's result counts only for the generation it worked on.

mod dropped;
mod due;
mod moved;
mod open;
mod progress;
mod record;
mod state;
mod status;
mod wanted;

pub use dropped::{AtDoor, Moved, at_door, doors_of_code, drop_from_door, give_back, off_limits};
pub use due::{due_by_lock, due_of_hub, due_of_lock, has_removals, next_due, set_aside_damaged};
pub use moved::{
    Again, AtLock, confirm_gone, detach, leave_former_locks, leave_lock, live_at_lock, of_lock, retry_refused,
    send_again, send_to_linked,
};
pub use open::{OnLock, OpenPlacement, open_of_property};
pub use progress::{Progress, advance, follow_hub, follow_lock, free_slot, reserve, take_over_slot};
pub use record::{PlacementRecord, by_slot, get, of_code, of_codes, of_tenancy, wanted_resident_codes, with_slots};
pub use state::PlacementState;
pub use status::{refresh_status, release_fingerprints};
pub use wanted::{NewPlacement, fingerprints, holder_of, insert, mark_unwanted, remove_first, set_wanted};
