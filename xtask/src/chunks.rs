//! Splitting the shipped console: what a first visit needs, and files with the pages that are downloaded on demand
//! (`src/pages/table.rs` says which). The linker keeps relocations in what cargo compiled, which allow moving functions
//! to other modules; then come wasm-bindgen, wasm-opt and esbuild.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Context, Result, anyhow, ensure};

use crate::{
    common_chunk::{self, Shared},
    files,
    product::name_of,
    toolbox::Toolbox,
    workspace::WASM_TARGET,
};

/// The program's name, and so that of its files.
pub(crate) const NAME: &str = "latchkey-console";
/// The script that loads the chunks.
pub(crate) const LOADER: &str = "chunks.js";
/// Leaving out local common subexpression elimination keeps similar code similar for brotli, and so does ordering by
/// name.
const OPTIMISATIONS: [&str; 3] = ["-O3", "--skip-pass=local-cse", "--reorder-functions-by-name"];
/// The features that the compiler uses. All features would be more than browsers support.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// The console's pieces.
pub(crate) struct Pieces {
    /// The folder they are in, named after the hash of all their content.
    pub(crate) folder: String,
    /// The names of the files that each chunk downloads.
    pub(crate) chunks: BTreeMap<String, Vec<String>>,
}

/// Puts the console into a folder of `out`, in pieces. `target` is the folder that cargo compiled into.
pub(crate) fn split(toolbox: &Toolbox, target: &Path, out: &Path) -> Result<Pieces> {
    let scratch = target.join("chunks");
    if scratch.exists() {
        fs::remove_dir_all(&scratch).context("removing the chunks of an earlier build")?;
    }
    let wasm = target.join(WASM_TARGET).join("console").join(NAME).with_extension("wasm");
    let parts = take_apart(toolbox, &wasm, &scratch)?;
    let pieces = scratch.join("pieces");
    bind(toolbox, &parts.main, &pieces)?;
    for file in &parts.files {
        fs::copy(file, pieces.join(file.file_name().context("a file has a name")?))?;
    }
    optimise(toolbox, &pieces)?;
    // They refer to each other, so one name stands for all.
    let mut contents = Vec::new();
    for file in files::walk(&pieces, &|_| false)? {
        contents.push((file.file_name().map(std::ffi::OsStr::to_owned), fs::read(&file)?));
    }
    let folder = format!("console-{}", name_of(&contents));
    fs::rename(&pieces, out.join(&folder)).context("moving the console to where it belongs")?;
    Ok(Pieces { folder, chunks: parts.chunks })
}

/// A console in pieces, as the splitter leaves them.
struct Parts {
    /// What is always downloaded; wasm-bindgen's input.
    main: PathBuf,
    /// The chunks' modules, and the script that loads them.
    files: Vec<PathBuf>,
    /// The names of the modules of each chunk.
    chunks: BTreeMap<String, Vec<String>>,
}

fn take_apart(toolbox: &Toolbox, wasm: &Path, scratch: &Path) -> Result<Parts> {
    let whole = fs::read(wasm).with_context(|| format!("reading {}", wasm.display()))?;
    let out = scratch.join("split");
    let main = out.join(NAME).with_extension("wasm");
    let (loader, script) = (format!("./{LOADER}"), format!("./{NAME}.js"));
    let mut options = wasm_split_cli_support::Options::new(&whole);
    options.output_dir = &out;
    options.main_out_path = &main;
    options.link_name = &loader;
    options.main_module = &script;
    let split =
        wasm_split_cli_support::transform(options).map_err(|error| anyhow!("splitting the console: {error:#}"))?;
    ensure!(
        !split.prefetch_map.is_empty(),
        "the console has no chunks: was it compiled with the feature of that name?"
    );
    // What only one chunk needs is named after it; all else is shared.
    let mut users = BTreeMap::<&str, BTreeSet<String>>::new();
    for (chunk, stems) in &split.prefetch_map {
        for stem in stems.iter().filter(|stem| !is_own(stem)) {
            users.entry(stem).or_default().insert(chunk.clone());
        }
    }
    let shared: Vec<_> = users.into_iter().map(|(stem, users)| Shared { stem: stem.to_owned(), users }).collect();
    let chunks = split.prefetch_map.iter().map(|(chunk, stems)| {
        let families = shared.iter().filter(|shared| shared.users.contains(chunk)).map(common_chunk::family_of);
        let families: BTreeSet<_> = families.collect();
        let own = stems.iter().map(String::as_str).filter(|stem| is_own(stem));
        (chunk.clone(), families.into_iter().chain(own).map(|stem| format!("{stem}.wasm")).collect())
    });
    let chunks = chunks.collect();
    let script = out.join(LOADER);
    let mut files = common_chunk::gather(toolbox, &shared, &script, &out, &FEATURES)?;
    files.push(script);
    files.extend(
        split
            .split_modules
            .into_iter()
            .filter(|file| file.file_stem().is_some_and(|stem| is_own(&stem.to_string_lossy()))),
    );
    Ok(Parts { main, files, chunks })
}

/// Whether the splitter's file of that name belongs to a single chunk.
fn is_own(stem: &str) -> bool {
    stem.starts_with("split_")
}

fn bind(toolbox: &Toolbox, main: &Path, out: &Path) -> Result<()> {
    // The chunks are linked with what the linker exports: memory, table, stack pointer.
    let status = toolbox
        .command("wasm-bindgen")
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports", "--out-name", NAME, "--out-dir"])
        .args([out, main])
        .status()
        .context("starting wasm-bindgen")?;
    ensure!(status.success(), "wasm-bindgen failed");
    Ok(())
}

/// Makes each piece smaller, in place.
fn optimise(toolbox: &Toolbox, folder: &Path) -> Result<()> {
    let pieces = files::walk(folder, &|_| false)?;
    thread::scope(|scope| {
        let works: Vec<_> = pieces
            .iter()
            .filter_map(|piece| {
                let mut command = match piece.extension()?.to_str()? {
                    "wasm" => {
                        let mut command = toolbox.command("wasm-opt");
                        command.args(OPTIMISATIONS).args(FEATURES).args([piece, Path::new("-o"), piece]);
                        command
                    }
                    "js" => {
                        let mut command = toolbox.command("esbuild");
                        let outfile = format!("--outfile={}", piece.display());
                        command.arg(piece).args(["--minify", "--format=esm", "--allow-overwrite", &outfile]);
                        command
                    }
                    _ => return None,
                };
                Some(scope.spawn(move || {
                    let output = command.output().context("starting an optimiser")?;
                    let complaint = String::from_utf8_lossy(&output.stderr);
                    ensure!(output.status.success(), "{} can't be made smaller: {complaint}", piece.display());
                    Ok(())
                }))
            })
            .collect();
        works.into_iter().try_for_each(|work| work.join().map_err(|_| anyhow!("an optimiser panicked"))?)
    })
}
