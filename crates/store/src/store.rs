//! The open database: reading and changing it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ids::HubId;
use tokio::sync::Notify;

use crate::changes::Changes;
use crate::notifier::Notifier;
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
    notifier: Arc<Notifier>,
    readers: Readers,
    writer: Writer,
}

impl Store {
    /// Opens the database at `path`, creating it if it doesn't exist, and brings its schema up to date.
    ///
    /// # Errors
    /// [`Error::Storage`] when the file can't be opened, [`Error::NewerSchema`] when it is newer than this program.
    pub async fn open(path: &Path, master: MasterKey) -> Result<Self> {
        Self::open_with(path, master, Durability::Full).await
    }

    /// Like [`Store::open`], but a power cut may lose or corrupt the file: for building one that is thrown away if it
    /// isn't finished.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_unsafely_fast(path: &Path, master: MasterKey) -> Result<Self> {
        Self::open_with(path, master, Durability::None).await
    }

    async fn open_with(path: &Path, master: MasterKey, durability: Durability) -> Result<Self> {
        let path = path.to_owned();
        let opened = tokio::task::spawn_blocking(move || {
            let vault = Vault::new(master);
            let notifier = Arc::new(Notifier::default());
            let writer = Writer::start(&path, durability, vault.clone(), notifier.clone())?;
            let readers = Readers::start(&path)?;
            Ok(Self(Arc::new(Inner { path, vault, notifier, readers, writer })))
        });
        opened.await.map_err(|_| Error::Panicked)?
    }

    /// Reads from the database, in one consistent state. Never waits for a writer.
    ///
    /// # Errors
    /// What `question` returns; [`Error::Closed`].
    pub async fn read<T, E>(&self, question: impl FnOnce(&Db) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.0.readers.read(question).await
    }

    /// Makes a change, after those already waiting.
    ///
    /// The change is kept if `deed` returns `Ok`, and undone, with its events, if it returns `Err`. It runs to
    /// completion even if nobody is waiting for it any more, and this returns only once the change is on disk.
    ///
    /// # Errors
    /// What `deed` returns; [`Error::Unrecorded`] when it changed something and recorded nothing (R31);
    /// [`Error::Storage`] or [`Error::Commit`], after which the change may have happened nevertheless.
    pub async fn write<T, E>(&self, deed: impl FnOnce(&Tx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.0.writer.write(deed, true).await
    }

    /// Like [`Store::write`], for what is nobody's action and needs no event: a session's last use, an intermediate
    /// step of the lock worker.
    ///
    /// # Errors
    /// As [`Store::write`], except [`Error::Unrecorded`].
    pub async fn write_unrecorded<T, E>(&self, deed: impl FnOnce(&Tx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.0.writer.write(deed, false).await
    }

    /// Like [`Store::write_unrecorded`], for changes that nobody waits for. If one fails, the program's log says so and
    /// that is all; while too much is waiting already, it isn't made at all.
    pub fn write_later(&self, deed: impl FnOnce(&Tx) -> Result<()> + Send + 'static) {
        self.0.writer.write_later(deed);
    }

    /// Notified whenever a change was committed that makes work at that hub's locks. A notification that nobody was
    /// waiting for is kept for the next wait.
    pub fn hub_work(&self, hub_id: HubId) -> Arc<Notify> {
        self.0.notifier.hub(hub_id)
    }

    /// Notified, like [`Store::hub_work`], whenever a change was committed that may change when something is due.
    pub fn time_work(&self) -> Arc<Notify> {
        self.0.notifier.time()
    }

    /// Notified, like [`Store::hub_work`], whenever mail was written.
    pub fn mail_work(&self) -> Arc<Notify> {
        self.0.notifier.mail()
    }

    /// What commits change, for whoever follows it.
    pub fn changes(&self) -> Arc<Changes> {
        self.0.notifier.changes()
    }

    /// Notified, like [`Store::hub_work`], whenever hubs were added, changed or removed, or locks linked or let go.
    pub fn link_work(&self) -> Arc<Notify> {
        self.0.notifier.links()
    }

    /// The keys.
    pub fn vault(&self) -> &Vault {
        &self.0.vault
    }

    /// The database's file.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Whether the last write succeeded. While writes fail, one is tried about once a second. Costs nothing to call.
    pub fn is_writable(&self) -> bool {
        self.0.writer.is_writable()
    }

    /// How many changes are waiting to be made.
    pub fn waiting(&self) -> usize {
        self.0.writer.waiting()
    }

    /// Closes every connection, which merges the WAL into the file. Changes that are waiting are made first.
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
