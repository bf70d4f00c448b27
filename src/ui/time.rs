//! Points in time on the page.

use std::time::Duration;

use crate::prelude::*;
use leptos::ev;
use wasm_bindgen::JsCast;

use crate::intl::{self, Style};

/// The current time, updated twice a minute, so that *12 min ago* stays true.
#[derive(Clone, Copy)]
pub struct Now(RwSignal<f64>);

impl Now {
    /// Starts it and puts it into the context.
    pub fn provide() -> Self {
        let now = Self(RwSignal::new(intl::now_ms()));
        provide_context(now);
        set_interval(move || now.0.set(intl::now_ms()), Duration::from_secs(30));
        // Never removed: it lives as long as the page.
        let _ = window_event_listener(ev::pointerover, move |event| set_tooltip(&event, now));
        now
    }

    /// Milliseconds since 1970.
    pub fn get(&self) -> f64 {
        self.0.get()
    }
}

/// The current time. Call it in a component's body.
pub fn use_now() -> Now {
    expect_context()
}

/// How a point in time is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeStyle {
    /// `12 min ago`
    Relative,
    /// The time if today, `yesterday 14:02`, `3 Nov`: for tables.
    #[default]
    Short,
    /// In full.
    In(Style),
}

/// The attribute from which the tooltip takes the zone.
const ZONE: &str = "data-zone";

/// The tooltip of a point in time: in full, with its zone, and how long ago it was. Created on hover, since a table has
/// hundreds of times and few are ever pointed at.
fn set_tooltip(event: &web_sys::PointerEvent, now: Now) {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let Some(time) = target.and_then(|target| target.closest("time").ok().flatten()) else { return };
    let Some((at, zone)) = time.get_attribute("datetime").zip(time.get_attribute(ZONE)) else { return };
    let now = now.0.get_untracked();
    let full = intl::format(&at, &zone, Style::DateTime);
    let title = [&full, ", ", &intl::zone_label(&zone, now), " · ", &intl::relative(&at, now)].concat();
    let _ = time.set_attribute("title", &title);
}

/// A point in time in a zone, with the full time as the tooltip.
#[component]
pub fn Time(
    /// RFC 3339.
    #[prop(into)]
    at: String,
    /// The IANA time zone.
    #[prop(into)]
    zone: String,
    /// How to show it.
    #[prop(optional)]
    style: TimeStyle,
) -> impl IntoView {
    let now = use_now();
    let text = {
        let (at, zone) = (at.clone(), zone.clone());
        move || match style {
            TimeStyle::Relative => intl::relative(&at, now.get()),
            TimeStyle::Short => intl::short(&at, &zone, now.get()),
            TimeStyle::In(style) => intl::format(&at, &zone, style),
        }
    };
    view! { <time datetime=at data-zone=zone>{text}</time> }
}
