//! Throughput over HTTP with many clients at a time, each on its own persistent connection: how many requests a second,
//! and how long each takes. A figure comes from a [`Load`]; its target is printed beside it, and missed targets are
//! reported.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, ensure};

use super::{
    data,
    http::{Connection, Request},
    percentile,
    program::Program,
    requests::{before, run_id},
};

/// The numbers of concurrent clients.
const CONNECTIONS: [usize; 3] = [1, 8, 64];
/// How long a load lasts.
const DURATION: Duration = Duration::from_secs(3);
/// How long each connection is used before a load is measured.
const WARM_UP: Duration = Duration::from_millis(300);

/// The targets for issuing: at this many connections, this rate, with 99 of 100 answers within this time.
const ISSUING_AT: usize = 64;
const MIN_ISSUING_RATE: f64 = 2_500.0;
const MAX_ISSUING_TIME: Duration = Duration::from_millis(50);

/// The targets for reading residents and the audit log: at this many connections, this rate.
const READING_AT: usize = 64;
const MIN_READING_RATE: f64 = 4_000.0;

/// The most memory that the server may have had by the end, in MiB.
const MAX_MEMORY_MIB: u64 = 160;

/// How many doors issuing is spread over, so that each gets far fewer codes than there are.
const DOORS: usize = 200;
/// How many codes a door holds without issuing there becoming slower, and how many are then issued there for
/// comparison, in each of as many rounds as there are empty doors.
const HELD: usize = 9_000;
const COMPARED: usize = 1_000;
/// The fraction of a rate above which a difference counts as noise.
const NOISE: f64 = 0.85;

/// When a load is over.
#[derive(Clone, Copy)]
enum Until {
    Passed(Duration),
    Asked(usize),
}

/// The result of a load.
struct Measured {
    connections: usize,
    took: Duration,
    /// Sorted.
    samples: Vec<Duration>,
}

impl Measured {
    fn rate(&self) -> f64 {
        self.samples.len() as f64 / self.took.as_secs_f64()
    }

    fn p99(&self) -> Duration {
        percentile(&self.samples, 99)
    }

    fn print(&self, name: &str, aim: &str) {
        let [p50, p99] = [50, 99].map(|percent| percentile(&self.samples, percent));
        let (rate, asked) = (self.rate(), self.samples.len());
        println!("{name:<46}{:>6}{rate:>10.0}/s{p50:>10.1?}{p99:>10.1?}{asked:>9}{aim}", self.connections);
    }
}

/// The server, a manager's session, and what to request.
struct Load {
    address: SocketAddr,
    cookie: String,
    /// Makes keys that no other run has used.
    run: String,
    asked: AtomicUsize,
}

/// Measures on a copy of the data, so that what is issued doesn't affect other figures.
pub(super) fn measure(program: &Program) -> Result<()> {
    let folder = data::empty_folder("bench-throughput")?;
    copy(&program.data, &folder)?;
    let program = program.on(folder.clone());
    let running = program.start()?;
    let mut connection = Connection::open(running.address)?;
    let cookie = connection.sign_in("manager@demo.test")?;
    let mut ask = |path: &str| Ok::<_, anyhow::Error>(connection.ask("GET", path, &cookie, "")?.body);
    let property = before(&ask("/api/v1/properties")?, "\",\"name\":\"Maple Court\"")?;
    // Page by page, as lists are read.
    let path = format!("/api/v1/properties/{property}/doors?limit=200");
    let mut doors = ask(&path)?;
    let mut page = doors.clone();
    while let Some((_, rest)) = page.split_once("\"next_cursor\":\"") {
        let cursor = rest.split('"').next().unwrap_or_default().to_owned();
        page = ask(&format!("{path}&cursor={cursor}"))?;
        doors.push_str(&page);
    }
    let door = |name: &str| before(&doors, &format!("\",\"name\":\"{name}\""));
    let load = Load { address: running.address, cookie: cookie.clone(), run: run_id()?, asked: AtomicUsize::new(0) };

    println!("\nOn many connections at a time, of which each asks again as soon as it is answered:");
    println!("{:<46}{:>6}{:>12}{:>10}{:>10}{:>9}", "", "at", "requests", "p50", "p99", "samples");
    let unit_doors = (0..DOORS).map(|number| door(&format!("Unit {} front door", 100 + number)));
    load.issuing(&unit_doors.collect::<Result<Vec<_>>>()?)?;
    for (name, path, aim) in [
        ("GET residents, 50 rows", format!("/api/v1/properties/{property}/residents?limit=50"), Some(MIN_READING_RATE)),
        ("GET /audit, 50 rows", "/api/v1/audit?limit=50".into(), Some(MIN_READING_RATE)),
        ("GET /guest-codes, 50 rows", "/api/v1/guest-codes?limit=50".into(), None),
        ("GET / (the console's page)", "/".into(), None),
    ] {
        load.reading(name, &path, aim)?;
    }
    let empty: Vec<String> = (2..=4).map(|number| door(&format!("Building {number} lobby"))).collect::<Result<_>>()?;
    load.full_door(&door("Main gate")?, &empty)?;
    let peak = running.peak_memory()?;
    let mut aim = Aim::default();
    aim.reach(&format!("at most {MAX_MEMORY_MIB} MiB"), peak <= MAX_MEMORY_MIB);
    println!("{:<52}{peak:>9} MiB{}", "the most memory that the server had meanwhile", aim.description());
    running.stop()?;
    fs::remove_dir_all(&folder).context("removing what was measured on")
}

