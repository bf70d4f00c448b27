//! The hubs and their locks: in this process, whatever happens to the server's. What they hold is the truth.
//!
//! Each lock does one deed after another, in the order in which they came, even those of a server that has since been
//! killed: what a hub has been told to do is done.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use access_code::Code;
use anyhow::{Context, Result};
use hub::{KeypadResult, LockDriver, LockError, LockSettings, Simulator, Slot, SlotContent};
use ids::{HubId, LockId};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::driver::PATIENCE;
use crate::wire::{Answer, Deed, Fault, Message, Question};

/// How long a hub takes for each deed unless otherwise specified.
const LATENCY: Duration = Duration::from_millis(2);

/// A line back to a server.
type Back = mpsc::UnboundedSender<Zeroizing<Vec<u8>>>;

/// How a hub behaves.
#[derive(Clone, Copy)]
pub(crate) struct Behaviour {
    /// How long every deed takes.
    pub(crate) latency: Duration,
    /// The percentage of deeds that meet a [`Mishap`].
    pub(crate) mishaps_percent: u8,
    /// Whether it accepts requests but neither acts on nor answers them.
    pub(crate) dead: bool,
}

impl Behaviour {
    pub(crate) const GOOD: Self = Self { latency: LATENCY, mishaps_percent: 0, dead: false };
}

/// What happens to a deed that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mishap {
    /// It isn't done, and there is no answer.
    LostBefore,
    /// It is done, and there is no answer.
    LostAfter,
    /// It is done long after anybody is waiting for it, and holds up what comes behind it.
    TooLate,
    /// It is done at once, and answered when nobody is waiting any more.
    SaidTooLate,
    /// It is done twice.
    Repeated,
    /// It is done once, and answered twice.
    SaidTwice,
    /// It isn't done, and the hub says so.
    Rejected,
    /// A code is accepted, and lost at once.
    Forgotten,
    /// It takes nearly as long as anybody would wait.
    Slow,
}

impl Mishap {
    const ALL: [Self; 9] = [
        Self::LostBefore,
        Self::LostAfter,
        Self::TooLate,
        Self::SaidTooLate,
        Self::Repeated,
        Self::SaidTwice,
        Self::Rejected,
        Self::Forgotten,
        Self::Slow,
    ];
}

/// An answer to be lost, once, at the next opportunity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum LostAnswer {
    /// The answer to a write that is done.
    Written,
    /// The answer to whatever a lock is asked after refusing a code that it already holds.
    AfterDuplicate,
}

/// A lock to create.
#[derive(Clone, Copy)]
pub(crate) struct NewLock {
    pub(crate) id: LockId,
    pub(crate) hub: HubId,
    pub(crate) slots: u16,
}

/// All hubs and locks, and the socket at which they are driven.
pub(crate) struct Locks {
    shared: Arc<Shared>,
    socket: PathBuf,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

struct Shared {
    hubs: HashMap<HubId, Arc<Hub>>,
    locks: HashMap<LockId, Lock>,
    servers: Mutex<Vec<Back>>,
}

struct Hub {
    simulator: Simulator,
    behaviour: Mutex<Behaviour>,
    mishaps: Mutex<BTreeMap<Mishap, u32>>,
    loses: Mutex<Vec<LostAnswer>>,
    /// How much it was asked while it was dead.
    ignored: AtomicU32,
    /// Whether its events are lost.
    mute: AtomicBool,
}

struct Lock {
    hub: HubId,
    slots: u16,
    turns: mpsc::UnboundedSender<(Question, Back)>,
}

impl Drop for Locks {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Locks {
    /// Empty locks that are online, driven at a socket in that folder.
    pub(crate) fn new(folder: &Path, all: &[NewLock], rng: &mut fastrand::Rng) -> Result<Self> {
        let socket = folder.join("locks.socket");
        let listener = UnixListener::bind(&socket).with_context(|| format!("can't listen at {}", socket.display()))?;
        let mut hubs: HashMap<HubId, Arc<Hub>> = HashMap::new();
        let mut locks = HashMap::new();
        let mut tasks = Vec::new();
        for new in all {
            let hub = hubs.entry(new.hub).or_insert_with(|| {
                Arc::new(Hub {
                    simulator: Simulator::new(new.hub),
                    behaviour: Mutex::new(Behaviour::GOOD),
                    mishaps: Mutex::default(),
                    loses: Mutex::default(),
                    ignored: AtomicU32::new(0),
                    mute: AtomicBool::new(false),
                })
            });
            hub.simulator.add_lock(new.id, LockSettings { slots: new.slots, ..LockSettings::default() });
            let (turns, asked) = mpsc::unbounded_channel();
            tasks.push(tokio::spawn(take_turns(hub.clone(), asked, rng.fork())));
            locks.insert(new.id, Lock { hub: new.hub, slots: new.slots, turns });
        }
        let shared = Arc::new(Shared { hubs, locks, servers: Mutex::default() });
        for (id, hub) in &shared.hubs {
            tasks.push(tokio::spawn(tell(*id, hub.clone(), shared.clone())));
        }
        tasks.push(tokio::spawn(listen(listener, shared.clone())));
        Ok(Self { shared, socket, tasks })
    }

    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    fn hub(&self, hub: HubId) -> &Hub {
        &self.shared.hubs[&hub]
    }

