//! What a caller may see (R33).

use uuid::Uuid;

use crate::Query;

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

    /// As [`Scope::push`], where the query names its rows and they are few: each is looked up among what is managed,
    /// instead of making a list of that first. `property` is named with its table, for `manages` has a column of that name.
    pub(crate) fn push_of_few(self, query: &mut Query, property: &str, tenancy: Option<&str>) {
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
