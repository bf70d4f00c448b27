//! `/properties/{property}/roster`: importing residents from a spreadsheet, after a dry run that shows what would change, and
//! undoing that.

pub mod changes;
pub mod decisions;
pub mod imports;
pub mod reading;

use crate::prelude::*;
use api_types::{RosterAsk, RosterImport, RosterQuestion};
use ids::PropertyId;
use js_sys::{ArrayBuffer, Uint8Array};
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlInputElement;

use self::changes::Changes;
use self::decisions::{Decided, Decisions};
use self::imports::{Imports, Undo};
use self::reading::{ColumnsAsked, OrderAsked, Reading};
use crate::{
    api::{
        self, ApiError,
        properties::{RosterFile, RosterSaid},
    },
    components::{BadRows, Card, FormProblem, Link, PageHeader, use_properties},
    load::Load,
    mutation::{Mutation, invalid},
    routes::Route,
    ui::{Button, ButtonKind, Icon, IconView, Pill, SkeletonLines, Tone},
};

/// What has been said about the file, and the question that each change of it asks anew.
#[derive(Clone, Copy)]
pub struct Said {
    /// Which column is which, as the API takes it.
    columns: RwSignal<String>,
    /// The order of day and month.
    date_order: RwSignal<String>,
    /// What was decided about rows.
    decided: RwSignal<Decided>,
    /// Increases with each file and with everything that is said about it.
    question: RwSignal<u32>,
}

impl Said {
    fn new() -> Self {
        Self {
            columns: RwSignal::new(String::new()),
            date_order: RwSignal::new(String::new()),
            decided: RwSignal::new(Decided::default()),
            question: RwSignal::new(0),
        }
    }

    /// For another file nothing has been said.
    fn forget(self) {
        self.columns.set(String::new());
        self.date_order.set(String::new());
        self.decided.set(Decided::default());
    }

    fn ask(self) {
        self.question.update(|question| *question += 1);
    }

    /// What is sent with a dry run.
    fn as_sent(self) -> RosterSaid {
        RosterSaid {
            columns: self.columns.get_untracked(),
            date_order: self.date_order.get_untracked(),
            decisions: self.decided.with_untracked(Decided::as_sent),
            plan: None,
        }
    }

    /// What is sent with an import: what the dry run says was decided, and nothing that it doesn't ask.
    fn as_accepted(self, report: Option<&RosterImport>) -> RosterSaid {
        RosterSaid {
            decisions: report.map(decisions::accepted).unwrap_or_default(),
            plan: report.and_then(|report| report.plan.clone()),
            ..self.as_sent()
        }
    }
}

