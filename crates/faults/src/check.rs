//! What must hold after every fault (`trust.md`).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::time::{Duration, Instant};

use access_code::Code;
use anyhow::{Context, Result, bail, ensure};
use ids::{CodeId, DoorId, GuestCodeId, LockId, TenancyId};
use rusqlite::params;
use store::{Db, Millis, Store, Vault, codes};

use crate::client::{Client, Credential};
use crate::deeds::{Guest, LEAD, Ledger};
use crate::locks::Locks;
use crate::world::{self, World};

/// How often a condition is polled.
const POLL: Duration = Duration::from_millis(15);

/// How long a check is repeated if something happened during it, such as the end of a window.
const MAX_CHECK_TIME: Duration = Duration::from_secs(20);

/// How many problems are reported.
const MAX_REPORTED: usize = 12;

/// How many guest codes that changed since they were last checked each check reads over the API.
const MAX_CHANGED_CODES: usize = 100;
/// And how many of the others.
const MAX_OTHER_CODES: usize = 10;

/// What to check.
pub(crate) struct Scene<'a> {
    pub(crate) data: &'a Path,
    pub(crate) world: &'a World,
    pub(crate) locks: &'a Locks,
    pub(crate) ledger: &'a Ledger,
    pub(crate) client: &'a Client,
    pub(crate) manager: &'a Credential,
    /// How far the server's clock is ahead of this machine's.
    pub(crate) ahead: Millis,
}

/// How many of these keys were acted on, according to the records; and how many placements have been due for more than
/// `longer` without being handled although their lock is online.
pub(crate) async fn committed(data: &Path, keys: &[&str], longer: Millis) -> Result<(usize, i64)> {
    let store = world::open(data, false).await.context("opening the records beside the server")?;
    let (keys, now) = (keys.iter().map(|key| (*key).to_owned()).collect::<HashSet<_>>(), crate::deeds::now());
    let read = store.read(move |db| {
        let kept: HashMap<String, ()> = map(db, "SELECT key, 1 FROM idempotency", |row| Ok((row.get(0)?, ())))?;
        let sql = "SELECT count(*) FROM placement JOIN lock ON lock.id = lock_id JOIN hub ON hub.id = placement.hub_id \
                   WHERE next_attempt_at <= ?1 AND lock.online AND hub.online";
        let left: i64 = db.query_row(sql, [now - longer], |row| row.get(0)).map_err(anyhow::Error::from)?;
        Ok::<_, Failed>((kept.keys().filter(|key| keys.contains(*key)).count(), left))
    });
    let read = read.await.map_err(|failed| failed.0);
    store.close().await;
    read
}

/// Waits until something holds. Returns how long that took.
pub(crate) async fn until(
    what: &str,
    within: Duration,
    mut holds: impl AsyncFnMut() -> Result<bool>,
) -> Result<Duration> {
    let began = Instant::now();
    loop {
        if holds().await? {
            return Ok(began.elapsed());
        }
        ensure!(began.elapsed() < within, "within {within:?} it did not come to be that {what}");
        tokio::time::sleep(POLL).await;
    }
}

