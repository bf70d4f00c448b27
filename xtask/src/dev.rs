//! `cargo xtask dev`: the demo with a console that is rebuilt at every change.

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::{console, serve, toolbox::Toolbox, watched, workspace};

/// Where the server listens alongside trunk. Trunk.toml forwards the API's paths to it.
const SERVER_ADDRESS: &str = "127.0.0.1:8081";

#[derive(Args)]
pub(crate) struct Options {
    /// The port of 127.0.0.1 that trunk serves the console on
    #[arg(long, default_value_t = 8080)]
    port: u16,
}

/// Runs the server with demo data and trunk in front of it, until either ends.
pub(crate) fn run(options: &Options) -> Result<()> {
    println!("Setting up");
    let toolbox = Toolbox::for_dev()?;
    println!("Building the server");
    let job = serve::server_job(&toolbox);
    watched::run(job.label, job.command)?.check()?;

    let mut server = toolbox
        .command(workspace::dev_server())
        .args(["serve", "--demo", "--listen", SERVER_ADDRESS])
        .spawn()
        .context("starting the server")?;

    // Not into dist/, which holds the console as shipped.
    let dist = workspace::scratch_dir()?.join("dev-dist");
    let trunk = console::trunk(&toolbox)
        .args(["serve", "--offline", "--locked", "--port", &options.port.to_string(), "--dist"])
        .arg(dist)
        .env(console::DEV, "1")
        .status();
    // It may have ended by itself, from the same Ctrl+C as trunk.
    let _ = server.kill();
    server.wait().context("waiting for the server")?;
    ensure!(trunk.context("starting trunk")?.success(), "trunk failed");
    Ok(())
}
