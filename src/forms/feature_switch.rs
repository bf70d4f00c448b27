//! Switching custom codes for a property (R3).

use crate::prelude::*;
use api_types::{Property, PropertyCounts, PropertyEdit, Role};

use crate::{
    api::{self, Tagged},
    components::{FormProblem, Link},
    intl::{self, Style},
    mutation::Mutation,
    query::Query,
    routes::Route,
    session::use_session,
    ui::{Button, ButtonKind, Icon, Pill, Switch, Time, TimeStyle, Tone},
};

/// What custom codes are at this property, whom they are for, and a switch with an explicit Save.
///
/// The switch alone changes nothing: what saving will do is said beside the button first.
#[component]
pub fn FeatureSwitch(
    /// The property and the version that was read.
    property: Signal<Tagged<Property>>,
    /// The switch's position, saved or not.
    wanted: RwSignal<bool>,
    /// Saved: the property as it is now.
    #[prop(into)]
    on_saved: Callback<Tagged<Property>>,
    /// Somebody else saved first: it must be read again.
    #[prop(into)]
    on_stale: Callback<()>,
) -> impl IntoView {
    let may_switch = use_session().is(Role::Manager);
    let saved = memo(move || property.with(|property| property.value.custom_codes_enabled));
    let counts = memo(move || property.with(|property| property.value.counts.clone()));
    // Whatever is stored, by this form or by somebody else, is shown as it is.
    effect(move || wanted.set(saved.get()));
    let unsaved = memo(move || wanted.get() != saved.get());

    let save = Mutation::new(
        move |on: bool| {
            let Tagged { value, etag } = property.get_untracked();
            async move { api::properties::edit(value.id, &PropertyEdit { custom_codes_enabled: on }, etag.as_ref()).await }
        },
        move |answer| on_saved.run(answer),
    );
    effect(move || {
        if save.error().with(|error| error.as_ref().is_some_and(api::ApiError::is_stale)) {
            on_stale.run(());
        }
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        save.submit(wanted.get_untracked());
    };
    let undo = Callback::new(move |()| {
        save.clear();
        wanted.set(saved.get_untracked());
    });
    view! {
        <section class="card feature" aria-labelledby="feature-title">
            <div class="card-head">
                <h2 id="feature-title">"Custom access codes"</h2>
                {if may_switch {
                    view! { <Switch label="Custom access codes" on=wanted described_by="feature-effect" /> }.into_any()
                } else {
                    view! { <StatePill on=saved /> }.into_any()
                }}
            </div>
            <div class="prose" id="feature-effect">
                <p>
                    "Residents may pick their own 4- or 6-digit code for their own unit door, in the mobile app 2.8.0 or newer. "
                    <strong>{move || in_words(saved.get(), &counts.get())}</strong>
                </p>
                <p class="second">{move || existing(saved.get(), counts.with(|counts| counts.custom_codes))}</p>
            </div>
            <LastChange property may_switch />
            <form on:submit=submit class:hidden=move || !unsaved.get() && save.error().with(Option::is_none)>
                <FormProblem mutation=save />
                <Show when=move || unsaved.get()>
                    <p class="prose">
                        <strong>"Not saved yet. "</strong>
                        {move || consequence(wanted.get(), &counts.get())}
                    </p>
                    <div class="row">
                        <Button kind=ButtonKind::Primary submit=true busy=save.pending()>"Save"</Button>
                        <Button on_press=undo>{move || if saved.get() { "Keep it on" } else { "Keep it off" }}</Button>
                    </div>
                </Show>
            </form>
        </section>
    }
}

#[component]
fn StatePill(on: Memo<bool>) -> impl IntoView {
    move || match on.get() {
        true => view! { <Pill tone=Tone::Good icon=Icon::Check>"On"</Pill> },
        false => view! { <Pill tone=Tone::Plain icon=Icon::Minus>"Off"</Pill> },
    }
}

/// Who switched it last, and when.
#[component]
fn LastChange(property: Signal<Tagged<Property>>, may_switch: bool) -> impl IntoView {
    let session = use_session();
    move || {
        let property = property.get().value;
        let verb = if property.custom_codes_enabled { "Turned on by " } else { "Turned off by " };
        let activity = Query::new().with("property", &property.id.to_string()).with("action", "property.");
        let words = match property.custom_codes_changed {
            None => "Never switched: off is how every property starts. ".into_any(),
            Some(changed) => {
                let me = session.user().is_some_and(|user| user.id == changed.by_id);
                let who = if me { "you".to_owned() } else { changed.by };
                view! {
                    {verb} {who} ", "
                    <Time at=changed.at.0 zone=property.time_zone style=TimeStyle::In(Style::DateTime) />
                    " · "
                }
                .into_any()
            }
        };
        let owners = (may_switch && property.counts.custom_codes > 0).then(|| {
            let query = Query::new().with("origin", "custom");
            view! { " · " <Link to=Route::Residents(property.id) query>"see who has a custom code"</Link> }
        });
        view! {
            <p class="small second">{words} <Link to=Route::Audit query=activity>"see in activity"</Link> {owners}</p>
        }
    }
}

/// Whom it is for, from counts, as it is now.
fn in_words(on: bool, counts: &PropertyCounts) -> String {
    if on {
        people(counts, [" resident can use it now", " residents can use it now"])
    } else {
        ["It is off. If it were on, ", &people(counts, [" resident could use it", " residents could use it"])].concat()
    }
}

/// `169 residents can use it now; 11 have an older app; 43 haven't used the app.`
fn people(counts: &PropertyCounts, ready: [&str; 2]) -> String {
    let mut parts = vec![number_of(counts.residents_app_ready, ready)];
    let rest = [
        (counts.residents_app_too_old, [" has an older app", " have an older app"]),
        (counts.residents_without_app, [" hasn’t used the app", " haven’t used the app"]),
    ];
    parts.extend(rest.into_iter().filter(|(count, _)| *count > 0).map(|(count, words)| number_of(count, words)));
    parts.join("; ") + "."
}

fn number_of(count: u32, [one, many]: [&str; 2]) -> String {
    [intl::number(count).as_str(), if count == 1 { one } else { many }].concat()
}

/// What is with the codes that people have (R12).
fn existing(on: bool, custom: u32) -> String {
    let owners = number_of(custom, [" resident has a custom code", " residents have a custom code"]);
    match (on, custom) {
        (true, 0) => "Codes people already have stay as they are.".to_owned(),
        (true, _) => ["Codes people already have stay as they are; ", &owners, "."].concat(),
        (false, 0) => "Everybody has a random code.".to_owned(),
        (false, _) => {
            [&owners, " and may keep it. It can’t be changed to another custom one while this is off."].concat()
        }
    }
}

/// What saving will do.
fn consequence(on: bool, counts: &PropertyCounts) -> String {
    if on {
        let who = number_of(
            counts.residents_app_ready,
            [" resident can pick a code of their own", " residents can pick a code of their own"],
        );
        ["Once you save, ", &who, ". No code changes by itself."].concat()
    } else {
        let kept = match counts.custom_codes {
            0 => "Codes people already have stay as they are.".to_owned(),
            custom => number_of(custom, [" custom code keeps working.", " custom codes keep working."]),
        };
        ["Once you save, nobody can pick a new custom code. ", &kept].concat()
    }
}