impl Scene<'_> {
    fn now(&self) -> Millis {
        crate::deeds::now() + self.ahead
    }

    /// Waits until nothing is due any more, then checks everything that must hold. Returns how long it took to settle
    /// and what was checked.
    pub(crate) async fn check(&self, quiet_within: Duration) -> Result<String> {
        let store = world::open(self.data, false).await.context("opening the records beside the server")?;
        let found = self.check_in(&store, quiet_within).await;
        store.close().await;
        found
    }

    /// Like [`Scene::check`], for when some requests weren't answered: checks only the records and the locks.
    pub(crate) async fn check_locks(&self, quiet_within: Duration) -> Result<Duration> {
        let store = world::open(self.data, false).await.context("opening the records beside the server")?;
        let found = async {
            let quiet = self.quiet(&store, quiet_within).await?;
            let snapshot = Snapshot::take(&store).await?;
            let mut problems = snapshot.problems.clone();
            problems.extend(self.compare_with_locks(&snapshot));
            ensure!(problems.is_empty(), "{}", summary(&problems));
            Ok(quiet)
        };
        let found = found.await;
        store.close().await;
        found
    }

    /// Waits until there is nothing left to do at any lock.
    pub(crate) async fn settle(&self, within: Duration) -> Result<()> {
        let store = world::open(self.data, false).await.context("opening the records beside the server")?;
        let quiet = self.quiet(&store, within).await;
        store.close().await;
        quiet.map(|_| ())
    }

    async fn check_in(&self, store: &Store, quiet_within: Duration) -> Result<String> {
        let mut quiet = Duration::ZERO;
        let looking = Instant::now();
        while looking.elapsed() < quiet_within + MAX_CHECK_TIME {
            quiet += self.quiet(store, quiet_within).await?;
            let began = self.now();
            let before = Snapshot::take(store).await?;
            let mut problems = before.problems.clone();
            problems.extend(self.compare_with_locks(&before));
            problems.extend(self.compare_with_ledger(&before, began));
            problems.extend(self.look_over_the_api(began).await?);
            // A window opened or closed in the meantime, or something else happened, so what was seen mixes two states.
            let changed = |guest: &Guest| {
                let sent_at = guest.new.starts_at.map(|start| start - LEAD);
                let edges = [sent_at, guest.new.starts_at, guest.new.ends_at];
                edges.into_iter().flatten().any(|edge| began <= edge && edge <= self.now())
            };
            let changed = self.ledger.records().guests.iter().any(changed);
            if changed || Snapshot::events(store).await? != before.events {
                continue;
            }
            ensure!(problems.is_empty(), "{}", summary(&problems));
            return Ok(format!(
                "quiet after {:.1} s; {} events, {} guest codes, {} placements and the locks agree",
                quiet.as_secs_f64(),
                before.events,
                self.ledger.records().guests.len(),
                before.placed.len()
            ));
        }
        bail!("it never became quiet for long enough to be looked at")
    }

    /// Waits until there is nothing left to do at any lock, and nothing else is due.
    async fn quiet(&self, store: &Store, within: Duration) -> Result<Duration> {
        let waited = until("nothing is due any more", within, async || {
            let now = self.now();
            Ok(store.read(move |db| due(db, now)).await? == 0)
        });
        match waited.await {
            Ok(waited) => Ok(waited),
            Err(error) => {
                let now = self.now();
                let hangs = store.read(move |db| what_is_stuck(db, now)).await?;
                Err(error.context(format!("what hangs: {}", summary(&hangs))))
            }
        }
    }

    /// Checks that the slots match what is wanted, and that nothing is on a lock that shouldn't be.
    fn compare_with_locks(&self, snapshot: &Snapshot) -> Vec<String> {
        let mut problems = Vec::new();
        for (number, door) in self.world.doors.iter().enumerate() {
            let mut held = self.locks.held(door.lock);
            let here = || snapshot.placed.iter().filter(|placed| placed.lock == door.lock);
            for placed in here() {
                let Some(slot) = placed.slot else { continue };
                let right = held.remove(&slot).is_some_and(|code| code == placed.code);
                if !right && placed.state == "on_lock" {
                    problems.push(format!("door {number} slot {slot}: not the code that is on record ({placed})"));
                } else if !placed.wanted {
                    problems.push(format!("door {number} slot {slot}: still held for {placed}"));
                }
            }
            for slot in held.keys() {
                problems.push(format!("door {number} slot {slot}: a code that nobody knows of"));
            }
            let used = here().filter(|placed| placed.slot.is_some()).count();
            for placed in here().filter(|placed| placed.wanted && placed.state != "on_lock") {
                let guest = snapshot.guests.keys().any(|id| id.code() == placed.of);
                let kept = if guest { MOST_KEPT } else { 0 };
                let full = used + kept >= usize::from(self.locks.slots(door.lock));
                if !(full && placed.reason.as_deref() == Some("slots_full")) {
                    problems.push(format!("door {number}: should open and doesn't: {placed}"));
                }
            }
        }
        problems
    }

    /// Checks what people were told: each acknowledged write is there, and the keypads agree.
    fn compare_with_ledger(&self, snapshot: &Snapshot, now: Millis) -> Vec<String> {
        let mut problems = Vec::new();
        let mut wrong = |problem: String| problems.push(problem);
        let records = self.ledger.records();
        let counts = [
            ("guest codes", records.guests.len() as u64, snapshot.guests.len() as u64),
            ("guest_code.revoked of people", records.revoked, snapshot.revoked_by_people),
            ("changes of one's code", records.picked, snapshot.picked_by_people),
            ("roster.imported", records.imported, snapshot.imported),
            ("roster.undone", records.undone, snapshot.undone),
            ("building.added", records.built, snapshot.built),
            ("door.retired", records.retired.len() as u64, snapshot.retired),
            ("resident.moved_out", records.moved_out.len() as u64, snapshot.moved_out),
        ];
        for (what, acknowledged, found) in counts {
            if acknowledged != found {
                wrong(format!("{what}: {acknowledged} acknowledged, {found} on record"));
            }
        }
        for key in records.keys.iter().filter(|key| !snapshot.keys.contains_key(*key)) {
            wrong(format!("the answer under the key {key} isn't kept"));
        }
        for guest in &records.guests {
            match snapshot.guests.get(&guest.id) {
                Some((name, state)) => {
                    if *name != guest.new.name || !guest.may_be(state, now) {
                        wrong(format!("{} is {state}, though {:?}", guest.id, guest.end));
                    }
                }
                None => wrong(format!("{} was issued and isn't there", guest.id)),
            }
            if snapshot.keys.get(&guest.key) != Some(&Some(guest.id.code())) {
                wrong(format!("{} isn't what is kept under its key", guest.id));
            }
            for door in &guest.new.doors {
                problem_at_keypad(self, snapshot, guest, *door, now).map(&mut wrong);
            }
        }
        for (tenancy, code) in &records.picks {
            if snapshot.current.get(tenancy) != Some(code) {
                wrong(format!("the code {code} was acknowledged for {tenancy} and isn't theirs"));
            }
        }
        for (email, times) in &records.moved_in {
            let found = snapshot.moved_in.get(email).copied().unwrap_or_default();
            if found != *times {
                wrong(format!("{email} moved in {times} times and has {found} tenancies"));
            }
        }
        problems
    }

    /// Checks that acknowledged writes can be read over the API, for some of them. [`Scene::compare_with_ledger`]
    /// checks them all.
    async fn look_over_the_api(&self, now: Millis) -> Result<Vec<String>> {
        let looked_at: Vec<Guest> = {
            let records = self.ledger.records();
            let step = (records.guests.len() / MAX_OTHER_CODES).max(1);
            let again = records.guests.iter().step_by(step).filter(|guest| guest.seen);
            let changed = records.guests.iter().rev().filter(|guest| !guest.seen).take(MAX_CHANGED_CODES);
            again.chain(changed).cloned().collect()
        };
        let mut problems = Vec::new();
        for guest in &looked_at {
            let answer = self.client.get(self.manager, &format!("/guest-codes/{}", guest.id)).await?;
            let state = answer.body["state"].as_str().unwrap_or_default();
            if answer.status != 200 || !guest.may_be(state, now) {
                problems.push(format!("reading {} answers {} {state}{}", guest.id, answer.status, answer.code()));
            }
        }
        let mut records = self.ledger.records();
        let ids: HashSet<GuestCodeId> = looked_at.iter().map(|guest| guest.id).collect();
        records.guests.iter_mut().filter(|guest| ids.contains(&guest.id)).for_each(|guest| guest.seen = true);
        Ok(problems)
    }
}

