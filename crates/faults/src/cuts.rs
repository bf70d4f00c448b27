//! Clients that send a request and cut the connection, for each kind of deed: after every millisecond and, for what is
//! faster than that, after fractions of the first ones. A browser that reloads then repeats the request under the same
//! key.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::check;
use crate::deeds::{Deed, NewGuest, custom_code};
use crate::report::Report;
use crate::stage::{Setting, Stage, Suite};
use crate::world::{Size, word};

const SIZE: Size = Size { hubs: 3, units: 36, slots: 12, residents: 4, movers: 0, spare: MOMENTS * REPEATS as usize };

/// The latest point at which the connection is cut, in milliseconds.
const LATEST_CUT: u64 = 30;
/// The distance of the finer steps, in microseconds, and also their number.
const FINE_STEP: u64 = 60;
/// How many moments there are.
const MOMENTS: usize = 2 * (LATEST_CUT as usize + 1);
/// How often each moment is tried in the long form.
const REPEATS: u64 = 4;
/// How long something may be due at an online lock, in milliseconds.
const MAX_OVERDUE: i64 = 5_000;
const QUIET_WITHIN: Duration = Duration::from_secs(20);

#[derive(Clone, Copy)]
enum CutDeed {
    Issue,
    Revoke,
    MoveOut,
    Import,
    Pick,
    Retire,
    Undo,
    Build,
}

