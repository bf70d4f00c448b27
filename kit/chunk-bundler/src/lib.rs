#![doc = include_str!("../README.md")]

mod files;
mod loader;
mod modules;
mod names;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use files::File;
pub use names::shorten_names;

/// The name that the files which are merged import from. See [`Merge`].
pub const SHARED: &str = "__wasm_split";

/// How a program is divided and what its files are called.
pub struct Options<'a> {
    /// The program, linked with `--emit-relocs`.
    pub program: &'a [u8],
    /// The name of its main module without an extension: `{name}.wasm`, and the script `{name}.js` that wasm-bindgen makes
    /// from it for the target `web`.
    pub name: &'a str,
    /// The name of the script that loads the chunks, which is also the module name of the main module's imports.
    pub loader: &'a str,
    /// Merges modules into one, for which it has to call Binaryen's `wasm-merge`.
    pub merge: &'a dyn Fn(&Merge<'_>) -> Result<(), String>,
}

/// Modules to be merged into one.
#[derive(Debug)]
pub struct Merge<'a> {
    /// The modules, each with the name by which the others import from it. The first has to be called [`SHARED`].
    pub modules: &'a [(PathBuf, String)],
    /// The file to write.
    pub to: &'a Path,
}

/// A program in pieces.
#[derive(Debug)]
pub struct Bundle {
    /// What is always downloaded: wasm-bindgen's input.
    pub main: PathBuf,
    /// The chunks' modules, and the script that loads them. They belong into the folder of wasm-bindgen's output.
    pub files: Vec<PathBuf>,
    /// The names of the modules that each chunk needs, in the order in which they are started.
    pub chunks: BTreeMap<String, Vec<String>>,
    /// The names of the functions in [`Bundle::main`], as the compiler wrote them.
    pub functions: BTreeSet<String>,
    /// Those of the functions that each chunk downloads because it needs them.
    pub functions_of_chunks: BTreeMap<String, BTreeSet<String>>,
}

/// Why a program couldn't be divided.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The splitter refuses it.
    #[error("the splitter can't divide the program: {0}")]
    Split(String),
    /// It has no chunks.
    #[error("the program has no chunks: is it compiled with the feature that makes them?")]
    NoChunks,
    /// The splitter's output isn't what this was written for.
    #[error("this version of the splitter isn't known: {0}")]
    Unexpected(String),
    /// A module that isn't WebAssembly.
    #[error("a module can't be read: {0}")]
    Module(#[from] wasmparser::BinaryReaderError),
    /// Modules couldn't be merged.
    #[error("{to} can't be merged: {reason}")]
    Merge {
        /// The name of the file.
        to: String,
        /// What the tool said.
        reason: String,
    },
    /// A file couldn't be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
}

/// Divides a program into files in the folder `out`.
///
/// # Errors
/// See [`Error`].
pub fn bundle(options: &Options<'_>, out: &Path) -> Result<Bundle, Error> {
    let main = out.join(options.name).with_extension("wasm");
    let split = split(options, &main, out)?;
    let chunks: BTreeMap<String, Vec<String>> = split.prefetch_map.into_iter().collect();
    if chunks.is_empty() {
        return Err(Error::NoChunks);
    }

    let read = |path: PathBuf| fs::read(&path).map_err(|error| Error::File { path, error });
    let (mut names, mut modules) = (BTreeSet::new(), BTreeMap::new());
    let mut functions_of_chunks = BTreeMap::<_, BTreeSet<String>>::new();
    for (chunk, stems) in &chunks {
        for stem in stems {
            let path = out.join(stem).with_extension("wasm");
            let module = read(path)?;
            names.extend(modules::imports_from(&module, SHARED)?);
            functions_of_chunks.entry(chunk.clone()).or_default().extend(modules::functions(&module)?);
            modules.insert(stem, module);
        }
    }

    let parts = files::files(&chunks);
    let mut files = merge(options, &parts, modules.values(), out)?;
    let chunks = files::of_chunks(&parts);
    let main_module = read(main.clone())?;
    let loads = modules::imports_from(&main_module, &["./", options.loader].concat())?;
    let script = loader::Loader { main: options.name, chunks: &chunks, names: &names, loads: &loads }.script()?;
    let path = out.join(options.loader);
    fs::write(&path, script).map_err(|error| Error::File { path: path.clone(), error })?;
    files.push(path);
    let functions = modules::functions(&main_module)?;
    Ok(Bundle { main, files, chunks, functions, functions_of_chunks })
}

fn split(options: &Options<'_>, main: &Path, out: &Path) -> Result<wasm_split_cli_support::SplitWasm, Error> {
    let (loader, script) = (["./", options.loader].concat(), ["./", options.name, ".js"].concat());
    let mut wanted = wasm_split_cli_support::Options::new(options.program);
    wanted.output_dir = out;
    wanted.main_out_path = main;
    wanted.link_name = &loader;
    wanted.main_module = &script;
    wasm_split_cli_support::transform(wanted).map_err(|error| Error::Split(format!("{error:#}")))
}

/// Makes files in a folder of `out`, of the modules there.
fn merge<'a>(
    options: &Options<'_>,
    parts: &[File],
    modules: impl Iterator<Item = &'a Vec<u8>>,
    out: &Path,
) -> Result<Vec<PathBuf>, Error> {
    let made = out.join("made");
    fs::create_dir_all(&made).map_err(|error| Error::File { path: made.clone(), error })?;
    let outside = out.join("outside.wasm");
    fs::write(&outside, modules::forwarding(modules)?).map_err(|error| Error::File { path: outside.clone(), error })?;
    let mut files = Vec::new();
    for File { stem, members, .. } in parts {
        let to = made.join(stem).with_extension("wasm");
        let members = members.iter().map(|member| (out.join(member).with_extension("wasm"), member.clone()));
        let modules: Vec<_> = [(outside.clone(), SHARED.to_owned())].into_iter().chain(members).collect();
        (options.merge)(&Merge { modules: &modules, to: &to })
            .map_err(|reason| Error::Merge { to: stem.clone(), reason })?;
        files.push(to);
    }
    Ok(files)
}
