//! `cargo xtask bench`: the figures of docs/performance.md, measured on the program as shipped: how the server performs
//! over HTTP on one connection ([`requests`]) and on many ([`throughput`]), what strangers cost ([`strangers`]) and what following what happens does ([`live`]), how long its queries take, how soon codes are on
//! their locks ([`locks`]), and with
//! `--browser` how fast the console is.

mod browser;
mod data;
mod http;
mod live;
mod locks;
mod many;
mod program;
mod requests;
mod strangers;
mod throughput;

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};

use crate::{build, workspace};
use program::Program;

#[derive(Args)]
pub(crate) struct Options {
    /// Samples of each figure of the server
    #[arg(long, default_value_t = 500)]
    samples: usize,
    /// Measure these parts of the server's figures alone
    #[arg(long, num_args = 1.., value_enum, value_name = "PART", conflicts_with = "browser")]
    only: Vec<Part>,
    /// Measure the console in a browser instead: all parts, or those named (cold, residents, audit, lighthouse)
    #[arg(long, num_args = 0.., value_name = "PART")]
    browser: Option<Vec<String>>,
    /// Take the data of the run before instead of making them again
    #[arg(long)]
    keep: bool,
    /// Measure this program instead of building what is shipped
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// The parts of the server's figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The rules for codes by themselves
    Rules,
    /// The first start, which makes the demonstration
    FirstStart,
    /// Requests on one connection
    Requests,
    /// Requests on many connections at a time
    Throughput,
    /// A list while strangers hold thousands of connections and guess passwords
    Strangers,
    /// Streams of events: how soon they are told, at what cost
    Live,
    /// The log's queries by themselves
    Queries,
    /// Lists and pages with one property and with 200
    Properties,
    /// How soon codes are on their locks while some hubs are bad, and once one is back
    Locks,
}

impl Options {
    fn measures(&self, part: Part) -> bool {
        self.browser.is_none() && (self.only.is_empty() || self.only.contains(&part))
    }
}

/// Builds what is shipped, creates the data and measures.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.measures(Part::Locks) {
        locks::measure()?;
        if options.only == [Part::Locks] {
            return Ok(());
        }
    }
    let path = match &options.program {
        Some(path) => path.clone(),
        None => {
            build::run()?;
            Program::shipped()
        }
    };
    if options.measures(Part::Rules) {
        validation()?;
    }
    if options.measures(Part::FirstStart) {
        first_start(&path)?;
    }
    if options.measures(Part::Properties) {
        let program = Program::with_data(path.clone(), data::empty_folder("bench-nothing")?);
        many::measure(&program, options.samples, options.keep)?;
    }
    let on_data = [Part::Requests, Part::Throughput, Part::Strangers, Part::Live, Part::Queries];
    if options.browser.is_none() && !on_data.into_iter().any(|part| options.measures(part)) {
        return Ok(());
    }
    let program = Program::with_data(path, data::make(options.keep)?);
    if let Some(parts) = &options.browser {
        return browser::measure(&program, parts);
    }
    if options.measures(Part::Requests) {
        requests::measure(&program, options.samples)?;
    }
    if options.measures(Part::Throughput) {
        throughput::measure(&program)?;
    }
    if options.measures(Part::Strangers) {
        strangers::measure(&program)?;
    }
    if options.measures(Part::Live) {
        live::measure(&program)?;
    }
    if options.measures(Part::Queries) {
        data::time_queries(&program.data, options.samples)?;
    }
    Ok(())
}

/// The shared rules, compiled natively, in their own benchmark.
fn validation() -> Result<()> {
    cargo(&["bench", "--package", "access-code", "--features", "getrandom", "--bench", "validation"])
}

/// How long it takes to create the demonstration at the first `cargo xtask serve`.
fn first_start(path: &Path) -> Result<()> {
    let program = Program::with_data(path.to_owned(), data::empty_folder("bench-first-start")?);
    let begun = Instant::now();
    program.start()?.stop()?;
    println!("\n{:<64}{:>10.1?}", "first start, demo data made", begun.elapsed());
    Ok(())
}

fn cargo(arguments: &[&str]) -> Result<()> {
    let status = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(workspace::root())
        .status()
        .context("starting cargo")?;
    ensure!(status.success(), "cargo {} failed", arguments.join(" "));
    Ok(())
}

/// The smallest sample that `percent` percent of the sorted samples don't exceed; zero if there are no samples.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples_that_were_taken() {
        let samples: Vec<_> = (1..=10).map(Duration::from_millis).collect();
        assert_eq!([50, 95, 99].map(|percent| percentile(&samples, percent).as_millis()), [5, 10, 10]);
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }
}
