//! What belongs together: the events of a property that came of the same thing, such as issuing a code and its placements.
//!
//! The first of them is the group's head, the others are its parts. An event of another property is a head of its own, since who
//! sees the one need not see the other (R33).

use ids::{CauseId, PropertyId};
use rusqlite::params;

use super::event::EventRecord;
use crate::{Cursor, Db, Error, Query, Result, Scope, sql};

/// The name of this list in its cursors.
const LIST: &str = "audit parts";

/// How many parts are looked at to tell how a group stands. An import of a whole roster has more, and says so itself.
const LOOKED_AT: i64 = 500;

/// What belongs to an event besides itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// How many events.
    pub count: u32,
    /// What last happened to each subject at each door: how it ended, the action, and the code of a refusal or failure.
    pub last: Vec<(String, String, Option<String>)>,
}

/// Whether an event that is about to be recorded is a part: there is one of its cause at its property.
pub(super) fn is_part(db: &Db, cause: &CauseId, property: Option<PropertyId>) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM audit WHERE cause = ? AND property_id IS ?)";
    sql::value(db, sql, params![cause, property])
}

/// What belongs to a group's head.
pub fn parts(db: &Db, head: &EventRecord) -> Result<Parts> {
    let Some(cause) = head.cause else { return Ok(Parts::default()) };
    let count: u32 = count_query(head, &cause).optional_value(db)?.unwrap_or_default();
    if count == 0 {
        return Ok(Parts::default());
    }
    Ok(Parts { count, last: last_query(head, &cause).all(db)? })
}

fn count_query(head: &EventRecord, cause: &CauseId) -> Query {
    let mut query = Query::new("SELECT count(*) FROM audit WHERE cause = ");
    query.bind(*cause).push(" AND property_id IS ").bind(head.property_id);
    query.push(" AND seq > (SELECT seq FROM audit WHERE id = ").bind(head.id).push(")");
    query
}

fn last_query(head: &EventRecord, cause: &CauseId) -> Query {
    // SQLite takes the other columns from the row with the greatest `seq`.
    let mut query = Query::new(
        "SELECT outcome, action, code FROM (SELECT outcome, action, code, max(seq) FROM (SELECT outcome, action, code, seq, \
         door_id, subject_id FROM audit WHERE cause = ",
    );
    query.bind(*cause).push(" AND property_id IS ").bind(head.property_id);
    query.push(" AND seq > (SELECT seq FROM audit WHERE id = ").bind(head.id).push(") ORDER BY seq DESC LIMIT ");
    query.bind(LOOKED_AT).push(") GROUP BY door_id, subject_id)");
    query
}

/// A page of what belongs to an event, the oldest first, and the cursor of the next page.
///
/// # Errors
/// [`Error::BadCursor`].
pub fn list_parts(
    db: &Db,
    scope: Scope,
    head: &EventRecord,
    cursor: Option<&str>,
    limit: u32,
) -> Result<(Vec<EventRecord>, Option<String>)> {
    let Some(cause) = head.cause else { return Ok((Vec::new(), None)) };
    let after = cursor.map(|text| Cursor::parse(LIST, text)?.id.parse::<i64>().map_err(|_| Error::BadCursor));
    let after = after.transpose()?;
    let seqs: Vec<i64> = seqs_query(head, &cause, after, i64::from(limit) + 1).ids(db)?;
    let more = seqs.len() > limit as usize;
    let seqs = &seqs[..seqs.len().min(limit as usize)];
    let next = seqs.last().filter(|_| more).map(|seq| Cursor { key: String::new(), id: seq.to_string() }.print(LIST));
    let mut events = super::search::page_query(scope, seqs).all_readable(db)?;
    events.reverse();
    Ok((events, next))
}

fn seqs_query(head: &EventRecord, cause: &CauseId, after: Option<i64>, limit: i64) -> Query {
    let mut query = Query::new("SELECT seq FROM audit WHERE cause = ");
    query.bind(*cause).push(" AND property_id IS ").bind(head.property_id);
    query.push(" AND seq > (SELECT seq FROM audit WHERE id = ").bind(head.id).push(")");
    if let Some(after) = after {
        query.push(" AND seq > ").bind(after);
    }
    query.push(" ORDER BY seq LIMIT ").bind(limit);
    query
}

/// The queries that are made about a group, for the query-plan test.
pub fn group_queries(head: &EventRecord) -> Vec<Query> {
    let cause = head.cause.unwrap_or(CauseId::NIL);
    vec![count_query(head, &cause), last_query(head, &cause), seqs_query(head, &cause, Some(1), 51)]
}