/// Checks that every code that should open the door does, and that no other does.
fn problem_at_keypad(
    scene: &Scene<'_>,
    snapshot: &Snapshot,
    guest: &Guest,
    door: usize,
    now: Millis,
) -> Option<String> {
    let lock = scene.world.doors[door].lock;
    let should = guest.is_open(now);
    // Trying a delivery code uses it up.
    let opens =
        if guest.new.delivery { scene.locks.holds(lock, &guest.code) } else { scene.locks.opens(lock, &guest.code) };
    let here = || snapshot.placed.iter().filter(|placed| placed.lock == lock);
    if opens && !should {
        // Its digits may belong to somebody else by now.
        let others = here().any(|placed| placed.of != guest.id.code() && placed.wanted && placed.code == guest.code);
        return (!others).then(|| format!("door {door}: {} is over and opens it", guest.id));
    }
    if !opens && should {
        let no_room =
            here().any(|placed| placed.of == guest.id.code() && placed.reason.as_deref() == Some("slots_full"));
        return (!no_room).then(|| format!("door {door}: {} doesn't open it", guest.id));
    }
    None
}

/// How many slots guests' codes leave to the residents of a unit at most, where one lives in each.
const MOST_KEPT: usize = 2;

/// A list of problems for the report, shortened if there are very many.
fn summary(problems: &[String]) -> String {
    let mut text = problems.iter().take(MAX_REPORTED).cloned().collect::<Vec<_>>().join("\n");
    if problems.len() > MAX_REPORTED {
        text.push_str(&format!("\nand {} more", problems.len() - MAX_REPORTED));
    }
    text
}