impl Load {
    /// Codes at several doors, on more and more connections.
    fn issuing(&self, doors: &[String]) -> Result<()> {
        const NAME: &str = "POST /guest-codes, issuing";
        let mut before: Option<f64> = None;
        for connections in CONNECTIONS {
            let measured = self.issue(doors, connections, Until::Passed(DURATION))?;
            let mut aim = Aim::default();
            if let Some(before) = before {
                aim.reach("rising", measured.rate() > before);
            }
            if connections == ISSUING_AT {
                aim.reach(&format!("{MIN_ISSUING_RATE}/s"), measured.rate() >= MIN_ISSUING_RATE);
                aim.reach(&format!("p99 {MAX_ISSUING_TIME:?}"), measured.p99() <= MAX_ISSUING_TIME);
            }
            measured.print(NAME, &aim.description());
            before = Some(measured.rate());
        }
        Ok(())
    }

    fn reading(&self, name: &str, path: &str, min_rate: Option<f64>) -> Result<()> {
        if Connection::open(self.address)?.ask("GET", path, &self.cookie, "")?.status == 404 {
            // A program that was built separately.
            println!("{name:<46}  isn't in this program");
            return Ok(());
        }
        let headers = format!("Accept-Encoding: br\r\n{}", self.cookie);
        for connections in CONNECTIONS {
            let request = || Request::new("GET", path, &headers, "");
            let measured = self.ask(connections, Until::Passed(DURATION), 200, request)?;
            let mut aim = Aim::default();
            if let Some(rate) = min_rate.filter(|_| connections == READING_AT) {
                aim.reach(&format!("{rate}/s"), measured.rate() >= rate);
            }
            measured.print(name, &aim.description());
        }
        Ok(())
    }

    /// Issues codes at a door that holds many, and at doors that hold none, in turn.
    fn full_door(&self, full: &str, empty: &[String]) -> Result<()> {
        let full = [full.to_owned()];
        self.ask(ISSUING_AT, Until::Asked(HELD), 201, || self.issuance(&full))?;
        let (mut at_full, mut at_empty) = (Vec::new(), Vec::new());
        for empty in empty {
            at_empty.push(self.issue(std::slice::from_ref(empty), ISSUING_AT, Until::Asked(COMPARED))?);
            at_full.push(self.issue(&full, ISSUING_AT, Until::Asked(COMPARED))?);
        }
        let (at_empty, at_full) = (together(at_empty), together(at_full));
        at_empty.print("POST /guest-codes, at doors without codes", "");
        let mut aim = Aim::default();
        aim.reach("the same", at_full.rate() >= at_empty.rate() * NOISE);
        at_full.print(&format!("POST /guest-codes, at a door with {HELD}"), &aim.description());
        Ok(())
    }

