//! Nodes of Leptos's reactive graph whose closures are boxed, so that the graph's code is compiled once for each type of
//! value and not once for each closure.

use leptos::prelude::{Effect, Memo};

/// A value worked out from signals, and again whenever one of them has changed; who reads it hears only of another
/// value. As `Memo::new`.
pub fn memo<T: PartialEq + Send + Sync + 'static>(read: impl Fn() -> T + Send + Sync + 'static) -> Memo<T> {
    let read: Box<dyn Fn(Option<&T>) -> T + Send + Sync> = Box::new(move |_| read());
    Memo::new(read)
}

/// Runs `run` after the page was made, and whenever a signal that it read has changed, until the current owner is
/// disposed of. As `Effect::new`.
pub fn effect(run: impl FnMut() + 'static) {
    boxed_effect(Box::new(run));
}

fn boxed_effect(mut run: Box<dyn FnMut()>) {
    Effect::new(move |_: Option<()>| run());
}
