//! The service worker's version: another console is another version, which browsers then take up.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::{esbuild::minified, product::name_of, toolbox::Toolbox, workspace};

/// Its name.
pub(crate) const FILE: &str = "sw.js";
const PLACE: &str = "const VERSION = \"development\";";

/// The service worker for this page, which names every other file by its content.
pub(crate) fn script(toolbox: &Toolbox, page: &str) -> Result<String> {
    let path = workspace::root().join("public").join(FILE);
    let script = fs::read_to_string(path).context("reading the service worker")?;
    let version = name_of((page, &script));
    minified(toolbox, &versioned(&script, &version)?)
}

fn versioned(script: &str, version: &str) -> Result<String> {
    ensure!(script.contains(PLACE), "the service worker has no place for its version");
    Ok(script.replacen(PLACE, &format!("const VERSION = \"{version}\";"), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_put_in_once() {
        let script = format!("{PLACE}\nconst CACHE = VERSION;");
        assert_eq!(versioned(&script, "0a").expect("a place"), "const VERSION = \"0a\";\nconst CACHE = VERSION;");
        assert!(versioned("", "0a").is_err());
    }
}
