#![doc = include_str!("../README.md")]

mod families;
mod loader;
mod modules;
mod names;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use families::Shared;
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
    /// The family of a chunk: code that only members of one family share is in the family's file, all else in `common`.
    /// `None` if there is no such chunk, which is an error.
    pub family_of: &'a dyn Fn(&str) -> Option<&'static str>,
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
    /// A chunk that [`Options::family_of`] doesn't know.
    #[error("the chunk {0} belongs to no family")]
    NoFamily(String),
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
    if let Some(stray) = chunks.keys().find(|chunk| (options.family_of)(chunk).is_none()) {
        return Err(Error::NoFamily(stray.clone()));
    }

    let file_of = |stem: &str| out.join(stem).with_extension("wasm");
    let shared = families::shared(&chunks);
    let read = |stem: &str| {
        let path = file_of(stem);
        fs::read(&path).map_err(|error| Error::File { path, error })
    };
    let sources = shared.iter().map(|shared| read(&shared.stem)).collect::<Result<Vec<_>, _>>()?;
    let own: Vec<&String> = chunks.values().flatten().filter(|stem| families::is_own(stem)).collect();
    let mut names = BTreeSet::new();
    for module in sources.iter().cloned().map(Ok).chain(own.iter().map(|stem| read(stem))) {
        names.extend(modules::imports_from(&module?, SHARED)?);
    }

    let mut files = merge_families(options, &shared, &sources, out)?;
    let chunks = families::files_of_chunks(&chunks, &shared, options.family_of);
    let main_module = fs::read(&main).map_err(|error| Error::File { path: main.clone(), error })?;
    let loads = modules::imports_from(&main_module, &["./", options.loader].concat())?;
    let script = loader::Loader { main: options.name, chunks: &chunks, names: &names, loads: &loads }.script()?;
    let path = out.join(options.loader);
    fs::write(&path, script).map_err(|error| Error::File { path: path.clone(), error })?;
    files.push(path);
    files.extend(own.into_iter().map(|stem| file_of(stem)));
    Ok(Bundle { main, files, chunks })
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

/// Makes a file for what each family shares, and one for what families share.
fn merge_families(
    options: &Options<'_>,
    shared: &[Shared],
    sources: &[Vec<u8>],
    out: &Path,
) -> Result<Vec<PathBuf>, Error> {
    let file_of = |stem: &str| out.join(stem).with_extension("wasm");
    let mut members = BTreeMap::<_, Vec<_>>::new();
    for shared in shared {
        members.entry(shared.family(options.family_of)).or_default().push(shared);
    }
    let outside = out.join("outside.wasm");
    fs::write(&outside, modules::forwarding(sources)?).map_err(|error| Error::File { path: outside.clone(), error })?;
    let mut files = Vec::new();
    for (family, members) in members {
        let to = file_of(family);
        let mut modules = vec![(outside.clone(), SHARED.to_owned())];
        modules.extend(members.iter().map(|shared| (file_of(&shared.stem), shared.stem.clone())));
        (options.merge)(&Merge { modules: &modules, to: &to })
            .map_err(|reason| Error::Merge { to: family.to_owned(), reason })?;
        files.push(to);
    }
    Ok(files)
}
