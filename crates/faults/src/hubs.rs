//! Hubs that lose and repeat messages, don't answer, are slow, or go away for a while.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::check::until;
use crate::deeds::{Deed, NewGuest, now};
use crate::load::{Load, RELAXED, SOON};
use crate::locks::{Behaviour, LostAnswer};
use crate::report::{Report, seconds};
use crate::stage::{Setting, Stage, Suite};
use crate::world::Size;

const SIZE: Size = Size { hubs: 3, units: 12, slots: 8, residents: 4, movers: 2, spare: 0 };

/// The percentage of deeds that go wrong at an unreliable hub.
const MISHAPS_PERCENT: u8 = 30;
/// How soon a code is on its lock at the other hubs, whatever happens to one.
const UNDISTURBED: Duration = Duration::from_secs(3);
/// How soon a returning hub has what was waiting for it.
const CAUGHT_UP: Duration = Duration::from_secs(5);
/// What failed a few times in a row is retried after a while.
const QUIET_WITHIN: Duration = Duration::from_secs(120);

#[derive(Clone, Copy)]
enum HubFault {
    Unreliable,
    Offline,
    Dead,
    Slow,
    LocksOffline,
    Silent,
    WrittenOver,
}

impl HubFault {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Unreliable, "hubs that lose and repeat deeds and answers"),
        (Self::Offline, "a hub that is offline for a while"),
        (Self::Dead, "a hub that doesn't answer for a while"),
        (Self::Slow, "a slow hub"),
        (Self::LocksOffline, "locks that are out of reach for a while"),
        (Self::Silent, "a hub that goes and comes back without a word"),
        (Self::WrittenOver, "a code is written over another, nobody hears of it, and a slot becomes free"),
    ];
}

pub(crate) async fn run(suite: &Suite, report: &mut Report) {
    let mut rng = fastrand::Rng::with_seed(suite.seed ^ 2);
    let stage = match Stage::set(suite, Setting::of(SIZE), &mut rng).await {
        Ok(stage) => stage,
        Err(error) => return report.failed("hubs", &format!("{error:#}")),
    };
    let times = if suite.short { 1 } else { 3 };
    let lasts = Duration::from_secs(if suite.short { 2 } else { 6 });
    for (what, name) in HubFault::ALL {
        for _ in 0..times {
            let found = one(&stage, what, lasts, &mut rng).await;
            if !report.tell(name, found) {
                println!("         other faults of hubs aren't made; {}", stage.keep());
                return;
            }
        }
    }
    report.tell("after all faults of hubs", stage.end().await);
}

async fn one(stage: &Stage, what: HubFault, lasts: Duration, rng: &mut fastrand::Rng) -> Result<String> {
    let hub = rng.usize(0..stage.world.hubs.len());
    let id = stage.world.hubs[hub];
    let other = (hub + 1) % stage.world.hubs.len();
    if matches!(what, HubFault::WrittenOver) {
        return written_over(stage, hub).await;
    }
    let load = Load::start(stage, RELAXED, rng);
    let said = match what {
        HubFault::Unreliable => {
            for hub in &stage.world.hubs {
                stage.locks.behave(*hub, Behaviour { mishaps_percent: MISHAPS_PERCENT, ..Behaviour::GOOD });
            }
            tokio::time::sleep(2 * lasts).await;
            load.stop().await?;
            let mishaps = stage.locks.mishaps();
            stage.locks.behave_well();
            mishaps
        }
        HubFault::Offline => {
            stage.locks.set_hub_online(id, false);
            tokio::time::sleep(lasts).await;
            let waits = stage.issued(NewGuest::at(stage.world.gate(hub))).await?;
            let took = undisturbed(stage, other).await?;
            load.stop().await?;
            stage.locks.set_hub_online(id, true);
            let after = stage.on_its_locks(waits, CAUGHT_UP).await.context("after the hub came back")?;
            stage.done(&Deed::revoke(&stage.manager, waits)).await?;
            format!("{took}; what waited was on its lock {} after the hub came back", seconds(after))
        }
        HubFault::Dead => {
            stage.locks.behave(id, Behaviour { dead: true, ..Behaviour::GOOD });
            tokio::time::sleep(lasts).await;
            let took = undisturbed(stage, other).await?;
            load.stop().await?;
            stage.locks.behave_well();
            took
        }
        HubFault::Slow => {
            stage.locks.behave(id, Behaviour { latency: Duration::from_millis(450), ..Behaviour::GOOD });
            tokio::time::sleep(lasts).await;
            let took = undisturbed(stage, other).await?;
            load.stop().await?;
            stage.locks.behave_well();
            took
        }
        HubFault::LocksOffline => {
            let locks: Vec<_> = stage.world.doors.iter().step_by(2).map(|door| door.lock).collect();
            locks.iter().for_each(|lock| stage.locks.set_lock_online(*lock, false));
            tokio::time::sleep(lasts).await;
            load.stop().await?;
            locks.iter().for_each(|lock| stage.locks.set_lock_online(*lock, true));
            format!("{} of {} locks", locks.len(), stage.world.doors.len())
        }
        HubFault::Silent => {
            stage.locks.set_mute(id, true);
            stage.locks.set_hub_online(id, false);
            tokio::time::sleep(lasts).await;
            load.stop().await?;
            stage.locks.set_hub_online(id, true);
            let found = stage.scene().settle(QUIET_WITHIN).await;
            stage.locks.set_mute(id, false);
            found.context("nobody told that the hub was back")?;
            "found out by itself that the hub was back".to_owned()
        }
        HubFault::WrittenOver => String::new(),
    };
    let found = stage.check(QUIET_WITHIN).await?;
    Ok(format!("{said}; {found}"))
}

