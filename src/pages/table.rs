//! The table of pages: whatever has to be said of a page is said here, once.
//!
//! The macro hands the table on to another, which takes from it what it needs: `routes.rs` the addresses, titles and
//! roles, `chunks.rs` the code and how it is downloaded. `xtask` includes this file and takes what `public/boot.js` asks for
//! before the console is there, and which chunks share a file (`xtask/src/pages.rs`; its test shows all of it as a table).
//!
//! A page is its name and the ids in it, its address, what is known of it, and its view, in which the ids can be used. What is
//! known of it stands in this order:
//!
//! - `title`: its text in `locales/`, by namespace and keys; behind it in parentheses another for a role.
//! - `roles`: who may open it; `everyone` who is signed in, `anyone` at all.
//! - `under`: the page of the navigation that it belongs to, where it isn't in the navigation itself.
//! - `elsewhere`: where choosing another property leads, where that isn't the list that the page is `under`.
//! - `first`: what the page asks the API for first, as `src/api/` writes it. It is asked before the console is there, and when
//!   a link to the page is pressed. The properties, which the console itself reads first for managers and support
//!   (`components/property_scope.rs`), go without saying: each page that no resident can open asks for them.
//! - `besides`: what it needs as well to be whole, asked when a link to it is pressed and not before the console is there.
//!
//! Requests have the address's ids in them, and numbers of `src/early.rs`: `{rows}`, `{events}`, `{all}`.
//!
//! Pages that a person opens in one sitting are in one chunk; a large one that few open is better alone. A chunk belongs to
//! a family, whose chunks have much in common that others haven't (`xtask/src/common_chunk.rs`).

macro_rules! pages {
    ($expand:ident) => {
        $expand! {
            pages {
                at once {
                    /// The form; `?to=` is where to go afterwards.
                    SignIn at "/sign-in" {
                        title: shell::titles::sign_in,
                        roles: anyone,
                    } => { <sign_in::SignInPage /> }

                    /// Goes on to what the person's role starts with.
                    Home at "/" {
                        title: shell::titles::home,
                        roles: everyone,
                    } => { <home::HomePage /> }
                }

                chunk resident in codes {
                    /// A resident's own code and doors.
                    MyAccess at "/my-access" {
                        title: shell::titles::my_access,
                        roles: [Resident],
                        first: ["/me/access"],
                    } => { <my_access::MyAccessPage /> }
                }

                chunk guests in codes {
                    /// A property's guest codes.
                    GuestCodes(property) at "/properties/{property}/guest-codes" {
                        title: shell::titles::guest_codes,
                        roles: [Manager],
                    } => { <guest_codes::GuestCodesPage whose=guest_codes::Whose::Property(property) /> }

                    /// A resident's own.
                    MyGuestCodes at "/my-access/guest-codes" {
                        title: shell::titles::guest_codes,
                        roles: [Resident],
                    } => { <guest_codes::GuestCodesPage whose=guest_codes::Whose::Mine /> }
                }

                chunk guest in codes {
                    /// One guest code, for its issuer and the property's managers.
                    GuestCode(guest_code) at "/guest-codes/{guest_code}" {
                        title: shell::titles::guest_code,
                        roles: [Manager, Resident],
                        elsewhere: GuestCodes,
                    } => { <guest_codes::GuestCodePage id=guest_code /> }
                }

                chunk issue in codes {
                    /// Issuing one for a property.
                    GuestCodeNew(property) at "/properties/{property}/guest-codes/new" {
                        title: shell::titles::issue_guest_code,
                        roles: [Manager],
                        under: GuestCodes,
                    } => { <guest_codes::GuestCodeNewPage whose=guest_codes::Whose::Property(property) /> }

                    /// Issuing one for oneself.
                    MyGuestCodeNew at "/my-access/guest-codes/new" {
                        title: shell::titles::issue_guest_code,
                        roles: [Resident],
                        under: MyGuestCodes,
                    } => { <guest_codes::GuestCodeNewPage whose=guest_codes::Whose::Mine /> }
                }

                chunk pass in codes {
                    /// A guest's code by the link they were given, which ends in `#…`.
                    Pass at "/pass" {
                        title: pass::code,
                        roles: anyone,
                    } => { <pass::PassPage /> }
                }

                chunk manager in office {
                    /// All that one may see.
                    Properties at "/properties" {
                        title: shell::titles::properties,
                        roles: [Manager, Support],
                    } => { <properties::PropertiesPage /> }

                    /// The overview of one.
                    Property(property) at "/properties/{property}" {
                        title: shell::titles::overview,
                        roles: [Manager, Support],
                        first: ["/properties/{property}"],
                    } => { <overview::OverviewPage property /> }
                }

                chunk residents in office {
                    /// Who lives there.
                    Residents(property) at "/properties/{property}/residents" {
                        title: shell::titles::residents,
                        roles: [Manager],
                        first: ["/properties/{property}/residents?limit={rows}"],
                    } => { <residents::ResidentsPage property /> }
                }

                chunk tenancy in office {
                    /// One of them.
                    Resident { property, resident } at "/properties/{property}/residents/{resident}" {
                        title: shell::titles::resident,
                        roles: [Manager],
                        under: Residents,
                        first: ["/properties/{property}/residents/{resident}"],
                        besides: [
                            "/audit?resident={resident}&limit={events}",
                            "/guest-codes?property={property}&resident={resident}&limit={rows}",
                        ],
                    } => { <resident::ResidentPage property resident /> }

                    /// How they come and go.
                    Roster(property) at "/properties/{property}/roster" {
                        title: shell::titles::roster,
                        roles: [Manager],
                        under: Residents,
                        elsewhere: Roster,
                    } => { <roster::RosterPage property /> }
                }

                chunk doors in office {
                    /// A property's doors and their locks.
                    Doors(property) at "/properties/{property}/doors" {
                        title: shell::titles::doors,
                        roles: [Manager],
                        first: ["/properties/{property}/doors?limit={all}"],
                    } => { <doors::DoorsPage property /> }
                }

                chunk audit in office {
                    /// The record.
                    Audit at "/audit" {
                        title: shell::titles::activity (Support: shell::titles::audit_log),
                        roles: [Manager, Support],
                        first: ["/audit?limit={rows}"],
                    } => { <audit::AuditPage /> }
                }

                chunk troubleshoot in office {
                    /// What is wrong, and with whom.
                    Troubleshoot at "/troubleshoot" {
                        title: shell::titles::troubleshoot,
                        roles: [Support],
                    } => { <troubleshoot::TroubleshootPage /> }
                }

                chunk advice in office {
                    /// What the policy would say of a code.
                    CheckCode at "/my-access/check" {
                        title: shell::titles::check_code,
                        roles: [Resident],
                    } => { <check_code::CheckCodePage /> }

                    /// How things are done.
                    Help at "/help" {
                        title: shell::titles::help,
                        roles: everyone,
                    } => { <help::HelpPage /> }

                    /// Where one is signed in, theme, language, keys.
                    Settings at "/settings" {
                        title: shell::titles::settings,
                        roles: everyone,
                    } => { <settings::SettingsPage /> }
                }
            }

            // Not pages: what opens over one, downloaded when it is first opened.
            over pages {
                chunk event in office { <audit::event::OpenEvent /> }
                chunk tools in office { <tools::OpenTool /> }
            }
        }
    };
}

pub(crate) use pages;
