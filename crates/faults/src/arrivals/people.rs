//! What people do in the simulated month: they move in and out, change their codes, have guests.

use access_code::Code;
use anyhow::{Context, Result, ensure};
use hub::{HubLock, KeypadResult};
use ids::CodeId;
use jiff::ToSpan;
use jiff::civil::{Time, Weekday};
use latchkey_server::view::time::instant;
use reqwest::Method;
use serde_json::json;
use store::Millis;

use crate::client::{Answer, Body, Request};
use crate::world::word;

use super::model::{DELIVERY, End, Guest, HOUR, MINUTE, Tenancy};
use super::month::Month;

/// What somebody does.
#[derive(Clone, Copy)]
pub(super) enum Deed {
    MoveIn,
    MoveOut,
    Change,
    Switch,
    Issue,
    Revoke,
    Use(usize),
}

impl Month {
    pub(super) async fn does(&mut self, deed: Deed) -> Result<()> {
        match deed {
            Deed::MoveIn => self.move_in().await,
            Deed::MoveOut => self.move_out().await,
            Deed::Change => self.change_code().await,
            Deed::Switch => self.switch().await,
            Deed::Issue => self.issue().await,
            Deed::Revoke => self.revoke().await,
            Deed::Use(guest) => self.use_code(guest),
        }
    }

    /// Somebody moves into an empty unit by a roster, today or soon, for good or for some days.
    async fn move_in(&mut self) -> Result<()> {
        let now = self.town.now;
        let taken = |tenancy: &&Tenancy| tenancy.ends.is_none_or(|end| end > now);
        let units: Vec<usize> = (0..self.town.world.units.len())
            .filter(|unit| !self.model.tenancies.iter().filter(taken).any(|tenancy| tenancy.unit == *unit))
            .collect();
        let movers: Vec<usize> = (0..self.town.world.movers.len())
            .filter(|mover| {
                let email = &self.town.world.movers[*mover].email;
                !self.model.tenancies.iter().filter(taken).any(|tenancy| tenancy.email == *email)
            })
            .collect();
        let (Some(unit), Some(mover)) = (self.dice.choice(units), self.dice.choice(movers)) else { return Ok(()) };
        let first = self.model.day_of(now).checked_add(self.dice.i64(0..3).days())?;
        let last = if self.dice.u8(0..3) == 0 { Some(first.checked_add(self.dice.i64(1..8).days())?) } else { None };
        let (name, email) = {
            let mover = &self.town.world.movers[mover];
            (mover.name.clone(), mover.email.clone())
        };
        let until = last.map(|day| day.to_string()).unwrap_or_default();
        let csv = format!(
            "unit,name,email,move_in,move_out\n{},{name},{email},{first},{until}\n",
            self.town.world.units[unit].name
        );
        let returns = self.model.tenancies.iter().any(|tenancy| tenancy.email == email);
        let decisions = if returns { "?decisions=2.return" } else { "" };
        let property = self.town.world.property;
        let request = Request::new(Method::POST, format!("/properties/{property}/roster{decisions}"), Body::Csv(csv));
        let answer = self.town.as_manager(&request).await?;
        if !self.is_done(&answer) {
            return Ok(());
        }
        let starts = self.model.start_of(first);
        let ends = last.and_then(|day| day.tomorrow().ok()).map(|day| self.model.start_of(day));
        self.model.tenancies.push(Tenancy { id: None, email, unit, starts, ends, codes: Vec::new() });
        self.tally.moves_in += 1;
        self.note(unit, "somebody moves in");
        Ok(())
    }

    async fn move_out(&mut self) -> Result<()> {
        let Some(tenancy) = self.somebody() else { return Ok(()) };
        let unit = self.model.tenancies[tenancy].unit;
        let id = self.model.tenancies[tenancy].id.context("a tenancy that has begun and isn't shown")?;
        let path = format!("/properties/{}/residents/{id}/move-out", self.town.world.property);
        let answer = self.town.as_manager(&Request::new(Method::POST, path, Body::Nothing)).await?;
        if self.is_done(&answer) {
            self.model.moved_out(tenancy, self.town.now);
            self.tally.moves_out += 1;
            self.note(unit, "somebody moves out");
        }
        Ok(())
    }

