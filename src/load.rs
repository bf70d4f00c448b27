//! Reading from the server: a single value ([`Load`]) or a paginated list ([`Pages`]).
//!
//! Both keep their data while they refresh, drop outdated answers, and are shown by
//! [`crate::components::LoadView`] and [`crate::components::ListView`], which give every page the same five states.

use std::{future::Future, mem, ops::Deref, pin::Pin, sync::Arc, time::Duration};

use crate::prelude::*;
use api_types::Page;
use leptos::{
    leptos_dom::helpers::{IntervalHandle, request_animation_frame},
    task::spawn_local,
};

use crate::{api::ApiError, session::SessionStore};

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
        Effect::new(move |_| {
            self.again.track();
            renewals.track();
            if let Some(fetch) = ask() {
                self.spawn(fetch);
            }
        });
    }

    /// Reads once at the start, and again only by [`Load::reload`] or [`Load::refresh_every`].
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

    /// Reads again at this interval while `needed` holds and the tab is visible, until the page is left.
    pub fn refresh_every(&self, every: Duration, needed: impl Fn() -> bool + 'static) {
        let load = *self;
        poll(every, needed, move || load.reload());
    }
}

/// How many blocks of a list keep their rows. Those of other blocks are dropped while they are far from the viewport,
/// and read again when they come near it.
const KEPT_BLOCKS: usize = 24;

/// How many rows are added to the page at once, to be created, laid out and painted between two frames.
const BLOCK_ROWS: usize = 13;

/// Rows, compared by identity.
#[derive(Clone)]
pub struct Rows<T>(Arc<Vec<T>>);

impl<T> PartialEq for Rows<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Deref for Rows<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

/// Some rows of the list: their page (its cursor), offset in it and number, and the rows themselves unless they were
/// dropped.
struct Block<T> {
    page: Option<String>,
    offset: usize,
    len: usize,
    rows: Option<Rows<T>>,
}

impl<T> Block<T> {
    fn new(page: Option<String>, offset: usize, rows: Vec<T>) -> Self {
        Self { page, offset, len: rows.len(), rows: Some(Rows(Arc::new(rows))) }
    }
}

type Read<T> = Result<Page<T>, ApiError>;
type Fetch<T> = dyn Fn(Option<String>) -> Option<BoxFuture<Page<T>>> + Send + Sync;

/// A list read from the server page by page, and restarted whenever its source (its filters) changes.
pub struct Pages<T: Send + Sync + 'static> {
    first: Load<Page<T>>,
    blocks: RwSignal<Vec<Block<T>>>,
    next: RwSignal<Option<String>>,
    loading_more: RwSignal<bool>,
    more_error: RwSignal<Option<ApiError>>,
    /// The rows are those of other filters, or a page of them is incomplete: the next first page replaces all of them.
    replace_all: StoredValue<bool>,
    fetch: StoredValue<Arc<Fetch<T>>>,
}

impl<T: Send + Sync + 'static> Clone for Pages<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Pages<T> {}

