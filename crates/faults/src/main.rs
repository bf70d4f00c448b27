//! The fault suite (`cargo xtask faults`): the server is killed, its disk fails and fills up, its clients and hubs
//! disconnect, its clock jumps. After each fault, everything that was acknowledged must be there exactly once, in the
//! audit log and on the locks.
//!
//! The locks are in this process ([`locks`]), so that they outlive the server's. The server is this same program,
//! started as `faults serve` ([`serve`]): the real one except for the lock drivers. None of this is part of the program
//! `latchkey`.
#![expect(clippy::print_stdout, reason = "a command-line program talks to the person who ran it")]

mod arrivals;
mod check;
mod client;
mod clock;
mod cuts;
mod deeds;
mod driver;
mod full_disk;
mod hubs;
mod kills;
mod load;
mod locks;
mod pace;
mod report;
mod serve;
mod server;
mod stage;
mod storage;
mod wire;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::{Args, Parser, Subcommand, ValueEnum};

use report::Report;
use stage::Suite;

/// The fault suite.
#[derive(Parser)]
#[command(name = "faults")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the faults
    Run(Options),
    /// Live through a month of moves, guests and failing locks
    Arrivals(arrivals::Options),
    /// Measure how soon codes are where they should be while some hubs are bad
    Pace,
    /// Be the server under test
    Serve(serve::Options),
}

#[derive(Args)]
struct Options {
    /// How often the server is killed; 25 by default, 6 with --short
    #[arg(long)]
    kills: Option<u32>,
    /// A few of each kind, in three minutes at most
    #[arg(long)]
    short: bool,
    /// These kinds alone
    #[arg(long, value_enum, num_args = 1.., value_name = "KIND")]
    only: Vec<Kind>,
    /// The program latchkey, whose `audit verify` is to say that the log is intact
    #[arg(long, value_name = "PROGRAM")]
    latchkey: Option<PathBuf>,
    /// Chooses the moments; by default others every time
    #[arg(long)]
    seed: Option<u64>,
}

/// The kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// kill -9 under load
    Kills,
    /// Writes and syncs that fail
    Storage,
    /// A disk that fills up and is emptied again
    Disk,
    /// Clients that break off
    Cuts,
    /// A clock that jumps
    Clock,
    /// Hubs that lose and repeat, or don't answer
    Hubs,
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Run(options) => run(options).await,
        Command::Arrivals(options) => live(options).await,
        Command::Pace => pace::run().await,
        Command::Serve(options) => serve::run(options).await.map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Lives through the days on threads of their own, each with all that belongs to it.
async fn live(options: arrivals::Options) -> Result<bool> {
    tokio::task::spawn_blocking(move || arrivals::run(&options)).await?
}

/// Injects the faults. Returns whether everything held.
async fn run(options: Options) -> Result<bool> {
    let suite = Suite {
        // Itself, even if it is rebuilt in the meantime.
        executable: format!("/proc/{}/exe", std::process::id()).into(),
        latchkey: options.latchkey,
        short: options.short,
        kills: options.kills.unwrap_or(if options.short { 6 } else { 25 }),
        seed: options.seed.unwrap_or_else(|| fastrand::u64(..)),
    };
    println!("the moments are those of --seed {}", suite.seed);
    let mut report = Report::default();
    for kind in Kind::value_variants() {
        if !options.only.is_empty() && !options.only.contains(kind) {
            continue;
        }
        let began = Instant::now();
        match kind {
            Kind::Kills => kills::run(&suite, &mut report).await,
            Kind::Storage => storage::run(&suite, &mut report).await,
            Kind::Disk => full_disk::run(&suite, &mut report).await,
            Kind::Cuts => cuts::run(&suite, &mut report).await,
            Kind::Clock => clock::run(&suite, &mut report).await,
            Kind::Hubs => hubs::run(&suite, &mut report).await,
        }
        println!("         {kind:?} took {}", report::seconds(began.elapsed()));
    }
    report.close();
    Ok(report.is_good())
}
