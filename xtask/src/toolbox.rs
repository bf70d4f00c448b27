//! The tools that a build or a test needs, installed when they are missing and nowhere but in the user's own folders
//! (Debian's packages aside). Each is looked for in its very version first, so that a second run costs nothing.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    apt, console, files,
    watched::{self, Job},
    workspace::{self, WASM_TARGET},
};

/// The newest trunk that the least Rust version of this workspace can compile.
const TRUNK_VERSION: &str = "0.21.14";
/// The oldest Node.js that runs the tools of `package.json`: Debian 12's.
const LEAST_NODE: u32 = 18;
/// Variables that cargo sets for a program it runs. A cargo run by that program would mistake them for its caller's.
const CARGO_RUN_VARIABLES: [&str; 4] =
    ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"];

/// Starts programs with the tools found or installed on their `PATH`.
pub(crate) struct Toolbox {
    /// Searched before `PATH`.
    dirs: Vec<PathBuf>,
}

impl Toolbox {
    /// What compiling the workspace for this machine needs: the crates of Cargo.lock.
    pub(crate) fn for_server() -> Result<Self> {
        let toolbox = Self { dirs: cargo_bin_dir().into_iter().collect() };
        toolbox.fetch_crates()?;
        Ok(toolbox)
    }

    /// Adds what checking Rust code needs: rustfmt and clippy.
    pub(crate) fn for_rust() -> Result<Self> {
        let toolbox = Self::for_server()?;
        toolbox.need_components(&["rustfmt", "clippy"])?;
        Ok(toolbox)
    }

    /// Adds what building the console needs: the wasm target, trunk, wasm-bindgen, wasm-opt and esbuild.
    pub(crate) fn for_console() -> Result<Self> {
        let mut toolbox = Self::for_server()?;
        toolbox.need_wasm_target()?;
        toolbox.need_std_sources()?;
        toolbox.need_cargo_tools()?;
        toolbox.need_node()?;
        let web_tools = workspace::root().join("xtask/web-tools");
        toolbox.npm_install(&web_tools)?;
        toolbox.dirs.push(web_tools.join("node_modules/.bin"));
        Ok(toolbox)
    }

    /// Adds what every check together needs: rustfmt, clippy, Chromium with its driver, and the journeys' packages.
    pub(crate) fn for_tests() -> Result<Self> {
        let toolbox = Self::for_console()?;
        toolbox.need_components(&["rustfmt", "clippy"])?;
        let missing: Vec<_> = [("chromium", "chromium"), ("chromedriver", "chromium-driver")]
            .into_iter()
            .filter(|(program, _)| toolbox.find(program).is_none())
            .map(|(_, package)| package)
            .collect();
        if !missing.is_empty() {
            apt::install(&missing)?;
        }
        toolbox.npm_install(&workspace::root().join("tests/journeys"))?;
        Ok(toolbox)
    }

    /// Adds what the benchmarks in the browser need.
    pub(crate) fn for_bench() -> Result<Self> {
        let toolbox = Self::for_tests()?;
        toolbox.npm_install(&workspace::root().join("tests/bench"))?;
        Ok(toolbox)
    }

    /// Installs what some faults need, where that can be done. Without it those are skipped, and the suite says so.
    pub(crate) fn offer_fault_tools(&self) {
        let missing: Vec<_> =
            ["strace", "faketime"].into_iter().filter(|program| self.find(program).is_none()).collect();
        if missing.is_empty() {
            return;
        }
        if !apt::is_root() {
            println!("  {} can be installed by root alone: faults that need it are skipped", missing.join(", "));
        } else if let Err(error) = apt::install(&missing) {
            println!("  faults that need {} are skipped: {error:#}", missing.join(", "));
        }
    }

