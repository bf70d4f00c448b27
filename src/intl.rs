//! Dates, times and numbers through the browser's `Intl`, so that no time-zone data is compiled to wasm.
//!
//! Instants come as RFC 3339 text ([`api_types::Instant`]) and are always shown in a named IANA zone, the
//! property's. [`instant_of_local`] turns local times from a form into instants, as R22 says.

use std::cell::RefCell;

use js_sys::{Array, Date, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::locale as t;

/// Which parts of an instant to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `3 Nov 2026`
    Date,
    /// `3 Nov`
    Day,
    /// `Tue, 3 Nov`
    Weekday,
    /// `09:12`, `9:12 AM`
    Time,
    /// `09:12:07`, always in 24 hours
    Seconds,
    /// `3 Nov 2026, 09:12`
    DateTime,
    /// `Tue, 3 Nov, 09:12`
    WeekdayTime,
    /// `MDT`
    ZoneAbbreviation,
    /// `GMT-06:00`
    ZoneOffset,
    /// `2026-11-03`
    IsoDay,
}

impl Style {
    fn options(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Date => &[("day", "numeric"), ("month", "short"), ("year", "numeric")],
            Self::Day => &[("day", "numeric"), ("month", "short")],
            Self::Weekday => &[("weekday", "short"), ("day", "numeric"), ("month", "short")],
            Self::Time => &[("hour", "numeric"), ("minute", "2-digit")],
            Self::Seconds => &[("hour", "2-digit"), ("minute", "2-digit"), ("second", "2-digit"), ("hourCycle", "h23")],
            Self::DateTime => &[
                ("day", "numeric"),
                ("month", "short"),
                ("year", "numeric"),
                ("hour", "numeric"),
                ("minute", "2-digit"),
            ],
            Self::WeekdayTime => &[
                ("weekday", "short"),
                ("day", "numeric"),
                ("month", "short"),
                ("hour", "numeric"),
                ("minute", "2-digit"),
            ],
            Self::ZoneAbbreviation => &[("timeZoneName", "short")],
            Self::ZoneOffset => &[("timeZoneName", "longOffset")],
            Self::IsoDay => &[("year", "numeric"), ("month", "2-digit"), ("day", "2-digit")],
        }
    }
}

struct Formatter {
    zone: String,
    style: Style,
    format: Intl::DateTimeFormat,
}

thread_local! {
    /// Creating an `Intl.DateTimeFormat` costs a hundred times as much as using it, so formatters are kept; likewise
    /// the others.
    static FORMATTERS: RefCell<Vec<Formatter>> = const { RefCell::new(Vec::new()) };
    static RELATIVE: Intl::RelativeTimeFormat = {
        let options = Object::new();
        set(&options, "style", "short");
        set(&options, "numeric", "auto");
        Intl::RelativeTimeFormat::new(&locales(), &options)
    };
    static NUMBER: Intl::NumberFormat = Intl::NumberFormat::new(&locales(), &Object::new());
    static LOCALE: String = choose_locale();
    static TODAY: RefCell<Today> = const { RefCell::new(Today::NONE) };
}

fn locales() -> Array {
    LOCALE.with(|locale| Array::of1(&JsValue::from_str(locale)))
}

/// The reader's variant of the page's language (such as `en-GB`), so that dates are in the language of the text.
fn choose_locale() -> String {
    let window = leptos::prelude::window();
    let lang = window
        .document()
        .and_then(|document| document.document_element())
        .and_then(|root| root.get_attribute("lang"))
        .unwrap_or_else(|| "en".to_owned());
    window
        .navigator()
        .languages()
        .iter()
        .filter_map(|language| language.as_string())
        .find(|language| language.split('-').next() == Some(lang.as_str()))
        .unwrap_or(lang)
}

