//! `/confirm-address#…`: somebody confirms their new email address (R38).

use crate::prelude::*;
use api_types::Invitation;

use super::{ByLink, secret};
use crate::{
    api,
    components::{FormProblem, Link},
    load::Load,
    mutation::Mutation,
    routes::Route,
    ui::{Button, ButtonKind},
};

/// Which address it is and whose, and a button: only looking at the page changes nothing, as some mail programs do by
/// themselves.
#[component]
pub fn ConfirmAddressPage() -> impl IntoView {
    view! {
        <ByLink
            load=Load::once(|| api::people::open_address(secret()))
            over=t::password::address::over()
            over_hint=t::password::address::over_hint()
            form=|found| view! { <Confirm found /> }.into_any()
        />
    }
}

#[component]
fn Confirm(found: Signal<Invitation>) -> impl IntoView {
    let Invitation { name, email, .. } = found.get_untracked();
    let confirmed = RwSignal::new(false);
    let confirm = Mutation::new(|()| api::people::confirm_address(secret()), move |_: Invitation| confirmed.set(true));
    let email = StoredValue::new(email);
    view! {
        <div class="card">
            <h1>{t::password::address::title(&name)}</h1>
            <div role="status">
                {move || {
                    let email = email.get_value();
                    view! {
                        <p class="words">
                            {if confirmed.get() {
                                t::password::address::done(&email)
                            } else {
                                t::password::address::intro(&email)
                            }}
                        </p>
                    }
                }}
            </div>
            <FormProblem mutation=confirm />
            <Show
                when=move || confirmed.get()
                fallback=move || {
                    view! {
                        <Button
                            kind=ButtonKind::Primary
                            busy=confirm.pending()
                            on_press=Callback::new(move |()| confirm.submit(()))
                        >
                            {t::password::address::submit()}
                        </Button>
                    }
                }
            >
                <p><Link to=Route::Home>{t::password::address::go_on()}</Link></p>
            </Show>
        </div>
    }
}
