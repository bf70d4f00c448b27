//! The record (R31): append-only, hash-chained, searchable by word.

mod index;
mod terms;

use std::ops::RangeInclusive;

use api_types::{Actor, AuditEvent, AuditVerification, Channel, ChannelKind, ChecklistItem, Outcome, Subject};
use sha2::{Digest, Sha256};
use sqlx::{FromRow, QueryBuilder, Sqlite};
use uuid::Uuid;

use crate::names::Name;
use index::Condition;
use terms::Term;

use crate::{Cursor, Db, Error, Millis, Result, Scope, Tx};

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

impl Tx {
    /// Appends an event at `now` and links it to the one before.
    ///
    /// The time written is never before the newest event's, so that the log stays in order when a clock jumps back.
    ///
    /// # Errors
    /// [`Error::Storage`]: then the action must not happen either.
    pub async fn record(&mut self, now: Millis, event: NewEvent) -> Result<Uuid> {
        let mut head = head(self).await?;
        let row = self.append(&mut head, now, event).await?;
        index::add(self, &[(row.seq, row.terms())]).await?;
        Ok(row.id)
    }

    /// Appends many events, each at its time, as [`Tx::record`] does one; quicker.
    ///
    /// # Errors
    /// As [`Tx::record`]'s.
    pub async fn record_all(&mut self, events: impl IntoIterator<Item = (Millis, NewEvent)>) -> Result<()> {
        let mut head = head(self).await?;
        let mut found_by = Vec::new();
        for (now, event) in events {
            let row = self.append(&mut head, now, event).await?;
            found_by.push((row.seq, row.terms()));
        }
        index::add(self, &found_by).await
    }

