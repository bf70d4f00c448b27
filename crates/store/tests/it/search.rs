//! Searching a log that spans several blocks of the index: whatever the filter and scope, the result is what reading
//! every event would find.

use api_types::{Action, Actor, ActorRole, Outcome, Subject, SubjectKind};
use ids::{DoorId, EventId, PersonId, PropertyId, TenancyId};
use store::audit::{self, Actions, EventRecord, Filter, NewEvent, system_channel};
use store::people::{self, NewPerson};
use store::{Error, Millis, Scope, Store, properties};

use crate::fixtures::{NOON, store, write};

/// More than two blocks of 4,096.
const EVENTS: usize = 9_000;
const PAGE: u32 = 100;
/// How many pages are checked for each filter.
const PAGES: usize = 2;
const ACTIONS: [Action; 5] = [
    Action::PlacementOnLock,
    Action::PlacementRemoved,
    Action::CodeRevealed,
    Action::CodeCustomRefused,
    Action::GuestCodeIssued,
];
const NAMES: [&str; 4] = ["Amélie Weiss", "Maria Ortiz", "Marius Brandt", "Olga Khan"];

struct Log {
    store: Store,
    properties: [PropertyId; 3],
    people: [PersonId; 4],
    tenancies: [TenancyId; 4],
    doors: [DoorId; 2],
    /// The manager of the first two properties.
    manager: PersonId,
    /// Newest first.
    events: Vec<EventRecord>,
    /// The words of each event, in lower case and without accents.
    words: Vec<Vec<String>>,
}

impl Log {
    async fn of(store: Store) -> Self {
        let people: [PersonId; 4] = std::array::from_fn(|_| PersonId::generate());
        let tenancies: [TenancyId; 4] = std::array::from_fn(|_| TenancyId::generate());
        let doors = [DoorId::generate(), DoorId::generate()];
        let manager = PersonId::generate();
        let properties = write(&store, move |tx| {
            let new = NewPerson { id: manager, email: "m@example.com", name: "M", password_hash: None, support: false };
            people::insert(tx, NOON, &new).expect("inserted");
            let mut made = [PropertyId::NIL; 3];
            for (property, name) in made.iter_mut().zip(["Juniper Flats", "Maple Court", "Elm House"]) {
                *property = properties::insert(tx, name, "America/Denver", false, NOON).expect("inserted");
            }
            for property in &made[..2] {
                people::add_manager(tx, manager, *property).expect("added");
            }
            made
        })
        .await;
        let event = move |number: usize| {
            // Coprime numbers, and some rare ones, so that everything is combined with everything, or never.
            let person = number / 3 % 4;
            let actor =
                Actor { id: Some(people[person]), name: NAMES[person].into(), role: ActorRole::Resident.into() };
            let subject =
                Subject { kind: SubjectKind::Code.into(), id: None, name: format!("Code of {}", NAMES[number % 4]) };
            let event = NewEvent {
                property_id: (!number.is_multiple_of(11)).then_some(properties[number / 7 % 3]),
                resident_id: (!number.is_multiple_of(5)).then_some(tenancies[number % 4]),
                door_id: (number.is_multiple_of(13)).then_some(doors[number / 13 % 2]),
                outcome: match number {
                    4_000..4_200 => Outcome::Failed,
                    _ if number.is_multiple_of(17) => Outcome::Refused,
                    _ => Outcome::Done,
                },
                detail: if number % 1_000 == 7 { "The lobby’s lock was slow." } else { "" }.into(),
                ..NewEvent::done(actor, system_channel(), ACTIONS[number / 2 % 5], subject)
            };
            (NOON + number as Millis * 1_000, event)
        };
        // Blocks are begun and continued, both by many events at once and one by one.
        store.write(move |tx| tx.record_all((0..6_000).map(event))).await.expect("recorded");
        for (at, event) in (6_000..6_010).map(event) {
            store.write(move |tx| tx.record(at, event)).await.expect("recorded");
        }
        store.write(move |tx| tx.record_all((6_010..EVENTS).map(event))).await.expect("recorded");
        let mut log =
            Self { store, properties, people, tenancies, doors, manager, events: Vec::new(), words: Vec::new() };
        log.events = log.pages(Scope::Everything, &Filter::default(), EVENTS).await;
        log.words = log.events.iter().map(words).collect();
        log
    }

    /// The events of a filter, over up to `max_pages` pages of 100.
    async fn pages(&self, scope: Scope, filter: &Filter, max_pages: usize) -> Vec<EventRecord> {
        let filter = filter.clone();
        let pages = self.store.read(move |db| {
            let (mut events, mut cursor) = audit::list(db, scope, &filter, None, PAGE)?;
            for _ in 1..max_pages {
                let Some(next) = cursor else { break };
                let (more, after) = audit::list(db, scope, &filter, Some(&next), PAGE)?;
                events.extend(more);
                cursor = after;
            }
            Ok::<_, Error>(events)
        });
        pages.await.expect("read")
    }