impl CutDeed {
    const ALL: [(Self, &'static str); 8] = [
        (Self::Issue, "issuing"),
        (Self::Revoke, "revoking"),
        (Self::MoveOut, "move-out"),
        (Self::Import, "roster import"),
        (Self::Pick, "PUT /me/code"),
        (Self::Retire, "retiring a door"),
        (Self::Undo, "undoing an import"),
        (Self::Build, "adding a building"),
    ];
}

pub(crate) async fn run(suite: &Suite, report: &mut Report) {
    let mut rng = fastrand::Rng::with_seed(suite.seed ^ 1);
    let stage = match Stage::set(suite, Setting::of(SIZE), &mut rng).await {
        Ok(stage) => stage,
        Err(error) => return report.failed("cut connections", &format!("{error:#}")),
    };
    let turns = if suite.short { 1 } else { REPEATS };
    let mut imported = 0;
    for (what, name) in CutDeed::ALL {
        for _ in 0..turns {
            let fault = format!("connections cut during {name}, after 0 to {LATEST_CUT} ms");
            let found = one(&stage, what, &mut imported, &mut rng).await;
            if !report.tell(&fault, found) {
                println!("         other cuts aren't made; {}", stage.keep());
                return;
            }
        }
    }
    report.tell("after all cuts", stage.end().await);
}

async fn one(stage: &Stage, what: CutDeed, imported: &mut usize, rng: &mut fastrand::Rng) -> Result<String> {
    let mut deeds = deeds(stage, what, imported, rng).await?;
    stage.scene().settle(QUIET_WITHIN).await.context("before the cuts")?;
    for (after, deed) in moments().zip(&deeds) {
        cut(stage, deed, after, 1.0).await?;
    }
    // And an incomplete one, which has no effect.
    if let Some(last) = deeds.last() {
        let mut halved = last.clone();
        halved.request.key.push_str("-halved");
        cut(stage, &halved, Duration::from_millis(5), 0.9).await?;
        let (done, _) = check::committed(stage.data(), &[&halved.request.key], 0).await?;
        ensure!(done == 0, "a request that was cut in the middle was done");
    }
    let keys: Vec<&str> = deeds.iter().map(|deed| deed.request.key.as_str()).collect();
    // What was committed is done at the locks, although nobody is waiting for an answer.
    stage.scene().check_locks(QUIET_WITHIN).await?;
    let (done, left) = check::committed(stage.data(), &keys, MAX_OVERDUE).await?;
    ensure!(left == 0, "{left} placements lie in the outbox though their locks are online");
    // A reload: the same requests again, under the same keys.
    let asked = deeds.len();
    for deed in deeds.drain(..) {
        stage.done(&deed).await?;
    }
    let found = stage.check(QUIET_WITHIN).await?;
    // So that the locks don't fill up.
    let live: Vec<_> =
        stage.ledger.records().guests.iter().filter(|guest| guest.end.is_none()).map(|guest| guest.id).collect();
    for id in live {
        stage.done(&Deed::revoke(&stage.manager, id)).await?;
    }
    Ok(format!("{done} of {asked} were done all the same, each asked for again and done once; {found}"))
}

/// After how long connections are cut.
fn moments() -> impl Iterator<Item = Duration> {
    let each = |unit| (0..=LATEST_CUT).map(move |number| Duration::from_micros(number * unit));
    each(1_000).chain(each(FINE_STEP))
}

/// Sends that part of a request and resets the connection after the given time.
async fn cut(stage: &Stage, deed: &Deed, after: Duration, part: f32) -> Result<()> {
    let bytes = stage.client.bytes(&deed.who, &deed.request);
    let length = (bytes.len() as f32 * part) as usize;
    let mut stream = TcpStream::connect(stage.program.address).await?;
    stream.set_nodelay(true)?;
    stream.write_all(&bytes[..length]).await?;
    // The runtime's sleep isn't precise enough.
    tokio::task::block_in_place(|| std::thread::sleep(after));
    stream.set_zero_linger()?;
    Ok(())
}

/// A deed for each of the [`moments`], with its prerequisites.
async fn deeds(stage: &Stage, what: CutDeed, imported: &mut usize, rng: &mut fastrand::Rng) -> Result<Vec<Deed>> {
    let (world, manager) = (&stage.world, &stage.manager);
    let count = moments().count();
    // Not the tight locks.
    let door = |number: usize| world.hubs.len() + number % (world.units.len() - world.hubs.len());
    let row = |number: usize| {
        (format!("Newcomer {}", word(number)), format!("newcomer-{}@example.com", word(number)), door(number))
    };
    let mut deeds = Vec::new();
    match what {
        CutDeed::Issue => {
            deeds.extend((0..count).map(|number| Deed::issue(world, manager, NewGuest::at(door(number)))));
        }
        CutDeed::Revoke => {
            for number in 0..count {
                let id = stage.issued(NewGuest::at(door(number))).await?;
                deeds.push(Deed::revoke(manager, id));
            }
        }
        CutDeed::MoveOut => {
            let rows: Vec<_> = (*imported..*imported + count).map(row).collect();
            stage.done(&Deed::import(world, manager, &rows, &stage.ledger)).await?;
            for (_, email, _) in &rows {
                let tenancy = stage.tenancy_of(email).await?;
                deeds.push(Deed::move_out(world, manager, tenancy, email));
            }
        }
        CutDeed::Import => {
            deeds.extend(
                (*imported..*imported + count)
                    .map(|number| Deed::import(world, manager, &[row(number)], &stage.ledger)),
            );
        }
        CutDeed::Retire => {
            let retired = stage.ledger.records().retired.len();
            for number in retired..retired + count {
                let door = world.spare(number);
                stage.issued(NewGuest::at(door)).await?;
                deeds.push(Deed::retire(world, manager, door));
            }
        }
        CutDeed::Undo => {
            for number in *imported..*imported + count {
                let (import, moved_in) = stage.imported(&[row(number)]).await?;
                deeds.push(Deed::undo(world, manager, &import, moved_in));
            }
        }
        CutDeed::Build => {
            let built = stage.ledger.records().built as usize;
            let name = |number: usize| format!("Building {}", word(number));
            deeds.extend((built..built + count).map(|number| Deed::build(world, manager, &name(number))));
        }
        CutDeed::Pick => {
            for number in 0..count {
                let resident = &world.residents[number % world.residents.len()];
                let app = stage.client.sign_in_to_app(&resident.email).await?;
                let custom = if rng.bool() { Some(custom_code(rng)?) } else { None };
                deeds.push(Deed::pick(&app, resident.tenancy, custom.as_ref()));
            }
        }
    }
    if matches!(what, CutDeed::MoveOut | CutDeed::Import | CutDeed::Undo) {
        *imported += count;
    }
    Ok(deeds)
}
