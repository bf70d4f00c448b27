//! What commits changed, for whoever follows it as it happens (R24, R33).
//!
//! The writing connection tracks which records it changes (`notifier`), which costs it next to nothing. Whoever
//! follows takes what was tracked and reads those records once, on a connection that only reads.
//!
//! Whose rights changed is known as soon as the change is committed, and before it is answered: nothing may be sent to
//! somebody by a right that they have lost.

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use api_types::{Action, Evidence, GuestCodeState, MaybeKnown, Outcome, PlacementStatus};
use ids::{BuildingId, CodeId, DoorId, EventId, GuestCodeId, HubId, PersonId, PropertyId, TenancyId, UnitId};
use rusqlite::functions::FunctionFlags;
use rusqlite::types::FromSql;
use tokio::sync::Notify;

use crate::placements::PlacementState;
use crate::sessions::IdHash;
use crate::sql::{self, FromRow};
use crate::{Db, Millis, Result};

/// How many changed records are kept track of. Beyond that it is only known that a lot has changed.
const MAX_ROWS: usize = 5_000;

/// How many changes of rights are remembered. Whoever last looked before that has to read their rights again.
const MAX_RIGHTS: usize = 4_096;

/// The tables whose records somebody may follow, in the order in which they are told of what was committed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Table {
    Hub,
    Lock,
    Tenancy,
    GuestCode,
    Placement,
    Mail,
    Audit,
    Property,
}

impl Table {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "property" => Self::Property,
            "hub" => Self::Hub,
            "lock" => Self::Lock,
            "tenancy" => Self::Tenancy,
            "guest_code" => Self::GuestCode,
            "placement" => Self::Placement,
            "mail" => Self::Mail,
            "audit" => Self::Audit,
            _ => return None,
        })
    }
}

/// Which records commits changed.
#[derive(Default)]
pub struct Rows {
    rows: HashSet<(Table, i64)>,
    too_many: bool,
}

impl Rows {
    pub(crate) fn note(&mut self, table: Table, row: i64) {
        if self.rows.len() < MAX_ROWS {
            self.rows.insert((table, row));
        } else {
            self.too_many = true;
        }
    }

    /// Whether so much has changed that nobody kept track of it.
    pub fn are_too_many(&self) -> bool {
        self.too_many
    }

    /// Whether nothing has changed.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && !self.too_many
    }

    /// The last event of the audit log that is among them, by its number in the log.
    pub fn last_event(&self) -> Option<i64> {
        self.rows.iter().filter(|(table, _)| *table == Table::Audit).map(|(_, seq)| *seq).max()
    }

    fn merge(&mut self, other: Self) {
        self.too_many |= other.too_many || self.rows.len() + other.rows.len() > MAX_ROWS;
        if self.too_many {
            self.rows.clear();
        } else {
            self.rows.extend(other.rows);
        }
    }
}

/// Whose rights may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Whose {
    Person(PersonId),
    Session(IdHash),
    Everybody,
}

/// What has been committed and not been taken yet, and whose rights changed.
#[derive(Default)]
pub struct Changes {
    rows: Mutex<Rows>,
    waits: Notify,
    rights: Mutex<VecDeque<(u64, Whose)>>,
    generation: AtomicU64,
}

impl Changes {
    /// Returns once something was committed since [`Changes::take`].
    pub async fn committed(&self) {
        self.waits.notified().await;
    }

    /// What was committed since this was last called.
    pub fn take(&self) -> Rows {
        std::mem::take(&mut *self.rows())
    }

    /// Whether nothing was committed since [`Changes::take`] was last called.
    pub fn are_taken(&self) -> bool {
        self.rows().is_empty()
    }

    /// A number that is another one once somebody's rights have changed.
    pub fn rights_generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Whether that person's rights, or that session, may have changed since the generation.
    pub fn concern(&self, since: u64, person: PersonId, session: &IdHash) -> bool {
        let rights = self.rights();
        let forgotten = rights.front().is_some_and(|(oldest, _)| *oldest > since + 1);
        forgotten
            || rights.iter().rev().take_while(|(generation, _)| *generation > since).any(|(_, whose)| match whose {
                Whose::Person(id) => *id == person,
                Whose::Session(id_hash) => id_hash == session,
                Whose::Everybody => true,
            })
    }

    /// Another program has changed something, nobody knows what: everybody's rights may be others now.
    pub fn rights_are_unknown(&self) {
        self.note_rights([Whose::Everybody]);
    }

