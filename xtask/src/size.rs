//! What a browser downloads on a first visit, and the budget it must keep to.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Result, ensure};

use crate::{console, files, precompress, toolbox::Toolbox, workspace};

/// The most that HTML, JavaScript, wasm and CSS may be together, compressed with brotli, in bytes.
const BUDGET: u64 = 200_000;
/// The kinds that a first visit always downloads; anything else (icons, the manifest) is told but not counted.
const COUNTED: [&str; 4] = ["html", "js", "wasm", "css"];

/// Bytes of some files: as they are, with gzip, with brotli.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bytes {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

impl Bytes {
    fn of(file: &Path) -> Result<Self> {
        let raw = fs::metadata(file)?.len();
        // A file without a sibling is sent as it is.
        let compressed = |encoding| fs::metadata(precompress::sibling(file, encoding)).map_or(raw, |found| found.len());
        Ok(Self { raw, gzip: compressed("gz"), brotli: compressed("br") })
    }

    fn add(&mut self, other: Self) {
        self.raw += other.raw;
        self.gzip += other.gzip;
        self.brotli += other.brotli;
    }
}

/// `cargo xtask size`.
pub(crate) fn run() -> Result<()> {
    let toolbox = Toolbox::for_console()?;
    console::build(&toolbox)?;
    println!("{}", check(&workspace::dist_dir())?);
    Ok(())
}

/// Measures the console in `dist` and writes it down as a table.
///
/// # Errors
/// Where what counts is more than the budget: the message has the table.
pub(crate) fn check(dist: &Path) -> Result<String> {
    let parts = measure(dist)?;
    let mut counted = Bytes::default();
    COUNTED.iter().filter_map(|kind| parts.get(kind)).for_each(|bytes| counted.add(*bytes));

    let mut rows = vec![format!("{:<8}{:>10}{:>10}{:>10}", "kB", "raw", "gzip", "brotli")];
    rows.extend(COUNTED.iter().chain(&["other"]).filter_map(|kind| Some(row(kind, *parts.get(kind)?))));
    rows.push(row("counted", counted));
    rows.push(format!("{:<8}{:>30}", "budget", kilobytes(BUDGET)));
    let table = rows.join("\n");

    ensure!(counted.brotli <= BUDGET, "a first visit downloads more than its budget:\n{table}");
    Ok(table)
}

fn measure(dist: &Path) -> Result<BTreeMap<&'static str, Bytes>> {
    let mut parts: BTreeMap<_, Bytes> = BTreeMap::new();
    for file in files::walk(dist, &|_| false)? {
        let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if extension != "br" && extension != "gz" {
            let kind = COUNTED.into_iter().find(|counted| *counted == extension).unwrap_or("other");
            parts.entry(kind).or_default().add(Bytes::of(&file)?);
        }
    }
    Ok(parts)
}

fn row(kind: &str, bytes: Bytes) -> String {
    format!("{kind:<8}{:>10}{:>10}{:>10}", kilobytes(bytes.raw), kilobytes(bytes.gzip), kilobytes(bytes.brotli))
}

fn kilobytes(bytes: u64) -> String {
    format!("{}.{}", bytes / 1000, bytes % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dist(files: &[(&str, usize)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a temporary folder");
        for (name, length) in files {
            fs::write(dir.path().join(name), vec![b'x'; *length]).expect("writable");
        }
        dir
    }

    #[test]
    fn a_compressed_sibling_counts_in_place_of_its_file() {
        let dir =
            dist(&[("app.wasm", 900), ("app.wasm.br", 300), ("app.wasm.gz", 400), ("app.css", 50), ("icon.png", 7)]);
        let parts = measure(dir.path()).expect("readable");
        assert_eq!(parts["wasm"], Bytes { raw: 900, gzip: 400, brotli: 300 });
        assert_eq!(parts["css"], Bytes { raw: 50, gzip: 50, brotli: 50 });
        assert_eq!(parts["other"], Bytes { raw: 7, gzip: 7, brotli: 7 });
    }

    #[test]
    fn the_budget_is_for_what_a_first_visit_always_downloads() {
        let budget = usize::try_from(BUDGET).expect("a small number");
        let within = dist(&[("app.wasm", budget - 50_000), ("app.js", 50_000), ("photo.png", 90_000)]);
        assert!(check(within.path()).expect("within the budget").contains(&kilobytes(BUDGET)));
        let beyond = dist(&[("app.wasm", budget - 50_000), ("app.js", 50_001)]);
        assert!(check(beyond.path()).is_err());
    }
}
