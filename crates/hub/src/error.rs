//! Why a lock did not do what it was asked.

/// Why a lock did not do what it was asked.
///
/// No variant holds digits of a code (R32), so an error may be logged, audited and shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// The hub can't be reached, so nothing is known of its locks (R13).
    #[error("the hub is offline")]
    HubOffline,
    /// The hub answers but can't reach the lock (R13).
    #[error("the lock is offline")]
    LockOffline,
    /// The lock has no room: every slot is taken, or the slot asked for is beyond its last.
    #[error("the lock has no free slot")]
    SlotsFull,
    /// The lock accepts no code of this length. Locks may change the length they accept on their own.
    #[error("the lock does not take codes of this length")]
    LengthNotSupported,
    /// Another slot of the lock holds the same code (R11).
    #[error("the lock holds the same code in another slot")]
    DuplicateOnLock,
    /// No answer came in time. Whether the lock did what it was asked is **unknown**: do it again (every deed of
    /// [`LockDriver`](crate::LockDriver) may be repeated) or read the slot back.
    #[error("the lock did not answer in time")]
    TimedOut,
    /// The lock or the hub said no, for a reason that its protocol doesn't explain better.
    #[error("rejected: {0}")]
    Rejected(Rejection),
    /// The lock can't do this at all, such as showing what a slot holds.
    #[error("the lock can not do this")]
    NotSupported,
    /// The hub knows no such lock; perhaps it isn't paired yet, or no longer.
    #[error("the hub does not know the lock")]
    UnknownLock,
}

impl LockError {
    /// A [`Rejected`](Self::Rejected) with what the protocol said, made safe by [`Rejection::new`].
    pub fn rejected(protocol_text: &str) -> Self {
        Self::Rejected(Rejection::new(protocol_text))
    }

    /// Whether trying the same again is pointless (R28). Anything else is worth another try after
    /// [`backoff::delay`](crate::backoff::delay), or at once when the lock comes back.
    pub const fn is_permanent(&self) -> bool {
        match self {
            Self::SlotsFull | Self::LengthNotSupported | Self::DuplicateOnLock | Self::NotSupported => true,
            Self::HubOffline | Self::LockOffline | Self::TimedOut | Self::Rejected(_) | Self::UnknownLock => false,
        }
    }

    /// Whether the hub or the lock is offline: a custom code is then refused (R13), a guest code waits (R29).
    pub const fn is_offline(&self) -> bool {
        matches!(self, Self::HubOffline | Self::LockOffline)
    }

    /// The technical text for support (R26): what the protocol said, or else a description of the reason.
    pub fn protocol_error(&self) -> String {
        match self {
            Self::Rejected(rejection) => rejection.as_str().to_owned(),
            described => described.to_string(),
        }
    }
}

/// What a protocol said when it rejected something, without anything that could be a code (R32).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection(String);

impl Rejection {
    /// The most characters of a protocol's text that are kept.
    pub const MAX_CHARS: usize = 200;

    /// As many digits in a row as the shortest code has (R6) could be a code.
    const SHORTEST_CODE: usize = 4;

    /// Keeps the first [`MAX_CHARS`](Self::MAX_CHARS) characters of `protocol_text`, with a `•` in place of each digit
    /// of every run of four or more: hubs have been seen to quote the rejected code. Shorter numbers (error codes, node
    /// ids) stay.
    ///
    /// Pass error messages only, never frames: bytes in hexadecimal would show the digits in another guise.
    pub fn new(protocol_text: &str) -> Self {
        let mut kept = String::new();
        let mut rest = protocol_text;
        while let Some(first) = rest.chars().next() {
            // Masked before it is cut: a run cut short by the limit must not pass as a shorter number.
            let alike = |c: char| c.is_numeric() == first.is_numeric();
            let (run, after) = rest.split_at(rest.find(|c| !alike(c)).unwrap_or(rest.len()));
            let length = run.chars().count();
            if first.is_numeric() && length >= Self::SHORTEST_CODE {
                kept.extend(std::iter::repeat_n('•', length));
            } else {
                kept.push_str(run);
            }
            rest = after;
        }
        Self(kept.chars().take(Self::MAX_CHARS).collect())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
