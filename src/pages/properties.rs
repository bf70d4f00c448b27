//! `/properties`

use crate::prelude::*;
use api_types::{PropertyInBrief, Role};

use crate::{
    components::{Link, LoadView, PageHeader, use_properties},
    intl,
    routes::Route,
    session::use_session,
    ui::{Column, EmptyState, Icon, Pill, SkeletonTable, Table, Tone, use_now},
};

/// The properties that the person may see (R33), each with what needs attention there.
#[component]
pub fn PropertiesPage() -> impl IntoView {
    let properties = use_properties();
    let administrator = use_session().is(Role::Administrator);
    let load = properties.load();
    let facts =
        move || load.with(|all| all.map(|all| t::properties::properties(u32::try_from(all.len()).unwrap_or(u32::MAX))));
    view! {
        <PageHeader title=t::properties::title() facts>
            {administrator.then(|| view! { <Link to=Route::PropertyNew>{t::properties::add()}</Link> })}
        </PageHeader>
        <LoadView load skeleton=|| view! { <SkeletonTable rows=2 /> } let:all>
            {move || {
                if all.with(Vec::is_empty) {
                    view! {
                        <EmptyState icon=Icon::Building title=t::properties::empty::title()>
                            {if administrator { t::properties::empty::first() } else { t::properties::empty::hint() }}
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
fn List(all: Signal<Vec<PropertyInBrief>>) -> impl IntoView {
    let columns = vec![
        Column::new(t::properties::columns::name()),
        Column::new(t::properties::columns::time_zone()),
        Column::new(t::properties::columns::residents()),
        Column::new(t::properties::columns::custom_codes()),
        Column::new(t::properties::columns::doors()),
        Column::new(t::properties::columns::hubs()),
        Column::new(t::properties::columns::needs_you()),
    ];
    view! {
        <Table caption=t::properties::title() columns>
            {move || all.get().into_iter().map(|property| view! { <Row property /> }).collect_view()}
        </Table>
    }
}

#[component]
fn Row(property: PropertyInBrief) -> impl IntoView {
    let now = use_now();
    let zone = property.time_zone;
    let health = property.health;
    view! {
        <tr>
            <th scope="row">
                <Link to=Route::Property(property.id)>{property.name}</Link>
            </th>
            <td data-label=t::properties::columns::time_zone()>{move || intl::zone_label(&zone, now.get())}</td>
            <td data-label=t::properties::columns::residents()>{intl::number(property.counts.residents)}</td>
            <td data-label=t::properties::columns::custom_codes()>
                {if property.custom_codes_enabled { t::properties::on() } else { t::properties::off() }}
            </td>
            <td data-label=t::properties::columns::doors()>{of(health.doors_in_order, health.doors)}</td>
            <td data-label=t::properties::columns::hubs()>{of(count(health.hubs.iter().filter(|hub| hub.online).count()), count(health.hubs.len()))}</td>
            <td data-label=t::properties::columns::needs_you() class="nowrap">
                {match count(health.needs.len()) {
                    0 => view! { <Pill tone=Tone::Good icon=Icon::Check>{t::properties::nothing()}</Pill> },
                    things => {
                        let words = t::properties::things(things);
                        view! { <Pill tone=Tone::Waiting icon=Icon::Warning>{words}</Pill> }
                    }
                }}
            </td>
        </tr>
    }
}

fn count(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}

fn of(part: u32, whole: u32) -> String {
    t::properties::share(&intl::number(part), &intl::number(whole))
}
