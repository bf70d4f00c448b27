//! Previewing a guest code: when it would open (R22).

use api_types::{GuestCodePreview, GuestCodeRequest, Window};
use guest_windows::Schedule;
use store::Millis;

use super::request::plan;
use super::schedule::timestamp;
use crate::domain::Done;
use crate::domain::lookup::Lookup;
use crate::view::time::window;

/// How many windows a preview shows (R22).
pub const WINDOWS_SHOWN: usize = 5;

/// The next windows of a code that would be issued like this; nothing is stored.
///
/// # Errors
/// As [`super::issue()`] for the request itself; not recorded, since nothing was to be done.
pub fn preview(lookup: &Lookup<'_>, request: &GuestCodeRequest) -> Done<GuestCodePreview> {
    let plan = plan(lookup, request)?;
    Ok(windows_of(&plan.schedule, lookup.now, plan.time_zone))
}

/// The next windows of a schedule.
pub(super) fn windows_of(schedule: &Schedule, now: Millis, time_zone: String) -> GuestCodePreview {
    let mut windows = schedule.windows_from(timestamp(now));
    let shown: Vec<Window> = windows.by_ref().take(WINDOWS_SHOWN).map(window).collect();
    GuestCodePreview { more: windows.next().is_some(), windows: shown, time_zone }
}
