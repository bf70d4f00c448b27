//! What people request, and the ledger of what they were told: the suite's own knowledge of what must be there.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use access_code::Code;
use anyhow::{Context, Result, bail, ensure};
use ids::{CodeId, DoorId, GuestCodeId, TenancyId};
use latchkey_server::view::time::instant;
use reqwest::Method;
use serde_json::{Value, json};
use store::Millis;

use crate::client::{Answer, Body, Credential, Request};
use crate::world::{MOVE_IN, World, word};

/// Something that somebody wants done once, however often they have to ask.
#[derive(Clone)]
pub(crate) struct Deed {
    pub(crate) who: Credential,
    pub(crate) request: Request,
    pub(crate) kind: Kind,
}

/// What it is.
#[derive(Clone)]
pub(crate) enum Kind {
    /// Issuing a guest code.
    Issue(NewGuest),
    /// Revoking it.
    Revoke { id: GuestCodeId },
    /// Changing a resident's code.
    Pick { tenancy: TenancyId },
    /// These addresses move in.
    Import { emails: Vec<String> },
    /// Somebody moves out.
    MoveOut { tenancy: TenancyId, email: String },
    /// A door is retired; its number.
    Retire { door: usize },
    /// An import is undone, in which these moved in.
    Undo { moved_in: Vec<(TenancyId, String)> },
    /// A building is added.
    Build,
}

/// How long before its window begins a property sends a guest code, where nobody has set that (R44).
pub(crate) const LEAD: Millis = 15 * 60 * 1000;

/// A guest code to request.
#[derive(Clone)]
pub(crate) struct NewGuest {
    pub(crate) name: String,
    /// The numbers of its doors.
    pub(crate) doors: Vec<usize>,
    /// The resident who issues it; else a manager does.
    pub(crate) tenancy: Option<TenancyId>,
    /// When it begins, if that is later; only of one that ends.
    pub(crate) starts_at: Option<Millis>,
    pub(crate) ends_at: Option<Millis>,
    /// Good for one use.
    pub(crate) delivery: bool,
}

impl NewGuest {
    /// A manager's guest code for a door, valid until revoked.
    pub(crate) fn at(door: usize) -> Self {
        Self { name: guest_name(), doors: vec![door], tenancy: None, starts_at: None, ends_at: None, delivery: false }
    }
}

/// A guest code that was issued. No `Debug`: it holds digits.
#[derive(Clone)]
pub(crate) struct Guest {
    pub(crate) id: GuestCodeId,
    pub(crate) key: String,
    pub(crate) new: NewGuest,
    pub(crate) code: Code,
    pub(crate) end: Option<End>,
    /// Whether it has been checked since it last changed.
    pub(crate) seen: bool,
}

/// How a guest code ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Revoked,
    /// With the tenancy of the resident who issued it.
    MovedOut,
    /// A delivery code, at a door.
    Used,
    /// It expired by a clock that has since been set back.
    Expired,
}

impl Guest {
    /// Whether it should open its doors at `now`: in its window, and as long before as the property has it (R44).
    pub(crate) fn is_open(&self, now: Millis) -> bool {
        let sent = self.new.starts_at.is_none_or(|start| start - LEAD <= now);
        self.end.is_none() && sent && self.new.ends_at.is_none_or(|end| end > now)
    }

    /// Whether this may be its state, as the API names it.
    pub(crate) fn may_be(&self, state: &str, now: Millis) -> bool {
        let over = self.new.ends_at.is_some_and(|end| end <= now);
        match self.end {
            // It isn't known which of the two came first.
            Some(End::MovedOut) if over => matches!(state, "revoked" | "expired"),
            Some(End::Revoked | End::MovedOut) => state == "revoked",
            Some(End::Used) => state == "used",
            Some(End::Expired) => state == "expired",
            None if over => state == "expired",
            None if self.new.starts_at.is_some_and(|start| start > now) => state == "scheduled",
            None => state == "live",
        }
    }
}

/// What was acknowledged.
#[derive(Default)]
pub(crate) struct Records {
    pub(crate) guests: Vec<Guest>,
    /// By tenancy, the code last acknowledged as theirs.
    pub(crate) picks: HashMap<TenancyId, CodeId>,
    /// By address, how often they moved in.
    pub(crate) moved_in: BTreeMap<String, u32>,
    /// Addresses of those who have moved in and not moved out again.
    live_here: HashSet<String>,
    /// The addresses of those who have lived here and moved out, even if they have come back since.
    have_left: HashSet<String>,
    pub(crate) moved_out: Vec<TenancyId>,
    /// The numbers of doors that were retired.
    pub(crate) retired: HashSet<usize>,
    /// Keys of deeds that were done.
    pub(crate) keys: Vec<String>,
    /// How many of each kind were done.
    pub(crate) revoked: u64,
    pub(crate) picked: u64,
    pub(crate) imported: u64,
    pub(crate) undone: u64,
    pub(crate) built: u64,
    /// How many there were in all, refusals included.
    pub(crate) answered: u64,
}

