//! The reading connections, each on its own thread, so that a slow query holds up no other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender};
use tokio::sync::oneshot;

use crate::{Db, Error, Result, schema};

/// How many connections read concurrently; with WAL they don't wait for the writer.
const READERS: usize = 4;

/// A query to run; returns whether the connection is still usable.
type Question = Box<dyn FnOnce(Result<&Db>) -> bool + Send>;

pub(crate) struct Readers {
    /// `None` once stopped.
    questions: Mutex<Option<Sender<Question>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Readers {
    pub(crate) fn start(path: &Path) -> Result<Self> {
        let (questions, asked) = crossbeam_channel::unbounded();
        let mut threads = Vec::with_capacity(READERS);
        for _ in 0..READERS {
            let reader =
                Reader { path: path.to_owned(), db: Some(schema::connect_to_read(path)?), asked: asked.clone() };
            let thread = thread::Builder::new().name("reads records".into()).spawn(move || reader.run());
            threads.push(thread.map_err(|_| Error::Closed)?);
        }
        Ok(Self { questions: Mutex::new(Some(questions)), threads: Mutex::new(threads) })
    }

    pub(crate) async fn read<T, E>(&self, question: impl FnOnce(&Db) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let question: Question = Box::new(move |db| {
            let (answer, usable) = match db {
                Ok(db) => in_snapshot(db, question),
                Err(error) => (Err(error.into()), false),
            };
            // An error means that nobody is waiting any more.
            let _ = reply.send(answer);
            usable
        });
        let questions = self.questions.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let sent = questions.is_some_and(|questions| questions.send(question).is_ok());
        if !sent {
            return Err(Error::Closed.into());
        }
        answer.await.unwrap_or_else(|_| Err(Error::Panicked.into()))
    }

    pub(crate) fn stop(&self) {
        self.questions.lock().unwrap_or_else(PoisonError::into_inner).take();
        for thread in self.threads.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread that reads records panicked");
            }
        }
    }
}

/// Asks within a transaction, so that the whole answer comes from one state. Also returns whether the connection is
/// still usable.
fn in_snapshot<T, E: From<Error>>(db: &Db, question: impl FnOnce(&Db) -> Result<T, E>) -> (Result<T, E>, bool) {
    let run = |sql: &str| -> Result<()> { Ok(db.prepare_cached(sql)?.execute([]).map(|_| ())?) };
    if let Err(error) = run("BEGIN") {
        return (Err(error.into()), false);
    }
    let answer = question(db);
    (answer, run("COMMIT").is_ok())
}

struct Reader {
    path: PathBuf,
    db: Option<Db>,
    asked: Receiver<Question>,
}

impl Reader {
    fn run(mut self) {
        while let Ok(question) = self.asked.recv() {
            let db = match self.db.take() {
                Some(db) => Ok(db),
                None => schema::connect_to_read(&self.path),
            };
            let (db, opened) = match db {
                Ok(db) => (Some(db), None),
                Err(error) => (None, Some(error)),
            };
            let lent = match (&db, opened) {
                (Some(db), _) => Ok(db),
                (None, Some(error)) => Err(error),
                (None, None) => Err(Error::Closed),
            };
            // After a panic or a file failure the connection is discarded.
            let usable = catch_unwind(AssertUnwindSafe(|| question(lent))).unwrap_or(false);
            self.db = db.filter(|_| usable);
        }
    }
}