    pub(crate) fn note(&self, rows: Rows, rights: HashSet<Whose>) {
        if rows.is_empty() && rights.is_empty() {
            return;
        }
        self.note_rights(rights);
        self.rows().merge(rows);
        self.waits.notify_one();
    }

    fn note_rights(&self, changed: impl IntoIterator<Item = Whose>) {
        let mut rights = self.rights();
        let mut generation = self.generation.load(Ordering::Relaxed);
        for whose in changed {
            generation += 1;
            rights.push_back((generation, whose));
        }
        let surplus = rights.len().saturating_sub(MAX_RIGHTS);
        rights.drain(..surplus);
        self.generation.store(generation, Ordering::Release);
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rights(&self) -> MutexGuard<'_, VecDeque<(u64, Whose)>> {
        self.rights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What this connection changes about anybody's rights. SQLite's update hook isn't called for tables without row ids, and
/// says nothing of what a deleted row held.
const RIGHTS: &str = "
    CREATE TEMP TRIGGER rights_manages_insert AFTER INSERT ON manages BEGIN SELECT rights_of (NEW.person_id); END;
    CREATE TEMP TRIGGER rights_manages_delete AFTER DELETE ON manages BEGIN SELECT rights_of (OLD.person_id); END;
    CREATE TEMP TRIGGER rights_person AFTER UPDATE OF support, administrator, disabled_at ON person
        BEGIN SELECT rights_of (NEW.id); END;
    CREATE TEMP TRIGGER rights_tenancy_insert AFTER INSERT ON tenancy BEGIN SELECT rights_of (NEW.person_id); END;
    CREATE TEMP TRIGGER rights_tenancy_delete AFTER DELETE ON tenancy BEGIN SELECT rights_of (OLD.person_id); END;
    CREATE TEMP TRIGGER rights_tenancy AFTER UPDATE OF person_id, unit_id, starts_at, ends_at, ended_at ON tenancy
        BEGIN SELECT rights_of (OLD.person_id), rights_of (NEW.person_id); END;
    CREATE TEMP TRIGGER rights_unit AFTER UPDATE OF building_id ON unit
        BEGIN SELECT rights_of (person_id) FROM tenancy WHERE unit_id = NEW.id AND ended_at IS NULL; END;
    CREATE TEMP TRIGGER rights_session AFTER DELETE ON session BEGIN SELECT session_over (OLD.id_hash); END;
";

/// Tracks whose rights this connection changes.
pub(crate) fn track_rights(db: &Db, note: impl Fn(Whose) + Clone + Send + 'static) -> Result<()> {
    fn function<T: FromSql + 'static>(
        db: &Db,
        name: &str,
        whose: fn(T) -> Whose,
        note: impl Fn(Whose) + Send + 'static,
    ) -> Result<()> {
        Ok(db.create_scalar_function(name, 1, FunctionFlags::SQLITE_UTF8, move |context| {
            note(whose(context.get(0)?));
            Ok(0)
        })?)
    }
    function(db, "rights_of", Whose::Person, note.clone())?;
    function(db, "session_over", Whose::Session, note)?;
    Ok(db.execute_batch(RIGHTS)?)
}

/// One thing that was changed, as it is now, with what tells who may know of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Where a code is on a lock (R25).
    Placement(PlacementChange),
    /// A resident: their days, or their code.
    Resident {
        /// The property.
        property_id: PropertyId,
        /// The tenancy.
        tenancy_id: TenancyId,
        /// The current code, if there is one.
        code_id: Option<CodeId>,
    },
    /// A guest code.
    GuestCode {
        /// The property.
        property_id: PropertyId,
        /// The tenancy that it was issued for; `None` for a manager's.
        tenancy_id: Option<TenancyId>,
        /// The guest code.
        id: GuestCodeId,
        /// Where it is in its life.
        state: GuestCodeState,
    },
    /// Whether a lock is online, or what else is known of it.
    Lock(LockChange),
    /// Whether a hub is online.
    Hub {
        /// The property.
        property_id: PropertyId,
        /// The hub.
        id: HubId,
        /// Whether it answers.
        online: bool,
    },
    /// A property: its name, its settings or its switch (R3).
    Property {
        /// The property.
        id: PropertyId,
        /// Whether residents may pick their own codes.
        custom_codes_enabled: bool,
    },
    /// An event was recorded.
    Event(EventChange),
}

