//! Signing in with a passkey: the button that is always there, and what is downloaded when it is first pressed.

use crate::prelude::*;
use api_types::Session;

use crate::{
    api,
    components::FormProblem,
    mutation::Mutation,
    ui::{Button, Icon},
};

/// Whom to tell that somebody has signed in.
#[derive(Clone, Copy)]
struct Done(Callback<Session>);

/// The button; nothing where the browser or the address have no passkeys.
pub fn passkey_button(done: Callback<Session>) -> AnyView {
    if !api::passkeys::known() {
        return ().into_any();
    }
    provide_context(Done(done));
    let pressed = RwSignal::new(0_u32);
    let press = Callback::new(move |()| pressed.update(|pressed| *pressed += 1));
    view! {
        <div class="after-form">
            <Button icon=Icon::Key on_press=press>{t::sign_in::passkey()}</Button>
            {move || (pressed.get() > 0).then(super::chunks::open_passkey)}
        </div>
    }
    .into_any()
}

/// One attempt: asks the browser, and says what came of it.
#[component]
pub fn PasskeySignIn() -> impl IntoView {
    let Done(done) = expect_context();
    let sign_in = Mutation::new(|()| api::passkeys::sign_in(), move |session| done.run(session));
    sign_in.submit(());
    let pending = sign_in.pending();
    view! {
        <FormProblem mutation=sign_in />
        <p role="status" class="second">{move || pending.get().then(t::sign_in::passkey_waiting)}</p>
    }
}
