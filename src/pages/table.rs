//! The table of pages, the one place that describes every page.
//!
//! The macro passes the table to another macro, which takes what it needs: `routes.rs` the addresses, titles and roles,
//! `chunks.rs` the code and how it is downloaded. `xtask` includes this file for what `public/boot.js` requests before
//! the console is running (`xtask/src/pages.rs`; the snapshot of its test is the whole table).
//!
//! An entry has the page's name and ids, its address, its properties, and its view, which can use the ids. Each id has the
//! type that `routes.rs` gives its name. The properties, in this order:
//!
//! - `title`: its text in `locales/`, by namespace and keys; then in parentheses another one for a role.
//! - `roles`: who may open it; `everyone` is everybody who is signed in, `anyone` includes people who aren't.
//! - `under`: the page in the navigation that it belongs to, if it isn't in the navigation itself.
//! - `elsewhere`: where choosing another property leads, if that isn't the list that the page is `under`.
//! - `first`: the page's first requests to the API, as `src/api/` writes them. They are sent before the console is running, and
//!   when a link to the page is pressed. The properties, which the console itself reads for managers and support
//!   (`components/property_scope.rs`), are implied for every page that no resident can open.
//! - `besides`: further requests that complete the page, sent when a link to it is pressed, but not before the console runs.
//!
//! Requests can contain the address's ids and numbers from `src/early.rs`: `{rows}`, `{events}`, `{all}`.
//!
//! Pages that a person usually opens together are in one chunk; a large page that few people open is better alone. What
//! many chunks need is in a file that they share (`kit/chunk-bundler`).