    /// Links an event to the head of the log, whose place it takes, and stores it; the index is another matter.
    async fn append(&mut self, head: &mut Head, now: Millis, event: NewEvent) -> Result<Row> {
        let checklist = (!event.checklist.is_empty())
            .then(|| serde_json::to_string(&event.checklist))
            .transpose()
            .map_err(|error| Error::Unknown(error.to_string()))?;
        let mut row = Row {
            seq: 0,
            id: Uuid::now_v7(),
            at: now.max(head.at),
            actor_id: event.actor.id,
            actor_name: event.actor.name,
            actor_role: event.actor.role,
            channel: event.channel.kind.name().into(),
            platform: event.channel.platform,
            app_version: event.channel.app_version,
            action: event.action.into(),
            property_id: event.property_id,
            subject_kind: event.subject.kind,
            subject_id: event.subject.id,
            subject_name: event.subject.name,
            resident_id: event.resident_id,
            door_id: event.door_id,
            outcome: event.outcome.name().into(),
            code: event.code,
            detail: event.detail,
            checklist,
            hash: Vec::new(),
        };
        row.hash = row.chained_hash(&head.hash);
        row.seq = sqlx::query(
            "INSERT INTO audit (id, at, actor_id, actor_name, actor_role, channel, platform, app_version, action, \
             property_id, subject_kind, subject_id, subject_name, resident_id, door_id, outcome, code, detail, \
             checklist, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(row.id)
        .bind(row.at)
        .bind(row.actor_id)
        .bind(&row.actor_name)
        .bind(&row.actor_role)
        .bind(&row.channel)
        .bind(&row.platform)
        .bind(&row.app_version)
        .bind(&row.action)
        .bind(row.property_id)
        .bind(&row.subject_kind)
        .bind(row.subject_id)
        .bind(&row.subject_name)
        .bind(row.resident_id)
        .bind(row.door_id)
        .bind(&row.outcome)
        .bind(&row.code)
        .bind(&row.detail)
        .bind(&row.checklist)
        .bind(&row.hash)
        .execute(&mut **self)
        .await?
        .last_insert_rowid();
        *head = Head { at: row.at, hash: row.hash.clone() };
        self.recorded += 1;
        Ok(row)
    }
}

/// What the next event is linked to: the newest one.
#[derive(FromRow)]
struct Head {
    at: Millis,
    hash: Vec<u8>,
}

async fn head(db: &mut Db) -> Result<Head> {
    let newest = sqlx::query_as("SELECT at, hash FROM audit ORDER BY seq DESC LIMIT 1").fetch_optional(db).await?;
    Ok(newest.unwrap_or(Head { at: Millis::MIN, hash: Vec::new() }))
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
const NEWEST_BEFORE: &str = "SELECT seq FROM audit WHERE at < ? ORDER BY at DESC, seq DESC LIMIT 1";
const OLDEST_FROM: &str = "SELECT seq FROM audit WHERE at >= ? ORDER BY at, seq LIMIT 1";

/// A page of the log, newest first, and the cursor of the next page.
///
/// # Errors
/// [`Error::BadCursor`].
pub async fn list(
    db: &mut Db,
    scope: Scope,
    filter: &Filter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<(Vec<AuditEvent>, Option<String>)> {
    let before =
        cursor.map(|text| Cursor::parse(LIST, text)?.id.parse::<i64>().map_err(|_| Error::BadCursor)).transpose()?;
    let stretch = stretch(db, filter, before).await?;
    let Some(conditions) = conditions(db, scope, filter).await? else { return Ok((Vec::new(), None)) };
    let mut seqs = index::find(db, stretch, &conditions, limit as usize + 1).await?;
    let more = seqs.len() > limit as usize;
    seqs.truncate(limit as usize);
    let next =
        more.then(|| seqs.last().map(|seq| Cursor { key: String::new(), id: seq.to_string() }.print(LIST))).flatten();
    let rows: Vec<Row> = page_query(scope, &seqs).build_query_as().fetch_all(db).await?;
    Ok((rows.into_iter().map(Row::into_event).collect::<Result<_>>()?, next))
}

/// The events that there can be on a page, by their numbers. `at` never goes back, so a stretch of time is one of `seq`.
async fn stretch(db: &mut Db, filter: &Filter, before: Option<i64>) -> Result<RangeInclusive<i64>> {
    let newest: Option<i64> = match filter.to {
        None => sqlx::query_scalar("SELECT max(seq) FROM audit").fetch_one(&mut *db).await?,
        Some(to) => sqlx::query_scalar(NEWEST_BEFORE).bind(to).fetch_optional(&mut *db).await?,
    };
    let oldest: Option<i64> = match filter.from {
        None => Some(1),
        Some(from) => sqlx::query_scalar(OLDEST_FROM).bind(from).fetch_optional(&mut *db).await?,
    };
    let newest = newest.unwrap_or(0).min(before.unwrap_or(i64::MAX).saturating_sub(1));
    Ok(oldest.unwrap_or(i64::MAX)..=newest)
}

/// What must hold of an event, those first that are likely to leave the fewest; `None` where no event can be meant, as in a
/// property that somebody else manages.
async fn conditions(db: &mut Db, scope: Scope, filter: &Filter) -> Result<Option<Vec<Condition>>> {
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
            let mut managed = crate::people::manages(db, person).await?;
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
fn page_query(scope: Scope, seqs: &[i64]) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("SELECT audit.* FROM audit WHERE seq IN (SELECT value FROM json_each(");
    query.push_bind(json(seqs)).push("))");
    scope.push(&mut query, "property_id", Some("resident_id"));
    query.push(" ORDER BY seq DESC");
    query
}

/// The queries that [`list`] makes, for the test of query plans.
pub async fn list_queries(db: &mut Db, scope: Scope, filter: &Filter) -> Result<Vec<QueryBuilder<Sqlite>>> {
    let conditions = conditions(db, scope, filter).await?.unwrap_or_default();
    let stretch = [NEWEST_BEFORE, OLDEST_FROM].map(QueryBuilder::new);
    let sets = conditions.iter().map(|condition| index::sets_query(condition, [0].iter()));
    Ok(stretch.into_iter().chain(sets).chain([page_query(scope, &[])]).collect())
}

/// Makes the index of a log that was written before there was one.
pub(crate) async fn index_once(tx: &mut Tx) -> Result<()> {
    let mut after = 0;
    if !index::is_empty(tx).await? {
        return Ok(());
    }
    loop {
        let sql = "SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?";
        let rows: Vec<Row> = sqlx::query_as(sql).bind(after).bind(index::BLOCK as i64).fetch_all(&mut **tx).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.seq;
        let found_by: Vec<_> = rows.iter().map(|row| (row.seq, row.terms())).collect();
        index::add(tx, &found_by).await?;
    }
}

/// A list of numbers as a query takes it.
fn json<'a>(numbers: impl IntoIterator<Item = &'a i64>) -> String {
    let numbers: Vec<String> = numbers.into_iter().map(i64::to_string).collect();
    format!("[{}]", numbers.join(","))
}

/// One event.
pub async fn get(db: &mut Db, scope: Scope, id: Uuid) -> Result<Option<AuditEvent>> {
    let mut query = QueryBuilder::new("SELECT * FROM audit WHERE id = ");
    query.push_bind(id);
    scope.push(&mut query, "property_id", Some("resident_id"));
    let row: Option<Row> = query.build_query_as().fetch_optional(db).await?;
    row.map(Row::into_event).transpose()
}

/// How many events there are.
pub async fn count(db: &mut Db) -> Result<u64> {
    // Events are never deleted, so the newest one's number is their count.
    let newest: Option<i64> = sqlx::query_scalar("SELECT max(seq) FROM audit").fetch_one(db).await?;
    Ok(newest.unwrap_or(0).unsigned_abs())
}

/// When the newest event was recorded.
pub async fn newest_at(db: &mut Db) -> Result<Option<Millis>> {
    Ok(sqlx::query_scalar("SELECT at FROM audit ORDER BY seq DESC LIMIT 1").fetch_optional(db).await?)
}

/// How many events of `action` on `subject_id` came at or after `since`, with this stable code.
pub async fn count_since(db: &mut Db, subject_id: Uuid, action: &str, code: &str, since: Millis) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM audit WHERE subject_id = ? AND action = ? AND code = ? AND at >= ?")
        .bind(subject_id)
        .bind(action)
        .bind(code)
        .bind(since)
        .fetch_one(db)
        .await?)
}

