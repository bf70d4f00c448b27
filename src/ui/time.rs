//! Points in time on the page.

use std::time::Duration;

use crate::prelude::*;

use crate::intl::{self, Style};

/// The time now, moving on twice a minute, so that *12 min ago* stays true.
#[derive(Clone, Copy)]
pub struct Now(RwSignal<f64>);

impl Now {
    /// Starts it and puts it into the context.
    pub fn provide() -> Self {
        let now = Self(RwSignal::new(intl::now_ms()));
        provide_context(now);
        set_interval(move || now.0.set(intl::now_ms()), Duration::from_secs(30));
        now
    }

    /// Milliseconds since 1970.
    pub fn get(&self) -> f64 {
        self.0.get()
    }
}

/// The time now. Call it in a component's body.
pub fn use_now() -> Now {
    expect_context()
}

/// How a point in time is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeStyle {
    /// `12 min ago`
    Relative,
    /// Today's time, `yesterday 14:02`, `3 Nov`: for tables.
    #[default]
    Short,
    /// In full.
    In(Style),
}

/// A point in time in a zone. The tooltip has it in full, with its zone, and how long ago it was.
#[component]
pub fn Time(
    /// RFC 3339.
    #[prop(into)]
    at: String,
    /// IANA name.
    #[prop(into)]
    zone: String,
    /// How to write it.
    #[prop(optional)]
    style: TimeStyle,
) -> impl IntoView {
    let now = use_now();
    let title = {
        let (at, zone) = (at.clone(), zone.clone());
        move || {
            let ago = intl::relative(&at, now.get());
            [&intl::format(&at, &zone, Style::DateTime), ", ", &intl::zone_label(&zone, now.get()), " · ", &ago]
                .concat()
        }
    };
    let text = {
        let at = at.clone();
        move || match style {
            TimeStyle::Relative => intl::relative(&at, now.get()),
            TimeStyle::Short => intl::short(&at, &zone, now.get()),
            TimeStyle::In(style) => intl::format(&at, &zone, style),
        }
    };
    view! { <time datetime=at title=title>{text}</time> }
}
