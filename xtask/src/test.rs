//! `cargo xtask test`: everything CI checks, in steps.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use clap::{Args, ValueEnum};

use crate::{
    arrivals, client,
    console::{self, Views},
    faults, journeys, rules, size, structure,
    toolbox::Toolbox,
    trust, watched,
    workspace::{self, CONSOLE, WASM_TARGET},
};

#[derive(Args)]
pub(crate) struct Options {
    /// Take these steps and no others
    #[arg(long, value_enum, num_args = 1.., value_name = "STEP")]
    only: Vec<Step>,
}

/// One step of the checks. They are listed in the order in which they run: quick ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Every rule R1–R24 and R30–R33 is named by a test, and what docs/trust.md promises is proved by one
    Rules,
    /// The code is formatted
    Fmt,
    /// clippy has nothing to say, natively and for wasm
    Clippy,
    /// The documentation builds without a warning
    Doc,
    /// The tests of every crate but the console
    Native,
    /// The driver for Z-Wave JS, and the server with it, on the true Z-Wave JS over a mock radio
    Hub,
    /// What was acknowledged outlives kills, failing disks, jumping clocks and broken connections; some of `cargo xtask faults`
    Faults,
    /// No door is open that shouldn't be, and no code said to be working that isn't, through some days of `cargo xtask arrivals`
    Arrivals,
    /// A client generated from docs/openapi.json does a manager's, a resident's and support's day
    Client,
    /// The tests of the console and of its views, in the browser
    Wasm,
    /// The console builds as it is shipped, and knows nothing of the mobile-only path (R5)
    Console,
    /// The console on Leptos's own views: it builds, its tests pass, and so does a journey for each person
    LeptosViews,
    /// A first visit keeps to its budget
    Size,
    /// Browser journeys of every person, on the real server
    Journeys,
    /// One for each person in Firefox and in WebKit, over https; and signing in over http on loopback
    Browsers,
}

impl Options {
    /// Whether a step is to be taken. The console on Leptos's own views only where it is named: it isn't known yet that all
    /// of its journeys pass.
    fn takes(&self, step: Step) -> bool {
        if self.only.is_empty() { step != Step::LeptosViews } else { self.only.contains(&step) }
    }
}

impl Step {
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Whether the step needs more than rustfmt and clippy.
    fn needs_web_tools(self) -> bool {
        !matches!(self, Self::Rules | Self::Fmt | Self::Native | Self::Hub | Self::Faults | Self::Arrivals)
    }

    fn run(self, toolbox: &Toolbox) -> Result<Outcome> {
        match self {
            Self::Rules => check_rules(),
            Self::Fmt => gate(toolbox.cargo(&["fmt", "--all", "--check"])),
            Self::Clippy => check_lints(toolbox),
            Self::Doc => check_docs(toolbox),
            Self::Native => {
                toolbox.need_mail_server()?;
                build_natively(toolbox)?;
                let mut command = native_tests(toolbox);
                // Those of the step `hub`.
                command.args(["--", "--skip", REAL_HUB]);
                tests(command)
            }
            Self::Hub => {
                toolbox.need_hub()?;
                build_natively(toolbox)?;
                let mut command = native_tests(toolbox);
                // Each test has a hub of its own, and half of each is a program that starts.
                command.args(["--test", "it", "--test", "api", "--", REAL_HUB, "--test-threads", "4"]);
                tests(command)
            }
            Self::Faults => {
                build_natively(toolbox)?;
                tests(faults::command(toolbox, true))
            }
            Self::Arrivals => {
                build_natively(toolbox)?;
                tests(arrivals::command(toolbox, true))
            }
            Self::Client => {
                build_natively(toolbox)?;
                tests(client::command(toolbox)?)
            }
            Self::Wasm => tests(wasm_tests(toolbox, &[CONSOLE, "lean-view"], &[])),
            Self::Console => {
                console::build(toolbox, Views::Lean)?;
                console::check_absence(&console::folder_of(Views::Lean))?;
                Ok(Outcome::passed())
            }
            Self::LeptosViews => {
                console::build(toolbox, Views::Leptos)?;
                let outcome = tests(wasm_tests(toolbox, &[CONSOLE], &["--features", "leptos-views"]))?;
                build_natively(toolbox)?;
                let folder = console::folder_of(Views::Leptos);
                Ok(outcome.and(tests(journeys::command_for_each_person(toolbox, &folder)?)?))
            }
            Self::Size => {
                console::build(toolbox, Views::Lean)?;
                println!("{}", size::check(&console::folder_of(Views::Lean), None)?);
                Ok(Outcome::passed())
            }
            Self::Journeys => {
                toolbox.need_hub()?;
                console::build(toolbox, Views::Lean)?;
                build_natively(toolbox)?;
                tests(journeys::command(toolbox)?)
            }
            Self::Browsers => {
                toolbox.need_other_browsers()?;
                console::build(toolbox, Views::Lean)?;
                build_natively(toolbox)?;
                tests(journeys::command_in_other_browsers(toolbox))
            }
        }
    }
}

