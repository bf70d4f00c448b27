//! What strangers cost a manager: thousands of connections on which nothing or half a request is sent, and a flood of wrong
//! passwords, while somebody who is signed in reads a list.

use std::{
    fs,
    io::Write,
    net::{SocketAddr, TcpStream},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use super::{data, http::Connection, percentile, program::Program, requests::before, throughput::copy};

/// How many connections strangers open: half of them silent, half with half a request.
const OPEN: usize = 5_000;
/// How many strangers guess passwords at a time.
const GUESSING: usize = 16;
/// How long the list is read; shorter than the time a request's head may take, so that all connections are there throughout.
const DURATION: Duration = Duration::from_secs(6);
/// How much longer a list may take meanwhile, by its p99.
const MOST: f64 = 2.0;

pub(super) fn measure(program: &Program) -> Result<()> {
    let folder = data::empty_folder("bench-strangers")?;
    copy(&program.data, &folder)?;
    let running = program.on(folder.clone()).start()?;
    let mut connection = Connection::open(running.address)?;
    let cookie = connection.sign_in("manager@demo.test")?;
    let properties = connection.ask("GET", "/api/v1/properties", &cookie, "")?.body;
    let property = before(&properties, "\",\"name\":\"Maple Court\"")?;
    let path = format!("/api/v1/properties/{property}/residents?limit=50");
    println!("\nA manager reads 50 residents, again and again, on one connection:");
    read(&mut connection, &path, &cookie)?;
    let alone = read(&mut connection, &path, &cookie)?;
    print("alone", &alone, "");

    let silent = (0..OPEN).map(|number| open(running.address, number % 2 == 0)).collect::<Result<Vec<_>>>()?;
    let with_open = read(&mut connection, &path, &cookie)?;
    print(&format!("beside {} silent or half-open connections", silent.len()), &with_open, &aim(&alone, &with_open));
    drop(silent);

    let silent = (0..OPEN).map(|number| open(running.address, number % 2 == 0)).collect::<Result<Vec<_>>>()?;
    let (over, guesses) = (AtomicBool::new(false), AtomicUsize::new(0));
    let with_all = thread::scope(|scope| {
        for stranger in 0..GUESSING {
            let (over, guesses, address) = (&over, &guesses, running.address);
            scope.spawn(move || guess(address, stranger, over, guesses));
        }
        let samples = read(&mut connection, &path, &cookie);
        over.store(true, Ordering::Relaxed);
        samples
    })?;
    let what = format!("and {} wrong passwords", guesses.load(Ordering::Relaxed));
    print(&what, &with_all, &aim(&alone, &with_all));
    drop(silent);
    running.stop()?;
    fs::remove_dir_all(&folder).context("removing what was measured on")
}

/// Opens a connection and says nothing on it, or half a request.
fn open(address: SocketAddr, silent: bool) -> Result<TcpStream> {
    let mut stream =
        TcpStream::connect(address).context("opening a connection; thousands of files are needed: ulimit -n 20000")?;
    if !silent {
        stream.write_all(b"GET /api/v1/properties HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: ")?;
    }
    Ok(stream)
}

/// Guesses passwords of many accounts until it is over.
fn guess(address: SocketAddr, stranger: usize, over: &AtomicBool, guesses: &AtomicUsize) {
    while !over.load(Ordering::Relaxed) {
        // A connection that was closed is replaced.
        let Ok(mut connection) = Connection::open(address) else { continue };
        while !over.load(Ordering::Relaxed) {
            let number = guesses.fetch_add(1, Ordering::Relaxed);
            let body =
                format!("{{\"email\":\"somebody{stranger}.{number}@example.com\",\"password\":\"a wrong password\"}}");
            if connection.ask("POST", "/api/v1/session", "", &body).is_err() {
                break;
            }
        }
    }
}

/// Reads the list for a while. Returns how long each answer took, sorted.
fn read(connection: &mut Connection, path: &str, cookie: &str) -> Result<Vec<Duration>> {
    let mut samples = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < DURATION {
        let asked = Instant::now();
        connection.ask("GET", path, cookie, "")?;
        samples.push(asked.elapsed());
    }
    samples.sort();
    Ok(samples)
}

fn print(what: &str, samples: &[Duration], aim: &str) {
    let [p50, p99] = [50, 99].map(|percent| percentile(samples, percent));
    println!("{what:<64}{p50:>10.1?}{p99:>10.1?}{:>9}{aim}", samples.len());
}

fn aim(alone: &[Duration], meanwhile: &[Duration]) -> String {
    let [alone, meanwhile] = [alone, meanwhile].map(|samples| percentile(samples, 99).as_secs_f64());
    let met = if meanwhile <= MOST * alone { "" } else { "; NOT MET" };
    format!("  aim: within {MOST}x of the p99 alone{met} ({:.1}x)", meanwhile / alone)
}
