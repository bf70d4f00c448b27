//! The session: who is signed in, here and in the browser's other tabs.

use std::{cell::Cell, time::Duration};

use crate::prelude::*;
use api_types::{Named, Role, User};
use ids::PersonId;
use js_sys::Reflect;
use leptos::{ev, task::spawn_local};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::{
    api::{self, ApiError},
    routes::Route,
    searched,
};

/// What the console knows about the person at the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Session {
    /// The server hasn't answered yet.
    Unknown,
    /// The server couldn't be reached.
    Unreachable(ApiError),
    /// Nobody is signed in.
    SignedOut,
    /// Somebody is.
    SignedIn(api_types::Session),
    /// Somebody was, until the session ended under an open page. The page stays, hidden, so that nothing that was typed
    /// is lost when they sign in again.
    Lapsed(api_types::Session),
}

/// The session, shared by all pages. Copy it freely.
#[derive(Clone, Copy)]
pub struct SessionStore(RwSignal<Session>, RwSignal<u32>);

impl SessionStore {
    /// Starts as [`Session::Unknown`] and puts itself into the context.
    pub fn provide() -> Self {
        let store = Self(RwSignal::new(Session::Unknown), RwSignal::new(0));
        provide_context(store);
        store
    }

    /// The session.
    pub fn get(&self) -> Session {
        self.0.get()
    }

    /// The session, without tracking it.
    pub fn get_untracked(&self) -> Session {
        self.0.get_untracked()
    }

    /// Replaces it.
    pub fn set(&self, session: Session) {
        let before = untrack(|| self.user()).map(|user| user.id);
        match &session {
            Session::SignedIn(now) => {
                remember(&now.user.roles);
                if before != Some(now.user.id) {
                    tell(Some(now.user.id));
                }
            }
            Session::SignedOut => {
                remember(&[]);
                searched::forget();
                if before.is_some() {
                    tell(None);
                }
            }
            Session::Unknown | Session::Unreachable(_) | Session::Lapsed(_) => {}
        }
        self.0.set(session);
    }

    /// Who is signed in, or was until the session lapsed.
    pub fn user(&self) -> Option<User> {
        self.0.with(|session| match session {
            Session::SignedIn(session) | Session::Lapsed(session) => Some(session.user.clone()),
            _ => None,
        })
    }

    /// Whether the session ended under an open page.
    pub fn has_lapsed(&self) -> bool {
        self.0.with(|session| matches!(session, Session::Lapsed(_)))
    }

    /// Increases whenever somebody signs in again after a lapse, or the network is back, so that data is read again.
    pub fn renewals(&self) -> Signal<u32> {
        self.1.into()
    }

    /// The roles of the signed-in person; empty if nobody is signed in.
    pub fn roles(&self) -> Vec<Role> {
        self.user().map(|user| user.roles).unwrap_or_default()
    }

    /// The roles for the navigation: while the server hasn't answered or can't be reached, those of whoever was signed in
    /// on this device last.
    pub fn likely_roles(&self) -> Vec<Role> {
        match self.0.with(|session| matches!(session, Session::Unknown | Session::Unreachable(_))) {
            true => last_roles(),
            false => self.roles(),
        }
    }

    /// Whether the signed-in person has this role.
    pub fn is(&self, role: Role) -> bool {
        self.user().is_some_and(|user| user.roles.contains(&role))
    }

