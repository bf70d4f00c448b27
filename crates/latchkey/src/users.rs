//! `latchkey user …`: managing people from the server's command line.

use std::io::{IsTerminal, Read};

use anyhow::{Context, Result, anyhow, bail};
use api_types::{Action, ProblemCode, Said, Subject, SubjectKind};
use ids::PersonId;
use latchkey_server::auth::{Password, PasswordCost, Passwords, Secret};
use latchkey_server::clock::Clock;
use latchkey_server::config::Records;
use latchkey_server::domain::roster::MAX_TEXT as MAX_NAME;
use latchkey_server::domain::{By, Done, Failure, Refusal, invitation, password, rights};
use latchkey_server::text::{Address, Line};
use latchkey_server::view::staff;
use store::{Millis, Scope, Store, Tx, people, properties, sessions};

use crate::command_line::{SetUpLink, UserAdd, UserDisable, UserInvite};
use crate::say;

/// Adds a person, or gives one another password and more roles.
pub(crate) async fn add(options: UserAdd) -> Result<()> {
    if options.manager.is_empty() && !options.support && !options.administrator {
        bail!("say what they are: --administrator, --manager PROPERTY or --support (residents come with the roster)");
    }
    let email = Address::parse(&options.email)
        .with_context(|| format!("{:?} is not an email address; give one like ada@example.com", options.email))?;
    let name = Line::parse(&options.name, MAX_NAME).map_err(|unfit| anyhow!("--name: {unfit}"))?;
    let password = Password::new(given_password()?);
    if !password.is_acceptable_as_new() {
        bail!(
            "the password has to have at least {} characters, and at most {} bytes",
            Password::MIN_NEW,
            Password::MAX
        );
    }
    let hash = hashed(password).await?;

    let store = options.records.open().await?;
    let now = Clock::system().now();
    let id = store.write(move |tx| add_in(tx, &options, &email, &name, &hash, now)).await?;
    store.close().await;
    say(&id.to_string())
}

fn add_in(tx: &Tx, options: &UserAdd, email: &Address, name: &Line, hash: &str, now: Millis) -> Result<PersonId> {
    let id = match people::by_email(tx, email)? {
        Some(person) => {
            people::set_password_hash(tx, person.id, hash)?;
            sessions::end_all_of(tx, person.id)?;
            let subject = Subject { kind: SubjectKind::Person.into(), id: Some(person.id.uuid()), name: person.name };
            let mut event = By::system().event(Action::PersonPasswordChanged, subject);
            let detail = "Given another password at the server's own command line; signed out everywhere.";
            event.say(Said::CommandLine, [], detail);
            tx.record(now, event)?;
            person.id
        }
        None => {
            let id = PersonId::generate();
            let person = people::NewPerson { id, email, name, password_hash: Some(hash), support: options.support };
            people::insert(tx, now, &person)?;
            id
        }
    };
    let subject = Subject { kind: SubjectKind::Person.into(), id: Some(id.uuid()), name: name.to_string() };
    if options.support {
        people::set_support(tx, id, true)?;
        let mut event = By::system().event(Action::PersonSupportAdded, subject.clone());
        let detail = "May read everything of every property; added at the server's own command line.";
        event.say(Said::CommandLine, [], detail);
        tx.record(now, event)?;
    }
    if options.administrator {
        people::set_administrator(tx, id, true)?;
        let mut event = By::system().event(Action::PersonAdministratorAdded, subject.clone());
        event.say(Said::CommandLine, [], "Sets up properties and staff; added at the server's own command line.");
        tx.record(now, event)?;
    }
    for property_id in &options.manager {
        let property = properties::get(tx, Scope::Everything, *property_id)?
            .with_context(|| format!("there is no property {property_id}"))?;
        people::add_manager(tx, id, *property_id)?;
        let mut event = By::system().event(Action::PersonManagerAdded, subject.clone());
        event.property_id = Some(*property_id);
        let detail = format!("Manages {}; added at the server's own command line.", property.name);
        event.say(Said::CommandLine, [], detail);
        tx.record(now, event)?;
    }
    Ok(id)
}

