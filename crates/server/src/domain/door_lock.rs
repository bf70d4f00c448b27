//! The lock of a door: linking, exchanging and letting it go, and trying again what isn't right there (R24, R27, R28, R35).

use api_types::{Action, FieldCode, ProblemCode, Role, Said, Subject, SubjectKind};
use hub::FoundLock;
use ids::{CodeId, DoorId, HubId, LockId};
use store::audit::NewEvent;
use store::hubs;
use store::incidents::Incident;
use store::layout::{self, Part, PartRecord};
use store::locks::{self, Device, DoorLock};
use store::placements::{self, Again};
use store::{Millis, Scope, Tx, codes, doors};

use super::deed::Deed;
use super::device::device;
use super::layout::SLOTS_UNTIL_LINKED;
use super::placing::Locks;
use super::{By, Done, Refusal, code_event, damage, digits, reveal};

/// A door that somebody may give a lock, or take it from.
struct Subjected<'a> {
    deed: &'a Deed<'a>,
    scope: Scope,
    by: By,
    door: PartRecord,
    lock: DoorLock,
}

impl<'a> Subjected<'a> {
    fn find(deed: &'a Deed<'_>, door_id: DoorId) -> Done<Self> {
        let (scope, role): (Scope, Role) = deed.set_up_scope()?;
        let door = layout::get(deed.tx, scope, Part::Door(door_id))?.ok_or_else(Refusal::not_found)?;
        let lock = locks::of_door(deed.tx, door_id)?.into_iter().find(|lock| lock.former_since.is_none());
        let lock = lock.ok_or_else(Refusal::not_found)?;
        let by = deed.acting_at(door.property_id, role);
        Ok(Self { deed, scope, by, door, lock })
    }

    fn door_id(&self) -> DoorId {
        DoorId::from_uuid(self.door.part().id())
    }

    fn event(&self, action: Action) -> NewEvent {
        event(&self.by, action, &self.door)
    }

    fn require_current(&self, has_read: impl Fn(i64) -> bool, action: Action) -> Done<()> {
        if has_read(self.door.version) {
            return Ok(());
        }
        self.refuse(Refusal::new(ProblemCode::Stale, "Someone changed this door since you opened it."), action)
    }

    fn refuse<T>(&self, refusal: Refusal, action: Action) -> Done<T> {
        Err(refusal.record(self.deed.tx, self.deed.now, self.event(action))?)
    }

