//! Tables: real ones, which become cards on narrow screens.

use crate::prelude::*;

use super::{Icon, IconView};

/// A column's head.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name, also the `data-label` of its cells.
    pub label: &'static str,
    /// What sorting by it is called; `None` if one can't.
    pub sort: Option<&'static str>,
    /// The head is for screen readers only (a column of buttons).
    pub hidden: bool,
}

impl Column {
    /// A plain column.
    pub const fn new(label: &'static str) -> Self {
        Self { label, sort: None, hidden: false }
    }

    /// One can sort by it.
    pub const fn sortable(label: &'static str, key: &'static str) -> Self {
        Self { label, sort: Some(key), hidden: false }
    }

    /// A column of buttons.
    pub fn actions() -> Self {
        Self { label: t::ui::actions(), sort: None, hidden: true }
    }
}

/// A table in a card. The caller writes the rows: `<tr><th scope="row">…</th><td data-label="Unit">…</td></tr>`; the
/// first cell is the row's head, `data-label` names a cell where the table is shown as cards, and
/// `<td class="actions">` holds buttons.
#[component]
pub fn Table(
    /// What the table is, for those who hear it.
    #[prop(into)]
    caption: Signal<String>,
    /// The heads.
    columns: Vec<Column>,
    /// The key sorted by, with `-` before it for descending.
    #[prop(optional, into)]
    sort: Signal<String>,
    /// A head was pressed: the new `sort`.
    #[prop(optional, into)]
    on_sort: Option<Callback<String>>,
    /// A head is pressed and not let go yet: what will be the new `sort` if it is.
    #[prop(optional, into)]
    on_sort_press: Option<Callback<String>>,
    /// New rows are coming.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// The children are [`super::windowed()`] and not rows: the class with the widths of the columns.
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
                view! { <SortHead label=column.label key sort on_sort on_press=on_sort_press /> }.into_any()
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
fn SortHead(
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
    // Not seen while one doesn't sort by it, but there: what stands in the head doesn't move.
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
