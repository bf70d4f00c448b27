//! Guest codes (R19–R24).

use api_types::{GuestCodeKind, GuestCodeState, Named, PlacementStatus, Recurrence};
use ids::{CodeId, GuestCodeId, PersonId, PropertyId, TenancyId, UnitId};
use rusqlite::params;

use crate::placements::OnLock;
use crate::words::{self, fold};
use crate::{Cursor, Db, Error, Millis, Query, Result, Scope, Tx, people, sql};

/// How a guest code's windows were when they were last looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowState {
    /// None is open, and none opens soon: the code isn't wanted on its locks.
    Closed,
    /// None is open, and one opens so soon that the code is wanted on its locks (R44).
    Soon,
    /// One is open: the code is wanted on its locks.
    Open,
}

impl WindowState {
    /// Whether the code is wanted on its locks.
    pub fn is_wanted(self) -> bool {
        self != Self::Closed
    }
}

impl Named for WindowState {
    const ALL: &'static [Self] = &[Self::Closed, Self::Soon, Self::Open];

    fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Soon => "soon",
            Self::Open => "open",
        }
    }
}

/// A guest code without its digits.
#[derive(Clone, Debug)]
pub struct GuestCodeRecord {
    /// The code's id.
    pub id: GuestCodeId,
    /// The property.
    pub property_id: PropertyId,
    /// The property's IANA zone.
    pub time_zone: String,
    /// The tenancy whose resident issued it; `None` if a manager did.
    pub tenancy_id: Option<TenancyId>,
    kind: GuestCodeKind,
    /// Who it is for.
    pub guest_name: String,
    /// What the issuer's own papers call it (R45).
    pub reference: Option<String>,
    /// When it starts.
    pub starts_at: Option<Millis>,
    /// When it ends.
    pub ends_at: Option<Millis>,
    recurrence: Option<Recurrence>,
    /// Who issued it.
    pub issued_by: PersonId,
    /// Their name.
    pub issued_by_name: String,
    /// When.
    pub issued_at: Millis,
    state: GuestCodeState,
    window: WindowState,
    /// How long before a window begins the code may be sent to locks, as the property has it (R44).
    pub lead_minutes: u32,
    /// 4 or 6.
    pub length: u8,
    /// The `ETag`: incremented when somebody changes it (R43).
    pub version: i64,
}

sql::from_row!(GuestCodeRecord {
    id,
    property_id,
    time_zone,
    tenancy_id,
    kind as Named,
    guest_name,
    reference,
    starts_at as Moment,
    ends_at as Moment,
    recurrence as Json,
    issued_by,
    issued_by_name,
    issued_at as Moment,
    state as Named,
    window as Named,
    lead_minutes,
    length as CodeLength,
    version,
});

impl GuestCodeRecord {
    /// Which kind.
    pub fn kind(&self) -> GuestCodeKind {
        self.kind
    }

    /// Its stage of life.
    pub fn state(&self) -> GuestCodeState {
        self.state
    }

    /// How its windows were when they were last looked at.
    pub fn window(&self) -> WindowState {
        self.window
    }

    /// Whether it may still open a door, as far as people have decided.
    pub fn is_live_or_scheduled(&self) -> bool {
        matches!(self.state, GuestCodeState::Scheduled | GuestCodeState::Live)
    }

    /// The daily window of a recurring code.
    pub fn recurrence(&self) -> Option<&Recurrence> {
        self.recurrence.as_ref()
    }
}

macro_rules! from {
    () => {
        " FROM guest_code JOIN code ON code.id = guest_code.id JOIN property ON property.id = guest_code.property_id \
         JOIN person ON person.id = guest_code.issued_by WHERE TRUE"
    };
}

const SELECT: &str = concat!(
    "SELECT guest_code.id, guest_code.property_id, property.time_zone, guest_code.tenancy_id, guest_code.kind, \
     guest_code.guest_name, guest_code.reference, guest_code.starts_at, guest_code.ends_at, guest_code.recurrence, guest_code.issued_by, \
     coalesce((SELECT tenancy.name FROM tenancy WHERE tenancy.id = guest_code.tenancy_id \
     AND tenancy.person_id = guest_code.issued_by), person.name) AS issued_by_name, guest_code.issued_at, guest_code.state, \
     guest_code.window_state AS window, property.guest_code_lead_minutes AS lead_minutes, code.length, guest_code.version",
    from!()
);

