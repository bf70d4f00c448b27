//! Pages that come when they are asked for.
//!
//! As it is shipped (feature `chunks`), the wasm that a first visit downloads holds signing in and what all pages share.
//! The pages are in files of their own, one for those that a person needs together, and what several of these files need
//! is in one that comes with the first of them (`xtask/src/common_chunk.rs`). Without the feature all is one file and nothing waits.

use std::cell::Cell;

use crate::prelude::*;
use futures::FutureExt;
use leptos::task::spawn_local;

use super::{
    NotFoundPage, audit, check_code, doors, guest_codes, help, my_access, overview, pass, properties, resident,
    residents, roster, settings, tools, troubleshoot,
};
use crate::{api::ApiError, components::LoadView, load::Load, routes::Route, ui::SkeletonLines};
use guest_codes::Whose;

/// A page's code didn't arrive: the connection broke, or the server has another console by now.
#[derive(Debug)]
struct NotLoaded;

#[cfg(feature = "chunks")]
impl From<leptos::wasm_split::SplitLoaderError> for NotLoaded {
    fn from(_: leptos::wasm_split::SplitLoaderError) -> Self {
        Self
    }
}

/// How a chunk is loaded, and how it then makes the page of a route.
macro_rules! chunk {
    ($chunk:ident, $load:ident, fn $page:ident($route:ident) $body:block) => {
        #[cfg(feature = "chunks")]
        #[leptos::wasm_split::wasm_split($chunk, wasm_split_path = leptos::wasm_split, preload($load), fallible)]
        fn $page($route: Route) -> Result<AnyView, NotLoaded> {
            Ok($body)
        }

        #[cfg(not(feature = "chunks"))]
        async fn $load() -> Result<(), NotLoaded> {
            Ok(())
        }

        #[cfg(not(feature = "chunks"))]
        async fn $page($route: Route) -> Result<AnyView, NotLoaded> {
            Ok($body)
        }
    };
}

chunk!(
    resident,
    load_resident,
    fn resident_page(_route) {
        view! { <my_access::MyAccessPage /> }.into_any()
    }
);

chunk!(
    guests,
    load_guests,
    fn guests_page(route) {
        let whose = route.property().map_or(Whose::Mine, Whose::Property);
        view! { <guest_codes::GuestCodesPage whose /> }.into_any()
    }
);

chunk!(
    guest,
    load_guest,
    fn guest_page(route) {
        match route {
            Route::GuestCode(id) => view! { <guest_codes::GuestCodePage id /> }.into_any(),
            _ => nowhere(),
        }
    }
);

chunk!(
    issue,
    load_issue,
    fn issue_page(route) {
        let whose = route.property().map_or(Whose::Mine, Whose::Property);
        view! { <guest_codes::GuestCodeNewPage whose /> }.into_any()
    }
);

chunk!(
    manager,
    load_manager,
    fn manager_page(route) {
        match route {
            Route::Properties => view! { <properties::PropertiesPage /> }.into_any(),
            Route::Property(property) => view! { <overview::OverviewPage property /> }.into_any(),
            _ => nowhere(),
        }
    }
);

chunk!(
    residents,
    load_residents,
    fn residents_page(route) {
        match route {
            Route::Residents(property) => view! { <residents::ResidentsPage property /> }.into_any(),
            _ => nowhere(),
        }
    }
);

chunk!(
    tenancy,
    load_tenancy,
    fn tenancy_page(route) {
        match route {
            Route::Resident { property, resident } => {
                view! { <resident::ResidentPage property resident /> }.into_any()
            }
            Route::Roster(property) => view! { <roster::RosterPage property /> }.into_any(),
            _ => nowhere(),
        }
    }
);

chunk!(
    doors,
    load_doors,
    fn doors_page(route) {
        match route {
            Route::Doors(property) => view! { <doors::DoorsPage property /> }.into_any(),
            _ => nowhere(),
        }
    }
);

chunk!(
    audit,
    load_audit,
    fn audit_page(_route) {
        view! { <audit::AuditPage /> }.into_any()
    }
);

chunk!(
    event,
    load_event,
    fn event_page(_route) {
        view! { <audit::event::OpenEvent /> }.into_any()
    }
);

chunk!(
    troubleshoot,
    load_troubleshoot,
    fn troubleshoot_page(_route) {
        view! { <troubleshoot::TroubleshootPage /> }.into_any()
    }
);

