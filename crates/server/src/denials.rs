//! Recording who was turned away (R31), by a role that doesn't allow it or from something they may not see.
//!
//! Denials are grouped by person, route and minute, so that nobody can flood the log: the first of a minute is recorded
//! at once, and the number of further ones when the minute is over. No request waits for that, and what can't be
//! written yet is kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use api_types::{Action, Actor, Channel, Outcome, ProblemCode, Said, Subject, SubjectKind};
use ids::{CauseId, PersonId, PropertyId, TenancyId};
use store::audit::NewEvent;
use store::{Millis, Store};
use tokio::sync::Notify;

use crate::auth::authority::Authority;
use crate::clock::Clock;

const MINUTE: Millis = 60 * 1000;

/// How many tallies are kept at a time; denials beyond that aren't counted.
const MAX_TALLIES: usize = 10_000;

/// Attached to a request: who is making it, once that is known.
#[derive(Clone, Default)]
pub(crate) struct KnownCaller(Arc<OnceLock<Who>>);

#[derive(Clone)]
struct Who {
    person_id: PersonId,
    actor: Actor,
    channel: Channel,
    property_id: Option<PropertyId>,
    resident_id: Option<TenancyId>,
}

impl KnownCaller {
    pub(crate) fn set(&self, authority: &Authority) {
        let who = || Who {
            person_id: authority.person_id,
            actor: authority.actor_as(authority.first_role()),
            channel: authority.via.channel(),
            property_id: authority.home_property(),
            resident_id: authority.only_tenancy().map(|tenancy| tenancy.id),
        };
        self.0.get_or_init(who);
    }

    /// Whether somebody with a live session is making it.
    pub(crate) fn is_known(&self) -> bool {
        self.0.get().is_some()
    }
}

/// Denials that aren't fully recorded yet.
#[derive(Default)]
pub struct Denials {
    tallies: Mutex<HashMap<(PersonId, String, ProblemCode), Tally>>,
    noted: Notify,
}

struct Tally {
    who: Who,
    began_at: Millis,
    /// Whether the first has been recorded.
    first_recorded: bool,
    /// How many haven't been recorded.
    more: u32,
}

impl Denials {
    /// Notes that somebody was turned away from a route, with the refusal's code, if it is known who.
    pub(crate) fn note(&self, known_caller: &KnownCaller, route: String, code: ProblemCode, now: Millis) {
        let Some(who) = known_caller.0.get() else { return };
        let mut tallies = self.tallies();
        if tallies.len() < MAX_TALLIES || tallies.contains_key(&(who.person_id, route.clone(), code)) {
            let new = || Tally { who: who.clone(), began_at: now, first_recorded: false, more: 0 };
            let tally = tallies.entry((who.person_id, route, code)).or_insert_with(new);
            tally.more = tally.more.saturating_add(1);
        }
        drop(tallies);
        self.noted.notify_one();
    }

    /// Records what is due at `now`. Returns when more will be due.
    ///
    /// # Errors
    /// [`store::Error`]; everything is then kept for the next time.
    pub async fn flush(&self, store: &Store, now: Millis) -> store::Result<Option<Millis>> {
        let mut events = Vec::new();
        let mut next: Option<Millis> = None;
        let mut recorded = Vec::new();
        for ((person, route, code), tally) in self.tallies().iter() {
            let over = now >= tally.began_at + MINUTE || now < tally.began_at;
            if !tally.first_recorded || (over && tally.more > 0) {
                events.push(tally.event(route, *code));
            }
            if !over {
                next = Some(next.map_or(tally.began_at + MINUTE, |at| at.min(tally.began_at + MINUTE)));
            }
            recorded.push(((*person, route.clone(), *code), tally.reported(over), over));
        }
        if !events.is_empty() {
            store.write(move |tx| tx.record_all(events.into_iter().map(|event| (now, event)))).await?;
        }
        let mut tallies = self.tallies();
        for (key, reported, over) in recorded {
            if let Some(tally) = tallies.get_mut(&key) {
                tally.first_recorded = true;
                tally.more = tally.more.saturating_sub(reported);
                if over && tally.more == 0 {
                    tallies.remove(&key);
                } else if over {
                    // More came in while this was being written: they begin another minute.
                    (tally.first_recorded, tally.began_at) = (false, now);
                }
            }
        }
        Ok(next)
    }

    fn tallies(&self) -> MutexGuard<'_, HashMap<(PersonId, String, ProblemCode), Tally>> {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tally {
    /// How many unrecorded denials the next event reports.
    fn reported(&self, over: bool) -> u32 {
        if !self.first_recorded || over { self.more } else { 0 }
    }

    fn event(&self, route: &str, code: ProblemCode) -> NewEvent {
        let Who { actor, channel, property_id, resident_id, .. } = self.who.clone();
        let subject = Subject { kind: SubjectKind::Route.into(), id: None, name: route.to_owned() };
        let detail = match (self.first_recorded, self.more) {
            (false, 0 | 1) => "Turned away.".to_owned(),
            (false, times) => format!("Turned away {times} times within a minute."),
            (true, more) => format!("Turned away {more} more times within the same minute."),
        };
        let said = match (self.first_recorded, self.more) {
            (false, 0 | 1) => Said::Nothing,
            (false, _) => Said::Times,
            (true, _) => Said::TimesMore,
        };
        let mut event = NewEvent {
            property_id,
            resident_id,
            outcome: Outcome::Refused,
            code: Some(code.name().to_owned()),
            // Several are recorded together, but have nothing to do with each other.
            cause: Some(CauseId::generate()),
            ..NewEvent::done(actor, channel, Action::AccessRefused, subject)
        };
        event.say(said, [&self.more.to_string()], detail);
        event
    }
}

/// Records denials as they fall due, for ever.
pub(crate) async fn keep_recording(denials: Arc<Denials>, store: Store, clock: Clock) {
    loop {
        let next = match denials.flush(&store, clock.now()).await {
            Ok(next) => next,
            Err(error) => {
                tracing::error!(%error, "who was turned away can't be recorded yet");
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                continue;
            }
        };
        let timer = async {
            match next {
                Some(at) => clock.sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = denials.noted.notified() => {}
            () = timer => {}
        }
    }
}
