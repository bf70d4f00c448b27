//! `/guest-codes/{guest_code}`

use std::time::Duration;

use crate::prelude::*;
use api_types::{GuestCode, GuestCodeState, PlacementStatus, Window};
use uuid::Uuid;

use super::{Whose, doors_of, offer};
use crate::{
    api,
    components::{
        Card, FormProblem, GuestCodeLocks, GuestCodeStateView, Link, LoadView, PageHeader, SecretCode, door_names,
        guest_code_is_moving, guest_code_is_over, guest_code_kind_name, guest_code_kind_sentence,
        guest_code_may_change, recurrence_days, span_text, use_properties, when_text,
    },
    intl::{self, Style},
    load::{Load, Stage},
    mutation::Mutation,
    session::use_session,
    ui::{Button, ButtonKind, ConfirmDialog, SkeletonLines, Time, TimeStyle, use_now, use_toasts},
};

/// How often it is read again while a lock is being told something.
const REFRESH_MOVING: Duration = Duration::from_secs(2);

/// How often it is read again while something may happen by itself.
const REFRESH: Duration = Duration::from_secs(15);

/// One guest code: what it opens and when, what each lock knows, its digits for those who may, and revoking it.
#[component]
pub fn GuestCodePage(
    /// The guest code.
    id: Uuid,
) -> impl IntoView {
    let load = Load::once(move || api::guest_codes::get(id));
    let moving = move || load.with(|guest| guest.is_some_and(guest_code_is_moving));
    load.refresh_every(REFRESH_MOVING, moving);
    load.refresh_every(REFRESH, move || !moving() && load.with(|guest| guest.is_some_and(guest_code_may_change)));
    let ready = memo(move || load.stage().with(|stage| *stage == Stage::Ready));
    view! {
        <Show when=move || !ready.get()>
            <PageHeader title="Guest code" />
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
    // What these say of a code never changes.
    let (id, length, property) = guest.with_untracked(|guest| (guest.id, guest.length, guest.property_id));
    let issuer = guest.with_untracked(|guest| guest.issued_by.id);
    let whose = memo(move || match properties.property(property) {
        Some(_) => Whose::Property(property),
        None => Whose::Mine,
    });
    let managers_are_read = move || properties.ready() || session.is(api_types::Role::Resident);
    let offer = Load::new(move || managers_are_read().then(|| whose.get()), offer);
    let doors = doors_of(offer);
    let zone = memo(move || guest.with(|guest| guest.time_zone.clone()));
    let state = memo(move || guest.with(|guest| guest.state));
    let over = move || guest_code_is_over(state.get());
    let issued_by_me = session.user().is_some_and(|user| user.id == issuer);

    let asking = RwSignal::new(false);
    let toasts = use_toasts();
    let revoke = Mutation::with_key(
        &["guest_code.revoke.", &id.to_string()].concat(),
        move |(), key| async move { api::guest_codes::revoke(id, &key).await },
        move |revoked: GuestCode| {
            asking.set(false);
            load.set(revoked);
            toasts.done("Revoked. See below what the locks say.");
        },
    );
    let ask = Callback::new(move |()| {
        revoke.clear();
        asking.set(true);
    });
    let facts = move || {
        let zone = intl::zone_label(&zone.get(), now.get());
        guest.with(|guest| [guest_code_kind_name(guest.kind), " guest code · Times are ", &zone].concat())
    };
    view! {
        <p class="back">{move || view! { <Link to=whose.get().list()>"All guest codes"</Link> }}</p>
        <PageHeader title=Signal::derive(move || guest.with(|guest| guest.guest_name.clone())) facts>
            <Show when=move || !over()>
                <Button kind=ButtonKind::Danger on_press=ask>"Revoke"</Button>
            </Show>
        </PageHeader>
        <div class="guest-code">
            <div class="stack">
                <Card title="Code">
                    <Show
                        when=move || !over()
                        fallback=move || view! { <p class="second">{over_sentence(state.get())}</p> }
                    >
                        <div class="digits-large">
                            <SecretCode
                                id=Signal::derive(move || id)
                                length=Signal::derive(move || length)
                                whose=Signal::derive(move || {
                                    guest.with(|guest| ["the code of ", &guest.guest_name].concat())
                                })
                                ask_reason=!issued_by_me
                            />
                        </div>
                        <p class="small second">
                            {if issued_by_me {
                                "Every look is recorded."
                            } else {
                                "You didn't issue it: looking asks for a reason, which is recorded."
                            }}
                        </p>
                    </Show>
                    <dl class="facts">
                        <dt>"State"</dt>
                        <dd>{move || view! { <GuestCodeStateView state=state.get() /> }}</dd>
                        <dt>"Opens"</dt>
                        <dd>{move || guest.with(|guest| door_names(guest, &doors.get())).join(", ")}</dd>
                        <dt>"When"</dt>
                        <dd>
                            {move || guest.with(|guest| when_text(guest, now.get()))}
                            {move || {
                                guest
                                    .with(|guest| guest.recurrence.as_ref().map(recurrence_days))
                                    .map(|days| view! { <span class="cell-note">{days}</span> })
                            }}
                        </dd>
                        <dt>"Kind"</dt>
                        <dd>
                            {move || {
                                guest
                                    .with(|guest| {
                                        [guest_code_kind_name(guest.kind), ". ", guest_code_kind_sentence(guest.kind)]
                                            .concat()
                                    })
                            }}
                        </dd>
                        <dt>"Issued"</dt>
                        <dd>
                            {move || {
                                guest
                                    .with(|guest| {
                                        let at = guest.issued_at.as_str().to_owned();
                                        view! {
                                            <Time at zone=guest.time_zone.clone() style=TimeStyle::In(Style::DateTime) />
                                            " by "
                                            {guest.issued_by.name.clone()}
                                        }
                                    })
                            }}
                        </dd>
                        <dt>"Length"</dt>
                        <dd>{length.to_string()} " digits, random"</dd>
                    </dl>
                </Card>
                <Show when=move || guest.with(|guest| guest.recurrence.is_some() && !guest.next_windows.is_empty())>
                    <Card title="Next windows">
                        {move || {
                            guest.with(|guest| windows(&guest.next_windows, &guest.time_zone, now.get())).into_any()
                        }}
                    </Card>
                </Show>
            </div>
            <Card title="On the locks">
                <GuestCodeLocks guest doors />
            </Card>
        </div>
        <ConfirmDialog
            open=asking
            title=Signal::derive(move || guest.with(|guest| ["Revoke the code of ", &guest.guest_name, "?"].concat()))
            confirm="Revoke"
            busy=revoke.pending()
            on_confirm=Callback::new(move |()| revoke.submit(()))
        >
            <FormProblem mutation=revoke />
            <p>{move || guest.with(revoke_sentence)}</p>
            <p>"A revoked code can't be brought back; you can issue another."</p>
        </ConfirmDialog>
    }
}

/// What will happen to the locks (R24).
fn revoke_sentence(guest: &GuestCode) -> String {
    let on = |placement: &&api_types::Placement| placement.status != PlacementStatus::Removed;
    if !guest.placements.iter().any(|placement| on(&placement)) {
        return "No lock has it now, and none will be told it any more.".to_owned();
    }
    let offline = |placement: &&api_types::Placement| placement.status == PlacementStatus::Waiting;
    let waits = if guest.placements.iter().any(|placement| offline(&placement)) {
        " A lock that is offline is told when it is back."
    } else {
        ""
    };
    ["It still opens the door until the lock confirms the removal. You see here how far each lock is.", waits].concat()
}

/// Why there is nothing to reveal any more.
fn over_sentence(state: GuestCodeState) -> &'static str {
    match state {
        GuestCodeState::Used => "It was used, and a delivery code works once. Its digits aren't shown any more.",
        GuestCodeState::Expired => "Its last window is over. Its digits aren't shown any more.",
        GuestCodeState::Revoked => "It was revoked. Its digits aren't shown any more.",
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
                None => ["From ", &intl::format(from, zone, Style::DateTime), " until revoked"].concat(),
            };
            view! { <li>{text}</li> }
        })
        .collect_view();
    view! { <ol class="windows">{rows}</ol> }
}