/// Every reveal of a code, newest first: time, who, as what, and the reason (R30).
pub async fn reveals(db: &mut Db, code_id: Uuid) -> Result<Vec<AuditEvent>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT * FROM audit WHERE subject_id = ? AND action = 'code.revealed' AND outcome = 'done' \
         ORDER BY seq DESC LIMIT 100",
    )
    .bind(code_id)
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Row::into_event).collect()
}

/// Reads the whole log and checks each hash.
pub async fn verify(db: &mut Db) -> Result<AuditVerification> {
    const STRIDE: i64 = 10_000;
    let mut after = 0;
    let mut events = 0;
    let mut hash = Vec::new();
    loop {
        let rows: Vec<Row> = sqlx::query_as("SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?")
            .bind(after)
            .bind(STRIDE)
            .fetch_all(&mut *db)
            .await?;
        let Some(last) = rows.last() else {
            return Ok(AuditVerification { events, head: const_hex::encode(&hash), intact: true, first_broken: None });
        };
        after = last.seq;
        for row in rows {
            if row.chained_hash(&hash) != row.hash {
                return Ok(AuditVerification {
                    events,
                    head: const_hex::encode(&hash),
                    intact: false,
                    first_broken: Some(row.id),
                });
            }
            hash = row.hash;
            events += 1;
        }
    }
}