    /// A command at the root of the workspace that finds the tools.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir(workspace::root()).env("PATH", self.path());
        for variable in CARGO_RUN_VARIABLES {
            command.env_remove(variable);
        }
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_")) {
                command.env_remove(name);
            }
        }
        command
    }

    /// A cargo command. Nothing but [`Toolbox::fetch_crates`] may change what is compiled: Cargo.lock holds.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from));
        command.args(arguments);
        command
    }

    /// Where `program` is.
    pub(crate) fn find(&self, program: &str) -> Option<PathBuf> {
        let own = self.dirs.iter().map(|dir| dir.join(program)).find(|path| path.is_file());
        own.or_else(|| apt::find_on_path(program))
    }

    /// The versions of all that the built console depends on, its own sources and crates aside.
    pub(crate) fn console_versions(&self) -> Result<Vec<String>> {
        ["rustc", "trunk", "wasm-bindgen", "wasm-opt", "esbuild"]
            .into_iter()
            .map(|tool| {
                let version = self.version_line(Path::new(tool));
                version.with_context(|| format!("{tool} does not tell its version"))
            })
            .collect()
    }

    fn path(&self) -> std::ffi::OsString {
        let inherited = env::var_os("PATH").unwrap_or_default();
        let all = self.dirs.iter().cloned().chain(env::split_paths(&inherited));
        env::join_paths(all).unwrap_or(inherited)
    }

    fn version_line(&self, program: &Path) -> Option<String> {
        let output = self.command(program).arg("--version").stderr(Stdio::null()).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        Some(text.lines().next()?.to_owned())
    }

    fn fetch_crates(&self) -> Result<()> {
        // trunk builds offline, and cargo's own progress is better than any told here.
        let status = self.cargo(&["fetch", "--locked", "--quiet"]).status().context("starting cargo fetch")?;
        ensure!(status.success(), "cargo fetch failed: is Cargo.lock up to date, and is crates.io reachable?");
        Ok(())
    }

    fn need_wasm_target(&self) -> Result<()> {
        if self.sysroot()?.join("lib/rustlib").join(WASM_TARGET).is_dir() {
            return Ok(());
        }
        println!("  adding Rust's target {WASM_TARGET} (rustup)");
        self.rustup(&["target", "add", WASM_TARGET])
    }

    /// The sources of the standard library and its crates, for the console is shipped with one of its own.
    fn need_std_sources(&self) -> Result<()> {
        if !self.sysroot()?.join("lib/rustlib/src/rust/library").is_dir() {
            println!("  adding Rust's sources (rustup)");
            self.rustup(&["component", "add", "rust-src"])?;
        }
        let mut fetch = self.cargo(&["fetch", "--locked", "--quiet", "--target", WASM_TARGET]);
        fetch.envs(console::SHIPPED);
        ensure!(
            fetch.status().context("starting cargo fetch")?.success(),
            "the standard library's crates can't be fetched"
        );
        Ok(())
    }

    fn need_components(&self, components: &[&str]) -> Result<()> {
        let bin = self.sysroot()?.join("bin");
        for component in components {
            if !bin.join(format!("cargo-{}", component.trim_start_matches("rust"))).is_file() {
                println!("  adding Rust's {component} (rustup)");
                self.rustup(&["component", "add", component])?;
            }
        }
        Ok(())
    }

    fn sysroot(&self) -> Result<PathBuf> {
        let output = self.command("rustc").args(["--print", "sysroot"]).output().context("starting rustc")?;
        Ok(PathBuf::from(String::from_utf8(output.stdout)?.trim_end()))
    }

    fn rustup(&self, arguments: &[&str]) -> Result<()> {
        let mut command = self.command("rustup");
        command.args(arguments);
        watched::run(format!("rustup {}", arguments.join(" ")), command)?.check()?;
        Ok(())
    }

    /// trunk, and the wasm-bindgen of exactly the version that the console is linked with. Missing ones are compiled
    /// beside each other into a cache folder, so that no version that the user has for something else is replaced.
    fn need_cargo_tools(&mut self) -> Result<()> {
        let bindgen_version = workspace::locked_version("wasm-bindgen")?;
        // Neither is to download anything, so neither is given the means. wasm-bindgen-cli's own lock file names a yanked
        // crate, so that one goes without.
        let tools = [
            ("trunk", "trunk", TRUNK_VERSION, &["--locked", "--no-default-features"][..]),
            ("wasm-bindgen-cli", "wasm-bindgen", &bindgen_version, &["--no-default-features"]),
        ];
        let (mut jobs, mut leftovers) = (Vec::new(), Vec::new());
        for (package, program, version, flags) in tools {
            let is_wanted = |path: &Path| {
                self.version_line(path).is_some_and(|line| line.split_whitespace().any(|word| word == version))
            };
            if self.find(program).is_some_and(|path| is_wanted(&path)) {
                continue;
            }
            let folder = cache_dir()?.join(format!("{package}-{version}"));
            let bin = folder.join("bin");
            if !is_wanted(&bin.join(program)) {
                println!("  compiling {package} {version} into {} (once; some minutes)", bin.display());
                let outside = folder.join("build");
                jobs.push(Job {
                    label: package.into(),
                    command: cargo_install(package, version, flags, &folder, &outside)?,
                });
                leftovers.push(outside);
            }
            self.dirs.insert(0, bin);
        }
        for finished in watched::run_together(jobs)? {
            let finished = finished.check()?;
            println!("  {} is there after {}", finished.label, watched::seconds(finished.took));
        }
        for folder in leftovers {
            fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
        }
        Ok(())
    }

    fn need_node(&self) -> Result<()> {
        if self.find("node").is_none() || self.find("npm").is_none() {
            apt::install(&["nodejs", "npm"])?;
        }
        let version = self.version_line(Path::new("node")).context("node does not tell its version")?;
        let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
        if major.is_none_or(|major| major < LEAST_NODE) {
            bail!("Node.js {LEAST_NODE} or newer is needed, and {version} is on the PATH");
        }
        Ok(())
    }

    /// Installs what the `package-lock.json` in `folder` names, unless it is installed already.
    fn npm_install(&self, folder: &Path) -> Result<()> {
        let lock = files::fingerprint(&[folder.join("package-lock.json")], &[])?;
        let stamp = folder.join("node_modules/.installed");
        if files::is_stamped(&stamp, &lock) {
            return Ok(());
        }
        let label = format!("npm ci in {}", folder.strip_prefix(workspace::root()).unwrap_or(folder).display());
        println!("  {label}");
        let mut command = self.command("npm");
        command.current_dir(folder).args(["ci", "--no-audit", "--no-fund"]);
        // The journeys run in the machine's own Chromium.
        command.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        watched::run(label, command)?.check()?;
        files::stamp(&stamp, &lock)
    }
}

