//! The project's commands. Plain `cargo xtask` lists them; each does its own set-up, so that a fresh clone needs
//! nothing but Rust from rustup.
#![expect(clippy::print_stdout, reason = "a command-line program talks to the person who ran it")]

mod apt;
mod arrivals;
mod bench;
mod boot;
mod build;
mod chunks;
mod client;
mod console;
mod dev;
mod dist;
mod esbuild;
mod faults;
mod files;
mod journeys;
mod mutants;
mod page;
mod pages;
mod pictures;
mod precompress;
mod product;
mod rules;
mod serve;
mod size;
mod structure;
mod test;
mod texts;
mod toolbox;
mod trust;
mod watched;
mod worker;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Latchkey's commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the console and the server, and serve them with demo data
    Serve(serve::Options),
    /// Check everything that CI checks
    Test(test::Options),
    /// Make the one self-contained program, target/release/latchkey
    Build,
    /// Make what others install: a Debian package, and what a container is made of
    Dist(dist::Options),
    /// Serve with demo data, rebuilding the console at every change
    Dev(dev::Options),
    /// Tell what a first visit downloads, and fail where it is more than the budget
    Size,
    /// Renew the pictures of docs/setting-up.md
    Pictures,
    /// Kill the server, fail its disk, jump its clock, and look whether everything holds
    Faults(faults::Options),
    /// Live through a simulated month of moves, guests and failing locks, and look at every door at every step
    Arrivals(arrivals::Options),
    /// Change the rules, one thing at a time, and see whether their tests notice
    Mutants(mutants::Options),
    /// Measure what docs/performance.md claims
    Bench(bench::Options),
    /// Put the console in place of what trunk made: trunk calls it
    #[command(hide = true)]
    TrunkHook,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve(options) => serve::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Build => build::run(),
        Command::Dist(options) => dist::run(&options),
        Command::Dev(options) => dev::run(&options),
        Command::Size => size::run(),
        Command::Pictures => pictures::run(),
        Command::Faults(options) => faults::run(&options),
        Command::Arrivals(options) => arrivals::run(&options),
        Command::Mutants(options) => mutants::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::TrunkHook => console::trunk_hook(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
