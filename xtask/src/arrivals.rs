//! `cargo xtask arrivals`: a simulated month of moves, guests and failing locks, of crates/faults.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::{toolbox::Toolbox, watched, workspace};

#[derive(Args)]
pub(crate) struct Options {
    /// What people do and what goes wrong; something else each time by default
    #[arg(long)]
    seed: Option<u64>,
    /// How many days; 30 by default
    #[arg(long, conflicts_with = "short")]
    days: Option<u32>,
    /// Some days of several seeds, in a minute: what `cargo xtask test` lives through
    #[arg(long)]
    short: bool,
}

/// Builds the simulation and lives through it.
pub(crate) fn run(options: &Options) -> Result<()> {
    let toolbox = Toolbox::for_server()?;
    let build = toolbox.cargo(&["build", "--locked", "--package", "faults", "--bins"]);
    watched::run("cargo build (the simulation)", build)?.check()?;
    let mut command = command(&toolbox, options.short);
    if let Some(seed) = options.seed {
        command.args(["--seed", &seed.to_string()]);
    }
    if let Some(days) = options.days {
        command.args(["--days", &days.to_string()]);
    }
    let status = command.status().context("starting the simulation")?;
    ensure!(status.success(), "something did not hold");
    Ok(())
}

/// The command that lives through it, whose program must have been built.
pub(crate) fn command(toolbox: &Toolbox, short: bool) -> Command {
    let mut command = toolbox.command(workspace::target_dir().join("debug/faults"));
    command.arg("arrivals");
    if short {
        command.arg("--short");
    }
    command
}
