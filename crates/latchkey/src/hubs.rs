//! Connecting to hubs, and `latchkey hub …`: managing them from the server's command line.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use api_types::{HubKind, NewHub};
use hub::{HubAddress, HubEvent, LockDriver, LockError};
use latchkey_server::clock::Clock;
use latchkey_server::domain::{Failure, hub as domain};
use latchkey_server::hubs::HubToConnect;
use store::{Scope, hubs, properties};
use tokio::time::{Instant, timeout_at};
use zwave_js::{Token, ZwaveJs};

use crate::command_line::{HubAdd, HubChosen, HubList};
use crate::say;

/// How long a hub is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Makes the driver of a hub.
pub(crate) fn connect(hub: HubToConnect) -> Option<Arc<dyn LockDriver>> {
    match hub.kind {
        HubKind::ZwaveJs => {
            let token = match hub.token.map(Token::new) {
                None => None,
                Some(Some(token)) => Some(token),
                Some(None) => {
                    tracing::error!(hub = %hub.hub_id, "the token of a hub can't be sent: give it anew");
                    return None;
                }
            };
            Some(ZwaveJs::connect(hub.hub_id, hub.address, token, hub.links))
        }
        HubKind::Simulated | HubKind::HomeAssistant => None,
    }
}

/// Adds a hub, and prints its id.
pub(crate) async fn add(options: HubAdd) -> Result<()> {
    let store = options.records.open_existing().await?;
    let now = Clock::system().now();
    // Not an option, which everybody on the machine could read.
    let token = std::env::var("LATCHKEY_HUB_TOKEN").ok();
    let new = NewHub { kind: HubKind::ZwaveJs, name: options.name, url: options.url, token };
    let property = options.property;
    let added = store.write(move |tx| domain::add_from_command_line(tx, property, &new, now)).await;
    store.close().await;
    say(&added.map_err(|failure| explained(failure, "there is no such property"))?.to_string())
}

/// Prints the hubs of a property, separated by tabs.
pub(crate) async fn list(options: HubList) -> Result<()> {
    let store = options.records.open_existing().await?;
    let property = options.property;
    let found = store.read(move |db| {
        let known = properties::get(db, Scope::Everything, property)?.is_some();
        Ok::<_, store::Error>(if known { Some(hubs::of_property(db, Scope::Everything, property)?) } else { None })
    });
    let found = found.await;
    store.close().await;
    for hub in found?.with_context(|| format!("there is no property {property}"))? {
        let state = if hub.online { "online" } else { "offline" };
        let url = hub.url.as_deref().unwrap_or(hub.kind().name());
        say(&[&hub.id.to_string(), hub.name.as_str(), url, state, &format!("{} doors", hub.doors)].join("\t"))?;
    }
    Ok(())
}

/// Connects to a hub, and prints what it says of itself and its locks.
pub(crate) async fn test(options: HubChosen) -> Result<()> {
    let store = options.records.open_existing().await?;
    let (id, vault) = (options.hub, store.vault().clone());
    let found = store.read(move |db| hubs::connections(db, &vault)).await;
    store.close().await;
    let found = found?.into_iter().find(|connection| connection.hub_id == id);
    let connection = found.with_context(|| format!("there is no hub {id} that can be connected to"))?;
    let address = HubAddress::parse(&connection.url).map_err(|error| anyhow!("its address can't be used: {error}"))?;
    let kind = connection.kind();
    let token = connection.token.transpose().map_err(|()| anyhow!("its token can't be opened: give it anew"))?;
    let driver = connect(HubToConnect { hub_id: id, kind, address, token, links: Vec::new() })
        .context("this program doesn't connect to hubs of this kind")?;
    let until = Instant::now() + PATIENCE;
    let mut events = driver.events();
    let about = loop {
        match timeout_at(until, driver.about()).await {
            Ok(Err(LockError::HubOffline)) => {}
            Ok(answer) => break answer,
            Err(_) => break Err(LockError::TimedOut),
        }
        loop {
            match timeout_at(until, events.recv()).await {
                Ok(Ok(HubEvent::HubOnline)) => break,
                Ok(Ok(_)) => {}
                Ok(Err(_)) | Err(_) => bail!("the hub can't be reached: check that its server runs, and its address"),
            }
        }
    };
    let about = about.map_err(|error| anyhow!("the hub won't talk to Latchkey: {error}"))?;
    say(&about.version)?;
    let locks = timeout_at(until, driver.locks()).await.context("the hub doesn't tell about its locks in time")?;
    for lock in locks.map_err(|error| anyhow!("the hub doesn't tell about its locks: {error}"))? {
        let state = if lock.online { "online" } else { "offline" };
        let slots = lock.capabilities.map_or_else(|| "not ready".to_owned(), |can| format!("{} slots", can.slots));
        say(&[lock.name.as_str(), lock.model.as_deref().unwrap_or_default(), state, &slots].join("\t"))?;
    }
    Ok(())
}

/// Removes a hub that no lock is linked to.
pub(crate) async fn remove(options: HubChosen) -> Result<()> {
    let store = options.records.open_existing().await?;
    let (id, now) = (options.hub, Clock::system().now());
    let removed = store.write(move |tx| domain::remove_from_command_line(tx, id, now)).await;
    store.close().await;
    removed.map_err(|failure| explained(failure, "there is no such hub"))?;
    say("removed")
}

/// What went wrong, for whoever is at the command line.
fn explained(failure: Failure, not_found: &'static str) -> anyhow::Error {
    match failure {
        Failure::Refused(refusal) if refusal.code == api_types::ProblemCode::NotFound => anyhow!(not_found),
        Failure::Refused(refusal) => anyhow!(refusal.detail),
        Failure::Store(error) => error.into(),
    }
}
