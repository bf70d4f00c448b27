//! A small disk that fills up and is emptied again while the server runs (R24, R31).

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::check::until;
use crate::deeds::{Deed, End, NewGuest, now};
use crate::load::{BUSY, Load};
use crate::report::{Report, seconds};
use crate::stage::{Setting, Stage, Suite};
use crate::world::{DATABASE, Size, word};

const SIZE: Size = Size { hubs: 2, units: 6, slots: 8, residents: 2, movers: 0, spare: 1 };

/// The disk.
const MIB: u32 = 20;
/// How soon writing resumes once there is room again.
const RESUMES_WITHIN: Duration = Duration::from_secs(5);
/// How soon what has to go is off its lock, whether or not it can be recorded: the server checks every few seconds.
const OFF_WITHIN: Duration = Duration::from_secs(8);
/// The same for a removal that was postponed because its hub was offline: since the hub's return can't be recorded
/// either, it is retried only when it is due.
const OFF_AFTER_ALL_WITHIN: Duration = Duration::from_secs(20);
/// How soon a killed server serves again.
const SERVES_WITHIN: Duration = Duration::from_secs(2);
/// How long after issuing the code its window ends, in milliseconds.
const WINDOW: i64 = 6_000;
/// The longest that a WAL may be, in bytes, before it is checkpointed into the database.
const MAX_WAL: u64 = 4_200_000;
/// How many deeds are tried at most: the existing files have room for fewer.
const MAX_DEEDS: u32 = 400;
const QUIET_WITHIN: Duration = Duration::from_secs(30);