/// A placement of interest, with its digits. No `Debug`.
struct Placed {
    of: CodeId,
    lock: LockId,
    slot: Option<u16>,
    wanted: bool,
    state: String,
    reason: Option<String>,
    code: Code,
}

impl std::fmt::Display for Placed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let reason = self.reason.as_deref().unwrap_or("no reason");
        write!(f, "{}, wanted: {}, {}, {reason}", self.of, self.wanted, self.state)
    }
}

/// The records in one state.
struct Snapshot {
    events: u64,
    problems: Vec<String>,
    placed: Vec<Placed>,
    /// Name and state by id.
    guests: HashMap<GuestCodeId, (String, String)>,
    /// Code by key.
    keys: HashMap<String, Option<CodeId>>,
    /// Current code by tenancy.
    current: HashMap<TenancyId, CodeId>,
    /// Tenancies by address.
    moved_in: BTreeMap<String, u32>,
    revoked_by_people: u64,
    picked_by_people: u64,
    imported: u64,
    moved_out: u64,
    retired: u64,
    undone: u64,
    built: u64,
}

impl Snapshot {
    async fn take(store: &Store) -> Result<Self> {
        let vault = store.vault().clone();
        store.read::<_, Failed>(move |db| Ok(Self::read(db, &vault)?)).await.map_err(|failed| failed.0)
    }

    async fn events(store: &Store) -> Result<u64> {
        Ok(store.read(store::audit::count).await?)
    }

    fn read(db: &Db, vault: &Vault) -> Result<Self> {
        let done = |actions: &str| -> Result<u64> {
            let sql = format!(
                "SELECT count(*) FROM audit WHERE action IN ({actions}) AND outcome = 'done' AND actor_id IS NOT NULL"
            );
            Ok(u64::try_from(db.query_row(&sql, [], |row| row.get::<_, i64>(0))?)?)
        };
        Ok(Self {
            events: store::audit::count(db)?,
            problems: problems(db)?,
            placed: placed(db, vault)?,
            guests: map(db, "SELECT id, guest_name, state FROM guest_code", |row| {
                Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))
            })?,
            keys: map(db, "SELECT key, code_id FROM idempotency", |row| Ok((row.get(0)?, row.get(1)?)))?,
            current: map(
                db,
                "SELECT id, code_id FROM tenancy WHERE ended_at IS NULL AND code_id IS NOT NULL",
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?,
            moved_in: map(
                db,
                "SELECT email, count(*) FROM person JOIN tenancy ON tenancy.person_id = person.id GROUP BY email",
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?,
            revoked_by_people: done("'guest_code.revoked'")?,
            picked_by_people: done("'code.random.issued', 'code.custom.set', 'code.custom.kept'")?,
            imported: done("'roster.imported'")?,
            moved_out: done("'resident.moved_out'")?,
            retired: done("'door.retired'")?,
            undone: done("'roster.undone'")?,
            built: done("'building.added'")?,
        })
    }
}

/// Lets errors other than the store's own pass through [`Store::read`].
struct Failed(anyhow::Error);

impl From<store::Error> for Failed {
    fn from(error: store::Error) -> Self {
        Self(error.into())
    }
}

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Self {
        Self(error)
    }
}

fn map<K: std::hash::Hash + Eq + Ord, V, M: FromIterator<(K, V)>>(
    db: &Db,
    sql: &str,
    read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<(K, V)>,
) -> Result<M> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| read(row))?;
    Ok(rows.collect::<rusqlite::Result<M>>()?)
}

/// Every placement that is wanted or may be on its lock.
fn placed(db: &Db, vault: &Vault) -> Result<Vec<Placed>> {
    let sql = "SELECT code_id, lock_id, slot, wanted, state, reason FROM placement WHERE wanted OR slot IS NOT NULL";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut placed = Vec::new();
    while let Some(row) = rows.next()? {
        let of: CodeId = row.get(0)?;
        let record = codes::get(db, of)?.context("a placement of no code")?;
        placed.push(Placed {
            of,
            lock: row.get(1)?,
            slot: row.get(2)?,
            wanted: row.get(3)?,
            state: row.get(4)?,
            reason: row.get(5)?,
            code: codes::open(vault, db, &record)?,
        });
    }
    Ok(placed)
}

