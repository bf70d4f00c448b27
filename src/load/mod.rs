//! Reading from the server: a single value ([`Load`]) or a paginated list ([`Pages`]).
//!
//! Both keep their data while they refresh, drop outdated answers, and are shown by
//! [`crate::components::LoadView`] and [`crate::components::ListView`], which give every page the same five states.

mod pages;

use std::{future::Future, pin::Pin};

pub use pages::{Pages, Rows};

use crate::prelude::*;
use leptos::task::spawn_local;

use api_types::LiveKind;
use uuid::Uuid;

use crate::{api::ApiError, live, session::SessionStore};

/// The progress of the first read.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// No answer yet.
    Loading,
    /// There is something to show.
    Ready,
    /// There is nothing to show, and why.
    Failed(ApiError),
}

type BoxFuture<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

/// A value read from the server, and read again whenever its source changes.
pub struct Load<T: Send + Sync + 'static> {
    value: RwSignal<Option<T>>,
    stage: RwSignal<Stage>,
    stale: RwSignal<Option<ApiError>>,
    again: RwSignal<u32>,
    run: StoredValue<u32>,
}

impl<T: Send + Sync + 'static> Clone for Load<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Load<T> {}

impl<T: Send + Sync + 'static> Load<T> {
    fn idle() -> Self {
        Self {
            value: RwSignal::new(None),
            stage: RwSignal::new(Stage::Loading),
            stale: RwSignal::new(None),
            again: RwSignal::new(0),
            run: StoredValue::new(0),
        }
    }

    /// Reads `fetch(source())` now, and again whenever `source` changes. While `source` is `None` it waits. Another
    /// source means another value, so the old one is dropped.
    pub fn new<S, F>(source: impl Fn() -> Option<S> + 'static, fetch: impl Fn(S) -> F + 'static) -> Self
    where
        S: Clone + PartialEq + 'static,
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        let load = Self::idle();
        let mut before = None;
        load.follow(move || {
            let now = source();
            if before.replace(now.clone()).is_some_and(|before| before != now) {
                load.stage.set(Stage::Loading);
            }
            now.map(|source| -> BoxFuture<T> { Box::pin(fetch(source)) })
        });
        load
    }

    /// Searches for words, now and whenever they change. The results stay until the new ones arrive, since somebody may
    /// be about to press one.
    pub fn search<S, F>(words: impl Fn() -> Option<S> + 'static, fetch: impl Fn(S) -> F + 'static) -> Self
    where
        S: 'static,
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        let load = Self::idle();
        load.follow(move || words().map(|words| -> BoxFuture<T> { Box::pin(fetch(words)) }));
        load
    }

    /// Runs the fetch that `ask` returns, now and whenever something it reads changes or somebody signs in again.
    fn follow(self, mut ask: impl FnMut() -> Option<BoxFuture<T>> + 'static) {
        let renewals = renewals();
        effect(move || {
            self.again.track();
            renewals.track();
            if let Some(fetch) = ask() {
                self.spawn(fetch);
            }
        });
    }

    /// Reads once at the start, and again only by [`Load::reload`] or what [`Load::follow_changes`] says.
    pub fn once<F>(fetch: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        Self::new(|| Some(()), move |()| fetch())
    }

    fn spawn(self, fetch: BoxFuture<T>) {
        let run = self.run.get_value().wrapping_add(1);
        self.run.set_value(run);
        spawn_local(async move {
            let result = fetch.await;
            // The page is gone, or a later read has started.
            if self.run.try_get_value() != Some(run) {
                return;
            }
            match result {
                Ok(value) => self.set(value),
                Err(error) if self.stage.with_untracked(|stage| *stage == Stage::Ready) => {
                    self.stale.set(Some(error));
                }
                Err(error) => self.stage.set(Stage::Failed(error)),
            }
        });
    }

    /// Reads again, showing the old value meanwhile.
    pub fn reload(&self) {
        if self.stage.with_untracked(|stage| matches!(stage, Stage::Failed(_))) {
            self.stage.set(Stage::Loading);
        }
        self.again.update(|again| *again = again.wrapping_add(1));
    }

    /// Sets the value, such as to the answer of a change, which is newer than what was read.
    pub fn set(&self, value: T) {
        self.value.set(Some(value));
        self.stale.set(None);
        self.stage.set(Stage::Ready);
    }

    /// The progress of the first read.
    pub fn stage(&self) -> Signal<Stage> {
        self.stage.into()
    }

    /// Why a refresh failed, while the older value is still shown.
    pub fn stale(&self) -> Signal<Option<ApiError>> {
        self.stale.into()
    }

    /// Passes the value, if there is one, to `look`.
    pub fn with<R>(&self, look: impl FnOnce(Option<&T>) -> R) -> R {
        self.value.with(|value| look(value.as_ref()))
    }

    /// The value, if there is one.
    pub fn get(&self) -> Option<T>
    where
        T: Clone,
    {
        self.value.get()
    }

    /// Reads again whenever something of these kinds happens to the thing with that id, or without one to anything that the
    /// person may see ([`crate::live`]), until the page is left.
    pub fn follow_changes(&self, kinds: &'static [LiveKind], id: impl Into<Option<Uuid>>) {
        self.follow_changes_while(kinds, id, || true);
    }

    /// The same, but only while `may` holds: what has happened in the meantime is read once it does.
    pub fn follow_changes_while(
        &self,
        kinds: &'static [LiveKind],
        id: impl Into<Option<Uuid>>,
        may: impl Fn() -> bool + 'static,
    ) {
        let load = *self;
        let id = id.into().map(|id| id.to_string());
        live::on_change(kinds, id, move || {
            let may = may();
            if may {
                load.reload();
            }
            may
        });
    }
}

/// Increases whenever the person signs in again after a lapse, so that what failed meanwhile is read again.
fn renewals() -> Signal<u32> {
    use_context::<SessionStore>().map_or_else(|| Signal::stored(0), |session| session.renewals())
}
