//! What happens is told as it happens, to those who may know of it (R24–R26, R30, R32, R33).

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use api_types::{Action, Subject, SubjectKind};
use jiff::SignedDuration;
use latchkey_server::app::Settings;
use rstest::rstest;
use serde_json::{Value, json};
use store::audit::{NewEvent, system_actor, system_channel};
use store::{Tx, people, sessions, unknown_codes};

use crate::fixtures::{APP, Credential, mentions, permanent, text};
use crate::fixtures_matrix::{ADMINISTRATOR, Town};
use crate::harness::{FOREIGN_MANAGER, MANAGER, NOON, RESIDENT, Request, SUPPORT, TestServer, World};

/// Longer than anything here takes, even on a busy machine.
const LONG_ENOUGH: Duration = Duration::from_secs(60);

/// An open stream.
struct Stream {
    response: reqwest::Response,
    /// What has arrived and wasn't taken yet.
    arrived: VecDeque<String>,
    /// The beginning of an event whose rest hasn't arrived.
    rest: String,
    /// Everything that has arrived.
    all: String,
    last_id: String,
}

impl Stream {
    async fn open(request: Request) -> Self {
        let response = request.open().await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self { response, arrived: VecDeque::new(), rest: String::new(), all: String::new(), last_id: String::new() }
    }

    /// Opens one that begins now.
    async fn of(server: &TestServer, who: &impl Credential) -> Self {
        let at = server.app.events_at();
        Self::open(who.sign(server.get(&format!("/events?after={at}")))).await
    }

    /// The next event; `None` at the end.
    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(event) = self.arrived.pop_front() {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                let data = field("data: ").expect("data");
                if let Some(id) = field("id: ") {
                    self.last_id = id;
                }
                return Some(serde_json::from_str(&data).expect("JSON"));
            }
            let chunk = tokio::time::timeout(LONG_ENOUGH, self.response.chunk()).await.expect("something in time");
            let chunk = chunk.expect("no failure")?;
            let chunk = String::from_utf8(chunk.to_vec()).expect("text");
            self.all.push_str(&chunk);
            let text = std::mem::take(&mut self.rest) + &chunk;
            let mut events: VecDeque<_> = text.split("\n\n").map(str::to_owned).collect();
            self.rest = events.pop_back().unwrap_or_default();
            self.arrived = events;
        }
    }

    /// The events up to the one that `ends`, which is the last of them.
    async fn until(&mut self, ends: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let event = self.next().await.expect("the stream goes on");
            if event["kind"] == "alive" {
                continue;
            }
            let is_last = ends(&event);
            events.push(event);
            if is_last {
                return events;
            }
        }
    }

    async fn kinds_until(&mut self, kind: &str) -> Vec<String> {
        let events = self.until(|event| event["kind"] == kind).await;
        events.iter().map(|event| text(&event["kind"]).to_owned()).collect()
    }

    /// What arrives until the stream ends.
    async fn remaining(mut self) -> Vec<String> {
        let mut kinds = Vec::new();
        while let Some(event) = self.next().await {
            kinds.push(text(&event["kind"]).to_owned());
        }
        kinds
    }
}

/// Waits until everything that has happened so far was told.
async fn quiet(server: &TestServer) {
    server.settled().await;
    let support = server.sign_in(SUPPORT).await;
    let mut stream = Stream::of(server, &support).await;
    rename(server, server.world.property, "Juniper Flats").await;
    stream.kinds_until("property").await;
    drop(stream);
    server.eventually("it is gone", async || server.app.open_streams() == 0).await;
}

fn is(kind: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["kind"] == kind
}

/// Renames a property, of which everybody hears who may see it or lives there.
async fn rename(server: &TestServer, property: ids::PropertyId, name: &'static str) {
    server
        .write(move |tx| {
            tx.execute("UPDATE property SET name = ? WHERE id = ?", (name, property)).expect("renamed");
        })
        .await;
}

