//! Carrying out what a placement's life says (`placement`): reading what is, and storing what follows.

use api_types::{Evidence, MaybeKnown, Named, PlacementReason};
use ids::{CodeId, LockId, PlacementId};
use placement::{Action, Due, Event, News, Placement, State};
use rusqlite::params;

use super::checks;
use super::record::PlacementRecord;
use super::status::{refresh_status, release_fingerprints};
use crate::{Millis, Result, Tx, sql};

/// How long to pause after that many failures in a row (R28).
pub type Pause<'a> = &'a dyn Fn(u32) -> Result<Millis>;

/// What came of telling a placement that something happened.
#[derive(Clone, Debug)]
pub struct Told {
    /// The state it is in now.
    pub state: State,
    /// What is to be recorded.
    pub news: Option<News>,
}

/// A placement as its life needs it.
struct Row {
    code_id: CodeId,
    lock_id: LockId,
    wanted: bool,
    dropped: bool,
    linked: bool,
    state: State,
    slot: Option<u16>,
    may_be_over: bool,
    generation: i64,
    since: Millis,
    next_attempt_at: Option<Millis>,
    attempts: u32,
    drifts: u32,
    reason: Option<MaybeKnown<PlacementReason>>,
    evidence: Option<MaybeKnown<Evidence>>,
    protocol_error: Option<String>,
    replaces: Option<PlacementId>,
}

sql::from_row!(Row {
    code_id,
    lock_id,
    wanted,
    dropped,
    linked,
    state as Named,
    slot,
    may_be_over,
    generation,
    since as Moment,
    next_attempt_at as Moment,
    attempts,
    drifts,
    reason as NamedIfKnown,
    evidence as NamedIfKnown,
    protocol_error,
    replaces,
});

const SELECT: &str = "SELECT placement.code_id, placement.lock_id, placement.wanted, placement.dropped, \
     hub.kind <> 'none' AS linked, placement.state, placement.slot, EXISTS (SELECT 1 FROM placement AS before \
     WHERE before.id = placement.replaces AND before.state = 'confirming') AS may_be_over, \
     placement.generation, placement.since, \
     placement.next_attempt_at, placement.attempts, placement.drifts, placement.reason, placement.evidence, \
     placement.protocol_error, placement.replaces FROM placement JOIN hub ON hub.id = placement.hub_id \
     WHERE placement.id = ?";

impl Row {
    fn placement(&self) -> Placement {
        Placement {
            wanted: self.wanted,
            dropped: self.dropped,
            linked: self.linked,
            state: self.state,
            slot: self.slot,
            may_be_over: self.may_be_over,
            due: self.next_attempt_at.is_some(),
            attempts: self.attempts,
            drifts: self.drifts,
            reason: self.reason.clone(),
            evidence: self.evidence.clone(),
            protocol_error: self.protocol_error.clone(),
        }
    }
}

/// Tells a placement what people and time made happen. These events are followed by no pause.
///
/// A placement that can't be read is told whether it is wanted all the same, so that nothing revoked stays on a lock
/// because of damage (R24).
pub(super) fn tell(tx: &Tx, id: PlacementId, event: Event, now: Millis) -> Result<()> {
    match told(tx, id, None, event.clone(), now, &|_| Ok(0)) {
        Ok(_) => Ok(()),
        Err(error) if error.is_single_record() => tell_damaged(tx, id, &event, now),
        Err(error) => Err(error),
    }
}

/// The same for each of these placements.
pub(super) fn tell_all(tx: &Tx, ids: Vec<PlacementId>, event: &Event, now: Millis) -> Result<()> {
    ids.into_iter().try_for_each(|id| tell(tx, id, event.clone(), now))
}

/// Tells a placement what came of an attempt, unless what is wanted has changed since it was read: then `None`.
///
/// # Errors
/// [`crate::Error`].
pub fn advance(
    tx: &Tx,
    placement: &PlacementRecord,
    event: Event,
    now: Millis,
    pause: Pause<'_>,
) -> Result<Option<Told>> {
    told(tx, placement.id, Some(placement.generation), event, now, pause)
}

/// Tells a placement what is so at its lock, whatever is wanted by now.
///
/// # Errors
/// [`crate::Error`].
pub fn tell_what_is(tx: &Tx, id: PlacementId, event: Event, now: Millis) -> Result<()> {
    told(tx, id, None, event, now, &|_| Ok(0)).map(|_| ())
}

/// Tries a placement again now, if it isn't as it should be. Returns whether it is tried.
pub(super) fn try_again(tx: &Tx, id: PlacementId, now: Millis) -> Result<bool> {
    let Some(before) = sql::optional::<Row>(tx, SELECT, [id])? else { return Ok(false) };
    let due = before.placement().after(Event::TryAgain).due == Due::Now;
    tell(tx, id, Event::TryAgain, now)?;
    Ok(due)
}

