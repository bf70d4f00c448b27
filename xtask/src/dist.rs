//! `cargo xtask dist`: what others install. A Debian package with the program and its service, and what a container is made
//! of; all of it from `packaging/`.
//!
//! `dpkg-deb` puts the package together, which every Debian has: a tool that has to be compiled first would save little.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use crate::{apt, build, toolbox::Toolbox, workspace};

#[derive(Args)]
pub(crate) struct Options {
    /// Also install the package, start the program as the service does, and remove it again: as root, on a machine where
    /// Latchkey isn't installed
    #[arg(long)]
    check: bool,
    /// Package this program instead of building one
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// The user that the service runs as.
const USER: &str = "latchkey";
/// Where the records are.
const DATA: &str = "/var/lib/latchkey";
/// The files of a package's control part; those that end so are scripts.
const CONTROL: [&str; 5] = ["control", "conffiles", "postinst", "prerm", "postrm"];
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];
/// How long the program may take to be ready.
const READY_WITHIN: Duration = Duration::from_secs(20);
/// The most that `systemd-analyze security` may find wrong with the service, out of 10: 2.0.
const MOST_EXPOSED: f64 = 2.0;

pub(crate) fn run(options: &Options) -> Result<()> {
    let program = match &options.program {
        Some(program) => fs::canonicalize(program).with_context(|| format!("looking for {}", program.display()))?,
        None => {
            build::run()?;
            workspace::target_dir().join("release/latchkey")
        }
    };
    let toolbox = Toolbox::for_packages()?;
    let out = workspace::target_dir().join("dist");
    if out.exists() {
        fs::remove_dir_all(&out).with_context(|| format!("removing {}", out.display()))?;
    }
    let package = debian_package(&toolbox, &program, &out)?;
    println!("{} is ready", package.display());
    let container = container(&program, &out)?;
    println!("{} is ready: podman build -t latchkey {0}", container.display());
    if options.check {
        check(&toolbox, &package, &container)?;
    }
    Ok(())
}

/// Where the files are that packages are made of.
fn packaging() -> PathBuf {
    workspace::root().join("packaging")
}

/// Puts the package into the folder `out`.
fn debian_package(toolbox: &Toolbox, program: &Path, out: &Path) -> Result<PathBuf> {
    let tree = out.join("package");
    let root = workspace::root();
    let doc = "usr/share/doc/latchkey";
    let mut size = 0;
    for (from, to, mode) in [
        (program.to_path_buf(), "usr/bin/latchkey".to_owned(), 0o755),
        (packaging().join("latchkey.service"), "usr/lib/systemd/system/latchkey.service".to_owned(), 0o644),
        (packaging().join("latchkey.env"), "etc/latchkey/latchkey.env".to_owned(), 0o600),
        (root.join("docs/running.md"), format!("{doc}/running.md"), 0o644),
        (root.join("docs/setting-up.md"), format!("{doc}/setting-up.md"), 0o644),
        (root.join("LICENSE-MIT"), format!("{doc}/copyright"), 0o644),
        (root.join("LICENSE-APACHE"), format!("{doc}/LICENSE-APACHE"), 0o644),
    ] {
        size += place(&from, &tree.join(to), mode)?;
    }
    let control = tree.join("DEBIAN");
    fs::create_dir_all(&control)?;
    let architecture = output(toolbox.command("dpkg").arg("--print-architecture"))?;
    let version = env!("CARGO_PKG_VERSION");
    let depends = libraries(toolbox, program, out)?;
    for name in CONTROL {
        let text =
            fs::read_to_string(packaging().join("debian").join(name)).with_context(|| format!("reading {name}"))?;
        let text = filled_in(
            &text,
            &[
                ("VERSION", version),
                ("ARCHITECTURE", architecture.trim()),
                ("INSTALLED_SIZE", &size.div_ceil(1024).to_string()),
                ("DEPENDS", &depends),
            ],
        )?;
        let file = control.join(name);
        fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
        let mode = if SCRIPTS.contains(&name) { 0o755 } else { 0o644 };
        fs::set_permissions(&file, fs::Permissions::from_mode(mode))?;
    }
    let package = out.join(format!("latchkey_{version}_{}.deb", architecture.trim()));
    output(toolbox.command("dpkg-deb").args(["--root-owner-group", "--build"]).args([&tree, &package]))?;
    Ok(package)
}

