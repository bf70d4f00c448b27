//! A resident's own code: the first random one, another random one (R16), or one of their choice (R1–R14).

use access_code::policy::{Channel as PolicyChannel, Connectivity, DoorKind as PolicyDoorKind, Facts};
use access_code::{Code, Condition, Decision, Length, decide};
use api_types::{Action, ChannelKind, CodeOrigin, DoorKind, ProblemCode, Said, Subject, SubjectKind};
use ids::{CodeId, TenancyId};
use store::audit::NewEvent;
use store::codes::{self, NewCode};
use store::doors::{self, DoorRecord};
use store::tenancies::{self, TenancyRecord};
use store::{Db, Millis, Scope, Tx, placements, properties, real_days};

use super::deed::Deed;
use super::placing::Locks;
use super::{By, Done, Failure, Refusal, checklist, problem_code};
use crate::view::time::instant;

/// How many neutral refusals (R11) a unit gets in a day, so that nobody can find out others' codes by trial.
pub const UNAVAILABLE_LIMIT: usize = 5;
const CUSTOM_REFUSED: Action = Action::CodeCustomRefused;

/// The length of the random code that a new resident is given.
pub const FIRST_LENGTH: Length = Length::Six;

/// Gives a resident without a code their first one, which is random.
///
/// Unlike with [`pick_custom`], it may wait for an offline lock, as there is no previous code that would stay in force.
///
/// # Errors
/// `codes_exhausted` (R18), recorded.
pub fn give_first(tx: &Tx, tenancy: &TenancyRecord, now: Millis) -> Done<CodeId> {
    give_another(tx, &By::system(), tenancy, now)
}

/// Gives a resident another random code, since theirs can't be on a door that their unit has got.
///
/// # Errors
/// `codes_exhausted` (R18), recorded.
pub(super) fn give_another(tx: &Tx, by: &By, tenancy: &TenancyRecord, now: Millis) -> Done<CodeId> {
    let to = Change { tx, now, by: by.clone(), tenancy };
    let locks = Locks::of_doors(tx, doors::of_unit(tx, tenancy.unit_id)?)?;
    let code = match locks.random_code(tx, FIRST_LENGTH, &[]) {
        Ok(code) => code,
        Err(failure) => return Err(to.refused(Action::CodeRandomRefused, failure)?),
    };
    to.replace(Action::CodeRandomIssued, &locks, &code, CodeOrigin::Random)
}

/// Whether any code is free for a resident who has none yet. Checked before recording another refusal.
pub(super) fn may_have_first(tx: &Tx, tenancy: &TenancyRecord) -> store::Result<bool> {
    let locks = Locks::of_doors(tx, doors::of_unit(tx, tenancy.unit_id)?)?;
    match locks.random_code(tx, FIRST_LENGTH, &[]) {
        Ok(_) => Ok(true),
        Err(Failure::Refused(_)) => Ok(false),
        Err(Failure::Store(error)) => Err(error),
    }
}

/// A resident takes another random code for the tenancy they mean ([`Deed::tenancy`]), in any version of the app (R16). Hub and lock must be online (R13).
///
/// # Errors
/// `lock_offline`, `codes_exhausted`; recorded.
pub fn take_random(deed: &Deed<'_>, meant: Option<TenancyId>, length: Length) -> Done<CodeId> {
    const REFUSED: Action = Action::CodeRandomRefused;
    let tenancy = deed.tenancy(meant)?;
    let to = Change::own(deed, &tenancy);
    let doors = doors::of_unit(deed.tx, tenancy.unit_id)?;
    let facts = DoorFacts::find(&doors);
    let decision = decide(&Facts { hub: Some(facts.hub()), lock: facts.lock(), ..Facts::new(policy_channel(&to.by)) });
    // Of the checklist for custom codes, only hub and lock are checked here: R16 sets no other condition.
    if !facts.all_online() {
        let mut items = checklist(&decision);
        items.retain(|item| matches!(item.condition.known(), Some(Condition::HubOnline | Condition::LockOnline)));
        let detail = items.iter().filter(|item| item.met == Some(false)).map(|item| item.detail.as_str());
        let detail = format!("{} Your code keeps working.", detail.collect::<Vec<_>>().join(" "));
        let refusal = Refusal { checklist: items, ..Refusal::new(ProblemCode::LockOffline, detail) };
        return Err(to.refused(REFUSED, refusal.into())?);
    }
    let locks = Locks::of_doors(deed.tx, doors)?;
    let code = match locks.random_code(deed.tx, length, &[]) {
        Ok(code) => code,
        Err(failure) => return Err(to.refused(REFUSED, failure)?),
    };
    to.replace(Action::CodeRandomIssued, &locks, &code, CodeOrigin::Random)
}

