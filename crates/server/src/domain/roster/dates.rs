//! Dates as people write them: in ISO, with the name of a month, or in the one order that fits every row of a file.

use api_types::DateOrder;
use jiff::civil::Date;

use super::limits::YEARS;

/// A date as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// There is one way to read it.
    Plain(Date),
    /// Day and month, whichever comes first, and the year.
    Numbers(i8, i8, i16),
}

/// What a cell says; none if that is no date.
pub(super) fn read(text: &str) -> Option<Written> {
    // A time of day that a program wrote behind it.
    let text = text.trim();
    let text = match text.split_once([' ', 'T']) {
        Some((date, time)) if time.contains(':') && date.len() >= 6 => date,
        _ => text,
    };
    let parts: Vec<&str> = text.split(['/', '.', '-', ' ', ',']).filter(|it| !it.is_empty()).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    if !text.is_ascii() && parts.iter().any(|part| part.chars().any(|c| c.is_numeric() && !c.is_ascii())) {
        return None;
    }
    let number =
        |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<i16>().ok()).flatten();
    let small = |part: &str| number(part).filter(|_| part.len() <= 2).and_then(|it| i8::try_from(it).ok());
    let year = |part: &str| match (number(part), part.len()) {
        (Some(year), 4) => Some(year),
        (Some(year), 2) => Some(if year < 70 { 2000 + year } else { 1900 + year }),
        _ => None,
    };
    let plain = |year: i16, month: i8, day: i8| {
        Date::new(year, month, day).ok().filter(|date| YEARS.contains(&date.year())).map(Written::Plain)
    };
    if a.len() == 4 {
        return plain(number(a)?, small(b)?, small(c)?);
    }
    match (month(a), month(b)) {
        (Some(month), None) => plain(year(c)?, month, small(b)?),
        (None, Some(month)) => plain(year(c)?, month, small(a)?),
        _ => Some(Written::Numbers(small(a)?, small(b)?, year(c)?)),
    }
}

/// Whether a cell is a date, in whichever order.
pub(super) fn looks_like_one(text: &str) -> bool {
    match read(text) {
        Some(Written::Plain(_)) => true,
        Some(written) => {
            [DateOrder::DayFirst, DateOrder::MonthFirst].iter().any(|order| written.in_order(*order).is_some())
        }
        None => false,
    }
}

impl Written {
    /// The date, with day and month in that order.
    pub(super) fn in_order(self, order: DateOrder) -> Option<Date> {
        match (self, order) {
            (Self::Plain(date), _) => Some(date),
            (Self::Numbers(day, month, year), DateOrder::DayFirst)
            | (Self::Numbers(month, day, year), DateOrder::MonthFirst) => {
                Date::new(year, month, day).ok().filter(|date| YEARS.contains(&date.year()))
            }
        }
    }
}

/// The order of a file's dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// No date needs one.
    Any,
    /// The only one that fits all of them.
    One(DateOrder),
    /// Both fit all of them, or neither does: it has to be said.
    Unknown,
}

/// The order that fits every date; those that are a date in neither count for nothing.
pub(super) fn order_of(dates: impl Iterator<Item = Written>) -> Order {
    let (mut day_first, mut month_first, mut differ) = (true, true, false);
    for date in dates {
        match (date.in_order(DateOrder::DayFirst), date.in_order(DateOrder::MonthFirst)) {
            (None, None) => {}
            (a, b) => {
                day_first &= a.is_some();
                month_first &= b.is_some();
                differ |= a != b;
            }
        }
    }
    match (differ, day_first, month_first) {
        (false, ..) => Order::Any,
        (true, true, false) => Order::One(DateOrder::DayFirst),
        (true, false, true) => Order::One(DateOrder::MonthFirst),
        (true, ..) => Order::Unknown,
    }
}

/// The month of that name, in English or Spanish, whole or shortened.
fn month(text: &str) -> Option<i8> {
    const MONTHS: [[&str; 2]; 12] = [
        ["january", "enero"],
        ["february", "febrero"],
        ["march", "marzo"],
        ["april", "abril"],
        ["may", "mayo"],
        ["june", "junio"],
        ["july", "julio"],
        ["august", "agosto"],
        ["september", "septiembre"],
        ["october", "octubre"],
        ["november", "noviembre"],
        ["december", "diciembre"],
    ];
    let text = text.to_lowercase();
    if text.chars().count() < 3 || text.contains(|c: char| !c.is_alphabetic()) {
        return None;
    }
    let at = MONTHS.iter().position(|names| names.iter().any(|name| name.starts_with(&text)))?;
    i8::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iso(text: &str, order: DateOrder) -> Option<String> {
        Some(read(text)?.in_order(order)?.to_string())
    }

    #[test]
    fn dates_are_read_as_they_are_written() {
        for (text, day_first, month_first) in [
            ("2026-11-03", Some("2026-11-03"), Some("2026-11-03")),
            ("2026/11/3", Some("2026-11-03"), Some("2026-11-03")),
            ("2026-11-03 00:00:00", Some("2026-11-03"), Some("2026-11-03")),
            ("2026-11-03T00:00:00", Some("2026-11-03"), Some("2026-11-03")),
            ("3/11/2026", Some("2026-11-03"), Some("2026-03-11")),
            ("03.11.2026", Some("2026-11-03"), Some("2026-03-11")),
            ("3-11-26", Some("2026-11-03"), Some("2026-03-11")),
            ("11/23/2026", None, Some("2026-11-23")),
            ("3 Nov 2026", Some("2026-11-03"), Some("2026-11-03")),
            ("Nov 3, 2026", Some("2026-11-03"), Some("2026-11-03")),
            ("3-ene-26", Some("2026-01-03"), Some("2026-01-03")),
            ("31/02/2026", None, None),
            ("soon", None, None),
            ("2026", None, None),
            ("46023", None, None),
            ("1/2/3", None, None),
            ("01/01/9999", None, None),
        ] {
            assert_eq!(iso(text, DateOrder::DayFirst).as_deref(), day_first, "{text}");
            assert_eq!(iso(text, DateOrder::MonthFirst).as_deref(), month_first, "{text}");
        }
    }

    #[test]
    fn r40_the_order_of_a_file_fits_all_its_dates() {
        let order = |dates: &[&str]| order_of(dates.iter().filter_map(|date| read(date)));
        assert_eq!(order(&["11/23/2026", "2/1/2026"]), Order::One(DateOrder::MonthFirst));
        assert_eq!(order(&["2/1/2026", "23.11.2026"]), Order::One(DateOrder::DayFirst));
        assert_eq!(order(&["3/4/2026", "5/6/2026"]), Order::Unknown);
        assert_eq!(order(&["13/4/2026", "4/13/2026"]), Order::Unknown);
        assert_eq!(order(&["2026-11-03", "5/5/2026", "31/31/2026"]), Order::Any);
    }
}
