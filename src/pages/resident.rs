//! `/properties/{property}/residents/{resident}`

use crate::prelude::*;
use api_types::{
    AccountState, AuditEvent, CodeOrigin, GuestCode, Invite, MaybeKnown, MoveOut, Page, Placement, PlacementStatus,
    Resident,
};
use ids::{PropertyId, TenancyId};

use crate::{
    api::{self, guest_codes::GuestCodesQuery},
    components::{
        Card, FormProblem, GuestCodeStateView, History, Link, LoadView, PageHeader, PlacementList, SecretCode,
        Undelivered, guest_code_kind_name, load_history, use_properties, when_text,
    },
    intl::{self, Style},
    live,
    load::{Load, Stage},
    mutation::{Mutation, invalid},
    pages::setting_up::InviteLink,
    routes::Route,
    ui::{
        Button, ButtonKind, ConfirmDialog, Dialog, Icon, InputKind, Pill, SkeletonLines, TextField, Time, TimeStyle,
        Tone, read_fields, use_now, use_toasts,
    },
};

/// A resident: their code and its status, their guest codes, what happened, and moving out.
#[component]
pub fn ResidentPage(
    /// The property.
    property: PropertyId,
    /// The tenancy.
    resident: TenancyId,
) -> impl IntoView {
    let load = Load::once(move || api::residents::get(property, resident));
    let history = load_history(resident);
    let guests = Load::once(move || async move {
        let query =
            GuestCodesQuery { property: Some(property), resident: Some(resident), ..GuestCodesQuery::default() };
        api::guest_codes::list(&query, None).await
    });
    load.follow_changes(live::RESIDENT, resident.uuid());
    guests.follow_changes(live::GUEST_CODE, resident.uuid());
    let ready = memo(move || load.stage().with(|stage| *stage == Stage::Ready));
    view! {
        <p class="back"><Link to=Route::Residents(property)>{t::resident::back()}</Link></p>
        <Show when=move || !ready.get()>
            <PageHeader title=t::resident::title() />
        </Show>
        <LoadView load skeleton=|| view! { <SkeletonLines lines=8 /> } let:resident>
            <OneResident property resident load history guests />
        </LoadView>
    }
}

