//! Appends events to a database's audit log, for benchmarks: `fill_audit DATA_DIR TOTAL` brings the log to `TOTAL`
//! events. The server must not be running.

use anyhow::{Context, Result};
use api_types::{Actor, Outcome, Subject};
use latchkey_server::config::master_key;
use store::audit::{NewEvent, system_channel};
use store::{Scope, Store, properties};
use uuid::Uuid;

/// Events in one transaction.
const BATCH: u64 = 5_000;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let data: std::path::PathBuf = arguments.next().context("name the data folder")?.into();
    let total: u64 = arguments.next().context("say how many events there are to be")?.parse()?;
    let store = Store::open_unsafely_fast(&data.join("demo.db"), master_key(&data.join("master-key"), false)?).await?;
    let mut db = store.read().await?;
    let property = properties::list(&mut db, Scope::Everything).await?.first().context("a property")?.id;
    let mut there = store::audit::count(&mut db).await?;
    let mut at = store::audit::newest_at(&mut db).await?.unwrap_or_default();
    drop(db);
    let people: Vec<(Uuid, String)> = (0..400).map(|number| (Uuid::now_v7(), format!("Person {number}"))).collect();
    while there < total {
        let mut tx = store.begin().await?;
        for _ in 0..BATCH.min(total - there) {
            let (id, name) = &people[(there as usize * 7) % people.len()];
            let (action, outcome, code) = match there % 20 {
                0 => ("code.custom.refused", Outcome::Refused, Some("code_repeated_digit")),
                1 => ("placement.waiting", Outcome::Done, Some("lock_offline")),
                2..6 => ("guest_code.issued", Outcome::Done, None),
                6 => ("code.revealed", Outcome::Done, None),
                _ => ("placement.on_lock", Outcome::Done, None),
            };
            let actor = Actor { id: Some(*id), name: name.clone(), role: "resident".into() };
            let subject = Subject { kind: "code".into(), id: Some(*id), name: format!("Code of {name}") };
            let event = NewEvent {
                property_id: Some(property),
                outcome,
                code: code.map(str::to_owned),
                detail: "An event of the benchmark.".into(),
                ..NewEvent::done(actor, system_channel(), action, subject)
            };
            at += 1_000;
            tx.record(at, event).await?;
            there += 1;
        }
        tx.commit().await?;
    }
    store.close().await;
    Ok(())
}
