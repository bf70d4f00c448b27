//! Whoever takes the log may be slow, or gone: nobody who is served waits for that.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The program itself, killed when the test ends.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A pipe holds this many bytes on Linux unless told otherwise; then whoever writes to it waits.
const PIPE: usize = 64 * 1024;

#[tokio::test]
async fn a_log_that_nobody_reads_holds_up_no_request() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey"));
    command.env_clear().args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut program = Program(command.spawn().expect("the program"));
    let mut line = String::new();
    BufReader::new(program.0.stdout.take().expect("its output")).read_line(&mut line).expect("text");
    let origin = line.trim().strip_prefix("Latchkey listens on ").expect("its address").to_owned();

    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().expect("a client");
    let mut logged = 0;
    // Each request is logged with more than a hundred bytes.
    while logged < 3 * PIPE {
        let answer = client.get(format!("{origin}/healthz")).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        logged += 100;
    }

    // It is there for whoever reads it now, as far as it was kept.
    let mut read = [0; PIPE];
    program.0.stderr.take().expect("its log").read_exact(&mut read).expect("a log");
    assert!(String::from_utf8_lossy(&read).contains("/healthz"));
}