fn with_formatter<R>(zone: &str, style: Style, run: impl FnOnce(&Intl::DateTimeFormat) -> R) -> R {
    FORMATTERS.with_borrow_mut(|formatters| {
        let at = match formatters.iter().position(|known| known.style == style && known.zone == zone) {
            Some(at) => at,
            None => {
                let options = Object::new();
                for (key, value) in style.options() {
                    set(&options, key, value);
                }
                // An unknown zone would throw, which wasm can't catch here. So an old browser shows UTC instead.
                set(&options, "timeZone", if knows_zone(zone) { zone } else { "UTC" });
                let locale = match style {
                    Style::ZoneOffset => "en-US".to_owned(),
                    // The Swedish date format is ISO 8601.
                    Style::IsoDay => "sv-SE".to_owned(),
                    // A zone's abbreviation is known only in the locales of its own part of the world.
                    Style::ZoneAbbreviation if zone.starts_with("America/") => "en-US".to_owned(),
                    Style::ZoneAbbreviation if zone.starts_with("Europe/") => "en-GB".to_owned(),
                    Style::ZoneAbbreviation if zone.starts_with("Australia/") => "en-AU".to_owned(),
                    _ => LOCALE.with(Clone::clone),
                };
                let format = Intl::DateTimeFormat::new(&Array::of1(&JsValue::from_str(&locale)), &options);
                formatters.push(Formatter { zone: zone.to_owned(), style, format });
                formatters.len() - 1
            }
        };
        run(&formatters[at].format)
    })
}

fn set(object: &Object, key: &str, value: &str) {
    // Setting a property of a plain object made here doesn't fail.
    let _ = Reflect::set(object, &JsValue::from_str(key), &JsValue::from_str(value));
}

/// Whether this browser knows the IANA zone.
pub fn knows_zone(zone: &str) -> bool {
    let options = Object::new();
    set(&options, "timeZone", zone);
    let Ok(constructor) =
        Reflect::get(&js_sys::global(), &"Intl".into()).and_then(|intl| Reflect::get(&intl, &"DateTimeFormat".into()))
    else {
        return false;
    };
    constructor
        .dyn_into::<js_sys::Function>()
        .is_ok_and(|constructor| Reflect::construct(&constructor, &Array::of2(&"en".into(), &options)).is_ok())
}

/// Milliseconds since 1970 of an RFC 3339 instant; `None` if it isn't one.
pub fn epoch_ms(instant: &str) -> Option<f64> {
    let ms = Date::parse(instant);
    ms.is_finite().then_some(ms)
}

/// RFC 3339 text in UTC, to the second, of milliseconds since 1970.
pub fn instant_text(epoch_ms: f64) -> String {
    let text = String::from(date(epoch_ms).to_iso_string());
    match text.split_once('.') {
        Some((seconds, _)) => [seconds, "Z"].concat(),
        None => text,
    }
}

/// The current time by this device's clock, in milliseconds since 1970.
pub fn now_ms() -> f64 {
    Date::now()
}

fn date(epoch_ms: f64) -> Date {
    Date::new(&JsValue::from_f64(epoch_ms))
}

/// An instant in a zone. Text that isn't an instant is returned as it is.
pub fn format(instant: &str, zone: &str, style: Style) -> String {
    match epoch_ms(instant) {
        Some(ms) => format_ms(ms, zone, style),
        None => instant.to_owned(),
    }
}

/// As [`format()`], of milliseconds since 1970.
pub fn format_ms(epoch_ms: f64, zone: &str, style: Style) -> String {
    with_formatter(zone, style, |format| {
        format.format().call1(&JsValue::UNDEFINED, &date(epoch_ms)).ok().and_then(|text| text.as_string())
    })
    .unwrap_or_default()
}

/// A local date `YYYY-MM-DD` in the reader's format: `3 Nov 2026`. A calendar day has no zone.
pub fn local_day(day: &str) -> String {
    format(&[day, "T12:00:00Z"].concat(), "UTC", Style::Date)
}

