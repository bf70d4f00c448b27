//! `cargo xtask pictures`: renews the pictures of docs/setting-up.md.
//!
//! The journey that sets up a property makes them each time that it runs, in target/pictures; here they are taken over into
//! docs/pictures. A page that looks different by now makes no test fail.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::{
    console::{self, Views},
    journeys,
    toolbox::Toolbox,
    workspace,
};

/// The most that a picture may have, in bytes: whoever reads the page downloads all of them.
const LARGEST: u64 = 120_000;

pub(crate) fn run() -> Result<()> {
    let toolbox = Toolbox::for_tests()?;
    console::build(&toolbox, Views::Lean)?;
    let built = toolbox.cargo(&["build", "--locked", "--package", "latchkey"]).status().context("starting cargo")?;
    ensure!(built.success(), "the server can't be built");
    let made = workspace::root().join("target/pictures");
    if made.is_dir() {
        fs::remove_dir_all(&made)?;
    }
    let status = journeys::command(&toolbox)?.arg("setting-up").status().context("starting Playwright")?;
    ensure!(status.success(), "the journey that makes the pictures failed");
    let kept = workspace::root().join("docs/pictures");
    fs::create_dir_all(&kept)?;
    for picture in fs::read_dir(&made).context("the journey has made no pictures")? {
        let picture = picture?;
        let size = picture.metadata()?.len();
        let name = picture.file_name();
        println!("{:<24}{:>8} bytes", name.to_string_lossy(), size);
        ensure!(size <= LARGEST, "that is more than {LARGEST} bytes");
        fs::copy(picture.path(), kept.join(name))?;
    }
    Ok(())
}
