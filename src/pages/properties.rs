//! `/properties`

use crate::prelude::*;
use api_types::{Property, PropertyHealth};

use crate::{
    components::{Link, LoadView, PageHeader, use_properties},
    intl,
    routes::Route,
    ui::{Column, EmptyState, Icon, Pill, SkeletonTable, Table, Tone, use_now},
};

/// The properties that the person may see (R33), each with what needs somebody there.
#[component]
pub fn PropertiesPage() -> impl IntoView {
    let properties = use_properties();
    let load = properties.load();
    let facts = move || {
        load.with(|all| {
            all.map(|all| intl::counted(u32::try_from(all.len()).unwrap_or(u32::MAX), "property", "properties"))
        })
    };
    view! {
        <PageHeader title="Properties" facts />
        <LoadView load skeleton=|| view! { <SkeletonTable rows=2 /> } let:all>
            {move || {
                if all.with(Vec::is_empty) {
                    view! {
                        <EmptyState icon=Icon::Building title="No properties">
                            "You manage no property yet. Whoever runs Latchkey for you can add one."
                        </EmptyState>
                    }
                        .into_any()
                } else {
                    view! { <List all /> }.into_any()
                }
            }}
        </LoadView>
    }
}

#[component]
fn List(all: Signal<Vec<Property>>) -> impl IntoView {
    let columns = vec![
        Column::new("Property"),
        Column::new("Time zone"),
        Column::new("Residents"),
        Column::new("Custom codes"),
        Column::new("Doors in order"),
        Column::new("Hubs online"),
        Column::new("Needs you"),
    ];
    view! {
        <Table caption="Properties" columns>
            {move || all.get().into_iter().map(|property| view! { <Row property /> }).collect_view()}
        </Table>
    }
}

#[component]
fn Row(property: Property) -> impl IntoView {
    let now = use_now();
    let zone = property.time_zone;
    let health = property.health;
    view! {
        <tr>
            <th scope="row">
                <Link to=Route::Property(property.id)>{property.name}</Link>
            </th>
            <td data-label="Time zone">{move || intl::zone_label(&zone, now.get())}</td>
            <td data-label="Residents">{intl::number(property.counts.residents)}</td>
            <td data-label="Custom codes">{if property.custom_codes_enabled { "On" } else { "Off" }}</td>
            <td data-label="Doors in order">{of(health.doors_in_order, health.doors)}</td>
            <td data-label="Hubs online">{of(hubs_online(&health), hubs(&health))}</td>
            <td data-label="Needs you" class="nowrap">
                {match health.needs_you_total {
                    0 => view! { <Pill tone=Tone::Good icon=Icon::Check>"Nothing"</Pill> },
                    things => {
                        let words = intl::counted(things, "thing", "things");
                        view! { <Pill tone=Tone::Waiting icon=Icon::Warning>{words}</Pill> }
                    }
                }}
            </td>
        </tr>
    }
}

fn of(part: u32, whole: u32) -> String {
    [&intl::number(part), " of ", &intl::number(whole)].concat()
}

/// How many hubs answer.
pub(super) fn hubs_online(health: &PropertyHealth) -> u32 {
    health.hubs.iter().map(|hub| u32::from(hub.online)).sum()
}

/// How many hubs there are.
pub(super) fn hubs(health: &PropertyHealth) -> u32 {
    u32::try_from(health.hubs.len()).unwrap_or(u32::MAX)
}
