//! Does what falls due: opens and closes the windows of guest codes, keeps codes in step with the days of tenancies,
//! gives new residents their codes, writes daily summaries, and revokes what somebody has lost the right to.
//!
//! Each of these is its own transaction, so that a damaged record stops nothing but itself: it is set aside and support
//! is told. While nothing can be written, codes that are over are taken off their locks all the same, and that is
//! recorded afterwards (R31).

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ids::{GuestCodeId, PropertyId, RosterImportId, TenancyId};
use store::incidents::Incident;
use store::placements::{self, PlacementRecord};
use store::{Db, Millis, Store, Tx, codes, guest_codes, real_days, roster_imports, sessions, summaries, tenancies};

use super::check;
use super::pace::{PAUSE_AFTER_ERROR, wait};
use super::turns::RemovalsByHub;
use crate::clock::Clock;
use crate::domain::{By, damage, guest_code, rights, roster, tenancy};
use crate::mail::post::Post;

const SECOND: Millis = 1000;
const MINUTE: Millis = 60 * SECOND;
const HOUR: Millis = 60 * MINUTE;

#[derive(Clone)]
pub(super) struct Timekeeper {
    store: Store,
    clock: Clock,
    /// What is being taken off the locks of each hub without a record.
    locks: RemovalsByHub,
    post: Post,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// What can neither be done nor set aside; it is tried again after the hourly check.
    skipped: HashSet<DueTask>,
    swept_at: Option<Millis>,
    /// How far ahead the clock was when that was last kept.
    ahead: Option<Millis>,
    checked_at: Option<Millis>,
}

/// What was done in one round.
pub(super) struct Round {
    pub(super) done: usize,
    next: Option<Millis>,
}

/// What is due.
struct Due {
    tasks: Vec<DueTask>,
    next: Option<Millis>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum DueTask {
    /// A window of a guest code opens, soon or now, or closes.
    Window(GuestCodeId),
    /// A tenancy is over.
    End(TenancyId),
    /// A resident has moved in and has no code.
    FirstCode(TenancyId),
    /// A tenancy's days have changed or arrived.
    Days(TenancyId),
    /// A long import of a roster is still to be done.
    Roster(RosterImportId),
    /// A property's daily summary.
    Summary(PropertyId),
}

impl Due {
    fn at(db: &Db, now: Millis, post: Post) -> store::Result<Self> {
        let mut tasks: Vec<DueTask> = guest_codes::due(db, now)?.into_iter().map(DueTask::Window).collect();
        tasks.extend(tenancies::overdue(db, now)?.into_iter().map(DueTask::End));
        tasks.extend(tenancies::out_of_step(db, now)?.into_iter().map(DueTask::Days));
        tasks.extend(tenancies::without_code(db, now)?.into_iter().map(DueTask::FirstCode));
        tasks.extend(roster_imports::next_rest(db, None)?.map(|rest| DueTask::Roster(rest.import_id)));
        if post.sends() {
            tasks.extend(summaries::due(db, now)?.into_iter().map(DueTask::Summary));
        }
        let summary = if post.sends() { summaries::next_due(db)? } else { None };
        let next = guest_codes::next_change(db, now)?.into_iter().chain(tenancies::next_change(db)?).chain(summary);
        // What was due but couldn't be done (because no code is free) waits for another change, not for a time in the
        // past.
        Ok(Self { tasks, next: next.filter(|at| *at > now).min() })
    }
}

impl Timekeeper {
    pub(super) fn new(store: &Store, clock: &Clock, locks: RemovalsByHub, post: Post) -> Self {
        Self { store: store.clone(), clock: clock.clone(), locks, post, state: Arc::default() }
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
        let post = self.post;
        let due = self.store.read(move |db| Due::at(db, now, post)).await?;
        let mut done = 0;
        for task in due.tasks {
            if self.state().skipped.contains(&task) {
                continue;
            }
            match self.store.write_unrecorded(move |tx| task.run(tx, post, now)).await {
                Ok(true) => done += 1,
                Ok(false) => {}
                Err(error) if error.is_single_record() => self.set_aside(task, error, now).await,
                Err(error) if error.is_storage_failure() => return Err(error),
                // It can't be done, for whatever reason, and what is due after it must not wait for it.
                Err(error) => {
                    tracing::error!(%error, ?task, "something that is due can't be done");
                    self.state().skipped.insert(task);
                }
            }
        }
        self.locks.forget();
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
            self.keep_clock_ahead().await?;
            self.state().swept_at = Some(now);
        }
        if check {
            self.state().checked_at = Some(now);
            let before = now - store::idempotency::RETENTION;
            self.store.write_unrecorded(move |tx| store::idempotency::forget_before(tx, before).map(|_| ())).await?;
            check::scan(&self.store, now).await?;
            // What couldn't be done may have been mended.
            self.state().skipped.clear();
        }
        Ok(done)
    }

