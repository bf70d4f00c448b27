//! Assembling the console as it is shipped: the page, one stylesheet, scripts, the wasm in pieces, the texts of each
//! language, and a compressed copy of every file.

use std::{
    collections::BTreeMap,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

use anyhow::{Context, Result};

use crate::{
    boot, chunks, esbuild, files,
    page::{self, Parts},
    precompress, texts,
    toolbox::Toolbox,
    worker, workspace,
};

/// Files of `public/` that become part of another or are minified on the way.
const MADE: [&str; 2] = [boot::FILE, worker::FILE];

/// Puts the console into the folder `out`, replacing its contents. `target` is the folder that cargo compiled the wasm
/// into. Returns which files each chunk downloads.
pub(crate) fn put_together(toolbox: &Toolbox, target: &Path, out: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    let root = workspace::root();
    if out.exists() {
        fs::remove_dir_all(out).with_context(|| format!("removing {}", out.display()))?;
    }
    fs::create_dir_all(out).with_context(|| format!("making {}", out.display()))?;

    let styles = esbuild::bundled(toolbox, &root.join("style/console.css"))?;
    let sheet = format!("styles-{}.css", name_of(&styles));
    fs::write(out.join(&sheet), styles).context("writing the stylesheet")?;
    let public = root.join("public");
    for file in files::walk(&public, &|_| false)? {
        let name = file.strip_prefix(&public).unwrap_or(&file);
        if !MADE.iter().any(|made| Path::new(made) == name) {
            fs::copy(&file, out.join(name)).with_context(|| format!("copying {}", file.display()))?;
        }
    }
    let pieces = chunks::split(toolbox, target, out)?;
    let (always, of_chunks) = &pieces.functions;
    let texts = texts::write(out, always, of_chunks)?;
    let chunks: Vec<_> = pieces
        .chunks
        .iter()
        .map(|(chunk, files)| {
            let files: Vec<_> = files.iter().map(|file| format!("/{}/{file}", pieces.folder)).collect();
            format!("{chunk}:{}", files.join(","))
        })
        .collect();

    let (script, chunk_files) = (boot::script(toolbox)?, chunks.join(" "));
    let html = fs::read_to_string(root.join("index.html")).context("reading index.html")?;
    let program = format!("/{}/{}_bg.wasm", pieces.folder, chunks::NAME);
    let parts = Parts {
        styles: &format!("/{sheet}"),
        console: &format!("/{}", pieces.folder),
        name: chunks::NAME,
        script: script.trim(),
        told: &[("program", &program), ("texts", &texts), ("chunks", &chunk_files)],
    };
    let page = page::page(&html, &parts)?;
    fs::write(out.join(worker::FILE), worker::script(toolbox, &page)?).context("writing the service worker")?;
    fs::write(out.join("index.html"), page).context("writing the page")?;
    precompress::precompress(out)?;
    Ok(pieces.chunks)
}

/// A name derived from content.
pub(crate) fn name_of(content: impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
