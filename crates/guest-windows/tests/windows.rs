//! R20, R22: when guest codes open their doors, above all around daylight-saving changes.

use guest_windows::{DELIVERY_LIFETIME, MAX_SPAN, Recurrence, Schedule, ScheduleError, Weekdays, Window};
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;
use rstest::rstest;

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("a known zone")
}

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

fn time(text: &str) -> Time {
    text.parse().expect("a time")
}

fn every_day(from: &str, to: &str, first_day: &str, last_day: &str) -> Recurrence {
    let weekdays = Weekdays::ALL;
    Recurrence { weekdays, from: time(from), to: time(to), first_day: day(first_day), last_day: day(last_day) }
}

fn all_windows(schedule: &Schedule) -> Vec<Window> {
    schedule.windows_from(Timestamp::MIN).collect()
}

/// As people read them: local times with the offset.
fn in_zone(windows: &[Window], zone: &TimeZone) -> Vec<String> {
    let local = |instant: Timestamp| instant.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %:z").to_string();
    windows
        .iter()
        .map(|window| format!("{} to {}", local(window.starts_at), window.ends_at.map_or("for ever".into(), local)))
        .collect()
}

/// R22: one window each around a change of the clocks, as local times with their offsets.
#[rstest]
// Denver, spring: 02:00 -07:00 becomes 03:00 -06:00.
#[case::spring_across(
    "America/Denver",
    "2026-03-08",
    "01:00",
    "09:00",
    "2026-03-08 01:00 -07:00 to 2026-03-08 09:00 -06:00"
)]
#[case::spring_start_skipped(
    "America/Denver",
    "2026-03-08",
    "02:30",
    "09:00",
    "2026-03-08 03:30 -06:00 to 2026-03-08 09:00 -06:00"
)]
#[case::spring_end_skipped(
    "America/Denver",
    "2026-03-08",
    "01:00",
    "02:30",
    "2026-03-08 01:00 -07:00 to 2026-03-08 03:30 -06:00"
)]
#[case::spring_both_skipped(
    "America/Denver",
    "2026-03-08",
    "02:15",
    "02:45",
    "2026-03-08 03:15 -06:00 to 2026-03-08 03:45 -06:00"
)]
#[case::spring_first_skipped_minute(
    "America/Denver",
    "2026-03-08",
    "02:00",
    "04:00",
    "2026-03-08 03:00 -06:00 to 2026-03-08 04:00 -06:00"
)]
#[case::spring_over_midnight(
    "America/Denver",
    "2026-03-07",
    "22:00",
    "06:00",
    "2026-03-07 22:00 -07:00 to 2026-03-08 06:00 -06:00"
)]
// Denver, autumn: 02:00 -06:00 becomes 01:00 -07:00.
#[case::autumn_across(
    "America/Denver",
    "2026-11-01",
    "00:30",
    "09:00",
    "2026-11-01 00:30 -06:00 to 2026-11-01 09:00 -07:00"
)]
#[case::autumn_start_repeated(
    "America/Denver",
    "2026-11-01",
    "01:30",
    "09:00",
    "2026-11-01 01:30 -06:00 to 2026-11-01 09:00 -07:00"
)]
#[case::autumn_end_repeated(
    "America/Denver",
    "2026-11-01",
    "00:00",
    "01:30",
    "2026-11-01 00:00 -06:00 to 2026-11-01 01:30 -07:00"
)]
#[case::autumn_both_repeated(
    "America/Denver",
    "2026-11-01",
    "01:15",
    "01:45",
    "2026-11-01 01:15 -06:00 to 2026-11-01 01:45 -07:00"
)]
#[case::autumn_after_the_repeated_hour(
    "America/Denver",
    "2026-11-01",
    "02:00",
    "03:00",
    "2026-11-01 02:00 -07:00 to 2026-11-01 03:00 -07:00"
)]
#[case::autumn_over_midnight(
    "America/Denver",
    "2026-10-31",
    "22:00",
    "01:00",
    "2026-10-31 22:00 -06:00 to 2026-11-01 01:00 -07:00"
)]
// Lisbon: 01:00 +00:00 becomes 02:00 +01:00, and back at 02:00.
#[case::lisbon_spring(
    "Europe/Lisbon",
    "2026-03-29",
    "01:30",
    "03:00",
    "2026-03-29 02:30 +01:00 to 2026-03-29 03:00 +01:00"
)]
#[case::lisbon_autumn(
    "Europe/Lisbon",
    "2026-10-25",
    "01:30",
    "01:45",
    "2026-10-25 01:30 +01:00 to 2026-10-25 01:45 +00:00"
)]
// The Azores: midnight itself is skipped, and the repeated hour begins there.
#[case::azores_midnight_skipped(
    "Atlantic/Azores",
    "2026-03-29",
    "00:00",
    "08:00",
    "2026-03-29 01:00 +00:00 to 2026-03-29 08:00 +00:00"
)]
#[case::azores_until_skipped_midnight(
    "Atlantic/Azores",
    "2026-03-28",
    "18:00",
    "00:00",
    "2026-03-28 18:00 -01:00 to 2026-03-29 01:00 +00:00"
)]
#[case::azores_until_repeated_midnight(
    "Atlantic/Azores",
    "2026-10-24",
    "18:00",
    "00:00",
    "2026-10-24 18:00 +00:00 to 2026-10-25 00:00 -01:00"
)]
// Lord Howe: the clocks change by half an hour.
#[case::lord_howe_spring(
    "Australia/Lord_Howe",
    "2026-10-04",
    "02:15",
    "03:00",
    "2026-10-04 02:45 +11:00 to 2026-10-04 03:00 +11:00"
)]
#[case::lord_howe_autumn_start(
    "Australia/Lord_Howe",
    "2026-04-05",
    "01:45",
    "03:00",
    "2026-04-05 01:45 +11:00 to 2026-04-05 03:00 +10:30"
)]
#[case::lord_howe_autumn_end(
    "Australia/Lord_Howe",
    "2026-04-05",
    "01:00",
    "01:45",
    "2026-04-05 01:00 +11:00 to 2026-04-05 01:45 +10:30"
)]
// Apia skipped 30 December 2011 altogether: by the offset before, its window is open on the 31st.
#[case::apia_skipped_day(
    "Pacific/Apia",
    "2011-12-30",
    "09:00",
    "17:00",
    "2011-12-31 09:00 +14:00 to 2011-12-31 17:00 +14:00"
)]
#[case::apia_into_the_skipped_day(
    "Pacific/Apia",
    "2011-12-29",
    "22:00",
    "06:00",
    "2011-12-29 22:00 -10:00 to 2011-12-31 06:00 +14:00"
)]
// No change at all.
#[case::over_midnight(
    "Asia/Kolkata",
    "2026-05-01",
    "22:00",
    "06:00",
    "2026-05-01 22:00 +05:30 to 2026-05-02 06:00 +05:30"
)]
#[case::until_midnight("UTC", "2026-12-31", "09:00", "00:00", "2026-12-31 09:00 +00:00 to 2027-01-01 00:00 +00:00")]
#[case::round_the_clock("UTC", "2026-02-28", "09:00", "09:00", "2026-02-28 09:00 +00:00 to 2026-03-01 09:00 +00:00")]
fn r22_a_window_around_a_change_of_the_clocks(
    #[case] name: &str,
    #[case] on: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] expected: &str,
) {
    let schedule = Schedule::recurring(every_day(from, to, on, on), zone(name)).expect("valid");
    let windows = all_windows(&schedule);
    assert_eq!(in_zone(&windows, &zone(name)), [expected]);
    assert_eq!(Some(schedule.first_start()), windows.first().map(|window| window.starts_at));
    assert_eq!(schedule.last_end(), windows.last().and_then(|window| window.ends_at));
}

