//! One program per data folder: two would both drive its locks.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The program itself, killed at the latest when the test ends.
struct Program {
    child: Child,
    /// Where it listens.
    origin: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `latchkey serve` on that folder, with nothing from the environment of the tests.
fn serve(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey"));
    command.env_clear().args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

impl Program {
    /// Starts it and waits until it listens.
    fn start(data: &Path) -> Self {
        let mut child = serve(data).stderr(Stdio::null()).spawn().expect("the program");
        let mut says = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        says.read_line(&mut line).expect("text");
        let origin = line.trim().strip_prefix("Latchkey listens on ").map(str::to_owned);
        let program = Self { child, origin: origin.clone().unwrap_or_default() };
        assert!(origin.is_some(), "it says {line:?}");
        program
    }

    async fn is_ready(&self) -> bool {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let answer = client.get(format!("{}/readyz", self.origin)).send().await.expect("an answer");
        answer.status() == 200
    }

    /// As `kill -9` does.
    fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }
}

#[tokio::test]
async fn a_second_program_on_the_same_folder_says_why_it_does_not_start_and_the_first_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Program::start(folder.path());
    assert!(first.is_ready().await);
    let second = serve(folder.path()).stderr(Stdio::piped()).output().expect("it ends");
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains("another server runs on"), "{said}");
    assert!(said.contains(&*folder.path().to_string_lossy()), "it names the database: {said}");
    assert_eq!(String::from_utf8_lossy(&second.stdout), "", "it never listened");
    assert!(first.is_ready().await);

    // Killed, it leaves nothing in the way of the next.
    first.kill();
    let next = Program::start(folder.path());
    assert!(next.is_ready().await);
}
