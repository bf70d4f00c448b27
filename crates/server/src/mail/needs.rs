//! What needs attention, in the words that the console has for it: they are read from its own texts, so that a letter and the
//! overview never say it differently.

use std::sync::LazyLock;

use api_types::{Language, MaybeKnown, Need, NeedCause, NeedCodes, NeedOf, PlacementReason, PlacementStatus};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

/// The console's texts of one language, by the name of their file.
struct Texts {
    overview: Value,
    lock: Value,
    doors: Value,
}

static ENGLISH: LazyLock<Texts> = LazyLock::new(|| Texts {
    overview: parse(include_str!("../../../../locales/en/overview.json")),
    lock: parse(include_str!("../../../../locales/en/lock.json")),
    doors: parse(include_str!("../../../../locales/en/doors.json")),
});

static SPANISH: LazyLock<Texts> = LazyLock::new(|| Texts {
    overview: parse(include_str!("../../../../locales/es/overview.json")),
    lock: parse(include_str!("../../../../locales/es/lock.json")),
    doors: parse(include_str!("../../../../locales/es/doors.json")),
});

fn parse(text: &str) -> Value {
    serde_json::from_str(text).expect("the console's texts are JSON")
}

fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

/// A cause in a sentence, with how many doors and codes it concerns; times are those of that zone.
pub(super) fn sentence(need: &Need, zone: &TimeZone, language: Language) -> String {
    let texts = texts(language);
    let name = need.name.as_deref().unwrap_or_default();
    let cause = |key| text(&texts.overview, &["cause", key]);
    let reason = || {
        let reason = need.reason.as_ref().and_then(MaybeKnown::known).unwrap_or(PlacementReason::Other);
        text(&texts.lock, &["reason", reason.name()])
    };
    let sentence = match need.cause {
        NeedCause::HubOffline => since(cause("hub_offline"), need, zone, language).replace("{{name}}", name),
        NeedCause::LockOffline => since(cause("lock_offline"), need, zone, language).replace("{{name}}", name),
        NeedCause::Failed => cause("failed").replace("{{reason}}", reason()),
        NeedCause::NotRemoved => cause("not_removed").replace("{{reason}}", reason()),
        NeedCause::UnknownCodes => cause("unknown_codes").to_owned(),
        NeedCause::BatteryLow => cause("battery_low").to_owned(),
    };
    let doors = (need.cause != NeedCause::LockOffline).then(|| counted(&texts.doors, &["doors"], need.doors));
    let codes = need.codes.iter().map(|codes| codes_words(texts, codes));
    [sentence].into_iter().chain(doors).chain(codes).collect::<Vec<_>>().join(". ") + "."
}

/// How many codes of one kind, as the overview says it.
fn codes_words(texts: &Texts, codes: &NeedCodes) -> String {
    let keys = match (codes.of, codes.status) {
        (NeedOf::Guest, PlacementStatus::BeingRemoved) => ["guests", "still_open"],
        (NeedOf::Guest, PlacementStatus::Failed) => ["guests", "not_on"],
        (NeedOf::Guest, _) => ["guests", "wait"],
        (NeedOf::FormerResident, _) => ["people", "former_still_open"],
        (NeedOf::Resident, PlacementStatus::BeingRemoved) => ["people", "still_open"],
        (NeedOf::Resident, PlacementStatus::Failed) => ["people", "not_on"],
        (NeedOf::Resident, _) => ["people", "wait"],
    };
    counted(&texts.overview, &keys, codes.count)
}

/// Puts in when it began, to the minute.
fn since(text: &str, need: &Need, zone: &TimeZone, language: Language) -> String {
    let format = match language {
        Language::English => "%b %-d, %-I:%M %p",
        Language::Spanish => "%-d/%-m, %H:%M",
    };
    let at: Option<Timestamp> = need.since.0.parse().ok();
    let at = at.map(|at| at.to_zoned(zone.clone()).strftime(format).to_string());
    text.replace("<time></time>", &at.unwrap_or_else(|| need.since.0.clone()))
}

/// A text that counts, in the form for that number. Both languages have one for 1 and one for all others.
fn counted(texts: &Value, keys: &[&str], count: u32) -> String {
    let (last, before) = keys.split_last().expect("a key");
    let form = if count == 1 { format!("{last}_one") } else { format!("{last}_other") };
    let keys: Vec<&str> = before.iter().copied().chain([form.as_str()]).collect();
    text(texts, &keys).replace("{{count}}", &count.to_string())
}

fn text<'a>(texts: &'a Value, keys: &[&str]) -> &'a str {
    let found = keys.iter().try_fold(texts, |texts, key| texts.get(key)).and_then(Value::as_str);
    // A test says every sentence there is.
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use api_types::Instant;

    use super::*;

    fn need(cause: NeedCause) -> Need {
        Need {
            cause,
            hub_id: None,
            door_id: None,
            name: Some("East wing".into()),
            reason: None,
            since: Instant("2026-11-03T16:05:00Z".into()),
            doors: 82,
            codes: Vec::new(),
        }
    }

    #[test]
    fn a_cause_is_said_as_the_overview_says_it() {
        let zone = TimeZone::get("America/Denver").expect("a zone");
        let mut offline = need(NeedCause::HubOffline);
        offline.codes = vec![
            NeedCodes { status: PlacementStatus::BeingRemoved, of: NeedOf::FormerResident, count: 1 },
            NeedCodes { status: PlacementStatus::Waiting, of: NeedOf::Guest, count: 3 },
        ];
        assert_eq!(
            sentence(&offline, &zone, Language::English),
            "East wing offline since Nov 3, 9:05 AM. 82 doors. 1 former resident’s code still opens. 3 guest codes wait."
        );
        assert_eq!(
            sentence(&offline, &zone, Language::Spanish),
            "East wing sin conexión desde 3/11, 09:05. 82 puertas. El código de 1 exresidente todavía abre. \
             3 códigos de invitado esperan."
        );
        let mut failed = need(NeedCause::Failed);
        (failed.reason, failed.doors) = (Some(PlacementReason::SlotsFull.into()), 1);
        assert_eq!(sentence(&failed, &zone, Language::English), "Locks can’t take codes: lock is full. 1 door.");
    }

    #[test]
    fn every_text_is_there() {
        for &language in Language::ALL {
            for cause in NeedCause::ALL {
                for reason in PlacementReason::ALL {
                    let mut all = need(*cause);
                    all.reason = Some((*reason).into());
                    for of in NeedOf::ALL {
                        for status in PlacementStatus::ALL {
                            for count in [1, 2] {
                                all.codes = vec![NeedCodes { status: *status, of: *of, count }];
                                let text = sentence(&all, &TimeZone::UTC, language);
                                assert!(!text.contains("{{") && !text.contains('<'), "{text}");
                                let last = text.strip_suffix('.').expect("sentences");
                                assert!(!last.split([':', '.', ',']).any(|part| part.trim().is_empty()), "{text}");
                            }
                        }
                    }
                }
            }
        }
    }
}
