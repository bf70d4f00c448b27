//! The record (R31): append-only, hash-chained, searchable by word.

mod index;
mod terms;

use std::ops::RangeInclusive;

use api_types::{Actor, AuditEvent, AuditVerification, Channel, ChannelKind, ChecklistItem, Outcome, Subject};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Row, params, params_from_iter};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::names::Name;
use crate::sql::{Columns, FromRow, Json, Moment, Named};
use crate::{Cursor, Db, Error, Millis, Query, Result, Scope, Tx, sql};
use index::{Condition, Entry};
use terms::Term;

/// An event to append. It must not hold digits of a code (R32).
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Who.
    pub actor: Actor,
    /// From where.
    pub channel: Channel,
    /// Dotted, as in `guest_code.issued`.
    pub action: &'static str,
    /// The property it belongs to, if it does.
    pub property_id: Option<Uuid>,
    /// On what.
    pub subject: Subject,
    /// The tenancy it is about, if it is.
    pub resident_id: Option<Uuid>,
    /// The door it is about, if it is.
    pub door_id: Option<Uuid>,
    /// How it ended.
    pub outcome: Outcome,
    /// The stable code of a refusal or failure.
    pub code: Option<String>,
    /// A sentence.
    pub detail: String,
    /// Every condition as it was (R14); empty where no policy was asked.
    pub checklist: Vec<ChecklistItem>,
}

impl NewEvent {
    /// An event of `action` by `actor` on `subject` that was done, with nothing else said.
    pub fn done(actor: Actor, channel: Channel, action: &'static str, subject: Subject) -> Self {
        Self {
            actor,
            channel,
            action,
            property_id: None,
            subject,
            resident_id: None,
            door_id: None,
            outcome: Outcome::Done,
            code: None,
            detail: String::new(),
            checklist: Vec::new(),
        }
    }
}

/// The actor of what Latchkey does by itself.
pub fn system_actor() -> Actor {
    Actor { id: None, name: "system".into(), role: "system".into() }
}

/// The channel of what Latchkey does by itself.
pub fn system_channel() -> Channel {
    Channel { kind: ChannelKind::System, platform: None, app_version: None }
}

/// What of the log a transaction keeps in memory: its newest event, so that it is read once however many follow, and what
/// the index doesn't have yet, so that what shares a set writes it once.
#[derive(Default)]
pub(crate) struct Log {
    /// `None` while it wasn't read.
    head: Option<Head>,
    unindexed: Vec<Entry>,
}

/// A [`Log`] as it was.
pub(crate) struct Mark {
    head: Option<Head>,
    unindexed: usize,
}

impl Log {
    /// What to return to if what follows is undone.
    pub(crate) fn mark(&self) -> Mark {
        Mark { head: self.head.clone(), unindexed: self.unindexed.len() }
    }

    /// Forgets what was recorded since.
    pub(crate) fn return_to(&mut self, mark: Mark) {
        self.head = mark.head;
        self.unindexed.truncate(mark.unindexed);
    }
}

/// What the next event is linked to: the newest one.
#[derive(Clone)]
struct Head {
    at: Millis,
    hash: Vec<u8>,
}

sql::from_row!(Head { at, hash });

impl Head {
    fn read(db: &Db) -> Result<Self> {
        let newest = sql::optional(db, "SELECT at, hash FROM audit ORDER BY seq DESC LIMIT 1", [])?;
        Ok(newest.unwrap_or(Self { at: Millis::MIN, hash: Vec::new() }))
    }
}

/// The columns that an event's hash is over, in their order.
macro_rules! chained {
    () => {
        "id, at, actor_id, actor_name, actor_role, channel, platform, app_version, action, property_id, subject_kind, \
         subject_id, subject_name, resident_id, door_id, outcome, code, detail, checklist"
    };
}

/// How many they are.
const CHAINED: usize = 19;

const INSERT: &str = concat!(
    "INSERT INTO audit (",
    chained!(),
    ", hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
);

