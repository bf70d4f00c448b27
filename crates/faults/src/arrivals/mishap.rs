//! What goes wrong with hubs, locks and the server.

use access_code::Code;
use anyhow::{Context, Result};
use hub::{LockSettings, ReadBack, Slot};
use ids::{HubId, LockId};
use reqwest::Method;
use serde_json::json;
use store::Millis;

use crate::client::{Body, Request};

use super::model::{HOUR, MINUTE};
use super::month::{Happening, Month};
use super::people::new_lock;
use super::witness::{entries, lock_in};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mishap {
    HubAway,
    HubAwayUntold,
    LockAway,
    LockAwayUntold,
    Slow,
    AnswersLost,
    DoneAndRejected,
    Refuses,
    DropsWhatItAccepted,
    RemovesInWordsOnly,
    VanishesAfterWriting,
    Forgets,
    Wiped,
    BatteryDies,
    ProgrammedByHand,
    WrittenOverByHand,
    Exchanged,
    Restart,
}

impl Mishap {
    pub(super) const ALL: [(Self, &'static str); 18] = [
        (Self::HubAway, "a hub is offline for hours"),
        (Self::HubAwayUntold, "a hub is offline without a word"),
        (Self::LockAway, "a lock is out of reach"),
        (Self::LockAwayUntold, "a lock is out of reach without a word"),
        (Self::Slow, "a lock is slow, or never answers in time"),
        (Self::AnswersLost, "a lock does it, and the answer is lost"),
        (Self::DoneAndRejected, "a lock does it, and says that it refused"),
        (Self::Refuses, "a lock refuses"),
        (Self::DropsWhatItAccepted, "a lock accepts a code and drops it"),
        (Self::RemovesInWordsOnly, "a lock says that it removed a code, and hasn’t"),
        (Self::VanishesAfterWriting, "a lock goes out of reach while it is written"),
        (Self::Forgets, "a lock forgets a code"),
        (Self::Wiped, "a lock is wiped"),
        (Self::BatteryDies, "a battery runs down and is replaced"),
        (Self::ProgrammedByHand, "a code is programmed by hand"),
        (Self::WrittenOverByHand, "a code of ours is written over by hand"),
        (Self::Exchanged, "a lock is exchanged"),
        (Self::Restart, "the server is stopped in the middle of things"),
    ];
}

/// What ends, and when it ends is for whoever began it to say.
#[derive(Clone, Copy)]
pub(super) enum Mend {
    Hub(HubId),
    Lock(HubId, LockId),
    /// A code that somebody programmed by hand goes.
    ByHand(HubId, LockId, Slot),
    Server,
}

impl Month {
    /// Something goes wrong, somewhere.
    pub(super) async fn goes_wrong(&mut self, what: Mishap) -> Result<()> {
        let door = self.dice.usize(0..self.model.doors.len());
        let (hub, lock) = (self.model.doors[door].hub, self.model.doors[door].lock);
        let now = self.town.now;
        if matches!(what, Mishap::HubAway | Mishap::HubAwayUntold) {
            return self.hub_goes_away(hub, what == Mishap::HubAway);
        }
        if what == Mishap::Restart {
            return self.restart().await;
        }
        let radio = self.town.radios[&hub].clone();
        let Some(name) = radio.name_of(lock) else { return Ok(()) };
        if self.troubled.contains(&lock) || radio.is_busy(lock) {
            return Ok(());
        }
        let count = self.dice.u32(1..4);
        let mut lasts = self.dice.i64(10..240) * MINUTE;
        match what {
            Mishap::LockAway => radio.happen(true, |simulator| simulator.set_lock_online(lock, false)),
            Mishap::LockAwayUntold => radio.mishaps(&name, |mishaps| mishaps.silent = true),
            Mishap::Slow => {
                let latency = self.dice.i64(2..45) * 1_000;
                radio.mishaps(&name, |mishaps| mishaps.latency = latency);
            }
            Mishap::AnswersLost => radio.happen(true, |simulator| simulator.lose_next_answers(lock, count)),
            Mishap::DoneAndRejected => radio.mishaps(&name, |mishaps| mishaps.done_but_rejected = count),
            Mishap::Refuses => radio.mishaps(&name, |mishaps| mishaps.refusals = 2 * count),
            Mishap::DropsWhatItAccepted => radio.happen(true, |simulator| simulator.drop_after_accept(lock, count)),
            Mishap::RemovesInWordsOnly => {
                // By one that tells nothing of its slots, this can't be found out.
                if self.town.read_back[&lock] == ReadBack::None {
                    return Ok(());
                }
                radio.mishaps(&name, |mishaps| mishaps.removals_said = count);
            }
            Mishap::VanishesAfterWriting => radio.happen(true, |simulator| simulator.vanish_after_writes(lock, 1)),
            Mishap::BatteryDies => {
                radio.happen(true, |simulator| simulator.set_battery(lock, 3));
                radio.happen(true, |simulator| simulator.set_lock_online(lock, false));
                lasts = self.dice.i64(1..20) * HOUR;
            }
            Mishap::Forgets | Mishap::Wiped => {
                let held = radio.simulator.contents(&name);
                let held: Vec<Slot> =
                    held.into_iter().map(|(slot, _)| slot).filter(|slot| !self.is_foreign(hub, lock, *slot)).collect();
                let lost = if what == Mishap::Wiped { held } else { self.dice.choice(held).into_iter().collect() };
                radio.happen(false, |simulator| lost.iter().for_each(|slot| simulator.forget(lock, *slot)));
                // Some are told to have new batteries after that.
                if what == Mishap::Wiped && self.dice.bool() {
                    radio.happen(true, |simulator| simulator.set_battery(lock, 5));
                    radio.happen(true, |simulator| simulator.set_battery(lock, 100));
                }
                lasts = 0;
            }
            Mishap::ProgrammedByHand | Mishap::WrittenOverByHand => {
                if !self.programmed(door, what == Mishap::WrittenOverByHand).await? {
                    return Ok(());
                }
                lasts = 0;
            }
            Mishap::Exchanged => {
                if !self.exchanged(door).await? {
                    return Ok(());
                }
                lasts = 0;
            }
            Mishap::HubAway | Mishap::HubAwayUntold | Mishap::Restart => return Ok(()),
        }
        let name = Mishap::ALL.iter().find(|(it, _)| *it == what).map_or("", |(_, name)| name);
        self.note(door, name);
        *self.tally.mishaps.entry(what).or_default() += 1;
        if lasts > 0 {
            self.troubled.insert(lock);
            self.later(now + lasts, Happening::Mend(Mend::Lock(hub, lock)));
        }
        Ok(())
    }

