//! `/properties/{property}/layout`: buildings, units and doors, from a spreadsheet or by numbers (R36).

use crate::prelude::*;
use api_types::{LayoutImport, ProblemCode};
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
    ui::{Button, ButtonKind, Icon, InputKind, Pill, TextField, Tone, read_fields},
};

/// The most units that are made by numbers at once.
const MAX_UNITS: u32 = 2_000;

const HEADINGS: &str = "building,unit,door,kind\n";

/// What is to be added, checked before it is.
#[component]
pub fn LayoutPage(
    /// The property.
    property: PropertyId,
) -> impl IntoView {
    let scope = use_properties();
    let csv = StoredValue::new(String::new());
    let report = RwSignal::new(None::<LayoutImport>);
    let check = Mutation::new(
        move |rows: String| {
            csv.set_value(rows.clone());
            async move { api::properties::layout_dry_run(property, rows).await }
        },
        move |would| report.set(Some(would)),
    );
    let import = Mutation::with_key(
        &["layout.", &property.to_string()].concat(),
        move |(), key| {
            let rows = csv.get_value();
            let plan = report.with_untracked(|report| report.as_ref().and_then(|it| it.plan.clone()));
            async move { api::properties::layout_import(property, rows, plan.as_deref(), &key).await }
        },
        move |done: LayoutImport| {
            report.set(Some(done));
            scope.reload();
        },
    );
    // What was checked is no longer so: it is shown anew, under what went wrong.
    effect(move || {
        if import.error().with(|error| error.as_ref().and_then(ApiError::code)) == Some(ProblemCode::LayoutMovedOn) {
            check.submit(csv.get_value());
        }
    });
    let look = Callback::new(move |rows: String| {
        report.set(None);
        import.clear();
        check.submit(rows);
    });
    let name = move || scope.property(property).map(|property| property.name).unwrap_or_default();
    let ready = memo(move || {
        report.with(|report| report.as_ref().is_some_and(|it| it.dry_run && it.bad_rows.is_empty() && it.doors > 0))
    });
    let done = memo(move || report.with(|report| report.as_ref().is_some_and(|it| !it.dry_run)));
    view! {
        <p class="back"><Link to=Route::Property(property)>{t::setting_up::layout::back()}</Link></p>
        <PageHeader title=t::setting_up::layout::title() facts=name>
            <Link to=Route::LayoutParts(property)>{t::shell::titles::layout_parts()}</Link>
        </PageHeader>
        <div class="stack wide">
            <Card title=t::setting_up::layout::numbers()>
                <Numbers on_rows=look checking=check.pending() />
            </Card>
            <Card title=t::setting_up::layout::door()>
                <OneDoor on_rows=look checking=check.pending() />
            </Card>
            <Card title=t::setting_up::layout::file()>
                <File on_rows=look check />
            </Card>
            <div role="status">
                {move || report.get().map(|report| view! { <Summary report /> })}
            </div>
            <FormProblem mutation=check />
            <FormProblem mutation=import />
            {move || {
                ready
                    .get()
                    .then(|| {
                        view! {
                            <div class="row">
                                <Button
                                    kind=ButtonKind::Primary
                                    busy=import.pending()
                                    on_press=Callback::new(move |()| import.submit(()))
                                >
                                    {t::setting_up::layout::submit()}
                                </Button>
                            </div>
                        }
                    })
            }}
            <Show when=move || done.get()>
                <p class="row">
                    <Link to=Route::Roster(property)>{t::setting_up::layout::next()}</Link>
                </p>
            </Show>
        </div>
        {move || {
            let rows = report.with(|report| report.as_ref().map(|it| it.bad_rows.clone()).unwrap_or_default());
            (!rows.is_empty()).then(|| view! { <BadRows rows /> })
        }}
    }
}

/// What a file did, or would do.
#[component]
fn Summary(report: LayoutImport) -> impl IntoView {
    use t::setting_up::report as words;
    let bad = u32::try_from(report.bad_rows.len()).unwrap_or(u32::MAX);
    let (tone, icon, verdict) = match (report.dry_run, bad, report.doors) {
        (false, ..) => (Tone::Good, Icon::Check, words::done().to_owned()),
        (true, 0, 0) => (Tone::Waiting, Icon::Warning, words::nothing().to_owned()),
        (true, 0, _) => (Tone::Good, Icon::Check, words::ready().to_owned()),
        (true, ..) => (Tone::Bad, Icon::X, words::problems(bad)),
    };
    let facts = [
        words::buildings(report.buildings),
        words::units(report.units),
        words::doors(report.doors),
        words::unchanged(report.unchanged),
    ];
    let facts = facts.join(" · ");
    view! {
        <p class="row">
            <Pill tone icon>{verdict}</Pill>
            <span>{facts}</span>
        </p>
    }
}