/// R22: a window that the skipped hour swallows isn't opened; the days around it are as ever.
#[test]
fn r22_a_window_swallowed_by_the_skipped_hour() {
    let recurrence = every_day("02:30", "03:15", "2026-03-07", "2026-03-09");
    let denver = zone("America/Denver");
    let schedule = Schedule::recurring(recurrence, denver.clone()).expect("valid");
    assert_eq!(
        in_zone(&all_windows(&schedule), &denver),
        ["2026-03-07 02:30 -07:00 to 2026-03-07 03:15 -07:00", "2026-03-09 02:30 -06:00 to 2026-03-09 03:15 -06:00"]
    );
    let only_that_day = every_day("02:30", "03:15", "2026-03-08", "2026-03-08");
    assert_eq!(Schedule::recurring(only_that_day, denver), Err(ScheduleError::NoWindows));
}

/// R22: Friday was skipped in Apia and its window falls on Saturday's: they are one.
#[test]
fn r22_the_windows_of_a_skipped_day_and_the_next_are_one() {
    let apia = zone("Pacific/Apia");
    let schedule = Schedule::recurring(every_day("09:00", "17:00", "2011-12-29", "2012-01-01"), apia.clone());
    assert_eq!(
        in_zone(&all_windows(&schedule.expect("valid")), &apia),
        [
            "2011-12-29 09:00 -10:00 to 2011-12-29 17:00 -10:00",
            "2011-12-31 09:00 +14:00 to 2011-12-31 17:00 +14:00",
            "2012-01-01 09:00 +14:00 to 2012-01-01 17:00 +14:00",
        ]
    );
}

