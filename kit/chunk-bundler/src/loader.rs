//! The script that loads chunks, written from what the splitter says each of them needs.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use crate::{Error, SHARED, modules::OUTSIDE};

/// What the main module calls a chunk's loader, with the chunk's name after it (`wasm_split_macros`).
const LOAD: &str = "__wasm_split_load_";
/// The table of functions, through which the script tells the program that a chunk is there.
const TABLE: &str = "__indirect_function_table";
/// The part that is the same for every program.
const SCRIPT: &str = include_str!("loader.js");

/// What the script is written from.
pub(crate) struct Loader<'a> {
    /// The name of the main module.
    pub(crate) main: &'a str,
    /// The files of each chunk.
    pub(crate) chunks: &'a BTreeMap<String, Vec<String>>,
    /// What chunks import from the main module.
    pub(crate) names: &'a BTreeSet<String>,
    /// What the main module imports from this script.
    pub(crate) loads: &'a BTreeSet<String>,
}

impl Loader<'_> {
    /// The text of the script.
    ///
    /// # Errors
    /// If the main module imports something else than loaders of its chunks, or a name that isn't one in JavaScript.
    pub(crate) fn script(&self) -> Result<String, Error> {
        let mut names = self.names.clone();
        // The main module exports it in any case (wasm-bindgen is told to keep what the linker exports).
        names.insert(TABLE.to_owned());
        let names: Vec<_> = names.iter().map(|name| quoted(name)).collect::<Result<_, _>>()?;
        let mut script = format!("import {{ initSync }} from {};\n\n", quoted(&format!("./{}.js", self.main))?);
        // Writing to a string doesn't fail.
        let _ = writeln!(script, "const SHARED = {}, OUTSIDE = {};", quoted(SHARED)?, quoted(OUTSIDE)?);
        let _ = writeln!(script, "const NAMES = [{}];", names.join(", "));
        script.push_str("const CHUNKS = {\n");
        for (chunk, files) in self.chunks {
            let files: Vec<_> = files.iter().map(|file| quoted(file)).collect::<Result<_, _>>()?;
            let _ = writeln!(script, "  {}: [{}],", quoted(chunk)?, files.join(", "));
        }
        script.push_str("};\n\n");
        script.push_str(SCRIPT);
        for load in self.loads {
            let chunk = load.strip_prefix(LOAD).filter(|chunk| self.chunks.contains_key(*chunk));
            let chunk = chunk.ok_or_else(|| Error::Unexpected(format!("the program asks the loader for {load}")))?;
            let _ = writeln!(script, "export const {load} = loader({});", quoted(chunk)?);
        }
        Ok(script)
    }
}

/// A name as a string of JavaScript. Rust's identifiers and the splitter's file names need no escapes.
fn quoted(name: &str) -> Result<String, Error> {
    if name.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c)) {
        Ok(format!("\"{name}\""))
    } else {
        Err(Error::Unexpected(format!("the name {name:?}")))
    }
}
