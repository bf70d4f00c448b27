//! `/properties/{property}/guest-codes` and `/my-access/guest-codes`

use std::time::Duration;

use crate::prelude::*;
use api_types::{Door, GuestCode};

use super::{Whose, doors_of, offer};
use crate::{
    api::{self, guest_codes::GuestCodesQuery},
    components::{
        GUEST_CODE_KINDS, GUEST_CODE_STATES, GuestCodeOnLocks, GuestCodeStateView, Link, ListRows, ListView,
        OnlyCounted, PageHeader, door_names, guest_code_is_moving, guest_code_kind_name, guest_code_kind_value,
        guest_code_state_name, guest_code_state_value, recurrence_days, when_text,
    },
    intl,
    load::{Load, Pages},
    query::use_query_params,
    routes::Route,
    ui::{Button, ButtonKind, Choice, Column, EmptyState, FilterSelect, Icon, IconView, SkeletonTable, Table, use_now},
};

/// How often the list is refreshed while a code is being sent to a lock or removed from one.
const REFRESH: Duration = Duration::from_secs(4);

/// How many doors a row names.
const DOORS_NAMED: usize = 2;

/// Guest codes, newest first. The filters are in the address; guests' names never are.
#[component]
pub fn GuestCodesPage(
    /// Whose guest codes.
    whose: Whose,
) -> impl IntoView {
    let now = use_now();
    let params = use_query_params();
    let (kind, status, door) = (params.param("kind"), params.param("status"), params.param("door"));
    let property = match whose {
        Whose::Property(id) => Some(id),
        Whose::Mine => None,
    };
    let counted = params.counted();
    let pages = Pages::new(
        move || {
            let counted = counted.get();
            Some(GuestCodesQuery { property, resident: None, counted, kind: kind.get(), status: status.get() })
        },
        |query, cursor| async move { api::guest_codes::list(&query, cursor).await },
    );
    pages.refresh_every(REFRESH, move || pages.any(guest_code_is_moving));

    let offer = Load::once(move || offer(whose));
    let doors = doors_of(offer);
    let facts =
        move || offer.with(|offer| offer.map(|offer| t::issue::times(&intl::zone_label(&offer.zone, now.get()))));
    let door_choices = derived(move || {
        let any = Choice::new("", t::guest_codes::filters::any_door());
        let named = doors.get().into_iter().map(|door| Choice::new(door.id.to_string(), door.name));
        std::iter::once(any).chain(named).collect::<Vec<_>>()
    });
    let filtered = params.any(&["kind", "status", "door", "worst", "on_lock", "hub", "reason", "reachable"]);
    let clear = Callback::new(move |()| params.clear());
    view! {
        <PageHeader title=t::shell::titles::guest_codes() facts>
            <Link to=whose.form() class=ButtonKind::Primary.class()>
                <IconView icon=Icon::Plus />
                {t::issue::title()}
            </Link>
        </PageHeader>
        <div class="filters" role="search">
            <FilterSelect
                label=t::guest_codes::facts::kind()
                value=kind.signal()
                choices=kind_choices()
                on_change=Callback::new(move |choice: String| kind.set(choice))
            />
            <FilterSelect
                label=t::guest_codes::facts::state()
                value=status.signal()
                choices=state_choices()
                on_change=Callback::new(move |choice: String| status.set(choice))
            />
            <FilterSelect
                label=t::guest_codes::filters::door()
                value=door.signal()
                choices=door_choices
                on_change=Callback::new(move |choice: String| door.set(choice))
            />
            <OnlyCounted />
            <Show when=move || filtered.get()>
                <Button kind=ButtonKind::Quiet on_press=clear>{t::guest_codes::filters::clear()}</Button>
            </Show>
        </div>
        <ListView
            pages
            filtered
            skeleton=|| view! { <SkeletonTable rows=8 /> }
            empty=move || {
                view! {
                    <EmptyState icon=Icon::Ticket title=t::guest_codes::empty::title()>
                        <p>{t::guest_codes::empty::hint()}</p>
                        <Link to=whose.form() class=ButtonKind::Secondary.class()>{t::issue::title()}</Link>
                    </EmptyState>
                }
            }
            no_results=move || {
                view! {
                    <EmptyState icon=Icon::Search title=t::guest_codes::no_results::title()>
                        <p>{t::guest_codes::no_results::hint()}</p>
                        <Button on_press=clear>{t::guest_codes::filters::clear()}</Button>
                    </EmptyState>
                }
            }
        >
            <Table windowed="columns-guest-codes" caption=t::guest_codes::caption() columns=columns()>
                <ListRows pages key=row_key let(guest)>
                    <Row guest doors whose />
                </ListRows>
            </Table>
        </ListView>
    }
}

fn columns() -> Vec<Column> {
    use t::guest_codes::facts;
    let heads = [facts::guest(), facts::kind(), facts::opens(), facts::when(), facts::state(), facts::on_the_lock()];
    heads.map(Column::new).into()
}

fn kind_choices() -> Vec<Choice> {
    let kinds = GUEST_CODE_KINDS.map(|kind| Choice::new(guest_code_kind_value(kind), guest_code_kind_name(kind)));
    std::iter::once(Choice::new("", t::guest_codes::filters::any_kind())).chain(kinds).collect()
}

fn state_choices() -> Vec<Choice> {
    let states =
        GUEST_CODE_STATES.map(|state| Choice::new(guest_code_state_value(state), guest_code_state_name(state)));
    std::iter::once(Choice::new("", t::guest_codes::filters::any_state())).chain(states).collect()
}

/// Everything that can change in a row, so that it is created again when it does.
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
    let by = (whose != Whose::Mine).then(|| {
        view! { <span class="cell-note">{t::guest_codes::by(&guest.issued_by.name)}</span> }
    });
    let days = guest.recurrence.as_ref().map(recurrence_days);
    let opens = {
        let guest = guest.clone();
        move || {
            let mut names = door_names(&guest, &doors.get());
            let rest = u32::try_from(names.len().saturating_sub(DOORS_NAMED)).unwrap_or(u32::MAX);
            names.truncate(DOORS_NAMED);
            let named = names.join(", ");
            if rest > 0 { t::guest_codes::opens_more(rest, &named) } else { named }
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
            <td data-label=t::guest_codes::facts::kind()>{guest_code_kind_name(guest.kind)}</td>
            <td data-label=t::guest_codes::facts::opens()><span class="cell-lines">{opens}</span></td>
            <td data-label=t::guest_codes::facts::when()>
                <span class="cell-lines">
                    {when}
                    {days.map(|days| view! { <span class="cell-note">{days}</span> })}
                </span>
            </td>
            <td data-label=t::guest_codes::facts::state()><GuestCodeStateView state=guest.state /></td>
            <td data-label=t::guest_codes::facts::on_the_lock()><GuestCodeOnLocks guest /></td>
        </tr>
    }
}
