//! `public/boot.js`: told what it can't know, and put into the page. What it asks for is asked a round trip earlier there than
//! from a file of its own; the server's policy allows it by its hash (`crates/server/src/headers.rs`).
//!
//! In development it stays a file, and trunk calls `cargo xtask boot` for the table of pages in it (`Trunk.toml`).

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::{minify::minified, pages, toolbox::Toolbox};

const FILE: &str = "boot.js";
/// How the page names it, with and without quotes.
const SOURCES: [&str; 2] = ["src=\"/boot.js\"", "src=/boot.js"];
/// What stands in the script where the table of pages belongs.
const PLACE: &str = "TABLE_OF_PAGES";
/// Where trunk puts what it makes together, in the environment of what it calls.
const TRUNKS_FOLDER: &str = "TRUNK_STAGING_DIR";

/// `cargo xtask boot`.
pub(crate) fn run() -> Result<()> {
    let folder = env::var_os(TRUNKS_FOLDER).with_context(|| format!("trunk calls this, and sets {TRUNKS_FOLDER}"))?;
    let file = PathBuf::from(folder).join(FILE);
    let script = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    fs::write(&file, with_table(&script)?).with_context(|| format!("writing {}", file.display()))
}

/// The page with `data-{name}="{value}"` for the script to read.
///
/// # Errors
/// Where the page doesn't have that script.
pub(crate) fn tell(html: &str, name: &str, value: &str) -> Result<String> {
    let source = source(html)?;
    Ok(html.replacen(source, &format!("{source} data-{name}=\"{value}\""), 1))
}

/// Puts the script into the page of `dist`, in place of its file.
pub(crate) fn put_into_page(toolbox: &Toolbox, dist: &Path) -> Result<()> {
    let (index, file) = (dist.join("index.html"), dist.join(FILE));
    let html = fs::read_to_string(&index).context("reading the page that trunk made")?;
    let script = fs::read_to_string(&file).with_context(|| format!("reading {FILE}"))?;
    fs::write(&index, with_inline(&html, minified(toolbox, &with_table(&script)?, "js")?.trim())?)
        .context("writing the page")?;
    fs::remove_file(file).with_context(|| format!("removing {FILE}"))
}

fn with_table(script: &str) -> Result<String> {
    ensure!(script.matches(PLACE).count() == 1, "{FILE} has no place, or several, for the table of pages");
    Ok(script.replacen(PLACE, &pages::boot_table().to_string(), 1))
}

fn with_inline(html: &str, script: &str) -> Result<String> {
    ensure!(!script.contains("</script") && !script.contains("<!--"), "{FILE} has in it what ends a script");
    let source = source(html)?;
    let at = html.find(source).context("it was there")?;
    let (before, after) = (html[..at].trim_end(), &html[at + source.len()..]);
    let (attributes, rest) = after.split_once("></script>").with_context(|| format!("{FILE} has no end"))?;
    Ok([before, attributes, ">", script, "</script>", rest].concat())
}

fn source(html: &str) -> Result<&'static str> {
    SOURCES.into_iter().find(|source| html.contains(source)).with_context(|| format!("the page has no {FILE}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_told_things() {
        for source in SOURCES {
            let told = tell(&format!("<script {source}></script>"), "texts", "/en.json /es.json");
            assert_eq!(told.expect("a script"), format!("<script {source} data-texts=\"/en.json /es.json\"></script>"));
        }
        assert!(tell("<p>", "texts", "").is_err());
    }

    #[test]
    fn the_script_gets_the_table_of_pages_once() {
        let filled = with_table("const { pages } = TABLE_OF_PAGES;").expect("a place");
        assert!(filled.starts_with("const { pages } = {\"") && filled.contains("\"/my-access\""), "{filled}");
        assert!(with_table(&filled).is_err());
    }

    #[test]
    fn the_script_takes_its_files_place_and_keeps_what_it_was_told() {
        for source in SOURCES {
            let page = format!("<link><script {source} data-texts=\"/en.json\"></script><script>0</script>");
            assert_eq!(
                with_inline(&page, "go()").expect("a page"),
                "<link><script data-texts=\"/en.json\">go()</script><script>0</script>"
            );
            assert!(with_inline(&page, "\"</script>\"").is_err());
        }
        assert!(with_inline("<p>", "go()").is_err());
    }
}