    /// A resident takes another code: a random one, or one of their choice.
    async fn change_code(&mut self) -> Result<()> {
        let Some(tenancy) = self.somebody() else { return Ok(()) };
        let (email, unit) = (self.model.tenancies[tenancy].email.clone(), self.model.tenancies[tenancy].unit);
        let custom = self.dice.bool().then(|| self.digits()).transpose()?;
        let body = match &custom {
            Some(code) => json!({"mode": "custom", "code": code.expose()}),
            None => json!({"mode": "random", "length": if self.dice.bool() { 4 } else { 6 }}),
        };
        let answer = self.town.as_resident(&email, &Request::new(Method::PUT, "/me/code", Body::Json(body))).await?;
        if custom.is_some() && answer.status < 300 {
            ensure!(self.model.custom_codes, "a code was picked where that is switched off");
        }
        if !self.is_done(&answer) {
            self.note(unit, &format!("a resident's new code is refused: {}", answer.code()));
            return Ok(());
        }
        let code: CodeId = answer.body["code"]["id"].as_str().context("a code without its id")?.parse()?;
        if !self.model.tenancies[tenancy].codes.contains(&code) {
            self.model.has_code(tenancy, code);
        }
        match custom {
            Some(digits) => self.town.witness.knows(code, digits),
            None => self.reveal(tenancy, code).await?,
        }
        self.tally.changes += 1;
        self.note(unit, &format!("a resident has a new code: {code}"));
        Ok(())
    }

    async fn switch(&mut self) -> Result<()> {
        let on = !self.model.custom_codes;
        let path = format!("/properties/{}", self.town.world.property);
        let etag = self.town.as_manager(&Request::new(Method::GET, path.clone(), Body::Nothing)).await?.etag;
        let mut request = Request::new(Method::PATCH, path, Body::Json(json!({"custom_codes_enabled": on})));
        request.if_match = Some(etag.context("a property without its version")?);
        let answer = self.town.as_manager(&request).await?;
        ensure!(answer.status == 200, "switching custom codes is answered {} {}", answer.status, answer.code());
        self.model.custom_codes = on;
        self.tally.switches += 1;
        Ok(())
    }