#[tokio::test]
async fn r25_r26_a_code_s_way_to_the_lock_is_told_step_by_step() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    server.settled().await;
    server.reach_lock(server.world.gate, false).await;
    let mut stream = Stream::of(&server, &manager).await;
    let guest = server.issued(&manager, &permanent(&[server.world.gate])).await;
    let waits = |event: &Value| event["kind"] == "placement" && event["status"] == "waiting";
    let before = stream.until(waits).await;
    assert!(before.iter().any(|event| event["kind"] == "guest_code" && event["code_id"] == guest["id"]));

    server.reach_lock(server.world.gate, true).await;
    let works = |event: &Value| event["kind"] == "placement" && event["status"] == "working";
    let after = stream.until(works).await;
    let back = after.iter().find(|event| event["kind"] == "lock").expect("the lock is back");
    assert_eq!((&back["online"], &back["door_id"]), (&json!(true), &json!(server.world.gate)));
    let placed = after.last().expect("an event");
    assert_eq!(placed["code_id"], guest["id"]);
    assert_eq!(placed["door_id"], json!(server.world.gate));
    assert_eq!(placed["property_id"], json!(server.world.property));
    assert_eq!(placed["evidence"], "read_back");
    assert_eq!(placed["since"], server.guest_code(&manager, &guest).await["placements"][0]["since"]);
    assert!(after.iter().any(is("audit")), "{after:?}");
}

#[tokio::test]
async fn r25_a_code_on_a_lock_that_is_not_ours_is_told_of() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    quiet(&server).await;
    let (gate, lock) = (server.world.gate, server.door_record(server.world.gate).await.lock_id);
    let mut stream = Stream::of(&server, &manager).await;
    let of_gate = |event: &Value| event["kind"] == "lock" && event["door_id"] == json!(gate);
    server.write(move |tx| unknown_codes::found(tx, lock, 7, NOON).expect("found")).await;
    stream.until(of_gate).await;
    server.write(move |tx| unknown_codes::gone(tx, lock, 7).expect("gone")).await;
    stream.until(of_gate).await;
}

#[tokio::test]
async fn r33_everybody_is_told_what_they_may_know_and_nothing_else() {
    let town = Town::start().await;
    let mut server = town.server;
    server.start_workers();
    server.settled().await;
    let (property, elsewhere) = (server.world.property, server.world.foreign_property);
    let manager = server.sign_in(MANAGER).await;
    let mut sessions = Vec::new();
    for email in [MANAGER, SUPPORT, ADMINISTRATOR, RESIDENT, FOREIGN_MANAGER] {
        sessions.push(server.sign_in(email).await);
    }
    quiet(&server).await;
    let mut streams = Vec::new();
    for session in &sessions {
        streams.push(Stream::of(&server, session).await);
    }
    // Issued by a manager for another door: none of the resident's business.
    let guest = server.issued(&manager, &permanent(&[server.world.gym])).await;
    server.settled().await;
    server.reach_lock(server.world.gym, false).await;
    server.reach_lock(server.world.gate, false).await;
    let doors = [server.world.gym, server.world.gate];
    for door in doors {
        server.eventually("it is offline", async || !server.door_record(door).await.lock_online).await;
    }
    rename(&server, elsewhere, "Somewhere else").await;
    rename(&server, property, "Juniper Court").await;
    let last =
        |of: ids::PropertyId| move |event: &Value| event["kind"] == "property" && event["property_id"] == json!(of);
    let [managers, supports, administrators, residents, foreign] = &mut streams[..] else { unreachable!() };

    for staff in [managers, supports] {
        let told = staff.until(last(property)).await;
        assert!(told.iter().any(|event| event["code_id"] == guest["id"] && event["kind"] == "placement"), "{told:?}");
        assert!(told.iter().any(is("audit")) && told.iter().any(is("lock")), "{told:?}");
    }
    let told = administrators.until(last(property)).await;
    assert!(told.iter().all(|event| ["lock", "property", "hub"].contains(&text(&event["kind"]))), "R34: {told:?}");
    assert_eq!(told.iter().filter(|event| is("lock")(event)).count(), 2);
    // On their way is the gate; the gym isn't a door of theirs.
    let told = residents.until(last(property)).await;
    let doors: Vec<_> = told.iter().map(|event| (text(&event["kind"]), event["door_id"].clone())).collect();
    assert_eq!(doors, [("lock", json!(server.world.gate)), ("property", Value::Null)]);
    let told = foreign.until(last(elsewhere)).await;
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test]
async fn a_stream_goes_on_where_it_broke_off_without_loss_or_repetition() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    quiet(&server).await;
    let mut parts = Vec::new();
    let mut last_id = server.app.events_at();
    let mut whole = Stream::open(manager.sign(server.get(&format!("/events?after={last_id}")))).await;
    for round in 0..5 {
        server.issued(&manager, &permanent(&[server.world.gate])).await;
        let request = manager.sign(server.get("/events?after=nonsense")).header("last-event-id", &last_id);
        let mut stream = Stream::open(request).await;
        // It breaks off somewhere in the middle.
        for _ in 0..=round {
            parts.push(stream.next().await.expect("an event"));
        }
        last_id = stream.last_id.clone();
    }
    server.settled().await;
    rename(&server, server.world.property, "Juniper Court").await;
    let mut stream = Stream::open(manager.sign(server.get(&format!("/events?after={last_id}")))).await;
    parts.extend(stream.until(is("property")).await);
    assert_eq!(parts, whole.until(is("property")).await);
    assert_eq!(stream.last_id, whole.last_id);
}

