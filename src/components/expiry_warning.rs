//! A warning before the session ends.

use std::cell::Cell;

use crate::prelude::*;
use leptos::ev;

use crate::{
    api, intl,
    session::{Session, tell, use_session},
    ui::{Button, Icon, IconView, use_now},
};

/// How long before the end of an idle session the warning appears, in milliseconds.
const WARNING_MS: f64 = 120_000.0;
/// The server extends a session with each request, but stores that only this often, in milliseconds.
const SERVER_GRANULARITY_MS: f64 = 60_000.0;

/// Says that the session is about to end. The session of somebody who uses the page without causing requests, such as
/// by filling in a form, is extended without a warning.
#[component]
pub fn ExpiryWarning() -> impl IntoView {
    let (session, now) = (use_session(), use_now());
    // The expiry that the server gave last, and how far away that was: any later request extends the session by the same
    // time. By the server's clock, since the device's may be wrong.
    let read = memo(move || match session.get() {
        Session::SignedIn(session) => intl::epoch_ms(session.expires_at.as_str())
            .map(|ends| (ends, ends - api::server_ahead_ms() - intl::now_ms())),
        _ => None,
    });
    let ends_at = move || {
        let (ends, idle) = read.get()?;
        Some((ends - api::server_ahead_ms()).max(api::last_extension_ms() + idle - SERVER_GRANULARITY_MS))
    };
    let active = ActiveSince::watch();
    let near = memo(move || ends_at().is_some_and(|ends| ends - now.get() < WARNING_MS));
    let stay = Callback::new(move |()| session.look());
    effect(move || {
        if near.get() && active.take() {
            stay.run(());
        }
    });
    // It ends on the server without a word, and what the page shows isn't for whoever comes by then. Nor is the server asked:
    // that would extend a session that another tab has kept.
    let has_ended = memo(move || {
        // An expiry that was over when it was read: the time isn't known, since something removes the date from answers.
        let is_known = read.get().is_some_and(|(_, idle)| idle > 0.0);
        is_known && ends_at().is_some_and(|ends| ends + SERVER_GRANULARITY_MS < now.get())
    });
    effect(move || {
        if has_ended.get() {
            session.lapse();
        }
    });
    // Other tabs are told that it was extended.
    let mut told = api::last_answer_ms();
    effect(move || {
        now.get();
        let last = api::last_answer_ms();
        if last > told
            && let Session::SignedIn(session) = session.get_untracked()
        {
            tell(Some(session.user.id));
        }
        told = last;
    });
    let minutes = move || ends_at().map_or(0.0, |ends| ((ends - now.get()) / 60_000.0).ceil().max(0.0)) as u32;
    view! {
        <div role="status">
            <Show when=move || near.get() && !session.has_lapsed()>
                <div class="newer-banner">
                    <IconView icon=Icon::Clock />
                    <span>{move || t::session::ends_in(minutes())}</span>
                    <Button on_press=stay>{t::session::stay()}</Button>
                </div>
            </Show>
        </div>
    }
}

/// Whether there was any input.
#[derive(Clone)]
struct ActiveSince(std::rc::Rc<Cell<bool>>);

impl ActiveSince {
    fn watch() -> Self {
        let active = Self(std::rc::Rc::default());
        let note = |active: &Self| {
            let active = active.0.clone();
            move || active.set(true)
        };
        let (pressed, typed) = (note(&active), note(&active));
        let handles = [
            window_event_listener(ev::pointerdown, move |_| pressed()),
            window_event_listener(ev::keydown, move |_| typed()),
        ];
        on_cleanup(move || handles.into_iter().for_each(WindowListenerHandle::remove));
        active
    }

    /// Whether there was any since the last call.
    fn take(&self) -> bool {
        self.0.replace(false)
    }
}