/// Copies a file. Returns its size in bytes.
fn place(from: &Path, to: &Path, mode: u32) -> Result<u64> {
    let folder = to.parent().context("a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let bytes = fs::copy(from, to).with_context(|| format!("copying {}", from.display()))?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode))?;
    Ok(bytes)
}

/// The packages whose libraries the program loads, as `libc6 (>= 2.34)`.
fn libraries(toolbox: &Toolbox, program: &Path, out: &Path) -> Result<String> {
    // The tool insists on a source package.
    let source = out.join("shlibdeps");
    fs::create_dir_all(source.join("debian"))?;
    fs::write(source.join("debian/control"), "Source: latchkey\n\nPackage: latchkey\nArchitecture: any\n")?;
    let found = output(toolbox.command("dpkg-shlibdeps").current_dir(&source).arg("-O").arg(program))?;
    let found = found.lines().find_map(|line| line.strip_prefix("shlibs:Depends="));
    Ok(found.context("dpkg-shlibdeps names no library")?.to_owned())
}

/// The text with each `@NAME@` replaced.
fn filled_in(text: &str, values: &[(&str, &str)]) -> Result<String> {
    let mut text = text.to_owned();
    for (name, value) in values {
        text = text.replace(&format!("@{name}@"), value);
    }
    let left = text.split('@').skip(1).step_by(2).find(|name| !name.is_empty() && name.bytes().all(is_of_a_name));
    ensure!(left.is_none(), "nothing is known to put in place of @{}@", left.unwrap_or_default());
    Ok(text)
}

fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte == b'_'
}

/// Puts what a container is made of into the folder `out`.
fn container(program: &Path, out: &Path) -> Result<PathBuf> {
    let folder = out.join("container");
    place(program, &folder.join("latchkey"), 0o755)?;
    let text = fs::read_to_string(packaging().join("Containerfile")).context("reading the Containerfile")?;
    let text = filled_in(&text, &[("DEBIAN", &debian_here())])?;
    fs::write(folder.join("Containerfile"), text)?;
    Ok(folder)
}

/// The Debian that the program was built on; the oldest that is supported where it wasn't Debian.
fn debian_here() -> String {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let value =
        |name: &str| release.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim_matches('"');
    let codename = if value("ID=") == "debian" { value("VERSION_CODENAME=") } else { "" };
    if codename.is_empty() { "trixie" } else { codename }.to_owned()
}

/// Installs the package, starts what it installed as its own user without privileges, and removes it; looks at the service,
/// and builds the container where there is something to build it with.
fn check(toolbox: &Toolbox, package: &Path, container: &Path) -> Result<()> {
    ensure!(apt::is_root(), "installing a package takes root");
    let known = Command::new("dpkg").args(["--status", "latchkey"]).stderr(Stdio::null()).output()?;
    ensure!(!known.status.success(), "Latchkey is installed here, and would be removed");
    ensure!(!Path::new(DATA).exists(), "there are records in {DATA}, which a check must not touch");
    check_service(toolbox, &packaging().join("latchkey.service"))?;

    output(toolbox.command("dpkg").arg("--install").arg(package))?;
    let started = check_installed();
    // Whatever came of it, nothing stays behind.
    let removed = output(toolbox.command("dpkg").args(["--purge", "latchkey"]));
    started?;
    let said = removed?;
    ensure!(said.contains("stay in /var/lib/latchkey"), "purging doesn't say where the records are: {said}");
    ensure!(Path::new(DATA).join("latchkey.db").exists(), "purging has deleted the records");
    for file in ["/usr/bin/latchkey", "/etc/latchkey", "/usr/lib/systemd/system/latchkey.service"] {
        ensure!(!Path::new(file).exists(), "{file} is still there after purging");
    }
    fs::remove_dir_all(DATA).with_context(|| format!("removing {DATA}"))?;
    output(toolbox.command("deluser").args(["--system", "--quiet", USER]))?;
    println!("The package installs, starts and goes");

    match ["podman", "docker"].into_iter().find(|tool| works(tool)) {
        Some(tool) => {
            output(toolbox.command(tool).args(["build", "--tag", "latchkey-check"]).arg(container))?;
            println!("{tool} builds the container");
        }
        None => println!("The container wasn't built: neither podman nor docker works here"),
    }
    Ok(())
}