    /// A resident or the manager issues a guest code.
    async fn issue(&mut self) -> Result<()> {
        let now = self.town.now;
        let units = self.town.world.units.len();
        let gate = units + self.dice.usize(0..self.town.world.hubs.len());
        let tenancy = if self.dice.u8(0..4) > 0 { self.somebody() } else { None };
        let own = tenancy.map_or_else(|| self.dice.usize(0..units), |tenancy| self.model.tenancies[tenancy].unit);
        let mut body = json!({"guest_name": format!("Guest {}", word(self.dice.usize(0..10_000)))});
        let (kind, windows) = match self.dice.u8(0..10) {
            0..=3 => {
                let start = now + self.dice.i64(0..30) * HOUR;
                let end = start + self.dice.i64(1..60) * HOUR;
                (body["starts_at"], body["ends_at"]) = (json!(instant(start)), json!(instant(end)));
                ("temporary", vec![(start, end)])
            }
            4..=5 => {
                let first = self.model.day_of(now);
                let last = first.checked_add(self.dice.i64(2..15).days())?;
                let days = [Weekday::Sunday, Weekday::Tuesday, Weekday::Friday];
                // Some cross midnight, and in the night of the change the hour that there is twice.
                let (from, to) = match self.dice.u8(0..3) {
                    0 => ("09:00", "12:30"),
                    1 => ("22:00", "02:30"),
                    _ => ("02:15", "06:00"),
                };
                body["recurrence"] = json!({
                    "weekdays": ["sun", "tue", "fri"], "from": from, "to": to,
                    "first_day": first.to_string(), "last_day": last.to_string()
                });
                let (from, to): (Time, Time) = (from.parse()?, to.parse()?);
                let windows = self.model.windows_of(&days, from, to, first, last);
                ("recurring", windows.into_iter().filter(|(_, end)| *end > now).collect())
            }
            6..=7 => ("delivery", vec![(now, now + DELIVERY)]),
            _ => ("permanent", vec![(now, Millis::MAX)]),
        };
        let delivery = kind == "delivery";
        let doors = match (delivery, tenancy) {
            (true, _) => vec![gate],
            (false, Some(_)) => vec![own, gate],
            (false, None) => vec![own],
        };
        body["kind"] = json!(kind);
        body["door_ids"] = doors.iter().map(|door| json!(self.model.doors[*door].id)).collect();
        let request = Request::new(Method::POST, "/guest-codes", Body::Json(body));
        let answer = match tenancy {
            Some(tenancy) => {
                let email = self.model.tenancies[tenancy].email.clone();
                self.town.as_resident(&email, &request).await?
            }
            None => self.town.as_manager(&request).await?,
        };
        if !self.is_done(&answer) {
            return Ok(());
        }
        let id = answer.body["id"].as_str().context("a guest code without its id")?.parse::<ids::GuestCodeId>()?;
        let digits = Code::parse(answer.body["code"].as_str().unwrap_or_default());
        self.town.witness.knows(id.code(), digits.map_err(|_| anyhow::anyhow!("digits that are no code"))?);
        for door in &doors {
            self.note(*door, &format!("a guest's code is issued, {kind}: {id}"));
        }
        let guest = self.model.guests.len();
        self.model.issued(Guest { id, doors, tenancy, windows, ended: None });
        self.tally.guests += 1;
        if delivery && self.dice.u8(0..4) > 0 {
            let at = now + self.dice.i64(2..110) * MINUTE;
            self.later(at, super::month::Happening::Deed(Deed::Use(guest)));
        }
        Ok(())
    }

    async fn revoke(&mut self) -> Result<()> {
        let now = self.town.now;
        let live = (0..self.model.guests.len()).filter(|guest| self.model.guests[*guest].is_live(now)).collect();
        let Some(guest) = self.dice.choice::<Vec<usize>>(live) else { return Ok(()) };
        let id = self.model.guests[guest].id;
        let request = Request::new(Method::POST, format!("/guest-codes/{id}/revoke"), Body::Nothing);
        let answer = match self.model.guests[guest].tenancy {
            Some(tenancy) => {
                let email = self.model.tenancies[tenancy].email.clone();
                self.town.as_resident(&email, &request).await?
            }
            None => self.town.as_manager(&request).await?,
        };
        ensure!(answer.status == 200, "revoking a live code is answered {} {}", answer.status, answer.code());
        self.model.guests[guest].ended = Some((now, End::Revoked));
        for door in self.model.guests[guest].doors.clone() {
            self.note(door, &format!("a guest's code is revoked: {id}"));
        }
        self.tally.revoked += 1;
        Ok(())
    }

    /// A delivery code is used at the keypad of its door, if it opens it.
    fn use_code(&mut self, guest: usize) -> Result<()> {
        let now = self.town.now;
        let (id, door) = (self.model.guests[guest].id, self.model.guests[guest].doors[0]);
        let Some(digits) = self.town.witness.digits_of(id.code()).filter(|_| self.model.guests[guest].is_live(now))
        else {
            return Ok(());
        };
        let (lock, hub) = (self.model.doors[door].lock, self.model.doors[door].hub);
        let radio = self.town.radios[&hub].clone();
        let heard = self.is_reached(hub, lock) && self.town.is_up();
        let mut opened = false;
        // What nobody is told of, no server can know: such a code goes on working until its time is over.
        radio.happen(heard, |simulator| {
            opened = matches!(simulator.press_keypad(lock, digits.expose()), KeypadResult::Opened(_));
        });
        if opened && heard {
            self.model.guests[guest].ended = Some((now, End::Used));
            self.tally.used += 1;
            self.note(door, &format!("a delivery's code is used: {id}"));
        } else if opened {
            self.tally.used_unheard += 1;
            self.note(door, &format!("a delivery's code is used, and nobody is told: {id}"));
        }
        Ok(())
    }

