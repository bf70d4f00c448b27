//! Changes: pending, then confirmed or refused; never optimistic.

use std::{future::Future, pin::Pin, sync::Arc};

use crate::prelude::*;
use api_types::{FieldCode, FieldError};
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use crate::{
    api::{ApiError, IdempotencyKey, PendingKey},
    wording,
};

/// A change that a person can make, with the state that a form shows.
///
/// The answer is passed to `done` and kept in no signal here, since it may contain digits.
pub struct Mutation<I: 'static> {
    pending: RwSignal<bool>,
    error: RwSignal<Option<ApiError>>,
    attempts: RwSignal<u32>,
    run: LocalValue<Arc<dyn Fn(I)>>,
}

impl<I> Clone for Mutation<I> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I> Copy for Mutation<I> {}

impl<I: 'static> Mutation<I> {
    /// A change that may be sent twice without harm. `done` gets the answer if the page is still there.
    pub fn new<T, F>(send: impl Fn(I) -> F + 'static, done: impl Fn(T) + Clone + 'static) -> Self
    where
        T: 'static,
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        Self::build(move |input| Attempt::new(send(input), done.clone(), None))
    }

    /// A change that must happen at most once. The key of `form` is generated before sending, kept in this tab until
    /// the outcome is known, and sent again by every retry, also after a reload.
    ///
    /// `form` names the action and its object: `guest_code.issue`, `guest_code.revoke.{id}`.
    pub fn with_key<T, F>(
        form: &str,
        send: impl Fn(I, IdempotencyKey) -> F + 'static,
        done: impl Fn(T) + Clone + 'static,
    ) -> Self
    where
        T: 'static,
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        let pending = PendingKey::of_form(form);
        Self::build(move |input| Attempt::new(send(input, pending.take()), done.clone(), Some(pending.clone())))
    }

    fn build(attempt: impl Fn(I) -> Attempt + 'static) -> Self {
        let pending = RwSignal::new(false);
        let error = RwSignal::new(None);
        let attempts = RwSignal::new(0);
        let run = move |input: I| {
            // Five clicks are one request.
            if !pending.get_untracked() {
                pending.set(true);
                error.set(None);
                run(attempt(input), pending, error, attempts);
            }
        };
        Self { pending, error, attempts, run: LocalValue::new_local(Arc::new(run)) }
    }

    /// Sends it. Does nothing while an attempt is pending.
    pub fn submit(&self, input: I) {
        (self.run.get_value())(input);
    }

    /// Shows errors of the form's own checks like refusals of the server; nothing is sent.
    pub fn refuse(&self, errors: Vec<FieldError>) {
        self.error.set(Some(ApiError::Invalid(errors)));
        self.attempts.update(|attempts| *attempts += 1);
    }

    /// Whether an attempt is pending.
    pub fn pending(&self) -> Signal<bool> {
        self.pending.into()
    }

    /// Why the last attempt failed.
    pub fn error(&self) -> Signal<Option<ApiError>> {
        self.error.into()
    }

    /// Increases with every failed attempt, so that the error summary takes the focus each time.
    pub fn attempts(&self) -> Signal<u32> {
        self.attempts.into()
    }

    /// The error of a field in the last attempt.
    pub fn field_error(&self, field: &'static str) -> Signal<Option<String>> {
        let error = self.error;
        derived(move || {
            error.with(|error| {
                let errors = error.as_ref()?.field_errors();
                errors.iter().find(|error| error.field == field).map(|error| wording::field_error(error).to_owned())
            })
        })
    }

    /// A field of the form has changed: what was wrong with it may be so no longer. For `on:input` of the form.
    pub fn mend(&self, event: &web_sys::Event) {
        mend(self.error, event);
    }

    /// Clears the last error, such as when a dialog is opened again.
    pub fn clear(&self) {
        self.error.set(None);
    }
}

/// Not generic, so that it is compiled once.
fn mend(error: RwSignal<Option<ApiError>>, event: &web_sys::Event) {
    let field = event.target().and_then(|field| field.dyn_into::<web_sys::Element>().ok()?.get_attribute("name"));
    let is_of_field = |wrong: &FieldError| field.as_deref() == Some(wrong.field.as_str());
    let has_one = |error: &Option<ApiError>| error.as_ref().is_some_and(|it| it.field_errors().iter().any(is_of_field));
    if !error.with_untracked(has_one) {
        return;
    }
    error.update(|error| {
        let errors = match error {
            Some(ApiError::Invalid(errors)) => errors,
            Some(ApiError::Problem(problem)) => &mut problem.errors,
            _ => return,
        };
        errors.retain(|wrong| !is_of_field(wrong));
        if errors.is_empty() {
            *error = None;
        }
    });
}

/// The outcome of an attempt: what to do with the answer, or why there is none.
type Outcome = Result<Box<dyn FnOnce()>, ApiError>;

/// A pending request, without the types of its input and answer.
struct Attempt {
    outcome: Pin<Box<dyn Future<Output = Outcome>>>,
    key: Option<PendingKey>,
}

impl Attempt {
    fn new<T: 'static>(
        sent: impl Future<Output = Result<T, ApiError>> + 'static,
        done: impl FnOnce(T) + 'static,
        key: Option<PendingKey>,
    ) -> Self {
        let outcome = async move {
            let answer = sent.await?;
            Ok(Box::new(move || done(answer)) as Box<dyn FnOnce()>)
        };
        Self { outcome: Box::pin(outcome), key }
    }
}

/// Not generic, so that it is compiled once.
fn run(attempt: Attempt, pending: RwSignal<bool>, error: RwSignal<Option<ApiError>>, attempts: RwSignal<u32>) {
    spawn_local(async move {
        let result = attempt.outcome.await;
        if let Some(key) = attempt.key
            && !result.as_ref().is_err_and(ApiError::outcome_unknown)
        {
            key.settle();
        }
        // Does nothing if the page is gone.
        if pending.try_set(false).is_some() {
            return;
        }
        match result {
            Ok(done) => done(),
            Err(refused) => {
                error.set(Some(refused));
                attempts.update(|attempts| *attempts += 1);
            }
        }
    });
}

/// A [`FieldError`] from a form's own checks.
pub fn invalid(field: &str, detail: &str) -> FieldError {
    FieldError { field: field.to_owned(), code: FieldCode::Invalid.into(), detail: detail.to_owned() }
}
