//! The console's speed, measured by the scripts of `tests/bench` in the machine's own Chromium.

use anyhow::{Context, Result, ensure};

use super::program::{PASSWORD, Program};
use crate::{toolbox::Toolbox, workspace};

/// Measures these parts, or all.
pub(super) fn measure(program: &Program, parts: &[String]) -> Result<()> {
    let toolbox = Toolbox::for_bench()?;
    let running = program.start()?;
    let mut command = toolbox.command("node");
    command.arg("run.mjs").args(parts).current_dir(workspace::root().join("tests/bench"));
    command.env("LATCHKEY_URL", format!("http://{}", running.address)).env("LATCHKEY_DEMO_PASSWORD", PASSWORD);
    if let Some(chromium) = toolbox.find("chromium") {
        command.env("CHROMIUM", chromium);
    }
    let status = command.status().context("starting node")?;
    running.stop()?;
    ensure!(status.success(), "the benchmark in the browser failed");
    Ok(())
}
