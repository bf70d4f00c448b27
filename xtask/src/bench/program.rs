//! Starting and stopping the program under test.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use super::http::Connection;
use crate::workspace;

/// How long a server may take until it is ready. The first start makes the demo data.
const START_LIMIT: Duration = Duration::from_secs(120);
/// How often a starting server is asked whether it is ready.
const POLL: Duration = Duration::from_millis(2);

/// The password of the demo's people in the benchmark's own temporary database.
pub(super) const PASSWORD: &str = "benchmark-only";

/// The program, and where it keeps its data.
pub(super) struct Program {
    path: PathBuf,
    pub(super) data: PathBuf,
}

impl Program {
    pub(super) fn shipped() -> PathBuf {
        workspace::target_dir().join("release/latchkey")
    }

    pub(super) fn with_data(path: PathBuf, data: PathBuf) -> Self {
        Self { path, data }
    }

    /// The same program with other data.
    pub(super) fn on(&self, data: PathBuf) -> Self {
        Self::with_data(self.path.clone(), data)
    }

    /// Starts the server and waits until it says it is ready.
    pub(super) fn start(&self) -> Result<Running> {
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let child = self.serve(address).spawn().context("starting the server")?;
        let mut running = Running { child, address };
        let started = Instant::now();
        while started.elapsed() < START_LIMIT {
            if let Some(status) = running.child.try_wait()? {
                bail!("the server ended before it was ready ({status})");
            }
            // Refused until it listens.
            if Connection::open(address)
                .and_then(|mut connection| connection.get("/readyz"))
                .is_ok_and(|status| status == 200)
            {
                return Ok(running);
            }
            thread::sleep(POLL);
        }
        bail!("the server was not ready within {START_LIMIT:?}")
    }

    fn serve(&self, address: SocketAddr) -> Command {
        let mut command = Command::new(&self.path);
        command.args(["serve", "--demo", "--listen", &address.to_string(), "--data"]).arg(&self.data);
        command.env("LATCHKEY_DEMO_PASSWORD", PASSWORD);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

/// A server that is stopped when this is dropped.
pub(super) struct Running {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Running {
    /// The most memory that the server has had so far, in MiB (`VmHWM`).
    pub(super) fn peak_memory(&self) -> Result<u64> {
        let status =
            fs::read_to_string(format!("/proc/{}/status", self.child.id())).context("reading the server's status")?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB")?.trim().parse().ok());
        let kib: u64 = peak.context("the server's status doesn't say how much memory it has had")?;
        Ok(kib / 1024)
    }

    /// The memory that the server has now, in bytes (`VmRSS`).
    pub(super) fn memory(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let now = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.strip_suffix("kB")?.trim().parse().ok());
        let kib: u64 = now.context("the server's status doesn't say how much memory it has")?;
        Ok(kib * 1_024)
    }

    /// For how long the server has kept processors busy so far.
    pub(super) fn busy(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // After the name, which may hold spaces, the twelfth and thirteenth fields: hundredths of a second in user and in
        // kernel mode.
        let (_, fields) = stat.rsplit_once(')').context("the server's statistics")?;
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(ticks * 10))
    }

    pub(super) fn stop(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only if the server is already gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
