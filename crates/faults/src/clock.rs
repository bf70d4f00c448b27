//! Setting the machine's clock forward and back while the server runs, and while it is down (libfaketime).
//!
//! Only the wall clock: the monotonic one goes on at its own pace, as the kernel's does.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use ids::GuestCodeId;
use serde_json::Value;
use store::Millis;

use crate::check::until;
use crate::deeds::{Deed, End, NewGuest, now};
use crate::locks::Behaviour;
use crate::report::{Report, seconds};
use crate::stage::{Setting, Stage, Suite};
use crate::world::{MANAGER, Size};

const SIZE: Size = Size { hubs: 2, units: 6, slots: 8, residents: 2, movers: 0, spare: 0 };

const HOUR: Millis = 60 * 60 * 1000;
/// How soon what the jump makes due is done: the server checks the clock every few seconds.
const NOTICED: Duration = Duration::from_secs(15);
/// How soon a removal or a new code reaches its lock, as usual.
const AS_EVER: Duration = Duration::from_secs(5);
/// How soon what failed is retried: within minutes, never hours.
const TRIED_AGAIN: Duration = Duration::from_secs(120);
/// How often a removal is attempted in vain.
const TRIES: u32 = 3;
const QUIET_WITHIN: Duration = Duration::from_secs(120);

/// The clock that the server sees.
struct FakeClock(PathBuf);

impl FakeClock {
    /// Sets how far it is ahead of this machine's clock, in milliseconds.
    fn set(&self, ahead: Millis) -> Result<()> {
        // Atomically, since a half-written file is no valid time.
        let new = self.0.with_extension("new");
        std::fs::write(&new, format!("{:+}\n", ahead / 1000))?;
        Ok(std::fs::rename(new, &self.0)?)
    }
}

/// Debian's libfaketime, for programs with threads.
fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    let folders = folders.chain([PathBuf::from("/usr/lib")]);
    folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|path| path.is_file())
}

pub(crate) async fn run(suite: &Suite, report: &mut Report) {
    const FAULT: &str = "a clock that jumps";
    let Some(library) = library() else {
        return report.skipped(FAULT, "libfaketime isn't installed (Debian's package faketime)");
    };
    let file = std::env::temp_dir().join(format!("latchkey-faults-clock-{}", std::process::id()));
    let clock = FakeClock(file.clone());
    let found = with_clock(suite, &clock, &library, report).await;
    if let Err(error) = found {
        report.failed(FAULT, &format!("{error:#}"));
    }
    let _ = std::fs::remove_file(file);
}

