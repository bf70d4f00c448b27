//! `/properties/{property}/guest-codes` and `/my-access/guest-codes`

use crate::prelude::*;
use api_types::{Door, GuestCode, GuestCodeKind, GuestCodeState, MaybeKnown};
use ids::GuestCodeId;

use super::{Whose, doors_of, offer};
use crate::{
    api::{self, guest_codes::GuestCodesQuery},
    components::{
        FormProblem, GuestCodeOnLocks, GuestCodeStateView, Link, ListRows, ListView, OnlyCounted, PageHeader,
        door_names, guest_code_is_over, guest_code_kind_name, guest_code_state_name, recurrence_days, when_text,
    },
    intl, live,
    load::{Load, Pages},
    mutation::Mutation,
    query::use_query_params,
    routes::Route,
    ui::{
        Button, ButtonKind, Choice, Column, ConfirmDialog, EmptyState, FilterSearch, FilterSelect, Icon, IconView,
        SkeletonTable, Table, use_now, use_toasts,
    },
};

/// How many doors a row names.
const DOORS_NAMED: usize = 2;

/// Guest codes, newest first. The filters are in the address; guests' names never are, which only the tab's history
/// remembers.
#[component]
pub fn GuestCodesPage(
    /// Whose guest codes.
    whose: Whose,
) -> impl IntoView {
    let now = use_now();
    let params = use_query_params();
    let (guest, kind) = (params.param("q"), params.param("kind"));
    let (status, door) = (params.param("status"), params.param("door"));
    let property = match whose {
        Whose::Property(id) => Some(id),
        Whose::Mine => None,
    };
    let counted = params.counted();
    let pages = Pages::new(
        move || {
            Some(GuestCodesQuery {
                counted: counted.get(),
                guest: guest.get(),
                property,
                door: door.get(),
                kind: kind.get(),
                status: status.get(),
                ..GuestCodesQuery::default()
            })
        },
        |query, cursor| async move { api::guest_codes::list(&query, cursor).await },
    );
    pages.follow_changes(live::GUEST_CODE, property.map(|property| property.uuid()), || true);

    let tenancy = params.param("tenancy");
    let offer = Load::once(move || offer(whose, tenancy.get_untracked()));
    let doors = doors_of(offer);
    let facts =
        move || offer.with(|offer| offer.map(|offer| t::issue::times(&intl::zone_label(&offer.zone, now.get()))));
    let door_choices = derived(move || {
        let any = Choice::new("", t::guest_codes::filters::any_door());
        let named = doors.get().into_iter().map(|door| Choice::new(door.id.to_string(), door.name));
        std::iter::once(any).chain(named).collect::<Vec<_>>()
    });
    let only_counted = params.any(&["worst", "on_lock", "hub", "reason", "reachable"]);
    let filtered = params.any(&["q", "kind", "status", "door", "worst", "on_lock", "hub", "reason", "reachable"]);
    let clear = Callback::new(move |()| params.clear());
    let selected = RwSignal::new(Vec::<GuestCodeId>::new());
    // What isn't shown any more must not be revoked with the rest.
    effect(move || {
        [guest, kind, status, door].iter().for_each(|param| drop(param.get()));
        selected.set(Vec::new());
    });
    view! {
        <PageHeader title=t::shell::titles::guest_codes() facts>
            <Link to=whose.form() class=ButtonKind::Primary.class()>
                <IconView icon=Icon::Plus />
                {t::issue::title()}
            </Link>
        </PageHeader>
        <div class="filters" role="search">
            // A search by name knows nothing of what the overview counts.
            <Show when=move || !only_counted.get()>
                <FilterSearch
                    label=t::guest_codes::filters::guest()
                    value=guest.signal()
                    on_change=Callback::new(move |words: String| guest.set(words))
                />
            </Show>
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
        <Selection selected pages />
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
                    <Row guest doors whose selected />
                </ListRows>
            </Table>
        </ListView>
    }
}

