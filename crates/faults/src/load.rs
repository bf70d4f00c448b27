//! People using the server concurrently, each as they would from a browser or the app.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use ids::{GuestCodeId, TenancyId};
use store::Millis;
use tokio::task::JoinSet;

use crate::client::{Client, Credential};
use crate::deeds::{Deed, LEAD, Ledger, NewGuest, custom_code, guest_name, now};
use crate::stage::{Stage, tenancy_of};
use crate::world::World;

/// Managers at work.
const MANAGERS: usize = 3;
/// How many live guest codes a manager has before revoking one instead of issuing another.
const MAX_LIVE: usize = 7;
/// The same for a resident.
const MAX_OWN: usize = 2;
/// A guest code that ends sooner than this, in milliseconds, isn't revoked.
pub(crate) const SOON: i64 = 60_000;
/// The longest that busy people rest between two deeds.
pub(crate) const BUSY: Duration = Duration::from_millis(30);
/// And that others do.
pub(crate) const RELAXED: Duration = Duration::from_millis(150);

/// People at work. When told to stop, they finish what they are doing first.
pub(crate) struct Load {
    people: JoinSet<Result<()>>,
    stop: Arc<AtomicBool>,
}

struct Person {
    client: Client,
    world: Arc<World>,
    ledger: Arc<Ledger>,
    manager: Credential,
    stop: Arc<AtomicBool>,
    rests: Duration,
    rng: fastrand::Rng,
    /// Their guest codes that they may revoke.
    live: Vec<GuestCodeId>,
}

impl Load {
    /// Starts them; between two deeds they rest for up to `rests`.
    pub(crate) fn start(stage: &Stage, rests: Duration, rng: &mut fastrand::Rng) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut people = JoinSet::new();
        let mut person = || Person {
            client: stage.client.clone(),
            world: stage.world.clone(),
            ledger: stage.ledger.clone(),
            manager: stage.manager.clone(),
            stop: stop.clone(),
            rests,
            rng: rng.fork(),
            live: Vec::new(),
        };
        // What is already live is shared out before anybody begins, so that no code is revoked by two people.
        let managed = live_of(&stage.ledger, None);
        for number in 0..MANAGERS {
            let live = managed.iter().skip(number).step_by(MANAGERS).copied().collect();
            people.spawn(Person { live, ..person() }.manage());
        }
        for (number, resident) in stage.world.residents.iter().enumerate() {
            let live = live_of(&stage.ledger, Some(resident.tenancy));
            people.spawn(Person { live, ..person() }.reside(number));
        }
        for number in 0..stage.world.movers.len() {
            people.spawn(person().move_in_and_out(number));
        }
        Self { people, stop }
    }

    /// Lets everybody finish what they are doing.
    pub(crate) async fn stop(mut self) -> Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.people.join_next().await {
            ended.context("somebody panicked")??;
        }
        Ok(())
    }
}

impl Person {
    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    async fn rest(&mut self) {
        let most = u64::try_from(self.rests.as_millis()).unwrap_or(u64::MAX);
        tokio::time::sleep(Duration::from_millis(self.rng.u64(0..=most))).await;
    }

    async fn done(&self, deed: &Deed) -> Result<Option<GuestCodeId>> {
        let answer = self.client.until_answered(&deed.who, &deed.request).await?;
        self.ledger.settle(deed, &answer)
    }

    /// Issues guest codes for any doors and revokes them.
    async fn manage(mut self) -> Result<()> {
        while self.goes_on() {
            if self.live.len() >= MAX_LIVE || (!self.live.is_empty() && self.rng.u8(0..3) == 0) {
                self.revoke(&self.manager.clone()).await?;
            } else {
                let all = self.world.doors.len();
                let mut doors = vec![self.rng.usize(0..all)];
                let other = self.rng.usize(0..all);
                if self.rng.bool() && other != doors[0] {
                    doors.push(other);
                }
                self.issue(&self.manager.clone(), doors, None).await?;
            }
            self.rest().await;
        }
        Ok(())
    }

