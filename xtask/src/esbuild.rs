//! esbuild, for what is neither wasm nor HTML.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::toolbox::Toolbox;

/// A minified script.
pub(crate) fn minified(toolbox: &Toolbox, script: &str) -> Result<String> {
    let mut command = toolbox.command("esbuild");
    command.args(["--loader=js", "--minify"]);
    run(command, script)
}

/// A minified stylesheet, with those it imports.
pub(crate) fn bundled(toolbox: &Toolbox, entry: &Path) -> Result<String> {
    let mut command = toolbox.command("esbuild");
    command.arg(entry).args(["--bundle", "--minify"]);
    run(command, "")
}

fn run(mut command: Command, input: &str) -> Result<String> {
    let mut esbuild = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .context("starting esbuild")?;
    // Dropped at once, so that esbuild sees the end of input.
    esbuild.stdin.take().context("esbuild takes no input")?.write_all(input.as_bytes())?;
    let output = esbuild.wait_with_output()?;
    ensure!(output.status.success(), "esbuild failed");
    String::from_utf8(output.stdout).context("what esbuild wrote isn't text")
}
