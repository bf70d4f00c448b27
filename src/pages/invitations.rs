//! `/properties/{property}/invitations`: the residents who can't sign in yet, and inviting them (R37): by mail, or by sheets
//! to print, one for each unit, where the server sends none.

use std::collections::HashSet;

use crate::prelude::*;
use api_types::{InvitedResident, InvitedResidents, MailHealth, ToInvite};
use ids::{PropertyId, TenancyId};
use leptos::html;

use crate::{
    api,
    components::{Card, Link, LoadView, PageHeader, ProblemView, use_properties},
    intl::{self, Style},
    load::Load,
    location::ask_before_leaving,
    mutation::Mutation,
    routes::Route,
    ui::{Button, ButtonKind, Column, ConfirmDialog, CopyButton, EmptyState, Icon, SkeletonTable, Table},
};

/// How many are invited with one request, as many as the server takes.
const AT_ONCE: usize = 100;

/// Who can't sign in yet, to be invited.
#[component]
pub fn InvitationsPage(
    /// The property.
    property: PropertyId,
) -> impl IntoView {
    let scope = use_properties();
    let name = move || scope.property(property).map(|property| property.name).unwrap_or_default();
    let load = Load::once(move || api::residents::all_to_invite(property));
    let mail = Load::once(api::people::mail_health);
    let chosen = RwSignal::new(HashSet::<TenancyId>::new());
    // Everybody who can be invited and hasn't been.
    effect(move || {
        let new = |all: &Vec<ToInvite>| {
            let unasked = all.iter().filter(|it| !it.email.is_empty() && it.invited_until.is_none());
            unasked.map(|it| it.id).collect::<HashSet<_>>()
        };
        chosen.set(load.with(|all| all.map(new).unwrap_or_default()));
    });
    let invited = RwSignal::new(Vec::<InvitedResident>::new());
    let left_out = RwSignal::new(0_u32);
    let waiting = RwSignal::new(Vec::<TenancyId>::new());
    let asking = RwSignal::new(false);
    let invite = Mutation::new(
        move |residents: Vec<TenancyId>| async move { api::residents::invite_several(property, residents).await },
        move |answer: InvitedResidents| {
            left_out.update(|count| *count += number(answer.left_out.len()));
            invited.update(|all| all.extend(answer.invited));
            waiting.update(|all| drop(all.drain(..all.len().min(AT_ONCE))));
        },
    );
    // One part after the other: whoever else works waits for none of them.
    effect(move || {
        let next: Vec<TenancyId> = waiting.with(|all| all.iter().copied().take(AT_ONCE).collect());
        if !next.is_empty() {
            invite.submit(next);
        }
    });
    effect(move || {
        if invite.error().with(Option::is_some) {
            // What is left isn't tried without being asked; what was done stays.
            waiting.set(Vec::new());
        }
    });
    let busy = memo(move || waiting.with(|all| !all.is_empty()));
    let confirm = Callback::new(move |()| {
        invited.set(Vec::new());
        left_out.set(0);
        // In the order of the list, so that the sheets are in that of the units.
        let in_order = |all: &Vec<ToInvite>| {
            let chosen = chosen.get_untracked();
            all.iter().map(|it| it.id).filter(|id| chosen.contains(id)).collect::<Vec<_>>()
        };
        waiting.set(untrack(|| load.with(|all| all.map(in_order).unwrap_or_default())));
        asking.set(false);
    });
    effect(move || {
        // The list is read again once all is done.
        if !busy.get() && untrack(|| invited.with(|all| !all.is_empty())) {
            load.reload();
        }
    });
    let to_hand_over = memo(move || invited.with(|all| all.iter().any(|it| !it.mailed)));
    ask_before_leaving(to_hand_over.into());
    let count = move || number(chosen.with(HashSet::len));
    view! {
        <p class="back no-print"><Link to=Route::Residents(property)>{t::shell::titles::residents()}</Link></p>
        <PageHeader title=t::invitations::title() facts=name />
        <div class="stack no-print">
            {move || invite.error().get().map(|error| view! { <ProblemView error /> })}
            <Show when=move || !busy.get() && invited.with(|all| !all.is_empty())>
                <Done invited left_out />
            </Show>
            <Show when=move || busy.get()>
                <p role="status">{move || t::invitations::under_way(&waiting.with(Vec::len).to_string())}</p>
            </Show>
            <LoadView load skeleton=|| view! { <SkeletonTable rows=10 /> } let:all>
                <Choice all chosen>
                    <Button
                        kind=ButtonKind::Primary
                        busy
                        on_press=Callback::new(move |()| asking.set(chosen.with_untracked(|all| !all.is_empty())))
                    >
                        {move || match count() {
                            0 => t::invitations::none_chosen().to_owned(),
                            some => t::invitations::invite(some),
                        }}
                    </Button>
                </Choice>
            </LoadView>
        </div>
        <Sheets invited property />
        <ConfirmDialog
            open=asking
            title=derived(move || t::invitations::ask(count()))
            confirm=t::invitations::confirm()
            kind=ButtonKind::Primary
            on_confirm=confirm
        >
            <p>
                {move || match mail.with(|mail| mail.map(|mail: &MailHealth| mail.mails)) {
                    Some(true) => t::invitations::by_mail(),
                    _ => t::invitations::by_sheet(),
                }}
            </p>
            <p>{t::invitations::replaces()}</p>
        </ConfirmDialog>
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The residents who can't sign in yet, to choose from.
#[component]
fn Choice(
    all: Signal<Vec<ToInvite>>,
    chosen: RwSignal<HashSet<TenancyId>>,
    /// What is done with who is chosen.
    children: ChildrenFn,
) -> impl IntoView {
    let columns = || {
        use t::invitations::columns;
        vec![Column::new(columns::name()), Column::new(columns::unit()), Column::new(columns::state())]
    };
    let can =
        move || all.with(|all| all.iter().filter(|it| !it.email.is_empty()).map(|it| it.id).collect::<HashSet<_>>());
    let every = memo(move || chosen.with(|chosen| !chosen.is_empty() && can().is_subset(chosen)));
    let choose_all = move |event: web_sys::Event| {
        chosen.set(if event_target_checked(&event) { can() } else { HashSet::new() });
    };
    let children = StoredValue::new(children);
    view! {
        {move || {
            if all.with(Vec::is_empty) {
                return view! {
                    <EmptyState icon=Icon::Check title=t::invitations::nobody()>
                        <p>{t::invitations::nobody_hint()}</p>
                    </EmptyState>
                }
                    .into_any();
            }
            view! {
                <div class="row">
                    <label class="choice">
                        <input type="checkbox" prop:checked=every on:change=choose_all />
                        <span class="choice-text">{t::invitations::everybody()}</span>
                    </label>
                    {children.with_value(|children| children())}
                </div>
                <Table caption=t::invitations::caption() columns=columns()>
                    <For each=move || all.get() key=|it| (it.id, it.invited_until.clone()) let(it)>
                        <Row it chosen />
                    </For>
                </Table>
            }
                .into_any()
        }}
    }
}

#[component]
fn Row(it: ToInvite, chosen: RwSignal<HashSet<TenancyId>>) -> impl IntoView {
    let (id, can) = (it.id, !it.email.is_empty());
    let state = match (&it.invited_until, can) {
        (_, false) => t::invitations::no_address().to_owned(),
        (Some(until), _) => {
            t::invitations::invited_until(&intl::format(until.as_str(), &intl::device_zone(), Style::DateTime))
        }
        (None, _) => t::invitations::not_invited().to_owned(),
    };
    let choose = move |event: web_sys::Event| {
        let on = event_target_checked(&event);
        chosen.update(|chosen| {
            if on {
                chosen.insert(id);
            } else {
                chosen.remove(&id);
            }
        });
    };
    view! {
        <tr>
            <th scope="row">
                <label class="invitee">
                    <input
                        type="checkbox"
                        disabled=!can
                        prop:checked=move || chosen.with(|chosen| chosen.contains(&id))
                        on:change=choose
                    />
                    <span>{it.name}</span>
                </label>
            </th>
            <td data-label=t::invitations::columns::unit()>{it.unit}</td>
            <td data-label=t::invitations::columns::state() class="second">{state}</td>
        </tr>
    }
}

/// What became of it, with the links to hand over.
#[component]
fn Done(invited: RwSignal<Vec<InvitedResident>>, left_out: RwSignal<u32>) -> impl IntoView {
    let (mailed, others): (Vec<_>, Vec<_>) = invited.get_untracked().into_iter().partition(|it| it.mailed);
    let print = Callback::new(|()| {
        // Fails only where there is nothing to print with.
        let _ = window().print();
    });
    let others_count = number(others.len());
    let to_hand_over = (!others.is_empty()).then(|| {
        let links = others.into_iter().map(|it| {
            let link = it.link;
            view! {
                <li class="row">
                    <span>{t::invitations::of_unit(&it.name, &it.unit)}</span>
                    <CopyButton
                        text=Callback::new(move |()| link.clone())
                        label=t::setting_up::link::copy()
                        done=t::setting_up::link::copied()
                    />
                </li>
            }
        });
        view! {
            <p>{t::invitations::to_hand_over(others_count)}</p>
            <div class="row">
                <Button kind=ButtonKind::Primary icon=Icon::Printer on_press=print>{t::invitations::print()}</Button>
            </div>
            <details>
                <summary>{t::invitations::links()}</summary>
                <ul class="plain stack">{links.collect_view()}</ul>
            </details>
        }
    });
    view! {
        <Card title=t::invitations::done()>
            {(!mailed.is_empty()).then(|| view! { <p role="status">{t::invitations::mailed(number(mailed.len()))}</p> })}
            {(left_out.get_untracked() > 0)
                .then(|| view! { <p>{t::invitations::left_out(left_out.get_untracked())}</p> })}
            {to_hand_over}
        </Card>
    }
}

/// The sheets to print: one for each unit, with the links of its residents and no code's digits.
#[component]
fn Sheets(invited: RwSignal<Vec<InvitedResident>>, property: PropertyId) -> impl IntoView {
    let scope = use_properties();
    let sheets = move || {
        let place = scope.property(property).map(|property| property.name).unwrap_or_default();
        let mut units: Vec<Vec<InvitedResident>> = Vec::new();
        for it in invited.get().into_iter().filter(|it| !it.mailed) {
            match units.iter_mut().find(|unit| unit[0].unit == it.unit) {
                Some(unit) => unit.push(it),
                None => units.push(vec![it]),
            }
        }
        let sheet = |of_unit: Vec<InvitedResident>| {
            let words = of_unit[0].sheet.clone()?;
            let people = of_unit.into_iter().map(|it| view! { <OnSheet it /> }).collect_view();
            Some(view! {
                <section class="sheet" lang=words.language.name().to_owned()>
                    <h2>{place.clone()}</h2>
                    <p class="sheet-unit">{words.unit}</p>
                    <p>{words.intro}</p>
                    {people}
                    <p>{words.ignore}</p>
                </section>
            })
        };
        units.into_iter().filter_map(sheet).collect_view()
    };
    view! { <div class="print-only">{sheets}</div> }
}

#[component]
fn OnSheet(it: InvitedResident) -> impl IntoView {
    let drawing = NodeRef::<html::Div>::new();
    let svg = it.qr_svg.unwrap_or_default();
    effect(move || {
        if let Some(place) = drawing.get() {
            // Drawn by our own server, from nothing that anybody has entered.
            place.set_inner_html(&svg);
        }
    });
    let words = it.sheet?;
    Some(view! {
        <div class="sheet-person">
            <h3>{it.name}</h3>
            <div node_ref=drawing class="qr" role="img" aria-label=words.qr></div>
            <p class="words"><code>{it.link}</code></p>
            <p>{words.address}</p>
            <p>{words.until}</p>
        </div>
    })
}
