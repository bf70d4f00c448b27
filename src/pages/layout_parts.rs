//! `/properties/{property}/layout/parts`: buildings, units and doors, to rename, move, retire and bring back (R36).

use crate::prelude::*;
use api_types::{DoorKind, LayoutEdit, LayoutKind, LayoutPart, Named, Retirement};
use ids::PropertyId;
use leptos::task::spawn_local;

use crate::{
    api::{self, layout::LayoutQuery},
    components::{FormProblem, Link, ListRows, ListView, PageHeader, use_properties},
    load::{Load, Pages},
    mutation::{Mutation, invalid},
    query::use_query_params,
    routes::Route,
    ui::{
        Button, ButtonKind, Choice, Column, ConfirmDialog, Dialog, EmptyState, FilterSearch, FilterSelect, Icon, Pill,
        SelectField, SkeletonTable, Table, TextField, Tone, read_fields, use_toasts,
    },
};

/// What a row is asked to do.
#[derive(Clone, Copy)]
struct Asked {
    /// The part that is being changed.
    edit: RwSignal<Option<LayoutPart>>,
    /// The part that is about to be retired, with what that would do.
    retire: RwSignal<Option<(LayoutPart, Retirement)>>,
    pages: Pages<LayoutPart>,
}

/// Buildings, units and doors, with filters that are in the address.
#[component]
pub fn LayoutPartsPage(
    /// The property.
    property: PropertyId,
) -> impl IntoView {
    let scope = use_properties();
    let params = use_query_params();
    let (kind, q, retired) = (params.param("kind"), params.param("q"), params.param("retired"));
    let pages = Pages::new(
        move || Some(LayoutQuery { kind: kind.get(), q: q.get(), retired: retired.get() }),
        move |query, cursor| async move { api::layout::list(property, &query, cursor).await },
    );
    let filtered = params.any(&["kind", "q", "retired"]);
    let clear = Callback::new(move |()| params.clear());
    let asked = Asked { edit: RwSignal::new(None), retire: RwSignal::new(None), pages };
    let name = move || scope.property(property).map(|property| property.name).unwrap_or_default();
    view! {
        <p class="back"><Link to=Route::Property(property)>{t::setting_up::layout::back()}</Link></p>
        <PageHeader title=t::shell::titles::layout_parts() facts=name>
            <Link to=Route::Layout(property)>{t::setting_up::parts::add()}</Link>
        </PageHeader>
        <div class="filters" role="search">
            <FilterSearch
                label=t::setting_up::parts::search()
                value=q.signal()
                on_change=Callback::new(move |text: String| q.set(text))
            />
            <FilterSelect
                label=t::setting_up::parts::kind()
                value=kind.signal()
                choices=vec![
                    Choice::new("", t::setting_up::parts::any_kind()),
                    Choice::new("building", t::setting_up::parts::buildings()),
                    Choice::new("unit", t::setting_up::parts::units()),
                    Choice::new("door", t::setting_up::parts::doors()),
                ]
                on_change=Callback::new(move |choice: String| kind.set(choice))
            />
            <FilterSelect
                label=t::setting_up::parts::state()
                value=retired.signal()
                choices=vec![
                    Choice::new("", t::setting_up::parts::in_use()),
                    Choice::new("true", t::setting_up::parts::retired()),
                ]
                on_change=Callback::new(move |choice: String| retired.set(choice))
            />
            <Show when=move || filtered.get()>
                <Button kind=ButtonKind::Quiet on_press=clear>{t::setting_up::parts::clear()}</Button>
            </Show>
        </div>
        <ListView
            pages
            filtered
            skeleton=|| view! { <SkeletonTable rows=8 /> }
            empty=move || {
                view! {
                    <EmptyState icon=Icon::Door title=t::setting_up::parts::empty()>
                        <Link to=Route::Layout(property) class=ButtonKind::Secondary.class()>
                            {t::setting_up::parts::add()}
                        </Link>
                    </EmptyState>
                }
            }
            no_results=move || {
                view! {
                    <EmptyState icon=Icon::Search title=t::setting_up::parts::no_results()>
                        <p>{t::setting_up::parts::no_results_hint()}</p>
                        <Button on_press=clear>{t::setting_up::parts::clear()}</Button>
                    </EmptyState>
                }
            }
        >
            <Table windowed="columns-parts" caption=t::setting_up::parts::title() columns=columns()>
                <ListRows pages key=|part: &LayoutPart| (part.id, part.etag.clone()) let(part)>
                    <Row part asked />
                </ListRows>
            </Table>
        </ListView>
        <Edit property asked />
        <Retire asked />
    }
}

