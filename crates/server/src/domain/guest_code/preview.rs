//! Previewing a guest code: when it would open (R22).

use api_types::{GuestCodePreview, GuestCodeRequest, Window};

use super::request::plan;
use super::schedule::timestamp;
use crate::domain::Done;
use crate::domain::look::Look;
use crate::view::time::window;

/// How many windows a preview shows (R22).
pub const WINDOWS_SHOWN: usize = 5;

/// The next windows that a code so asked for would open; nothing is stored.
///
/// # Errors
/// As [`super::issue()`]'s for the request itself; not recorded, since nothing was to be done.
pub fn preview(look: &Look<'_>, request: &GuestCodeRequest) -> Done<GuestCodePreview> {
    let plan = plan(look, request)?;
    let mut windows = plan.schedule.windows_from(timestamp(look.now));
    let shown: Vec<Window> = windows.by_ref().take(WINDOWS_SHOWN).map(window).collect();
    Ok(GuestCodePreview { more: windows.next().is_some(), windows: shown, time_zone: plan.time_zone })
}