    fn hub_goes_away(&mut self, hub: HubId, told: bool) -> Result<()> {
        if !self.hubs_away.insert(hub) {
            return Ok(());
        }
        let radio = self.town.radios[&hub].clone();
        if told {
            radio.happen(true, |simulator| simulator.set_hub_online(false));
        } else {
            radio.set_silent(true);
        }
        let at = self.town.now + self.dice.i64(10..360) * MINUTE;
        self.later(at, Happening::Mend(Mend::Hub(hub)));
        *self.tally.mishaps.entry(if told { Mishap::HubAway } else { Mishap::HubAwayUntold }).or_default() += 1;
        for door in 0..self.model.doors.len() {
            if self.model.doors[door].hub == hub {
                self.note(door, if told { "the hub goes offline" } else { "the hub goes offline without a word" });
            }
        }
        Ok(())
    }

    /// Stops the server, for a moment or for some minutes.
    async fn restart(&mut self) -> Result<()> {
        if !self.town.is_up() {
            return Ok(());
        }
        self.town.stop().await;
        *self.tally.mishaps.entry(Mishap::Restart).or_default() += 1;
        let away: Millis = if self.dice.bool() { 1_000 } else { self.dice.i64(1..40) * MINUTE };
        self.later(self.town.now + away, Happening::Mend(Mend::Server));
        (0..self.model.doors.len()).for_each(|door| self.note(door, "the server is stopped"));
        Ok(())
    }

    pub(super) async fn mends(&mut self, what: Mend) -> Result<()> {
        match what {
            Mend::Hub(hub) => {
                self.hubs_away.remove(&hub);
                let radio = self.town.radios[&hub].clone();
                radio.set_silent(false);
                radio.happen(true, |simulator| simulator.set_hub_online(true));
                for door in 0..self.model.doors.len() {
                    if self.model.doors[door].hub == hub {
                        self.note(door, "the hub is back");
                    }
                }
            }
            Mend::Lock(hub, lock) => {
                self.troubled.remove(&lock);
                let radio = self.town.radios[&hub].clone();
                let Some(name) = radio.name_of(lock) else { return Ok(()) };
                radio.mishaps(&name, |mishaps| *mishaps = Default::default());
                radio.happen(true, |simulator| {
                    simulator.lose_next_answers(lock, 0);
                    simulator.drop_after_accept(lock, 0);
                    simulator.vanish_after_writes(lock, 0);
                    simulator.set_lock_online(lock, true);
                    simulator.set_battery(lock, 100);
                });
                self.town.witness.told(lock, "the lock is well again");
            }
            Mend::ByHand(hub, lock, slot) => {
                let radio = self.town.radios[&hub].clone();
                let Some(name) = radio.name_of(lock).filter(|_| self.is_foreign(hub, lock, slot)) else {
                    return Ok(());
                };
                self.foreign.remove(&(name.clone(), slot));
                radio.is_foreign(&name, slot, false);
                radio.happen(self.is_reached(hub, lock), |simulator| simulator.program_at_keypad(lock, slot, None));
                self.town.witness.told(lock, &format!("slot {slot}: a code that isn't ours is removed by hand"));
            }
            Mend::Server => {
                self.town.start().await?;
                (0..self.model.doors.len()).for_each(|door| self.note(door, "the server is started"));
            }
        }
        Ok(())
    }

