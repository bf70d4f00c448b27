//! Codes: sealed digits and what is known about them.

use access_code::Code;
use api_types::{CodeOrigin, PlacementStatus};
use ids::{CodeId, GuestCodeId, PropertyId, TenancyId};
use rusqlite::params;

use crate::doors::push_ids;
use crate::placements;
use crate::vault::{CodeAddress, SealedCode};
use crate::{Db, Millis, Query, Result, Tx, Vault, sql};

/// A code without its digits.
#[derive(Clone)]
pub struct CodeRecord {
    /// The code's id.
    pub id: CodeId,
    /// The property.
    pub property_id: PropertyId,
    /// The tenancy that the code, or the guest it is for, belongs to; `None` for a manager's guest.
    pub tenancy_id: Option<TenancyId>,
    /// `resident` or `guest`.
    pub holder: String,
    origin: CodeOrigin,
    /// 4 or 6.
    pub length: u8,
    sealed: Vec<u8>,
    key_version: i64,
    status: PlacementStatus,
    /// When the holder got it.
    pub created_at: Millis,
    /// When it ended; `None` while it is in force.
    pub ended_at: Option<Millis>,
}

sql::from_row!(CodeRecord {
    id,
    property_id,
    tenancy_id,
    holder,
    origin as Named,
    length as CodeLength,
    sealed,
    key_version,
    status as Named,
    created_at as Moment,
    ended_at,
});

impl CodeRecord {
    /// Random or custom.
    pub fn origin(&self) -> CodeOrigin {
        self.origin
    }

    /// The status that people see: the worst of its placements (R26).
    pub fn status(&self) -> PlacementStatus {
        self.status
    }
}

/// A code to be stored.
pub struct NewCode<'a> {
    /// The property.
    pub property_id: PropertyId,
    /// The tenancy, for a resident's own code and for a resident's guest.
    pub tenancy_id: Option<TenancyId>,
    /// Whether it is for a guest rather than the resident.
    pub guest: bool,
    /// Random or custom.
    pub origin: CodeOrigin,
    /// The digits.
    pub code: &'a Code,
}

/// Seals and stores a code that is on no lock yet. Returns its id.
pub fn insert(tx: &Tx, new: &NewCode<'_>, now: Millis) -> Result<CodeId> {
    let id = CodeId::generate();
    let address = CodeAddress { property_id: new.property_id, code_id: id };
    let sealed = tx.seal(address, new.code)?;
    sql::execute(
        tx,
        "INSERT INTO code (id, property_id, tenancy_id, holder, origin, length, sealed, key_version, status, created_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'removed', ?)",
        params![
            id,
            new.property_id,
            new.tenancy_id,
            if new.guest { "guest" } else { "resident" },
            new.origin.name(),
            new.code.length().digits() as i64,
            sealed.bytes,
            sealed.key_version,
            now
        ],
    )?;
    Ok(id)
}

/// A code by its id. Checking who may see it is up to the caller: see `tenancy_id` and `property_id`.
pub fn get(db: &Db, id: CodeId) -> Result<Option<CodeRecord>> {
    sql::optional(db, "SELECT * FROM code WHERE id = ?", [id])
}

/// Those of these codes that exist and can be read.
pub fn by_ids(db: &Db, ids: &[CodeId]) -> Result<Vec<CodeRecord>> {
    let mut query = Query::new("SELECT * FROM code WHERE TRUE");
    push_ids(&mut query, "id", ids);
    query.all_readable(db)
}

/// The code's digits.
///
/// # Errors
/// [`crate::Error::Sealed`] when it doesn't open.
pub fn open(vault: &Vault, db: &Db, record: &CodeRecord) -> Result<Code> {
    let address = CodeAddress { property_id: record.property_id, code_id: record.id };
    let sealed = SealedCode { key_version: record.key_version, bytes: record.sealed.clone() };
    vault.open(db, address, &sealed)
}

/// Sets a code's origin: a resident who picks the digits they already have keeps the code, which then counts as picked.
pub fn set_origin(tx: &Tx, id: CodeId, origin: CodeOrigin, now: Millis) -> Result<()> {
    sql::execute(tx, "UPDATE code SET origin = ?, created_at = ? WHERE id = ?", params![origin.name(), now, id])?;
    sql::execute(
        tx,
        "UPDATE tenancy SET code_origin = ?, code_changed_at = ? WHERE code_id = ?",
        params![origin.name(), now, id],
    )?;
    Ok(())
}

/// Marks a code as ended. Taking it off the locks is up to [`placements::set_wanted`].
pub fn end(tx: &Tx, id: CodeId, now: Millis) -> Result<()> {
    sql::execute(tx, "UPDATE code SET ended_at = ? WHERE id = ? AND ended_at IS NULL", params![now, id])?;
    placements::release_fingerprints(tx, id)
}