fn told(
    tx: &Tx,
    id: PlacementId,
    generation: Option<i64>,
    event: Event,
    now: Millis,
    pause: Pause<'_>,
) -> Result<Option<Told>> {
    let Some(row) = sql::optional::<Row>(tx, SELECT, [id])? else { return Ok(None) };
    if generation.is_some_and(|generation| generation != row.generation) {
        return Ok(None);
    }
    let before = row.placement();
    // What somebody asks for happens because of that.
    let asked = event == Event::TryAgain;
    let step = before.clone().after(event);
    let next_attempt_at = match step.due {
        Due::Unchanged => row.next_attempt_at,
        Due::Never => None,
        // What has been due for longer stays ahead.
        Due::Now => Some(row.next_attempt_at.map_or(now, |due| due.min(now))),
        Due::AfterFailures(failures) => Some(now + pause(failures)?),
        Due::At(at) => Some(at),
    };
    let next = step.next;
    if next != before || next_attempt_at != row.next_attempt_at || step.supersedes {
        let since = if next.state == row.state && !step.supersedes { row.since } else { now };
        sql::execute(
            tx,
            "UPDATE placement SET wanted = ?1, dropped = ?2, state = ?3, slot = ?4, since = ?5, next_attempt_at = ?6, \
             attempts = ?7, drifts = ?8, reason = ?9, evidence = ?10, protocol_error = ?11, \
             generation = generation + ?12, cause = CASE WHEN ?15 THEN ?13 ELSE cause END, \
             confirmed_at = CASE WHEN ?4 IS NULL THEN NULL ELSE confirmed_at END, \
             check_at = CASE WHEN ?3 = 'on_lock' AND ?1 THEN check_at END WHERE id = ?14",
            params![
                next.wanted,
                next.dropped,
                next.state.name(),
                next.slot,
                since,
                next_attempt_at,
                next.attempts,
                next.drifts,
                next.reason.as_ref().map(MaybeKnown::name),
                next.evidence.as_ref().map(MaybeKnown::name),
                next.protocol_error,
                step.supersedes,
                tx.cause(),
                id,
                step.supersedes || asked
            ],
        )?;
        if next.state == State::Removed {
            release_fingerprints(tx, row.code_id)?;
        }
        if next.state != row.state || next.wanted != row.wanted {
            refresh_status(tx, row.code_id)?;
        }
    }
    let mut news = None;
    for action in step.actions {
        match action {
            Action::Record(it) => news = Some(it),
            Action::ReleaseReplaced => {
                if let Some(replaced) = row.replaces {
                    tell(tx, replaced, Event::Unwanted, now)?;
                }
            }
            Action::OfferSlot => offer_slot(tx, row.lock_id, now)?,
            Action::CheckSoon => checks::look_again_soon(tx, id, now)?,
            Action::NoteSeen => checks::note_seen(tx, id, now)?,
        }
    }
    Ok(Some(Told { state: next.state, news }))
}

/// A slot of the lock has become free: tells the placements that found none.
fn offer_slot(tx: &Tx, lock_id: LockId, now: Millis) -> Result<()> {
    let sql = "SELECT id FROM placement WHERE lock_id = ? AND wanted AND slot IS NULL AND reason = 'slots_full'";
    tell_all(tx, sql::ids(tx, sql, [lock_id])?, &Event::SlotFreed, now)
}

/// What a placement that can't be read is told: that it is wanted, or isn't. It may be on the lock, for all that is known.
fn tell_damaged(tx: &Tx, id: PlacementId, event: &Event, now: Millis) -> Result<()> {
    let (wanted, dropped) = match event {
        Event::Wanted => (true, false),
        Event::Unwanted => (false, false),
        Event::Dropped => (false, true),
        _ => return Ok(()),
    };
    let code_id: Option<CodeId> = sql::optional_value(
        tx,
        "UPDATE placement SET wanted = ?1, dropped = max(dropped, ?2), since = ?3, generation = generation + 1, \
         attempts = 0, state = CASE WHEN ?1 THEN 'pending' ELSE 'removing' END, next_attempt_at = ?3, check_at = NULL, \
         reason = NULL, evidence = NULL, protocol_error = NULL, cause = ?4 WHERE id = ?5 AND wanted <> ?1 \
         RETURNING code_id",
        params![wanted, dropped, now, tx.cause(), id],
    )?;
    code_id.map_or(Ok(()), |code_id| refresh_status(tx, code_id))
}
