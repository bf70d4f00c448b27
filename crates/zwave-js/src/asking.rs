//! Asking the hub about a lock, and a lock through the hub.

use access_code::Code;
use hub::{LockError, SlotContent};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::shared::{CallError, Shared};
use crate::wire::{Invoked, Scalar};

/// A lock at its hub.
#[derive(Clone, Copy)]
pub(crate) struct AtHub<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) node: u16,
}

/// Whether an answer takes the radio, and thus long.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// The hub knows it by itself.
    Hub,
    /// The lock is asked.
    Lock,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToEndpoint<A> {
    node_id: u16,
    /// The device as a whole.
    endpoint: u16,
    #[serde(flatten)]
    arguments: A,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invoke<'a, A> {
    command_class: u16,
    method_name: &'a str,
    args: A,
}

impl AtHub<'_> {
    /// A command for the lock.
    pub(crate) async fn call<T: DeserializeOwned>(
        self,
        way: Way,
        command: &str,
        arguments: impl Serialize,
    ) -> Result<T, CallError> {
        let limit = match way {
            Way::Hub => self.shared.timings.hub,
            Way::Lock => self.shared.timings.lock,
        };
        self.shared.call(command, ToEndpoint { node_id: self.node, endpoint: 0, arguments }, limit).await
    }

    /// A method of a command class. `None` means that the lock received it and gave no answer, or has none to give.
    pub(crate) async fn invoke<T: DeserializeOwned>(
        self,
        command_class: u16,
        method_name: &str,
        args: impl Serialize,
    ) -> Result<Option<T>, CallError> {
        let arguments = Invoke { command_class, method_name, args };
        let answer: Invoked<T> = self.call(Way::Lock, "endpoint.invoke_cc_api", arguments).await?;
        Ok(answer.response)
    }
}

/// What a slot holds, more exactly than [`SlotContent`] says.
pub(crate) enum Reading {
    Empty,
    /// This code, which opens the door.
    Holds(Code),
    /// Something that isn't shown, or no code as Latchkey knows them, which opens the door.
    Occupied,
    /// Something that doesn't open the door now.
    SwitchedOff,
}

impl Reading {
    /// What is in a slot that is in use.
    pub(crate) fn of(digits: &Scalar) -> Self {
        digits.text().and_then(|digits| Code::parse(digits).ok()).map_or(Self::Occupied, Self::Holds)
    }

    pub(crate) fn holds(&self, code: &Code) -> bool {
        matches!(self, Self::Holds(held) if held == code)
    }

    /// As an answer to [`read_back`](hub::LockDriver::read_back). A code that is switched off is no evidence that the door
    /// opens, nor that the slot is empty.
    pub(crate) fn content(self) -> Result<SlotContent, LockError> {
        match self {
            Self::Empty => Ok(SlotContent::Empty),
            Self::Holds(code) => Ok(SlotContent::Holds(code)),
            Self::Occupied => Ok(SlotContent::Occupied),
            Self::SwitchedOff => Err(LockError::rejected("the code in this slot is switched off at the lock")),
        }
    }
}
