//! Writes the daily summaries that managers get by mail: what needs attention, as the overview has it.

use ids::PropertyId;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use store::{Millis, Scope, Tx, doors, properties, summaries};

use crate::domain::summary;
use crate::mail::letter::Letter;
use crate::mail::post::{Addressee, Post};
use crate::view::health;

/// How late a summary may be and still be worth sending: half a day, after which the next is nearer.
const LATE: Millis = 12 * 60 * 60 * 1000;

/// Writes a property's summary to its managers, if it is due and anything needs attention, and keeps when the next is.
/// Returns whether anything was kept.
pub(super) fn write_if_due(tx: &Tx, id: PropertyId, post: Post, now: Millis) -> store::Result<bool> {
    let Some(property) = properties::get(tx, Scope::Everything, id)? else { return Ok(false) };
    let Some(minutes) = property.summary_at else { return Ok(false) };
    let zone = TimeZone::get(&property.time_zone).unwrap_or(TimeZone::UTC);
    let due = summaries::due_at(tx, id, now)?;
    if due.is_some_and(|due| due > now) {
        return Ok(false);
    }
    if due.is_some_and(|due| now - due <= LATE) {
        // That there is no hub yet is news to nobody, and would be said every day until there is one.
        let unlinked = doors::unlinked_hubs(tx, id)?;
        let mut needs = health::describe(tx, id)?.needs;
        needs.retain(|need| need.hub_id.is_none_or(|hub| !unlinked.contains(&hub)));
        let readers = if needs.is_empty() { Vec::new() } else { summaries::readers(tx, id)? };
        for reader in readers {
            let letter = Letter::Summary {
                name: reader.name,
                place: property.name.clone(),
                property_id: id,
                time_zone: property.time_zone.clone(),
                needs: needs.clone(),
                stop: summary::stop_of(tx, reader.id, id)?,
            };
            let to = Addressee { person_id: Some(reader.id), property_id: Some(id), address: &reader.email };
            post.write(tx, now, to, &letter, None)?;
        }
    }
    summaries::set_due(tx, id, next_after(now, minutes, &zone))?;
    Ok(true)
}

/// The next time after `now` that it is so many minutes after midnight there. On a day that doesn't have that time, it is as
/// much later as clocks are set forward.
fn next_after(now: Millis, minutes: u16, zone: &TimeZone) -> Millis {
    let now = Timestamp::from_millisecond(now).unwrap_or(Timestamp::MAX).to_zoned(zone.clone());
    let (hour, minute) =
        (i8::try_from(minutes / 60).unwrap_or_default(), i8::try_from(minutes % 60).unwrap_or_default());
    let time = Time::new(hour, minute, 0, 0).unwrap_or(Time::midnight());
    let on = |day: Zoned| day.date().to_datetime(time).to_zoned(zone.clone()).ok();
    let today = on(now.clone()).filter(|at| *at > now);
    let next = today.or_else(|| on(now.checked_add(1.day()).ok()?));
    next.map_or(Millis::MAX, |next| next.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_due_once_a_day_at_that_time_there() {
        let denver = TimeZone::get("America/Denver").expect("a zone");
        let next = |now: &str, minutes| {
            let now: Timestamp = now.parse().expect("a time");
            let next = Timestamp::from_millisecond(next_after(now.as_millisecond(), minutes, &denver));
            next.expect("a time").to_string()
        };
        for (now, minutes, expected) in [
            ("2026-11-03T14:59:59Z", 480, "2026-11-03T15:00:00Z"),
            // That very moment is past.
            ("2026-11-03T15:00:00Z", 480, "2026-11-04T15:00:00Z"),
            ("2026-11-03T15:00:01Z", 480, "2026-11-04T15:00:00Z"),
            ("2026-11-03T06:59:00Z", 0, "2026-11-03T07:00:00Z"),
            // Clocks are set forward from 2:00 to 3:00 on March 8, and back from 2:00 to 1:00 on November 1.
            ("2026-03-08T06:00:00Z", 150, "2026-03-08T09:30:00Z"),
            ("2026-10-31T14:00:00Z", 480, "2026-11-01T15:00:00Z"),
            ("2026-11-01T07:30:00Z", 90, "2026-11-02T08:30:00Z"),
        ] {
            assert_eq!(next(now, minutes), expected, "{now} {minutes}");
        }
    }
}
