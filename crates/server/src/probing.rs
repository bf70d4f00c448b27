//! Who was turned away, on record (R31): a role that doesn't allow it, or something that one may not see.
//!
//! Folded by person, route and minute, so that nobody can flood the log: the first of a minute is recorded at once, and
//! how many more there were when the minute is over. Nobody waits for that, and what can't be written yet is kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use api_types::{Action, Actor, Channel, Outcome, ProblemCode, Subject};
use store::audit::NewEvent;
use store::{Millis, Store};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::auth::authority::Authority;
use crate::clock::Clock;

const MINUTE: Millis = 60 * 1000;

/// So many folds are kept at a time; what comes besides isn't counted.
const FOLDS_MOST: usize = 10_000;

/// In a request: who makes it, as soon as somebody has found out.
#[derive(Clone, Default)]
pub(crate) struct Prober(Arc<OnceLock<Who>>);

#[derive(Clone)]
struct Who {
    person_id: Uuid,
    actor: Actor,
    channel: Channel,
    property_id: Option<Uuid>,
    resident_id: Option<Uuid>,
}

impl Prober {
    pub(crate) fn is(&self, authority: &Authority) {
        let who = || Who {
            person_id: authority.person_id,
            actor: authority.actor_as(authority.first_role()),
            channel: authority.via.channel(),
            property_id: authority.home_property(),
            resident_id: authority.tenancy.map(|tenancy| tenancy.id),
        };
        self.0.get_or_init(who);
    }
}

/// What has been refused and isn't wholly on record yet.
#[derive(Default)]
pub struct Probing {
    folds: Mutex<HashMap<(Uuid, String, ProblemCode), Fold>>,
    noted: Notify,
}

struct Fold {
    who: Who,
    began_at: Millis,
    /// The first is on record.
    begun: bool,
    /// Those that aren't.
    more: u32,
}

impl Probing {
    /// Notes that somebody was turned away from a route, with the refusal's code; nobody who isn't known.
    pub(crate) fn note(&self, prober: &Prober, route: String, code: ProblemCode, now: Millis) {
        let Some(who) = prober.0.get() else { return };
        let mut folds = self.folds();
        if folds.len() < FOLDS_MOST || folds.contains_key(&(who.person_id, route.clone(), code)) {
            let new = || Fold { who: who.clone(), began_at: now, begun: false, more: 0 };
            let fold = folds.entry((who.person_id, route, code)).or_insert_with(new);
            fold.more = fold.more.saturating_add(1);
        }
        drop(folds);
        self.noted.notify_one();
    }

    /// Records what is to be recorded at `now`. Answers when there is more.
    ///
    /// # Errors
    /// [`store::Error`]; then it is all kept for the next time.
    pub async fn flush(&self, store: &Store, now: Millis) -> store::Result<Option<Millis>> {
        let mut events = Vec::new();
        let mut next: Option<Millis> = None;
        let mut recorded = Vec::new();
        for ((person, route, code), fold) in self.folds().iter() {
            let over = now >= fold.began_at + MINUTE || now < fold.began_at;
            if !fold.begun || (over && fold.more > 0) {
                events.push(fold.event(route, *code));
            }
            if !over {
                next = Some(next.map_or(fold.began_at + MINUTE, |at| at.min(fold.began_at + MINUTE)));
            }
            recorded.push(((*person, route.clone(), *code), fold.told(over), over));
        }
        if !events.is_empty() {
            store.write(move |tx| tx.record_all(events.into_iter().map(|event| (now, event)))).await?;
        }
        let mut folds = self.folds();
        for (key, told, over) in recorded {
            if let Some(fold) = folds.get_mut(&key) {
                fold.begun = true;
                fold.more = fold.more.saturating_sub(told);
                if over && fold.more == 0 {
                    folds.remove(&key);
                } else if over {
                    // More came while this was being written: they begin another minute.
                    (fold.begun, fold.began_at) = (false, now);
                }
            }
        }
        Ok(next)
    }

    fn folds(&self) -> MutexGuard<'_, HashMap<(Uuid, String, ProblemCode), Fold>> {
        self.folds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fold {
    /// How many of those that aren't on record the next event tells of.
    fn told(&self, over: bool) -> u32 {
        if !self.begun || over { self.more } else { 0 }
    }

    fn event(&self, route: &str, code: ProblemCode) -> NewEvent {
        let Who { actor, channel, property_id, resident_id, .. } = self.who.clone();
        let subject = Subject { kind: "route".into(), id: None, name: route.to_owned() };
        let detail = match (self.begun, self.more) {
            (false, 0 | 1) => "Turned away.".to_owned(),
            (false, times) => format!("Turned away {times} times within a minute."),
            (true, more) => format!("Turned away {more} more times within the same minute."),
        };
        NewEvent {
            property_id,
            resident_id,
            outcome: Outcome::Refused,
            code: Some(code.name().to_owned()),
            detail,
            ..NewEvent::done(actor, channel, Action::AccessRefused, subject)
        }
    }
}

/// Keeps the record up to date.
pub(crate) async fn keep(probing: Arc<Probing>, store: Store, clock: Clock) {
    loop {
        let next = match probing.flush(&store, clock.now()).await {
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
            () = probing.noted.notified() => {}
            () = timer => {}
        }
    }
}