    /// A resident reveals their own code, by which its digits are known here.
    pub(super) async fn reveal(&mut self, tenancy: usize, code: CodeId) -> Result<()> {
        let email = self.model.tenancies[tenancy].email.clone();
        let request = Request::new(Method::POST, format!("/codes/{code}/reveal"), Body::Json(json!({})));
        let answer = self.town.as_resident(&email, &request).await?;
        ensure!(answer.status == 200, "revealing one's own code is answered {} {}", answer.status, answer.code());
        let digits = Code::parse(answer.body["code"].as_str().unwrap_or_default());
        self.town.witness.knows(code, digits.map_err(|_| anyhow::anyhow!("digits that are no code"))?);
        Ok(())
    }

    /// Learns the first codes of residents who have moved in.
    pub(super) async fn learn_first_codes(&mut self) -> Result<()> {
        let now = self.town.now;
        let unknown = |tenancy: &Tenancy| tenancy.codes.is_empty() && tenancy.is_current(now);
        if !self.model.tenancies.iter().any(unknown) {
            return Ok(());
        }
        let path = format!("/properties/{}/residents?limit=200", self.town.world.property);
        let found = self.town.read(&path).await?;
        for resident in found["items"].as_array().into_iter().flatten() {
            let email = resident["email"].as_str().unwrap_or_default();
            let mut tenancies = self.model.tenancies.iter();
            let Some(tenancy) = tenancies.position(|it| unknown(it) && it.email == email) else { continue };
            let id = resident["id"].as_str().context("a resident without an id")?.parse()?;
            let before = self.model.tenancies[tenancy].id.replace(id);
            ensure!(before.is_none_or(|before| before == id), "a tenancy goes by another id");
            let Some(code) = resident["code"]["id"].as_str() else { continue };
            let code: CodeId = code.parse()?;
            self.model.has_code(tenancy, code);
            self.reveal(tenancy, code).await?;
            self.note(self.model.tenancies[tenancy].unit, &format!("a resident has their first code: {code}"));
        }
        Ok(())
    }

    /// Somebody who lives here.
    fn somebody(&mut self) -> Option<usize> {
        let now = self.town.now;
        let here = (0..self.model.tenancies.len()).filter(|tenancy| {
            self.model.tenancies[*tenancy].is_current(now) && !self.model.tenancies[*tenancy].codes.is_empty()
        });
        self.dice.choice(here.collect::<Vec<_>>())
    }

    /// Digits that somebody may pick, and that no foreign code of the simulation has.
    fn digits(&mut self) -> Result<Code> {
        let number = self.dice.u32(0..1_000_000);
        let digits =
            if self.dice.bool() { format!("{:04}", number % 8000) } else { format!("{:06}", number % 800_000) };
        Code::parse(&digits).map_err(|_| anyhow::anyhow!("digits that are no code"))
    }

    /// Whether it was done; refusals are part of life.
    fn is_done(&mut self, answer: &Answer) -> bool {
        let done = answer.status < 300;
        self.tally.refused += u64::from(!done);
        if !done {
            *self.tally.refusals.entry(answer.code().to_owned()).or_default() += 1;
        }
        done
    }
}

/// The name of a lock that is new in town.
pub(super) fn new_lock(number: u64) -> Result<HubLock> {
    HubLock::new(format!("lock-{number}")).context("a lock's name")
}
