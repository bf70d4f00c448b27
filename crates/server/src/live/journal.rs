//! The most recent part of what happened, in order.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use api_types::LiveEvent;
use axum::body::Bytes;
use tokio::sync::watch;

use super::audience::Audience;

/// A place in the journal, by which a client says what it has seen already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Which journal: each start of the program has its own.
    run: u32,
    /// The number of the last entry before it.
    seq: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}-{}", self.run, self.seq)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (run, seq) = text.split_once('-').ok_or(())?;
        Ok(Self { run: u32::from_str_radix(run, 16).map_err(drop)?, seq: seq.parse().map_err(drop)? })
    }
}

/// Something that happened.
pub(crate) struct Entry {
    pub(crate) audience: Audience,
    /// As it is sent.
    pub(crate) frame: Bytes,
}

/// The journal.
pub(crate) struct Journal {
    run: u32,
    /// How many entries are kept.
    kept: usize,
    recent: RwLock<Recent>,
    /// The number of the last entry; for those who wait, sent again when something else is to be looked at.
    last: watch::Sender<u64>,
}

#[derive(Default)]
struct Recent {
    entries: VecDeque<Entry>,
    /// The number of the last entry.
    last: u64,
}

/// What the journal has for a stream.
pub(crate) enum Found {
    /// What the reader wanted, and how far it got.
    Read(Place),
    /// What comes after that place isn't kept any more.
    Missed,
}

impl Journal {
    pub(crate) fn new(kept: usize) -> Self {
        // If the system has no random bytes, the number of milliseconds serves as well: it tells runs apart.
        let run = getrandom::u32().unwrap_or_else(|_| jiff::Timestamp::now().as_millisecond() as u32);
        Self { run, kept, recent: RwLock::default(), last: watch::Sender::new(0) }
    }

    /// Where it ends now.
    pub(crate) fn end(&self) -> Place {
        Place { run: self.run, seq: self.recent().last }
    }

    /// Adds what happened, and wakes the streams.
    pub(crate) fn add(&self, happened: Vec<(LiveEvent, Audience)>) {
        let mut recent = self.recent_mut();
        for (event, audience) in happened {
            recent.last += 1;
            let place = Place { run: self.run, seq: recent.last };
            recent.entries.push_back(Entry { audience, frame: frame(&event, Some(place)) });
        }
        let surplus = recent.entries.len().saturating_sub(self.kept);
        recent.entries.drain(..surplus);
        self.last.send_replace(recent.last);
    }

    /// Something happened that nobody kept track of: every stream has missed it.
    pub(crate) fn skip(&self) {
        let mut recent = self.recent_mut();
        recent.entries.clear();
        recent.last += 1;
        self.last.send_replace(recent.last);
    }

    /// Passes everything after `place` to `read`, in order, until that returns `false`.
    pub(crate) fn read_after(&self, place: Place, mut read: impl FnMut(&Entry) -> bool) -> Found {
        let recent = self.recent();
        let oldest = recent.last - recent.entries.len() as u64;
        if place.run != self.run || place.seq < oldest || place.seq > recent.last {
            return Found::Missed;
        }
        let mut seq = place.seq;
        for entry in recent.entries.range((seq - oldest) as usize..) {
            seq += 1;
            if !read(entry) {
                break;
            }
        }
        Found::Read(Place { seq, ..place })
    }

    /// Tells of every addition from now on.
    pub(crate) fn follow(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }

    /// How many streams wait for additions.
    pub(crate) fn followers(&self) -> usize {
        self.last.receiver_count()
    }

    fn recent(&self) -> RwLockReadGuard<'_, Recent> {
        self.recent.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn recent_mut(&self) -> RwLockWriteGuard<'_, Recent> {
        self.recent.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An event as it is sent.
pub(super) fn frame(event: &LiveEvent, place: Option<Place>) -> Bytes {
    let data = serde_json::to_string(event).expect("it is JSON");
    let id = place.map(|place| format!("id: {place}\n")).unwrap_or_default();
    format!("{id}data: {data}\n\n").into()
}

#[cfg(test)]
mod tests {
    use api_types::LiveKind;

    use super::*;

    fn happened(count: usize) -> Vec<(LiveEvent, Audience)> {
        (0..count).map(|_| (LiveEvent::new(LiveKind::Audit), Audience::default())).collect()
    }

    fn read(journal: &Journal, place: Place) -> Option<(usize, Place)> {
        let mut count = 0;
        let found = journal.read_after(place, |_| {
            count += 1;
            true
        });
        match found {
            Found::Read(place) => Some((count, place)),
            Found::Missed => None,
        }
    }

    #[test]
    fn what_came_after_a_place_is_read_once_and_in_full() {
        let journal = Journal::new(8);
        let start = journal.end();
        journal.add(happened(3));
        let (count, place) = read(&journal, start).expect("kept");
        assert_eq!((count, place), (3, journal.end()));
        assert_eq!(read(&journal, place), Some((0, place)));
        journal.add(happened(2));
        assert_eq!(read(&journal, place), Some((2, journal.end())));
        assert_eq!(place.to_string().parse(), Ok(place));
    }

    #[test]
    fn what_is_too_long_ago_of_another_run_or_still_to_come_was_missed() {
        let journal = Journal::new(8);
        let start = journal.end();
        journal.add(happened(8));
        assert_eq!(read(&journal, start).map(|(count, _)| count), Some(8));
        journal.add(happened(1));
        assert_eq!(read(&journal, start), None);
        assert_eq!(read(&journal, Place { run: start.run ^ 1, ..journal.end() }), None);
        assert_eq!(read(&journal, Place { seq: journal.end().seq + 1, ..start }), None);
        let before = journal.end();
        journal.skip();
        assert_eq!(read(&journal, before), None);
        assert_eq!(read(&journal, journal.end()), Some((0, journal.end())));
    }
}