#[rstest]
#[case::begins_nowhere("")]
#[case::nonsense("?after=yesterday")]
#[case::of_another_run("?after=00000000-0")]
#[case::still_to_come("?after=future")]
#[tokio::test]
async fn whoever_may_have_missed_something_is_told_to_look_again(#[case] query: &str) {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    quiet(&server).await;
    let at = server.app.events_at();
    let query = query.replace("future", &at.replace('-', "-9"));
    let mut stream = Stream::open(manager.sign(server.get(&format!("/events{query}")))).await;
    assert_eq!(stream.next().await.expect("an event"), json!({"kind": "reset"}));
    rename(&server, server.world.property, "Juniper Court").await;
    assert_eq!(stream.kinds_until("property").await, ["property"]);
}

#[tokio::test]
async fn after_a_restart_everything_is_to_be_looked_at_again() {
    let mut server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let at = server.app.events_at();
    server.restart().await;
    let mut stream = Stream::open(manager.sign(server.get(&format!("/events?after={at}")))).await;
    assert_eq!(stream.next().await.expect("an event"), json!({"kind": "reset"}));
}

#[tokio::test]
async fn what_happens_after_something_was_read_comes_after_the_event_that_the_answer_names() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    quiet(&server).await;
    let answer = server.get("/properties").web(&manager).send().await;
    let stranger = server.get("/openapi.json").send().await;
    assert_eq!(stranger.header("events-at"), "", "nobody else learns how much happens");
    rename(&server, server.world.property, "Juniper Court").await;
    let after = answer.header("events-at").to_owned();
    let mut stream = Stream::open(manager.sign(server.get(&format!("/events?after={after}")))).await;
    assert_eq!(stream.kinds_until("property").await, ["property"]);
}

/// R24: at once, whatever the stream was opened with.
#[tokio::test]
async fn r24_r33_whoever_loses_a_property_is_told_nothing_more_of_it() {
    let server = TestServer::start_working().await;
    let (property, elsewhere) = (server.world.property, server.world.foreign_property);
    let person = server.world.manager;
    server.write(move |tx| people::add_manager(tx, person, elsewhere)).await.expect("a manager of both");
    let manager = server.sign_in(MANAGER).await;
    quiet(&server).await;
    let mut stream = Stream::of(&server, &manager).await;
    rename(&server, property, "Juniper Court").await;
    assert_eq!(stream.until(is("property")).await[0]["property_id"], json!(property));
    // Both in one commit: the change was made before the right was lost, and is told after it.
    server
        .write(move |tx| {
            tx.execute("UPDATE property SET name = 'Juniper Gardens' WHERE id = ?", [property]).expect("renamed");
            people::remove_manager(tx, person, property).expect("removed");
        })
        .await;
    rename(&server, elsewhere, "Somewhere else").await;
    let told = stream.until(is("property")).await;
    assert_eq!((told.len(), &told[0]["property_id"]), (1, &json!(elsewhere)), "{told:?}");
    server.write(move |tx| people::add_manager(tx, person, property)).await.expect("a manager again");
    rename(&server, property, "Juniper Flats").await;
    assert_eq!(stream.until(is("property")).await[0]["property_id"], json!(property));
}