/// A separate disk, which is unmounted when this is dropped.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&at)?;
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", &format!("size={MIB}m,mode=0700"), "latchkey-faults"]).arg(&at);
        let output = command.stdin(Stdio::null()).output().context("starting mount")?;
        if !output.status.success() {
            bail!("mount: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(Self(at))
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    /// Takes all the room there is.
    fn fill(&self) -> Result<()> {
        let mut file = File::options().create(true).append(true).open(self.filler())?;
        for size in [64 * 1024, 4096, 1] {
            while file.write(&vec![0; size]).is_ok_and(|written| written > 0) {}
        }
        let left = rustix::fs::statvfs(&self.0)?;
        ensure!(left.f_bavail == 0, "the disk couldn't be filled");
        Ok(())
    }

    fn empty(&self) -> Result<()> {
        Ok(std::fs::remove_file(self.filler())?)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a server that is being killed may have files on it.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

pub(crate) async fn run(suite: &Suite, report: &mut Report) {
    let mut rng = fastrand::Rng::with_seed(suite.seed ^ 3);
    // With room left in the existing files, so that something can be written although the disk is full.
    let slack: &[bool] = if suite.short { &[false] } else { &[false, true, true] };
    for slack in slack {
        if !with_disk(suite, *slack, &mut rng, report).await {
            return;
        }
    }
}

/// Returns whether to go on.
async fn with_disk(suite: &Suite, slack: bool, rng: &mut fastrand::Rng, report: &mut Report) -> bool {
    const FAULT: &str = "a disk of 20 MiB that is full";
    if !rustix::process::geteuid().is_root() {
        report.skipped(FAULT, "only root may mount a small disk");
        return false;
    }
    let at = std::env::temp_dir().join(format!("latchkey-faults-disk-{}", std::process::id()));
    let disk = match Disk::mount(at) {
        Ok(disk) => disk,
        Err(error) => {
            report.skipped(FAULT, &format!("{error:#}"));
            return false;
        }
    };
    let setting = Setting { data: Some(disk.0.join("data")), ..Setting::of(SIZE) };
    let mut stage = match Stage::set(suite, setting, rng).await {
        Ok(stage) => stage,
        Err(error) => return report.tell(FAULT, Err(error)),
    };
    match one(&mut stage, &disk, slack, rng, report).await {
        Ok(()) => report.tell("after the full disk", stage.end().await),
        Err(error) => {
            let copied = copy(stage.data(), &stage.path("data-on-the-full-disk"));
            report.tell(FAULT, Err(error));
            println!("         {}{}", stage.keep(), if copied.is_ok() { "" } else { ", without its records" });
            false
        }
    }
}

async fn one(stage: &mut Stage, disk: &Disk, slack: bool, rng: &mut fastrand::Rng, report: &mut Report) -> Result<()> {
    let (world, manager) = (&stage.world.clone(), &stage.manager.clone());
    let (here, there) = (0, 1);
    if slack {
        // Until what was written before is in the database, and its place in the WAL is overwritten.
        let load = Load::start(stage, BUSY, rng);
        let wal = stage.data().join(format!("{DATABASE}-wal"));
        let grown = until("the WAL has grown", QUIET_WITHIN, async || Ok(std::fs::metadata(&wal)?.len() > MAX_WAL));
        let grown = grown.await;
        load.stop().await?;
        grown?;
    }
    // What will have to go while nothing can be written.
    let used = stage.issued(NewGuest { delivery: true, ..NewGuest::at(world.gate(here)) }).await?;
    let revoked = stage.issued(NewGuest::at(world.gate(there))).await?;
    let stays = stage.issued(NewGuest::at(world.gate(here))).await?;
    let side = world.spare(0);
    stage.issued(NewGuest::at(side)).await?;
    let resident = &world.residents[0];
    let app = stage.client.sign_in_to_app(&resident.email).await?;
    let row = |number| (format!("Newcomer {}", word(number)), format!("newcomer-{}@example.com", word(number)), 3);
    let leaver = row(0);
    stage.done(&Deed::import(world, manager, std::slice::from_ref(&leaver), &stage.ledger)).await?;
    let leaves = stage.tenancy_of(&leaver.1).await?;
    let (import, came) = stage.imported(&[row(2)]).await?;
    stage.scene().settle(QUIET_WITHIN).await?;
    // Off its lock as soon as the hub is back.
    stage.locks.set_hub_online(world.hubs[there], false);
    stage.done(&Deed::revoke(manager, revoked)).await?;
    let end = now() + WINDOW;
    let ends = stage.issued(NewGuest { ends_at: Some(end), ..NewGuest::at(world.gate(here)) }).await?;
    stage.on_its_locks(ends, OFF_WITHIN).await?;

    disk.fill()?;
    let mut asked = vec![
        Deed::issue(world, manager, NewGuest::at(world.gate(here))),
        Deed::revoke(manager, stays),
        Deed::pick(&app, resident.tenancy, None),
        Deed::import(world, manager, &[row(1)], &stage.ledger),
        Deed::move_out(world, manager, leaves, &leaver.1),
        Deed::retire(world, manager, side),
        Deed::undo(world, manager, &import, came),
        Deed::build(world, manager, "North"),
    ];
    let before = if slack { use_up(stage, disk).await? } else { 0 };
    refused(stage, disk, &mut asked, slack).await?;
    let ready = stage.client.status_of("/readyz").await?;
    ensure!(slack || ready == 503, "readiness answers {ready} though nothing can be written");
    let read = stage.client.get(manager, &format!("/guest-codes/{stays}")).await?;
    ensure!(read.status == 200, "reading answers {} {}", read.status, read.code());
    let found = match before {
        0 => "every write is refused with a 5xx, readiness says so, and reading goes on".to_owned(),
        room => format!("{room} deeds found room in the files that were there; then writes are refused with a 5xx"),
    };
    report.passed("a full disk", &found);

    // What follows must also work for a server that was started with a full disk.
    stage.kill()?;
    disk.fill()?;
    stage.start()?;
    // It isn't ready, because it can't write.
    let serves = until("the server serves again", SERVES_WITHIN, async || {
        Ok(stage.client.status_of("/healthz").await.is_ok_and(|status| status == 200))
    });
    report.passed("kill -9 with a full disk", &format!("it serves again after {}", seconds(serves.await?)));

    let code = stage.ledger.guest(used)?.code;
    ensure!(stage.locks.opens(world.doors[world.gate(here)].lock, &code), "a delivery code doesn't open its door");
    let took = stage.off_its_locks(used, OFF_WITHIN).await.context("a delivery code that was used")?;
    report.passed("a delivery code is used, the disk full", &format!("off its lock after {}", seconds(took)));

    stage.locks.set_hub_online(world.hubs[there], true);
    let took = stage.off_its_locks(revoked, OFF_AFTER_ALL_WITHIN).await.context("a code that was revoked")?;
    let found = format!("the revoked code was off its lock after {}", seconds(took));
    report.passed("a hub comes back, the disk full", &found);

    let left = Duration::from_millis(u64::try_from(end - now()).unwrap_or(0));
    let took = stage.off_its_locks(ends, left + OFF_WITHIN).await.context("a code whose window has ended")?;
    let found = format!("off its lock {} after the end", seconds(took.saturating_sub(left)));
    report.passed("a window ends, the disk full", &found);
    ensure!(now() >= end, "the code was off its lock before its window had ended");

    refused(stage, disk, &mut asked, slack).await.context("at the end of it")?;
    disk.empty()?;
    let since = Instant::now();
    until("writing goes on", RESUMES_WITHIN, async || {
        Ok(stage.client.status_of("/readyz").await.is_ok_and(|status| status == 200))
    })
    .await?;
    for deed in &asked {
        stage.done(deed).await?;
    }
    ensure!(since.elapsed() <= RESUMES_WITHIN, "writing went on only after {}", seconds(since.elapsed()));
    let resumed = seconds(since.elapsed());
    stage.ledger.ended(used, End::Used);
    let found = stage.check(QUIET_WITHIN).await?;
    report.passed("room on the disk again", &format!("writing went on by itself within {resumed}; {found}"));
    Ok(())
}

/// Checks that every one of them is answered with a 5xx. With `slack`, some may succeed, and aren't repeated.
async fn refused(stage: &Stage, disk: &Disk, asked: &mut Vec<Deed>, slack: bool) -> Result<()> {
    let mut refused = Vec::new();
    for deed in asked.drain(..) {
        // What was begun and rolled back may have left some room.
        disk.fill()?;
        let answer = stage.client.ask(&deed.who, &deed.request).await?;
        if answer.status >= 500 {
            refused.push(deed);
        } else {
            ensure!(slack, "{} was answered {} with a full disk", deed.name(), answer.status);
            stage.ledger.settle(&deed, &answer)?;
        }
    }
    *asked = refused;
    Ok(())
}

/// Issues and revokes guest codes until the existing files have no room for another. Returns how many there were.
async fn use_up(stage: &Stage, disk: &Disk) -> Result<u32> {
    let mut deed = Deed::issue(&stage.world, &stage.manager, NewGuest::at(stage.world.gate(0)));
    for number in 0..MAX_DEEDS {
        disk.fill()?;
        let answer = stage.client.ask(&deed.who, &deed.request).await?;
        if answer.status >= 500 {
            // It may or may not have been done, so it is repeated once there is room.
            disk.empty()?;
            stage.done(&deed).await?;
            disk.fill()?;
            return Ok(number);
        }
        deed = match stage.ledger.settle(&deed, &answer)? {
            Some(id) => Deed::revoke(&stage.manager, id),
            None => Deed::issue(&stage.world, &stage.manager, NewGuest::at(stage.world.gate(0))),
        };
    }
    bail!("{MAX_DEEDS} deeds found room on a full disk")
}

/// Saves the records of a failure from being lost with the disk.
fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.path().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
