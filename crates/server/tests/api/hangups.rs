//! What is committed is done, whoever hangs up (R24).

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use access_code::Code;
use async_trait::async_trait;
use hub::{Accepted, Capabilities, HubEvent, LockDriver, LockError, LockHealth, Simulator, Slot, SlotContent};
use ids::{CodeId, HubId, LockId};
use latchkey_server::app::{App, Settings};
use latchkey_server::clock::Clock;
use latchkey_server::hubs::Hubs;
use serde_json::json;
use store::{MasterKey, Store, placements};
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::fixtures::{APP, permanent, text};
use crate::harness::{MANAGER, NOON, RESIDENT, TestServer};

/// Sends a request and resets the connection after `after`, without having read a byte.
fn send_and_reset(address: SocketAddr, request: &str, after: Duration) {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.write_all(request.as_bytes()).expect("sent");
    // The client's own pace, which is the point of this test.
    std::thread::sleep(after);
    // Closed without lingering, so that the connection is reset.
    let socket = socket2::SockRef::from(&stream);
    socket.set_linger(Some(Duration::ZERO)).expect("set");
    drop(stream);
}

/// A request as bytes.
fn raw(method: &str, path: &str, credential: &str, kind: &str, body: &str) -> String {
    format!(
        "{method} /api/v1{path} HTTP/1.1\r\nhost: latchkey\r\n{credential}\r\nsec-fetch-site: same-origin\r\n\
         idempotency-key: {}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
        Uuid::now_v7(),
        body.len()
    )
}

/// Each kind of deed, its connection cut at every millisecond from 0 to 30: whatever was committed is done at the
/// locks, although nobody is waiting for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r24_a_client_that_hangs_up_leaves_no_work_undone() {
    let mut server = TestServer::start_working().await;
    let address: SocketAddr = server.origin.trim_start_matches("http://").parse().expect("an address");
    let manager = format!("cookie: __Host-latchkey={}", server.sign_in(MANAGER).await.0);
    for milliseconds in 0..=30 {
        let number = milliseconds;
        let unit = server.add_unit(&format!("5{number:02}")).await;
        let email = format!("r{number}@example.com");
        let tenancy = server.add_resident(&email, unit.id, &format!("5{number:02}")).await;
        let session = server.sign_in(&email).await;
        let token = server.mobile_sign_in(&email, APP).await;
        let guest = server.issued(&session, &permanent(&[unit.door])).await;
        server.settled().await;
        let property = server.world.property;
        let csv = format!("unit,name,email,move_in,move_out\r\n5{number:02},New,n{number}@example.com,2026-01-01,\r\n");
        let web = format!("cookie: __Host-latchkey={}", session.0);
        let bearer = format!("authorization: Bearer {}", token.0);
        let json = "application/json";
        let deeds = [
            raw("POST", "/guest-codes", &web, json, &permanent(&[unit.door]).to_string()),
            raw("POST", &format!("/guest-codes/{}/revoke", text(&guest["id"])), &web, json, ""),
            raw("PUT", "/me/code", &bearer, json, &json!({"mode": "random", "length": 4}).to_string()),
            raw("POST", &format!("/properties/{property}/roster"), &manager, "text/csv", &csv),
            raw("POST", &format!("/properties/{property}/residents/{tenancy}/move-out"), &manager, json, ""),
        ];
        for request in deeds {
            let after = Duration::from_millis(milliseconds);
            tokio::task::spawn_blocking(move || send_and_reset(address, &request, after)).await.expect("sent");
        }
        server.written().await;
        server.settled().await;
        assert_eq!(open_work(&server).await, 0, "after {milliseconds} ms");
        // A request may come to be done only now, since nobody waited for it.
        server.eventually("the locks hold what the records say", async || server.all_as_wanted().await).await;
    }
    server.stop_workers().await;
}

/// Placements that aren't as they should be.
async fn open_work(server: &TestServer) -> i64 {
    let sql = "SELECT count(*) FROM placement WHERE next_attempt_at IS NOT NULL OR (wanted AND state <> 'on_lock') \
               OR (NOT wanted AND slot IS NOT NULL)";
    server.query(move |db| db.query_row(sql, [], |row| row.get(0)).expect("a number")).await
}

