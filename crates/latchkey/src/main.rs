//! The program `latchkey`: its command line, and starting the server.

mod command_line;
mod hubs;
mod serve;
mod users;

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Parser;
use command_line::{Audit, Cli, Command, Hub, User};
use latchkey_server::config::Records;
use latchkey_server::{logging, view};

#[tokio::main]
async fn main() -> ExitCode {
    let _log = logging::to_standard_error();
    let done = match Cli::parse().command {
        Command::Serve(options) => serve::serve(options).await,
        Command::Audit(Audit::Verify(records)) => verify(&records).await,
        Command::User(User::Add(options)) => users::add(options).await,
        Command::User(User::List(records)) => users::list(records).await,
        Command::User(User::Invite(options)) => users::invite(options).await,
        Command::User(User::Reset(options)) => users::reset(options).await,
        Command::Hub(Hub::Add(options)) => hubs::add(options).await,
        Command::Hub(Hub::List(options)) => hubs::list(options).await,
        Command::Hub(Hub::Test(options)) => hubs::test(options).await,
        Command::Hub(Hub::Remove(options)) => hubs::remove(options).await,
        Command::SetUpLink(options) => users::set_up_link(options).await,
        Command::User(User::Disable(options)) => users::set_disabled(options, true).await,
        Command::User(User::Enable(options)) => users::set_disabled(options, false).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Checks every link of the log's chain.
async fn verify(records: &Records) -> Result<()> {
    let store = records.open_existing().await?;
    let found = view::event::describe_chain(store.read(store::audit::verify).await?);
    store.close().await;
    say(&serde_json::to_string(&found)?)?;
    if !found.intact {
        bail!("the log's chain is broken");
    }
    Ok(())
}

/// Prints something for whoever runs the program; logs go to standard error.
fn say(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{text}").context("can't write to the standard output")
}
