//! The demonstration: the property *Juniper Flats* after a year of use.
//!
//! Everything is done by the domain's own functions and the lock workers, on simulated hubs, with a clock that runs
//! through the year in a moment. So the audit log, the codes on the locks and the problems with some of them came about
//! as they would in real use. The same random seed gives the same year, except for the digits.

mod names;
mod plots;
mod year;

use std::path::Path;

use store::people;
use store::{MasterKey, Millis, Store};

use crate::year::Year;

/// The addresses with which a manager, a resident and support sign in to the demonstration.
const PEOPLE: [&str; 4] = [plots::MANAGER, year::RESIDENT, plots::SUPPORT, plots::ADMINISTRATOR];

/// Creates the database at `path` with a year of Juniper Flats, if there is none, and gives the demonstration's people
/// `password_hash`.
///
/// It is built elsewhere and moved into place when complete, so that one interrupted while being built is built again.
///
/// # Errors
/// A failure of the file system or the store.
pub async fn ensure(path: &Path, master: &MasterKey, password_hash: &str, now: Millis) -> anyhow::Result<()> {
    if !path.exists() {
        let part = path.with_extension("part");
        for leftover in [part.clone(), part.with_extension("part-wal"), part.with_extension("part-shm")] {
            if leftover.exists() {
                std::fs::remove_file(leftover)?;
            }
        }
        let store = Store::open_unsafely_fast(&part, master.clone()).await?;
        Year::begin(&store, now).await?.live_through(now).await?;
        store.close().await;
        std::fs::rename(&part, path)?;
    }
    let store = Store::open(path, master.clone()).await?;
    let password_hash = password_hash.to_owned();
    store
        .write_unrecorded(move |tx| {
            for email in PEOPLE {
                if let Some(person) = people::by_email(tx, email)? {
                    people::set_password_hash(tx, person.id, &password_hash)?;
                }
            }
            Ok::<_, store::Error>(())
        })
        .await?;
    store.close().await;
    Ok(())
}
