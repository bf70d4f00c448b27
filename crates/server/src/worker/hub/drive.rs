//! Deciding what to do next at a hub, and doing it.

use std::collections::{HashMap, HashSet};

use ids::{LockId, PlacementId};
use store::Millis;
use store::incidents::Incident;
use store::placements::{self, PlacementRecord};
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

use super::worker::HubWorker;
use crate::domain::damage;
use crate::worker::pace::{PAUSE_AFTER_ERROR, wait};

/// How many placements one transaction notes as waiting for a lock or hub that doesn't answer.
const MAX_NOTED: u32 = 200;

impl HubWorker {
    /// Does what is due, for ever.
    pub(in crate::worker) async fn drive(self) {
        let notify = self.store.hub_work(self.hub_id);
        let mut under_way: JoinSet<store::Result<()>> = JoinSet::new();
        let mut busy: HashMap<Id, (LockId, PlacementId)> = HashMap::new();
        // Placements that failed for a reason other than their lock.
        let mut failing: HashMap<PlacementId, Instant> = HashMap::new();
        loop {
            failing.retain(|_, until| *until > Instant::now());
            let free = self.driver.locks_at_once().max(1).saturating_sub(under_way.len());
            let busy_locks: Vec<LockId> = busy.values().map(|(lock_id, _)| *lock_id).collect();
            let next = match self.pick(busy_locks, failing.keys().copied().collect(), free).await {
                Ok(Pick::Due(due)) => {
                    for placement in due {
                        let (worker, this) = (self.clone(), (placement.lock_id, placement.id));
                        let task = under_way.spawn(async move { worker.process(placement).await });
                        busy.insert(task.id(), this);
                    }
                    None
                }
                Ok(Pick::Noted) => continue,
                Ok(Pick::Idle(next)) => next,
                Err(error) if error.is_single_record() && self.set_aside_damaged(error.to_string()).await => continue,
                Err(error) => {
                    tracing::error!(%error, hub = %self.hub_id, "what is due at a hub can't be found out");
                    tokio::time::sleep(PAUSE_AFTER_ERROR).await;
                    None
                }
            };
            tokio::select! {
                Some(ended) = under_way.join_next_with_id() => {
                    let (id, failed) = match ended {
                        Ok((id, Ok(()))) => (id, false),
                        Ok((id, Err(error))) => {
                            tracing::error!(%error, hub = %self.hub_id, "what came of a deed at a lock can't be stored yet");
                            (id, true)
                        }
                        Err(error) => {
                            metrics::counter!("latchkey_lock_deeds_panicked_total").increment(1);
                            tracing::error!(hub = %self.hub_id, "a deed at a lock panicked");
                            (error.id(), true)
                        }
                    };
                    if let (Some((_, placement_id)), true) = (busy.remove(&id), failed) {
                        failing.insert(placement_id, Instant::now() + PAUSE_AFTER_ERROR);
                    }
                }
                () = wait(&self.clock, &notify, next) => {}
                () = self.try_again.notified() => self.unreachable.clear_all(),
            }
        }
    }

    /// Called when only placements that can't be read are due: sets them aside and tells support. Returns whether that
    /// could be done.
    async fn set_aside_damaged(&self, why: String) -> bool {
        let (hub_id, now) = (self.hub_id, self.clock.now());
        let set_aside = self.store.write_unrecorded(move |tx| {
            for (code_id, property_id) in placements::set_aside_damaged(tx, hub_id, now)? {
                let error = store::Error::Unreadable(why.clone());
                damage::report(tx, &Incident::of_code(code_id, property_id, &error), now)?;
            }
            Ok::<_, store::Error>(())
        });
        set_aside.await.is_ok()
    }

    /// Does some of what is due, one thing after another, for the demonstration's year. Returns whether there was any.
    pub(in crate::worker) async fn process_due(&self) -> store::Result<bool> {
        match self.pick(Vec::new(), HashSet::new(), usize::MAX).await? {
            Pick::Idle(_) => return Ok(false),
            Pick::Noted => {}
            Pick::Due(due) => {
                for placement in due {
                    self.process(placement).await?;
                }
            }
        }
        Ok(true)
    }

    /// What to do next: for each lock that isn't busy, its first placement that isn't failing.
    async fn pick(&self, busy: Vec<LockId>, failing: HashSet<PlacementId>, limit: usize) -> store::Result<Pick> {
        let (hub_id, now) = (self.hub_id, self.clock.now());
        let unreachable = (self.unreachable.hub(now), self.unreachable.locks(now));
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let (unreached, due, next) = self
            .store
            .read(move |db| {
                let (hub, mut locks) = unreachable;
                let mut unreached = Vec::new();
                if let Some((error, until)) = hub {
                    let mut waiting = placements::due_of_hub(db, hub_id, now, MAX_NOTED)?;
                    waiting.retain(|placement| !busy.contains(&placement.lock_id));
                    unreached.extend(waiting.into_iter().map(|placement| (placement, error.clone(), until)));
                    return Ok::<_, store::Error>((unreached, Vec::new(), placements::next_due(db, hub_id, now)?));
                }
                locks.retain(|(lock_id, ..)| !busy.contains(lock_id));
                for (lock_id, error, until) in &locks {
                    let waiting = placements::due_of_lock(db, *lock_id, now, MAX_NOTED)?;
                    unreached.extend(waiting.into_iter().map(|placement| (placement, error.clone(), *until)));
                }
                let excluded: Vec<LockId> =
                    busy.into_iter().chain(locks.into_iter().map(|(lock_id, ..)| lock_id)).collect();
                let due = match limit {
                    0 => Vec::new(),
                    limit => placements::due_by_lock(db, hub_id, now, &excluded, &failing, limit)?,
                };
                Ok((unreached, due, placements::next_due(db, hub_id, now)?))
            })
            .await?;
        if !unreached.is_empty() {
            let worker = self.clone();
            self.store
                .write_unrecorded(move |tx| {
                    // What has come back by now is due now, and must not be postponed because of how things stood a
                    // moment ago.
                    let unreachable =
                        unreached.iter().filter(|(placement, _, until)| worker.unreachable.contains(placement, *until));
                    for (placement, error, until) in unreachable {
                        worker.not_reached(tx, placement, error, *until, now)?;
                    }
                    Ok::<_, store::Error>(())
                })
                .await?;
            return Ok(Pick::Noted);
        }
        if !due.is_empty() {
            return Ok(Pick::Due(due));
        }
        // What is due at a busy lock, or is failing, waits for that to pass.
        Ok(Pick::Idle(next.filter(|next| *next > now)))
    }

    async fn process(&self, placement: PlacementRecord) -> store::Result<()> {
        if placement.wanted { self.write(placement).await } else { self.remove(placement).await }
    }
}

/// What [`HubWorker::pick`] found.
enum Pick {
    /// To be done now, each at a different lock.
    Due(Vec<PlacementRecord>),
    /// Some were noted as waiting for what doesn't answer.
    Noted,
    /// Nothing is due before that time.
    Idle(Option<Millis>),
}
