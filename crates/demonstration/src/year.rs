//! The year itself: what people do, day by day, and what needs attention at its end.

use std::time::Duration;

use access_code::Length;
use api_types::{GuestCodeKind, GuestCodeRequest, Instant, Platform, PropertyEdit, Recurrence, Weekday};
use ids::{DoorId, HubId, PersonId, PropertyId};
use jiff::{SignedDuration, Timestamp};
use latchkey_server::auth::Via;
use latchkey_server::clock::Clock;
use latchkey_server::deeds::keep_refusals;
use latchkey_server::domain::deed::Deed;
use latchkey_server::domain::{Done, Failure, guest_code, property, resident_code, reveal, roster};
use latchkey_server::hubs::Hubs;
use latchkey_server::view::time::instant;
use latchkey_server::worker::Settler;
use store::doors::DoorRecord;
use store::sessions::App as ResidentApp;
use store::tenancies::{self, TenancyRecord};
use store::{Db, Millis, Scope, Store, doors, people};

use crate::names::{name, units};
use crate::plots::{FULL_UNIT, Plots, TIME_ZONE, build};

/// The address of the resident who can sign in.
pub(crate) const RESIDENT: &str = "resident@demo.test";
/// Their unit.
const DEMO_UNIT: &str = "101";

const DAYS: i64 = 365;
const HOUR: Millis = 60 * 60 * 1000;
const DAY: Millis = 24 * HOUR;

/// A year being lived through.
pub(crate) struct Year<'a> {
    store: &'a Store,
    clock: Clock,
    hubs: Hubs,
    settler: Settler,
    dice: fastrand::Rng,
    property_id: PropertyId,
    manager: PersonId,
    /// Doors that a manager issues codes for.
    shared_doors: Vec<DoorId>,
    east_hub: HubId,
}

impl<'a> Year<'a> {
    /// The buildings, doors, locks and people as they were a year before `now`.
    pub(crate) async fn begin(store: &'a Store, now: Millis) -> anyhow::Result<Self> {
        // Midnight in Denver, so that the hours of the day are local ones.
        let zone = jiff::tz::TimeZone::get(TIME_ZONE)?;
        let today = Timestamp::from_millisecond(now)?.to_zoned(zone).start_of_day()?;
        let start = today.timestamp().as_millisecond() - DAYS * DAY;
        let clock = Clock::manual(start);
        let mut dice = fastrand::Rng::with_seed(2_8_0);
        let (plots, dice) =
            store.write_unrecorded(move |tx| build(tx, &mut dice, start).map(|plots| (plots, dice))).await?;
        let hubs = Hubs::simulated(store, Duration::ZERO).await?;
        let settler = Settler::new(store, &hubs, &clock);
        let Plots { property_id, manager, shared_doors, east_hub } = plots;
        Ok(Self { store, clock, hubs, settler, dice, property_id, manager, shared_doors, east_hub })
    }

    pub(crate) async fn live_through(mut self, now: Millis) -> anyhow::Result<()> {
        let start = self.clock.now();
        self.import_residents(start).await?;
        self.hear_of_apps().await?;
        // Switched on for a trial, off again, and on for good, as of three weeks ago.
        self.switch(start + 120 * DAY + 9 * HOUR, true).await?;
        for day in 1..DAYS {
            let morning = start + day * DAY;
            if day == 150 {
                self.switch(morning, false).await?;
            }
            if day == DAYS - 19 {
                self.switch(morning, true).await?;
            }
            self.live_a_day(morning).await?;
        }
        self.hear_of_apps().await?;
        self.run_down_batteries(start).await?;
        self.trouble(now).await?;
        self.run_until(now).await?;
        Ok(())
    }

    /// A roster of 228 residents, two of them in one unit; some moved in during the year.
    async fn import_residents(&mut self, start: Millis) -> anyhow::Result<()> {
        let zone = jiff::tz::TimeZone::get(TIME_ZONE)?;
        let day = |millis: Millis| Timestamp::from_millisecond(millis).map(|at| at.to_zoned(zone.clone()).date());
        let mut csv = String::from("unit,name,email,move_in,move_out\r\n");
        let mut moved = 0;
        for (number, unit) in units().enumerate().take(240) {
            if number % 18 == 17 {
                continue; // not let
            }
            let (name, email) = if unit == DEMO_UNIT {
                ("Ada Brandt".to_owned(), RESIDENT.to_owned())
            } else {
                (name(number), format!("resident{number}@demo.test"))
            };
            let move_in = if number % 7 == 3 {
                moved += 1;
                start + moved * 9 * DAY
            } else {
                start - 30 * DAY
            };
            let move_out = if number % 41 == 40 { day(start + 300 * DAY)?.to_string() } else { String::new() };
            csv.push_str(&format!("{unit},\"{name}\",{email},{},{move_out}\r\n", day(move_in.min(start + 350 * DAY))?));
        }
        csv.push_str(&format!("107,\"Khan, Mia\",mia.khan@demo.test,{},\r\n", day(start - 30 * DAY)?));
        let property_id = self.property_id;
        self.deed(self.manager, Via::Web, move |deed| {
            roster::import(deed, property_id, &roster::read(csv.as_bytes()), &roster::Options::default(), None)
        })
        .await?;
        self.run_until(start + HOUR).await
    }

