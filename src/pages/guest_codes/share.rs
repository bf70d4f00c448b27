//! Sharing a guest code with the guest: links, also as QR codes.

use crate::prelude::*;
use api_types::{GuestCode, NewShare, Share, Shares};
use ids::{GuestCodeId, ShareId};
use js_sys::{Function, Object, Promise, Reflect};
use leptos::{html, task::spawn_local};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use crate::{
    api,
    components::{Card, FormProblem, LoadView, recurrence_days, when_text},
    intl::{self, Style},
    live,
    load::Load,
    mutation::{Mutation, invalid},
    ui::{
        Button, ButtonKind, CopyButton, Dialog, Icon, InputKind, SkeletonLines, TextArea, TextField, Time, TimeStyle,
        use_toasts,
    },
};

/// A reason's maximum length in characters.
const MAX_REASON: u32 = 200;

/// The links to a guest code that still work, and a button for another. With `ask_reason` a dialog asks for the reason
/// first (R30), since a link shows the digits to anybody who has it.
#[component]
pub fn ShareCard(
    /// The guest code.
    id: GuestCodeId,
    /// The property's IANA time zone.
    #[prop(into)]
    zone: Signal<String>,
    /// Whether to ask for a reason first.
    ask_reason: bool,
    /// Writes the message that goes with a link's address.
    message: Callback<String, String>,
) -> impl IntoView {
    let toasts = use_toasts();
    let load = Load::once(move || api::guest_codes::shares(id));
    // Among that is what becomes of mail with one of them.
    load.follow_changes(live::GUEST_CODE, id.uuid());
    let asking = RwSignal::new(false);
    let showing = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let email = RwSignal::new(String::new());
    let service = Load::once(api::people::mail_service);
    let mails = memo(move || service.with(|service| service.is_some_and(|service| service.mails)));
    // Kept only while its dialog is open: anybody who has it sees the digits.
    let made = RwSignal::new(None::<NewShare>);
    let share = Mutation::new(
        move |reason: Option<String>| {
            let email = email.with_untracked(|email| email.trim().to_owned());
            let email = (!email.is_empty()).then_some(email);
            async move { api::guest_codes::share(id, reason, email).await }
        },
        move |link: NewShare| {
            asking.set(false);
            reason.set(String::new());
            email.set(String::new());
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
        move |link: ShareId| async move { api::guest_codes::revoke_share(id, link).await },
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
    let end = Callback::new(move |link: ShareId| revoke.submit(link));
    view! {
        <div class="screen-only">
            <Card title=t::share::title()>
                <p class="second">{t::share::hint()}</p>
                <Show when=move || !asking.get()>
                    <FormProblem mutation=share />
                </Show>
                <FormProblem mutation=revoke />
                <Show when=move || mails.get()>
                    <TextField
                        label=t::share::email()
                        name="email"
                        value=email
                        kind=InputKind::Email
                        hint=t::share::email_hint()
                        error=share.field_error("email")
                        optional=true
                    />
                </Show>
                <p>
                    <Button icon=Icon::Link busy=share.pending() on_press=press>{t::share::make()}</Button>
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
            {move || made.get().map(|link| view! { <NewLink link message preview=true /> })}
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
fn key(link: &Share) -> (ShareId, u32, bool, bool) {
    let mail = link.mail.as_ref();
    let undelivered = mail.and_then(|mail| mail.undelivered.as_ref());
    (link.id, link.opened_count, mail.is_some_and(|mail| mail.sent), undelivered.is_some_and(|it| it.bounced))
}

/// The message that goes with a link: the property, the doors, the times in the property's zone and whom to ask. Never
/// with digits: whoever gets it sees them behind the link, where each look is recorded.
pub(super) fn message(guest: &GuestCode, property: &str, doors: &[String], url: &str) -> String {
    let now = intl::now_ms();
    let days = guest.recurrence.as_ref().map(|recurrence| [", ", &recurrence_days(recurrence)].concat());
    let when = [when_text(guest, now), days.unwrap_or_default()].concat();
    let zone = intl::zone_label(&guest.time_zone, now);
    t::share::message(property, &doors.join(", "), &when, &zone, url, &guest.issued_by.name)
}

/// A link just made: as a QR code, to copy, and with a message to send.
#[component]
pub(super) fn NewLink(
    /// The link.
    link: NewShare,
    /// Writes the message that goes with its address.
    message: Callback<String, String>,
    /// Whether to show the message, also on paper.
    #[prop(optional)]
    preview: bool,
) -> impl IntoView {
    let drawing = NodeRef::<html::Div>::new();
    let svg = link.qr_svg;
    effect(move || {
        if let Some(place) = drawing.get() {
            // Drawn by our own server, from nothing that a guest or resident has entered.
            place.set_inner_html(&svg);
        }
    });
    let url = link.url.clone();
    let text = StoredValue::new(message.run(link.url.clone()));
    let shown = preview.then(|| view! { <p class="share-message">{text.get_value()}</p> });
    let send = share_sheet().map(|_| {
        let press = Callback::new(move |()| open_share_sheet(&text.get_value()));
        view! { <Button icon=Icon::Share on_press=press>{t::share::send()}</Button> }
    });
    view! {
        {link.mailed.then(|| view! { <p class="no-print">{t::share::mailed()}</p> })}
        <p class="no-print">{t::share::made_hint()}</p>
        <div node_ref=drawing class="qr" role="img" aria-label=t::share::qr()></div>
        {shown}
        <label class="field" class:no-print=!preview>
            <span>{t::share::link()}</span>
            <input type="text" readonly=true class="share-link" prop:value=link.url />
        </label>
        <div class="row">
            <CopyButton
                text=Callback::new(move |()| text.get_value())
                label=t::share::copy_message()
                done=t::share::message_copied()
            />
            <CopyButton
                text=Callback::new(move |()| url.clone())
                label=t::share::copy()
                done=t::share::copied()
            />
            {send}
        </div>
    }
}

/// `navigator.share`, where the browser and the device have it: usually on phones.
fn share_sheet() -> Option<Function> {
    Reflect::get(&window().navigator(), &"share".into()).ok()?.dyn_into().ok()
}

/// Opens the device's own sheet for sending a text to somebody.
fn open_share_sheet(text: &str) {
    let data = Object::new();
    // Setting a property of a plain object made here doesn't fail.
    let _ = Reflect::set(&data, &"text".into(), &text.into());
    let sheet = share_sheet().and_then(|share| share.call1(&window().navigator(), &data).ok());
    if let Some(Ok(sent)) = sheet.map(JsCast::dyn_into::<Promise>) {
        // It is also rejected when the person closes the sheet; there is nothing to say about that.
        spawn_local(async move {
            let _ = JsFuture::from(sent).await;
        });
    }
}

#[component]
fn Line(link: Share, zone: String, end: Callback<ShareId>) -> impl IntoView {
    let id = link.id;
    let opened = match link.opened_count {
        0 => t::share::never_opened().to_owned(),
        times => t::share::opened(times),
    };
    let mail = link.mail.map(|mail| {
        let bounced = mail.undelivered.as_ref().is_some_and(|it| it.bounced);
        let words = match (mail.sent, bounced) {
            (true, _) => t::share::mail::sent(&mail.to),
            (false, true) => t::share::mail::bounced(&mail.to),
            (false, false) => t::share::mail::on_its_way(&mail.to),
        };
        let reply = mail.undelivered.and_then(|it| it.reply);
        view! {
            <p class="second small words">{words}</p>
            {reply.map(|reply| view! { <p class="second small words">{reply}</p> })}
            {bounced.then(|| view! { <p class="small">{t::share::mail::not_delivered()}</p> })}
        }
    });
    let last = link.last_opened_at.map(|at| view! { " · " <Time at=at.0 zone=zone.clone() /> });
    view! {
        <li class="row session">
            <div class="grow">
                <p>{t::share::by(&link.created_by)} " · " <Time at=link.created_at.0 zone=zone style=TimeStyle::In(Style::DateTime) /></p>
                <p class="second small">{opened} {last}</p>
                {mail}
            </div>
            <Button kind=ButtonKind::Danger on_press=Callback::new(move |()| end.run(id))>{t::share::revoke()}</Button>
        </li>
    }
}
