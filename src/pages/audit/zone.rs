//! The zone in which the log's times are shown.

use crate::prelude::*;
use api_types::Role;
use ids::PropertyId;

use crate::{
    components::{PropertyScope, use_properties},
    intl,
    query::{QueryParam, QueryParams},
    session::use_session,
    ui::{Choice, FilterSelect, Now, use_now},
};

/// The zone of the log's times: UTC, this device's, or the property's own. In the address as `zone`.
#[derive(Clone, Copy)]
pub struct Zones {
    param: QueryParam,
    property: QueryParam,
    scope: PropertyScope,
    now: Now,
    /// The default: a manager works in the property's time, support with many properties.
    usual: &'static str,
}

/// The zone from the address. Call it in a component's body.
pub fn use_zones(params: QueryParams) -> Zones {
    let usual = if use_session().is(Role::Support) { "utc" } else { "property" };
    Zones {
        param: params.param("zone"),
        property: params.param("property"),
        scope: use_properties(),
        now: use_now(),
        usual,
    }
}

impl Zones {
    /// `utc`, `local` or `property`.
    pub fn choice(&self) -> String {
        let choice = self.param.get();
        if matches!(choice.as_str(), "utc" | "local" | "property") { choice } else { self.usual.to_owned() }
    }

    /// Chooses another one.
    pub fn choose(&self, choice: String) {
        self.param.set(if choice == self.usual { String::new() } else { choice });
    }

    /// The IANA time zone for an event of that property.
    pub fn of(&self, property: Option<PropertyId>) -> String {
        match (self.choice().as_str(), property) {
            ("local", _) => intl::device_zone(),
            ("property", Some(property)) => self.scope.zone(property),
            _ => "UTC".to_owned(),
        }
    }

    /// The zone of the days in a filter: that of the filter's property, or of the only one.
    pub fn of_days(&self) -> String {
        self.of(self.one_property())
    }

    fn one_property(&self) -> Option<PropertyId> {
        self.property.get().parse().ok().or_else(|| match self.scope.all().as_slice() {
            [only] => Some(only.id),
            _ => None,
        })
    }

    /// `Times are Denver time (MDT)`
    pub fn sentence(&self) -> String {
        let property = self.one_property();
        if self.choice() == "property" && property.is_none() {
            return t::audit::zone::times_property().to_owned();
        }
        match self.of(property).as_str() {
            "UTC" => t::audit::zone::times_utc().to_owned(),
            zone => t::audit::zone::times(&intl::zone_label(zone, self.now.get())),
        }
    }
}

/// The field for choosing a zone.
#[component]
pub fn ZoneFilter(
    /// The current choice.
    zones: Zones,
) -> impl IntoView {
    let choices = derived(move || {
        let of_property = zones.one_property().map_or_else(
            || t::audit::zone::property().to_owned(),
            |property| intl::zone_label(&zones.scope.zone(property), zones.now.get()),
        );
        vec![
            Choice::new("utc", "UTC"),
            Choice::new("property", of_property),
            Choice::new("local", t::audit::zone::device()),
        ]
    });
    view! {
        <FilterSelect
            label=t::audit::zone::label()
            value=derived(move || zones.choice())
            choices
            on_change=Callback::new(move |choice| zones.choose(choice))
        />
    }
}
