//! The journeys: people's paths through the console, in a real browser against the real server.

use std::{net::TcpListener, path::Path, process::Command};

use anyhow::{Context, Result};

use crate::{toolbox::Toolbox, workspace};

/// The file with one journey for each person.
const ONE_FOR_EACH_PERSON: &str = "keyboard";

/// The command that runs one journey for each person with the console in a folder.
pub(crate) fn command_for_each_person(toolbox: &Toolbox, console: &Path) -> Result<Command> {
    let mut command = command(toolbox)?;
    command.arg(ONE_FOR_EACH_PERSON).env(CONSOLE_FOLDER, console);
    Ok(command)
}

/// The variable that tells a development build of the server where the console is (`crates/server/src/assets.rs`).
const CONSOLE_FOLDER: &str = "LATCHKEY_CONSOLE";

/// The command that runs every journey against the development server and the console in `dist/`.
pub(crate) fn command(toolbox: &Toolbox) -> Result<Command> {
    let mut command = playwright(toolbox, "tests/journeys");
    // Both held at once, so that they differ.
    let (journeys, screens) = (free_port()?, free_port()?);
    for (variable, listener) in [("LATCHKEY_PORT", &journeys), ("LATCHKEY_SCREENS_PORT", &screens)] {
        command.env(variable, listener.local_addr()?.port().to_string());
    }
    if let Some(chromium) = toolbox.find("chromium") {
        command.env("CHROMIUM", chromium);
    }
    Ok(command)
}

/// The command that runs a journey for each person in Firefox and in WebKit, with the console in `dist/`. See
/// [`Toolbox::need_other_browsers`].
pub(crate) fn command_in_other_browsers(toolbox: &Toolbox) -> Command {
    let mut command = playwright(toolbox, "tests/browsers");
    if let Some(firefox) = toolbox.find("firefox-esr") {
        command.env("FIREFOX", firefox);
    }
    command
}

/// The command that runs the journeys in a folder against the development server.
fn playwright(toolbox: &Toolbox, folder: &str) -> Command {
    let folder = workspace::root().join(folder);
    let mut command = toolbox.command(folder.join("node_modules/.bin/playwright"));
    command.arg("test").current_dir(&folder).env("LATCHKEY_BIN", workspace::dev_server());
    // Playwright warns every time that the latter contradicts the former.
    command.env_remove("NO_COLOR").env_remove("FORCE_COLOR");
    command
}

/// Holds a free port of the loopback address.
fn free_port() -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", 0)).context("asking for a free port")
}