impl TestServer {
    /// Whether each lock of the hub really holds the codes that the records say.
    async fn all_as_wanted(&self) -> bool {
        let hub = self.world.hub;
        let (locks, held) = self
            .query(move |db| {
                let held = placements::with_slots(db).expect("read");
                (store::doors::locks_of_hub(db, hub).expect("read"), held)
            })
            .await;
        locks.iter().all(|lock| {
            let slots: Vec<Slot> =
                held.iter().filter(|held| held.lock_id == lock.id).filter_map(|held| Slot::new(held.slot?)).collect();
            self.simulator().slots_used(lock.id) == slots.len()
                && slots.iter().all(|slot| self.simulator().holds(lock.id, *slot).is_some())
        })
    }
}

/// The workers are notified of commits by the store itself, whoever committed.
#[tokio::test]
async fn commits_of_any_other_code_are_picked_up() {
    let server = TestServer::start_working().await;
    let door = server.world.door;
    assert_eq!(server.held(door).await, 1);
    let code = server
        .write(move |tx| {
            let code: CodeId = tx.query_row("SELECT code_id FROM placement", [], |row| row.get(0)).expect("a code");
            placements::set_wanted(tx, code, false, NOON).expect("changed");
            code
        })
        .await;
    server.eventually("it is off its lock", async || server.held(door).await == 0).await;
    server.write(move |tx| placements::set_wanted(tx, code, true, NOON).expect("changed")).await;
    server.eventually("it is on its lock again", async || server.held(door).await == 1).await;
}

/// A driver that panics in the middle of a worker the first few times it is used.
struct Fragile {
    inner: Arc<Simulator>,
    panics: AtomicUsize,
}

#[async_trait]
impl LockDriver for Fragile {
    fn hub(&self) -> HubId {
        self.inner.hub()
    }

    fn locks_at_once(&self) -> usize {
        let left = self.panics.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        assert!(left.is_err(), "this driver panics as often as it was told to");
        self.inner.locks_at_once()
    }

    async fn capabilities(&self, lock: LockId) -> Result<Capabilities, LockError> {
        self.inner.capabilities(lock).await
    }

    async fn write(&self, lock: LockId, slot: Slot, code: &Code) -> Result<Accepted, LockError> {
        self.inner.write(lock, slot, code).await
    }

    async fn remove(&self, lock: LockId, slot: Slot) -> Result<(), LockError> {
        self.inner.remove(lock, slot).await
    }

    async fn read_back(&self, lock: LockId, slot: Slot) -> Result<SlotContent, LockError> {
        self.inner.read_back(lock, slot).await
    }

    async fn ping(&self, lock: LockId) -> Result<LockHealth, LockError> {
        self.inner.ping(lock).await
    }

    fn events(&self) -> broadcast::Receiver<HubEvent> {
        self.inner.events()
    }
}

#[tokio::test]
async fn a_worker_that_panics_is_restarted_counted_and_reported() {
    let server = TestServer::start().await;
    // Another server on a database of the same kind, with a fragile hub.
    let folder = tempfile::tempdir().expect("a folder");
    let key = MasterKey::generate(1).expect("random bytes");
    let store = Store::open_unsafely_fast(&folder.path().join("latchkey.db"), key).await.expect("a database");
    let hub = HubId::generate();
    let fragile = Fragile { inner: Arc::new(Simulator::new(hub)), panics: AtomicUsize::new(2) };
    let hubs = Hubs::default().with_driver(hub, Arc::new(fragile));
    let app = App::new(store, Clock::manual(NOON), hubs, Settings::default()).await.expect("an app");
    assert!(app.workers().all_running());
    let _workers = app.start_workers();
    server.eventually("it fails", async || app.workers().restarts() > 0).await;
    server.eventually("it is well again", async || app.workers().restarts() == 2 && app.workers().all_running()).await;
}

/// A connection that is cut in the middle of a body does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_request_does_nothing() {
    let server = TestServer::start().await;
    let address: SocketAddr = server.origin.trim_start_matches("http://").parse().expect("an address");
    let session = server.sign_in(RESIDENT).await;
    let body = permanent(&[server.world.door]).to_string();
    let request =
        raw("POST", "/guest-codes", &format!("cookie: __Host-latchkey={}", session.0), "application/json", &body);
    let half = request[..request.len() - 10].to_owned();
    let read = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.write_all(half.as_bytes()).expect("sent");
        stream.shutdown(std::net::Shutdown::Write).expect("shut");
        let mut answer = String::new();
        // A reset is a fine answer, too.
        let _ = stream.read_to_string(&mut answer);
        answer
    });
    let answer = read.await.expect("read");
    assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    assert_eq!(server.recorded_as("guest_code.issued").await.len(), 0);
}