#[component]
fn OneResident(
    property: PropertyId,
    resident: Signal<Resident>,
    load: Load<Resident>,
    history: Load<Vec<AuditEvent>>,
    guests: Load<Page<GuestCode>>,
) -> impl IntoView {
    let now = use_now();
    let scope = use_properties();
    let toasts = use_toasts();
    let id = resident.with_untracked(|resident| resident.id);
    let zone = memo(move || scope.zone(property));
    let ended = memo(move || resident.with(|resident| resident.ended_at.is_some()));
    let code = memo(move || resident.with(|resident| resident.code.clone()));

    let asking = RwSignal::new(false);
    let progress =
        Load::new(move || ended.get().then_some(()), move |()| api::residents::move_out_progress(property, id));
    progress.follow_changes(live::RESIDENT, id.uuid());
    let move_out = Mutation::with_key(
        &["resident.move_out.", &id.to_string()].concat(),
        move |(), key| async move { api::residents::move_out(property, id, &key).await },
        move |begun: MoveOut| {
            asking.set(false);
            progress.set(begun);
            load.reload();
            history.reload();
            scope.reload();
            toasts.done(t::resident::move_out::done());
        },
    );
    let link = RwSignal::new(None::<(String, Invite)>);
    let invite = Mutation::new(
        move |()| api::people::invite_resident(property, id),
        move |made| {
            link.set(Some((resident.with_untracked(|it| t::setting_up::link::title(&it.name)), made)));
            load.reload();
        },
    );
    let reset = Mutation::new(
        move |()| api::people::offer_resident_reset(property, id),
        move |made| link.set(Some((resident.with_untracked(|it| t::setting_up::link::reset_title(&it.name)), made))),
    );
    effect(move || {
        for error in [invite.error().get(), reset.error().get()].into_iter().flatten() {
            toasts.failed(error.sentence());
        }
    });
    let account = memo(move || resident.with(|it| it.account.as_ref().and_then(MaybeKnown::known)));
    let may_invite = memo(move || {
        // Who has no address can't sign in (R41).
        let addressed = resident.with(|resident| !resident.email.is_empty());
        addressed && !ended.get() && matches!(account.get(), Some(AccountState::NotInvited | AccountState::Invited))
    });
    let correcting = RwSignal::new(false);
    // Who has signed in changes it themselves, and confirms it (R38).
    let may_correct =
        memo(move || !ended.get() && matches!(account.get(), Some(AccountState::NotInvited | AccountState::Invited)));
    let may_reset = memo(move || !ended.get() && account.get() == Some(AccountState::Active));
    let ask = Callback::new(move |()| {
        move_out.clear();
        asking.set(true);
    });
    let facts = move || {
        let times = t::resident::times(&intl::zone_label(&zone.get(), now.get()));
        let former = if ended.get() { [t::resident::former(), " · "].concat() } else { String::new() };
        resident.with(|it| {
            let email = if it.email.is_empty() { t::resident::no_address() } else { &it.email };
            [&former, &t::resident::unit(&it.unit), " · ", email, " · ", &times].concat()
        })
    };
    let first_name = move || resident.with(|resident| resident.name.clone());
    view! {
        <PageHeader title=derived(first_name) facts>
            <Show when=move || may_invite.get()>
                <Button busy=invite.pending() on_press=Callback::new(move |()| invite.submit(()))>
                    {t::resident::invite()}
                </Button>
            </Show>
            <Show when=move || may_correct.get()>
                <Button on_press=Callback::new(move |()| correcting.set(true))>
                    {move || {
                        if resident.with(|it| it.email.is_empty()) {
                            t::resident::address::add()
                        } else {
                            t::resident::address::correct()
                        }
                    }}
                </Button>
            </Show>
            <Show when=move || may_reset.get()>
                <Button busy=reset.pending() on_press=Callback::new(move |()| reset.submit(()))>
                    {t::resident::reset()}
                </Button>
            </Show>
            <Show when=move || !ended.get()>
                <Button kind=ButtonKind::Danger on_press=ask>{t::resident::move_out::button()}</Button>
            </Show>
        </PageHeader>
        {move || resident.with(|it| it.undelivered.clone()).map(|mail| view! { <div><Undelivered mail /></div> })}
        <InviteLink made=link />
        <Dialog open=correcting title=derived(move || t::resident::address::title(&first_name()))>
            <AddressForm property resident open=correcting load history />
        </Dialog>
        <div class="resident">
            <div class="stack">
                <Show when=move || ended.get()>
                    <Card title=t::resident::move_out::title()>
                        <LoadView load=progress skeleton=|| view! { <SkeletonLines lines=3 /> } let:progress>
                            <Progress progress zone />
                        </LoadView>
                    </Card>
                </Show>
                <Card title=t::resident::code::title()>
                    <Show
                        when=move || !ended.get()
                        fallback=|| view! { <p class="second">{t::resident::code::ended()}</p> }
                    >
                        <div class="digits-large">
                            <SecretCode
                                id=derived(move || code.with(|code| code.id))
                                length=derived(move || code.with(|code| code.length))
                                whose=derived(move || t::resident::code::whose(&first_name()))
                                ask_reason=true
                            />
                        </div>
                        <p class="small second">{t::resident::code::note()}</p>
                    </Show>
                    <Facts resident zone />
                </Card>
                <Show when=move || !ended.get()>
                    <Card title=t::resident::code::on_the_lock()>
                        <PlacementList placements=derived(move || code.with(|code| code.placements.clone())) zone />
                        <Show when=move || resident.with(|resident| !resident.other_codes.is_empty())>
                            <PlacementList
                                placements=derived(move || resident.with(|resident| resident.other_codes.clone()))
                                zone
                            />
                        </Show>
                    </Card>
                </Show>
                <Card title=t::resident::guests::title()>
                    <Guests load=guests />
                </Card>
            </div>
            <Card title=t::resident::history()>
                <History resident=id load=history zone />
            </Card>
        </div>
        <ConfirmDialog
            open=asking
            title=derived(move || t::resident::move_out::question(&first_name()))
            confirm=t::resident::move_out::button()
            busy=move_out.pending()
            on_confirm=Callback::new(move |()| move_out.submit(()))
        >
            <FormProblem mutation=move_out />
            <p>{t::resident::move_out::ends()}</p>
            <p>{t::resident::move_out::doors()}</p>
            <p>{t::resident::move_out::no_undo()}</p>
        </ConfirmDialog>
    }
}

