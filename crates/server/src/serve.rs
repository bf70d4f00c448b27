//! Serving until the program is told to stop.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

use crate::app::App;
use crate::connections::{Connection, Connections, Limits, UnderWay};
use crate::health;
use crate::patience::{Patience, Watched};
use crate::router::router;

/// How long requests under way have to finish once the program is told to stop.
const DRAIN: Duration = Duration::from_secs(9);

/// How long a client may take nothing of its answer.
const TAKEN_WITHIN: Duration = Duration::from_secs(30);

/// How long the rest of an answer may take to be sent when the connection is to make room for another.
const CLOSED_WITHIN: Duration = Duration::from_secs(1);

/// The most that may come before a request's body, in bytes.
const MAX_HEAD: usize = 64 * 1024;

/// How long to wait when the operating system has no files left.
const OUT_OF_FILES: Duration = Duration::from_millis(50);

/// Where to listen.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// For everybody.
    pub public: SocketAddr,
    /// For whoever operates the server: metrics, and readiness in detail.
    pub operators: Option<SocketAddr>,
}

/// Starts the workers and serves until the program is told to stop; then lets what is under way finish and closes the
/// store. `listening` is called with the public address it listens on.
///
/// # Errors
/// An address can't be listened on, or the server failed.
pub async fn until_stopped(
    app: App,
    addresses: Addresses,
    limits: Limits,
    listening: impl FnOnce(SocketAddr) -> Result<()>,
) -> Result<()> {
    let mut workers = app.start_workers();
    let mut servers = JoinSet::new();
    // First, so that whoever waits for the public address finds this one too.
    if let Some(address) = addresses.operators {
        let stopping = app.clone();
        let served = serve(listen(address).await?, health::operators(app.clone()), Limits::default(), async move {
            stopping.shutting_down().await;
        });
        servers.spawn(served);
    }
    let listener = listen(addresses.public).await?;
    listening(listener.local_addr()?)?;
    let stopping = app.clone();
    servers.spawn(serve(listener, router(app.clone()), limits, async move { stopping.shutting_down().await }));
    let mut asked = pin!(stop_asked()?);
    tokio::select! {
        Some(ended) = servers.join_next() => ended.context("the server panicked")?,
        () = &mut asked => {
            tracing::info!("stopping");
            app.shut_down();
            let drained = async { while servers.join_next().await.is_some() {} };
            if tokio::time::timeout(DRAIN, drained).await.is_err() {
                tracing::warn!("some requests took too long and were given up");
                servers.abort_all();
            }
        }
    }
    // A deed at a lock that is cut off here is still in the outbox, and repeated at the next start.
    workers.shutdown().await;
    app.store().close().await;
    tracing::info!("stopped");
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("can't listen on {address}"))
}

/// Serves HTTP/1.1 until `stopping` returns, and then until nothing is under way.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stopping: impl Future<Output = ()> + Send) {
    let connections = Connections::new(limits);
    let mut tasks = JoinSet::new();
    let mut stopping = pin!(stopping);
    loop {
        let accepted = tokio::select! {
            () = &mut stopping => break,
            accepted = listener.accept() => accepted,
            Some(_) = tasks.join_next(), if !tasks.is_empty() => continue,
        };
        match accepted {
            Ok((stream, peer)) => match connections.admit(peer.ip()) {
                Some(connection) => drop(tasks.spawn(converse(stream, peer, router.clone(), connection))),
                None => metrics::counter!("latchkey_connections_refused_total").increment(1),
            },
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                // Out of files, most likely.
                tracing::error!(%error, "can't accept a connection");
                connections.close_idlest();
                tokio::time::sleep(OUT_OF_FILES).await;
            }
        }
        metrics::gauge!("latchkey_connections").set(connections.count() as f64);
    }
    drop(listener);
    connections.close_all();
    while tasks.join_next().await.is_some() {}
}

/// Whether the client is gone already.
fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionRefused | ConnectionAborted | ConnectionReset)
}

/// Answers the requests of a connection, one after another.
async fn converse(stream: TcpStream, peer: SocketAddr, router: Router, connection: Connection) {
    // Answers are written whole, so there is nothing to gain by waiting for more.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(TAKEN_WITHIN));
    let patience = Patience::default();
    let answer = service_fn(|request: Request<Incoming>| {
        patience.answering();
        let under_way = (connection.begin_request(), Answered(patience.clone()));
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let router = router.clone();
        async move {
            let Ok(response) = router.oneshot(request).await;
            Ok::<_, Infallible>(response.map(|body| Answer { body, _under_way: under_way }))
        }
    });
    let stream = Watched { stream: Box::pin(stream), patience: patience.clone() };
    let http = http1::Builder::new().max_buf_size(MAX_HEAD).serve_connection(TokioIo::new(stream), answer);
    let mut http = pin!(http);
    tokio::select! {
        // An error means that the client hung up, was too slow, or didn't speak HTTP.
        _ = &mut http => return,
        () = patience.over() => return,
        () = connection.told_to_close() => {}
    }
    http.as_mut().graceful_shutdown();
    if connection.is_idle() {
        let _ = tokio::time::timeout(CLOSED_WITHIN, http).await;
    } else {
        let _ = http.await;
    }
}

/// The body of an answer. The request is under way until it was sent.
struct Answer {
    body: Body,
    _under_way: (UnderWay, Answered),
}

/// Says so when it is dropped.
struct Answered(Patience);

impl Drop for Answered {
    fn drop(&mut self) {
        self.0.answered();
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Returns once the program is told to stop.
fn stop_asked() -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
