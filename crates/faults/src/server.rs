//! The server's process.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::client::Client;

/// How long a server may take to start before it is considered stuck.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How often a starting or stopping server is polled.
const POLL: Duration = Duration::from_millis(5);

/// How the server is started.
pub(crate) struct Program {
    /// This program itself, which is also the server.
    pub(crate) executable: PathBuf,
    pub(crate) data: PathBuf,
    pub(crate) locks: PathBuf,
    pub(crate) log: PathBuf,
    pub(crate) address: SocketAddr,
    /// Additional environment variables.
    pub(crate) environment: Vec<(&'static str, OsString)>,
}

/// A server that is running. It is killed when this is dropped.
pub(crate) struct Server {
    child: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only if it is already gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// Starts the server without waiting for it.
    pub(crate) fn start(&self) -> Result<Server> {
        let log = OpenOptions::new().create(true).append(true).open(&self.log).context("the server's log")?;
        let mut command = Command::new(&self.executable);
        command.arg0("faults").arg("serve").arg("--listen").arg(self.address.to_string());
        command.arg("--data").arg(&self.data).arg("--locks").arg(&self.locks);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        // Without the variables of whoever runs this suite.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LATCHKEY_")) {
            command.env_remove(name);
        }
        command.env("LATCHKEY_LOG", "info").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        Ok(Server { child: command.spawn().context("starting the server")? })
    }

    /// What the servers sharing this log have logged so far.
    pub(crate) fn logged(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&std::fs::read(&self.log)?).into_owned())
    }
}

impl Server {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it says that it is ready. Returns how long after `since` that was.
    pub(crate) async fn ready(&mut self, client: &Client, since: Instant) -> Result<Duration> {
        while since.elapsed() < START_LIMIT {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended before it was ready ({status})");
            }
            // Refused until it listens.
            if client.status_of("/readyz").await.is_ok_and(|status| status == 200) {
                return Ok(since.elapsed());
            }
            tokio::time::sleep(POLL).await;
        }
        bail!("the server was not ready within {START_LIMIT:?}")
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) -> Result<()> {
        ensure!(self.child.try_wait()?.is_none(), "the server had ended by itself");
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to stop, and waits for it. Returns how it ended and how long that took.
    pub(crate) async fn stop(mut self, within: Duration) -> Result<(ExitStatus, Duration)> {
        let asked = Instant::now();
        let id = Pid::from_raw(i32::try_from(self.id())?).context("a process's id")?;
        kill_process(id, Signal::TERM)?;
        while asked.elapsed() < within {
            if let Some(status) = self.child.try_wait()? {
                return Ok((status, asked.elapsed()));
            }
            tokio::time::sleep(POLL).await;
        }
        bail!("it did not stop within {within:?}")
    }
}

/// An address that nobody listens on now.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}

/// Creates a file for a tool's output.
pub(crate) fn log_file(path: &Path) -> Result<File> {
    File::create(path).with_context(|| format!("making {}", path.display()))
}
