//! Building the console as it is shipped: cargo with the `console` profile, then [`crate::product`].

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::{
    boot, files, product,
    toolbox::Toolbox,
    watched::{self, Job},
    workspace::{self, CONSOLE, WASM_TARGET},
};

/// What the console is built from, and what builds its files.
const SOURCES: [&str; 11] = [
    "index.html",
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
/// Part of the path for setting a resident's code. R5: nothing in the console contains it.
const MOBILE_ONLY_PATH: &str = "me/code";
/// What the splitter needs, see [`crate::chunks`].
const RELOCATIONS: &str = "-Clink-args=--emit-relocs";
/// Set by `cargo xtask dev` for trunk, and so for its hook.
pub(crate) const DEV: &str = "LATCHKEY_DEV";
/// Where trunk stages its output, in the environment of its hooks.
const TRUNKS_FOLDER: &str = "TRUNK_STAGING_DIR";
/// If set to `stable`, the console is built with the toolchain's own standard library.
const STD: &str = "LATCHKEY_STD";

/// Which implementation of views the console is built with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Views {
    /// `kit/lean-view`'s: what is shipped.
    Lean,
    /// Leptos's own, to know that they could take over, and at what cost.
    Leptos,
}

/// Which standard library it is compiled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Std {
    /// One compiled with the console: a panic aborts at once and has no text, which saves a tenth of the wasm
    /// (`docs/performance.md`). The flags for that are unstable, which is why the compiler has to be told to accept
    /// them.
    Own,
    /// The toolchain's.
    Stable,
}

impl Std {
    fn wanted() -> Self {
        if env::var_os(STD).is_some_and(|value| value == "stable") { Self::Stable } else { Self::Own }
    }

