//! What a caller may see (R33).

use ids::{PersonId, TenancyId};

use crate::Query;

/// Whose rows a query may return. Part of the SQL, never a check afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Support: every property.
    Everything,
    /// A manager: the properties this person manages.
    ManagedBy(PersonId),
    /// A resident: what belongs to this tenancy.
    Tenancy(TenancyId),
}

impl Scope {
    /// Adds ` AND …` over a table with `property_id` (as `property`) and, if it has one, `tenancy_id` (as `tenancy`).
    ///
    /// Without a tenancy column a resident sees nothing.
    pub(crate) fn push(self, query: &mut Query, property: &str, tenancy: Option<&str>) {
        match self {
            Self::Everything => {}
            Self::ManagedBy(person) => {
                query
                    .push(" AND ")
                    .push(property)
                    .push(" IN (SELECT property_id FROM manages WHERE person_id = ")
                    .bind(person)
                    .push(")");
            }
            Self::Tenancy(id) => match tenancy {
                Some(column) => {
                    query.push(" AND ").push(column).push(" = ").bind(id);
                }
                None => {
                    query.push(" AND FALSE");
                }
            },
        }
    }

    /// Like [`Scope::push`], for a query that names its rows and has few of them: each row's property is looked up in
    /// `manages`, instead of listing everything managed first. `property` must be qualified with its table, since
    /// `manages` has a column of the same name.
    pub(crate) fn push_for_few(self, query: &mut Query, property: &str, tenancy: Option<&str>) {
        assert!(property.contains('.'), "{property} is not named with its table");
        match self {
            Self::ManagedBy(person) => {
                query.push(" AND EXISTS (SELECT 1 FROM manages WHERE manages.person_id = ").bind(person);
                query.push(" AND manages.property_id = ").push(property).push(")");
            }
            Self::Everything | Self::Tenancy(_) => self.push(query, property, tenancy),
        }
    }
}