/// On a full lock, a resident's code is written over the one it replaces (R27), and the answer is lost. Then a slot
/// becomes free, so that the next attempt goes there and is refused: the lock already holds the code. The server asks
/// which slot it is in, and that answer is lost too.
async fn written_over(stage: &Stage, hub: usize) -> Result<String> {
    let (world, manager, id) = (&stage.world, &stage.manager, stage.world.hubs[hub]);
    // The unit with that number has a tight lock at that hub.
    let (resident, lock) = (&world.residents[hub], world.doors[hub].lock);
    let at_the_door = || {
        let records = stage.ledger.records();
        let here = records.guests.iter().filter(|guest| guest.new.doors.contains(&hub) && guest.is_open(now()));
        here.map(|guest| (guest.id, guest.new.ends_at.is_some_and(|end| end < now() + SOON))).collect::<Vec<_>>()
    };
    until("what ends soon has ended", CAUGHT_UP, async || Ok(!at_the_door().iter().any(|(_, soon)| *soon))).await?;
    for (guest, _) in at_the_door() {
        stage.done(&Deed::revoke(manager, guest)).await?;
    }
    stage.scene().settle(QUIET_WITHIN).await?;
    let mut guest = None;
    // One slot is kept for the resident until the server believes that there are no more.
    while stage.locks.held(lock).len() + 1 < usize::from(stage.locks.slots(lock)) {
        let issued = stage.issued(NewGuest::at(hub)).await?;
        stage.on_its_locks(issued, CAUGHT_UP).await?;
        guest = Some(issued);
    }
    stage.leave_slots(lock, stage.locks.held(lock).len())?;
    let app = stage.client.sign_in_to_app(&resident.email).await?;
    stage.locks.lose(id, &[LostAnswer::Written]);
    stage.done(&Deed::pick(&app, resident.tenancy, None)).await?;
    until("an answer is lost", CAUGHT_UP, async || Ok(stage.locks.has_lost(id))).await?;
    stage.locks.behave(id, Behaviour { dead: true, ..Behaviour::GOOD });
    stage.locks.lose(id, &[LostAnswer::AfterDuplicate]);
    stage.done(&Deed::revoke(manager, guest.context("the lock was full before")?)).await?;
    stage.locks.behave_well();
    let found = stage.check(QUIET_WITHIN).await?;
    ensure!(stage.locks.has_lost(id), "the code was never refused");
    Ok(found)
}

/// Checks that everything works as usual at another hub.
async fn undisturbed(stage: &Stage, hub: usize) -> Result<String> {
    let mut longest = Duration::ZERO;
    for _ in 0..3 {
        let id = stage.issued(NewGuest::at(stage.world.gate(hub))).await?;
        longest = longest.max(stage.on_its_locks(id, UNDISTURBED).await.context("at a hub that is well")?);
        stage.done(&Deed::revoke(&stage.manager, id)).await?;
        stage.off_its_locks(id, UNDISTURBED).await.context("at a hub that is well")?;
    }
    ensure!(longest <= UNDISTURBED, "at a hub that is well a code took {}", seconds(longest));
    Ok(format!("at another hub a code was on its lock within {}", seconds(longest)))
}
