//! Keys that make a change happen at most once, however often it is sent.

use leptos::prelude::window;
use uuid::Uuid;

/// The value of an `Idempotency-Key` header. Generated before sending; every retry of the same change carries the same
/// one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// A new key (UUIDv7).
    pub fn generate() -> Self {
        Self(Uuid::now_v7().to_string())
    }

    /// The value of the header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The key of a form's change while its outcome is unknown, kept in the tab's session storage so that five clicks and a
/// reload still make one change. Only the key is kept: never what was typed, never digits.
///
/// [`crate::mutation::Mutation::with_key`] does all of this; use this type directly only where that doesn't fit.
#[derive(Clone, Debug)]
pub struct PendingKey {
    slot: String,
}

impl PendingKey {
    /// The pending key of a form. `form` names the verb and, where there can be several, the object:
    /// `guest_code.issue`, `guest_code.revoke.{id}`.
    pub fn of_form(form: &str) -> Self {
        Self { slot: ["latchkey.pending.", form].concat() }
    }

    /// The key to send: the one kept from an attempt whose outcome is unknown, else a new one, kept from now on.
    pub fn take(&self) -> IdempotencyKey {
        let storage = window().session_storage().ok().flatten();
        let kept = storage.as_ref().and_then(|storage| storage.get_item(&self.slot).ok().flatten());
        match kept.and_then(|text| Uuid::try_parse(&text).ok()) {
            Some(key) => IdempotencyKey(key.to_string()),
            None => {
                let key = IdempotencyKey::generate();
                if let Some(storage) = storage {
                    // Without storage a reload loses the key; the change itself still works.
                    let _ = storage.set_item(&self.slot, key.as_str());
                }
                key
            }
        }
    }

    /// The outcome is known: the next change by this form gets a key of its own.
    pub fn settle(&self) {
        if let Ok(Some(storage)) = window().session_storage() {
            let _ = storage.remove_item(&self.slot);
        }
    }
}
