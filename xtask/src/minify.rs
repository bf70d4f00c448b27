//! esbuild, for what is neither wasm nor HTML.

use std::{io::Write, process::Stdio};

use anyhow::{Context, Result, ensure};

use crate::toolbox::Toolbox;

/// The same in fewer bytes. `loader` is esbuild's name for what it is: `css`, `js`.
pub(crate) fn minified(toolbox: &Toolbox, text: &str, loader: &str) -> Result<String> {
    let mut esbuild = toolbox
        .command("esbuild")
        .args([&format!("--loader={loader}"), "--minify"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .context("starting esbuild")?;
    // Dropped at once, so that esbuild sees the end.
    esbuild.stdin.take().context("esbuild takes no input")?.write_all(text.as_bytes())?;
    let output = esbuild.wait_with_output()?;
    ensure!(output.status.success(), "esbuild failed at the {loader}");
    String::from_utf8(output.stdout).context("what esbuild wrote isn't text")
}
