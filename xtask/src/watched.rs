//! Running commands in the background, with a line that shows their progress.

use std::{
    io::{self, BufRead, BufReader, IsTerminal, Write},
    process::Command,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

/// How often a command that is still running is reported when the output isn't a terminal.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// How often a terminal's progress line is redrawn.
const REDRAW: Duration = Duration::from_millis(200);
/// The width of the progress line, in columns.
const WIDTH: usize = 110;

/// A command to run, and its label.
pub(crate) struct Job {
    pub(crate) label: String,
    pub(crate) command: Command,
}

/// The result of a [`Job`].
pub(crate) struct Finished {
    pub(crate) label: String,
    pub(crate) success: bool,
    /// What it wrote to standard output and error, in order.
    pub(crate) output: String,
    pub(crate) took: Duration,
}

impl Finished {
    /// Fails with everything that was written if the command did.
    pub(crate) fn check(self) -> Result<Self> {
        anyhow::ensure!(self.success, "{} failed:\n{}", self.label, self.output);
        Ok(self)
    }
}

enum Event {
    Line(usize, String),
    Done(usize, io::Result<bool>),
}

/// Runs one command to completion.
pub(crate) fn run(label: impl Into<String>, command: Command) -> Result<Finished> {
    let mut finished = run_together(vec![Job { label: label.into(), command }])?;
    finished.pop().context("a job was lost")
}

/// Runs commands concurrently, each to completion; the results come in the order of the jobs.
pub(crate) fn run_together(jobs: Vec<Job>) -> Result<Vec<Finished>> {
    let started = Instant::now();
    let (events, inbox) = mpsc::channel();
    let mut finished = Vec::new();
    for (index, Job { label, command }) in jobs.into_iter().enumerate() {
        start(index, command, events.clone()).with_context(|| format!("starting {label}"))?;
        finished.push(Finished { label, success: false, output: String::new(), took: Duration::ZERO });
    }
    drop(events);

    let mut progress = Progress::new(finished.len());
    let mut running = finished.len();
    while running > 0 {
        match inbox.recv_timeout(progress.patience()) {
            Ok(Event::Line(index, line)) => {
                progress.last_lines[index] = line.trim().to_owned();
                finished[index].output.push_str(&line);
            }
            Ok(Event::Done(index, success)) => {
                finished[index].success = success.with_context(|| format!("waiting for {}", finished[index].label))?;
                finished[index].took = started.elapsed();
                progress.last_lines[index] = "done".to_owned();
                running -= 1;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        progress.show(&finished, started.elapsed());
    }
    progress.clear();
    Ok(finished)
}

fn start(index: usize, mut command: Command, events: mpsc::Sender<Event>) -> Result<()> {
    let (reader, writer) = io::pipe()?;
    command.stdin(std::process::Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("{}", command.get_program().display()))?;
    // The command holds the pipe's writing ends; dropping it lets the reader reach the end when the child does.
    drop(command);
    thread::spawn(move || {
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        while matches!(reader.read_until(b'\n', &mut line), Ok(read) if read > 0) {
            // The receiver is gone only if the program is about to end.
            let _ = events.send(Event::Line(index, String::from_utf8_lossy(&line).into_owned()));
            line.clear();
        }
        let _ = events.send(Event::Done(index, child.wait().map(|status| status.success())));
    });
    Ok(())
}

struct Progress {
    last_lines: Vec<String>,
    on_terminal: bool,
    shown: Instant,
}

impl Progress {
    fn new(jobs: usize) -> Self {
        Self { last_lines: vec![String::new(); jobs], on_terminal: io::stderr().is_terminal(), shown: Instant::now() }
    }

    fn patience(&self) -> Duration {
        if self.on_terminal { REDRAW } else { HEARTBEAT.saturating_sub(self.shown.elapsed()).max(REDRAW) }
    }

    fn show(&mut self, jobs: &[Finished], elapsed: Duration) {
        if self.shown.elapsed() < if self.on_terminal { REDRAW } else { HEARTBEAT } {
            return;
        }
        self.shown = Instant::now();
        let share = WIDTH / jobs.len().max(1);
        let lines = jobs.iter().zip(&self.last_lines).map(|(job, line)| {
            let text = format!("{}: {line}", job.label);
            text.chars().filter(|c| !c.is_control()).take(share).collect::<String>()
        });
        let text = format!("  {:>6} {}", seconds(elapsed), lines.collect::<Vec<_>>().join(" | "));
        // Progress is a courtesy: a closed standard error must not stop the work.
        let _ = if self.on_terminal {
            write!(io::stderr(), "\r\x1b[2K{text}").and_then(|()| io::stderr().flush())
        } else {
            writeln!(io::stderr(), "{text}")
        };
    }

    fn clear(&self) {
        if self.on_terminal {
            let _ = write!(io::stderr(), "\r\x1b[2K");
        }
    }
}

/// A duration for people: `4.2 s`, `3 m 05 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} m {:02} s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn output_keeps_the_order_in_which_it_was_written() {
        let finished = run("sh", shell("echo one; echo two >&2; echo three; exit 3")).expect("sh runs");
        assert_eq!(finished.output, "one\ntwo\nthree\n");
        assert!(!finished.success);
        let error = finished.check().err().expect("it failed").to_string();
        assert!(error.contains("two"), "{error}");
    }

    #[test]
    fn results_come_in_the_order_of_the_jobs() {
        let jobs = [("slow", "read line < /dev/null; exec true"), ("fast", "exit 1")]
            .map(|(label, script)| Job { label: label.into(), command: shell(script) });
        let finished = run_together(jobs.into()).expect("sh runs");
        let outcomes: Vec<_> = finished.iter().map(|job| (job.label.as_str(), job.success)).collect();
        assert_eq!(outcomes, [("slow", true), ("fast", false)]);
    }

    #[test]
    fn durations_are_for_people() {
        assert_eq!(seconds(Duration::from_millis(4_240)), "4.2 s");
        assert_eq!(seconds(Duration::from_secs(185)), "3 m 05 s");
    }
}
