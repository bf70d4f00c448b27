//! Guest codes: issuing, previewing, changing and revoking them, and following their schedules (R19–R24, R43, R44).

mod change;
mod event;
mod find;
mod issue;
mod preview;
mod request;
mod revoke;
mod schedule;
mod time;

pub use change::{change, preview_change};
pub(super) use event::subject_event;
pub use find::find;
pub use issue::{issue, own_digits_refusal, refuse_own_digits};
pub use preview::{WINDOWS_SHOWN, preview};
pub use request::{MAX_DOORS, MAX_GUEST_NAME, MAX_REFERENCE};
pub use revoke::revoke;
pub(super) use revoke::revoke_without_right;
pub(super) use schedule::state_at;
pub(crate) use schedule::{schedule_of, timestamp};
pub use time::{advance, ends_on_use, is_wanted, record_use};
