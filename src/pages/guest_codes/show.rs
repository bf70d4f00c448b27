//! `/guest-codes/{guest_code}`

use crate::prelude::*;
use api_types::{GuestCode, GuestCodeKind, GuestCodeState, PlacementStatus, Window};
use ids::GuestCodeId;

use super::{
    Whose, doors_of, offer,
    share::{ShareCard, message},
};
use crate::{
    api,
    components::{
        Card, FormProblem, GuestCodeLocks, GuestCodeStateView, Link, LoadView, PageHeader, SecretCode, Week,
        door_names, guest_code_is_over, guest_code_kind_name, guest_code_kind_sentence, recurrence_days, span_text,
        use_properties, when_text,
    },
    intl::{self, Style},
    live,
    load::{Load, Stage},
    mutation::Mutation,
    query::Query,
    routes::Route,
    session::use_session,
    ui::{Button, ButtonKind, ConfirmDialog, SkeletonLines, Time, TimeStyle, use_now, use_toasts},
};

/// One guest code: what it opens and when, its status on each lock, its digits for those who may see them, and revoking
/// it.
#[component]
pub fn GuestCodePage(
    /// The guest code.
    id: GuestCodeId,
) -> impl IntoView {
    let load = Load::once(move || api::guest_codes::get(id));
    load.follow_changes(live::GUEST_CODE, id.uuid());
    let ready = memo(move || load.stage().with(|stage| *stage == Stage::Ready));
    view! {
        <Show when=move || !ready.get()>
            <PageHeader title=t::shell::titles::guest_code() />
        </Show>
        <LoadView load skeleton=|| view! { <SkeletonLines lines=8 /> } let:guest>
            <OneGuestCode guest load />
        </LoadView>
    }
}

#[component]
fn OneGuestCode(guest: Signal<GuestCode>, load: Load<GuestCode>) -> impl IntoView {
    let now = use_now();
    let session = use_session();
    let properties = use_properties();
    let guest = memo(move || guest.get());
    // These properties of a code never change.
    let (id, length, property) = guest.with_untracked(|guest| (guest.id, guest.length, guest.property_id));
    let issuer = guest.with_untracked(|guest| guest.issued_by.id);
    let whose = memo(move || match properties.property(property) {
        Some(_) => Whose::Property(property),
        None => Whose::Mine,
    });
    let managers_are_read = move || properties.ready() || session.is(api_types::Role::Resident);
    let offer = Load::new(move || managers_are_read().then(|| whose.get()), |whose| offer(whose, String::new()));
    let doors = doors_of(offer);
    let message = Callback::new(move |url: String| {
        untrack(|| {
            let property = offer.with(|offer| offer.map(|offer| offer.property.clone())).unwrap_or_default();
            guest.with(|guest| message(guest, &property, &door_names(guest, &doors.get()), &url))
        })
    });
    let zone = memo(move || guest.with(|guest| guest.time_zone.clone()));
    let state = memo(move || guest.with(|guest| guest.state));
    let over = move || guest_code_is_over(state.get());
    let failed = move || {
        guest.with(|guest| guest.placements.iter().any(|placement| placement.status == PlacementStatus::Failed))
    };
    let issued_by_me = session.user().is_some_and(|user| user.id == issuer);

    let asking = RwSignal::new(false);
    let toasts = use_toasts();
    let revoke = Mutation::with_key(
        &["guest_code.revoke.", &id.to_string()].concat(),
        move |(), key| async move { api::guest_codes::revoke(id, &key).await },
        move |revoked: GuestCode| {
            asking.set(false);
            load.set(revoked);
            toasts.done(t::guest_codes::revoke::done());
        },
    );
    let ask = Callback::new(move |()| {
        revoke.clear();
        asking.set(true);
    });
    let facts = move || {
        let zone = intl::zone_label(&zone.get(), now.get());
        guest.with(|guest| heading(guest.kind, &zone))
    };
    view! {
        <p class="back">{move || view! { <Link to=whose.get().list()>{t::issue::all()}</Link> }}</p>
        <PageHeader title=derived(move || guest.with(|guest| guest.guest_name.clone())) facts>
            <Show when=move || over() || failed()>
                <Link
                    to=whose.get().form()
                    query=Query::new().with("again", &id.to_string())
                    class=ButtonKind::Secondary.class()
                >
                    {t::guest_codes::again()}
                </Link>
            </Show>
            <Show when=move || !over()>
                <Link to=Route::GuestCodeChange(id) class=ButtonKind::Secondary.class()>
                    {t::guest_codes::change()}
                </Link>
                <Button kind=ButtonKind::Danger on_press=ask>{t::guest_codes::revoke::button()}</Button>
            </Show>
        </PageHeader>
        <div class="guest-code">
            <div class="stack">
                <Card title=t::guest_codes::code::title()>
                    <Show
                        when=move || !over()
                        fallback=move || view! { <p class="second">{over_sentence(state.get())}</p> }
                    >
                        <div class="digits-large">
                            <SecretCode
                                id=derived(move || id.code())
                                length=derived(move || length)
                                whose=derived(move || {
                                    guest.with(|guest| t::issue::issued::whose(&guest.guest_name))
                                })
                                ask_reason=!issued_by_me
                            />
                        </div>
                        <p class="small second">
                            {if issued_by_me {
                                t::guest_codes::code::own()
                            } else {
                                t::guest_codes::code::another_s()
                            }}
                        </p>
                    </Show>
                    <dl class="facts">
                        <dt>{t::guest_codes::facts::state()}</dt>
                        <dd>{move || view! { <GuestCodeStateView state=state.get() /> }}</dd>
                        <dt>{t::guest_codes::facts::opens()}</dt>
                        <dd>{move || guest.with(|guest| door_names(guest, &doors.get())).join(", ")}</dd>
                        {move || {
                            guest
                                .with(|guest| guest.reference.clone())
                                .map(|reference| {
                                    view! {
                                        <dt>{t::guest_codes::facts::reference()}</dt>
                                        <dd translate="no">{reference}</dd>
                                    }
                                })
                        }}
                        <dt>{t::guest_codes::facts::when()}</dt>
                        <dd>
                            {move || guest.with(|guest| when_text(guest, now.get()))}
                            {move || {
                                guest
                                    .with(|guest| guest.recurrence.as_ref().map(recurrence_days))
                                    .map(|days| view! { <span class="cell-note">{days}</span> })
                            }}
                        </dd>
                        <dt>{t::guest_codes::facts::kind()}</dt>
                        <dd>
                            {move || {
                                let kind = guest.with(|guest| guest.kind);
                                t::guest_codes::code::kind(guest_code_kind_name(kind), guest_code_kind_sentence(kind))
                            }}
                        </dd>
                        <dt>{t::guest_codes::facts::issued()}</dt>
                        <dd>
                            {move || {
                                guest
                                    .with(|guest| {
                                        let at = guest.issued_at.as_str().to_owned();
                                        let [before, _, after] = t::guest_codes::code::issued_by(&guest.issued_by.name);
                                        view! {
                                            {before}
                                            <Time at zone=guest.time_zone.clone() style=TimeStyle::In(Style::DateTime) />
                                            {after}
                                        }
                                    })
                            }}
                        </dd>
                        <dt>{t::guest_codes::facts::length()}</dt>
                        <dd>{t::guest_codes::code::digits(u32::from(length))}</dd>
                    </dl>
                </Card>
                <Show when=move || !over()>
                    <ShareCard id zone ask_reason=!issued_by_me message />
                </Show>
                <Show when=move || guest.with(|guest| guest.recurrence.is_some() && !guest.next_windows.is_empty())>
                    <Card title=t::guest_codes::code::windows()>
                        {move || {
                            guest.with(|guest| guest.recurrence.clone()).map(|recurrence| view! { <Week recurrence /> })
                        }}
                        {move || {
                            guest.with(|guest| windows(&guest.next_windows, &guest.time_zone, now.get())).into_any()
                        }}
                    </Card>
                </Show>
            </div>
            <Card title=t::issue::issued::locks()>
                <GuestCodeLocks guest doors />
            </Card>
        </div>
        <ConfirmDialog
            open=asking
            title=derived(move || guest.with(|guest| t::guest_codes::revoke::question(&guest.guest_name)))
            confirm=t::guest_codes::revoke::button()
            busy=revoke.pending()
            on_confirm=Callback::new(move |()| revoke.submit(()))
        >
            <FormProblem mutation=revoke />
            <p>{move || guest.with(revoke_sentence)}</p>
            <p>{t::guest_codes::revoke::no_undo()}</p>
        </ConfirmDialog>
    }
}