/// The suite's own knowledge of what was acknowledged.
#[derive(Default)]
pub(crate) struct Ledger {
    records: Mutex<Records>,
}

impl Ledger {
    pub(crate) fn records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a final answer. Returns which guest code was issued, if one was.
    ///
    /// # Errors
    /// An answer that can't be right.
    pub(crate) fn settle(&self, deed: &Deed, answer: &Answer) -> Result<Option<GuestCodeId>> {
        let mut records = self.records();
        records.answered += 1;
        let done = answer.status < 300;
        if !done {
            ensure!(deed.may_be_refused(answer), "{} was answered {} {}", deed.name(), answer.status, answer.code());
            return Ok(None);
        }
        records.keys.push(deed.request.key.clone());
        match &deed.kind {
            Kind::Issue(new) => {
                let id = id_of(&answer.body["id"])?;
                let digits = answer.body["code"].as_str().context("a guest code without digits")?;
                let code = Code::parse(digits).map_err(|_| anyhow::anyhow!("a guest code whose digits are none"))?;
                let key = deed.request.key.clone();
                records.guests.push(Guest { id, key, new: new.clone(), code, end: None, seen: false });
                return Ok(Some(id));
            }
            Kind::Revoke { id } => {
                records.revoked += 1;
                records.end(*id, End::Revoked);
            }
            Kind::Pick { tenancy } => {
                records.picked += 1;
                // Ids grow with time: what a repeated answer names may have been replaced since.
                let id = id_of(&answer.body["code"]["id"])?;
                let newest = records.picks.entry(*tenancy).or_insert(id);
                *newest = id.max(*newest);
            }
            Kind::Import { emails } => {
                records.imported += 1;
                for email in emails {
                    records.live_here.insert(email.clone());
                    *records.moved_in.entry(email.clone()).or_default() += 1;
                }
            }
            Kind::Undo { moved_in } => {
                records.undone += 1;
                moved_in.iter().for_each(|(tenancy, email)| records.moves_out(*tenancy, email));
            }
            Kind::Build => records.built += 1,
            Kind::MoveOut { tenancy, email } => {
                records.moves_out(*tenancy, email);
                for guest in records.guests.iter_mut().filter(|guest| guest.new.tenancy == Some(*tenancy)) {
                    guest.end = guest.end.or(Some(End::MovedOut));
                    guest.seen = false;
                }
            }
            Kind::Retire { door } => {
                records.retired.insert(*door);
                let Records { guests, retired, revoked, .. } = &mut *records;
                for guest in guests.iter_mut().filter(|guest| guest.new.doors.contains(door)) {
                    // It goes on opening its other doors.
                    guest.new.doors.retain(|door| !retired.contains(door));
                    if guest.new.doors.is_empty() && guest.end.is_none() {
                        guest.end = Some(End::Revoked);
                        *revoked += 1;
                    }
                    guest.seen = false;
                }
            }
        }
        Ok(None)
    }

    /// Notes that a guest code ended without anybody asking for it.
    pub(crate) fn ended(&self, id: GuestCodeId, end: End) {
        self.records().end(id, end);
    }

    /// One that was issued.
    pub(crate) fn guest(&self, id: GuestCodeId) -> Result<Guest> {
        self.records().guests.iter().find(|guest| guest.id == id).cloned().context("no such guest code")
    }
}

impl Records {
    /// Whether the person with that address has moved in and not moved out again.
    pub(crate) fn lives_here(&self, email: &str) -> bool {
        self.live_here.contains(email)
    }

    fn moves_out(&mut self, tenancy: TenancyId, email: &str) {
        self.live_here.remove(email);
        self.have_left.insert(email.to_owned());
        self.moved_out.push(tenancy);
        self.picks.remove(&tenancy);
    }

    fn end(&mut self, id: GuestCodeId, end: End) {
        if let Some(guest) = self.guests.iter_mut().find(|guest| guest.id == id) {
            guest.end = Some(end);
            guest.seen = false;
        }
    }
}

fn id_of<Id: FromStr<Err = uuid::Error>>(value: &Value) -> Result<Id> {
    Ok(value.as_str().context("no id")?.parse()?)
}

impl Deed {
    /// Issues a guest code, as whoever that is.
    pub(crate) fn issue(world: &World, who: &Credential, new: NewGuest) -> Self {
        let doors: Vec<DoorId> = new.doors.iter().map(|door| world.doors[*door].id).collect();
        let mut body = json!({"kind": "permanent", "door_ids": doors, "guest_name": new.name});
        if new.delivery {
            body["kind"] = json!("delivery");
        } else if let Some(end) = new.ends_at {
            body["kind"] = json!("temporary");
            body["starts_at"] = json!(instant(new.starts_at.unwrap_or_else(|| now().min(end - 1))));
            body["ends_at"] = json!(instant(end));
        }
        let request = Request::new(Method::POST, "/guest-codes", Body::Json(body));
        Self { who: who.clone(), request, kind: Kind::Issue(new) }
    }

