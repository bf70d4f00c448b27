//! What a caller may see (R33).

use ids::{PersonId, TenancyId};

use crate::{Millis, Query};

/// Whose rows a query may return. Part of the SQL, never a check afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Support: every property.
    Everything,
    /// A manager: the properties this person manages.
    ManagedBy(PersonId),
    /// A resident: what belongs to this tenancy.
    Tenancy(TenancyId),
    /// A resident: what belongs to any tenancy that the person has at that time (R39).
    LivesIn(PersonId, Millis),
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
            Self::LivesIn(person, now) => match tenancy {
                Some(column) => {
                    query
                        .push(" AND ")
                        .push(column)
                        .push(" IN (SELECT own.id FROM tenancy AS own WHERE own.person_id = ");
                    query.bind(person).push(" AND own.ended_at IS NULL AND own.starts_at <= ").bind(now);
                    query.push(" AND (own.ends_at IS NULL OR own.ends_at > ").bind(now).push("))");
                }
                None => {
                    query.push(" AND FALSE");
                }
            },
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
            Self::Everything | Self::Tenancy(_) | Self::LivesIn(..) => self.push(query, property, tenancy),
        }
    }
}