    /// The batteries of the locks, month by month, down to what is left of them now.
    async fn run_down_batteries(&self, start: Millis) -> anyhow::Result<()> {
        let run_down = self.store.write_unrecorded(move |tx| {
            for lock in doors::all_locks(tx)? {
                let Some(left) = lock.battery_percent else { continue };
                for month in 0..=12_u8 {
                    let percent = left.saturating_add(2 * (12 - month)).min(100);
                    doors::set_battery(tx, lock.id, percent, start + i64::from(month) * 30 * DAY)?;
                }
            }
            Ok::<_, store::Error>(())
        });
        Ok(run_down.await?)
    }

    /// Most residents use a new app, some an old one, a few none.
    async fn hear_of_apps(&mut self) -> anyhow::Result<()> {
        let residents = self.residents().await?;
        self.store
            .write_unrecorded(move |tx| {
                for (number, resident) in residents.into_iter().enumerate() {
                    let version = match number % 16 {
                        5 => "2.7.9",
                        11 => continue,
                        2 | 7 => "2.8.0",
                        _ => "2.9.1",
                    };
                    let version = if resident.email == RESIDENT { "2.8.0" } else { version };
                    let platform = if number % 3 == 0 { Platform::Android } else { Platform::Ios };
                    let app = ResidentApp { platform: Some(platform.into()), version: Some(version.into()) };
                    people::set_app(tx, resident.person_id, &app)?;
                }
                Ok::<_, store::Error>(())
            })
            .await?;
        Ok(())
    }

    async fn switch(&mut self, at: Millis, on: bool) -> anyhow::Result<()> {
        self.run_until(at).await?;
        let (property_id, edit) =
            (self.property_id, PropertyEdit { custom_codes_enabled: Some(on), ..PropertyEdit::default() });
        self.deed(self.manager, Via::Web, move |deed| property::edit(deed, property_id, |_| true, &edit)).await?;
        Ok(())
    }

    /// What happens on some day.
    async fn live_a_day(&mut self, morning: Millis) -> anyhow::Result<()> {
        for (hour, deeds) in [(9, 1), (17, 2)] {
            let minutes = self.dice.i64(0..50);
            self.run_until(morning + hour * HOUR + minutes * 60_000).await?;
            for _ in 0..self.dice.u8(0..=deeds) {
                self.live_a_moment().await?;
            }
        }
        Ok(())
    }

    async fn live_a_moment(&mut self) -> anyhow::Result<()> {
        let residents = self.residents().await?;
        let resident = &residents[self.dice.usize(..residents.len())];
        match self.dice.u8(0..20) {
            0..=2 => self.pick_a_code(resident).await,
            3 => self.take_random(resident).await,
            4..=9 => self.invite(resident, GuestCodeKind::Temporary).await,
            10..=13 => self.expect_a_parcel(resident).await,
            14 => self.invite(resident, GuestCodeKind::Recurring).await,
            15..=16 => self.let_a_tradesman_in().await,
            17 => self.look_at_a_code(resident).await,
            18 => self.lose_a_lock(resident).await,
            _ => self.revoke_a_guest(resident).await,
        }
    }

    async fn pick_a_code(&mut self, resident: &TenancyRecord) -> anyhow::Result<()> {
        // Some try what the rules refuse first.
        let candidate = match self.dice.u8(0..8) {
            0 => "1111".to_owned(),
            1 => "123456".to_owned(),
            2 | 3 => format!("{:04}", self.dice.u32(0..10_000)),
            _ => format!("{:06}", self.dice.u32(0..1_000_000)),
        };
        let id = resident.id;
        let pick = move |deed: &Deed<'_>| resident_code::pick_custom(deed, Some(id), &candidate);
        self.deed(resident.person_id, app_of(resident), pick).await?;
        Ok(())
    }

    async fn take_random(&mut self, resident: &TenancyRecord) -> anyhow::Result<()> {
        let length = if self.dice.bool() { Length::Four } else { Length::Six };
        let id = resident.id;
        let take = move |deed: &Deed<'_>| resident_code::take_random(deed, Some(id), length);
        self.deed(resident.person_id, app_of(resident), take).await?;
        Ok(())
    }