/// The tenancy's newest resident code, other than `current`, that some lock may still hold.
pub fn previous(db: &Db, tenancy_id: TenancyId, current: CodeId) -> Result<Option<CodeRecord>> {
    sql::optional(
        db,
        "SELECT * FROM code WHERE tenancy_id = ? AND holder = 'resident' AND id <> ? \
         AND EXISTS (SELECT 1 FROM placement WHERE placement.code_id = code.id AND placement.slot IS NOT NULL) \
         ORDER BY created_at DESC, id DESC LIMIT 1",
        params![tenancy_id, current],
    )
}

/// A code of a tenancy other than the resident's current or last one.
#[derive(Clone, Debug)]
pub struct OtherCode {
    /// The code.
    pub id: CodeId,
    /// The tenancy.
    pub tenancy_id: TenancyId,
    /// Whom it is for, if it is a guest's.
    pub guest_name: Option<String>,
}

sql::from_row!(OtherCode { id, tenancy_id, guest_name });

/// The other codes of these tenancies that a lock may still hold: those that the residents had before and, where the
/// tenancy has ended, their guests'.
pub fn others_on_locks(db: &Db, tenancy_ids: &[TenancyId]) -> Result<Vec<OtherCode>> {
    others_on_locks_query(tenancy_ids).all_readable(db)
}

/// The query behind [`others_on_locks`], also used by the query-plan test.
pub fn others_on_locks_query(tenancy_ids: &[TenancyId]) -> Query {
    let mut query = Query::new(
        "SELECT code.id, code.tenancy_id, guest_code.guest_name FROM code JOIN tenancy ON tenancy.id = code.tenancy_id \
         LEFT JOIN guest_code ON guest_code.id = code.id WHERE code.id <> tenancy.code_id \
         AND (code.holder = 'resident' OR tenancy.ended_at IS NOT NULL) AND EXISTS (SELECT 1 FROM placement \
         WHERE placement.code_id = code.id AND placement.state <> 'removed' \
         AND (placement.wanted OR placement.state <> 'pending'))",
    );
    push_ids(&mut query, "code.tenancy_id", tenancy_ids);
    query.push(" ORDER BY code.id DESC");
    query
}

/// The ids of a tenancy's codes, the resident's own and their guests', that haven't ended or that a lock should keep
/// until a replacement is confirmed; the newest first, as one that may have been written over another is to be told so
/// before the other is.
pub fn live_of_tenancy(db: &Db, tenancy_id: TenancyId) -> Result<Vec<CodeId>> {
    sql::values(
        db,
        "SELECT id FROM code WHERE tenancy_id = ? AND (ended_at IS NULL \
         OR EXISTS (SELECT 1 FROM placement WHERE placement.code_id = code.id AND placement.wanted)) \
         ORDER BY rowid DESC",
        [tenancy_id],
    )
}

/// Up to `limit` codes that haven't ended, in order of id from just after `after`: each with its property and whether
/// it is a guest's.
pub fn in_force_after(db: &Db, after: CodeId, limit: u32) -> Result<Vec<(CodeId, PropertyId, bool)>> {
    sql::all(
        db,
        "SELECT id, property_id, holder = 'guest' FROM code WHERE id > ? AND ended_at IS NULL ORDER BY id LIMIT ?",
        params![after, limit],
    )
}

/// Whose code it is, for the audit log.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The code.
    pub code_id: CodeId,
    /// The property.
    pub property_id: PropertyId,
    /// The tenancy.
    pub tenancy_id: Option<TenancyId>,
    /// Whether it is a guest's.
    pub guest: bool,
    /// The resident's or guest's name.
    pub name: String,
    /// The resident's unit.
    pub unit: Option<String>,
}

sql::from_row!(Holder { code_id, property_id, tenancy_id, guest, name, unit });

impl Holder {
    /// The guest code, if it is one.
    pub fn guest_code(&self) -> Option<GuestCodeId> {
        self.guest.then(|| GuestCodeId::of_code(self.code_id))
    }
}

/// Whose code it is.
pub fn holder(db: &Db, code_id: CodeId) -> Result<Option<Holder>> {
    sql::optional(
        db,
        "SELECT code.id AS code_id, code.property_id, code.tenancy_id, code.holder = 'guest' AS guest, \
         coalesce(guest_code.guest_name, tenancy.name, '') AS name, unit.name AS unit \
         FROM code LEFT JOIN guest_code ON guest_code.id = code.id LEFT JOIN tenancy ON tenancy.id = code.tenancy_id \
         LEFT JOIN unit ON unit.id = tenancy.unit_id WHERE code.id = ?",
        [code_id],
    )
}
