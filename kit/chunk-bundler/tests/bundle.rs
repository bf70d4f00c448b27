//! A real program, divided by the real splitter: what its files hold, and the script that loads them.
//!
//! `fixture/program.wasm` is `fixture/program.rs` as a `cdylib` with wasm_split_helpers 0.2.3, compiled like the console
//! (`OWN_STD` and `RELOCATIONS` in `xtask/src/console.rs`, the profile `console`).

use std::{cell::RefCell, fs, path::Path};

use chunk_bundler::{Bundle, Error, Merge, Options, SHARED, bundle};

const PROGRAM: &[u8] = include_bytes!("fixture/program.wasm");

/// In place of Binaryen: the first module, and a note of all of them.
fn merged(merges: &RefCell<Vec<String>>, merge: &Merge<'_>) -> Result<(), String> {
    let file_name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let modules: Vec<_> = merge.modules.iter().map(|(file, name)| format!("{} as {name}", file_name(file))).collect();
    merges.borrow_mut().push(format!("{} <- {}", file_name(merge.to), modules.join(", ")));
    fs::copy(&merge.modules[0].0, merge.to).map(drop).map_err(|error| error.to_string())
}

fn bundled(program: &[u8], out: &Path) -> (Result<Bundle, Error>, Vec<String>) {
    let merges = RefCell::new(Vec::new());
    let merge = |merge: &Merge<'_>| merged(&merges, merge);
    let result = bundle(&Options { program, name: "app", loader: "chunks.js", merge: &merge }, out);
    (result, merges.into_inner())
}

#[test]
fn code_that_two_chunks_share_is_in_a_common_file_and_the_loader_loads_it_first() {
    let out = tempfile::tempdir().expect("a folder");
    let (result, merges) = bundled(PROGRAM, out.path());
    let bundle = result.expect("a bundle");
    assert_eq!(bundle.chunks["residents"].first().map(String::as_str), Some("common.wasm"));
    assert_eq!(bundle.chunks["audit"].first().map(String::as_str), Some("common.wasm"));
    assert!(bundle.main.is_file() && bundle.files.iter().all(|file| file.is_file()), "{bundle:?}");
    assert_eq!(merges.len(), 3);
    assert!(merges[0].starts_with(&format!("common.wasm <- outside.wasm as {SHARED}, ")), "{merges:?}");
    let script = fs::read_to_string(out.path().join("chunks.js")).expect("a script");
    insta::assert_snapshot!(script);
}

#[test]
fn a_chunk_has_the_functions_that_only_some_chunks_need() {
    let out = tempfile::tempdir().expect("a folder");
    let bundle = bundled(PROGRAM, out.path()).0.expect("a bundle");
    for functions in bundle.functions_of_chunks.values() {
        assert!(!functions.is_empty() && functions.is_disjoint(&bundle.functions), "{functions:?}");
    }
}

#[test]
fn a_program_without_chunks_and_what_is_no_program_are_errors() {
    let out = tempfile::tempdir().expect("a folder");
    // The magic number and version of WebAssembly, and nothing more.
    let (empty, _) = bundled(b"\0asm\x01\0\0\0", out.path());
    assert!(matches!(empty, Err(Error::Split(_) | Error::NoChunks)), "{empty:?}");
    let (text, _) = bundled(b"not a program", out.path());
    assert!(matches!(text, Err(Error::Split(_))), "{text:?}");
}

#[test]
fn a_tool_that_fails_is_reported_with_the_file() {
    let out = tempfile::tempdir().expect("a folder");
    let result = bundle(
        &Options { program: PROGRAM, name: "app", loader: "chunks.js", merge: &|_| Err("no such tool".to_owned()) },
        out.path(),
    );
    let error = result.expect_err("nothing is merged");
    assert_eq!(error.to_string(), "common can't be merged: no such tool");
}