fn columns() -> Vec<Column> {
    let named = [
        t::setting_up::name(),
        t::setting_up::parts::what(),
        t::setting_up::parts::place(),
        t::setting_up::people::actions(),
    ];
    named.map(Column::new).into()
}

/// What a part is, in words.
fn what(part: &LayoutPart) -> &'static str {
    match (part.kind, part.door_kind.as_ref().and_then(|kind| kind.known())) {
        (LayoutKind::Building, _) => t::setting_up::parts::building(),
        (LayoutKind::Unit, _) => t::setting_up::parts::unit(),
        (LayoutKind::Door, Some(DoorKind::Unit)) => t::setting_up::parts::unit_door(),
        (LayoutKind::Door, Some(DoorKind::Amenity)) => t::setting_up::parts::amenity_door(),
        (LayoutKind::Door, _) => t::setting_up::parts::property_door(),
    }
}

/// Where it is: its unit and its building.
fn place(part: &LayoutPart) -> String {
    let unit = part.unit.as_deref().map(t::setting_up::parts::of_unit);
    let words: Vec<String> = unit.into_iter().chain(part.building.clone()).collect();
    words.join(" · ")
}

#[component]
fn Row(part: LayoutPart, asked: Asked) -> impl IntoView {
    let toasts = use_toasts();
    let scope = use_properties();
    let shown = part.clone();
    let kept = StoredValue::new(part);
    let ask = Mutation::new(
        move |()| {
            let part = kept.get_value();
            async move { api::layout::retirement(&part).await }
        },
        move |would: Retirement| asked.retire.set(Some((kept.get_value(), would))),
    );
    let bring_back = Mutation::new(
        move |()| {
            let part = kept.get_value();
            let edit = LayoutEdit { retired: Some(false), ..LayoutEdit::default() };
            async move { api::layout::edit(&part, &edit).await }
        },
        move |back: LayoutPart| {
            toasts.done(t::setting_up::parts::back(&back.name));
            asked.pages.restart();
            scope.reload();
        },
    );
    effect(move || {
        for error in [ask.error().get(), bring_back.error().get()].into_iter().flatten() {
            toasts.failed(error.sentence());
        }
    });
    let retired = shown.retired_at.is_some();
    let name = move || kept.with_value(|part| part.name.clone());
    let actions = if retired {
        view! {
            <Button busy=bring_back.pending() on_press=Callback::new(move |()| bring_back.submit(()))>
                {t::setting_up::parts::bring_back()}
                <span class="visually-hidden">" " {name()}</span>
            </Button>
        }
        .into_any()
    } else {
        view! {
            <Button on_press=Callback::new(move |()| asked.edit.set(Some(kept.get_value())))>
                {t::setting_up::parts::change()} <span class="visually-hidden">" " {name()}</span>
            </Button>
            <Button
                kind=ButtonKind::Danger
                busy=ask.pending()
                on_press=Callback::new(move |()| ask.submit(()))
            >
                {t::setting_up::parts::retire()} <span class="visually-hidden">" " {name()}</span>
            </Button>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row">
                {shown.name.clone()}
                {retired
                    .then(|| view! { " " <Pill tone=Tone::Plain icon=Icon::Minus>{t::setting_up::parts::retired()}</Pill> })}
            </th>
            <td data-label=t::setting_up::parts::what()>{what(&shown)}</td>
            <td data-label=t::setting_up::parts::place()>{place(&shown)}</td>
            <td class="actions" data-label=t::setting_up::people::actions()>{actions}</td>
        </tr>
    }
}

/// Renames or moves a part.
#[component]
fn Edit(property: PropertyId, asked: Asked) -> impl IntoView {
    let open = RwSignal::new(false);
    let title = derived(move || {
        asked
            .edit
            .with(|part| part.as_ref().map(|part| t::setting_up::parts::edit_title(&part.name)).unwrap_or_default())
    });
    effect(move || open.set(asked.edit.with(Option::is_some)));
    effect(move || {
        if !open.get() && asked.edit.with_untracked(Option::is_some) {
            asked.edit.set(None);
        }
    });
    view! {
        <Dialog open title>
            {move || asked.edit.get().map(|part| view! { <EditForm property part asked open /> })}
        </Dialog>
    }
}

#[component]
fn EditForm(property: PropertyId, part: LayoutPart, asked: Asked, open: RwSignal<bool>) -> impl IntoView {
    let (toasts, scope) = (use_toasts(), use_properties());
    let name = RwSignal::new(part.name.clone());
    let building = RwSignal::new(part.building_id.map(|id| id.to_string()).unwrap_or_default());
    let door_kind = part.door_kind.as_ref().and_then(|kind| kind.known());
    let kind = RwSignal::new(door_kind.map(|kind| kind.name().to_owned()).unwrap_or_default());
    // A unit's door is where its unit is.
    let moves = part.kind == LayoutKind::Unit || (part.kind == LayoutKind::Door && part.unit_id.is_none());
    let has_kind = part.kind == LayoutKind::Door && part.unit_id.is_none();
    let of_unit = part.kind == LayoutKind::Unit;
    let before = StoredValue::new(part);
    let save = Mutation::new(
        move |edit: LayoutEdit| {
            let part = before.get_value();
            async move { api::layout::edit(&part, &edit).await }
        },
        move |after: LayoutPart| {
            let was = before.get_value();
            let put_back = LayoutEdit {
                name: Some(was.name),
                building_id: moves.then_some(was.building_id),
                kind: has_kind.then(|| was.door_kind.and_then(|kind| kind.known())).flatten(),
                retired: None,
            };
            let (now, pages) = (after.clone(), asked.pages);
            toasts.undoable(t::setting_up::parts::saved(&after.name), move || {
                let (now, put_back) = (now.clone(), put_back.clone());
                spawn_local(async move {
                    match api::layout::edit(&now, &put_back).await {
                        Ok(_) => toasts.done(t::setting_up::parts::undone()),
                        Err(error) => toasts.failed(error.sentence()),
                    }
                    pages.restart();
                });
            });
            open.set(false);
            asked.pages.restart();
            scope.reload();
        },
    );
    // Somebody else has changed it: what they made of it is in the list.
    effect(move || {
        if save.error().with(|error| error.as_ref().is_some_and(api::ApiError::is_stale)) {
            asked.pages.restart();
        }
    });
    let buildings = Load::once(move || api::layout::buildings(property));
    let choices = derived(move || {
        let none = Choice::new("", t::setting_up::parts::no_building());
        let all = buildings.with(|all| all.cloned().unwrap_or_default());
        // Until they are read, the one that it is in.
        let own = before.with_value(|part| part.building_id.map(|id| (id.to_string(), part.building.clone())));
        let mut choices = vec![none];
        if let Some((id, name)) = own.filter(|_| all.is_empty()) {
            choices.push(Choice::new(id, name.unwrap_or_default()));
        }
        choices.extend(all.into_iter().map(|building| Choice::new(building.id.to_string(), building.name)));
        choices
    });
    let kinds = vec![
        Choice::new("property", t::setting_up::layout::kind_property()),
        Choice::new("amenity", t::setting_up::layout::kind_amenity()),
    ];
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        let name = name.get_untracked();
        if name.trim().is_empty() {
            save.refuse(vec![invalid("name", t::setting_up::name_missing())]);
            return;
        }
        let (was, is) = (before.get_value(), building.get_untracked().parse().ok());
        let moved = moves && is != was.building_id;
        let kind = DoorKind::from_name(&kind.get_untracked()).filter(|kind| has_kind && Some(*kind) != door_kind);
        let name = Some(name).filter(|name| *name != was.name || (!moved && kind.is_none()));
        save.submit(LayoutEdit { name, building_id: moved.then_some(is), kind, retired: None });
    };
    view! {
        <form method="post" novalidate=true on:submit=submit on:input=move |event| save.mend(&event)>
            <FormProblem mutation=save />
            <TextField
                label=t::setting_up::name()
                name="name"
                value=name
                max_length=60
                error=save.field_error("name")
            />
            {of_unit.then(|| view! { <p class="field-hint">{t::setting_up::parts::unit_hint()}</p> })}
            {moves
                .then(|| {
                    view! {
                        <SelectField
                            label=t::setting_up::layout::building()
                            name="building_id"
                            value=building
                            choices
                            hint=derived(|| t::setting_up::parts::move_hint().to_owned())
                            error=save.field_error("building_id")
                        />
                    }
                })}
            {has_kind
                .then(|| {
                    view! {
                        <SelectField
                            label=t::setting_up::layout::kind()
                            name="door_kind"
                            value=kind
                            choices=kinds
                            error=save.field_error("kind")
                        />
                    }
                })}
            <div class="dialog-actions">
                <Button on_press=Callback::new(move |()| open.set(false))>{t::ui::cancel()}</Button>
                <Button kind=ButtonKind::Primary submit=true busy=save.pending()>
                    {t::setting_up::settings::submit()}
                </Button>
            </div>
        </form>
    }
}

