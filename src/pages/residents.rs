//! `/properties/{property}/residents`

use std::mem;

use crate::prelude::*;
use api_types::{CodeOrigin, LiveKind, MaybeKnown, PlacementStatus, Resident};
use ids::PropertyId;

use crate::{
    api::{self, residents::ResidentsQuery},
    components::{
        Link, ListRows, ListView, MaskedCode, OnlyCounted, PageHeader, PlacementPill, StatusPill, status_name,
        use_properties, which_code,
    },
    intl,
    load::Pages,
    query::use_query_params,
    routes::Route,
    ui::{
        Button, ButtonKind, Choice, Column, EmptyState, FilterSearch, FilterSelect, Icon, SkeletonTable, Table, Time,
        use_now,
    },
};

/// The default order.
const SORT: &str = "name";

/// The residents of a property with their codes, masked (R30). Search, filters and order are in the address.
#[component]
pub fn ResidentsPage(
    /// The property.
    property: PropertyId,
) -> impl IntoView {
    let scope = use_properties();
    let now = use_now();
    let params = use_query_params();
    let (q, unit) = (params.param("q"), params.param("unit"));
    let (origin, status, sort) = (params.param("origin"), params.param("status"), params.param("sort"));
    let (tenancy, counted) = (params.param("tenancy"), params.counted());
    let current_query = move || ResidentsQuery {
        q: q.get(),
        unit: unit.get(),
        origin: origin.get(),
        status: status.get(),
        sort: sort.get(),
        counted: counted.get(),
    };
    let pages = Pages::new(
        move || Some(current_query()),
        move |query, cursor| async move { api::residents::list(property, &query, cursor).await },
    );
    pages.follow_changes(&[LiveKind::Resident], property.uuid(), || true);

    let facts = move || {
        scope.property(property).map(|property| {
            let counts = property.counts;
            let people = t::residents::people_in_units(counts.residents, &t::residents::units(counts.units));
            let times = t::residents::times(&intl::zone_label(&property.time_zone, now.get()));
            [&people, " · ", &times].concat()
        })
    };
    let filtered = params.any(&[
        "q",
        "unit",
        "origin",
        "status",
        "tenancy",
        "app",
        "on_lock",
        "hub",
        "door",
        "reason",
        "reachable",
    ]);
    let sorted_by = derived(move || Some(sort.get()).filter(|sort| !sort.is_empty()).unwrap_or(SORT.to_owned()));
    let on_sort = Callback::new(move |key| sort.set(order(key)));
    let prefetch = move |query: ResidentsQuery| api::residents::prefetch(property, &query);
    let on_sort_press =
        Callback::new(move |key| prefetch(ResidentsQuery { sort: order(key), ..untrack(current_query) }));
    let prefetch_options = move |choices: fn() -> Vec<Choice>, filter: fn(&mut ResidentsQuery) -> &mut String| {
        Callback::new(move |()| {
            for choice in choices() {
                let mut query = untrack(current_query);
                if mem::replace(filter(&mut query), choice.value.clone()) != choice.value {
                    prefetch(query);
                }
            }
        })
    };
    // The order isn't a filter: it stays.
    let clear = Callback::new(move |()| {
        let order = sort.get_untracked();
        params.clear();
        sort.set(order);
    });
    view! {
        <PageHeader title=t::residents::title() facts>
            <Link to=Route::Invitations(property) class=ButtonKind::Secondary.class()>{t::residents::invite()}</Link>
            <Link to=Route::Roster(property) class=ButtonKind::Secondary.class()>{t::residents::roster()}</Link>
        </PageHeader>
        <div class="filters" role="search">
            <FilterSearch
                label=t::residents::filters::words()
                value=q.signal()
                on_change=Callback::new(move |text: String| q.set(text))
            />
            <FilterSelect
                label=t::residents::filters::origin()
                value=origin.signal()
                choices=origin_choices()
                on_change=Callback::new(move |choice: String| origin.set(choice))
                on_open=prefetch_options(origin_choices, |query| &mut query.origin)
            />
            <FilterSelect
                label=t::residents::filters::status()
                value=status.signal()
                choices=status_choices()
                on_change=Callback::new(move |choice: String| status.set(choice))
                on_open=prefetch_options(status_choices, |query| &mut query.status)
            />
            <FilterSelect
                label=t::residents::filters::tenancy()
                value=tenancy.signal()
                choices=vec![
                    Choice::new("", t::residents::filters::not_former()),
                    Choice::new("current", t::residents::filters::current()),
                    Choice::new("upcoming", t::residents::filters::upcoming()),
                    Choice::new("former", t::residents::filters::former()),
                ]
                on_change=Callback::new(move |choice: String| tenancy.set(choice))
            />
            <OnlyCounted />
            <Show when=move || !unit.get().is_empty()>
                <Button icon=Icon::X on_press=Callback::new(move |()| unit.set(""))>
                    {move || t::residents::filters::unit(&unit.get())}
                    <span class="visually-hidden">": " {t::residents::filters::all_units()}</span>
                </Button>
            </Show>
            <Show when=move || filtered.get()>
                <Button kind=ButtonKind::Quiet on_press=clear>{t::residents::filters::clear()}</Button>
            </Show>
        </div>
        <ListView
            pages
            filtered
            skeleton=|| view! { <SkeletonTable rows=10 /> }
            empty=move || {
                view! {
                    <EmptyState icon=Icon::Users title=t::residents::empty::title()>
                        <p>{t::residents::empty::hint()}</p>
                        <Link to=Route::Roster(property) class=ButtonKind::Secondary.class()>
                            {t::residents::empty::roster()}
                        </Link>
                    </EmptyState>
                }
            }
            no_results=move || {
                view! {
                    <EmptyState icon=Icon::Search title=t::residents::no_results::title()>
                        <p>{t::residents::no_results::hint()}</p>
                        <Button on_press=clear>{t::residents::filters::clear()}</Button>
                    </EmptyState>
                }
            }
        >
            <Table
                windowed="columns-residents"
                caption=t::residents::caption()
                columns=columns()
                sort=sorted_by
                on_sort
                on_sort_press
            >
                <ListRows pages key=row_key let(resident)>
                    <Row resident property zone=scope.zone(property) />
                </ListRows>
            </Table>
            <p class="table-note">{t::residents::note()}</p>
        </ListView>
    }
}