    /// Somebody programs a code at the lock: to a slot that holds none, or over one of ours.
    async fn programmed(&mut self, door: usize, over_ours: bool) -> Result<bool> {
        let (id, hub, lock) = (self.model.doors[door].id, self.model.doors[door].hub, self.model.doors[door].lock);
        let radio = self.town.radios[&hub].clone();
        let Some(name) = radio.name_of(lock) else { return Ok(false) };
        // What a lock doesn't show can't be told from what was written to it.
        let tells = self.town.read_back[&lock];
        if tells == ReadBack::None || (over_ours && tells != ReadBack::Digits) || !self.town.is_up() {
            return Ok(false);
        }
        let page = self.town.read(&format!("/doors/{id}")).await?;
        let Some(shown) = lock_in(&page, lock) else { return Ok(false) };
        let total = shown["slots_total"].as_u64().and_then(|slots| u16::try_from(slots).ok()).unwrap_or(1);
        let held: Vec<Slot> = radio.simulator.contents(&name).into_iter().map(|(slot, _)| slot).collect();
        let ours: Vec<Slot> = entries(shown).filter_map(|said| said.slot).collect();
        let slots: Vec<Slot> = Slot::all(total)
            .filter(|slot| match over_ours {
                true => held.contains(slot) && ours.contains(slot),
                // One that only says whether it holds something is believed where the server has reserved the slot.
                false => !held.contains(slot) && (tells == ReadBack::Digits || !ours.contains(slot)),
            })
            .filter(|slot| !self.is_foreign(hub, lock, *slot))
            .collect();
        // A tight lock keeps the slot that its resident needs.
        let spare = usize::from(total) > held.len() + 2;
        let Some(slot) = self.dice.choice(slots).filter(|_| over_ours || spare) else { return Ok(false) };
        let digits = format!("99{:04}", self.dice.u32(0..10_000));
        let code = Code::parse(&digits).map_err(|_| anyhow::anyhow!("digits that are no code"))?;
        let told = self.is_reached(hub, lock) && self.dice.bool();
        radio.is_foreign(&name, slot, true);
        self.foreign.insert((name, slot), code.clone());
        radio.happen(told, |simulator| simulator.program_at_keypad(lock, slot, Some(code)));
        let goes = self.town.now + self.dice.i64(2..60) * HOUR;
        self.later(goes, Happening::Mend(Mend::ByHand(hub, lock, slot)));
        Ok(true)
    }

    /// The manager puts another lock on a door.
    async fn exchanged(&mut self, door: usize) -> Result<bool> {
        let (id, hub, before) = (self.model.doors[door].id, self.model.doors[door].hub, self.model.doors[door].lock);
        if !self.town.is_up() || self.hubs_away.contains(&hub) {
            return Ok(false);
        }
        let radio = self.town.radios[&hub].clone();
        self.locks_made += 1;
        let name = new_lock(self.locks_made)?;
        let settings = LockSettings { slots: self.town.world.doors[door].slots.max(6), ..LockSettings::default() };
        radio.happen(true, |simulator| simulator.pair(name.clone(), settings));
        self.town.settle().await?;
        let etag = self.town.read(&format!("/doors/{id}")).await?["etag"].as_str().map(str::to_owned);
        let body = json!({"hub_id": hub, "hub_lock": name.to_string()});
        let mut request = Request::new(Method::PUT, format!("/doors/{id}/lock"), Body::Json(body));
        request.if_match = Some(etag.context("a door without its version")?);
        let answer = self.town.as_manager(&request).await?;
        if answer.status != 200 {
            self.tally.refused += 1;
            *self.tally.refusals.entry(answer.code().to_owned()).or_default() += 1;
            return Ok(false);
        }
        let lock: LockId = answer.body["lock"]["id"].as_str().context("a door without a lock")?.parse()?;
        self.town.witness.lock_is_on(lock, id);
        self.town.read_back.insert(lock, ReadBack::Digits);
        self.model.doors[door].lock = lock;
        self.former.push((door, before));
        Ok(true)
    }
}
