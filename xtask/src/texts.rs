//! The texts of the console, a file for each language: a visit downloads one of them, beside the wasm.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

use anyhow::{Context, Result};
use locale_files::Language;

use crate::{boot, pages, workspace};

/// The folder in `dist`.
pub(crate) const FOLDER: &str = "texts";

/// Writes each language's texts into `dist` and has the page name them.
pub(crate) fn write(dist: &Path) -> Result<()> {
    let folder = workspace::root().join("locales");
    fs::create_dir_all(dist.join(FOLDER))?;
    let mut names = Vec::new();
    for (tag, _) in pages::LANGUAGES {
        let json = Language::read(&folder, tag)?.to_json();
        let mut content = DefaultHasher::new();
        json.hash(&mut content);
        let name = format!("{FOLDER}/{tag}-{:016x}.json", content.finish());
        fs::write(dist.join(&name), json).with_context(|| format!("writing {name}"))?;
        names.push(format!("/{name}"));
    }
    let index = dist.join("index.html");
    let html = fs::read_to_string(&index).context("reading the page that trunk made")?;
    fs::write(&index, boot::tell(&html, "texts", &names.join(" "))?).context("writing the page")
}
