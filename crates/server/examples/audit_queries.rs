//! Times how long it takes to find and read a page of the log with `store::audit::list`, for what the console can
//! search for, on the data of the example `bench_data`: `audit_queries DATA_DIR SAMPLES`.
//!
//! The worst cases of an index are among them: conditions that each hold often but never together.
#![allow(clippy::print_stdout, reason = "a program of the benchmark")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use api_types::Outcome;
use latchkey_server::config::Records;
use store::audit::{self, Filter};
use store::tenancies::{self, Sort};
use store::{Db, Millis, Scope, doors, people, properties};

/// The console's page size.
const PAGE: u32 = 50;
const DAY: Millis = 24 * 60 * 60 * 1000;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let data: PathBuf = arguments.next().context("name the data folder")?.into();
    let samples: usize = arguments.next().context("say how many samples there are to be")?.parse()?;
    let records = Records { data, database_url: None, demo: true, master_key_file: None };
    let store = records.open().await?;
    store.read(move |db| time_all(db, samples)).await?;
    store.close().await;
    Ok(())
}

/// Times every query, as asked by support and by a manager.
fn time_all(db: &Db, samples: usize) -> Result<()> {
    let manager = people::by_email(db, "manager@demo.test")?.context("the manager")?.id;
    let questions = questions(db)?;
    println!("{} events", audit::count(db)?);
    println!("{:<60}{:>8}{:>10}{:>10}{:>10}", "", "events", "p50", "p95", "p99");
    let mut worst = Duration::ZERO;
    for (who, scope) in [("support", Scope::Everything), ("manager", Scope::ManagedBy(manager))] {
        for (name, filter) in &questions {
            let (found, mut took) = ask(db, scope, filter, samples)?;
            took.sort();
            let [p50, p95, p99] = [50, 95, 99].map(|percent| took[(took.len() * percent).div_ceil(100) - 1]);
            println!("{:<60}{found:>8}{p50:>10.2?}{p95:>10.2?}{p99:>10.2?}", format!("{who}: {name}"));
            worst = worst.max(p99);
        }
    }
    println!("{:<60}{worst:>38.2?}", "the worst of them");
    Ok(())
}

/// Reads page after page, starting again after the last or the twentieth. Returns how many events the first round
/// found, and how long each page took.
fn ask(db: &Db, scope: Scope, filter: &Filter, samples: usize) -> Result<(usize, Vec<Duration>)> {
    let (mut found, mut turns, mut cursor) = (0, 0, None::<String>);
    let mut took = Vec::with_capacity(samples);
    while took.len() < samples {
        let begun = Instant::now();
        let (events, next) = audit::list(db, scope, filter, cursor.as_deref(), PAGE)?;
        took.push(begun.elapsed());
        if turns == 0 {
            found += events.len();
        }
        cursor = next.filter(|_| took.len() % 20 > 0);
        turns += usize::from(cursor.is_none());
    }
    Ok((found, took))
}

/// The filters to time, with their names.
fn questions(db: &Db) -> Result<Vec<(String, Filter)>> {
    let all = properties::list(db, Scope::Everything, None, 200)?.0;
    let property = |name: &str| all.iter().find(|property| property.name == name).map(|property| property.id);
    let (maple, elm) = (property("Maple Court").context("a property")?, property("Elm House").context("a property")?);
    let manager = people::by_email(db, "manager@demo.test")?.context("the manager")?.id;
    let by_name = tenancies::Filter { sort: Sort::Name, ..tenancies::Filter::default() };
    let (residents, _) = tenancies::list(db, Scope::Everything, maple, &by_name, None, 1_000)?;
    // Residents are listed by name, and the generated log favours the first.
    let (busy, quiet) = (residents.first().context("a resident")?, residents.last().context("a resident")?);
    let doors = doors::of_property(db, Scope::Everything, maple)?;
    let lobby = doors.iter().find(|door| door.name.ends_with("lobby")).context("a lobby")?.id;
    let newest = audit::newest_at(db)?.context("an event")?;

    let nothing = Filter::default;
    let action = |action: &str| Filter { action: Some(action.to_owned().into()), ..Filter::default() };
    let words = |words: &str| Filter { words: Some(words.into()), ..Filter::default() };
    let (refused, failed) = (Some(Outcome::Refused), Some(Outcome::Failed));
    let week = |filter: Filter| Filter { from: Some(newest - 40 * DAY), to: Some(newest - 33 * DAY), ..filter };
    let questions = [
        ("everything", nothing()),
        ("a week", week(nothing())),
        ("before anything", Filter { to: Some(0), ..nothing() }),
        ("a large property", Filter { property: Some(maple), ..nothing() }),
        ("a small property", Filter { property: Some(elm), ..nothing() }),
        ("an action that is frequent", action("placement.on_lock")),
        ("an action that is rare", action("hub.offline")),
        ("a family of actions", action("code.")),
        ("refused", Filter { outcome: refused, ..nothing() }),
        ("failed", Filter { outcome: failed, ..nothing() }),
        ("an actor who does much", Filter { actor: Some(manager), ..nothing() }),
        ("an actor who does little", Filter { actor: Some(quiet.person_id), ..nothing() }),
        ("a resident", Filter { resident: Some(busy.id), ..nothing() }),
        ("a busy door", Filter { door: Some(lobby), ..nothing() }),
        ("a frequent action, refused", Filter { outcome: refused, ..action("placement.on_lock") }),
        ("a frequent action, failed, of a week", week(Filter { outcome: failed, ..action("placement.on_lock") })),
        ("a family, failed", Filter { outcome: failed, ..action("code.") }),
        ("a small property, failed", Filter { property: Some(elm), outcome: failed, ..nothing() }),
        ("a small property, a rare action", Filter { property: Some(elm), ..action("hub.offline") }),
        (
            "a large property, an action, refused",
            Filter { property: Some(maple), outcome: refused, ..action("placement.on_lock") },
        ),
        ("a busy actor, failed", Filter { actor: Some(manager), outcome: failed, ..nothing() }),
        (
            "a busy actor, a small property, a rare action",
            Filter { actor: Some(manager), property: Some(elm), ..action("hub.") },
        ),
        ("a busy actor, a resident", Filter { actor: Some(manager), resident: Some(quiet.id), ..nothing() }),
        ("a busy door, refused", Filter { door: Some(lobby), outcome: refused, ..nothing() }),
        ("a busy door, a resident", Filter { door: Some(lobby), resident: Some(quiet.id), ..nothing() }),
        ("a busy door, another property", Filter { door: Some(lobby), property: Some(elm), ..nothing() }),
        ("a frequent word", words("placement")),
        ("one letter", words("p")),
        ("a name", words("zhang")),
        ("no word of the log", words("xylophone")),
        ("a first and a last name", words("Zoë Zhang")),
        ("two frequent words", words("lock confirmed")),
        ("two frequent words that never meet", words("placement temporary")),
        ("three frequent words", words("unit lobby removed")),
        ("two letters that often meet", words("p l")),
        ("a frequent word, refused", Filter { outcome: refused, ..words("placement") }),
        ("a frequent word, a rare action", Filter { outcome: failed, ..words("temporary") }),
        (
            "a frequent word of a small property, failed",
            Filter { property: Some(elm), outcome: failed, ..words("lock") },
        ),
        ("a letter, a busy door, refused", Filter { door: Some(lobby), outcome: refused, ..words("m") }),
        ("a frequent word of a busy actor, failed", Filter { actor: Some(manager), outcome: failed, ..words("code") }),
    ];
    Ok(questions.map(|(name, filter)| (name.to_owned(), filter)).into())
}
