//! The ids of things: a type for each kind of thing, so that the compiler finds it when one is taken for another's.
//!
//! All of them are UUIDs, and are written as such: in JSON, in addresses and in the database. None becomes another, or
//! the id of something out of a bare [`Uuid`], except by name: [`PropertyId::from_uuid`], or what a thing has in common
//! with another ([`GuestCodeId::code`]).
//!
//! ```compile_fail
//! fn open(door: ids::DoorId) {}
//! open(ids::LockId::generate());
//! ```

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$about:meta])* $Id:ident,)+) => {
        /// The names of all these types, for those who describe them to other programs.
        pub const NAMES: &[&str] = &[$(stringify!($Id)),+];

        $(
            $(#[$about])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
            #[cfg_attr(feature = "console", derive(from_js::FromJs))]
            #[serde(transparent)]
            pub struct $Id(Uuid);

            impl $Id {
                /// No thing's id: it comes before all others.
                pub const NIL: Self = Self(Uuid::nil());

                /// A new id, which comes after the earlier ones in their order (UUIDv7).
                #[must_use]
                pub fn generate() -> Self {
                    Self(Uuid::now_v7())
                }

                /// The id that was written as this UUID, of which the caller knows what kind of thing it names.
                #[must_use]
                pub const fn from_uuid(uuid: Uuid) -> Self {
                    Self(uuid)
                }

                /// The UUID, for where it doesn't matter what kind of thing it names, or where that is said elsewhere.
                #[must_use]
                pub const fn uuid(self) -> Uuid {
                    self.0
                }
            }

            impl fmt::Display for $Id {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.0.fmt(f)
                }
            }

            impl FromStr for $Id {
                type Err = uuid::Error;

                fn from_str(text: &str) -> Result<Self, Self::Err> {
                    Uuid::try_parse(text).map(Self)
                }
            }

            /// The bytes, as they are stored.
            impl AsRef<[u8]> for $Id {
                fn as_ref(&self) -> &[u8] {
                    self.0.as_bytes()
                }
            }

            #[cfg(feature = "sql")]
            impl rusqlite::ToSql for $Id {
                fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                    self.0.to_sql()
                }
            }

            #[cfg(feature = "sql")]
            impl rusqlite::types::FromSql for $Id {
                fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                    Uuid::column_result(value).map(Self)
                }
            }
        )+
    };
}

ids! {
    /// A person: anybody who can sign in.
    PersonId,
    /// A sign-in on the web, or a token of the app.
    SessionId,
    /// A passkey of a person, by which they sign in without a password.
    PasskeyId,
    /// A property.
    PropertyId,
    /// An import of a roster.
    RosterImportId,
    /// A building of a property.
    BuildingId,
    /// A unit: an apartment.
    UnitId,
    /// A door. A lock is exchanged, a door stays.
    DoorId,
    /// A lock. The id is Latchkey's own; a driver maps it to what its protocol calls the lock (a Z-Wave node, say).
    LockId,
    /// A hub. The id is Latchkey's own, not the hub's serial number.
    HubId,
    /// A tenancy: one resident in one unit. What the API and its addresses call a resident's id.
    TenancyId,
    /// A code, a resident's or a guest's.
    CodeId,
    /// A guest code, which is also a code ([`GuestCodeId::code`]).
    GuestCodeId,
    /// A link by which a guest sees a guest code without signing in.
    ShareId,
    /// A placement: one code on one lock.
    PlacementId,
    /// An event of the audit log.
    EventId,
    /// What several events and what happens on the locks come of: one change, or one attempt.
    CauseId,
    /// A damaged record that was reported to support.
    IncidentId,
}

impl GuestCodeId {
    /// The guest code as one of all the codes: it has the same id among them.
    #[must_use]
    pub const fn code(self) -> CodeId {
        CodeId(self.0)
    }

    /// The guest code with the id of that code, of which the caller knows that it is a guest's.
    #[must_use]
    pub const fn of_code(code: CodeId) -> Self {
        Self(code.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_as_its_uuid_and_read_from_it() {
        let (id, text) = (DoorId::generate(), "0189f7a2-1c3b-7000-8000-00000000002a");
        assert_eq!(id.to_string(), id.uuid().to_string());
        let parsed: DoorId = text.parse().expect("a UUID");
        assert_eq!(serde_json::to_string(&parsed).expect("JSON"), format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<DoorId>(&format!("\"{text}\"")).expect("the same"), parsed);
        assert!("the front door".parse::<DoorId>().is_err());
    }

    #[test]
    fn later_ids_come_after_earlier_ones() {
        let ids: Vec<EventId> = (0..100).map(|_| EventId::generate()).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn a_guest_code_has_one_id_among_the_guest_codes_and_among_all_codes() {
        let id = GuestCodeId::generate();
        assert_eq!(GuestCodeId::of_code(id.code()), id);
        assert_eq!(id.code().uuid(), id.uuid());
    }
}
