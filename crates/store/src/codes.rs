//! Codes: sealed digits with what is known of them.

use access_code::Code;
use api_types::{CodeOrigin, PlacementStatus};
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use crate::doors::push_ids;
use crate::names::Name;
use crate::placements::{self, PlacementRecord};
use crate::vault::{CodeAddress, SealedCode};
use crate::{Db, Millis, Result, Store, Tx, instant};

/// A code without its digits.
#[derive(Clone, FromRow)]
pub struct CodeRecord {
    /// The code's id.
    pub id: Uuid,
    /// The property.
    pub property_id: Uuid,
    /// The tenancy whose code or whose guest's code it is; `None` for a manager's guest.
    pub tenancy_id: Option<Uuid>,
    /// `resident` or `guest`.
    pub holder: String,
    origin: String,
    /// 4 or 6.
    pub length: u8,
    sealed: Vec<u8>,
    key_version: i64,
    status: String,
    /// When it became the holder's.
    pub created_at: Millis,
    /// When it stopped being; `None` while it is.
    pub ended_at: Option<Millis>,
}

impl CodeRecord {
    /// Random or custom.
    pub fn origin(&self) -> CodeOrigin {
        CodeOrigin::of(&self.origin).expect("the column is checked")
    }

    /// The code as people see it, with these placements of it.
    pub fn describe<'a>(
        &self,
        placements: impl IntoIterator<Item = &'a PlacementRecord>,
        for_support: bool,
    ) -> Result<api_types::Code> {
        let placements = placements.into_iter().filter(|placement| placement.begun());
        Ok(api_types::Code {
            id: self.id,
            origin: self.origin(),
            length: self.length,
            status: PlacementStatus::of(&self.status)?,
            changed_at: instant(self.created_at),
            placements: placements.map(|placement| placement.describe(for_support)).collect(),
        })
    }
}

/// A code to be stored.
pub struct NewCode<'a> {
    /// The property.
    pub property_id: Uuid,
    /// The tenancy, for a resident's own code and for a resident's guest.
    pub tenancy_id: Option<Uuid>,
    /// For a guest, not for the resident.
    pub guest: bool,
    /// Random or custom.
    pub origin: CodeOrigin,
    /// The digits.
    pub code: &'a Code,
}

/// Seals and stores a code, of which no lock knows yet. Answers its id.
pub async fn insert(store: &Store, tx: &mut Tx, new: &NewCode<'_>, now: Millis) -> Result<Uuid> {
    let id = Uuid::now_v7();
    let address = CodeAddress { property_id: new.property_id, code_id: id };
    let sealed = store.vault().seal(tx, address, new.code).await?;
    sqlx::query(
        "INSERT INTO code (id, property_id, tenancy_id, holder, origin, length, sealed, key_version, status, created_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'removed', ?)",
    )
    .bind(id)
    .bind(new.property_id)
    .bind(new.tenancy_id)
    .bind(if new.guest { "guest" } else { "resident" })
    .bind(new.origin.name())
    .bind(new.code.length().digits() as i64)
    .bind(sealed.bytes)
    .bind(sealed.key_version)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// A code by its id. Who may see it is for the caller to ask: see `tenancy_id` and `property_id`.
pub async fn get(db: &mut Db, id: Uuid) -> Result<Option<CodeRecord>> {
    Ok(sqlx::query_as("SELECT * FROM code WHERE id = ?").bind(id).fetch_optional(db).await?)
}

/// These codes, those of them that exist.
pub async fn by_ids(db: &mut Db, ids: &[Uuid]) -> Result<Vec<CodeRecord>> {
    let mut query = QueryBuilder::new("SELECT * FROM code WHERE TRUE");
    push_ids(&mut query, "id", ids);
    Ok(query.build_query_as().fetch_all(db).await?)
}

/// The code's digits.
///
/// # Errors
/// [`crate::Error::Sealed`] when it doesn't open.
pub async fn open(store: &Store, db: &mut Db, record: &CodeRecord) -> Result<Code> {
    let address = CodeAddress { property_id: record.property_id, code_id: record.id };
    let sealed = SealedCode { key_version: record.key_version, bytes: record.sealed.clone() };
    store.vault().open(db, address, &sealed).await
}

/// A resident chose the code they already had: it counts as picked.
pub async fn set_origin(tx: &mut Tx, id: Uuid, origin: CodeOrigin, now: Millis) -> Result<()> {
    sqlx::query("UPDATE code SET origin = ?, created_at = ? WHERE id = ?")
        .bind(origin.name())
        .bind(now)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    sqlx::query("UPDATE tenancy SET code_origin = ?, code_changed_at = ? WHERE code_id = ?")
        .bind(origin.name())
        .bind(now)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Marks a code as nobody's any more. Taking it off the locks is [`placements::want`]'s.
pub async fn end(tx: &mut Tx, id: Uuid, now: Millis) -> Result<()> {
    sqlx::query("UPDATE code SET ended_at = ? WHERE id = ? AND ended_at IS NULL")
        .bind(now)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    placements::release_fingerprints(tx, id).await
}

/// The newest resident codes of a tenancy that some lock may still hold, other than `current`, newest first.
pub async fn previous(db: &mut Db, tenancy_id: Uuid, current: Uuid) -> Result<Option<CodeRecord>> {
    Ok(sqlx::query_as(
        "SELECT * FROM code WHERE tenancy_id = ? AND holder = 'resident' AND id <> ? \
         AND EXISTS (SELECT 1 FROM placement WHERE placement.code_id = code.id AND placement.slot IS NOT NULL) \
         ORDER BY created_at DESC, id DESC LIMIT 1",
    )
    .bind(tenancy_id)
    .bind(current)
    .fetch_optional(db)
    .await?)
}

/// The ids of a tenancy's codes that haven't ended or that a lock should still hold until another is confirmed: the
/// resident's own and their guests'.
pub async fn live_of_tenancy(db: &mut Db, tenancy_id: Uuid) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar(
        "SELECT id FROM code WHERE tenancy_id = ? AND (ended_at IS NULL \
         OR EXISTS (SELECT 1 FROM placement WHERE placement.code_id = code.id AND placement.wanted))",
    )
    .bind(tenancy_id)
    .fetch_all(db)
    .await?)
}