/// How long ago, or how long until: `12 min ago`, `in 2 hr.`, `yesterday`; `just now` within a minute.
pub fn relative(instant: &str, now_ms: f64) -> String {
    let Some(ms) = epoch_ms(instant) else { return instant.to_owned() };
    let seconds = (ms - now_ms) / 1000.0;
    let size = seconds.abs();
    let (value, unit) = if size < 60.0 {
        return t::common::time::just_now().to_owned();
    } else if size < 3600.0 {
        (seconds / 60.0, "minute")
    } else if size < 86_400.0 {
        (seconds / 3600.0, "hour")
    } else if size < 30.0 * 86_400.0 {
        (seconds / 86_400.0, "day")
    } else if size < 365.0 * 86_400.0 {
        (seconds / (30.44 * 86_400.0), "month")
    } else {
        (seconds / (365.25 * 86_400.0), "year")
    };
    RELATIVE.with(|format| String::from(format.format(value.trunc(), unit)))
}

/// The local dates of today and yesterday, cached because all rows of a table are compared with them.
struct Today {
    zone: String,
    now_ms: f64,
    today: String,
    yesterday: String,
}

impl Today {
    const NONE: Self = Self { zone: String::new(), now_ms: f64::NAN, today: String::new(), yesterday: String::new() };

    fn with<R>(zone: &str, now_ms: f64, look: impl FnOnce(&Self) -> R) -> R {
        TODAY.with_borrow_mut(|known| {
            if known.now_ms != now_ms || known.zone != zone {
                let day = |ms| format_ms(ms, zone, Style::IsoDay);
                *known = Self { zone: zone.to_owned(), now_ms, today: day(now_ms), yesterday: day(now_ms - DAY_MS) };
            }
            look(known)
        })
    }
}

const DAY_MS: f64 = 86_400_000.0;

/// The shortest text that is exact enough for a table: the time if today, `yesterday 14:02`, the day if this year,
/// else the date.
pub fn short(instant: &str, zone: &str, now_ms: f64) -> String {
    let Some(ms) = epoch_ms(instant) else { return instant.to_owned() };
    let day = format_ms(ms, zone, Style::IsoDay);
    Today::with(zone, now_ms, |known| {
        if day == known.today {
            format_ms(ms, zone, Style::Time)
        } else if day == known.yesterday {
            t::common::time::yesterday(&format_ms(ms, zone, Style::Time))
        } else if day.get(..4) == known.today.get(..4) {
            format_ms(ms, zone, Style::Day)
        } else {
            format_ms(ms, zone, Style::Date)
        }
    })
}

/// The day of an instant, with the year unless it is this year; `None` if it is today.
pub fn day_unless_today(instant: &str, zone: &str, now_ms: f64) -> Option<String> {
    let Some(ms) = epoch_ms(instant) else { return Some(instant.to_owned()) };
    let day = format_ms(ms, zone, Style::IsoDay);
    let this_year =
        Today::with(zone, now_ms, |known| (day != known.today).then(|| day.get(..4) == known.today.get(..4)))?;
    Some(format_ms(ms, zone, if this_year { Style::Day } else { Style::Date }))
}

/// From one instant to another; the second day is left out if it is the same: `Tue, 3 Nov, 09:00 – 12:30`.
pub fn range(from: &str, to: &str, zone: &str) -> String {
    let start = format(from, zone, Style::WeekdayTime);
    let same_day = format(from, zone, Style::IsoDay) == format(to, zone, Style::IsoDay);
    let end = format(to, zone, if same_day { Style::Time } else { Style::WeekdayTime });
    [&start, " – ", &end].concat()
}

/// This device's IANA time zone.
pub fn device_zone() -> String {
    let options = Intl::DateTimeFormat::default().resolved_options();
    Reflect::get(&options, &"timeZone".into())
        .ok()
        .and_then(|zone| zone.as_string())
        .unwrap_or_else(|| "UTC".to_owned())
}

