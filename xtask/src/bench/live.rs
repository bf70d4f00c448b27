//! What following costs (`GET /events`): how soon a lock's confirmation is on the wire while a thousand streams are open, what
//! they cost the processor while a lot happens, and what memory ten thousand of them take.

use std::{
    collections::HashSet,
    fs,
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, ensure};

use super::{
    data,
    http::Connection,
    percentile,
    program::{Program, Running},
    requests::before,
    throughput::copy,
};

/// How many streams are open while it is measured how soon and at what cost they are told.
const STREAMS: usize = 1_000;
/// How many of them are read as they arrive; the others are read now and then.
const WATCHED: usize = 4;
/// How many are open at the most.
const MOST_STREAMS: usize = 9_900;
/// How many streams a session is given, which is as many as it may have.
const PER_SESSION: usize = 10;
/// How many changes a second are made.
const CHANGES: u32 = 50;
/// For how long.
const DURATION: Duration = Duration::from_secs(15);
/// How often the streams that aren't watched are read.
const DRAINED_EVERY: Duration = Duration::from_millis(250);
/// The aims: from a lock's confirmation to the event by the p99, and processors used.
const MAX_LATENCY: Duration = Duration::from_millis(250);
const MAX_CORES: f64 = 1.0;

pub(super) fn measure(program: &Program) -> Result<()> {
    let folder = data::empty_folder("bench-live")?;
    copy(&program.data, &folder)?;
    let cookies = data::event_sessions(&folder, MOST_STREAMS.div_ceil(PER_SESSION))?;
    let running = program.on(folder.clone()).start()?;
    println!("\nStreams of events:");
    let manager = Connection::open(running.address)?.sign_in("manager@demo.test")?;
    let before_any = running.memory()?;
    let mut streams = open(&running, &cookies, STREAMS)?;

    let idle = running.busy()?;
    let begun = Instant::now();
    thread::sleep(Duration::from_secs(5));
    print_cores(&format!("{STREAMS} streams, nothing happens"), running.busy()? - idle, begun.elapsed(), None);
    tell(&running, &manager, &mut streams)?;

    streams.extend(open(&running, &cookies[STREAMS / PER_SESSION..], MOST_STREAMS - STREAMS)?);
    let each = (running.memory()?.saturating_sub(before_any)) / streams.len() as u64;
    println!("{:<64}{:>8} kB each", format!("{} streams are open", streams.len()), each / 1_024);
    let all = &mut streams;
    let (idle, begun) = (running.busy()?, Instant::now());
    thread::sleep(Duration::from_secs(22));
    print_cores("they are told that they are alive", running.busy()? - idle, begun.elapsed(), None);
    let open = all.iter_mut().map(drain).filter(|drained| drained.as_ref().is_ok_and(|read| *read > 0)).count();
    ensure!(open == all.len(), "only {open} of {} streams are alive", all.len());
    running.stop()?;
    fs::remove_dir_all(&folder).context("removing what was measured on")
}

fn open(running: &Running, cookies: &[String], count: usize) -> Result<Vec<TcpStream>> {
    let all = cookies.iter().flat_map(|cookie| std::iter::repeat_n(cookie, PER_SESSION)).take(count);
    all.map(|cookie| follow(running.address, cookie)).collect()
}

fn follow(address: SocketAddr, cookie: &str) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(address).context("opening a stream; ulimit -n 25000 is needed")?;
    let request = format!("GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n{cookie}\r\n");
    stream.write_all(request.as_bytes())?;
    // Its first event.
    let mut head = [0; 4_096];
    let read = stream.read(&mut head)?;
    let answer = String::from_utf8_lossy(&head[..read]);
    ensure!(answer.starts_with("HTTP/1.1 200"), "a stream was answered {}", answer.lines().next().unwrap_or_default());
    stream.set_nonblocking(true)?;
    Ok(stream)
}

/// Reads what has arrived; returns how much.
fn drain(stream: &mut TcpStream) -> Result<usize> {
    let (mut part, mut total) = ([0; 16_384], 0);
    loop {
        match stream.read(&mut part) {
            Ok(0) => anyhow::bail!("a stream has ended"),
            Ok(read) => total += read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(total),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Makes changes while the streams are read, and prints how soon they were told and what it cost.
fn tell(running: &Running, cookie: &str, streams: &mut [TcpStream]) -> Result<()> {
    let over = AtomicBool::new(false);
    let (samples, made) = (Mutex::new(Vec::new()), AtomicUsize::new(0));
    let (watched, others) = streams.split_at_mut(WATCHED);
    let (busy, begun) = (running.busy()?, Instant::now());
    thread::scope(|scope| -> Result<()> {
        for stream in watched {
            let (over, samples) = (&over, &samples);
            scope.spawn(move || {
                let found = watch(stream, over);
                samples.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
            });
        }
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                thread::sleep(DRAINED_EVERY);
                others.iter_mut().for_each(|stream| drop(drain(stream)));
            }
        });
        let changed = change(running.address, cookie, &made);
        // What is still on its way.
        thread::sleep(Duration::from_secs(1));
        over.store(true, Ordering::Relaxed);
        changed
    })?;
    let took = begun.elapsed();
    let cores = running.busy()? - busy;
    let mut samples = samples.into_inner().unwrap_or_else(PoisonError::into_inner);
    samples.sort();
    ensure!(!samples.is_empty(), "no confirmation was told");
    let [p50, p99] = [50, 99].map(|percent| percentile(&samples, percent));
    let met = if p99 <= MAX_LATENCY { "" } else { "; NOT MET" };
    let what = "from a lock’s confirmation to the event";
    println!("{what:<64}{p50:>10.1?}{p99:>10.1?}{:>9}  aim: p99 within {MAX_LATENCY:?}{met}", samples.len());
    let made = made.load(Ordering::Relaxed) as f64 / DURATION.as_secs_f64();
    print_cores(&format!("{STREAMS} streams, {made:.0} changes a second"), cores, took, Some(MAX_CORES));
    Ok(())
}

