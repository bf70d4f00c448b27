//! Compressing the built console once, ahead of time, as much as possible: the server only picks a sibling file.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Context, Result, anyhow};
use flate2::{Compression, write::GzEncoder};

use crate::files;

/// Brotli's highest level and its largest standard window (16 MiB).
const BROTLI_QUALITY: i32 = 11;
const BROTLI_WINDOW: i32 = 24;
/// Extensions of files that shrink. Images and fonts are already compressed.
const COMPRESSIBLE: [&str; 9] = ["html", "js", "mjs", "wasm", "css", "svg", "json", "webmanifest", "txt"];

/// Writes `FILE.br` and `FILE.gz` beside each file of `dist` that shrinks.
pub(crate) fn precompress(dist: &Path) -> Result<()> {
    let all = files::walk(dist, &|_| false)?;
    thread::scope(|scope| {
        let works: Vec<_> = all
            .iter()
            .filter(|file| extension(file).is_some_and(|extension| COMPRESSIBLE.contains(&extension)))
            .map(|file| scope.spawn(move || compress(file).with_context(|| format!("compressing {}", file.display()))))
            .collect();
        works.into_iter().try_for_each(|work| work.join().map_err(|_| anyhow!("a compressor panicked"))?)
    })
}

/// The compressed sibling of `file`.
pub(crate) fn sibling(file: &Path, encoding: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(encoding);
    PathBuf::from(name)
}

fn extension(file: &Path) -> Option<&str> {
    file.extension()?.to_str()
}

fn compress(file: &Path) -> Result<()> {
    let plain = fs::read(file)?;
    for (encoding, compressed) in [("br", brotli(&plain)?), ("gz", gzip(&plain)?)] {
        if compressed.len() < plain.len() {
            fs::write(sibling(file, encoding), compressed)?;
        }
    }
    Ok(())
}

fn brotli(plain: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        size_hint: plain.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*plain, &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(plain: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn siblings_hold_the_same_bytes_and_exist_only_where_they_are_smaller() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let text = "Sending to lock. ".repeat(200);
        for (name, content) in [("app.js", text.as_str()), ("tiny.txt", "x"), ("photo.png", text.as_str())] {
            fs::write(dir.path().join(name), content).expect("writable");
        }
        precompress(dir.path()).expect("compressible");

        let mut names: Vec<_> =
            fs::read_dir(dir.path()).expect("readable").map(|entry| entry.expect("an entry").file_name()).collect();
        names.sort();
        assert_eq!(names, ["app.js", "app.js.br", "app.js.gz", "photo.png", "tiny.txt"]);

        let mut unzipped = String::new();
        let gz = fs::File::open(dir.path().join("app.js.gz")).expect("there");
        flate2::read::GzDecoder::new(gz).read_to_string(&mut unzipped).expect("gzip");
        assert_eq!(unzipped, text);

        let mut unbrotlied = Vec::new();
        let mut br = fs::File::open(dir.path().join("app.js.br")).expect("there");
        brotli::BrotliDecompress(&mut br, &mut unbrotlied).expect("brotli");
        assert_eq!(unbrotlied, text.as_bytes());
    }
}
