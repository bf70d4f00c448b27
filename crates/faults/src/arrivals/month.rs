//! The simulated time, step by step: what people do, what goes wrong, and the oracle's look at every step.

use std::collections::{BTreeMap, HashMap, HashSet};

use access_code::Code;
use anyhow::{Context, Result, bail};
use hub::{HubLock, Slot};
use ids::{DoorId, HubId, LockId};
use jiff::civil::date;
use jiff::tz::TimeZone;
use store::Millis;

use super::mishap::{Mend, Mishap};
use super::model::{DAY, Door, HOUR, MINUTE, Model, Tenancy};
use super::oracle::{Seen, Tally};
use super::people::Deed;
use super::radio::Lie;
use super::town::Town;

/// The longest step. What the server or a lock has to do sooner makes it shorter.
const STEP: Millis = 10 * MINUTE;

/// How often things are looked at although nothing has changed.
const ANYWAY: Millis = HOUR;

/// How much time is given after the last day for everything to be as it should be.
const AFTERWARDS: Millis = DAY;

/// Something that happens at a certain time.
#[derive(Clone, Copy)]
pub(super) enum Happening {
    Deed(Deed),
    Mishap(Mishap),
    Mend(Mend),
}

/// Days of a property's life.
pub(super) struct Month {
    pub(super) town: Town,
    pub(super) model: Model,
    pub(super) dice: Dice,
    pub(super) tally: Tally,
    to_come: BTreeMap<(Millis, u64), Happening>,
    count: u64,
    /// Locks at which something is wrong, and hubs that are away.
    pub(super) troubled: HashSet<LockId>,
    pub(super) hubs_away: HashSet<HubId>,
    /// What isn't ours, and where.
    pub(super) foreign: HashMap<(HubLock, Slot), Code>,
    /// Locks that a door had before.
    pub(super) former: Vec<(usize, LockId)>,
    pub(super) locks_made: u64,
    pub(super) seen: Seen,
    looked_at: Option<((i64, u64), Millis)>,
}

/// Chance, the same for the same seed.
pub(super) struct Dice(fastrand::Rng);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    pub(super) fn choice<T: IntoIterator>(&mut self, from: T) -> Option<T::Item> {
        let mut from: Vec<T::Item> = from.into_iter().collect();
        if from.is_empty() { None } else { Some(from.swap_remove(self.0.usize(..from.len()))) }
    }

    pub(super) fn bool(&mut self) -> bool {
        self.0.bool()
    }

    pub(super) fn u8(&mut self, range: std::ops::Range<u8>) -> u8 {
        self.0.u8(range)
    }

    pub(super) fn u32(&mut self, range: std::ops::Range<u32>) -> u32 {
        self.0.u32(range)
    }

    pub(super) fn i64(&mut self, range: std::ops::Range<i64>) -> i64 {
        self.0.i64(range)
    }

    pub(super) fn usize(&mut self, range: std::ops::Range<usize>) -> usize {
        self.0.usize(range)
    }
}

impl Month {
    /// The property as it is on the first of `days` days, with those who live there already.
    pub(super) async fn begin(seed: u64, days: u32, lie: Option<Lie>) -> Result<Self> {
        let zone = TimeZone::get("Europe/Berlin")?;
        // Either has the night in which the clocks are set back.
        let first = if days < 14 { date(2026, 10, 24) } else { date(2026, 10, 12) };
        let start = first.to_zoned(zone.clone())?.timestamp().as_millisecond();
        let town = Town::found(start, lie).await?;
        let doors = &town.world.doors;
        let doors = doors.iter().map(|door| Door { id: door.id, hub: door.hub, lock: door.lock }).collect();
        let mut model = Model::new(zone, doors);
        for resident in &town.world.residents {
            model.tenancies.push(Tenancy {
                id: Some(resident.tenancy),
                email: resident.email.clone(),
                unit: resident.unit,
                starts: start - 1_000,
                ends: None,
                codes: Vec::new(),
            });
        }
        Ok(Self {
            town,
            model,
            dice: Dice::new(seed),
            tally: Tally::default(),
            to_come: BTreeMap::new(),
            count: 0,
            troubled: HashSet::new(),
            hubs_away: HashSet::new(),
            foreign: HashMap::new(),
            former: Vec::new(),
            locks_made: 0,
            seen: Seen::default(),
            looked_at: None,
        })
    }

    /// Lives through the days, and through some time afterwards in which nothing goes wrong.
    pub(super) async fn live(&mut self, days: u32) -> Result<()> {
        let start = self.town.now;
        self.look().await?;
        for day in 0..i64::from(days) {
            let morning = start + day * DAY;
            self.plan(morning);
            self.pass_until(morning + DAY).await.with_context(|| format!("day {}", day + 1))?;
        }
        // Whatever is wrong is put right, and nothing more goes wrong.
        self.to_come.retain(|_, happening| !matches!(happening, Happening::Mishap(_)));
        self.pass_until(start + i64::from(days) * DAY + AFTERWARDS).await.context("afterwards")?;
        self.look_at_the_end().await.context("at the end")
    }