    pub(crate) fn revoke(who: &Credential, id: GuestCodeId) -> Self {
        let request = Request::new(Method::POST, format!("/guest-codes/{id}/revoke"), Body::Nothing);
        Self { who: who.clone(), request, kind: Kind::Revoke { id } }
    }

    /// A random code, or one of their choice.
    pub(crate) fn pick(who: &Credential, tenancy: TenancyId, custom: Option<&Code>) -> Self {
        let body = match custom {
            Some(code) => json!({"mode": "custom", "code": code.expose()}),
            None => json!({"mode": "random", "length": 6}),
        };
        let request = Request::new(Method::PUT, "/me/code", Body::Json(body));
        Self { who: who.clone(), request, kind: Kind::Pick { tenancy } }
    }

    /// People move in: name, address, number of the unit. Those who have lived here before are said to return (R40).
    pub(crate) fn import(world: &World, who: &Credential, rows: &[(String, String, usize)], ledger: &Ledger) -> Self {
        let mut csv = "unit,name,email,move_in,move_out\n".to_owned();
        let mut decisions = Vec::new();
        for (line, (name, email, unit)) in (2..).zip(rows) {
            csv.push_str(&format!("{},{name},{email},{MOVE_IN},\n", world.units[*unit].name));
            if ledger.records().have_left.contains(email) {
                decisions.push(format!("{line}.return"));
            }
        }
        let path = format!("/properties/{}/roster?decisions={}", world.property, decisions.join(","));
        let request = Request::new(Method::POST, path, Body::Csv(csv));
        let emails = rows.iter().map(|(_, email, _)| email.clone()).collect();
        Self { who: who.clone(), request, kind: Kind::Import { emails } }
    }

    pub(crate) fn move_out(world: &World, who: &Credential, tenancy: TenancyId, email: &str) -> Self {
        let path = format!("/properties/{}/residents/{tenancy}/move-out", world.property);
        let request = Request::new(Method::POST, path, Body::Nothing);
        Self { who: who.clone(), request, kind: Kind::MoveOut { tenancy, email: email.to_owned() } }
    }

    pub(crate) fn undo(world: &World, who: &Credential, import: &str, moved_in: Vec<(TenancyId, String)>) -> Self {
        let path = format!("/properties/{}/roster/imports/{import}/undo", world.property);
        let request = Request::new(Method::POST, path, Body::Nothing);
        Self { who: who.clone(), request, kind: Kind::Undo { moved_in } }
    }

    /// Adds a building of that name, which no other has.
    pub(crate) fn build(world: &World, who: &Credential, name: &str) -> Self {
        let path = format!("/properties/{}/buildings", world.property);
        let request = Request::new(Method::POST, path, Body::Json(json!({"name": name})));
        Self { who: who.clone(), request, kind: Kind::Build }
    }

    pub(crate) fn retire(world: &World, who: &Credential, door: usize) -> Self {
        let request = Request::new(Method::DELETE, format!("/doors/{}", world.doors[door].id), Body::Nothing);
        Self { who: who.clone(), request, kind: Kind::Retire { door } }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Issue(_) => "issuing a guest code",
            Kind::Revoke { .. } => "revoking a guest code",
            Kind::Pick { .. } => "changing one's code",
            Kind::Import { .. } => "importing a roster",
            Kind::MoveOut { .. } => "a move-out",
            Kind::Retire { .. } => "retiring a door",
            Kind::Undo { .. } => "undoing an import",
            Kind::Build => "adding a building",
        }
    }

    /// Whether it is one of the expected refusals.
    fn may_be_refused(&self, answer: &Answer) -> bool {
        match &self.kind {
            // It was over before the request succeeded.
            Kind::Issue(new) => answer.code() == "invalid" && new.ends_at.is_some_and(|end| end <= now()),
            // Somebody else has the digits, or the lock can't be reached (R11, R13).
            Kind::Pick { .. } => {
                matches!(
                    answer.code(),
                    "lock_offline" | "hub_offline" | "code_unavailable_for_this_door" | "too_many_requests"
                )
            }
            _ => false,
        }
    }
}

/// A guest's name that nobody else has.
pub(crate) fn guest_name() -> String {
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    format!("Guest {}", word(NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)))
}

/// A code that somebody might pick (R7, R8).
pub(crate) fn custom_code(rng: &mut fastrand::Rng) -> Result<Code> {
    for _ in 0..100 {
        let code = Code::parse(&format!("{:06}", rng.u32(0..1_000_000)));
        if let Ok(code) = code
            && access_code::content_violation(&code).is_none()
        {
            return Ok(code);
        }
    }
    bail!("no code")
}

/// Now, by this machine's clock.
pub(crate) fn now() -> Millis {
    jiff::Timestamp::now().as_millisecond()
}