/// A resident picks a code for the tenancy they mean (R1–R14). The shared policy decides; the checklist goes into every refusal and its event.
///
/// # Errors
/// The refusals of [`access_code::policy::Refusal`]; `too_many_requests` after [`UNAVAILABLE_LIMIT`] neutral ones in a
/// day; all recorded.
pub fn pick_custom(deed: &Deed<'_>, meant: Option<TenancyId>, candidate: &str) -> Done<CodeId> {
    let Deed { tx, real_time, .. } = *deed;
    let tenancy = deed.tenancy(meant)?;
    let to = Change::own(deed, &tenancy);
    // The limit is per unit and checked before the code is, so that it reveals nothing.
    let earlier = real_days::unavailable_codes(tx, tenancy.unit_id, real_time, UNAVAILABLE_LIMIT)?;
    let property = properties::get(tx, Scope::Everything, tenancy.property_id)?;
    let enabled = property.is_some_and(|property| property.custom_codes_enabled);
    let doors = doors::of_unit(tx, tenancy.unit_id)?;
    let found = DoorFacts::find(&doors);
    let mut facts = found.facts(policy_channel(&to.by), enabled);
    if let Some(fifth) = earlier.get(UNAVAILABLE_LIMIT - 1) {
        let wait = (fifth + real_days::DAY - real_time).clamp(0, real_days::DAY).unsigned_abs();
        let refusal = Refusal {
            checklist: checklist(&decide(&facts)),
            retry_after_s: Some(wait.div_ceil(1000)),
            ..Refusal::new(ProblemCode::TooManyRequests, "Too many codes were tried for this unit. Try again tomorrow.")
        };
        return Err(to.refused(CUSTOM_REFUSED, refusal.into())?);
    }
    facts.candidate = Some(candidate);

    // Whether it is taken is checked last, and only for a code that would otherwise be allowed.
    let before_availability = decide(&facts);
    let locks = Locks::of_doors(tx, doors)?;
    let code = match (before_availability.refusal, Code::parse(candidate)) {
        (None, Ok(code)) => code,
        _ => return Err(to.refuse_custom(&before_availability)?),
    };
    let holder = locks.holder_of(tx, &code)?;
    if holder.is_some() && holder == tenancy.code_id {
        // R12: they keep the digits they have, which count as picked from now on, and nothing is sent to the lock.
        return to.keep();
    }
    facts.available_on_door = Some(holder.is_none());
    let decision = decide(&facts);
    if !decision.all_conditions_hold() {
        if holder.is_some() {
            real_days::keep_unavailable_code(tx, tenancy.unit_id, real_time)?;
        }
        return Err(to.refuse_custom(&decision)?);
    }
    to.replace(Action::CodeCustomSet, &locks, &code, CodeOrigin::Custom)
}

/// Whether this resident can pick their own code: every condition as of now (R14), for the app they last used.
pub fn eligibility(db: &Db, tenancy: &TenancyRecord, channel: &api_types::Channel) -> store::Result<Decision> {
    let property = properties::get(db, Scope::Everything, tenancy.property_id)?;
    let doors = doors::of_unit(db, tenancy.unit_id)?;
    let found = DoorFacts::find(&doors);
    let channel = match channel.kind {
        ChannelKind::Mobile => PolicyChannel::Mobile { app_version: channel.app_version.as_deref() },
        ChannelKind::Web => PolicyChannel::Web,
        ChannelKind::System => PolicyChannel::System,
    };
    let enabled = property.is_some_and(|property| property.custom_codes_enabled);
    let facts = Facts { last_seen_app: tenancy.app_version.as_deref(), ..found.facts(channel, enabled) };
    Ok(decide(&facts))
}