/// How long before a window begins a property sends guest codes, in milliseconds.
macro_rules! lead {
    () => {
        "property.guest_code_lead_minutes * 60000"
    };
}

/// Reads what it is told from the guest codes whose windows go on, property by property: there are few, and each finds its
/// own by the index.
macro_rules! of_properties {
    ($select:literal) => {
        concat!(
            $select,
            " FROM property CROSS JOIN guest_code ON guest_code.property_id = property.id \
             WHERE next_change_at IS NOT NULL"
        )
    };
}

/// A guest code to be stored, beside its code.
pub struct NewGuestCode<'a> {
    /// The code's id.
    pub code_id: CodeId,
    /// The property.
    pub property_id: PropertyId,
    /// The tenancy of the resident who issues it.
    pub tenancy_id: Option<TenancyId>,
    /// Which kind.
    pub kind: GuestCodeKind,
    /// Who it is for.
    pub guest_name: &'a str,
    /// What the issuer's own papers call it (R45).
    pub reference: Option<&'a str>,
    /// When it starts.
    pub starts_at: Option<Millis>,
    /// When it ends.
    pub ends_at: Option<Millis>,
    /// The daily window of a recurring code.
    pub recurrence: Option<&'a Recurrence>,
    /// Who issues it.
    pub issued_by: PersonId,
    /// Its stage of life.
    pub state: GuestCodeState,
    /// How its windows are.
    pub window: WindowState,
    /// When a window next opens or closes.
    pub next_change_at: Option<Millis>,
}

/// How many guest codes that are scheduled or live the residents of a unit have.
pub fn in_force_of_unit(db: &Db, unit_id: UnitId) -> Result<u32> {
    let sql = "SELECT count(*) FROM tenancy JOIN guest_code ON guest_code.tenancy_id = tenancy.id \
               WHERE tenancy.unit_id = ? AND guest_code.state IN ('scheduled', 'live')";
    sql::value(db, sql, [unit_id])
}

/// Stores a guest code. Returns its id, which is also the code's.
pub fn insert(tx: &Tx, new: &NewGuestCode<'_>, now: Millis) -> Result<GuestCodeId> {
    let recurrence = new.recurrence.map(serde_json::to_string).transpose();
    let recurrence = recurrence.map_err(|error| Error::Unreadable(error.to_string()))?;
    sql::execute(
        tx,
        "INSERT INTO guest_code (id, property_id, tenancy_id, kind, guest_name, reference, starts_at, ends_at, \
         recurrence, issued_by, issued_at, state, window_state, next_change_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            new.code_id,
            new.property_id,
            new.tenancy_id,
            new.kind.name(),
            new.guest_name,
            new.reference,
            new.starts_at,
            new.ends_at,
            recurrence,
            new.issued_by,
            now,
            new.state.name(),
            new.window.name(),
            new.next_change_at
        ],
    )?;
    Ok(GuestCodeId::of_code(new.code_id))
}

/// One guest code in scope.
pub fn get(db: &Db, scope: Scope, id: GuestCodeId) -> Result<Option<GuestCodeRecord>> {
    let mut query = Query::new(SELECT);
    query.push(" AND guest_code.id = ").bind(id);
    scope.push_for_few(&mut query, "guest_code.property_id", Some("guest_code.tenancy_id"));
    query.optional(db)
}

/// The guest code that this code is; `None` if it is a resident's.
pub fn of_code(db: &Db, code_id: CodeId) -> Result<Option<GuestCodeRecord>> {
    get(db, Scope::Everything, GuestCodeId::of_code(code_id))
}

/// Guest codes whose windows are to be looked at, one by one: one has opened or closed by `now`, or the code is to be sent to
/// its locks before one opens (R44), or to be taken off them because its property now sends codes later.
///
/// How early a property sends codes is read here, and kept with no code: so changing that for a property takes effect at once,
/// however many codes it has.
pub fn due(db: &Db, now: Millis) -> Result<Vec<GuestCodeId>> {
    let sql = "SELECT id FROM guest_code WHERE next_change_at <= ? ORDER BY next_change_at, id LIMIT 50";
    let mut due: Vec<GuestCodeId> = sql::ids(db, sql, [now])?;
    for query in [to_send_query(now), sent_too_early_query(now)] {
        for id in query.ids(db)? {
            if !due.contains(&id) {
                due.push(id);
            }
        }
    }
    Ok(due)
}

