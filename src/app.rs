//! The console: what all pages share, and which page is shown.

use crate::prelude::*;

use crate::{
    api::{self, ApiError},
    components::{
        Connection, ProblemView, PropertyScope, Shell, Tools, listen_to_keys, sign_in_address, use_go, use_properties,
        use_tools,
    },
    forms::SessionEnd,
    live::Live,
    load::Stage,
    location::{Location, shown, use_location},
    pages::{self, ForbiddenPage, NotFoundPage},
    routes::Route,
    session::{Session, SessionStore, use_session, was_signed_in},
    ui::{Now, SkeletonLines, Toasts},
};

/// The whole console.
#[component]
pub fn App() -> impl IntoView {
    Now::provide();
    let toasts = Toasts::provide();
    Connection::provide();
    Tools::provide();
    let session = SessionStore::provide();
    PropertyScope::provide(session);
    api::on_session_end(move |()| session.lapse());
    if comes_to_sign_in() {
        session.set(Session::SignedOut);
    } else {
        session.look();
    }
    session.watch();
    Live::provide(session);
    effect(move || {
        if session.user().is_none() || session.has_lapsed() {
            toasts.clear();
        }
    });
    Location::provide();
    view! { <Console /> }
}

/// The page for signing in, and nobody was signed in here: the server needn't be asked for its refusal.
fn comes_to_sign_in() -> bool {
    let path = window().location().pathname().unwrap_or_default();
    let outside = |route: Route| route == Route::SignIn || (route.is_by_link() && route != Route::Pass);
    Route::parse(&path).is_some_and(outside) && !was_signed_in()
}

/// What the address and the session together come to.
#[derive(Clone, PartialEq)]
enum Screen {
    /// Not known yet.
    Starting,
    /// The server couldn't be asked.
    Unreachable(ApiError),
    /// Nobody is signed in, and the page is for people who are.
    MustSignIn,
    /// A page for another role.
    Forbidden,
    /// No such page.
    Nowhere,
    /// The page.
    Page(Route),
    /// The parts of the console, for those who make it.
    #[cfg(debug_assertions)]
    Gallery,
}

#[component]
fn Console() -> impl IntoView {
    let session = use_session();
    let Location { path: pathname, search, .. } = use_location();
    let route = memo(move || pathname.with(|path| Route::parse(path)));
    // Until the properties are first read, a page about one would change its height under the reader. They were asked for
    // ahead, as what the page shows first was, where somebody was signed in before (`public/boot.js`).
    let properties = use_properties().load();
    let waits = StoredValue::new(was_signed_in());
    let is_waited_for = move |route: Route| {
        if waits.get_value() && properties.stage().get() != Stage::Loading {
            waits.set_value(false);
        }
        waits.get_value() && route.property().is_some()
    };
    let screen = memo(move || {
        let route = route.get();
        #[cfg(debug_assertions)]
        if pathname.with(|path| path == pages::gallery::PATH) {
            return Screen::Gallery;
        }
        if let Some(route) = route.filter(|route| route.is_by_link()) {
            return Screen::Page(route);
        }
        match session.get() {
            Session::SignedOut if route == Some(Route::SignIn) => Screen::Page(Route::SignIn),
            Session::SignedOut => Screen::MustSignIn,
            Session::Unknown => Screen::Starting,
            Session::Unreachable(error) => Screen::Unreachable(error),
            Session::SignedIn(_) | Session::Lapsed(_) => match route {
                None => Screen::Nowhere,
                Some(route) if !route.roles().is_none_or(|roles| session.is_any(roles)) => Screen::Forbidden,
                Some(route) if is_waited_for(route) => Screen::Starting,
                Some(route) => Screen::Page(route),
            },
        }
    });
    let go = use_go();
    effect(move || {
        if screen.with(|screen| *screen == Screen::MustSignIn) {
            let query = search.get_untracked();
            let mark = if query.is_empty() { "" } else { "?" };
            let address = [&pathname.get_untracked(), mark, &query].concat();
            go.replace(&sign_in_address(&shown(&address).address));
        }
    });
    listen_to_keys();
    pages::prefetch_links(use_location());
    let tool = use_tools().open();
    let tools_are_open = memo(move || tool.with(Option::is_some));
    let again = Callback::new(move |()| {
        session.set(Session::Unknown);
        session.look();
    });
    view! {
        <Shell route>
            {move || match screen.get() {
                Screen::Starting | Screen::MustSignIn => view! { <SkeletonLines lines=4 /> }.into_any(),
                Screen::Unreachable(error) => view! { <ProblemView error on_retry=again /> }.into_any(),
                Screen::Forbidden => view! { <ForbiddenPage /> }.into_any(),
                Screen::Nowhere => view! { <NotFoundPage /> }.into_any(),
                Screen::Page(route) => pages::page(route),
                #[cfg(debug_assertions)]
                Screen::Gallery => view! { <pages::gallery::GalleryPage /> }.into_any(),
            }}
        </Shell>
        <Show when=move || tools_are_open.get()>{pages::open_tool()}</Show>
        <SessionEnd besides=pages::passkey_button />
    }
}
