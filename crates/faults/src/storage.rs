//! Making writes and syncs of the database fail one by one, with strace; and checking that a sync comes before each
//! answer.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::check::until;
use crate::deeds::{Deed, NewGuest, custom_code};
use crate::load::{BUSY, Load};
use crate::report::{Report, seconds};
use crate::server::log_file;
use crate::stage::{Setting, Stage, Suite};
use crate::world::{DATABASE, Size};

const SIZE: Size = Size { hubs: 2, units: 8, slots: 8, residents: 2, movers: 2, spare: 0 };

/// How soon strace has attached to every thread of the server, if it ever does.
const ATTACHED_WITHIN: Duration = Duration::from_secs(10);
/// How soon writing resumes once the disk works again.
const RESUMES_WITHIN: Duration = Duration::from_secs(5);
const READY_WITHIN: Duration = Duration::from_secs(2);
/// How soon people at work write enough for the WAL to be checkpointed.
const CHECKPOINT_WITHIN: Duration = Duration::from_secs(30);
const QUIET_WITHIN: Duration = Duration::from_secs(30);
/// How often a deed is repeated at most if it was answered before the call that was to fail.
const TRIES: u32 = 3;

const WRITES: &str = "write,pwrite64";
const SYNCS: &str = "fsync,fdatasync";

#[derive(Clone, Copy)]
enum FailingDeed {
    Issue,
    Revoke,
    MoveOut,
    Import,
}

impl FailingDeed {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Issue, "issuing"),
        (Self::Revoke, "revoking"),
        (Self::MoveOut, "move-out"),
        (Self::Import, "roster import"),
    ];
}

/// A call that is to fail.
#[derive(Clone, Copy)]
struct Failing {
    calls: &'static str,
    error: &'static str,
    /// Which of them, counting from 1.
    nth: u32,
    /// Whether all later ones fail too.
    and_on: bool,
}

/// The calls to fail in turn: a few, or as many as a deed makes at most.
fn series(short: bool) -> Vec<(&'static str, &'static str, Vec<u32>)> {
    if short {
        return vec![(SYNCS, "EIO", vec![1, 2]), (WRITES, "ENOSPC", vec![1]), (WRITES, "EIO", vec![6])];
    }
    ["EIO", "ENOSPC"]
        .into_iter()
        .flat_map(|error| [(SYNCS, error, (1..=6).collect()), (WRITES, error, (1..=16).collect())])
        .collect()
}

pub(crate) async fn run(suite: &Suite, report: &mut Report) {
    const FAULT: &str = "writes and syncs that fail";
    if Command::new("strace").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        return report.skipped(FAULT, "strace isn't installed (Debian's package strace)");
    }
    let mut rng = fastrand::Rng::with_seed(suite.seed ^ 5);
    let mut stage = match Stage::set(suite, Setting::of(SIZE), &mut rng).await {
        Ok(stage) => stage,
        Err(error) => return report.failed(FAULT, &format!("{error:#}")),
    };
    // Some machines don't allow tracing another process.
    if let Err(error) = Trace::of_calls(&stage).await.and_then(Trace::end) {
        return report.skipped(FAULT, &format!("strace can't be used here: {error:#}"));
    }
    let mut made = true;
    let found = synced_before_answered(&stage, &mut rng).await;
    made &= report.tell("a sync comes before each answer", found);
    for (what, name) in FailingDeed::ALL {
        for (calls, error, all) in series(suite.short) {
            for nth in all {
                let failing = Failing { calls, error, nth, and_on: false };
                let call = if calls == SYNCS { "sync" } else { "write" };
                let fault = format!("{call} {nth} of {name} fails with {error}");
                if !made {
                    break;
                }
                match one(&mut stage, what, failing).await {
                    Ok(None) => {
                        println!("         {name} has no {call} {nth}");
                        break;
                    }
                    found => made = report.tell(&fault, found.map(Option::unwrap_or_default)),
                }
            }
        }
    }
    for error in ["EIO", "ENOSPC"] {
        for (calls, call) in [(SYNCS, "syncs"), (WRITES, "writes")] {
            if made {
                let found = all_at_once(&stage, Failing { calls, error, nth: 1, and_on: true }).await;
                made = report.tell(&format!("all {call} fail with {error} for a while"), found);
            }
        }
    }
    for (calls, error) in checkpoint_series(suite.short) {
        if made {
            let call = if calls == SYNCS { "sync" } else { "write" };
            let failing = Failing { calls, error, nth: 1, and_on: false };
            let found = checkpoint(&stage, failing, &mut rng).await;
            made = report.tell(&format!("a {call} of bringing the WAL into the database fails with {error}"), found);
        }
    }
    if made {
        report.tell("after all failures of the disk", stage.end().await);
    } else {
        println!("         other failures of the disk aren't made; {}", stage.keep());
    }
}

