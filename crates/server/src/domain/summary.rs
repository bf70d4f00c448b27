//! Who gets a property's daily summary by mail: each of its managers, until they choose otherwise.

use api_types::{Action, Actor, ActorRole, Channel, ChannelKind, Said, Subject, SubjectKind};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ids::{PersonId, PropertyId};
use store::{Millis, Scope, Tx, people, properties, summaries};
use uuid::Uuid;

use super::deed::Deed;
use super::{By, Done, Refusal};

/// Bytes of an id.
const ID: usize = 16;

/// Chooses whether a manager gets a property's summary. Choosing what is so already changes nothing.
///
/// # Errors
/// `not_found` for a property that they don't manage.
pub fn choose(deed: &Deed<'_>, property_id: PropertyId, wanted: bool) -> Done<()> {
    let before = summaries::is_wanted(deed.tx, deed.person_id(), property_id)?.ok_or_else(Refusal::not_found)?;
    if before != wanted {
        let authority = deed.authority();
        let (person_id, name) = (authority.person_id, authority.name.clone());
        set(deed.tx, &deed.acting_as(api_types::Role::Manager), (person_id, name), property_id, wanted, deed.now)?;
    }
    Ok(())
}

/// What stops a manager's summaries of a property: it goes into each of them.
///
/// # Errors
/// [`store::Error`].
pub fn stop_of(tx: &Tx, person_id: PersonId, property_id: PropertyId) -> store::Result<String> {
    let signature = summaries::sign_stop(tx, person_id, property_id)?;
    let ids = [person_id.uuid().into_bytes(), property_id.uuid().into_bytes()].concat();
    Ok(URL_SAFE_NO_PAD.encode([ids, signature].concat()))
}

/// Stops the summaries that such a text was written for, whoever sends it. Stopping what is stopped changes nothing.
///
/// # Errors
/// `not_found` for anything else.
pub fn stop(tx: &Tx, text: &str, now: Millis) -> Done<()> {
    let (person_id, property_id) = stopped_by(tx, text)?.ok_or_else(Refusal::not_found)?;
    // Who doesn't manage it any more gets none anyway.
    if summaries::is_wanted(tx, person_id, property_id)? == Some(true) {
        let person = people::by_id(tx, person_id)?.ok_or_else(Refusal::not_found)?;
        // By a link, which mail programs follow for their reader: nobody knows who it was.
        let by = By {
            actor: Actor { id: None, name: "unknown".into(), role: ActorRole::Unknown.into() },
            channel: Channel { kind: ChannelKind::Web, platform: None, app_version: None },
        };
        set(tx, &by, (person_id, person.name), property_id, false, now)?;
    }
    Ok(())
}

/// Whose summaries of which property it stops; `None` for what was made up.
fn stopped_by(tx: &Tx, text: &str) -> store::Result<Option<(PersonId, PropertyId)>> {
    let Some((person_id, property_id, signature)) = parts(text) else { return Ok(None) };
    let signed = summaries::is_stop_signed(tx, tx.vault(), person_id, property_id, &signature)?;
    Ok(signed.then_some((person_id, property_id)))
}

/// The property that such a text names, whoever wrote it.
pub fn property_of(text: &str) -> Option<PropertyId> {
    parts(text).map(|(_, property_id, _)| property_id)
}

fn parts(text: &str) -> Option<(PersonId, PropertyId, Vec<u8>)> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (person, rest) = bytes.split_first_chunk::<ID>()?;
    let (property, signature) = rest.split_first_chunk::<ID>()?;
    let (person, property) = (Uuid::from_bytes(*person), Uuid::from_bytes(*property));
    Some((PersonId::from_uuid(person), PropertyId::from_uuid(property), signature.to_vec()))
}

fn set(
    tx: &Tx,
    by: &By,
    (person_id, name): (PersonId, String),
    property_id: PropertyId,
    wanted: bool,
    now: Millis,
) -> Done<()> {
    let property = properties::get(tx, Scope::Everything, property_id)?.ok_or_else(Refusal::not_found)?;
    summaries::set_wanted(tx, person_id, property_id, wanted)?;
    let action = if wanted { Action::PersonSummaryStarted } else { Action::PersonSummaryStopped };
    let subject = Subject { kind: SubjectKind::Person.into(), id: Some(person_id.uuid()), name };
    let mut event = by.event(action, subject);
    event.property_id = Some(property_id);
    event.say(Said::OfProperty, [&property.name], format!("Of {}.", property.name));
    tx.record(now, event)?;
    Ok(())
}