impl Tx {
    /// Appends an event at `now` and links it to the one before.
    ///
    /// The time written is never before the newest event's, so that the log stays in order when a clock jumps back.
    /// Searches find it once it is committed.
    ///
    /// # Errors
    /// [`Error::Storage`]: then the action must not happen either.
    pub fn record(&self, now: Millis, event: NewEvent) -> Result<Uuid> {
        let mut log = self.log.borrow_mut();
        let head = log.head.take().map_or_else(|| Head::read(self), Ok)?;
        let (id, at) = (Uuid::now_v7(), now.max(head.at));
        let checklist = (!event.checklist.is_empty()).then(|| serde_json::to_string(&event.checklist)).transpose();
        let checklist = checklist.map_err(|error| Error::Unreadable(error.to_string()))?;
        let chained = event.chained(&id, at, checklist.as_deref());
        let hash = chained_hash(&head.hash, chained);
        let values = chained.into_iter().chain([ValueRef::Blob(&hash)]).map(ToSqlOutput::Borrowed);
        sql::execute(self, INSERT, params_from_iter(values))?;
        log.unindexed.push(Entry { seq: self.last_insert_rowid(), terms: event.terms() });
        log.head = Some(Head { at, hash });
        self.count_recorded();
        Ok(id)
    }

    /// Appends many events, each at its time, as [`Tx::record`] does one.
    ///
    /// # Errors
    /// As [`Tx::record`]'s.
    pub fn record_all(&self, events: impl IntoIterator<Item = (Millis, NewEvent)>) -> Result<()> {
        events.into_iter().try_for_each(|(now, event)| self.record(now, event).map(|_| ()))
    }
}

/// Brings into the index what this transaction recorded.
pub(crate) fn flush_index(tx: &Tx) -> Result<()> {
    let unindexed = std::mem::take(&mut tx.log.borrow_mut().unindexed);
    index::add(tx, &unindexed)
}

/// What to look for in the log. All given conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The person who acted.
    pub actor: Option<Uuid>,
    /// The whole action, or with a trailing `.` a family of them.
    pub action: Option<String>,
    /// The property.
    pub property: Option<Uuid>,
    /// The tenancy it is about.
    pub resident: Option<Uuid>,
    /// The door it is about.
    pub door: Option<Uuid>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Words, each of which begins a word of the event.
    pub words: Option<String>,
    /// At or after.
    pub from: Option<Millis>,
    /// Before.
    pub to: Option<Millis>,
}

const LIST: &str = "audit";

