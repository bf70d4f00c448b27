//! A running Z-Wave JS over a mock radio: `tests/hub`, which `cargo xtask test --only hub` installs. The server's tests use it
//! too.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::OnceCell;

/// A running hub, which ends with the test.
pub(crate) struct Hub {
    _program: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    pub(crate) port: u16,
}

impl Hub {
    /// Starts it, with every lock interviewed.
    pub(crate) async fn start() -> Self {
        let interviews = interviews().await;
        let mut program = Self::program(&["0".as_ref(), interviews.as_os_str()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node is installed");
        let orders = program.stdin.take().expect("piped");
        let answers = BufReader::new(program.stdout.take().expect("piped")).lines();
        let mut hub = Self { _program: program, orders, answers, port: 0 };
        let port = hub.answer().await["port"].as_u64().expect("a port");
        hub.port = u16::try_from(port).expect("a port");
        hub
    }

    fn program(arguments: &[&std::ffi::OsStr]) -> Command {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/hub");
        assert!(
            folder.join("node_modules").exists(),
            "Z-Wave JS is not installed: run `cargo xtask test --only hub`, or leave these tests out with `-- --skip real_hub::`"
        );
        let mut program = Command::new("node");
        program.arg(folder.join("hub.mjs")).args(arguments).kill_on_drop(true);
        program
    }

    /// Orders what is to go wrong, or asks what is so; `tests/hub/hub.mjs` lists what there is.
    pub(crate) async fn order(&mut self, order: Value) -> Value {
        self.orders.write_all(format!("{order}\n").as_bytes()).await.expect("the hub runs");
        let answer = self.answer().await;
        assert_eq!(answer["ok"], true, "{order}: {answer}");
        answer
    }

    /// What a slot of a lock really holds.
    pub(crate) async fn held(&mut self, lock: &str, slot: u16) -> Option<String> {
        self.order(json!({"do": "held", "lock": lock, "slot": slot})).await["digits"].as_str().map(str::to_owned)
    }

    async fn answer(&mut self) -> Value {
        let line = self.answers.next_line().await.expect("the hub runs").expect("the hub says why it ends on stderr");
        serde_json::from_str(&line).expect("JSON")
    }
}

/// What the hub found out about its locks once, so that each test needn't wait for that.
async fn interviews() -> PathBuf {
    static INTERVIEWS: OnceCell<PathBuf> = OnceCell::const_new();
    let made = INTERVIEWS.get_or_init(|| async {
        let mut hasher = DefaultHasher::new();
        include_str!("../../../../tests/hub/hub.mjs").hash(&mut hasher);
        include_str!("../../../../tests/hub/package-lock.json").hash(&mut hasher);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hub-interviews-{:016x}", hasher.finish()));
        if !folder.exists() {
            let unfinished = folder.with_extension(std::process::id().to_string());
            std::fs::create_dir_all(&unfinished).expect("a folder for temporary files");
            let arguments = ["--interview".as_ref(), unfinished.as_os_str()];
            let ended = Hub::program(&arguments).status().await.expect("node is installed");
            assert!(ended.success(), "the hub says why on stderr");
            // Another run of the tests may have been faster.
            let _ = std::fs::rename(&unfinished, &folder);
        }
        folder
    });
    made.await.clone()
}
