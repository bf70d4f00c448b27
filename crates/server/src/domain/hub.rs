//! Hubs: adding, changing and removing them (R34, R35). The workers connect to what is kept here.

use api_types::{
    Action, FieldCode, HubEdit, HubKind, HubTestResult, NewHub, Outcome, PlacementReason, ProblemCode, Subject,
    SubjectKind,
};
use hub::{HubAddress, HubAddressError};
use ids::{HubId, PropertyId};
use store::audit::NewEvent;
use store::hubs::{self, ManagedHub};
use store::{Millis, Scope, Tx, doors, locks, placements, properties};

use super::deed::Deed;
use super::property::named;
use super::{By, Done, Refusal};
use crate::text::{Line, folded};

/// The longest token.
pub const MAX_TOKEN: usize = 1_000;

/// Adds a hub, which is connected to from then on.
///
/// # Errors
/// `not_found` outside the properties that they may set up (R33); `invalid`, and then nothing is changed.
pub fn add(deed: &Deed<'_>, property_id: PropertyId, new: &NewHub) -> Done<HubId> {
    let (scope, role) = deed.set_up_scope()?;
    add_by(deed.tx, (scope, &deed.acting_at(property_id, role)), property_id, new, deed.now)
}

/// The same at the server's own command line.
///
/// # Errors
/// As [`add`].
pub fn add_from_command_line(tx: &Tx, property_id: PropertyId, new: &NewHub, now: Millis) -> Done<HubId> {
    add_by(tx, (Scope::Everything, &By::system()), property_id, new, now)
}

fn add_by(tx: &Tx, (scope, by): (Scope, &By), property_id: PropertyId, new: &NewHub, now: Millis) -> Done<HubId> {
    properties::get(tx, scope, property_id)?.ok_or_else(Refusal::not_found)?;
    let refused = |detail| Refusal::invalid("kind", FieldCode::ComesLater, detail);
    match new.kind {
        HubKind::ZwaveJs => {}
        HubKind::HomeAssistant => {
            return Err(refused("Home Assistant comes later. Add its Z-Wave JS server, if it has one.").into());
        }
        HubKind::Simulated => return Err(refused("Only a demonstration has simulated hubs.").into()),
    }
    let name = free_name(tx, property_id, &new.name, None)?;
    let url = address(&new.url)?;
    let token = new.token.as_deref().map(token).transpose()?.flatten();
    let new = hubs::NewHub { property_id, name: &name, kind: new.kind, url: url.as_str(), token };
    let id = hubs::insert(tx, &new, now)?;
    tx.record(now, event(by, Action::HubAdded, property_id, id, &name))?;
    Ok(id)
}

/// Changes what is given of a hub, provided that the person has read its current version. Each change is an event.
///
/// A token goes to the address that it was given for and to no other: with another address, it is given anew or forgotten.
///
/// # Errors
/// `not_found` outside the properties that they may set up (R33); `stale` when it was changed since, recorded; `invalid`.
/// Nothing is changed then.
pub fn edit(deed: &Deed<'_>, id: HubId, has_read: impl Fn(i64) -> bool, edit: &HubEdit) -> Done<ManagedHub> {
    let Deed { tx, now, .. } = *deed;
    let (scope, role) = deed.set_up_scope()?;
    let before = hubs::get(tx, scope, id)?.ok_or_else(Refusal::not_found)?;
    let by = deed.acting_at(before.property_id, role);
    let event = |action, name: &str| event(&by, action, before.property_id, id, name);
    if !has_read(before.version) {
        let refusal = Refusal::new(ProblemCode::Stale, "Someone changed this hub since you opened it.");
        let action = match edit {
            HubEdit { url: Some(_), .. } => Action::HubAddressChanged,
            HubEdit { token: Some(_), .. } => Action::HubTokenChanged,
            _ => Action::HubRenamed,
        };
        return Err(refusal.record(tx, now, event(action, &before.name))?);
    }
    if *edit == HubEdit::default() {
        return Err(Refusal::new(ProblemCode::Invalid, "Say what to change.").into());
    }
    if before.kind() == HubKind::Simulated && (edit.url.is_some() || edit.token.is_some()) {
        let field = if edit.url.is_some() { "url" } else { "token" };
        let detail = "A simulated hub has neither an address nor a token.";
        return Err(Refusal::invalid(field, FieldCode::NotForThisKind, detail).into());
    }
    // A refusal is kept along with what was done before it, so everything is checked first.
    let name = edit.name.as_deref().map(|name| free_name(tx, before.property_id, name, Some(id))).transpose()?;
    let url = edit.url.as_deref().map(address).transpose()?;
    let moved = url.as_ref().is_some_and(|url| before.url.as_deref() != Some(url.as_str()));
    let new_token = match &edit.token {
        Some(given) => Some(given.as_deref().map(token).transpose()?.flatten()),
        None if moved && before.has_token => Some(None),
        None => None,
    };
    let called = name.as_deref().unwrap_or(&before.name);
    if let Some(name) = &name {
        hubs::rename(tx, id, name)?;
        let mut event = event(Action::HubRenamed, name);
        event.say(api_types::Said::WasCalled, [&before.name], format!("Was called {}.", before.name));
        tx.record(now, event)?;
    }
    if let Some(url) = &url {
        hubs::set_url(tx, id, url.as_str(), now)?;
        tx.record(now, event(Action::HubAddressChanged, called))?;
    }
    if let Some(token) = new_token {
        hubs::set_token(tx, before.property_id, id, token)?;
        tx.record(now, event(Action::HubTokenChanged, called))?;
    }
    Ok(hubs::get(tx, scope, id)?.ok_or_else(Refusal::not_found)?)
}

