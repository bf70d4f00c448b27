//! The server's end of the line to this suite's locks: a driver for each hub.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use access_code::Code;
use anyhow::{Context, Result};
use async_trait::async_trait;
use hub::{Accepted, Capabilities, HubEvent, LockDriver, LockError, LockHealth, Slot, SlotContent};
use ids::{HubId, LockId};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{broadcast, mpsc, oneshot};
use zeroize::Zeroizing;

use crate::wire::{Answer, Deed, Fault, Message, Question};

/// How long until an unanswered deed times out.
pub(crate) const PATIENCE: Duration = Duration::from_millis(700);

/// How many locks of a hub are used at a time.
const LOCKS_AT_ONCE: usize = 8;

/// As in the simulator.
const EVENTS_KEPT: usize = 1024;

/// The line to the locks, which all hubs share.
pub(crate) struct Line {
    questions: mpsc::UnboundedSender<Zeroizing<Vec<u8>>>,
    asked: AtomicU64,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Result<Answer, Fault>>>>,
    events: HashMap<HubId, broadcast::Sender<HubEvent>>,
}

impl Line {
    /// Connects to the suite's socket.
    pub(crate) async fn connect(socket: &Path, hubs: &[HubId]) -> Result<Arc<Self>> {
        let stream = UnixStream::connect(socket).await.with_context(|| format!("no locks at {}", socket.display()))?;
        let (reading, writing) = stream.into_split();
        let (questions, asked) = mpsc::unbounded_channel();
        let line = Arc::new(Self {
            questions,
            asked: AtomicU64::new(0),
            waiting: Mutex::default(),
            events: hubs.iter().map(|hub| (*hub, broadcast::channel(EVENTS_KEPT).0)).collect(),
        });
        tokio::spawn(ask(writing, asked));
        tokio::spawn(hear(reading, line.clone()));
        Ok(line)
    }

    /// The driver of one of its hubs.
    pub(crate) fn driver(self: &Arc<Self>, hub: HubId) -> Arc<dyn LockDriver> {
        Arc::new(RemoteHub { hub, line: self.clone() })
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<Result<Answer, Fault>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, told: Message) {
        match told {
            Message::Answer { id, answer } => {
                // Nobody is waiting for an answer that comes too late, or twice.
                if let Some(waits) = self.waiting().remove(&id) {
                    let _ = waits.send(answer);
                }
            }
            Message::Event { hub, event } => {
                if let (Some(events), Some(event)) = (self.events.get(&hub), event.told()) {
                    // An error means that nobody is listening.
                    let _ = events.send(event);
                }
            }
        }
    }
}

async fn ask(mut writing: OwnedWriteHalf, mut questions: mpsc::UnboundedReceiver<Zeroizing<Vec<u8>>>) {
    while let Some(question) = questions.recv().await {
        if writing.write_all(&question).await.is_err() {
            tracing::error!("the line to the locks is cut");
            return;
        }
    }
}

async fn hear(reading: OwnedReadHalf, line: Arc<Line>) {
    let mut reading = BufReader::new(reading);
    let mut text = Zeroizing::new(String::new());
    loop {
        text.clear();
        match reading.read_line(&mut text).await {
            Ok(1..) => match serde_json::from_str(&text) {
                Ok(told) => line.hear(told),
                // Without the message itself, which may hold digits.
                Err(_) => tracing::error!("what the locks say can't be read"),
            },
            _ => {
                // The suite is gone, so nobody will stop this server any more.
                tracing::error!("the line to the locks is cut");
                std::process::exit(1);
            }
        }
    }
}

/// A hub at the other end of the line.
struct RemoteHub {
    hub: HubId,
    line: Arc<Line>,
}

impl RemoteHub {
    async fn ask(&self, lock: LockId, deed: Deed) -> Result<Answer, LockError> {
        let id = self.line.asked.fetch_add(1, Ordering::Relaxed);
        let question = Question { id, hub: self.hub, lock, deed };
        let text = serde_json::to_vec(&question).map_err(|_| LockError::NotSupported)?;
        let mut text = Zeroizing::new(text);
        text.push(b'\n');
        let (waits, answer) = oneshot::channel();
        self.line.waiting().insert(id, waits);
        if self.line.questions.send(text).is_err() {
            return Err(LockError::HubOffline);
        }
        let answer = tokio::time::timeout(PATIENCE, answer).await;
        self.line.waiting().remove(&id);
        match answer {
            Ok(Ok(answer)) => answer.map_err(LockError::from),
            Ok(Err(_)) => Err(LockError::HubOffline),
            Err(_) => Err(LockError::TimedOut),
        }
    }
}

#[async_trait]
impl LockDriver for RemoteHub {
    fn hub(&self) -> HubId {
        self.hub
    }

    fn locks_at_once(&self) -> usize {
        LOCKS_AT_ONCE
    }

    async fn capabilities(&self, lock: LockId) -> Result<Capabilities, LockError> {
        self.ask(lock, Deed::Capabilities).await?.capabilities()
    }

    async fn write(&self, lock: LockId, slot: Slot, code: &Code) -> Result<Accepted, LockError> {
        let digits = Zeroizing::new(code.expose().to_owned());
        self.ask(lock, Deed::Write { slot: slot.number(), digits }).await?.accepted()
    }

    async fn remove(&self, lock: LockId, slot: Slot) -> Result<(), LockError> {
        self.ask(lock, Deed::Remove { slot: slot.number() }).await?.done()
    }

    async fn read_back(&self, lock: LockId, slot: Slot) -> Result<SlotContent, LockError> {
        self.ask(lock, Deed::ReadBack { slot: slot.number() }).await?.content()
    }

    async fn ping(&self, lock: LockId) -> Result<LockHealth, LockError> {
        self.ask(lock, Deed::Ping).await?.health()
    }

    fn events(&self) -> broadcast::Receiver<HubEvent> {
        self.line.events.get(&self.hub).map_or_else(|| broadcast::channel(1).1, broadcast::Sender::subscribe)
    }
}
