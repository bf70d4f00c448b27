//! The program's log.

use std::io::IsTerminal;

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

/// How many lines may wait to be written; what is logged beyond that is lost. Each takes some 200 bytes.
const LINES_KEPT: usize = 32_000;

/// Logs to standard error, as `LATCHKEY_LOG` says, on a thread of its own: whoever takes the log may be slow, its disk
/// busy or its pipe full, and no request waits for that. What was logged is written by the time the guard is dropped,
/// unless nobody takes it.
pub fn to_standard_error() -> WorkerGuard {
    let filter = EnvFilter::try_from_env("LATCHKEY_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let (writer, guard) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(LINES_KEPT)
        .thread_name("writes the log")
        .finish(std::io::stderr());
    let terminal = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(terminal).init();
    guard
}
