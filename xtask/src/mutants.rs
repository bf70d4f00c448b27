//! `cargo xtask mutants`: tests the tests of the rules, by changing the rules and looking whether a test notices.

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::{toolbox::Toolbox, workspace};

/// What holds the rules for codes and their windows.
const PACKAGES: [&str; 2] = ["access-code", "guest-windows"];

#[derive(Args)]
pub(crate) struct Options {
    /// More options for cargo-mutants: --file, --re, --list
    #[arg(last = true)]
    more: Vec<String>,
}

/// Changes each function and operator of the rules, one at a time, and runs the tests of its crate.
pub(crate) fn run(options: &Options) -> Result<()> {
    let toolbox = Toolbox::for_mutants()?;
    let mut command = toolbox.cargo(&["mutants", "--output"]);
    command.arg(workspace::target_dir());
    for package in PACKAGES {
        command.args(["--package", package]);
    }
    command.args(&options.more);
    let status = command.status().context("starting cargo-mutants")?;
    ensure!(status.success(), "some changes were not noticed: see target/mutants.out/missed.txt");
    Ok(())
}
