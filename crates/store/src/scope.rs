//! What a caller may see (R33).

use sqlx::{QueryBuilder, Sqlite};
use uuid::Uuid;

/// Whose rows a query may answer with. Part of the SQL, never a check afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Support: every property.
    Everything,
    /// A manager: the properties this person manages.
    ManagedBy(Uuid),
    /// A resident: what belongs to this tenancy.
    Tenancy(Uuid),
}

impl Scope {
    /// Adds ` AND …` over a table with `property_id` (as `property`) and, if it has one, `tenancy_id` (as `tenancy`).
    ///
    /// Without a tenancy column a resident sees nothing.
    pub(crate) fn push(self, query: &mut QueryBuilder<Sqlite>, property: &str, tenancy: Option<&str>) {
        match self {
            Self::Everything => {}
            Self::ManagedBy(person) => {
                query
                    .push(" AND ")
                    .push(property)
                    .push(" IN (SELECT property_id FROM manages WHERE person_id = ")
                    .push_bind(person)
                    .push(")");
            }
            Self::Tenancy(id) => match tenancy {
                Some(column) => {
                    query.push(" AND ").push(column).push(" = ").push_bind(id);
                }
                None => {
                    query.push(" AND FALSE");
                }
            },
        }
    }
}
