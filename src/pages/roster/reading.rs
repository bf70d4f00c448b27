//! How a file was read, and what has to be said about it first: which column is which, and the order of its dates.

use crate::prelude::*;
use api_types::{DateOrder, MaybeKnown, RosterColumn, RosterImport, RosterSetAside, SetAside};

use super::Said;
use crate::{
    components::Card,
    intl,
    ui::{Button, ButtonKind, Choice, SelectField},
};

/// How it was read, in facts.
#[component]
pub(super) fn Reading(dry: Memo<Option<RosterImport>>) -> impl IntoView {
    use t::roster::reading as words;
    let reading = memo(move || dry.with(|dry| dry.as_ref().map(|dry| dry.reading.clone())));
    move || {
        reading.get().map(|it| {
            let separator = it.separator.as_deref().map(|separator| match separator {
                "semicolon" => words::semicolon(),
                "tab" => words::tab(),
                "bar" => words::bar(),
                _ => words::comma(),
            });
            let columns = it.columns.iter().filter_map(|column| {
                let about = column_name(column.column.as_ref()?.known()?);
                let heading = heading_words(column.place, &column.heading);
                Some(view! { <li>{heading}" → "{about}</li> })
            });
            let columns = columns.collect_view();
            let order = it.date_order.as_ref().and_then(MaybeKnown::known).map(|order| match order {
                DateOrder::DayFirst => words::day_first(),
                DateOrder::MonthFirst => words::month_first(),
            });
            let example = it.date_example.as_ref().and_then(|example| {
                let day = match it.date_order.as_ref()?.known()? {
                    DateOrder::DayFirst => example.day_first.as_ref()?,
                    DateOrder::MonthFirst => example.month_first.as_ref()?,
                };
                Some([": ", &example.text, " → ", &intl::local_day(day)].concat())
            });
            let others = (!it.other_sheets.is_empty()).then(|| words::not_read(&it.other_sheets.join(", ")));
            let aside = (it.set_aside_count > 0).then(|| view! { <Aside rows=it.set_aside count=it.set_aside_count /> });
            view! {
                <Card title=words::title()>
                    <dl class="facts">
                        {separator.map(|separator| view! { <dt>{words::separator()}</dt><dd>{separator}</dd> })}
                        {it.encoding.map(|encoding| view! { <dt>{words::encoding()}</dt><dd>{encoding.to_uppercase()}</dd> })}
                        {it.sheet.map(|sheet| view! { <dt>{words::sheet()}</dt><dd>{sheet}" "{others}</dd> })}
                        <dt>{words::columns()}</dt>
                        <dd><ul class="plain-list">{columns}</ul></dd>
                        {order.map(|order| view! { <dt>{words::dates()}</dt><dd>{order}{example}</dd> })}
                    </dl>
                    {aside}
                </Card>
            }
        })
    }
}

/// Rows that aren't about a resident.
#[component]
fn Aside(rows: Vec<SetAside>, count: u32) -> impl IntoView {
    use t::roster::aside as words;
    let rows = rows.into_iter().map(|row| {
        let why = match row.reason.known() {
            Some(RosterSetAside::Title) => words::is_title(),
            Some(RosterSetAside::Headings) => words::headings(),
            Some(RosterSetAside::Empty) => words::empty(),
            Some(RosterSetAside::Vacant) => words::vacant(),
            Some(RosterSetAside::Total) => words::total(),
            Some(RosterSetAside::Text) | None => words::text(),
        };
        let text = (!row.text.is_empty()).then(|| [": ", &row.text].concat());
        view! { <li>{words::line(&row.line.to_string())}" · "{why}<span class="words second">{text}</span></li> }
    });
    view! {
        <details>
            <summary>{words::title(count)}</summary>
            <ul class="plain-list">{rows.collect_view()}</ul>
        </details>
    }
}

/// A column by its heading, or by its place where it has none.
fn heading_words(place: u32, heading: &str) -> String {
    if heading.is_empty() { t::roster::columns::place(&place.to_string()) } else { heading.to_owned() }
}

