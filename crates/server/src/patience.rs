//! How long a connection is waited for.
//!
//! Whoever begins a request has to say soon what it is. A connection on which something was asked may be quiet for longer:
//! proxies keep theirs for a minute or two, and what they send at the moment when it is closed would be lost.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::Instant;

/// How long a client may take to send what comes before a request's body, and to begin with its first request.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// How long a connection is kept for the next request: longer than the proxies that are in use keep theirs.
const KEPT: Duration = Duration::from_secs(120);

/// What is waited for on a connection.
#[derive(Clone, Default)]
pub(crate) struct Patience(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Something has arrived on an idle connection.
    arrived: Notify,
}

enum State {
    /// For a request. Nothing of it has arrived.
    Idle { until: Instant },
    /// For the rest of what comes before its body.
    Head { until: Instant },
    /// For nothing: it is being answered.
    Answering,
}

impl Default for State {
    fn default() -> Self {
        Self::Idle { until: Instant::now() + HEAD_WITHIN }
    }
}

impl Patience {
    /// A request has arrived.
    pub(crate) fn answering(&self) {
        *self.state() = State::Answering;
    }

    /// It is answered.
    pub(crate) fn answered(&self) {
        *self.state() = State::Idle { until: Instant::now() + KEPT };
    }

    /// Returns once it has been waited for long enough.
    pub(crate) async fn over(&self) {
        loop {
            let until = match *self.state() {
                State::Idle { until } | State::Head { until } => until,
                State::Answering => Instant::now() + HEAD_WITHIN,
            };
            tokio::select! {
                () = self.0.arrived.notified() => {}
                () = tokio::time::sleep_until(until) => {
                    if matches!(*self.state(), State::Idle { until } | State::Head { until } if until <= Instant::now()) {
                        return;
                    }
                }
            }
        }
    }

    fn note_arrival(&self) {
        let mut state = self.state();
        if matches!(*state, State::Idle { .. }) {
            *state = State::Head { until: Instant::now() + HEAD_WITHIN };
            self.0.arrived.notify_one();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream that notes when something arrives on it.
pub(crate) struct Watched<S> {
    pub(crate) stream: S,
    pub(crate) patience: Patience,
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.patience.note_arrival();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
