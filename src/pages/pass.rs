//! `/pass#…`: what a guest sees through their link, without signing in.

use std::{cell::Cell, time::Duration};

use crate::prelude::*;
use api_types::{GuestCodeState, GuestPass, PassDoor, ProblemCode, RevealedCode, Window};
use leptos::{leptos_dom::helpers::IntervalHandle, task::spawn_local};

use crate::{
    api::{self, ApiError},
    components::{
        Card, Digits, LanguageChoice, LoadView, PageHeader, ProblemView, ShownDigits, contact,
        guest_code_kind_sentence, recurrence_text, span_text,
    },
    intl::{self, Style},
    load::{Load, Stage},
    mutation::Mutation,
    ui::{Button, ButtonKind, Icon, IconView, Pill, SkeletonLines, Tone, use_now, use_toasts},
};

/// How often an open pass asks whether it still holds, in seconds.
const CHECK_EVERY_S: u32 = 4;

/// The secret of the link: the part after the `#`, which browsers don't send.
fn secret() -> String {
    window().location().hash().unwrap_or_default().trim_start_matches('#').to_owned()
}

/// The guest's code, when it opens and what.
#[component]
pub fn PassPage() -> impl IntoView {
    let load = Load::once(|| api::pass::open(secret()));
    let over = RwSignal::new(false);
    let shown = ShownDigits::new();
    let gone = memo(move || {
        over.get() || load.stage().with(|stage| matches!(stage, Stage::Failed(error) if error.is_not_found()))
    });
    let failed = memo(move || match load.stage().get() {
        Stage::Failed(error) => Some(error),
        _ => None,
    });
    follow_state(load, over, shown);
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
                _ if gone.get() => {
                    view! {
                        <PageHeader title=t::pass::gone() />
                        <p role="status">{t::pass::gone_hint()}</p>
                    }
                        .into_any()
                }
                Some(error) => view! { <ProblemView error on_retry=again /> }.into_any(),
                None => {
                    view! {
                        <LoadView load skeleton=|| view! { <SkeletonLines lines=6 /> } let:pass>
                            <Pass pass shown />
                        </LoadView>
                    }
                        .into_any()
                }
            }}
            <LanguageChoice />
        </div>
    }
}

/// Keeps an open pass true: its state is read every few seconds while the page is visible, when it becomes visible or is
/// taken from the browser's cache, and at its end, when the digits are hidden whether or not the server can be reached.
fn follow_state(load: Load<GuestPass>, over: RwSignal<bool>, shown: ShownDigits) {
    let check = move || {
        let ready = untrack(|| load.with(|pass| pass.is_some()));
        if document().hidden() || !ready || over.get_untracked() {
            return;
        }
        spawn_local(async move {
            let answer = api::pass::state(secret()).await;
            // The page is gone, or another answer was first.
            if over.try_get_untracked() != Some(false) {
                return;
            }
            match answer {
                Ok(now) => {
                    if let Some(mut pass) = untrack(|| load.get()) {
                        // Somebody moved its windows: it is another pass.
                        if pass.version != now.version {
                            load.reload();
                            return;
                        }
                        pass.state = now.state;
                        pass.next_windows = now.next_windows;
                        for (door, (working, opens)) in
                            pass.doors.iter_mut().zip(now.working.into_iter().zip(now.opens))
                        {
                            (door.working, door.opens) = (working, opens);
                        }
                        load.set(pass);
                    }
                }
                Err(error) if error.is_not_found() => {
                    shown.hide();
                    over.set(true);
                }
                // It is asked again.
                Err(_) => {}
            }
        });
    };
    let (seconds, ended) = (Cell::new(0_u32), Cell::new(false));
    let tick = move || {
        seconds.set(seconds.get() + 1);
        let ends_at = untrack(|| load.with(|pass| pass?.ends_at.as_ref().and_then(|at| intl::epoch_ms(at.as_str()))));
        let ends_now = ends_at.is_some_and(|at| at <= intl::now_ms()) && !ended.replace(true);
        if ends_now {
            shown.hide();
        }
        if ends_now || seconds.get().is_multiple_of(CHECK_EVERY_S) {
            check();
        }
    };
    let timer = set_interval_with_handle(tick, Duration::from_secs(1)).ok();
    let listeners = ["visibilitychange", "pageshow"].map(|name| window_event_listener_untyped(name, move |_| check()));
    on_cleanup(move || {
        if let Some(timer) = timer {
            IntervalHandle::clear(&timer);
        }
        listeners.into_iter().for_each(WindowListenerHandle::remove);
    });
}

