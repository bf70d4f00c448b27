//! Where things lie, and what the lock file says.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};

/// The console's package.
pub(crate) const CONSOLE: &str = "latchkey-console";
/// The package of the program `latchkey`: the server and the demonstration.
pub(crate) const PROGRAM: &str = "latchkey";
/// The target the console is compiled for.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    // As cargo says when it runs this: with a target folder that several clones share, another may have compiled it.
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    xtask.parent().map(PathBuf::from).unwrap_or(xtask)
}

/// Cargo's target folder.
pub(crate) fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The built console: what the server serves, or embeds in a release build.
pub(crate) fn dist_dir() -> PathBuf {
    root().join("dist")
}

/// The server's program as the dev profile builds it. It reads the console from [`dist_dir`] at run time.
pub(crate) fn dev_server() -> PathBuf {
    target_dir().join("debug/latchkey")
}

/// Logs and stamps of these commands.
pub(crate) fn scratch_dir() -> Result<PathBuf> {
    let dir = target_dir().join("xtask");
    fs::create_dir_all(&dir).with_context(|| format!("making {}", dir.display()))?;
    Ok(dir)
}

/// The version of `package` in Cargo.lock.
pub(crate) fn locked_version(package: &str) -> Result<String> {
    let path = root().join("Cargo.lock");
    let lock = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    find_version(&lock, package).with_context(|| format!("Cargo.lock has no {package}"))
}

fn find_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.next()?;
    Some(lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_very_package() {
        let lock = "[[package]]\nname = \"trunk-core\"\nversion = \"9.0.0\"\n\n[[package]]\nname = \"trunk\"\nversion = \"0.21.14\"\n";
        assert_eq!(find_version(lock, "trunk").as_deref(), Some("0.21.14"));
        assert_eq!(find_version(lock, "tru"), None);
    }
}