/// A page of those events that can be read, newest first, and the cursor of the next page.
///
/// # Errors
/// [`Error::BadCursor`].
pub fn list(
    db: &Db,
    scope: Scope,
    filter: &Filter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<(Vec<AuditEvent>, Option<String>)> {
    let before =
        cursor.map(|text| Cursor::parse(LIST, text)?.id.parse::<i64>().map_err(|_| Error::BadCursor)).transpose()?;
    let stretch = stretch(db, filter, before)?;
    let Some(conditions) = conditions(db, scope, filter)? else { return Ok((Vec::new(), None)) };
    let mut seqs = index::find(db, stretch, &conditions, limit as usize + 1)?;
    let more = seqs.len() > limit as usize;
    seqs.truncate(limit as usize);
    let next =
        more.then(|| seqs.last().map(|seq| Cursor { key: String::new(), id: seq.to_string() }.print(LIST))).flatten();
    Ok((page_query(scope, &seqs).all_readable(db)?, next))
}

/// The events that there can be on a page, by their numbers. `at` never goes back, so a stretch of time is one of `seq`.
fn stretch(db: &Db, filter: &Filter, before: Option<i64>) -> Result<RangeInclusive<i64>> {
    let newest: Option<i64> = match filter.to {
        None => newest(db)?,
        Some(to) => newest_before(to).optional_value(db)?,
    };
    let oldest: Option<i64> = match filter.from {
        None => Some(1),
        Some(from) => oldest_from(from).optional_value(db)?,
    };
    let newest = newest.unwrap_or(0).min(before.unwrap_or(i64::MAX).saturating_sub(1));
    Ok(oldest.unwrap_or(i64::MAX)..=newest)
}

/// The newest event's number.
fn newest(db: &Db) -> Result<Option<i64>> {
    sql::value(db, "SELECT max(seq) FROM audit", [])
}

fn newest_before(to: Millis) -> Query {
    let mut query = Query::new("SELECT seq FROM audit WHERE at < ");
    query.bind(to).push(" ORDER BY at DESC, seq DESC LIMIT 1");
    query
}

fn oldest_from(from: Millis) -> Query {
    let mut query = Query::new("SELECT seq FROM audit WHERE at >= ");
    query.bind(from).push(" ORDER BY at, seq LIMIT 1");
    query
}

/// What must hold of an event, those first that are likely to leave the fewest; `None` where no event can be meant, as in a
/// property that somebody else manages.
fn conditions(db: &Db, scope: Scope, filter: &Filter) -> Result<Option<Vec<Condition>>> {
    let action = filter.action.as_deref();
    let (families, actions): (Vec<_>, Vec<_>) = action.into_iter().partition(|action| action.ends_with('.'));
    let terms = [filter.resident.map(Term::resident), filter.actor.map(Term::actor), filter.door.map(Term::door)]
        .into_iter()
        .flatten()
        .chain(actions.into_iter().map(Term::action))
        .chain(filter.outcome.map(|outcome| Term::outcome(outcome.name())))
        .chain(families.into_iter().map(Term::action));
    let mut conditions: Vec<Condition> = terms.map(|term| Condition::OneOf(vec![term])).collect();
    conditions.extend(filter.words.iter().flat_map(|words| Term::words(words)).map(Condition::WordFrom));
    let within = match scope {
        Scope::Everything | Scope::Tenancy(_) => filter.property.map(|property| vec![property]),
        Scope::ManagedBy(person) => {
            let mut managed = crate::people::manages(db, person)?;
            managed.retain(|property| filter.property.is_none_or(|wanted| wanted == *property));
            if managed.is_empty() {
                return Ok(None);
            }
            Some(managed)
        }
    };
    conditions.extend(within.map(|within| Condition::OneOf(within.into_iter().map(Term::property).collect())));
    if let Scope::Tenancy(resident) = scope {
        conditions.insert(0, Condition::OneOf(vec![Term::resident(resident)]));
    }
    Ok(Some(conditions))
}

/// The query for the events of a page, newest first. The scope is in it once more: an index is no authority (R33).
fn page_query(scope: Scope, seqs: &[i64]) -> Query {
    let mut query = Query::new("SELECT audit.* FROM audit WHERE seq IN (SELECT value FROM json_each(");
    query.bind(json(seqs)).push("))");
    scope.push(&mut query, "property_id", Some("resident_id"));
    query.push(" ORDER BY seq DESC");
    query
}

/// The queries that [`list`] makes, for the test of query plans.
pub fn list_queries(db: &Db, scope: Scope, filter: &Filter) -> Result<Vec<Query>> {
    let conditions = conditions(db, scope, filter)?.unwrap_or_default();
    let sets = conditions.iter().map(|condition| index::sets_query(condition, [0].iter()));
    Ok([newest_before(0), oldest_from(0)].into_iter().chain(sets).chain([page_query(scope, &[])]).collect())
}

/// Makes the index of a log that was written before there was one.
pub(crate) fn index_once(tx: &Tx) -> Result<()> {
    let Some(newest) = newest(tx)? else { return Ok(()) };
    if index::is_empty(tx)? {
        for block in 0..=index::block_of(newest) {
            index::add(tx, &entries(tx, block)?)?;
        }
    }
    Ok(())
}

/// What the events of a block are found by. One that can't be read is found by nothing.
fn entries(db: &Db, block: i64) -> Result<Vec<Entry>> {
    let (first, last) = index::ends(block);
    sql::all_readable(db, "SELECT * FROM audit WHERE seq BETWEEN ? AND ?", params![first, last])
}

/// A list of numbers as a query takes it.
fn json<'a>(numbers: impl IntoIterator<Item = &'a i64>) -> String {
    let numbers: Vec<String> = numbers.into_iter().map(i64::to_string).collect();
    format!("[{}]", numbers.join(","))
}

