//! `kill -9` at random moments while people are at work, and once an orderly stop.
//!
//! This shows what a crash of the program does, not a power cut: what was written is still in the kernel's memory. That
//! every answer comes after a sync is shown by [`crate::storage`].

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::load::{BUSY, Load};
use crate::locks::Behaviour;
use crate::report::{Report, seconds};
use crate::stage::{Setting, Stage, Suite};
use crate::world::Size;

const SIZE: Size = Size { hubs: 3, units: 12, slots: 8, residents: 4, movers: 3, spare: 0 };

/// How soon a killed server is ready again.
const READY_WITHIN: Duration = Duration::from_secs(2);
/// How long people have been at work when the server is killed, in milliseconds.
const KILLED_AFTER: std::ops::Range<u64> = 60..1_500;
/// How long they go on afterwards.
const AFTERWARDS: Duration = Duration::from_millis(300);
/// What hubs lost is retried after a while.
const QUIET_WITHIN: Duration = Duration::from_secs(60);

pub(crate) async fn run(suite: &Suite, report: &mut Report) {
    let mut rng = fastrand::Rng::with_seed(suite.seed);
    let mut stage = match Stage::set(suite, Setting::of(SIZE), &mut rng).await {
        Ok(stage) => stage,
        Err(error) => return report.failed("kills", &format!("{error:#}")),
    };
    for number in 1..=suite.kills {
        let fault = format!("kill -9, {number} of {}", suite.kills);
        // Sometimes the hubs are unreliable as well.
        let mishaps_percent = if !suite.short && number % 3 == 0 { 12 } else { 0 };
        for hub in &stage.world.hubs {
            stage.locks.behave(*hub, Behaviour { mishaps_percent, ..Behaviour::GOOD });
        }
        let found = one(&mut stage, &mut rng).await;
        if !report.tell(&fault, found) {
            println!("         the other kills aren't made; {}", stage.keep());
            return;
        }
    }
    let found = stop(&mut stage, &mut rng).await;
    if !report.tell("SIGTERM under load", found) {
        println!("         {}", stage.keep());
        return;
    }
    report.tell("after all kills", stage.end().await);
}

async fn one(stage: &mut Stage, rng: &mut fastrand::Rng) -> Result<String> {
    let before = stage.ledger.records().answered;
    stage.client.unanswered();
    let load = Load::start(stage, BUSY, rng);
    let after = Duration::from_millis(rng.u64(KILLED_AFTER));
    tokio::time::sleep(after).await;
    stage.kill()?;
    // Sometimes once more while it starts.
    let again = rng.u8(0..4) == 0;
    if again {
        let after = Duration::from_millis(rng.u64(5..250));
        stage.start()?;
        tokio::time::sleep(after).await;
        stage.kill()?;
    }
    let ready = stage.restart().await?;
    ensure!(ready <= READY_WITHIN, "ready again only after {}", seconds(ready));
    tokio::time::sleep(AFTERWARDS).await;
    load.stop().await?;
    let mishaps = stage.locks.mishaps();
    stage.locks.behave_well();
    let deeds = stage.ledger.records().answered - before;
    let unanswered = stage.client.unanswered();
    let found = stage.check(QUIET_WITHIN).await?;
    let twice = if again { ", and while starting" } else { "" };
    let mishaps = if mishaps.is_empty() { mishaps } else { format!(" (at the locks: {mishaps})") };
    Ok(format!(
        "after {} ms{twice}: ready in {}; {deeds} deeds, {unanswered} answers lost{mishaps}; {found}",
        after.as_millis(),
        seconds(ready)
    ))
}

/// Asked to stop, the server lets what is under way finish, and takes ten seconds at most.
async fn stop(stage: &mut Stage, rng: &mut fastrand::Rng) -> Result<String> {
    let before = stage.ledger.records().answered;
    let load = Load::start(stage, BUSY, rng);
    tokio::time::sleep(Duration::from_millis(rng.u64(KILLED_AFTER))).await;
    let took = stage.stop().await?;
    let since = Instant::now();
    let ready = stage.restart().await?;
    ensure!(since.elapsed() <= READY_WITHIN, "ready again only after {}", seconds(ready));
    load.stop().await?;
    let deeds = stage.ledger.records().answered - before;
    let found = stage.check(QUIET_WITHIN).await?;
    Ok(format!("stopped in {}, ready in {}; {deeds} deeds; {found}", seconds(took), seconds(ready)))
}