impl<T: Clone + Send + Sync + 'static> Pages<T> {
    /// Reads `fetch(source(), cursor)`; the cursor is `None` for the first page. When filters change, the old rows stay
    /// until the new ones arrive, so that nothing flickers.
    pub fn new<S, F>(
        source: impl Fn() -> Option<S> + Clone + Send + Sync + 'static,
        fetch: impl Fn(S, Option<String>) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        S: Clone + PartialEq + Send + Sync + 'static,
        F: Future<Output = Result<Page<T>, ApiError>> + 'static,
    {
        let first = Load::<Page<T>>::idle();
        let blocks = RwSignal::new(Vec::new());
        let (next, loading_more, more_error) = (RwSignal::new(None), RwSignal::new(false), RwSignal::new(None));
        let replace_all = StoredValue::new(true);
        first.follow({
            let (source, fetch) = (source.clone(), fetch.clone());
            let mut before = None;
            move || {
                let now = source();
                if before.replace(now.clone()) != Some(now.clone()) {
                    replace_all.set_value(true);
                }
                now.map(|source| -> BoxFuture<Page<T>> { Box::pin(fetch(source, None)) })
            }
        });
        let mut end_before = None;
        Effect::new(move |_| {
            first.with(|page| {
                let Some(page) = page else { return };
                let first_block = Block::new(None, 0, page.items.clone());
                // A refreshed first page that ends where it did before: the pages after it are still right.
                let same_end = end_before.replace(page.next_cursor.clone()).as_ref() == Some(&page.next_cursor);
                if same_end && !replace_all.get_value() {
                    return blocks.update(|blocks| match blocks.first_mut() {
                        Some(first) => *first = first_block,
                        None => blocks.push(first_block),
                    });
                }
                replace_all.set_value(false);
                blocks.set(vec![first_block]);
                next.set(page.next_cursor.clone());
                more_error.set(None);
            });
        });
        let fetch: Arc<Fetch<T>> = Arc::new(move |cursor| {
            let source = untrack(&source)?;
            Some(Box::pin(fetch(source, cursor)))
        });
        Self { first, blocks, next, loading_more, more_error, replace_all, fetch: StoredValue::new(fetch) }
    }

    /// Whether a row of the first page meets a condition.
    pub fn any(&self, is_so: impl Fn(&T) -> bool) -> bool {
        self.blocks.with(|blocks| {
            blocks.first().and_then(|first| first.rows.as_ref()).is_some_and(|rows| rows.iter().any(is_so))
        })
    }

    /// How many rows have been read; `None` before the first page.
    pub fn shown(&self) -> Option<usize> {
        self.blocks.with(|blocks| (!blocks.is_empty()).then(|| blocks.iter().map(|block| block.len).sum()))
    }

    /// How many blocks there are so far.
    pub fn count(&self) -> usize {
        self.blocks.with(Vec::len)
    }

    /// Whether the rows of a block are loaded.
    pub fn has_rows(&self, block: usize) -> bool {
        self.blocks.with(|blocks| blocks.get(block).is_some_and(|block| block.rows.is_some()))
    }

    /// The rows of a block; `None` while they are dropped.
    pub fn rows(&self, block: usize) -> Memo<Option<Rows<T>>> {
        let blocks = self.blocks;
        Memo::new(move |_| blocks.with(|blocks| blocks.get(block).and_then(|block| block.rows.clone())))
    }

    /// The progress of the first page.
    pub fn stage(&self) -> Signal<Stage> {
        self.first.stage()
    }

    /// Why a refresh failed, while the older rows are still shown.
    pub fn stale(&self) -> Signal<Option<ApiError>> {
        self.first.stale()
    }

    /// Whether there is another page.
    pub fn has_more(&self) -> Signal<bool> {
        let next = self.next;
        Signal::derive(move || next.with(Option::is_some))
    }

    /// Whether the next page is being read.
    pub fn loading_more(&self) -> Signal<bool> {
        self.loading_more.into()
    }

    /// Why the next page couldn't be read.
    pub fn more_error(&self) -> Signal<Option<ApiError>> {
        self.more_error.into()
    }

    /// Reads the next page and appends it.
    pub fn load_more(&self) {
        let Some(cursor) = self.next.get_untracked() else { return };
        if self.loading_more.get_untracked() {
            return;
        }
        let pages = *self;
        self.loading_more.set(true);
        self.more_error.set(None);
        self.read(
            cursor.clone(),
            Box::new(move |result| match result {
                Some(Ok(page)) => pages.append(cursor, 0, page),
                failed => {
                    pages.loading_more.set(false);
                    pages.more_error.set(failed.and_then(Result::err));
                }
            }),
        );
    }

    /// Appends the rows of a page, a block at the start of each frame, which leaves the most time for it.
    fn append(self, cursor: String, offset: usize, mut page: Page<T>) {
        let run = self.first.run.get_value();
        request_animation_frame(move || {
            match self.first.run.try_get_value() {
                Some(now) if now == run => {}
                // The list was restarted, which leaves this page incomplete.
                Some(_) => {
                    self.replace_all.set_value(true);
                    return self.loading_more.set(false);
                }
                // The page is gone.
                None => return,
            }
            let rest = page.items.split_off(BLOCK_ROWS.min(page.items.len()));
            let rows = mem::replace(&mut page.items, rest);
            let next_offset = offset + rows.len();
            if !rows.is_empty() {
                self.blocks.update(|blocks| blocks.push(Block::new(Some(cursor.clone()), offset, rows)));
            }
            if page.items.is_empty() {
                self.next.set(page.next_cursor);
                self.loading_more.set(false);
            } else {
                self.append(cursor, next_offset, page);
            }
        });
    }

    /// Reads the dropped rows of a block again, and with them those of the same page.
    pub fn recall(&self, block: usize) {
        let page = self.blocks.with_untracked(|blocks| {
            blocks.get(block).filter(|block| block.rows.is_none()).and_then(|block| block.page.clone())
        });
        let Some(cursor) = page else { return };
        let pages = *self;
        self.read(
            cursor.clone(),
            Box::new(move |result| match result {
                Some(Ok(page)) => pages.blocks.update(|blocks| {
                    let is_dropped =
                        |block: &&mut Block<T>| block.rows.is_none() && block.page.as_ref() == Some(&cursor);
                    for block in blocks.iter_mut().filter(is_dropped) {
                        let rows = page.items.iter().skip(block.offset).take(block.len).cloned().collect();
                        *block = Block::new(block.page.take(), block.offset, rows);
                    }
                }),
                Some(Err(error)) => pages.first.stale.set(Some(error)),
                None => {}
            }),
        );
    }

    /// Drops the rows of a block that is out of view, if many blocks have rows.
    pub fn forget(&self, block: usize) {
        let many = self
            .blocks
            .with_untracked(|blocks| blocks.iter().filter(|block| block.rows.is_some()).count() > KEPT_BLOCKS);
        if many && block > 0 {
            self.blocks.update(|blocks| {
                if let Some(block) = blocks.get_mut(block) {
                    block.rows = None;
                }
            });
        }
    }

    /// Passes the page at `cursor` to `done`, or `None` if the list was restarted meanwhile.
    fn read(&self, cursor: String, done: Box<dyn FnOnce(Option<Read<T>>)>) {
        let (first, run) = (self.first, self.first.run.get_value());
        let Some(fetch) = self.fetch.with_value(|fetch| fetch(Some(cursor))) else { return };
        spawn_local(async move {
            let result = fetch.await;
            // The page is gone.
            let Some(now) = first.run.try_get_value() else { return };
            done((now == run).then_some(result));
        });
    }

    /// Restarts from the first page, showing the old rows meanwhile.
    pub fn reload(&self) {
        self.first.reload();
    }

    /// Restarts at this interval while `needed` holds, the tab is visible and the page isn't scrolled down (rows would
    /// be taken away from under the reader).
    pub fn refresh_every(&self, every: Duration, needed: impl Fn() -> bool + 'static) {
        let pages = *self;
        let is_at_top = || window().scroll_y().is_ok_and(|pixels| pixels < TOP_PIXELS);
        poll(every, move || needed() && (pages.count() < 2 || is_at_top()), move || pages.reload());
    }
}

/// Up to how many pixels the page may be scrolled and still show the top of its list: everything in view is in the
/// first page then.
const TOP_PIXELS: f64 = 50.0;

/// Increases whenever the person signs in again after a lapse, so that what failed meanwhile is read again.
fn renewals() -> Signal<u32> {
    use_context::<SessionStore>().map_or_else(|| Signal::stored(0), |session| session.renewals())
}

/// Runs `act` at this interval while `needed` holds and the tab is visible, until the owner is disposed of.
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