/// R20: weekdays are those on which a window starts; over midnight it ends on another.
#[test]
fn r20_recurring_on_chosen_weekdays_over_midnight() {
    let recurrence = Recurrence {
        weekdays: Weekdays::from_iter([Weekday::Friday, Weekday::Saturday]),
        ..every_day("22:00", "02:00", "2026-06-01", "2026-06-13")
    };
    let denver = zone("America/Denver");
    let schedule = Schedule::recurring(recurrence, denver.clone()).expect("valid");
    assert_eq!(
        in_zone(&all_windows(&schedule), &denver),
        [
            "2026-06-05 22:00 -06:00 to 2026-06-06 02:00 -06:00",
            "2026-06-06 22:00 -06:00 to 2026-06-07 02:00 -06:00",
            "2026-06-12 22:00 -06:00 to 2026-06-13 02:00 -06:00",
            // The 13th is the last day on which one starts.
            "2026-06-13 22:00 -06:00 to 2026-06-14 02:00 -06:00",
        ]
    );
}

/// Windows that meet are one, so that a code isn't taken off a lock and written again in the same instant.
#[test]
fn r20_round_the_clock_is_one_window() {
    let recurrence = every_day("09:00", "09:00", "2026-01-01", "2027-01-01");
    let denver = zone("America/Denver");
    let schedule = Schedule::recurring(recurrence, denver.clone()).expect("366 days");
    let one = ["2026-01-01 09:00 -07:00 to 2027-01-02 09:00 -07:00"];
    assert_eq!(in_zone(&all_windows(&schedule), &denver), one);
    let in_december: Vec<Window> = schedule.windows_from(at("2026-12-01T00:00:00Z")).collect();
    assert_eq!(in_zone(&in_december, &denver), one);
}

#[test]
fn r20_temporary_is_one_window_of_at_most_366_days() {
    let start = at("2026-01-01T00:00:00Z");
    let end = start + MAX_SPAN;
    assert_eq!(end, at("2027-01-02T00:00:00Z"));
    let schedule = Schedule::temporary(start, end).expect("just 366 days");
    assert_eq!(all_windows(&schedule), [Window { starts_at: start, ends_at: Some(end) }]);
    assert_eq!(Schedule::temporary(start, end + 1.nanosecond()), Err(ScheduleError::WindowTooLong));
    assert_eq!(Schedule::temporary(start, start), Err(ScheduleError::EndNotAfterStart));
    assert_eq!(Schedule::temporary(end, start), Err(ScheduleError::EndNotAfterStart));
    assert_eq!(Schedule::temporary(Timestamp::MIN, Timestamp::MAX), Err(ScheduleError::WindowTooLong));
}

