//! Signing in again over the page after the session ended, which keeps what was typed.

use crate::prelude::*;

use crate::{
    forms::SignInForm,
    session::use_session,
    ui::{Button, Dialog, use_toasts},
};

/// The dialog for signing in again after the session ended. The page stays under it, hidden; for somebody else a new
/// page is loaded.
#[component]
pub fn SessionEnd(
    /// Another way to sign in, which is told whom to tell.
    besides: fn(Callback<api_types::Session>) -> AnyView,
) -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let open = RwSignal::new(false);
    effect(move || open.set(session.has_lapsed()));
    let signed_in = Callback::new(move |new: api_types::Session| {
        session.found(new);
        toasts.announce(t::session::back());
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
            {besides(signed_in)}
            <div class="dialog-actions">
                <Button on_press=leave>{t::session::leave()}</Button>
            </div>
        </Dialog>
    }
}