    /// Another lock, with the codes of the one before: a device, or one that stands for a missing one.
    fn replace(&self, hub_id: HubId, device: Option<&Device<'_>>) -> Done<()> {
        let Deed { tx, now, .. } = *self.deed;
        let slots = device.map_or(SLOTS_UNTIL_LINKED, |device| device.slots_total);
        let live = placements::live_at_lock(tx, self.lock.id)?;
        locks::replace(tx, self.door_id(), hub_id, device, slots, now)?;
        let new = Locks::of_doors(tx, doors::by_ids(tx, Scope::Everything, &[self.door_id()])?)?;
        for at in &live {
            // One that can't be read is set aside, and everything else carries on.
            let code = match codes::get(tx, at.code_id) {
                Ok(Some(record)) => codes::open(tx.vault(), tx, &record),
                Ok(None) => continue,
                Err(error) => Err(error),
            };
            match code {
                Ok(code) => new.place(tx, at.code_id, &code, at.wanted, &[], now)?,
                Err(error) if error.is_single_record() => {
                    damage::report(tx, &Incident::of_code(at.code_id, self.door.property_id, &error), now)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        placements::leave_lock(tx, self.door_id(), self.lock.id, device.is_some(), now)?;
        live.iter().try_for_each(|at| placements::refresh_status(tx, at.code_id))?;
        Ok(())
    }
}

fn event(by: &By, action: Action, door: &PartRecord) -> NewEvent {
    let id = door.part().id();
    let subject = Subject { kind: SubjectKind::Door.into(), id: Some(id), name: door.name.clone() };
    let mut event = by.event(action, subject);
    event.property_id = Some(door.property_id);
    event.door_id = Some(DoorId::from_uuid(id));
    event
}

/// A hub that isn't one of the door's property.
pub fn other_hub() -> Refusal {
    Refusal::invalid("hub_id", FieldCode::Invalid, "Choose a hub of this door’s property.")
}

/// Links one of a hub's locks to a door, provided that the person has read the door's current version.
///
/// A door without a lock has the codes that waited sent to it. A door with a lock has it exchanged: the door stays, its live
/// codes are written to the new lock, and as soon as one is confirmed there it is taken off the old one (R27). Linking what is
/// linked already is done and recorded again.
///
/// # Errors
/// `not_found` outside the properties that they may set up (R33); `invalid` for a hub of another property; `stale`, `retired`,
/// `lock_linked` for a lock that is linked elsewhere, `lock_not_ready` while the hub doesn't know what it can do; recorded.
pub fn link(
    deed: &Deed<'_>,
    door_id: DoorId,
    has_read: impl Fn(i64) -> bool,
    hub_id: HubId,
    found: &FoundLock,
) -> Done<()> {
    let Deed { tx, now, .. } = *deed;
    let this = Subjected::find(deed, door_id)?;
    let action = if this.lock.linked { Action::LockExchanged } else { Action::LockLinked };
    let hub = hubs::get(tx, this.scope, hub_id)?.filter(|hub| hub.property_id == this.door.property_id);
    let hub = hub.ok_or_else(other_hub)?;
    this.require_current(has_read, action)?;
    if this.door.retired_at.is_some() {
        return this.refuse(Refusal::new(ProblemCode::Retired, "The door is retired. Bring it back first."), action);
    }
    let Some(capabilities) = found.capabilities else {
        let detail = "The hub is still finding out what this lock can do. Try again in a few minutes.";
        return this.refuse(Refusal::new(ProblemCode::LockNotReady, detail), action);
    };
    let linked = locks::of_device(tx, found.lock.as_str())?;
    if let Some(linked) = linked.filter(|linked| linked.lock_id != this.lock.id) {
        if !linked.idle {
            return this.refuse(linked_elsewhere(&this, &linked), action);
        }
        placements::detach(tx, linked.lock_id, doors::unlinked_hub(tx, linked.property_id, now)?, now)?;
    }
    let device = device(found, capabilities);
    let same_device = this.lock.hub_lock.as_deref() == Some(found.lock.as_str());
    let mut event = this.event(if same_device { Action::LockLinked } else { action });
    event.say(Said::AtHub, [&hub.name], format!("At the hub {}.", hub.name));
    tx.record(now, event)?;
    if this.lock.linked && !same_device {
        return this.replace(hub.id, Some(&device));
    }
    if this.lock.linked && this.lock.hub_id == hub.id {
        return Ok(());
    }
    locks::link_in_place(tx, this.lock.id, hub.id, &device, now)?;
    placements::send_to_linked(tx, this.lock.id, hub.id, now)?;
    Ok(())
}

fn linked_elsewhere(this: &Subjected<'_>, linked: &locks::Linked) -> Refusal {
    let here = linked.property_id == this.door.property_id;
    let detail = match (here, linked.former) {
        (true, true) => format!(
            "Codes are still being taken off this lock, which was on {}. Wait for that, or confirm it by hand there.",
            linked.door_name
        ),
        (true, false) => format!("This lock is on {}. Unlink it there first.", linked.door_name),
        // What is at other properties is nobody's business here (R33).
        (false, _) => "This lock is linked to another door.".to_owned(),
    };
    Refusal::new(ProblemCode::LockLinked, detail)
}

/// Lets go of a door's lock, provided that the person has read the door's current version: its codes are taken off the lock,
/// which stays known, and shown as still opening, until that is confirmed (R24). They wait for another one to be linked.
///
/// # Errors
/// `not_found` outside the properties that they may set up (R33); `stale`, `no_lock_linked`; recorded.
pub fn unlink(deed: &Deed<'_>, door_id: DoorId, has_read: impl Fn(i64) -> bool) -> Done<()> {
    let Deed { tx, now, .. } = *deed;
    let this = Subjected::find(deed, door_id)?;
    this.require_current(has_read, Action::LockUnlinked)?;
    if !this.lock.linked {
        let refusal = Refusal::new(ProblemCode::NoLockLinked, "No lock is linked to this door.");
        return this.refuse(refusal, Action::LockUnlinked);
    }
    let mut event = this.event(Action::LockUnlinked);
    event.say(Said::AtHub, [&this.lock.hub_name], format!("At the hub {}.", this.lock.hub_name));
    tx.record(now, event)?;
    let hub_id = doors::unlinked_hub(tx, this.door.property_id, now)?;
    this.replace(hub_id, None)
}

/// Somebody has made sure that a former lock of a door opens nothing any more, since it is gone or broken, or was emptied by
/// hand: what was on it counts as removed (R24). Returns how many codes that were.
///
/// # Errors
/// `not_found` outside the properties that they may set up (R33), and for a lock that isn't a former one of the door;
/// `reason_required`, `invalid` for a reason with the digits of one of the codes (R45); recorded.
pub fn confirm_gone(deed: &Deed<'_>, door_id: DoorId, lock_id: LockId, reason: &str) -> Done<u32> {
    let Deed { tx, now, .. } = *deed;
    let this = Subjected::find(deed, door_id)?;
    let former =
        locks::of_door(tx, door_id)?.into_iter().find(|lock| lock.id == lock_id && lock.former_since.is_some());
    former.ok_or_else(Refusal::not_found)?;
    let action = Action::LockConfirmedGone;
    let Some(reason) = reveal::reason_given(Some(reason))? else {
        let refusal = reveal::reason_missing("Say how you made sure that the lock opens nothing any more.");
        return this.refuse(refusal, action);
    };
    for placement in placements::of_lock(tx, lock_id)? {
        if holds_digits_of(tx, &reason, placement.code_id)? {
            return this.refuse(reveal::holds_digits(), action);
        }
    }
    let mut event = this.event(action);
    event.say(Said::Reason, [], &*reason);
    tx.record(now, event)?;
    let gone = placements::confirm_gone(tx, lock_id, now)?;
    for placement in gone.iter().filter(|placement| placement.slot.is_some()) {
        let Some(holder) = codes::holder(tx, placement.code_id)? else { continue };
        let mut event = code_event(&this.by, Action::PlacementRemoved, &holder);
        event.door_id = Some(door_id);
        event.cause = Some(tx.cause());
        event.say(Said::ByHand, [&this.door.name], format!("{}: confirmed by hand.", this.door.name));
        tx.record(now, event)?;
    }
    Ok(count(gone.len()))
}

fn holds_digits_of(db: &Tx, text: &str, code_id: CodeId) -> store::Result<bool> {
    let opened =
        codes::get(db, code_id).and_then(|code| code.map(|code| codes::open(db.vault(), db, &code)).transpose());
    match opened {
        Ok(code) => Ok(code.is_some_and(|code| digits::are_in(text, &code))),
        // Nobody can know its digits.
        Err(error) if error.is_single_record() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Tries again now whatever isn't right on a door's locks (R28). Returns how many codes that are, and the hubs to be asked.
///
/// # Errors
/// `not_found` outside the properties that they may set up (R33); `no_lock_linked`, recorded.
pub fn send_again(deed: &Deed<'_>, door_id: DoorId) -> Done<(u32, Vec<HubId>)> {
    let Deed { tx, now, .. } = *deed;
    let this = Subjected::find(deed, door_id)?;
    let locks = locks::of_door(tx, door_id)?;
    if locks.iter().all(|lock| !lock.linked) {
        let refusal = Refusal::new(ProblemCode::NoLockLinked, "No lock is linked to this door. Link one first.");
        return this.refuse(refusal, Action::LockSentAgain);
    }
    let codes = placements::send_again(tx, Again::AtDoor(door_id), now)?;
    tx.record(now, again(this.event(Action::LockSentAgain), codes))?;
    Ok((codes, locks.into_iter().map(|lock| lock.hub_id).collect()))
}

/// The same for one code, wherever it is for; by the managers of its property.
///
/// # Errors
/// `not_found` for a code of a property that they don't manage (R33).
pub fn send_code_again(deed: &Deed<'_>, code_id: CodeId) -> Done<(u32, Vec<HubId>)> {
    let Deed { tx, now, .. } = *deed;
    let scope = deed.manager_scope()?;
    let holder = codes::holder(tx, code_id)?.ok_or_else(Refusal::not_found)?;
    store::properties::get(tx, scope, holder.property_id)?.ok_or_else(Refusal::not_found)?;
    let hubs = placements::of_code(tx, code_id)?.into_iter().map(|placement| placement.hub_id).collect();
    let codes = placements::send_again(tx, Again::OfCode(code_id), now)?;
    tx.record(now, again(code_event(&deed.acting_as(Role::Manager), Action::CodeSentAgain, &holder), codes))?;
    Ok((codes, hubs))
}

fn again(mut event: NewEvent, codes: u32) -> NewEvent {
    event.say(Said::CodesAgain, [&codes.to_string()], format!("{codes} to be sent or taken off again."));
    event
}

fn count(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}

/// What the hub's worker notes of a lock: what it can do now. What it couldn't take before is tried again.
///
/// # Errors
/// [`store::Error`].
pub fn describe_again(tx: &Tx, lock_id: LockId, found: &FoundLock, now: Millis) -> store::Result<()> {
    if let Some(capabilities) = found.capabilities
        && locks::describe(tx, lock_id, &device(found, capabilities))?
    {
        placements::retry_refused(tx, lock_id, now)?;
    }
    if let Some(percent) = found.battery_percent {
        doors::set_battery(tx, lock_id, percent, now)?;
    }
    Ok(())
}
