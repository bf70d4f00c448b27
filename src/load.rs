//! Reading from the server: one thing ([`Load`]) or a list in pages ([`Pages`]).
//!
//! Both keep what they have while they read again, drop answers that come too late, and are shown by
//! [`crate::components::LoadView`] and [`crate::components::ListView`], which give every page the same five states.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use crate::prelude::*;
use api_types::Page;
use leptos::{leptos_dom::helpers::IntervalHandle, task::spawn_local};

use crate::api::ApiError;

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

type BoxFuture<T> = Pin<Box<dyn Future<Output = T>>>;

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
        effect(move || {
            load.again.track();
            let now = source();
            if let Some(source) = now.clone() {
                load.spawn(Box::pin(fetch(source)));
            }
            if before.replace(now.clone()).is_some_and(|before| before != now) {
                load.stage.set(Stage::Loading);
            }
        });
        load
    }

    /// Reads once at start; again only by [`Load::reload`] or [`Load::refresh_every`].
    pub fn once<F>(fetch: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        Self::new(|| Some(()), move |()| fetch())
    }

    fn spawn(self, fetch: BoxFuture<Result<T, ApiError>>) {
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

/// A list read from the server page by page, begun anew whenever its source (its filters) changes.
pub struct Pages<T: Send + Sync + 'static> {
    first: Load<Page<T>>,
    items: RwSignal<Vec<T>>,
    next: RwSignal<Option<String>>,
    loading_more: RwSignal<bool>,
    more_error: RwSignal<Option<ApiError>>,
    more: StoredValue<Arc<dyn Fn() + Send + Sync>>,
}

impl<T: Send + Sync + 'static> Clone for Pages<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Pages<T> {}

impl<T: Clone + Send + Sync + 'static> Pages<T> {
    /// Reads `fetch(source(), cursor)`; the cursor is `None` for the first page. While filters change, the old
    /// rows stay until the new ones are there, so that nothing flickers.
    pub fn new<S, F>(
        source: impl Fn() -> Option<S> + Clone + Send + Sync + 'static,
        fetch: impl Fn(S, Option<String>) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        S: Clone + PartialEq + Send + Sync + 'static,
        F: Future<Output = Result<Page<T>, ApiError>> + 'static,
    {
        let first = Load::<Page<T>>::idle();
        let (items, next) = (RwSignal::new(Vec::new()), RwSignal::new(None));
        let (loading_more, more_error) = (RwSignal::new(false), RwSignal::new(None));
        effect({
            let (source, fetch) = (source.clone(), fetch.clone());
            move || {
                first.again.track();
                if let Some(source) = source() {
                    first.spawn(Box::pin(fetch(source, None)));
                }
            }
        });
        effect(move || {
            first.with(|page| {
                if let Some(page) = page {
                    items.set(page.items.clone());
                    next.set(page.next_cursor.clone());
                    more_error.set(None);
                }
            });
        });
        let more = move || {
            let (Some(source), Some(cursor)) = (untrack(&source), next.get_untracked()) else { return };
            if loading_more.get_untracked() {
                return;
            }
            loading_more.set(true);
            more_error.set(None);
            let run = first.run.get_value();
            let fetch = fetch(source, Some(cursor));
            spawn_local(async move {
                let result = fetch.await;
                if loading_more.try_set(false).is_err() || first.run.try_get_value() != Some(run) {
                    return;
                }
                match result {
                    Ok(page) => {
                        items.update(|items| items.extend(page.items));
                        next.set(page.next_cursor);
                    }
                    Err(error) => more_error.set(Some(error)),
                }
            });
        };
        Self { first, items, next, loading_more, more_error, more: StoredValue::new(Arc::new(more)) }
    }

    /// What was read so far.
    pub fn items(&self) -> Signal<Vec<T>> {
        self.items.into()
    }

    /// How far the first page is.
    pub fn stage(&self) -> Signal<Stage> {
        self.first.stage()
    }

    /// Why reading *again* failed, while older rows are still shown.
    pub fn stale(&self) -> Signal<Option<ApiError>> {
        self.first.stale()
    }

    /// There is another page.
    pub fn has_more(&self) -> Signal<bool> {
        let next = self.next;
        Signal::derive(move || next.with(Option::is_some))
    }

    /// The next page is being read.
    pub fn loading_more(&self) -> Signal<bool> {
        self.loading_more.into()
    }

    /// Why the next page couldn't be read.
    pub fn more_error(&self) -> Signal<Option<ApiError>> {
        self.more_error.into()
    }

    /// Reads the next page and appends it.
    pub fn load_more(&self) {
        self.more.get_value()();
    }

    /// Begins anew from the first page, keeping what is shown meanwhile.
    pub fn reload(&self) {
        self.first.reload();
    }

    /// Begins anew every so often while `needed` holds, the tab is visible and only the first page is shown (more
    /// pages would be taken away from under the reader).
    pub fn refresh_every(&self, every: Duration, needed: impl Fn() -> bool + 'static) {
        let pages = *self;
        let shown = RwSignal::new(0_usize);
        effect(move || shown.set(pages.first.with(|page| page.map_or(0, |page| page.items.len()))));
        poll(
            every,
            move || needed() && pages.items.with_untracked(Vec::len) == shown.get_untracked(),
            move || pages.reload(),
        );
    }
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