/// The codes of [`due`] that are to be sent before their window opens; also used by the query-plan test.
pub fn to_send_query(now: Millis) -> Query {
    let mut query = Query::new(concat!(of_properties!("SELECT guest_code.id"), " AND window_state = 'closed' "));
    query.push("AND next_change_at <= ").bind(now).push(concat!(" + ", lead!(), " LIMIT 50"));
    query
}

/// The codes of [`due`] that are on their locks before their property would send them now; also used by the query-plan test.
pub fn sent_too_early_query(now: Millis) -> Query {
    let mut query = Query::new(concat!(of_properties!("SELECT guest_code.id"), " AND window_state = 'soon' "));
    query.push("AND next_change_at > ").bind(now).push(concat!(" + ", lead!(), " LIMIT 50"));
    query
}

/// When the windows of some guest code are next to be looked at; at `now` or earlier if that is due.
pub fn next_change(db: &Db, now: Millis) -> Result<Option<Millis>> {
    let edge = sql::value(db, "SELECT min(next_change_at) FROM guest_code WHERE next_change_at IS NOT NULL", [])?;
    let sent = next_sent_query().optional_value::<Option<Millis>>(db)?.flatten();
    let too_early = sent_too_early_query(now).ids::<GuestCodeId>(db)?.first().map(|_| now);
    Ok([edge, sent, too_early].into_iter().flatten().min())
}

/// When some guest code is next to be sent before its window opens; also used by the query-plan test.
pub fn next_sent_query() -> Query {
    Query::new(concat!(
        "SELECT min((SELECT min(next_change_at) FROM guest_code WHERE property_id = property.id \
         AND window_state = 'closed' AND next_change_at IS NOT NULL) - ",
        lead!(),
        ") FROM property"
    ))
}

/// What of a guest code is set when somebody changes it.
pub struct ChangedGuestCode<'a> {
    /// When it starts.
    pub starts_at: Option<Millis>,
    /// When it ends.
    pub ends_at: Option<Millis>,
    /// The daily window of a recurring code.
    pub recurrence: Option<&'a Recurrence>,
    /// What the issuer's own papers call it (R45).
    pub reference: Option<&'a str>,
}

/// Changes a guest code (R43) and increments its version. What follows for its state and on its locks is another matter:
/// [`set_state`] and [`crate::placements::set_wanted`].
pub fn change(tx: &Tx, id: GuestCodeId, changed: &ChangedGuestCode<'_>) -> Result<()> {
    let recurrence = changed.recurrence.map(serde_json::to_string).transpose();
    let recurrence = recurrence.map_err(|error| Error::Unreadable(error.to_string()))?;
    sql::execute(
        tx,
        "UPDATE guest_code SET starts_at = ?, ends_at = ?, recurrence = ?, reference = ?, version = version + 1 WHERE id = ?",
        params![changed.starts_at, changed.ends_at, recurrence, changed.reference, id],
    )?;
    Ok(())
}

/// Moves a guest code to another state: its own, and that of its windows.
pub fn set_state(
    tx: &Tx,
    id: GuestCodeId,
    state: GuestCodeState,
    window: WindowState,
    next_change_at: Option<Millis>,
) -> Result<()> {
    sql::execute(
        tx,
        "UPDATE guest_code SET state = ?, window_state = ?, next_change_at = ? WHERE id = ?",
        params![state.name(), window.name(), next_change_at, id],
    )?;
    Ok(())
}

/// Ends a guest code that hasn't ended yet, whatever else its record says. Returns whether there was one to end.
pub fn end_if_live(tx: &Tx, id: GuestCodeId, state: GuestCodeState) -> Result<bool> {
    let ended = sql::execute(
        tx,
        "UPDATE guest_code SET state = ?, window_state = 'closed', next_change_at = NULL \
         WHERE id = ? AND state IN ('scheduled', 'live')",
        params![state.name(), id],
    )?;
    Ok(ended > 0)
}

/// Sets aside a guest code whose record is damaged: nothing is due for it any more, and it opens nothing.
pub fn set_aside(tx: &Tx, id: GuestCodeId) -> Result<()> {
    let sql = "UPDATE guest_code SET window_state = 'closed', next_change_at = NULL WHERE id = ?";
    sql::execute(tx, sql, [id]).map(|_| ())
}

