//! The task that reads what was committed, once, and adds it to the journal.

use std::sync::Arc;
use std::time::Duration;

use api_types::{Action, LiveEvent, LiveKind};
use ids::GuestCodeId;
use store::Store;
use store::changes::{self, Change, EventChange, LockChange, PlacementChange};

use super::audience::Audience;
use super::journal::Journal;
use crate::view::time::instant;

/// How often it is checked whether another program has written to the database, which nothing tells of.
const CHECKED_EVERY: Duration = Duration::from_secs(5);

/// How long what is committed waits for what comes next, at least and for each open stream: every addition wakes all of
/// them. So a thousand streams are woken at most twenty times a second, and what happens after a quiet while is sent at
/// once.
const GATHERED_FOR: Duration = Duration::from_millis(10);
const GATHERED_PER_STREAM: Duration = Duration::from_micros(40);

/// Adds whatever is committed to the journal. Never returns.
pub(crate) async fn keep_up(store: Store, journal: Arc<Journal>) {
    let changes = store.changes();
    // What happened before anybody could follow it is nobody's to miss.
    let mut told = last_event(&store, 0).await;
    loop {
        let committed = tokio::time::timeout(CHECKED_EVERY, changes.committed()).await.is_ok();
        let rows = changes.take();
        let own = rows.last_event();
        if rows.are_too_many() {
            journal.skip();
            told = last_event(&store, told).await;
        } else {
            // Even if there are no rows: whoever's rights have changed is to look.
            match store.read(move |db| changes::read(db, &rows)).await {
                Ok(changes) => journal.add(changes.into_iter().flat_map(happened).collect()),
                Err(error) => {
                    tracing::warn!(%error, "what was committed can't be read to tell of it");
                    journal.skip();
                }
            }
            told = told.max(own.unwrap_or_default());
        }
        if committed {
            let streams = u32::try_from(journal.followers()).unwrap_or(u32::MAX);
            tokio::time::sleep(GATHERED_FOR + GATHERED_PER_STREAM.saturating_mul(streams)).await;
            continue;
        }
        // Everything that changes something records it (R31), and so what another program does is seen in the log.
        let last = last_event(&store, told).await;
        if last > told && changes.are_taken() {
            told = last;
            changes.rights_are_unknown();
            journal.skip();
        }
    }
}

async fn last_event(store: &Store, otherwise: i64) -> i64 {
    store.read(changes::last_event).await.unwrap_or_else(|error: store::Error| {
        tracing::warn!(%error, "the end of the audit log can't be read");
        otherwise
    })
}

/// What is told of a change, to whom.
fn happened(change: Change) -> Vec<(LiveEvent, Audience)> {
    match change {
        Change::Placement(PlacementChange { property_id, tenancy_id, code_id, door_id, status, since, evidence }) => {
            let change = LiveEvent {
                property_id: Some(property_id),
                resident_id: tenancy_id,
                code_id: Some(code_id),
                door_id: Some(door_id),
                status: Some(status),
                since: Some(instant(since)),
                evidence,
                ..LiveEvent::new(LiveKind::Placement)
            };
            let audience = Audience { codes_of: Some(property_id), tenancy: tenancy_id, ..Audience::default() };
            vec![(change, audience)]
        }
        Change::Resident { property_id, tenancy_id, code_id } => {
            let change = LiveEvent {
                property_id: Some(property_id),
                resident_id: Some(tenancy_id),
                code_id,
                ..LiveEvent::new(LiveKind::Resident)
            };
            let audience = Audience { codes_of: Some(property_id), tenancy: Some(tenancy_id), ..Audience::default() };
            vec![(change, audience)]
        }
        Change::GuestCode { property_id, tenancy_id, id, state } => {
            let change = LiveEvent {
                property_id: Some(property_id),
                resident_id: tenancy_id,
                code_id: Some(GuestCodeId::code(id)),
                state: Some(state),
                ..LiveEvent::new(LiveKind::GuestCode)
            };
            let audience = Audience { codes_of: Some(property_id), tenancy: tenancy_id, ..Audience::default() };
            vec![(change, audience)]
        }
        Change::Lock(lock) => {
            let LockChange { property_id, door_id, online, .. } = lock;
            let change = LiveEvent {
                property_id: Some(property_id),
                door_id: Some(door_id),
                online: Some(online),
                ..LiveEvent::new(LiveKind::Lock)
            };
            let audience = Audience { property: Some(property_id), door: Some(lock), ..Audience::default() };
            vec![(change, audience)]
        }
        Change::Hub { property_id, id, online } => {
            let change = LiveEvent {
                property_id: Some(property_id),
                hub_id: Some(id),
                online: Some(online),
                ..LiveEvent::new(LiveKind::Hub)
            };
            vec![(change, Audience { property: Some(property_id), ..Audience::default() })]
        }
        Change::Property { id, custom_codes_enabled } => {
            let change = LiveEvent {
                property_id: Some(id),
                custom_codes_enabled: Some(custom_codes_enabled),
                ..LiveEvent::new(LiveKind::Property)
            };
            let audience = Audience { property: Some(id), living_at: Some(id), ..Audience::default() };
            vec![(change, audience)]
        }
        Change::Event(event) => of_event(event),
    }
}

/// What is told of an event of the audit log: that it is there, and what it says has happened to things that are read in
/// no other way.
fn of_event(event: EventChange) -> Vec<(LiveEvent, Audience)> {
    let EventChange { id, property_id, tenancy_id, action, revealed } = event;
    let recorded =
        LiveEvent { property_id, resident_id: tenancy_id, event_id: Some(id), ..LiveEvent::new(LiveKind::Audit) };
    let audience = Audience { codes_of: property_id, support: property_id.is_none(), ..Audience::default() };
    let mut told = vec![(recorded, audience)];
    if let (Some(code_id), Some(_)) = (revealed, tenancy_id) {
        let change = LiveEvent { resident_id: tenancy_id, code_id: Some(code_id), ..LiveEvent::new(LiveKind::Reveal) };
        told.push((change, Audience { tenancy: tenancy_id, ..Audience::default() }));
    }
    let families = ["building.", "unit.", "door."];
    let of_layout =
        action.is(Action::PropertyLayoutImported) || families.iter().any(|family| action.name().starts_with(family));
    if property_id.is_some() && of_layout {
        let change = LiveEvent { property_id, ..LiveEvent::new(LiveKind::Layout) };
        told.push((change, Audience { property: property_id, ..Audience::default() }));
    }
    told
}
