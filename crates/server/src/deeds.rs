//! Doing something in the one write transaction, and what becomes of it.
//!
//! A deed that was begun runs to its end whether or not its client still waits: the store runs it, not the request.

use store::Tx;

use crate::app::App;
use crate::domain::{Done, Failure, Refusal};
use crate::problem::{Problem, Result};

/// Does something, whoever is behind it: [`crate::requester::Requester::deed`] is for people. What it did is kept when it succeeds; so is the record of a refusal, and
/// nothing else.
///
/// # Errors
/// What the deed refuses, once that is on record (R31); 503 where the database failed.
pub async fn transact<T: Send + 'static>(app: &App, deed: impl FnOnce(&Tx) -> Done<T> + Send + 'static) -> Result<T> {
    let done: Result<std::result::Result<T, Refusal>, Failure> =
        app.store().write(move |tx| keep_refusals(tx, deed(tx))).await;
    done.map_err(Problem::from)?.map_err(|refusal| Problem::from(refusal).on_record())
}

/// A refusal that is on record is kept with its event; anything else that failed is undone.
pub fn keep_refusals<T>(tx: &Tx, done: Done<T>) -> std::result::Result<std::result::Result<T, Refusal>, Failure> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(Failure::Refused(refusal)) if tx.has_recorded() => Ok(Err(refusal)),
        Err(failure) => Err(failure),
    }
}
