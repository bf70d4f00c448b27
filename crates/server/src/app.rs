//! What handlers share.

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use metrics_exporter_prometheus::PrometheusHandle;
use store::{Db, Millis, Store};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::assets::Assets;
use crate::auth::passkey::Passkeys;
use crate::auth::password::{PasswordCost, Passwords};
use crate::auth::throttle::Throttle;
use crate::clock::Clock;
use crate::denials::Denials;
use crate::hubs::Hubs;
use crate::live::journal::Journal;
use crate::live::seats::Seats;
use crate::mail::language;
use crate::mail::post::Post;
use crate::mail::settings::MailSettings;
use crate::mail::smtp::Sender;
use crate::metrics_recorder::metrics_recorder;
use crate::problem::Result;
use crate::worker::{self, Health};

/// What a thousand locks and their people do in some minutes; each takes about 300 bytes.
const EVENTS_KEPT: usize = 16_384;

/// How the server is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether the data are made up; the console says so.
    pub demo: bool,
    /// Whether there is a proxy in front, whose `X-Forwarded-For` and `X-Forwarded-Proto` are trusted.
    pub behind_proxy: bool,
    /// Whether it listens on loopback alone, so that only programs of this machine can connect.
    pub loopback_only: bool,
    /// Where people reach the console, if the server was told.
    pub public_url: Option<String>,
    /// How mail is sent; it isn't where this is `None`.
    pub mail: Option<MailSettings>,
    /// What hashing a password costs. [`PasswordCost::FOR_TESTS`] is for tests only.
    pub password_cost: PasswordCost,
    /// How long a request's body may take to arrive, once its handler wants it.
    pub body_time: Duration,
    /// How long an answer that says to wait (429) is kept back; by default it isn't.
    pub waits_told_after: Duration,
    /// How many events are kept for streams that break off, or are slow.
    pub events_kept: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            demo: false,
            behind_proxy: false,
            loopback_only: false,
            public_url: None,
            mail: None,
            password_cost: PasswordCost::STANDARD,
            body_time: Duration::from_secs(20),
            waits_told_after: Duration::ZERO,
            events_kept: EVENTS_KEPT,
        }
    }
}

/// What every handler has access to. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Clock,
    hubs: Hubs,
    denials: Arc<Denials>,
    workers: Arc<Health>,
    journal: Arc<Journal>,
    seats: Seats,
    passwords: Passwords,
    passkeys: Passkeys,
    throttle: Throttle,
    assets: Assets,
    metrics: PrometheusHandle,
    sender: Option<Sender>,
    settings: Settings,
    shutdown: watch::Sender<bool>,
}

impl App {
    /// Sets up the server around an open store.
    ///
    /// # Errors
    /// The operating system supplies no random bytes, or the database failed.
    pub async fn new(store: Store, clock: Clock, hubs: Hubs, settings: Settings) -> anyhow::Result<Self> {
        let clock = clock.resumed(&store).await?;
        Ok(Self(Arc::new(Inner {
            store,
            passwords: Passwords::new(settings.password_cost)?,
            passkeys: Passkeys::new(settings.public_url.as_deref(), clock.clone())?,
            throttle: Throttle::new(clock.clone()),
            clock,
            hubs,
            denials: Arc::default(),
            workers: Arc::default(),
            journal: Arc::new(Journal::new(settings.events_kept)),
            seats: Seats::default(),
            assets: Assets::of_the_program(),
            metrics: metrics_recorder(),
            sender: settings.mail.as_ref().map(Sender::new).transpose()?,
            settings,
            shutdown: watch::Sender::new(false),
        })))
    }

    /// The records.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The clock; [`App::now`] for short.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The hubs with their locks.
    pub fn hubs(&self) -> &Hubs {
        &self.0.hubs
    }

    /// Reads from the records; see [`Store::read`].
    ///
    /// # Errors
    /// What `question` returns; 503 where the database failed.
    pub async fn read<T: Send + 'static>(&self, question: impl FnOnce(&Db) -> Result<T> + Send + 'static) -> Result<T> {
        self.0.store.read(question).await
    }

    /// Denials that aren't recorded yet.
    pub fn denials(&self) -> &Arc<Denials> {
        &self.0.denials
    }

    /// The health of the workers.
    pub fn workers(&self) -> &Arc<Health> {
        &self.0.workers
    }

    /// What has happened recently, for those who follow it.
    pub(crate) fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// Who follows it.
    pub(crate) fn seats(&self) -> &Seats {
        &self.0.seats
    }

    /// The event after which there is everything that happens from now on.
    pub fn events_at(&self) -> String {
        self.0.journal.end().to_string()
    }

    /// How many streams of events are open.
    pub fn open_streams(&self) -> usize {
        self.0.seats.taken()
    }

    /// Starts the workers, which drive the locks, do what falls due, and record denials. They stop when the set is
    /// dropped.
    pub fn start_workers(&self) -> JoinSet<()> {
        let sender = self.0.sender.as_ref();
        let journal = &self.0.journal;
        worker::start(&self.0.store, &self.0.hubs, &self.0.clock, &self.0.workers, &self.0.denials, journal, sender)
    }

    /// Now, in milliseconds since 1970 in UTC.
    pub fn now(&self) -> Millis {
        self.0.clock.now()
    }

    /// Hashes and checks passwords.
    pub fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    /// Asks authenticators for passkeys, and checks what they answer.
    pub(crate) fn passkeys(&self) -> &Passkeys {
        &self.0.passkeys
    }

    /// Slows down guessing.
    pub fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    /// Whether the data are made up.
    pub fn demo(&self) -> bool {
        self.0.settings.demo
    }

    /// Where people reach the console, if the server was told.
    pub fn public_url(&self) -> Option<&str> {
        self.0.settings.public_url.as_deref()
    }

    /// Whether this server sends mail.
    pub fn mails(&self) -> bool {
        self.0.sender.is_some()
    }

    /// Where letters go that a request brings about.
    pub fn post(&self, headers: &HeaderMap) -> Post {
        Post::new(self.mails(), language::of(headers))
    }

    /// Whether there is a proxy in front of the server.
    pub fn behind_proxy(&self) -> bool {
        self.0.settings.behind_proxy
    }

    /// Whether the server listens on loopback alone.
    pub fn loopback_only(&self) -> bool {
        self.0.settings.loopback_only
    }

    /// How long a request's body may take to arrive.
    pub fn body_time(&self) -> Duration {
        self.0.settings.body_time
    }

    /// How long an answer that says to wait (429) is kept back.
    pub fn waits_told_after(&self) -> Duration {
        self.0.settings.waits_told_after
    }

    pub(crate) fn assets(&self) -> &Assets {
        &self.0.assets
    }

    pub(crate) fn metrics(&self) -> &PrometheusHandle {
        &self.0.metrics
    }

    /// Begins shutting down: streams end, so that their connections can be closed.
    pub fn shut_down(&self) {
        self.0.shutdown.send_replace(true);
    }

    /// Returns once the server begins shutting down. Endless streams must end then.
    pub async fn shutting_down(&self) {
        // An error would mean that the sender is gone, but this holds it.
        let _ = self.0.shutdown.subscribe().wait_for(|stopping| *stopping).await;
    }
}