/// How much is due at `now`, or will be retried later.
fn due(db: &Db, now: Millis) -> store::Result<i64> {
    let sql = "SELECT (SELECT count(*) FROM placement WHERE next_attempt_at IS NOT NULL) \
               + (SELECT count(*) FROM guest_code WHERE next_change_at <= ?1) \
               + (SELECT count(*) FROM guest_code JOIN property ON property.id = property_id WHERE CASE window_state \
                  WHEN 'closed' THEN next_change_at <= ?1 + guest_code_lead_minutes * 60000 \
                  WHEN 'soon' THEN next_change_at > ?1 + guest_code_lead_minutes * 60000 END) \
               + (SELECT count(*) FROM tenancy WHERE ended_at IS NULL AND code_id IS NULL AND starts_at <= ?1) \
               + (SELECT count(*) FROM tenancy WHERE ended_at IS NULL AND ends_at <= ?1)";
    Ok(db.query_row(sql, [now], |row| row.get(0))?)
}

/// What [`due`] counts, in words.
fn what_is_stuck(db: &Db, now: Millis) -> store::Result<Vec<String>> {
    let sql = "SELECT code_id, door_id, wanted, state, coalesce(reason, 'no reason'), attempts, slot, \
               next_attempt_at - ?1, lock.online AND hub.online FROM placement JOIN lock ON lock.id = lock_id \
               JOIN hub ON hub.id = placement.hub_id WHERE next_attempt_at IS NOT NULL";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([now], |row| {
        let (code, door): (CodeId, DoorId) = (row.get(0)?, row.get(1)?);
        let (wanted, state, reason): (bool, String, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
        let (tries, slot, after): (i64, Option<i64>, i64) = (row.get(5)?, row.get(6)?, row.get(7)?);
        let online: bool = row.get(8)?;
        Ok(format!(
            "code {code} at door {door}: wanted: {wanted}, {state}, {reason}, {tries} tries, slot {slot:?}, next in \
             {after} ms, lock online: {online}"
        ))
    })?;
    let mut hangs: Vec<String> = rows.collect::<rusqlite::Result<_>>()?;
    let others = db.query_row(
        "SELECT (SELECT count(*) FROM guest_code WHERE next_change_at <= ?1), \
         (SELECT count(*) FROM tenancy WHERE ended_at IS NULL AND code_id IS NULL AND starts_at <= ?1)",
        [now],
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)),
    )?;
    hangs.push(format!("{} windows and {} first codes that are due", others.0, others.1));
    Ok(hangs)
}

