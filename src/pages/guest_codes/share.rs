//! Sharing a guest code with the guest: links, also as QR codes.

use crate::prelude::*;
use api_types::{NewShare, Share, Shares};
use leptos::html;
use uuid::Uuid;

use crate::{
    api,
    components::{Card, FormProblem, LoadView},
    intl::Style,
    load::Load,
    mutation::{Mutation, invalid},
    ui::{Button, ButtonKind, CopyButton, Dialog, Icon, SkeletonLines, TextArea, Time, TimeStyle, use_toasts},
};

/// A reason's maximum length in characters.
const MAX_REASON: u32 = 200;

/// The links to a guest code that still work, and a button for another. With `ask_reason` a dialog asks for the reason
/// first (R30), since a link shows the digits to anybody who has it.
#[component]
pub fn ShareCard(
    /// The guest code.
    id: Uuid,
    /// The property's IANA time zone.
    #[prop(into)]
    zone: Signal<String>,
    /// Whether to ask for a reason first.
    ask_reason: bool,
) -> impl IntoView {
    let toasts = use_toasts();
    let load = Load::once(move || api::guest_codes::shares(id));
    let asking = RwSignal::new(false);
    let showing = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    // Kept only while its dialog is open: anybody who has it sees the digits.
    let made = RwSignal::new(None::<NewShare>);
    let share = Mutation::new(
        move |reason: Option<String>| async move { api::guest_codes::share(id, reason).await },
        move |link: NewShare| {
            asking.set(false);
            reason.set(String::new());
            made.set(Some(link));
            showing.set(true);
            load.reload();
        },
    );
    effect(move || {
        if !showing.get() {
            made.set(None);
        }
    });
    let revoke = Mutation::new(
        move |link: Uuid| async move { api::guest_codes::revoke_share(id, link).await },
        move |()| {
            toasts.done(t::share::revoked());
            load.reload();
        },
    );
    let press = Callback::new(move |()| {
        share.clear();
        if ask_reason {
            asking.set(true);
        } else {
            share.submit(None);
        }
    });
    let confirm = move || {
        let text = reason.get_untracked().trim().to_owned();
        if text.is_empty() {
            share.refuse(vec![invalid("reason", t::common::secret::reason_missing())]);
        } else {
            share.submit(Some(text));
        }
    };
    let end = Callback::new(move |link: Uuid| revoke.submit(link));
    view! {
        <div class="screen-only">
            <Card title=t::share::title()>
                <p class="second">{t::share::hint()}</p>
                <Show when=move || !asking.get()>
                    <FormProblem mutation=share />
                </Show>
                <FormProblem mutation=revoke />
                <p>
                    <Button icon=Icon::ArrowRight busy=share.pending() on_press=press>{t::share::make()}</Button>
                </p>
                <LoadView load skeleton=|| view! { <SkeletonLines lines=2 /> } let:shares>
                    <ul class="plain-list">
                        <For each=move || shares.with(|shares: &Shares| shares.items.clone()) key=key let(link)>
                            <Line link zone=zone.get_untracked() end />
                        </For>
                    </ul>
                </LoadView>
            </Card>
        </div>
        <Dialog open=asking title=t::share::question()>
            <form on:submit=move |event| {
                event.prevent_default();
                confirm();
            }>
                <p>{t::share::question_hint()}</p>
                <FormProblem mutation=share />
                <TextArea
                    label=t::common::secret::reason()
                    name="reason"
                    value=reason
                    hint=t::common::secret::reason_hint()
                    error=share.field_error("reason")
                    max_length=MAX_REASON
                    rows=2
                />
                <div class="dialog-actions">
                    <Button on_press=Callback::new(move |()| asking.set(false))>{t::ui::cancel()}</Button>
                    <Button kind=ButtonKind::Primary submit=true busy=share.pending()>{t::share::make()}</Button>
                </div>
            </form>
        </Dialog>
        <Dialog open=showing title=t::share::made()>
            {move || made.get().map(|link| view! { <NewLink link /> })}
            <div class="dialog-actions">
                <Button
                    icon=Icon::Printer
                    on_press=Callback::new(|()| {
                        // Fails only if the browser can't print, which it reports itself.
                        let _ = window().print();
                    })
                >
                    {t::share::print()}
                </Button>
                <Button kind=ButtonKind::Primary on_press=Callback::new(move |()| showing.set(false))>
                    {t::share::done()}
                </Button>
            </div>
        </Dialog>
    }
}

/// Everything that can change in a row.
fn key(link: &Share) -> (Uuid, u32) {
    (link.id, link.opened_count)
}

#[component]
fn NewLink(link: NewShare) -> impl IntoView {
    let drawing = NodeRef::<html::Div>::new();
    let svg = link.qr_svg;
    effect(move || {
        if let Some(place) = drawing.get() {
            // Drawn by our own server, from nothing that a guest or resident has entered.
            place.set_inner_html(&svg);
        }
    });
    let url = link.url.clone();
    view! {
        <p>{t::share::made_hint()}</p>
        <div node_ref=drawing class="qr" role="img" aria-label=t::share::qr()></div>
        <label class="field">
            <span>{t::share::link()}</span>
            <input type="text" readonly=true class="share-link" prop:value=link.url />
        </label>
        <p>
            <CopyButton
                text=Callback::new(move |()| url.clone())
                label=t::share::copy()
                done=t::share::copied()
            />
        </p>
    }
}

#[component]
fn Line(link: Share, zone: String, end: Callback<Uuid>) -> impl IntoView {
    let id = link.id;
    let opened = match link.opened_count {
        0 => t::share::never_opened().to_owned(),
        times => t::share::opened(times),
    };
    let last = link.last_opened_at.map(|at| view! { " · " <Time at=at.0 zone=zone.clone() /> });
    view! {
        <li class="row session">
            <div class="grow">
                <p>{t::share::by(&link.created_by)} " · " <Time at=link.created_at.0 zone=zone style=TimeStyle::In(Style::DateTime) /></p>
                <p class="second small">{opened} {last}</p>
            </div>
            <Button kind=ButtonKind::Danger on_press=Callback::new(move |()| end.run(id))>{t::share::revoke()}</Button>
        </li>
    }
}
