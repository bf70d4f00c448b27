//! What would change, by kind, with old and new side by side.

use crate::prelude::*;
use api_types::{RosterChange, RosterImport, RosterNote, RosterRow};

use super::decisions::{SHOWN, days, in_words, is_decided};
use crate::ui::{Button, ButtonKind, Column, Table};

/// The kinds, in the order in which they matter; bad rows and what is left to decide are shown before.
const KINDS: [RosterChange; 5] =
    [RosterChange::Conflict, RosterChange::Returns, RosterChange::Changes, RosterChange::Comes, RosterChange::Stays];

/// A table for every kind of change that there is.
#[component]
pub(super) fn Changes(dry: Memo<Option<RosterImport>>) -> impl IntoView {
    move || {
        let rows = dry.with(|dry| dry.as_ref().map(|dry| dry.rows.clone()).unwrap_or_default());
        let of = |kind: RosterChange| {
            rows.iter().filter(|row| row.change.is(kind) && is_decided(row)).cloned().collect::<Vec<_>>()
        };
        let kinds = KINDS.into_iter().map(|kind| (kind, of(kind))).filter(|(_, rows)| !rows.is_empty());
        kinds.map(|(kind, rows)| view! { <Kind kind rows /> }).collect_view()
    }
}

/// The rows of one kind, at first some of them.
#[component]
fn Kind(kind: RosterChange, rows: Vec<RosterRow>) -> impl IntoView {
    use t::roster::changes as words;
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let caption = match kind {
        RosterChange::Conflict | RosterChange::Bad => words::conflict(count),
        RosterChange::Returns => words::returns(count),
        RosterChange::Changes => words::changes(count),
        RosterChange::Comes => words::comes(count),
        RosterChange::Stays => words::stays(count),
    };
    let title = caption.clone();
    // Who stays is of no interest until somebody asks.
    let shown = RwSignal::new(if kind == RosterChange::Stays { 0 } else { SHOWN });
    let columns = vec![
        Column::new(words::line()),
        Column::new(words::resident()),
        Column::new(words::when()),
        Column::new(words::before()),
    ];
    let rows = StoredValue::new(rows);
    let table = move || {
        let shown = shown.get();
        (shown > 0).then(|| {
            let rows = rows.with_value(|rows| rows.iter().take(shown).cloned().collect::<Vec<_>>());
            let rows = rows.into_iter().map(|row| view! { <Row row /> }).collect_view();
            view! { <Table caption=caption.clone() columns=columns.clone()>{rows}</Table> }
        })
    };
    let hidden = move || count as usize > shown.get();
    let label = StoredValue::new(match kind {
        RosterChange::Stays => words::show_staying(count),
        _ => words::show_all(count),
    });
    let all = Callback::new(move |()| shown.set(usize::MAX));
    view! {
        <h2 class="kind-of-change">{title}</h2>
        {table}
        <Show when=hidden>
            <p class="row"><Button kind=ButtonKind::Secondary on_press=all>{label.get_value()}</Button></p>
        </Show>
    }
}

#[component]
fn Row(row: RosterRow) -> impl IntoView {
    use t::roster::changes as words;
    use t::roster::notes;
    let said = row.notes.iter().filter_map(|note| {
        Some(match note.known()? {
            RosterNote::NameTurned => notes::name_turned(row.name_written.as_deref().unwrap_or_default()),
            RosterNote::NoAddress => notes::no_address().to_owned(),
            RosterNote::CodeLater => notes::code_later().to_owned(),
            RosterNote::OtherTenancy => notes::other_tenancy().to_owned(),
            RosterNote::AddressAdded => notes::address_added().to_owned(),
            RosterNote::MovedOut => notes::moved_out().to_owned(),
        })
    });
    let said: Vec<String> = said.collect();
    let said = (!said.is_empty()).then(|| view! { <small class="second words">{said.join(" ")}</small> });
    let before = match &row.old {
        Some(old) => in_words(old),
        None => words::nobody().to_owned(),
    };
    let days = if row.new.move_in.is_empty() { String::new() } else { days(&row.new) };
    let who = [row.new.name.as_str(), ", ", &row.new.unit].concat();
    let email =
        (!row.new.email.is_empty()).then(|| view! { <br /><span class="second">{row.new.email.clone()}</span> });
    view! {
        <tr>
            <th scope="row">{row.line.to_string()}</th>
            <td data-label=words::resident() class="words">{who}{email}</td>
            <td data-label=words::when() class="words">{days} " " {said}</td>
            <td data-label=words::before() class="words second">{before}</td>
        </tr>
    }
}