/// All IANA time zones that this browser names, in their order; none where it doesn't say.
pub fn all_zones() -> Vec<String> {
    let zones = Reflect::get(&js_sys::global(), &"Intl".into()).and_then(|intl| {
        let list = Reflect::get(&intl, &"supportedValuesOf".into())?;
        list.dyn_into::<js_sys::Function>()?.call1(&intl, &"timeZone".into())
    });
    zones.map_or_else(|_| Vec::new(), |zones| Array::from(&zones).iter().filter_map(|zone| zone.as_string()).collect())
}

/// The displayed name of a zone: `Denver time (MDT)`.
pub fn zone_label(zone: &str, now_ms: f64) -> String {
    let city = zone.rsplit('/').next().unwrap_or(zone).replace('_', " ");
    match part(zone, Style::ZoneAbbreviation, now_ms) {
        Some(abbreviation) if abbreviation != city => t::common::time::zone(&city, &abbreviation),
        _ => city,
    }
}

/// The zone part of a formatted instant.
fn part(zone: &str, style: Style, epoch_ms: f64) -> Option<String> {
    let parts = with_formatter(zone, style, |format| format.format_to_parts(&date(epoch_ms)));
    parts.iter().find_map(|part| {
        let kind = Reflect::get(&part, &"type".into()).ok()?.as_string()?;
        (kind == "timeZoneName").then(|| Reflect::get(&part, &"value".into()).ok()?.as_string()).flatten()
    })
}

/// The zone's offset from UTC at an instant, in milliseconds, east positive.
fn offset_ms(zone: &str, epoch_ms: f64) -> f64 {
    let Some(name) = part(zone, Style::ZoneOffset, epoch_ms) else { return 0.0 };
    // `GMT`, `GMT-06:00` or, for a few historic zones, `GMT-06:00:36`.
    let Some(offset) = name.strip_prefix("GMT").filter(|offset| !offset.is_empty()) else { return 0.0 };
    let sign = if offset.starts_with(['-', '\u{2212}']) { -1.0 } else { 1.0 };
    let clock = offset.trim_start_matches(['+', '-', '\u{2212}']);
    let mut seconds = 0.0;
    let mut unit = 3600.0;
    for field in clock.split(':') {
        seconds += f64::from(field.parse::<u16>().unwrap_or(0)) * unit;
        unit /= 60.0;
    }
    sign * seconds * 1000.0
}

/// Which instant a local time means when the clocks go back and it occurs twice (R22).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeated {
    /// The first: for starts.
    First,
    /// The second: for ends, so that a window never closes early.
    Second,
}

/// The instant (RFC 3339, UTC) of a local time `YYYY-MM-DDTHH:MM` in a zone, as the browser's date and time
/// inputs return it; `None` if it isn't a date and time.
///
/// A time that the clocks skip takes the offset before the change (R22).
pub fn instant_of_local(local: &str, zone: &str, repeated: Repeated) -> Option<String> {
    let as_if_utc = epoch_ms(&[local, "Z"].concat())?;
    let before = offset_ms(zone, as_if_utc - DAY_MS);
    let after = offset_ms(zone, as_if_utc + DAY_MS);
    let holds = |offset: f64| offset_ms(zone, as_if_utc - offset) == offset;
    let offset = match (holds(before), holds(after)) {
        (true, true) if repeated == Repeated::Second => after,
        (false, true) => after,
        _ => before,
    };
    Some(instant_text(as_if_utc - offset))
}

/// The local date of an instant in a zone, `YYYY-MM-DD`, the format of date inputs.
pub fn day_in_zone(epoch_ms: f64, zone: &str) -> String {
    format_ms(epoch_ms, zone, Style::IsoDay)
}

/// The local date and time of an instant in a zone, `YYYY-MM-DDTHH:MM`, the format of date-and-time inputs.
pub fn local_in_zone(epoch_ms: f64, zone: &str) -> String {
    let mut text = instant_text(epoch_ms + offset_ms(zone, epoch_ms));
    text.truncate(16);
    text
}

/// A number with the reader's separators.
pub fn number(value: impl Into<f64>) -> String {
    NUMBER
        .with(|format| format.format().call1(&JsValue::UNDEFINED, &value.into().into()))
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}