/// Records the attempt to pick a code in the console and returns the refusal (R5), with the whole checklist for
/// residents (R14).
pub fn refuse_on_web(deed: &Deed<'_>) -> Done<()> {
    let authority = deed.authority();
    let tenancy = deed.tenancy_if_any()?;
    let decision = match &tenancy {
        Some(tenancy) => eligibility(deed.tx, tenancy, &authority.via.channel())?,
        None => decide(&Facts { is_resident: Some(false), ..Facts::new(PolicyChannel::Web) }),
    };
    let detail = format!("Codes are picked in the mobile app, never on the web. {}", decision.next_step);
    let refusal = Refusal { checklist: checklist(&decision), ..Refusal::new(ProblemCode::NotOnWeb, detail) };
    let subject = match &tenancy {
        Some(tenancy) => Subject {
            kind: SubjectKind::Unit.into(),
            id: Some(tenancy.unit_id.uuid()),
            name: format!("Unit {}", tenancy.unit),
        },
        None => Subject {
            kind: SubjectKind::Person.into(),
            id: Some(authority.person_id.uuid()),
            name: authority.name.clone(),
        },
    };
    let mut event = deed.acting_as(authority.first_role()).event(CUSTOM_REFUSED, subject);
    event.facts.unit = tenancy.as_ref().map(|tenancy| tenancy.unit.clone());
    event.property_id = tenancy.as_ref().map(|tenancy| tenancy.property_id).or_else(|| authority.home_property());
    event.resident_id = tenancy.map(|tenancy| tenancy.id);
    Err(refusal.record(deed.tx, deed.now, event)?)
}

/// A change of code: whose it is, and who makes it.
struct Change<'a> {
    tx: &'a Tx,
    now: Millis,
    by: By,
    tenancy: &'a TenancyRecord,
}

impl<'a> Change<'a> {
    /// A resident's change of their own code.
    fn own(deed: &'a Deed<'_>, tenancy: &'a TenancyRecord) -> Self {
        Self { tx: deed.tx, now: deed.now, by: deed.acting_towards(Some(tenancy.id)), tenancy }
    }

    /// Keeps the same digits, now by choice.
    fn keep(&self) -> Done<CodeId> {
        let code_id = self.tenancy.code_id.ok_or_else(Refusal::not_found)?;
        codes::set_origin(self.tx, code_id, CodeOrigin::Custom, self.now)?;
        let mut event = self.event(Action::CodeCustomKept, code_id);
        event.say(Said::Nothing, [], "Picked the code they already had.");
        self.tx.record(self.now, event)?;
        Ok(code_id)
    }

    /// Makes a code the tenancy's current one and places it on the unit's locks, in place of what is there (R27).
    fn replace(&self, action: Action, locks: &Locks, code: &Code, origin: CodeOrigin) -> Done<CodeId> {
        let Self { tx, now, tenancy, .. } = *self;
        let new =
            NewCode { property_id: tenancy.property_id, tenancy_id: Some(tenancy.id), guest: false, origin, code };
        let code_id = codes::insert(tx, &new, now)?;
        let mut replaces = Vec::new();
        for door in locks.doors() {
            let mut kept = false;
            for old in placements::wanted_resident_codes(tx, tenancy.id, door.lock_id)? {
                codes::end(tx, old.code_id, now)?;
                // One that may have been written over makes room for whatever comes next.
                let on_lock = [placements::PlacementState::OnLock, placements::PlacementState::Confirming];
                if on_lock.contains(&old.state()) && !kept {
                    // It stays until the new one is confirmed.
                    replaces.push((door.lock_id, old.id));
                    kept = true;
                } else {
                    placements::mark_unwanted(tx, old.id, now)?;
                }
            }
        }
        locks.place(tx, code_id, code, true, &replaces, now)?;
        tenancies::set_code(tx, tenancy.id, code_id, origin, now)?;
        placements::refresh_status(tx, code_id)?;
        let mut event = self.event(action, code_id);
        event.door_id = locks.doors().first().map(|door| door.id);
        let digits = code.length().digits().to_string();
        event.say(Said::Digits, [&digits], format!("{digits} digits."));
        tx.record(now, event)?;
        Ok(code_id)
    }

