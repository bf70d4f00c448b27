//! Placements: which codes are on which locks (R25), and what the lock workers must do.
//!
//! `wanted` is what should be, `state` is what is; what each event makes of them is said by [`placement`], and carried out here
//! (`life`). A row with `next_attempt_at` is pending work; it is written in the
//! transaction of the change that calls for it, so that none is lost. Every change to what is wanted increments
//! `generation`; a worker's result counts only for the generation it worked on.

mod checks;
mod dropped;
mod due;
mod life;
mod moved;
mod open;
mod record;
mod slots;
mod status;
mod wanted;

pub use ::placement::{Event, Failure, Kind, News, State as PlacementState, TRIES_BEFORE_FAILED};

pub use checks::{cannot_be_checked, check_at, check_hub, check_slot, next_check, to_check};
pub use dropped::{AtDoor, Moved, at_door, doors_of_code, drop_from_door, give_back, off_limits};
pub use due::{due_by_lock, due_of_hub, due_of_lock, has_removals, next_due, set_aside_damaged};
pub use life::{Pause, Told, advance, tell_what_is};
pub use moved::{
    Again, AtLock, confirm_gone, detach, leave_former_locks, leave_lock, live_at_lock, of_lock, retry_refused,
    send_again, send_to_linked,
};
pub use open::{OnLock, OpenPlacement, open_of_property};
pub use record::{
    PlacementRecord, by_slot, codes_over, get, of_code, of_codes, of_tenancy, wanted_resident_codes, with_slots,
};
pub use slots::{follow_hub, follow_lock, free_slot};
pub use status::{refresh_status, release_fingerprints};
pub use wanted::{NewPlacement, fingerprints, holder_of, insert, mark_unwanted, remove_first, set_wanted};
