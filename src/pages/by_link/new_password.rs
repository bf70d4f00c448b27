//! The field for a new password.

use crate::prelude::*;
use api_types::FieldError;

use crate::{
    mutation::invalid,
    ui::{InputKind, TextField},
};

/// How many characters a new password has at least (R37).
const MIN_PASSWORD: usize = 12;

/// What is wrong with a new password, as far as this page can tell.
pub fn check_password(password: &str) -> Option<FieldError> {
    (password.chars().count() < MIN_PASSWORD).then(|| invalid("password", t::setting_up::password_short()))
}

/// A new password, with what it has to be.
#[component]
pub fn NewPasswordField(
    /// Its label.
    label: &'static str,
    /// The password.
    value: RwSignal<String>,
    /// Its error.
    #[prop(into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <TextField
            label
            name="password"
            value
            kind=InputKind::Password
            hint=t::setting_up::password_hint()
            autocomplete="new-password"
            error
        />
    }
}