/// The kind, and the zone of the times.
fn heading(kind: GuestCodeKind, zone: &str) -> String {
    match kind {
        GuestCodeKind::Temporary => t::guest_codes::heading::temporary(zone),
        GuestCodeKind::Recurring => t::guest_codes::heading::recurring(zone),
        GuestCodeKind::Delivery => t::guest_codes::heading::delivery(zone),
        GuestCodeKind::Permanent => t::guest_codes::heading::permanent(zone),
    }
}

/// What revoking will do at the locks (R24).
fn revoke_sentence(guest: &GuestCode) -> String {
    let on = |placement: &&api_types::Placement| placement.status != PlacementStatus::Removed;
    if !guest.placements.iter().any(|placement| on(&placement)) {
        return t::guest_codes::revoke::on_no_lock().to_owned();
    }
    let offline = |placement: &&api_types::Placement| placement.status == PlacementStatus::Waiting;
    let still_opens = t::guest_codes::revoke::still_opens();
    if guest.placements.iter().any(|placement| offline(&placement)) {
        [still_opens, " ", t::guest_codes::revoke::offline()].concat()
    } else {
        still_opens.to_owned()
    }
}

/// Why there is no code to reveal any more.
fn over_sentence(state: GuestCodeState) -> &'static str {
    match state {
        GuestCodeState::Used => t::guest_codes::over::used(),
        GuestCodeState::Expired => t::guest_codes::over::expired(),
        GuestCodeState::Revoked => t::guest_codes::over::revoked(),
        GuestCodeState::Scheduled | GuestCodeState::Live => "",
    }
}

/// Windows as a list, in a zone.
pub(super) fn windows(windows: &[Window], zone: &str, now_ms: f64) -> impl IntoView + use<> {
    let rows = windows
        .iter()
        .map(|window| {
            let from = window.starts_at.as_str();
            let text = match &window.ends_at {
                Some(to) => span_text(from, to.as_str(), zone, now_ms),
                None => t::issue::preview::until_revoked(&intl::format(from, zone, Style::DateTime)),
            };
            view! { <li>{text}</li> }
        })
        .collect_view();
    view! { <ol class="windows">{rows}</ol> }
}
