//! The program `latchkey`.

use std::io::{IsTerminal, Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use api_types::Subject;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Parser;
use latchkey_server::alone::Alone;
use latchkey_server::app::{App, Settings};
use latchkey_server::auth::{Password, PasswordCost, Passwords};
use latchkey_server::clock::Clock;
use latchkey_server::config::{Audit, Cli, Command, Records, Serve, User, UserAdd, UserDisable, open_database};
use latchkey_server::demo;
use latchkey_server::domain::{By, Failure, Refusal, rights};
use latchkey_server::hubs::Hubs;
use latchkey_server::{serve, view};
use store::{Millis, Scope, Tx, people, properties, sessions};
use tracing_subscriber::EnvFilter;
use uuid::Uuid;

/// How long a simulated lock takes for a deed; about what a real one takes.
const LOCK_LATENCY: Duration = Duration::from_millis(600);

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("LATCHKEY_LOG").unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let done = match Cli::parse().command {
        Command::Serve(options) => serve(options).await,
        Command::Audit(Audit::Verify(records)) => verify(&records).await,
        Command::User(User::Add(options)) => add_user(options).await,
        Command::User(User::Disable(options)) => set_user_disabled(options, true).await,
        Command::User(User::Enable(options)) => set_user_disabled(options, false).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Serve) -> Result<()> {
    let address = options.address()?;
    let (database, key) = options.records.locate()?;
    // Held until the program ends, however it ends.
    let _alone = Alone::with(&database)?;
    let clock = Clock::system();
    if options.records.demo {
        let hash = hashed(Password::new(demo_password()?)).await?;
        demo::ensure(&database, &key, &hash, clock.now()).await?;
    }
    let store = open_database(&database, key).await?;
    let settings = Settings { demo: options.records.demo, behind_proxy: options.behind_proxy, ..Settings::default() };
    let hubs = Hubs::simulated(&store, LOCK_LATENCY).await?;
    let app = App::new(store, clock, hubs, settings)?;
    serve::until_stopped(app, address, |address| say(&format!("Latchkey listens on http://{address}"))).await
}

/// The demonstration's password: the one that was given, or one that is made up and said here.
fn demo_password() -> Result<String> {
    if let Some(password) = std::env::var("LATCHKEY_DEMO_PASSWORD").ok().filter(|password| !password.is_empty()) {
        return Ok(password);
    }
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random bytes: {error}"))?;
    let password = URL_SAFE_NO_PAD.encode(bytes);
    say(&format!(
        "Sign in as manager@demo.test, resident@demo.test or support@demo.test with the password {password}"
    ))?;
    Ok(password)
}

async fn verify(records: &Records) -> Result<()> {
    let store = records.open_existing().await?;
    let found = view::event::describe_chain(store.read(store::audit::verify).await?);
    store.close().await;
    say(&serde_json::to_string(&found)?)?;
    if !found.intact {
        bail!("the log's chain is broken");
    }
    Ok(())
}

async fn add_user(options: UserAdd) -> Result<()> {
    if options.manager.is_empty() && !options.support {
        bail!("say what they are: --manager PROPERTY or --support (residents come with the roster)");
    }
    let email = people::email_key(&options.email);
    if !email.contains('@') {
        bail!("{} is not an email address", options.email);
    }
    let password = Password::new(given_password()?);
    if !password.is_acceptable() {
        bail!("the password has to be of 1 to {} bytes", Password::MAX);
    }
    let hash = hashed(password).await?;

    let store = options.records.open().await?;
    let now = Clock::system().now();
    let id = store.write(move |tx| add_user_in(tx, &options, &email, &hash, now)).await?;
    store.close().await;
    say(&id.to_string())
}

fn add_user_in(tx: &Tx, options: &UserAdd, email: &str, hash: &str, now: Millis) -> Result<Uuid> {
    let id = match people::by_email(tx, email)? {
        Some(person) => {
            people::set_password_hash(tx, person.id, hash)?;
            sessions::end_all_of(tx, person.id)?;
            let subject = Subject { kind: "person".into(), id: Some(person.id), name: person.name };
            let mut event = By::system().event("person.password.changed", subject);
            event.detail = "Given another password at the server's own command line; signed out everywhere.".into();
            tx.record(now, event)?;
            person.id
        }
        None => {
            let id = Uuid::now_v7();
            let person = people::NewPerson {
                id,
                email,
                name: &options.name,
                password_hash: Some(hash),
                support: options.support,
            };
            people::insert(tx, now, &person)?;
            id
        }
    };
    let subject = Subject { kind: "person".into(), id: Some(id), name: options.name.clone() };
    if options.support {
        people::set_support(tx, id, true)?;
        let mut event = By::system().event("person.support.added", subject.clone());
        event.detail = "May read everything of every property; added at the server's own command line.".into();
        tx.record(now, event)?;
    }
    for property_id in &options.manager {
        let property = properties::get(tx, Scope::Everything, *property_id)?
            .with_context(|| format!("there is no property {property_id}"))?;
        people::add_manager(tx, id, *property_id)?;
        let mut event = By::system().event("person.manager.added", subject.clone());
        event.property_id = Some(*property_id);
        event.detail = format!("Manages {}; added at the server's own command line.", property.name);
        tx.record(now, event)?;
    }
    Ok(id)
}

/// Disables a person, or enables one again.
async fn set_user_disabled(options: UserDisable, disabled: bool) -> Result<()> {
    let store = options.records.open_existing().await?;
    let now = Clock::system().now();
    let email = people::email_key(&options.email);
    let done: Result<(), Failure> = store
        .write(move |tx| {
            let person = people::by_email(tx, &email)?.ok_or_else(Refusal::not_found)?;
            let change = if disabled { rights::disable } else { rights::enable };
            change(tx, &By::system(), person.id, now)
        })
        .await;
    store.close().await;
    match done {
        Ok(()) => say(if disabled { "disabled" } else { "enabled" }),
        Err(Failure::Refused(_)) => bail!("nobody has the address {}", options.email),
        Err(Failure::Store(error)) => Err(error.into()),
    }
}

/// The password's hash, at the cost that is right for people's passwords.
async fn hashed(password: Password) -> Result<String> {
    let passwords = Passwords::new(PasswordCost::STANDARD)?;
    // The problem is for clients; what it was is in the log.
    passwords.hash(password).await.map_err(|_| anyhow::anyhow!("the password can't be hashed"))
}

/// From `LATCHKEY_PASSWORD`, else the first line of the standard input.
fn given_password() -> Result<String> {
    if let Ok(password) = std::env::var("LATCHKEY_PASSWORD") {
        return Ok(password);
    }
    let mut stdin = std::io::stdin();
    if stdin.is_terminal() {
        bail!("give the password in LATCHKEY_PASSWORD or on the standard input, so that it isn't shown");
    }
    let mut text = String::new();
    stdin.read_to_string(&mut text).context("can't read the password from the standard input")?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// Says something to whoever runs the program; logs go to the standard error.
fn say(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{text}").context("can't write to the standard output")
}