    /// Changes their code, to random ones and ones of their own choice, and has guests.
    async fn reside(mut self, number: usize) -> Result<()> {
        let world = self.world.clone();
        let resident = &world.residents[number];
        let app = self.client.sign_in_to_app(&resident.email).await?;
        while self.goes_on() {
            match self.rng.u8(0..4) {
                0 => self.pick(&app, resident.tenancy).await?,
                1 if self.live.len() < MAX_OWN => {
                    let doors = self.own_doors(resident.unit);
                    self.issue(&app, doors, Some(resident.tenancy)).await?;
                }
                2 if !self.live.is_empty() => self.revoke(&app).await?,
                _ => self.pick(&app, resident.tenancy).await?,
            }
            self.rest().await;
        }
        Ok(())
    }

    /// Moves in with a roster, has guests, takes another code, and is moved out.
    async fn move_in_and_out(mut self, number: usize) -> Result<()> {
        let world = self.world.clone();
        let mover = &world.movers[number];
        while self.goes_on() {
            // They may still live here from the last time.
            let lives_here = self.ledger.records().lives_here(&mover.email);
            if !lives_here {
                let rows = [(mover.name.clone(), mover.email.clone(), mover.unit)];
                self.done(&Deed::import(&world, &self.manager, &rows, &self.ledger)).await?;
            }
            let tenancy = tenancy_of(&self.client, &self.manager, &world, &mover.email).await?;
            let app = self.client.sign_in_to_app(&mover.email).await?;
            for _ in 0..self.rng.u8(0..3) {
                let doors = self.own_doors(mover.unit);
                self.issue(&app, doors, Some(tenancy)).await?;
            }
            if self.rng.bool() {
                self.pick(&app, tenancy).await?;
            }
            self.rest().await;
            if self.goes_on() || self.rng.bool() {
                self.done(&Deed::move_out(&world, &self.manager, tenancy, &mover.email)).await?;
            }
        }
        Ok(())
    }

    fn own_doors(&mut self, unit: usize) -> Vec<usize> {
        if self.rng.bool() { vec![unit] } else { vec![unit, self.world.gate(self.rng.usize(0..self.world.hubs.len()))] }
    }

    async fn issue(&mut self, who: &Credential, doors: Vec<usize>, tenancy: Option<TenancyId>) -> Result<()> {
        const HOUR: Millis = 60 * 60 * 1000;
        let (starts_at, ends_at) = match self.rng.u8(0..6) {
            // It ends while this goes on, and isn't revoked.
            0 => (None, Some(now() + self.rng.i64(500..4_000))),
            1 => (None, Some(now() + 30 * HOUR)),
            // It begins so soon that it is sent at once.
            2 => (Some(now() + LEAD / 2), Some(now() + 30 * HOUR)),
            // It is sent while this goes on, and begins later.
            3 => {
                let starts_at = now() + LEAD + self.rng.i64(500..4_000);
                (Some(starts_at), Some(starts_at + HOUR))
            }
            _ => (None, None),
        };
        let short = ends_at.is_some_and(|end| end < now() + SOON);
        let new = NewGuest { name: guest_name(), doors, tenancy, starts_at, ends_at, delivery: false };
        let issued = self.done(&Deed::issue(&self.world, who, new)).await?;
        self.live.extend(issued.filter(|_| !short));
        Ok(())
    }

    async fn revoke(&mut self, who: &Credential) -> Result<()> {
        let id = self.live.swap_remove(self.rng.usize(0..self.live.len()));
        self.done(&Deed::revoke(who, id)).await.map(|_| ())
    }

    async fn pick(&mut self, who: &Credential, tenancy: TenancyId) -> Result<()> {
        let custom = if self.rng.bool() { Some(custom_code(&mut self.rng)?) } else { None };
        self.done(&Deed::pick(who, tenancy, custom.as_ref())).await.map(|_| ())
    }
}

/// Guest codes that may be revoked: a resident's, or the managers'.
fn live_of(ledger: &Ledger, tenancy: Option<TenancyId>) -> Vec<GuestCodeId> {
    let later = now() + SOON;
    let records = ledger.records();
    let live = records.guests.iter().filter(|guest| guest.new.tenancy == tenancy && guest.is_open(later));
    live.map(|guest| guest.id).collect()
}
