//! `latchkey serve`.

use std::time::Duration;

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hub::{HubLock, LockSettings};
use latchkey_server::app::App;
use latchkey_server::auth::Password;
use latchkey_server::clock::Clock;
use latchkey_server::config::{Serve, open_database};
use latchkey_server::hubs::Hubs;
use latchkey_server::serve::{Addresses, until_stopped};
use latchkey_server::single_instance::SingleInstance;
use store::{Store, doors, locks};

use crate::say;
use crate::users::{hashed, offer_set_up};

/// How long a simulated lock takes for a deed: about as long as a real one.
const LOCK_LATENCY: Duration = Duration::from_millis(600);

/// Serves the demonstration or the existing records until the program is told to stop.
pub(crate) async fn serve(options: Serve) -> Result<()> {
    let address = options.address()?;
    let addresses = Addresses { public: address, operators: options.operators_address()? };
    let (database, key) = options.records.locate()?;
    if options.records.master_key_file.is_none() && !options.records.demo {
        tracing::warn!(
            "the master key is in the folder of the database: keep a copy of it elsewhere, and back up the database without it"
        );
    }
    if !address.ip().is_loopback() && !options.behind_proxy {
        tracing::warn!(
            "no proxy is expected in front: with one, give --behind-proxy, or all who sign in count as one address"
        );
    }
    // Held until the program ends, however it ends.
    let _alone = SingleInstance::claim(&database)?;
    let clock = Clock::system();
    if options.records.demo {
        let hash = hashed(Password::new(demo_password()?)).await?;
        latchkey_demonstration::ensure(&database, &key, &hash, clock.now()).await?;
    }
    let store = open_database(&database, key).await?;
    let hubs = Hubs::simulated(&store, LOCK_LATENCY).await?;
    let hubs = if options.records.demo {
        pair_spare_locks(&store, &hubs).await?;
        hubs
    } else {
        // Nothing that a demonstration makes up gets to a real lock, and nothing is simulated here (R35).
        hubs.connecting(crate::hubs::connect)
    };
    let set_up = if options.records.demo { None } else { offer_set_up(&store, clock.now()).await? };
    let app = App::new(store, clock, hubs, options.settings(address)?).await?;
    until_stopped(app, addresses, options.connections(), |address| {
        let mut words = format!("Latchkey listens on http://{address}");
        if let Some(secret) = set_up {
            let secret = secret.expose();
            words.push_str(&format!(
                "\n\nNobody can sign in yet. Within 24 hours, make the first administrator at\n\n  \
                 http://{address}/set-up#{secret}\n\nThe link works once. `latchkey set-up-link` prints another."
            ));
        }
        if let Err(error) = say(&words) {
            // Nobody reads it, which is no reason not to serve.
            tracing::warn!(%error, "can't print where it listens");
        }
        Ok(())
    })
    .await
}

/// Gives each simulated hub of the demonstration a lock that is linked to no door yet, so that one can be exchanged.
async fn pair_spare_locks(store: &Store, hubs: &Hubs) -> Result<()> {
    for hub_id in store.read(doors::simulated_hubs).await? {
        let (Some(simulator), Some(name)) =
            (hubs.simulator(hub_id), HubLock::new(format!("Spare-lock-{}", hub_id.uuid().simple())))
        else {
            continue;
        };
        let spare = name.clone();
        if store.read(move |db| locks::of_device(db, spare.as_str())).await?.is_none() {
            simulator.pair(name, LockSettings { latency: LOCK_LATENCY, ..LockSettings::default() });
        }
    }
    Ok(())
}

/// The demonstration's password: the one given, or one that is made up and printed here.
fn demo_password() -> Result<String> {
    if let Some(password) = std::env::var("LATCHKEY_DEMO_PASSWORD").ok().filter(|password| !password.is_empty()) {
        return Ok(password);
    }
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random bytes: {error}"))?;
    let password = URL_SAFE_NO_PAD.encode(bytes);
    say(&format!(
        "Sign in as manager@demo.test, resident@demo.test, support@demo.test or administrator@demo.test with the password \
         {password}"
    ))?;
    Ok(password)
}