/// A placement that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacementChange {
    /// The property.
    pub property_id: PropertyId,
    /// The tenancy that the code belongs to; `None` for a manager's guest code.
    pub tenancy_id: Option<TenancyId>,
    /// The code.
    pub code_id: CodeId,
    /// The door.
    pub door_id: DoorId,
    /// The status (R26).
    pub status: PlacementStatus,
    /// Since when it is in its state.
    pub since: Millis,
    /// How we know.
    pub evidence: Option<MaybeKnown<Evidence>>,
}

/// A lock that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct LockChange {
    /// The property.
    pub property_id: PropertyId,
    /// Its door.
    pub door_id: DoorId,
    /// The unit that the door belongs to, if it is a unit's.
    pub unit_id: Option<UnitId>,
    /// The building that the door belongs to, if it belongs to one.
    pub building_id: Option<BuildingId>,
    /// Whether the door is one of the whole property's or a building's, on the way to units.
    pub on_the_way: bool,
    /// Whether the lock and its hub are presumed online.
    pub online: bool,
}

/// An event that was recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct EventChange {
    /// The event.
    pub id: EventId,
    /// The property that it belongs to.
    pub property_id: Option<PropertyId>,
    /// The tenancy that it is about.
    pub tenancy_id: Option<TenancyId>,
    /// What it is about.
    pub action: MaybeKnown<Action>,
    /// The code that was revealed by it.
    pub revealed: Option<CodeId>,
}

struct PlacementRow {
    property_id: PropertyId,
    tenancy_id: Option<TenancyId>,
    code_id: CodeId,
    door_id: DoorId,
    state: PlacementState,
    since: Millis,
    evidence: Option<MaybeKnown<Evidence>>,
    wanted: bool,
}

sql::from_row!(PlacementRow {
    property_id,
    tenancy_id,
    code_id,
    door_id,
    state as Named,
    since as Moment,
    evidence as NamedIfKnown,
    wanted,
});

struct ResidentRow {
    property_id: PropertyId,
    id: TenancyId,
    code_id: Option<CodeId>,
}

sql::from_row!(ResidentRow { property_id, id, code_id });

struct GuestCodeRow {
    property_id: PropertyId,
    tenancy_id: Option<TenancyId>,
    id: GuestCodeId,
    state: GuestCodeState,
}

sql::from_row!(GuestCodeRow { property_id, tenancy_id, id, state as Named });

impl GuestCodeRow {
    fn change(self) -> Change {
        let Self { property_id, tenancy_id, id, state } = self;
        Change::GuestCode { property_id, tenancy_id, id, state }
    }
}

struct LockRow {
    property_id: PropertyId,
    door_id: DoorId,
    unit_id: Option<UnitId>,
    building_id: Option<BuildingId>,
    on_the_way: bool,
    online: bool,
}

sql::from_row!(LockRow { property_id, door_id, unit_id, building_id, on_the_way, online });

struct HubRow {
    property_id: PropertyId,
    id: HubId,
    online: bool,
}

sql::from_row!(HubRow { property_id, id, online });

struct PropertyRow {
    id: PropertyId,
    custom_codes_enabled: bool,
}

sql::from_row!(PropertyRow { id, custom_codes_enabled });

struct EventRow {
    id: EventId,
    property_id: Option<PropertyId>,
    resident_id: Option<TenancyId>,
    subject_id: Option<CodeId>,
    action: MaybeKnown<Action>,
    outcome: Outcome,
}

sql::from_row!(EventRow { id, property_id, resident_id, subject_id, action as NamedIfKnown, outcome as Named });

const PLACEMENT: &str = "SELECT placement.property_id, code.tenancy_id, placement.code_id, placement.door_id, \
     placement.state, placement.since, placement.evidence, placement.wanted \
     FROM placement JOIN code ON code.id = placement.code_id WHERE placement.rowid = ?";
const RESIDENT: &str = "SELECT property_id, id, code_id FROM tenancy WHERE rowid = ?";
const GUEST_CODE: &str = "SELECT property_id, tenancy_id, id, state FROM guest_code WHERE rowid = ?";
const MAILED_GUEST_CODE: &str = "SELECT guest_code.property_id, guest_code.tenancy_id, guest_code.id, guest_code.state \
     FROM mail JOIN guest_code_share ON guest_code_share.secret_hash = mail.link_hash \
     JOIN guest_code ON guest_code.id = guest_code_share.guest_code_id WHERE mail.id = ?";