#[test]
fn r20_a_delivery_code_expires_two_hours_after_its_start() {
    let start = at("2026-06-01T12:00:00Z");
    let schedule = Schedule::delivery(start).expect("valid");
    assert_eq!(DELIVERY_LIFETIME, SignedDuration::from_hours(2));
    assert_eq!(schedule.last_end(), Some(at("2026-06-01T14:00:00Z")));
    assert!(schedule.open_at(at("2026-06-01T13:59:59.999Z")).is_some());
    assert!(schedule.is_over(at("2026-06-01T14:00:00Z")));
    assert_eq!(Schedule::delivery(Timestamp::MAX), Err(ScheduleError::StartOutOfRange));
}

#[test]
fn r20_a_permanent_code_has_no_end() {
    let start = at("2026-06-01T12:00:00Z");
    let schedule = Schedule::permanent(start);
    assert_eq!(all_windows(&schedule), [Window { starts_at: start, ends_at: None }]);
    assert_eq!(schedule.next_change(start - 1.second()), Some(start));
    assert_eq!(schedule.next_change(start), None);
    assert_eq!(schedule.last_end(), None);
    assert!(!schedule.is_over(Timestamp::MAX));
    assert!(schedule.open_at(Timestamp::MAX).is_some());
}

/// A window is open from its first instant until just before its end.
#[test]
fn r20_opening_and_closing_to_the_instant() {
    let (start, end) = (at("2026-06-01T12:00:00Z"), at("2026-06-01T18:00:00Z"));
    let schedule = Schedule::temporary(start, end).expect("valid");
    let moment = 1.nanosecond();
    assert_eq!(schedule.open_at(start - moment), None);
    assert_eq!(schedule.open_at(start), Some(Window { starts_at: start, ends_at: Some(end) }));
    assert!(schedule.open_at(end - moment).is_some());
    assert_eq!(schedule.open_at(end), None);

    assert_eq!(schedule.next_change(start - moment), Some(start));
    assert_eq!(schedule.next_change(start), Some(end));
    assert_eq!(schedule.next_change(end), None);
    let lead = SignedDuration::from_mins(120);
    assert!(!schedule.is_wanted_at(start - lead - moment, lead));
    assert!(schedule.is_wanted_at(start - lead, lead));
    assert!(!schedule.is_wanted_at(end, lead));
    assert!(!schedule.is_wanted_at(Timestamp::MIN, lead) && !schedule.is_wanted_at(Timestamp::MAX, lead));
    assert!(!schedule.is_over(end - moment));
    assert!(schedule.is_over(end));
}

#[rstest]
#[case::no_weekdays(Recurrence { weekdays: Weekdays::default(), ..every_day("09:00", "17:00", "2026-06-01", "2026-06-07") }, ScheduleError::NoWeekdays)]
#[case::backwards(every_day("09:00", "17:00", "2026-06-02", "2026-06-01"), ScheduleError::LastDayBeforeFirstDay)]
#[case::too_long(every_day("09:00", "17:00", "2026-01-01", "2027-01-02"), ScheduleError::RangeTooLong)]
#[case::weekday_not_in_range(Recurrence { weekdays: Weekdays::from_iter([Weekday::Sunday]), ..every_day("09:00", "17:00", "2026-06-01", "2026-06-06") }, ScheduleError::NoWindows)]
#[case::end_of_time(every_day("09:00", "08:00", "9999-12-31", "9999-12-31"), ScheduleError::DaysOutOfRange)]
#[case::beginning_of_time(every_day("09:00", "08:00", "-009999-01-01", "-009999-01-01"), ScheduleError::DaysOutOfRange)]
fn r20_recurrences_that_cannot_be(#[case] recurrence: Recurrence, #[case] error: ScheduleError) {
    assert_eq!(Schedule::recurring(recurrence, zone("America/Denver")), Err(error));
}