    /// Whether the signed-in person has any of these roles.
    pub fn is_any(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.is(*role))
    }

    /// The person signed out. Does nothing if nobody was signed in.
    pub fn end(&self) {
        if self.0.with_untracked(|session| *session != Session::SignedOut) {
            self.set(Session::SignedOut);
        }
    }

    /// The session ended on the server.
    pub fn lapse(&self) {
        match self.0.get_untracked() {
            Session::SignedIn(session) => self.0.set(Session::Lapsed(session)),
            Session::Lapsed(_) => {}
            _ => self.end(),
        }
    }

    /// Somebody is signed in: the same person goes on, also after a lapse; for somebody else a new page is loaded.
    pub fn found(&self, session: api_types::Session) {
        let before = untrack(|| self.user()).map(|user| user.id);
        if before.is_some_and(|before| before != session.user.id) {
            start_anew();
        } else if untrack(|| self.has_lapsed()) {
            tell(before);
            self.0.set(Session::SignedIn(session));
            self.1.update(|renewals| *renewals += 1);
        } else {
            self.set(Session::SignedIn(session));
        }
    }

    /// Asks the server who is signed in.
    pub fn look(self) {
        spawn_local(async move {
            let before = self.get_untracked();
            let answer = api::session::current().await;
            // Unless something newer is known: another tab has told, or the person has signed out here meanwhile.
            if self.get_untracked() == before {
                match answer {
                    Ok(now) => self.found(now),
                    Err(ApiError::SignedOut) => self.lapse(),
                    Err(_) if is_covered() => return look_later(self),
                    Err(error) if untrack(|| self.user()).is_none() => {
                        let unreachable = Session::Unreachable(error);
                        if unreachable != before {
                            self.set(unreachable);
                        }
                        look_later(self);
                    }
                    // The page stays; what it needs next will tell.
                    Err(_) => {}
                }
            }
            if !IS_LEFT.get() {
                cover(false);
            }
        });
    }

    /// Follows what other tabs tell, and asks again when the page may have been away: when its tab is shown, when *Back*
    /// has returned to it, when the network is back. Call it once.
    pub fn watch(self) {
        // Never removed: they live as long as the page.
        let _ = window_event_listener_untyped("latchkey:session", move |event| {
            let told = Reflect::get(&event, &"detail".into()).ok().and_then(|told| told.as_string());
            self.hear(told.and_then(|id| id.parse().ok()));
        });
        let _ = window_event_listener_untyped("pageshow", move |event| {
            if Reflect::get(&event, &"persisted".into()).is_ok_and(|persisted| persisted.is_truthy()) {
                self.look();
            }
        });
        let look_if_likely = move || {
            let session = self.get_untracked();
            let is_signed_out = session == Session::SignedOut && !was_signed_in();
            if !document().hidden() && session != Session::Unknown && !is_signed_out {
                self.look();
            }
        };
        let _ = window_event_listener(ev::visibilitychange, move |_| look_if_likely());
        let _ = window_event_listener(ev::online, move |_| {
            look_if_likely();
            // What couldn't be read meanwhile is read now.
            if untrack(|| self.user()).is_some() {
                self.1.update(|renewals| *renewals += 1);
            }
        });
        // Two windows beside each other are both visible.
        let _ = window_event_listener(ev::focus, move |_| {
            if untrack(|| self.has_lapsed()) {
                look_if_likely();
            }
        });
    }

    /// Another tab told who is signed in now.
    fn hear(self, who: Option<PersonId>) {
        let user = untrack(|| self.user()).map(|user| user.id);
        match (who, user) {
            (Some(who), Some(user)) if who != user => start_anew(),
            (Some(_), Some(_)) if !untrack(|| self.has_lapsed()) => api::note_answer_elsewhere(),
            (Some(_), _) => self.look(),
            (None, Some(_)) => self.lapse(),
            (None, None) => {}
        }
    }
}

#[wasm_bindgen]
extern "C" {
    /// From `public/boot.js`: passes it to the browser's other tabs.
    #[wasm_bindgen(catch, js_name = latchkeyTell)]
    fn tell_tabs(who: Option<String>) -> Result<(), JsValue>;
}

/// Tells the other tabs who is signed in, or that nobody is any more.
pub fn tell(who: Option<PersonId>) {
    // Without `public/boot.js` the others find out by themselves.
    let _ = tell_tabs(who.map(|id| id.to_string()));
}

thread_local! {
    static IS_LEFT: Cell<bool> = const { Cell::new(false) };
    static LOOKS_LATER: Cell<bool> = const { Cell::new(false) };
}

/// Loads a new page, for somebody else: nothing of this one is theirs to see.
fn start_anew() {
    IS_LEFT.set(true);
    cover(true);
    searched::forget();
    // Fails only while the page is being left. *Back* doesn't return here.
    let _ = window().location().replace(&Route::Home.path());
}

/// Hides the whole page, or no longer (style/controls.css). `public/boot.js` covers a page that is being left.
fn cover(covered: bool) {
    if let Some(root) = document().document_element() {
        let _ = root.class_list().toggle_with_force(COVERED, covered);
    }
}

/// Whether the page is covered: it may be somebody else's.
pub fn is_covered() -> bool {
    document().document_element().is_some_and(|root| root.class_list().contains(COVERED))
}

const COVERED: &str = "covered";

/// A page that is covered or can't be shown is no use to anybody, so it doesn't wait for somebody to try again.
fn look_later(session: SessionStore) {
    if LOOKS_LATER.replace(true) {
        return;
    }
    set_timeout(
        move || {
            LOOKS_LATER.set(false);
            session.look();
        },
        Duration::from_secs(3),
    );
}

/// Where it is stored that somebody is signed in on this device, with their roles and nothing else about them:
/// `public/boot.js` then sends requests before the console is running, and the navigation is there without a network.
const SIGNED_IN_SLOT: &str = "latchkey.signed-in";

/// No roles: nobody is signed in.
fn remember(roles: &[Role]) {
    if let Ok(Some(storage)) = window().local_storage() {
        let names = roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(" ");
        // Without storage the console starts more slowly, nothing else.
        let _ = if roles.is_empty() {
            storage.remove_item(SIGNED_IN_SLOT)
        } else {
            storage.set_item(SIGNED_IN_SLOT, &names)
        };
    }
}

fn remembered() -> Option<String> {
    window().local_storage().ok().flatten().and_then(|storage| storage.get_item(SIGNED_IN_SLOT).ok().flatten())
}

/// Whether somebody was signed in on this device when the console was last open.
pub fn was_signed_in() -> bool {
    remembered().is_some()
}

/// The roles of whoever was signed in then.
fn last_roles() -> Vec<Role> {
    remembered().map(|names| names.split(' ').filter_map(Role::from_name).collect()).unwrap_or_default()
}

/// The session. Call it in a component's body.
pub fn use_session() -> SessionStore {
    expect_context()
}

/// The displayed name of a role.
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Manager => t::common::roles::manager(),
        Role::Resident => t::common::roles::resident(),
        Role::Support => t::common::roles::support(),
        Role::Administrator => t::common::roles::administrator(),
    }
}
