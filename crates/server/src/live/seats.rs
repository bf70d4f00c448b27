//! How many streams there may be.
//!
//! A stream keeps a connection for as long as it lasts, and a connection on which something is under way never makes room
//! for another (`connections`). So there are fewer streams than connections, and nobody has more than a few: where a
//! session opens another, its oldest ends.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use store::sessions::IdHash;
use tokio::sync::Notify;

use ids::PersonId;

/// How many streams a session may have.
const PER_SESSION: usize = 10;
/// How many a person may have, in all their sessions.
const PER_PERSON: usize = 40;
/// How many there may be: the rest of the connections ([`crate::connections::Limits`]) is for requests.
const TOTAL: usize = 10_000;

/// The open streams.
#[derive(Clone, Default)]
pub(crate) struct Seats(Arc<Mutex<Table>>);

#[derive(Default)]
struct Table {
    people: HashMap<PersonId, VecDeque<Taken>>,
    total: usize,
    last: u64,
}

struct Taken {
    id: u64,
    session: IdHash,
    superseded: Arc<Notify>,
}

/// An open stream's place among them, until it is dropped.
pub(crate) struct Seat {
    id: u64,
    person: PersonId,
    superseded: Arc<Notify>,
    seats: Seats,
}

impl Seats {
    /// Takes a seat, for which an older stream of the session or the person may have to end. `None` if there are too many
    /// streams in all.
    pub(crate) fn take(&self, person: PersonId, session: IdHash) -> Option<Seat> {
        let mut table = self.table();
        let oldest = table.people.get(&person).and_then(|taken| {
            let of_session = taken.iter().filter(|taken| taken.session == session).count();
            if of_session >= PER_SESSION {
                return taken.iter().find(|taken| taken.session == session).map(|taken| taken.id);
            }
            taken.front().filter(|_| taken.len() >= PER_PERSON).map(|taken| taken.id)
        });
        if let Some(superseded) = oldest.and_then(|id| table.remove(person, id)) {
            superseded.notify_one();
        }
        if table.total >= TOTAL {
            return None;
        }
        table.last += 1;
        table.total += 1;
        let (id, superseded) = (table.last, Arc::new(Notify::new()));
        table.people.entry(person).or_default().push_back(Taken { id, session, superseded: superseded.clone() });
        metrics::gauge!("latchkey_event_streams").set(table.total as f64);
        Some(Seat { id, person, superseded, seats: self.clone() })
    }

    /// How many there are.
    pub(crate) fn taken(&self) -> usize {
        self.table().total
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn remove(&mut self, person: PersonId, id: u64) -> Option<Arc<Notify>> {
        let taken = self.people.get_mut(&person)?;
        let at = taken.iter().position(|taken| taken.id == id)?;
        let gone = taken.remove(at)?;
        if taken.is_empty() {
            self.people.remove(&person);
        }
        self.total -= 1;
        metrics::gauge!("latchkey_event_streams").set(self.total as f64);
        Some(gone.superseded)
    }
}

impl Seat {
    /// Returns once a newer stream has taken its place.
    pub(crate) async fn superseded(&self) {
        self.superseded.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.table().remove(self.person, self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_superseded(seat: &Seat) -> bool {
        let mut told = Box::pin(seat.superseded());
        told.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_ready()
    }

    #[test]
    fn a_session_s_oldest_stream_makes_room_and_a_person_s_do_over_all_sessions() {
        let seats = Seats::default();
        let person = PersonId::generate();
        let mut taken: Vec<_> = (0..PER_SESSION).filter_map(|_| seats.take(person, [1; 32])).collect();
        assert!(!taken.iter().any(is_superseded));
        taken.extend(seats.take(person, [1; 32]));
        assert_eq!(taken.iter().map(is_superseded).filter(|it| *it).count(), 1);
        taken.extend((0..PER_PERSON).filter_map(|at| seats.take(person, [at as u8 + 2; 32])));
        assert_eq!(seats.table().total, PER_PERSON);
        let other = seats.take(PersonId::generate(), [1; 32]);
        assert_eq!(seats.table().total, PER_PERSON + 1);
        drop((taken, other));
        assert!(seats.table().people.is_empty());
        assert_eq!(seats.table().total, 0);
    }

    #[test]
    fn when_all_are_taken_nobody_who_sits_is_turned_out() {
        let seats = Seats::default();
        let all: Vec<_> = (0..TOTAL).filter_map(|_| seats.take(PersonId::generate(), [1; 32])).collect();
        assert!(seats.take(PersonId::generate(), [1; 32]).is_none());
        assert!(!all.iter().any(is_superseded));
        drop(all);
        assert!(seats.take(PersonId::generate(), [1; 32]).is_some());
    }
}
