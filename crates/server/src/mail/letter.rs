//! What letters say, without the secrets of their links.

use serde::{Deserialize, Serialize};
use store::Millis;

/// How long a link to set a forgotten password, or to confirm an address, is valid: 30 minutes (R38).
pub const SHORT_LINK: Millis = 30 * 60 * 1000;

const HOUR: Millis = 60 * 60 * 1000;

/// A letter. It is kept as JSON while it waits: variants and fields are added and never changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Letter {
    /// Somebody is invited (R37).
    Invitation {
        /// Whom.
        name: String,
        /// The property that they live in or manage, if it is one.
        place: Option<String>,
        /// For how many days the link is valid.
        days: u32,
    },
    /// A link to set another password (R38).
    Reset {
        /// Whose.
        name: String,
    },
    /// The password was changed (R38).
    PasswordChanged {
        /// Whose.
        name: String,
    },
    /// A link that confirms this address (R38).
    ConfirmAddress {
        /// Whose.
        name: String,
    },
    /// The address was changed, to the old one (R38).
    AddressChanged {
        /// Whose.
        name: String,
        /// The new one.
        address: String,
    },
    /// A guest's pass: the link, never the digits.
    GuestPass {
        /// The guest.
        guest: String,
        /// Who invites them.
        host: String,
        /// The property.
        place: String,
    },
}

impl Letter {
    /// Its stable name.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::Reset { .. } => "reset",
            Self::PasswordChanged { .. } => "password_changed",
            Self::ConfirmAddress { .. } => "confirm_address",
            Self::AddressChanged { .. } => "address_changed",
            Self::GuestPass { .. } => "guest_pass",
        }
    }

    /// The page that its link leads to, if it has one.
    pub fn page(&self) -> Option<&'static str> {
        match self {
            Self::Invitation { .. } => Some("/invitation"),
            Self::Reset { .. } => Some("/reset-password"),
            Self::ConfirmAddress { .. } => Some("/confirm-address"),
            Self::GuestPass { .. } => Some("/pass"),
            Self::PasswordChanged { .. } | Self::AddressChanged { .. } => None,
        }
    }

    /// How long its link is valid from when it is sent: a mail server that is slow must not use up so short a time.
    pub fn link_lasts(&self) -> Option<Millis> {
        matches!(self, Self::Reset { .. } | Self::ConfirmAddress { .. }).then_some(SHORT_LINK)
    }

    /// How long it is tried to send it.
    pub fn worth_sending_for(&self) -> Millis {
        match self {
            // Whoever asked two days ago has asked somebody else by now.
            Self::Reset { .. } | Self::ConfirmAddress { .. } => 48 * HOUR,
            Self::Invitation { days, .. } => 24 * HOUR * Millis::from(*days),
            Self::PasswordChanged { .. } | Self::AddressChanged { .. } | Self::GuestPass { .. } => 5 * 24 * HOUR,
        }
    }
}