/// One event.
pub fn get(db: &Db, scope: Scope, id: Uuid) -> Result<Option<AuditEvent>> {
    let mut query = Query::new("SELECT * FROM audit WHERE id = ");
    query.bind(id);
    scope.push(&mut query, "property_id", Some("resident_id"));
    query.optional(db)
}

/// How many events there are.
pub fn count(db: &Db) -> Result<u64> {
    // Events are never deleted, so the newest one's number is their count.
    Ok(newest(db)?.unwrap_or(0).unsigned_abs())
}

/// When the newest event was recorded.
pub fn newest_at(db: &Db) -> Result<Option<Millis>> {
    sql::optional_value(db, "SELECT at FROM audit ORDER BY seq DESC LIMIT 1", [])
}

/// How many events of `action` on `subject_id` came at or after `since`, with this stable code.
pub fn count_since(db: &Db, subject_id: Uuid, action: &str, code: &str, since: Millis) -> Result<i64> {
    sql::value(
        db,
        "SELECT count(*) FROM audit WHERE subject_id = ? AND action = ? AND code = ? AND at >= ?",
        params![subject_id, action, code, since],
    )
}

/// Every reveal of a code that can be read, newest first: time, who, as what, and the reason (R30).
pub fn reveals(db: &Db, code_id: Uuid) -> Result<Vec<AuditEvent>> {
    sql::all_readable(
        db,
        "SELECT * FROM audit WHERE subject_id = ? AND action = 'code.revealed' AND outcome = 'done' \
         ORDER BY seq DESC LIMIT 100",
        [code_id],
    )
}

/// Reads the whole log and checks each hash.
///
/// Events are hashed as they lie in the database, so that one that can't be read is broken like any other.
pub fn verify(db: &Db) -> Result<AuditVerification> {
    let mut statement = db.prepare_cached(concat!("SELECT ", chained!(), ", hash FROM audit ORDER BY seq"))?;
    let mut rows = statement.query([])?;
    let mut events = 0;
    let mut hash = Vec::new();
    while let Some(row) = rows.next()? {
        let next = chained_hash(&hash, (0..CHAINED).map(|column| row.get_ref_unwrap(column)));
        if row.get_ref(CHAINED)? != ValueRef::Blob(&next) {
            let head = const_hex::encode(&hash);
            return Ok(AuditVerification { events, head, intact: false, first_broken: row.get("id").ok() });
        }
        hash = next;
        events += 1;
    }
    Ok(AuditVerification { events, head: const_hex::encode(&hash), intact: true, first_broken: None })
}

