//! The record (R31): append-only, hash-chained, searchable by word.

use api_types::{Actor, AuditEvent, AuditVerification, Channel, ChannelKind, ChecklistItem, Outcome, Subject};
use sha2::{Digest, Sha256};
use sqlx::{FromRow, QueryBuilder, Sqlite};
use uuid::Uuid;

use crate::names::Name;
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
        let last: Option<(Millis, Vec<u8>)> =
            sqlx::query_as("SELECT at, hash FROM audit ORDER BY seq DESC LIMIT 1").fetch_optional(&mut **self).await?;
        let (last_at, last_hash) = last.unwrap_or((Millis::MIN, Vec::new()));
        let checklist = (!event.checklist.is_empty())
            .then(|| serde_json::to_string(&event.checklist))
            .transpose()
            .map_err(|error| Error::Unknown(error.to_string()))?;
        let id = Uuid::now_v7();
        let words = [&event.actor.name, &event.subject.name, event.action, &event.detail]
            .map(|text: &str| text)
            .into_iter()
            .chain(event.code.as_deref())
            .collect::<Vec<_>>()
            .join(" ");
        let row = Row {
            seq: 0,
            id,
            at: now.max(last_at),
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
        let hash = row.chained_hash(&last_hash);
        let seq = sqlx::query(
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
        .bind(hash)
        .execute(&mut **self)
        .await?
        .last_insert_rowid();
        sqlx::query("INSERT INTO audit_words (rowid, words) VALUES (?, ?)")
            .bind(seq)
            .bind(words)
            .execute(&mut **self)
            .await?;
        self.recorded += 1;
        Ok(id)
    }
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
    let mut filter = filter.clone();
    if let (Scope::ManagedBy(person), None) = (scope, filter.property)
        && let [only] = crate::people::manages(db, person).await?[..]
    {
        // Says what the scope says anyhow, in a way that lets one index give the events in their order.
        filter.property = Some(only);
    }
    let mut query = list_query(scope, &filter, before, i64::from(limit) + 1);
    let mut rows: Vec<Row> = query.build_query_as().fetch_all(db).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = more
        .then(|| rows.last().map(|row| Cursor { key: String::new(), id: row.seq.to_string() }.print(LIST)))
        .flatten();
    Ok((rows.into_iter().map(Row::into_event).collect::<Result<_>>()?, next))
}

/// The query of [`list`], newest first; also read by the test of query plans.
pub fn list_query(scope: Scope, filter: &Filter, before: Option<i64>, limit: i64) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("SELECT audit.* FROM ");
    let words = filter.words.as_deref().and_then(match_expression);
    // Words are indexed by `seq` too, and given newest first from there; CROSS JOIN has SQLite begin with them.
    let seq = if let Some(expression) = words {
        query.push("audit_words CROSS JOIN audit ON audit.seq = audit_words.rowid WHERE audit_words MATCH ");
        query.push_bind(expression);
        "audit_words.rowid"
    } else {
        query.push("audit WHERE TRUE");
        "audit.seq"
    };
    scope.push(&mut query, "audit.property_id", Some("audit.resident_id"));
    if let Some(actor) = filter.actor {
        query.push(" AND audit.actor_id = ").push_bind(actor);
    }
    if let Some(property) = filter.property {
        query.push(" AND audit.property_id = ").push_bind(property);
    }
    if let Some(resident) = filter.resident {
        query.push(" AND audit.resident_id = ").push_bind(resident);
    }
    if let Some(door) = filter.door {
        query.push(" AND audit.door_id = ").push_bind(door);
    }
    if let Some(action) = &filter.action {
        match action.strip_suffix('.') {
            // Between `code.` and `code/`: everything that starts with `code.`.
            Some(family) => {
                query.push(" AND audit.action >= ").push_bind(action.clone());
                query.push(" AND audit.action < ").push_bind(format!("{family}/"));
            }
            None => {
                query.push(" AND audit.action = ").push_bind(action.clone());
            }
        }
    }
    if let Some(outcome) = filter.outcome {
        query.push(" AND audit.outcome = ").push_bind(outcome.name());
    }
    // `at` never goes back, so a stretch of time is a stretch of `seq`.
    if let Some(from) = filter.from {
        query.push(" AND ").push(seq).push(" >= coalesce((SELECT seq FROM audit WHERE at >= ").push_bind(from);
        query.push(" ORDER BY at, seq LIMIT 1), 9223372036854775807)");
    }
    if let Some(to) = filter.to {
        query.push(" AND ").push(seq).push(" <= coalesce((SELECT seq FROM audit WHERE at < ").push_bind(to);
        query.push(" ORDER BY at DESC, seq DESC LIMIT 1), 0)");
    }
    query.push(" AND ").push(seq).push(" < ").push_bind(before.unwrap_or(i64::MAX));
    query.push(" ORDER BY ").push(seq).push(" DESC LIMIT ").push_bind(limit);
    query
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
            return Ok(AuditVerification { events, head: hex(&hash), intact: true, first_broken: None });
        };
        after = last.seq;
        for row in rows {
            if row.chained_hash(&hash) != row.hash {
                return Ok(AuditVerification { events, head: hex(&hash), intact: false, first_broken: Some(row.id) });
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
            hash: hex(&self.hash),
        })
    }
}

/// The words as a full-text expression: each must begin a word of the event. `None` where there are none.
///
/// Only ASCII marks part words here. The index's own tokenizer sees to the rest, which takes a letter and the accent
/// that combines with it for one.
fn match_expression(words: &str) -> Option<String> {
    let terms: Vec<String> = words
        .split(|c: char| c.is_whitespace() || c.is_ascii_punctuation() || c.is_control())
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| format!("\"{word}\"*"))
        .collect();
    (!terms.is_empty()).then(|| terms.join(" "))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
