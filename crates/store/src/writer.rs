//! The single writing connection, on its own thread.
//!
//! Deeds run one after another, each in its own savepoint. Those that are waiting when one begins share its
//! transaction: it is committed once for all of them, and only then is any of them answered. A deed that fails or
//! panics is rolled back alone. A connection that failed is discarded and a new one opened, so that writing resumes as
//! soon as the disk works again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use tokio::sync::oneshot;

use crate::notifier::{ChangeTracker, Notifier};
use crate::schema::Durability;
use crate::{Error, Result, Tx, Vault, audit, error, schema, sql};

/// How many deeds may share a commit, and how long a transaction may have been open when another deed joins it: each of
/// them waits for all the others.
const MAX_DEEDS_PER_COMMIT: usize = 256;
const MAX_OPEN: Duration = Duration::from_millis(15);

/// How often writing is tried while it fails and nobody asks for it.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// How many deeds may wait before further ones are refused: work that arrives faster than it can be done is better
/// refused at once.
const MAX_WAITING: usize = 10_000;

/// How many deeds may wait before detached ones are dropped.
const MAX_WAITING_FOR_DETACHED: usize = 1_000;

pub(crate) struct Writer {
    /// `None` once stopped.
    deeds: Mutex<Option<Sender<Box<dyn Deed>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    writable: Arc<AtomicBool>,
}

impl Writer {
    /// Opens the database, brings its schema up to date and starts the thread.
    pub(crate) fn start(path: &Path, durability: Durability, vault: Vault, notifier: Arc<Notifier>) -> Result<Self> {
        let (deeds, asked) = crossbeam_channel::unbounded();
        let writable = Arc::new(AtomicBool::new(true));
        let mut thread = WriterThread {
            path: path.to_owned(),
            durability,
            vault,
            notifier,
            asked,
            writable: writable.clone(),
            connection: None,
        };
        let mut db = schema::connect_to_write(path, durability)?;
        schema::migrate(&mut db)?;
        thread.vault.check(&db)?;
        thread.adopt(db)?;
        thread.index_log()?;
        let thread = thread::Builder::new().name("writes records".into()).spawn(move || thread.run());
        let thread = thread.map_err(|_| Error::Closed)?;
        Ok(Self { deeds: Mutex::new(Some(deeds)), thread: Mutex::new(Some(thread)), writable })
    }

    pub(crate) async fn write<T, E>(
        &self,
        deed: impl FnOnce(&Tx) -> Result<T, E> + Send + 'static,
        must_record: bool,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        if self.waiting() >= MAX_WAITING {
            return Err(Error::QueueFull.into());
        }
        let (reply, answer) = oneshot::channel();
        let asked = AwaitedDeed { deed: Some(deed), outcome: None, must_record, reply };
        let sent = self.deeds().is_some_and(|deeds| deeds.send(Box::new(asked)).is_ok());
        if !sent {
            return Err(Error::Closed.into());
        }
        answer.await.unwrap_or_else(|_| Err(Error::Panicked.into()))
    }

    pub(crate) fn write_later(&self, deed: impl FnOnce(&Tx) -> Result<()> + Send + 'static) {
        if let Some(deeds) = self.deeds().filter(|deeds| deeds.len() < MAX_WAITING_FOR_DETACHED) {
            // An error means that the store was closed.
            let _ = deeds.send(Box::new(DetachedDeed { deed: Some(deed) }));
        }
    }

    pub(crate) fn is_writable(&self) -> bool {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        self.writable.load(Ordering::Relaxed) && thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    pub(crate) fn waiting(&self) -> usize {
        self.deeds().map_or(0, |deeds| deeds.len())
    }

    pub(crate) fn stop(&self) {
        self.deeds.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes records panicked");
        }
    }

