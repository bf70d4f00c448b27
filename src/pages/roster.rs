//! `/properties/{property}/roster`: importing residents from a spreadsheet, after a dry run that shows every bad row.

use crate::prelude::*;
use api_types::{FieldCode, RosterImport};
use ids::PropertyId;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlInputElement;

use crate::{
    api::{self, ApiError},
    components::{BadRows, Card, FormProblem, Link, PageHeader, use_properties},
    mutation::{Mutation, invalid},
    routes::Route,
    ui::{Button, ButtonKind, Icon, IconView, Pill, SkeletonLines, Tone},
};

/// What a browser substitutes for bytes that aren't UTF-8.
const REPLACEMENT: char = '\u{FFFD}';

/// Choosing a file, a dry run, and the import of all rows or none.
#[component]
pub fn RosterPage(
    /// The property.
    property: PropertyId,
) -> impl IntoView {
    let scope = use_properties();
    // The file's name and text, kept nowhere else and dropped with the page.
    let file = RwSignal::new(None::<(String, String)>);
    let files = StoredValue::new(0_u32);
    let move_out_past = RwSignal::new(false);
    // `question` increases with each file and each change of the checkbox; `answered` is the question that the report
    // answers.
    let (question, answered) = (RwSignal::new(0_u32), RwSignal::new(0));
    let ask = move || question.update(|question| *question += 1);
    let report = RwSignal::new(None::<RosterImport>);
    let csv = move || file.with_untracked(|file| file.as_ref().map(|(_, csv)| csv.clone())).unwrap_or_default();
    let dry_run = Mutation::new(
        move |of: u32| {
            let (csv, past) = (csv(), move_out_past.get_untracked());
            async move { Ok((of, api::properties::roster_dry_run(property, csv, past).await?)) }
        },
        move |(of, would)| {
            if question.get_untracked() == of {
                answered.set(of);
                report.set(Some(would));
            }
        },
    );
    // One dry run at a time; a newer question waits for it.
    let mut last_run = 0;
    effect(move || {
        let current = question.get();
        if !dry_run.pending().get() && last_run != current {
            last_run = current;
            if file.with_untracked(Option::is_some) {
                dry_run.submit(current);
            }
        }
    });
    let import = Mutation::with_key(
        &["roster.", &property.to_string()].concat(),
        move |(), key| {
            let (csv, past) = (csv(), move_out_past.get_untracked());
            async move { api::properties::roster_import(property, csv, past, &key).await }
        },
        move |done: RosterImport| {
            report.set(Some(done));
            scope.reload();
        },
    );
    let chosen = move |event: web_sys::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some(input) = input else { return };
        let Some(of) = input.files().and_then(|files| files.get(0)) else { return };
        // A browser says nothing when the file is chosen that is chosen already, although it may have been corrected since.
        // The page says which one it has read.
        input.set_value("");
        report.set(None);
        dry_run.clear();
        import.clear();
        file.set(None);
        // The confirmation is for one file, not for the next.
        move_out_past.set(false);
        ask();
        let nth = files.get_value() + 1;
        files.set_value(nth);
        spawn_local(async move {
            let text = JsFuture::from(of.text()).await.ok().and_then(|text| text.as_string());
            // The page is gone, or another file was chosen.
            if files.try_get_value() != Some(nth) {
                return;
            }
            let problem = match &text {
                None => Some(t::roster::import::unreadable()),
                Some(text) if text.contains(REPLACEMENT) => Some(t::roster::import::not_utf8()),
                Some(_) => None,
            };
            match (problem, text) {
                (Some(problem), _) => dry_run.refuse(vec![invalid("file", problem)]),
                (None, Some(csv)) => {
                    file.set(Some((of.name(), csv)));
                    ask();
                }
                (None, None) => {}
            }
        });
    };
    let name = move || scope.property(property).map(|property| property.name).unwrap_or_default();
    let done = memo(move || report.with(|report| report.as_ref().is_some_and(|report| !report.dry_run)));
    let past = memo(move || report.with(|report| dry_run_of(report).map_or(0, |report| report.past_move_outs)));
    let ready = memo(move || {
        answered.get() == question.get()
            && report.with(|report| dry_run_of(report).is_some_and(|report| report.bad_rows.is_empty()))
    });
    let set_move_out_past = Callback::new(move |on: bool| {
        move_out_past.set(on);
        ask();
    });
    let error = dry_run.error();
    let [before_columns, _, after_columns] = t::roster::import::format();
    view! {
        <p class="back"><Link to=Route::Residents(property)>{t::roster::back()}</Link></p>
        <PageHeader title=t::roster::title() facts=name>
            <a
                class=ButtonKind::Secondary.class()
                rel="external"
                download=""
                href=api::properties::roster_url(property)
            >
                <IconView icon=Icon::Download />
                {t::roster::export()}
            </a>
        </PageHeader>
        <div class="stack wide">
            <Card title=t::roster::import::title()>
                <p>{before_columns} <code>"unit,name,email,move_in,move_out"</code> {after_columns}</p>
                <p class="second">{t::roster::import::effect()}</p>
                <label class="field file-field" for="field-file">
                    <span>{t::roster::import::file()}</span>
                    <input id="field-file" name="file" type="file" accept=".csv,text/csv" on:change=chosen />
                </label>
                {move || {
                    let name = file.with(|file| file.as_ref().map(|(name, _)| name.clone()));
                    name.map(|name| view! { <p class="second">{name}</p> })
                }}
                <div role="status">
                    <Show when=move || dry_run.pending().get() && report.with(Option::is_none)>
                        <SkeletonLines lines=2 />
                    </Show>
                    {move || report.get().map(|report| view! { <Summary report /> })}
                </div>
                <Show when=move || error.get().is_some_and(|error| !matches!(error, ApiError::SignedOut))>
                    <FormProblem mutation=dry_run />
                </Show>
                <FormProblem mutation=import />
                <Show when=move || { past.get() > 0 }>
                    <MoveOutPast past chosen=move_out_past on_change=set_move_out_past importing=import.pending() />
                </Show>
                {move || {
                    ready
                        .get()
                        .then(|| {
                            let (kind, words) = match past.get_untracked() {
                                0 => (ButtonKind::Primary, t::roster::import::submit().to_owned()),
                                some => (ButtonKind::LastStep, t::roster::import::submit_and_move_out(some)),
                            };
                            let submit = Callback::new(move |()| import.submit(()));
                            view! {
                                <div class="row">
                                    <Button kind busy=import.pending() on_press=submit>{words}</Button>
                                </div>
                            }
                        })
                }}
                <Show when=move || done.get()>
                    <p>
                        <Link to=Route::Residents(property)>{t::roster::import::see()}</Link>
                    </p>
                </Show>
            </Card>
        </div>
        {move || {
            let rows = report.with(|report| report.as_ref().map(|it| it.bad_rows.clone()).unwrap_or_default());
            (!rows.is_empty()).then(|| view! { <BadRows rows /> })
        }}
    }
}

