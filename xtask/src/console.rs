//! Building the console as it is shipped: trunk with the `console` profile, then compressed copies of every file.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};

use crate::{
    boot, chunks, files, precompress, styles, texts,
    toolbox::Toolbox,
    watched::{self, Job},
    worker, workspace,
};

/// What the console is made of, and what makes its files of that.
const SOURCES: [&str; 12] = [
    "index.html",
    "Trunk.toml",
    "Cargo.toml",
    "Cargo.lock",
    "src",
    "style",
    "public",
    "locales",
    "kit",
    "crates/access-code",
    "crates/api-types",
    "xtask/src",
];
/// Switches that the shipped console is compiled with, and the standard library anew with it: a panic stops at once and
/// has no text, since `docs/performance.md` has a tenth less wasm so. They are unstable, which is why the compiler has to
/// be told; nothing else of the workspace is built with them.
///
/// The relocations are for taking it apart, see [`chunks`].
pub(crate) const SHIPPED: [(&str, &str); 4] = [
    ("RUSTC_BOOTSTRAP", "1"),
    ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort"),
    ("CARGO_UNSTABLE_BUILD_STD_FEATURES", ""),
    (
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
        "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none -Clink-args=--emit-relocs",
    ),
];
/// Tells trunk's hooks (`Trunk.toml`) that what they do is done in [`ConsoleBuild::finish`]: theirs would be compiled with
/// [`SHIPPED`].
const NO_HOOKS: &str = "LATCHKEY_NO_HOOKS";
/// Part of the path that a resident's code is set under. R5: nothing of the console names it.
const MOBILE_ONLY_PATH: &str = "me/code";

/// Tells whether `dist/` is up to date, and how to make it so.
pub(crate) struct ConsoleBuild {
    fingerprint: String,
    stamp: PathBuf,
}

impl ConsoleBuild {
    /// Looks at the sources and the tools of a build.
    pub(crate) fn plan(toolbox: &Toolbox) -> Result<Self> {
        let root = workspace::root();
        let mut sources = Vec::new();
        for source in SOURCES {
            sources.extend(files::walk(&root.join(source), &|_| false)?);
        }
        let mut context = toolbox.console_versions()?;
        context.extend(SHIPPED.map(|(name, value)| format!("{name}={value}")));
        let fingerprint = files::fingerprint(&sources, &context)?;
        Ok(Self { fingerprint, stamp: workspace::scratch_dir()?.join("console.stamp") })
    }

    /// Whether `dist/` holds what these sources and tools make.
    pub(crate) fn is_done(&self) -> bool {
        workspace::dist_dir().join("index.html").is_file() && files::is_stamped(&self.stamp, &self.fingerprint)
    }

    /// The command that compiles and bundles the console.
    pub(crate) fn job(&self, toolbox: &Toolbox) -> Job {
        let mut command = trunk(toolbox);
        let how = ["--release", "--cargo-profile", "console", "--features", "chunks", "--locked", "--offline"];
        command.arg("build").args(how).envs(SHIPPED).env("CARGO_TARGET_DIR", target_dir()).env(NO_HOOKS, "1");
        Job { label: "the console".into(), command }
    }

    /// What is left to do after the command: chunks, one stylesheet, what the page itself holds, compressed
    /// copies, the absence check of R5, and the stamp.
    pub(crate) fn finish(&self, toolbox: &Toolbox) -> Result<()> {
        let dist = workspace::dist_dir();
        chunks::split(toolbox, &target_dir(), &dist)?;
        styles::bundle(toolbox, &dist)?;
        texts::write(&dist)?;
        boot::put_into_page(toolbox, &dist)?;
        worker::stamp(&dist)?;
        precompress::precompress(&dist)?;
        check_absence()?;
        files::stamp(&self.stamp, &self.fingerprint)
    }
}

/// A folder of its own: build scripts look at the switches and would otherwise run again at every turn.
fn target_dir() -> PathBuf {
    workspace::root().join("target/shipped-console")
}

/// Brings `dist/` up to date.
pub(crate) fn build(toolbox: &Toolbox) -> Result<()> {
    let build = ConsoleBuild::plan(toolbox)?;
    if build.is_done() {
        println!("  the console in dist/ is up to date");
        return Ok(());
    }
    println!("  building the console into dist/ (some minutes from nothing)");
    let job = build.job(toolbox);
    let finished = watched::run(job.label, job.command)?.check()?;
    build.finish(toolbox)?;
    println!("  the console is built after {}", watched::seconds(finished.took));
    Ok(())
}

/// trunk, shielded from a `NO_COLOR` that isn't `true` or `false`, which it takes for an error, and from a
/// `RUST_BACKTRACE`, with which it buries the compiler's errors.
pub(crate) fn trunk(toolbox: &Toolbox) -> std::process::Command {
    let mut command = toolbox.command("trunk");
    command.env_remove("NO_COLOR").env("RUST_BACKTRACE", "0");
    command
}

/// R5: the built console contains no trace of the path that sets a resident's code.
pub(crate) fn check_absence() -> Result<()> {
    let dist = workspace::dist_dir();
    let built: Vec<_> = files::walk(&dist, &|_| false)?
        .into_iter()
        .filter(|file| file.extension().is_some_and(|extension| extension != "br" && extension != "gz"))
        .collect();
    ensure!(
        built.iter().any(|file| file.extension().is_some_and(|extension| extension == "wasm")),
        "dist/ has no wasm to look into"
    );
    for file in built {
        let bytes = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        ensure!(
            !contains(&bytes, MOBILE_ONLY_PATH.as_bytes()),
            "R5: {} contains {MOBILE_ONLY_PATH:?}, the path that the web must not know",
            file.display()
        );
    }
    Ok(())
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_wherever_they_are() {
        assert!(contains(b"\0/api/v1/me/code", b"me/code"));
        assert!(contains(b"me/code\xff", b"me/code"));
        assert!(!contains(b"/api/v1/me/access /codes", b"me/code"));
        assert!(!contains(b"me", b"me/code"));
    }
}
