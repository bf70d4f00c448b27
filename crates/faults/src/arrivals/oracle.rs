//! What must be so at every step.
//!
//! What is *knowable* of a lock, and so what the server can be held to:
//!
//! - what a lock answered to the server, as soon as the server has had the time to note it;
//! - what a hub told, likewise;
//! - that a code is no longer where it was confirmed, if nobody told: only when the lock is asked the next time. Every code
//!   is looked for some minutes after it was written and then in turn, four times a day at each lock. So such an untruth may
//!   last for six hours for each code on the lock ([`unknown_for`]), counted while the lock can be reached;
//! - nothing of what a lock does that tells nothing of its slots, beyond its word;
//! - no use of a code while the lock is out of reach.
//!
//! Everything else that the server says must be so, at every instant.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Result, ensure};
use hub::{HubLock, Slot};
use ids::{CodeId, DoorId, HubId, LockId};
use reqwest::Method;
use serde_json::Value;
use store::Millis;

use crate::client::{Body, Request};

use super::mishap::Mishap;
use super::model::{End, HOUR, MINUTE};
use super::month::Month;
use super::radio::tells;
use super::witness::{Entry, Untrue, entries, locks_in};

/// How soon a code that should be gone is gone from a lock that can be reached: what failed is tried again within five
/// minutes.
const GONE_WITHIN: Millis = 6 * MINUTE;
/// How soon a code that should open its door does, likewise.
const THERE_WITHIN: Millis = 11 * MINUTE;
/// How long it may take, besides its turn, until a code is looked for: jitter, a question that failed, a step of the
/// simulation.
const GRACE: Millis = 90 * MINUTE;

/// How long it may be unknown that a lock with so many codes has lost one.
fn unknown_for(codes: usize) -> Millis {
    6 * HOUR * Millis::try_from(codes.max(1)).unwrap_or(1) + GRACE
}

/// What was counted.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) steps: u64,
    pub(super) looks: u64,
    pub(super) moves_in: u64,
    pub(super) moves_out: u64,
    pub(super) changes: u64,
    pub(super) switches: u64,
    pub(super) guests: u64,
    pub(super) revoked: u64,
    pub(super) used: u64,
    pub(super) used_unheard: u64,
    pub(super) refused: u64,
    pub(super) refusals: BTreeMap<String, u64>,
    pub(super) mishaps: BTreeMap<Mishap, u64>,
    /// Codes that opened a door longer than they should have, and how long the longest did.
    pub(super) open_too_long: u64,
    pub(super) longest_open: Millis,
    /// And while the lock could be reached.
    pub(super) longest_open_in_reach: Millis,
    /// Codes that a lock had lost while they were said to be working, and how long the longest was.
    pub(super) lost: u64,
    pub(super) longest_lost: Millis,
    /// What nobody can know, by locks that tell nothing.
    pub(super) untold: u64,
    pub(super) events: u64,
}

/// What is being watched from step to step.
#[derive(Default)]
pub(super) struct Seen {
    /// Since when a lock has been well and within reach.
    well: HashMap<LockId, Millis>,
    /// Codes that open a door and shouldn't: since when, and since when the lock has been within reach.
    open: HashMap<(HubLock, Slot), (Millis, Millis)>,
    /// Codes that are said to be working and aren't there: since when, for how long within reach, and when last seen.
    lost: HashMap<(HubLock, Slot), (Millis, Millis, Millis)>,
    /// Codes that should open a door and don't, which is said: since when.
    missing: HashMap<(usize, CodeId), Millis>,
}

/// A door as the server shows it, with one of its locks.
struct Place<'a> {
    door: usize,
    lock: LockId,
    hub: HubId,
    name: HubLock,
    shown: &'a Value,
    current: bool,
}

