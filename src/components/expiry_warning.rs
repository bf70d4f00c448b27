//! A warning before the session ends.

use std::cell::Cell;

use crate::prelude::*;
use leptos::{ev, task::spawn_local};

use crate::{
    api, intl,
    session::{Session, use_session},
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
    // The expiry that the server gave last, and when: any later request extends the session by the same time.
    let read = memo(move || match session.get() {
        Session::SignedIn(session) => intl::epoch_ms(session.expires_at.as_str()).map(|ends| (ends, intl::now_ms())),
        _ => None,
    });
    let ends_at = move || {
        let (ends, read_at) = read.get()?;
        let idle = ends - read_at;
        Some(ends.max(api::last_answer_ms() + idle - SERVER_GRANULARITY_MS))
    };
    let active = ActiveSince::watch();
    let near = memo(move || ends_at().is_some_and(|ends| ends - now.get() < WARNING_MS));
    let stay = Callback::new(move |()| ask(session));
    effect(move || {
        if near.get() && active.take() {
            stay.run(());
        }
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

/// Any request extends the session; this one also returns the new expiry.
fn ask(session: crate::session::SessionStore) {
    spawn_local(async move {
        if let Ok(read) = api::session::current().await {
            session.set(Session::SignedIn(read));
        }
    });
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
