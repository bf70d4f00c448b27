//! `cargo xtask build`: the one program that is shipped.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::{
    console::{self, Views},
    toolbox::Toolbox,
    workspace::{self, PROGRAM},
};

/// Builds the console, then the server with the console and its compressed copies inside.
pub(crate) fn run() -> Result<()> {
    println!("Setting up");
    let toolbox = Toolbox::for_console()?;
    println!("Building");
    console::build(&toolbox, Views::Lean)?;
    let status = toolbox
        .cargo(&["build", "--release", "--package", PROGRAM, "--bin", "latchkey", "--locked"])
        .status()
        .context("starting cargo")?;
    ensure!(status.success(), "the server does not compile");

    let program = workspace::target_dir().join("release/latchkey");
    let bytes = fs::metadata(&program).with_context(|| format!("looking at {}", program.display()))?.len();
    println!("{} is ready: one program of {} MB", program.display(), bytes / 1_000_000);
    Ok(())
}