/// Takes up a guest code again that was set aside and can be read now: what it should be at `now` is due.
pub fn take_up(tx: &Tx, id: GuestCodeId, now: Millis) -> Result<()> {
    let sql = "UPDATE guest_code SET next_change_at = ? WHERE id = ? AND state IN ('scheduled', 'live')";
    sql::execute(tx, sql, params![now, id]).map(|_| ())
}

/// Whether there is such a guest code in scope, whatever else its record says.
pub fn exists(db: &Db, scope: Scope, id: GuestCodeId) -> Result<bool> {
    let mut query = Query::new("SELECT guest_code.id FROM guest_code WHERE guest_code.id = ");
    query.bind(id);
    scope.push(&mut query, "guest_code.property_id", Some("guest_code.tenancy_id"));
    Ok(!query.ids::<GuestCodeId>(db)?.is_empty())
}

/// Who issued it.
pub fn issued_by(db: &Db, id: GuestCodeId) -> Result<Option<PersonId>> {
    sql::optional_value(db, "SELECT issued_by FROM guest_code WHERE id = ?", [id])
}

/// Every guest code issued under a tenancy, with whom it is for.
pub fn names_of_tenancy(db: &Db, tenancy_id: TenancyId) -> Result<Vec<(GuestCodeId, String)>> {
    sql::all(db, "SELECT id, guest_name FROM guest_code WHERE tenancy_id = ?", [tenancy_id])
}

/// The guest codes issued under a tenancy that open something now or later.
pub fn live_of_tenancy(db: &Db, tenancy_id: TenancyId) -> Result<Vec<GuestCodeId>> {
    let sql = "SELECT id FROM guest_code WHERE tenancy_id = ? AND state IN ('scheduled', 'live')";
    sql::values(db, sql, [tenancy_id])
}

/// Guest codes that open something now or later although their issuer, one person or anybody, no longer has the right
/// to issue them: somebody who was disabled, a resident with no current tenancy there, a manager who lost the property.
pub fn without_right(db: &Db, issued_by: Option<PersonId>, now: Millis) -> Result<Vec<GuestCodeId>> {
    without_right_query(issued_by, now).ids(db)
}

/// The query behind [`without_right`], also used by the query-plan test.
pub fn without_right_query(issued_by: Option<PersonId>, now: Millis) -> Query {
    let mut query = Query::new(
        "SELECT guest_code.id FROM guest_code JOIN person ON person.id = guest_code.issued_by \
         LEFT JOIN tenancy ON tenancy.id = guest_code.tenancy_id \
         WHERE guest_code.state IN ('scheduled', 'live') AND (person.disabled_at IS NOT NULL \
         OR CASE WHEN guest_code.tenancy_id IS NULL THEN NOT EXISTS (SELECT 1 FROM manages \
             WHERE manages.person_id = guest_code.issued_by AND manages.property_id = guest_code.property_id) \
         ELSE tenancy.ended_at IS NOT NULL OR tenancy.starts_at > ",
    );
    query.bind(now).push(" OR coalesce(tenancy.ends_at <= ").bind(now).push(", 0) END)");
    if let Some(person) = issued_by {
        query.push(" AND guest_code.issued_by = ").bind(person);
    }
    query.push(" LIMIT 500");
    query
}

/// What to look for among guest codes. All given conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The property.
    pub property: Option<PropertyId>,
    /// Which kind.
    pub kind: Option<GuestCodeKind>,
    /// Its stage of life.
    pub state: Option<GuestCodeState>,
    /// The worst of its statuses on the locks.
    pub worst: Option<PlacementStatus>,
    /// What one of its placements is like; a door it opens.
    pub on_lock: OnLock,
    /// The resident who issued it.
    pub tenancy: Option<TenancyId>,
    /// Parts of the guest's name or the reference, in any order, case and accents (R42); any if empty.
    pub guest: String,
}

/// How many records a search by name reads at a time.
const SEARCHED: u32 = 200;

const LIST: &str = "guest codes";