chunk!(
    advice,
    load_advice,
    fn advice_page(route) {
        match route {
            Route::CheckCode => view! { <check_code::CheckCodePage /> }.into_any(),
            Route::Help => view! { <help::HelpPage /> }.into_any(),
            Route::Settings => view! { <settings::SettingsPage /> }.into_any(),
            _ => nowhere(),
        }
    }
);

chunk!(
    pass,
    load_pass,
    fn pass_page(_route) {
        view! { <pass::PassPage /> }.into_any()
    }
);

chunk!(
    tools,
    load_tools,
    fn tools_page(_route) {
        view! { <tools::OpenTool /> }.into_any()
    }
);

fn nowhere() -> AnyView {
    view! { <NotFoundPage /> }.into_any()
}

/// What is downloaded together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunk {
    /// A resident's own page.
    Resident,
    /// Lists of guest codes, of residents and managers.
    Guests,
    /// One of them, and sharing it.
    Guest,
    /// Issuing one.
    Issue,
    /// A manager's properties and their overviews.
    Manager,
    /// Residents.
    Residents,
    /// One of them, and how they come: the roster.
    Tenancy,
    /// Doors.
    Doors,
    /// The record.
    Audit,
    /// One event of it, in a dialog.
    Event,
    /// Troubleshooting.
    Troubleshoot,
    /// Help, settings, checking a code.
    Advice,
    /// A guest's pass.
    Pass,
    /// The palette and the sheet of keys, over whatever page.
    Tools,
}

impl Chunk {
    const COUNT: usize = 14;

    async fn load(self) -> Result<(), NotLoaded> {
        match self {
            Self::Resident => load_resident().await,
            Self::Guests => load_guests().await,
            Self::Guest => load_guest().await,
            Self::Issue => load_issue().await,
            Self::Manager => load_manager().await,
            Self::Residents => load_residents().await,
            Self::Tenancy => load_tenancy().await,
            Self::Doors => load_doors().await,
            Self::Audit => load_audit().await,
            Self::Event => load_event().await,
            Self::Troubleshoot => load_troubleshoot().await,
            Self::Advice => load_advice().await,
            Self::Pass => load_pass().await,
            Self::Tools => load_tools().await,
        }?;
        LOADED.with(|loaded| loaded[self as usize].set(true));
        Ok(())
    }

    /// Whether its pages can be shown at once.
    pub(super) fn is_loaded(self) -> bool {
        LOADED.with(|loaded| loaded[self as usize].get())
    }

    /// The page; nothing if the chunk isn't loaded.
    fn page(self, route: Route) -> AnyView {
        // Ready at once, for what it waits for is there.
        let page = match self {
            Self::Resident => resident_page(route).now_or_never(),
            Self::Guests => guests_page(route).now_or_never(),
            Self::Guest => guest_page(route).now_or_never(),
            Self::Issue => issue_page(route).now_or_never(),
            Self::Manager => manager_page(route).now_or_never(),
            Self::Residents => residents_page(route).now_or_never(),
            Self::Tenancy => tenancy_page(route).now_or_never(),
            Self::Doors => doors_page(route).now_or_never(),
            Self::Audit => audit_page(route).now_or_never(),
            Self::Event => event_page(route).now_or_never(),
            Self::Troubleshoot => troubleshoot_page(route).now_or_never(),
            Self::Advice => advice_page(route).now_or_never(),
            Self::Pass => pass_page(route).now_or_never(),
            Self::Tools => tools_page(route).now_or_never(),
        };
        page.and_then(Result::ok).unwrap_or_else(|| ().into_any())
    }

    /// Begins to load it; whoever shows its pages later says what came of it.
    pub(super) fn preload(self) {
        spawn_local(async move {
            let _ = self.load().await;
        });
    }

    /// The page of a route, when it is there; until then what any page looks like.
    pub(super) fn show(self, route: Route) -> AnyView {
        if self.is_loaded() {
            return self.page(route);
        }
        let load = Load::once(move || async move { self.load().await.map_err(|NotLoaded| ApiError::PageMissing) });
        view! {
            <LoadView load skeleton=|| view! { <SkeletonLines lines=4 /> } let:_loaded>
                {self.page(route)}
            </LoadView>
        }
        .into_any()
    }
}

thread_local! {
    static LOADED: [Cell<bool>; Chunk::COUNT] = const { [const { Cell::new(false) }; Chunk::COUNT] };
}
