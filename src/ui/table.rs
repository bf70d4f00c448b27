//! Tables, which become cards on narrow screens.

use crate::prelude::*;

use super::{Icon, IconView};

/// A column's header.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name, also the `data-label` of its cells.
    pub label: &'static str,
    /// The key to sort by it; `None` if it isn't sortable.
    pub sort: Option<&'static str>,
    /// Whether the header is for screen readers only (a column of buttons).
    pub hidden: bool,
}

impl Column {
    /// A plain column.
    pub const fn new(label: &'static str) -> Self {
        Self { label, sort: None, hidden: false }
    }

    /// A sortable column.
    pub const fn sortable(label: &'static str, key: &'static str) -> Self {
        Self { label, sort: Some(key), hidden: false }
    }

    /// A column of buttons.
    pub fn actions() -> Self {
        Self { label: t::ui::actions(), sort: None, hidden: true }
    }
}

/// A table in a card. The caller writes the rows: `<tr><th scope="row">…</th><td data-label="Unit">…</td></tr>`; the
/// first cell is the row's header, `data-label` labels a cell where the table is shown as cards, and
/// `<td class="actions">` holds buttons.
#[component]
pub fn Table(
    /// The caption, for screen readers.
    #[prop(into)]
    caption: Signal<String>,
    /// The columns.
    columns: Vec<Column>,
    /// The key it is sorted by, with `-` before it for descending.
    #[prop(optional, into)]
    sort: Signal<String>,
    /// Called with the new `sort` when a header is clicked.
    #[prop(optional, into)]
    on_sort: Option<Callback<String>>,
    /// Called with the coming `sort` when a header is pressed but not yet released.
    #[prop(optional, into)]
    on_sort_press: Option<Callback<String>>,
    /// Whether new rows are loading.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// If the children are [`super::windowed()`] instead of rows: the class that sets the column widths.
    #[prop(optional)]
    windowed: Option<&'static str>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    let body = if windowed.is_some() { children() } else { view! { <tbody>{children()}</tbody> }.into_any() };
    let head = columns
        .into_iter()
        .map(|column| match (column.sort, on_sort) {
            (Some(key), Some(on_sort)) => {
                view! { <SortHeader label=column.label key sort on_sort on_press=on_sort_press /> }.into_any()
            }
            _ => view! { <th scope="col"><span class:visually-hidden=column.hidden>{column.label}</span></th> }
                .into_any(),
        })
        .collect_view();
    view! {
        <div class="card table-card" aria-busy=move || busy.get().then_some("true")>
            <table class=windowed.map(|columns| ["windowed ", columns].concat())>
                <caption class="visually-hidden">{move || caption.get()}</caption>
                <thead>
                    <tr>{head}</tr>
                </thead>
                {body}
            </table>
        </div>
    }
}

#[component]
fn SortHeader(
    label: &'static str,
    key: &'static str,
    sort: Signal<String>,
    on_sort: Callback<String>,
    on_press: Option<Callback<String>>,
) -> impl IntoView {
    // `Some(true)` descending, `Some(false)` ascending.
    let direction = move || {
        sort.with(|sort| match sort.strip_prefix('-') {
            Some(column) if column == key => Some(true),
            None if sort == key => Some(false),
            _ => None,
        })
    };
    let next_sort = move || match untrack(direction) {
        Some(false) => ["-", key].concat(),
        _ => key.to_owned(),
    };
    let press = move |_| {
        if let Some(on_press) = on_press {
            on_press.run(next_sort());
        }
    };
    let aria = move || match direction() {
        Some(true) => "descending",
        Some(false) => "ascending",
        None => "none",
    };
    // Invisible while the table isn't sorted by it, but it takes its space, so that the header doesn't shift.
    let arrow = move || if direction() == Some(true) { Icon::ArrowDown } else { Icon::ArrowUp };
    view! {
        <th scope="col" aria-sort=aria>
            <button type="button" class="sort" on:mousedown=press on:click=move |_| on_sort.run(next_sort())>
                {label}
                {move || view! { <IconView icon=arrow() /> }}
            </button>
        </th>
    }
}