/// Prints a link with which somebody becomes the first administrator.
pub(crate) async fn set_up_link(options: SetUpLink) -> Result<()> {
    let store = options.records.open().await?;
    let secret = offer_set_up(&store, Clock::system().now()).await;
    store.close().await;
    match secret? {
        Some(secret) => say(&format!("{}/set-up#{}", options.url.trim_end_matches('/'), secret.expose())),
        None => bail!("there is an administrator already; `latchkey user add --administrator` adds another"),
    }
}

/// The secret of a new link to make the first administrator; `None` if there is one.
pub(crate) async fn offer_set_up(store: &Store, now: Millis) -> Result<Option<Secret>> {
    let secret = new_secret()?;
    let hash = secret.hash();
    let offered = store.write_unrecorded(move |tx| invitation::offer_set_up(tx, &hash, now)).await?;
    Ok(offered.then_some(secret))
}

/// Prints a link with which a person who has no password yet makes one.
pub(crate) async fn invite(options: UserInvite) -> Result<()> {
    print_link(options, "/invitation", invitation::invite_from_command_line).await
}

/// Prints a link with which a person who forgot their password sets another (R38).
pub(crate) async fn reset(options: UserInvite) -> Result<()> {
    print_link(options, "/reset-password", password::offer_from_command_line).await
}

/// Prints a link to that page for the person whom it is made for by `offer`.
async fn print_link(
    options: UserInvite,
    page: &str,
    offer: fn(&Tx, PersonId, &Secret, Millis) -> Done<Millis>,
) -> Result<()> {
    let store = options.records.open_existing().await?;
    let (now, email) = (Clock::system().now(), people::email_key(&options.email));
    let secret = new_secret()?;
    let link = format!("{}{page}#{}", options.url.trim_end_matches('/'), secret.expose());
    let done: Result<(), Failure> = store
        .write(move |tx| {
            let person = people::by_email(tx, &email)?.ok_or_else(Refusal::not_found)?;
            offer(tx, person.id, &secret, now).map(|_| ())
        })
        .await;
    store.close().await;
    match done {
        Ok(()) => say(&link),
        Err(Failure::Refused(refusal)) if refusal.code == ProblemCode::NotFound => {
            bail!("nobody has the address {}", options.email)
        }
        Err(Failure::Refused(refusal)) => bail!("{}", refusal.detail),
        Err(Failure::Store(error)) => Err(error.into()),
    }
}

/// Prints the staff: address, name, roles and state, separated by tabs.
pub(crate) async fn list(records: Records) -> Result<()> {
    let store = records.open_existing().await?;
    let now = Clock::system().now();
    let mut cursor: Option<String> = None;
    loop {
        let page = store.read(move |db| {
            let (found, next) = people::staff(db, cursor.as_deref(), 200, now)?;
            let staff: Vec<_> = found.into_iter().map(|it| staff::describe(db, it)).collect::<store::Result<_>>()?;
            Ok::<_, store::Error>((staff, next))
        });
        let (staff, next) = page.await?;
        for person in staff {
            let roles: Vec<String> = person
                .roles
                .iter()
                .map(|it| match it.property_id {
                    Some(property) => format!("{} of {property}", it.role.name()),
                    None => it.role.name().to_owned(),
                })
                .collect();
            let roles = roles.join(", ");
            say(&[person.email.as_str(), &person.name, &roles, person.state.name()].join("\t"))?;
        }
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    store.close().await;
    Ok(())
}

fn new_secret() -> Result<Secret> {
    Secret::generate().map_err(|_| anyhow::anyhow!("the operating system supplies no random bytes"))
}

/// Disables a person, or enables one again.
pub(crate) async fn set_disabled(options: UserDisable, disabled: bool) -> Result<()> {
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

/// The password's hash, at the cost appropriate for people's passwords.
pub(crate) async fn hashed(password: Password) -> Result<String> {
    let passwords = Passwords::new(PasswordCost::STANDARD)?;
    // The problem is meant for clients; the details are in the program's log.
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