#[rstest]
#[case::one_day(every_day("09:00", "17:00", "2026-06-01", "2026-06-01"), 1)]
#[case::a_leap_year_s_days(every_day("09:00", "17:00", "2026-01-01", "2027-01-01"), 366)]
#[case::the_last_year(every_day("09:00", "17:00", "9998-12-30", "9998-12-31"), 2)]
#[case::the_first_year(every_day("09:00", "17:00", "-009998-01-01", "-009998-01-02"), 2)]
fn r20_recurrences_that_are_just_possible(#[case] recurrence: Recurrence, #[case] windows: usize) {
    let schedule = Schedule::recurring(recurrence, zone("America/Denver")).expect("possible");
    assert_eq!(all_windows(&schedule).len(), windows);
}

#[test]
fn errors_have_the_names_and_fields_that_clients_know() {
    assert_eq!(
        ScheduleError::ALL.map(|error| (error.code(), error.field())),
        [
            ("end_not_after_start", "ends_at"),
            ("window_too_long", "ends_at"),
            ("window_too_long", "recurrence.last_day"),
            ("no_weekdays", "recurrence.weekdays"),
            ("last_day_before_first_day", "recurrence.last_day"),
            ("no_windows", "recurrence.weekdays"),
            ("out_of_range", "starts_at"),
            ("out_of_range", "recurrence.last_day"),
        ]
    );
}