    fn filters(&self) -> Vec<Filter> {
        let nothing = Filter::default;
        vec![
            nothing(),
            Filter { property: Some(self.properties[0]), ..nothing() },
            Filter { property: Some(self.properties[2]), ..nothing() },
            Filter { action: Some(Action::PlacementOnLock.into()), ..nothing() },
            Filter { action: Some(Actions::from("code.".to_owned())), ..nothing() },
            Filter { action: Some(Actions::from("code.custom.".to_owned())), ..nothing() },
            Filter { action: Some(Actions::from("code".to_owned())), ..nothing() },
            Filter { outcome: Some(Outcome::Failed), ..nothing() },
            Filter { outcome: Some(Outcome::Refused), ..nothing() },
            Filter { actor: Some(self.people[1]), ..nothing() },
            Filter { resident: Some(self.tenancies[2]), ..nothing() },
            Filter { door: Some(self.doors[1]), ..nothing() },
            Filter { door: Some(DoorId::NIL), ..nothing() },
            Filter { words: Some("mar".into()), ..nothing() },
            Filter { words: Some("Lobby AMELIE".into()), ..nothing() },
            Filter { words: Some("nobody".into()), ..nothing() },
            Filter { from: Some(NOON + 4_100_500), ..nothing() },
            Filter { to: Some(NOON + 4_100_000), ..nothing() },
        ]
    }
}

/// Two filters combined; `None` where they contradict each other.
fn both(one: &Filter, other: &Filter) -> Option<Filter> {
    fn either<T: Clone + PartialEq>(one: &Option<T>, other: &Option<T>) -> Option<Option<T>> {
        (one.is_none() || other.is_none() || one == other).then(|| one.clone().or_else(|| other.clone()))
    }
    Some(Filter {
        actor: either(&one.actor, &other.actor)?,
        action: either(&one.action, &other.action)?,
        property: either(&one.property, &other.property)?,
        resident: either(&one.resident, &other.resident)?,
        door: either(&one.door, &other.door)?,
        outcome: either(&one.outcome, &other.outcome)?,
        words: either(&one.words, &other.words)?,
        from: either(&one.from, &other.from)?,
        to: either(&one.to, &other.to)?,
        heads: false,
    })
}

fn words(event: &EventRecord) -> Vec<String> {
    let text = [event.actor.name.as_str(), &event.subject.name, event.action.name(), &event.detail]
        .map(|text| text.to_lowercase());
    text.join(" ").replace('é', "e").split([' ', '.', '_', '’']).map(str::to_owned).collect()
}

#[tokio::test]
async fn r31_r33_every_filter_finds_what_reading_everything_finds() {
    let (_folder, store) = store().await;
    let log = Log::of(store).await;
    assert_eq!(log.events.len(), EVENTS);
    assert!(log.store.read(audit::verify).await.expect("read").intact);
    let filters = log.filters();
    let fits = |event: &EventRecord, number: usize, filter: &Filter| {
        let at = NOON + number as Millis * 1_000;
        let has =
            |word: &str| log.words[EVENTS - 1 - number].iter().any(|one| one.starts_with(word.to_lowercase().as_str()));
        filter.actor.is_none_or(|actor| event.actor.id == Some(actor))
            && filter.property.is_none_or(|property| event.property_id == Some(property))
            && filter.outcome.is_none_or(|outcome| event.outcome == outcome)
            && filter.action.as_ref().is_none_or(|actions| match actions {
                Actions::Family(family) => event.action.name().starts_with(family),
                Actions::One(action) => event.action == *action,
            })
            // What an event doesn't show: the resident and the door it concerns.
            && filter.resident.is_none_or(|resident| !number.is_multiple_of(5) && log.tenancies[number % 4] == resident)
            && filter.door.is_none_or(|door| number.is_multiple_of(13) && log.doors[number / 13 % 2] == door)
            && filter.from.is_none_or(|from| at >= from)
            && filter.to.is_none_or(|to| at < to)
            && filter.words.as_deref().is_none_or(|words| words.split(' ').all(has))
    };
    let mut rare = 0;
    for scope in [Scope::Everything, Scope::ManagedBy(log.manager), Scope::ManagedBy(PersonId::NIL)] {
        let seen = |event: &EventRecord| match scope {
            Scope::Everything => true,
            Scope::ManagedBy(person) => {
                person == log.manager && event.property_id.is_some_and(|id| log.properties[..2].contains(&id))
            }
            Scope::Tenancy(_) | Scope::LivesIn(..) => false,
        };
        for (at, one) in filters.iter().enumerate() {
            for filter in filters[at..].iter().filter_map(|other| both(one, other)) {
                let numbered = log.events.iter().zip((0..EVENTS).rev());
                let expected: Vec<EventId> = numbered
                    .filter(|(event, number)| seen(event) && fits(event, *number, &filter))
                    .map(|(event, _)| event.id)
                    .take(PAGES * PAGE as usize)
                    .collect();
                rare += usize::from((1..50).contains(&expected.len()));
                let found = log.pages(scope, &filter, PAGES).await;
                let found: Vec<EventId> = found.into_iter().map(|event| event.id).collect();
                assert!(found == expected, "{scope:?}, {filter:?}: {} for {}", found.len(), expected.len());
            }
        }
    }
    assert!(rare > 10, "{rare} filters are worth a look");
}
