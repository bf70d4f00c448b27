//! The session: who is signed in.

use crate::prelude::*;
use api_types::{Role, User};

use crate::api::ApiError;

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
        match session {
            Session::SignedIn(_) => remember(true),
            Session::SignedOut => remember(false),
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

    /// Increases whenever somebody signs in again after a lapse, so that data is read again.
    pub fn renewals(&self) -> Signal<u32> {
        self.1.into()
    }

    /// The roles of the signed-in person; empty if nobody is signed in.
    pub fn roles(&self) -> Vec<Role> {
        self.user().map(|user| user.roles).unwrap_or_default()
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

    /// The same person signed in again.
    pub fn renew(&self, session: api_types::Session) {
        self.0.set(Session::SignedIn(session));
        self.1.update(|renewals| *renewals += 1);
    }
}

/// Where it is stored that somebody is signed in on this device, and nothing else about them: `public/boot.js` then
/// sends requests before the console is running.
const SIGNED_IN_SLOT: &str = "latchkey.signed-in";

fn remember(signed_in: bool) {
    if let Ok(Some(storage)) = window().local_storage() {
        // Without storage the console starts more slowly, nothing else.
        let _ = if signed_in { storage.set_item(SIGNED_IN_SLOT, "1") } else { storage.remove_item(SIGNED_IN_SLOT) };
    }
}

/// Whether somebody was signed in on this device when the console was last open.
pub fn was_signed_in() -> bool {
    let kept =
        window().local_storage().ok().flatten().and_then(|storage| storage.get_item(SIGNED_IN_SLOT).ok().flatten());
    kept.is_some()
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
    }
}
