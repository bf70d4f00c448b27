//! Which files are made of the splitter's. It makes one for every set of chunks that share something: more than a hundred, most
//! of them below a kilobyte, of which a page would download dozens.

use std::collections::{BTreeMap, BTreeSet};

/// The file of what many chunks need.
const COMMON: &str = "common";
/// Which part of all chunks is many: a third.
const MANY: usize = 3;

/// A file to make of some of the splitter's.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct File {
    /// Its name without the extension.
    pub(crate) stem: String,
    /// The splitter's files, by their names without the extension.
    pub(crate) members: Vec<String>,
    /// The names of the chunks that need it.
    pub(crate) users: BTreeSet<String>,
}

/// The files to make, from those that the splitter says each chunk needs: one of what at least a third of the chunks need, and
/// one for each chunk, with the rest of what it needs. What few chunks share is in the file of each of them.
pub(crate) fn files(chunks: &BTreeMap<String, Vec<String>>) -> Vec<File> {
    let mut users = BTreeMap::<_, BTreeSet<String>>::new();
    for (chunk, stems) in chunks {
        for stem in stems {
            users.entry(stem).or_default().insert(chunk.clone());
        }
    }
    let is_common = |stem: &String| users[stem].len() > 1 && users[stem].len() * MANY >= chunks.len();
    let common: Vec<_> = users.keys().filter(|stem| is_common(stem)).map(|stem| (*stem).clone()).collect();
    let its_users = common.iter().flat_map(|stem| users[stem].clone()).collect();
    let mut files = vec![File { stem: COMMON.to_owned(), members: common, users: its_users }];
    for (chunk, stems) in chunks {
        let members = stems.iter().filter(|stem| !is_common(stem)).cloned().collect();
        files.push(File { stem: format!("split_{chunk}"), members, users: BTreeSet::from([chunk.clone()]) });
    }
    files.retain(|file| !file.members.is_empty());
    files
}

/// The names of the files that each chunk needs.
pub(crate) fn of_chunks(files: &[File]) -> BTreeMap<String, Vec<String>> {
    let mut of_chunks = BTreeMap::<_, Vec<String>>::new();
    for file in files {
        for user in &file.users {
            of_chunks.entry(user.clone()).or_default().push(format!("{}.wasm", file.stem));
        }
    }
    of_chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(stem: &str, members: &[&str], users: &[&str]) -> File {
        let owned = |all: &[&str]| all.iter().map(|&each| each.to_owned()).collect::<Vec<_>>();
        File { stem: stem.to_owned(), members: owned(members), users: owned(users).into_iter().collect() }
    }

    #[test]
    fn what_many_chunks_need_is_in_one_file_and_what_few_share_in_each_of_theirs() {
        let needs = [
            ("audit", vec!["few", "many", "split_audit"]),
            ("doors", vec!["few", "many"]),
            ("guest", vec!["many"]),
            ("help", vec!["split_help"]),
            ("issue", vec!["split_issue"]),
            ("pass", vec!["split_pass"]),
            ("tools", vec!["split_tools"]),
        ];
        let chunks: BTreeMap<_, Vec<_>> = needs
            .iter()
            .map(|(chunk, stems)| ((*chunk).to_owned(), stems.iter().map(|&stem| stem.to_owned()).collect()))
            .collect();
        let files = files(&chunks);
        assert_eq!(files[0], file("common", &["many"], &["audit", "doors", "guest"]));
        assert_eq!(files[1], file("split_audit", &["few", "split_audit"], &["audit"]));
        assert_eq!(files[2], file("split_doors", &["few"], &["doors"]));
        let of_chunks = of_chunks(&files);
        assert_eq!(of_chunks["audit"], ["common.wasm", "split_audit.wasm"]);
        assert_eq!(of_chunks["guest"], ["common.wasm"]);
        assert_eq!(of_chunks["help"], ["split_help.wasm"]);
    }
}
