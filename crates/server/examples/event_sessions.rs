//! Adds people of support, each with a session, to follow what happens in a benchmark: `event_sessions DATA_DIR COUNT`. Prints
//! the secrets of the sessions, one to a line.
#![allow(clippy::print_stdout, reason = "a program of the benchmark")]

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use ids::PersonId;
use latchkey_server::auth::{Secret, WEB_ABSOLUTE};
use latchkey_server::clock::Clock;
use latchkey_server::config::Records;
use store::people::{self, NewPerson};
use store::sessions::{self, NewSession};

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let data: PathBuf = arguments.next().context("name the data folder")?.into();
    let count: usize = arguments.next().context("say how many there are to be")?.parse()?;
    let store = Records { data, database_url: None, demo: true, master_key_file: None }.open().await?;
    let now = Clock::system().now();
    let secrets = (0..count).map(|_| Secret::generate()).collect::<Result<Vec<_>, _>>();
    let secrets = secrets.map_err(|_| anyhow!("the system has no random bytes"))?;
    secrets.iter().for_each(|secret| println!("{}", secret.expose()));
    let hashes: Vec<_> = secrets.iter().map(Secret::hash).collect();
    let added = store.write_unrecorded(move |tx| {
        for id_hash in &hashes {
            let id = PersonId::generate();
            let email = format!("{id}@bench.test");
            people::insert(
                tx,
                now,
                &NewPerson { id, email: &email, name: "Bench", password_hash: None, support: true },
            )?;
            let expires = now + WEB_ABSOLUTE;
            let session = NewSession {
                id_hash,
                person_id: id,
                app: None,
                browser: None,
                idle_expires_at: expires,
                absolute_expires_at: expires,
            };
            sessions::insert(tx, now, &session)?;
        }
        Ok::<_, store::Error>(())
    });
    added.await?;
    store.close().await;
    Ok(())
}
