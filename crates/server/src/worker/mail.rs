//! Sends mail (R37, R38).
//!
//! Each attempt is noted before it is made. If the program ends in the middle of one, or the server stops answering after it
//! was given a message, nobody knows whether it took it: the message is sent again with the Message-ID that it had, by which
//! mail servers and programs recognise it. What the server has acknowledged is never sent again.

use api_types::{Action, Outcome as Recorded, Subject, SubjectKind};
use store::mail::{self, Sending};
use store::{Millis, Store, Tx, people};

use super::pace::{PAUSE_AFTER_ERROR, wait};
use crate::auth::session::hash_of;
use crate::clock::Clock;
use crate::domain::{By, pass};
use crate::mail::smtp::{Outcome, Sender};

const MINUTE: Millis = 60 * 1000;
const HOUR: Millis = 60 * MINUTE;

/// When an attempt is made again whose outcome is unknown, since the program ended in the middle of it.
const UNKNOWN_AFTER: Millis = 5 * MINUTE;

/// How long what became of mail is kept: 30 days.
const KEPT: Millis = 30 * 24 * HOUR;

/// How much is sent before other things are looked at.
const AT_ONCE: u32 = 20;

#[derive(Clone)]
pub(super) struct Mailer {
    store: Store,
    clock: Clock,
    sender: Sender,
}

impl Mailer {
    pub(super) fn new(store: &Store, clock: &Clock, sender: &Sender) -> Self {
        Self { store: store.clone(), clock: clock.clone(), sender: sender.clone() }
    }

    /// Sends what is due, for ever.
    pub(super) async fn send(self) {
        let notify = self.store.mail_work();
        let mut swept_at = None;
        loop {
            match self.round(&mut swept_at).await {
                Ok((0, next)) => wait(&self.clock, &notify, next).await,
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(%error, "sending mail failed");
                    tokio::time::sleep(PAUSE_AFTER_ERROR).await;
                }
            }
        }
    }

    /// Sends what is due now. Returns how much that was, and when more is.
    async fn round(&self, swept_at: &mut Option<Millis>) -> store::Result<(usize, Option<Millis>)> {
        let now = self.clock.now();
        if swept_at.is_none_or(|at| now >= at + HOUR) {
            self.store.write_unrecorded(move |tx| mail::forget_settled(tx, now - KEPT)).await?;
            *swept_at = Some(now);
        }
        let due = self.store.read(move |db| mail::due(db, now, AT_ONCE)).await?;
        let mut done = 0;
        for id in due {
            done += 1;
            let begun = self.store.write_unrecorded(move |tx| mail::begin(tx, id, now, now + UNKNOWN_AFTER)).await;
            let sending = match begun {
                Ok(Some(sending)) => sending,
                Ok(None) => continue,
                // It can't be read, and what waits after it must not wait for it.
                Err(error) if !error.is_storage_failure() => {
                    tracing::error!(%error, mail = id, "mail can't be read");
                    self.store.write_unrecorded(move |tx| mail::drop_unsent(tx, id, now)).await?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let outcome = self.sender.send(&sending).await;
            let unreachable = matches!(outcome, Outcome::Unreachable(_));
            self.settle(sending, outcome).await?;
            if unreachable {
                break;
            }
        }
        let next = self.store.read(mail::next_due).await?;
        Ok((done, next))
    }

    async fn settle(&self, sending: Sending, outcome: Outcome) -> store::Result<()> {
        let (id, now, attempts) = (sending.id, self.clock.now(), sending.attempts);
        let label = match &outcome {
            Outcome::Taken => "taken",
            Outcome::Refused(_) | Outcome::Unsendable => "refused",
            Outcome::NotNow(_) => "not_now",
            Outcome::Unreachable(_) => "unreachable",
        };
        metrics::counter!("latchkey_mail_attempts_total", "outcome" => label).increment(1);
        match outcome {
            Outcome::Taken => self.store.write_unrecorded(move |tx| mail::sent(tx, id, now)).await,
            Outcome::Refused(reply) => self.bounce(sending, reply, now).await,
            Outcome::Unsendable => {
                self.bounce(sending, "This is no address that mail can be sent to.".into(), now).await
            }
            Outcome::NotNow(reply) => {
                let at = now + delay(attempts);
                self.store.write_unrecorded(move |tx| mail::try_again(tx, id, at, &reply)).await
            }
            Outcome::Unreachable(reply) => {
                let at = now + delay(attempts);
                let later = move |tx: &Tx| {
                    mail::try_again(tx, id, at, &reply)?;
                    mail::put_off(tx, now, at, &reply)
                };
                self.store.write_unrecorded(later).await
            }
        }
    }

    async fn bounce(&self, sending: Sending, reply: String, now: Millis) -> store::Result<()> {
        let Sending { id, person_id, property_id, secret, .. } = sending;
        let link = secret.map(|secret| hash_of(&secret));
        let bounce = move |tx: &Tx| {
            mail::bounced(tx, id, now, &reply)?;
            if let (None, Some(link)) = (person_id, &link) {
                return pass::mail_bounced(tx, link, reply, now);
            }
            let Some(person) = person_id.map(|id| people::by_id(tx, id)).transpose()?.flatten() else { return Ok(()) };
            let subject = Subject { kind: SubjectKind::Person.into(), id: Some(person.id.uuid()), name: person.name };
            let mut event = By::system().event(Action::PersonMailBounced, subject);
            event.property_id = property_id;
            event.outcome = Recorded::Failed;
            event.detail = reply;
            tx.record(now, event)?;
            Ok(())
        };
        self.store.write_unrecorded(bounce).await
    }
}

/// How long to wait after so many attempts: a minute after the first, doubled by each further one, at most an hour; a random
/// part of it less, so that not everything is tried again at the same moment.
fn delay(attempts: u32) -> Millis {
    delay_with(attempts, getrandom::u64().unwrap_or(u64::MAX))
}

fn delay_with(attempts: u32, random: u64) -> Millis {
    let ceiling = MINUTE.checked_shl(attempts.saturating_sub(1).min(6)).unwrap_or(HOUR).min(HOUR);
    let random = Millis::try_from(random >> 1).unwrap_or_default();
    ceiling - random % (ceiling / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_an_hour_and_differ() {
        for (attempts, most) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (1000, 60)] {
            for random in [0, 1, u64::MAX / 3, u64::MAX] {
                let wait = delay_with(attempts, random);
                assert!(wait <= most * MINUTE && wait > most * MINUTE * 3 / 4, "{attempts}: {wait}");
            }
        }
        assert_ne!(delay_with(5, 0), delay_with(5, 1 << 40));
    }
}
