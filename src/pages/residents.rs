//! `/properties/{property}/residents`

use std::time::Duration;

use crate::prelude::*;
use api_types::{CodeOrigin, PlacementStatus, Resident};
use uuid::Uuid;

use crate::{
    api::{self, residents::ResidentsQuery},
    components::{ListView, PageHeader, SecretCode, StatusPill, status_name, use_properties},
    intl,
    load::Pages,
    query::use_query_params,
    ui::{
        Button, ButtonKind, Choice, Column, EmptyState, FilterSearch, FilterSelect, Icon, SkeletonTable, Table, Time,
        use_now,
    },
};

/// How often the list is read again while a code is on its way to a lock.
const REFRESH: Duration = Duration::from_secs(4);

/// What the list is sorted by when the address doesn't say.
const SORT: &str = "name";

/// The residents of a property with their codes, masked (R30). Search, filters and order are in the address.
#[component]
pub fn ResidentsPage(
    /// The property.
    property: Uuid,
) -> impl IntoView {
    let scope = use_properties();
    let now = use_now();
    let params = use_query_params();
    let (q, unit) = (params.param("q"), params.param("unit"));
    let (origin, status, sort) = (params.param("origin"), params.param("status"), params.param("sort"));
    let pages = Pages::new(
        move || {
            Some(ResidentsQuery {
                q: q.get(),
                unit: unit.get(),
                origin: origin.get(),
                status: status.get(),
                sort: sort.get(),
            })
        },
        move |query, cursor| async move { api::residents::list(property, &query, cursor).await },
    );
    let moving = |status| matches!(status, PlacementStatus::Sending | PlacementStatus::BeingRemoved);
    pages.refresh_every(REFRESH, move || pages.items().with(|rows| rows.iter().any(|row| moving(row.code.status))));

    let facts = move || {
        scope.property(property).map(|property| {
            let counts = property.counts;
            let people = intl::counted(counts.residents, "person", "people");
            let units = intl::counted(counts.units, "unit", "units");
            let zone = intl::zone_label(&property.time_zone, now.get());
            [&people, " in ", &units, " · Times are ", &zone].concat()
        })
    };
    let filtered = params.any(&["q", "unit", "origin", "status"]);
    let sorted_by = Signal::derive(move || Some(sort.get()).filter(|sort| !sort.is_empty()).unwrap_or(SORT.to_owned()));
    let on_sort = Callback::new(move |key: String| sort.set(if key == SORT { String::new() } else { key }));
    // The order is a taste, not a filter: it stays.
    let clear = Callback::new(move |()| {
        let order = sort.get_untracked();
        params.clear();
        sort.set(order);
    });
    view! {
        <PageHeader title="Residents" facts />
        <div class="filters" role="search">
            <FilterSearch
                label="Name or unit"
                value=q.signal()
                on_change=Callback::new(move |text: String| q.set(text))
            />
            <FilterSelect
                label="Origin"
                value=origin.signal()
                choices=vec![
                    Choice::new("", "Any origin"),
                    Choice::new("custom", origin_name(CodeOrigin::Custom)),
                    Choice::new("random", origin_name(CodeOrigin::Random)),
                ]
                on_change=Callback::new(move |choice: String| origin.set(choice))
            />
            <FilterSelect
                label="Status"
                value=status.signal()
                choices=status_choices()
                on_change=Callback::new(move |choice: String| status.set(choice))
            />
            <Show when=move || !unit.get().is_empty()>
                <Button icon=Icon::X on_press=Callback::new(move |()| unit.set(""))>
                    "Unit " {move || unit.get()} <span class="visually-hidden">": show all units"</span>
                </Button>
            </Show>
            <Show when=move || filtered.get()>
                <Button kind=ButtonKind::Quiet on_press=clear>"Clear filters"</Button>
            </Show>
        </div>
        <ListView
            pages
            filtered
            skeleton=|| view! { <SkeletonTable rows=10 /> }
            empty=|| {
                view! {
                    <EmptyState icon=Icon::Users title="No residents yet">
                        "Residents come with a roster: a list of units, names and dates."
                    </EmptyState>
                }
            }
            no_results=move || {
                view! {
                    <EmptyState icon=Icon::Search title="Nobody found">
                        <p>"No resident fits what you are looking for."</p>
                        <Button on_press=clear>"Clear filters"</Button>
                    </EmptyState>
                }
            }
            let:rows
        >
            <Table caption="Residents and their codes" columns=columns() sort=sorted_by on_sort>
                <For each=move || rows.get() key=row_key let(resident)>
                    <Row resident zone=scope.zone(property) />
                </For>
            </Table>
            <p class="table-note">"Seeing a code asks for a reason, and the resident sees that you looked."</p>
        </ListView>
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::sortable("Name", SORT),
        Column::sortable("Unit", "unit"),
        Column::new("Code"),
        Column::new("Origin"),
        Column::new("On the lock"),
        Column::sortable("Changed", "changed"),
    ]
}

/// A resident's code is in at most four of the six statuses: what is removed isn't theirs any more.
fn status_choices() -> Vec<Choice> {
    let some = PlacementStatus::ALL.into_iter().filter(|status| *status != PlacementStatus::Removed);
    let named = some.map(|status| Choice::new(status.name(), status_name(status)));
    std::iter::once(Choice::new("", "Any status")).chain(named).collect()
}

const fn origin_name(origin: CodeOrigin) -> &'static str {
    match origin {
        CodeOrigin::Random => "Random",
        CodeOrigin::Custom => "Custom",
    }
}

/// All that can change in a row, so that it is made again when it does.
fn row_key(resident: &Resident) -> (Uuid, Uuid, &'static str, Option<String>) {
    let code = &resident.code;
    let since = code.placements.iter().find(|placement| placement.status == code.status);
    (resident.id, code.id, code.status.name(), since.map(|placement| placement.since.as_str().to_owned()))
}

#[component]
fn Row(resident: Resident, zone: String) -> impl IntoView {
    let code = resident.code;
    let worst = code.placements.into_iter().find(|placement| placement.status == code.status);
    let (since, reason) = worst.map_or((None, None), |worst| (Some(worst.since), worst.reason));
    let whose = [&resident.name, "’s code"].concat();
    // A waiting pill has its time already.
    let since_words = since.clone().filter(|_| code.status != PlacementStatus::Waiting).map(|since| {
        view! {
            <span class="since">"since " <Time at=since.0 zone=zone.clone() /></span>
        }
    });
    view! {
        <tr>
            <th scope="row">{resident.name}</th>
            <td data-label="Unit">{resident.unit}</td>
            <td data-label="Code">
                <SecretCode id=code.id length=code.length whose ask_reason=true compact=true />
            </td>
            <td data-label="Origin">{origin_name(code.origin)}</td>
            <td data-label="On the lock">
                <StatusPill status=code.status since reason zone=zone.clone() />
                {since_words}
            </td>
            <td data-label="Changed" class="second nowrap"><Time at=code.changed_at.0 zone /></td>
        </tr>
    }
}
