//! The hash chain: each event's hash covers the previous event's hash and everything the event itself says.

use api_types::MaybeKnown;
use ids::{CauseId, EventId};
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

use super::event::NewEvent;
use crate::{Db, Millis, Result};

/// The columns that an event's hash covers, in order.
macro_rules! chained {
    () => {
        "id, at, actor_id, actor_name, actor_role, channel, platform, app_version, action, property_id, subject_kind, \
         subject_id, subject_name, resident_id, door_id, outcome, code, detail, checklist, facts, cause"
    };
}

/// How many columns [`chained!`] lists.
pub(super) const CHAINED: usize = 21;

/// How many of them, the last ones, older events don't have.
const ADDED: usize = 2;

pub(super) const INSERT: &str = concat!(
    "INSERT INTO audit (",
    chained!(),
    ", hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
);

/// The result of verifying the whole log.
#[derive(Clone, Debug)]
pub struct Verification {
    /// How many events have intact links: all of them, or those before the broken one.
    pub events: u64,
    /// The last intact link.
    pub head: Vec<u8>,
    /// Whether every link is intact.
    pub intact: bool,
    /// The first event whose link is broken, if its id can be read.
    pub first_broken: Option<EventId>,
}

/// Reads the whole log and checks each hash.
///
/// Events are hashed as stored, so one that can't be read counts as broken like any other.
pub fn verify(db: &Db) -> Result<Verification> {
    let mut statement = db.prepare_cached(concat!("SELECT ", chained!(), ", hash FROM audit ORDER BY seq"))?;
    let mut rows = statement.query([])?;
    let mut events = 0;
    let mut hash = Vec::new();
    while let Some(row) = rows.next()? {
        let columns: [ValueRef<'_>; CHAINED] = std::array::from_fn(|column| row.get_ref_unwrap(column));
        let next = chained_hash(&hash, columns);
        if row.get_ref(CHAINED)? != ValueRef::Blob(&next) {
            return Ok(Verification { events, head: hash, intact: false, first_broken: row.get("id").ok() });
        }
        hash = next;
        events += 1;
    }
    Ok(Verification { events, head: hash, intact: true, first_broken: None })
}

/// SHA-256 over the previous hash and every column but `seq`, each prefixed with its length, so that moving text from
/// one field to the next changes the hash. Columns that were added later are part of it only if there is anything in one
/// of them, so that the hashes of older events stay as they were.
pub(super) fn chained_hash(before: &[u8], columns: [ValueRef<'_>; CHAINED]) -> Vec<u8> {
    let mut sha = Sha256::new();
    sha.update(before);
    let older = columns[CHAINED - ADDED..].iter().all(|column| *column == ValueRef::Null);
    for column in columns.into_iter().take(if older { CHAINED - ADDED } else { CHAINED }) {
        let number: [u8; 8];
        let bytes = match column {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
            ValueRef::Integer(integer) => {
                number = integer.to_be_bytes();
                &number
            }
            // No column has this type.
            ValueRef::Real(real) => {
                number = real.to_be_bytes();
                &number
            }
            ValueRef::Null => {
                sha.update(0_u64.to_be_bytes());
                continue;
            }
        };
        sha.update((bytes.len() as u64 + 1).to_be_bytes());
        sha.update(bytes);
    }
    sha.finalize().to_vec()
}

impl NewEvent {
    /// The columns of [`chained!`].
    pub(super) fn chained<'a>(
        &'a self,
        id: &'a EventId,
        at: Millis,
        checklist: Option<&'a str>,
        facts: &'a str,
        cause: &'a CauseId,
    ) -> [ValueRef<'a>; CHAINED] {
        fn id_if_any<Id: AsRef<[u8]>>(id: &Option<Id>) -> ValueRef<'_> {
            id.as_ref().map_or(ValueRef::Null, |id| ValueRef::Blob(id.as_ref()))
        }
        [
            ValueRef::Blob(id.as_ref()),
            ValueRef::Integer(at),
            id_if_any(&self.actor.id),
            self.actor.name.as_str().into(),
            self.actor.role.name().into(),
            self.channel.kind.name().into(),
            self.channel.platform.as_ref().map(MaybeKnown::name).into(),
            self.channel.app_version.as_deref().into(),
            self.action.name().into(),
            id_if_any(&self.property_id),
            self.subject.kind.name().into(),
            id_if_any(&self.subject.id),
            self.subject.name.as_str().into(),
            id_if_any(&self.resident_id),
            id_if_any(&self.door_id),
            self.outcome.name().into(),
            self.code.as_deref().into(),
            self.detail.as_str().into(),
            checklist.into(),
            facts.into(),
            ValueRef::Blob(cause.as_ref()),
        ]
    }
}