/// How many checks passed, failed and were skipped: a test is one, and so is a step that runs no tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u32,
    failed: u32,
    skipped: u32,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Sums the closing lines of `cargo test`, wasm-bindgen's runner, Playwright, the fault suite and Node.js.
    fn read(output: &str) -> Self {
        let mut counts = Self::default();
        for line in output.lines().map(str::trim) {
            // Node.js's, each kind on its own line: `# pass 3`.
            if let Some((kind, Ok(number))) = line
                .strip_prefix("# ")
                .and_then(|rest| rest.split_once(' '))
                .map(|(kind, rest)| (kind, rest.parse::<u32>()))
            {
                match kind {
                    "pass" => counts.passed += number,
                    "fail" | "cancelled" => counts.failed += number,
                    "skipped" | "todo" => counts.skipped += number,
                    _ => {}
                }
                continue;
            }
            let summary = match line.strip_prefix("test result: ") {
                Some(rest) => rest.split_once(". ").map_or(rest, |(_, numbers)| numbers),
                // Playwright's: `12 passed (8.1s)`, each kind on its own line. The fault suite's has all of them in one
                // line.
                None if line.starts_with(|c: char| c.is_ascii_digit())
                    && line.split(", ").all(|part| part.split(' ').count() <= 3) =>
                {
                    line
                }
                None => continue,
            };
            for part in summary.split([';', ',']) {
                let mut words = part.split_whitespace();
                let (Some(Ok(number)), Some(kind)) = (words.next().map(str::parse::<u32>), words.next()) else {
                    continue;
                };
                match kind {
                    "passed" => counts.passed += number,
                    "failed" | "flaky" | "interrupted" => counts.failed += number,
                    "ignored" | "skipped" => counts.skipped += number,
                    _ => {}
                }
            }
        }
        counts
    }
}

/// The outcome of a step.
struct Outcome {
    counts: Counts,
    /// Everything a failed command wrote.
    failure: Option<String>,
}

impl Outcome {
    fn passed() -> Self {
        Self { counts: Counts { passed: 1, ..Counts::default() }, failure: None }
    }

    /// Combines two outcomes.
    fn and(mut self, other: Self) -> Self {
        self.counts.add(other.counts);
        let failures: Vec<_> = [self.failure, other.failure].into_iter().flatten().collect();
        let failure = (!failures.is_empty()).then(|| failures.join("\n"));
        Self { counts: self.counts, failure }
    }

    fn failed(text: String) -> Self {
        Self { counts: Counts { failed: 1, ..Counts::default() }, failure: Some(text) }
    }
}

/// Runs the steps one after another, the later ones even if an earlier one fails, and summarises all of them at the
/// end.
pub(crate) fn run(options: &Options) -> Result<()> {
    let steps: Vec<_> = Step::value_variants().iter().filter(|step| options.takes(**step)).collect();

    println!("== set-up");
    let started = Instant::now();
    let toolbox =
        if steps.iter().any(|step| step.needs_web_tools()) { Toolbox::for_tests() } else { Toolbox::for_rust() }?;
    let mut rows = vec![("set-up".to_owned(), "ok", started.elapsed(), String::new())];

    let mut total = Counts::default();
    let mut failures = Vec::new();
    let mut failed_tests = Vec::new();
    for step in steps {
        let name = step.name();
        println!("== {name}");
        let started = Instant::now();
        let outcome = step.run(&toolbox).unwrap_or_else(|error| Outcome::failed(format!("{error:#}")));
        let took = started.elapsed();
        total.add(outcome.counts);
        if let Some(text) = &outcome.failure {
            println!("{}", text.trim_end());
            failed_tests.extend(failed_in(text).map(|test| format!("{name}: {test}")));
            failures.push(name.clone());
        }
        let result = if outcome.failure.is_some() { "FAILED" } else { "ok" };
        println!("   {result} ({})", watched::seconds(took));
        rows.push((name, result, took, summary(outcome.counts)));
    }

    print_summary(&rows, total);
    // Once more at the end: CI keeps the end of a long output, and what failed may be far above it.
    for test in &failed_tests {
        println!("failed: {test}");
    }
    ensure!(failures.is_empty(), "failed: {}", failures.join(", "));
    Ok(())
}

