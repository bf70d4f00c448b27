//! Holding the writer, so that requests sent in the meantime have arrived but aren't done yet.

use std::sync::mpsc;

use store::Tx;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::harness::TestServer;

/// The writer, held. What was passed to [`TestServer::hold`] is done when it is released, before anything that is
/// waiting.
pub(crate) struct Held {
    release: mpsc::Sender<()>,
    done: JoinHandle<()>,
}

impl TestServer {
    /// Holds the writer, and does `then` when it is released.
    pub(crate) async fn hold(&self, then: impl FnOnce(&Tx) + Send + 'static) -> Held {
        let (release, released) = mpsc::channel();
        let (begin, begun) = oneshot::channel();
        let store = self.app.store().clone();
        let done = tokio::spawn(async move {
            let held = store.write_unrecorded(move |tx| {
                begin.send(()).expect("somebody waits");
                released.recv().expect("it is released");
                then(tx);
                Ok::<_, store::Error>(())
            });
            held.await.expect("written");
        });
        begun.await.expect("it is held");
        Held { release, done }
    }

    /// Waits until `deeds` deeds are waiting for the writer.
    pub(crate) async fn until_waiting(&self, deeds: usize) {
        self.eventually("deeds wait", async || self.app.store().waiting() >= deeds).await;
    }
}

impl Held {
    /// Lets it go on.
    pub(crate) async fn release(self) {
        self.release.send(()).expect("it is held");
        self.done.await.expect("done");
    }
}
