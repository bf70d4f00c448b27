//! Who is signed in, as a sum type.

use crate::prelude::*;
use api_types::{Role, User};

use crate::api::ApiError;

/// What the console knows about the person at the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Session {
    /// The server hasn't said yet.
    Unknown,
    /// The server couldn't be asked.
    Unreachable(ApiError),
    /// Nobody is signed in.
    SignedOut,
    /// Somebody is.
    SignedIn(api_types::Session),
}

/// The session as shared by all pages. Copy it freely.
#[derive(Clone, Copy)]
pub struct SessionStore(RwSignal<Session>);

impl SessionStore {
    /// Begins as [`Session::Unknown`] and puts itself into the context.
    pub fn provide() -> Self {
        let store = Self(RwSignal::new(Session::Unknown));
        provide_context(store);
        store
    }

    /// The session.
    pub fn get(&self) -> Session {
        self.0.get()
    }

    /// The session, without following it.
    pub fn get_untracked(&self) -> Session {
        self.0.get_untracked()
    }

    /// Replaces it.
    pub fn set(&self, session: Session) {
        self.0.set(session);
    }

    /// Who is signed in.
    pub fn user(&self) -> Option<User> {
        self.0.with(|session| match session {
            Session::SignedIn(session) => Some(session.user.clone()),
            _ => None,
        })
    }

    /// What the signed-in person is; empty if nobody is signed in.
    pub fn roles(&self) -> Vec<Role> {
        self.user().map(|user| user.roles).unwrap_or_default()
    }

    /// Whether the signed-in person is that.
    pub fn is(&self, role: Role) -> bool {
        self.0.with(|session| matches!(session, Session::SignedIn(session) if session.user.roles.contains(&role)))
    }

    /// Whether the signed-in person is any of these.
    pub fn is_any(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.is(*role))
    }

    /// Nobody is signed in any more. Does nothing if nobody was.
    pub fn end(&self) {
        if self.0.with_untracked(|session| *session != Session::SignedOut) {
            self.0.set(Session::SignedOut);
        }
    }
}

/// The session. Call it in a component's body.
pub fn use_session() -> SessionStore {
    expect_context()
}

/// A role for people.
pub const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Manager => "Manager",
        Role::Resident => "Resident",
        Role::Support => "Support",
    }
}
