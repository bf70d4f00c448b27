//! The week of a recurring guest code, drawn: a line for each day, filled at the hours at which its doors open.

use crate::prelude::*;
use api_types::Recurrence;

use super::{WEEKDAYS, local_time, recurrence_text};

/// The minutes of a day.
const DAY: u32 = 24 * 60;

/// From which to which minute of each day, Monday first, a window is open. One that crosses midnight is on two days.
pub fn open_minutes(recurrence: &Recurrence) -> [Vec<(u32, u32)>; 7] {
    let mut days = [const { Vec::new() }; 7];
    let (Some(from), Some(to)) = (minute_of_day(&recurrence.from), minute_of_day(&recurrence.to)) else { return days };
    for (at, (day, ..)) in WEEKDAYS.iter().enumerate() {
        if !recurrence.weekdays.contains(day) {
            continue;
        }
        if from < to {
            days[at].push((from, to));
        } else {
            days[at].push((from, DAY));
            if to > 0 {
                days[(at + 1) % 7].push((0, to));
            }
        }
    }
    days
}

/// Of `HH:MM`.
fn minute_of_day(time: &str) -> Option<u32> {
    let (hours, minutes) = time.split_once(':')?;
    Some(hours.parse::<u32>().ok()? * 60 + minutes.parse::<u32>().ok()?)
}

/// A part of a day, as a length of its line.
fn share(minutes: u32) -> String {
    let tenths = minutes * 1000 / DAY;
    [&(tenths / 10).to_string(), ".", &(tenths % 10).to_string(), "%"].concat()
}

/// The week, for a recurrence. Screen readers read it as a picture that says the same in words.
#[component]
pub fn Week(
    /// On which days, and from when to when.
    recurrence: Recurrence,
) -> impl IntoView {
    let days = WEEKDAYS
        .iter()
        .zip(open_minutes(&recurrence))
        .map(|((.., name), open)| {
            let parts = open
                .into_iter()
                .map(|(from, to)| view! { <rect x=share(from) width=share(to - from) height="100%" rx="2" /> })
                .collect_view();
            view! {
                <span>{*name}</span>
                <svg class="week-day" focusable="false">{parts}</svg>
            }
        })
        .collect_view();
    let hours = ["00:00", "12:00", "00:00"].map(|hour| view! { <span>{local_time(hour)}</span> }).collect_view();
    view! {
        <div class="week" role="img" aria-label=recurrence_text(&recurrence)>
            {days}
            <div class="week-hours">{hours}</div>
        </div>
    }
}