    fn event(&self, action: Action, code_id: CodeId) -> NewEvent {
        let name = format!("Code of {}, unit {}", self.tenancy.name, self.tenancy.unit);
        let mut event =
            self.by.event(action, Subject { kind: SubjectKind::Code.into(), id: Some(code_id.uuid()), name });
        event.is_of(&self.tenancy.name, Some(&self.tenancy.unit));
        event.property_id = Some(self.tenancy.property_id);
        event.resident_id = Some(self.tenancy.id);
        event
    }

    fn refuse_custom(&self, decision: &Decision) -> store::Result<Failure> {
        let (code, detail) = match decision.refusal {
            Some(refusal) => (problem_code(refusal), decision.refusal_detail().unwrap_or_default()),
            // Nothing was unmet, yet not everything was met: some fact wasn't established. Support has to look into it.
            None => (ProblemCode::NotChecked, "Not everything could be checked.".to_owned()),
        };
        let detail = format!("{detail} {}", decision.next_step_after_failure());
        let refusal = Refusal { checklist: checklist(decision), ..Refusal::new(code, detail) };
        self.refused(CUSTOM_REFUSED, refusal.into())
    }

    /// Records a refusal with the unit as its subject.
    fn refused(&self, action: Action, failure: Failure) -> store::Result<Failure> {
        let Failure::Refused(refusal) = failure else { return Ok(failure) };
        let name = format!("Unit {}", self.tenancy.unit);
        let mut event = self
            .by
            .event(action, Subject { kind: SubjectKind::Unit.into(), id: Some(self.tenancy.unit_id.uuid()), name });
        event.facts.unit = Some(self.tenancy.unit.clone());
        event.property_id = Some(self.tenancy.property_id);
        event.resident_id = Some(self.tenancy.id);
        refusal.record(self.tx, self.now, event)
    }
}

/// The channel as the policy knows it.
fn policy_channel(by: &By) -> PolicyChannel<'_> {
    match by.channel.kind {
        ChannelKind::Mobile => PolicyChannel::Mobile { app_version: by.channel.app_version.as_deref() },
        ChannelKind::Web => PolicyChannel::Web,
        ChannelKind::System => PolicyChannel::System,
    }
}

/// The facts about a unit's doors, with the texts that [`Facts`] borrows.
struct DoorFacts {
    all_unit_doors: bool,
    hub_offline_since: Option<String>,
    lock_offline_since: Option<String>,
}

impl DoorFacts {
    fn find(doors: &[DoorRecord]) -> Self {
        let offline = |since: Option<Millis>| since.map(|since| instant(since).0);
        Self {
            all_unit_doors: !doors.is_empty() && doors.iter().all(|door| door.kind() == DoorKind::Unit),
            hub_offline_since: offline(doors.iter().filter(|door| !door.hub_online).map(|door| door.hub_since).min()),
            lock_offline_since: offline(
                doors.iter().filter(|door| !door.lock_online).map(|door| door.lock_since).min(),
            ),
        }
    }

    fn hub(&self) -> Connectivity<'_> {
        connectivity(self.hub_offline_since.as_deref())
    }

    /// Behind an offline hub, nothing new is known about a lock, so it isn't known to be online.
    fn lock(&self) -> Option<Connectivity<'_>> {
        let known = self.lock_offline_since.is_some() || self.hub_offline_since.is_none();
        known.then(|| connectivity(self.lock_offline_since.as_deref()))
    }

    fn all_online(&self) -> bool {
        self.hub_offline_since.is_none() && self.lock_offline_since.is_none()
    }

    /// The facts of a resident's own tenancy, which the caller's authority has already shown to be current and theirs.
    fn facts<'a>(&'a self, channel: PolicyChannel<'a>, enabled: bool) -> Facts<'a> {
        Facts {
            is_resident: Some(true),
            own_unit_door: Some(self.all_unit_doors),
            door_kind: self.all_unit_doors.then_some(PolicyDoorKind::Unit),
            feature_enabled: Some(enabled),
            hub: Some(self.hub()),
            lock: self.lock(),
            ..Facts::new(channel)
        }
    }
}

fn connectivity(offline_since: Option<&str>) -> Connectivity<'_> {
    match offline_since {
        Some(since) => Connectivity::Offline { since },
        None => Connectivity::Online,
    }
}