/// How many rows are selected, and revoking them: one by one, each with a key and an event of its own.
#[component]
fn Selection(selected: RwSignal<Vec<GuestCodeId>>, pages: Pages<GuestCode>) -> impl IntoView {
    let toasts = use_toasts();
    let asking = RwSignal::new(false);
    let number = move || u32::try_from(selected.with(Vec::len)).unwrap_or(u32::MAX);
    let revoke = Mutation::new(
        move |ids: Vec<GuestCodeId>| async move {
            let revoked = u32::try_from(ids.len()).unwrap_or(u32::MAX);
            for id in ids {
                api::guest_codes::revoke_once(id).await?;
                // If a later one fails, only the rest is tried again.
                let _ = selected.try_update(|selected| selected.retain(|other| *other != id));
            }
            Ok(revoked)
        },
        move |revoked: u32| {
            asking.set(false);
            toasts.done(t::guest_codes::bulk::done(revoked));
            pages.restart();
        },
    );
    let ask = Callback::new(move |()| {
        revoke.clear();
        asking.set(true);
    });
    view! {
        <div class="row selection">
            <Show when=move || number() != 0>
                <span>{move || t::guest_codes::bulk::selected(number())}</span>
                <Button kind=ButtonKind::Danger on_press=ask>
                    {move || t::guest_codes::bulk::revoke(number())}
                </Button>
                <Button kind=ButtonKind::Quiet on_press=Callback::new(move |()| selected.set(Vec::new()))>
                    {t::guest_codes::bulk::clear()}
                </Button>
            </Show>
        </div>
        <ConfirmDialog
            open=asking
            title=derived(move || t::guest_codes::bulk::question(number()))
            confirm=t::guest_codes::revoke::button()
            busy=revoke.pending()
            on_confirm=Callback::new(move |()| revoke.submit(selected.get_untracked()))
        >
            <FormProblem mutation=revoke />
            <p>{t::guest_codes::bulk::still_open()}</p>
            <p>{t::guest_codes::revoke::no_undo()}</p>
        </ConfirmDialog>
    }
}

fn columns() -> Vec<Column> {
    use t::guest_codes::facts;
    let heads = [facts::guest(), facts::kind(), facts::opens(), facts::when(), facts::state(), facts::on_the_lock()];
    heads.map(Column::new).into()
}

fn kind_choices() -> Vec<Choice> {
    let kinds = GuestCodeKind::ALL.iter().map(|kind| Choice::new(kind.name(), guest_code_kind_name(*kind)));
    std::iter::once(Choice::new("", t::guest_codes::filters::any_kind())).chain(kinds).collect()
}

fn state_choices() -> Vec<Choice> {
    let states = GuestCodeState::ALL.iter().map(|state| Choice::new(state.name(), guest_code_state_name(*state)));
    std::iter::once(Choice::new("", t::guest_codes::filters::any_state())).chain(states).collect()
}

/// Everything that can change in a row, so that it is created again when it does.
fn row_key(guest: &GuestCode) -> String {
    let mut key = guest.id.to_string() + guest.state.name() + &guest.etag;
    for placement in &guest.placements {
        key.push_str(placement.status.name());
        key.push_str(placement.since.as_str());
        key.push_str(placement.reason.as_ref().map_or("", MaybeKnown::name));
    }
    key
}

#[component]
fn Row(
    guest: GuestCode,
    doors: Signal<Vec<Door>>,
    whose: Whose,
    selected: RwSignal<Vec<GuestCodeId>>,
) -> impl IntoView {
    let now = use_now();
    let id = guest.id;
    let name_id = ["guest-", &id.to_string()].concat();
    let labelled_by = name_id.clone();
    let select = (guest.may_manage && !guest_code_is_over(guest.state)).then(|| {
        view! {
            <input
                type="checkbox"
                aria-label=t::guest_codes::bulk::select(&guest.guest_name)
                prop:checked=move || selected.with(|selected| selected.contains(&id))
                on:change=move |event| {
                    let on = event_target_checked(&event);
                    selected
                        .update(|selected| {
                            selected.retain(|other| *other != id);
                            if on {
                                selected.push(id);
                            }
                        });
                }
            />
        }
    });
    let by = (whose != Whose::Mine).then(|| {
        view! { <span class="cell-note">{t::guest_codes::by(&guest.issued_by.name)}</span> }
    });
    let reference =
        guest.reference.clone().map(|reference| view! { <span class="cell-note" translate="no">{reference}</span> });
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
            // Its name is the guest's, without the checkbox's.
            <th scope="row" aria-labelledby=labelled_by>
                <span class="row-select">
                    {select}
                    <span class="cell-lines" id=name_id>
                        <Link to=Route::GuestCode(id)>{name}</Link>
                        {reference}
                        {by}
                    </span>
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
