//! The server under test: the real one, on a real data folder, except for the locks it drives. Those are in the suite's
//! process, so that they survive when this one is killed.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use latchkey_server::app::App;
use latchkey_server::clock::Clock;
use latchkey_server::config::{Serve, open_database};
use latchkey_server::hubs::Hubs;
use latchkey_server::logging;
use latchkey_server::serve::{self, Addresses};
use latchkey_server::single_instance::SingleInstance;
use store::doors;

use crate::driver::Line;

#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    server: Serve,
    /// The socket at which the locks are
    #[arg(long)]
    locks: PathBuf,
}

/// Does what `latchkey serve` does.
pub(crate) async fn run(options: Options) -> Result<()> {
    let _log = logging::to_standard_error();

    let address = options.server.address()?;
    let (database, key) = options.server.records.locate()?;
    let _alone = SingleInstance::claim(&database)?;
    let clock = Clock::system();
    let store = open_database(&database, key).await?;
    let mut ids: Vec<_> = store.read(doors::all_locks).await?.into_iter().map(|lock| lock.hub_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let line = Line::connect(&options.locks, &ids).await?;
    let hubs = ids.into_iter().fold(Hubs::default(), |hubs, id| hubs.with_driver(id, line.driver(id)));
    let app = App::new(store, clock, hubs, options.server.settings(address)?).await?;
    let addresses = Addresses { public: address, operators: options.server.operators_address()? };
    serve::until_stopped(app, addresses, options.server.connections(), |_| Ok(())).await
}
