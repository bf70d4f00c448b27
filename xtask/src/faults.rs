//! `cargo xtask faults`: the fault suite of crates/faults.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::{
    toolbox::Toolbox,
    watched,
    workspace::{self, PROGRAM},
};

#[derive(Args)]
pub(crate) struct Options {
    /// How often the server is killed; 25 by default, 6 with --short
    #[arg(long)]
    kills: Option<u32>,
    /// A few faults of each kind, in three minutes at most: what `cargo xtask test` makes
    #[arg(long)]
    short: bool,
    /// More options for the suite: --only KIND, --seed NUMBER
    #[arg(last = true)]
    more: Vec<String>,
}

/// Builds the suite and injects the faults.
pub(crate) fn run(options: &Options) -> Result<()> {
    let toolbox = Toolbox::for_server()?;
    let build = toolbox.cargo(&["build", "--locked", "--package", PROGRAM, "--package", "faults", "--bins"]);
    watched::run("cargo build (the server and the fault suite)", build)?.check()?;
    let mut command = command(&toolbox, options.short);
    if let Some(kills) = options.kills {
        command.args(["--kills", &kills.to_string()]);
    }
    command.args(&options.more);
    let status = command.status().context("starting the fault suite")?;
    ensure!(status.success(), "something did not hold");
    Ok(())
}

/// The command that injects the faults, with what it needs besides the programs, which must have been built.
pub(crate) fn command(toolbox: &Toolbox, short: bool) -> Command {
    toolbox.offer_fault_tools();
    let mut command = toolbox.command(workspace::target_dir().join("debug/faults"));
    command.arg("run").arg("--latchkey").arg(workspace::dev_server());
    if short {
        command.arg("--short");
    }
    command
}
