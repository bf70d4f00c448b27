//! Walking folders and fingerprinting their contents.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// Every file under `path`, sorted, or `path` itself if it is a file; none if there is nothing. Folders whose names
/// `skip` accepts are left out.
pub(crate) fn walk(path: &Path, skip: &dyn Fn(&str) -> bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(path, skip, &mut found)?;
    found.sort();
    Ok(found)
}

fn collect(path: &Path, skip: &dyn Fn(&str) -> bool, found: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        found.push(path.to_owned());
    } else if path.is_dir() {
        let entries = fs::read_dir(path).with_context(|| format!("reading {}", path.display()))?;
        for entry in entries {
            let entry = entry?;
            let is_skipped = entry.file_type()?.is_dir() && entry.file_name().to_str().is_some_and(skip);
            if !is_skipped {
                collect(&entry.path(), skip, found)?;
            }
        }
    }
    Ok(())
}

/// Identifies a set of files and notes by names and contents, in the given order.
pub(crate) fn fingerprint(files: &[PathBuf], notes: &[String]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    notes.hash(&mut hasher);
    for file in files {
        file.hash(&mut hasher);
        fs::read(file).with_context(|| format!("reading {}", file.display()))?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// Whether the stamp at `path` is `expected`, meaning that the work it stands for is already done.
pub(crate) fn is_stamped(path: &Path, expected: &str) -> bool {
    fs::read_to_string(path).is_ok_and(|found| found == expected)
}

/// Notes at `path` that the work it stands for is done.
pub(crate) fn stamp(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_changes_with_name_content_and_notes() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (one, two) = (dir.path().join("one"), dir.path().join("two"));
        fs::write(&one, "text").expect("writable");
        fs::write(&two, "text").expect("writable");
        let of =
            |file: &PathBuf, note: &str| fingerprint(std::slice::from_ref(file), &[note.to_owned()]).expect("readable");
        let first = of(&one, "");
        assert_eq!(first, of(&one, ""));
        assert_ne!(first, of(&two, ""));
        assert_ne!(first, of(&one, "rustc 1.95"));
        fs::write(&one, "texts").expect("writable");
        assert_ne!(first, of(&one, ""));
    }

    #[test]
    fn skipped_folders_are_not_entered() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        for folder in ["src", "node_modules"] {
            fs::create_dir(dir.path().join(folder)).expect("writable");
            fs::write(dir.path().join(folder).join("file.ts"), "").expect("writable");
        }
        let found = walk(dir.path(), &|name| name == "node_modules").expect("readable");
        assert_eq!(found, [dir.path().join("src/file.ts")]);
    }
}