    async fn invite(&mut self, resident: &TenancyRecord, kind: GuestCodeKind) -> anyhow::Result<()> {
        let now = self.clock.now();
        let door_ids = self.unit_doors(resident).await?.iter().map(|door| door.id).collect();
        let start = now + self.dice.i64(0..48) * HOUR;
        let zone = jiff::tz::TimeZone::get(TIME_ZONE)?;
        let today = Timestamp::from_millisecond(now)?.to_zoned(zone).date();
        let recurring = kind == GuestCodeKind::Recurring;
        let request = GuestCodeRequest {
            kind,
            door_ids,
            guest_name: name(self.dice.usize(..900)),
            reference: None,
            starts_at: (!recurring).then(|| instant(start)),
            ends_at: (!recurring).then(|| instant(start + self.dice.i64(2..72) * HOUR)),
            recurrence: recurring.then(|| Recurrence {
                weekdays: vec![Weekday::Tue, Weekday::Fri],
                from: "09:00".into(),
                to: "12:30".into(),
                first_day: today.to_string(),
                last_day: today.saturating_add(jiff::Span::new().days(self.dice.i64(20..60))).to_string(),
            }),
            length: self.dice.bool().then_some(4),
        };
        self.issue(resident.person_id, request).await?;
        Ok(())
    }

    /// A parcel usually comes within the two hours.
    async fn expect_a_parcel(&mut self, resident: &TenancyRecord) -> anyhow::Result<()> {
        let unit_id = resident.unit_id;
        let doors = self.store.read(move |db| doors::for_guests_of_unit(db, unit_id)).await?;
        let Some(lobby) = doors.iter().find(|door| door.name.ends_with("lobby")) else { return Ok(()) };
        let request = guest(GuestCodeKind::Delivery, vec![lobby.id], "Parcel service", None);
        let issued = self.issue(resident.person_id, request).await?;
        self.run_until(self.clock.now() + 40 * 60_000).await?;
        if let (Some(code), true) = (issued, self.dice.u8(0..4) > 0)
            && let Some(simulator) = self.hubs.simulator(lobby.hub_id)
        {
            simulator.press_keypad(lobby.lock_id, code.expose());
            self.settler.settle().await?;
        }
        Ok(())
    }

    async fn let_a_tradesman_in(&mut self) -> anyhow::Result<()> {
        let now = self.clock.now();
        let door = self.shared_doors[self.dice.usize(..self.shared_doors.len())];
        let who = ["Plumber", "Lift service", "Gardener", "Window cleaner"][self.dice.usize(..4)];
        let mut request = guest(GuestCodeKind::Temporary, vec![door], who, Some(instant(now)));
        request.ends_at = Some(instant(now + self.dice.i64(2..10) * HOUR));
        self.issue(self.manager, request).await?;
        Ok(())
    }

    async fn look_at_a_code(&mut self, resident: &TenancyRecord) -> anyhow::Result<()> {
        let Some(code_id) = resident.code_id else { return Ok(()) };
        let reason = ["Called, locked out", "Lock stuck, helped at the door", "Moving day"][self.dice.usize(..3)];
        self.deed(self.manager, Via::Web, move |deed| reveal::reveal(deed, code_id, Some(reason))).await?;
        Ok(())
    }

    /// A lock's battery dies and is changed an hour or two later.
    async fn lose_a_lock(&mut self, resident: &TenancyRecord) -> anyhow::Result<()> {
        let door = self.unit_doors(resident).await?.into_iter().next();
        let Some(door) = door else { return Ok(()) };
        let Some(simulator) = self.hubs.simulator(door.hub_id).cloned() else { return Ok(()) };
        simulator.set_lock_online(door.lock_id, false);
        self.settler.settle().await?;
        let minutes = self.dice.i64(30..150);
        self.run_until(self.clock.now() + minutes * 60_000).await?;
        simulator.set_lock_online(door.lock_id, true);
        simulator.set_battery(door.lock_id, 100);
        self.settler.settle().await?;
        Ok(())
    }

    async fn revoke_a_guest(&mut self, resident: &TenancyRecord) -> anyhow::Result<()> {
        let id = resident.id;
        let filter = store::guest_codes::Filter { tenancy: Some(id), ..Default::default() };
        let list = self.store.read(move |db| store::guest_codes::list(db, Scope::Tenancy(id), &filter, None, 10));
        let (guests, _) = list.await?;
        let Some(live) = guests.iter().find(|guest| guest.is_live_or_scheduled()) else { return Ok(()) };
        let id = live.id;
        self.deed(resident.person_id, Via::Web, move |deed| guest_code::revoke(deed, id)).await?;
        Ok(())
    }

