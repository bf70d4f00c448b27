//! Signing in again over the page after the session ended, which keeps what was typed.

use crate::prelude::*;

use crate::{
    forms::SignInForm,
    routes::Route,
    session::use_session,
    ui::{Button, Dialog, use_toasts},
};

/// The dialog for signing in again after the session ended. The page stays under it, hidden; for somebody else a new
/// page is loaded.
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
            load_page(&Route::Home.path());
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

fn load_page(path: &str) {
    // Fails only while the page is being left.
    let _ = window().location().assign(path);
}
