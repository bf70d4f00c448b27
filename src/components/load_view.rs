//! The five states of a view without content (loading, empty, no results, failed, forbidden), and the view itself.

use std::hash::Hash;

use crate::prelude::*;

use super::{ProblemView, StaleNotice};
use crate::{
    api::ApiError,
    load::{Load, Pages, Stage},
    ui::{Blocks, LoadMore, windowed},
};

/// Shows what a [`Load`] read: a skeleton while it is loading, the problem if it failed, else `children` with a
/// signal of the value, which later reads update in place.
#[component]
pub fn LoadView<T, V>(
    /// What it shows.
    load: Load<T>,
    /// A placeholder in the shape of the content.
    #[prop(into)]
    skeleton: ViewFn,
    /// The view of the value.
    children: impl Fn(Signal<T>) -> V + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let ready = move || children(derived(move || load.get().expect("a ready load has a value"))).into_any();
    staged(load.stage(), load.stale(), Callback::new(move |()| load.reload()), skeleton, Box::new(ready))
}

/// Shows a list: a skeleton, *nothing yet*, *nothing found*, the problem, or the rows with *Load more* under them.
#[component]
pub fn ListView<T>(
    /// What it shows.
    pages: Pages<T>,
    /// Whether filters are set: an empty list is then *nothing found*, else *nothing yet*.
    #[prop(optional, into)]
    filtered: Signal<bool>,
    /// A placeholder in the shape of the content.
    #[prop(into)]
    skeleton: ViewFn,
    /// Nothing yet: an [`crate::ui::EmptyState`] with what to do first.
    #[prop(into)]
    empty: ViewFn,
    /// Nothing found: an [`crate::ui::EmptyState`] with *Clear filters*.
    #[prop(optional, into)]
    no_results: Option<ViewFn>,
    /// The table, with [`ListRows`] in it.
    children: ChildrenFn,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
{
    let more_error = pages.more_error();
    let more_error = derived(move || more_error.with(|error| error.as_ref().map(ApiError::sentence)));
    let len = memo(move || pages.shown());
    let none = memo(move || len.get() == Some(0));
    let has_more = pages.has_more();
    let ready = move || {
        if none.get() {
            return match &no_results {
                Some(no_results) if filtered.get() => no_results.run(),
                _ => empty.run(),
            };
        }
        view! {
            {children()}
            <Show when=move || has_more.get()>
                <p class="print-only">
                    {move || t::common::list::printed(&len.get().unwrap_or_default().to_string())}
                </p>
            </Show>
            <LoadMore
                has_more
                busy=pages.loading_more()
                error=more_error
                on_more=Callback::new(move |()| pages.load_more())
            />
        }
        .into_any()
    };
    let stage = pages.stage();
    // Not while more rows are loading.
    let more = pages.loading_more();
    let count = derived(move || len.get().filter(|_| stage.get() == Stage::Ready && !more.get()));
    view! {
        {row_count_announcement(count)}
        {staged(stage, pages.stale(), Callback::new(move |()| pages.reload()), skeleton, Box::new(ready))}
    }
}

/// Announces how many rows a list shows, for people who filter it without seeing it. `None` while that isn't known.
pub fn row_count_announcement(count: Signal<Option<usize>>) -> AnyView {
    let count = memo(move || count.get());
    let text = move || match count.get() {
        None => String::new(),
        Some(0) => t::common::list::none().to_owned(),
        Some(some) => t::common::list::shown(u32::try_from(some).unwrap_or(u32::MAX)),
    };
    view! { <p class="visually-hidden" role="status">{text}</p> }.into_any()
}

/// The rows of a list that are near the viewport, in a [`crate::ui::Table`] made with `windowed`.
#[component]
pub fn ListRows<T, K, V>(
    /// What it shows.
    pages: Pages<T>,
    /// Everything that can change in a row.
    key: impl Fn(&T) -> K + 'static,
    /// A row.
    children: impl Fn(T) -> V + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    K: Eq + Hash + 'static,
    V: IntoView + 'static,
{
    let (key, row) = (LocalValue::new_local(Box::new(key) as _), LocalValue::new_local(Box::new(children) as _));
    windowed(Box::new(Listed { pages, key, row }))
}

type KeyOf<T, K> = Box<dyn Fn(&T) -> K>;
type RowOf<T, V> = Box<dyn Fn(T) -> V>;

struct Listed<T: Send + Sync + 'static, K: 'static, V: 'static> {
    pages: Pages<T>,
    key: LocalValue<KeyOf<T, K>>,
    row: LocalValue<RowOf<T, V>>,
}

impl<T, K, V> Blocks for Listed<T, K, V>
where
    T: Clone + Send + Sync + 'static,
    K: Eq + Hash + 'static,
    V: IntoView + 'static,
{
    fn count(&self) -> usize {
        self.pages.count()
    }

    fn is_loaded(&self, block: usize) -> bool {
        self.pages.has_rows(block)
    }

    fn rows(&self, block: usize) -> AnyView {
        let (rows, key, row) = (self.pages.rows(block), self.key, self.row);
        let each = move || rows.with(|rows| rows.as_deref().map(<[T]>::to_vec).unwrap_or_default());
        let key = move |item: &T| key.with_value(|key| key(item));
        view! { <For each key let(item)>{row.with_value(|row| row(item))}</For> }.into_any()
    }

    fn near(&self, block: usize) {
        self.pages.recall(block);
    }

    fn far(&self, block: usize) {
        self.pages.forget(block);
    }
}

/// Not generic over the value, so that it is compiled once.
fn staged(
    stage: Signal<Stage>,
    stale: Signal<Option<ApiError>>,
    retry: Callback<()>,
    skeleton: ViewFn,
    ready: Box<dyn Fn() -> AnyView>,
) -> AnyView {
    let stage = memo(move || stage.get());
    let ready = LocalValue::new_local(ready);
    view! {
        <StaleNotice error=stale on_retry=retry />
        {move || match stage.get() {
            Stage::Loading => {
                view! {
                    <div aria-busy="true">
                        <span class="visually-hidden" role="status">{t::common::loading()}</span>
                        {skeleton.run()}
                    </div>
                }
                .into_any()
            }
            Stage::Failed(error) => view! { <ProblemView error on_retry=retry /> }.into_any(),
            Stage::Ready => ready.with_value(|ready| ready()),
        }}
    }
    .into_any()
}
