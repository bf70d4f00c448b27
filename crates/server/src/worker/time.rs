//! Does what falls due: opens and closes the windows of guest codes, keeps codes in step with the days of tenancies,
//! gives new residents their codes, and revokes what somebody has lost the right to.
//!
//! Each of these is its own transaction, so that a damaged record stops nothing but itself: it is set aside and support
//! is told. While nothing can be written, codes that are over are taken off their locks all the same, and that is
//! recorded afterwards (R31).

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use store::incidents::Incident;
use store::placements::{self, PlacementRecord};
use store::{Db, Millis, Store, Tx, codes, guest_codes, sessions, tenancies};
use uuid::Uuid;

use super::check;
use super::pace::{PAUSE_AFTER_ERROR, wait};
use super::turns::UnrecordedRemovals;
use crate::clock::Clock;
use crate::domain::{By, damage, guest_code, rights, tenancy};

const MINUTE: Millis = 60 * 1000;
const HOUR: Millis = 60 * MINUTE;

#[derive(Clone)]
pub(super) struct Timekeeper {
    store: Store,
    clock: Clock,
    /// What is being taken off the locks of each hub without a record.
    locks: Arc<Vec<(Uuid, UnrecordedRemovals)>>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// What can neither be done nor set aside; it is tried again after a restart.
    skipped: HashSet<Uuid>,
    swept_at: Option<Millis>,
    checked_at: Option<Millis>,
}

/// What was done in one round.
pub(super) struct Round {
    pub(super) done: usize,
    next: Option<Millis>,
}

/// What is due.
struct Due {
    deeds: Vec<(Uuid, DueTask)>,
    next: Option<Millis>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DueTask {
    /// A window of a guest code opens or closes.
    Window,
    /// A tenancy is over.
    End,
    /// A resident has moved in and has no code.
    FirstCode,
    /// A tenancy's days have changed or arrived.
    Days,
}

impl Due {
    fn at(db: &Db, now: Millis) -> store::Result<Self> {
        let mut deeds = Vec::new();
        let mut add = |ids: Vec<Uuid>, what| deeds.extend(ids.into_iter().map(|id| (id, what)));
        add(guest_codes::due(db, now)?, DueTask::Window);
        add(tenancies::overdue(db, now)?, DueTask::End);
        add(tenancies::out_of_step(db, now)?, DueTask::Days);
        add(tenancies::without_code(db, now)?, DueTask::FirstCode);
        let next = guest_codes::next_change(db)?.into_iter().chain(tenancies::next_change(db)?);
        // What was due but couldn't be done (because no code is free) waits for another change, not for a time in the
        // past.
        Ok(Self { deeds, next: next.filter(|at| *at > now).min() })
    }
}

impl Timekeeper {
    pub(super) fn new(store: &Store, clock: &Clock, locks: Vec<(Uuid, UnrecordedRemovals)>) -> Self {
        Self { store: store.clone(), clock: clock.clone(), locks: Arc::new(locks), state: Arc::default() }
    }

    /// Does what falls due, for ever.
    pub(super) async fn keep_time(self) {
        let notify = self.store.time_work();
        loop {
            match self.run_due().await {
                Ok(Round { done: 0, next }) => wait(&self.clock, &notify, next).await,
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(%error, "keeping time failed");
                    if let Err(error) = self.take_off_expired().await {
                        tracing::error!(%error, "what is over can't be found out");
                    }
                    tokio::time::sleep(PAUSE_AFTER_ERROR).await;
                }
            }
        }
    }

    /// Does what is due now.
    ///
    /// # Errors
    /// The database failed. A damaged record is no error.
    pub(super) async fn run_due(&self) -> store::Result<Round> {
        let now = self.clock.now();
        let due = self.store.read(move |db| Due::at(db, now)).await?;
        let mut done = 0;
        for (id, what) in due.deeds {
            if self.state().skipped.contains(&id) {
                continue;
            }
            match self.store.write_unrecorded(move |tx| what.of(tx, id, now)).await {
                Ok(true) => done += 1,
                Ok(false) => {}
                Err(error) if error.is_single_record() => self.set_aside(id, what, error, now).await,
                Err(error) if error.is_storage_failure() => return Err(error),
                // It can't be done, for whatever reason, and what is due after it must not wait for it.
                Err(error) => {
                    tracing::error!(%error, %id, ?what, "something that is due can't be done");
                    self.state().skipped.insert(id);
                }
            }
        }
        self.locks.iter().for_each(|(_, unrecorded)| unrecorded.forget());
        done += self.sweep(now).await?;
        Ok(Round { done, next: due.next })
    }

