//! Previewing a guest code: when it would open (R22).

use api_types::{GuestCodePreview, GuestCodeRequest, Window};

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
    let mut windows = plan.schedule.windows_from(timestamp(lookup.now));
    let shown: Vec<Window> = windows.by_ref().take(WINDOWS_SHOWN).map(window).collect();
    Ok(GuestCodePreview { more: windows.next().is_some(), windows: shown, time_zone: plan.time_zone })
}
