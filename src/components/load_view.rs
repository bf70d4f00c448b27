//! The five states of a view: loading, empty, no results, failed and forbidden; and then the view itself.

use crate::prelude::*;

use super::{ProblemView, StaleNotice};
use crate::{
    api::ApiError,
    load::{Load, Pages, Stage},
    ui::LoadMore,
};

/// Shows what a [`Load`] read: a skeleton while it is on its way, the problem if it failed, else `children` with a
/// signal of the value, which later readings update in place.
#[component]
pub fn LoadView<T, V>(
    /// What is read.
    load: Load<T>,
    /// In the shape of what is coming.
    #[prop(into)]
    skeleton: ViewFn,
    /// The view of the value.
    children: impl Fn(Signal<T>) -> V + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let ready = move || {
        let last = StoredValue::new(None::<T>);
        // The value never goes back to nothing while this view is shown; `last` only satisfies the types.
        let value = Signal::derive(move || {
            if let Some(value) = load.get() {
                last.set_value(Some(value));
            }
            last.get_value().expect("a ready load has a value")
        });
        children(value).into_any()
    };
    staged(load.stage(), load.stale(), Callback::new(move |()| load.reload()), skeleton, Box::new(ready))
}

/// Shows a list: a skeleton, *nothing yet*, *nothing found*, the problem, or the rows with *Load more* under them.
#[component]
pub fn ListView<T, V>(
    /// What is read.
    pages: Pages<T>,
    /// Filters are set: an empty list is then *nothing found*, else *nothing yet*.
    #[prop(optional, into)]
    filtered: Signal<bool>,
    /// In the shape of what is coming.
    #[prop(into)]
    skeleton: ViewFn,
    /// Nothing yet: an [`crate::ui::EmptyState`] with what to do first.
    #[prop(into)]
    empty: ViewFn,
    /// Nothing found: an [`crate::ui::EmptyState`] with *Clear filters*.
    #[prop(optional, into)]
    no_results: Option<ViewFn>,
    /// The view of the rows.
    children: impl Fn(Signal<Vec<T>>) -> V + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let items = pages.items();
    let more_error = pages.more_error();
    let more_error = Signal::derive(move || more_error.with(|error| error.as_ref().map(ApiError::sentence)));
    let none = memo(move || items.with(Vec::is_empty));
    let ready = move || {
        if none.get() {
            return match &no_results {
                Some(no_results) if filtered.get() => no_results.run(),
                _ => empty.run(),
            };
        }
        view! {
            {children(items)}
            <LoadMore
                has_more=pages.has_more()
                busy=pages.loading_more()
                error=more_error
                on_more=Callback::new(move |()| pages.load_more())
            />
        }
        .into_any()
    };
    staged(pages.stage(), pages.stale(), Callback::new(move |()| pages.reload()), skeleton, Box::new(ready))
}

/// Not generic over the value, so that it is in the wasm once.
fn staged(
    stage: Signal<Stage>,
    stale: Signal<Option<ApiError>>,
    retry: Callback<()>,
    skeleton: ViewFn,
    ready: Box<dyn Fn() -> View>,
) -> View {
    let stage = memo(move || stage.get());
    view! {
        <StaleNotice error=stale on_retry=retry />
        {move || match stage.get() {
            Stage::Loading => {
                view! {
                    <div aria-busy="true">
                        <span class="visually-hidden" role="status">"Loading"</span>
                        {skeleton.run()}
                    </div>
                }
                .into_any()
            }
            Stage::Failed(error) => view! { <ProblemView error on_retry=retry /> }.into_any(),
            Stage::Ready => ready(),
        }}
    }
    .into_any()
}
