//! The frame around every page: brand, property, navigation, account.

use crate::prelude::*;
use leptos::html;

use super::{
    ExpiryWarning, LanguageChoice, NewerBanner, OfflineBanner, Place, PropertyScope, ThemeChoice, Tool, places, use_go,
    use_properties, use_tools,
};
use crate::{
    api,
    mutation::Mutation,
    query::Query,
    routes::Route,
    session::{Session, role_name, use_session, was_signed_in},
    ui::{Button, Icon, IconView, ToastRegion, use_toasts},
};

/// The frame. `route` is the page shown, or `None` for an unknown address.
///
/// On every change of route it sets the document's title, announces it and moves the focus to `<main>`.
#[component]
pub fn Shell(
    /// The page.
    #[prop(into)]
    route: Signal<Option<Route>>,
    /// The page's view.
    children: Children,
) -> impl IntoView {
    let session = use_session();
    let properties = use_properties();
    let toasts = use_toasts();
    let main = NodeRef::<html::Main>::new();

    // Also when the session becomes known: one page has another title for another role.
    let title =
        memo(move || route.get().map_or_else(t::shell::titles::not_found, |route| route.title(&session.roles())));
    effect(move || document().set_title(&[title.get(), " · Latchkey"].concat()));
    let mut before = None;
    effect(move || {
        let now = route.get();
        if let Some(id) = now.and_then(Route::property) {
            properties.visit(id);
        }
        // Not for the first page, which the browser has just announced itself.
        if before.is_some_and(|before| before != now) {
            toasts.announce(title.get_untracked());
            super::focus::focus_content(main);
        }
        before = Some(now);
    });

    super::keep_focus(main);
    super::return_to_places(main);

    // A guest's pass has no frame, whoever opens it. Somebody who was signed in when the console was last open probably
    // still is: the frame is shown before that is known, so that the page doesn't shift when it appears.
    let framed = memo(move || {
        let likely = matches!(session.get(), Session::Unknown | Session::Unreachable(_)) && was_signed_in();
        (likely || session.user().is_some()) && !route.get().is_some_and(Route::is_by_link)
    });
    view! {
        <a class="skip-link" href="#main" on:click=move |event| {
            event.prevent_default();
            event.stop_propagation();
            if let Some(main) = main.get_untracked() {
                let _ = main.focus();
            }
        }>
            {t::shell::skip()}
        </a>
        <div class="shell" class:bare=move || !framed.get()>
            <Show when=move || framed.get()>
                <Rail route />
            </Show>
            <div class="shell-body">
                <OfflineBanner />
                <NewerBanner />
                <ExpiryWarning />
                <main id="main" tabindex="-1" node_ref=main>
                    {children()}
                </main>
            </div>
        </div>
        <ToastRegion />
    }
}