/// The command that compiles `package` in the folder `outside` and puts its programs into `folder/bin`.
fn cargo_install(package: &str, version: &str, flags: &[&str], folder: &Path, outside: &Path) -> Result<Command> {
    // Out of the workspace's sight: its target folder, flags and wasm settings are not for these. What is compiled stays
    // until all of it is, so that an interrupted install goes on where it was.
    fs::create_dir_all(outside).with_context(|| format!("making {}", outside.display()))?;
    let mut command = Command::new(env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from));
    command.current_dir(outside).args(["install", package, "--version", version]).args(flags);
    command.arg("--root").arg(folder);
    for variable in ["CARGO_BUILD_TARGET", "CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"] {
        command.env_remove(variable);
    }
    command.env("CARGO_TARGET_DIR", outside);
    // A tool that runs for a second is not worth the twenty minutes that its own release profile takes.
    command.env("CARGO_PROFILE_RELEASE_LTO", "off");
    command.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    Ok(command)
}

/// Where cargo installs programs, which need not be on the `PATH`.
fn cargo_bin_dir() -> Option<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")))?;
    Some(home.join("bin"))
}

fn cache_dir() -> Result<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cache")));
    Ok(cache.context("neither XDG_CACHE_HOME nor HOME is set")?.join("latchkey"))
}