/// Choosing a file, a dry run with what is to be decided, and the import of all rows or none.
#[component]
pub fn RosterPage(
    /// The property.
    property: PropertyId,
) -> impl IntoView {
    let scope = use_properties();
    let said = Said::new();
    // The file's name and bytes, kept nowhere else and dropped with the page.
    let name = RwSignal::new(None::<String>);
    let bytes = LocalValue::new_local(None::<Uint8Array>);
    let files = StoredValue::new(0_u32);
    // `answered` is the question that the report answers.
    let answered = RwSignal::new(0);
    let report = RwSignal::new(None::<RosterImport>);
    let file = move || RosterFile {
        name: name.get_untracked().unwrap_or_default(),
        bytes: bytes.get_value().unwrap_or_else(|| Uint8Array::new_with_length(0)),
    };
    let dry_run = Mutation::new(
        move |of: u32| {
            let (file, said) = (file(), said.as_sent());
            async move { Ok((of, api::properties::roster_dry_run(property, file, said).await?)) }
        },
        move |(of, would)| {
            if said.question.get_untracked() == of {
                answered.set(of);
                report.set(Some(would));
            }
        },
    );
    // One dry run at a time; a newer question waits for it.
    let mut last_run = 0;
    effect(move || {
        let current = said.question.get();
        if !dry_run.pending().get() && last_run != current {
            last_run = current;
            if name.with_untracked(Option::is_some) {
                dry_run.submit(current);
            }
        }
    });
    let imports = Load::once(move || api::properties::roster_imports(property));
    let import = Mutation::with_key(
        &["roster.", &property.to_string()].concat(),
        move |(), key| {
            let (file, said) = (file(), report.with_untracked(|report| said.as_accepted(report.as_ref())));
            async move { api::properties::roster_import(property, file, said, &key).await }
        },
        move |done: RosterImport| {
            report.set(Some(done));
            imports.reload();
            scope.reload();
        },
    );
    // What has changed since the dry run is shown anew.
    let import_error = import.error();
    effect(move || {
        if import_error.get().is_some_and(|error| error.code() == Some(api_types::ProblemCode::RosterMovedOn)) {
            said.decided.set(Decided::default());
            said.ask();
        }
    });
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
        name.set(None);
        said.forget();
        said.ask();
        let nth = files.get_value() + 1;
        files.set_value(nth);
        spawn_local(async move {
            let read =
                JsFuture::from(of.array_buffer()).await.ok().and_then(|read| read.dyn_into::<ArrayBuffer>().ok());
            // The page is gone, or another file was chosen.
            if files.try_get_value() != Some(nth) {
                return;
            }
            match read {
                None => dry_run.refuse(vec![invalid("file", t::roster::import::unreadable())]),
                Some(read) => {
                    bytes.set_value(Some(Uint8Array::new(&read)));
                    name.set(Some(of.name()));
                    said.ask();
                }
            }
        });
    };
    let title = move || scope.property(property).map(|property| property.name).unwrap_or_default();
    let done = memo(move || report.with(|report| report.as_ref().filter(|it| !it.dry_run).and_then(|it| it.import_id)));
    let dry = memo(move || report.with(|report| report.clone().filter(|report| report.dry_run)));
    let asks =
        move |ask: RosterAsk| dry.with(|dry| dry.as_ref().is_some_and(|dry| dry.asks.iter().any(|it| it.is(ask))));
    let (asks_columns, asks_order) = (memo(move || asks(RosterAsk::Columns)), memo(move || asks(RosterAsk::DateOrder)));
    let ready = memo(move || {
        answered.get() == said.question.get()
            && dry.with(|dry| {
                dry.as_ref().is_some_and(|it| {
                    it.asks.is_empty() && it.bad_rows.is_empty() && it.undecided == 0 && it.left_out < it.row_count
                })
            })
    });
    let error = dry_run.error();
    view! {
        <p class="back"><Link to=Route::Residents(property)>{t::roster::back()}</Link></p>
        <PageHeader title=t::roster::title() facts=title>
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
                <p>{t::roster::import::format()}</p>
                <p class="second">{t::roster::import::effect()}</p>
                <label class="field file-field" for="field-file">
                    <span>{t::roster::import::file()}</span>
                    <input
                        id="field-file"
                        name="file"
                        type="file"
                        accept=".csv,.tsv,.txt,.xlsx,text/csv"
                        on:change=chosen
                    />
                </label>
                {move || name.get().map(|name| view! { <p class="second">{name}</p> })}
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
                {move || {
                    ready
                        .get()
                        .then(|| {
                            let moved_out = dry
                                .with_untracked(|dry| dry.as_ref().map_or(0, |dry| dry.past_move_outs));
                            let left_out = dry.with_untracked(|dry| dry.as_ref().map_or(0, decisions::kept_living));
                            let (kind, words) = match moved_out.saturating_sub(left_out) {
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
                {move || done.get().map(|import| view! {
                    <p><Link to=Route::Residents(property)>{t::roster::import::see()}</Link></p>
                    <Undo property import imports />
                })}
            </Card>
            <Show when=move || asks_columns.get()>
                <ColumnsAsked dry said />
            </Show>
            <Show when=move || asks_order.get()>
                <OrderAsked dry said />
            </Show>
            <Decisions dry said busy=import.pending() />
            <Reading dry />
        </div>
        {move || {
            // Those whose last day is over are decided above.
            let rows = dry.with(|dry| dry.as_ref().map(|it| it.bad_rows.clone()).unwrap_or_default());
            let rows: Vec<_> = rows.into_iter().filter(|row| !row.code.is(api_types::FieldCode::MoveOutPast)).collect();
            (!rows.is_empty()).then(|| view! { <BadRows rows /> })
        }}
        <Changes dry />
        <Imports property imports />
    }
}

/// What a file did, or would do.
#[component]
fn Summary(report: RosterImport) -> impl IntoView {
    use t::roster::report as words;
    let to_decide = |row: &&api_types::RosterRow| {
        row.decide.iter().any(|it| it.chosen.is_none() && it.question.is(RosterQuestion::MovesOutNow))
    };
    // Those whose last day is over are bad rows until somebody decides.
    let past = report.rows.iter().filter(to_decide).count();
    let bad = u32::try_from(report.bad_rows.len().saturating_sub(past)).unwrap_or(u32::MAX);
    let open = report.undecided + u32::try_from(past).unwrap_or(u32::MAX);
    let (tone, icon, verdict) = match (report.dry_run, bad, open) {
        (false, ..) => (Tone::Good, Icon::Check, words::imported().to_owned()),
        (true, ..) if !report.asks.is_empty() => (Tone::Waiting, Icon::Warning, words::asks().to_owned()),
        (true, 0, 0) => (Tone::Good, Icon::Check, words::ready().to_owned()),
        (true, 0, open) => (Tone::Waiting, Icon::Warning, words::to_decide(open)),
        (true, bad, _) => (Tone::Bad, Icon::X, words::problems(bad)),
    };
    let (created, updated) = if report.dry_run {
        (words::would_be_new(report.created), words::would_change(report.updated))
    } else {
        (words::new(report.created), words::changed(report.updated))
    };
    let left_out = (report.left_out > 0).then(|| words::left_out(report.left_out));
    let facts = if report.asks.is_empty() {
        let facts = [Some(words::rows(report.row_count)), Some(created), Some(updated), left_out];
        let facts: Vec<_> = facts.into_iter().flatten().chain([words::unchanged(report.unchanged)]).collect();
        facts.join(" · ")
    } else {
        words::rows(report.row_count)
    };
    view! {
        <p class="row">
            <Pill tone icon>{verdict}</Pill>
            <span>{facts}</span>
        </p>
    }
}