/// A page of the readable guest codes, newest first, and the cursor of the next page.
///
/// # Errors
/// [`Error::BadCursor`].
pub fn list(
    db: &Db,
    scope: Scope,
    filter: &Filter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<(Vec<GuestCodeRecord>, Option<String>)> {
    let before = cursor.map(|text| position(&Cursor::parse(LIST, text)?)).transpose()?;
    let mut filter = filter.clone();
    if let (Scope::ManagedBy(person), None) = (scope, filter.property)
        && let [only] = people::manages(db, person)?[..]
    {
        // Repeats what the scope says anyway, in a form that lets one index return the codes in order.
        filter.property = Some(only);
    }
    let (page, next) = if filter.guest.trim().is_empty() {
        list_query(scope, &filter, before, i64::from(limit) + 1).page(db, "issued_at", limit)?
    } else {
        search_page(db, scope, &filter, before, limit)?
    };
    Ok((page, next.map(|next| next.print(LIST))))
}

/// Those with the words in the guest's name or the reference. They are compared here, since SQLite folds ASCII letters only.
fn search_page(
    db: &Db,
    scope: Scope,
    filter: &Filter,
    mut before: Option<(Millis, GuestCodeId)>,
    limit: u32,
) -> Result<(Vec<GuestCodeRecord>, Option<Cursor>)> {
    let wanted = words::wanted(&filter.guest);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut found: Vec<GuestCodeRecord> = Vec::new();
    loop {
        let query = list_query(scope, filter, before, i64::from(SEARCHED) + 1);
        let (batch, next) = query.page::<GuestCodeRecord>(db, "issued_at", SEARCHED)?;
        for record in batch {
            let text = fold(&format!("{}\n{}", record.guest_name, record.reference.as_deref().unwrap_or_default()));
            if wanted.is_empty() || !wanted.iter().all(|word| text.contains(word)) {
                continue;
            }
            if found.len() == limit {
                let last = found.last().map(|last| Cursor { key: last.issued_at.to_string(), id: last.id.to_string() });
                return Ok((found, last));
            }
            found.push(record);
        }
        let Some(next) = next else { return Ok((found, None)) };
        before = Some(position(&next)?);
    }
}

/// Where a page ended.
fn position(cursor: &Cursor) -> Result<(Millis, GuestCodeId)> {
    let at = cursor.key.parse().map_err(|_| Error::BadCursor)?;
    Ok((at, cursor.id.parse().map_err(|_| Error::BadCursor)?))
}

/// The query behind [`list`], also used by the query-plan test.
pub fn list_query(scope: Scope, filter: &Filter, before: Option<(Millis, GuestCodeId)>, limit: i64) -> Query {
    let mut query = Query::new(SELECT);
    scope.push(&mut query, "guest_code.property_id", Some("guest_code.tenancy_id"));
    match (scope, filter) {
        (Scope::ManagedBy(person), Filter { property: None, tenancy: None, .. }) => {
            // Takes the newest of each property, which an index returns in order; otherwise every code of every
            // property would be sorted for one page. The tables are named again because a joined subquery can't refer
            // to what it is joined to.
            query.push(
                " AND guest_code.id IN (SELECT page.id FROM manages CROSS JOIN guest_code AS page ON page.id IN (",
            );
            query.push(concat!("SELECT guest_code.id", from!(), " AND guest_code.property_id = manages.property_id"));
            push_page(&mut query, filter, before, limit);
            query.push(") WHERE manages.person_id = ").bind(person).push(")");
            query.push(NEWEST_FIRST).bind(limit);
        }
        _ => push_page(&mut query, filter, before, limit),
    }
    query
}

const NEWEST_FIRST: &str = " ORDER BY guest_code.issued_at DESC, guest_code.id DESC LIMIT ";

/// Adds the filter's conditions and the end of the query.
fn push_page(query: &mut Query, filter: &Filter, before: Option<(Millis, GuestCodeId)>, limit: i64) {
    if let Some(property) = filter.property {
        query.push(" AND guest_code.property_id = ").bind(property);
    }
    if let Some(tenancy) = filter.tenancy {
        query.push(" AND guest_code.tenancy_id = ").bind(tenancy);
    }
    if filter.on_lock.is_any() {
        query.push(" AND EXISTS (SELECT 1 FROM placement WHERE placement.code_id = guest_code.id");
        filter.on_lock.push(query);
        query.push(")");
    }
    if let Some(worst) = filter.worst {
        query.push(" AND code.status = ").bind(worst.name());
    }
    if let Some(kind) = filter.kind {
        query.push(" AND guest_code.kind = ").bind(kind.name());
    }
    if let Some(state) = filter.state {
        query.push(" AND guest_code.state = ").bind(state.name());
    }
    if let Some((at, id)) = before {
        query.push(" AND (guest_code.issued_at, guest_code.id) < (").bind(at).push(", ").bind(id).push(")");
    }
    query.push(NEWEST_FIRST).bind(limit);
}
