//! The one connection that writes, on a thread of its own.
//!
//! Deeds run one after another, each in a savepoint of its own. Those that wait when one begins share its transaction:
//! it is committed once for all of them, and only then is any of them answered. What fails or panics is undone alone. A
//! connection that failed is thrown away and another one opened, so that writing goes on as soon as the disk does.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use tokio::sync::oneshot;

use crate::news::{News, Watch};
use crate::schema::Durability;
use crate::{Error, Result, Tx, Vault, audit, error, schema, sql};

/// At most so many deeds share a commit, and none begins in one that has been open for longer than this: who waits for
/// the commit waits for all of them.
const DEEDS_MOST: usize = 256;
const OPEN_MOST: Duration = Duration::from_millis(15);

/// While writing fails, it is tried so often though nobody asks for it.
const TRY_AGAIN_EVERY: Duration = Duration::from_secs(1);

/// While so many deeds wait, no other is taken: what comes faster than it can be done is better refused at once.
const WAITING_MOST: usize = 10_000;

/// While so many deeds wait, none that nobody waits for is added.
const LATER_MOST: usize = 1_000;

pub(crate) struct Writer {
    /// `None` once it was stopped.
    deeds: Mutex<Option<Sender<Box<dyn Deed>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    writable: Arc<AtomicBool>,
}

impl Writer {
    /// Opens the database, brings its schema up to date and starts the thread.
    pub(crate) fn start(path: &Path, durability: Durability, vault: Vault, news: Arc<News>) -> Result<Self> {
        let (deeds, asked) = crossbeam_channel::unbounded();
        let writable = Arc::new(AtomicBool::new(true));
        let mut thread = WriterThread {
            path: path.to_owned(),
            durability,
            vault,
            news,
            asked,
            writable: writable.clone(),
            connection: None,
        };
        let mut db = schema::connect_to_write(path, durability)?;
        schema::migrate(&mut db)?;
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
        if self.waiting() >= WAITING_MOST {
            return Err(Error::TooMuchWaits.into());
        }
        let (reply, answer) = oneshot::channel();
        let asked = Asked { deed: Some(deed), outcome: None, must_record, reply };
        let sent = self.deeds().is_some_and(|deeds| deeds.send(Box::new(asked)).is_ok());
        if !sent {
            return Err(Error::Closed.into());
        }
        answer.await.unwrap_or_else(|_| Err(Error::Panicked.into()))
    }

    pub(crate) fn write_later(&self, deed: impl FnOnce(&Tx) -> Result<()> + Send + 'static) {
        if let Some(deeds) = self.deeds().filter(|deeds| deeds.len() < LATER_MOST) {
            // An error means that the store was closed.
            let _ = deeds.send(Box::new(Later { deed: Some(deed) }));
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
    /// Does it; answers whether it is to be kept.
    fn run(&mut self, tx: &Tx) -> bool;
    /// May it change something without an event (R31)?
    fn must_record(&self) -> bool;
    /// It isn't kept, for this reason.
    fn fail(&mut self, error: Error);
    /// Tells whoever waits. `failed` says why what was to be kept may not have been.
    fn answer(self: Box<Self>, failed: Option<&str>);
}

/// A deed that somebody waits for.
struct Asked<F, T, E> {
    deed: Option<F>,
    outcome: Option<Result<T, E>>,
    must_record: bool,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Deed for Asked<F, T, E>
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
        // An error means that nobody waits for it any more; it is done all the same.
        let _ = self.reply.send(outcome);
    }
}

/// A deed that nobody waits for.
struct Later<F> {
    deed: Option<F>,
}

impl<F: FnOnce(&Tx) -> Result<()> + Send> Deed for Later<F> {
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
    watch: Watch,
}

struct WriterThread {
    path: PathBuf,
    durability: Durability,
    vault: Vault,
    news: Arc<News>,
    asked: Receiver<Box<dyn Deed>>,
    writable: Arc<AtomicBool>,
    /// `None` after a failure, until another one is opened.
    connection: Option<Connection>,
}

impl WriterThread {
    fn run(mut self) {
        loop {
            let writable = self.writable.load(Ordering::Relaxed);
            let first = if writable {
                self.asked.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                self.asked.recv_timeout(TRY_AGAIN_EVERY)
            };
            match first {
                Ok(first) => self.commit_together(first),
                Err(RecvTimeoutError::Timeout) => self.try_again(),
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
                if run.len() < DEEDS_MOST && begun.elapsed() < OPEN_MOST {
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

    /// Nobody asks, and writing failed: does it work again?
    fn try_again(&mut self) {
        let tried = self.in_transaction(|connection, _| {
            let version: i64 = sql::value(&connection.tx, "PRAGMA user_version", [])?;
            Ok(connection.tx.pragma_update(None, "user_version", version)?)
        });
        if tried.is_ok() {
            tracing::info!("the database can be written to again");
        }
    }

    /// Begins, does something, commits, and tells the workers of it. After a failure nothing of it was done, or it is
    /// unknown, and the connection is thrown away.
    fn in_transaction(&mut self, work: impl FnOnce(&Connection, &Receiver<Box<dyn Deed>>) -> Result<()>) -> Result<()> {
        let done = self.connected().and_then(|()| {
            let Some(connection) = &self.connection else { return Err(Error::Closed) };
            let tx = &connection.tx;
            execute(tx, "BEGIN IMMEDIATE")?;
            // Another process may have added to the log meanwhile.
            tx.log.replace(audit::head::Log::default());
            work(connection, &self.asked)?;
            audit::flush_index(tx)?;
            let told = connection.watch.take(tx)?;
            execute(tx, "COMMIT")?;
            self.news.tell(&told);
            Ok(())
        });
        if let Err(error) = &done {
            tracing::error!(%error, "the database can't be written to");
            // SQLite rolls back what a connection had begun when it is closed.
            self.connection = None;
        }
        self.writable.store(done.is_ok(), Ordering::Relaxed);
        done
    }

    /// Sees to it that there is a connection.
    fn connected(&mut self) -> Result<()> {
        if self.connection.is_none() {
            let db = schema::connect_again(&self.path, self.durability)?;
            self.adopt(db)?;
        }
        Ok(())
    }

    fn adopt(&mut self, db: crate::Db) -> Result<()> {
        let watch = Watch::over(&db)?;
        self.connection = Some(Connection { tx: Tx::new(db, self.vault.clone()), watch });
        Ok(())
    }

    /// Makes the index of a log that was written before there was one.
    fn index_log(&mut self) -> Result<()> {
        self.in_transaction(|connection, _| audit::index_once(&connection.tx))
    }
}

/// Runs a deed in a savepoint of its own.
///
/// # Errors
/// The transaction is lost, and with it what others did in it.
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
        // SQLite undid the statement alone, or the whole transaction. There may be no room for what others did either.
        return Err(Error::Commit("the disk is full or failed".into()));
    }
    if !keep || unrecorded {
        execute(tx, "ROLLBACK TO deed")?;
        tx.log.borrow_mut().return_to(log);
    }
    execute(tx, "RELEASE deed")
}

fn execute(tx: &Tx, sql: &str) -> Result<()> {
    sql::execute(tx, sql, []).map(|_| ())
}