/// The report of a dry run; `None` after the import.
fn dry_run_of(report: &Option<RosterImport>) -> Option<&RosterImport> {
    report.as_ref().filter(|report| report.dry_run)
}

/// The checkbox that accepts last days in the past, whose residents are then moved out.
#[component]
fn MoveOutPast(
    past: Memo<u32>,
    chosen: RwSignal<bool>,
    on_change: Callback<bool>,
    importing: Signal<bool>,
) -> impl IntoView {
    view! {
        <label class="choice">
            // Not `disabled` during the import, so that it keeps the focus.
            <input
                type="checkbox"
                name=FieldCode::MoveOutPast.name()
                aria-disabled=move || importing.get().then_some("true")
                prop:checked=chosen
                on:click=move |event| {
                    if importing.get_untracked() {
                        event.prevent_default();
                    }
                }
                on:change=move |event| on_change.run(event_target_checked(&event))
            />
            <span class="choice-text">
                {move || t::roster::import::move_out_past(past.get())}
                <span class="choice-hint">{t::roster::import::move_out_past_effect()}</span>
            </span>
        </label>
    }
}

/// What a file did, or would do.
#[component]
fn Summary(report: RosterImport) -> impl IntoView {
    use t::roster::report as words;
    let bad = u32::try_from(report.bad_rows.len()).unwrap_or(u32::MAX);
    // Those that the page can let pass: they would move somebody out at once.
    let undecided = report.bad_rows.iter().filter(|row| row.code.is(FieldCode::MoveOutPast)).count();
    let (tone, icon, verdict) = match (report.dry_run, bad) {
        (false, _) => (Tone::Good, Icon::Check, words::imported().to_owned()),
        (true, 0) => (Tone::Good, Icon::Check, words::ready().to_owned()),
        (true, _) if undecided == report.bad_rows.len() => (Tone::Waiting, Icon::Warning, words::to_decide(bad)),
        (true, _) => (Tone::Bad, Icon::X, words::problems(bad)),
    };
    let (created, updated) = if report.dry_run {
        (words::would_be_new(report.created), words::would_change(report.updated))
    } else {
        (words::new(report.created), words::changed(report.updated))
    };
    let moved_out = match (report.past_move_outs, report.dry_run) {
        (0, _) => None,
        (some, false) => Some(words::moved_out(some)),
        (some, true) if undecided == 0 => Some(words::would_move_out(some)),
        (some, true) => Some(words::past(some)),
    };
    let facts = [Some(words::rows(report.rows)), Some(created), Some(updated), moved_out];
    let facts: Vec<_> = facts.into_iter().flatten().chain([words::unchanged(report.unchanged)]).collect();
    let facts = facts.join(" · ");
    view! {
        <p class="row">
            <Pill tone icon>{verdict}</Pill>
            <span>{facts}</span>
        </p>
    }
}
