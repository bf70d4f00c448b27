//! Signals, memos and effects of Leptos's reactive graph, compiled once for all types of values and all closures.
//!
//! They are used as Leptos's own of the same names. Within, a value is a shared `Any` and a closure a boxed function:
//! the graph has one type of signal and one of memo, and what is left for each type of value is a downcast.

use std::{any::Any, fmt, marker::PhantomData, sync::Arc};

use leptos::prelude as graph;
use leptos::prelude::{
    GetValue as _, Set as _, SetValue as _, Update as _, UpdateValue as _, With as _, WithUntracked as _,
    WithValue as _,
};

/// What a node of the graph holds.
type Value = Arc<dyn Any + Send + Sync>;
/// Works a value out.
type Derived = Arc<dyn Fn() -> Value + Send + Sync>;

/// Whether a look makes the one who looks follow the value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tracked {
    Yes,
    No,
}

/// Where a value is.
#[derive(Clone, Copy)]
enum Source {
    Written(graph::RwSignal<Value>),
    Compared(graph::Memo<Compared>),
    Derived(graph::StoredValue<Derived>),
    Fixed(graph::StoredValue<Value>),
}

/// Not generic: all looks at all values come through here.
#[inline(never)]
fn visit(source: Source, tracked: Tracked) -> Value {
    match (source, tracked) {
        (Source::Written(signal), Tracked::Yes) => signal.with(Value::clone),
        (Source::Written(signal), Tracked::No) => signal.with_untracked(Value::clone),
        (Source::Compared(memo), Tracked::Yes) => memo.with(|compared| compared.value.clone()),
        (Source::Compared(memo), Tracked::No) => memo.with_untracked(|compared| compared.value.clone()),
        (Source::Derived(derived), Tracked::Yes) => (derived.get_value())(),
        (Source::Derived(derived), Tracked::No) => {
            let derived = derived.get_value();
            graph::untrack(move || derived())
        }
        (Source::Fixed(value), _) => value.get_value(),
    }
}

/// A value as what it is. Once for each type, whoever looks and for what.
#[inline(never)]
fn value<T: Send + Sync + 'static>(source: Source, tracked: Tracked) -> Arc<T> {
    let Ok(value) = visit(source, tracked).downcast() else { panic!("a node holds the type that it was made with") };
    value
}

/// What is in a value that nobody else may be looking at: one is not changed while it is looked at.
fn inside<T: 'static>(value: &mut Value) -> Option<&mut T> {
    Arc::get_mut(value).and_then(|value| value.downcast_mut())
}

macro_rules! reads {
    ($signal:ident) => {
        impl<T: Send + Sync + 'static> $signal<T> {
            /// Looks at the value, and follows it.
            pub fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
                read(&value(self.source(), Tracked::Yes))
            }

            /// Looks at the value without following it.
            pub fn with_untracked<R>(&self, read: impl FnOnce(&T) -> R) -> R {
                read(&value(self.source(), Tracked::No))
            }

            /// The value, which is followed.
            pub fn get(&self) -> T
            where
                T: Clone,
            {
                Arc::unwrap_or_clone(value(self.source(), Tracked::Yes))
            }

            /// The value, without following it.
            pub fn get_untracked(&self) -> T
            where
                T: Clone,
            {
                Arc::unwrap_or_clone(value(self.source(), Tracked::No))
            }

            /// Follows the value without looking at it.
            pub fn track(&self) {
                visit(self.source(), Tracked::Yes);
            }
        }

        impl<T> Clone for $signal<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T> Copy for $signal<T> {}

        impl<T> fmt::Debug for $signal<T> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(stringify!($signal))
            }
        }
    };
}

/// A value that is written.
pub struct RwSignal<T> {
    signal: graph::RwSignal<Value>,
    of: PhantomData<fn(T) -> T>,
}

reads!(RwSignal);

impl<T> RwSignal<T> {
    fn source(&self) -> Source {
        Source::Written(self.signal)
    }
}

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// A signal with a first value.
    pub fn new(value: T) -> Self {
        Self { signal: new_signal(Arc::new(value)), of: PhantomData }
    }

    /// Replaces the value.
    pub fn set(&self, value: T) {
        set_signal(self.signal, Arc::new(value));
    }

    /// Replaces the value, if the signal is still there; else says so.
    pub fn try_set(&self, value: T) -> Result<(), Disposed> {
        match self.signal.try_set(Arc::new(value)) {
            None => Ok(()),
            Some(_) => Err(Disposed),
        }
    }

    /// Changes the value.
    pub fn update(&self, change: impl FnOnce(&mut T)) {
        let mut change = Some(change);
        update_signal(self.signal, &mut |value| {
            if let Some((value, change)) = inside(value).zip(change.take()) {
                change(value);
            }
        });
    }
}

/// The owner of a signal is gone, and the signal with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disposed;

#[inline(never)]
fn new_signal(value: Value) -> graph::RwSignal<Value> {
    graph::RwSignal::new(value)
}

#[inline(never)]
fn set_signal(signal: graph::RwSignal<Value>, value: Value) {
    signal.set(value);
}

#[inline(never)]
fn update_signal(signal: graph::RwSignal<Value>, change: &mut dyn FnMut(&mut Value)) {
    signal.update(|value| change(value));
}

