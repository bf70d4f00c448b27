//! The tools that a build or a test needs, installed if they are missing, and only in the user's own folders (Debian's
//! packages aside). Each is first looked for in its exact version, so that a second run costs nothing.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    apt, console, files,
    watched::{self, Finished, Job},
    workspace::{self, WASM_TARGET},
};

/// The newest trunk that this workspace's minimum Rust version can compile.
const TRUNK_VERSION: &str = "0.21.14";
const MUTANTS_VERSION: &str = "27.1.0";
/// The oldest Node.js that runs the tools of `package.json`: Debian 12's.
const MIN_NODE: u32 = 18;
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

    /// Adds what building the console needs: the wasm target, wasm-bindgen, wasm-opt and esbuild.
    pub(crate) fn for_console() -> Result<Self> {
        let (toolbox, installs) = Self::for_console_soon()?;
        for finished in watched::run_together(installs)? {
            toolbox.installed(&finished.check()?)?;
        }
        Ok(toolbox)
    }

    /// The same, but leaves what has to be compiled to the caller: it takes minutes, and isn't needed until the console
    /// itself is compiled. Call [`Toolbox::installed`] after each.
    pub(crate) fn for_console_soon() -> Result<(Self, Vec<Job>)> {
        let mut toolbox = Self::for_server()?;
        toolbox.need_wasm_target()?;
        toolbox.need_std_sources()?;
        let wasm_bindgen = toolbox.need_cargo_tool(&Tool::wasm_bindgen()?)?;
        toolbox.need_node()?;
        let web_tools = workspace::root().join("xtask/web-tools");
        toolbox.npm_install(&web_tools)?;
        toolbox.dirs.push(web_tools.join("node_modules/.bin"));
        Ok((toolbox, wasm_bindgen.into_iter().collect()))
    }

    /// Adds what working on the console needs: trunk.
    pub(crate) fn for_dev() -> Result<Self> {
        let (mut toolbox, mut installs) = Self::for_console_soon()?;
        installs.extend(toolbox.need_cargo_tool(&Tool::trunk())?);
        for finished in watched::run_together(installs)? {
            toolbox.installed(&finished.check()?)?;
        }
        Ok(toolbox)
    }

    /// Adds what testing the tests needs: cargo-mutants.
    pub(crate) fn for_mutants() -> Result<Self> {
        let mut toolbox = Self::for_server()?;
        let installs: Vec<_> = toolbox.need_cargo_tool(&Tool::mutants())?.into_iter().collect();
        for finished in watched::run_together(installs)? {
            toolbox.installed(&finished.check()?)?;
        }
        Ok(toolbox)
    }

    /// Adds what every check together needs: rustfmt, clippy, Chromium with its driver, a mail server, and the journeys' packages.
    pub(crate) fn for_tests() -> Result<Self> {
        let toolbox = Self::for_console()?;
        toolbox.need_components(&["rustfmt", "clippy"])?;
        toolbox.need_programs(&[("chromium", "chromium"), ("chromedriver", "chromium-driver")])?;
        toolbox.need_mail_server()?;
        toolbox.npm_install(&workspace::root().join("tests/journeys"))?;
        Ok(toolbox)
    }

    /// Adds what making a Debian package needs.
    pub(crate) fn for_packages() -> Result<Self> {
        let toolbox = Self::for_server()?;
        toolbox.need_programs(&[("dpkg-deb", "dpkg"), ("dpkg-shlibdeps", "dpkg-dev")])?;
        Ok(toolbox)
    }

    /// Adds a mail server.
    ///
    /// # Errors
    /// It can't be installed.
    pub(crate) fn need_mail_server(&self) -> Result<()> {
        self.need_programs(&[("aiosmtpd", "python3-aiosmtpd")])
    }

    /// Adds what journeys in other browsers than Chromium need: Firefox, WebKit with a display, what makes a certificate,
    /// and these journeys' packages.
    ///
    /// # Errors
    /// Something can't be installed: the message names it.
    pub(crate) fn need_other_browsers(&self) -> Result<()> {
        self.need_programs(&[
            ("firefox-esr", "firefox-esr"),
            ("WebKitWebDriver", "webkit2gtk-driver"),
            ("Xvfb", "xvfb"),
            ("openssl", "openssl"),
        ])?;
        self.npm_install(&workspace::root().join("tests/browsers"))
    }

    /// Adds what makes a client of the contract.
    ///
    /// # Errors
    /// It can't be installed.
    pub(crate) fn need_client_generator(&self) -> Result<()> {
        self.npm_install(&workspace::root().join("tests/client"))
    }

    /// Adds Z-Wave JS and the radio that it is tested with.
    ///
    /// # Errors
    /// It can't be installed.
    pub(crate) fn need_hub(&self) -> Result<()> {
        self.need_node()?;
        self.npm_install(&workspace::root().join("tests/hub"))
    }

    /// Installs the Debian packages of programs that are missing.
    fn need_programs(&self, programs: &[(&str, &'static str)]) -> Result<()> {
        let missing: Vec<_> =
            programs.iter().filter(|(program, _)| self.find(program).is_none()).map(|(_, package)| *package).collect();
        if missing.is_empty() { Ok(()) } else { apt::install(&missing) }
    }

    /// Adds what the benchmarks in the browser need.
    pub(crate) fn for_bench() -> Result<Self> {
        let toolbox = Self::for_tests()?;
        toolbox.npm_install(&workspace::root().join("tests/bench"))?;
        Ok(toolbox)
    }

    /// Installs what some faults need, if possible. Without it those are skipped, and the suite says so.
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

    /// The versions of everything that the built console depends on, apart from its own sources and crates.
    pub(crate) fn console_versions(&self) -> Result<Vec<String>> {
        let mut versions = ["rustc", "wasm-opt", "esbuild"]
            .into_iter()
            .map(|tool| {
                let version = self.version_line(Path::new(tool), None);
                version.with_context(|| format!("{tool} does not tell its version"))
            })
            .collect::<Result<Vec<_>>>()?;
        // That one may still be being installed, and no other is used.
        versions.push(workspace::locked_version("wasm-bindgen")?);
        Ok(versions)
    }

    fn path(&self) -> std::ffi::OsString {
        let inherited = env::var_os("PATH").unwrap_or_default();
        let all = self.dirs.iter().cloned().chain(env::split_paths(&inherited));
        env::join_paths(all).unwrap_or(inherited)
    }

    fn version_line(&self, program: &Path, subcommand: Option<&str>) -> Option<String> {
        let output = self.command(program).args(subcommand).arg("--version").stderr(Stdio::null()).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        Some(text.lines().next()?.to_owned())
    }

    fn fetch_crates(&self) -> Result<()> {
        // trunk builds offline, and cargo's own progress output is better than anything we could print.
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

    /// The sources of the standard library and its crates, because the console is shipped with its own build of it.
    fn need_std_sources(&self) -> Result<()> {
        if !self.sysroot()?.join("lib/rustlib/src/rust/library").is_dir() {
            println!("  adding Rust's sources (rustup)");
            self.rustup(&["component", "add", "rust-src"])?;
        }
        let mut fetch = self.cargo(&["fetch", "--locked", "--quiet", "--target", WASM_TARGET]);
        fetch.envs(console::OWN_STD);
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

    /// Looks for a tool; if that version is missing, returns the job that compiles it into a cache folder, so that no
    /// other version of the user's is replaced.
    fn need_cargo_tool(&mut self, tool: &Tool) -> Result<Option<Job>> {
        let is_wanted = |path: &Path| {
            self.version_line(path, tool.subcommand)
                .is_some_and(|line| line.split_whitespace().any(|word| word == tool.version))
        };
        if self.find(tool.program).is_some_and(|path| is_wanted(&path)) {
            return Ok(None);
        }
        let folder = cache_dir()?.join(format!("{}-{}", tool.package, tool.version));
        let bin = folder.join("bin");
        let is_there = is_wanted(&bin.join(tool.program));
        self.dirs.insert(0, bin.clone());
        if is_there {
            return Ok(None);
        }
        println!("  compiling {} {} into {} (once; some minutes)", tool.package, tool.version, bin.display());
        Ok(Some(Job { label: tool.package.into(), command: cargo_install(tool, &folder)? }))
    }

    /// Reports that a tool is installed, and removes what was left over from compiling it.
    pub(crate) fn installed(&self, install: &Finished) -> Result<()> {
        println!("  {} is there after {}", install.label, watched::seconds(install.took));
        for bin in &self.dirs {
            let leftovers = bin.with_file_name("build");
            if bin.starts_with(cache_dir()?) && leftovers.exists() && bin.exists() {
                fs::remove_dir_all(&leftovers).with_context(|| format!("removing {}", leftovers.display()))?;
            }
        }
        Ok(())
    }

    fn need_node(&self) -> Result<()> {
        if self.find("node").is_none() || self.find("npm").is_none() {
            apt::install(&["nodejs", "npm"])?;
        }
        let version = self.version_line(Path::new("node"), None).context("node does not tell its version")?;
        let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
        if major.is_none_or(|major| major < MIN_NODE) {
            bail!("Node.js {MIN_NODE} or newer is needed, and {version} is on the PATH");
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

/// A program that cargo can install.
struct Tool {
    package: &'static str,
    program: &'static str,
    version: String,
    flags: &'static [&'static str],
    /// What cargo would call it by, if it knows no other way to tell its version.
    subcommand: Option<&'static str>,
}

impl Tool {
    /// Of exactly the version that the console is linked with. Its own lock file names a yanked crate, so it goes without.
    fn wasm_bindgen() -> Result<Self> {
        let version = workspace::locked_version("wasm-bindgen")?;
        // It must not download anything, so it isn't given the means.
        let flags = &["--no-default-features"];
        Ok(Self { package: "wasm-bindgen-cli", program: "wasm-bindgen", version, flags, subcommand: None })
    }

    fn mutants() -> Self {
        let version = MUTANTS_VERSION.into();
        let (package, subcommand) = ("cargo-mutants", Some("mutants"));
        Self { package, program: package, version, flags: &["--locked"], subcommand }
    }

    fn trunk() -> Self {
        let flags = &["--locked", "--no-default-features"];
        Self { package: "trunk", program: "trunk", version: TRUNK_VERSION.into(), flags, subcommand: None }
    }
}

/// The command that compiles a tool and puts its programs into `folder/bin`.
fn cargo_install(tool: &Tool, folder: &Path) -> Result<Command> {
    // Outside the workspace, whose target folder, flags and wasm settings aren't meant for these. Compiled parts are
    // kept until everything is compiled, so that an interrupted install resumes where it stopped.
    let outside = folder.join("build");
    fs::create_dir_all(&outside).with_context(|| format!("making {}", outside.display()))?;
    let mut command = Command::new(env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from));
    command.current_dir(&outside).args(["install", tool.package, "--version", &tool.version]).args(tool.flags);
    command.arg("--root").arg(folder);
    for variable in ["CARGO_BUILD_TARGET", "CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"] {
        command.env_remove(variable);
    }
    command.env("CARGO_TARGET_DIR", &outside);
    // A tool that runs for a second is not worth the twenty minutes that its own release profile takes.
    command.env("CARGO_PROFILE_RELEASE_LTO", "off");
    command.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
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