/// Units by numbers: floors 1 to 6, units 01 to 40 on each.
#[component]
fn Numbers(on_rows: Callback<String>, checking: Signal<bool>) -> impl IntoView {
    let text = |text: &str| RwSignal::new(text.to_owned());
    let (building, first, last, units) = (text(""), text("1"), text("1"), text("1"));
    let make = Mutation::new(|rows: String| async move { Ok(rows) }, move |rows| on_rows.run(rows));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        let number = |text: RwSignal<String>| text.with_untracked(|text| text.trim().parse::<u32>().ok());
        let count = number(units).filter(|count| (1..=99).contains(count));
        match (number(first), number(last), count) {
            (Some(first), Some(last), Some(count)) if first <= last && (last - first + 1) * count <= MAX_UNITS => {
                make.submit(numbered(building.get_untracked().trim(), first..=last, count));
            }
            _ => make.refuse(vec![invalid("units", t::setting_up::layout::numbers_wrong())]),
        }
    };
    view! {
        <p class="second">{t::setting_up::layout::numbers_hint()}</p>
        <form method="post" novalidate=true on:submit=submit on:input=move |event| make.mend(&event)>
            <FormProblem mutation=make />
            <TextField
                label=t::setting_up::layout::building()
                name="building"
                value=building
                max_length=60
                optional=true
            />
            <div class="field-numbers">
                <TextField label=t::setting_up::layout::first_floor() name="first" value=first kind=InputKind::Digits />
                <TextField label=t::setting_up::layout::last_floor() name="last" value=last kind=InputKind::Digits />
                <TextField
                    label=t::setting_up::layout::units()
                    name="units"
                    value=units
                    kind=InputKind::Digits
                    error=make.field_error("units")
                />
            </div>
            <Button submit=true busy=checking>{t::setting_up::layout::check()}</Button>
        </form>
    }
}

/// The rows of units that are numbered by floor: 101, 102, … 640.
fn numbered(building: &str, floors: std::ops::RangeInclusive<u32>, units: u32) -> String {
    let mut rows = HEADINGS.to_owned();
    for floor in floors {
        for unit in 1..=units {
            let unit = [floor.to_string(), (100 + unit).to_string().split_off(1)].concat();
            rows.push_str(&row([building, &unit, "", "unit"]));
        }
    }
    rows
}

/// A row of a spreadsheet, with every cell in quotes.
fn row(cells: [&str; 4]) -> String {
    let cells = cells.map(|cell| ["\"", &cell.replace('"', "\"\""), "\""].concat());
    [&cells.join(","), "\n"].concat()
}

/// A door that belongs to no unit, or a further one of a unit.
#[component]
fn OneDoor(on_rows: Callback<String>, checking: Signal<bool>) -> impl IntoView {
    let (name, unit) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let kind = RwSignal::new("property".to_owned());
    let make = Mutation::new(|rows: String| async move { Ok(rows) }, move |rows| on_rows.run(rows));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        let (name, unit, kind) = (name.get_untracked(), unit.get_untracked(), kind.get_untracked());
        if name.trim().is_empty() {
            make.refuse(vec![invalid("door", t::setting_up::layout::door_name_missing())]);
            return;
        }
        let unit = if kind == "unit" { unit.trim() } else { "" };
        make.submit([HEADINGS, &row(["", unit, name.trim(), &kind])].concat());
    };
    let choices = derived(|| {
        vec![
            crate::ui::Choice::new("property", t::setting_up::layout::kind_property()),
            crate::ui::Choice::new("amenity", t::setting_up::layout::kind_amenity()),
            crate::ui::Choice::new("unit", t::setting_up::layout::kind_unit()),
        ]
    });
    let of_unit = memo(move || kind.with(|kind| kind == "unit"));
    view! {
        <form method="post" novalidate=true on:submit=submit on:input=move |event| make.mend(&event)>
            <FormProblem mutation=make />
            <crate::ui::SelectField label=t::setting_up::layout::kind() name="kind" value=kind choices />
            <Show when=move || of_unit.get()>
                <TextField label=t::setting_up::layout::unit() name="unit" value=unit max_length=60 />
            </Show>
            <TextField
                label=t::setting_up::layout::door_name()
                name="door"
                value=name
                max_length=60
                error=make.field_error("door")
            />
            <Button submit=true busy=checking>{t::setting_up::layout::check()}</Button>
        </form>
    }
}

/// A spreadsheet with a row for each door.
#[component]
fn File(on_rows: Callback<String>, check: Mutation<String>) -> impl IntoView {
    let files = StoredValue::new(0_u32);
    let chosen = move |event: web_sys::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some(input) = input else { return };
        let Some(of) = input.files().and_then(|files| files.get(0)) else { return };
        // A browser says nothing when the file is chosen that is chosen already, although it may have been corrected since.
        input.set_value("");
        let nth = files.get_value() + 1;
        files.set_value(nth);
        spawn_local(async move {
            let text = JsFuture::from(of.text()).await.ok().and_then(|text| text.as_string());
            // The page is gone, or another file was chosen.
            if files.try_get_value() != Some(nth) {
                return;
            }
            match text {
                Some(text) => on_rows.run(text),
                None => check.refuse(vec![invalid("file", t::setting_up::layout::file_unreadable())]),
            }
        });
    };
    let [before_columns, _, after_columns] = t::setting_up::layout::file_hint();
    view! {
        <p>{before_columns} <code>"building,unit,door,kind"</code> {after_columns}</p>
        <label class="field file-field" for="field-file">
            <span>{t::setting_up::layout::file_label()}</span>
            <input id="field-file" name="file" type="file" accept=".csv,text/csv" on:change=chosen />
        </label>
    }
}
