//! Addresses that lead nowhere, and those one may not open.

use crate::prelude::*;

use crate::{
    components::{Link, PageHeader},
    routes::Route,
    ui::ButtonKind,
};

/// No such page, or no such thing that the person may see: the two look the same (R33).
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <PageHeader title="Not found" />
        <p>"There is nothing at this address, or nothing that you may see."</p>
        <p>
            <Link to=Route::Home class=ButtonKind::Secondary.class()>"Go to the start"</Link>
        </p>
    }
}

/// A page for another role.
#[component]
pub fn ForbiddenPage() -> impl IntoView {
    view! {
        <PageHeader title="Not for your role" />
        <p>"This page is for people with another role. If you should have it, ask whoever manages your property."</p>
        <p>
            <Link to=Route::Home class=ButtonKind::Secondary.class()>"Go to the start"</Link>
        </p>
    }
}
