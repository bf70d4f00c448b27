//! A client generated from the contract, docs/openapi.json, as a stranger would: it has to compile, and do three people's
//! day against the real server.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::{toolbox::Toolbox, watched, workspace};

/// Generates the client and compiles it with its day. Returns the command that runs that.
///
/// # Errors
/// The contract isn't enough for the day to compile: the compiler says where.
pub(crate) fn command(toolbox: &Toolbox) -> Result<Command> {
    toolbox.need_client_generator()?;
    let generate = ["../../docs/openapi.json", "--output", "generated/contract.ts"];
    for (tool, arguments) in [("openapi-typescript", &generate[..]), ("tsc", &[])] {
        let mut command = toolbox.command(folder().join("node_modules/.bin").join(tool));
        command.current_dir(folder()).args(arguments);
        watched::run(format!("{tool} in tests/client"), command)?.check()?;
    }
    let mut command = toolbox.command("node");
    command.current_dir(folder()).args(["--test", "--test-reporter=tap", "built/day.js"]);
    command.env("LATCHKEY_BIN", workspace::dev_server());
    Ok(command)
}

fn folder() -> PathBuf {
    workspace::root().join("tests/client")
}
