//! Changing something: pending, then confirmed or refused; never assumed.

use std::{future::Future, pin::Pin, sync::Arc};

use crate::prelude::*;
use api_types::{FieldCode, FieldError};
use leptos::task::spawn_local;

use crate::{
    api::{ApiError, IdempotencyKey, PendingKey},
    wording,
};

/// A change that a person can ask for, with what a form needs to show about it.
///
/// The answer goes to `done` and is kept in no signal here, since it may hold digits.
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
    /// A change that may be sent twice without harm. `done` gets the answer, while the page is still there.
    pub fn new<T, F>(send: impl Fn(I) -> F + 'static, done: impl Fn(T) + Clone + 'static) -> Self
    where
        T: 'static,
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        Self::build(move |input| Attempt::new(send(input), done.clone(), None))
    }

    /// A change that must happen at most once. The key of `form` is made before sending, kept in this tab until
    /// the outcome is known, and sent again by every retry, also after a reload.
    ///
    /// `form` names the verb and its object: `guest_code.issue`, `guest_code.revoke.{id}`.
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

    /// Sends it. Does nothing while an attempt is under way.
    pub fn submit(&self, input: I) {
        (self.run.get_value())(input);
    }

    /// The form found something wrong itself: shown like the server's own refusals, nothing is sent.
    pub fn refuse(&self, errors: Vec<FieldError>) {
        self.error.set(Some(ApiError::Invalid(errors)));
        self.attempts.update(|attempts| *attempts += 1);
    }

    /// An attempt is under way.
    pub fn pending(&self) -> Signal<bool> {
        self.pending.into()
    }

    /// Why the last attempt failed.
    pub fn error(&self) -> Signal<Option<ApiError>> {
        self.error.into()
    }

    /// Goes up with every failed attempt: the error summary takes the focus again each time.
    pub fn attempts(&self) -> Signal<u32> {
        self.attempts.into()
    }

    /// What the last attempt had against a field.
    pub fn field_error(&self, field: &'static str) -> Signal<Option<String>> {
        let error = self.error;
        Signal::derive(move || {
            error.with(|error| {
                let errors = error.as_ref()?.field_errors();
                errors.iter().find(|error| error.field == field).map(|error| wording::field_error(error).to_owned())
            })
        })
    }

    /// Forgets the last error: a dialog is opened again.
    pub fn clear(&self) {
        self.error.set(None);
    }
}

/// What an attempt comes to: what to do with the answer, or why there is none.
type Outcome = Result<Box<dyn FnOnce()>, ApiError>;

/// A request under way, without the types of what it asks and gets.
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

/// Not generic, so that it is in the wasm once.
fn run(attempt: Attempt, pending: RwSignal<bool>, error: RwSignal<Option<ApiError>>, attempts: RwSignal<u32>) {
    spawn_local(async move {
        let result = attempt.outcome.await;
        if let Some(key) = attempt.key
            && !result.as_ref().is_err_and(ApiError::outcome_unknown)
        {
            key.settle();
        }
        // The page is gone: nobody is there to be told.
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

/// A [`FieldError`] of a form's own checks.
pub fn invalid(field: &str, detail: &str) -> FieldError {
    FieldError { field: field.to_owned(), code: FieldCode::Invalid.into(), detail: detail.to_owned() }
}
