//! What is to be decided about rows, kind by kind, with old and new side by side (R40).

use std::collections::BTreeMap;

use crate::prelude::*;
use api_types::{OfRow, RosterChoice, RosterImport, RosterQuestion, RosterRow};

use super::Said;
use crate::{
    components::Card,
    intl,
    ui::{Button, ButtonKind},
};

/// How many rows of a kind are shown at first.
pub(super) const SHOWN: usize = 50;

/// How many more are shown at a time.
const MORE: usize = 200;

/// What was decided, by line and question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decided(BTreeMap<(u64, &'static str), RosterChoice>);

impl Decided {
    fn set(&mut self, line: u64, question: RosterQuestion, choice: RosterChoice) {
        self.0.insert((line, question.name()), choice);
    }

    fn has(&self, line: u64, question: RosterQuestion, choice: RosterChoice) -> bool {
        self.0.get(&(line, question.name())) == Some(&choice)
    }

    /// As the API takes it. Whoever leaves a row out has decided the rest of it too.
    pub(super) fn as_sent(&self) -> String {
        let mut sent: Vec<String> = Vec::new();
        for ((line, _), choice) in &self.0 {
            let token = [&line.to_string(), ".", choice.name()].concat();
            if !sent.contains(&token) {
                sent.push(token);
            }
        }
        sent.join(",")
    }
}

/// The decisions that a dry run has taken, as the API takes them.
pub(super) fn accepted(report: &RosterImport) -> String {
    let mut sent: Vec<String> = Vec::new();
    for row in &report.rows {
        for choice in row.decide.iter().filter_map(|it| it.chosen.as_ref()) {
            let token = [&row.line.to_string(), ".", choice.name()].concat();
            if sent.last() != Some(&token) {
                sent.push(token);
            }
        }
    }
    sent.join(",")
}

/// How many of those whose last day is over are left out, and so not moved out.
pub(super) fn kept_living(report: &RosterImport) -> u32 {
    let kept = report.rows.iter().filter(|row| {
        let asked = row.decide.iter().any(|it| it.question.is(RosterQuestion::MovesOutNow));
        asked && row.decide.iter().any(|it| it.chosen.as_ref().is_some_and(|it| it.is(RosterChoice::LeaveOut)))
    });
    u32::try_from(kept.count()).unwrap_or(u32::MAX)
}

/// A card for every kind of question that there is.
#[component]
pub(super) fn Decisions(
    dry: Memo<Option<RosterImport>>,
    said: Said,
    #[prop(into)] busy: Signal<bool>,
) -> impl IntoView {
    // Which rows are asked about stays the same while they are decided, so that the focus stays where it is.
    let asked = memo(move || {
        let asked = |question: RosterQuestion| {
            dry.with(|dry| {
                let rows = dry.iter().flat_map(|dry| &dry.rows);
                let rows = rows.filter(|row| row.decide.iter().any(|it| it.question.is(question)));
                rows.map(|row| (row.line, row.new.clone(), row.old.clone(), row.unit_written.clone()))
                    .collect::<Vec<_>>()
            })
        };
        let asked = RosterQuestion::ALL.iter().map(|question| (*question, asked(*question)));
        asked.filter(|(_, rows)| !rows.is_empty()).collect::<Vec<_>>()
    });
    move || {
        let groups = asked.get().into_iter().map(|(question, rows)| {
            view! { <Group question rows said busy /> }
        });
        groups.collect_view()
    }
}

type Asked = (u64, OfRow, Option<OfRow>, Option<String>);

/// All rows with one question.
#[component]
fn Group(question: RosterQuestion, rows: Vec<Asked>, said: Said, busy: Signal<bool>) -> impl IntoView {
    let (title, hint, all) = about(question, u32::try_from(rows.len()).unwrap_or(u32::MAX));
    let lines: Vec<u64> = rows.iter().map(|(line, ..)| *line).collect();
    let count = rows.len();
    let shown = RwSignal::new(SHOWN);
    let first = choices(question)[0];
    let accept = Callback::new(move |()| {
        said.decided.update(|decided| lines.iter().for_each(|line| decided.set(*line, question, first)));
        said.ask();
    });
    let rows = StoredValue::new(rows);
    let each = move || rows.with_value(|rows| rows.iter().take(shown.get()).cloned().collect::<Vec<_>>());
    let more = memo(move || count.saturating_sub(shown.get()));
    let show = Callback::new(move |()| shown.update(|shown| *shown += MORE));
    let all = all.map(|words| {
        view! { <div class="row"><Button kind=ButtonKind::Secondary on_press=accept>{words}</Button></div> }
    });
    view! {
        <Card title=title>
            <p>{hint}</p>
            {all}
            <For each key=|(line, ..)| *line let(asked)>
                <Row question asked said busy />
            </For>
            <Show when=move || more.get() != 0>
                <p class="row second">
                    {move || t::roster::decide::more(u32::try_from(more.get()).unwrap_or(u32::MAX))}
                    <Button kind=ButtonKind::Secondary on_press=show>{t::roster::decide::show_more()}</Button>
                </p>
            </Show>
        </Card>
    }
}

