//! What letters say, without the secrets of their links.

use api_types::Need;
use ids::PropertyId;
use serde::{Deserialize, Serialize};
use store::Millis;

/// How long a link to set a forgotten password, or to confirm an address, is valid: 30 minutes (R38).
pub const SHORT_LINK: Millis = 30 * 60 * 1000;

const HOUR: Millis = 60 * 60 * 1000;

/// A letter. It is kept as JSON while it waits: variants and fields are added and never changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// A passkey was added.
    PasskeyAdded {
        /// Whose.
        name: String,
        /// What they call it.
        passkey: String,
    },
    /// A passkey was removed.
    PasskeyRemoved {
        /// Whose.
        name: String,
        /// What they called it.
        passkey: String,
    },
    /// The password was removed.
    PasswordRemoved {
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
    /// What needs attention at a property, daily to its managers.
    Summary {
        /// Whom it is for.
        name: String,
        /// The property.
        place: String,
        /// Its id.
        property_id: PropertyId,
        /// Its IANA time zone.
        time_zone: String,
        /// What needs attention, worst first, as on its page.
        needs: Vec<Need>,
        /// What stops these letters to this person, by a link or their mail program.
        stop: String,
    },
}

impl Letter {
    /// Its stable name.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::Reset { .. } => "reset",
            Self::PasswordChanged { .. } => "password_changed",
            Self::PasskeyAdded { .. } => "passkey_added",
            Self::PasskeyRemoved { .. } => "passkey_removed",
            Self::PasswordRemoved { .. } => "password_removed",
            Self::ConfirmAddress { .. } => "confirm_address",
            Self::AddressChanged { .. } => "address_changed",
            Self::GuestPass { .. } => "guest_pass",
            Self::Summary { .. } => "summary",
        }
    }

    /// The page that its link with a secret leads to, if it has one.
    pub fn page(&self) -> Option<&'static str> {
        match self {
            Self::Invitation { .. } => Some("/invitation"),
            Self::Reset { .. } => Some("/reset-password"),
            Self::ConfirmAddress { .. } => Some("/confirm-address"),
            Self::GuestPass { .. } => Some("/pass"),
            Self::PasswordChanged { .. }
            | Self::PasskeyAdded { .. }
            | Self::PasskeyRemoved { .. }
            | Self::PasswordRemoved { .. }
            | Self::AddressChanged { .. }
            | Self::Summary { .. } => None,
        }
    }

    /// The page that it leads to without a secret, for who is signed in.
    pub fn plain_page(&self) -> Option<String> {
        match self {
            Self::Summary { property_id, .. } => Some(format!("/properties/{property_id}")),
            _ => None,
        }
    }

    /// What stops such letters, for whoever gets them without having asked for this one.
    pub fn stop(&self) -> Option<&str> {
        match self {
            Self::Summary { stop, .. } => Some(stop),
            _ => None,
        }
    }

    /// Whether one about another property doesn't replace it.
    pub fn is_of_each_property(&self) -> bool {
        matches!(self, Self::Summary { .. })
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
            Self::PasswordChanged { .. }
            | Self::PasskeyAdded { .. }
            | Self::PasskeyRemoved { .. }
            | Self::PasswordRemoved { .. }
            | Self::AddressChanged { .. }
            | Self::GuestPass { .. } => 5 * 24 * HOUR,
            // Then comes the next.
            Self::Summary { .. } => 20 * HOUR,
        }
    }
}
