//! The filter by time.

use crate::prelude::*;

use super::zone::Zones;
use crate::{
    intl::{self, Repeated},
    query::{QueryParam, QueryParams},
    ui::{Choice, FilterSelect},
};

const HOUR_MS: f64 = 3_600_000.0;
const DAY_MS: f64 = 24.0 * HOUR_MS;

/// Periods until now: name in the address, label, length in milliseconds.
fn last() -> [(&'static str, &'static str, f64); 4] {
    use t::audit::period;
    [
        ("hour", period::hour(), HOUR_MS),
        ("day", period::day(), DAY_MS),
        ("week", period::week(), 7.0 * DAY_MS),
        ("month", period::month(), 30.0 * DAY_MS),
    ]
}

/// The period between two chosen days, `from` and `to`.
const DAYS: &str = "days";

/// The period, in the address as `period` and, for chosen days, `from` and `to`.
#[derive(Clone, Copy)]
pub struct Period {
    name: QueryParam,
    from: QueryParam,
    to: QueryParam,
    zones: Zones,
}

/// The period from the address.
pub fn use_period(params: QueryParams, zones: Zones) -> Period {
    Period { name: params.param("period"), from: params.param("from"), to: params.param("to"), zones }
}

impl Period {
    /// From (inclusive) and to (exclusive), each empty if unbounded. *To* is the end of its day.
    pub fn instants(&self) -> (String, String) {
        let name = self.name.get();
        if name == DAYS {
            let zone = self.zones.of_days();
            let start = |day: &str| intl::instant_of_local(&[day, "T00:00"].concat(), &zone, Repeated::First);
            let from = start(&self.from.get()).unwrap_or_default();
            let to = next_day(&self.to.get()).and_then(|day| start(&day)).unwrap_or_default();
            return (from, to);
        }
        let last = last().into_iter().find(|(known, ..)| *known == name);
        (last.map(|(.., ms)| intl::instant_text(intl::now_ms() - ms)).unwrap_or_default(), String::new())
    }
}

/// The day after a local day `YYYY-MM-DD`.
fn next_day(day: &str) -> Option<String> {
    let noon = intl::epoch_ms(&[day, "T12:00:00Z"].concat())?;
    Some(intl::day_in_zone(noon + DAY_MS, "UTC"))
}

/// The fields for choosing a period, with two days if it is between days.
#[component]
pub fn PeriodFilter(
    /// The current period.
    period: Period,
) -> impl IntoView {
    let choices = std::iter::once(Choice::new("", t::audit::period::any()))
        .chain(last().map(|(value, label, _)| Choice::new(value, label)))
        .chain(std::iter::once(Choice::new(DAYS, t::audit::period::days())))
        .collect::<Vec<_>>();
    view! {
        <FilterSelect
            label=t::audit::period::label()
            value=period.name.signal()
            choices
            on_change=Callback::new(move |choice: String| period.name.set(choice))
        />
        <Show when=move || period.name.get() == DAYS>
            <Day label=t::audit::period::from() param=period.from />
            <Day label=t::audit::period::to() param=period.to />
        </Show>
    }
}

#[component]
fn Day(label: &'static str, param: QueryParam) -> impl IntoView {
    view! {
        <label class="filter-day">
            <span>{label}</span>
            <input type="date" prop:value=param.signal() on:change=move |event| param.set(event_target_value(&event)) />
        </label>
    }
}
