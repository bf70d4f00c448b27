//! Guest codes (R19–R24).

use api_types::{GuestCodeKind, GuestCodeState, Recurrence};
use sqlx::{FromRow, QueryBuilder, Sqlite};
use uuid::Uuid;

use crate::names::Name;
use crate::{Cursor, Db, Error, Millis, Result, Scope, Tx};

/// A guest code without its digits.
#[derive(Clone, Debug, FromRow)]
pub struct GuestCodeRecord {
    /// The code's id.
    pub id: Uuid,
    /// The property.
    pub property_id: Uuid,
    /// The property's IANA zone.
    pub time_zone: String,
    /// The tenancy whose resident issued it; `None`: a manager did.
    pub tenancy_id: Option<Uuid>,
    kind: String,
    /// Whom it is for.
    pub guest_name: String,
    /// When it begins.
    pub starts_at: Option<Millis>,
    /// When it ends.
    pub ends_at: Option<Millis>,
    recurrence: Option<String>,
    /// Who issued it.
    pub issued_by: Uuid,
    /// Their name.
    pub issued_by_name: String,
    /// When.
    pub issued_at: Millis,
    state: String,
    /// 4 or 6.
    pub length: u8,
}

impl GuestCodeRecord {
    /// Which kind.
    pub fn kind(&self) -> GuestCodeKind {
        GuestCodeKind::of(&self.kind).expect("the column is checked")
    }

    /// Where it is in its life.
    pub fn state(&self) -> GuestCodeState {
        GuestCodeState::of(&self.state).expect("the column is checked")
    }

    /// Will it ever open a door again, as far as people decided?
    pub fn is_live_or_scheduled(&self) -> bool {
        matches!(self.state(), GuestCodeState::Scheduled | GuestCodeState::Live)
    }

    /// The daily window, for recurring ones.
    ///
    /// # Errors
    /// [`Error::Unknown`] when the column was edited by hand.
    pub fn recurrence(&self) -> Result<Option<Recurrence>> {
        let parse = |text: &String| serde_json::from_str(text).map_err(|_| Error::Unknown("a recurrence".into()));
        self.recurrence.as_ref().map(parse).transpose()
    }
}

const SELECT: &str = "SELECT guest_code.id, guest_code.property_id, property.time_zone, guest_code.tenancy_id, \
     guest_code.kind, guest_code.guest_name, guest_code.starts_at, guest_code.ends_at, guest_code.recurrence, \
     guest_code.issued_by, person.name AS issued_by_name, guest_code.issued_at, guest_code.state, code.length \
     FROM guest_code JOIN code ON code.id = guest_code.id JOIN property ON property.id = guest_code.property_id \
     JOIN person ON person.id = guest_code.issued_by WHERE TRUE";

/// What a guest code is stored with, beside its code.
pub struct NewGuestCode<'a> {
    /// The code's id.
    pub code_id: Uuid,
    /// The property.
    pub property_id: Uuid,
    /// The tenancy of the resident who issues it.
    pub tenancy_id: Option<Uuid>,
    /// Which kind.
    pub kind: GuestCodeKind,
    /// Whom it is for.
    pub guest_name: &'a str,
    /// When it begins.
    pub starts_at: Option<Millis>,
    /// When it ends.
    pub ends_at: Option<Millis>,
    /// For recurring ones.
    pub recurrence: Option<&'a Recurrence>,
    /// Who issues it.
    pub issued_by: Uuid,
    /// Where it is in its life.
    pub state: GuestCodeState,
    /// When a window opens or closes next.
    pub next_change_at: Option<Millis>,
}

/// Stores a guest code.
pub async fn insert(tx: &mut Tx, new: &NewGuestCode<'_>, now: Millis) -> Result<()> {
    let recurrence = new.recurrence.map(serde_json::to_string).transpose();
    let recurrence = recurrence.map_err(|error| Error::Unknown(error.to_string()))?;
    sqlx::query(
        "INSERT INTO guest_code (id, property_id, tenancy_id, kind, guest_name, starts_at, ends_at, recurrence, \
         issued_by, issued_at, state, next_change_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(new.code_id)
    .bind(new.property_id)
    .bind(new.tenancy_id)
    .bind(new.kind.name())
    .bind(new.guest_name)
    .bind(new.starts_at)
    .bind(new.ends_at)
    .bind(recurrence)
    .bind(new.issued_by)
    .bind(now)
    .bind(new.state.name())
    .bind(new.next_change_at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// One guest code in scope.
pub async fn get(db: &mut Db, scope: Scope, id: Uuid) -> Result<Option<GuestCodeRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" AND guest_code.id = ").push_bind(id);
    scope.push(&mut query, "guest_code.property_id", Some("guest_code.tenancy_id"));
    Ok(query.build_query_as().fetch_optional(db).await?)
}

/// Guest codes one of whose windows has opened or closed by `now`.
pub async fn due(db: &mut Db, now: Millis) -> Result<Vec<GuestCodeRecord>> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" AND guest_code.next_change_at <= ").push_bind(now);
    query.push(" ORDER BY guest_code.next_change_at, guest_code.id LIMIT 50");
    Ok(query.build_query_as().fetch_all(db).await?)
}

