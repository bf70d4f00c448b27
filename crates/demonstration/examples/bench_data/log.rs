//! A log as years of use would leave it: most of it is what locks do, refusals and failures are rare, and a few people
//! and doors appear in much of it but most in little.

use anyhow::{Context, Result};
use api_types::{Action, Actor, ActorRole, Channel, ChannelKind, Outcome, Platform, Subject, SubjectKind};
use ids::{DoorId, PersonId, PropertyId};
use store::audit::{self, NewEvent, system_actor, system_channel};
use store::people::{self, Person};
use store::tenancies::{self, TenancyRecord};
use store::{Db, Millis, Scope, Store, doors, properties};

use crate::property::name;

/// Events in one transaction: two blocks of the log's index.
const BATCH: u64 = 8_192;

use Outcome::{Done, Failed, Refused};

/// A kind of event: the action, its outcome, its code, and its relative frequency.
type Kind = (Action, Outcome, Option<&'static str>, u32);

const KINDS: [Kind; 26] = [
    (Action::PlacementOnLock, Done, None, 34_000),
    (Action::PlacementRemoved, Done, None, 20_000),
    (Action::PlacementWaiting, Done, Some("lock_offline"), 5_000),
    (Action::PlacementFailed, Failed, Some("no_answer"), 600),
    (Action::PlacementRemovalUnconfirmed, Failed, Some("no_answer"), 200),
    (Action::GuestCodeIssued, Done, None, 10_000),
    (Action::GuestCodeRefused, Refused, Some("invalid"), 1_000),
    (Action::GuestCodeWindowOpened, Done, None, 6_000),
    (Action::GuestCodeWindowClosed, Done, None, 6_000),
    (Action::GuestCodeUsed, Done, None, 3_000),
    (Action::GuestCodeExpired, Done, None, 4_000),
    (Action::GuestCodeRevoked, Done, None, 1_000),
    (Action::CodeRevealed, Done, None, 2_000),
    (Action::CodeRevealed, Refused, Some("reason_missing"), 100),
    (Action::CodeCustomSet, Done, None, 500),
    (Action::CodeCustomRefused, Refused, Some("code_repeated_digit"), 400),
    (Action::CodeRandomIssued, Done, None, 500),
    (Action::SessionCreated, Done, None, 4_000),
    (Action::SessionRefused, Refused, Some("wrong_credentials"), 600),
    (Action::MobileTokenCreated, Done, None, 2_000),
    (Action::LockOffline, Done, None, 1_000),
    (Action::LockOnline, Done, None, 1_000),
    (Action::HubOffline, Done, None, 20),
    (Action::ResidentAdded, Done, None, 200),
    (Action::ResidentMovedOut, Done, None, 100),
    (Action::PropertyCustomCodesEnabled, Done, None, 1),
];

/// How much of the log concerns the first, second and third property, in percent.
const SHARES: [u32; 3] = [25, 73, 2];

/// A property, and the people and doors in it.
struct Place {
    id: PropertyId,
    residents: Vec<TenancyRecord>,
    unit_doors: Vec<(DoorId, String)>,
    shared_doors: Vec<(DoorId, String)>,
}

struct World {
    dice: fastrand::Rng,
    places: Vec<Place>,
    manager: Person,
    support: Person,
}

/// Fills the log up to `total` events, the last of them at `until`.
pub(crate) async fn fill(store: &Store, total: u64, until: Millis) -> Result<()> {
    let (mut there, mut at, mut world) = store
        .read(|db| {
            let at = audit::newest_at(db)?.unwrap_or_default();
            Ok::<_, anyhow::Error>((audit::count(db)?, at, World::read(db)?))
        })
        .await?;
    while there < total {
        let batch = BATCH.min(total - there);
        let step = (until - at) / i64::try_from(total - there)?;
        let events: Vec<_> = (1..=batch).map(|number| (at + step * number as Millis, world.event())).collect();
        at += step * i64::try_from(batch)?;
        there += batch;
        store.write(move |tx| tx.record_all(events)).await?;
    }
    Ok(())
}

impl World {
    fn read(db: &Db) -> Result<Self> {
        let mut places = Vec::new();
        for name in ["Juniper Flats", "Maple Court", "Elm House"] {
            let all = properties::list(db, Scope::Everything, None, 200)?.0;
            let id = all.iter().find(|property| property.name == name).context("a property")?.id;
            places.push(Place::read(db, id)?);
        }
        let manager = people::by_email(db, "manager@demo.test")?.context("the manager")?;
        let support = people::by_email(db, "support@demo.test")?.context("support")?;
        Ok(Self { dice: fastrand::Rng::with_seed(28), places, manager, support })
    }

    fn event(&mut self) -> NewEvent {
        let (action, outcome, code, _) = *pick(&mut self.dice, &KINDS, |kind| kind.3);
        let place = &self.places[*pick(&mut self.dice, &[0, 1, 2], |place| SHARES[*place])];
        // Some people do a lot: the first of a hundred does as much as the last thirty.
        let resident = &place.residents[(self.dice.f64().powi(3) * place.residents.len() as f64) as usize];
        let doors = if self.dice.u8(..10) < 6 { &place.shared_doors } else { &place.unit_doors };
        let (door_id, door) = &doors[self.dice.usize(..doors.len())];

        let family = action.name().split('.').next().unwrap_or_default();
        let by_itself = matches!(family, "placement" | "lock" | "hub")
            || ["opened", "closed", "expired", "used"].iter().any(|end| action.name().ends_with(end));
        let person =
            |id: PersonId, name: &str, role: ActorRole| Actor { id: Some(id), name: name.into(), role: role.into() };
        let (actor, channel) = match self.dice.u8(..100) {
            _ if by_itself => (system_actor(), system_channel()),
            _ if family == "mobile_token" || action.name().starts_with("code.custom") => {
                (person(resident.person_id, &resident.name, ActorRole::Resident), phone())
            }
            0..25 => (person(self.manager.id, &self.manager.name, ActorRole::Manager), web()),
            25..28 => (person(self.support.id, &self.support.name, ActorRole::Support), web()),
            _ => (person(resident.person_id, &resident.name, ActorRole::Resident), web()),
        };
        let of_nobody = matches!(family, "lock" | "hub" | "property" | "session" | "mobile_token");
        let (kind, what) = match family {
            "placement" | "code" => (SubjectKind::Code, format!("Code of {}, unit {}", resident.name, resident.unit)),
            "guest_code" => (SubjectKind::GuestCode, format!("Guest code for {}", name(self.dice.usize(..1_000)))),
            "lock" => (SubjectKind::Door, door.clone()),
            "hub" => (SubjectKind::Hub, door.clone()),
            _ => (SubjectKind::Resident, resident.name.clone()),
        };
        let detail = match action {
            Action::PlacementOnLock | Action::PlacementRemoved => format!("{door}: The lock confirmed it."),
            Action::PlacementWaiting => format!("{door}: The lock is offline; it gets the code when it is back."),
            Action::PlacementFailed => format!("{door}: The lock did not answer."),
            Action::PlacementRemovalUnconfirmed => {
                format!("{door}: The lock did not answer. Until the lock confirms, the code still opens the door.")
            }
            Action::GuestCodeIssued => format!("Temporary, for {door}."),
            Action::CodeRevealed => "Called, locked out".into(),
            Action::CodeCustomRefused => "One digit throughout is easily guessed. Your code stays as it is.".into(),
            _ => String::new(),
        };
        NewEvent {
            property_id: (!matches!(family, "session" | "mobile_token")).then_some(place.id),
            resident_id: (!of_nobody).then_some(resident.id),
            door_id: matches!(family, "placement" | "lock").then_some(*door_id),
            outcome,
            code: code.map(str::to_owned),
            detail,
            ..NewEvent::done(
                actor,
                channel,
                action,
                Subject { kind: kind.into(), id: Some(resident.id.uuid()), name: what },
            )
        }
    }
}

impl Place {
    fn read(db: &Db, id: PropertyId) -> Result<Self> {
        let (mut residents, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let filter = tenancies::Filter::default();
            let (some, next) = tenancies::list(db, Scope::Everything, id, &filter, cursor.as_deref(), 1_000)?;
            residents.extend(some);
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        let doors = doors::of_property(db, Scope::Everything, id)?;
        let (unit, shared): (Vec<_>, Vec<_>) = doors.into_iter().partition(|door| door.unit_id.is_some());
        let named = |doors: Vec<doors::DoorRecord>| doors.into_iter().map(|door| (door.id, door.name)).collect();
        Ok(Self { id, residents, unit_doors: named(unit), shared_doors: named(shared) })
    }
}

/// Picks one of several things, with probability proportional to its weight.
fn pick<'a, T>(dice: &mut fastrand::Rng, from: &'a [T], weight: impl Fn(&T) -> u32) -> &'a T {
    let mut rest = dice.u32(..from.iter().map(&weight).sum::<u32>());
    let found = from.iter().find(|one| {
        let own = weight(one);
        let is_it = rest < own;
        rest = rest.saturating_sub(own);
        is_it
    });
    found.unwrap_or(&from[0])
}

fn web() -> Channel {
    Channel { kind: ChannelKind::Web, platform: None, app_version: None }
}

fn phone() -> Channel {
    Channel { kind: ChannelKind::Mobile, platform: Some(Platform::Ios.into()), app_version: Some("2.8.0".into()) }
}
