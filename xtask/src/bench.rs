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

const BENCHMARKS: [Benchmark; 3] = [
    Benchmark { name: "start with data until ready", measure: start_again },
    Benchmark { name: "GET / (the console's page)", measure: |program, samples| requests(program, "/", samples) },
    Benchmark {
        name: "GET /healthz on a kept connection",
        measure: |program, samples| requests(program, "/healthz", samples),
    },
];

/// Builds what is shipped and measures each figure in turn.
pub(crate) fn run(options: &Options) -> Result<()> {
    build::run()?;
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
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: br\r\n\r\n");
        self.stream.get_mut().write_all(request.as_bytes())?;
        let status = self.line()?.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status line")?;
        let mut length = None;
        loop {
            let line = self.line()?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = Some(value.trim().parse::<u64>()?);
            }
        }
        let length = length.context("an answer without its length")?;
        let read = std::io::copy(&mut (&mut self.stream).take(length), &mut std::io::sink())?;
        ensure!(read == length, "the answer was cut");
        Ok(status)
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