/// Does a deed during which one call fails. `None` if it makes no such call.
async fn one(stage: &mut Stage, what: FailingDeed, failing: Failing) -> Result<Option<String>> {
    for _ in 0..TRIES {
        let deed = prepare(stage, what).await?;
        let trace = Trace::failing(stage, failing).await?;
        let first = stage.client.ask(&deed.who, &deed.request).await?;
        // What it makes due at the locks causes writes too.
        let met = trace.failed_or_quiet(stage).await?;
        let unknown = first.status >= 500;
        ensure!(unknown || first.status < 300, "{} was answered {} {}", deed.name(), first.status, first.code());
        // What is in the file now is what a server started after a crash would find.
        let crash = met && unknown && failing.calls == SYNCS;
        let mut said = format!("answered {}", first.status);
        if crash {
            stage.kill()?;
            trace.end()?;
            let ready = stage.restart().await?;
            ensure!(ready <= READY_WITHIN, "ready again only after {}", seconds(ready));
            said.push_str(", and killed");
        } else {
            trace.end()?;
        }
        let since = Instant::now();
        stage.done(&deed).await?;
        let took = since.elapsed();
        ensure!(took <= RESUMES_WITHIN, "writing went on only after {}", seconds(took));
        let found = stage.check(QUIET_WITHIN).await?;
        if !met {
            return Ok(None);
        }
        // The first call of all is the deed's own, unless something else was written just then.
        if unknown || failing.nth > 1 {
            return Ok(Some(format!("{said}; asked again, done once after {}; {found}", seconds(took))));
        }
    }
    bail!("it was answered with success though its own call had failed, {TRIES} times")
}

/// Nothing can be written for a while: everything is refused, and goes on by itself afterwards.
async fn all_at_once(stage: &Stage, failing: Failing) -> Result<String> {
    let mut deeds = Vec::new();
    for (what, _) in FailingDeed::ALL {
        deeds.push(prepare(stage, what).await?);
    }
    let trace = Trace::failing(stage, failing).await?;
    for deed in &deeds {
        let answer = stage.client.ask(&deed.who, &deed.request).await?;
        ensure!(answer.status >= 500, "{} was answered {}", deed.name(), answer.status);
    }
    let ready = stage.client.status_of("/readyz").await?;
    ensure!(ready == 503, "readiness answers {ready} though nothing can be written");
    trace.end()?;
    let since = Instant::now();
    until("writing goes on", RESUMES_WITHIN, async || {
        Ok(stage.client.status_of("/readyz").await.is_ok_and(|status| status == 200))
    })
    .await?;
    for deed in &deeds {
        stage.done(deed).await?;
    }
    let took = since.elapsed();
    ensure!(took <= RESUMES_WITHIN, "writing went on only after {}", seconds(took));
    let found = stage.check(QUIET_WITHIN).await?;
    Ok(format!(
        "every write is refused with a 5xx, readiness says so; writing went on within {}; {found}",
        seconds(took)
    ))
}

/// Calls to fail during a checkpoint.
fn checkpoint_series(short: bool) -> Vec<(&'static str, &'static str)> {
    let mut all = vec![(WRITES, "EIO"), (SYNCS, "EIO"), (WRITES, "ENOSPC"), (SYNCS, "ENOSPC")];
    all.truncate(if short { 1 } else { all.len() });
    all
}