    /// The recurring chores of every minute and every hour.
    async fn sweep(&self, now: Millis) -> store::Result<usize> {
        let is_due = |last: Option<Millis>, every| last.is_none_or(|last| now >= last + every || now < last);
        let (sweep, check) = {
            let state = self.state();
            (is_due(state.swept_at, MINUTE), is_due(state.checked_at, HOUR))
        };
        let mut done = 0;
        if sweep {
            // Looked for first, so that nothing is written when there is nothing to do.
            let (codes, residents, over) = self
                .store
                .read(move |db| {
                    Ok::<_, store::Error>((
                        rights::without_right(db, None, now)?,
                        tenancies::of_disabled_people(db)?,
                        sessions::any_expired(db, now)?,
                    ))
                })
                .await?;
            if !codes.is_empty() || !residents.is_empty() || over {
                let swept = self.store.write_unrecorded(move |tx| {
                    sessions::forget_expired(tx, now)?;
                    for id in residents {
                        tenancy::sync_codes(tx, &By::system(), id, now)?;
                    }
                    rights::sweep(tx, &By::system(), None, now)
                });
                done += swept.await?;
            }
            self.state().swept_at = Some(now);
        }
        if check {
            self.state().checked_at = Some(now);
            let before = now - store::idempotency::RETENTION;
            self.store.write_unrecorded(move |tx| store::idempotency::forget_before(tx, before).map(|_| ())).await?;
            check::scan(&self.store, now).await?;
        }
        Ok(done)
    }

    /// Sets a damaged record aside: nothing is due for it any more, its code is taken off the locks, since there is no
    /// telling when it may open a door, and support is told.
    async fn set_aside(&self, id: Uuid, what: DueTask, error: store::Error, now: Millis) {
        let why = error.to_string();
        let set = self.store.write_unrecorded(move |tx| {
            if what == DueTask::Window {
                guest_codes::set_aside(tx, id)?;
                placements::set_wanted(tx, id, false, now)?;
                let property_id = codes::holder(tx, id)?.map(|holder| holder.property_id);
                damage::report(tx, &Incident::of_guest_code(id, property_id, &error), now)
            } else {
                damage::report(tx, &Incident::of_resident(id, &error), now)
            }
        });
        let set = set.await;
        if set.is_err() || what != DueTask::Window {
            self.state().skipped.insert(id);
        }
        tracing::error!(%id, why, ?what, "a damaged record was set aside");
    }

    /// Called while nothing can be written: takes what is over off its locks all the same (R24). It is recorded as soon
    /// as it can be, when it is taken off once more.
    async fn take_off_expired(&self) -> store::Result<()> {
        let now = self.clock.now();
        let over = self.store.read(move |db| expired_at(db, now)).await?;
        for placement in over {
            if let Some((_, unrecorded)) = self.locks.iter().find(|(hub_id, _)| *hub_id == placement.hub_id) {
                unrecorded.take_off(&placement);
            }
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DueTask {
    /// Does the task; returns whether there was something to do.
    fn of(self, tx: &Tx, id: Uuid, now: Millis) -> store::Result<bool> {
        match self {
            Self::Window => guest_code::advance(tx, id, now),
            Self::End => tenancy::end_if_due(tx, &By::system(), id, now),
            Self::FirstCode => tenancy::give_first_code(tx, id, now),
            Self::Days => tenancy::sync_codes(tx, &By::system(), id, now),
        }
    }
}

/// What is still on a lock and shouldn't be.
fn expired_at(db: &Db, now: Millis) -> store::Result<Vec<PlacementRecord>> {
    let mut codes_over = Vec::new();
    for (id, what) in Due::at(db, now)?.deeds {
        match what {
            // A damaged one counts as over too.
            DueTask::Window if guest_code::is_closed(db, id, now).unwrap_or(true) => codes_over.push(id),
            DueTask::End => codes_over.extend(codes::live_of_tenancy(db, id)?),
            DueTask::Days if tenancies::is_upcoming(db, id, now)? => codes_over.extend(codes::live_of_tenancy(db, id)?),
            _ => {}
        }
    }
    codes_over.extend(rights::without_right(db, None, now)?);
    let placements = placements::of_codes(db, &codes_over)?;
    Ok(placements.into_iter().filter(|placement| placement.wanted && placement.slot.is_some()).collect())
}
