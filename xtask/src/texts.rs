//! The texts of the console, a file for each language: a visit downloads one of them, alongside the wasm.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use locale_files::Language;

use crate::{pages, product::name_of, workspace};

/// The folder they are in.
pub(crate) const FOLDER: &str = "texts";

/// Writes each language's texts into a folder of `out`, and returns the files' addresses.
pub(crate) fn write(out: &Path) -> Result<Vec<String>> {
    let folder = workspace::root().join("locales");
    fs::create_dir_all(out.join(FOLDER))?;
    let mut addresses = Vec::new();
    for (tag, _) in pages::LANGUAGES {
        let json = Language::read(&folder, tag)?.to_json();
        let name = format!("{FOLDER}/{tag}-{}.json", name_of(&json));
        fs::write(out.join(&name), json).with_context(|| format!("writing {name}"))?;
        addresses.push(format!("/{name}"));
    }
    Ok(addresses)
}
