//! Writes and syncs of the database that fail, one by one, made to by strace; and that a sync comes before each answer.

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

const SIZE: Size = Size { hubs: 2, units: 8, slots: 8, residents: 2, movers: 2 };

/// strace has stopped every thread of the server within this, or never will.
const ATTACHED_WITHIN: Duration = Duration::from_secs(10);
/// Once the disk does what it should again, writing goes on within this.
const RESUMES_WITHIN: Duration = Duration::from_secs(5);
const READY_WITHIN: Duration = Duration::from_secs(2);
/// People at work write enough for the WAL to be brought into the database within this.
const CHECKPOINT_WITHIN: Duration = Duration::from_secs(30);
const QUIET_WITHIN: Duration = Duration::from_secs(30);
/// A deed that was answered before its turn to fail came is done again, so often at most.
const TRIES: u32 = 3;

const WRITES: &str = "write,pwrite64";
const SYNCS: &str = "fsync,fdatasync";

#[derive(Clone, Copy)]
enum What {
    Issue,
    Revoke,
    MoveOut,
    Import,
}

impl What {
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
    /// The how manieth of them.
    nth: u32,
    /// And all after it.
    and_on: bool,
}

/// The calls that fail in turn: of a few, or of as many as a deed makes at most.
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
    // Some machines let nobody look into another process.
    if let Err(error) = Trace::of_calls(&stage).await.and_then(Trace::end) {
        return report.skipped(FAULT, &format!("strace can't be used here: {error:#}"));
    }
    let mut made = true;
    let found = synced_before_answered(&stage, &mut rng).await;
    made &= report.tell("a sync comes before each answer", found);
    for (what, name) in What::ALL {
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

/// A deed during which one call fails. `None` if it makes no such call.
async fn one(stage: &mut Stage, what: What, failing: Failing) -> Result<Option<String>> {
    for _ in 0..TRIES {
        let deed = prepare(stage, what).await?;
        let trace = Trace::failing(stage, failing).await?;
        let first = stage.client.ask(&deed.who, &deed.request).await?;
        // What it makes due at the locks is written too.
        let met = trace.met_or_quiet(stage).await?;
        let unknown = first.status >= 500;
        ensure!(unknown || first.status < 300, "{} was answered {} {}", deed.name(), first.status, first.code());
        // What is in the file now is what a server finds that is started after a crash.
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
    for (what, _) in What::ALL {
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

/// Calls that fail while what was committed is brought from the WAL into the database.
fn checkpoint_series(short: bool) -> Vec<(&'static str, &'static str)> {
    let mut all = vec![(WRITES, "EIO"), (SYNCS, "EIO"), (WRITES, "ENOSPC"), (SYNCS, "ENOSPC")];
    all.truncate(if short { 1 } else { all.len() });
    all
}

/// What was committed is in the WAL and stays there: nobody needs to hear of a failure to bring it into the database.
async fn checkpoint(stage: &Stage, failing: Failing, rng: &mut fastrand::Rng) -> Result<String> {
    let before = stage.ledger.records().answered;
    stage.client.unanswered();
    let trace = Trace::failing_at(stage, &[DATABASE], failing).await?;
    let load = Load::start(stage, BUSY, rng);
    let met = until("the WAL is brought into the database", CHECKPOINT_WITHIN, async || trace.has_met()).await;
    load.stop().await?;
    trace.end()?;
    met?;
    let (deeds, unanswered) = (stage.ledger.records().answered - before, stage.client.unanswered());
    let found = stage.check(QUIET_WITHIN).await?;
    Ok(format!("{deeds} deeds, {unanswered} of them answered with a 5xx at first; {found}"))
}

/// A deed, with what has to be there before, and nothing due besides.
async fn prepare(stage: &Stage, what: What) -> Result<Deed> {
    let (world, manager) = (&stage.world, &stage.manager);
    let unit = world.hubs.len();
    let deed = match what {
        What::Issue => Deed::issue(world, manager, NewGuest::at(unit)),
        What::Revoke => {
            // Those that were issued go first, so that the lock doesn't fill up.
            let live = stage.ledger.records().guests.iter().find(|guest| guest.end.is_none()).map(|guest| guest.id);
            let id = match live {
                Some(id) => id,
                None => stage.issued(NewGuest::at(unit)).await?,
            };
            Deed::revoke(manager, id)
        }
        What::MoveOut => {
            let mover = &world.movers[0];
            let lives_here = stage.ledger.records().lives_here(&mover.email);
            if !lives_here {
                let row = (mover.name.clone(), mover.email.clone(), mover.unit);
                stage.done(&Deed::import(world, manager, &[row])).await?;
            }
            let tenancy = stage.tenancy_of(&mover.email).await?;
            let guest = NewGuest { tenancy: Some(tenancy), ..NewGuest::at(mover.unit) };
            let app = stage.client.sign_in_to_app(&mover.email).await?;
            stage.done(&Deed::issue(world, &app, guest)).await?;
            Deed::move_out(world, manager, tenancy, &mover.email)
        }
        What::Import => {
            let mover = &world.movers[1];
            // Whoever moved in the last time moves out again.
            let lives_here = stage.ledger.records().lives_here(&mover.email);
            if lives_here {
                let tenancy = stage.tenancy_of(&mover.email).await?;
                stage.done(&Deed::move_out(world, manager, tenancy, &mover.email)).await?;
            }
            Deed::import(world, manager, &[(mover.name.clone(), mover.email.clone(), mover.unit)])
        }
    };
    if matches!(what, What::Issue) {
        // The lock doesn't fill up.
        let live: Vec<_> =
            stage.ledger.records().guests.iter().filter(|guest| guest.end.is_none()).map(|guest| guest.id).collect();
        for id in live.into_iter().skip(3) {
            stage.done(&Deed::revoke(manager, id)).await?;
        }
    }
    stage.scene().settle(QUIET_WITHIN).await?;
    Ok(deed)
}

/// The database is synced before anybody is told that something is done: a power cut can't take it back.
async fn synced_before_answered(stage: &Stage, rng: &mut fastrand::Rng) -> Result<String> {
    let resident = &stage.world.residents[0];
    let app = stage.client.sign_in_to_app(&resident.email).await?;
    let mut deeds = Vec::new();
    for (what, _) in What::ALL {
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

/// strace at the server's threads. It lets go of them when this ends.
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

    /// Only writes down calls, the first few bytes of each.
    async fn of_calls(stage: &Stage) -> Result<Self> {
        let mut command = Command::new("strace");
        // So few that no digits are among them.
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

    fn has_met(&self) -> Result<bool> {
        Ok(std::fs::read_to_string(&self.log)?.contains("(INJECTED)"))
    }

    /// Waits until the call has failed, or nothing is due any more. Answers whether it has.
    async fn met_or_quiet(&self, stage: &Stage) -> Result<bool> {
        if !self.has_met()? {
            let scene = stage.scene();
            tokio::select! {
                met = until("a call fails", QUIET_WITHIN, async || self.has_met()) => drop(met?),
                quiet = scene.settle(QUIET_WITHIN) => quiet?,
            }
        }
        self.has_met()
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
        // Its end lets go of the server. Both fail only where it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Does somebody look at every thread of that process?
fn is_traced(id: u32) -> Result<bool> {
    for entry in std::fs::read_dir(format!("/proc/{id}/task"))? {
        // A thread may end meanwhile.
        let Ok(status) = std::fs::read_to_string(entry?.path().join("status")) else { continue };
        let tracer = status.lines().find_map(|line| line.strip_prefix("TracerPid:"));
        if tracer.is_none_or(|tracer| tracer.trim() == "0") {
            return Ok(false);
        }
    }
    Ok(true)
}
