//! Creates the data that benchmarks run on: `bench_data DATA_DIR UNITS EVENTS`.
//!
//! This is the demonstration as of a year ago, whose manager also gets *Maple Court*, a property with `UNITS` units,
//! all let; *Elm House*, which belongs to somebody else; and since then a log that has grown to `EVENTS` events. The
//! same random seed gives the same log, except for its ids.

mod log;
mod property;

use std::path::PathBuf;

use anyhow::{Context, Result};
use latchkey_demonstration::ensure;
use latchkey_server::clock::Clock;
use latchkey_server::config::Records;
use store::{Millis, Store};

const YEAR: Millis = 365 * 24 * 60 * 60 * 1000;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let data: PathBuf = arguments.next().context("name the data folder")?.into();
    let units: usize = arguments.next().context("say how many units there are to be")?.parse()?;
    let events: u64 = arguments.next().context("say how many events there are to be")?.parse()?;
    let records = Records { data, database_url: None, demo: true, master_key_file: None };
    let (database, key) = records.locate()?;
    let now = Clock::system().now();
    // The server sets its people's passwords when it starts.
    ensure(&database, &key, "", now - YEAR).await?;
    let store = Store::open_unsafely_fast(&database, key).await?;
    let begun = store.read(store::audit::newest_at).await?.context("an event")?;
    property::add(&store, "Maple Court", "manager@demo.test", units, begun).await?;
    property::add(&store, "Elm House", "owner@elm.test", 30, begun).await?;
    log::fill(&store, events, now).await?;
    store.close().await;
    Ok(())
}
