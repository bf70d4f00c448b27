//! What a browser downloads on a first visit, the budget it must keep to, and what it would be on Leptos's own views.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::{
    console::{self, Views},
    files, pages, precompress, texts,
    toolbox::Toolbox,
};

/// The most that a first visit may download, whichever page it begins with, compressed with brotli, in bytes.
const BUDGET: u64 = 200_000;
/// The most that a first visit to the sign-in page may download, which needs no chunk.
const SIGN_IN_BUDGET: u64 = 127_000;
/// Its name in the table.
const SIGN_IN: &str = "sign in";
/// What every visit downloads; icons and the manifest are listed but not counted.
const COUNTED: [&str; 4] = ["html", "js", "css", "wasm"];

/// The sizes of some files in bytes: uncompressed, with gzip, with brotli.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bytes {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

impl Bytes {
    fn of(file: &Path) -> Result<Self> {
        let raw = fs::metadata(file)?.len();
        // A file without a compressed sibling is sent as it is.
        let compressed = |encoding| fs::metadata(precompress::sibling(file, encoding)).map_or(raw, |found| found.len());
        Ok(Self { raw, gzip: compressed("gz"), brotli: compressed("br") })
    }

    fn add(&mut self, other: Self) {
        self.raw += other.raw;
        self.gzip += other.gzip;
        self.brotli += other.brotli;
    }
}

/// `cargo xtask size`: the sizes of the console as shipped, and of the one with Leptos's own views.
pub(crate) fn run() -> Result<()> {
    let toolbox = Toolbox::for_console()?;
    for views in [Views::Lean, Views::Leptos] {
        console::build(&toolbox, views)?;
    }
    println!("{}", check(&console::folder_of(Views::Lean), Some(&console::folder_of(Views::Leptos)))?);
    Ok(())
}

/// Measures the console in `shipped` and the one on Leptos's own views in `other`, and returns both as a table.
///
/// # Errors
/// If a first visit exceeds its budget; the message includes the table.
pub(crate) fn check(shipped: &Path, other: Option<&Path>) -> Result<String> {
    let (shipped, other) = (Visits::of(shipped)?, other.map(Visits::of).transpose()?);
    let column = |bytes: Bytes| {
        format!("{:>10}{:>10}{:>10}", kilobytes(bytes.raw), kilobytes(bytes.gzip), kilobytes(bytes.brotli))
    };
    let row = |name: &str, bytes: Bytes, beside: Option<&Bytes>| {
        let beside = beside.map_or_else(String::new, |bytes| format!("{:>20}", kilobytes(bytes.brotli)));
        format!("{name:<28}{}{beside}", column(bytes))
    };
    let mut rows = vec![format!("{:<28}{:>10}{:>10}{:>10}{:>20}", "kB", "raw", "gzip", "brotli", "on Leptos's views")];
    rows.extend(
        shipped
            .kinds
            .iter()
            .map(|(kind, bytes)| row(kind, *bytes, other.as_ref().and_then(|other| other.kinds.get(kind)))),
    );
    rows.extend(shipped.visits.iter().map(|(visit, bytes)| {
        row(&format!("first visit: {visit}"), *bytes, other.as_ref().and_then(|other| other.visits.get(visit)))
    }));
    rows.push(format!("{:<28}{:>30}", "budget: sign in", kilobytes(SIGN_IN_BUDGET)));
    rows.push(format!("{:<28}{:>30}", "budget: any other", kilobytes(BUDGET)));
    rows.push(row("all pages", shipped.whole, other.as_ref().map(|other| &other.whole)));
    let table = rows.join("\n");
    let too_large = shipped
        .visits
        .iter()
        .find(|(visit, bytes)| bytes.brotli > if visit.as_str() == SIGN_IN { SIGN_IN_BUDGET } else { BUDGET });
    if let Some((visit, _)) = too_large {
        bail!("a first visit to {visit} downloads more than its budget:\n{table}");
    }
    Ok(table)
}

/// What first visits to a console download.
struct Visits {
    /// What every visit downloads, by kind.
    kinds: BTreeMap<&'static str, Bytes>,
    /// Everything that a visit downloads, by the chunk it begins with.
    visits: BTreeMap<String, Bytes>,
    /// Every file.
    whole: Bytes,
}

