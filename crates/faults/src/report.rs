//! Reporting on each fault.

use std::time::Duration;

use anyhow::Result;

/// Counts faults, and prints a line for each.
#[derive(Default)]
pub(crate) struct Report {
    passed: u32,
    failed: u32,
    skipped: u32,
}

impl Report {
    /// Everything held after this fault.
    pub(crate) fn passed(&mut self, fault: &str, found: &str) {
        self.passed += 1;
        println!("ok       {fault}: {found}");
    }

    /// Something didn't hold after this fault.
    pub(crate) fn failed(&mut self, fault: &str, found: &str) {
        self.failed += 1;
        println!("FAILED   {fault}: {}", found.trim_end().replace('\n', "\n           "));
    }

    /// The fault can't be injected here.
    pub(crate) fn skipped(&mut self, fault: &str, why: &str) {
        self.skipped += 1;
        println!("skipped  {fault}: {why}");
    }

    /// Reports one or the other. Returns whether everything held.
    pub(crate) fn tell(&mut self, fault: &str, found: Result<String>) -> bool {
        let held = found.is_ok();
        match found {
            Ok(found) => self.passed(fault, &found),
            Err(error) => self.failed(fault, &format!("{error:#}")),
        }
        held
    }

    /// The closing line.
    pub(crate) fn close(&self) {
        println!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped);
    }

    pub(crate) fn is_good(&self) -> bool {
        self.failed == 0
    }
}

/// A duration in seconds, for a line of the report.
pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}
