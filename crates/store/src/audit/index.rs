//! The inverted index behind every filter of the log, and every combination of filters.
//!
//! Events are numbered without gaps, so they fall into blocks of [`BLOCK`]. For each block and each [`Term`], a row of
//! `audit_index` is the set of the block's events that have it. A search intersects the sets of its conditions,
//! starting with the newest block, and reads no event before it is known to match. So conditions that each hold often
//! but seldom together cost no more than others, whereas an index per column would find thousands of events only for
//! the next condition to discard them.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use rusqlite::{OptionalExtension, params, params_from_iter};

use super::entries::{self, Entry};
use super::read::newest;
use super::terms::Term;
use crate::{Db, Error, Query, Result, sql};

/// Events per block. At this size, a set that contains most of its block still fits on a database page beside others.
const BLOCK: usize = 4096;
const WORDS: usize = BLOCK / 64;
const BYTES: usize = BLOCK / 8;

/// How many blocks a search looks at first; each further round looks at [`GROWTH`] times as many. Most searches fill
/// their page from the newest events.
const FIRST_BLOCKS: usize = 2;
const GROWTH: usize = 16;

/// A condition on an event.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    /// It has one of these terms.
    OneOf(Vec<Term>),
    /// It has a word that starts with this one.
    WordFrom(Term),
    /// It hasn't this term.
    Not(Term),
}

/// Up to `limit` events in a range of the log that meet all conditions, newest first.
pub(super) fn find(db: &Db, range: RangeInclusive<i64>, conditions: &[Condition], limit: usize) -> Result<Vec<i64>> {
    let mut found = Vec::new();
    if range.is_empty() {
        return Ok(found);
    }
    let mut blocks = (block_of(*range.start())..=block_of(*range.end())).rev();
    let mut batch = FIRST_BLOCKS;
    loop {
        let mut candidates: BTreeMap<i64, Set> =
            blocks.by_ref().take(batch).map(|block| (block, Set::of_range(block, &range))).collect();
        if candidates.is_empty() {
            return Ok(found);
        }
        batch *= GROWTH;
        for condition in conditions {
            if candidates.is_empty() {
                break;
            }
            let sets = sets(db, condition, candidates.keys())?;
            candidates.retain(|block, candidates| {
                let set = sets.get(block).unwrap_or(&Set::EMPTY);
                match condition {
                    Condition::Not(_) => candidates.take_out(set),
                    Condition::OneOf(_) | Condition::WordFrom(_) => candidates.intersect_with(set),
                }
                *candidates != Set::EMPTY
            });
        }
        let seqs = candidates.iter().rev().flat_map(|(block, set)| set.newest_first().map(|place| seq(*block, place)));
        found.extend(seqs.take(limit - found.len()));
        if found.len() == limit {
            return Ok(found);
        }
    }
}

/// The events of some blocks that have what a condition is about, by block.
fn sets<'a>(db: &Db, condition: &Condition, blocks: impl Iterator<Item = &'a i64>) -> Result<BTreeMap<i64, Set>> {
    let query = sets_query(condition, blocks);
    let mut statement = db.prepare_cached(query.text())?;
    let mut rows = statement.query(params_from_iter(query.values()))?;
    let mut sets = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (block, term, events) = (row.get(0)?, row.get_ref(1)?.as_bytes(), row.get_ref(2)?.as_bytes());
        let (Ok(term), Ok(events)) = (term, events) else { return Err(broken()) };
        sets.entry(block).or_insert(Set::EMPTY).union_with(&Set::decode(events).or_else(|_| rebuild(db, block, term))?);
    }
    Ok(sets)
}

/// The query behind [`sets`].
pub(super) fn sets_query<'a>(condition: &Condition, blocks: impl Iterator<Item = &'a i64>) -> Query {
    let mut query = Query::new("SELECT block, term, events FROM json_each(");
    query.bind(json(blocks)).push(") AS wanted CROSS JOIN audit_index ON block = wanted.value AND term ");
    match condition {
        Condition::OneOf(terms) => query.push("IN (").bind_list(terms.iter().map(Term::as_bytes)).push(")"),
        Condition::Not(term) => query.push("= ").bind(term.as_bytes()),
        Condition::WordFrom(word) => {
            query.push(">= ").bind(word.as_bytes()).push(" AND term < ").bind(word.upper_bound_of_prefix())
        }
    };
    query
}

