//! `/invitation#…`: somebody who was invited makes a password of their own.

use crate::prelude::*;

use super::{ByLink, Kind, SetPassword, secret};
use crate::{api, load::Load};

/// Whom the invitation is for, and the password that they sign in with from now on.
#[component]
pub fn InvitationPage() -> impl IntoView {
    view! {
        <ByLink
            load=Load::once(|| api::people::open_invitation(secret()))
            over=t::setting_up::invitation::over()
            over_hint=t::setting_up::invitation::over_hint()
            form=|invitation| view! { <SetPassword invitation kind=Kind::Invitation /> }.into_any()
        />
    }
}