/// Each query counts what must not exist.
const INVARIANTS: [(&str, &str); 18] = [
    (
        "guest codes without exactly one guest_code.issued",
        "SELECT count(*) FROM guest_code WHERE 1 <> (SELECT count(*) FROM audit WHERE subject_id = guest_code.id \
         AND action = 'guest_code.issued' AND outcome = 'done')",
    ),
    (
        "guest_code.issued of no guest code",
        "SELECT count(*) FROM audit WHERE action = 'guest_code.issued' AND outcome = 'done' \
         AND subject_id NOT IN (SELECT id FROM guest_code)",
    ),
    (
        "guest codes of the same name, which were asked for once",
        "SELECT count(*) FROM (SELECT 1 FROM guest_code GROUP BY guest_name HAVING count(*) > 1)",
    ),
    (
        "guest codes whose guest_code.revoked are not as many as were their revocations",
        "SELECT count(*) FROM guest_code LEFT JOIN tenancy ON tenancy.id = guest_code.tenancy_id WHERE \
         (SELECT count(*) FROM audit WHERE subject_id = guest_code.id AND action = 'guest_code.revoked' \
         AND outcome = 'done') NOT BETWEEN (state = 'revoked' AND tenancy.ended_at IS NULL) AND (state = 'revoked')",
    ),
    (
        "guest codes whose guest_code.expired or guest_code.used is not exactly one where it is to be",
        "SELECT count(*) FROM guest_code WHERE (state = 'expired') <> (SELECT count(*) FROM audit \
         WHERE subject_id = guest_code.id AND action = 'guest_code.expired') OR (state = 'used') <> (SELECT count(*) \
         FROM audit WHERE subject_id = guest_code.id AND action = 'guest_code.used')",
    ),
    (
        "tenancies whose resident.moved_out is not exactly one where it is to be",
        "SELECT count(*) FROM tenancy WHERE (ended_at IS NOT NULL) <> (SELECT count(*) FROM audit \
         WHERE subject_id = tenancy.id AND action = 'resident.moved_out' AND outcome = 'done')",
    ),
    (
        "residents' codes without exactly one event",
        "SELECT count(*) FROM code WHERE holder = 'resident' AND 1 <> (SELECT count(*) FROM audit \
         WHERE subject_id = code.id AND action IN ('code.random.issued', 'code.custom.set') AND outcome = 'done')",
    ),
    (
        "residents with two codes",
        "SELECT count(*) FROM code JOIN tenancy ON tenancy.id = code.tenancy_id WHERE holder = 'resident' \
         AND code.ended_at IS NULL AND tenancy.code_id IS NOT code.id",
    ),
    (
        "placements on their lock without exactly one placement.on_lock, or others with more",
        "SELECT count(*) FROM placement WHERE (SELECT count(*) FROM audit WHERE subject_id = placement.code_id \
         AND door_id = placement.door_id AND action = 'placement.on_lock') NOT BETWEEN (state = 'on_lock') AND 1",
    ),
    (
        // A code overwritten by its successor has none (R27): the successor's event says so.
        "placements that were removed without exactly one placement.removed, or others with any",
        "SELECT count(*) FROM placement WHERE (SELECT count(*) FROM audit WHERE subject_id = placement.code_id \
         AND door_id = placement.door_id AND action = 'placement.removed') NOT BETWEEN (state = 'removed' \
         AND id NOT IN (SELECT replaces FROM placement WHERE replaces IS NOT NULL) \
         AND EXISTS (SELECT 1 FROM audit WHERE subject_id = placement.code_id AND door_id = placement.door_id \
         AND action = 'placement.on_lock')) AND (state = 'removed')",
    ),
    (
        "placements that are wanted though their code is over",
        "SELECT count(*) FROM placement JOIN code ON code.id = code_id WHERE wanted AND code.ended_at IS NOT NULL",
    ),
    (
        "placements that are wanted at a retired door",
        "SELECT count(*) FROM placement JOIN door ON door.id = door_id WHERE wanted AND door.retired_at IS NOT NULL",
    ),
    (
        "placements of live guest codes that aren't wanted",
        "SELECT count(*) FROM placement JOIN guest_code ON guest_code.id = code_id \
         WHERE guest_code.state = 'live' AND guest_code.kind <> 'recurring' AND NOT wanted AND NOT dropped",
    ),
    (
        "placements of guest codes that are wanted though no window is open or opens soon",
        "SELECT count(*) FROM placement JOIN guest_code ON guest_code.id = code_id \
         WHERE wanted AND guest_code.window_state = 'closed'",
    ),
    (
        "placements of guest codes that aren't wanted though a window is open or opens soon",
        "SELECT count(*) FROM placement JOIN guest_code ON guest_code.id = code_id \
         WHERE guest_code.window_state <> 'closed' AND NOT wanted AND NOT dropped",
    ),
    (
        "placements of residents' codes that aren't wanted",
        "SELECT count(*) FROM placement JOIN tenancy ON tenancy.code_id = placement.code_id \
         WHERE tenancy.ended_at IS NULL AND NOT tenancy.codes_held_off AND NOT wanted AND NOT dropped",
    ),
    (
        "events whose time is before that of the event before them",
        "SELECT count(*) FROM audit JOIN audit AS before ON before.seq = audit.seq - 1 WHERE audit.at < before.at",
    ),
    (
        "slots that are kept for what is removed",
        "SELECT count(*) FROM placement WHERE slot IS NOT NULL AND state = 'removed'",
    ),
];