const PROPERTY: &str = "SELECT id, custom_codes_enabled FROM property WHERE rowid = ?";
const HUB: &str = "SELECT property_id, id, online FROM hub WHERE rowid = ?";
const EVENT: &str = "SELECT id, property_id, resident_id, subject_id, action, outcome FROM audit WHERE seq = ?";

macro_rules! lock {
    ($which:literal) => {
        concat!(
            "SELECT lock.property_id, lock.door_id, door.unit_id, door.building_id, door.kind = 'property' AS on_the_way, \
             lock.online AND hub.online AS online FROM lock JOIN door ON door.id = lock.door_id \
             JOIN hub ON hub.id = lock.hub_id WHERE lock.former_since IS NULL AND ",
            $which
        )
    };
}

/// Reads the changed records as they are now. One that can't be read, or is gone, is left out.
pub fn read(db: &Db, rows: &Rows) -> Result<Vec<Change>> {
    let mut changed: Vec<_> = rows.rows.iter().copied().collect();
    changed.sort_unstable();
    let mut changes = Vec::with_capacity(changed.len());
    let mut locks = HashSet::new();
    for (table, row) in changed {
        match table {
            Table::Property => changes.extend(
                one::<PropertyRow>(db, PROPERTY, row)?
                    .map(|it| Change::Property { id: it.id, custom_codes_enabled: it.custom_codes_enabled }),
            ),
            Table::Hub => {
                let Some(hub) = one::<HubRow>(db, HUB, row)? else { continue };
                changes.push(Change::Hub { property_id: hub.property_id, id: hub.id, online: hub.online });
                // Nothing is known of a lock behind an offline hub: it goes with it.
                for lock in sql::all_readable::<LockRow>(db, lock!("lock.hub_id = ?"), [hub.id])? {
                    if locks.insert(lock.door_id) {
                        changes.push(Change::Lock(lock.into()));
                    }
                }
            }
            Table::Lock => {
                let lock = one::<LockRow>(db, lock!("lock.rowid = ?"), row)?;
                changes.extend(lock.filter(|lock| locks.insert(lock.door_id)).map(|lock| Change::Lock(lock.into())));
            }
            Table::Tenancy => changes.extend(one::<ResidentRow>(db, RESIDENT, row)?.map(|it| Change::Resident {
                property_id: it.property_id,
                tenancy_id: it.id,
                code_id: it.code_id,
            })),
            Table::GuestCode => {
                changes.extend(one::<GuestCodeRow>(db, GUEST_CODE, row)?.map(GuestCodeRow::change));
            }
            // What becomes of the mail by which a guest got a link is said at the guest code.
            Table::Mail => changes.extend(one::<GuestCodeRow>(db, MAILED_GUEST_CODE, row)?.map(GuestCodeRow::change)),
            Table::Placement => {
                // A guest code's placement before its first window is of no interest.
                let begun = |it: &PlacementRow| it.wanted || it.state != PlacementState::Pending;
                changes.extend(one::<PlacementRow>(db, PLACEMENT, row)?.filter(begun).map(|it| {
                    Change::Placement(PlacementChange {
                        property_id: it.property_id,
                        tenancy_id: it.tenancy_id,
                        code_id: it.code_id,
                        door_id: it.door_id,
                        status: it.state.status(),
                        since: it.since,
                        evidence: it.evidence,
                    })
                }));
            }
            Table::Audit => changes.extend(one::<EventRow>(db, EVENT, row)?.map(|it| {
                let is_reveal = it.action.known() == Some(Action::CodeRevealed) && it.outcome == Outcome::Done;
                Change::Event(EventChange {
                    id: it.id,
                    property_id: it.property_id,
                    tenancy_id: it.resident_id,
                    revealed: it.subject_id.filter(|_| is_reveal),
                    action: it.action,
                })
            })),
        }
    }
    Ok(changes)
}

impl From<LockRow> for LockChange {
    fn from(row: LockRow) -> Self {
        let LockRow { property_id, door_id, unit_id, building_id, on_the_way, online } = row;
        Self { property_id, door_id, unit_id, building_id, on_the_way, online }
    }
}

fn one<T: FromRow>(db: &Db, sql: &str, row: i64) -> Result<Option<T>> {
    match sql::optional(db, sql, [row]) {
        Err(error) if error.is_single_record() => Ok(None),
        other => other,
    }
}

/// The number of the last event in the audit log; 0 while there is none.
pub fn last_event(db: &Db) -> Result<i64> {
    sql::value(db, "SELECT coalesce(max(seq), 0) FROM audit", [])
}
