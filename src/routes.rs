//! Every address of the console: parsed, printed, titled and guarded in one place.

use api_types::Role;
use uuid::Uuid;

/// An address. Filters, sorting and tabs are in the query string and belong to the page; see [`crate::query`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// `/sign-in?to=`: the form; `to` is where to go afterwards.
    SignIn,
    /// `/`: goes on to what the person's role starts with.
    Home,
    /// `/properties`
    Properties,
    /// `/properties/{property}`: the overview.
    Property(Uuid),
    /// `/properties/{property}/residents`
    Residents(Uuid),
    /// `/properties/{property}/residents/{resident}`
    Resident {
        /// The property.
        property: Uuid,
        /// The tenancy.
        resident: Uuid,
    },
    /// `/properties/{property}/guest-codes`
    GuestCodes(Uuid),
    /// `/properties/{property}/guest-codes/new`
    GuestCodeNew(Uuid),
    /// `/properties/{property}/doors`
    Doors(Uuid),
    /// `/guest-codes/{guest_code}`: one guest code, for its issuer and the property's managers.
    GuestCode(Uuid),
    /// `/my-access`
    MyAccess,
    /// `/my-access/guest-codes`
    MyGuestCodes,
    /// `/my-access/guest-codes/new`
    MyGuestCodeNew,
    /// `/audit`
    Audit,
}

impl Route {
    /// The route of a path (without query); `None` if there is no such page.
    pub fn parse(path: &str) -> Option<Self> {
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        // No address is deeper than five.
        let parts: [Option<&str>; 6] = std::array::from_fn(|_| segments.next());
        let id = |text: &str| Uuid::try_parse(text).ok();
        Some(match parts {
            [None, ..] => Self::Home,
            [Some("sign-in"), None, ..] => Self::SignIn,
            [Some("properties"), None, ..] => Self::Properties,
            [Some("properties"), Some(property), None, ..] => Self::Property(id(property)?),
            [Some("properties"), Some(property), Some("residents"), None, ..] => Self::Residents(id(property)?),
            [Some("properties"), Some(property), Some("residents"), Some(resident), None, ..] => {
                Self::Resident { property: id(property)?, resident: id(resident)? }
            }
            [Some("properties"), Some(property), Some("guest-codes"), None, ..] => Self::GuestCodes(id(property)?),
            [Some("properties"), Some(property), Some("guest-codes"), Some("new"), None, ..] => {
                Self::GuestCodeNew(id(property)?)
            }
            [Some("properties"), Some(property), Some("doors"), None, ..] => Self::Doors(id(property)?),
            [Some("guest-codes"), Some(code), None, ..] => Self::GuestCode(id(code)?),
            [Some("my-access"), None, ..] => Self::MyAccess,
            [Some("my-access"), Some("guest-codes"), None, ..] => Self::MyGuestCodes,
            [Some("my-access"), Some("guest-codes"), Some("new"), None, ..] => Self::MyGuestCodeNew,
            [Some("audit"), None, ..] => Self::Audit,
            _ => return None,
        })
    }

    /// The path, which [`Route::parse`] reads back.
    pub fn path(self) -> String {
        let property = |property: Uuid, rest: &str| ["/properties/", &property.to_string(), rest].concat();
        match self {
            Self::SignIn => "/sign-in".to_owned(),
            Self::Home => "/".to_owned(),
            Self::Properties => "/properties".to_owned(),
            Self::Property(id) => property(id, ""),
            Self::Residents(id) => property(id, "/residents"),
            Self::Resident { property: id, resident } => property(id, "/residents/") + &resident.to_string(),
            Self::GuestCodes(id) => property(id, "/guest-codes"),
            Self::GuestCodeNew(id) => property(id, "/guest-codes/new"),
            Self::Doors(id) => property(id, "/doors"),
            Self::GuestCode(id) => ["/guest-codes/", &id.to_string()].concat(),
            Self::MyAccess => "/my-access".to_owned(),
            Self::MyGuestCodes => "/my-access/guest-codes".to_owned(),
            Self::MyGuestCodeNew => "/my-access/guest-codes/new".to_owned(),
            Self::Audit => "/audit".to_owned(),
        }
    }

