//! Windows of a guest code as an iCalendar file (RFC 5545), for the guest's calendar. Never with digits.

use std::fmt::Write;

use guest_windows::Window;
use jiff::Timestamp;

/// The most windows that a file has.
pub const MAX_EVENTS: usize = 60;

/// The most octets of a line; longer ones are folded.
const MAX_LINE: usize = 75;

/// An event for each window that ends, in UTC; `None` if there is none.
///
/// The name of an event says the same in every language: the property, and the doors as its place.
pub fn file(windows: impl Iterator<Item = Window>, property: &str, doors: &str, now: Timestamp) -> Option<String> {
    let mut file = String::new();
    let mut any = false;
    line(&mut file, "BEGIN:VCALENDAR");
    line(&mut file, "VERSION:2.0");
    line(&mut file, "PRODID:-//Latchkey//Guest pass//EN");
    for window in windows {
        let Some(ends_at) = window.ends_at else { continue };
        any = true;
        let starts_at = utc(window.starts_at);
        line(&mut file, "BEGIN:VEVENT");
        // The same event whenever the same pass is added, so that a calendar shows it once.
        line(&mut file, &format!("UID:{starts_at}-{:08x}@latchkey", checksum(&[property, doors])));
        line(&mut file, &format!("DTSTAMP:{}", utc(now)));
        line(&mut file, &format!("DTSTART:{starts_at}"));
        line(&mut file, &format!("DTEND:{}", utc(ends_at)));
        line(&mut file, &format!("SUMMARY:{}", escaped(property)));
        line(&mut file, &format!("LOCATION:{}", escaped(doors)));
        line(&mut file, "END:VEVENT");
    }
    line(&mut file, "END:VCALENDAR");
    any.then_some(file)
}

fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// FNV-1a: it only has to differ where the texts do.
fn checksum(texts: &[&str]) -> u32 {
    let bytes = texts.iter().flat_map(|text| text.bytes().chain([0]));
    bytes.fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ',' | ';' => {
                let _ = write!(escaped, "\\{letter}");
            }
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Appends a line, folded between two characters wherever it would be too long.
fn line(file: &mut String, content: &str) {
    let mut octets = 0;
    for letter in content.chars() {
        if octets + letter.len_utf8() > MAX_LINE {
            file.push_str("\r\n ");
            octets = 1;
        }
        octets += letter.len_utf8();
        file.push(letter);
    }
    file.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_and_names_escaped() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let window = Window { starts_at: at("2026-06-15T20:00:00Z"), ends_at: Some(at("2026-06-15T22:00:00Z")) };
        let doors = "Tür, ".repeat(40);
        let file =
            file([window].into_iter(), "Juniper; Flats\\", &doors, at("2026-06-15T18:00:00Z")).expect("an event");
        assert!(file.contains("SUMMARY:Juniper\\; Flats\\\\\r\n"));
        assert!(file.split("\r\n").all(|line| line.len() <= MAX_LINE), "{file}");
        let unfolded = file.replace("\r\n ", "");
        assert!(unfolded.contains(&format!("LOCATION:{}\r\n", doors.replace(',', "\\,"))));
        assert!(unfolded.contains("DTSTART:20260615T200000Z\r\nDTEND:20260615T220000Z\r\n"));
    }

    #[test]
    fn what_never_ends_is_no_event() {
        let window = Window { starts_at: Timestamp::UNIX_EPOCH, ends_at: None };
        assert_eq!(file([window].into_iter(), "Juniper Flats", "Gym", Timestamp::UNIX_EPOCH), None);
    }
}
