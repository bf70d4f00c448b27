//! What importing a roster's rows would do, row by row (R40).

use std::collections::{HashMap, HashSet};

use api_types::{
    BadRow, FieldCode, OfRow, RosterChange, RosterChoice, RosterDecision, RosterImport, RosterNote, RosterQuestion,
    RosterRow,
};
use ids::{PersonId, TenancyId, UnitId};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::tenancies::{self, OnRoster};
use store::{Db, Millis, people};

use super::decide::{Decisions, ask};
use super::limits::{MAX_TEXT, bad, ends_at, start_of};
use super::names;
use super::options::Options;
use super::rows::{Row, Rows};
use super::units::Found;
use crate::domain::spreadsheet;
use crate::text::{Address, Line};

/// A row, with what is to be done about it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Planned {
    pub(super) line: u64,
    pub(super) unit_id: UnitId,
    pub(super) unit: String,
    pub(super) name: String,
    pub(super) email: Option<String>,
    pub(super) move_in: String,
    pub(super) move_out: Option<String>,
    pub(super) starts_at: Millis,
    pub(super) ends_at: Option<Millis>,
    pub(super) person: Who,
    /// The tenancy that changes.
    pub(super) old: Option<OnRoster>,
    /// The person gets the row's address.
    pub(super) gets_address: bool,
    /// The person is to be called so themselves, as they are nothing but a resident of this property.
    pub(super) own_name: bool,
}

impl Planned {
    /// Whether everything is there as it is in the file.
    pub(super) fn is_done(&self) -> bool {
        let same =
            |old: &OnRoster| old.move_in == self.move_in && old.move_out == self.move_out && old.name == self.name;
        !self.gets_address && self.old.as_ref().is_some_and(same)
    }
}

/// Whose row it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Who {
    /// Somebody who is there.
    Known(PersonId),
    /// Whoever has the row's address by then; else somebody new.
    New,
}

/// What the plan knows of an address.
#[derive(Clone)]
struct Owner {
    /// Who has it in this property's roster.
    person: Option<PersonId>,
    /// What they are called there, each name once, the one of the tenancy that began last at the end.
    names: Vec<String>,
}

/// The first and the last day.
type FirstAndLast = (String, Option<String>);

/// The state of a property's roster, and what the rows so far make of it.
struct Roster<'a> {
    tenancies: &'a [OnRoster],
    of_unit: HashMap<UnitId, Vec<usize>>,
    of_person: HashMap<PersonId, Vec<usize>>,
    owners: HashMap<String, Owner>,
    /// Tenancies that a row was about already.
    taken: HashSet<TenancyId>,
    /// The rows so far, by unit and by what tells their person.
    seen: HashMap<(UnitId, String), Vec<FirstAndLast>>,
}

impl<'a> Roster<'a> {
    fn of(tenancies: &'a [OnRoster]) -> Self {
        let mut roster = Self {
            tenancies,
            of_unit: HashMap::new(),
            of_person: HashMap::new(),
            owners: HashMap::new(),
            taken: HashSet::new(),
            seen: HashMap::new(),
        };
        for (at, tenancy) in tenancies.iter().enumerate() {
            roster.of_unit.entry(tenancy.unit_id).or_default().push(at);
            roster.of_person.entry(tenancy.person_id).or_default().push(at);
            if tenancy.email.is_empty() {
                continue;
            }
            let owner = roster.owners.entry(tenancy.email.clone());
            let owner = owner.or_insert_with(|| Owner { person: Some(tenancy.person_id), names: Vec::new() });
            owner.names.retain(|name| *name != tenancy.name);
            owner.names.push(tenancy.name.clone());
        }
        roster
    }

    fn at<'b>(&'b self, places: Option<&'b Vec<usize>>) -> impl Iterator<Item = &'a OnRoster> {
        places.into_iter().flatten().map(|at| &self.tenancies[*at])
    }

    fn of_person(&self, person: PersonId) -> Vec<&'a OnRoster> {
        self.at(self.of_person.get(&person)).collect()
    }

    fn of_unit(&self, unit: UnitId) -> Vec<&'a OnRoster> {
        self.at(self.of_unit.get(&unit)).collect()
    }
}

