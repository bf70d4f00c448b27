//! Which events have what: the one index behind every filter of the log, and every combination of them.
//!
//! Events are numbered without gaps, so they fall into blocks of [`BLOCK`]. For each block and each [`Term`], a row of
//! `audit_index` is the set of the block's events that have it. A search intersects the sets of its conditions, from the
//! newest block on, and reads no event before it is known to be wanted. So conditions that each hold often but seldom
//! together cost what others cost, where an index by column finds thousands of events for the next one to throw away.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use rusqlite::{OptionalExtension, params, params_from_iter};

use super::entries::{self, Entry};
use super::read::newest;
use super::terms::Term;
use crate::{Db, Error, Query, Result, sql};

/// The events of one block. With this many, a set that has most of them fits into a page of the database beside others.
const BLOCK: usize = 4096;
const WORDS: usize = BLOCK / 64;
const BYTES: usize = BLOCK / 8;

/// The blocks that a search looks at first; then it takes [`FASTER`] times as many, and so on. Most searches fill their
/// page from the newest events.
const FIRST_BLOCKS: usize = 2;
const FASTER: usize = 16;

/// What must hold of an event.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    /// It has one of these terms.
    OneOf(Vec<Term>),
    /// It has a word that begins with this one.
    WordFrom(Term),
}

/// The newest events of a stretch of the log of which all conditions hold, newest first: up to `most`.
pub(super) fn find(db: &Db, stretch: RangeInclusive<i64>, conditions: &[Condition], most: usize) -> Result<Vec<i64>> {
    let mut found = Vec::new();
    if stretch.is_empty() {
        return Ok(found);
    }
    let mut blocks = (block_of(*stretch.start())..=block_of(*stretch.end())).rev();
    let mut at_once = FIRST_BLOCKS;
    loop {
        let mut candidates: BTreeMap<i64, Set> =
            blocks.by_ref().take(at_once).map(|block| (block, Set::of_stretch(block, &stretch))).collect();
        if candidates.is_empty() {
            return Ok(found);
        }
        at_once *= FASTER;
        for condition in conditions {
            if candidates.is_empty() {
                break;
            }
            let sets = sets(db, condition, candidates.keys())?;
            candidates.retain(|block, candidates| {
                candidates.intersect(sets.get(block).unwrap_or(&Set::EMPTY));
                *candidates != Set::EMPTY
            });
        }
        let seqs = candidates.iter().rev().flat_map(|(block, set)| set.newest_first().map(|place| seq(*block, place)));
        found.extend(seqs.take(most - found.len()));
        if found.len() == most {
            return Ok(found);
        }
    }
}

/// The events of some blocks of which a condition holds.
fn sets<'a>(db: &Db, condition: &Condition, blocks: impl Iterator<Item = &'a i64>) -> Result<BTreeMap<i64, Set>> {
    let query = sets_query(condition, blocks);
    let mut statement = db.prepare_cached(query.text())?;
    let mut rows = statement.query(params_from_iter(query.values()))?;
    let mut sets = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (block, term, events) = (row.get(0)?, row.get_ref(1)?.as_bytes(), row.get_ref(2)?.as_bytes());
        let (Ok(term), Ok(events)) = (term, events) else { return Err(broken()) };
        sets.entry(block).or_insert(Set::EMPTY).unite(&Set::decode(events).or_else(|_| anew(db, block, term))?);
    }
    Ok(sets)
}

/// The query of [`sets`].
pub(super) fn sets_query<'a>(condition: &Condition, blocks: impl Iterator<Item = &'a i64>) -> Query {
    let mut query = Query::new("SELECT block, term, events FROM json_each(");
    query.bind(json(blocks)).push(") AS wanted CROSS JOIN audit_index ON block = wanted.value AND term ");
    match condition {
        Condition::OneOf(terms) => query.push("IN (").bind_list(terms.iter().map(Term::as_bytes)).push(")"),
        Condition::WordFrom(word) => {
            query.push(">= ").bind(word.as_bytes()).push(" AND term < ").bind(word.after_all_that_begin_so())
        }
    };
    query
}

