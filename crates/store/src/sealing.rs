//! What needs a data key. The first use of a scope creates its key, so only a write transaction can do this.

use access_code::Code;
use ids::{HubId, LockId, PropertyId};

use crate::vault::{CodeAddress, Fingerprinter, SealedCode};
use crate::{Result, Tx};

impl Tx {
    /// Seals a code for the place it is stored in.
    ///
    /// # Errors
    /// [`crate::Error::NoRandomness`], [`crate::Error::Storage`].
    pub fn seal(&self, address: CodeAddress, code: &Code) -> Result<SealedCode> {
        self.vault().seal(self, address, code)
    }

    /// Compares codes on one lock. Cheap to use many times, as random generation does (R17).
    ///
    /// # Errors
    /// [`crate::Error::Storage`], [`crate::Error::NoRandomness`].
    pub fn fingerprinter(&self, lock_id: LockId) -> Result<Fingerprinter> {
        self.vault().fingerprinter(self, lock_id)
    }

    /// Seals the secret of a link for the message that it is going to be sent in; also returns the version of the key.
    ///
    /// # Errors
    /// [`crate::Error::NoRandomness`], [`crate::Error::Storage`].
    pub(crate) fn seal_link(&self, message_id: &str, secret: &str) -> Result<(i64, Vec<u8>)> {
        self.vault().seal_link(self, message_id, secret)
    }

    /// Seals the token that a hub wants to see; also returns the version of the key.
    ///
    /// # Errors
    /// [`crate::Error::NoRandomness`], [`crate::Error::Storage`].
    pub(crate) fn seal_token(&self, property_id: PropertyId, hub_id: HubId, token: &str) -> Result<(i64, Vec<u8>)> {
        self.vault().seal_token(self, property_id, hub_id, token)
    }

    /// Tells two requests apart without keeping what they said. It is keyed because a body may hold the digits of a
    /// code, and there are too few codes for a bare hash to hide one (R32).
    ///
    /// # Errors
    /// [`crate::Error::Storage`], [`crate::Error::NoRandomness`].
    pub fn request_fingerprint(&self, request: &[u8]) -> Result<Vec<u8>> {
        self.vault().request_fingerprint(self, request)
    }
}
