//! A list, read page by page.

use std::{future::Future, mem, ops::Deref, sync::Arc};

use crate::prelude::*;
use api_types::{LiveKind, Page};
use leptos::{leptos_dom::helpers::request_animation_frame, task::spawn_local};
use uuid::Uuid;

use super::{BoxFuture, Load, Stage};
use crate::api::ApiError;

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
        effect(move || {
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
        memo(move || blocks.with(|blocks| blocks.get(block).and_then(|block| block.rows.clone())))
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
        derived(move || next.with(Option::is_some))
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
        // While the first page for other filters is on its way, the cursor is that of the rows which it will replace: its
        // page would be appended to rows that it may repeat.
        if self.loading_more.get_untracked() || self.replace_all.get_value() {
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

    /// Reads the first page again and drops the others, after a change that may concern any row.
    pub fn restart(&self) {
        self.replace_all.set_value(true);
        self.first.reload();
    }

    /// Restarts whenever something of these kinds happens to the thing with that id, or without one to anything that the
    /// person may see ([`crate::live`]), while `may` holds and the page isn't scrolled down (rows would be taken away from
    /// under the reader); once that is over, it makes up for it.
    pub fn follow_changes(
        &self,
        kinds: &'static [LiveKind],
        id: impl Into<Option<Uuid>>,
        may: impl Fn() -> bool + 'static,
    ) {
        let pages = *self;
        let is_at_top = || window().scroll_y().is_ok_and(|pixels| pixels < TOP_PIXELS);
        pages.first.follow_changes_while(kinds, id, move || may() && (pages.count() < 2 || is_at_top()));
    }
}

/// Up to how many pixels the page may be scrolled and still show the top of its list: everything in view is in the
/// first page then.
const TOP_PIXELS: f64 = 50.0;
