//! Response times over HTTP on one persistent connection. A figure is a [`Benchmark`]: a name, the limit that 95 of 100
//! answers must meet if there is one, and a function that takes samples.

use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, ensure};

use super::{http::Connection, percentile, program::Program};

/// A figure to measure.
struct Benchmark {
    name: String,
    most: Option<Duration>,
    measure: Box<Measure>,
}

/// Takes up to this many samples; a costly figure takes fewer.
type Measure = dyn Fn(&Program, usize) -> Result<Vec<Duration>>;

impl Benchmark {
    fn new(name: &str, measure: impl Fn(&Program, usize) -> Result<Vec<Duration>> + 'static) -> Self {
        Self { name: name.to_owned(), most: None, measure: Box::new(measure) }
    }
}

/// How long a search by words may take.
const MAX_WORD_SEARCH: Duration = Duration::from_millis(100);
/// How many pages of the log, and of its filters, are read before starting again at the newest events.
const PAGES: usize = 20;

/// Measures each figure in turn.
pub(super) fn measure(program: &Program, samples: usize) -> Result<()> {
    println!("{:<64}{:>10}{:>10}{:>10}{:>9}", "", "p50", "p95", "p99", "samples");
    let mut benchmarks = vec![
        Benchmark::new("start with data until ready", start_again),
        Benchmark::new("GET / (the console's page)", |program, samples| requests(program, "/", samples)),
        Benchmark::new("GET /healthz", |program, samples| requests(program, "/healthz", samples)),
        Benchmark::new("POST /guest-codes (issuing one)", issue_guest_codes),
    ];
    benchmarks.extend(log(program)?);
    for Benchmark { name, most, measure } in benchmarks {
        let mut taken = measure(program, samples).with_context(|| format!("measuring {name}"))?;
        taken.sort();
        let [p50, p95, p99] = [50, 95, 99].map(|percent| percentile(&taken, percent));
        let missed = most.filter(|most| p95 > *most).map(|most| format!("  more than {most:?}")).unwrap_or_default();
        println!("{name:<64}{p50:>10.1?}{p95:>10.1?}{p99:>10.1?}{:>9}{missed}", taken.len());
    }
    Ok(())
}

fn start_again(program: &Program, samples: usize) -> Result<Vec<Duration>> {
    (0..samples.min(10))
        .map(|_| {
            let started = Instant::now();
            let running = program.start()?;
            let took = started.elapsed();
            running.stop()?;
            Ok(took)
        })
        .collect()
}

/// Issues codes that start tomorrow, so that this measures issuing and not the locks.
fn issue_guest_codes(program: &Program, samples: usize) -> Result<Vec<Duration>> {
    let running = program.start()?;
    let mut connection = Connection::open(running.address)?;
    let cookie = connection.sign_in("resident@demo.test")?;
    let access = connection.ask("GET", "/api/v1/me/access", &cookie, "")?.body;
    let door = after(&access, "\"doors\":[{\"id\":\"")?;
    let run = run_id()?;
    let taken = (0..samples)
        .map(|number| {
            let headers = format!("{cookie}Idempotency-Key: bench-{run}-{number}\r\n");
            let body = format!(
                "{{\"kind\":\"temporary\",\"door_ids\":[\"{door}\"],\"guest_name\":\"Guest\",\
                 \"starts_at\":\"2100-01-01T09:00:00Z\",\"ends_at\":\"2100-01-02T09:00:00Z\"}}"
            );
            let started = Instant::now();
            let answer = connection.ask("POST", "/api/v1/guest-codes", &headers, &body)?;
            let took = started.elapsed();
            ensure!(answer.status == 201, "issuing answered {}", answer.status);
            Ok(took)
        })
        .collect();
    running.stop()?;
    taken
}

