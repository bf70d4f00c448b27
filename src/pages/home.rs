//! `/`: goes on to what the person's role starts with.

use leptos::prelude::*;

use crate::{components::use_go, routes::Route, session::use_session};

/// Leaves at once.
#[component]
pub fn HomePage() -> impl IntoView {
    let session = use_session();
    let go = use_go();
    Effect::new(move |_| go.replace(Route::start_of(&session.roles()).path()));
}