    fn deeds(&self) -> Option<Sender<Box<dyn Deed>>> {
        self.deeds.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Something to be done in the write transaction.
trait Deed: Send {
    /// Runs the deed; returns whether to keep it.
    fn run(&mut self, tx: &Tx) -> bool;
    /// Whether the deed must record an event if it changes something (R31).
    fn must_record(&self) -> bool;
    /// The deed isn't kept, for this reason.
    fn fail(&mut self, error: Error);
    /// Answers whoever is waiting. `failed` says why a deed that was to be kept may not have been.
    fn answer(self: Box<Self>, failed: Option<&str>);
}

/// A deed that somebody waits for.
struct AwaitedDeed<F, T, E> {
    deed: Option<F>,
    outcome: Option<Result<T, E>>,
    must_record: bool,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Deed for AwaitedDeed<F, T, E>
where
    F: FnOnce(&Tx) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run(&mut self, tx: &Tx) -> bool {
        self.outcome = self.deed.take().map(|deed| deed(tx));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn must_record(&self) -> bool {
        self.must_record
    }

    fn fail(&mut self, error: Error) {
        self.outcome = Some(Err(error.into()));
    }

    fn answer(self: Box<Self>, failed: Option<&str>) {
        let outcome = match (self.outcome, failed) {
            (Some(Ok(_)), Some(why)) => Err(Error::Commit(why.to_owned()).into()),
            (Some(outcome), _) => outcome,
            (None, why) => Err(Error::Commit(why.unwrap_or("it was not begun").to_owned()).into()),
        };
        // An error means that nobody is waiting any more; the deed is done all the same.
        let _ = self.reply.send(outcome);
    }
}

/// A deed that nobody waits for.
struct DetachedDeed<F> {
    deed: Option<F>,
}

impl<F: FnOnce(&Tx) -> Result<()> + Send> Deed for DetachedDeed<F> {
    fn run(&mut self, tx: &Tx) -> bool {
        match self.deed.take().map(|deed| deed(tx)) {
            Some(Ok(())) => true,
            Some(Err(error)) => {
                tracing::warn!(%error, "something that nobody waits for wasn't written");
                false
            }
            None => false,
        }
    }

    fn must_record(&self) -> bool {
        false
    }

    fn fail(&mut self, error: Error) {
        tracing::warn!(%error, "something that nobody waits for wasn't written");
    }

    fn answer(self: Box<Self>, _: Option<&str>) {}
}

struct Connection {
    tx: Tx,
    tracker: ChangeTracker,
}

struct WriterThread {
    path: PathBuf,
    durability: Durability,
    vault: Vault,
    notifier: Arc<Notifier>,
    asked: Receiver<Box<dyn Deed>>,
    writable: Arc<AtomicBool>,
    /// `None` after a failure, until a new one is opened.
    connection: Option<Connection>,
}

impl WriterThread {
    fn run(mut self) {
        loop {
            let writable = self.writable.load(Ordering::Relaxed);
            let first = if writable {
                self.asked.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                self.asked.recv_timeout(RETRY_INTERVAL)
            };
            match first {
                Ok(first) => self.commit_together(first),
                Err(RecvTimeoutError::Timeout) => self.probe(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Runs a deed and those that wait behind it, commits them, and answers.
    fn commit_together(&mut self, first: Box<dyn Deed>) {
        let mut run: Vec<Box<dyn Deed>> = Vec::new();
        let mut next = Some(first);
        let done = self.in_transaction(|connection, asked| {
            let begun = Instant::now();
            while let Some(mut deed) = next.take() {
                let ran = run_alone(&connection.tx, &mut *deed);
                run.push(deed);
                ran?;
                if run.len() < MAX_DEEDS_PER_COMMIT && begun.elapsed() < MAX_OPEN {
                    next = asked.try_recv().ok();
                }
            }
            Ok(())
        });
        run.extend(next);
        let failed = done.err().map(|error| error.to_string());
        for deed in run {
            deed.answer(failed.as_deref());
        }
    }

    /// Checks whether writing works again, while it has failed and nobody asks for it.
    fn probe(&mut self) {
        let tried = self.in_transaction(|connection, _| {
            let version: i64 = sql::value(&connection.tx, "PRAGMA user_version", [])?;
            Ok(connection.tx.pragma_update(None, "user_version", version)?)
        });
        if tried.is_ok() {
            tracing::info!("the database can be written to again");
        }
    }

    /// Runs `work` in a transaction, commits it and notifies the workers. After a failure either nothing was done or
    /// that is unknown, and the connection is discarded.
    fn in_transaction(&mut self, work: impl FnOnce(&Connection, &Receiver<Box<dyn Deed>>) -> Result<()>) -> Result<()> {
        let done = self.ensure_connected().and_then(|()| {
            let Some(connection) = &self.connection else { return Err(Error::Closed) };
            let tx = &connection.tx;
            execute(tx, "BEGIN IMMEDIATE")?;
            // Another process may have added to the log in the meantime.
            tx.log.replace(audit::head::Log::default());
            work(connection, &self.asked)?;
            audit::flush_index(tx)?;
            let recipients = connection.tracker.take_recipients(tx)?;
            execute(tx, "COMMIT")?;
            self.notifier.notify(recipients);
            Ok(())
        });
        if let Err(error) = &done {
            tracing::error!(%error, "the database can't be written to");
            // Closing a connection rolls back what it had begun.
            self.connection = None;
        }
        self.writable.store(done.is_ok(), Ordering::Relaxed);
        done
    }

    /// Makes sure that there is a connection.
    fn ensure_connected(&mut self) -> Result<()> {
        if self.connection.is_none() {
            let db = schema::reconnect_to_write(&self.path, self.durability)?;
            self.adopt(db)?;
        }
        Ok(())
    }

    fn adopt(&mut self, db: crate::Db) -> Result<()> {
        let tracker = ChangeTracker::install(&db)?;
        self.connection = Some(Connection { tx: Tx::new(db, self.vault.clone()), tracker });
        Ok(())
    }

    /// Builds the index of a log that was written before there was an index.
    fn index_log(&mut self) -> Result<()> {
        self.in_transaction(|connection, _| audit::index_once(&connection.tx))
    }
}

/// Runs a deed in its own savepoint.
///
/// # Errors
/// The transaction is lost, and with it what other deeds did in it.
fn run_alone(tx: &Tx, deed: &mut dyn Deed) -> Result<()> {
    execute(tx, "SAVEPOINT deed")?;
    let changes = tx.total_changes();
    let log = tx.log.borrow().mark();
    tx.begin_deed();
    error::file_failed();
    let keep = catch_unwind(AssertUnwindSafe(|| deed.run(tx))).unwrap_or_else(|_| {
        deed.fail(Error::Panicked);
        false
    });
    let unrecorded = keep && deed.must_record() && !tx.has_recorded() && tx.total_changes() > changes;
    if unrecorded {
        deed.fail(Error::Unrecorded);
    }
    if error::file_failed() || tx.is_autocommit() {
        // SQLite rolled back either the statement alone or the whole transaction. There may be no room for what other
        // deeds did, either.
        return Err(Error::Commit("the disk is full or failed".into()));
    }
    if !keep || unrecorded {
        execute(tx, "ROLLBACK TO deed")?;
        tx.log.borrow_mut().rewind_to(log);
    }
    execute(tx, "RELEASE deed")
}

fn execute(tx: &Tx, sql: &str) -> Result<()> {
    sql::execute(tx, sql, []).map(|_| ())
}