/// The order as written in the address.
fn order(key: String) -> String {
    if key == SORT { String::new() } else { key }
}

fn columns() -> Vec<Column> {
    vec![
        Column::sortable(t::residents::columns::name(), SORT),
        Column::sortable(t::residents::columns::unit(), "unit"),
        Column::new(t::residents::columns::code()),
        Column::new(t::residents::columns::origin()),
        Column::new(t::residents::columns::on_the_lock()),
        Column::sortable(t::residents::columns::changed(), "changed"),
    ]
}

fn origin_choices() -> Vec<Choice> {
    vec![
        Choice::new("", t::residents::filters::any_origin()),
        Choice::new("custom", origin_name(CodeOrigin::Custom)),
        Choice::new("random", origin_name(CodeOrigin::Random)),
    ]
}

/// All statuses but *Removed*: a removed code isn't the resident's any more.
fn status_choices() -> Vec<Choice> {
    let some = PlacementStatus::ALL.iter().copied().filter(|status| *status != PlacementStatus::Removed);
    let named = some.map(|status| Choice::new(status.name(), status_name(status)));
    std::iter::once(Choice::new("", t::residents::filters::any_status())).chain(named).collect()
}

fn origin_name(origin: CodeOrigin) -> &'static str {
    match origin {
        CodeOrigin::Random => t::residents::origins::random(),
        CodeOrigin::Custom => t::residents::origins::custom(),
    }
}

/// Everything that can change in a row, so that it is created again when it does.
fn row_key(resident: &Resident) -> String {
    let code = &resident.code;
    let mut key = [resident.id.to_string(), code.id.to_string()].concat();
    let worst = code.placements.iter().find(|placement| placement.status == code.status);
    for placement in worst.into_iter().chain(&resident.other_codes) {
        key.push_str(placement.status.name());
        key.push_str(placement.since.as_str());
        key.push_str(placement.reason.as_ref().map_or("", MaybeKnown::name));
    }
    key
}

#[component]
fn Row(resident: Resident, property: PropertyId, zone: String) -> impl IntoView {
    let code = resident.code;
    let worst = code.placements.into_iter().find(|placement| placement.status == code.status);
    let (since, reason) = worst.map_or((None, None), |worst| (Some(worst.since), worst.reason));
    // The digits of a code that has ended aren't shown any more.
    let code_cell = match (resident.ended_at, resident.move_out) {
        (Some(_), last) => {
            let day = last.map(|last| intl::local_day(&last)).unwrap_or_default();
            view! { <span class="second">{t::residents::moved_out(&day)}</span> }.into_any()
        }
        (None, _) => {
            let whose = t::residents::whose(&resident.name);
            view! { <MaskedCode id=code.id length=code.length whose /> }.into_any()
        }
    };
    // The pill for waiting already has its time.
    let since_words = since.clone().filter(|_| code.status != PlacementStatus::Waiting).map(|since| {
        let [before, _, after] = t::residents::since();
        view! {
            <span class="since">{before} <Time at=since.0 zone=zone.clone() /> {after}</span>
        }
    });
    // What else of theirs a lock may still hold, or the row would contradict what the overview counts.
    let others = resident
        .other_codes
        .into_iter()
        .map(|other| {
            let which = which_code(&other);
            view! {
                <span class="other-code">
                    <span class="small second">{which}</span> <PlacementPill placement=other zone=zone.clone() />
                </span>
            }
        })
        .collect_view();
    view! {
        <tr>
            <th scope="row">
                <Link to=Route::Resident { property, resident: resident.id }>{resident.name}</Link>
            </th>
            <td data-label=t::residents::columns::unit()>{resident.unit}</td>
            <td data-label=t::residents::columns::code()>
                {code_cell}
            </td>
            <td data-label=t::residents::columns::origin()>{origin_name(code.origin)}</td>
            <td class="on-lock" data-label=t::residents::columns::on_the_lock()>
                <StatusPill status=code.status since reason zone=zone.clone() />
                {since_words} {others}
            </td>
            <td data-label=t::residents::columns::changed() class="second nowrap"><Time at=code.changed_at.0 zone /></td>
        </tr>
    }
}