/// How somebody's stream may end while it is open.
#[rstest]
#[case::signed_out(RESIDENT, |tx: &Tx, world: &World| end_all(tx, world.resident))]
#[case::moved_out(RESIDENT, |tx: &Tx, world: &World| {
    tx.execute("UPDATE tenancy SET ended_at = ? WHERE id = ?", (NOON, world.tenancy)).expect("moved out");
})]
#[case::disabled(MANAGER, |tx: &Tx, world: &World| people::set_disabled(tx, world.manager, Some(NOON)).expect("disabled"))]
#[case::manages_nothing_more(MANAGER, |tx: &Tx, world: &World| {
    people::remove_manager(tx, world.manager, world.property).expect("removed");
})]
#[case::support_no_more(SUPPORT, |tx: &Tx, world: &World| people::set_support(tx, world.support, false).expect("changed"))]
#[tokio::test]
async fn r24_a_stream_ends_with_its_session(#[case] email: &str, #[case] lose: fn(&Tx, &World)) {
    let server = TestServer::start_working().await;
    let session = server.sign_in(email).await;
    quiet(&server).await;
    let stream = Stream::of(&server, &session).await;
    let (property, world) = (server.world.property, server.world);
    server
        .write(move |tx| {
            tx.execute("UPDATE property SET name = 'Juniper Court' WHERE id = ?", [property]).expect("renamed");
            lose(tx, &world);
        })
        .await;
    assert_eq!(stream.remaining().await, ["session_ended"]);
    let again = server.get("/events").web(&session).send().await;
    assert_eq!(again.problem(), (401, "signed_out".into()));
    server.eventually("nothing is left of it", async || server.app.open_streams() == 0).await;
}

fn end_all(tx: &Tx, person: ids::PersonId) {
    sessions::end_all_of(tx, person).expect("ended");
}

#[tokio::test]
async fn a_session_that_expires_while_its_stream_is_open_is_over() {
    let server = TestServer::start_working().await;
    let (manager, support) = (server.sign_in(MANAGER).await, server.sign_in(SUPPORT).await);
    quiet(&server).await;
    let stream = Stream::of(&server, &manager).await;
    let mut other = Stream::of(&server, &support).await;
    // Being followed is no use of a session: only what somebody asks for is.
    server.advance(SignedDuration::from_mins(20));
    server.read(&support, "/properties").await;
    server.written().await;
    server.advance(SignedDuration::from_mins(11));
    rename(&server, server.world.property, "Juniper Court").await;
    // Codes may have been looked for in the meantime.
    let told = stream.remaining().await;
    assert_eq!(told.iter().filter(|kind| *kind != "placement").collect::<Vec<_>>(), ["session_ended"]);
    assert!(other.kinds_until("property").await.iter().all(|kind| kind != "session_ended"));
}

#[tokio::test]
async fn the_oldest_of_too_many_streams_of_a_session_makes_room() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    quiet(&server).await;
    let mut streams = Vec::new();
    for _ in 0..11 {
        streams.push(Stream::of(&server, &manager).await);
    }
    assert_eq!(streams.remove(0).remaining().await, ["superseded"]);
    rename(&server, server.world.property, "Juniper Court").await;
    for stream in &mut streams {
        assert_eq!(stream.kinds_until("property").await, ["property"]);
    }
    drop(streams);
    server.eventually("nothing is left of them", async || server.app.open_streams() == 0).await;
}

#[tokio::test]
async fn the_app_is_told_too_and_r5_nothing_of_a_code_is_in_it_but_ids() {
    let server = TestServer::start_working().await;
    server.switch_custom_codes(true).await;
    let (app, manager) = (server.mobile_sign_in(RESIDENT, APP).await, server.sign_in(MANAGER).await);
    quiet(&server).await;
    let mut streams = [Stream::of(&server, &app).await, Stream::of(&server, &manager).await];
    assert_eq!(server.pick(&app, "530917").await.status, 200);
    let guest = server.issued(&app, &permanent(&[server.world.door])).await;
    server.settled().await;
    let current = server.access(&app).await["code"].clone();
    server.reveal(&manager, &current, Some("locked out")).await;
    // R30: they see who looked.
    let mut kinds = vec![streams[0].kinds_until("reveal").await, Vec::new()];
    rename(&server, server.world.property, "Juniper Court").await;
    for (stream, kinds) in streams.iter_mut().zip(&mut kinds) {
        kinds.extend(stream.kinds_until("property").await);
        for digits in ["530917", text(&guest["code"])] {
            assert!(!mentions(&stream.all, digits), "R32: {}", stream.all);
        }
        for name in ["Juniper", text(&guest["guest_name"])] {
            assert!(!stream.all.contains(name), "names aren't told: {}", stream.all);
        }
    }
    assert!(kinds[0].iter().all(|kind| kind != "audit"), "{:?}", kinds[0]);
    assert!(kinds[1].iter().all(|kind| kind != "reveal"), "{:?}", kinds[1]);
}

