//! How soon codes are where they should be while some hubs are bad: `faults pace`, as fast as what is shipped.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::cargo;
use crate::workspace;

/// Builds it and measures; fails where a bound is missed.
pub(super) fn measure() -> Result<()> {
    cargo(&["build", "--release", "--locked", "--package", "faults", "--bin", "faults"])?;
    println!();
    let program = workspace::target_dir().join("release/faults");
    let status = Command::new(program).arg("pace").status().context("starting the measurement")?;
    ensure!(status.success(), "a bound is missed");
    Ok(())
}
