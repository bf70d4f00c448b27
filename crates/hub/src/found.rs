//! Locks as their hub knows them.

use std::fmt;

use crate::Capabilities;

/// What names a lock at its hub. Only the hub's driver knows what it means.
///
/// It names the device and not its place in the hub's list: a driver puts into it whatever it takes to tell that another
/// device has been given the same number since, and then answers [`LockError::UnknownLock`](crate::LockError::UnknownLock)
/// rather than write somebody's code to another door.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HubLock(String);

impl HubLock {
    /// The most bytes that a name may have.
    pub const MAX_BYTES: usize = 200;

    /// The lock of that name; `None` for an empty name, one that is too long, or one with characters that aren't
    /// printable ASCII.
    pub fn new(name: impl Into<String>) -> Option<Self> {
        let name = name.into();
        let fits =
            !name.is_empty() && name.len() <= Self::MAX_BYTES && name.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then_some(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HubLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A lock that a hub has, linked to a door or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundLock {
    /// What names it at the hub.
    pub lock: HubLock,
    /// What people would know it by: the name or place that it was given at the hub, or else its number there.
    pub name: String,
    /// Its maker and model, if the hub knows them.
    pub model: Option<String>,
    /// Whether the hub can reach it now.
    pub online: bool,
    /// What is left of its battery, 0 to 100; `None` if it has none or hasn't reported it.
    pub battery_percent: Option<u8>,
    /// What it can do; `None` until the hub has found that out, which may take minutes after pairing.
    pub capabilities: Option<Capabilities>,
}

/// What a hub says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubInfo {
    /// Its software and version, such as `Z-Wave JS 15.2.1`.
    pub version: String,
}