/// A value worked out from others, kept until one of them has changed.
pub struct Memo<T> {
    memo: graph::Memo<Compared>,
    of: PhantomData<fn() -> T>,
}

reads!(Memo);

impl<T> Memo<T> {
    fn source(&self) -> Source {
        Source::Compared(self.memo)
    }
}

/// A value with how to tell it from another.
struct Compared {
    value: Value,
    same: fn(&dyn Any, &dyn Any) -> bool,
}

impl PartialEq for Compared {
    fn eq(&self, other: &Self) -> bool {
        (self.same)(&*self.value, &*other.value)
    }
}

fn same<T: PartialEq + 'static>(one: &dyn Any, other: &dyn Any) -> bool {
    one.downcast_ref::<T>() == other.downcast_ref::<T>()
}

/// A value worked out from signals, and again whenever one of them has changed; who reads it hears only of another
/// value. As Leptos's `Memo::new`.
pub fn memo<T: PartialEq + Send + Sync + 'static>(read: impl Fn() -> T + Send + Sync + 'static) -> Memo<T> {
    let read: Box<dyn Fn() -> Value + Send + Sync> = Box::new(move || Arc::new(read()));
    Memo { memo: new_memo(read, same::<T>), of: PhantomData }
}

#[inline(never)]
fn new_memo(read: Box<dyn Fn() -> Value + Send + Sync>, same: fn(&dyn Any, &dyn Any) -> bool) -> graph::Memo<Compared> {
    graph::Memo::new(move |_| Compared { value: read(), same })
}

/// Any value that can be followed.
pub struct Signal<T> {
    source: Source,
    of: PhantomData<fn() -> T>,
}

reads!(Signal);

impl<T> Signal<T> {
    fn source(&self) -> Source {
        self.source
    }
}

impl<T: Send + Sync + 'static> Signal<T> {
    /// What `read` gives, worked out at each look.
    pub fn derive(read: impl Fn() -> T + Send + Sync + 'static) -> Self {
        let derived: Derived = Arc::new(move || Arc::new(read()));
        Self { source: derived_source(derived), of: PhantomData }
    }
}

impl<T: Clone + Send + Sync + 'static> Signal<T> {
    /// The value of one that never changes.
    pub fn fixed(&self) -> Option<T> {
        matches!(self.source, Source::Fixed(_)).then(|| self.get_untracked())
    }
}

impl<T: Send + Sync + 'static> Signal<T> {
    /// What never changes.
    pub fn stored(value: T) -> Self {
        value.into()
    }
}

#[inline(never)]
fn derived_source(derived: Derived) -> Source {
    Source::Derived(graph::StoredValue::new(derived))
}

#[inline(never)]
fn stored(value: Value) -> graph::StoredValue<Value> {
    graph::StoredValue::new(value)
}

impl<T: Send + Sync + 'static> From<T> for Signal<T> {
    fn from(value: T) -> Self {
        Self { source: Source::Fixed(stored(Arc::new(value))), of: PhantomData }
    }
}

impl From<&str> for Signal<String> {
    fn from(value: &str) -> Self {
        value.to_owned().into()
    }
}

impl<T> From<RwSignal<T>> for Signal<T> {
    fn from(signal: RwSignal<T>) -> Self {
        Self { source: signal.source(), of: PhantomData }
    }
}

impl<T> From<Memo<T>> for Signal<T> {
    fn from(memo: Memo<T>) -> Self {
        Self { source: memo.source(), of: PhantomData }
    }
}

impl<T: Default + Send + Sync + 'static> Default for Signal<T> {
    fn default() -> Self {
        T::default().into()
    }
}

/// A value that nobody follows, kept with the current owner.
pub struct StoredValue<T> {
    stored: graph::StoredValue<Value>,
    of: PhantomData<fn(T) -> T>,
}

impl<T> Clone for StoredValue<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for StoredValue<T> {}

impl<T: Send + Sync + 'static> StoredValue<T> {
    /// Keeps a value.
    pub fn new(value: T) -> Self {
        Self { stored: stored(Arc::new(value)), of: PhantomData }
    }

    /// Looks at the value.
    pub fn with_value<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        read(&value(Source::Fixed(self.stored), Tracked::No))
    }

    /// The value.
    pub fn get_value(&self) -> T
    where
        T: Clone,
    {
        self.with_value(T::clone)
    }

    /// The value, if its owner is still there.
    pub fn try_get_value(&self) -> Option<T>
    where
        T: Clone,
    {
        self.stored.try_with_value(|value| value.downcast_ref().cloned()).flatten()
    }

    /// Replaces the value.
    pub fn set_value(&self, value: T) {
        self.stored.set_value(Arc::new(value));
    }

    /// Changes the value and gives what `change` does, if the value's owner is still there.
    pub fn try_update_value<R>(&self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.stored.try_update_value(|value| inside(value).map(change)).flatten()
    }

    /// Changes the value.
    pub fn update_value(&self, change: impl FnOnce(&mut T)) {
        self.stored.update_value(|value| {
            if let Some(value) = inside(value) {
                change(value);
            }
        });
    }
}

/// Runs `run` after the page was made, and whenever a signal that it read has changed, until the current owner is
/// disposed of. As Leptos's `Effect::new`.
pub fn effect(run: impl FnMut() + 'static) {
    crate::effect::soon(Box::new(run));
}
