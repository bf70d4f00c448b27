//! Every address of the console, generated from the table of pages (`pages/table.rs`): parsing, printing, titles and
//! roles.

use api_types::Role;
use ids::{DoorId, GuestCodeId, HubId, PropertyId, TenancyId};
use uuid::Uuid;

use crate::{locale as t, pages::table::pages};

/// The most ids in an address.
const IDS: usize = 2;

macro_rules! routes {
    (
        pages {$(
            $($group:ident)+ {$(
                $(#[$doc:meta])*
                $Page:ident $(($($id:ident),+))? $({ $($field:ident),+ })? at $address:literal {
                    title: $($title:ident)::+ $(($role:ident: $($other_title:ident)::+))?,
                    roles: $roles:tt,
                    $(under: $Section:ident,)?
                    $(elsewhere: $Elsewhere:ident,)?
                    $(first: $first:tt,)?
                    $(besides: $besides:tt,)?
                } => $view:tt
            )+}
        )+}
        over pages $over:tt
    ) => {
        /// An address. Filters, sorting and tabs are in the query string and belong to the page; see [`crate::query`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Route {$($(
            #[doc = concat!("`", $address, "`")]
            ///
            $(#[$doc])*
            $Page $(($(id_of!($id)),+))? $({$(
                #[doc = concat!("`{", stringify!($field), "}`")]
                $field: id_of!($field)
            ),+})?,
        )+)+}

        /// A [`Route`] without its ids.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Page {$($($Page,)+)+}

        impl Route {
            fn page(self) -> Page {
                match self {$($(Self::$Page { .. } => Page::$Page,)+)+}
            }

            /// The ids of the address, in its order; the rest are nil.
            fn ids(self) -> [Uuid; IDS] {
                match self {$($(
                    Self::$Page $(($($id),+))? $({ $($field),+ })? => padded(&[$($($id.uuid()),+)? $($($field.uuid()),+)?]),
                )+)+}
            }
        }

        impl Page {
            const ALL: &[Self] = &[$($(Self::$Page,)+)+];

            /// The route with these ids, of which it takes as many as it has.
            fn with(self, ids: [Uuid; IDS]) -> Route {
                match self {$($(
                    Self::$Page => {
                        let [$($($id,)+)? $($($field,)+)? ..] = ids;
                        Route::$Page
                            $(($(<id_of!($id)>::from_uuid($id)),+))?
                            $({ $($field: <id_of!($field)>::from_uuid($field)),+ })?
                    }
                )+)+}
            }

            /// The address with `{…}` in place of ids.
            fn address(self) -> &'static str {
                match self {$($(Self::$Page => $address,)+)+}
            }

            fn title(self, roles: &[Role]) -> &'static str {
                $($($(
                    if self == Self::$Page && roles.contains(&Role::$role) {
                        return t::$($other_title)::+();
                    }
                )?)+)+
                match self {$($(Self::$Page => t::$($title)::+(),)+)+}
            }

            fn roles(self) -> Option<&'static [Role]> {
                match self {$($(Self::$Page => roles!($roles),)+)+}
            }

            fn section(self) -> Self {
                match self {
                    $($($(Self::$Page => Self::$Section,)?)+)+
                    page => page,
                }
            }

            fn elsewhere(self) -> Self {
                match self {
                    $($($(Self::$Page => Self::$Elsewhere,)?)+)+
                    page if page.is_in_property() => page.section(),
                    _ => Self::Property,
                }
            }
        }
    };
}

/// The type of the id that an address has under this name.
macro_rules! id_of {
    (property) => {
        PropertyId
    };
    (resident) => {
        TenancyId
    };
    (guest_code) => {
        GuestCodeId
    };
    (door) => {
        DoorId
    };
    (hub) => {
        HubId
    };
}

macro_rules! roles {
    (anyone) => {
        None
    };
    (everyone) => {
        Some(&[Role::Manager, Role::Resident, Role::Support, Role::Administrator])
    };
    ([$($role:ident),+]) => {
        Some(&[$(Role::$role),+])
    };
}

pages!(routes);

impl Page {
    fn is_in_property(self) -> bool {
        self.address().starts_with("/properties/{property}")
    }

    /// The ids of a path to this page; `None` if it is another page's path.
    fn ids_in(self, path: &str) -> Option<[Uuid; IDS]> {
        let mut ids = [Uuid::nil(); IDS];
        let mut free = ids.iter_mut();
        let mut segments = segments(path);
        for expected in self::segments(self.address()) {
            let segment = segments.next()?;
            if expected.starts_with('{') {
                *free.next()? = Uuid::try_parse(segment).ok()?;
            } else if segment != expected {
                return None;
            }
        }
        segments.next().is_none().then_some(ids)
    }
}

impl Route {
    /// The route of a path (without query); `None` if there is no such page.
    pub fn parse(path: &str) -> Option<Self> {
        Page::ALL.iter().find_map(|page| page.ids_in(path).map(|ids| page.with(ids)))
    }

    /// The path, which [`Route::parse`] reads back.
    pub fn path(self) -> String {
        let mut ids = self.ids().into_iter();
        let mut path = String::new();
        for segment in segments(self.page().address()) {
            path.push('/');
            if segment.starts_with('{') {
                path.push_str(&ids.next().unwrap_or_default().to_string());
            } else {
                path.push_str(segment);
            }
        }
        if path.is_empty() { "/".to_owned() } else { path }
    }

    /// The page's name for a person with these roles: document title, announcement and heading.
    pub fn title(self, roles: &[Role]) -> &'static str {
        self.page().title(roles)
    }

    /// Who may open it; the server decides again on every request (R33). `None`: anyone, signed in or not.
    pub fn roles(self) -> Option<&'static [Role]> {
        self.page().roles()
    }

    /// The property that the page is about, if any.
    pub fn property(self) -> Option<PropertyId> {
        self.page().is_in_property().then(|| PropertyId::from_uuid(self.ids()[0]))
    }

    /// The same page of another property: a list stays a list, a detail or form goes back to its list.
    pub fn in_property(self, id: PropertyId) -> Self {
        self.page().elsewhere().with(padded(&[id.uuid()]))
    }

    /// The entry of the navigation that the page belongs to.
    pub fn section(self) -> Self {
        self.page().section().with(self.ids())
    }

    /// Whether anybody may open it, signed in or not, without a frame around it: whoever has the link, or forgot their password.
    pub fn is_by_link(self) -> bool {
        matches!(
            self,
            Self::Pass
                | Self::SetUp
                | Self::Invitation
                | Self::ForgotPassword
                | Self::ResetPassword
                | Self::ConfirmAddress
        )
    }

    /// The start page of a person with these roles: that of the first one.
    pub fn start_of(roles: &[Role]) -> Self {
        match roles.first() {
            Some(Role::Resident) => Self::MyAccess,
            Some(Role::Support) => Self::Audit,
            Some(Role::Manager | Role::Administrator) | None => Self::Properties,
        }
    }

    /// One route of each page, for tests.
    pub fn examples(first: Uuid, second: Uuid) -> impl Iterator<Item = Self> {
        Page::ALL.iter().map(move |page| page.with([first, second]))
    }
}

/// The segments of a path.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

fn padded(ids: &[Uuid]) -> [Uuid; IDS] {
    std::array::from_fn(|at| ids.get(at).copied().unwrap_or_default())
}
