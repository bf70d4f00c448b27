#![doc = include_str!("../README.md")]

mod groups;
mod loader;
mod modules;
mod names;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use groups::{Group, Shared};
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

    let file_of = |stem: &str| out.join(stem).with_extension("wasm");
    let read = |path: PathBuf| fs::read(&path).map_err(|error| Error::File { path, error });
    let (mut shared, mut sources) = (Vec::new(), Vec::new());
    let (mut names, mut functions_of_chunks) = (BTreeSet::new(), BTreeMap::<_, BTreeSet<String>>::new());
    for (stem, users) in groups::users(&chunks) {
        let source = read(file_of(&stem))?;
        names.extend(modules::imports_from(&source, SHARED)?);
        for user in &users {
            functions_of_chunks.entry(user.clone()).or_default().extend(modules::functions(&source)?);
        }
        shared.push(Shared { stem, users, size: modules::code_size(&source)? });
        sources.push(source);
    }
    let mut own = Vec::new();
    for (chunk, stems) in &chunks {
        for stem in stems.iter().filter(|stem| groups::is_own(stem)) {
            let module = read(file_of(stem))?;
            names.extend(modules::imports_from(&module, SHARED)?);
            functions_of_chunks.entry(chunk.clone()).or_default().extend(modules::functions(&module)?);
            own.push(file_of(stem));
        }
    }

    let groups = groups::groups(&shared)?;
    let mut files = merge_groups(options, &groups, &sources, out)?;
    let chunks = groups::files_of_chunks(&chunks, &groups);
    let main_module = read(main.clone())?;
    let loads = modules::imports_from(&main_module, &["./", options.loader].concat())?;
    let script = loader::Loader { main: options.name, chunks: &chunks, names: &names, loads: &loads }.script()?;
    let path = out.join(options.loader);
    fs::write(&path, script).map_err(|error| Error::File { path: path.clone(), error })?;
    files.push(path);
    files.extend(own);
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

/// Makes a file for each group.
fn merge_groups(
    options: &Options<'_>,
    groups: &[Group],
    sources: &[Vec<u8>],
    out: &Path,
) -> Result<Vec<PathBuf>, Error> {
    let file_of = |stem: &str| out.join(stem).with_extension("wasm");
    let outside = out.join("outside.wasm");
    fs::write(&outside, modules::forwarding(sources)?).map_err(|error| Error::File { path: outside.clone(), error })?;
    let mut files = Vec::new();
    for group in groups {
        let to = file_of(&group.stem);
        let mut modules = vec![(outside.clone(), SHARED.to_owned())];
        modules.extend(group.members.iter().map(|stem| (file_of(stem), stem.clone())));
        (options.merge)(&Merge { modules: &modules, to: &to })
            .map_err(|reason| Error::Merge { to: group.stem.clone(), reason })?;
        files.push(to);
    }
    Ok(files)
}