    fn of_lock(&self, lock: LockId) -> &Simulator {
        &self.hub(self.shared.locks[&lock].hub).simulator
    }

    /// Sets how a hub behaves from now on.
    pub(crate) fn behave(&self, hub: HubId, behaviour: Behaviour) {
        *self.hub(hub).behaviour.lock().unwrap_or_else(PoisonError::into_inner) = behaviour;
    }

    /// Makes all hubs behave well again.
    pub(crate) fn behave_well(&self) {
        for hub in self.shared.hubs.keys() {
            self.behave(*hub, Behaviour::GOOD);
        }
    }

    /// Makes a hub lose these answers, once each.
    pub(crate) fn lose(&self, hub: HubId, answers: &[LostAnswer]) {
        self.hub(hub).loses().extend(answers);
    }

    /// Whether all of them have been lost.
    pub(crate) fn has_lost(&self, hub: HubId) -> bool {
        self.hub(hub).loses().is_empty()
    }

    /// How much a hub was asked while it was dead, since the last call.
    pub(crate) fn ignored(&self, hub: HubId) -> u32 {
        self.hub(hub).ignored.swap(0, Ordering::Relaxed)
    }

    /// What has gone wrong since the last call, in words.
    pub(crate) fn mishaps(&self) -> String {
        let mut all: BTreeMap<Mishap, u32> = BTreeMap::new();
        for hub in self.shared.hubs.values() {
            for (mishap, times) in std::mem::take(&mut *hub.mishaps()) {
                *all.entry(mishap).or_default() += times;
            }
        }
        let words: Vec<String> = all.iter().map(|(mishap, times)| format!("{times} {mishap:?}")).collect();
        words.join(", ")
    }

    /// Connects or disconnects a hub.
    pub(crate) fn set_hub_online(&self, hub: HubId, online: bool) {
        self.hub(hub).simulator.set_hub_online(online);
    }

    /// Brings a lock within or out of its hub's reach.
    pub(crate) fn set_lock_online(&self, lock: LockId, online: bool) {
        self.of_lock(lock).set_lock_online(lock, online);
    }

    /// Sets whether a hub's events are lost from now on.
    pub(crate) fn set_mute(&self, hub: HubId, mute: bool) {
        self.hub(hub).mute.store(mute, Ordering::Relaxed);
    }

    /// Types digits at a lock's keypad, which its hub reports. Returns whether the door opened.
    pub(crate) fn opens(&self, lock: LockId, code: &Code) -> bool {
        matches!(self.of_lock(lock).press_keypad(lock, code.expose()), KeypadResult::Opened(_))
    }

    /// What the slots of a lock really hold.
    pub(crate) fn held(&self, lock: LockId) -> BTreeMap<u16, Code> {
        let simulator = self.of_lock(lock);
        let slots = Slot::all(self.shared.locks[&lock].slots);
        slots.filter_map(|slot| Some((slot.number(), simulator.holds(lock, slot)?))).collect()
    }

    /// Whether a lock really holds this code. Unlike with [`Locks::opens`], nobody is told.
    pub(crate) fn holds(&self, lock: LockId, code: &Code) -> bool {
        self.held(lock).values().any(|held| held == code)
    }

    /// How many slots a lock has.
    pub(crate) fn slots(&self, lock: LockId) -> u16 {
        self.shared.locks[&lock].slots
    }
}

async fn listen(listener: UnixListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve_driver(stream, shared.clone()));
    }
}

/// Passes a server's requests on, each to its lock.
async fn serve_driver(stream: UnixStream, shared: Arc<Shared>) {
    let (reading, mut writing) = stream.into_split();
    let (back, mut answers) = mpsc::unbounded_channel::<Zeroizing<Vec<u8>>>();
    {
        let mut servers = shared.servers();
        servers.retain(|server| !server.is_closed());
        servers.push(back.clone());
    }
    tokio::spawn(async move {
        while let Some(answer) = answers.recv().await {
            if writing.write_all(&answer).await.is_err() {
                return;
            }
        }
    });
    let mut reading = BufReader::new(reading);
    let mut text = Zeroizing::new(String::new());
    while matches!(reading.read_line(&mut text).await, Ok(1..)) {
        // A line cut because the server was killed is nothing to report.
        if let Ok(question) = serde_json::from_str::<Question>(&text) {
            match shared.locks.get(&question.lock).filter(|lock| lock.hub == question.hub) {
                Some(lock) => {
                    let _ = lock.turns.send((question, back.clone()));
                }
                None => say(&back, &Message::Answer { id: question.id, answer: Err(Fault::UnknownLock) }),
            }
        }
        text.clear();
    }
}

