//! `/`: goes on to what the person's role starts with.

use crate::prelude::*;

use crate::{
    components::{use_go, use_properties},
    load::Stage,
    routes::Route,
    session::use_session,
    ui::SkeletonLines,
};

/// Leaves as soon as it knows where to: with one property, its overview takes the place of a list of one.
#[component]
pub fn HomePage() -> impl IntoView {
    let session = use_session();
    let properties = use_properties();
    let go = use_go();
    Effect::new(move |_| {
        let start = match Route::start_of(&session.roles()) {
            Route::Properties => {
                if properties.load().stage().with(|stage| *stage == Stage::Loading) {
                    return;
                }
                match properties.all().as_slice() {
                    [only] => Route::Property(only.id),
                    // Also when they couldn't be read: the list says so.
                    _ => Route::Properties,
                }
            }
            start => start,
        };
        go.replace(&start.path());
    });
    view! { <SkeletonLines lines=4 /> }
}
