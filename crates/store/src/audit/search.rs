//! Searching the log, page by page.

use std::ops::RangeInclusive;

use api_types::{Action, MaybeKnown, Outcome};
use ids::{DoorId, PersonId, PropertyId, TenancyId};

use super::event::EventRecord;
use super::index::{self, Condition};
use super::read::newest;
use super::terms::Term;
use crate::{Cursor, Db, Error, Millis, Query, Result, Scope, people};

/// What to look for in the log. All given conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The person who acted.
    pub actor: Option<PersonId>,
    /// What was done.
    pub action: Option<Actions>,
    /// The property.
    pub property: Option<PropertyId>,
    /// The tenancy it is about.
    pub resident: Option<TenancyId>,
    /// The door it is about.
    pub door: Option<DoorId>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Words, each of which some word of the event must start with.
    pub words: Option<String>,
    /// At or after.
    pub from: Option<Millis>,
    /// Before.
    pub to: Option<Millis>,
    /// Of what belongs together, the first event alone: [`super::parts`] tells what belongs to it.
    pub heads: bool,
}

/// One action, or a family of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Actions {
    /// This one.
    One(MaybeKnown<Action>),
    /// All that begin so; it ends in a dot.
    Family(String),
}

impl Actions {
    /// How it is written.
    pub fn name(&self) -> &str {
        match self {
            Self::One(action) => action.name(),
            Self::Family(family) => family,
        }
    }
}

impl From<Action> for Actions {
    fn from(action: Action) -> Self {
        Self::One(action.into())
    }
}

impl From<String> for Actions {
    fn from(text: String) -> Self {
        if text.ends_with('.') { Self::Family(text) } else { Self::One(text.into()) }
    }
}

const LIST: &str = "audit";

/// A page of the readable events, newest first, and the cursor of the next page.
///
/// # Errors
/// [`Error::BadCursor`].
pub fn list(
    db: &Db,
    scope: Scope,
    filter: &Filter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<(Vec<EventRecord>, Option<String>)> {
    let before =
        cursor.map(|text| Cursor::parse(LIST, text)?.id.parse::<i64>().map_err(|_| Error::BadCursor)).transpose()?;
    let range = range(db, filter, before)?;
    let Some(conditions) = conditions(db, scope, filter)? else { return Ok((Vec::new(), None)) };
    let mut seqs = index::find(db, range, &conditions, limit as usize + 1)?;
    let more = seqs.len() > limit as usize;
    seqs.truncate(limit as usize);
    let next =
        more.then(|| seqs.last().map(|seq| Cursor { key: String::new(), id: seq.to_string() }.print(LIST))).flatten();
    Ok((page_query(scope, &seqs).all_readable(db)?, next))
}

/// The range of events a page can be made of, by their numbers. `at` never goes back, so a range of time is a range of
/// `seq`.
fn range(db: &Db, filter: &Filter, before: Option<i64>) -> Result<RangeInclusive<i64>> {
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

/// The conditions on an event, the most selective first; `None` where no event can match, as in a property that
/// somebody else manages.
fn conditions(db: &Db, scope: Scope, filter: &Filter) -> Result<Option<Vec<Condition>>> {
    let (actions, families): (Vec<_>, Vec<_>) =
        filter.action.iter().partition(|actions| matches!(actions, Actions::One(_)));
    let action = |actions: &Actions| Term::action(actions.name());
    let terms = [filter.resident.map(Term::resident), filter.actor.map(Term::actor), filter.door.map(Term::door)]
        .into_iter()
        .flatten()
        .chain(actions.into_iter().map(action))
        .chain(filter.outcome.map(|outcome| Term::outcome(outcome.name())))
        .chain(families.into_iter().map(action));
    let mut conditions: Vec<Condition> = terms.map(|term| Condition::OneOf(vec![term])).collect();
    conditions.extend(filter.words.iter().flat_map(|words| Term::words(words)).map(Condition::WordFrom));
    let within = match scope {
        Scope::Everything | Scope::Tenancy(_) | Scope::LivesIn(..) => filter.property.map(|property| vec![property]),
        Scope::ManagedBy(person) => {
            let mut managed = people::manages(db, person)?;
            managed.retain(|property| filter.property.is_none_or(|wanted| wanted == *property));
            if managed.is_empty() {
                return Ok(None);
            }
            Some(managed)
        }
    };
    conditions.extend(within.map(|within| Condition::OneOf(within.into_iter().map(Term::property).collect())));
    if filter.heads {
        conditions.push(Condition::Not(Term::part()));
    }
    if let Scope::Tenancy(resident) = scope {
        conditions.insert(0, Condition::OneOf(vec![Term::resident(resident)]));
    }
    Ok(Some(conditions))
}

/// The query for the events of a page, newest first. It applies the scope again: the index is not trusted for that
/// (R33).
pub(super) fn page_query(scope: Scope, seqs: &[i64]) -> Query {
    let mut query = Query::new("SELECT audit.* FROM audit WHERE seq IN (SELECT value FROM json_each(");
    query.bind(index::json(seqs)).push("))");
    scope.push(&mut query, "property_id", Some("resident_id"));
    query.push(" ORDER BY seq DESC");
    query
}

/// The queries that [`list`] makes, for the query-plan test.
pub fn list_queries(db: &Db, scope: Scope, filter: &Filter) -> Result<Vec<Query>> {
    let conditions = conditions(db, scope, filter)?.unwrap_or_default();
    let sets = conditions.iter().map(|condition| index::sets_query(condition, [0].iter()));
    Ok([newest_before(0), oldest_from(0)].into_iter().chain(sets).chain([page_query(scope, &[])]).collect())
}
