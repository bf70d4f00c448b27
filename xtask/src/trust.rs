//! Checks `docs/trust.md`, which says what holds and which tests prove it, so that it can't go stale.

use std::fs;

use anyhow::{Context, Result};

use crate::{rules, workspace};

const PAGE: &str = "docs/trust.md";

/// What is wrong with the page: tests it names that don't exist, and promises that hold without naming any.
pub(crate) fn stale() -> Result<Vec<String>> {
    let path = workspace::root().join(PAGE);
    let page = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let tests = rules::test_sources(&workspace::root())?;
    Ok(violations(&page, &tests))
}

fn violations(page: &str, tests: &[String]) -> Vec<String> {
    let is_there = |name: &str, is_title: bool| {
        let told = if is_title { format!("\"{name}\"") } else { format!("fn {name}(") };
        tests.iter().any(|text| text.contains(&told))
    };
    let mut violations = Vec::new();
    let mut promises = 0;
    for row in page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [promise, holds, proofs] = cells[..] else {
            violations.push(format!("a row that isn't of three cells: {row}"));
            continue;
        };
        if promise == "promise" {
            continue;
        }
        promises += 1;
        let names = proofs.split('`').skip(1).step_by(2).map(|name| (name, false));
        let titles = proofs.split('"').skip(1).step_by(2).map(|title| (title, true));
        let proofs: Vec<_> = names.chain(titles).collect();
        if proofs.is_empty() && !holds.starts_with("not yet") {
            violations.push(format!("nothing proves: {promise}"));
        }
        let missing = proofs.into_iter().filter(|(name, is_title)| !is_there(name, *is_title));
        violations.extend(missing.map(|(name, _)| format!("there is no test {name}")));
    }
    if promises == 0 {
        violations.push("it promises nothing".to_owned());
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_proved_by_tests_that_are_there() {
        let tests = ["async fn it_holds() {}".to_owned(), "test(\"R1: it is shown\", () => {})".to_owned()];
        let page = |row: &str| format!("| promise | holds | proved by |\n| --- | --- | --- |\n{row}\n");
        assert_eq!(violations(&page("| It holds | yes | `it_holds`, \"R1: it is shown\" |"), &tests), [""; 0]);
        assert_eq!(violations(&page("| It will | not yet | |"), &tests), [""; 0]);
        assert_eq!(violations(&page("| It holds | yes | `it_held` |"), &tests), ["there is no test it_held"]);
        assert_eq!(violations(&page("| It holds | yes | none |"), &tests), ["nothing proves: It holds"]);
        assert_eq!(violations("", &tests), ["it promises nothing"]);
    }
}
