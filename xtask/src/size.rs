//! What a browser downloads on a first visit, and the budget it must keep to.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, ensure};

use crate::{chunks, console, files, precompress, texts, toolbox::Toolbox, workspace};

/// The most that a first visit may download, whichever page it begins with, compressed with brotli, in bytes.
const BUDGET: u64 = 180_000;
/// What every visit downloads; icons and the manifest are told but not counted.
const COUNTED: [&str; 4] = ["html", "js", "css", "wasm"];

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
    println!("{}", check(&workspace::dist_dir(), &chunks::map()?)?);
    Ok(())
}

/// Measures the console in `dist`, whose pages come in `chunks` (file names by chunk), and writes it down as a table.
///
/// # Errors
/// Where a first visit is more than the budget: the message has the table.
pub(crate) fn check(dist: &Path, chunks: &BTreeMap<String, Vec<String>>) -> Result<String> {
    let files = measure(dist)?;
    let in_chunks = |name: &str| chunks.values().flatten().any(|file| file == name);
    let (mut kinds, mut other, mut whole) = (BTreeMap::<_, Bytes>::new(), Bytes::default(), Bytes::default());
    for (name, bytes) in &files {
        let kind = COUNTED.into_iter().find(|kind| Path::new(name).extension().is_some_and(|found| found == *kind));
        match kind {
            None => other.add(*bytes),
            Some(kind) => {
                whole.add(*bytes);
                if !in_chunks(name) {
                    kinds.entry(kind).or_default().add(*bytes);
                }
            }
        }
    }
    // Of the languages, a visit downloads one.
    let texts = measure(&dist.join(texts::FOLDER))?.into_values().max_by_key(|bytes| bytes.brotli).unwrap_or_default();
    let mut always = texts;
    kinds.values().for_each(|bytes| always.add(*bytes));

    let mut rows = vec![format!("{:<26}{:>10}{:>10}{:>10}", "kB", "raw", "gzip", "brotli")];
    rows.extend(COUNTED.iter().filter_map(|kind| Some(row(kind, *kinds.get(kind)?))));
    rows.push(row("texts of one language", texts));
    rows.push(row("first visit: sign in", always));
    let mut largest = always;
    for (chunk, names) in chunks {
        let mut visit = always;
        for name in names {
            visit.add(*files.get(name).with_context(|| format!("dist/ lacks {name} of {chunk}"))?);
        }
        rows.push(row(&format!("first visit: {chunk}"), visit));
        if visit.brotli > largest.brotli {
            largest = visit;
        }
    }
    rows.push(format!("{:<26}{:>30}", "budget of a first visit", kilobytes(BUDGET)));
    rows.push(row("all pages", whole));
    rows.push(row("icons, manifest, all texts", other));
    let table = rows.join("\n");

    ensure!(largest.brotli <= BUDGET, "a first visit downloads more than its budget:\n{table}");
    Ok(table)
}

/// The files, by name.
fn measure(dist: &Path) -> Result<BTreeMap<String, Bytes>> {
    let mut all = BTreeMap::new();
    for file in files::walk(dist, &|_| false)? {
        let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if extension != "br" && extension != "gz" {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            all.insert(name, Bytes::of(&file)?);
        }
    }
    Ok(all)
}

fn row(kind: &str, bytes: Bytes) -> String {
    format!("{kind:<26}{:>10}{:>10}{:>10}", kilobytes(bytes.raw), kilobytes(bytes.gzip), kilobytes(bytes.brotli))
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
        let files = measure(dir.path()).expect("readable");
        assert_eq!(files["app.wasm"], Bytes { raw: 900, gzip: 400, brotli: 300 });
        assert_eq!(files["app.css"], Bytes { raw: 50, gzip: 50, brotli: 50 });
        assert_eq!(files.len(), 3);
    }

    #[test]
    fn the_budget_is_for_any_first_visit_and_not_for_all_pages_together() {
        let budget = usize::try_from(BUDGET).expect("a small number");
        let chunks: BTreeMap<_, _> = [("manager", "m.wasm"), ("support", "s.wasm")]
            .map(|(chunk, file)| (chunk.to_owned(), vec![file.to_owned()]))
            .into();
        let console = |manager| {
            let parts = [("app.wasm", budget - 50_000), ("app.js", 30_000), ("photo.png", 90_000)];
            dist(&[parts[0], parts[1], parts[2], ("m.wasm", manager), ("s.wasm", 20_000)])
        };
        let table = check(console(20_000).path(), &chunks).expect("within the budget");
        assert!(table.contains("first visit: manager") && table.contains(&kilobytes(BUDGET)), "{table}");
        assert!(check(console(20_001).path(), &chunks).is_err());
    }

    #[test]
    fn a_chunk_that_isn_t_there_is_an_error() {
        let chunks = BTreeMap::from([("manager".to_owned(), vec!["gone.wasm".to_owned()])]);
        assert!(check(dist(&[("app.wasm", 1)]).path(), &chunks).is_err());
    }
}