impl Visits {
    fn of(dist: &Path) -> Result<Self> {
        let files = measure(dist)?;
        let page = fs::read_to_string(dist.join("index.html")).context("reading the page")?;
        let chunks = chunks_of(&page).context("the page doesn't say which files its chunks have")?;
        let in_chunks = |name: &str| chunks.values().flatten().any(|file| file == name);
        let (mut kinds, mut whole) = (BTreeMap::<_, Bytes>::new(), Bytes::default());
        for (name, bytes) in &files {
            let kind = COUNTED.into_iter().find(|kind| Path::new(name).extension().is_some_and(|found| found == *kind));
            if let Some(kind) = kind {
                whole.add(*bytes);
                if !in_chunks(name) {
                    kinds.entry(kind).or_default().add(*bytes);
                }
            }
        }
        // A visit downloads only one of the languages.
        let texts_of = |chunk: Option<&str>| {
            let languages = pages::LANGUAGES.iter().filter_map(|(tag, _)| files.get(&texts::file_name(tag, chunk)));
            languages.max_by_key(|bytes| bytes.brotli).copied().unwrap_or_default()
        };
        kinds.insert("texts of one language", texts_of(None));
        let mut always = Bytes::default();
        kinds.values().for_each(|bytes| always.add(*bytes));
        let mut visits = BTreeMap::from([(SIGN_IN.to_owned(), always)]);
        for (chunk, names) in chunks {
            let mut visit = always;
            visit.add(texts_of(Some(&chunk)));
            for name in names {
                visit.add(*files.get(&name).with_context(|| format!("dist/ lacks {name} of {chunk}"))?);
            }
            visits.insert(chunk, visit);
        }
        Ok(Self { kinds, visits, whole })
    }
}

/// The names of each chunk's files, as the page tells them to the script that runs before the console.
fn chunks_of(page: &str) -> Option<BTreeMap<String, Vec<String>>> {
    let told = page.split_once("data-chunks=\"")?.1.split('"').next()?;
    let name = |address: &str| address.rsplit('/').next().unwrap_or_default().to_owned();
    told.split(' ')
        .map(|chunk| {
            let (chunk, files) = chunk.split_once(':')?;
            Some((chunk.to_owned(), files.split(',').map(name).collect()))
        })
        .collect()
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

    /// A page that lists chunks, and files of these lengths.
    fn console(chunks: &str, files: &[(&str, usize)]) -> tempfile::TempDir {
        let dir = dist(files);
        fs::write(dir.path().join("index.html"), format!("<script data-chunks=\"{chunks}\">")).expect("writable");
        dir
    }

    #[test]
    fn the_budget_is_for_any_first_visit_and_not_for_all_pages_together() {
        let sign_in = usize::try_from(SIGN_IN_BUDGET).expect("a small number") - 1_000;
        let page = usize::try_from(BUDGET).expect("a small number") - sign_in - 1_000;
        let of = |main, manager| {
            let files = [("app.wasm", main - 30_000), ("app.js", 30_000), ("photo.png", 90_000), ("m.wasm", manager)];
            console("manager:/c/m.wasm support:/c/s.wasm", &[&files[..], &[("s.wasm", 20_000)]].concat())
        };
        let leptos = of(sign_in + 50_000, page);
        let table = check(of(sign_in, page).path(), Some(leptos.path())).expect("within the budget");
        assert!(table.contains("first visit: manager") && table.contains(&kilobytes(BUDGET)), "{table}");
        assert!(check(of(sign_in, page + 1_001).path(), Some(leptos.path())).is_err());
        assert!(check(of(sign_in + 1_001, 20_000).path(), Some(leptos.path())).is_err());
    }

    #[test]
    fn a_visit_downloads_the_texts_of_its_chunk_in_one_language() {
        let texts = [("en.json", 5), ("es.json", 6), ("en-manager.json", 3), ("es-manager.json", 2)];
        let visits = Visits::of(
            console("manager:/c/m.wasm", &[&[("app.wasm", 10), ("m.wasm", 20)], &texts[..]].concat()).path(),
        )
        .expect("readable");
        assert_eq!(visits.kinds["texts of one language"].brotli, 6);
        assert_eq!(visits.visits["manager"].brotli - visits.visits[SIGN_IN].brotli, 20 + 3);
    }

    #[test]
    fn a_chunk_that_isn_t_there_is_an_error() {
        assert!(Visits::of(console("manager:/c/gone.wasm", &[("app.wasm", 1)]).path()).is_err());
        assert!(Visits::of(dist(&[("app.wasm", 1), ("index.html", 1)]).path()).is_err());
    }
}