    /// What is to happen on a day.
    fn plan(&mut self, morning: Millis) {
        let at = |dice: &mut Dice| morning + dice.i64(0..DAY);
        let mut planned = Vec::new();
        let dice = &mut self.dice;
        let often = [
            (Deed::MoveIn, 0, 2),
            (Deed::MoveOut, 0, 2),
            (Deed::Change, 2, 6),
            (Deed::Issue, 4, 9),
            (Deed::Revoke, 1, 4),
            (Deed::Switch, 0, 2),
        ];
        for (deed, least, most) in often {
            for _ in 0..dice.u8(least..most) {
                planned.push((at(dice), Happening::Deed(deed)));
            }
        }
        for _ in 0..dice.u8(6..12) {
            let mishap = dice.choice(Mishap::ALL).map_or(Mishap::Slow, |(mishap, _)| mishap);
            let when = at(dice);
            planned.push((when, Happening::Mishap(mishap)));
            // Troubles are at their worst when somebody wants something.
            for deed in [Deed::Change, Deed::Issue, Deed::Revoke] {
                if dice.bool() {
                    planned.push((when + dice.i64(1..40) * 1_000, Happening::Deed(deed)));
                }
            }
        }
        planned.into_iter().for_each(|(at, happening)| self.later(at, happening));
    }

    /// In the first hours, somebody programs codes by hand at one lock after another.
    pub(super) fn many_codes_by_hand(&mut self) {
        for number in 0..40 {
            self.later(self.town.now + number * 5 * MINUTE, Happening::Mishap(Mishap::ProgrammedByHand));
        }
    }

    pub(super) fn later(&mut self, at: Millis, happening: Happening) {
        self.count += 1;
        self.to_come.insert((at, self.count), happening);
    }

    /// Lets time pass. Everything happens when it is due, and is looked at before and after.
    async fn pass_until(&mut self, until: Millis) -> Result<()> {
        loop {
            while let Some(happening) = self.due() {
                self.happens(happening).await?;
                self.town.settle().await?;
                self.look().await?;
            }
            let now = self.town.now;
            if now >= until {
                return Ok(());
            }
            let next = [
                Some(until),
                Some(now + STEP),
                self.to_come.first_key_value().map(|((at, _), _)| *at),
                self.model.next_change(now),
                self.town.next_due()?,
            ];
            let next = next.into_iter().flatten().min().unwrap_or(until).max(now + 1);
            self.town.advance(next);
            self.model.it_is(next);
            self.tally.steps += 1;
            self.town.settle().await?;
            self.look().await?;
        }
    }

    /// What is to happen now, if anything.
    fn due(&mut self) -> Option<Happening> {
        let first = self.to_come.first_entry().filter(|entry| entry.key().0 <= self.town.now);
        first.map(|entry| entry.remove())
    }

    async fn happens(&mut self, happening: Happening) -> Result<()> {
        match happening {
            // Nobody can do anything while the server is down but use a code.
            Happening::Deed(deed) if self.town.is_up() || matches!(deed, Deed::Use(_)) => self.does(deed).await,
            Happening::Deed(_) => Ok(()),
            Happening::Mishap(mishap) => self.goes_wrong(mishap).await,
            Happening::Mend(mend) => self.mends(mend).await,
        }
    }

    /// Looks at everything, if anything has changed since the last time.
    async fn look(&mut self) -> Result<()> {
        if !self.town.is_up() {
            return self.look_at_foreign();
        }
        self.learn_first_codes().await?;
        let version = self.town.version()?;
        let now = self.town.now;
        let boundary = self
            .looked_at
            .is_none_or(|(_, at)| self.model.next_change(at).is_some_and(|change| change <= now) || now >= at + ANYWAY);
        if !boundary && self.looked_at.is_some_and(|(before, _)| before == version) {
            return Ok(());
        }
        self.look_at_all().await?;
        self.looked_at = Some((self.town.version()?, now));
        Ok(())
    }

    /// Notes something at a door's trail.
    pub(super) fn note(&self, door: usize, what: &str) {
        self.town.witness.at_door(self.model.doors[door].id, what);
    }

    pub(super) fn is_foreign(&self, hub: HubId, lock: LockId, slot: Slot) -> bool {
        let name = self.town.radios[&hub].name_of(lock);
        name.is_some_and(|name| self.foreign.contains_key(&(name, slot)))
    }

    /// Fails with what happened at a door before.
    pub(super) fn fail<T>(&self, door: DoorId, what: &str) -> Result<T> {
        let number = self.model.doors.iter().position(|it| it.id == door).unwrap_or_default();
        let at = |at: Millis| {
            let at = jiff::Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(self.model.zone.clone());
            at.strftime("%d %b %H:%M:%S").to_string()
        };
        let trail = self.town.witness.trail(door);
        let trail = trail.iter().map(|(when, what)| format!("\n  {} {what}", at(*when))).collect::<String>();
        bail!("{} door {number}: {what}\nwhat happened there:{trail}", at(self.town.now))
    }
}
