//! Reading from the server: one thing ([`Load`]) or a list in pages ([`Pages`]).
//!
//! Both keep what they have while they read again, drop answers that come too late, and are shown by
//! [`crate::components::LoadView`] and [`crate::components::ListView`], which give every page the same five states.

mod pages;

use std::{future::Future, pin::Pin, time::Duration};

pub use pages::{Pages, Rows};

use crate::prelude::*;
use leptos::{leptos_dom::helpers::IntervalHandle, task::spawn_local};

use crate::{api::ApiError, session::SessionStore};

/// How far a first reading is.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// Nothing yet.
    Loading,
    /// There is something to show.
    Ready,
    /// There is nothing to show, and why.
    Failed(ApiError),
}

type BoxFuture<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

/// One thing read from the server, read again whenever its source changes.
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

    /// Reads `fetch(source())` now and again whenever `source` gives something else. While `source` is `None` it
    /// waits. Another source means another thing, so what was shown for the old one is dropped.
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

    /// Reads what was asked for in words, now and whenever they change. What was found stays until the answer to other
    /// words is there: somebody may be on their way to one of the results.
    pub fn search<S, F>(words: impl Fn() -> Option<S> + 'static, fetch: impl Fn(S) -> F + 'static) -> Self
    where
        S: 'static,
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        let load = Self::idle();
        load.follow(move || words().map(|words| -> BoxFuture<T> { Box::pin(fetch(words)) }));
        load
    }

    /// Reads what `ask` asks for, now and whenever that changes or is to be read again.
    fn follow(self, mut ask: impl FnMut() -> Option<BoxFuture<T>> + 'static) {
        let renewals = renewals();
        Effect::new(move |_| {
            self.again.track();
            renewals.track();
            if let Some(fetch) = ask() {
                self.spawn(fetch);
            }
        });
    }

    /// Reads once at start; again only by [`Load::reload`] or [`Load::refresh_every`].
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
            // The page is gone, or a later reading has begun.
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

    /// Reads again, keeping what is shown meanwhile.
    pub fn reload(&self) {
        if self.stage.with_untracked(|stage| matches!(stage, Stage::Failed(_))) {
            self.stage.set(Stage::Loading);
        }
        self.again.update(|again| *again = again.wrapping_add(1));
    }

    /// Shows this: the answer of a change is newer than what was read.
    pub fn set(&self, value: T) {
        self.value.set(Some(value));
        self.stale.set(None);
        self.stage.set(Stage::Ready);
    }

    /// How far the first reading is.
    pub fn stage(&self) -> Signal<Stage> {
        self.stage.into()
    }

    /// Why reading *again* failed, while something older is still shown.
    pub fn stale(&self) -> Signal<Option<ApiError>> {
        self.stale.into()
    }

    /// Looks at the value, if there is one.
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

    /// Reads again every so often while `needed` holds and the tab is visible, until the page is left.
    pub fn refresh_every(&self, every: Duration, needed: impl Fn() -> bool + 'static) {
        let load = *self;
        poll(every, needed, move || load.reload());
    }
}

/// Goes up whenever the person signed in again after a lapse: what failed meanwhile is read again.
fn renewals() -> Signal<u32> {
    use_context::<SessionStore>().map_or_else(|| Signal::stored(0), |session| session.renewals())
}

/// Runs `act` every so often while `needed` holds and the tab is visible, until the owner is disposed of.
fn poll(every: Duration, needed: impl Fn() -> bool + 'static, act: impl Fn() + 'static) {
    let tick = move || {
        if !document().hidden() && untrack(&needed) {
            act();
        }
    };
    if let Ok(handle) = set_interval_with_handle(tick, every) {
        on_cleanup(move || IntervalHandle::clear(&handle));
    }
}