impl Month {
    /// Whether a deed at the lock gets there, and what happens at it is told.
    pub(super) fn is_reached(&self, hub: HubId, lock: LockId) -> bool {
        let radio = &self.town.radios[&hub];
        let silent = radio.name_of(lock).is_none_or(|name| radio.mishaps_of(&name).silent);
        !self.hubs_away.contains(&hub) && !radio.is_silent() && !silent && radio.simulator.is_reachable(lock)
    }

    /// Notes which locks are well, and since when.
    fn note_who_is_well(&mut self) {
        let now = self.town.now;
        let former = self.former.iter().map(|(door, lock)| (self.model.doors[*door].hub, *lock));
        let locks: Vec<(HubId, LockId)> =
            self.model.doors.iter().map(|door| (door.hub, door.lock)).chain(former).collect();
        for (hub, lock) in locks {
            if self.town.is_up() && !self.troubled.contains(&lock) && self.is_reached(hub, lock) {
                self.seen.well.entry(lock).or_insert(now);
            } else {
                self.seen.well.remove(&lock);
            }
        }
    }

    /// How long a lock has been well.
    fn well_for(&self, lock: LockId) -> Option<Millis> {
        self.seen.well.get(&lock).map(|since| self.town.now - since)
    }

    /// Looks at every door. What is wrong is looked at again after the server has come to rest once more.
    pub(super) async fn look_at_all(&mut self) -> Result<()> {
        self.note_who_is_well();
        self.tally.looks += 1;
        for door in 0..self.model.doors.len() {
            let id = self.model.doors[door].id;
            let mut wrong = None;
            for _ in 0..AGAIN {
                let page = self.town.read(&format!("/doors/{id}")).await?;
                wrong = self.look_at(door, &page);
                if wrong.is_none() {
                    break;
                }
                self.town.settle().await?;
            }
            if let Some(wrong) = wrong {
                return self.fail(id, &wrong);
            }
        }
        self.look_at_foreign()?;
        match self.town.witness.first_found() {
            Some((door, what)) => self.fail(door, &what),
            None => Ok(()),
        }
    }

    /// Nothing of somebody else's is touched.
    pub(super) fn look_at_foreign(&self) -> Result<()> {
        for ((name, slot), code) in &self.foreign {
            for radio in self.town.radios.values() {
                let held = radio.simulator.contents(name);
                if radio.simulator.knows(name) && !held.iter().any(|(at, held)| at == slot && held == code) {
                    let door = self.door_of(name);
                    return self.fail(door, &format!("slot {slot}: a code that isn't ours is gone from it"));
                }
            }
        }
        Ok(())
    }

    fn door_of(&self, name: &HubLock) -> DoorId {
        let is_it = |hub: HubId, lock: LockId| self.town.radios[&hub].name_of(lock).as_ref() == Some(name);
        let door = self.model.doors.iter().find(|door| is_it(door.hub, door.lock));
        door.map_or(DoorId::NIL, |door| door.id)
    }

    /// The first thing that is wrong at a door.
    fn look_at(&mut self, door: usize, page: &Value) -> Option<String> {
        let (hub, current) = (self.model.doors[door].hub, self.model.doors[door].lock);
        for (lock, shown) in locks_in(page) {
            let name = self.town.radios[&hub].name_of(lock);
            let Some(name) = name.or_else(|| HubLock::new(shown["hub_lock"].as_str()?)) else { continue };
            let place = Place { door, lock, hub, name, shown, current: lock == current };
            let wrong =
                self.what_is_said(&place).or_else(|| self.what_opens(&place)).or_else(|| self.what_should_open(&place));
            if wrong.is_some() {
                return wrong;
            }
        }
        None
    }