/// The plan of a file's rows: what is to be done, and the report of it.
pub(super) struct Planning {
    pub(super) rows: Vec<Planned>,
    pub(super) report: RosterImport,
}

/// Works out what importing the rows would do.
pub(super) fn plan(
    db: &Db,
    property_id: ids::PropertyId,
    zone: &TimeZone,
    rows: Rows,
    options: &Options,
    now: Millis,
) -> store::Result<Planning> {
    let tenancies = tenancies::of_roster(db, property_id)?;
    let mut report = RosterImport {
        dry_run: true,
        row_count: rows.count as u32,
        asks: rows.asks.into_iter().map(Into::into).collect(),
        reading: rows.reading,
        ..RosterImport::default()
    };
    let mut planner = Planner {
        db,
        property_id,
        zone,
        options,
        now,
        roster: Roster::of(&tenancies),
        bad: rows.bad,
        digest: Sha256::new(),
        report: &mut report,
        planned: Vec::with_capacity(rows.rows.len()),
    };
    for row in rows.rows {
        planner.row(row)?;
    }
    let Planner { mut bad, digest, planned, .. } = planner;
    bad.sort_by_key(|row| row.line);
    // A bad row is among the rows too, so that every line of the file is there once.
    let listed: HashSet<u64> = report.rows.iter().map(|row| row.line).collect();
    let mut unlisted: HashSet<u64> = bad.iter().map(|row| row.line).filter(|line| !listed.contains(line)).collect();
    for row in bad.iter().filter(|row| unlisted.remove(&row.line)).collect::<Vec<_>>() {
        report.rows.push(RosterRow {
            line: row.line,
            change: RosterChange::Bad.into(),
            new: of_bad(&bad, row.line),
            old: None,
            unit_written: None,
            name_written: None,
            notes: Vec::new(),
            decide: Vec::new(),
        });
    }
    report.rows.sort_by_key(|row| row.line);
    report.bad_rows = bad;
    if report.asks.is_empty() {
        report.plan = Some(spreadsheet::letters(&digest.finalize()));
    }
    Ok(Planning { rows: planned, report })
}

/// What is wrong, where it stands.
fn of_bad(bad: &[BadRow], line: u64) -> OfRow {
    let mut row = OfRow::default();
    for bad in bad.iter().filter(|bad| bad.line == line) {
        let cell = match bad.column.as_str() {
            "unit" => &mut row.unit,
            "name" => &mut row.name,
            "email" => &mut row.email,
            "move_in" => &mut row.move_in,
            _ => &mut row.move_out,
        };
        cell.clone_from(&bad.value);
    }
    row
}

struct Planner<'a> {
    db: &'a Db,
    property_id: ids::PropertyId,
    zone: &'a TimeZone,
    options: &'a Options,
    now: Millis,
    roster: Roster<'a>,
    bad: Vec<BadRow>,
    digest: Sha256,
    report: &'a mut RosterImport,
    planned: Vec<Planned>,
}

