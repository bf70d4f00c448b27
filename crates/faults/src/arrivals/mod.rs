//! `cargo xtask arrivals`: a month of moves, guests and failing locks, on the real server with simulated locks.
//!
//! The router, the records, the workers and the log are the server's own; time is that of its clock, which the simulation
//! sets. People act by the API alone. At every step an oracle, which knows what people did ([`model`]) and what the locks
//! truly hold ([`radio`]), compares that with what the server says ([`oracle`]), and so does a witness at every instant when a
//! lock changes ([`witness`]). What people do and what goes wrong is the same for the same seed; digits, pauses and the moments
//! between two steps aren't.

mod mishap;
mod model;
mod month;
mod oracle;
mod people;
mod radio;
mod town;
mod witness;

use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::report::{Report, seconds};

use mishap::Mishap;
use month::Month;
use radio::Lie;

/// How many days a month has, and how many the short form.
const DAYS: u32 = 30;
const SHORT_DAYS: u32 = 2;
/// How many months the short form lives through the beginning of.
const SHORT_SEEDS: u64 = 3;
/// For how many days a hub lies that is to be caught, and what happens on them.
const LYING_DAYS: u32 = 2;
const LYING_SEED: u64 = 1;

#[derive(Args)]
pub(crate) struct Options {
    /// What happens; another each time by default
    #[arg(long)]
    seed: Option<u64>,
    /// How many days
    #[arg(long, conflicts_with = "short")]
    days: Option<u32>,
    /// Some days of several seeds, in a minute at most
    #[arg(long)]
    short: bool,
}

/// Lives through the days, after making sure that the oracle sees what is wrong. Returns whether everything held.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let days = options.days.unwrap_or(if options.short { SHORT_DAYS } else { DAYS });
    let seeds = if options.short { SHORT_SEEDS } else { 1 };
    let mut report = Report::default();
    let mut under_way: Vec<(String, JoinHandle<Result<String>>)> = Vec::new();
    for (lie, name, expected) in LIES {
        under_way.push((name.to_owned(), thread::spawn(move || caught(lie, expected))));
    }
    for seed in seed..seed + seeds {
        under_way.push((format!("{days} days of --seed {seed}"), thread::spawn(move || lived(seed, days))));
    }
    for (name, simulation) in under_way {
        let found = simulation.join().map_err(|_| anyhow::anyhow!("the simulation panicked")).flatten();
        report.tell(&name, found);
    }
    report.close();
    Ok(report.is_good())
}

/// The lies, and what the oracle says of each.
const LIES: [(Lie, &str, &str); 3] = [
    (Lie::Removed, "the oracle sees a code that is said to be removed and isn’t", "opens the door"),
    (
        Lie::Written,
        "the oracle sees a code that is said to be working and isn’t",
        "is said to be working, and isn't there",
    ),
    (Lie::Free, "the oracle sees that somebody else’s code is written over", "that isn't ours is gone"),
];

/// Lives through some days with hubs that lie. Returns what the oracle said.
fn caught(lie: Lie, expected: &str) -> Result<String> {
    runtime()?.block_on(async {
        let mut month = Month::begin(LYING_SEED, LYING_DAYS, Some(lie)).await?;
        if lie == Lie::Free {
            month.many_codes_by_hand();
        }
        let said = format!("{:#}", month.live(LYING_DAYS).await.err().context("nothing was seen")?);
        ensure!(said.contains(expected), "something else was seen: {said}");
        Ok(said.lines().next().unwrap_or_default().to_owned())
    })
}

fn lived(seed: u64, days: u32) -> Result<String> {
    runtime()?.block_on(async {
        let began = Instant::now();
        let mut month = Month::begin(seed, days, None).await?;
        match month.live(days).await {
            Ok(()) => Ok(table(&month, began.elapsed())),
            Err(error) => {
                let kept = month.town.keep();
                Err(error.context(format!("--seed {seed}; the records are kept in {}", kept.display())))
            }
        }
    })
}

/// Everything of one month takes turns on one thread, so that it is known when nothing is left to do.
fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

fn table(month: &Month, took: Duration) -> String {
    let tally = &month.tally;
    let minutes = |millis: i64| format!("{:.1} min", millis as f64 / 60_000.0);
    let mut rows = vec![
        ("moved in", tally.moves_in.to_string()),
        ("moved out", tally.moves_out.to_string()),
        ("residents' codes changed", tally.changes.to_string()),
        ("custom codes switched", tally.switches.to_string()),
        ("guest codes issued", tally.guests.to_string()),
        ("guest codes revoked", tally.revoked.to_string()),
        ("delivery codes used", tally.used.to_string()),
        ("delivery codes used and nobody told", tally.used_unheard.to_string()),
        ("requests refused", format!("{} {:?}", tally.refused, tally.refusals)),
    ];
    rows.extend(Mishap::ALL.iter().map(|(it, name)| (*name, tally.mishaps.get(it).copied().unwrap_or(0).to_string())));
    rows.extend([
        ("steps of time", tally.steps.to_string()),
        ("looks at all doors", tally.looks.to_string()),
        ("looks while a lock changed", month.town.witness.looks().to_string()),
        ("codes that opened a door too long, and that was said", tally.open_too_long.to_string()),
        ("the longest of these, lock away or not", minutes(tally.longest_open)),
        ("the longest while the lock could be reached", minutes(tally.longest_open_in_reach)),
        ("codes that a lock had lost before that was known", tally.lost.to_string()),
        ("the longest of these", minutes(tally.longest_lost)),
        ("untruths of locks that tell nothing, at all looks", tally.untold.to_string()),
        ("ends on record", tally.events.to_string()),
    ]);
    let rows = rows.iter().map(|(what, count)| format!("\n           {what:<54}{count}")).collect::<String>();
    format!("everything held, in {}{rows}", seconds(took))
}
