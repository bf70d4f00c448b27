//! `/reset-password#…`: somebody who forgot their password sets another (R38).

use crate::prelude::*;

use super::{ByLink, Kind, SetPassword, secret};
use crate::{api, load::Load};

/// Whose password it is, and the one that they sign in with from now on.
#[component]
pub fn ResetPasswordPage() -> impl IntoView {
    view! {
        <ByLink
            load=Load::once(|| api::people::open_reset(secret()))
            over=t::password::reset::over()
            over_hint=t::password::reset::over_hint()
            form=|invitation| view! { <SetPassword invitation kind=Kind::Reset /> }.into_any()
        />
    }
}