impl Planner<'_> {
    fn row(&mut self, row: Row) -> store::Result<()> {
        let decisions: &Decisions = &self.options.decisions;
        let line = row.line;
        let mut decide: Vec<RosterDecision> = Vec::new();
        let mut notes: Vec<RosterNote> = Vec::new();
        let (unit_id, unit, suggested) = match row.unit {
            Found::Named(id, name) => (id, name, false),
            Found::Suggested(id, name) => (id, name, true),
            // Such a row is bad already.
            Found::Unknown => return Ok(()),
        };
        if suggested {
            decide.push(ask(decisions, line, RosterQuestion::UnitSuggested));
        }
        let days = Days {
            move_in: row.move_in.to_string(),
            move_out: row.move_out.map(|date| date.to_string()),
            starts_at: start_of(row.move_in, self.zone),
            ends_at: ends_at(row.move_out, self.zone),
        };
        let mut name = row.name;
        let mut email = row.email;
        let mut owner = email.as_ref().and_then(|email| self.roster.owners.get(&**email).cloned());

        // The name as it is written, if somebody is called just so; else the first name first.
        let is_written = |name: &str| {
            owner.iter().flat_map(|owner| &owner.names).any(|known| known == name)
                || self.roster.of_unit(unit_id).iter().any(|tenancy| tenancy.name == name)
        };
        let mut name_written = None;
        if let Some(turned) = names::turned(&name).filter(|_| !is_written(&name))
            && let Ok(turned) = Line::parse(&turned, MAX_TEXT)
        {
            name_written = Some(row.name_written);
            notes.push(RosterNote::NameTurned);
            name = turned;
        }
        let new_name = name.clone();
        let mut key = names::key(&name);

        // An address that is somebody else's by name.
        let other = owner.as_ref().filter(|owner| owner.names.iter().all(|known| names::key(known) != key));
        let mut old_name = None;
        if let Some(other) = other.cloned() {
            let question =
                if other.person.is_some() { RosterQuestion::OtherName } else { RosterQuestion::SharedAddress };
            let asked = ask(decisions, line, question);
            let chosen = asked.chosen.as_ref().and_then(api_types::MaybeKnown::known);
            decide.push(asked);
            old_name = other.names.last().cloned();
            match chosen {
                Some(RosterChoice::NoAddress) => (email, owner) = (None, None),
                Some(RosterChoice::KeepName) => {
                    if let Some(Ok(kept)) = old_name.as_deref().map(|name| Line::parse(name, MAX_TEXT)) {
                        key = names::key(&kept);
                        name = kept;
                    }
                }
                _ => {}
            }
        }

        // Whose tenancy it is: by the address, or without one by name and unit (R41).
        let of_unit = self.roster.of_unit(unit_id);
        let known = owner.as_ref().and_then(|owner| owner.person);
        let person = match (&email, known) {
            (_, Some(person)) => Some(person),
            (None, None) => {
                let called = of_unit.iter().filter(|it| names::key(&it.name) == key);
                let called: Vec<_> = called.collect();
                // Somebody who lives there is meant before somebody who did.
                let living = called.iter().find(|it| it.ended_at.is_none()).or(called.last());
                living.map(|it| it.person_id)
            }
            (Some(email), None) if people::by_email(self.db, email)?.is_none() => {
                let mut called = of_unit.iter().filter(|it| it.ended_at.is_none() && it.email.is_empty());
                called.find(|it| names::key(&it.name) == key).map(|it| it.person_id)
            }
            _ => None,
        };
        let all = person.map(|person| self.roster.of_person(person)).unwrap_or_default();
        let candidates = all.iter().filter(|it| it.unit_id == unit_id && it.ended_at.is_none());
        let candidates: Vec<&OnRoster> = candidates.copied().filter(|it| !self.roster.taken.contains(&it.id)).collect();
        let over = days.ends_at.is_some_and(|end| end <= self.now);
        let same_start = candidates.iter().find(|it| it.move_in == days.move_in);
        let met = same_start.or_else(|| candidates.iter().find(|it| days.overlap(it)));
        // Days that are over are about the tenancy of now, whenever that began.
        let met = met.or_else(|| candidates.iter().find(|_| over));
        let old = met.copied().cloned();

        // The same row twice, or two that contradict each other.
        let identity = identity_of(person, email.as_ref(), &key);
        let seen = self.roster.seen.entry((unit_id, identity)).or_default();
        let days_of = (days.move_in.clone(), days.move_out.clone());
        let twice = seen.iter().any(|other| {
            days_of.1.as_ref().is_none_or(|end| other.0 <= *end) && other.1.as_ref().is_none_or(|end| days_of.0 <= *end)
        });
        let new = OfRow {
            unit: unit.clone(),
            name: new_name.to_string(),
            email: email.as_ref().map_or_else(String::new, |email| email.to_string()),
            move_in: days.move_in.clone(),
            move_out: days.move_out.clone().unwrap_or_default(),
        };
        let mut shown = RosterRow {
            line,
            change: RosterChange::Bad.into(),
            new,
            old: None,
            unit_written: suggested.then(|| row.unit_written.clone()),
            name_written,
            notes: Vec::new(),
            decide: Vec::new(),
        };
        let whose = [RosterQuestion::SharedAddress, RosterQuestion::OtherName];
        let is_open = decide.iter().any(|it| it.chosen.is_none() && whose.iter().any(|whose| it.question.is(*whose)));
        if twice && !is_open {
            let value = email.as_ref().map_or("", |email| email);
            let detail = "This resident is in the file twice for this unit.";
            self.bad.push(bad(line, "email", value, FieldCode::Twice, detail));
            self.report.rows.push(shown);
            return Ok(());
        }

        // What becomes of the tenancy.
        let lives_there = old.as_ref().is_some_and(|old| old.starts_at <= self.now);
        let mut change = RosterChange::Comes;
        let mut gets_address = false;
        if let Some(old) = &old {
            let same_days = old.move_in == days.move_in && old.move_out == days.move_out;
            gets_address = email.is_some() && old.email.is_empty();
            let renamed = old.name != *name;
            change = if same_days && !renamed && !gets_address { RosterChange::Stays } else { RosterChange::Changes };
            if gets_address {
                notes.push(RosterNote::AddressAdded);
            }
            if over && !same_days {
                self.report.past_move_outs += 1;
                let mut asked = ask(decisions, line, RosterQuestion::MovesOutNow);
                if self.options.move_out_past && asked.chosen.is_none() {
                    asked.chosen = Some(RosterChoice::MoveOut.into());
                }
                match asked.chosen.as_ref().and_then(api_types::MaybeKnown::known) {
                    None => {
                        let detail = "This last day has passed, so the resident would be moved out now. Fix it, or say \
                                      that past last days are meant.";
                        let value = days.move_out.as_deref().unwrap_or_default();
                        self.bad.push(bad(line, "move_out", value, FieldCode::MoveOutPast, detail));
                        change = RosterChange::Bad;
                    }
                    Some(_) => notes.push(RosterNote::MovedOut),
                }
                decide.push(asked);
            } else if old.move_in != days.move_in && lives_there {
                let question = if days.starts_at > self.now {
                    notes.push(RosterNote::CodeLater);
                    RosterQuestion::FutureMoveIn
                } else {
                    RosterQuestion::Overlap
                };
                change = RosterChange::Conflict;
                decide.push(ask(decisions, line, question));
            } else if days.starts_at > self.now {
                notes.push(RosterNote::CodeLater);
            }
            shown.old = Some(of_tenancy(old, &unit));
        } else if over {
            let value = days.move_out.as_deref().unwrap_or_default();
            let detail = "This tenancy is already over. Remove the row.";
            self.bad.push(bad(line, "move_out", value, FieldCode::AlreadyOver, detail));
            self.report.rows.push(shown);
            return Ok(());
        } else {
            let former = all.iter().rfind(|it| it.ended_at.is_some());
            let current = all.iter().find(|it| it.ended_at.is_none());
            if let (Some(former), None) = (former, current) {
                change = RosterChange::Returns;
                shown.old = Some(of_tenancy(former, ""));
                decide.push(ask(decisions, line, RosterQuestion::Returns));
            }
            let in_file =
                email.as_ref().is_some_and(|email| owner.is_some() && self.roster.owners.contains_key(&**email));
            if current.is_some() || (in_file && former.is_none()) {
                notes.push(RosterNote::OtherTenancy);
            }
            if days.starts_at > self.now {
                notes.push(RosterNote::CodeLater);
            }
            if email.is_none() && person.is_none() {
                notes.push(RosterNote::NoAddress);
            }
        }
        if let Some(old_name) = old_name {
            change = if change == RosterChange::Bad { change } else { RosterChange::Conflict };
            if shown.old.is_none() {
                let kept = email.as_ref().map_or_else(|| shown.new.email.clone(), |email| email.to_string());
                shown.old = Some(OfRow { name: old_name.clone(), email: kept, ..OfRow::default() });
            }
            if let Some(old) = &mut shown.old {
                old.name = old_name;
            }
        }

        shown.change = change.into();
        shown.notes = notes.into_iter().map(Into::into).collect();
        shown.decide = decide;
        let left_out = shown.decide.iter().any(|it| it.chosen.as_ref().is_some_and(|it| it.is(RosterChoice::LeaveOut)));
        let undecided = shown.decide.iter().any(|it| it.chosen.is_none());
        self.note(&shown, old.as_ref(), person);
        self.report.rows.push(shown);
        if left_out {
            self.report.left_out += 1;
            self.bad.retain(|row| row.line != line || row.code.name() != FieldCode::MoveOutPast.name());
            return Ok(());
        }

        // What the following rows see of this one, whatever will be decided.
        self.roster.seen.entry((unit_id, identity_of(person, email.as_ref(), &key))).or_default().push(days_of);
        if let Some(old) = &old {
            self.roster.taken.insert(old.id);
        }
        if let Some(email) = &email {
            let owner =
                self.roster.owners.entry(email.to_string()).or_insert(Owner { person: None, names: Vec::new() });
            let is_named = owner.names.is_empty() || owner.person.is_some();
            if !undecided && is_named && !owner.names.contains(&name.to_string()) {
                owner.names.push(name.to_string());
            }
        }
        match change {
            RosterChange::Bad => return Ok(()),
            _ if undecided => {
                self.report.undecided += 1;
                return Ok(());
            }
            RosterChange::Stays => self.report.unchanged += 1,
            _ if old.as_ref().is_some_and(|old| days.is_of(old) && old.name == *name && !gets_address) => {
                self.report.unchanged += 1;
            }
            _ if old.is_some() => self.report.updated += 1,
            _ => self.report.created += 1,
        }
        let elsewhere = match (&email, person) {
            (Some(email), None) => people::by_email(self.db, email)?.map(|person| person.id),
            _ => None,
        };
        let who = person.or(elsewhere);
        let own_name = match who {
            Some(id) => {
                people::by_id(self.db, id)?.is_some_and(|person| person.name != *name)
                    && people::is_only_resident_of(self.db, id, self.property_id)?
            }
            None => false,
        };
        self.planned.push(Planned {
            line,
            unit_id,
            unit,
            name: name.to_string(),
            email: email.map(|email| email.to_string()),
            move_in: days.move_in,
            move_out: days.move_out,
            starts_at: days.starts_at,
            ends_at: days.ends_at,
            person: who.map_or(Who::New, Who::Known),
            old,
            gets_address,
            own_name,
        });
        Ok(())
    }

    /// Adds a row to what an import has to find again.
    fn note(&mut self, row: &RosterRow, old: Option<&OnRoster>, person: Option<PersonId>) {
        let mut add = |part: &str| {
            self.digest.update((part.len() as u64).to_le_bytes());
            self.digest.update(part);
        };
        add(&row.line.to_string());
        add(row.change.name());
        for of_row in [Some(&row.new), row.old.as_ref()] {
            let OfRow { unit, name, email, move_in, move_out } = of_row.cloned().unwrap_or_default();
            [unit, name, email, move_in, move_out].iter().for_each(|part| add(part));
        }
        add(&old.map_or_else(String::new, |old| old.id.to_string()));
        add(&person.map_or_else(String::new, |person| person.to_string()));
        for decision in &row.decide {
            add(decision.question.name());
            add(decision.chosen.as_ref().map_or("", api_types::MaybeKnown::name));
        }
    }
}

/// What tells that two rows are of one person.
fn identity_of(person: Option<PersonId>, email: Option<&Address>, key: &str) -> String {
    match (person, email) {
        (Some(person), _) => format!("person {person}"),
        (None, Some(email)) => format!("address {}", &**email),
        (None, None) => format!("name {key}"),
    }
}

/// The days of a row.
struct Days {
    move_in: String,
    move_out: Option<String>,
    starts_at: Millis,
    ends_at: Option<Millis>,
}

impl Days {
    fn overlap(&self, other: &OnRoster) -> bool {
        self.ends_at.is_none_or(|end| other.starts_at < end) && other.ends_at.is_none_or(|end| self.starts_at < end)
    }

    fn is_of(&self, other: &OnRoster) -> bool {
        self.move_in == other.move_in && self.move_out == other.move_out
    }
}

fn of_tenancy(tenancy: &OnRoster, unit: &str) -> OfRow {
    OfRow {
        unit: unit.to_owned(),
        name: tenancy.name.clone(),
        email: tenancy.email.clone(),
        move_in: tenancy.move_in.clone(),
        move_out: tenancy.move_out.clone().unwrap_or_default(),
    }
}
