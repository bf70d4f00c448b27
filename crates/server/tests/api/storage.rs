//! Records that can't be written: expired codes are taken off all the same, nothing else is done, and once they can be
//! written everything resumes by itself (R24, R31).

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use hub::OperationKind;
use ids::PlacementId;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use store::properties;
use store::tenancies::{self, Dates};
use uuid::Uuid;

use crate::fixtures::{APP, permanent, status, temporary, text};
use crate::fixtures_matrix::{everything, keyed};
use crate::harness::{MANAGER, NOON, PASSWORD, RESIDENT, Request, SUPPORT, TestServer, WebSession, logged};

const MINUTE: i64 = 60 * 1000;

/// How often this server has logged something. Other servers share the log, but don't mention this hub.
fn said(server: &TestServer, what: &str) -> usize {
    let hub = server.world.hub.to_string();
    logged().lines().filter(|line| line.contains(what) && line.contains(&hub)).count()
}

/// How many events of that action are recorded about that code or resident.
pub(crate) async fn recorded_of(server: &TestServer, action: &str, subject: &Value) -> usize {
    let events = server.recorded_as(action).await;
    events.iter().filter(|event| json!(event.subject.id) == *subject).count()
}

/// Checks for `503 storage_unavailable`, with nothing done.
async fn is_unavailable(request: Request, what: &str) {
    let answer = request.send().await;
    assert_eq!(answer.problem(), (503, "storage_unavailable".into()), "{what}");
    assert_eq!((answer.header("retry-after"), answer.header("set-cookie")), ("1", ""), "{what}");
}