/// Whether the code opens something now, and until or from when, in a sentence.
fn state_sentence(pass: &GuestPass, now_ms: f64) -> String {
    let Some(window) = pass.next_windows.first() else { return String::new() };
    let at = |instant: &str| moment(instant, &pass.property.time_zone, now_ms);
    let begins = window.starts_at.as_str();
    // A lock has a code shortly before its window, and until its removal is confirmed.
    let opens = pass.doors.iter().any(|door| door.opens);
    if pass.state == GuestCodeState::Scheduled {
        let words = if opens { t::pass::state::scheduled_on_lock } else { t::pass::state::scheduled };
        return words(&at(begins));
    }
    if intl::epoch_ms(begins).is_some_and(|begins| begins > now_ms) {
        let words = if opens { t::pass::state::between_on_lock } else { t::pass::state::between };
        return words(&at(begins));
    }
    match (pass.doors.iter().filter(|door| door.working).count(), &window.ends_at) {
        (0, _) => t::pass::state::on_no_lock().to_owned(),
        (some, _) if some < pass.doors.len() => t::pass::state::on_some_locks().to_owned(),
        (_, Some(ends_at)) => t::pass::state::until(&at(ends_at.as_str())),
        (_, None) => t::pass::state::until_revoked().to_owned(),
    }
}

/// A point in time, with the year unless it is this year.
fn moment(instant: &str, zone: &str, now_ms: f64) -> String {
    let this_year = intl::day_in_zone(now_ms, zone);
    let same = intl::format(instant, zone, Style::IsoDay).get(..4) == this_year.get(..4);
    intl::format(instant, zone, if same { Style::WeekdayTime } else { Style::DateTime })
}

#[component]
fn Pass(pass: Signal<GuestPass>, shown: ShownDigits) -> impl IntoView {
    let now = use_now();
    let pass = memo(move || pass.get());
    let zone = memo(move || pass.with(|pass| pass.property.time_zone.clone()));
    let title = move || pass.with(|pass| t::pass::title(&pass.property.name));
    let facts = move || {
        let zone = intl::zone_label(&zone.get(), now.get());
        pass.with(|pass| t::pass::facts(&pass.guest_name, &zone))
    };
    let sentence = memo(move || pass.with(|pass| state_sentence(pass, now.get())));
    // It holds no digits.
    let calendar = memo(move || {
        pass.with(|pass| {
            let file = String::from(js_sys::encode_uri_component(pass.calendar.as_ref()?));
            Some(["data:text/calendar;charset=utf-8,", &file].concat())
        })
    });
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
        <p role="status"><strong>{move || sentence.get()}</strong></p>
        <Code pass shown />
        <Card title=t::pass::when()>
            {move || {
                pass.with(|pass| pass.recurrence.as_ref().map(recurrence_text))
                    .map(|words| view! { <p><strong>{words}</strong></p> })
            }}
            <ol class="windows">{rows}</ol>
            <p class="second small">{move || pass.with(|pass| guest_code_kind_sentence(pass.kind))}</p>
            {move || {
                calendar
                    .get()
                    .map(|href| {
                        view! {
                            <p>
                                <a class=ButtonKind::Secondary.class() href=href download="pass.ics">{t::pass::calendar()}</a>
                            </p>
                        }
                    })
            }}
        </Card>
        <Card title=t::pass::doors()>
            <ul class="plain-list">{doors}</ul>
            <p class="second">{t::pass::ask(&pass.with_untracked(|pass| pass.shared_by.clone()))}</p>
            {pass
                .with_untracked(|pass| {
                    contact(pass.property.support_email.clone(), pass.property.support_phone.clone())
                })}
        </Card>
    }
}

/// The digits, revealed by a button.
#[component]
fn Code(pass: Memo<GuestPass>, shown: ShownDigits) -> impl IntoView {
    let now = use_now();
    let length = pass.with_untracked(|pass| pass.length);
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
    let error = move || {
        let error: ApiError = reveal.error().get()?;
        if error.code() != Some(ProblemCode::PassNotLive) {
            return Some(error.sentence());
        }
        // The server says it in its own format of times.
        pass.with(|pass| {
            let window = pass.next_windows.first()?;
            let begins = moment(window.starts_at.as_str(), &pass.property.time_zone, now.get());
            (pass.state == GuestCodeState::Scheduled).then(|| t::pass::begins(&begins))
        })
    };
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
    } else if door.opens {
        view! { <Pill tone=Tone::Moving icon=Icon::Clock>{t::pass::leaving()}</Pill> }
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
