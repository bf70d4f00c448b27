//! The data to measure on, created and queried by the examples of the demonstration and the server.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result, ensure};

use super::cargo;
use crate::workspace;

/// How many units the property has whose residents are listed, all of them let.
const UNITS: &str = "1000";
/// The size of the audit log.
const EVENTS: &str = "1000000";

/// Creates the data, unless an earlier run's are complete and to be kept. Returns their folder.
pub(super) fn make(keep: bool) -> Result<PathBuf> {
    let whole = workspace::scratch_dir()?.join("bench-data-is-whole");
    if keep && whole.exists() {
        return Ok(workspace::scratch_dir()?.join(FOLDER));
    }
    if whole.exists() {
        fs::remove_file(&whole)?;
    }
    let folder = empty_folder(FOLDER)?;
    let begun = Instant::now();
    example("latchkey-demonstration", "bench_data", &[text(&folder)?, UNITS, EVENTS])?;
    println!("{:<64}{:>10.1?}", "the benchmark's data made", begun.elapsed());
    fs::write(whole, "")?;
    Ok(folder)
}

const FOLDER: &str = "bench-data";

/// Times the log's queries on their own.
pub(super) fn time_queries(data: &Path, samples: usize) -> Result<()> {
    println!("\nThe log's queries, without HTTP:");
    example("latchkey-server", "audit_queries", &[text(data)?, &samples.to_string()])
}

/// Adds as many people with a session each, who are support. Returns their headers with the session's cookie.
pub(super) fn event_sessions(data: &Path, count: usize) -> Result<Vec<String>> {
    let count = count.to_string();
    let run = ["run", "--release", "--locked", "--package", "latchkey-server", "--example", "event_sessions", "--"];
    let output = std::process::Command::new(env!("CARGO"))
        .args([&run[..], &[text(data)?, &count]].concat())
        .current_dir(workspace::root())
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("starting cargo")?;
    ensure!(output.status.success(), "no sessions were added");
    let secrets = String::from_utf8(output.stdout).context("what it printed")?;
    Ok(secrets.lines().map(|secret| format!("Cookie: __Host-latchkey={secret}\r\n")).collect())
}

/// An empty folder of that name for temporary data.
pub(super) fn empty_folder(name: &str) -> Result<PathBuf> {
    let folder = workspace::scratch_dir()?.join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).context("removing the data of an earlier run")?;
    }
    Ok(folder)
}

fn example(package: &str, name: &str, arguments: &[&str]) -> Result<()> {
    let run = ["run", "--release", "--locked", "--package", package, "--example", name, "--"];
    cargo(&[&run[..], arguments].concat())
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("a path that is text")
}