#[tokio::test]
async fn r24_r31_expired_codes_are_taken_off_even_if_nothing_can_be_recorded_and_recorded_later() {
    let server = TestServer::start_working().await;
    let (door, gate, gym) = (server.world.door, server.world.gate, server.world.gym);
    let unit = server.add_unit("102").await;
    let leaving = server.add_resident("leaving@example.com", unit.id, "102").await;
    let (manager, resident) = (server.sign_in(MANAGER).await, server.resident().await);
    let leaver = server.mobile_sign_in("leaving@example.com", APP).await;
    let own_code = server.access(&leaver).await["code"].clone();
    let own_digits = server.digits(&leaver, &own_code).await;

    // Nothing is sent to locks before its window.
    let property_id = server.world.property;
    server.write(move |tx| properties::set_guest_code_lead(tx, property_id, 0).expect("changed")).await;
    // At 18:20 a guest's time is over, a window closes, and a resident's last day ends along with their guest's code.
    // At 18:10 a window opens.
    let ends = server.issued(&resident, &temporary(&[door], "2026-06-15T18:00:00Z", "2026-06-15T18:20:00Z")).await;
    let recurrence = json!({"weekdays": ["mon"], "from": "11:00", "to": "12:20", "first_day": "2026-06-15",
        "last_day": "2026-06-29"});
    let closes = json!({"kind": "recurring", "door_ids": [gym], "guest_name": "Cleaner", "recurrence": recurrence});
    let closes = server.issued(&manager, &closes).await;
    let opens = server.issued(&manager, &temporary(&[gym], "2026-06-15T18:10:00Z", "2026-06-15T19:00:00Z")).await;
    let stays = server.issued(&manager, &permanent(&[gym])).await;
    let parcel = json!({"kind": "delivery", "door_ids": [gate], "guest_name": "Parcel"});
    let parcel = server.issued(&manager, &parcel).await;
    let visits = server.issued(&leaver, &permanent(&[unit.door])).await;
    server
        .write(move |tx| {
            let (starts_at, ends_at) = (NOON - 1_000, Some(NOON + 20 * MINUTE));
            let dates = Dates { move_in: "2026-01-01", move_out: Some("2026-06-15"), starts_at, ends_at };
            tenancies::set_dates(tx, leaving, dates).expect("changed");
        })
        .await;
    server.settled().await;
    let going = [(door, &ends), (gym, &closes), (gate, &parcel), (unit.door, &visits)];
    for (door, code) in going {
        assert!(server.holds(door, text(&code["code"])).await);
    }
    assert!(server.holds(unit.door, &own_digits).await);

    // When locks are asked what they hold is on no record, and noted where there is room for it.
    server.write(|tx| drop(tx.execute("UPDATE placement SET check_at = NULL", []))).await;
    server.fill_the_disk(true).await;
    let before = everything(server.app.store()).await;
    server.advance(SignedDuration::from_mins(20));
    assert!(server.open(gate, text(&parcel["code"])).await);
    server
        .eventually("what is over is off its lock", async || {
            for (door, code) in going {
                if server.holds(door, text(&code["code"])).await {
                    return false;
                }
            }
            !server.holds(unit.door, &own_digits).await
        })
        .await;

    // Whoever asks for a change is told that it can't be made, and whoever reads sees the records.
    let property = format!("/properties/{}", server.world.property);
    let etag = server.get(&property).web(&manager).send().await.header("etag").to_owned();
    let own = server.access(&resident).await["code"].clone();
    let edit = server.request(Method::PATCH, &property).web(&manager).header("if-match", &etag);
    let reveal = |code: &Value| server.post(&format!("/codes/{}/reveal", text(&code["id"])));
    let move_out = format!("{property}/residents/{}/move-out", server.world.tenancy);
    let sign_in = json!({"email": RESIDENT, "password": PASSWORD, "platform": "ios", "app_version": APP});
    is_unavailable(keyed(server.post("/guest-codes")).web(&manager).json(&permanent(&[gym])), "issuing").await;
    is_unavailable(keyed(server.post("/guest-codes")).mobile(&resident).json(&permanent(&[door])), "issuing").await;
    let revoke = format!("/guest-codes/{}/revoke", text(&stays["id"]));
    is_unavailable(keyed(server.post(&revoke)).web(&manager), "revoking").await;
    is_unavailable(reveal(&own).mobile(&resident).json(&json!({})), "looking").await;
    is_unavailable(reveal(&own).web(&manager).json(&json!({"reason": "Locked out"})), "looking").await;
    let random = json!({"mode": "random", "length": 6});
    is_unavailable(keyed(server.put("/me/code")).mobile(&resident).json(&random), "another code").await;
    is_unavailable(edit.json(&json!({"custom_codes_enabled": true})), "switching").await;
    is_unavailable(keyed(server.post(&move_out)).web(&manager), "moving out").await;
    is_unavailable(server.signing_in(MANAGER, PASSWORD), "signing in").await;
    is_unavailable(server.post("/mobile/token").json(&sign_in), "signing in").await;
    is_unavailable(server.delete("/session").web(&manager), "signing out").await;
    assert_eq!(server.guest_code(&manager, &stays).await["state"], "live");
    assert_eq!(everything(server.app.store()).await, before, "nothing is on record");
    let held = [server.held(door).await, server.held(gate).await, server.held(gym).await, server.held(unit.door).await];
    assert_eq!(held, [1, 0, 1, 0], "and nothing else was done");

    server.fill_the_disk(false).await;
    server
        .eventually("the use is on record", async || server.guest_code(&manager, &parcel).await["state"] == "used")
        .await;
    server.settled().await;
    for (door, code, state) in
        [(door, &ends, "expired"), (gym, &closes, "live"), (gate, &parcel, "used"), (unit.door, &visits, "revoked")]
    {
        let path = format!("/guest-codes/{}", text(&code["id"]));
        let now = if door == server.world.door {
            server.read(&resident, &path).await
        } else {
            server.read(&manager, &path).await
        };
        assert_eq!((text(&now["state"]), status(&now, door)), (state, "removed"));
        assert_eq!(recorded_of(&server, "placement.removed", &code["id"]).await, 1);
    }
    let opened = server.guest_code(&manager, &opens).await;
    assert_eq!((text(&opened["state"]), status(&opened, gym)), ("live", "working"));
    for (action, subject) in [
        ("guest_code.expired", &ends["id"]),
        ("guest_code.window_closed", &closes["id"]),
        ("guest_code.window_opened", &opens["id"]),
        ("guest_code.used", &parcel["id"]),
        ("resident.moved_out", &json!(leaving)),
        ("placement.removed", &own_code["id"]),
    ] {
        assert_eq!(recorded_of(&server, action, subject).await, 1, "{action}");
    }
    assert_eq!((server.held(gym).await, server.held(unit.door).await), (2, 0));
    let support = server.sign_in(SUPPORT).await;
    assert_eq!(server.read(&support, "/audit/verify").await["intact"], true);
}

