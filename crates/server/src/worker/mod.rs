//! The workers: they make the locks agree with what is wanted (R24, R25, R27–R29), and the codes with the time.
//!
//! For each hub, one task drives its locks (`hub`), so that a slow or dead hub slows nobody else down; another listens
//! to the hub's events, and a third polls what is presumed offline (`presence`). They start and stop with the hubs that
//! people add, change and remove (`registry`). One task does what falls due for guest codes, tenancies and daily summaries
//! (`time`), one sends mail (`mail`), and one tells the consoles that are open what happens (`crate::live`). Each is
//! supervised (`supervision`): one that ends or panics is counted, reported by readiness, and
//! restarted.
//!
//! The store notifies them of every commit that makes work ([`Store::hub_work`]). They also check for work every
//! `HEARTBEAT`, so that nothing waits for a notification that never comes.

mod check;
mod hub;
mod mail;
mod pace;
mod presence;
mod registry;
mod settler;
mod summaries;
mod supervision;
mod time;
mod turns;
mod unreachable;

use std::sync::Arc;

use api_types::Language;
use store::Store;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::denials::{self, Denials};
use crate::hubs::Hubs;
use crate::live::feed;
use crate::live::journal::Journal;
use crate::mail::post::Post;
use crate::mail::smtp::Sender;
use mail::Mailer;
use registry::Registry;
pub use settler::Settler;
use supervision::supervise;
pub use supervision::{Health, Worker};
use time::Timekeeper;

/// Starts the workers. They stop when the set is dropped.
pub(crate) fn start(
    store: &Store,
    hubs: &Hubs,
    clock: &Clock,
    health: &Arc<Health>,
    denials: &Arc<Denials>,
    journal: &Arc<Journal>,
    sender: Option<&Sender>,
) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let registry = Registry::new(store, hubs, clock, health);
    for (hub_id, driver) in hubs.drivers() {
        registry.start(&mut tasks, hub_id, 0, &driver);
    }
    let locks = registry.removals();
    supervise(&mut tasks, health, "connects hubs".into(), move || registry.clone().keep());
    // Whom it is written to has chosen a language, or gets the console's first.
    let post = Post::new(sender.is_some(), Language::English);
    let timekeeper = Timekeeper::new(store, clock, locks, post);
    supervise(&mut tasks, health, "keeps time".into(), move || timekeeper.clone().keep_time());
    if let Some(sender) = sender {
        let mailer = Mailer::new(store, clock, sender);
        supervise(&mut tasks, health, "sends mail".into(), move || mailer.clone().send());
    }
    let (followed, journal) = (store.clone(), journal.clone());
    supervise(&mut tasks, health, "tells what happens".into(), move || {
        feed::keep_up(followed.clone(), journal.clone())
    });
    let (denials, store, clock) = (denials.clone(), store.clone(), clock.clone());
    let keep = move || denials::keep_recording(denials.clone(), store.clone(), clock.clone());
    supervise(&mut tasks, health, "records who was turned away".into(), keep);
    tasks
}