/// What was committed stays in the WAL, so nobody needs to hear of a failed checkpoint.
async fn checkpoint(stage: &Stage, failing: Failing, rng: &mut fastrand::Rng) -> Result<String> {
    let before = stage.ledger.records().answered;
    stage.client.unanswered();
    let trace = Trace::failing_at(stage, &[DATABASE], failing).await?;
    let load = Load::start(stage, BUSY, rng);
    let met = until("the WAL is brought into the database", CHECKPOINT_WITHIN, async || trace.has_failed()).await;
    load.stop().await?;
    trace.end()?;
    met?;
    let (deeds, unanswered) = (stage.ledger.records().answered - before, stage.client.unanswered());
    let found = stage.check(QUIET_WITHIN).await?;
    Ok(format!("{deeds} deeds, {unanswered} of them answered with a 5xx at first; {found}"))
}

/// A deed, with its prerequisites in place and nothing else due.
async fn prepare(stage: &Stage, what: FailingDeed) -> Result<Deed> {
    let (world, manager) = (&stage.world, &stage.manager);
    let unit = world.hubs.len();
    let deed = match what {
        FailingDeed::Issue => Deed::issue(world, manager, NewGuest::at(unit)),
        FailingDeed::Revoke => {
            // Earlier ones are removed first, so that the lock doesn't fill up.
            let live = stage.ledger.records().guests.iter().find(|guest| guest.end.is_none()).map(|guest| guest.id);
            let id = match live {
                Some(id) => id,
                None => stage.issued(NewGuest::at(unit)).await?,
            };
            Deed::revoke(manager, id)
        }
        FailingDeed::MoveOut => {
            let mover = &world.movers[0];
            let lives_here = stage.ledger.records().lives_here(&mover.email);
            if !lives_here {
                let row = (mover.name.clone(), mover.email.clone(), mover.unit);
                stage.done(&Deed::import(world, manager, &[row], &stage.ledger)).await?;
            }
            let tenancy = stage.tenancy_of(&mover.email).await?;
            let guest = NewGuest { tenancy: Some(tenancy), ..NewGuest::at(mover.unit) };
            let app = stage.client.sign_in_to_app(&mover.email).await?;
            stage.done(&Deed::issue(world, &app, guest)).await?;
            Deed::move_out(world, manager, tenancy, &mover.email)
        }
        FailingDeed::Import => {
            let mover = &world.movers[1];
            // Whoever moved in the last time moves out again.
            let lives_here = stage.ledger.records().lives_here(&mover.email);
            if lives_here {
                let tenancy = stage.tenancy_of(&mover.email).await?;
                stage.done(&Deed::move_out(world, manager, tenancy, &mover.email)).await?;
            }
            Deed::import(world, manager, &[(mover.name.clone(), mover.email.clone(), mover.unit)], &stage.ledger)
        }
    };
    if matches!(what, FailingDeed::Issue) {
        // So that the lock doesn't fill up.
        let live: Vec<_> =
            stage.ledger.records().guests.iter().filter(|guest| guest.end.is_none()).map(|guest| guest.id).collect();
        for id in live.into_iter().skip(3) {
            stage.done(&Deed::revoke(manager, id)).await?;
        }
    }
    stage.scene().settle(QUIET_WITHIN).await?;
    Ok(deed)
}

/// Checks that the database is synced before anybody is told that something is done, so that a power cut can't undo it.
async fn synced_before_answered(stage: &Stage, rng: &mut fastrand::Rng) -> Result<String> {
    let resident = &stage.world.residents[0];
    let app = stage.client.sign_in_to_app(&resident.email).await?;
    let mut deeds = Vec::new();
    for (what, _) in FailingDeed::ALL {
        deeds.push(prepare(stage, what).await?);
    }
    deeds.push(Deed::pick(&app, resident.tenancy, None));
    deeds.push(Deed::pick(&app, resident.tenancy, Some(&custom_code(rng)?)));
    let trace = Trace::of_calls(stage).await?;
    for deed in &deeds {
        stage.done(deed).await?;
        stage.scene().settle(QUIET_WITHIN).await?;
    }
    let (log, asked) = (trace.log.clone(), deeds.len());
    trace.end()?;
    let mut wrote = false;
    let mut synced = false;
    let mut answers = 0;
    for line in std::fs::read_to_string(log)?.lines() {
        if line.contains("pwrite64(") && line.contains("-wal>") {
            wrote = true;
        } else if line.contains("sync") && line.trim_end().ends_with("= 0") {
            synced |= wrote;
        } else if line.contains("\"HTTP/1.1 20") {
            answers += 1;
            ensure!(synced, "answer {answers} came before its sync");
            (wrote, synced) = (false, false);
        }
    }
    ensure!(answers == asked, "{answers} answers were seen and not {asked}");
    let found = stage.check(QUIET_WITHIN).await?;
    Ok(format!("{answers} answers, each after a sync of what was written for it; {found}"))
}