#[tokio::test]
async fn r24_r31_expired_codes_leave_a_lock_that_comes_back_while_nothing_can_be_recorded() {
    let server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    let ends = server.issued(&resident, &temporary(&[door], "2026-06-15T18:00:00Z", "2026-06-15T18:20:00Z")).await;
    server.settled().await;
    server.reach_lock(door, false).await;
    server.fill_the_disk(true).await;
    server.advance(SignedDuration::from_mins(20));
    let tries = || said_of(&server, "a code that is over is still on its lock");
    let before = tries().await;
    server.eventually("it was tried", async || tries().await > before).await;
    assert!(server.holds(door, text(&ends["code"])).await);

    server.simulator().set_lock_online(server.lock(door).await, true);
    server.eventually("it is off the lock", async || !server.holds(door, text(&ends["code"])).await).await;
    server.fill_the_disk(false).await;
    server.eventually("the lock is online", async || server.door_record(door).await.lock_online).await;
    server.settled().await;
    assert_eq!(status(&server.guest_code(&resident, &ends).await, door), "removed");
    assert_eq!(recorded_of(&server, "placement.removed", &ends["id"]).await, 1);
}

/// How often something was logged of this server's placements.
async fn said_of(server: &TestServer, what: &str) -> usize {
    let ids: Vec<PlacementId> = server
        .query(|db| {
            let mut ids = db.prepare("SELECT id FROM placement").expect("a query");
            let ids = ids.query_map([], |row| row.get(0)).expect("rows");
            ids.collect::<Result<_, _>>().expect("ids")
        })
        .await;
    let ids: Vec<String> = ids.iter().map(PlacementId::to_string).collect();
    logged().lines().filter(|line| line.contains(what) && ids.iter().any(|id| line.contains(id))).count()
}

#[tokio::test]
async fn r24_r31_a_removal_that_can_not_be_recorded_is_done_once_and_recorded_later() {
    let mut server = TestServer::start_working().await;
    let resident = server.resident().await;
    let door = server.world.door;
    let issued = server.issued(&resident, &permanent(&[door])).await;
    server.settled().await;
    server.stop_workers().await;
    assert_eq!(status(&server.revoke(&resident, &issued).await.json(), door), "being_removed");
    server.fill_the_disk(true).await;
    server.start_workers();
    let failed = || said(&server, "what came of a deed at a lock can't be stored yet");
    server.eventually("it failed more than once", async || failed() > 1).await;
    assert!(!server.holds(door, text(&issued["code"])).await);
    // Until that is recorded nobody is told so.
    assert_eq!(status(&server.guest_code(&resident, &issued).await, door), "being_removed");

    server.fill_the_disk(false).await;
    server.settled().await;
    assert_eq!(status(&server.guest_code(&resident, &issued).await, door), "removed");
    assert_eq!(recorded_of(&server, "placement.removed", &issued["id"]).await, 1);
    let lock = server.lock(door).await;
    let removals = server.simulator().operations().into_iter();
    let removals = removals.filter(|done| done.lock == lock && done.kind == OperationKind::Remove);
    assert_eq!(removals.count(), 1);
}

/// Makes the commit after the next one fail, on every attempt of that connection.
async fn break_a_commit(server: &TestServer) {
    server
        .write(|tx| {
            let commits = AtomicUsize::new(0);
            tx.commit_hook(Some(move || commits.fetch_add(1, Ordering::Relaxed) > 0)).expect("a hook");
        })
        .await;
}

/// How many guest codes there are.
async fn issued(server: &TestServer, manager: &WebSession) -> usize {
    server.read(manager, "/guest-codes?limit=200").await["items"].as_array().expect("items").len()
}

#[tokio::test]
async fn r31_a_failed_commit_is_answered_with_503_and_the_same_request_succeeds_later_without_a_restart() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let gym = server.world.gym;
    let key = Uuid::now_v7().to_string();
    let request = || server.post("/guest-codes").header("idempotency-key", &key).web(&manager).json(&permanent(&[gym]));
    for _ in 0..3 {
        break_a_commit(&server).await;
        is_unavailable(request(), "issuing").await;
        assert_eq!(issued(&server, &manager).await, 0);
    }
    let answer = request().send().await;
    assert_eq!((answer.status, answer.header("idempotency-replayed")), (201, ""), "{}", answer.text);
    let digits = text(&answer.json()["code"]).to_owned();
    server.settled().await;
    assert!(server.holds(gym, &digits).await);
    let again = request().send().await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    assert_eq!((issued(&server, &manager).await, server.held(gym).await), (1, 1));
    assert_eq!(server.recorded_as("guest_code.issued").await.len(), 1);
    assert_eq!(server.get("//readyz").send().await.status, 200);
}

