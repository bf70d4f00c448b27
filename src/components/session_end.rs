//! The session running out: a warning in time, and signing in again over the page, which keeps what was typed.

use std::cell::Cell;

use crate::prelude::*;
use leptos::{ev, task::spawn_local};

use crate::{
    api,
    forms::SignInForm,
    intl,
    routes::Route,
    session::{Session, use_session},
    ui::{Button, Dialog, Icon, IconView, use_now, use_toasts},
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
    let read = memo(move || match session.get() {
        Session::SignedIn(session) => intl::epoch_ms(session.expires_at.as_str()).map(|ends| (ends, intl::now_ms())),
        _ => None,
    });
    let ends_at = move || {
        let (ends, read_at) = read.get()?;
        let idle = ends - read_at;
        Some(ends.max(api::last_answer_ms() + idle - SERVERS_GRAIN_MS))
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

/// Signing in again when the session ran out. The page stays as it is under it, out of sight; somebody else gets a new one.
#[component]
pub fn SessionEnd() -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let open = RwSignal::new(false);
    effect(move || open.set(session.has_lapsed()));
    let signed_in = Callback::new(move |new: api_types::Session| {
        let same = session.user().is_some_and(|before| before.id == new.user.id);
        if same {
            session.renew(new);
            toasts.announce(t::session::back());
        } else {
            load_anew(&Route::Home.path());
        }
    });
    let leave = Callback::new(move |()| {
        session.end();
    });
    view! {
        <Dialog open title=t::session::ended() must_answer=true>
            <p>
                {move || t::session::again(&session.user().map(|user| user.name).unwrap_or_default())}
            </p>
            <SignInForm email=session.user().map(|user| user.email).unwrap_or_default() on_done=signed_in />
            <div class="dialog-actions">
                <Button on_press=leave>{t::session::leave()}</Button>
            </div>
        </Dialog>
    }
}

fn load_anew(path: &str) {
    // Fails only while the page is being left.
    let _ = window().location().assign(path);
}
