//! `/guest-codes/{guest_code}/change`

use crate::prelude::*;
use api_types::GuestCode;
use ids::GuestCodeId;

use crate::{
    api,
    components::{Link, LoadView, PageHeader, guest_code_is_over, use_go},
    forms::GuestCodeChangeForm,
    intl, live,
    load::Load,
    routes::Route,
    ui::{ButtonKind, EmptyState, Icon, SkeletonLines, use_now, use_toasts},
};

/// Moving the windows of a guest code; its digits stay (R43).
#[component]
pub fn GuestCodeChangePage(
    /// The guest code.
    id: GuestCodeId,
) -> impl IntoView {
    let (now, toasts, go) = (use_now(), use_toasts(), use_go());
    let load = Load::once(move || api::guest_codes::get(id));
    load.follow_changes(live::GUEST_CODE, id.uuid());
    let facts = move || {
        load.with(|guest| {
            guest.map(|guest| {
                t::guest_code_change::facts(&guest.guest_name, &intl::zone_label(&guest.time_zone, now.get()))
            })
        })
    };
    let on_changed = Callback::new(move |_: GuestCode| {
        toasts.done(t::guest_code_change::done());
        go.to(Route::GuestCode(id));
    });
    let on_stale = Callback::new(move |()| load.reload());
    view! {
        <p class="back"><Link to=Route::GuestCode(id)>{t::guest_code_change::back()}</Link></p>
        <PageHeader title=t::guest_code_change::title() facts />
        <LoadView load skeleton=|| view! { <SkeletonLines lines=8 /> } let:guest>
            {
                let over = memo(move || guest.with(|guest| guest_code_is_over(guest.state)));
                view! {
                    <Show
                        when=move || !over.get()
                        fallback=move || {
                            view! {
                                <EmptyState icon=Icon::Ticket title=t::guest_code_change::over()>
                                    <p>{t::guest_code_change::over_hint()}</p>
                                    <Link to=Route::GuestCode(id) class=ButtonKind::Secondary.class()>
                                        {t::guest_code_change::back()}
                                    </Link>
                                </EmptyState>
                            }
                        }
                    >
                        <GuestCodeChangeForm guest on_changed on_stale />
                    </Show>
                }
            }
        </LoadView>
    }
}
