//! Running something in the write transaction, and what happens to its refusals.
//!
//! A deed once begun runs to completion whether or not its client is still waiting: the store runs it, not the request.

use store::Tx;

use crate::app::App;
use crate::domain::{Done, Failure, Refusal};
use crate::problem::{Problem, Result};

/// Runs a deed, whoever is behind it: [`crate::requester::Requester::deed`] is for people. What it did is kept if it
/// succeeds, and so is the event of a refusal, but nothing else.
///
/// # Errors
/// What the deed refuses, once that is recorded (R31); 503 where the database failed.
pub async fn transact<T: Send + 'static>(app: &App, deed: impl FnOnce(&Tx) -> Done<T> + Send + 'static) -> Result<T> {
    let done: Result<std::result::Result<T, Refusal>, Failure> =
        app.store().write(move |tx| keep_refusals(tx, deed(tx))).await;
    done.map_err(Problem::from)?.map_err(|refusal| Problem::from(refusal).on_record())
}

/// Keeps a recorded refusal with its event; any other failure is undone.
pub fn keep_refusals<T>(tx: &Tx, done: Done<T>) -> std::result::Result<std::result::Result<T, Refusal>, Failure> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(Failure::Refused(refusal)) if tx.has_recorded() => Ok(Err(refusal)),
        Err(failure) => Err(failure),
    }
}