/// Adds events. A set that several of them belong to is read and written once.
pub(super) fn add(db: &Db, entries: &[Entry]) -> Result<()> {
    let mut places: Vec<(i64, &Term, usize)> = Vec::new();
    for Entry { seq, terms } in entries {
        places.extend(terms.iter().map(|term| (block_of(*seq), term, place(*seq))));
    }
    places.sort_unstable();
    let mut select = db.prepare_cached("SELECT events FROM audit_index WHERE block = ? AND term = ?")?;
    let mut write = db.prepare_cached(
        "INSERT INTO audit_index (block, term, events) VALUES (?, ?, ?) \
         ON CONFLICT (block, term) DO UPDATE SET events = excluded.events",
    )?;
    for places in places.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1)) {
        let (block, term, _) = places[0];
        let term = term.as_bytes();
        let set = select.query_row(params![block, term], |row| Ok(Set::decode(row.get_ref(0)?.as_bytes()?)));
        let mut set = match set.optional()? {
            None => Set::EMPTY,
            Some(set) => set.or_else(|_| rebuild(db, block, term))?,
        };
        places.iter().for_each(|(_, _, place)| set.insert(*place));
        write.execute(params![block, term, set.encode()])?;
    }
    Ok(())
}

/// Rebuilds the set of a block and a term from the events themselves, in place of one that can't be read: neither
/// recording nor searching may fail because of it.
fn rebuild(db: &Db, block: i64, term: &[u8]) -> Result<Set> {
    tracing::error!(block, "a set of the log's index can't be read and is made anew");
    let mut set = Set::EMPTY;
    for Entry { seq, terms } in entries_of(db, block)? {
        if terms.iter().any(|one| one.as_bytes() == term) {
            set.insert(place(seq));
        }
    }
    Ok(set)
}

/// The block that stands for the whole log: which terms every event that has them is indexed by.
const WHOLE: i64 = -1;

/// Builds the index of a log that was written before there was an index, or before there was one of what belongs together.
pub(crate) fn index_once(db: &Db) -> Result<()> {
    let part = Term::part();
    let mark = params![WHOLE, part.as_bytes()];
    if sql::value(db, "SELECT EXISTS (SELECT 1 FROM audit_index WHERE block = ? AND term = ?)", mark)? {
        return Ok(());
    }
    if let Some(newest) = newest(db)? {
        let from_nothing: bool = sql::value(db, "SELECT NOT EXISTS (SELECT 1 FROM audit_index)", [])?;
        for block in 0..=block_of(newest) {
            let mut entries = entries_of(db, block)?;
            if !from_nothing {
                entries.iter_mut().for_each(|entry| entry.terms.retain(|term| *term == part));
            }
            add(db, &entries)?;
        }
    }
    sql::execute(db, "INSERT INTO audit_index (block, term, events) VALUES (?, ?, x'')", mark)?;
    Ok(())
}

/// The entries of a block's events.
fn entries_of(db: &Db, block: i64) -> Result<Vec<Entry>> {
    let (first, last) = bounds(block);
    entries::between(db, first, last)
}

/// A list of numbers as JSON, for `json_each`.
pub(super) fn json<'a>(numbers: impl IntoIterator<Item = &'a i64>) -> String {
    let numbers: Vec<String> = numbers.into_iter().map(i64::to_string).collect();
    format!("[{}]", numbers.join(","))
}

/// The numbers of a block's first and last event.
fn bounds(block: i64) -> (i64, i64) {
    (seq(block, 0), seq(block, BLOCK - 1))
}

fn block_of(seq: i64) -> i64 {
    (seq - 1).div_euclid(BLOCK as i64)
}

