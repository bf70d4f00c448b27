//! Doing everything that is due at once, without tasks.

use hub::HubEvent;
use store::{Millis, Store, placements};
use tokio::sync::broadcast;

use super::hub::HubWorker;
use super::time::Timekeeper;
use super::turns::{RemovalsByHub, Turns, UnrecordedRemovals};
use crate::clock::Clock;
use crate::hubs::Hubs;
use crate::mail::post::Post;

/// Does what is due at the clock's time and no more, for the demonstration's year, which runs without tasks.
pub struct Settler {
    store: Store,
    clock: Clock,
    timekeeper: Timekeeper,
    hubs: Vec<(HubWorker, broadcast::Receiver<HubEvent>)>,
}

impl Settler {
    /// Starts listening to the hubs' events.
    pub fn new(store: &Store, hubs: &Hubs, clock: &Clock) -> Self {
        let locks = RemovalsByHub::default();
        let mut workers = Vec::new();
        for (hub_id, driver) in hubs.drivers() {
            let turns = Turns::for_driver(&driver);
            locks.insert(hub_id, UnrecordedRemovals::new(store, &turns));
            let events = driver.events();
            workers.push((HubWorker::new(store, clock, hub_id, driver, &turns), events));
        }
        Self {
            store: store.clone(),
            clock: clock.clone(),
            timekeeper: Timekeeper::new(store, clock, locks, Post::none()),
            hubs: workers,
        }
    }

    /// Works until nothing is due.
    ///
    /// # Errors
    /// [`store::Error`].
    pub async fn settle(&mut self) -> store::Result<()> {
        loop {
            let mut busy = self.timekeeper.run_due().await?.done > 0;
            for (worker, events) in &mut self.hubs {
                while let Ok(event) = events.try_recv() {
                    worker.handle_event(event).await?;
                    busy = true;
                }
                while worker.process_due().await? {
                    busy = true;
                }
            }
            if !busy {
                return Ok(());
            }
        }
    }

    /// When something is next due.
    ///
    /// # Errors
    /// [`store::Error`].
    pub async fn next_due(&self) -> store::Result<Option<Millis>> {
        let (now, hubs) = (self.clock.now(), self.hubs.iter().map(|(worker, _)| worker.hub_id).collect::<Vec<_>>());
        self.store
            .read(move |db| {
                let guests = store::guest_codes::next_change(db, now)?;
                let tenancies = store::tenancies::next_change(db)?;
                let mut next: Vec<Millis> = guests.into_iter().chain(tenancies).collect();
                for hub_id in hubs {
                    next.extend(placements::next_due(db, hub_id, now)?);
                }
                Ok(next.into_iter().filter(|at| *at > now).min())
            })
            .await
    }
}