    /// What needs attention today: the east wing's hub is offline with codes waiting, one of which should be gone; a
    /// lock is full; another is offline.
    async fn trouble(&mut self, now: Millis) -> anyhow::Result<()> {
        let residents = self.residents().await?;
        let of_unit = |unit: &str| residents.iter().find(|resident| resident.unit == unit);
        self.run_until(now - 5 * HOUR).await?;
        let mut to_revoke = None;
        if let Some(resident) = of_unit("514") {
            let request = self.permanent(resident, "Dog walker").await?;
            self.issue(resident.person_id, request).await?;
            self.settler.settle().await?;
            to_revoke = Some(resident);
        }
        if let Some(resident) = of_unit(FULL_UNIT) {
            for who in ["Home help", "Neighbour"] {
                let request = self.permanent(resident, who).await?;
                self.issue(resident.person_id, request).await?;
                self.settler.settle().await?;
            }
        }
        self.run_until(now - 3 * HOUR).await?;
        if let Some(simulator) = self.hubs.simulator(self.east_hub) {
            simulator.set_hub_online(false);
        }
        if let Some(resident) = of_unit("305") {
            let door = self.unit_doors(resident).await?.into_iter().next();
            if let Some((simulator, door)) = door.and_then(|door| Some((self.hubs.simulator(door.hub_id)?, door))) {
                simulator.set_lock_online(door.lock_id, false);
            }
        }
        self.settler.settle().await?;
        self.run_until(now - 2 * HOUR).await?;
        for unit in ["305", "509", "602"] {
            if let Some(resident) = of_unit(unit) {
                let request = self.permanent(resident, "Cat sitter").await?;
                self.issue(resident.person_id, request).await?;
            }
        }
        if let Some(resident) = to_revoke {
            self.revoke_a_guest(resident).await?;
        }
        Ok(())
    }

    async fn permanent(&self, resident: &TenancyRecord, who: &str) -> anyhow::Result<GuestCodeRequest> {
        let doors = self.unit_doors(resident).await?;
        Ok(guest(GuestCodeKind::Permanent, doors.iter().map(|door| door.id).collect(), who, None))
    }

    async fn issue(&self, person_id: PersonId, request: GuestCodeRequest) -> anyhow::Result<Option<access_code::Code>> {
        let issued = self.deed(person_id, Via::Web, move |deed| guest_code::issue(deed, &request)).await?;
        Ok(issued.map(|(_, code)| code))
    }

    /// Lets time pass, doing everything that falls due when it is due.
    async fn run_until(&mut self, until: Millis) -> anyhow::Result<()> {
        loop {
            self.settler.settle().await?;
            let now = self.clock.now();
            let next = self.settler.next_due().await?.filter(|next| *next < until);
            let to = next.unwrap_or(until).max(now);
            self.clock.advance(SignedDuration::from_millis(to - now));
            if next.is_none() {
                break;
            }
        }
        self.settler.settle().await?;
        Ok(())
    }

    async fn residents(&self) -> anyhow::Result<Vec<TenancyRecord>> {
        let (property_id, now) = (self.property_id, self.clock.now());
        let list = self.store.read(move |db: &Db| {
            tenancies::list(db, Scope::Everything, property_id, &tenancies::Filter::default(), None, 1_000)
        });
        let (mut all, _) = list.await?;
        all.retain(|resident| resident.code_id.is_some() && resident.ends_at.is_none_or(|end| end > now));
        Ok(all)
    }

    /// Does a deed on somebody's behalf, signed in or not. Refusals are part of the year too.
    async fn deed<T: Send + 'static>(
        &self,
        person_id: PersonId,
        via: Via,
        deed: impl FnOnce(&Deed<'_>) -> Done<T> + Send + 'static,
    ) -> anyhow::Result<Option<T>> {
        let now = self.clock.now();
        let done = self
            .store
            .write(move |tx| keep_refusals(tx, Deed::in_the_name_of(tx, person_id, via, now).and_then(|by| deed(&by))));
        match done.await {
            Ok(Ok(done)) => Ok(Some(done)),
            Ok(Err(_)) | Err(Failure::Refused(_)) => Ok(None),
            Err(Failure::Store(error)) => Err(error.into()),
        }
    }

    async fn unit_doors(&self, resident: &TenancyRecord) -> anyhow::Result<Vec<DoorRecord>> {
        let unit_id = resident.unit_id;
        Ok(self.store.read(move |db| doors::of_unit(db, unit_id)).await?)
    }
}

fn guest(kind: GuestCodeKind, door_ids: Vec<DoorId>, who: &str, starts_at: Option<Instant>) -> GuestCodeRequest {
    GuestCodeRequest {
        kind,
        door_ids,
        guest_name: who.into(),
        reference: None,
        starts_at,
        ends_at: None,
        recurrence: None,
        length: None,
    }
}

/// The app a resident last used.
fn app_of(resident: &TenancyRecord) -> Via {
    Via::Mobile(ResidentApp { platform: Some(Platform::Ios.into()), version: resident.app_version.clone() })
}