/// Passes a hub's events on.
async fn tell(id: HubId, hub: Arc<Hub>, shared: Arc<Shared>) {
    let mut events = hub.simulator.events();
    loop {
        match events.recv().await {
            Ok(event) if !hub.mute.load(Ordering::Relaxed) => {
                let told = Message::Event { hub: id, event: event.into() };
                shared.servers().iter().for_each(|server| say(server, &told));
            }
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

fn say(back: &Back, told: &Message) {
    if let Ok(text) = serde_json::to_vec(told) {
        let mut text = Zeroizing::new(text);
        text.push(b'\n');
        // An error means that the server is gone.
        let _ = back.send(text);
    }
}

/// One lock's life: one deed after another.
async fn take_turns(hub: Arc<Hub>, mut asked: mpsc::UnboundedReceiver<(Question, Back)>, mut rng: fastrand::Rng) {
    let mut refused_duplicate = false;
    while let Some((question, back)) = asked.recv().await {
        let behaviour = hub.behaviour();
        if behaviour.dead {
            hub.ignored.fetch_add(1, Ordering::Relaxed);
            continue;
        }
        let mishap = (rng.u8(0..100) < behaviour.mishaps_percent).then(|| Mishap::ALL[rng.usize(0..Mishap::ALL.len())]);
        if let Some(mishap) = mishap {
            *hub.mishaps().entry(mishap).or_default() += 1;
        }
        let late = PATIENCE.mul_f32(1.3);
        let pause = match mishap {
            Some(Mishap::TooLate) => late,
            Some(Mishap::Slow) => PATIENCE.mul_f32(0.7),
            _ => Duration::ZERO,
        };
        tokio::time::sleep(behaviour.latency + pause).await;
        let lock = question.lock;
        let answer = match mishap {
            Some(Mishap::LostBefore) => continue,
            Some(Mishap::Rejected) => Err(LockError::rejected("the suite says no")),
            _ => hub.do_at(lock, &question.deed).await,
        };
        if mishap == Some(Mishap::Repeated) {
            // A lock repeats what it is told again; its second answer is lost.
            let _ = hub.do_at(lock, &question.deed).await;
        }
        if let (Some(Mishap::Forgotten), Deed::Write { slot, .. }, Ok(_)) = (mishap, &question.deed, &answer)
            && let Some(slot) = Slot::new(*slot)
        {
            hub.simulator.forget(lock, slot);
        }
        let after_duplicate =
            std::mem::replace(&mut refused_duplicate, matches!(answer, Err(LockError::DuplicateOnLock)));
        let written = matches!((&question.deed, &answer), (Deed::Write { .. }, Ok(_)));
        if (written && hub.takes_lost_answer(LostAnswer::Written))
            || (after_duplicate && hub.takes_lost_answer(LostAnswer::AfterDuplicate))
        {
            continue;
        }
        let told = Message::Answer { id: question.id, answer: answer.map_err(Fault::from) };
        match mishap {
            Some(Mishap::LostAfter) => {}
            Some(Mishap::SaidTooLate) => {
                tokio::spawn(async move {
                    tokio::time::sleep(late).await;
                    say(&back, &told);
                });
            }
            Some(Mishap::SaidTwice) => {
                say(&back, &told);
                say(&back, &told);
            }
            _ => say(&back, &told),
        }
    }
}

impl Hub {
    async fn do_at(&self, lock: LockId, deed: &Deed) -> Result<Answer, LockError> {
        let at = |number: u16| Slot::new(number).ok_or(LockError::SlotsFull);
        match deed {
            Deed::Capabilities => {
                let capabilities = self.simulator.capabilities(lock).await?;
                Ok(Answer::Capabilities { slots: capabilities.slots })
            }
            Deed::Write { slot, digits } => {
                let code = Code::parse(digits).map_err(|_| LockError::LengthNotSupported)?;
                self.simulator.write(lock, at(*slot)?, &code).await.map(|_| Answer::Done)
            }
            Deed::Remove { slot } => self.simulator.remove(lock, at(*slot)?).await.map(|()| Answer::Done),
            Deed::ReadBack { slot } => Ok(match self.simulator.read_back(lock, at(*slot)?).await? {
                SlotContent::Empty => Answer::Empty,
                SlotContent::Occupied => Answer::Occupied,
                SlotContent::Holds(code) => Answer::Holds { digits: Zeroizing::new(code.expose().to_owned()) },
            }),
            Deed::Ping => self.simulator.ping(lock).await.map(|_| Answer::Healthy),
        }
    }

    fn behaviour(&self) -> Behaviour {
        *self.behaviour.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn loses(&self) -> MutexGuard<'_, Vec<LostAnswer>> {
        self.loses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether such an answer is to be lost now, once.
    fn takes_lost_answer(&self, answer: LostAnswer) -> bool {
        let mut loses = self.loses();
        let found = loses.iter().position(|other| *other == answer);
        found.map(|at| loses.swap_remove(at)).is_some()
    }

    fn mishaps(&self) -> MutexGuard<'_, BTreeMap<Mishap, u32>> {
        self.mishaps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn servers(&self) -> MutexGuard<'_, Vec<Back>> {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
