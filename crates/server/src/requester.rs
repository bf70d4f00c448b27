//! A signed-in person who makes a request, and what a handler does for them: reading, or doing a deed.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use store::sessions::IdHash;
use store::{Millis, Scope};

use crate::app::App;
use crate::auth::{Authority, Caller, Credential, Via};
use crate::deeds;
use crate::domain::Done;
use crate::domain::deed::Deed;
use crate::domain::lookup::Lookup;
use crate::problem::{Problem, Result};

/// Who is asking, and what is needed to answer them.
///
/// Handlers take one of the extractors [`Web`], [`WebOrMobile`] and [`AnyChannel`], which determine the channels a
/// request may come through.
pub struct Requester {
    app: App,
    caller: Caller,
}

/// A person, in the console or in the app.
pub struct WebOrMobile(pub Requester);

impl FromRequestParts<App> for WebOrMobile {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let caller = Caller::of_request(app, parts).await?;
        Ok(Self(Requester { app: app.clone(), caller }))
    }
}

/// A person in the console; a token of the app is 403 `not_on_mobile`.
pub struct Web(pub Requester);

impl FromRequestParts<App> for Web {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let WebOrMobile(requester) = WebOrMobile::from_request_parts(parts, app).await?;
        if requester.authority().via == Via::Web { Ok(Self(requester)) } else { Err(Problem::not_on_mobile()) }
    }
}

/// A person with any credential, before anything else of the request is checked: for a route that refuses a whole
/// channel and records that. It must change nothing else for a [`Via::Web`] caller, since whether another site made the
/// request isn't checked either.
pub struct AnyChannel(pub Requester);

impl FromRequestParts<App> for AnyChannel {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let caller = Caller::of_any_site(app, parts).await?;
        Ok(Self(Requester { app: app.clone(), caller }))
    }
}

impl Requester {
    /// What all handlers share.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// What they could do when the request came in: good for turning them away early, and for reading.
    pub fn authority(&self) -> &Authority {
        self.caller.authority()
    }

    /// The hash of the secret of the session that is asking.
    pub(crate) fn session(&self) -> &IdHash {
        self.caller.session()
    }

    /// What the request is authenticated with.
    pub(crate) fn credential(&self) -> Credential {
        self.caller.credential()
    }

    /// When the session ends if it isn't used again.
    pub fn expires_at(&self) -> Millis {
        self.caller.expires_at
    }

    /// Requires a manager; returns what they manage.
    ///
    /// # Errors
    /// 403 `forbidden` for those who manage nothing.
    pub fn require_manager(&self) -> Result<Scope> {
        self.authority().manager_scope().ok_or_else(Problem::role)
    }

    /// Requires a manager or support; returns what they may read.
    ///
    /// # Errors
    /// 403 `forbidden` for those who are neither.
    pub fn require_staff(&self) -> Result<Scope> {
        self.authority().staff_scope().ok_or_else(Problem::role)
    }

    /// Requires a manager, support or an administrator; returns the properties they may see as such.
    ///
    /// # Errors
    /// 403 `forbidden` for those who are none of these.
    pub fn require_property_reader(&self) -> Result<Scope> {
        self.authority().property_scope().ok_or_else(Problem::role)
    }

    /// Requires an administrator.
    ///
    /// # Errors
    /// 403 `forbidden` for everybody else.
    pub fn require_administrator(&self) -> Result<()> {
        if self.authority().administrator { Ok(()) } else { Err(Problem::role()) }
    }

    /// Requires somebody who may set up a property: its manager or an administrator.
    ///
    /// # Errors
    /// 403 `forbidden` for those who are neither.
    pub fn require_setting_up(&self) -> Result<Scope> {
        self.authority().set_up_scope().ok_or_else(Problem::role)
    }

    /// Requires support.
    ///
    /// # Errors
    /// 403 `forbidden` for everybody else.
    pub fn require_support(&self) -> Result<()> {
        if self.authority().support { Ok(()) } else { Err(Problem::role()) }
    }

    /// Reads the records for them, in one consistent state. Never waits for a writer.
    ///
    /// # Errors
    /// What `lookup` returns; 503 where the database failed.
    pub async fn read<T: Send + 'static>(
        &self,
        lookup: impl FnOnce(&Lookup<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (authority, now) = (self.authority().clone(), self.app.now());
        self.app.read(move |db| lookup(&Lookup { db, now, authority: &authority })).await
    }

    /// Does what they ask for, with what they may do as of the transaction: the rights read when the request came in
    /// count for nothing here.
    ///
    /// # Errors
    /// What the deed refuses, once that is recorded (R31); 401 `signed_out` if the session has ended in the meantime;
    /// 503 where the database failed.
    pub async fn deed<T: Send + 'static>(&self, deed: impl FnOnce(&Deed<'_>) -> Done<T> + Send + 'static) -> Result<T> {
        let (credential, clock) = (self.caller.credential(), self.app.clock().clone());
        deeds::transact(&self.app, move |tx| deed(&Deed::by(tx, credential, &clock)?)).await
    }
}