/// Pages of the log for each filter, as seen by support and by a manager of two properties. The words and the rest of a
/// filter have much, little or nothing in common; the queries are timed one by one in the example `audit_queries`.
fn log(program: &Program) -> Result<Vec<Benchmark>> {
    let running = program.start()?;
    let mut connection = Connection::open(running.address)?;
    let cookie = connection.sign_in("manager@demo.test")?;
    let mut ask = |path: &str| Ok::<_, anyhow::Error>(connection.ask("GET", path, &cookie, "")?.body);
    let manager = after(&ask("/api/v1/session")?, "\"user\":{\"id\":\"")?;
    let properties = ask("/api/v1/properties")?;
    let property = before(&properties, "\",\"name\":\"Maple Court\"")?;
    let resident = after(&ask(&format!("/api/v1/properties/{property}/residents?limit=1"))?, "\"items\":[{\"id\":\"")?;
    let doors = ask(&format!("/api/v1/properties/{property}/doors"))?;
    let door = before(&doors, "\",\"name\":\"Building 1 lobby\"")?;
    running.stop()?;

    let filters = [
        ("", String::new()),
        (", a property", format!("property={property}")),
        (", an action", "action=code.revealed".into()),
        (", a family of actions", "action=code.".into()),
        (", refused", "outcome=refused".into()),
        (", an actor", format!("actor={manager}")),
        (", a resident", format!("resident={resident}")),
        (", a door", format!("door={door}")),
        (", a stretch of time", "from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z".into()),
        (", a property, an action, refused", format!("property={property}&action=placement.on_lock&outcome=refused")),
        (", a frequent word", "q=placement".into()),
        (", a name", "q=zo%C3%AB+zhang".into()),
        (", two frequent words", "q=lock+confirmed".into()),
        (", two frequent words that never meet", "q=placement+temporary".into()),
        (", a frequent word, refused", "q=placement&outcome=refused".into()),
        (", a frequent word, a door, failed", format!("q=lock&door={door}&outcome=failed")),
    ];
    let people = [("support", "support@demo.test"), ("manager", "manager@demo.test")];
    Ok(people
        .into_iter()
        .flat_map(|(person, email)| {
            filters.clone().map(|(name, filter)| Benchmark {
                name: format!("GET /audit for {person}{name}"),
                most: filter.contains("q=").then_some(MAX_WORD_SEARCH),
                measure: Box::new(move |program, samples| turn_pages(program, samples, email, &filter)),
            })
        })
        .collect())
}

/// Reads page after page, starting with the newest event.
fn turn_pages(program: &Program, samples: usize, email: &str, filter: &str) -> Result<Vec<Duration>> {
    let running = program.start()?;
    let mut connection = Connection::open(running.address)?;
    let cookie = connection.sign_in(email)?;
    let first = format!("/api/v1/audit?limit=50&{filter}");
    let mut path = first.clone();
    let taken = (0..samples)
        .map(|number| {
            let started = Instant::now();
            let answer = connection.ask("GET", &path, &cookie, "")?;
            let took = started.elapsed();
            ensure!(answer.status == 200, "{path} answered {}", answer.status);
            let next = answer.body.rsplit_once("\"next_cursor\":\"").and_then(|(_, rest)| rest.split('"').next());
            path = match next {
                Some(next) if (number + 1) % PAGES > 0 => format!("{first}&cursor={next}"),
                _ => first.clone(),
            };
            Ok(took)
        })
        .collect();
    running.stop()?;
    taken
}

fn requests(program: &Program, path: &str, samples: usize) -> Result<Vec<Duration>> {
    let running = program.start()?;
    let mut connection = Connection::open(running.address)?;
    connection.get(path)?;
    let taken = (0..samples)
        .map(|_| {
            let started = Instant::now();
            let status = connection.get(path)?;
            let took = started.elapsed();
            ensure!(status == 200, "{path} answered {status}");
            Ok(took)
        })
        .collect();
    running.stop()?;
    taken
}

/// Distinguishes the keys of this run from an earlier run's, which already have answers in the same data.
pub(super) fn run_id() -> Result<String> {
    Ok(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_millis().to_string())
}

/// How long an id is.
const ID: usize = 36;

/// The id that follows `mark` in an answer.
pub(super) fn after(answer: &str, mark: &str) -> Result<String> {
    let id = answer.split_once(mark).and_then(|(_, rest)| rest.get(..ID));
    Ok(id.with_context(|| format!("{mark} in an answer"))?.to_owned())
}

/// The id that comes before `mark` in an answer.
pub(super) fn before(answer: &str, mark: &str) -> Result<String> {
    let id = answer.split_once(mark).and_then(|(rest, _)| rest.get(rest.len().checked_sub(ID)?..));
    Ok(id.with_context(|| format!("{mark} in an answer"))?.to_owned())
}
