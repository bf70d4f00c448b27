//! Unknown addresses, and those that the person may not open.

use crate::prelude::*;

use crate::{
    components::{Link, PageHeader},
    routes::Route,
    ui::ButtonKind,
};

/// No such page, or nothing that the person may see: the two look the same (R33).
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <PageHeader title=t::nowhere::not_found::title() />
        <p>{t::nowhere::not_found::why()}</p>
        <p>
            <Link to=Route::Home class=ButtonKind::Secondary.class()>{t::nowhere::start()}</Link>
        </p>
    }
}

/// A page for another role.
#[component]
pub fn ForbiddenPage() -> impl IntoView {
    view! {
        <PageHeader title=t::nowhere::forbidden::title() />
        <p>{t::nowhere::forbidden::why()}</p>
        <p>
            <Link to=Route::Home class=ButtonKind::Secondary.class()>{t::nowhere::start()}</Link>
        </p>
    }
}
