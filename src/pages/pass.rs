//! `/pass#…`: what a guest sees through their link, without signing in.

use crate::prelude::*;
use api_types::{GuestPass, PassDoor, RevealedCode, Window};

use crate::{
    api::{self, ApiError},
    components::{
        Card, Digits, LanguageChoice, LoadView, PageHeader, ProblemView, ShownDigits, guest_code_kind_sentence,
        recurrence_text, span_text,
    },
    intl::{self, Style},
    load::{Load, Stage},
    mutation::Mutation,
    ui::{Button, ButtonKind, Icon, IconView, Pill, SkeletonLines, Tone, use_now, use_toasts},
};

/// The secret of the link: the part after the `#`, which browsers don't send.
fn secret() -> String {
    window().location().hash().unwrap_or_default().trim_start_matches('#').to_owned()
}

/// The guest's code, when it opens and what.
#[component]
pub fn PassPage() -> impl IntoView {
    let load = Load::once(|| api::pass::open(secret()));
    let failed = memo(move || match load.stage().get() {
        Stage::Failed(error) => Some(error),
        _ => None,
    });
    let again = Callback::new(move |()| load.reload());
    // Another link was pasted over this one: nothing of this one may stay.
    let other = window_event_listener_untyped("hashchange", |_| {
        // Fails only while the page is being left.
        let _ = window().location().reload();
    });
    on_cleanup(move || other.remove());
    view! {
        <div class="pass stack narrow">
            <p class="brand">
                <IconView icon=Icon::Key />
                <span>"Latchkey"</span>
            </p>
            {move || match failed.get() {
                Some(error) if error.is_not_found() => {
                    view! {
                        <PageHeader title=t::pass::gone() />
                        <p>{t::pass::gone_hint()}</p>
                    }
                        .into_any()
                }
                Some(error) => view! { <ProblemView error on_retry=again /> }.into_any(),
                None => {
                    view! {
                        <LoadView load skeleton=|| view! { <SkeletonLines lines=6 /> } let:pass>
                            <Pass pass />
                        </LoadView>
                    }
                        .into_any()
                }
            }}
            <LanguageChoice />
        </div>
    }
}

#[component]
fn Pass(pass: Signal<GuestPass>) -> impl IntoView {
    let now = use_now();
    let pass = memo(move || pass.get());
    let zone = memo(move || pass.with(|pass| pass.property.time_zone.clone()));
    let title = move || pass.with(|pass| t::pass::title(&pass.property.name));
    let facts = move || {
        let zone = intl::zone_label(&zone.get(), now.get());
        pass.with(|pass| t::pass::facts(&pass.guest_name, &zone))
    };
    let windows = move || {
        let now = now.get();
        pass.with(|pass| {
            pass.next_windows
                .iter()
                .map(|window| window_text(window, &pass.property.time_zone, now))
                .collect::<Vec<_>>()
        })
    };
    let rows = move || windows().into_iter().map(|words| view! { <li>{words}</li> }).collect_view();
    let doors =
        move || pass.with(|pass| pass.doors.iter().map(|door| view! { <Door door=door.clone() /> }).collect_view());
    view! {
        <PageHeader title=derived(title) facts />
        <Code length=pass.with_untracked(|pass| pass.length) />
        <Card title=t::pass::when()>
            {move || {
                pass.with(|pass| pass.recurrence.as_ref().map(recurrence_text))
                    .map(|words| view! { <p><strong>{words}</strong></p> })
            }}
            <ol class="windows">{rows}</ol>
            <p class="second small">{move || pass.with(|pass| guest_code_kind_sentence(pass.kind))}</p>
        </Card>
        <Card title=t::pass::doors()>
            <ul class="plain-list">{doors}</ul>
        </Card>
    }
}

/// The digits, revealed by a button.
#[component]
fn Code(length: u8) -> impl IntoView {
    let shown = ShownDigits::new();
    let toasts = use_toasts();
    let reveal = Mutation::new(
        |()| api::pass::reveal(secret()),
        move |revealed: RevealedCode| {
            let seconds = revealed.hide_after_s;
            shown.show(revealed.code, seconds);
            toasts.announce(t::common::secret::shown(seconds));
        },
    );
    let press = Callback::new(move |()| {
        if untrack(|| shown.shown()) {
            shown.hide();
        } else {
            reveal.submit(());
        }
    });
    let error = move || reveal.error().get().map(|error: ApiError| error.sentence());
    view! {
        <section class="access-bar" aria-label=t::pass::code()>
            <span class="secret-code">
                <Digits digits=shown.digits() length=Signal::stored(length) />
                <Button kind=ButtonKind::Secondary icon=Icon::Eye busy=reveal.pending() on_press=press>
                    {move || if shown.shown() { t::pass::hide() } else { t::pass::show() }}
                </Button>
            </span>
            <p class="access-bar-opens">{t::pass::looks()}</p>
        </section>
        <div role="alert">
            {move || {
                error().map(|words| view! { <div class="notice waiting"><IconView icon=Icon::Clock /> <p>{words}</p></div> })
            }}
        </div>
    }
}

#[component]
fn Door(door: PassDoor) -> impl IntoView {
    let state = if door.working {
        view! { <Pill tone=Tone::Good icon=Icon::Check>{t::pass::working()}</Pill> }
    } else {
        view! { <Pill tone=Tone::Moving icon=Icon::Clock>{t::pass::not_yet()}</Pill> }
    };
    view! { <li class="row"><strong>{door.name}</strong> {state}</li> }
}

fn window_text(window: &Window, zone: &str, now_ms: f64) -> String {
    let from = window.starts_at.as_str();
    match &window.ends_at {
        Some(to) => span_text(from, to.as_str(), zone, now_ms),
        None => t::pass::from(&intl::format(from, zone, Style::DateTime)),
    }
}