    /// Keeps how far the clock has been set forward, if that has changed: real time goes on from there after a restart.
    async fn keep_clock_ahead(&self) -> store::Result<()> {
        let ahead = self.clock.ahead();
        let kept = self.state().ahead;
        let kept = match kept {
            Some(kept) => kept,
            None => self.store.read(real_days::clock_ahead).await?,
        };
        // Clocks are corrected by some milliseconds all the time.
        if (ahead - kept).abs() > SECOND {
            self.store.write_unrecorded(move |tx| real_days::keep_clock_ahead(tx, ahead)).await?;
            self.state().ahead = Some(ahead);
        } else {
            self.state().ahead = Some(kept);
        }
        Ok(())
    }

    /// Sets a damaged record aside: nothing is due for it any more, its code is taken off the locks, since there is no
    /// telling when it may open a door, and support is told.
    async fn set_aside(&self, task: DueTask, error: store::Error, now: Millis) {
        let why = error.to_string();
        let set = self.store.write_unrecorded(move |tx| match task {
            DueTask::Window(id) => {
                guest_codes::set_aside(tx, id)?;
                placements::set_wanted(tx, id.code(), false, now)?;
                let property_id = codes::holder(tx, id.code())?.map(|holder| holder.property_id);
                damage::report(tx, &Incident::of_guest_code(id, property_id, &error), now)
            }
            DueTask::End(id) | DueTask::FirstCode(id) | DueTask::Days(id) => {
                damage::report(tx, &Incident::of_resident(id, &error), now)
            }
            // It stays accepted, and is tried again after the hourly check.
            DueTask::Roster(_) | DueTask::Summary(_) => Ok(()),
        });
        let set = set.await;
        if set.is_err() || !matches!(task, DueTask::Window(_)) {
            self.state().skipped.insert(task);
        }
        tracing::error!(why, ?task, "a damaged record was set aside");
    }

    /// Called while nothing can be written: takes what is over off its locks all the same (R24). It is recorded as soon
    /// as it can be, when it is taken off once more.
    async fn take_off_expired(&self) -> store::Result<()> {
        let now = self.clock.now();
        let over = self.store.read(move |db| expired_at(db, now)).await?;
        for placement in over {
            self.locks.take_off(&placement);
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DueTask {
    /// Does the task; returns whether there was something to do.
    fn run(self, tx: &Tx, post: Post, now: Millis) -> store::Result<bool> {
        match self {
            Self::Window(id) => guest_code::advance(tx, id, now),
            Self::End(id) => tenancy::end_if_due(tx, &By::system(), id, now),
            Self::FirstCode(id) => tenancy::give_first_code(tx, id, now),
            Self::Days(id) => tenancy::sync_codes(tx, &By::system(), id, now),
            Self::Roster(id) => roster::carry_on(tx, Some(id), now),
            Self::Summary(id) => super::summaries::write_if_due(tx, id, post, now),
        }
    }
}

/// What is still on a lock and shouldn't be.
fn expired_at(db: &Db, now: Millis) -> store::Result<Vec<PlacementRecord>> {
    let mut codes_over = Vec::new();
    for task in Due::at(db, now, Post::none())?.tasks {
        match task {
            // A damaged one counts as over too.
            DueTask::Window(id) if !guest_code::is_wanted(db, id, now).unwrap_or(false) => {
                codes_over.push(id.code());
            }
            DueTask::End(id) => codes_over.extend(codes::live_of_tenancy(db, id)?),
            DueTask::Days(id) if tenancies::is_upcoming(db, id, now)? => {
                codes_over.extend(codes::live_of_tenancy(db, id)?);
            }
            _ => {}
        }
    }
    codes_over.extend(rights::without_right(db, None, now)?.into_iter().map(GuestCodeId::code));
    let placements = placements::of_codes(db, &codes_over)?;
    Ok(placements.into_iter().filter(|placement| placement.wanted && placement.slot.is_some()).collect())
}
