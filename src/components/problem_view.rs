//! The two ways to show an [`ApiError`]: in place of a view, and at the top of a form.

use crate::prelude::*;

use super::Checklist;
use crate::{
    api::ApiError,
    mutation::Mutation,
    ui::{Button, ErrorSummary, Icon, IconView},
    wording,
};

/// Why a view can't be shown: what happened, what to do, the request id to quote, and a button to try again.
#[component]
pub fn ProblemView(
    /// What went wrong.
    error: ApiError,
    /// Tries again; left out where trying again is pointless.
    #[prop(optional, into)]
    on_retry: Option<Callback<()>>,
) -> impl IntoView {
    let (icon, title) = match &error {
        error if error.is_not_found() => (Icon::Search, t::problem::not_found()),
        error if error.is_forbidden() => (Icon::Lock, t::problem::not_allowed()),
        ApiError::Offline => (Icon::WifiOff, t::problem::no_connection()),
        _ => (Icon::Warning, t::problem::failed()),
    };
    let retry = on_retry.filter(|_| !error.is_not_found() && !error.is_forbidden());
    view! {
        <div class="problem" role="alert">
            <IconView icon />
            <h2>{title}</h2>
            <p>{error.sentence()}</p>
            <ProblemNotes error />
            {retry.map(|retry| view! { <Button icon=Icon::Refresh on_press=retry>{t::problem::retry()}</Button> })}
        </div>
    }
}

/// Next step, checklist and request id.
#[component]
fn ProblemNotes(error: ApiError) -> impl IntoView {
    let checklist = error.checklist().to_vec();
    let [before, _, after] = t::problem::request();
    view! {
        {error.next_step().map(|step| view! { <p>{step}</p> })}
        {(!checklist.is_empty()).then(|| view! { <Checklist items=checklist /> })}
        {error
            .request_id()
            .map(|id| view! { <p class="request-id">{before} <code>{id.to_owned()}</code> {after}</p> })}
    }
}

/// The top of a form: why the last attempt of `mutation` failed. It takes the focus, and links to the fields.
#[component]
pub fn FormProblem<I: 'static>(
    /// The form's change.
    mutation: Mutation<I>,
) -> impl IntoView {
    problem_summary(mutation.error(), mutation.attempts())
}

/// Not generic, so that it is compiled once.
fn problem_summary(error: Signal<Option<ApiError>>, attempt: Signal<u32>) -> AnyView {
    let title = derived(move || error.with(|error| error.as_ref().map(ApiError::sentence)));
    let items = derived(move || {
        error.with(|error| {
            let errors = error.as_ref().map(ApiError::field_errors).unwrap_or_default();
            errors.iter().map(|error| (error.field.clone(), wording::field_error(error).to_owned())).collect::<Vec<_>>()
        })
    });
    view! {
        <ErrorSummary title items attempt>
            {move || error.get().map(|error| view! { <ProblemNotes error /> })}
        </ErrorSummary>
    }
    .into_any()
}

/// A line above content that is still shown although refreshing it failed.
#[component]
pub fn StaleNotice(
    /// Why.
    #[prop(into)]
    error: Signal<Option<ApiError>>,
    /// Tries again.
    #[prop(into)]
    on_retry: Callback<()>,
) -> impl IntoView {
    move || {
        error.get().map(|error| {
            view! {
                <div class="notice waiting" role="status">
                    <IconView icon=Icon::Warning />
                    <p>{t::problem::stale(&error.sentence())}</p>
                    <Button on_press=on_retry>{t::problem::retry()}</Button>
                </div>
            }
        })
    }
}
