//! `public/boot.js`, which runs before the console: it is given the table of pages, minified and inlined into the page.
//! There it can send its requests a round trip earlier than from a separate file; the server's policy allows it by its
//! hash (`crates/server/src/csp.rs`). In development it stays a file.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

use crate::{esbuild::minified, pages, toolbox::Toolbox, workspace};

/// Its name.
pub(crate) const FILE: &str = "boot.js";
/// The placeholder for the table of pages in the script.
const PLACE: &str = "TABLE_OF_PAGES";

/// The script as it is shipped.
pub(crate) fn script(toolbox: &Toolbox) -> Result<String> {
    let script = read(&workspace::root().join("public").join(FILE))?;
    minified(toolbox, &with_table(&script)?)
}

/// Fills the table into the script in a folder made by trunk.
pub(crate) fn fill_in(folder: &Path) -> Result<()> {
    let file = folder.join(FILE);
    let script = with_table(&read(&file)?)?;
    fs::write(&file, script).with_context(|| format!("writing {}", file.display()))
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))
}

fn with_table(script: &str) -> Result<String> {
    ensure!(script.matches(PLACE).count() == 1, "{FILE} has no place, or several, for the table of pages");
    Ok(script.replacen(PLACE, &pages::boot_table().to_string(), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_gets_the_table_of_pages_once() {
        let filled = with_table("const { pages } = TABLE_OF_PAGES;").expect("a place");
        assert!(filled.starts_with("const { pages } = {\"") && filled.contains("\"/my-access\""), "{filled}");
        assert!(with_table(&filled).is_err());
    }
}