#[derive(FromRow)]
struct Row {
    seq: i64,
    id: Uuid,
    at: Millis,
    actor_id: Option<Uuid>,
    actor_name: String,
    actor_role: String,
    channel: String,
    platform: Option<String>,
    app_version: Option<String>,
    action: String,
    property_id: Option<Uuid>,
    subject_kind: String,
    subject_id: Option<Uuid>,
    subject_name: String,
    resident_id: Option<Uuid>,
    door_id: Option<Uuid>,
    outcome: String,
    code: Option<String>,
    detail: String,
    checklist: Option<String>,
    hash: Vec<u8>,
}

impl Row {
    /// SHA-256 over the hash before and every column but `seq`, each with its length, so that no two events can be
    /// told apart only by where one field ends.
    fn chained_hash(&self, before: &[u8]) -> Vec<u8> {
        let mut sha = Sha256::new();
        sha.update(before);
        let mut field = |bytes: Option<&[u8]>| match bytes {
            Some(bytes) => {
                sha.update((bytes.len() as u64 + 1).to_be_bytes());
                sha.update(bytes);
            }
            None => sha.update(0_u64.to_be_bytes()),
        };
        field(Some(self.id.as_bytes()));
        field(Some(&self.at.to_be_bytes()));
        field(self.actor_id.as_ref().map(|id| &id.as_bytes()[..]));
        field(Some(self.actor_name.as_bytes()));
        field(Some(self.actor_role.as_bytes()));
        field(Some(self.channel.as_bytes()));
        field(self.platform.as_deref().map(str::as_bytes));
        field(self.app_version.as_deref().map(str::as_bytes));
        field(Some(self.action.as_bytes()));
        field(self.property_id.as_ref().map(|id| &id.as_bytes()[..]));
        field(Some(self.subject_kind.as_bytes()));
        field(self.subject_id.as_ref().map(|id| &id.as_bytes()[..]));
        field(Some(self.subject_name.as_bytes()));
        field(self.resident_id.as_ref().map(|id| &id.as_bytes()[..]));
        field(self.door_id.as_ref().map(|id| &id.as_bytes()[..]));
        field(Some(self.outcome.as_bytes()));
        field(self.code.as_deref().map(str::as_bytes));
        field(Some(self.detail.as_bytes()));
        field(self.checklist.as_deref().map(str::as_bytes));
        sha.finalize().to_vec()
    }

    /// What it is found by.
    fn terms(&self) -> Vec<Term> {
        let mut terms: Vec<Term> = [
            self.actor_id.map(Term::actor),
            self.property_id.map(Term::property),
            self.resident_id.map(Term::resident),
            self.door_id.map(Term::door),
        ]
        .into_iter()
        .flatten()
        .collect();
        terms.extend(Term::actions(&self.action));
        terms.push(Term::outcome(&self.outcome));
        let texts = [&self.actor_name, &self.subject_name, &self.action, &self.detail];
        terms.extend(texts.into_iter().chain(&self.code).flat_map(|text| Term::words(text)));
        terms
    }

    fn into_event(self) -> Result<AuditEvent> {
        Ok(AuditEvent {
            id: self.id,
            at: crate::instant(self.at),
            actor: Actor { id: self.actor_id, name: self.actor_name, role: self.actor_role },
            channel: Channel {
                kind: ChannelKind::of(&self.channel)?,
                platform: self.platform,
                app_version: self.app_version,
            },
            action: self.action,
            property_id: self.property_id,
            subject: Subject { kind: self.subject_kind, id: self.subject_id, name: self.subject_name },
            outcome: Outcome::of(&self.outcome)?,
            code: self.code,
            detail: self.detail,
            checklist: match self.checklist {
                Some(text) => serde_json::from_str(&text).map_err(|_| Error::Unknown("a checklist".into()))?,
                None => Vec::new(),
            },
            hash: const_hex::encode(&self.hash),
        })
    }
}
