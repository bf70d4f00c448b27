//! Setting up (R34, R36, R37): the first administrator, invitations, properties with their layout, and the staff.

mod first;
mod invitation;
mod invite_link;
mod layout;
mod people;
mod property;
mod settings;

pub use first::*;
pub use invitation::*;
pub use invite_link::*;
pub use layout::*;
pub use people::*;
pub use property::*;
pub use settings::*;

use crate::prelude::*;
use api_types::FieldError;

use crate::mutation::invalid;

/// How many characters a new password has at least (R37).
const MIN_PASSWORD: usize = 12;

/// The secret of the link: the part after the `#`, which browsers don't send.
fn secret() -> String {
    window().location().hash().unwrap_or_default().trim_start_matches('#').to_owned()
}

/// What is wrong with a new password, as far as this page can tell.
fn check_password(password: &str) -> Option<FieldError> {
    (password.chars().count() < MIN_PASSWORD).then(|| invalid("password", t::setting_up::password_short()))
}
