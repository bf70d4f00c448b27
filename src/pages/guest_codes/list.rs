//! `/properties/{property}/guest-codes` and `/my-access/guest-codes`

use std::time::Duration;

use crate::prelude::*;
use api_types::{Door, GuestCode};

use super::{Whose, doors_of, offer};
use crate::{
    api::{self, guest_codes::GuestCodesQuery},
    components::{
        GUEST_CODE_KINDS, GUEST_CODE_STATES, GuestCodeOnLocks, GuestCodeStateView, Link, ListView, PageHeader,
        door_names, guest_code_is_moving, guest_code_kind_name, guest_code_kind_value, guest_code_state_name,
        guest_code_state_value, recurrence_days, when_text,
    },
    intl,
    load::{Load, Pages},
    query::use_query_params,
    routes::Route,
    ui::{Button, ButtonKind, Choice, Column, EmptyState, FilterSelect, Icon, IconView, SkeletonTable, Table, use_now},
};

/// How often the list is read again while a code is on its way to a lock or off it.
const REFRESH: Duration = Duration::from_secs(4);

/// How many doors a row names.
const DOORS_NAMED: usize = 2;

/// Guest codes, newest first; the filters are in the address, guests' names never.
#[component]
pub fn GuestCodesPage(
    /// Whose.
    whose: Whose,
) -> impl IntoView {
    let now = use_now();
    let params = use_query_params();
    let (kind, status, door) = (params.param("kind"), params.param("status"), params.param("door"));
    let property = match whose {
        Whose::Property(id) => Some(id),
        Whose::Mine => None,
    };
    let pages = Pages::new(
        move || Some(GuestCodesQuery { property, door: door.get(), kind: kind.get(), status: status.get() }),
        |query, cursor| async move { api::guest_codes::list(&query, cursor).await },
    );
    pages.refresh_every(REFRESH, move || pages.items().with(|rows| rows.iter().any(guest_code_is_moving)));

    let offer = Load::once(move || offer(whose));
    let doors = doors_of(offer);
    let facts = move || {
        offer.with(|offer| offer.map(|offer| ["Times are ", &intl::zone_label(&offer.zone, now.get())].concat()))
    };
    let door_choices = Signal::derive(move || {
        let any = Choice::new("", "Any door");
        let named = doors.get().into_iter().map(|door| Choice::new(door.id.to_string(), door.name));
        std::iter::once(any).chain(named).collect::<Vec<_>>()
    });
    let filtered = params.any(&["kind", "status", "door"]);
    let clear = Callback::new(move |()| params.clear());
    view! {
        <PageHeader title="Guest codes" facts>
            <Link to=whose.form() class=ButtonKind::Primary.class()>
                <IconView icon=Icon::Plus />
                "Issue a guest code"
            </Link>
        </PageHeader>
        <div class="filters" role="search">
            <FilterSelect
                label="Kind"
                value=kind.signal()
                choices=kind_choices()
                on_change=Callback::new(move |choice: String| kind.set(choice))
            />
            <FilterSelect
                label="State"
                value=status.signal()
                choices=state_choices()
                on_change=Callback::new(move |choice: String| status.set(choice))
            />
            <FilterSelect
                label="Door"
                value=door.signal()
                choices=door_choices
                on_change=Callback::new(move |choice: String| door.set(choice))
            />
            <Show when=move || filtered.get()>
                <Button kind=ButtonKind::Quiet on_press=clear>"Clear filters"</Button>
            </Show>
        </div>
        <ListView
            pages
            filtered
            skeleton=|| view! { <SkeletonTable rows=8 /> }
            empty=move || {
                view! {
                    <EmptyState icon=Icon::Ticket title="No guest codes yet">
                        <p>"A guest code is random, opens the doors you choose when you say, and can be revoked at any time."</p>
                        <Link to=whose.form() class=ButtonKind::Secondary.class()>"Issue a guest code"</Link>
                    </EmptyState>
                }
            }
            no_results=move || {
                view! {
                    <EmptyState icon=Icon::Search title="No guest code found">
                        <p>"None fits these filters."</p>
                        <Button on_press=clear>"Clear filters"</Button>
                    </EmptyState>
                }
            }
            let:rows
        >
            <div class="guest-codes">
            <Table caption="Guest codes, newest first" columns=columns()>
                <For each=move || rows.get() key=row_key let(guest)>
                    <Row guest doors whose />
                </For>
            </Table>
            </div>
        </ListView>
    }
}

fn columns() -> Vec<Column> {
    ["Guest", "Kind", "Opens", "When", "State", "On the lock"].map(Column::new).into()
}

fn kind_choices() -> Vec<Choice> {
    let kinds = GUEST_CODE_KINDS.map(|kind| Choice::new(guest_code_kind_value(kind), guest_code_kind_name(kind)));
    std::iter::once(Choice::new("", "Any kind")).chain(kinds).collect()
}

fn state_choices() -> Vec<Choice> {
    let states =
        GUEST_CODE_STATES.map(|state| Choice::new(guest_code_state_value(state), guest_code_state_name(state)));
    std::iter::once(Choice::new("", "Any state")).chain(states).collect()
}

/// A row is made anew when what it says about the code can have changed.
fn row_key(guest: &GuestCode) -> String {
    let mut key = guest.id.to_string() + guest_code_state_value(guest.state);
    for placement in &guest.placements {
        key.push_str(placement.status.name());
        key.push_str(placement.reason.as_deref().unwrap_or_default());
    }
    key
}

#[component]
fn Row(guest: GuestCode, doors: Signal<Vec<Door>>, whose: Whose) -> impl IntoView {
    let now = use_now();
    let by =
        (whose != Whose::Mine).then(|| view! { <span class="cell-note">"by " {guest.issued_by.name.clone()}</span> });
    let days = guest.recurrence.as_ref().map(recurrence_days);
    let opens = {
        let guest = guest.clone();
        move || {
            let mut names = door_names(&guest, &doors.get());
            let rest = names.len().saturating_sub(DOORS_NAMED);
            names.truncate(DOORS_NAMED);
            let more = if rest > 0 { [" and ", &rest.to_string(), " more"].concat() } else { String::new() };
            names.join(", ") + &more
        }
    };
    let name = guest.guest_name.clone();
    let when = {
        let guest = guest.clone();
        move || when_text(&guest, now.get())
    };
    view! {
        <tr>
            <th scope="row">
                <span class="cell-lines">
                    <Link to=Route::GuestCode(guest.id)>{name}</Link>
                    {by}
                </span>
            </th>
            <td data-label="Kind">{guest_code_kind_name(guest.kind)}</td>
            <td data-label="Opens"><span class="cell-lines">{opens}</span></td>
            <td data-label="When">
                <span class="cell-lines">
                    {when}
                    {days.map(|days| view! { <span class="cell-note">{days}</span> })}
                </span>
            </td>
            <td data-label="State"><GuestCodeStateView state=guest.state /></td>
            <td data-label="On the lock"><GuestCodeOnLocks guest /></td>
        </tr>
    }
}
