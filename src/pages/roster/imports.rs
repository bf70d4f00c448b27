//! Imports that were made, which can be undone for a day as far as nobody has acted on them.

use crate::prelude::*;
use api_types::{KeptBecause, RosterImports, RosterUndo};
use ids::{PropertyId, RosterImportId};

use crate::{
    api,
    components::{Card, FormProblem, use_properties},
    intl::{self, Style},
    load::Load,
    mutation::Mutation,
    ui::{Button, ButtonKind},
};

/// The button that undoes an import, and then what was undone.
#[component]
pub(super) fn Undo(property: PropertyId, import: RosterImportId, imports: Load<RosterImports>) -> impl IntoView {
    use t::roster::undo as words;
    let scope = use_properties();
    let outcome = RwSignal::new(None::<RosterUndo>);
    let undo = Mutation::with_key(
        &["roster.undo.", &import.to_string()].concat(),
        move |(), key| async move { api::properties::roster_undo(property, import, &key).await },
        move |done: RosterUndo| {
            outcome.set(Some(done));
            imports.reload();
            scope.reload();
        },
    );
    let press = Callback::new(move |()| undo.submit(()));
    view! {
        <FormProblem mutation=undo />
        <Show when=move || outcome.with(Option::is_none)>
            <p class="second">{words::hint()}</p>
            <div class="row">
                <Button kind=ButtonKind::Secondary busy=undo.pending() on_press=press>{words::submit()}</Button>
            </div>
        </Show>
        <div role="status">
            {move || {
                outcome
                    .get()
                    .map(|outcome| {
                        let kept = outcome
                            .kept
                            .iter()
                            .map(|row| {
                                let why = match row.because.known() {
                                    Some(KeptBecause::MovedOut) => words::moved_out(),
                                    Some(KeptBecause::ActedOn) | None => words::acted_on(),
                                };
                                view! { <li>{row.name.clone()}", "{row.unit.clone()}": "{why}</li> }
                            })
                            .collect_view();
                        let some = !outcome.kept.is_empty();
                        view! {
                            <p>{words::undone(outcome.undone)}</p>
                            {some.then(|| view! { <p>{words::kept()}</p> })}
                            <ul class="plain-list">{kept}</ul>
                        }
                    })
            }}
        </div>
    }
}

/// The imports of the last day.
#[component]
pub(super) fn Imports(property: PropertyId, imports: Load<RosterImports>) -> impl IntoView {
    use t::roster::undo as words;
    let scope = use_properties();
    let items = memo(move || imports.with(|it| it.map(|it| it.items.clone()).unwrap_or_default()));
    move || {
        let items = items.get();
        let zone = scope.zone(property);
        (!items.is_empty()).then(move || {
            let items = items.into_iter().map(move |import| {
                let when = intl::format(&import.at.0, &zone, Style::DateTime);
                let what = words::what(&import.added.to_string(), &import.changed.to_string());
                let undo = match import.undo_until {
                    Some(_) => view! { <Undo property import=import.id imports /> }.into_any(),
                    None => view! { <p class="second">{words::was_undone()}</p> }.into_any(),
                };
                view! { <section class="stack"><p>{when}" · "{import.by}" · "{what}</p>{undo}</section> }
            });
            let items = items.collect_view();
            view! { <Card title=words::title()>{items}</Card> }
        })
    }
}
