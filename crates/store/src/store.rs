//! The database, open: to be asked and to be changed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Notify;
use uuid::Uuid;

use crate::news::News;
use crate::readers::Readers;
use crate::schema::Durability;
use crate::writer::Writer;
use crate::{Db, Error, MasterKey, Result, Tx, Vault};

/// The database and the keys to what is sealed in it. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    path: PathBuf,
    vault: Vault,
    news: Arc<News>,
    readers: Readers,
    writer: Writer,
}

impl Store {
    /// Opens the database at `path`, making it if it isn't there, and brings its schema up to date.
    ///
    /// # Errors
    /// [`Error::Storage`] when the file can't be opened, [`Error::NewerSchema`] when it is newer than this program.
    pub async fn open(path: &Path, master: MasterKey) -> Result<Self> {
        Self::open_with(path, master, Durability::Full).await
    }

    /// As [`Store::open`], but a power cut loses or breaks the file: for making one that is thrown away if it isn't
    /// finished.
    ///
    /// # Errors
    /// As [`Store::open`]'s.
    pub async fn open_unsafely_fast(path: &Path, master: MasterKey) -> Result<Self> {
        Self::open_with(path, master, Durability::None).await
    }

    async fn open_with(path: &Path, master: MasterKey, durability: Durability) -> Result<Self> {
        let path = path.to_owned();
        let opened = tokio::task::spawn_blocking(move || {
            let vault = Vault::new(master);
            let news = Arc::new(News::default());
            let writer = Writer::start(&path, durability, vault.clone(), news.clone())?;
            let readers = Readers::start(&path)?;
            Ok(Self(Arc::new(Inner { path, vault, news, readers, writer })))
        });
        opened.await.map_err(|_| Error::Panicked)?
    }

    /// Asks the database something, in one state of it. Never waits for what writes.
    ///
    /// # Errors
    /// What `question` answers; [`Error::Closed`].
    pub async fn read<T, E>(&self, question: impl FnOnce(&Db) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.0.readers.read(question).await
    }

    /// Does something that changes the database, after whatever waits before it.
    ///
    /// It is kept when `deed` answers `Ok`, and undone, with its events, when it answers `Err`. It runs to its end even
    /// when nobody waits for this any more, and an answer comes only once it is on disk.
    ///
    /// # Errors
    /// What `deed` answers; [`Error::Unrecorded`] when it changed something and recorded nothing (R31);
    /// [`Error::Storage`] or [`Error::Commit`], after which it may have happened all the same.
    pub async fn write<T, E>(&self, deed: impl FnOnce(&Tx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.0.writer.write(deed, true).await
    }

    /// As [`Store::write`], for what is nobody's action and may be without an event: a session's last use, a step of
    /// the lock worker between two results.
    ///
    /// # Errors
    /// As [`Store::write`]'s, but for [`Error::Unrecorded`].
    pub async fn write_unrecorded<T, E>(&self, deed: impl FnOnce(&Tx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.0.writer.write(deed, false).await
    }

    /// As [`Store::write_unrecorded`], for what nobody waits for. If it fails, the log says so and nothing else comes of
    /// it; while too much waits already, it isn't done at all.
    pub fn write_later(&self, deed: impl FnOnce(&Tx) -> Result<()> + Send + 'static) {
        self.0.writer.write_later(deed);
    }

    /// Told whenever a change was committed that makes work at the locks of that hub. A telling that nobody waited for
    /// is kept for the next who waits.
    pub fn work_of_hub(&self, hub_id: Uuid) -> Arc<Notify> {
        self.0.news.hub(hub_id)
    }

    /// Told whenever a change was committed that may make something due at another time than before, as
    /// [`Store::work_of_hub`] is.
    pub fn work_of_time(&self) -> Arc<Notify> {
        self.0.news.time()
    }

    /// The keys.
    pub fn vault(&self) -> &Vault {
        &self.0.vault
    }

    /// The database's file.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Did writing last succeed? While it doesn't, it is tried about once a second. Costs nothing to ask.
    pub fn is_writable(&self) -> bool {
        self.0.writer.is_writable()
    }

    /// How many changes wait to be made.
    pub fn waiting(&self) -> usize {
        self.0.writer.waiting()
    }

    /// Closes every connection, which folds the WAL into the file. What waits is done before.
    pub async fn close(&self) {
        let inner = self.0.clone();
        let closed = tokio::task::spawn_blocking(move || {
            inner.readers.stop();
            inner.writer.stop();
        });
        if closed.await.is_err() {
            tracing::error!("closing the database panicked");
        }
    }
}