/// What a column is about.
fn column_name(column: RosterColumn) -> &'static str {
    use t::roster::columns as words;
    match column {
        RosterColumn::Unit => words::unit(),
        RosterColumn::Name => words::name(),
        RosterColumn::FirstName => words::first_name(),
        RosterColumn::LastName => words::last_name(),
        RosterColumn::Email => words::email(),
        RosterColumn::MoveIn => words::move_in(),
        RosterColumn::MoveOut => words::move_out(),
    }
}

/// Asks which column is which.
#[component]
pub(super) fn ColumnsAsked(dry: Memo<Option<RosterImport>>, said: Said) -> impl IntoView {
    use t::roster::columns as words;
    let columns = dry.with_untracked(|dry| dry.as_ref().map(|dry| dry.reading.columns.clone()).unwrap_or_default());
    let choices: Vec<Choice> = columns
        .iter()
        .map(|column| {
            let mut label = heading_words(column.place, &column.heading);
            if !column.example.is_empty() {
                label.push_str(" (");
                label.push_str(&column.example);
                label.push(')');
            }
            Choice::new(column.place.to_string(), label)
        })
        .collect();
    let fields = [
        RosterColumn::Unit,
        RosterColumn::Name,
        RosterColumn::FirstName,
        RosterColumn::LastName,
        RosterColumn::Email,
        RosterColumn::MoveIn,
        RosterColumn::MoveOut,
    ]
    .map(|field| {
        let found = columns.iter().find(|column| column.column.as_ref().is_some_and(|it| it.is(field)));
        (field, RwSignal::new(found.map(|column| column.place.to_string()).unwrap_or_default()))
    });
    let selects = fields.map(|(field, value)| {
        let choices = [vec![Choice::new("", words::none())], choices.clone()].concat();
        view! { <SelectField label=column_name(field) name=field.name() value choices=derived(move || choices.clone()) /> }
    });
    let submit = Callback::new(move |()| {
        let said_now = fields.iter().map(|(field, value)| {
            let place = value.get_untracked();
            let place = if place.is_empty() { "none" } else { &place };
            [field.name(), ":", place].concat()
        });
        said.columns.set(said_now.collect::<Vec<_>>().join(","));
        said.ask();
    });
    view! {
        <Card title=words::title()>
            <p>{words::hint()}</p>
            <div class="columns-asked">{selects.into_iter().collect_view()}</div>
            <div class="row">
                <Button kind=ButtonKind::Primary on_press=submit>{words::submit()}</Button>
            </div>
        </Card>
    }
}

/// Asks for the order of day and month.
#[component]
pub(super) fn OrderAsked(dry: Memo<Option<RosterImport>>, said: Said) -> impl IntoView {
    use t::roster::order as words;
    let example = dry.with_untracked(|dry| dry.as_ref().and_then(|dry| dry.reading.date_example.clone()));
    let written = example.as_ref().map(|it| words::example(&it.text, &it.line.to_string()));
    let day = |day: Option<&String>| day.map(|day| intl::local_day(day)).unwrap_or_default();
    let buttons = [
        (DateOrder::DayFirst, words::day_first(), day(example.as_ref().and_then(|it| it.day_first.as_ref()))),
        (DateOrder::MonthFirst, words::month_first(), day(example.as_ref().and_then(|it| it.month_first.as_ref()))),
    ]
    .map(|(order, words, day)| {
        let choose = Callback::new(move |()| {
            said.date_order.set(order.name().to_owned());
            said.ask();
        });
        let day = if day.is_empty() { String::new() } else { [": ", &day].concat() };
        view! { <Button kind=ButtonKind::Secondary on_press=choose>{words}{day}</Button> }
    });
    view! {
        <Card title=words::title()>
            <p>{written}</p>
            <div class="row">{buttons.into_iter().collect_view()}</div>
        </Card>
    }
}
