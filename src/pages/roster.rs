//! `/properties/{property}/roster`: residents from a spreadsheet, after a dry run that shows each bad line.

use crate::prelude::*;
use api_types::{BadRow, RosterImport};
use leptos::task::spawn_local;
use uuid::Uuid;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlInputElement;

use crate::{
    api::{self, ApiError},
    components::{Card, FormProblem, Link, PageHeader, use_properties},
    mutation::{Mutation, invalid},
    routes::Route,
    ui::{Button, ButtonKind, Column, Icon, IconView, Pill, SkeletonLines, Table, Tone},
    wording,
};

/// What a browser puts for bytes that aren't UTF-8.
const REPLACEMENT: char = '\u{FFFD}';

/// Choose a file, see what it would do, then do it: all rows or none.
#[component]
pub fn RosterPage(
    /// The property.
    property: Uuid,
) -> impl IntoView {
    let scope = use_properties();
    // The file's text is here and nowhere else, and gone with the page.
    let file = RwSignal::new(None::<(String, String)>);
    let report = RwSignal::new(None::<RosterImport>);
    let look = Mutation::new(
        move |csv: String| async move { api::properties::roster_dry_run(property, csv).await },
        move |would: RosterImport| report.set(Some(would)),
    );
    let import = Mutation::with_key(
        &["roster.", &property.to_string()].concat(),
        move |csv: String, key| async move { api::properties::roster_import(property, csv, &key).await },
        move |done: RosterImport| {
            report.set(Some(done));
            scope.reload();
        },
    );
    let chosen = move |event: web_sys::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some(of) = input.and_then(|input| input.files()).and_then(|files| files.get(0)) else { return };
        report.set(None);
        look.clear();
        import.clear();
        file.set(None);
        spawn_local(async move {
            let text = JsFuture::from(of.text()).await.ok().and_then(|text| text.as_string());
            let problem = match &text {
                None => Some(t::roster::import::unreadable()),
                Some(text) if text.contains(REPLACEMENT) => Some(t::roster::import::not_utf8()),
                Some(_) => None,
            };
            match (problem, text) {
                (Some(problem), _) => look.refuse(vec![invalid("file", problem)]),
                (None, Some(text)) => {
                    file.set(Some((of.name(), text.clone())));
                    look.submit(text);
                }
                (None, None) => {}
            }
        });
    };
    let name = move || scope.property(property).map(|property| property.name).unwrap_or_default();
    let done = memo(move || report.with(|report| report.as_ref().is_some_and(|report| !report.dry_run)));
    let clean = memo(move || {
        report.with(|report| report.as_ref().is_some_and(|report| report.dry_run && report.bad_rows.is_empty()))
    });
    let error = look.error();
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
                <div role="status">
                    <Show when=move || look.pending().get()>
                        <SkeletonLines lines=2 />
                    </Show>
                    {move || report.get().map(|report| view! { <Summary report /> })}
                </div>
                <Show when=move || error.get().is_some_and(|error| !matches!(error, ApiError::SignedOut))>
                    <FormProblem mutation=look />
                </Show>
                <FormProblem mutation=import />
                <Show when=move || clean.get()>
                    <div class="row">
                        <Button
                            kind=ButtonKind::Primary
                            busy=import.pending()
                            on_press=Callback::new(move |()| {
                                if let Some((_, csv)) = file.get_untracked() {
                                    import.submit(csv);
                                }
                            })
                        >
                            {t::roster::import::submit()}
                        </Button>
                        <span class="second">{move || file.with(|file| file.as_ref().map(|(name, _)| name.clone()))}</span>
                    </div>
                </Show>
                <Show when=move || done.get()>
                    <p>
                        <Link to=Route::Residents(property)>{t::roster::import::see()}</Link>
                    </p>
                </Show>
            </Card>
            {move || {
                let rows = report.with(|report| report.as_ref().map(|it| it.bad_rows.clone()).unwrap_or_default());
                (!rows.is_empty()).then(|| view! { <BadRows rows /> })
            }}
        </div>
    }
}

/// What a file did, or would do.
#[component]
fn Summary(report: RosterImport) -> impl IntoView {
    let bad = u32::try_from(report.bad_rows.len()).unwrap_or(u32::MAX);
    let (tone, icon, words) = match (report.dry_run, bad) {
        (false, _) => (Tone::Good, Icon::Check, t::roster::report::imported().to_owned()),
        (true, 0) => (Tone::Good, Icon::Check, t::roster::report::ready().to_owned()),
        (true, _) => (Tone::Bad, Icon::X, t::roster::report::problems(bad)),
    };
    let (created, updated) = if report.dry_run {
        (t::roster::report::would_be_new(report.created), t::roster::report::would_change(report.updated))
    } else {
        (t::roster::report::new(report.created), t::roster::report::changed(report.updated))
    };
    let rows = t::roster::report::rows(report.rows);
    let facts = [rows, created, updated, t::roster::report::unchanged(report.unchanged)].join(" · ");
    view! {
        <p class="row">
            <Pill tone icon>{words}</Pill>
            <span>{facts}</span>
        </p>
    }
}

#[component]
fn BadRows(rows: Vec<BadRow>) -> impl IntoView {
    let heads = [t::roster::bad_rows::line(), t::roster::bad_rows::column(), t::roster::bad_rows::what()];
    let columns = heads.map(Column::new).into();
    let rows = rows
        .into_iter()
        .map(|row| {
            let what = wording::field(&row.column, &row.code, &row.detail).to_owned();
            view! {
                <tr>
                    <th scope="row">{row.line.to_string()}</th>
                    <td data-label=t::roster::bad_rows::column()>{row.column}</td>
                    <td data-label=t::roster::bad_rows::what()>{what}</td>
                </tr>
            }
        })
        .collect_view();
    view! { <Table caption=t::roster::bad_rows::caption() columns>{rows}</Table> }
}
