//! Serving until the program is told to stop.

use std::future::IntoFuture;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::App;
use crate::router::router;

/// How long requests under way have to finish once the program is told to stop.
const DRAIN: Duration = Duration::from_secs(9);

/// Starts the workers and serves at `address` until the program is told to stop; then lets what is under way finish and
/// closes the store. `listening` is called with the address it listens on.
///
/// # Errors
/// The address can't be listened on, or the server failed.
pub async fn until_stopped(
    app: App,
    address: SocketAddr,
    listening: impl FnOnce(SocketAddr) -> Result<()>,
) -> Result<()> {
    let mut workers = app.start_workers();
    let listener = TcpListener::bind(address).await.with_context(|| format!("can't listen on {address}"))?;
    listening(listener.local_addr()?)?;
    let service = router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let mut asked = Box::pin(stop_asked()?);
    let stopping = app.clone();
    let server = axum::serve(listener, service)
        .with_graceful_shutdown(async move { stopping.shutting_down().await })
        .into_future();
    let mut server = tokio::spawn(server);
    tokio::select! {
        ended = &mut server => ended.context("the server panicked")?.context("the server failed")?,
        () = &mut asked => {
            tracing::info!("stopping");
            app.shut_down();
            match tokio::time::timeout(DRAIN, &mut server).await {
                Ok(ended) => ended.context("the server panicked")?.context("the server failed")?,
                Err(_) => {
                    tracing::warn!("some requests took too long and were given up");
                    server.abort();
                }
            }
        }
    }
    // A deed at a lock that is cut off here is still in the outbox, and repeated at the next start.
    workers.shutdown().await;
    app.store().close().await;
    tracing::info!("stopped");
    Ok(())
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
