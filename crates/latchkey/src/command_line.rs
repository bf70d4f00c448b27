//! The program's commands and options.

use clap::{Args, Parser, Subcommand};
use ids::{HubId, PropertyId};
use latchkey_server::config::{Records, Serve};

/// The program `latchkey`.
#[derive(Parser)]
#[command(name = "latchkey", version, about = "Access codes for apartment doors")]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the program does.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serve the API and the console
    Serve(Serve),
    /// The audit log
    #[command(subcommand)]
    Audit(Audit),
    /// People
    #[command(subcommand)]
    User(User),
    /// Hubs, through which locks are driven
    #[command(subcommand)]
    Hub(Hub),
    /// Print a link with which somebody becomes the first administrator
    SetUpLink(SetUpLink),
}

/// `latchkey audit …`
#[derive(Subcommand)]
pub(crate) enum Audit {
    /// Check every link of the log's chain; fails where one is broken
    Verify(Records),
}

/// `latchkey user …`
#[derive(Subcommand)]
pub(crate) enum User {
    /// Add a person, or give one another password and more roles; reads the password from LATCHKEY_PASSWORD or the standard input
    Add(UserAdd),
    /// Print the staff: address, name, roles and state
    List(Records),
    /// Print a link with which a person who has no password yet makes one
    Invite(UserInvite),
    /// Print a link with which a person who forgot their password sets another, for 30 minutes
    Reset(UserInvite),
    /// Disable a person: signed out everywhere, their codes off the locks
    Disable(UserDisable),
    /// Enable a person again
    Enable(UserDisable),
}

/// `latchkey hub …`
#[derive(Subcommand)]
pub(crate) enum Hub {
    /// Add a hub, and print its id; a server that is running connects to it. Reads its token from LATCHKEY_HUB_TOKEN
    Add(HubAdd),
    /// Print the hubs of a property: id, name, address, whether it answers, doors
    List(HubList),
    /// Connect to a hub now, and print what it says of itself and its locks
    Test(HubChosen),
    /// Remove a hub that no lock is linked to
    Remove(HubChosen),
}

/// `latchkey hub add`
#[derive(Args)]
pub(crate) struct HubAdd {
    /// Where the records are.
    #[command(flatten)]
    pub(crate) records: Records,
    /// The property, by its id
    #[arg(long)]
    pub(crate) property: PropertyId,
    /// What people are to call it
    #[arg(long)]
    pub(crate) name: String,
    /// Where its Z-Wave JS server listens: wss://…, or ws://… on this very machine
    #[arg(long)]
    pub(crate) url: String,
}

/// `latchkey hub list`
#[derive(Args)]
pub(crate) struct HubList {
    /// Where the records are.
    #[command(flatten)]
    pub(crate) records: Records,
    /// The property, by its id
    #[arg(long)]
    pub(crate) property: PropertyId,
}

/// `latchkey hub test` and `latchkey hub remove`
#[derive(Args)]
pub(crate) struct HubChosen {
    /// Where the records are.
    #[command(flatten)]
    pub(crate) records: Records,
    /// The hub, by its id
    #[arg(long)]
    pub(crate) hub: HubId,
}

/// `latchkey user add`
#[derive(Args)]
pub(crate) struct UserAdd {
    /// Where the records are.
    #[command(flatten)]
    pub(crate) records: Records,
    /// The address to sign in with
    #[arg(long)]
    pub(crate) email: String,
    /// The person's name
    #[arg(long)]
    pub(crate) name: String,
    /// Make them manager of this property, by its id; may be given more than once
    #[arg(long = "manager", value_name = "PROPERTY")]
    pub(crate) manager: Vec<PropertyId>,
    /// Let them set up properties and staff
    #[arg(long)]
    pub(crate) administrator: bool,
    /// Let them read everything of every property
    #[arg(long)]
    pub(crate) support: bool,
}

/// `latchkey set-up-link`
#[derive(Args)]
pub(crate) struct SetUpLink {
    /// Where the records are.
    #[command(flatten)]
    pub(crate) records: Records,
    /// Where people reach the server
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub(crate) url: String,
}

/// `latchkey user invite` and `latchkey user reset`
#[derive(Args)]
pub(crate) struct UserInvite {
    /// Where the records are.
    #[command(flatten)]
    pub(crate) records: Records,
    /// The address they sign in with
    #[arg(long)]
    pub(crate) email: String,
    /// Where people reach the server
    #[arg(long, env = "LATCHKEY_PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
    pub(crate) url: String,
}

/// `latchkey user disable` and `latchkey user enable`
#[derive(Args)]
pub(crate) struct UserDisable {
    /// Where the records are.
    #[command(flatten)]
    pub(crate) records: Records,
    /// The address they sign in with
    #[arg(long)]
    pub(crate) email: String,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_options_are_sound() {
        Cli::command().debug_assert();
    }
}
