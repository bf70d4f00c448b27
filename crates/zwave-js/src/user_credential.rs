//! New locks, which have the command class *User Credential*: users, and slots that belong to them.
//!
//! Slot *n* gets user *n*, unless that is somebody else's. Locks and hub both keep users whose last credential is gone, so
//! a user that Latchkey made is deleted with its code.

use access_code::Code;
use hub::{Accepted, LockError, Slot};
use serde::Serialize;

use crate::asking::{AtHub, Reading, Way};
use crate::shared::{CallError, Shared};
use crate::wire::{
    Capabilities, Credential, CredentialAnswer, CredentialsAnswer, ResultCode, User, UserAnswer, UserCapabilities,
    UsersAnswer, command_class::USER_CREDENTIAL,
};

// Types of credentials. The second stands for the codes of old locks that would also take letters.
pub(crate) const PIN: u16 = 1;
pub(crate) const PASSWORD: u16 = 2;

/// A user whom nothing but the code tells from others.
const GENERAL: u8 = 0;

/// What the users are called that Latchkey makes.
const OUR_USER: &str = "Latchkey";

// Results.
const OK: u16 = 0;
const IS_OCCUPIED: u16 = 1;
const IS_EMPTY: u16 = 2;
const DUPLICATE: u16 = 3;
const SECURITY_RULES: u16 = 4;
const DUPLICATE_OF_ADMIN_CODE: u16 = 5;

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    credential_type: u16,
    credential_slot: u16,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfUser<A> {
    user_id: u16,
    #[serde(flatten)]
    more: A,
}

#[derive(Serialize)]
struct Data<'a> {
    #[serde(flatten)]
    place: Place,
    data: &'a str,
}

