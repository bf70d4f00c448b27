//! Properties.

use api_types::{
    LayoutImport, NewProperty, Page, Property, PropertyEdit, PropertyInBrief, RosterImport, RosterImports, RosterUndo,
    Setup, SummaryChoice,
};
use ids::{PropertyId, RosterImportId};
use js_sys::Uint8Array;

use super::{ApiError, BASE, ETag, IdempotencyKey, Tagged, client};
use crate::{early::ALL, query::Query};

/// The properties that the caller may see (R33), in brief.
pub async fn list(cursor: Option<String>) -> Result<Page<PropertyInBrief>, ApiError> {
    client::get(&Query::new().with("limit", ALL).with_some("cursor", cursor.as_deref()).on("/properties")).await
}

/// Adds a property.
pub async fn add(new: &NewProperty, key: &IdempotencyKey) -> Result<Property, ApiError> {
    client::post_once("/properties", Some(new), key).await
}

/// What importing these buildings, units and doors would do; nothing is stored.
pub async fn layout_dry_run(id: PropertyId, csv: String) -> Result<LayoutImport, ApiError> {
    client::post_text(&Query::new().with("dry_run", "true").on(&path(id, "/layout")), "text/csv", csv, None).await
}

/// Adds buildings, units and doors from CSV, all or nothing, and just what the dry run with that plan said.
pub async fn layout_import(
    id: PropertyId,
    csv: String,
    plan: Option<&str>,
    key: &IdempotencyKey,
) -> Result<LayoutImport, ApiError> {
    let path = Query::new().with_some("plan", plan).on(&path(id, "/layout"));
    client::post_text(&path, "text/csv", csv, Some(key)).await.map_err(ApiError::of_layout)
}

/// One property, with the version that an edit needs.
pub async fn get(id: PropertyId) -> Result<Tagged<Property>, ApiError> {
    client::get_tagged(&path(id, "")).await
}

/// How far setting it up has come.
pub async fn setup(id: PropertyId) -> Result<Setup, ApiError> {
    client::get(&path(id, "/setup")).await
}

/// One property in brief.
pub async fn get_in_brief(id: PropertyId) -> Result<PropertyInBrief, ApiError> {
    client::get(&path(id, "")).await
}

/// Changes what is set for a property. `stale` if somebody changed the property since it was read.
pub async fn edit(id: PropertyId, edit: &PropertyEdit, if_match: Option<&ETag>) -> Result<Tagged<Property>, ApiError> {
    client::patch(&path(id, ""), edit, if_match).await
}

/// Chooses whether the person who is signed in gets a property's daily summary.
pub async fn choose_summary(id: PropertyId, wanted: bool) -> Result<(), ApiError> {
    client::put(&path(id, "/summary"), &SummaryChoice { wanted }).await
}

/// [`edit`], of which only the property in brief is read.
pub async fn edit_in_brief(
    id: PropertyId,
    edit: &PropertyEdit,
    if_match: Option<&ETag>,
) -> Result<PropertyInBrief, ApiError> {
    let edited: Tagged<PropertyInBrief> = client::patch(&path(id, ""), edit, if_match).await?;
    Ok(edited.value)
}

/// A roster as it was saved.
#[derive(Clone)]
pub struct RosterFile {
    /// Its name, by whose ending a workbook is known.
    pub name: String,
    /// What is in it.
    pub bytes: Uint8Array,
}

impl RosterFile {
    fn content_type(&self) -> &'static str {
        if self.name.to_lowercase().ends_with(".xlsx") {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        } else {
            "text/csv"
        }
    }
}

/// What is said about a roster besides; empty where nothing is.
#[derive(Clone, Default)]
pub struct RosterSaid {
    /// Which column is which.
    pub columns: String,
    /// The order of day and month.
    pub date_order: String,
    /// What was decided about rows.
    pub decisions: String,
    /// The plan of the dry run.
    pub plan: Option<String>,
}

impl RosterSaid {
    fn query(&self) -> Query {
        let query = Query::new().with("columns", &self.columns).with("date_order", &self.date_order);
        query.with("decisions", &self.decisions).with_some("plan", self.plan.as_deref())
    }
}

/// What importing this roster would do; nothing is stored.
pub async fn roster_dry_run(id: PropertyId, file: RosterFile, said: RosterSaid) -> Result<RosterImport, ApiError> {
    let query = said.query().with("dry_run", "true");
    client::post_file(&query.on(&path(id, "/roster")), file.content_type(), file.bytes.into(), None).await
}

/// Imports residents, all or nothing, and just what the dry run said.
pub async fn roster_import(
    id: PropertyId,
    file: RosterFile,
    said: RosterSaid,
    key: &IdempotencyKey,
) -> Result<RosterImport, ApiError> {
    let path = said.query().on(&path(id, "/roster"));
    client::post_file(&path, file.content_type(), file.bytes.into(), Some(key)).await
}

/// The imports of the last day.
pub async fn roster_imports(id: PropertyId) -> Result<RosterImports, ApiError> {
    client::get(&path(id, "/roster/imports")).await
}

/// Undoes an import as far as nobody has acted on it.
pub async fn roster_undo(id: PropertyId, import: RosterImportId, key: &IdempotencyKey) -> Result<RosterUndo, ApiError> {
    let path = path(id, &["/roster/imports/", &import.to_string(), "/undo"].concat());
    client::post_once(&path, None::<&()>, key).await
}

/// `/properties/{id}` and what follows.
pub(super) fn path(id: PropertyId, rest: &str) -> String {
    ["/properties/", &id.to_string(), rest].concat()
}

/// The address of the exported roster: the `href` of a link with `download` and `rel="external"`.
pub fn roster_url(id: PropertyId) -> String {
    [BASE, &path(id, "/roster")].concat()
}