/// Asks before a part is retired, and says what that does.
#[component]
fn Retire(asked: Asked) -> impl IntoView {
    let (toasts, scope) = (use_toasts(), use_properties());
    let open = RwSignal::new(false);
    let retire = Mutation::with_key(
        "layout.retire",
        move |part: LayoutPart, key| async move { api::layout::retire(&part, &key).await },
        move |done: Retirement| {
            let name = asked.retire.with_untracked(|asked| asked.as_ref().map(|(part, _)| part.name.clone()));
            let name = name.unwrap_or_default();
            open.set(false);
            toasts.done(if done.deleted {
                t::setting_up::parts::deleted(&name)
            } else {
                t::setting_up::parts::is_retired(&name)
            });
            asked.pages.restart();
            scope.reload();
        },
    );
    effect(move || {
        let asking = asked.retire.with(Option::is_some);
        if asking {
            retire.clear();
        }
        open.set(asking);
    });
    effect(move || {
        if !open.get() && asked.retire.with_untracked(Option::is_some) {
            asked.retire.set(None);
        }
    });
    let title = derived(move || {
        asked.retire.with(|asked| {
            let asked = asked.as_ref().map(|(part, would)| (part.name.as_str(), would.deleted));
            match asked {
                Some((name, true)) => t::setting_up::parts::delete_question(name),
                Some((name, false)) => t::setting_up::parts::retire_question(name),
                None => String::new(),
            }
        })
    });
    let submit = Callback::new(move |()| {
        if let Some((part, _)) = asked.retire.get_untracked() {
            retire.submit(part);
        }
    });
    view! {
        <ConfirmDialog open title confirm=t::setting_up::parts::retire() busy=retire.pending() on_confirm=submit>
            <FormProblem mutation=retire />
            {move || asked.retire.get().map(|(part, would)| consequences(&part, &would))}
        </ConfirmDialog>
    }
}

/// What retiring a part does, in sentences.
fn consequences(part: &LayoutPart, would: &Retirement) -> AnyView {
    use t::setting_up::parts as words;
    if would.deleted {
        return view! { <p>{words::delete_effect()}</p> }.into_any();
    }
    let codes = would.resident_codes + would.guest_codes + would.guest_codes_elsewhere;
    let count = |count: u32, words: fn(u32) -> String| (count > 0).then(|| view! { <li>{words(count)}</li> });
    let doors = part.kind == LayoutKind::Unit && would.doors > 0;
    view! {
        {doors.then(|| view! { <p>{words::with_doors(would.doors)}</p> })}
        {(codes > 0)
            .then(|| {
                view! {
                    <p>{words::codes_stop(codes)}</p>
                    <ul>
                        {count(would.resident_codes, words::of_residents)}
                        {count(would.guest_codes, words::guests_revoked)}
                        {count(would.guest_codes_elsewhere, words::guests_elsewhere)}
                    </ul>
                }
            })}
        {(codes == 0 && would.doors > 0).then(|| view! { <p>{words::no_codes()}</p> })}
        <p>{words::retire_effect()}</p>
    }
    .into_any()
}