/// A row, with what it is now beside what the file says, and the choices.
#[component]
fn Row(question: RosterQuestion, asked: Asked, said: Said, busy: Signal<bool>) -> impl IntoView {
    let (line, new, old, written) = asked;
    let legend = [&t::roster::aside::line(&line.to_string()), ": ", &new.name, ", ", &new.unit].concat();
    let name = ["decide-", &line.to_string(), "-", question.name()].concat();
    let options = choices(question).iter().map(|choice| {
        let choice = *choice;
        let name = name.clone();
        view! {
            <label class="choice">
                // Not `disabled` during the import, so that it keeps the focus.
                <input
                    type="radio"
                    name=name
                    aria-disabled=move || busy.get().then_some("true")
                    prop:checked=move || said.decided.with(|decided| decided.has(line, question, choice))
                    on:click=move |event| {
                        if busy.get_untracked() {
                            event.prevent_default();
                        }
                    }
                    on:change=move |_| {
                        said.decided.update(|decided| decided.set(line, question, choice));
                        said.ask();
                    }
                />
                <span class="choice-text">{choice_words(choice, &new, old.as_ref())}</span>
            </label>
        }
    });
    let options = options.collect_view();
    let sides = match (question, written) {
        (RosterQuestion::UnitSuggested, Some(written)) => view! {
            <p class="second">{t::roster::decide::written(&written)}</p>
        }
        .into_any(),
        _ => {
            let is_row = question == RosterQuestion::SharedAddress;
            let before = if is_row { t::roster::decide::other_row() } else { t::roster::decide::now() };
            view! { <Sides before new=new.clone() old=old.clone() /> }.into_any()
        }
    };
    view! {
        <fieldset class="field choices decision">
            <legend>{legend}</legend>
            {sides}
            <div class="choice-list">{options}</div>
        </fieldset>
    }
}

/// What is there now, and what the file says.
#[component]
pub(super) fn Sides(before: &'static str, new: OfRow, old: Option<OfRow>) -> impl IntoView {
    let now = old.map(|old| view! { <dt>{before}</dt><dd>{in_words(&old)}</dd> });
    view! {
        <dl class="facts sides">
            {now}
            <dt>{t::roster::decide::file()}</dt>
            <dd>{in_words(&new)}</dd>
        </dl>
    }
}

/// A row in a line: who, where, and when.
pub(super) fn in_words(row: &OfRow) -> String {
    let mut parts: Vec<String> = Vec::new();
    let email = if row.email.is_empty() { t::roster::decide::no_address() } else { &row.email };
    parts.extend([row.name.clone(), email.to_owned()]);
    if !row.unit.is_empty() {
        parts.push(t::roster::decide::unit(&row.unit));
    }
    if !row.move_in.is_empty() {
        parts.push(days(row));
    }
    parts.join(" · ")
}

/// The days of a row.
pub(super) fn days(row: &OfRow) -> String {
    match row.move_out.as_str() {
        "" => t::roster::decide::from(&intl::local_day(&row.move_in)),
        last => t::roster::decide::from_to(&intl::local_day(&row.move_in), &intl::local_day(last)),
    }
}

/// What can be decided, the yes first.
fn choices(question: RosterQuestion) -> &'static [RosterChoice] {
    use RosterChoice as Choice;
    match question {
        RosterQuestion::UnitSuggested => &[Choice::Unit, Choice::LeaveOut],
        RosterQuestion::Returns => &[Choice::Return, Choice::LeaveOut],
        RosterQuestion::OtherName => &[Choice::Rename, Choice::KeepName, Choice::NoAddress, Choice::LeaveOut],
        RosterQuestion::SharedAddress => &[Choice::NoAddress, Choice::LeaveOut],
        RosterQuestion::Overlap => &[Choice::Change, Choice::LeaveOut],
        RosterQuestion::FutureMoveIn => &[Choice::Postpone, Choice::LeaveOut],
        RosterQuestion::MovesOutNow => &[Choice::MoveOut, Choice::LeaveOut],
    }
}

fn choice_words(choice: RosterChoice, new: &OfRow, old: Option<&OfRow>) -> String {
    use t::roster::choice as words;
    let old_name = old.map(|old| old.name.as_str()).unwrap_or_default();
    match choice {
        RosterChoice::Unit => words::is_unit(&new.unit),
        RosterChoice::Return => words::comes_back(&new.name),
        RosterChoice::Rename => words::rename(&new.name),
        RosterChoice::KeepName => words::keep_name(old_name),
        RosterChoice::NoAddress => words::no_address(&new.name),
        RosterChoice::Change => words::change().to_owned(),
        RosterChoice::Postpone => words::postpone().to_owned(),
        RosterChoice::MoveOut => words::move_out().to_owned(),
        RosterChoice::LeaveOut => words::leave_out().to_owned(),
    }
}

/// The title of a kind of question, what it means, and how to say yes to all of them at once.
fn about(question: RosterQuestion, count: u32) -> (String, &'static str, Option<&'static str>) {
    use t::roster::questions as words;
    match question {
        RosterQuestion::UnitSuggested => (words::units(count), words::units_hint(), Some(words::units_all())),
        RosterQuestion::Returns => (words::returns(count), words::returns_hint(), Some(words::yes_to_all())),
        RosterQuestion::OtherName => (words::other_name(count), words::other_name_hint(), None),
        RosterQuestion::SharedAddress => (words::shared(count), words::shared_hint(), None),
        RosterQuestion::Overlap => (words::overlap(count), words::overlap_hint(), Some(words::yes_to_all())),
        RosterQuestion::FutureMoveIn => (words::future(count), words::future_hint(), None),
        RosterQuestion::MovesOutNow => (words::past(count), words::past_hint(), Some(words::past_all())),
    }
}

/// Whether nothing about a row is left to decide.
pub(super) fn is_decided(row: &RosterRow) -> bool {
    row.decide.iter().all(|it| it.chosen.is_some())
}