/// What is wrong within the records themselves.
fn problems(db: &Db) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let mut statement = db.prepare("PRAGMA integrity_check")?;
    let said = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    problems.extend(said.into_iter().filter(|line| line != "ok").map(|line| format!("integrity_check: {line}")));
    let mut statement = db.prepare("PRAGMA foreign_key_check")?;
    let broken = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    problems.extend(broken.into_iter().map(|table| format!("foreign_key_check: a row of {table}")));
    let verified = store::audit::verify(db)?;
    if !verified.intact {
        problems.push(format!("the log's chain is broken at {:?}", verified.first_broken));
    }
    for (what, sql) in INVARIANTS {
        let count: i64 = db.query_row(sql, params![], |row| row.get(0)).with_context(|| what.to_owned())?;
        if count > 0 {
            problems.push(format!("{count} {what}"));
        }
    }
    for incident in store::incidents::list(db)? {
        problems.push(format!("an incident: {}", incident.detail));
    }
    Ok(problems)
}

/// Looks for digits where they mustn't be: in what the servers logged and in every file of the data folder (R32).
pub(crate) fn look_for_digits(ledger: &Ledger, log: &str, data: &Path) -> Result<usize> {
    // Four digits would be found anywhere by chance.
    let codes: HashSet<String> = ledger
        .records()
        .guests
        .iter()
        .filter(|guest| guest.code.length() == access_code::Length::Six)
        .map(|guest| guest.code.expose().to_owned())
        .collect();
    let mut places = vec![("the log".to_owned(), log.as_bytes().to_vec())];
    for entry in std::fs::read_dir(data)? {
        let path = entry?.path();
        if path.is_file() {
            places.push((path.display().to_string(), std::fs::read(&path)?));
        }
    }
    for (place, bytes) in &places {
        for (at, word) in words(bytes).filter(|(at, _)| !is_rest_of_id(bytes, *at)) {
            ensure!(!codes.contains(word), "the digits of a code are in {place}, at byte {at}");
        }
    }
    Ok(codes.len())
}

/// Runs of six digits with nothing alphanumeric around them, since ids and hashes contain some by chance.
fn words(bytes: &[u8]) -> impl Iterator<Item = (usize, &str)> {
    let is_word = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    (0..bytes.len().saturating_sub(5)).filter_map(move |at| {
        let six = &bytes[at..at + 6];
        let single_instance = !(is_word(at + 6) || at > 0 && is_word(at - 1));
        let digits = single_instance && six.iter().all(u8::is_ascii_digit);
        digits.then(|| std::str::from_utf8(six).ok().map(|word| (at, word))).flatten()
    })
}

/// Whether these six digits are the rest of an id's last twelve, where SQLite cut the text at the end of a page.
fn is_rest_of_id(bytes: &[u8], at: usize) -> bool {
    // `…-913a-014208`, and something else follows.
    let beginning = at.checked_sub(5).map(|start| &bytes[start..at]);
    if beginning.is_some_and(|text| text[4] == b'-' && text[..4].iter().all(u8::is_ascii_hexdigit)) {
        return true;
    }
    // `014208"` at the beginning of an overflow page, after the number of the next one: in the database, and in its
    // WAL, whose frames have headers.
    at % PAGE == 4 || at.checked_sub(WAL_HEAD + FRAME_HEAD).is_some_and(|at| at % (FRAME_HEAD + PAGE) == 4)
}

/// SQLite's sizes, in bytes.
const PAGE: usize = 4096;
const WAL_HEAD: usize = 32;
const FRAME_HEAD: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_found_where_they_stand_alone() {
        let found = |text: &str| words(text.as_bytes()).map(|(_, word)| word.to_owned()).collect::<Vec<_>>();
        assert_eq!(found("code=530917"), ["530917"]);
        assert_eq!(found("530917 and \"019283\""), ["530917", "019283"]);
        // Parts of longer numbers, of ids and of times.
        assert!(found("1530917 5309170 a530917 530917f 12:00:00.530917Z 53091").is_empty());
    }

    #[test]
    fn the_remainder_of_an_id_is_no_code() {
        let rest = b"01a218cf-9f84-711b-913a-014208\x94L";
        let (at, _) = words(rest).next().expect("six digits");
        assert!(is_rest_of_id(rest, at));
        let leaked = b"the code is 014208\x94L";
        let (at, _) = words(leaked).next().expect("six digits");
        assert!(!is_rest_of_id(leaked, at));
    }

    #[tokio::test]
    async fn a_condition_that_never_holds_is_reported() {
        let error = until("pigs fly", Duration::from_millis(1), async || Ok(false)).await.err();
        assert!(error.is_some_and(|error| error.to_string().contains("pigs fly")));
    }
}
