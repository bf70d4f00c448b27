//! `/`: redirects to the start page of the person's role.

use crate::prelude::*;

use crate::{
    components::{use_go, use_properties},
    load::Stage,
    routes::Route,
    session::use_session,
    ui::SkeletonLines,
};

/// Redirects as soon as it knows where to: with a single property, to its overview instead of the list.
#[component]
pub fn HomePage() -> impl IntoView {
    let session = use_session();
    let properties = use_properties();
    let go = use_go();
    effect(move || {
        let start = match Route::start_of(&session.roles()) {
            Route::Properties => {
                if properties.load().stage().with(|stage| *stage == Stage::Loading) {
                    return;
                }
                match properties.all().as_slice() {
                    [only] => Route::Property(only.id),
                    // Also if they couldn't be loaded, which the list reports.
                    _ => Route::Properties,
                }
            }
            start => start,
        };
        go.replace(&start.path());
    });
    view! { <SkeletonLines lines=4 /> }
}
