//! Connections: strangers who open many, or say nothing on them, keep nobody else out.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use latchkey_server::connections::Limits;
use latchkey_server::serve::serve;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

const ASKED: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
/// Longer than anything here takes, and shorter than a header may take to arrive.
const SOON: Duration = Duration::from_secs(5);

/// A listener that answers `/` at once, and `/held` once it is released.
struct Listening {
    address: SocketAddr,
    /// A permit for each request for `/held` that has arrived.
    arrived: Arc<Semaphore>,
    release: Arc<Notify>,
    stop: Option<oneshot::Sender<()>>,
    tasks: JoinSet<()>,
}

impl Listening {
    async fn start(limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let release = Arc::new(Notify::new());
        let arrived = Arc::new(Semaphore::new(0));
        let held = (arrived.clone(), release.clone());
        let router = Router::new().route("/", get(async || "here")).route(
            "/held",
            get(async move || {
                held.0.add_permits(1);
                held.1.notified().await;
                "released"
            }),
        );
        let (stop, stopped) = oneshot::channel();
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, router, limits, async move { stopped.await.unwrap_or_default() }));
        Self { address, arrived, release, stop: Some(stop), tasks }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }

    /// Connects and asks for what is held, which has arrived then.
    async fn ask_held(&self) -> TcpStream {
        let mut stream = self.connect().await;
        stream.write_all(b"GET /held HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
        self.arrived.acquire().await.expect("open").forget();
        stream
    }

    /// Connects and asks; `None` if the connection is closed without an answer.
    async fn ask(&self) -> Option<TcpStream> {
        let mut stream = self.connect().await;
        is_answered(&mut stream, ASKED, "here").await.then_some(stream)
    }
}

/// Sends a request; whether it is answered so.
async fn is_answered(stream: &mut TcpStream, request: &[u8], expected: &str) -> bool {
    stream.write_all(request).await.is_ok() && read_until(stream, expected).await
}

async fn read_until(stream: &mut TcpStream, expected: &str) -> bool {
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).ends_with(expected) {
        match stream.read_buf(&mut answer).await {
            Ok(1..) => {}
            _ => return false,
        }
    }
    true
}

/// Waits until the other end closes it.
async fn is_closed(stream: &mut TcpStream) -> bool {
    let mut rest = Vec::new();
    let read = timeout(SOON, stream.read_to_end(&mut rest)).await.expect("it is closed");
    read.is_err() || rest.is_empty()
}

// The clock of these stands still, and goes on to the next thing that is due whenever nothing else is to be done.

#[tokio::test(start_paused = true)]
async fn a_request_whose_head_does_not_come_within_ten_seconds_is_given_up() {
    let server = Listening::start(Limits::default()).await;
    for begun in [&b""[..], b"GET / HTTP/1.1\r\nhost: x\r\nx-a: "] {
        let mut stream = server.connect().await;
        stream.write_all(begun).await.expect("sent");
        let asked = Instant::now();
        // Asking a byte at a time gains nothing.
        let mut rest = [0; 64];
        let closed = loop {
            tokio::select! {
                read = stream.read(&mut rest) => break matches!(read, Ok(0) | Err(_)),
                () = tokio::time::sleep(Duration::from_secs(3)) => {
                    if !begun.is_empty() {
                        // Refused once it is closed.
                        let _ = stream.write_all(b"a").await;
                    }
                }
            }
        };
        assert!(closed);
        let took = asked.elapsed();
        assert!((Duration::from_secs(10)..Duration::from_secs(13)).contains(&took), "{took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_kept_for_the_next_request_and_closed_when_none_comes() {
    let server = Listening::start(Limits::default()).await;
    let mut stream = server.ask().await.expect("answered");
    // Longer than the proxies that are in use keep a connection.
    tokio::time::sleep(Duration::from_secs(110)).await;
    assert!(is_answered(&mut stream, ASKED, "here").await);
    let answered = Instant::now();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.expect("closed");
    assert!((115..125).contains(&answered.elapsed().as_secs()), "{:?}", answered.elapsed());

    // Half of a further request isn't waited for that long.
    let mut stream = server.ask().await.expect("answered");
    stream.write_all(b"GET / HTT").await.expect("sent");
    let begun = Instant::now();
    stream.read_to_end(&mut rest).await.expect("closed");
    assert!((10..13).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_answer_may_take_its_time() {
    let server = Listening::start(Limits::default()).await;
    let mut held = server.ask_held().await;
    tokio::time::sleep(Duration::from_secs(25)).await;
    server.release.notify_one();
    assert!(read_until(&mut held, "released").await);
}

#[tokio::test]
async fn silent_connections_make_room_for_those_that_ask() {
    let server = Listening::start(Limits { total: 20, per_network: None }).await;
    let mut silent = Vec::new();
    for _ in 0..60 {
        silent.push(server.connect().await);
    }
    let mut asking = server.ask().await.expect("there is room");
    for _ in 0..60 {
        silent.push(server.connect().await);
    }
    // Of those, the one on which something was asked is closed last.
    assert!(is_answered(&mut asking, ASKED, "here").await);
    assert!(is_closed(&mut silent[0]).await);
}

#[tokio::test]
async fn a_request_under_way_is_never_turned_out() {
    let server = Listening::start(Limits { total: 3, per_network: None }).await;
    let mut held = [server.ask_held().await, server.ask_held().await, server.ask_held().await];
    assert!(server.ask().await.is_none(), "there is no room");
    for stream in &mut held {
        server.release.notify_one();
        assert!(read_until(stream, "released").await);
    }
    assert!(server.ask().await.is_some(), "there is room again");
}

#[tokio::test]
async fn when_it_stops_idle_connections_are_closed_and_requests_finished() {
    let mut server = Listening::start(Limits::default()).await;
    let mut idle = server.ask().await.expect("answered");
    let mut silent = server.connect().await;
    let mut held = server.ask_held().await;
    server.stop.take().expect("not stopped yet").send(()).expect("it listens");
    assert!(is_closed(&mut idle).await && is_closed(&mut silent).await);
    server.release.notify_one();
    assert!(read_until(&mut held, "released").await);
    timeout(SOON, server.tasks.join_next()).await.expect("it stops").expect("one task").expect("no panic");
}