#[derive(Serialize)]
struct With {
    options: UserOptions,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserOptions {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_type: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<&'static str>,
}

impl Place {
    fn of(slot: Slot) -> Self {
        Self { credential_type: PIN, credential_slot: slot.number() }
    }
}

pub(crate) async fn write(at: AtHub<'_>, slot: Slot, code: &Code) -> Result<Accepted, LockError> {
    // Also shows that the lock can be reached, so that what becomes of the next message is known.
    let held = credential(at, slot).await?;
    let owner = (held.user_id != 0).then_some(held.user_id);
    let is_on = match owner {
        Some(owner) => cached_user(at, owner).await?.is_none_or(|user| user.active),
        None => false,
    };
    if is_on && Reading::of(&held.data).holds(code) {
        return Ok(Accepted::ByLock);
    }
    let user = match owner {
        Some(owner) => owner,
        None => free_user(at, slot).await?,
    };
    if !is_on {
        let made = owner.is_none();
        let options =
            UserOptions { active: true, user_type: made.then_some(GENERAL), user_name: made.then_some(OUR_USER) };
        if set(at, "set_user", OfUser { user_id: user, more: With { options } }).await? != OK {
            return Err(LockError::rejected("the lock did not take a user for the code"));
        }
    }
    let data = Data { place: Place::of(slot), data: code.expose() };
    let outcome = match set(at, "set_credential", OfUser { user_id: user, more: data }).await? {
        OK => return Ok(Accepted::ByLock),
        DUPLICATE | DUPLICATE_OF_ADMIN_CODE => LockError::DuplicateOnLock,
        SECURITY_RULES => LockError::rejected("the lock’s own rules refuse the code"),
        // Also where the lock wasn't heard.
        _ => match read(at, slot).await.map_err(|_| LockError::TimedOut)? {
            reading if reading.holds(code) => return Ok(Accepted::ByLock),
            // It may be this code or the one before.
            Reading::Occupied => return Err(LockError::TimedOut),
            _ => LockError::rejected("the lock did not take the code"),
        },
    };
    if owner.is_none() {
        // What is left of the user without a code opens nothing; if it stays, the next code gets it.
        let _ = delete_user(at, user).await;
    }
    Err(outcome)
}

pub(crate) async fn remove(at: AtHub<'_>, slot: Slot) -> Result<(), LockError> {
    let held = credential(at, slot).await?;
    if held.user_id == 0 {
        return Ok(());
    }
    let user = held.user_id;
    let others = cached_credentials(at, user).await?;
    let alone = others.iter().all(|other| other.kind == PIN && other.slot == slot.number());
    let ours = cached_user(at, user).await?.is_some_and(|user| user.user_name.as_deref() == Some(OUR_USER));
    let result = if alone && (ours || !stores_names(at).await?) {
        delete_user(at, user).await
    } else {
        set(at, "delete_credential", OfUser { user_id: user, more: Place::of(slot) }).await
    };
    if let Ok(OK | IS_EMPTY) = result {
        return Ok(());
    }
    // Not taken at its word, or not heard.
    match read(at, slot).await? {
        Reading::Empty => Ok(()),
        _ => Err(LockError::rejected("the lock did not remove the code")),
    }
}

pub(crate) async fn read(at: AtHub<'_>, slot: Slot) -> Result<Reading, LockError> {
    let held = credential(at, slot).await?;
    if held.user_id == 0 {
        return Ok(Reading::Empty);
    }
    let active = cached_user(at, held.user_id).await?.is_none_or(|user| user.active);
    Ok(if active { Reading::of(&held.data) } else { Reading::SwitchedOff })
}

/// The slot that a user has used, as far as the hub knows. `None` if it may be one of several.
pub(crate) async fn slot_of(shared: &Shared, node: u16, user: u16) -> Option<u16> {
    let credentials = cached_credentials(AtHub { shared, node }, user).await.unwrap_or_default();
    let mut slots = credentials.iter().filter(|credential| credential.kind == PIN).map(|credential| credential.slot);
    match (slots.next(), slots.next()) {
        (Some(slot), None) => Some(slot),
        // That is how Latchkey gives users their slots.
        (None, _) => Some(user),
        (Some(_), Some(_)) => None,
    }
}

/// Whether a lock that has both command classes is to be asked as a new one: one that has no users yet is not.
pub(crate) async fn is_used(at: AtHub<'_>) -> Result<bool, LockError> {
    Ok(capabilities(at).await?.supports_users_without_credentials.unwrap_or(true))
}

/// What a slot holds, asked of the lock. User 0 has what is empty.
///
/// The hub says nothing at all where the lock didn't answer, and also where a lock doesn't name the slot that is empty. A lock
/// that answers a second question the same way is one of those.
async fn credential(at: AtHub<'_>, slot: Slot) -> Result<Credential, LockError> {
    let ask = || at.call::<CredentialAnswer>(Way::Lock, "endpoint.access_control.get_credential", Place::of(slot));
    if let Some(credential) = ask().await.map_err(CallError::for_lock)?.credential {
        return Ok(credential);
    }
    let heard = at.invoke::<serde::de::IgnoredAny>(USER_CREDENTIAL, "getCredential", (0, PIN, slot.number())).await;
    if heard.map_err(CallError::for_lock)?.is_none() {
        return Err(LockError::TimedOut);
    }
    let again = ask().await.map_err(CallError::for_lock)?.credential;
    Ok(again.unwrap_or(Credential { user_id: 0, kind: PIN, slot: slot.number(), data: Default::default() }))
}

/// The user who is to have a slot that is empty: the one of its number, unless that is somebody's.
async fn free_user(at: AtHub<'_>, slot: Slot) -> Result<u16, LockError> {
    let is_free = |users: &[User], id: u16| {
        let user = users.iter().find(|user| user.user_id == id);
        user.is_none_or(|user| user.user_name.as_deref() == Some(OUR_USER) || !user.active)
    };
    let answer: UsersAnswer = hub(at, "get_users_cached", ()).await?;
    for id in [slot.number()].into_iter().chain((1..=capabilities(at).await?.max_users).rev()) {
        if is_free(&answer.users, id) && cached_credentials(at, id).await?.is_empty() {
            return Ok(id);
        }
    }
    Err(LockError::SlotsFull)
}

/// Changes something, once more if the hub was wrong about what is there: it then knows better.
async fn set(at: AtHub<'_>, command: &str, arguments: impl Serialize) -> Result<u16, LockError> {
    let command = format!("endpoint.access_control.{command}");
    let mut result = OK;
    for _ in 0..2 {
        let answer: Result<ResultCode, _> = at.call(Way::Lock, &command, &arguments).await;
        result = answer.map_err(CallError::for_change)?.result;
        if !matches!(result, IS_OCCUPIED | IS_EMPTY) {
            break;
        }
    }
    Ok(result)
}

async fn delete_user(at: AtHub<'_>, user: u16) -> Result<u16, LockError> {
    set(at, "delete_user", OfUser { user_id: user, more: () }).await
}

async fn hub<T: serde::de::DeserializeOwned>(
    at: AtHub<'_>,
    command: &str,
    arguments: impl Serialize,
) -> Result<T, LockError> {
    let command = format!("endpoint.access_control.{command}");
    at.call(Way::Hub, &command, arguments).await.map_err(CallError::for_lock)
}

async fn cached_user(at: AtHub<'_>, user: u16) -> Result<Option<User>, LockError> {
    let answer: UserAnswer = hub(at, "get_user_cached", OfUser { user_id: user, more: () }).await?;
    Ok(answer.user)
}

async fn cached_credentials(at: AtHub<'_>, user: u16) -> Result<Vec<Credential>, LockError> {
    let answer: CredentialsAnswer = hub(at, "get_credentials_cached", OfUser { user_id: user, more: () }).await?;
    Ok(answer.credentials)
}

async fn capabilities(at: AtHub<'_>) -> Result<UserCapabilities, LockError> {
    let answer: Capabilities<UserCapabilities> = hub(at, "get_user_capabilities_cached", ()).await?;
    Ok(answer.capabilities)
}

/// Whether the lock can tell our users from others.
async fn stores_names(at: AtHub<'_>) -> Result<bool, LockError> {
    let longest = capabilities(at).await?.max_user_name_length.unwrap_or(0);
    Ok(usize::from(longest) >= OUR_USER.len())
}