/// Adds events. A set that many of them go into is read and written once.
pub(super) fn add(db: &Db, entries: &[Entry]) -> Result<()> {
    let mut places: Vec<(i64, &Term, usize)> = Vec::new();
    for Entry { seq, terms } in entries {
        places.extend(terms.iter().map(|term| (block_of(*seq), term, place(*seq))));
    }
    places.sort_unstable();
    let mut there = db.prepare_cached("SELECT events FROM audit_index WHERE block = ? AND term = ?")?;
    let mut write = db.prepare_cached(
        "INSERT INTO audit_index (block, term, events) VALUES (?, ?, ?) \
         ON CONFLICT (block, term) DO UPDATE SET events = excluded.events",
    )?;
    for places in places.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1)) {
        let (block, term, _) = places[0];
        let term = term.as_bytes();
        let set = there.query_row(params![block, term], |row| Ok(Set::decode(row.get_ref(0)?.as_bytes()?)));
        let mut set = match set.optional()? {
            None => Set::EMPTY,
            Some(set) => set.or_else(|_| anew(db, block, term))?,
        };
        places.iter().for_each(|(_, _, place)| set.insert(*place));
        write.execute(params![block, term, set.encode()])?;
    }
    Ok(())
}

/// The set of a block and a term as its events have it, in the place of one that can't be read: neither recording nor
/// searching must fail for it.
fn anew(db: &Db, block: i64, term: &[u8]) -> Result<Set> {
    tracing::error!(block, "a set of the log's index can't be read and is made anew");
    let mut set = Set::EMPTY;
    for Entry { seq, terms } in entries_of(db, block)? {
        if terms.iter().any(|one| one.as_bytes() == term) {
            set.insert(place(seq));
        }
    }
    Ok(set)
}

/// Makes the index of a log that was written before there was one.
pub(crate) fn index_once(db: &Db) -> Result<()> {
    let Some(newest) = newest(db)? else { return Ok(()) };
    if sql::value(db, "SELECT NOT EXISTS (SELECT 1 FROM audit_index)", [])? {
        for block in 0..=block_of(newest) {
            add(db, &entries_of(db, block)?)?;
        }
    }
    Ok(())
}

/// What the events of a block are found by.
fn entries_of(db: &Db, block: i64) -> Result<Vec<Entry>> {
    let (first, last) = ends(block);
    entries::between(db, first, last)
}

/// A list of numbers as a query takes it.
pub(super) fn json<'a>(numbers: impl IntoIterator<Item = &'a i64>) -> String {
    let numbers: Vec<String> = numbers.into_iter().map(i64::to_string).collect();
    format!("[{}]", numbers.join(","))
}

/// The numbers of a block's first and last events.
fn ends(block: i64) -> (i64, i64) {
    (seq(block, 0), seq(block, BLOCK - 1))
}

fn block_of(seq: i64) -> i64 {
    (seq - 1).div_euclid(BLOCK as i64)
}

/// The place of an event in its block.
fn place(seq: i64) -> usize {
    (seq - 1).rem_euclid(BLOCK as i64) as usize
}

/// The number of the event at a place.
fn seq(block: i64, place: usize) -> i64 {
    block * BLOCK as i64 + place as i64 + 1
}

/// Some of a block's events, by their places.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Set([u64; WORDS]);

impl Set {
    const EMPTY: Self = Self([0; WORDS]);

    /// Those events of the block that are in a stretch of the log.
    fn of_stretch(block: i64, stretch: &RangeInclusive<i64>) -> Self {
        let (first, last) = ends(block);
        if stretch.contains(&first) && stretch.contains(&last) {
            return Self([u64::MAX; WORDS]);
        }
        let mut set = Self::EMPTY;
        (first.max(*stretch.start())..=last.min(*stretch.end())).for_each(|seq| set.insert(place(seq)));
        set
    }

    fn insert(&mut self, place: usize) {
        self.0[place / 64] |= 1 << (place % 64);
    }

    fn unite(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word |= other);
    }

    fn intersect(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word &= other);
    }

    fn newest_first(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().rev().flat_map(|(at, word)| {
            let rest = |word: &u64| Some(word & !(1 << word.checked_ilog2()?)).filter(|rest| *rest != 0);
            let words = std::iter::successors(Some(*word).filter(|word| *word != 0), rest);
            words.map(move |word| at * 64 + word.ilog2() as usize)
        })
    }

    /// As it is stored: each place in two bytes, or a bit for each place, whichever is shorter.
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
    fn events_and_their_places_in_blocks_are_told_from_each_other() {
        for number in [1, 2, 4095, 4096, 4097, 1_000_000] {
            assert_eq!(seq(block_of(number), place(number)), number);
        }
        assert_eq!([1, 4096, 4097].map(block_of), [0, 0, 1]);
    }

    #[test]
    fn sets_are_stored_in_the_shorter_way_and_read_again() {
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
    fn a_stretch_is_all_of_the_blocks_within_it_and_some_of_those_at_its_ends() {
        let stretch = 4000..=9000;
        let sizes = [0, 1, 2, 3].map(|block| Set::of_stretch(block, &stretch).newest_first().count());
        assert_eq!(sizes, [97, 4096, 808, 0]);
    }
}
