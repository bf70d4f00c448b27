//! `cargo xtask serve`: from a fresh clone to the demo in a browser.

use std::os::unix::process::CommandExt;

use anyhow::{Context, Result};
use clap::Args;

use crate::{
    console::{ConsoleBuild, Views},
    toolbox::Toolbox,
    watched::{self, Finished, Job},
    workspace::{self, PROGRAM},
};

#[derive(Args)]
pub(crate) struct Options {
    /// The address to listen on: loopback only, since the demo's sign-ins are known to all
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
    /// More options for `latchkey serve`
    #[arg(last = true)]
    more: Vec<String>,
}

/// Builds what is out of date and becomes the server.
///
/// The server is a development build (it takes a quarter of a release build's time, and its dependencies are optimised
/// nevertheless); the console is built as it is shipped.
pub(crate) fn run(options: &Options) -> Result<()> {
    println!("Setting up");
    let (toolbox, installs) = Toolbox::for_console_soon()?;
    let console = ConsoleBuild::plan(&toolbox, Views::Lean)?;
    let mut jobs = vec![server_job(&toolbox)];
    if console.is_done() {
        println!("Building the server (the console in dist/ is up to date)");
    } else {
        println!("Building the console and the server (some minutes from nothing)");
        jobs.push(console.job(&toolbox));
        jobs.extend(installs);
    }
    let mut finished = watched::run_together(jobs)?.into_iter();
    let server = finished.next().context("the server's build was lost")?;
    // The console first: it need not be built again if only the server fails to compile.
    if let Some(built) = finished.next() {
        report(built)?;
        for install in finished {
            toolbox.installed(&install.check()?)?;
        }
        console.finish(&toolbox)?;
    }
    report(server)?;

    println!("Serving at http://{}", options.listen);
    let mut command = toolbox.command(workspace::dev_server());
    command.args(["serve", "--demo", "--listen", &options.listen]).args(&options.more);
    Err(command.exec()).context("starting the server")
}

fn report(job: Finished) -> Result<()> {
    let job = job.check()?;
    println!("  {} is built after {}", job.label, watched::seconds(job.took));
    Ok(())
}

/// Compiles the server with the dev profile.
pub(crate) fn server_job(toolbox: &Toolbox) -> Job {
    let command = toolbox.cargo(&["build", "--package", PROGRAM, "--bin", "latchkey", "--locked"]);
    Job { label: "the server".into(), command }
}