/// The address of somebody who hasn't signed in yet (R38).
#[component]
fn AddressForm(
    property: PropertyId,
    resident: Signal<Resident>,
    open: RwSignal<bool>,
    load: Load<Resident>,
    history: Load<Vec<AuditEvent>>,
) -> impl IntoView {
    let toasts = use_toasts();
    let (id, email) = resident.with_untracked(|it| (it.id, RwSignal::new(it.email.clone())));
    let save = Mutation::new(
        move |email| api::residents::correct_address(property, id, email),
        move |corrected: Resident| {
            open.set(false);
            toasts.done(t::resident::address::saved(&corrected.email));
            load.set(corrected);
            history.reload();
        },
    );
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        let email = email.get_untracked().trim().to_owned();
        if email.contains('@') {
            save.submit(email);
        } else {
            save.refuse(vec![invalid("email", t::wording::field::not_an_address())]);
        }
    };
    view! {
        <form method="post" novalidate=true on:submit=submit on:input=move |event| save.mend(&event)>
            <FormProblem mutation=save />
            <TextField
                label=t::resident::address::label()
                name="email"
                value=email
                kind=InputKind::Email
                autocomplete="off"
                hint=t::resident::address::hint()
                error=save.field_error("email")
            />
            <div class="dialog-actions">
                <Button on_press=Callback::new(move |()| open.set(false))>{t::ui::cancel()}</Button>
                <Button kind=ButtonKind::Primary submit=true busy=save.pending()>
                    {t::resident::address::submit()}
                </Button>
            </div>
        </form>
    }
}

#[component]
fn Facts(resident: Signal<Resident>, zone: Memo<String>) -> impl IntoView {
    let origin = move || {
        resident.with(|resident| {
            let length = resident.code.length.to_string();
            match resident.code.origin {
                CodeOrigin::Custom => t::resident::facts::custom(&length),
                CodeOrigin::Random => t::resident::facts::random(&length),
            }
        })
    };
    let changed = move || {
        let at = resident.with(|resident| resident.code.changed_at.0.clone());
        view! { <Time at zone=zone.get() style=TimeStyle::In(Style::DateTime) /> }
    };
    let dates = move || {
        resident.with(|resident| match &resident.move_out {
            Some(last) => t::resident::facts::from_to(&intl::local_day(&resident.move_in), &intl::local_day(last)),
            None => t::resident::facts::since(&intl::local_day(&resident.move_in)),
        })
    };
    view! {
        <dl class="facts">
            <dt>{t::resident::facts::kind()}</dt>
            <dd>{origin}</dd>
            <dt>{t::resident::facts::changed()}</dt>
            <dd>{changed}</dd>
            <dt>{t::resident::facts::tenancy()}</dt>
            <dd>{dates}</dd>
        </dl>
    }
}

/// The progress of removals after moving out: the doors that still open, or that all are confirmed (R24).
#[component]
fn Progress(progress: Signal<MoveOut>, zone: Memo<String>) -> impl IntoView {
    let gone = |placement: &Placement| placement.status == PlacementStatus::Removed;
    let open = memo(move || {
        progress.with(|it| it.placements.iter().filter(|placement| !gone(placement)).cloned().collect::<Vec<_>>())
    });
    let count = move || progress.with(|it| (it.placements.iter().filter(|it| gone(it)).count(), it.placements.len()));
    let words = move || {
        let (done, all) = count();
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        t::resident::move_out::removals(number(all), &intl::number(number(done)))
    };
    view! {
        <div role="status" class="stack">
            <Show
                when=move || progress.with(|it| it.all_doors_confirmed)
                fallback=|| {
                    view! {
                        <p>
                            <Pill tone=Tone::Moving icon=Icon::Clock>{t::resident::move_out::open()}</Pill>
                        </p>
                    }
                }
            >
                <p>
                    <Pill tone=Tone::Good icon=Icon::Check>{t::resident::move_out::confirmed()}</Pill>
                </p>
            </Show>
            <p class="second">{words}</p>
        </div>
        <Show when=move || !open.with(Vec::is_empty)>
            <PlacementList placements=open zone />
        </Show>
    }
}

#[component]
fn Guests(load: Load<Page<GuestCode>>) -> impl IntoView {
    view! {
        <LoadView load skeleton=|| view! { <SkeletonLines lines=2 /> } let:page>
            {move || {
                page.with(|page| {
                    if page.items.is_empty() {
                        return view! { <p class="second">{t::resident::guests::none()}</p> }.into_any();
                    }
                    let rows = page.items.iter().cloned().map(|guest| view! { <Guest guest /> }).collect_view();
                    let more = page.next_cursor.is_some().then(|| {
                        view! { <p class="second">{t::resident::guests::older()}</p> }
                    });
                    view! { <ul class="plain-list">{rows}</ul> {more} }.into_any()
                })
            }}
        </LoadView>
    }
}

#[component]
fn Guest(guest: GuestCode) -> impl IntoView {
    let now = use_now();
    let (id, name, state) = (guest.id, guest.guest_name.clone(), guest.state);
    let kind = guest_code_kind_name(guest.kind);
    view! {
        <li class="row">
            <Link to=Route::GuestCode(id)>{name}</Link>
            <GuestCodeStateView state />
            <span class="second small">{kind} " · " {move || when_text(&guest, now.get())}</span>
        </li>
    }
}
