//! Switching custom codes for a property (R3).

use crate::prelude::*;
use api_types::{Property, PropertyCounts, PropertyEdit, Role};
use ids::PropertyId;
use leptos::task::spawn_local;

use crate::{
    api::{self, ETag, Tagged},
    components::{Counted, FormProblem, Link, PropertyScope, use_properties},
    intl::Style,
    mutation::Mutation,
    query::Query,
    routes::Route,
    session::use_session,
    ui::{Button, ButtonKind, Icon, Pill, Switch, Time, TimeStyle, Toasts, Tone, use_toasts},
};

/// Whether custom codes are on at this property and who can use them, and a switch with an explicit Save.
///
/// The switch alone changes nothing; beside the button it says what saving will do.
#[component]
pub fn FeatureSwitch(
    /// The property and the version that was read.
    property: Signal<Tagged<Property>>,
    /// The switch's position, saved or not.
    wanted: RwSignal<bool>,
    /// Called after saving, with the property as it is now.
    #[prop(into)]
    on_saved: Callback<Tagged<Property>>,
    /// Called when it must be read again: somebody else saved first, or a change was undone.
    #[prop(into)]
    on_stale: Callback<()>,
) -> impl IntoView {
    let may_switch = use_session().is(Role::Manager);
    let id = property.with_untracked(|property| property.value.id);
    let (toasts, scope) = (use_toasts(), use_properties());
    let saved = memo(move || property.with(|property| property.value.custom_codes_enabled));
    let counts = memo(move || property.with(|property| property.value.counts.clone()));
    // Whatever is saved, by this form or by somebody else, moves the switch.
    effect(move || wanted.set(saved.get()));
    let unsaved = memo(move || wanted.get() != saved.get());

    let save = Mutation::new(
        move |on: bool| {
            let Tagged { value, etag } = property.get_untracked();
            let edit = PropertyEdit { custom_codes_enabled: Some(on), ..PropertyEdit::default() };
            async move { api::properties::edit(value.id, &edit, etag.as_ref()).await }
        },
        move |answer: Tagged<Property>| {
            let was = !answer.value.custom_codes_enabled;
            let words = if was { t::feature::save::saved_off() } else { t::feature::save::saved_on() };
            let (id, etag) = (answer.value.id, answer.etag.clone());
            toasts.undoable(words, move || put_back(id, etag.clone(), was, scope, on_stale, toasts));
            on_saved.run(answer);
        },
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
            <h2 id="feature-title">{t::feature::title()}</h2>
            {if may_switch {
                view! { <Switch label=t::feature::title() on=wanted described_by="feature-effect" /> }.into_any()
            } else {
                view! { <StatePill on=saved /> }.into_any()
            }}
            <div class="feature-effect">
                <p id="feature-effect">
                    {move || in_words(saved.get(), id, &counts.get())} " "
                    <span class="second">
                        {move || existing(saved.get(), counts.with(|counts| counts.custom_codes))}
                    </span>
                </p>
                <LastChange property may_switch />
            </div>
            <form on:submit=submit class:hidden=move || !unsaved.get() && save.error().with(Option::is_none)>
                <FormProblem mutation=save />
                <Show when=move || unsaved.get()>
                    <p class="prose">
                        <strong>{t::feature::save::unsaved()} " "</strong>
                        {move || consequence(wanted.get(), &counts.get())}
                    </p>
                    <div class="row">
                        <Button kind=ButtonKind::Primary submit=true busy=save.pending()>
                            {t::feature::save::submit()}
                        </Button>
                        <Button on_press=undo>
                            {move || if saved.get() { t::feature::save::keep_on() } else { t::feature::save::keep_off() }}
                        </Button>
                    </div>
                </Show>
            </form>
        </section>
    }
}