    /// Whether what is said of a lock is so.
    fn what_is_said(&mut self, place: &Place<'_>) -> Option<String> {
        let radio = self.town.radios[&place.hub].clone();
        let now = self.town.now;
        radio.note_codes(&place.name, entries(place.shown).filter(|said| said.slot.is_some()).count());
        let untrue = self.town.witness.untrue(&radio, &place.name, place.shown);
        let key = |slot: Slot| (place.name.clone(), slot);
        self.seen.lost.retain(|(name, slot), _| {
            *name != place.name || untrue.iter().any(|untrue| untrue.gone && untrue.slot == *slot)
        });
        for Untrue { slot, what, silently, gone } in untrue {
            let kind = self.town.read_back.get(&place.lock).copied();
            if silently && kind.is_some_and(|kind| !tells(kind)) {
                self.tally.untold += 1;
                continue;
            }
            let journal = radio.slot(&place.name, slot);
            if !silently || !gone {
                return Some(format!("slot {slot}: a code {what}"));
            }
            if journal.looked > journal.changed {
                return Some(format!("slot {slot}: a code {what}, and the server has been told"));
            }
            let reached = self.seen.well.contains_key(&place.lock);
            let fresh = !self.seen.lost.contains_key(&key(slot));
            let (since, within_reach, last) = self.seen.lost.entry(key(slot)).or_insert((now, 0, now));
            if reached {
                *within_reach += now - *last;
            }
            *last = now;
            self.tally.lost += u64::from(fresh);
            self.tally.longest_lost = self.tally.longest_lost.max(now - *since);
            if *within_reach > unknown_for(journal.codes) {
                return Some(format!("slot {slot}: a code {what}, for longer than that may be unknown"));
            }
        }
        None
    }

    /// Whether what opens the door may, or is said to.
    fn what_opens(&mut self, place: &Place<'_>) -> Option<String> {
        let radio = self.town.radios[&place.hub].clone();
        let now = self.town.now;
        let held = radio.simulator.contents(&place.name);
        self.seen.open.retain(|(name, slot), _| *name != place.name || held.iter().any(|(at, _)| at == slot));
        for (slot, digits) in &held {
            let key = (place.name.clone(), *slot);
            if self.foreign.contains_key(&key) {
                continue;
            }
            let codes = self.town.witness.codes_with(digits);
            let ours: Vec<CodeId> = codes.into_iter().filter(|code| self.model.is_for(*code, place.door)).collect();
            let opens = |code: CodeId| {
                entries(place.shown).any(|said| said.code == Some(code) && said.is("working"))
                    && self.town.witness.digits_of(code).is_some_and(|digits| held.iter().any(|(_, it)| *it == digits))
            };
            let may = ours.iter().any(|code| self.model.may_open(*code, place.door, now, opens));
            if ours.is_empty() || (may && place.current) {
                self.seen.open.remove(&key);
                continue;
            }
            // A former lock keeps its codes until they open the one that is on the door now.
            if may {
                continue;
            }
            let said = entries(place.shown)
                .find(|said| said.slot == Some(*slot) && said.code.is_some_and(|it| ours.contains(&it)));
            let told = said.map_or("nothing", |said| said.state);
            let silently = radio.slot(&place.name, *slot).silently;
            if silently && self.town.read_back.get(&place.lock).is_some_and(|kind| !tells(*kind)) {
                continue;
            }
            if told != "being_removed" {
                return Some(format!("slot {slot}: a code opens the door and shouldn't, and is said to be {told}"));
            }
            let fresh = !self.seen.open.contains_key(&key);
            self.tally.open_too_long += u64::from(fresh);
            let well_for = self.well_for(place.lock);
            let (since, in_reach_since) = self.seen.open.entry(key).or_insert((now, now));
            if well_for.is_none() {
                *in_reach_since = now;
            }
            let (open, in_reach) = (now - *since, now - *in_reach_since);
            self.tally.longest_open = self.tally.longest_open.max(open);
            self.tally.longest_open_in_reach = self.tally.longest_open_in_reach.max(in_reach);
            if in_reach.min(well_for.unwrap_or(0)) > GONE_WITHIN {
                return Some(format!(
                    "slot {slot}: a code opens the door and shouldn't, although its lock can be reached"
                ));
            }
        }
        None
    }

