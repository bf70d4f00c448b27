//! The console: what all pages share, and which page is shown.

use crate::prelude::*;
use leptos::task::spawn_local;
use leptos_router::{
    WildcardSegment,
    components::{FlatRoutes, Route as RouterRoute, Router},
    hooks::use_location,
};

use crate::{
    api::{self, ApiError},
    components::{Connection, ProblemView, PropertyScope, Shell, sign_in_address, use_go},
    pages::{self, ForbiddenPage, NotFoundPage},
    routes::Route,
    session::{Session, SessionStore, use_session},
    ui::{Now, SkeletonLines, Toasts},
};

/// The whole console.
#[component]
pub fn App() -> impl leptos::IntoView {
    Now::provide();
    Toasts::provide();
    Connection::provide();
    let session = SessionStore::provide();
    PropertyScope::provide(session);
    api::on_session_end(move |()| session.end());
    ask_who_is_signed_in(session);
    // The router keeps the history and the links; `Route` alone knows the addresses. Its views are Leptos's own and
    // empty: the console's are put into the page beside them.
    leptos::view! {
        <Router>
            {mount_console()}
            <FlatRoutes fallback=|| ()>
                <RouterRoute path=WildcardSegment("path") view=|| () />
            </FlatRoutes>
        </Router>
    }
}

fn mount_console() {
    if let Some(body) = document().body() {
        view! { <Console /> }.mount(&body);
    }
}

fn ask_who_is_signed_in(session: SessionStore) {
    spawn_local(async move {
        match api::session::current().await {
            Ok(signed_in) => session.set(Session::SignedIn(signed_in)),
            Err(ApiError::SignedOut) => session.end(),
            Err(error) => session.set(Session::Unreachable(error)),
        }
    });
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
}

#[component]
fn Console() -> impl IntoView {
    let session = use_session();
    let location = use_location();
    let (pathname, search) = (location.pathname, location.search);
    let route = memo(move || pathname.with(|path| Route::parse(path)));
    let screen = memo(move || {
        let route = route.get();
        match session.get() {
            Session::SignedOut if route == Some(Route::SignIn) => Screen::Page(Route::SignIn),
            Session::SignedOut => Screen::MustSignIn,
            Session::Unknown => Screen::Starting,
            Session::Unreachable(error) => Screen::Unreachable(error),
            Session::SignedIn(_) => match route {
                None => Screen::Nowhere,
                Some(route) if route.roles().is_none_or(|roles| session.is_any(roles)) => Screen::Page(route),
                Some(_) => Screen::Forbidden,
            },
        }
    });
    // While the session is asked for, so that the page needn't wait for both in turn.
    effect(move || {
        if let Some(route) = route.get()
            && untrack(|| session.get()) == Session::Unknown
        {
            pages::preload(route);
        }
    });
    let go = use_go();
    effect(move || {
        if screen.with(|screen| *screen == Screen::MustSignIn) {
            let query = search.get_untracked();
            let mark = if query.is_empty() { "" } else { "?" };
            go.replace(sign_in_address(&[&pathname.get_untracked(), mark, &query].concat()));
        }
    });
    let again = Callback::new(move |()| {
        session.set(Session::Unknown);
        ask_who_is_signed_in(session);
    });
    view! {
        <Shell route>
            {move || match screen.get() {
                Screen::Starting | Screen::MustSignIn => view! { <SkeletonLines lines=4 /> }.into_any(),
                Screen::Unreachable(error) => view! { <ProblemView error on_retry=again /> }.into_any(),
                Screen::Forbidden => view! { <ForbiddenPage /> }.into_any(),
                Screen::Nowhere => view! { <NotFoundPage /> }.into_any(),
                Screen::Page(route) => pages::page(route),
            }}
        </Shell>
    }
}