/// strace attached to the server's threads. It detaches when this is dropped.
struct Trace {
    child: Child,
    log: PathBuf,
}

impl Trace {
    /// Makes calls on the database's files fail.
    async fn failing(stage: &Stage, failing: Failing) -> Result<Self> {
        Self::failing_at(stage, &[DATABASE, &format!("{DATABASE}-wal")], failing).await
    }

    /// Makes calls on those files fail.
    async fn failing_at(stage: &Stage, files: &[&str], failing: Failing) -> Result<Self> {
        let Failing { calls, error, nth, and_on } = failing;
        let on = if and_on { "+" } else { "" };
        let mut command = Command::new("strace");
        for file in files {
            command.arg("-P").arg(stage.data().join(file));
        }
        command.args(["-e", &format!("trace={calls}")]);
        command.args(["-e", &format!("inject={calls}:error={error}:when={nth}{on}")]);
        Self::start(stage, command).await
    }

    /// Only records calls, with the first few bytes of each.
    async fn of_calls(stage: &Stage) -> Result<Self> {
        let mut command = Command::new("strace");
        // Too few to include any digits.
        command.args(["-y", "-s", "12", "-e", "trace=fsync,fdatasync,pwrite64,writev,sendto,write"]);
        Self::start(stage, command).await
    }

    async fn start(stage: &Stage, mut command: Command) -> Result<Self> {
        let id = stage.server_id()?;
        let (log, said) = (stage.path("strace.log"), stage.path("strace.said"));
        command.arg("-f").arg("-o").arg(&log).arg("-p").arg(id.to_string());
        let said_to = log_file(&said)?;
        log_file(&log)?;
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said_to).spawn();
        let mut trace = Self { child: child.context("starting strace")?, log };
        let attached = until("strace looks at every thread", ATTACHED_WITHIN, async || {
            if trace.child.try_wait()?.is_some() {
                bail!("{}", std::fs::read_to_string(&said)?.trim());
            }
            is_traced(id)
        });
        attached.await?;
        Ok(trace)
    }

    fn has_failed(&self) -> Result<bool> {
        Ok(std::fs::read_to_string(&self.log)?.contains("(INJECTED)"))
    }

    /// Waits until the call has failed, or nothing is due any more. Returns whether it has failed.
    async fn failed_or_quiet(&self, stage: &Stage) -> Result<bool> {
        if !self.has_failed()? {
            let scene = stage.scene();
            tokio::select! {
                met = until("a call fails", QUIET_WITHIN, async || self.has_failed()) => drop(met?),
                quiet = scene.settle(QUIET_WITHIN) => quiet?,
            }
        }
        self.has_failed()
    }

    fn end(mut self) -> Result<()> {
        if self.child.try_wait()?.is_none() {
            let id = Pid::from_raw(i32::try_from(self.child.id())?).context("a process's id")?;
            kill_process(id, Signal::TERM)?;
        }
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        // Its end detaches it from the server. Both fail only if it is already gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether every thread of that process is being traced.
fn is_traced(id: u32) -> Result<bool> {
    for entry in std::fs::read_dir(format!("/proc/{id}/task"))? {
        // A thread may end in the meantime.
        let Ok(status) = std::fs::read_to_string(entry?.path().join("status")) else { continue };
        let tracer = status.lines().find_map(|line| line.strip_prefix("TracerPid:"));
        if tracer.is_none_or(|tracer| tracer.trim() == "0") {
            return Ok(false);
        }
    }
    Ok(true)
}