/// Zones and days near which their clocks change (and one where they never do).
const CHANGES: [(&str, &str); 11] = [
    ("America/Denver", "2026-03-08"),
    ("America/Denver", "2026-11-01"),
    ("Europe/Lisbon", "2026-03-29"),
    ("Europe/Lisbon", "2026-10-25"),
    ("Atlantic/Azores", "2026-03-29"),
    ("Atlantic/Azores", "2026-10-25"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Pacific/Apia", "2011-12-30"),
    ("America/St_Johns", "2006-10-29"),
    ("Asia/Kolkata", "2026-05-01"),
];

fn minute_of_day() -> impl Strategy<Value = Time> {
    // Hours around midnight and the small hours, where clocks change, come up more often than by chance.
    let minute = prop_oneof![0..1440_i16, (0..16_i16).prop_map(|quarter| quarter * 15), Just(0), 1380..1440_i16];
    minute.prop_map(|minute| Time::constant((minute / 60) as i8, (minute % 60) as i8, 0, 0))
}

fn some_weekdays() -> impl Strategy<Value = Weekdays> {
    let subsets = proptest::sample::subsequence(Weekday::Monday.cycle_forward().take(7).collect::<Vec<_>>(), 1..=7);
    prop_oneof![subsets.prop_map(Weekdays::from_iter), Just(Weekdays::ALL)]
}

prop_compose! {
    /// A recurrence of up to nine days around a change.
    fn around_a_change()(
        (name, on) in proptest::sample::select(CHANGES.to_vec()),
        before in 0..6_i64,
        days in 0..9_i64,
        weekdays in some_weekdays(),
        (from, to) in prop_oneof![(minute_of_day(), minute_of_day()), minute_of_day().prop_map(|time| (time, time))],
    ) -> (Recurrence, &'static str) {
        let first_day = day(on) - before.days();
        (Recurrence { weekdays, from, to, first_day, last_day: first_day + days.days() }, name)
    }
}

/// The instant of a local time by R22, found by looking at a clock minute by minute: no offsets, no time-zone
/// arithmetic. `clock` holds every minute with what the clock showed.
fn by_the_clock(clock: &[(Timestamp, jiff::civil::DateTime)], wanted: jiff::civil::DateTime, last: bool) -> Timestamp {
    let mut shown = clock.iter().filter(|(_, local)| *local == wanted).map(|(instant, _)| *instant);
    let found = if last { shown.next_back() } else { shown.next() };
    found.unwrap_or_else(|| {
        // Skipped: as if the clock had gone on as before.
        let change = clock.windows(2).find(|pair| pair[0].1 < wanted && wanted < pair[1].1).expect("skipped");
        change[0].0 + wanted.duration_since(change[0].1)
    })
}

/// The windows of a recurrence as the runs of minutes during which the door is open.
fn windows_by_the_clock(recurrence: &Recurrence, zone: &TimeZone) -> Vec<Window> {
    let midnight = |day: Date| day.to_datetime(Time::midnight()).to_zoned(TimeZone::UTC).expect("in range").timestamp();
    let (begin, end) = (midnight(recurrence.first_day - 3.days()), midnight(recurrence.last_day + 5.days()));
    let clock: Vec<_> = std::iter::successors(Some(begin), |minute| Some(*minute + 1.minute()))
        .take_while(|minute| *minute < end)
        .map(|minute| (minute, zone.to_datetime(minute)))
        .collect();

    let mut open = vec![false; clock.len()];
    let mut day = recurrence.first_day;
    while day <= recurrence.last_day {
        if recurrence.weekdays.iter().any(|weekday| weekday == day.weekday()) {
            let last_day = if recurrence.to > recurrence.from { day } else { day + 1.day() };
            let start = by_the_clock(&clock, day.to_datetime(recurrence.from), false);
            let end = by_the_clock(&clock, last_day.to_datetime(recurrence.to), true);
            for (index, (minute, _)) in clock.iter().enumerate() {
                open[index] |= start <= *minute && *minute < end;
            }
        }
        day += 1.day();
    }

    let mut windows: Vec<Window> = Vec::new();
    for (index, (minute, _)) in clock.iter().enumerate() {
        if open[index] {
            match windows.last_mut() {
                Some(window) if window.ends_at == Some(*minute) => window.ends_at = Some(*minute + 1.minute()),
                _ => windows.push(Window { starts_at: *minute, ends_at: Some(*minute + 1.minute()) }),
            }
        }
    }
    windows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// R20, R22: the windows are just those that somebody with a clock on the wall would find.
    #[test]
    fn r20_r22_windows_by_the_clock((recurrence, name) in around_a_change()) {
        let expected = windows_by_the_clock(&recurrence, &zone(name));
        match Schedule::recurring(recurrence, zone(name)) {
            Ok(schedule) => prop_assert_eq!(all_windows(&schedule), expected),
            Err(error) => {
                prop_assert_eq!(error, ScheduleError::NoWindows);
                prop_assert_eq!(expected, []);
            }
        }
    }

    /// R20: windows are in order, apart from each other and never empty; the first and last are as told; each starts
    /// on a chosen weekday, at the chosen time unless that was skipped.
    #[test]
    fn r20_r22_windows_are_in_order_and_start_as_chosen((recurrence, name) in around_a_change()) {
        let Ok(schedule) = Schedule::recurring(recurrence, zone(name)) else { return Ok(()) };
        let windows = all_windows(&schedule);
        prop_assert_eq!(schedule.first_start(), windows[0].starts_at);
        prop_assert_eq!(schedule.last_end(), windows[windows.len() - 1].ends_at);
        for window in &windows {
            prop_assert!(window.ends_at.is_some_and(|end| window.starts_at < end));
            let local = zone(name).to_datetime(window.starts_at);
            if local.time() == recurrence.from && name != "Pacific/Apia" {
                prop_assert!(recurrence.weekdays.contains(local.weekday()));
            } else {
                let skipped = [0, 1].map(|back| (local.date() - back.days()).to_datetime(recurrence.from));
                let ambiguous = |local| zone(name).to_ambiguous_timestamp(local).is_ambiguous();
                prop_assert!(name == "Pacific/Apia" || skipped.into_iter().any(ambiguous));
            }
        }
        for pair in windows.windows(2) {
            prop_assert!(pair[0].ends_at.is_some_and(|end| end < pair[1].starts_at));
        }
    }

    /// At any time, what is open and what changes next follows from the list of all windows.
    #[test]
    fn r20_r22_now_and_next_agree_with_the_list((recurrence, name) in around_a_change(), minutes in -3000..20_000_i64) {
        let Ok(schedule) = Schedule::recurring(recurrence, zone(name)) else { return Ok(()) };
        let now = schedule.first_start() + SignedDuration::from_mins(minutes);
        let windows = all_windows(&schedule);
        let open = windows.iter().find(|window| window.contains(now));
        prop_assert_eq!(schedule.open_at(now), open.copied());
        let changes = windows.iter().flat_map(|window| [Some(window.starts_at), window.ends_at]).flatten();
        prop_assert_eq!(schedule.next_change(now), changes.filter(|change| *change > now).min());
        prop_assert_eq!(schedule.is_over(now), windows.iter().all(|window| window.is_over(now)));
    }

    /// R44: a code is on its locks in its windows and, for as long as the lead says, before each; a lead of nothing is no
    /// time at all. While it is in no window, the lead before its next change is when it is sent.
    #[test]
    fn r44_a_code_is_wanted_in_its_windows_and_shortly_before_them(
        (recurrence, name) in around_a_change(),
        minutes in -3000..20_000_i64,
        lead in prop_oneof![Just(0), Just(15), Just(120), 0..=120_i64],
    ) {
        let Ok(schedule) = Schedule::recurring(recurrence, zone(name)) else { return Ok(()) };
        let now = schedule.first_start() + SignedDuration::from_mins(minutes);
        let lead = SignedDuration::from_mins(lead);
        let wanted = schedule.is_wanted_at(now, lead);
        let by_the_list = all_windows(&schedule)
            .iter()
            .any(|window| window.starts_at - lead <= now && !window.is_over(now));
        prop_assert_eq!(wanted, by_the_list);
        if schedule.open_at(now).is_some() {
            prop_assert!(wanted);
        } else {
            let sent_from = schedule.next_change(now).map(|start| start - lead);
            prop_assert_eq!(wanted, sent_from.is_some_and(|sent_from| sent_from <= now));
        }
        prop_assert_eq!(schedule.is_wanted_at(now, SignedDuration::ZERO), schedule.open_at(now).is_some());
    }

    /// A year of windows, asked for at any time: the past is left out, and nothing else.
    #[test]
    fn r20_a_year_of_windows_from_any_time(
        name in proptest::sample::select(CHANGES.to_vec()).prop_map(|(name, _)| name),
        first in 0..365_i64,
        days in 0..366_i64,
        weekdays in some_weekdays(),
        (from, to) in prop_oneof![(minute_of_day(), minute_of_day()), minute_of_day().prop_map(|time| (time, time))],
        hours in -50..9000_i64,
    ) {
        let first_day = day("2011-06-01") + first.days();
        let recurrence = Recurrence { weekdays, from, to, first_day, last_day: first_day + days.days() };
        let Ok(schedule) = Schedule::recurring(recurrence, zone(name)) else { return Ok(()) };
        let now = schedule.first_start() + SignedDuration::from_hours(hours);
        let expected: Vec<Window> = all_windows(&schedule).into_iter().filter(|window| !window.is_over(now)).collect();
        prop_assert_eq!(schedule.windows_from(now).collect::<Vec<_>>(), expected);
    }

    /// R20: temporary codes of any length.
    #[test]
    fn r20_temporary_of_any_length(start in -2_000_000_000..4_000_000_000_i64, seconds in -40_000_000..40_000_000_i64) {
        let start = Timestamp::from_second(start).expect("in range");
        let end = start + SignedDuration::from_secs(seconds);
        let expected = match seconds {
            ..=0 => Err(ScheduleError::EndNotAfterStart),
            1..=31_622_400 => Ok(Some(end)),
            _ => Err(ScheduleError::WindowTooLong),
        };
        prop_assert_eq!(Schedule::temporary(start, end).map(|schedule| schedule.last_end()), expected);
    }
}