    /// The environment of cargo.
    fn switches(self, views: Views) -> Vec<(&'static str, String)> {
        let mut flags = vec![RELOCATIONS];
        // One type for all views: a fifth less wasm with Leptos's own.
        if views == Views::Leptos {
            flags.push("--cfg=erase_components");
        }
        let mut switches = Vec::new();
        if self == Self::Own {
            flags.extend([
                "-Zunstable-options",
                "-Cpanic=immediate-abort",
                "-Zlocation-detail=none",
                "-Zfmt-debug=none",
            ]);
            switches.extend(OWN_STD.map(|(name, value)| (name, value.to_owned())));
        }
        switches.push(("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags.join(" ")));
        switches
    }
}

/// Makes cargo compile the standard library. Nothing else of the workspace is built with it.
pub(crate) const OWN_STD: [(&str, &str); 3] = [
    ("RUSTC_BOOTSTRAP", "1"),
    ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort"),
    ("CARGO_UNSTABLE_BUILD_STD_FEATURES", ""),
];

/// Whether a console is up to date, and how to build it.
pub(crate) struct ConsoleBuild {
    views: Views,
    std: Std,
    fingerprint: String,
}

impl ConsoleBuild {
    /// Inspects the sources and the tools of a build.
    pub(crate) fn plan(toolbox: &Toolbox, views: Views) -> Result<Self> {
        let root = workspace::root();
        let mut sources = Vec::new();
        for source in SOURCES {
            sources.extend(files::walk(&root.join(source), &|_| false)?);
        }
        let std = Std::wanted();
        let mut context = toolbox.console_versions()?;
        context.extend(std.switches(views).into_iter().map(|(name, value)| format!("{name}={value}")));
        let fingerprint = files::fingerprint(&sources, &context)?;
        Ok(Self { views, std, fingerprint })
    }

    /// Whether [`ConsoleBuild::folder`] holds what these sources and tools make.
    pub(crate) fn is_done(&self) -> bool {
        self.folder().join("index.html").is_file() && files::is_stamped(&self.stamp(), &self.fingerprint)
    }

    /// Where the console is.
    pub(crate) fn folder(&self) -> PathBuf {
        folder_of(self.views)
    }

    /// The command that compiles it.
    pub(crate) fn job(&self, toolbox: &Toolbox) -> Job {
        let features = match self.views {
            Views::Lean => "chunks",
            Views::Leptos => "chunks,leptos-views",
        };
        let mut command = toolbox.cargo(&["build", "--package", CONSOLE, "--target", WASM_TARGET, "--bin", CONSOLE]);
        command.args(["--profile", "console", "--features", features, "--locked", "--offline"]);
        command.envs(self.std.switches(self.views)).env("CARGO_TARGET_DIR", self.target_dir());
        Job { label: "the console".into(), command }
    }

    /// What is left to do after the command.
    pub(crate) fn finish(&self, toolbox: &Toolbox) -> Result<()> {
        // The old one is served until the new one is complete.
        let new = self.target_dir().join("product");
        product::put_together(toolbox, &self.target_dir(), &new)?;
        check_absence(&new)?;
        let folder = self.folder();
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
        }
        fs::rename(&new, &folder).with_context(|| format!("moving the console to {}", folder.display()))?;
        files::stamp(&self.stamp(), &self.fingerprint)
    }

    fn stamp(&self) -> PathBuf {
        self.target_dir().join("product.stamp")
    }

    /// A separate folder, because build scripts look at the flags and would otherwise run again every time.
    fn target_dir(&self) -> PathBuf {
        let views = match self.views {
            Views::Lean => "console",
            Views::Leptos => "leptos-views",
        };
        let std = match self.std {
            Std::Own => "shipped",
            Std::Stable => "stable",
        };
        workspace::root().join("target").join(format!("{std}-{views}"))
    }
}

/// Where a console is: the shipped one in `dist/`, from which a release build takes it.
pub(crate) fn folder_of(views: Views) -> PathBuf {
    match views {
        Views::Lean => workspace::dist_dir(),
        Views::Leptos => workspace::root().join("target/dist-leptos-views"),
    }
}

/// Brings a console up to date.
pub(crate) fn build(toolbox: &Toolbox, views: Views) -> Result<()> {
    let build = ConsoleBuild::plan(toolbox, views)?;
    let folder = build.folder();
    let folder = folder.strip_prefix(workspace::root()).unwrap_or(&folder).display();
    if build.is_done() {
        println!("  the console in {folder} is up to date");
        return Ok(());
    }
    println!("  building the console into {folder} (some minutes from nothing)");
    let job = build.job(toolbox);
    let finished = watched::run(job.label, job.command)?.check()?;
    build.finish(toolbox)?;
    println!("  the console is built after {}", watched::seconds(finished.took));
    Ok(())
}

/// `cargo xtask trunk-hook`: called by trunk once it has assembled its files, as configured in `Trunk.toml`.
pub(crate) fn trunk_hook() -> Result<()> {
    let folder = env::var_os(TRUNKS_FOLDER).with_context(|| format!("trunk calls this, and sets {TRUNKS_FOLDER}"))?;
    let folder = PathBuf::from(folder);
    if env::var_os(DEV).is_some() {
        return boot::fill_in(&folder);
    }
    let toolbox = Toolbox::for_console()?;
    build(&toolbox, Views::Lean)?;
    replace_contents(&folder, &workspace::dist_dir())
}

/// Replaces the contents of a folder with copies of another's.
fn replace_contents(folder: &Path, product: &Path) -> Result<()> {
    for file in files::walk(folder, &|_| false)? {
        fs::remove_file(&file).with_context(|| format!("removing {}", file.display()))?;
    }
    for file in files::walk(product, &|_| false)? {
        let to = folder.join(file.strip_prefix(product).unwrap_or(&file));
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(&file, &to).with_context(|| format!("copying to {}", to.display()))?;
    }
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
pub(crate) fn check_absence(dist: &Path) -> Result<()> {
    let built: Vec<_> = files::walk(dist, &|_| false)?
        .into_iter()
        .filter(|file| file.extension().is_some_and(|extension| extension != "br" && extension != "gz"))
        .collect();
    ensure!(
        built.iter().any(|file| file.extension().is_some_and(|extension| extension == "wasm")),
        "{} has no wasm to look into",
        dist.display()
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
    fn the_product_takes_the_place_of_all_that_trunk_made() {
        let (trunks, product) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        fs::write(trunks.path().join("index.html"), "trunk's").expect("writable");
        fs::write(trunks.path().join("app_bg.wasm"), "trunk's").expect("writable");
        fs::create_dir(product.path().join("console-0")).expect("writable");
        for name in ["index.html", "console-0/app.js"] {
            fs::write(product.path().join(name), "ours").expect("writable");
        }
        replace_contents(trunks.path(), product.path()).expect("copied");
        let there = files::walk(trunks.path(), &|_| false).expect("readable");
        let names: Vec<_> = there.iter().map(|file| file.strip_prefix(trunks.path()).expect("within")).collect();
        assert_eq!(names, [Path::new("console-0/app.js"), Path::new("index.html")]);
        assert!(there.iter().all(|file| fs::read(file).expect("readable") == b"ours"));
    }

    #[test]
    fn bytes_are_found_wherever_they_are() {
        assert!(contains(b"\0/api/v1/me/code", b"me/code"));
        assert!(contains(b"me/code\xff", b"me/code"));
        assert!(!contains(b"/api/v1/me/access /codes", b"me/code"));
        assert!(!contains(b"me", b"me/code"));
    }
}