    fn issue(&self, doors: &[String], connections: usize, until: Until) -> Result<Measured> {
        self.ask(connections, until, 201, || self.issuance(doors))
    }

    /// A code that starts in 2100, so that this measures issuing and not the locks.
    fn issuance(&self, doors: &[String]) -> Request {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let headers = format!("{}Idempotency-Key: bench-{}-{number}\r\n", self.cookie, self.run);
        let body = format!(
            "{{\"kind\":\"permanent\",\"door_ids\":[\"{}\"],\"guest_name\":\"Guest\",\
             \"starts_at\":\"2100-01-01T09:00:00Z\"}}",
            doors[number % doors.len()]
        );
        Request::new("POST", "/api/v1/guest-codes", &headers, &body)
    }

    /// Sends requests on that many connections at a time, each on its own thread; every answer must have this status.
    fn ask(
        &self,
        connections: usize,
        until: Until,
        status: u16,
        request: impl Fn() -> Request + Sync,
    ) -> Result<Measured> {
        let (begin, left) = (Barrier::new(connections + 1), AtomicUsize::new(0));
        if let Until::Asked(number) = until {
            left.store(number, Ordering::Relaxed);
        }
        let one = || -> Result<Vec<Duration>> {
            let connection = Connection::open(self.address);
            let mut samples = Vec::new();
            let ask = |connection: &mut Connection| {
                let request = request();
                let begun = Instant::now();
                let answered = connection.send(&request)?.status;
                let took = begun.elapsed();
                ensure!(answered == status, "answered {answered}");
                Ok(took)
            };
            // Even a thread that fails goes to the barrier, where the others are waiting for it.
            let warm = connection.and_then(|mut connection| {
                connection.get("/healthz")?;
                let begun = Instant::now();
                while matches!(until, Until::Passed(_)) && begun.elapsed() < WARM_UP {
                    ask(&mut connection)?;
                }
                Ok(connection)
            });
            begin.wait();
            let (mut connection, begun) = (warm?, Instant::now());
            while match until {
                Until::Passed(lasts) => begun.elapsed() < lasts,
                Until::Asked(_) => {
                    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
                }
            } {
                samples.push(ask(&mut connection)?);
            }
            Ok(samples)
        };
        thread::scope(|scope| {
            let threads: Vec<_> = (0..connections).map(|_| scope.spawn(one)).collect();
            begin.wait();
            let begun = Instant::now();
            let mut samples = Vec::new();
            for thread in threads {
                samples.extend(thread.join().map_err(|_| anyhow!("a connection's thread panicked"))??);
            }
            let took = begun.elapsed();
            samples.sort();
            Ok(Measured { connections, took, samples })
        })
    }
}

/// A figure's targets.
#[derive(Default)]
struct Aim {
    wanted: Vec<String>,
    missed: Vec<String>,
}

impl Aim {
    fn reach(&mut self, what: &str, reached: bool) {
        self.wanted.push(what.to_owned());
        if !reached {
            self.missed.push(what.to_owned());
        }
    }

    /// The text printed after the figure.
    fn description(&self) -> String {
        match (&self.wanted[..], &self.missed[..]) {
            ([], _) => String::new(),
            (wanted, []) => format!("  aim: {}", wanted.join(", ")),
            (wanted, missed) => format!("  aim: {}; NOT MET: {}", wanted.join(", "), missed.join(", ")),
        }
    }
}

/// Several loads of a kind as one.
fn together(loads: Vec<Measured>) -> Measured {
    let connections = loads.first().map_or(0, |load| load.connections);
    let took = loads.iter().map(|load| load.took).sum();
    let mut samples: Vec<Duration> = loads.into_iter().flat_map(|load| load.samples).collect();
    samples.sort();
    Measured { connections, took, samples }
}

/// Copies a folder's files.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).context("reading the benchmark's data")? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missed_targets_are_reported() {
        let mut aim = Aim::default();
        assert_eq!(aim.description(), "");
        aim.reach("rising", true);
        assert_eq!(aim.description(), "  aim: rising");
        aim.reach("p99 50ms", false);
        assert_eq!(aim.description(), "  aim: rising, p99 50ms; NOT MET: p99 50ms");
    }
}
