//! What modules import, and a module that hands it on.

use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::{EntityType, ExportKind, ExportSection, ImportSection, Module};
use wasmparser::{Import, Imports, KnownCustom, Name, Parser, Payload, TypeRef};

use crate::{Error, SHARED};

/// Where merged files import memory, table and stack pointer from, because the splitter's name is what they know each
/// other by while they are merged.
pub(crate) const OUTSIDE: &str = "__wasm_split_common";

/// The names of what a module imports from another.
pub(crate) fn imports_from(module: &[u8], from: &str) -> Result<BTreeSet<String>, Error> {
    let imports = imports(module)?;
    Ok(imports.into_iter().filter(|import| import.module == from).map(|import| import.name.to_owned()).collect())
}

fn imports(module: &[u8]) -> Result<Vec<Import<'_>>, Error> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::ImportSection(section) = payload? else { continue };
        for imports in section {
            let Imports::Single(_, import) = imports? else {
                return Err(Error::Unexpected("its imports are in the compact form".to_owned()));
            };
            found.push(import);
        }
    }
    Ok(found)
}

/// The names of the functions that a module defines.
pub(crate) fn functions(module: &[u8]) -> Result<BTreeSet<String>, Error> {
    let is_function = |import: &Import<'_>| matches!(import.ty, TypeRef::Func(_) | TypeRef::FuncExact(_));
    let imported = imports(module)?.iter().filter(|import| is_function(import)).count();
    let mut found = BTreeSet::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CustomSection(section) = payload? else { continue };
        let KnownCustom::Name(names) = section.as_known() else { continue };
        for names in names {
            let Name::Function(functions) = names? else { continue };
            for function in functions {
                let function = function?;
                if usize::try_from(function.index).is_ok_and(|index| index >= imported) {
                    found.insert(function.name.to_owned());
                }
            }
            // What comes after them isn't always well-formed.
            break;
        }
    }
    Ok(found)
}

/// A module that exports what the modules import, and imports it itself. When merged with them, memory and table are
/// imported only once, as browsers require.
pub(crate) fn forwarding<'a>(modules: impl Iterator<Item = &'a Vec<u8>>) -> Result<Vec<u8>, Error> {
    let mut wanted = BTreeMap::new();
    for module in modules {
        for import in imports(module)? {
            if import.module != SHARED {
                return Err(Error::Unexpected(format!("a chunk imports from {}", import.module)));
            }
            let kind = EntityType::try_from(import.ty)
                .map_err(|error| Error::Unexpected(format!("a chunk imports {}: {error}", import.name)))?;
            wanted.insert(import.name.to_owned(), kind);
        }
    }
    let (mut imports, mut exports) = (ImportSection::new(), ExportSection::new());
    let (mut memories, mut tables, mut globals) = (0, 0, 0);
    for (name, kind) in wanted {
        let (export, index) = match kind {
            EntityType::Memory(_) => (ExportKind::Memory, &mut memories),
            EntityType::Table(_) => (ExportKind::Table, &mut tables),
            EntityType::Global(_) => (ExportKind::Global, &mut globals),
            other => return Err(Error::Unexpected(format!("a chunk imports {name}, which is {other:?}"))),
        };
        imports.import(OUTSIDE, &name, kind);
        exports.export(&name, export, *index);
        *index += 1;
    }
    let mut module = Module::new();
    module.section(&imports).section(&exports);
    Ok(module.finish())
}