async fn with_clock(suite: &Suite, clock: &FakeClock, library: &Path, report: &mut Report) -> Result<()> {
    clock.set(0)?;
    let environment = vec![
        ("LD_PRELOAD", library.into()),
        ("FAKETIME_TIMESTAMP_FILE", clock.0.clone().into()),
        ("FAKETIME_NO_CACHE", "1".into()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
        ("DONT_FAKE_MONOTONIC", "1".into()),
    ];
    let mut rng = fastrand::Rng::with_seed(suite.seed ^ 4);
    let setting = Setting { environment, ..Setting::of(SIZE) };
    let mut stage = Stage::set(suite, setting, &mut rng).await?;
    match jumps(&mut stage, clock, report).await {
        Ok(()) => {
            report.tell("after all jumps", stage.end().await);
            Ok(())
        }
        Err(error) => Err(error.context(stage.keep())),
    }
}

async fn jumps(stage: &mut Stage, clock: &FakeClock, report: &mut Report) -> Result<()> {
    let world = stage.world.clone();
    let gate = world.gate(0);
    let at_start = stage.manager.clone();
    let ended = stage.issued(NewGuest { ends_at: Some(now() + HOUR), ..NewGuest::at(gate) }).await?;
    let one = stage.issued(NewGuest::at(gate)).await?;
    let another = stage.issued(NewGuest::at(world.gate(1))).await?;
    let third = stage.issued(NewGuest::at(world.gate(1))).await?;
    let app = stage.client.sign_in_to_app(&world.residents[0].email).await?;
    stage.check(QUIET_WITHIN).await?;

    // Two hours forward.
    clock.set(2 * HOUR)?;
    stage.ahead = 2 * HOUR;
    let took = stage.off_its_locks(ended, NOTICED).await.context("a code whose window has ended")?;
    stage.ledger.ended(ended, End::Expired);
    signed_out(stage, &at_start).await.context("two hours forward")?;
    stage.manager = stage.client.sign_in(MANAGER).await?;
    let access = stage.client.get(&app, "/me/access").await?;
    ensure!(access.status == 200, "the app's token, good for 30 days, is answered {}", access.status);
    let soon = now() + 2 * HOUR + HOUR / 2;
    let live = stage.issued(NewGuest { ends_at: Some(soon), ..NewGuest::at(gate) }).await?;
    stage.on_its_locks(live, AS_EVER).await?;
    ensure!(is_then(&issued_at(stage, live).await?, now() + 2 * HOUR), "libfaketime doesn't do what it is to do");
    let found = stage.check(QUIET_WITHIN).await?;
    let took = seconds(took);
    report.passed(
        "the clock is set forward by 2 h",
        &format!("a code that ended was off its lock after {took}; {found}"),
    );

    // Three hours back. Time goes on from where it was.
    clock.set(-HOUR)?;
    let in_between = stage.manager.clone();
    signed_out(stage, &at_start).await.context("three hours back")?;
    stage.done(&Deed::revoke(&stage.manager, one)).await?;
    let took = stage.off_its_locks(one, AS_EVER).await.context("a removal after the clock was set back")?;
    let late = tried_again(stage, another).await?;
    let code = stage.ledger.guest(ended)?.code;
    ensure!(!stage.locks.opens(world.doors[gate].lock, &code), "a code that had ended opens its door again");
    let fresh = stage.issued(NewGuest::at(gate)).await?;
    stage.on_its_locks(fresh, AS_EVER).await?;
    let found = stage.check(QUIET_WITHIN).await?;
    let found = format!(
        "a revoked code was off its lock after {}, one whose hub didn't answer was tried again within {}; {found}",
        seconds(took),
        seconds(late)
    );
    report.passed("the clock is set back by 3 h", &found);

    // The server is restarted with the clock set back: it knows about the earlier time only from its records.
    revoked_in_vain(stage, third).await?;
    stage.kill()?;
    stage.locks.behave_well();
    stage.restart().await?;
    stage.ahead = -HOUR;
    let took = stage.off_its_locks(third, TRIED_AGAIN).await.context("a removal from before the restart")?;
    signed_out(stage, &at_start).await.context("after the restart")?;
    signed_out(stage, &in_between).await.context("a session that was used in what is now the future")?;
    stage.manager = stage.client.sign_in(MANAGER).await?;
    ensure!(!stage.locks.opens(world.doors[gate].lock, &code), "a code that had ended opens its door again");
    let fresh = stage.issued(NewGuest::at(gate)).await?;
    stage.on_its_locks(fresh, AS_EVER).await?;
    let found = stage.check(QUIET_WITHIN).await?;
    let found = format!("a removal from before it was done after {}; {found}", seconds(took));
    report.passed("the server is started again by a clock that was set back", &found);

    // Right again.
    clock.set(0)?;
    stage.ahead = 0;
    signed_out(stage, &stage.manager.clone()).await.context("an hour forward")?;
    stage.manager = stage.client.sign_in(MANAGER).await?;
    let found = stage.check(QUIET_WITHIN).await?;
    report.passed("the clock is right again", &found);
    Ok(())
}

/// Revokes a code while its hub doesn't answer; once it does, the removal is retried. Returns how long that took.
async fn tried_again(stage: &Stage, id: GuestCodeId) -> Result<Duration> {
    revoked_in_vain(stage, id).await?;
    stage.locks.behave_well();
    stage.off_its_locks(id, TRIED_AGAIN).await.context("a removal that had failed")
}

/// Revokes a code while its hub doesn't answer, until the removal has been attempted a few times and is postponed.
async fn revoked_in_vain(stage: &Stage, id: GuestCodeId) -> Result<()> {
    let hub = stage.world.hubs[1];
    stage.locks.behave(hub, Behaviour { dead: true, ..Behaviour::GOOD });
    stage.locks.ignored(hub);
    stage.done(&Deed::revoke(&stage.manager, id)).await?;
    let mut tries = 0;
    let tried = until("a removal is tried", TRIED_AGAIN, async || {
        tries += stage.locks.ignored(hub);
        Ok(tries >= TRIES)
    });
    tried.await.map(|_| ())
}

/// Checks that the session is over, and stays over.
async fn signed_out(stage: &Stage, session: &crate::client::Credential) -> Result<()> {
    let answer = stage.client.get(session, "/session").await?;
    ensure!(answer.status == 401, "a session that is over is answered {}", answer.status);
    Ok(())
}

async fn issued_at(stage: &Stage, id: GuestCodeId) -> Result<Value> {
    Ok(stage.client.get(&stage.manager, &format!("/guest-codes/{id}")).await?.body["issued_at"].clone())
}

/// Whether it is that time, give or take a minute.
fn is_then(instant: &Value, then: Millis) -> bool {
    let instant: Option<jiff::Timestamp> = instant.as_str().and_then(|text| text.parse().ok());
    instant.is_some_and(|instant| (instant.as_millisecond() - then).abs() < 60_000)
}