    /// Whether what should open the door does, or why it doesn't is said.
    fn what_should_open(&mut self, place: &Place<'_>) -> Option<String> {
        if !place.current {
            return None;
        }
        let now = self.town.now;
        let held = self.town.radios[&place.hub].simulator.contents(&place.name);
        let should = self.model.should_open(place.door, now);
        self.seen.missing.retain(|(door, code), _| *door != place.door || should.contains(code));
        for code in should {
            let Some(digits) = self.town.witness.digits_of(code) else { continue };
            let said: Option<Entry<'_>> = entries(place.shown).find(|said| said.code == Some(code));
            let Some(said) = said else {
                return Some(format!("code {code} should open the door, and nothing is said of it"));
            };
            let there = held.iter().any(|(_, held)| *held == digits);
            let excused = match said.state {
                // Whether that is so is looked at above.
                "working" => true,
                "failed" => ["slots_full", "lost_by_lock", "duplicate_on_lock"].contains(&said.reason),
                _ => false,
            };
            if there || excused {
                self.seen.missing.remove(&(place.door, code));
                continue;
            }
            let since = *self.seen.missing.entry((place.door, code)).or_insert(now);
            if self.well_for(place.lock).unwrap_or(0).min(now - since) > THERE_WITHIN {
                return Some(format!(
                    "code {code} should open the door and doesn't, although its lock can be reached: it is said to be {} {}",
                    said.state, said.reason
                ));
            }
        }
        None
    }

    /// Each code's end is on record once, and the log is whole.
    pub(super) async fn look_at_the_end(&mut self) -> Result<()> {
        let mut ends: HashMap<String, Vec<String>> = HashMap::new();
        for action in ["guest_code.revoked", "guest_code.expired", "guest_code.used", "resident.moved_out"] {
            let mut cursor = String::new();
            loop {
                let path = format!("/audit?action={action}&outcome=done&limit=200{cursor}");
                let answer = self.town.as_support(&Request::new(Method::GET, path, Body::Nothing)).await?;
                ensure!(answer.status == 200, "the log is answered {}", answer.status);
                for event in answer.body["items"].as_array().into_iter().flatten() {
                    self.tally.events += 1;
                    let id = event["subject"]["id"].as_str().unwrap_or_default().to_owned();
                    let action = event["action"].as_str().unwrap_or_default().to_owned();
                    ends.entry(id).or_default().push(action);
                }
                let Some(next) = answer.body["next_cursor"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
        }
        let now = self.town.now;
        let found = |id: String| ends.get(&id).cloned().unwrap_or_default();
        for guest in &self.model.guests {
            let found = found(guest.id.to_string());
            let right: &[&[&str]] = match guest.ended {
                Some((_, End::Revoked)) => &[&["guest_code.revoked"]],
                Some((_, End::Used)) => &[&["guest_code.used"]],
                // The event of moving out stands for all of them.
                Some((_, End::WithTenancy)) => &[&[], &["guest_code.revoked"]],
                None if guest.over_at() <= now => &[&["guest_code.expired"]],
                None => &[&[]],
            };
            ensure!(
                right.contains(&&*found.iter().map(String::as_str).collect::<Vec<_>>()),
                "the end of {} is on record as {found:?}",
                guest.id
            );
        }
        for tenancy in &self.model.tenancies {
            let over = tenancy.ends.is_some_and(|end| end <= now);
            let Some(id) = tenancy.id else { continue };
            let found = found(id.to_string()).len();
            ensure!(found == usize::from(over), "the end of {id} is on record {found} times");
        }
        let verified = self.town.as_support(&Request::new(Method::GET, "/audit/verify", Body::Nothing)).await?;
        ensure!(verified.body["intact"] == true, "the log isn't intact");
        Ok(())
    }
}

/// How often something that is wrong is looked at before it counts.
const AGAIN: u32 = 5;
