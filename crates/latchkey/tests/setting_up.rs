//! Setting up from the command line (R34, R37).

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs `latchkey` on that folder, with nothing from the environment of the tests but a password.
fn latchkey(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey"));
    command.env_clear().env("LATCHKEY_PASSWORD", "four words for a house").args(arguments).arg("--data").arg(data);
    command.stdin(Stdio::null()).output().expect("it runs")
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("text").trim().to_owned()
}

#[test]
fn r34_the_first_administrator_is_offered_a_link_as_long_as_there_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = printed(&latchkey(folder.path(), &["set-up-link"]));
    let second = printed(&latchkey(folder.path(), &["set-up-link", "--url", "https://keys.example.com/"]));
    assert!(first.starts_with("http://127.0.0.1:8080/set-up#"), "{first}");
    assert!(second.starts_with("https://keys.example.com/set-up#"), "{second}");
    assert_ne!(first.split('#').nth(1), second.split('#').nth(1));

    let add = ["user", "add", "--email", "sam@example.com", "--name", "Sam Okafor", "--administrator"];
    printed(&latchkey(folder.path(), &add));
    let refused = latchkey(folder.path(), &["set-up-link"]);
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("there is an administrator already"), "{said}");
}

#[test]
fn r37_staff_are_listed_and_nobody_is_invited_who_has_a_password() {
    let folder = tempfile::tempdir().expect("a folder");
    for (email, role) in [("sam@example.com", "--administrator"), ("noor@example.com", "--support")] {
        printed(&latchkey(folder.path(), &["user", "add", "--email", email, "--name", "Somebody", role]));
    }
    let listed = printed(&latchkey(folder.path(), &["user", "list"]));
    let mut lines: Vec<_> = listed.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        ["noor@example.com\tSomebody\tsupport\tactive", "sam@example.com\tSomebody\tadministrator\tactive"]
    );
    let invite = |email| latchkey(folder.path(), &["user", "invite", "--email", email]);
    let said = |output: Output| String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said(invite("noor@example.com")).contains("They have a password already"));
    assert!(said(invite("nobody@example.com")).contains("nobody has the address"));
}

#[test]
fn r38_a_link_to_set_a_forgotten_password_is_printed_for_who_can_sign_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let add = ["user", "add", "--email", "sam@example.com", "--name", "Sam Okafor", "--administrator"];
    printed(&latchkey(folder.path(), &add));
    let reset = |email| latchkey(folder.path(), &["user", "reset", "--email", email]);
    let link = printed(&reset("Sam@example.com"));
    assert!(link.starts_with("http://127.0.0.1:8080/reset-password#"), "{link}");
    assert_ne!(link, printed(&reset("sam@example.com")));
    let said = |output: Output| {
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(said(reset("nobody@example.com")).contains("nobody has the address"));
    printed(&latchkey(folder.path(), &["user", "disable", "--email", "sam@example.com"]));
    assert!(said(reset("sam@example.com")).contains("kept from signing in"));
    printed(&latchkey(folder.path(), &["user", "enable", "--email", "sam@example.com"]));
    printed(&reset("sam@example.com"));
}

#[test]
fn mail_that_leads_nowhere_is_refused_at_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let serve =
        ["serve", "--listen", "127.0.0.1:0", "--smtp-url", "smtp://127.0.0.1:1", "--mail-from", "keys@example.com"];
    let refused = latchkey(folder.path(), &serve);
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("LATCHKEY_PUBLIC_URL"), "{said}");
}