fn works(tool: &str) -> bool {
    let asked = Command::new(tool).arg("info").stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

/// Whether systemd understands the service, and how little it is exposed.
fn check_service(toolbox: &Toolbox, service: &Path) -> Result<()> {
    if toolbox.find("systemd-analyze").is_none() {
        println!("The service wasn't checked: systemd isn't installed here");
        return Ok(());
    }
    let exposure =
        output(toolbox.command("systemd-analyze").args(["security", "--offline=true", "--no-pager"]).arg(service))?;
    let (verdict, level) = exposure_of(&exposure).with_context(|| format!("no verdict in: {exposure}"))?;
    ensure!(level <= MOST_EXPOSED, "systemd finds the service too exposed:\n{exposure}");
    println!("The service: {verdict}");
    Ok(())
}

/// The last line of `systemd-analyze security`, and its number: `→ Overall exposure level for latchkey.service: 1.1 OK`.
fn exposure_of(text: &str) -> Option<(&str, f64)> {
    let line = text.lines().map(str::trim).find(|line| line.contains("Overall exposure level"))?;
    let (_, rest) = line.split_once(".service: ")?;
    Some((line.trim_start_matches('→').trim(), rest.split(' ').next()?.parse().ok()?))
}

/// The settings of the installed service, and the program as it starts it.
fn check_installed() -> Result<()> {
    if apt::find_on_path("systemd-analyze").is_some() {
        // With the program there, that its service starts.
        output(Command::new("systemd-analyze").args(["verify", "/usr/lib/systemd/system/latchkey.service"]))?;
    }
    let settings = fs::metadata("/etc/latchkey/latchkey.env").context("the settings aren't there")?;
    ensure!(settings.permissions().mode() & 0o077 == 0, "others can read the settings");
    let data = fs::metadata(DATA).context("the data folder isn't there")?;
    ensure!(data.permissions().mode() & 0o077 == 0, "others can read the data folder");
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let mut program = Command::new("setpriv");
    program
        .args(["--reuid", USER, "--regid", USER, "--clear-groups", "--no-new-privs", "--bounding-set=-all"])
        .args(["--inh-caps=-all", "/usr/bin/latchkey", "serve", "--listen", &port.to_string()])
        .env_clear()
        .env("LATCHKEY_DATA", DATA)
        .env("LATCHKEY_LOG", "warn")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut program = Running(program.spawn().context("starting the installed program")?);
    let printed = program.0.stdout.take().context("its output")?;
    let (tell, told) = mpsc::channel();
    thread::spawn(move || BufReader::new(printed).lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
    let until = Instant::now() + READY_WITHIN;
    let link = loop {
        let left = until.saturating_duration_since(Instant::now());
        let line = told.recv_timeout(left).context("the installed program prints no link to begin with")?;
        if line.contains("/set-up#") {
            break line;
        }
    };
    ensure!(link.trim().starts_with(&format!("http://{port}/set-up#")), "a strange link: {link}");
    let answer = get(port, "/readyz")?;
    ensure!(answer.starts_with("HTTP/1.1 200"), "the installed program isn't ready: {answer}");
    let page = get(port, "/")?;
    ensure!(page.contains("data-chunks="), "the console isn't in the installed program: {page}");
    let stopped = program.stop()?;
    ensure!(stopped, "the installed program doesn't end by itself");
    Ok(())
}

/// A program that is killed if it isn't stopped.
struct Running(Child);

impl Running {
    /// Asks it to end. Returns whether it did so in time, and without an error.
    fn stop(&mut self) -> Result<bool> {
        output(Command::new("kill").args(["-TERM", &self.0.id().to_string()]))?;
        let until = Instant::now() + READY_WITHIN;
        while Instant::now() < until {
            if let Some(status) = self.0.try_wait()? {
                return Ok(status.success());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(false)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already where everything went well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The whole answer to a `GET`.
fn get(address: SocketAddr, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address).with_context(|| format!("connecting to {address}"))?;
    stream.set_read_timeout(Some(READY_WITHIN))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Runs a command to its end. Returns what it printed.
fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let done = command.output().with_context(|| format!("starting {name}"))?;
    let said = [done.stdout, done.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    if !done.status.success() {
        bail!("{name} failed:\n{said}");
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_placeholder_is_filled_in() {
        assert_eq!(filled_in("a @X@ b", &[("X", "1")]).expect("filled in"), "a 1 b");
        assert!(filled_in("a @X_Y@ b", &[("X", "1")]).is_err());
        assert!(filled_in("somebody@example.com and you@example.com", &[]).is_ok());
    }

    #[test]
    fn the_files_of_a_package_have_no_other_placeholders() {
        let values = ["VERSION", "ARCHITECTURE", "INSTALLED_SIZE", "DEPENDS", "DEBIAN"].map(|name| (name, "1"));
        for name in CONTROL.map(|name| format!("debian/{name}")).into_iter().chain(["Containerfile".into()]) {
            let text = fs::read_to_string(packaging().join(&name)).expect("a file");
            filled_in(&text, &values).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(text.starts_with("#!/bin/sh\n"), SCRIPTS.iter().any(|script| name.ends_with(script)), "{name}");
        }
    }

    #[test]
    fn the_service_has_no_privileges_and_writes_to_its_data_folder_alone() {
        let service = fs::read_to_string(packaging().join("latchkey.service")).expect("the service");
        for line in [
            "User=latchkey",
            "StateDirectory=latchkey",
            "EnvironmentFile=-/etc/latchkey/latchkey.env",
            "NoNewPrivileges=yes",
            "CapabilityBoundingSet=",
            "ProtectSystem=strict",
            "MemoryDenyWriteExecute=yes",
        ] {
            assert!(service.lines().any(|it| it == line), "{line}");
        }
        assert!(!service.contains("ReadWritePaths"));
    }

    #[test]
    fn what_can_be_set_is_what_the_program_knows() {
        let config = fs::read_to_string(workspace::root().join("crates/server/src/config.rs")).expect("a file");
        let settings = fs::read_to_string(packaging().join("latchkey.env")).expect("the settings");
        let names =
            settings.lines().filter_map(|line| line.trim_start_matches('#').split_once('=')).map(|(name, _)| name);
        let names: Vec<_> = names.filter(|name| name.starts_with("LATCHKEY_") && *name != "LATCHKEY_LOG").collect();
        assert!(names.len() >= 5, "{names:?}");
        for name in names {
            assert!(config.contains(&format!("env = \"{name}\"")), "{name}");
        }
    }

    #[test]
    fn systemd_s_verdict_is_read() {
        let said = "✓ PrivateTmp= …\n\n→ Overall exposure level for latchkey.service: 1.3 OK :-)\n";
        assert_eq!(exposure_of(said), Some(("Overall exposure level for latchkey.service: 1.3 OK :-)", 1.3)));
        assert_eq!(exposure_of("nothing"), None);
    }
}
