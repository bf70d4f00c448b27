//! Effects: closures that run again whenever something they read has changed.
//!
//! They are nodes of Leptos's reactive graph, as its own effects are. Each of those has an asynchronous task, which is
//! spawned with the effect and polled when it is dropped; here all effects that are due wait in one queue. A page of a
//! table has hundreds of effects: creating and dropping them was a third of the time that its rows took.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use leptos::{
    prelude::Owner,
    reactive::graph::{AnySource, AnySubscriber, ReactiveNode, Source, Subscriber, WithObserver},
    task::spawn_local,
};
use send_wrapper::SendWrapper;

/// Runs `run` at once, and again after something that it read has changed, until the current owner is disposed of.
pub(crate) fn run_now(run: Box<dyn FnMut()>) {
    let effect = Effect::new(run);
    effect.run();
    keep(effect);
}

/// Keeps an effect alive: what it reads and the queue hold only weak references.
fn keep(effect: Arc<Effect>) {
    Owner::on_cleanup(move || drop(effect));
}

struct Effect {
    this: Weak<Effect>,
    state: Mutex<State>,
    run: SendWrapper<RefCell<Box<dyn FnMut()>>>,
    /// Owns what a run creates, until the next run.
    owner: Owner,
}

#[derive(Default)]
struct State {
    sources: Vec<AnySource>,
    /// Something that it read has changed. If that is only possible, its sources are checked.
    dirty: bool,
    queued: bool,
}

impl Effect {
    fn new(run: Box<dyn FnMut()>) -> Arc<Self> {
        let owner = Owner::new();
        Arc::new_cyclic(|this| Self {
            this: this.clone(),
            state: Mutex::default(),
            run: SendWrapper::new(RefCell::new(run)),
            owner,
        })
    }

    fn state<R>(&self, look: impl FnOnce(&mut State) -> R) -> R {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn subscriber(&self) -> AnySubscriber {
        AnySubscriber(self.this.as_ptr() as usize, self.this.clone())
    }

    fn run(&self) {
        // Still borrowed if an earlier run panicked: then it never runs again.
        if let Ok(mut run) = self.run.try_borrow_mut() {
            self.owner.with(|| self.subscriber().with_observer(&mut **run));
        }
    }

    fn run_again(&self) {
        self.state(|state| state.queued = false);
        let this = self.subscriber();
        // As the observer, so that a memo that turns out to have changed doesn't queue this effect again.
        if this.with_observer(|| self.update_if_necessary()) {
            self.clear_sources(&this);
            self.owner.cleanup();
            self.run();
        }
    }

    fn queue(&self) {
        if !self.state(|state| std::mem::replace(&mut state.queued, true)) {
            QUEUE.with(|queue| queue.add(self.this.clone()));
        }
    }
}

impl ReactiveNode for Effect {
    fn mark_dirty(&self) {
        self.state(|state| state.dirty = true);
        self.queue();
    }

    fn mark_check(&self) {
        self.queue();
    }

    fn mark_subscribers_check(&self) {}

    fn update_if_necessary(&self) -> bool {
        if self.state(|state| std::mem::take(&mut state.dirty)) {
            return true;
        }
        // Checking them may mark this effect, so its state can't stay borrowed.
        let sources = self.state(|state| state.sources.clone());
        sources.iter().any(ReactiveNode::update_if_necessary)
    }
}

impl Subscriber for Effect {
    fn add_source(&self, source: AnySource) {
        self.state(|state| {
            if !state.sources.contains(&source) {
                state.sources.push(source);
            }
        });
    }

    fn clear_sources(&self, subscriber: &AnySubscriber) {
        for source in self.state(|state| std::mem::take(&mut state.sources)) {
            source.remove_subscriber(subscriber);
        }
    }
}

thread_local! {
    static QUEUE: Queue = const { Queue { waiting: RefCell::new(VecDeque::new()), awaited: Cell::new(false) } };
}

/// Effects that may have to run again, in the order in which they were notified: outer ones first, which may drop inner
/// ones.
struct Queue {
    waiting: RefCell<VecDeque<Weak<Effect>>>,
    /// Whether a task that will empty it is scheduled.
    awaited: Cell<bool>,
}

impl Queue {
    fn add(&self, effect: Weak<Effect>) {
        self.waiting.borrow_mut().push_back(effect);
        self.await_task();
    }

    fn await_task(&self) {
        if !self.awaited.replace(true) {
            spawn_local(async { QUEUE.with(Queue::empty) });
        }
    }

    /// Runs the queued effects. A panic can't be caught in wasm, and ends this task in the middle. So another task is
    /// scheduled before the first effect runs, and finds either nothing or what the panic left.
    fn empty(&self) {
        self.awaited.set(false);
        if self.waiting.borrow().len() > 1 {
            self.await_task();
        }
        while let Some(next) = self.next() {
            if let Some(effect) = next.upgrade() {
                effect.run_again();
            }
        }
    }

    fn next(&self) -> Option<Weak<Effect>> {
        self.waiting.borrow_mut().pop_front()
    }
}