/// SHA-256 over the hash before and every column but `seq`, each with its length, so that no two events can be told
/// apart only by where one field ends.
fn chained_hash<'a>(before: &[u8], columns: impl IntoIterator<Item = ValueRef<'a>>) -> Vec<u8> {
    let mut sha = Sha256::new();
    sha.update(before);
    for column in columns {
        let number: [u8; 8];
        let bytes = match column {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
            ValueRef::Integer(integer) => {
                number = integer.to_be_bytes();
                &number
            }
            // No column is of that type.
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
    fn chained<'a>(&'a self, id: &'a Uuid, at: Millis, checklist: Option<&'a str>) -> [ValueRef<'a>; CHAINED] {
        fn id_if_any(id: &Option<Uuid>) -> ValueRef<'_> {
            id.as_ref().map_or(ValueRef::Null, |id| ValueRef::Blob(id.as_bytes()))
        }
        [
            ValueRef::Blob(id.as_bytes()),
            ValueRef::Integer(at),
            id_if_any(&self.actor.id),
            self.actor.name.as_str().into(),
            self.actor.role.as_str().into(),
            self.channel.kind.name().into(),
            self.channel.platform.as_deref().into(),
            self.channel.app_version.as_deref().into(),
            self.action.into(),
            id_if_any(&self.property_id),
            self.subject.kind.as_str().into(),
            id_if_any(&self.subject.id),
            self.subject.name.as_str().into(),
            id_if_any(&self.resident_id),
            id_if_any(&self.door_id),
            self.outcome.name().into(),
            self.code.as_deref().into(),
            self.detail.as_str().into(),
            checklist.into(),
        ]
    }

    fn terms(&self) -> Vec<Term> {
        FoundBy {
            actor: self.actor.id,
            property: self.property_id,
            resident: self.resident_id,
            door: self.door_id,
            action: self.action,
            outcome: self.outcome.name(),
            actor_name: &self.actor.name,
            subject_name: &self.subject.name,
            detail: &self.detail,
            code: self.code.as_deref(),
        }
        .terms()
    }
}

/// What of an event it is found by.
struct FoundBy<'a> {
    actor: Option<Uuid>,
    property: Option<Uuid>,
    resident: Option<Uuid>,
    door: Option<Uuid>,
    action: &'a str,
    outcome: &'a str,
    actor_name: &'a str,
    subject_name: &'a str,
    detail: &'a str,
    code: Option<&'a str>,
}

impl FoundBy<'_> {
    fn terms(&self) -> Vec<Term> {
        let ids = [
            self.actor.map(Term::actor),
            self.property.map(Term::property),
            self.resident.map(Term::resident),
            self.door.map(Term::door),
        ];
        let texts = [self.actor_name, self.subject_name, self.action, self.detail].into_iter().chain(self.code);
        ids.into_iter()
            .flatten()
            .chain(Term::actions(self.action))
            .chain([Term::outcome(self.outcome)])
            .chain(texts.flat_map(Term::words))
            .collect()
    }
}

impl FromRow for Entry {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let text = |column: &str| row.get::<_, String>(column);
        let code: Option<String> = row.get("code")?;
        let found_by = FoundBy {
            actor: row.get("actor_id")?,
            property: row.get("property_id")?,
            resident: row.get("resident_id")?,
            door: row.get("door_id")?,
            action: &text("action")?,
            outcome: &text("outcome")?,
            actor_name: &text("actor_name")?,
            subject_name: &text("subject_name")?,
            detail: &text("detail")?,
            code: code.as_deref(),
        };
        Ok(Self { seq: row.get("seq")?, terms: found_by.terms() })
    }
}

impl FromRow for AuditEvent {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut columns = Columns::of(row);
        let (id, Moment(at)) = (columns.get("id")?, columns.get("at")?);
        let actor =
            Actor { id: columns.get("actor_id")?, name: columns.get("actor_name")?, role: columns.get("actor_role")? };
        let Named(kind) = columns.get("channel")?;
        let channel = Channel { kind, platform: columns.get("platform")?, app_version: columns.get("app_version")? };
        let (action, property_id) = (columns.get("action")?, columns.get("property_id")?);
        let subject = Subject {
            kind: columns.get("subject_kind")?,
            id: columns.get("subject_id")?,
            name: columns.get("subject_name")?,
        };
        let Named(outcome) = columns.get("outcome")?;
        let (code, detail, Json(checklist)) = (columns.get("code")?, columns.get("detail")?, columns.get("checklist")?);
        let hash: Vec<u8> = columns.get("hash")?;
        Ok(Self {
            id,
            at: crate::instant(at),
            actor,
            channel,
            action,
            property_id,
            subject,
            outcome,
            code,
            detail,
            checklist: checklist.unwrap_or_default(),
            hash: const_hex::encode(hash),
        })
    }
}