    /// The page's name for a person of these roles: document title, announcement and heading.
    pub fn title(self, roles: &[Role]) -> &'static str {
        match self {
            Self::SignIn => "Sign in",
            Self::Home => "Home",
            Self::Properties => "Properties",
            Self::Property(_) => "Overview",
            Self::Residents(_) => "Residents",
            Self::Resident { .. } => "Resident",
            Self::GuestCodes(_) | Self::MyGuestCodes => "Guest codes",
            Self::GuestCodeNew(_) | Self::MyGuestCodeNew => "Issue a guest code",
            Self::GuestCode(_) => "Guest code",
            Self::Doors(_) => "Doors",
            Self::MyAccess => "My Access",
            Self::Audit if roles.contains(&Role::Support) => "Audit log",
            Self::Audit => "Activity",
        }
    }

    /// Who may open it; the server decides again on every request (R33). `None`: anyone, signed in or not.
    pub fn roles(self) -> Option<&'static [Role]> {
        match self {
            Self::SignIn => None,
            Self::Home => Some(&[Role::Manager, Role::Resident, Role::Support]),
            Self::Properties | Self::Property(_) | Self::Audit => Some(&[Role::Manager, Role::Support]),
            Self::Residents(_)
            | Self::Resident { .. }
            | Self::GuestCodes(_)
            | Self::GuestCodeNew(_)
            | Self::Doors(_) => Some(&[Role::Manager]),
            Self::GuestCode(_) => Some(&[Role::Manager, Role::Resident]),
            Self::MyAccess | Self::MyGuestCodes | Self::MyGuestCodeNew => Some(&[Role::Resident]),
        }
    }

    /// The property it is within.
    pub fn property(self) -> Option<Uuid> {
        match self {
            Self::Property(id)
            | Self::Residents(id)
            | Self::Resident { property: id, .. }
            | Self::GuestCodes(id)
            | Self::GuestCodeNew(id)
            | Self::Doors(id) => Some(id),
            _ => None,
        }
    }

    /// The same page of another property: a list stays a list, a detail or form goes back to its list.
    pub fn in_property(self, id: Uuid) -> Self {
        match self {
            Self::Residents(_) | Self::Resident { .. } => Self::Residents(id),
            Self::GuestCodes(_) | Self::GuestCodeNew(_) | Self::GuestCode(_) => Self::GuestCodes(id),
            Self::Doors(_) => Self::Doors(id),
            _ => Self::Property(id),
        }
    }

    /// The entry of the navigation under which the page is found.
    pub fn section(self) -> Self {
        match self {
            Self::Resident { property, .. } => Self::Residents(property),
            Self::GuestCodeNew(property) => Self::GuestCodes(property),
            Self::MyGuestCodeNew => Self::MyGuestCodes,
            route => route,
        }
    }

    /// Where a person starts: what their first role is for.
    pub fn start_of(roles: &[Role]) -> Self {
        match roles.first() {
            Some(Role::Resident) => Self::MyAccess,
            Some(Role::Support) => Self::Audit,
            Some(Role::Manager) | None => Self::Properties,
        }
    }

    /// One of each, for tests.
    pub fn examples(property: Uuid, other: Uuid) -> [Self; 14] {
        [
            Self::SignIn,
            Self::Home,
            Self::Properties,
            Self::Property(property),
            Self::Residents(property),
            Self::Resident { property, resident: other },
            Self::GuestCodes(property),
            Self::GuestCodeNew(property),
            Self::Doors(property),
            Self::GuestCode(other),
            Self::MyAccess,
            Self::MyGuestCodes,
            Self::MyGuestCodeNew,
            Self::Audit,
        ]
    }
}
