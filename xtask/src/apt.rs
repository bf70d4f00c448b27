//! Debian's packages, for what cargo and npm can't bring.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    sync::OnceLock,
};

use anyhow::{Result, bail};

use crate::watched;

/// Where `program` is, if `PATH` has it.
pub(crate) fn find_on_path(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join(program)).find(|path| path.is_file())
}

/// Installs Debian packages, with `sudo` where the caller isn't root.
///
/// # Errors
/// Where there is no `apt-get`, or it fails: the message names what to install by hand.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    if find_on_path("apt-get").is_none() {
        bail!("this machine has no apt-get: install what Debian calls {names} and run the command again");
    }
    update_once()?;
    println!("  installing {names} (apt-get)");
    let mut command = apt_get();
    command.args(["install", "--yes", "--no-install-recommends"]).args(packages);
    watched::run("apt-get install", command)?.check()?;
    Ok(())
}

fn update_once() -> Result<()> {
    static UPDATED: OnceLock<()> = OnceLock::new();
    if UPDATED.get().is_none() {
        let mut command = apt_get();
        command.arg("update");
        watched::run("apt-get update", command)?.check()?;
        UPDATED.get_or_init(|| ());
    }
    Ok(())
}

/// Whether the caller can install packages without being asked for a password.
pub(crate) fn is_root() -> bool {
    let user = Command::new("id").arg("-u").stderr(Stdio::null()).output();
    user.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn apt_get() -> Command {
    let is_root = is_root();
    let mut command = Command::new(if is_root { "env" } else { "sudo" });
    if !is_root {
        command.arg("env");
    }
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"]);
    command
}