/// The names of the tests that failed, as the runners list them: `test a::b ... FAILED` (`cargo test`, wasm-bindgen),
/// `[journeys] › manager.spec.ts:4:1 › …` after `3 failed` (Playwright), `not ok 3 - …` (Node.js).
fn failed_in(output: &str) -> impl Iterator<Item = String> {
    let mut in_playwrights_list = false;
    output.lines().map(str::trim).filter_map(move |line| {
        if line.starts_with('[') && line.contains(" › ") && in_playwrights_list {
            return Some(line.to_owned());
        }
        in_playwrights_list =
            line.strip_suffix(" failed").or(line.strip_suffix(" flaky")).is_some_and(|n| n.parse::<u32>().is_ok());
        let cargo = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... FAIL")).map(|(test, _)| test);
        // The name of a test program that ended before it could say which test failed.
        let program = line.strip_prefix("error: test failed, to rerun pass ");
        let node = line.strip_prefix("not ok ").and_then(|rest| rest.split_once(" - ")).map(|(_, test)| test);
        cargo.or(program).or(node).map(str::to_owned)
    })
}

fn summary(counts: Counts) -> String {
    if counts.passed + counts.failed + counts.skipped > 1 {
        format!("{} passed, {} failed, {} skipped", counts.passed, counts.failed, counts.skipped)
    } else {
        String::new()
    }
}

