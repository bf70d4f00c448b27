//! `cargo xtask bench`: the figures of docs/performance.md that the server answers for, measured over HTTP on the program
//! as it is shipped. A figure is a [`Benchmark`]: a name, its unit, and a function that takes samples.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use crate::{build, workspace};

/// How long a server may take until it is ready. The first start makes the demo data.
const START_LIMIT: Duration = Duration::from_secs(120);
/// How often a starting server is asked whether it is ready.
const POLL: Duration = Duration::from_millis(2);

#[derive(Args)]
pub(crate) struct Options {
    /// Samples of each figure
    #[arg(long, default_value_t = 500)]
    samples: usize,
}

/// A figure to measure.
struct Benchmark {
    name: &'static str,
    /// Takes up to so many samples; a costly figure takes fewer.
    measure: fn(&Program, usize) -> Result<Vec<Duration>>,
}

/// The size of the audit log that is paged through.
const EVENTS: &str = "100000";
/// Of the demo's people in the benchmark's own database, which is thrown away.
const PASSWORD: &str = "benchmark-only";

const BENCHMARKS: [Benchmark; 5] = [
    Benchmark { name: "start with data until ready", measure: start_again },
    Benchmark { name: "GET / (the console's page)", measure: |program, samples| requests(program, "/", samples) },
    Benchmark {
        name: "GET /healthz on a kept connection",
        measure: |program, samples| requests(program, "/healthz", samples),
    },
    Benchmark { name: "POST /guest-codes (issuing one)", measure: issue_guest_codes },
    Benchmark { name: "GET /audit, 50 of 100,000 events", measure: page_audit },
];

/// Builds what is shipped and measures each figure in turn.
pub(crate) fn run(options: &Options) -> Result<()> {
    build::run()?;
    validation()?;
    let program = Program {
        path: workspace::target_dir().join("release/latchkey"),
        data: workspace::scratch_dir()?.join("bench-data"),
    };
    if program.data.exists() {
        fs::remove_dir_all(&program.data).context("removing the data of an earlier run")?;
    }
    let made = Instant::now();
    program.start()?.stop()?;
    println!("\n{:<36}{:>10.1?}", "first start, demo data made", made.elapsed());
    fill_audit(&program.data)?;
    println!("{:<36}{:>10}{:>10}{:>10}{:>9}", "", "p50", "p95", "p99", "samples");
    for Benchmark { name, measure } in BENCHMARKS {
        let mut samples = measure(&program, options.samples).with_context(|| format!("measuring {name}"))?;
        samples.sort();
        let [p50, p95, p99] = [50, 95, 99].map(|percent| percentile(&samples, percent));
        println!("{name:<36}{p50:>10.1?}{p95:>10.1?}{p99:>10.1?}{:>9}", samples.len());
    }
    Ok(())
}

/// The smallest sample that so many percent of the sorted samples don't exceed; nothing of no samples.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
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

/// The shared rules natively, by their own benchmark.
fn validation() -> Result<()> {
    cargo(&["bench", "--package", "access-code", "--features", "getrandom", "--bench", "validation"])
}

/// Brings the audit log of the benchmark's database to its size.
fn fill_audit(data: &Path) -> Result<()> {
    let data = data.to_str().context("a path that is text")?;
    cargo(&["run", "--release", "--package", "latchkey-server", "--example", "fill_audit", "--", data, EVENTS])
}

fn cargo(arguments: &[&str]) -> Result<()> {
    let status = Command::new(env!("CARGO")).args(arguments).current_dir(workspace::root()).status()?;
    ensure!(status.success(), "cargo {} failed", arguments.join(" "));
    Ok(())
}