/// Undoes a change, unless somebody has changed it again. Works after the page was left, too: a message can be shown on
/// every page, so every page has this code, which is why it reads no more of the property than all pages do.
fn put_back(
    id: PropertyId,
    etag: Option<ETag>,
    was: bool,
    scope: PropertyScope,
    on_stale: Callback<()>,
    toasts: Toasts,
) {
    spawn_local(async move {
        let edit = PropertyEdit { custom_codes_enabled: Some(was), ..PropertyEdit::default() };
        match api::properties::edit_in_brief(id, &edit, etag.as_ref()).await {
            Ok(answer) => {
                scope.update(answer);
                toasts.done(t::feature::save::undone());
                // Does nothing if the page was left.
                let _ = on_stale.try_run(());
            }
            Err(error) => toasts.failed(error.sentence()),
        }
    });
}

#[component]
fn StatePill(on: Memo<bool>) -> impl IntoView {
    move || match on.get() {
        true => view! { <Pill tone=Tone::Good icon=Icon::Check>{t::feature::on()}</Pill> },
        false => view! { <Pill tone=Tone::Plain icon=Icon::Minus>{t::feature::off()}</Pill> },
    }
}

/// Who switched it last, and when.
#[component]
fn LastChange(property: Signal<Tagged<Property>>, may_switch: bool) -> impl IntoView {
    let session = use_session();
    move || {
        let property = property.get().value;
        let activity = Query::new().with("property", &property.id.to_string()).with("action", "property.");
        let words = match property.custom_codes_changed {
            None => t::feature::change::never().into_any(),
            Some(changed) => {
                let me = session.user().is_some_and(|user| user.id == changed.by_id);
                let who = if me { t::feature::change::you() } else { &changed.by };
                let [before, _, after] = if property.custom_codes_enabled {
                    t::feature::change::on_by(who)
                } else {
                    t::feature::change::off_by(who)
                };
                view! {
                    {before}
                    <Time at=changed.at.0 zone=property.time_zone style=TimeStyle::In(Style::DateTime) />
                    {after}
                }
                .into_any()
            }
        };
        // Administrators don't see the log.
        let activity = (may_switch || session.is(Role::Support)).then(|| {
            view! { " · " <Link to=Route::Audit query=activity>{t::feature::change::activity()}</Link> }
        });
        let owners = (may_switch && property.counts.custom_codes > 0).then(|| {
            let query = Query::new().with("origin", "custom").with("tenancy", "current");
            view! { " · " <Link to=Route::Residents(property.id) query>{t::feature::change::owners()}</Link> }
        });
        view! {
            <p class="small second">
                {words} {activity} {owners}
            </p>
        }
    }
}

/// What it does, by how many residents can use it now: `169 residents can pick their own code in the app; 11 have an app
/// older than 2.8.0; 43 haven't used the app.`
fn in_words(on: bool, property: PropertyId, counts: &PropertyCounts) -> AnyView {
    use t::feature::people as words;
    let ready = counts.residents_app_ready;
    let (ready_words, [before, _, after]) =
        if on { (words::can_use(ready), words::on()) } else { (words::could_use(ready), words::off()) };
    let (old, none) = (counts.residents_app_too_old, counts.residents_without_app);
    let mut parts = vec![("ready", ready_words)];
    if old > 0 {
        parts.push(("too_old", words::older_app(old)));
    }
    if none > 0 {
        parts.push(("none", words::no_app(none)));
    }
    let parts = parts
        .into_iter()
        .enumerate()
        .map(|(index, (app, words))| {
            let query = Query::new().with("app", app).with("tenancy", "current");
            view! { {if index > 0 { "; " } else { "" }} <Counted to=Route::Residents(property) query words /> }
        })
        .collect_view();
    view! { {before} {parts} {after} }.into_any()
}

/// What happens to existing codes (R12).
fn existing(on: bool, custom: u32) -> String {
    match (on, custom) {
        (true, 0) => t::feature::existing::on_none().to_owned(),
        (true, _) => t::feature::existing::on(custom),
        (false, 0) => t::feature::existing::off_none().to_owned(),
        (false, _) => t::feature::existing::off(custom),
    }
}

/// What saving will do.
fn consequence(on: bool, counts: &PropertyCounts) -> String {
    match (on, counts.custom_codes) {
        (true, _) => t::feature::save::on(counts.residents_app_ready),
        (false, 0) => t::feature::save::off_none().to_owned(),
        (false, custom) => t::feature::save::off(custom),
    }
}
