//! Which file code belongs to that several chunks share. The splitter makes a file for every set of chunks that share
//! something: more than a hundred, most of them below a kilobyte, of which a page would download dozens.

use std::collections::{BTreeMap, BTreeSet};

/// The file of what families share.
const COMMON: &str = "common";

/// A file that the splitter made for what some chunks share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Its name without the extension.
    pub(crate) stem: String,
    /// The names of those chunks.
    pub(crate) users: BTreeSet<String>,
}

impl Shared {
    /// The file that it becomes part of, without the extension: that of the family of all its users, or the common one.
    pub(crate) fn family(&self, family_of: &dyn Fn(&str) -> Option<&'static str>) -> &'static str {
        let mut families = self.users.iter().map(|user| family_of(user).unwrap_or(COMMON));
        let first = families.next().unwrap_or(COMMON);
        if families.all(|family| family == first) { first } else { COMMON }
    }
}

/// Whether the splitter's file of that name belongs to a single chunk.
pub(crate) fn is_own(stem: &str) -> bool {
    stem.starts_with("split_")
}

/// The shared files among those that the splitter says each chunk needs.
pub(crate) fn shared(chunks: &BTreeMap<String, Vec<String>>) -> Vec<Shared> {
    let mut users = BTreeMap::<&str, BTreeSet<String>>::new();
    for (chunk, stems) in chunks {
        for stem in stems.iter().filter(|stem| !is_own(stem)) {
            users.entry(stem).or_default().insert(chunk.clone());
        }
    }
    users.into_iter().map(|(stem, users)| Shared { stem: stem.to_owned(), users }).collect()
}

/// The names of the files that each chunk needs: the families' before its own, which is there only if it has code of its
/// own.
pub(crate) fn files_of_chunks(
    chunks: &BTreeMap<String, Vec<String>>,
    shared: &[Shared],
    family_of: &dyn Fn(&str) -> Option<&'static str>,
) -> BTreeMap<String, Vec<String>> {
    let files = |(chunk, stems): (&String, &Vec<String>)| {
        let families =
            shared.iter().filter(|shared| shared.users.contains(chunk)).map(|shared| shared.family(family_of));
        let families: BTreeSet<_> = families.collect();
        let own = stems.iter().map(String::as_str).filter(|stem| is_own(stem));
        (chunk.clone(), families.into_iter().chain(own).map(|stem| format!("{stem}.wasm")).collect())
    };
    chunks.iter().map(files).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_a_family_shares_is_in_its_file() {
        let family_of = |chunk: &str| match chunk {
            "guests" | "issue" => Some("codes"),
            "audit" | "doors" => Some("office"),
            _ => None,
        };
        let family = |users: &[&str]| {
            Shared { stem: "chunk_1".into(), users: users.iter().map(|&user| user.into()).collect() }.family(&family_of)
        };
        assert_eq!(family(&["guests", "issue"]), "codes");
        assert_eq!(family(&["audit", "doors"]), "office");
        assert_eq!(family(&["audit", "issue"]), "common");
    }
}
