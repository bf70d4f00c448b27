//! The rows of a file that can’t be imported.

use crate::prelude::*;
use api_types::BadRow;

use crate::{
    ui::{Column, Table},
    wording,
};

/// A table of what is wrong with the rows of a file, with line, column and value.
#[component]
pub fn BadRows(
    /// The rows.
    rows: Vec<BadRow>,
) -> impl IntoView {
    use t::roster::bad_rows as words;
    let columns = [words::line(), words::column(), words::value(), words::what()].map(Column::new).into();
    let rows = rows
        .into_iter()
        .map(|row| {
            let what = wording::field(&row.column, &row.code, &row.detail).to_owned();
            let value = match row.value.is_empty() {
                true => view! { <span class="second">{words::empty()}</span> }.into_any(),
                false => view! { <code>{row.value}</code> }.into_any(),
            };
            view! {
                <tr>
                    <th scope="row">{row.line.to_string()}</th>
                    <td data-label=words::column()>{row.column}</td>
                    <td data-label=words::value() class="words">{value}</td>
                    <td data-label=words::what() class="words">{what}</td>
                </tr>
            }
        })
        .collect_view();
    view! { <Table caption=words::caption() columns>{rows}</Table> }
}
