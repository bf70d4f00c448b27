//! Doing something in the one write transaction, and what becomes of it.
//!
//! A deed that was begun runs to its end whether or not its client still waits: the store runs it, not the request.

use store::Tx;

use crate::app::App;
use crate::auth::Caller;
use crate::domain::deed::Deed;
use crate::domain::{Done, Failure, Refusal};
use crate::problem::{Problem, Result};

/// Does what a caller asks for, with what they may do as the transaction has it: the caller's own rights were read when
/// the request came, and count for nothing here.
///
/// # Errors
/// What the deed refuses, once that is on record (R31); 401 `signed_out` where the session ended meanwhile; 503 where
/// the database failed.
pub async fn deed<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    deed: impl FnOnce(&Deed<'_>) -> Done<T> + Send + 'static,
) -> Result<T> {
    let (credential, clock) = (caller.credential(), app.clock().clone());
    transact(app, move |tx| deed(&Deed::by(tx, credential, clock.now())?)).await
}

/// Does something that nobody signed in for. What it did is kept when it succeeds; so is the record of a refusal, and
/// nothing else.
///
/// # Errors
/// As [`deed`]'s.
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
