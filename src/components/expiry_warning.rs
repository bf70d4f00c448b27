//! A warning in time that the session is running out.

use std::cell::Cell;

use crate::prelude::*;
use leptos::{ev, task::spawn_local};

use crate::{
    api, intl,
    session::{Session, use_session},
    ui::{Button, Icon, IconView, use_now},
};

/// So long before its end a session that nobody uses is spoken of, in milliseconds.
const WARNING_MS: f64 = 120_000.0;
/// The server moves a session's end on with each request, but notes it only so often.
const SERVERS_GRAIN_MS: f64 = 60_000.0;

/// Says that the session is about to end. Whoever uses the page without asking the server for anything, as one does while
/// filling in a form, is still there: their session is kept without a word.
#[component]
pub fn ExpiryWarning() -> impl IntoView {
    let (session, now) = (use_session(), use_now());
    // What the server said last, and when: a session lasts so long from any request on.
    let read = Memo::new(move |_| match session.get() {
        Session::SignedIn(session) => intl::epoch_ms(session.expires_at.as_str()).map(|ends| (ends, intl::now_ms())),
        _ => None,
    });
    let ends_at = move || {
        let (ends, read_at) = read.get()?;
        let idle = ends - read_at;
        Some(ends.max(api::last_answer_ms() + idle - SERVERS_GRAIN_MS))
    };
    let active = ActiveSince::watch();
    let near = Memo::new(move |_| ends_at().is_some_and(|ends| ends - now.get() < WARNING_MS));
    let stay = Callback::new(move |()| ask(session));
    Effect::new(move |_| {
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

/// Any request moves the end on; this one tells where it is now.
fn ask(session: crate::session::SessionStore) {
    spawn_local(async move {
        if let Ok(read) = api::session::current().await {
            session.set(Session::SignedIn(read));
        }
    });
}

/// Whether somebody pressed, typed or pointed at something.
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

    /// Since the last time this was asked.
    fn take(&self) -> bool {
        self.0.replace(false)
    }
}
