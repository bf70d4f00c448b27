//! Lists and pages with one property and with 200 of 500 units each, in turn on two servers, so that whatever else the machine
//! does slows down both. Nothing that somebody sees of one property may take noticeably longer because there are others.

use std::{
    fmt::Write,
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use super::{data, http::Connection, percentile, program::Program, requests::after};
use crate::workspace;

/// How many properties the larger server has besides those of the demonstration.
const MANY: usize = 200;
const UNITS: usize = 500;
/// How much longer anything may take there.
const MOST: f64 = 1.5;
/// What is faster than that isn't compared: nobody notices it, and the clock's own noise is as large.
const NOTHING: Duration = Duration::from_micros(100);

/// Fills both, unless an earlier run's data are complete and to be kept, and measures.
pub(super) fn measure(program: &Program, samples: usize, keep: bool) -> Result<()> {
    let one = program.on(made(program, "bench-one", 1, keep)?);
    let many = program.on(made(program, "bench-many", MANY, keep)?);
    let servers = [one.start()?, many.start()?];
    println!("\n{:<64}{:>10}{:>10}{:>8}", "p50 with properties", 1, MANY, "ratio");
    let mut connections = Vec::new();
    for server in &servers {
        let mut connection = Connection::open(server.address)?;
        let cookie = connection.sign_in(ADMINISTRATOR)?;
        let found = connection.ask("GET", "/api/v1/properties?limit=200", &cookie, "")?.body;
        let property = super::requests::before(&found, &format!("\",\"name\":\"{}\"", name(0)))?;
        connections.push((connection, cookie, property));
    }
    let mut slow = Vec::new();
    for path in PATHS {
        let mut taken = [Vec::new(), Vec::new()];
        for _ in 0..samples {
            for ((connection, cookie, property), taken) in connections.iter_mut().zip(&mut taken) {
                let path = path.replace("{property}", property);
                let started = Instant::now();
                let answer = connection.ask("GET", &format!("/api/v1{path}"), cookie, "")?;
                taken.push(started.elapsed());
                ensure!(answer.status == 200, "{path} answered {}: {}", answer.status, answer.body);
            }
        }
        let [one, many] = taken.map(|mut taken| {
            taken.sort();
            percentile(&taken, 50)
        });
        let ratio = many.as_secs_f64() / one.as_secs_f64();
        let missed = ratio > MOST && many > NOTHING;
        let mark = if missed { "  more than it may be" } else { "" };
        println!("{path:<64}{one:>10.1?}{many:>10.1?}{ratio:>8.2}{mark}");
        if missed {
            slow.push(path);
        }
    }
    for server in servers {
        server.stop()?;
    }
    ensure!(slow.is_empty(), "more than {MOST} times as slow with {MANY} properties: {}", slow.join(", "));
    Ok(())
}

const ADMINISTRATOR: &str = "administrator@demo.test";

/// What is read: the list of properties, and all that there is about one of them.
const PATHS: [&str; 17] = [
    "/properties?limit=3",
    "/properties/{property}",
    "/properties/{property}/setup",
    "/properties/{property}/residents?limit=50",
    "/properties/{property}/residents?limit=50&q=resident",
    "/properties/{property}/residents?limit=50&sort=unit&status=waiting",
    "/properties/{property}/doors?limit=50",
    "/properties/{property}/layout?limit=50",
    "/properties/{property}/units?limit=50",
    "/properties/{property}/invitations?limit=50",
    "/properties/{property}/roster/imports",
    "/guest-codes?limit=50&property={property}",
    "/guest-codes?limit=50",
    "/audit?limit=50&property={property}",
    "/audit?limit=50&property={property}&grouped=true",
    "/audit?limit=50",
    "/people?limit=50",
];

fn name(number: usize) -> String {
    format!("Bench Court {number:03}")
}

/// Makes that many properties over the API. Returns the folder of the data.
fn made(program: &Program, folder: &str, count: usize, keep: bool) -> Result<PathBuf> {
    let whole = workspace::scratch_dir()?.join(format!("{folder}-is-whole"));
    if keep && whole.exists() {
        return Ok(workspace::scratch_dir()?.join(folder));
    }
    if whole.exists() {
        fs::remove_file(&whole)?;
    }
    let folder = data::empty_folder(folder)?;
    let begun = Instant::now();
    let running = program.on(folder.clone()).start()?;
    let mut connection = Connection::open(running.address)?;
    let cookie = connection.sign_in(ADMINISTRATOR)?;
    let mut post = |path: &str, kind: &str, key: &str, body: &str| {
        let headers = format!("{cookie}Idempotency-Key: {key}\r\n");
        let answer = connection.post(&format!("/api/v1{path}"), kind, &headers, body)?;
        ensure!((200..300).contains(&answer.status), "{path} answered {}: {}", answer.status, answer.body);
        Ok(answer.body)
    };
    for number in 0..count {
        let new = format!("{{\"name\":\"{}\",\"time_zone\":\"America/Denver\",\"manage\":true}}", name(number));
        let added = post("/properties", "application/json", &format!("property-{number}"), &new)?;
        let id = after(&added, "{\"id\":\"")?;
        let (mut layout, mut roster) =
            ("building,unit,door,kind\n".to_owned(), "unit,name,email,move_in,move_out\n".to_owned());
        for unit in 0..UNITS {
            let unit_name = format!("{}{:02}", 1 + unit / 25, unit % 25);
            writeln!(layout, "Building {},{unit_name},,unit", 1 + unit / 100)?;
            writeln!(roster, "{unit_name},Resident {unit},r{unit}.p{number}@bench.test,2026-01-01,")?;
        }
        post(&format!("/properties/{id}/layout"), "text/csv", &format!("layout-{number}"), &layout)?;
        post(&format!("/properties/{id}/roster"), "text/csv", &format!("roster-{number}"), &roster)?;
    }
    running.stop()?;
    println!("{:<64}{:>10.1?}", format!("{count} properties of {UNITS} units made"), begun.elapsed());
    fs::write(whole, "").context("noting that the data are whole")?;
    Ok(folder)
}