/// When a window of any guest code opens or closes next.
pub async fn next_change(db: &mut Db) -> Result<Option<Millis>> {
    Ok(sqlx::query_scalar("SELECT min(next_change_at) FROM guest_code WHERE next_change_at IS NOT NULL")
        .fetch_one(db)
        .await?)
}

/// Moves a guest code on in its life.
pub async fn set_state(tx: &mut Tx, id: Uuid, state: GuestCodeState, next_change_at: Option<Millis>) -> Result<()> {
    sqlx::query("UPDATE guest_code SET state = ?, next_change_at = ? WHERE id = ?")
        .bind(state.name())
        .bind(next_change_at)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// What to look for among guest codes. All given conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The property.
    pub property: Option<Uuid>,
    /// A door it opens.
    pub door: Option<Uuid>,
    /// Which kind.
    pub kind: Option<GuestCodeKind>,
    /// Where it is in its life.
    pub state: Option<GuestCodeState>,
    /// The resident who issued it.
    pub tenancy: Option<Uuid>,
}

const LIST: &str = "guest codes";

/// A page of guest codes, newest first, and the cursor of the next page.
///
/// # Errors
/// [`Error::BadCursor`].
pub async fn list(
    db: &mut Db,
    scope: Scope,
    filter: &Filter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<(Vec<GuestCodeRecord>, Option<String>)> {
    let before = cursor
        .map(|text| {
            let cursor = Cursor::parse(LIST, text)?;
            let at: Millis = cursor.key.parse().map_err(|_| Error::BadCursor)?;
            Ok::<_, Error>((at, cursor.id.parse::<Uuid>().map_err(|_| Error::BadCursor)?))
        })
        .transpose()?;
    let mut filter = filter.clone();
    if let (Scope::ManagedBy(person), None) = (scope, filter.property)
        && let [only] = crate::people::manages(db, person).await?[..]
    {
        // Says what the scope says anyhow, in a way that lets one index give the codes in their order.
        filter.property = Some(only);
    }
    let mut rows: Vec<GuestCodeRecord> =
        list_query(scope, &filter, before, i64::from(limit) + 1).build_query_as().fetch_all(db).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = more
        .then(|| rows.last().map(|row| Cursor { key: row.issued_at.to_string(), id: row.id.to_string() }.print(LIST)))
        .flatten();
    Ok((rows, next))
}

/// The query of [`list`]; also read by the test of query plans.
pub fn list_query(scope: Scope, filter: &Filter, before: Option<(Millis, Uuid)>, limit: i64) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(SELECT);
    scope.push(&mut query, "guest_code.property_id", Some("guest_code.tenancy_id"));
    if let Some(property) = filter.property {
        query.push(" AND guest_code.property_id = ").push_bind(property);
    }
    if let Some(tenancy) = filter.tenancy {
        query.push(" AND guest_code.tenancy_id = ").push_bind(tenancy);
    }
    if let Some(door) = filter.door {
        query.push(
            " AND EXISTS (SELECT 1 FROM placement WHERE placement.code_id = guest_code.id AND placement.door_id = ",
        );
        query.push_bind(door).push(")");
    }
    if let Some(kind) = filter.kind {
        query.push(" AND guest_code.kind = ").push_bind(kind.name());
    }
    if let Some(state) = filter.state {
        query.push(" AND guest_code.state = ").push_bind(state.name());
    }
    if let Some((at, id)) = before {
        query.push(" AND (guest_code.issued_at, guest_code.id) < (").push_bind(at).push(", ").push_bind(id).push(")");
    }
    query.push(" ORDER BY guest_code.issued_at DESC, guest_code.id DESC LIMIT ").push_bind(limit);
    query
}
