//! Every address of the console: parsed, printed, titled and guarded in one place.

use api_types::Role;
use uuid::Uuid;

use crate::locale as t;

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
    /// `/properties/{property}/roster`
    Roster(Uuid),
    /// `/guest-codes/{guest_code}`: one guest code, for its issuer and the property's managers.
    GuestCode(Uuid),
    /// `/my-access`
    MyAccess,
    /// `/my-access/guest-codes`
    MyGuestCodes,
    /// `/my-access/guest-codes/new`
    MyGuestCodeNew,
    /// `/my-access/check`
    CheckCode,
    /// `/audit`
    Audit,
    /// `/troubleshoot`
    Troubleshoot,
    /// `/help`
    Help,
    /// `/pass#…`: a guest's code by the link they were given.
    Pass,
    /// `/settings`: where one is signed in, theme, language, keys.
    Settings,
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
            [Some("properties"), Some(property), Some("roster"), None, ..] => Self::Roster(id(property)?),
            [Some("guest-codes"), Some(code), None, ..] => Self::GuestCode(id(code)?),
            [Some("my-access"), None, ..] => Self::MyAccess,
            [Some("my-access"), Some("guest-codes"), None, ..] => Self::MyGuestCodes,
            [Some("my-access"), Some("guest-codes"), Some("new"), None, ..] => Self::MyGuestCodeNew,
            [Some("my-access"), Some("check"), None, ..] => Self::CheckCode,
            [Some("audit"), None, ..] => Self::Audit,
            [Some("troubleshoot"), None, ..] => Self::Troubleshoot,
            [Some("help"), None, ..] => Self::Help,
            [Some("settings"), None, ..] => Self::Settings,
            [Some("pass"), None, ..] => Self::Pass,
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
            Self::Roster(id) => property(id, "/roster"),
            Self::GuestCode(id) => ["/guest-codes/", &id.to_string()].concat(),
            Self::MyAccess => "/my-access".to_owned(),
            Self::MyGuestCodes => "/my-access/guest-codes".to_owned(),
            Self::MyGuestCodeNew => "/my-access/guest-codes/new".to_owned(),
            Self::CheckCode => "/my-access/check".to_owned(),
            Self::Audit => "/audit".to_owned(),
            Self::Troubleshoot => "/troubleshoot".to_owned(),
            Self::Help => "/help".to_owned(),
            Self::Settings => "/settings".to_owned(),
            Self::Pass => "/pass".to_owned(),
        }
    }

    /// The page's name for a person of these roles: document title, announcement and heading.
    pub fn title(self, roles: &[Role]) -> &'static str {
        match self {
            Self::SignIn => t::shell::titles::sign_in(),
            Self::Home => t::shell::titles::home(),
            Self::Properties => t::shell::titles::properties(),
            Self::Property(_) => t::shell::titles::overview(),
            Self::Residents(_) => t::shell::titles::residents(),
            Self::Resident { .. } => t::shell::titles::resident(),
            Self::GuestCodes(_) | Self::MyGuestCodes => t::shell::titles::guest_codes(),
            Self::GuestCodeNew(_) | Self::MyGuestCodeNew => t::shell::titles::issue_guest_code(),
            Self::GuestCode(_) => t::shell::titles::guest_code(),
            Self::Doors(_) => t::shell::titles::doors(),
            Self::Roster(_) => t::shell::titles::roster(),
            Self::CheckCode => t::shell::titles::check_code(),
            Self::Troubleshoot => t::shell::titles::troubleshoot(),
            Self::Help => t::shell::titles::help(),
            Self::Settings => t::shell::titles::settings(),
            Self::Pass => t::pass::code(),
            Self::MyAccess => t::shell::titles::my_access(),
            Self::Audit if roles.contains(&Role::Support) => t::shell::titles::audit_log(),
            Self::Audit => t::shell::titles::activity(),
        }
    }

    /// Who may open it; the server decides again on every request (R33). `None`: anyone, signed in or not.
    pub fn roles(self) -> Option<&'static [Role]> {
        match self {
            Self::SignIn | Self::Pass => None,
            Self::Home | Self::Help | Self::Settings => Some(&[Role::Manager, Role::Resident, Role::Support]),
            Self::Properties | Self::Property(_) | Self::Audit => Some(&[Role::Manager, Role::Support]),
            Self::Residents(_)
            | Self::Resident { .. }
            | Self::GuestCodes(_)
            | Self::GuestCodeNew(_)
            | Self::Doors(_)
            | Self::Roster(_) => Some(&[Role::Manager]),
            Self::Troubleshoot => Some(&[Role::Support]),
            Self::GuestCode(_) => Some(&[Role::Manager, Role::Resident]),
            Self::MyAccess | Self::MyGuestCodes | Self::MyGuestCodeNew | Self::CheckCode => Some(&[Role::Resident]),
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
            | Self::Doors(id)
            | Self::Roster(id) => Some(id),
            _ => None,
        }
    }

    /// The same page of another property: a list stays a list, a detail or form goes back to its list.
    pub fn in_property(self, id: Uuid) -> Self {
        match self {
            Self::Residents(_) | Self::Resident { .. } => Self::Residents(id),
            Self::GuestCodes(_) | Self::GuestCodeNew(_) | Self::GuestCode(_) => Self::GuestCodes(id),
            Self::Doors(_) => Self::Doors(id),
            Self::Roster(_) => Self::Roster(id),
            _ => Self::Property(id),
        }
    }

    /// The entry of the navigation under which the page is found.
    pub fn section(self) -> Self {
        match self {
            Self::Resident { property, .. } | Self::Roster(property) => Self::Residents(property),
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
    pub fn examples(property: Uuid, other: Uuid) -> [Self; 20] {
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
            Self::Roster(property),
            Self::CheckCode,
            Self::Troubleshoot,
            Self::Help,
            Self::Settings,
            Self::Pass,
            Self::GuestCode(other),
            Self::MyAccess,
            Self::MyGuestCodes,
            Self::MyGuestCodeNew,
            Self::Audit,
        ]
    }
}
