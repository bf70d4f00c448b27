//! The service worker's version: another console is another version, which browsers then take up.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

use anyhow::{Context, Result, ensure};

const FILE: &str = "sw.js";
const PLACE: &str = "const VERSION = \"development\";";

/// Puts the version into the service worker of `dist`: the page names every other file by its content.
pub(crate) fn stamp(dist: &Path) -> Result<()> {
    let page = fs::read(dist.join("index.html")).context("reading the page")?;
    let path = dist.join(FILE);
    let script = fs::read_to_string(&path).context("reading the service worker")?;
    let mut content = DefaultHasher::new();
    page.hash(&mut content);
    script.hash(&mut content);
    fs::write(path, versioned(&script, &format!("{:016x}", content.finish()))?).context("writing the service worker")
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
