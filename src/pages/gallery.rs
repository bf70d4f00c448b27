//! `/gallery`, in development builds only: every part of `ui/` in each of its states, to look at in either theme and at
//! any width.

use crate::prelude::*;
use access_code::Condition;
use api_types::{ChecklistItem, PlacementReason, PlacementStatus};

use crate::{
    components::{Card, Checklist, LanguageChoice, PageHeader, StatusPill, ThemeChoice},
    ui::{
        Button, ButtonKind, Choice, ChoiceGroup, Column, ConfirmDialog, CopyButton, EmptyState, ErrorSummary, Icon,
        InputKind, Notice, Pill, SelectField, SkeletonLines, SkeletonTable, Switch, Table, TextArea, TextField, Tone,
        use_toasts,
    },
};

/// The address. It isn't a `Route`, since nothing links to it.
pub const PATH: &str = "/gallery";

/// The whole gallery. Nothing here sends requests, and its texts aren't translated.
#[component]
pub fn GalleryPage() -> impl IntoView {
    view! {
        <PageHeader title="Gallery" facts=|| "The parts of the console in each of their states." />
        <div class="columns">
            <Buttons />
            <Statuses />
        </div>
        <Fields />
        <Tables />
        <States />
    }
}

#[component]
fn Buttons() -> impl IntoView {
    let toasts = use_toasts();
    let asking = RwSignal::new(false);
    let kinds = [
        (ButtonKind::Primary, "Primary"),
        (ButtonKind::Secondary, "Secondary"),
        (ButtonKind::Danger, "Danger"),
        (ButtonKind::LastStep, "Last step"),
        (ButtonKind::Quiet, "Quiet"),
    ];
    let rows = kinds.map(|(kind, name)| {
        let reason = Signal::stored(Some("There is nothing to do.".to_owned()));
        view! {
            <div class="row">
                <Button kind>{name}</Button>
                <Button kind icon=Icon::Plus>{name}</Button>
                <Button kind busy=true>"Busy"</Button>
                <Button kind disabled_reason=reason>"Not now"</Button>
                <Button kind icon=Icon::Eye icon_only=true>{name}</Button>
            </div>
        }
    });
    view! {
        <Card title="Buttons, messages, dialogs">
            <div class="stack">
                {rows.into_iter().collect_view()}
                <div class="row">
                    <Button on_press=Callback::new(move |()| toasts.done("It is done."))>"A message"</Button>
                    <Button on_press=Callback::new(move |()| toasts.failed("It can’t be done."))>"A failure"</Button>
                    <Button on_press=Callback::new(move |()| {
                        toasts.undoable("It is done.", move || toasts.done("It is undone."));
                    })>"With undo"</Button>
                    <Button on_press=Callback::new(move |()| asking.set(true))>"A question"</Button>
                    <CopyButton text=Callback::new(|()| "copied".to_owned()) label="Copy" done="Copied." />
                </div>
            </div>
            <ConfirmDialog
                open=asking
                title="Revoke it?"
                confirm="Revoke"
                on_confirm=Callback::new(move |()| asking.set(false))
            >
                <p>"It still opens the door until the lock confirms the removal."</p>
            </ConfirmDialog>
        </Card>
    }
}

#[component]
fn Statuses() -> impl IntoView {
    let tones = [
        (Tone::Good, Icon::Check, "Good"),
        (Tone::Moving, Icon::ArrowRight, "Moving"),
        (Tone::Waiting, Icon::Clock, "Waiting"),
        (Tone::Bad, Icon::X, "Bad"),
        (Tone::Plain, Icon::Minus, "Plain"),
        (Tone::Over, Icon::Minus, "Over"),
    ];
    let pills = tones.map(|(tone, icon, name)| view! { <Pill tone icon>{name}</Pill> });
    let six = PlacementStatus::ALL.iter().map(|&status| {
        let reason = (status == PlacementStatus::Failed).then(|| PlacementReason::SlotsFull.into());
        view! { <StatusPill status since=None reason /> }
    });
    let conditions: Vec<ChecklistItem> =
        [(Condition::FeatureEnabled, Some(true)), (Condition::OwnTenancy, Some(false)), (Condition::CodeFormat, None)]
            .map(|(condition, met)| ChecklistItem {
                condition: condition.into(),
                met,
                detail: String::new(),
                next_step: (met == Some(false)).then(String::new),
                since: None,
                app_version: None,
            })
            .into();
    view! {
        <Card title="Statuses">
            <div class="stack">
                <div class="row">{pills.into_iter().collect_view()}</div>
                <div class="row">{six.into_iter().collect_view()}</div>
                <Checklist items=conditions />
            </div>
        </Card>
    }
}

#[component]
fn Fields() -> impl IntoView {
    let text = RwSignal::new("Ada Brandt".to_owned());
    let (one, some, on) = (RwSignal::new("6".to_owned()), RwSignal::new(vec!["mon".to_owned()]), RwSignal::new(true));
    let wrong = Signal::stored(Some("Say who it is for.".to_owned()));
    let lengths = || vec![Choice::new("6", "6 digits"), Choice::new("4", "4 digits")];
    let days = || vec![Choice::new("mon", "Mon"), Choice::new("tue", "Tue"), Choice::new("wed", "Wed")];
    view! {
        <Card title="Fields">
            <form>
                <ErrorSummary
                    title=Signal::stored(Some("One field needs attention.".to_owned()))
                    items=Signal::stored(vec![("wrong".to_owned(), "Say who it is for.".to_owned())])
                    attempt=0
                />
                <TextField label="Text" name="text" value=text hint="As you will find it in the list." />
                <TextField label="Wrong" name="wrong" value=text error=wrong />
                <TextField label="Password" name="password" value=text kind=InputKind::Password optional=true />
                <TextArea label="Reason" name="reason" value=text hint="It goes on record." />
                <SelectField label="Choice" name="select" value=one choices=lengths() />
                <ChoiceGroup legend="Length" name="length" chosen=one choices=lengths() inline=true />
                <ChoiceGroup legend="Days" name="days" chosen=some choices=days() inline=true />
                <Switch label="A switch" on />
            </form>
            <div class="row">
                <ThemeChoice />
                <LanguageChoice />
            </div>
        </Card>
    }
}

#[component]
fn Tables() -> impl IntoView {
    let sort = RwSignal::new("name".to_owned());
    let rows = [("Ada Brandt", "101"), ("Ben Osei", "102")];
    let rows = rows.map(|(name, unit)| {
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td data-label="Unit">{unit}</td>
                <td class="actions"><Button icon=Icon::Eye icon_only=true>"Look"</Button></td>
            </tr>
        }
    });
    view! {
        <Table
            caption="A table"
            columns=vec![Column::sortable("Name", "name"), Column::sortable("Unit", "unit"), Column::actions()]
            sort
            on_sort=Callback::new(move |by| sort.set(by))
        >
            {rows.into_iter().collect_view()}
        </Table>
    }
}

#[component]
fn States() -> impl IntoView {
    view! {
        <Notice icon=Icon::Info><p>"Something to know."</p></Notice>
        <EmptyState icon=Icon::Users title="Nobody yet"><p>"Import a roster to begin."</p></EmptyState>
        <Card title="On its way">
            <SkeletonLines lines=3 />
        </Card>
        <SkeletonTable rows=3 />
    }
}
