//! Whoever looks at a door at every instant when one of its locks changes: what the server says of it then, beside what is
//! so. It knows the digits of codes because people were told them, and nothing of the server's by any other way than its API.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use access_code::Code;
use hub::{HubLock, Slot};
use ids::{CodeId, DoorId, LockId};
use reqwest::Method;
use serde_json::Value;
use store::Millis;

use crate::client::{Body, Client, Credential, Request};

use super::radio::Radio;

/// How much of what happened at a door is told with a failure.
const TRAIL: usize = 80;

#[derive(Default)]
pub(super) struct Witness(Mutex<Notes>);

#[derive(Default)]
struct Notes {
    now: Millis,
    server: Option<(Client, Credential)>,
    doors: HashMap<LockId, DoorId>,
    digits: HashMap<CodeId, Code>,
    trails: HashMap<DoorId, VecDeque<(Millis, String)>>,
    found: Vec<(DoorId, String)>,
    looks: u64,
}

impl Witness {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It is that time.
    pub(super) fn it_is(&self, now: Millis) {
        self.notes().now = now;
    }

    /// Where to look, and as whom; `None` while the server is down.
    pub(super) fn looks_at(&self, server: Option<(Client, Credential)>) {
        self.notes().server = server;
    }

    /// The lock is, or was, on that door.
    pub(super) fn lock_is_on(&self, lock: LockId, door: DoorId) {
        self.notes().doors.insert(lock, door);
    }

    /// A code has these digits.
    pub(super) fn knows(&self, code: CodeId, digits: Code) {
        self.notes().digits.insert(code, digits);
    }

    pub(super) fn digits_of(&self, code: CodeId) -> Option<Code> {
        self.notes().digits.get(&code).cloned()
    }

    /// The codes that have these digits.
    pub(super) fn codes_with(&self, digits: &Code) -> Vec<CodeId> {
        self.notes().digits.iter().filter(|(_, known)| *known == digits).map(|(id, _)| *id).collect()
    }

    /// Something happened at a door.
    pub(super) fn at_door(&self, door: DoorId, what: &str) {
        let mut notes = self.notes();
        let now = notes.now;
        let trail = notes.trails.entry(door).or_default();
        if trail.len() == TRAIL {
            trail.pop_front();
        }
        trail.push_back((now, what.to_owned()));
    }

    /// Something happened at a lock.
    pub(super) fn told(&self, lock: LockId, what: &str) {
        let door = self.notes().doors.get(&lock).copied();
        if let Some(door) = door {
            self.at_door(door, what);
        }
    }

    /// What happened at a door.
    pub(super) fn trail(&self, door: DoorId) -> Vec<(Millis, String)> {
        self.notes().trails.get(&door).into_iter().flatten().cloned().collect()
    }

    /// How often it has looked.
    pub(super) fn looks(&self) -> u64 {
        self.notes().looks
    }

    /// The first thing that it has seen and that mustn't be.
    pub(super) fn first_found(&self) -> Option<(DoorId, String)> {
        self.notes().found.first().cloned()
    }

    /// Looks at a lock's door while the lock is held still.
    pub(super) async fn look(&self, radio: &Radio, lock: LockId, when: &str) {
        let (server, door) = {
            let notes = self.notes();
            (notes.server.clone(), notes.doors.get(&lock).copied())
        };
        let (Some((client, manager)), Some(door), Some(name)) = (server, door, radio.name_of(lock)) else { return };
        let request = Request::new(Method::GET, format!("/doors/{door}"), Body::Nothing);
        let Ok(answer) = client.ask(&manager, &request).await else { return };
        let Some(page) = lock_in(&answer.body, lock).filter(|_| answer.status == 200) else { return };
        self.notes().looks += 1;
        let untrue = self.untrue(radio, &name, page);
        for untrue in untrue.into_iter().filter(|untrue| !untrue.silently) {
            let what = format!("{when}: slot {}: {}", untrue.slot, untrue.what);
            self.at_door(door, &what);
            self.notes().found.push((door, what));
        }
    }

    /// What the server says of a lock, and isn't so.
    pub(super) fn untrue(&self, radio: &Radio, name: &HubLock, page: &Value) -> Vec<Untrue> {
        let held = radio.simulator.contents(name);
        let holds = |slot: Slot| held.iter().find(|(at, _)| *at == slot).map(|(_, code)| code);
        let mut untrue = Vec::new();
        for said in entries(page) {
            let (Some(slot), true) = (said.slot, said.is("working")) else { continue };
            let Some(digits) = said.code.and_then(|code| self.digits_of(code)) else { continue };
            if holds(slot) != Some(&digits) {
                let silently = radio.slot(name, slot).silently;
                untrue.push(Untrue {
                    slot,
                    what: "is said to be working, and isn't there".into(),
                    silently,
                    gone: true,
                });
            }
        }
        for (slot, digits) in &held {
            let codes = self.codes_with(digits);
            // What is on its way has no slot yet where it is written over the code that it replaces.
            let on_its_way = |said: &Entry<'_>| said.slot.is_none() && !said.is("failed");
            let of_it = |said: &Entry<'_>| {
                said.code.is_some_and(|code| codes.contains(&code)) && (said.slot == Some(*slot) || on_its_way(said))
            };
            if !codes.is_empty() && !entries(page).any(|said| of_it(&said)) {
                let silently = radio.slot(name, *slot).silently;
                let what = "opens the door, and nothing is said of it".into();
                untrue.push(Untrue { slot: *slot, what, silently, gone: false });
            }
        }
        untrue
    }
}

/// Something that the server says and that isn't so.
pub(super) struct Untrue {
    pub(super) slot: Slot,
    pub(super) what: String,
    /// It came about without the server having asked for it.
    pub(super) silently: bool,
    /// A code is gone that is said to be there; otherwise it is the other way round.
    pub(super) gone: bool,
}

/// What the server says of a code on a lock.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) slot: Option<Slot>,
    pub(super) code: Option<CodeId>,
    pub(super) state: &'a str,
    pub(super) reason: &'a str,
}

impl Entry<'_> {
    pub(super) fn is(&self, state: &str) -> bool {
        self.state == state
    }
}

/// A lock of a door, current or former, as the server shows it.
pub(super) fn lock_in(door: &Value, lock: LockId) -> Option<&Value> {
    locks_in(door).find(|(id, _)| *id == lock).map(|(_, page)| page)
}

/// The locks of a door, the current one first.
pub(super) fn locks_in(door: &Value) -> impl Iterator<Item = (LockId, &Value)> {
    let former = door["former_locks"].as_array().into_iter().flatten();
    [&door["lock"]].into_iter().chain(former).filter_map(|lock| Some((lock["id"].as_str()?.parse().ok()?, lock)))
}

/// The codes of a lock, as the server shows it: those with a slot, then those without.
pub(super) fn entries(lock: &Value) -> impl Iterator<Item = Entry<'_>> {
    let all = ["slots", "waiting"].into_iter().flat_map(|list| lock[list].as_array().into_iter().flatten());
    all.map(|entry| Entry {
        slot: entry["slot"].as_u64().and_then(|slot| u16::try_from(slot).ok()).and_then(Slot::new),
        code: entry["code_id"].as_str().and_then(|id| id.parse().ok()),
        state: entry["state"].as_str().unwrap_or_default(),
        reason: entry["reason"].as_str().unwrap_or_default(),
    })
}