/// Removes a hub that no lock is linked to.
///
/// # Errors
/// `not_found` outside the properties that they may set up (R33); `hub_in_use`, recorded.
pub fn remove(deed: &Deed<'_>, id: HubId) -> Done<()> {
    let (scope, role) = deed.set_up_scope()?;
    let hub = hubs::get(deed.tx, scope, id)?.ok_or_else(Refusal::not_found)?;
    remove_by(deed.tx, &deed.acting_at(hub.property_id, role), &hub, deed.now)
}

/// The same at the server's own command line.
///
/// # Errors
/// As [`remove`].
pub fn remove_from_command_line(tx: &Tx, id: HubId, now: Millis) -> Done<()> {
    let hub = hubs::get(tx, Scope::Everything, id)?.ok_or_else(Refusal::not_found)?;
    remove_by(tx, &By::system(), &hub, now)
}

fn remove_by(tx: &Tx, by: &By, hub: &ManagedHub, now: Millis) -> Done<()> {
    let id = hub.id;
    let event = event(by, Action::HubRemoved, hub.property_id, id, &hub.name);
    if hub.doors > 0 || hub.former_locks > 0 {
        return Err(in_use(hub).record(tx, now, event)?);
    }
    for lock_id in locks::idle_at_hub(tx, id)? {
        placements::detach(tx, lock_id, doors::unlinked_hub(tx, hub.property_id, now)?, now)?;
    }
    hubs::remove(tx, id, now)?;
    tx.record(now, event)?;
    Ok(())
}

fn in_use(hub: &ManagedHub) -> Refusal {
    let detail = match (hub.doors, hub.former_locks) {
        (0, 1) => {
            "Codes are still being taken off a lock of this hub. Wait for that, or confirm it by hand.".to_owned()
        }
        (0, locks) => {
            format!("Codes are still being taken off {locks} locks of this hub. Wait for that, or confirm it by hand.")
        }
        (1, _) => "The lock of a door is linked to this hub. Unlink it first.".to_owned(),
        (doors, _) => format!("The locks of {doors} doors are linked to this hub. Unlink them first."),
    };
    Refusal::new(ProblemCode::HubInUse, detail)
}

/// Records that somebody asked a hub whether it answers, and what it said that it is, or why it won't talk to us.
///
/// # Errors
/// `not_found` if they have lost the property in the meantime.
pub fn tested(deed: &Deed<'_>, id: HubId, result: HubTestResult, greeting: Option<Result<&str, &str>>) -> Done<()> {
    let Deed { tx, now, .. } = *deed;
    let (scope, role) = deed.set_up_scope()?;
    let hub = hubs::get(tx, scope, id)?.ok_or_else(Refusal::not_found)?;
    let mut event = event(&deed.acting_at(hub.property_id, role), Action::HubTested, hub.property_id, id, &hub.name);
    let reason = match result {
        HubTestResult::Answered => None,
        HubTestResult::Offline => Some(PlacementReason::HubOffline),
        HubTestResult::Rejected => Some(PlacementReason::Rejected),
        HubTestResult::TimedOut => Some(PlacementReason::TimedOut),
        HubTestResult::NotSupported => Some(PlacementReason::NotSupported),
    };
    if let Some(reason) = reason {
        event.outcome = Outcome::Failed;
        event.code = Some(api_types::Named::name(reason).to_owned());
    }
    if let Some(greeting) = greeting {
        hubs::set_greeting(tx, id, greeting)?;
    }
    tx.record(now, event)?;
    Ok(())
}

/// An event about a hub, by the name that it has then.
pub(super) fn event(by: &By, action: Action, property_id: PropertyId, id: HubId, name: &str) -> NewEvent {
    let subject = Subject { kind: SubjectKind::Hub.into(), id: Some(id.uuid()), name: name.to_owned() };
    let mut event = by.event(action, subject);
    event.property_id = Some(property_id);
    event
}

/// A name that no other hub of the property has (R36).
fn free_name(tx: &Tx, property_id: PropertyId, text: &str, own: Option<HubId>) -> Done<Line> {
    let name = named("name", text)?;
    let others = doors::hubs(tx, property_id)?;
    if others.iter().any(|hub| Some(hub.id) != own && folded(&hub.name) == folded(&name)) {
        return Err(Refusal::invalid("name", FieldCode::Taken, "Another hub of this property has this name.").into());
    }
    Ok(name)
}

fn address(text: &str) -> Done<HubAddress> {
    Ok(HubAddress::parse(text).map_err(|error| {
        let (code, detail) = match error {
            HubAddressError::NotAnAddress => {
                (FieldCode::NotAHubAddress, "Enter the hub’s WebSocket address, like wss://hub.example.com:3000.")
            }
            HubAddressError::NotEncrypted => (
                FieldCode::NotEncrypted,
                "Codes would travel unencrypted. Use wss://, or ws:// only for a hub on Latchkey’s own machine.",
            ),
            HubAddressError::HasSecrets => (
                FieldCode::HasSecrets,
                "Leave user names, passwords and what follows a # out of the address. A token has its own field.",
            ),
        };
        Refusal::invalid("url", code, detail)
    })?)
}

/// A token as it is sent; `None` for an empty one.
fn token(text: &str) -> Done<Option<&str>> {
    let text = text.trim();
    if text.len() > MAX_TOKEN {
        let detail = format!("Use at most {MAX_TOKEN} characters.");
        return Err(Refusal::invalid("token", FieldCode::TooLong, detail).into());
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let detail = "A token has letters, digits and signs of ASCII, and no blanks.";
        return Err(Refusal::invalid("token", FieldCode::Invalid, detail).into());
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}