fn print_cores(what: &str, busy: Duration, took: Duration, aim: Option<f64>) {
    let cores = busy.as_secs_f64() / took.as_secs_f64();
    let aim = aim
        .map_or_else(String::new, |aim| format!("  aim: at most {aim}{}", if cores <= aim { "" } else { "; NOT MET" }));
    println!("{what:<64}{cores:>8.2} processors{aim}");
}

/// How long after a lock's confirmation each was told on that stream.
fn watch(stream: &mut TcpStream, over: &AtomicBool) -> Vec<Duration> {
    let mut samples = Vec::new();
    let mut rest = String::new();
    let mut part = [0; 65_536];
    let mut seen = HashSet::new();
    while !over.load(Ordering::Relaxed) {
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(read) => {
                let now = SystemTime::now();
                rest.push_str(&String::from_utf8_lossy(&part[..read]));
                while let Some((event, after)) = rest.split_once("\n\n") {
                    if event.contains("\"status\":\"working\"")
                        && let Some(since) = before_next(event, "\"since\":\"").and_then(|since| millis(&since))
                        && seen.insert(before_next(event, "\"code_id\":\"").unwrap_or_default())
                    {
                        let at = now.duration_since(UNIX_EPOCH).unwrap_or_default();
                        samples.push(at.saturating_sub(Duration::from_millis(since)));
                    }
                    rest = after.to_owned();
                }
            }
            // Not a wait that shows in the figure: a two-hundredth of the aim.
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(Duration::from_millis(1)),
            Err(_) => break,
        }
    }
    samples
}

fn before_next(text: &str, start: &str) -> Option<String> {
    Some(text.split_once(start)?.1.split_once('"')?.0.to_owned())
}

/// The milliseconds of the day that an instant is in plus those of today's days before it: both clocks are this machine's.
fn millis(instant: &str) -> Option<u64> {
    let (_, time) = instant.trim_end_matches('Z').split_once('T')?;
    let mut parts = time.split(':');
    let (hours, minutes): (u64, u64) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let seconds: f64 = parts.next()?.parse().ok()?;
    let of_day = (hours * 60 + minutes) * 60_000 + (seconds * 1_000.0).round() as u64;
    let now = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()?;
    Some(now - now % 86_400_000 + of_day)
}

/// Issues guest codes and revokes them, which makes work at the locks too.
fn change(address: SocketAddr, cookie: &str, made: &AtomicUsize) -> Result<()> {
    let mut connection = Connection::open(address)?;
    let properties = connection.ask("GET", "/api/v1/properties", cookie, "")?.body;
    let property = before(&properties, "\",\"name\":\"Maple Court\"")?;
    let doors = connection.ask("GET", &format!("/api/v1/properties/{property}/doors"), cookie, "")?.body;
    let doors: serde_json::Value = serde_json::from_str(&doors)?;
    let online = doors["items"].as_array().context("doors")?.iter().filter(|door| door["lock"]["online"] == true);
    let doors: Vec<_> = online.filter_map(|door| door["id"].as_str()).collect();
    ensure!(!doors.is_empty(), "there is no door");
    let begun = Instant::now();
    let mut issued = Vec::new();
    for number in 0_u32.. {
        let due = Duration::from_secs(1) / CHANGES * number;
        if due >= DURATION {
            break;
        }
        thread::sleep(due.saturating_sub(begun.elapsed()));
        let key = format!("{cookie}Idempotency-Key: bench-live-{number}-{}\r\n", std::process::id());
        // A door isn't given more than its lock has room for.
        let answer = if number % 2 == 0 {
            let door = doors[number as usize / 2 % doors.len()];
            let body = format!("{{\"kind\":\"permanent\",\"door_ids\":[\"{door}\"],\"guest_name\":\"Live {number}\"}}");
            let answer = connection.ask("POST", "/api/v1/guest-codes", &key, &body)?;
            let id = serde_json::from_str::<serde_json::Value>(&answer.body)?["id"].as_str().map(str::to_owned);
            issued.extend(id);
            answer
        } else if issued.len() > 20 {
            let id = issued.remove(0);
            connection.ask("POST", &format!("/api/v1/guest-codes/{id}/revoke"), &key, "{}")?
        } else {
            continue;
        };
        ensure!(answer.status < 300, "a change was answered {}: {}", answer.status, answer.body);
        made.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}
