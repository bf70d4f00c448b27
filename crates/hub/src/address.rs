//! Where a hub's server listens.

use std::fmt;

use url::{Host, Url};

/// The address of a hub's WebSocket server: `wss://…`, or `ws://…` on this very machine. Codes travel to hubs in the
/// clear, so nothing else is an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubAddress(Url);

/// Why a text is no address of a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HubAddressError {
    /// It isn't a WebSocket address with a host.
    #[error("not a WebSocket address")]
    NotAnAddress,
    /// It is `ws://` to another machine, which anybody in between could listen to.
    #[error("not encrypted, and not on this machine")]
    NotEncrypted,
    /// It holds a user name, a password or a fragment. Secrets aren't for addresses: a hub's token is kept sealed.
    #[error("holds a user name, a password or a fragment")]
    HasSecrets,
}

impl HubAddress {
    /// The most characters of an address.
    pub const MAX_CHARS: usize = 500;

    /// Reads an address; spaces around it don't count.
    ///
    /// # Errors
    /// [`HubAddressError`].
    pub fn parse(text: &str) -> Result<Self, HubAddressError> {
        if text.chars().count() > Self::MAX_CHARS {
            return Err(HubAddressError::NotAnAddress);
        }
        let url = Url::parse(text.trim()).map_err(|_| HubAddressError::NotAnAddress)?;
        let Some(host) = url.host() else { return Err(HubAddressError::NotAnAddress) };
        match url.scheme() {
            "wss" => {}
            "ws" if is_this_machine(&host) => {}
            "ws" => return Err(HubAddressError::NotEncrypted),
            _ => return Err(HubAddressError::NotAnAddress),
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(HubAddressError::HasSecrets);
        }
        Ok(Self(url))
    }

    /// The address as it is stored and shown.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether the connection is encrypted; if not, it is to this machine.
    pub fn is_encrypted(&self) -> bool {
        self.0.scheme() == "wss"
    }
}

impl fmt::Display for HubAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a host is this machine without asking anybody: a name other than `localhost` could lead anywhere tomorrow.
fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}
