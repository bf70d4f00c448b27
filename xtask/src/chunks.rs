//! Splitting the shipped console: what a first visit needs, and files with the pages that are downloaded on demand
//! (`src/pages/table.rs` says which). The linker keeps relocations in what cargo compiled, which allow moving functions
//! to other modules; then come wasm-bindgen, wasm-opt and esbuild.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
    sync::Mutex,
    thread,
};

use anyhow::{Context, Result, anyhow, ensure};
use chunk_bundler::{Bundle, Merge, Options, shorten_names};

use crate::{files, product::name_of, toolbox::Toolbox, workspace::WASM_TARGET};

/// The program's name, and so that of its files.
pub(crate) const NAME: &str = "latchkey-console";
/// The script that loads the chunks. It becomes part of the program's own, so that a visit requests one less.
const LOADER: &str = "chunks.js";
/// Leaving out local common subexpression elimination keeps similar code similar for brotli, and so does ordering by
/// name. A function that is called from one place stays apart (0.7 kB of the main module; the compiler has inlined what is
/// worth it).
const OPTIMISATIONS: [&str; 7] = [
    "-O3",
    "--skip-pass=local-cse",
    "--one-caller-inline-max-function-size",
    "0",
    "--strip-producers",
    "--strip-target-features",
    "--reorder-functions-by-name",
];
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
    /// The functions that every visit downloads, and those of each chunk.
    pub(crate) functions: (BTreeSet<String>, BTreeMap<String, BTreeSet<String>>),
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
    fs::remove_file(pieces.join(LOADER)).context("removing the loader, which is part of the script now")?;
    // They refer to each other, so one name stands for all.
    let mut contents = Vec::new();
    for file in files::walk(&pieces, &|_| false)? {
        contents.push((file.file_name().map(std::ffi::OsStr::to_owned), fs::read(&file)?));
    }
    let folder = format!("console-{}", name_of(&contents));
    fs::rename(&pieces, out.join(&folder)).context("moving the console to where it belongs")?;
    Ok(Pieces { folder, chunks: parts.chunks, functions: (parts.functions, parts.functions_of_chunks) })
}

fn take_apart(toolbox: &Toolbox, wasm: &Path, scratch: &Path) -> Result<Bundle> {
    let program = fs::read(wasm).with_context(|| format!("reading {}", wasm.display()))?;
    let merge = |merge: &Merge<'_>| {
        let mut command = toolbox.command("wasm-merge");
        command.args(FEATURES).arg("-g");
        for (file, name) in merge.modules {
            command.arg(file).arg(name);
        }
        let output = command.arg("-o").arg(merge.to).output().map_err(|error| error.to_string())?;
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    };
    let options = Options { program: &program, name: NAME, loader: LOADER, merge: &merge };
    Ok(chunk_bundler::bundle(&options, &scratch.join("split"))?)
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
    let (module, script) = (out.join(format!("{NAME}_bg.wasm")), out.join(format!("{NAME}.js")));
    let (short_module, short_script) =
        shorten_names(&fs::read(&module)?, &fs::read_to_string(&script)?, &format!("./{NAME}_bg.js"))?;
    fs::write(&module, short_module)?;
    fs::write(&script, short_script)?;
    Ok(())
}

/// Makes each piece smaller, in place; as many at a time as the machine has cores.
fn optimise(toolbox: &Toolbox, folder: &Path) -> Result<()> {
    let mut pieces = files::walk(folder, &|_| false)?;
    // The largest is taken first, so that nothing waits for it in the end.
    pieces.sort_by_key(|piece| fs::metadata(piece).map_or(0, |found| found.len()));
    let waiting = Mutex::new(pieces);
    let next = || waiting.lock().ok()?.pop();
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let work = || {
            while let Some(piece) = next() {
                let Some(mut command) = optimiser(toolbox, &piece) else { continue };
                let output = command.output().context("starting an optimiser")?;
                let complaint = String::from_utf8_lossy(&output.stderr);
                ensure!(output.status.success(), "{} can't be made smaller: {complaint}", piece.display());
            }
            Ok(())
        };
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| anyhow!("an optimiser panicked"))?)
    })
}

/// The command that makes a file smaller, if there is one for its kind.
fn optimiser(toolbox: &Toolbox, piece: &Path) -> Option<Command> {
    match piece.extension()?.to_str()? {
        "wasm" => {
            let mut command = toolbox.command("wasm-opt");
            command.args(OPTIMISATIONS).args(FEATURES).args([piece, Path::new("-o"), piece]);
            // It would use every core by itself.
            command.env("BINARYEN_CORES", "1");
            Some(command)
        }
        "js" if !piece.ends_with(LOADER) => {
            let mut command = toolbox.command("esbuild");
            let outfile = format!("--outfile={}", piece.display());
            command.arg(piece).args(["--bundle", "--minify", "--format=esm", "--allow-overwrite", &outfile]);
            // wasm-bindgen names the loader once for each function that it imports from it.
            command.arg("--log-override:duplicate-object-key=silent");
            Some(command)
        }
        _ => None,
    }
}