/// Whose code it is, for the record.
#[derive(Clone, Debug, FromRow)]
pub struct Holder {
    /// The code.
    pub code_id: Uuid,
    /// The property.
    pub property_id: Uuid,
    /// The tenancy.
    pub tenancy_id: Option<Uuid>,
    /// A guest's.
    pub guest: bool,
    /// The resident's or guest's name.
    pub name: String,
    /// The resident's unit.
    pub unit: Option<String>,
}

/// Whose code it is.
pub async fn holder(db: &mut Db, code_id: Uuid) -> Result<Option<Holder>> {
    Ok(sqlx::query_as(
        "SELECT code.id AS code_id, code.property_id, code.tenancy_id, code.holder = 'guest' AS guest, \
         coalesce(guest_code.guest_name, person.name, '') AS name, unit.name AS unit \
         FROM code LEFT JOIN guest_code ON guest_code.id = code.id LEFT JOIN tenancy ON tenancy.id = code.tenancy_id \
         LEFT JOIN person ON person.id = tenancy.person_id LEFT JOIN unit ON unit.id = tenancy.unit_id \
         WHERE code.id = ?",
    )
    .bind(code_id)
    .fetch_optional(db)
    .await?)
}

/// Works out a code's status, the worst of its placements, and keeps it with the code and its tenancy.
pub async fn refresh_status(tx: &mut Tx, code_id: Uuid) -> Result<()> {
    let rows: Vec<(String, bool)> = sqlx::query_as("SELECT state, wanted FROM placement WHERE code_id = ?")
        .bind(code_id)
        .fetch_all(&mut **tx)
        .await?;
    let mut worst = PlacementStatus::Removed;
    for (state, wanted) in rows {
        let state = placements::PlacementState::of_text(&state)?;
        let begun = wanted || state != placements::PlacementState::Pending;
        if begun && badness(state.status()) > badness(worst) {
            worst = state.status();
        }
    }
    sqlx::query("UPDATE code SET status = ? WHERE id = ?").bind(worst.name()).bind(code_id).execute(&mut **tx).await?;
    sqlx::query(
        "UPDATE tenancy SET code_status = ? WHERE id = (SELECT tenancy_id FROM code WHERE id = ?2) AND code_id = ?2",
    )
    .bind(worst.name())
    .bind(code_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn badness(status: PlacementStatus) -> u8 {
    match status {
        PlacementStatus::Failed => 5,
        PlacementStatus::Waiting => 4,
        PlacementStatus::BeingRemoved => 3,
        PlacementStatus::Sending => 2,
        PlacementStatus::Working => 1,
        PlacementStatus::Removed => 0,
    }
}