macro_rules! pages {
    ($expand:ident) => {
        $expand! {
            pages {
                at once {
                    /// The sign-in form; `?to=` is where to go afterwards.
                    SignIn at "/sign-in" {
                        title: shell::titles::sign_in,
                        roles: anyone,
                    } => { <sign_in::SignInPage /> }

                    /// Redirects to the start page of the person's role.
                    Home at "/" {
                        title: shell::titles::home,
                        roles: everyone,
                    } => { <home::HomePage /> }
                }

                chunk resident {
                    /// A resident's own code and doors.
                    MyAccess at "/my-access" {
                        title: shell::titles::my_access,
                        roles: [Resident],
                        first: ["/me/access"],
                    } => { <my_access::MyAccessPage /> }
                }

                chunk guests {
                    /// A property's guest codes.
                    GuestCodes(property) at "/properties/{property}/guest-codes" {
                        title: shell::titles::guest_codes,
                        roles: [Manager],
                    } => { <guest_codes::GuestCodesPage whose=guest_codes::Whose::Property(property) /> }

                    /// A resident's own guest codes.
                    MyGuestCodes at "/my-access/guest-codes" {
                        title: shell::titles::guest_codes,
                        roles: [Resident],
                    } => { <guest_codes::GuestCodesPage whose=guest_codes::Whose::Mine /> }
                }

                chunk guest {
                    /// One guest code, for its issuer and the property's managers.
                    GuestCode(guest_code) at "/guest-codes/{guest_code}" {
                        title: shell::titles::guest_code,
                        roles: [Manager, Resident],
                        elsewhere: GuestCodes,
                    } => { <guest_codes::GuestCodePage id=guest_code /> }
                }

                chunk change {
                    /// Moving the windows of a guest code.
                    GuestCodeChange(guest_code) at "/guest-codes/{guest_code}/change" {
                        title: shell::titles::change_guest_code,
                        roles: [Manager, Resident],
                        elsewhere: GuestCodes,
                    } => { <guest_codes::GuestCodeChangePage id=guest_code /> }
                }

                chunk issue {
                    /// Issuing a guest code for a property.
                    GuestCodeNew(property) at "/properties/{property}/guest-codes/new" {
                        title: shell::titles::issue_guest_code,
                        roles: [Manager],
                        under: GuestCodes,
                    } => { <guest_codes::GuestCodeNewPage whose=guest_codes::Whose::Property(property) /> }

                    /// Issuing a guest code for a resident's own guest.
                    MyGuestCodeNew at "/my-access/guest-codes/new" {
                        title: shell::titles::issue_guest_code,
                        roles: [Resident],
                        under: MyGuestCodes,
                    } => { <guest_codes::GuestCodeNewPage whose=guest_codes::Whose::Mine /> }
                }

                chunk pass {
                    /// A guest's code, by a link that ends in `#…`.
                    Pass at "/pass" {
                        title: pass::code,
                        roles: anyone,
                    } => { <pass::PassPage /> }
                }

                chunk coming_in {
                    /// The first administrator, by a link that ends in `#…`.
                    SetUp at "/set-up" {
                        title: shell::titles::set_up,
                        roles: anyone,
                    } => { <setting_up::SetUpPage /> }

                    /// Somebody who was invited, by a link that ends in `#…`.
                    Invitation at "/invitation" {
                        title: shell::titles::invitation,
                        roles: anyone,
                    } => { <by_link::InvitationPage /> }
                }

                chunk password {
                    /// Asking for a link to set another password.
                    ForgotPassword at "/forgot-password" {
                        title: shell::titles::forgot_password,
                        roles: anyone,
                    } => { <by_link::ForgotPasswordPage /> }

                    /// Setting another password, by a link that ends in `#…`.
                    ResetPassword at "/reset-password" {
                        title: shell::titles::reset_password,
                        roles: anyone,
                    } => { <by_link::ResetPasswordPage /> }

                    /// Confirming another address, by a link that ends in `#…`.
                    ConfirmAddress at "/confirm-address" {
                        title: shell::titles::confirm_address,
                        roles: anyone,
                    } => { <by_link::ConfirmAddressPage /> }
                }

                chunk setting_up {
                    /// A property to add.
                    PropertyNew at "/properties/new" {
                        title: shell::titles::property_new,
                        roles: [Administrator],
                        under: Properties,
                    } => { <setting_up::PropertyNewPage /> }

                    /// A property's buildings, units and doors.
                    Layout(property) at "/properties/{property}/layout" {
                        title: shell::titles::layout,
                        roles: [Administrator, Manager],
                        under: Property,
                        elsewhere: Layout,
                    } => { <setting_up::LayoutPage property /> }

                    /// What is set for a property.
                    PropertySettings(property) at "/properties/{property}/settings" {
                        title: shell::titles::property_settings,
                        roles: [Administrator, Manager],
                        under: Property,
                        elsewhere: PropertySettings,
                        first: ["/properties/{property}"],
                    } => { <setting_up::PropertySettingsPage property /> }

                    /// The staff.
                    People at "/people" {
                        title: shell::titles::people,
                        roles: [Administrator],
                        first: ["/people?limit={all}"],
                    } => { <setting_up::PeoplePage /> }
                }

                chunk layout_parts {
                    /// Renaming, moving and retiring a property's buildings, units and doors.
                    LayoutParts(property) at "/properties/{property}/layout/parts" {
                        title: shell::titles::layout_parts,
                        roles: [Administrator, Manager],
                        under: Property,
                        elsewhere: LayoutParts,
                        first: ["/properties/{property}/layout?limit={rows}"],
                    } => { <layout_parts::LayoutPartsPage property /> }
                }

                chunk manager {
                    /// All properties that the person may see.
                    Properties at "/properties" {
                        title: shell::titles::properties,
                        roles: [Manager, Support, Administrator],
                    } => { <properties::PropertiesPage /> }

                    /// A property's overview.
                    Property(property) at "/properties/{property}" {
                        title: shell::titles::overview,
                        roles: [Manager, Support, Administrator],
                        first: ["/properties/{property}"],
                    } => { <overview::OverviewPage property /> }
                }

                chunk residents {
                    /// A property's residents.
                    Residents(property) at "/properties/{property}/residents" {
                        title: shell::titles::residents,
                        roles: [Manager],
                        first: ["/properties/{property}/residents?limit={rows}"],
                    } => { <residents::ResidentsPage property /> }
                }

                chunk tenancy {
                    /// One resident.
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

                }

                chunk roster {
                    /// Importing and exporting residents.
                    Roster(property) at "/properties/{property}/roster" {
                        title: shell::titles::roster,
                        roles: [Manager],
                        under: Residents,
                        elsewhere: Roster,
                        first: ["/properties/{property}/roster/imports"],
                    } => { <roster::RosterPage property /> }
                }

                chunk invitations {
                    /// Inviting the residents who can't sign in yet.
                    Invitations(property) at "/properties/{property}/invitations" {
                        title: shell::titles::invitations,
                        roles: [Manager],
                        under: Residents,
                        elsewhere: Invitations,
                        first: ["/properties/{property}/invitations?limit={all}"],
                    } => { <invitations::InvitationsPage property /> }
                }

                chunk doors {
                    /// A property's doors and their locks.
                    Doors(property) at "/properties/{property}/doors" {
                        title: shell::titles::doors,
                        roles: [Manager, Administrator],
                        first: ["/properties/{property}/doors?limit={all}"],
                    } => { <doors::DoorsPage property /> }
                }

                chunk door {
                    /// One door with its lock.
                    Door { property, door } at "/properties/{property}/doors/{door}" {
                        title: shell::titles::door,
                        roles: [Manager, Support, Administrator],
                        under: Doors,
                        first: ["/doors/{door}"],
                    } => { <door::DoorPage property door /> }
                }

                chunk hubs {
                    /// A property's hubs.
                    Hubs(property) at "/properties/{property}/hubs" {
                        title: shell::titles::hubs,
                        roles: [Administrator, Manager],
                        under: Property,
                        elsewhere: Hubs,
                        first: ["/properties/{property}/hubs"],
                    } => { <hubs::HubsPage property /> }

                    /// The locks that a hub has.
                    HubLocks { property, hub } at "/properties/{property}/hubs/{hub}" {
                        title: shell::titles::hub_locks,
                        roles: [Administrator, Manager],
                        under: Property,
                        elsewhere: Hubs,
                        first: ["/hubs/{hub}/locks"],
                    } => { <hubs::HubLocksPage property hub /> }
                }

                chunk audit {
                    /// The audit log.
                    Audit at "/audit" {
                        title: shell::titles::activity (Support: shell::titles::audit_log),
                        roles: [Manager, Support],
                        first: ["/audit?grouped=true&limit={rows}"],
                    } => { <audit::AuditPage /> }
                }

                chunk troubleshoot {
                    /// Why a resident's access is as it is.
                    Troubleshoot at "/troubleshoot" {
                        title: shell::titles::troubleshoot,
                        roles: [Support],
                    } => { <troubleshoot::TroubleshootPage /> }
                }

                chunk advice {
                    /// Which rules a code would break.
                    CheckCode at "/my-access/check" {
                        title: shell::titles::check_code,
                        roles: [Resident],
                    } => { <check_code::CheckCodePage /> }

                    /// Help.
                    Help at "/help" {
                        title: shell::titles::help,
                        roles: everyone,
                    } => { <help::HelpPage /> }

                    /// Sessions, theme, language, keyboard shortcuts.
                    Settings at "/settings" {
                        title: shell::titles::settings,
                        roles: everyone,
                    } => { <settings::SettingsPage /> }
                }
            }

            // Not pages: what opens over a page, downloaded when it is first opened.
            over pages {
                chunk event { <audit::event::OpenEvent /> }
                chunk passkey_sign_in { <passkey::PasskeySignIn /> }
                chunk tools { <tools::OpenTool /> }
            }
        }
    };
}

pub(crate) use pages;
