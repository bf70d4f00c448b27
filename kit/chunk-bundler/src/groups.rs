//! Which file code belongs to that several chunks share. The splitter makes a file for every set of chunks that share
//! something: more than a hundred, most of them below a kilobyte, of which a page would download dozens.

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;

/// What a further file costs a page, in bytes of code: as much as that it may rather download without needing it. Files cost
/// a request each, and brotli finds less to shorten in small ones.
const FILE_COST: u64 = 16_000;

/// A file that the splitter made for what some chunks share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Its name without the extension.
    pub(crate) stem: String,
    /// The names of those chunks.
    pub(crate) users: BTreeSet<String>,
    /// The bytes of its code.
    pub(crate) size: u64,
}

/// A file to make of some of the splitter's.
#[derive(Debug)]
pub(crate) struct Group {
    /// Its name without the extension.
    pub(crate) stem: String,
    /// The splitter's files, by their names.
    pub(crate) members: Vec<String>,
    /// The names of the chunks that need it.
    pub(crate) users: BTreeSet<String>,
}

/// A group in the making.
#[derive(Clone)]
struct Draft {
    members: Vec<String>,
    /// A bit for each chunk that needs it.
    users: u128,
    size: u64,
}

impl Draft {
    fn joined(&self, other: &Self) -> Self {
        let members = [&self.members[..], &other.members[..]].concat();
        Self { members, users: self.users | other.users, size: self.size + other.size }
    }

    /// What all its users together pay for it.
    fn cost(&self) -> u64 {
        cost(self.users, self.size)
    }

    /// By how much they pay less if the two are one; `None` if they don't.
    fn saved_with(&self, other: &Self) -> Option<u64> {
        let together = cost(self.users | other.users, self.size + other.size);
        (self.cost() + other.cost()).checked_sub(together).filter(|saved| *saved > 0)
    }
}

fn cost(users: u128, size: u64) -> u64 {
    u64::from(users.count_ones()) * (size + FILE_COST)
}

/// Joins files as long as that makes all pages together cheaper, the two of which that is most so first.
///
/// # Errors
/// If there are more than 128 chunks.
pub(crate) fn groups(shared: &[Shared]) -> Result<Vec<Group>, Error> {
    let names: Vec<&String> =
        shared.iter().flat_map(|shared| &shared.users).collect::<BTreeSet<_>>().into_iter().collect();
    let bit = |user: &String| {
        let at = names.binary_search(&user).ok().and_then(|at| u32::try_from(at).ok());
        at.and_then(|at| 1_u128.checked_shl(at)).ok_or_else(|| Error::Unexpected("more than 128 chunks".to_owned()))
    };
    let mut drafts = BTreeMap::<u128, Draft>::new();
    for Shared { stem, users, size } in shared {
        let users = users.iter().map(bit).try_fold(0, |all, bit| bit.map(|bit| all | bit))?;
        let draft = Draft { members: vec![stem.clone()], users, size: *size };
        let joined = drafts.get(&users).map_or(draft.clone(), |known| known.joined(&draft));
        drafts.insert(users, joined);
    }
    let mut drafts: Vec<_> = drafts.into_values().collect();
    while let Some((first, second)) = best_pair(&drafts) {
        let joined = drafts[first].joined(&drafts[second]);
        drafts.remove(second);
        drafts[first] = joined;
    }
    let group = |(at, Draft { members, users, .. }): (usize, Draft)| {
        let users = names.iter().enumerate().filter(|(bit, _)| users >> bit & 1 == 1).map(|(_, name)| (*name).clone());
        Group { stem: format!("shared_{at}"), members, users: users.collect() }
    };
    Ok(drafts.into_iter().enumerate().map(group).collect())
}

/// The places of the two that save most when they are joined, in order.
fn best_pair(drafts: &[Draft]) -> Option<(usize, usize)> {
    let mut best = None;
    for (second, other) in drafts.iter().enumerate() {
        for (first, draft) in drafts[..second].iter().enumerate() {
            if let Some(saved) = draft.saved_with(other)
                && best.is_none_or(|(most, _)| saved > most)
            {
                best = Some((saved, (first, second)));
            }
        }
    }
    best.map(|(_, pair)| pair)
}

/// Whether the splitter's file of that name belongs to a single chunk.
pub(crate) fn is_own(stem: &str) -> bool {
    stem.starts_with("split_")
}

/// The chunks that need each of the shared files, among those that the splitter says each chunk needs.
pub(crate) fn users(chunks: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, BTreeSet<String>> {
    let mut users = BTreeMap::<_, BTreeSet<String>>::new();
    for (chunk, stems) in chunks {
        for stem in stems.iter().filter(|stem| !is_own(stem)) {
            users.entry(stem.clone()).or_default().insert(chunk.clone());
        }
    }
    users
}

/// The names of the files that each chunk needs: the shared ones before its own, which is there only if it has code of its
/// own.
pub(crate) fn files_of_chunks(
    chunks: &BTreeMap<String, Vec<String>>,
    groups: &[Group],
) -> BTreeMap<String, Vec<String>> {
    let files = |(chunk, stems): (&String, &Vec<String>)| {
        let shared = groups.iter().filter(|group| group.users.contains(chunk)).map(|group| &group.stem);
        let own = stems.iter().filter(|stem| is_own(stem));
        (chunk.clone(), shared.chain(own).map(|stem| format!("{stem}.wasm")).collect())
    };
    chunks.iter().map(files).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(stem: &str, size: u64, users: &[&str]) -> Shared {
        Shared { stem: stem.into(), users: users.iter().map(|&user| user.into()).collect(), size }
    }

    fn members(shared: &[Shared]) -> Vec<Vec<String>> {
        groups(shared).expect("groups").into_iter().map(|group| group.members).collect()
    }

    #[test]
    fn what_the_same_chunks_need_is_in_one_file() {
        let all = [shared("a", 90_000, &["audit", "doors"]), shared("b", 90_000, &["audit", "doors"])];
        assert_eq!(members(&all), [["a", "b"]]);
    }

    #[test]
    fn a_page_rather_downloads_a_little_without_need_than_a_further_file() {
        let small = [shared("a", 5_000, &["audit", "doors"]), shared("b", 5_000, &["audit", "issue"])];
        assert_eq!(members(&small).len(), 1);
        let large = [shared("a", 90_000, &["audit", "doors"]), shared("b", 90_000, &["audit", "issue"])];
        assert_eq!(members(&large), [["a"], ["b"]]);
        // Who needs nothing of it downloads nothing.
        let apart = [shared("a", 9_000, &["audit", "doors"]), shared("b", 9_000, &["guests", "issue"])];
        assert_eq!(members(&apart).len(), 2);
    }

    #[test]
    fn a_chunk_s_own_file_is_the_last() {
        let chunks = BTreeMap::from([("audit".to_owned(), vec!["split_audit".to_owned(), "chunk_1".to_owned()])]);
        let users = users(&chunks);
        let shared = [Shared { stem: "chunk_1".to_owned(), users: users["chunk_1"].clone(), size: 1 }];
        let files = files_of_chunks(&chunks, &groups(&shared).expect("groups"));
        assert_eq!(files["audit"], ["shared_0.wasm", "split_audit.wasm"]);
    }
}