#[tokio::test]
async fn r31_a_full_disk_undoes_what_is_answered_with_503_and_later_requests_succeed_without_a_restart() {
    // Nobody else is writing who might be the one to find no room.
    let server = TestServer::start().await;
    let manager = server.sign_in(MANAGER).await;
    let gym = server.world.gym;
    for round in 1..=3 {
        // This connection may not let the file grow any more.
        server
            .write(|tx| {
                let pages: i64 = tx.query_row("PRAGMA page_count", [], |row| row.get(0)).expect("a number");
                tx.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).expect("set");
            })
            .await;
        let before = issued(&server, &manager).await;
        let mut done = 0;
        let refused = loop {
            let answer = server.issue(&manager, &permanent(&[gym])).await;
            if answer.status != 201 {
                break answer;
            }
            done += 1;
            assert!(done < 100, "there is room for everything");
        };
        assert_eq!(refused.problem(), (503, "storage_unavailable".into()));
        assert_eq!(issued(&server, &manager).await, before + done);
        assert_eq!(server.issue(&manager, &permanent(&[gym])).await.status, 201, "round {round}");
        assert_eq!(issued(&server, &manager).await, before + done + 1);
    }
    assert_eq!(server.recorded_as("guest_code.issued").await.len(), issued(&server, &manager).await);
    let support = server.sign_in(SUPPORT).await;
    assert_eq!(server.read(&support, "/audit/verify").await["intact"], true);
    assert_eq!(server.get("//readyz").send().await.status, 200);
}

#[tokio::test]
async fn while_the_database_can_not_be_written_to_readiness_says_so_and_reading_goes_on() {
    let server = TestServer::start_working().await;
    let manager = server.sign_in(MANAGER).await;
    let gym = server.world.gym;
    let ready = async || {
        let answer = server.get_as_operator("/readyz?detail").send().await;
        (answer.status, answer.json()["database"]["writable"].clone())
    };
    assert_eq!(ready().await, (200, json!(true)));
    // The file has been moved: whoever has it open can still read it, but nobody can open it.
    let path = server.app.store().path().to_owned();
    let away = path.with_extension("away");
    break_a_commit(&server).await;
    fs::rename(&path, &away).expect("moved");
    fs::create_dir(&path).expect("a folder in its place");
    for _ in 0..3 {
        let answer = server.issue(&manager, &permanent(&[gym])).await;
        assert_eq!(answer.problem(), (503, "storage_unavailable".into()));
        assert_eq!(ready().await, (503, json!(false)));
        assert_eq!(issued(&server, &manager).await, 0);
    }

    fs::remove_dir(&path).expect("removed");
    fs::rename(&away, &path).expect("moved back");
    // Nobody asks for anything to be written.
    server.eventually("it is ready again", async || ready().await.0 == 200).await;
    let code = server.issued(&manager, &permanent(&[gym])).await;
    server.settled().await;
    assert_eq!(status(&server.guest_code(&manager, &code).await, gym), "working");
    assert_eq!(issued(&server, &manager).await, 1);
}

/// A new one would be empty, and what was recorded in it would be lost once the other is back.
#[tokio::test]
async fn a_missing_database_is_not_replaced_by_a_new_one() {
    let server = TestServer::start().await;
    let path = server.app.store().path().to_owned();
    let away = path.with_extension("away");
    break_a_commit(&server).await;
    fs::rename(&path, &away).expect("moved");
    for _ in 0..3 {
        server.app.store().write_unrecorded(|_| Ok::<_, store::Error>(())).await.expect_err("it is gone");
        assert_eq!(server.get("//readyz").send().await.status, 503);
        assert!(!path.exists());
    }
    fs::rename(&away, &path).expect("moved back");
    server.eventually("it is ready again", async || server.get("//readyz").send().await.status == 200).await;
    let manager = server.sign_in(MANAGER).await;
    assert_eq!(server.issue(&manager, &permanent(&[server.world.gym])).await.status, 201);
}
