//! One open stream.

use std::convert::Infallible;
use std::time::Duration;

use api_types::{LiveEvent, LiveKind};
use axum::body::Bytes;
use futures_util::{Stream as Frames, stream};
use ids::PersonId;
use store::Millis;
use tokio::sync::watch;
use tokio::time::Instant;

use super::journal::{Found, Place, frame};
use super::seats::Seat;
use super::viewer::Viewer;
use crate::app::App;
use crate::auth::Credential;
use crate::problem::Result;

/// How often something is sent at least, so that proxies keep the connection and the client notices when it is gone.
const ALIVE_EVERY: Duration = Duration::from_secs(20);

/// How much is sent at a time, in bytes; what comes after it waits in the journal for the client to take this.
const MAX_CHUNK: usize = 32 * 1024;

/// A stream of what its person may know of.
pub(crate) struct Stream {
    app: App,
    person: PersonId,
    credential: Credential,
    seat: Seat,
    viewer: Viewer,
    /// As of which change of rights the viewer was read.
    generation: u64,
    place: Option<Place>,
    additions: watch::Receiver<u64>,
    alive_at: Instant,
    is_over: bool,
}

impl Stream {
    /// Opens a stream of what happens after `place`; without one, the client has to look at everything first.
    ///
    /// # Errors
    /// 401 `signed_out`; 503 where the database failed.
    pub(crate) async fn open(
        app: App,
        person: PersonId,
        credential: Credential,
        seat: Seat,
        place: Option<Place>,
    ) -> Result<Option<Self>> {
        let additions = app.journal().follow();
        let generation = app.store().changes().rights_generation();
        let Some(viewer) = read(&app, credential, app.now()).await? else { return Ok(None) };
        let alive_at = Instant::now() + ALIVE_EVERY;
        Ok(Some(Self { app, person, credential, seat, viewer, generation, place, additions, alive_at, is_over: false }))
    }

    /// What is sent, until the stream ends.
    pub(crate) fn frames(self) -> impl Frames<Item = std::result::Result<Bytes, Infallible>> + Send {
        stream::unfold(self, |mut stream| async move { stream.next().await.map(|bytes| (Ok(bytes), stream)) })
    }

    async fn next(&mut self) -> Option<Bytes> {
        if self.is_over {
            return None;
        }
        loop {
            // Before anything that it allows is sent. If rights change from here on, they do so while it is being sent.
            if !self.is_allowed().await? {
                return Some(self.end_with(LiveKind::SessionEnded));
            }
            self.additions.mark_unchanged();
            if let Some(chunk) = self.read() {
                self.alive_at = Instant::now() + ALIVE_EVERY;
                return Some(chunk);
            }
            tokio::select! {
                biased;
                () = self.app.shutting_down() => return None,
                () = self.seat.superseded() => return Some(self.end_with(LiveKind::Superseded)),
                added = self.additions.changed() => added.ok()?,
                () = tokio::time::sleep_until(self.alive_at) => {
                    self.alive_at = Instant::now() + ALIVE_EVERY;
                    if self.is_allowed().await? {
                        // It moves the client's place on, past what it was not to know of.
                        return Some(frame(&LiveEvent::new(LiveKind::Alive), self.place));
                    }
                    return Some(self.end_with(LiveKind::SessionEnded));
                }
            }
        }
    }

    /// What the viewer may know of after the stream's place, as far as it is sent at a time; `None` if there is nothing.
    fn read(&mut self) -> Option<Bytes> {
        let journal = self.app.journal();
        let mut chunk = Vec::new();
        let found = self.place.map_or(Found::Missed, |place| {
            journal.read_after(place, |entry| {
                if self.viewer.may_know(&entry.audience) {
                    chunk.extend_from_slice(&entry.frame);
                }
                chunk.len() < MAX_CHUNK
            })
        });
        match found {
            Found::Read(place) => {
                self.place = Some(place);
                (!chunk.is_empty()).then(|| chunk.into())
            }
            Found::Missed => {
                let place = journal.end();
                self.place = Some(place);
                Some(frame(&LiveEvent::new(LiveKind::Reset), Some(place)))
            }
        }
    }

    /// Whether the session lasts, with the viewer as of now. `None` if nobody can tell, which ends the stream: the client
    /// comes back.
    async fn is_allowed(&mut self) -> Option<bool> {
        let (changes, now) = (self.app.store().changes(), self.app.now());
        let generation = changes.rights_generation();
        let may_differ = now >= self.viewer.until
            || generation != self.generation && changes.concern(self.generation, self.person, &self.credential.id_hash);
        if may_differ {
            match read(&self.app, self.credential, now).await {
                Ok(Some(viewer)) => self.viewer = viewer,
                Ok(None) => return Some(false),
                Err(_) => return None,
            }
        }
        self.generation = generation;
        Some(true)
    }

    fn end_with(&mut self, kind: LiveKind) -> Bytes {
        self.is_over = true;
        frame(&LiveEvent::new(kind), None)
    }
}

async fn read(app: &App, credential: Credential, now: Millis) -> Result<Option<Viewer>> {
    app.read(move |db| Ok(Viewer::read(db, credential, now)?)).await
}