#[component]
fn Rail(route: Signal<Option<Route>>) -> impl IntoView {
    let session = use_session();
    let properties = use_properties();
    let section = memo(move || route.get().map(Route::section));
    let nav = move || {
        let of_page = || route.get().and_then(Route::property);
        let property = properties.current().map(|property| property.id).or_else(of_page);
        places(&session.likely_roles(), property)
            .into_iter()
            .map(|Place { route, label, icon, key: _ }| {
                view! {
                    <li>
                        <a
                            href=route.path()
                            aria-current=move || (section.get() == Some(route)).then_some("page")
                        >
                            <IconView icon />
                            <span>{label}</span>
                        </a>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <header class="rail">
            <a class="brand" href="/">
                <IconView icon=Icon::Key />
                <span>"Latchkey"</span>
            </a>
            <Show when=move || session.user().is_some()>
                <PropertyPicker route properties />
            </Show>
            <Show when=move || !session.likely_roles().is_empty()>
                <nav class="nav" aria-label=t::shell::nav()>
                    <ul>{nav}</ul>
                </nav>
            </Show>
            <Show when=move || session.user().is_some()>
                <Account route />
            </Show>
        </header>
    }
}

/// The property that the navigation is about; with several, a menu of them.
#[component]
fn PropertyPicker(route: Signal<Option<Route>>, properties: PropertyScope) -> impl IntoView {
    let several = move || properties.load().with(|all| all.is_some_and(|all| all.len() > 1));
    let face = move || {
        properties.current().map(|property| {
            let city = property.time_zone.rsplit('/').next().unwrap_or_default().replace('_', " ");
            let units = t::shell::units(property.counts.units);
            view! {
                <span class="picker-face">
                    <strong>{property.name}</strong>
                    <span>{[&city, " · ", &units].concat()}</span>
                </span>
            }
        })
    };
    let choices = move || {
        let current = properties.current().map(|property| property.id);
        properties
            .all()
            .into_iter()
            .map(|property| {
                let to = move || route.get().unwrap_or(Route::Home).in_property(property.id).path();
                let is_current = current == Some(property.id);
                view! {
                    <li>
                        <a href=to aria-current=is_current.then_some("true")>{property.name}</a>
                    </li>
                }
            })
            .collect_view()
    };
    let menu = NodeRef::<html::Div>::new();
    // A link inside a popover doesn't close it by itself.
    effect(move || {
        route.track();
        close_popover(menu);
    });
    view! {
        <Show when=move || properties.current().is_some()>
            <Show when=several fallback=move || view! { <div class="picker">{face}</div> }>
                <button type="button" class="picker" popovertarget="property-menu">
                    <span class="visually-hidden">{t::shell::property()} " "</span>
                    {face}
                    <IconView icon=Icon::ChevronDown />
                </button>
                <div node_ref=menu id="property-menu" class="menu property-menu" popover="auto">
                    <ul>{choices}</ul>
                    <a href=Route::Properties.path()>{t::shell::all_properties()}</a>
                </div>
            </Show>
        </Show>
    }
}

/// The account menu: who is signed in, preferences, signing out.
#[component]
fn Account(route: Signal<Option<Route>>) -> impl IntoView {
    let menu = NodeRef::<html::Div>::new();
    // A link inside a popover doesn't close it by itself.
    effect(move || {
        route.track();
        close_popover(menu);
    });
    let tools = use_tools();
    // Closed first, so that the palette returns the focus to the menu's button.
    let palette = move |_| {
        close_popover(menu);
        tools.show(Tool::Palette);
    };
    let session = use_session();
    let go = use_go();
    let toasts = use_toasts();
    let sign_out = Mutation::new(
        |()| api::session::sign_out(),
        move |()| {
            session.end();
            go.replace(&Route::SignIn.path());
        },
    );
    effect(move || {
        if let Some(error) = sign_out.error().get() {
            toasts.failed(t::shell::still_signed_in(&error.sentence()));
        }
    });
    let name = move || session.user().map(|user| user.name).unwrap_or_default();
    let roles = move || session.roles().into_iter().map(role_name).collect::<Vec<_>>().join(", ");
    view! {
        <div class="account">
            <button type="button" class="account-button" popovertarget="account-menu">
                <IconView icon=Icon::User />
                <span class="account-who">
                    <span class="visually-hidden">{t::shell::account()} " "</span>
                    {name} " · " {roles}
                </span>
            </button>
            <div node_ref=menu id="account-menu" class="menu account-menu" popover="auto">
                <p class="account-name">
                    <strong>{name}</strong>
                    <span>{move || session.user().map(|user| user.email).unwrap_or_default()}</span>
                </p>
                <ThemeChoice />
                <LanguageChoice />
                <div class="menu-items">
                    <button type="button" class="menu-item" on:click=palette>
                        <IconView icon=Icon::Search />
                        {t::tools::palette::title()}
                        <kbd>"Ctrl K"</kbd>
                    </button>
                    <a class="menu-item" href=Route::Settings.path()>
                        <IconView icon=Icon::Sliders />
                        {t::shell::titles::settings()}
                    </a>
                    <a class="menu-item" href=Route::Help.path()>
                        <IconView icon=Icon::Help />
                        {t::shell::titles::help()}
                    </a>
                </div>
                <Button icon=Icon::LogOut busy=sign_out.pending() on_press=Callback::new(move |()| sign_out.submit(()))>
                    {t::shell::sign_out()}
                </Button>
            </div>
        </div>
    }
}

fn close_popover(menu: NodeRef<html::Div>) {
    if let Some(menu) = menu.get_untracked() {
        // Fails only if it isn't open.
        let _ = menu.hide_popover();
    }
}

/// The address of the sign-in page that leads back to `address`.
pub fn sign_in_address(address: &str) -> String {
    let back = if address == "/" { "" } else { address };
    Query::new().with("to", back).on(&Route::SignIn.path())
}