fn print_summary(rows: &[(String, &str, Duration, String)], total: Counts) {
    println!();
    for (name, result, took, tests) in rows {
        println!("{name:<12} {result:<7} {:>10}   {tests}", watched::seconds(*took));
    }
    let whole: Duration = rows.iter().map(|(_, _, took, _)| *took).sum();
    println!("{:<12} {:<7} {:>10}", "", "", watched::seconds(whole));
    println!();
    println!("checks: {} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped);
}

fn check_rules() -> Result<Outcome> {
    let unnamed = rules::unnamed()?;
    if !unnamed.is_empty() {
        let names: Vec<_> = unnamed.iter().map(|rule| format!("R{rule}")).collect();
        bail!("no test names {}", names.join(", "));
    }
    let stale = trust::stale()?;
    ensure!(stale.is_empty(), "docs/trust.md: {}", stale.join("; "));
    let faults = structure::violations()?;
    ensure!(faults.is_empty(), "{}", faults.join("; "));
    Ok(Outcome::passed())
}

fn check_lints(toolbox: &Toolbox) -> Result<Outcome> {
    let native = ["--workspace", "--exclude", CONSOLE];
    let wasm = ["--package", CONSOLE, "--package", "lean-view", "--target", WASM_TARGET];
    let leptos = ["--package", CONSOLE, "--target", WASM_TARGET, "--features", "leptos-views"];
    gates([&native[..], &wasm, &leptos].map(|packages| {
        let mut command = toolbox.cargo(&["clippy", "--all-targets", "--locked"]);
        command.args(packages).args(["--", "-D", "warnings"]);
        command
    }))
}

fn check_docs(toolbox: &Toolbox) -> Result<Outcome> {
    let native = ["--workspace", "--exclude", CONSOLE];
    let wasm = ["--package", CONSOLE, "--target", WASM_TARGET, "--lib"];
    gates([&native[..], &wasm].map(|packages| {
        let mut command = toolbox.cargo(&["doc", "--no-deps", "--document-private-items", "--locked"]);
        command.args(packages).env("RUSTDOCFLAGS", "-D warnings");
        command
    }))
}

/// The tests that need Z-Wave JS, by the module that they are in.
const REAL_HUB: &str = "real_hub::";

fn native_tests(toolbox: &Toolbox) -> Command {
    toolbox.cargo(&["test", "--workspace", "--exclude", CONSOLE, "--locked", "--no-fail-fast"])
}

/// Compiles all that runs natively: the tests, the server, the fault suite. For another selection of packages or targets, cargo
/// would choose other features of the libraries, and compile most of them once more.
fn build_natively(toolbox: &Toolbox) -> Result<()> {
    let build = toolbox.cargo(&["build", "--workspace", "--exclude", CONSOLE, "--all-targets", "--locked"]);
    watched::run(line_of(&build), build)?.check()?;
    Ok(())
}

fn wasm_tests(toolbox: &Toolbox, packages: &[&str], more: &[&str]) -> Command {
    // Without the examples in the documentation: wasm-bindgen's runner only handles tests.
    let mut command = toolbox.cargo(&["test", "--target", WASM_TARGET, "--tests", "--locked", "--no-fail-fast"]);
    command.args(packages.iter().flat_map(|package| ["--package", package])).args(more);
    command.env("WASM_BINDGEN_USE_BROWSER", "1");
    command.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", workspace::root().join("tests/webdriver.json"));
    if let Some(driver) = toolbox.find("chromedriver") {
        command.env("CHROMEDRIVER", driver);
    }
    command
}

fn gate(command: Command) -> Result<Outcome> {
    gates([command])
}

/// Runs commands that must all succeed; together they count as one check.
fn gates<const N: usize>(commands: [Command; N]) -> Result<Outcome> {
    let mut failures = Vec::new();
    for command in commands {
        if let Err(error) = watched::run(line_of(&command), command)?.check() {
            failures.push(error.to_string());
        }
    }
    Ok(if failures.is_empty() { Outcome::passed() } else { Outcome::failed(failures.join("\n")) })
}

/// Runs a command that runs tests, and counts them. None at all is a failure, since nothing was checked.
fn tests(command: Command) -> Result<Outcome> {
    let finished = watched::run(line_of(&command), command)?;
    let mut counts = Counts::read(&finished.output);
    let failure = if !finished.success {
        // What doesn't even compile has no closing lines.
        counts.failed = counts.failed.max(1);
        Some(finished.output)
    } else if counts.passed == 0 {
        counts.failed += 1;
        Some(format!("{}\nno test ran", finished.output))
    } else {
        None
    };
    Ok(Outcome { counts, failure })
}

/// A command as a person would type it, for progress lines.
fn line_of(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
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
    fn the_closing_lines_of_every_runner_are_summed() {
        let output = "\
running 3 tests
test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s
  1 failed
    [chromium] › resident.spec.ts:4:1 › reveals the code
  2 skipped
  12 passed (8.1s)
3 passed the door before anyone else did
3 passed, which nobody else did
ok       kill -9, 1 of 6: 9 passed, 0 failed
40 passed, 1 failed, 2 skipped
# Subtest: a manager's day
# tests 6
# pass 3
# fail 2
# skipped 1
# duration_ms 56682.80
";
        assert_eq!(Counts::read(output), Counts { passed: 62, failed: 6, skipped: 6 });
    }

    #[test]
    fn what_failed_is_named_once_more_at_the_end() {
        let output = "\
test live::r33_a_stream_ends ... ok
test hubs::r25_a_hub_is_added ... FAILED
    [journeys] › manager.spec.ts:4:1 › is told where it failed
  2 failed
    [journeys] › manager.spec.ts:4:1 › reveals the code ────────
    [screens] › screens.spec.ts:9:1 › the door
  12 passed (8.1s)
error: test failed, to rerun pass `-p latchkey-server --lib`
not ok 3 - a manager's day
";
        let named: Vec<_> = failed_in(output).collect();
        assert_eq!(
            named,
            [
                "hubs::r25_a_hub_is_added",
                "[journeys] › manager.spec.ts:4:1 › reveals the code ────────",
                "[screens] › screens.spec.ts:9:1 › the door",
                "`-p latchkey-server --lib`",
                "a manager's day",
            ]
        );
    }

    #[test]
    fn a_run_of_no_tests_fails() {
        let outcome = tests(shell("echo 'test result: ok. 0 passed; 0 failed; 0 ignored'")).expect("sh runs");
        assert_eq!(outcome.counts.failed, 1);
        assert!(outcome.failure.expect("a failure").contains("no test ran"));
    }

    #[test]
    fn what_does_not_compile_fails() {
        let outcome = tests(shell("echo 'error: expected expression'; exit 101")).expect("sh runs");
        assert_eq!(outcome.counts, Counts { failed: 1, ..Counts::default() });
    }

    #[test]
    fn a_gate_shows_only_what_failed_commands_wrote() {
        let outcome =
            gates([shell("echo $((6 * 7))"), shell("exit 1"), shell("echo $((7 * 7)); exit 1")]).expect("sh runs");
        assert_eq!(outcome.counts.failed, 1);
        assert_eq!(
            outcome.failure.as_deref(),
            Some("sh -c exit 1 failed:\n\nsh -c echo $((7 * 7)); exit 1 failed:\n49\n")
        );
    }
}