/// Issues codes that begin tomorrow, so that what is measured is issuing and not the locks.
fn issue_guest_codes(program: &Program, samples: usize) -> Result<Vec<Duration>> {
    let running = program.start()?;
    let mut connection = Connection::open(running.address)?;
    let cookie = connection.sign_in("resident@demo.test")?;
    let access = connection.ask("GET", "/api/v1/me/access", &cookie, "")?.body;
    let door =
        access.split("\"doors\":[{\"id\":\"").nth(1).and_then(|rest| rest.get(..36)).context("a door")?.to_owned();
    let taken = (0..samples)
        .map(|number| {
            let headers = format!("{cookie}Idempotency-Key: bench-{number}\r\n");
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

/// Turns page after page, from the newest event on.
fn page_audit(program: &Program, samples: usize) -> Result<Vec<Duration>> {
    let running = program.start()?;
    let mut connection = Connection::open(running.address)?;
    let cookie = connection.sign_in("support@demo.test")?;
    let mut path = "/api/v1/audit?limit=50".to_owned();
    let taken = (0..samples)
        .map(|_| {
            let started = Instant::now();
            let answer = connection.ask("GET", &path, &cookie, "")?;
            let took = started.elapsed();
            ensure!(answer.status == 200, "paging answered {}", answer.status);
            let next = answer.body.rsplit("\"next_cursor\":\"").next().and_then(|rest| rest.split('"').next());
            path = format!("/api/v1/audit?limit=50&cursor={}", next.context("a cursor")?);
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

/// The program under test and where it keeps its data.
struct Program {
    path: PathBuf,
    data: PathBuf,
}

impl Program {
    /// Starts the server and waits until it says it is ready.
    fn start(&self) -> Result<Running> {
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let child = serve_command(&self.path, &self.data, address).spawn().context("starting the server")?;
        let mut running = Running { child, address };
        let started = Instant::now();
        while started.elapsed() < START_LIMIT {
            if let Some(status) = running.child.try_wait()? {
                bail!("the server ended before it was ready ({status})");
            }
            // Refused until it listens.
            if Connection::open(address)
                .and_then(|mut connection| connection.get("/readyz"))
                .is_ok_and(|status| status == 200)
            {
                return Ok(running);
            }
            thread::sleep(POLL);
        }
        bail!("the server was not ready within {START_LIMIT:?}")
    }
}

fn serve_command(program: &Path, data: &Path, address: SocketAddr) -> Command {
    let mut command = Command::new(program);
    command.args(["serve", "--demo", "--listen", &address.to_string(), "--data"]).arg(data);
    command.env("LATCHKEY_DEMO_PASSWORD", PASSWORD);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// A server that is ended when it is dropped.
struct Running {
    child: Child,
    address: SocketAddr,
}

impl Running {
    fn stop(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only where the server is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the server answered.
struct Answer {
    status: u16,
    cookie: Option<String>,
    body: String,
}

/// A kept HTTP/1.1 connection: just enough of a client that its own cost doesn't show.
struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Asks for `path`, reads the whole answer and returns its status.
    fn get(&mut self, path: &str) -> Result<u16> {
        Ok(self.ask("GET", path, "Accept-Encoding: br\r\n", "")?.status)
    }

    /// Signs in to the console and returns the header with the session's cookie.
    fn sign_in(&mut self, email: &str) -> Result<String> {
        let body = format!("{{\"email\":\"{email}\",\"password\":\"{PASSWORD}\"}}");
        let answer = self.ask("POST", "/api/v1/session", "", &body)?;
        ensure!(answer.status == 200, "signing in answered {}", answer.status);
        let cookie = answer.cookie.context("a cookie")?;
        Ok(format!("Cookie: {cookie}\r\n"))
    }

    /// Sends a request and reads the whole answer.
    fn ask(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Result<Answer> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let status = self.line()?.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status line")?;
        let (mut length, mut cookie) = (None, None);
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').context("a header")?;
            if name.eq_ignore_ascii_case("content-length") {
                length = Some(value.trim().parse::<usize>()?);
            } else if name.eq_ignore_ascii_case("set-cookie") {
                cookie = value.split(';').next().map(|cookie| cookie.trim().to_owned());
            }
        }
        let mut bytes = vec![0; length.context("an answer without its length")?];
        self.stream.read_exact(&mut bytes).context("the answer was cut")?;
        Ok(Answer { status, cookie, body: String::from_utf8_lossy(&bytes).into_owned() })
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        ensure!(self.stream.read_line(&mut line)? > 0, "the connection was closed");
        Ok(line.trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples_that_were_taken() {
        let samples: Vec<_> = (1..=10).map(Duration::from_millis).collect();
        assert_eq!([50, 95, 99].map(|percent| percentile(&samples, percent).as_millis()), [5, 10, 10]);
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }
}