/// An event's position in its block.
fn place(seq: i64) -> usize {
    (seq - 1).rem_euclid(BLOCK as i64) as usize
}

/// The number of the event at a position.
fn seq(block: i64, place: usize) -> i64 {
    block * BLOCK as i64 + place as i64 + 1
}

/// A set of a block's events, by position.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Set([u64; WORDS]);

impl Set {
    const EMPTY: Self = Self([0; WORDS]);

    /// The events of the block that are in a range of the log.
    fn of_range(block: i64, range: &RangeInclusive<i64>) -> Self {
        let (first, last) = bounds(block);
        if range.contains(&first) && range.contains(&last) {
            return Self([u64::MAX; WORDS]);
        }
        let mut set = Self::EMPTY;
        (first.max(*range.start())..=last.min(*range.end())).for_each(|seq| set.insert(place(seq)));
        set
    }

    fn insert(&mut self, place: usize) {
        self.0[place / 64] |= 1 << (place % 64);
    }

    fn union_with(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word |= other);
    }

    fn intersect_with(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word &= other);
    }

    fn take_out(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word &= !other);
    }

    fn newest_first(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().rev().flat_map(|(at, word)| {
            let rest = |word: &u64| Some(word & !(1 << word.checked_ilog2()?)).filter(|rest| *rest != 0);
            let words = std::iter::successors(Some(*word).filter(|word| *word != 0), rest);
            words.map(move |word| at * 64 + word.ilog2() as usize)
        })
    }

    /// The stored form: two bytes per member, or one bit per position, whichever is shorter.
    fn encode(&self) -> Vec<u8> {
        let places: u32 = self.0.iter().map(|word| word.count_ones()).sum();
        if (places as usize) * 2 < BYTES {
            self.newest_first().flat_map(|place| (place as u16).to_be_bytes()).collect()
        } else {
            self.0.iter().flat_map(|word| word.to_be_bytes()).collect()
        }
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut set = Self::EMPTY;
        if bytes.len() == BYTES {
            let (words, _) = bytes.as_chunks();
            set.0.iter_mut().zip(words).for_each(|(word, bytes)| *word = u64::from_be_bytes(*bytes));
        } else {
            let (places, []) = bytes.as_chunks() else { return Err(broken()) };
            for place in places.iter().map(|bytes| usize::from(u16::from_be_bytes(*bytes))) {
                if place >= BLOCK {
                    return Err(broken());
                }
                set.insert(place);
            }
        }
        Ok(set)
    }
}

fn broken() -> Error {
    Error::Unreadable("a set of events".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_numbers_and_block_positions_convert_both_ways() {
        for number in [1, 2, 4095, 4096, 4097, 1_000_000] {
            assert_eq!(seq(block_of(number), place(number)), number);
        }
        assert_eq!([1, 4096, 4097].map(block_of), [0, 0, 1]);
    }

    #[test]
    fn sets_are_stored_in_the_shorter_form_and_read_back() {
        for (step, length) in [(1, BYTES), (16, BYTES), (17, 2 * BLOCK.div_ceil(17)), (BLOCK, 2)] {
            let places: Vec<usize> = (0..BLOCK).step_by(step).collect();
            let mut set = Set::EMPTY;
            places.iter().for_each(|place| set.insert(*place));
            let stored = set.encode();
            assert_eq!(stored.len(), length, "each {step}th");
            assert_eq!(Set::decode(&stored).expect("a set"), set);
            assert_eq!(set.newest_first().collect::<Vec<_>>(), places.into_iter().rev().collect::<Vec<_>>());
        }
        for broken in [&[0][..], &[0x10, 0], &[1, 2, 3]] {
            assert!(Set::decode(broken).is_err());
        }
    }

    #[test]
    fn a_range_covers_inner_blocks_fully_and_end_blocks_partly() {
        let range = 4000..=9000;
        let sizes = [0, 1, 2, 3].map(|block| Set::of_range(block, &range).newest_first().count());
        assert_eq!(sizes, [97, 4096, 808, 0]);
    }
}