/// Whoever doesn't take what is sent misses what is too long ago, and is told so. Nothing is kept for them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_is_told_to_look_again() {
    let mut server = TestServer::start_with(Settings { events_kept: 256, ..Settings::default() }).await;
    server.start_workers();
    let support = server.sign_in(SUPPORT).await;
    quiet(&server).await;
    let at = server.app.events_at();
    let address: std::net::SocketAddr = server.origin.trim_start_matches("http://").parse().expect("an address");
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
    socket.set_recv_buffer_size(4_096).expect("set");
    socket.connect(&address.into()).expect("connected");
    let mut slow = TcpStream::from(socket);
    let cookie = &support.0;
    let request =
        format!("GET /api/v1/events?after={at} HTTP/1.1\r\nhost: x\r\ncookie: __Host-latchkey={cookie}\r\n\r\n");
    slow.write_all(request.as_bytes()).expect("sent");
    server.eventually("it is open", async || server.app.open_streams() == 1).await;
    // More than is kept, and than the system holds for those who read slowly.
    let number = |place: &str| place.split_once('-').and_then(|(_, number)| number.parse().ok()).unwrap_or(0_u64);
    let end = number(&at) + 20_000;
    for _ in 0..5 {
        server.write(|tx| (0..4_000).for_each(|_| record(tx))).await;
    }
    server.eventually("all of it is told", async || number(&server.app.events_at()) >= end).await;
    let read = tokio::task::spawn_blocking(move || {
        let mut all = Vec::new();
        let mut part = [0; 65_536];
        loop {
            let count = slow.read(&mut part).expect("read");
            assert_ne!(count, 0, "it isn't cut off");
            let seen = all.len().saturating_sub(32);
            all.extend_from_slice(&part[..count]);
            if String::from_utf8_lossy(&all[seen..]).contains("\"reset\"") {
                break;
            }
        }
        all.len()
    });
    let read = tokio::time::timeout(LONG_ENOUGH, read).await.expect("in time").expect("read");
    assert!(read < 20_000 * 100, "it was sent {read} bytes");
}

fn record(tx: &Tx) {
    let subject = Subject { kind: SubjectKind::Property.into(), id: None, name: "Juniper Flats".into() };
    let event = NewEvent::done(system_actor(), system_channel(), Action::PropertyAdded, subject);
    tx.record(NOON, event).expect("recorded");
}

/// Too much at once to tell of each.
#[tokio::test]
async fn where_a_great_deal_changes_at_once_everybody_looks_again() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    quiet(&server).await;
    let mut stream = Stream::of(&server, &manager).await;
    server.write(|tx| (0..6_000).for_each(|_| record(tx))).await;
    assert_eq!(stream.kinds_until("reset").await, ["reset"]);
}

/// `latchkey user disable`, say, while the server runs.
#[tokio::test]
async fn what_another_program_changes_is_noticed() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    quiet(&server).await;
    let stream = Stream::of(&server, &manager).await;
    let other = server.another_program().await;
    let person = server.world.manager;
    let disabled = other.write(move |tx| {
        people::set_disabled(tx, person, Some(NOON))?;
        record(tx);
        Ok::<_, store::Error>(())
    });
    disabled.await.expect("disabled");
    assert_eq!(stream.remaining().await.last().map(String::as_str), Some("session_ended"));
    other.close().await;
}

#[tokio::test]
async fn a_stream_ends_when_the_server_stops() {
    let server = TestServer::start_with(Settings::default()).await;
    let manager = server.sign_in(MANAGER).await;
    let stream = Stream::of(&server, &manager).await;
    server.app.shut_down();
    assert_eq!(stream.remaining().await, [""; 0]);
    server.eventually("nothing is left of it", async || server.app.open_streams() == 0).await;
}

#[tokio::test]
async fn streams_of_clients_that_hang_up_are_gone() {
    let server = TestServer::start_working().await;
    let mut open = Vec::new();
    for email in [MANAGER, SUPPORT, RESIDENT] {
        let session = server.sign_in(email).await;
        for _ in 0..5 {
            open.push(Stream::of(&server, &session).await);
        }
    }
    assert_eq!(server.app.open_streams(), 15);
    drop(open);
    server.eventually("nothing is left of them", async || server.app.open_streams() == 0).await;
}
