//! Long tables, of which only the rows near the viewport are in the page.
//!
//! The rows are in blocks, each a `<tbody>`. A block that is far from the viewport is measured and replaced by a gap of
//! exactly that height, so that nothing jumps, whatever the height of its rows. The style sheet sets the column widths
//! (`style/tables.css`): a browser would adapt them to the rows that happen to be in the page.

use std::rc::Rc;

use crate::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlElement, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};

/// How far beyond the viewport rows are kept: enough for a flick of the wheel, and more than the distance at which
/// [`super::LoadMore`] acts, so that the rows of a new page are within it.
const MARGIN: &str = "1800px 0px";

/// The source of the blocks of a table.
pub trait Blocks {
    /// How many there are so far.
    fn count(&self) -> usize;
    /// Whether the rows of a block are loaded; tracked.
    fn is_loaded(&self, block: usize) -> bool;
    /// The rows of a block.
    fn rows(&self, block: usize) -> AnyView;
    /// Called when a block comes near: its rows will be needed.
    fn near(&self, block: usize);
    /// Called when a block is far away: its rows may be dropped.
    fn far(&self, block: usize);
}

/// The `<tbody>`s of a [`super::Table`] made with `windowed`.
pub fn windowed(blocks: Box<dyn Blocks>) -> AnyView {
    let blocks = LocalValue::new_local(blocks);
    let printing = RwSignal::new(false);
    let handles = [
        window_event_listener(ev::beforeprint, move |_| printing.set(true)),
        window_event_listener(ev::afterprint, move |_| printing.set(false)),
    ];
    on_cleanup(move || handles.into_iter().for_each(WindowListenerHandle::remove));
    let all = move || 0..blocks.with_value(|blocks| blocks.count());
    view! {
        <For each=all key=|block| *block let(block)>
            {one(blocks, block, printing)}
        </For>
    }
    .into_any()
}

fn one(blocks: LocalValue<Box<dyn Blocks>>, block: usize, printing: RwSignal<bool>) -> AnyView {
    let body = NodeRef::<html::Tbody>::new();
    // A block is created when it is about to come into view.
    let near = RwSignal::new(true);
    let height = StoredValue::new(0.0);
    let shown = memo(move || (near.get() || printing.get()) && blocks.with_value(|blocks| blocks.is_loaded(block)));
    let _ = observe(body, MARGIN, {
        move |entry| {
            let is_near = entry.is_intersecting();
            if is_near == near.get_untracked() {
                return;
            }
            if is_near {
                near.set(true);
                blocks.with_value(|blocks| blocks.near(block));
            } else if !holds_focus(&entry.target()) {
                height.set_value(entry.bounding_client_rect().height());
                near.set(false);
                blocks.with_value(|blocks| blocks.far(block));
            }
        }
    });
    view! {
        <tbody node_ref=body>
            {move || {
                if shown.get() { blocks.with_value(|blocks| blocks.rows(block)) } else { gap(height.get_value()) }
            }}
        </tbody>
    }
    .into_any()
}

/// A block that has the focus stays.
fn holds_focus(element: &Element) -> bool {
    document().active_element().is_some_and(|focused| element.contains(Some(&focused)))
}

fn gap(height: f64) -> AnyView {
    let cell = NodeRef::<html::Td>::new();
    effect(move || {
        if let Some(cell) = cell.get() {
            // Not in the markup, where the content security policy forbids styles.
            let _ = HtmlElement::style(&cell)
                .set_property("height", &[(height.round() as i32).to_string().as_str(), "px"].concat());
        }
    });
    view! { <tr class="gap" aria-hidden="true"><td node_ref=cell colspan="99"></td></tr> }.into_any()
}

/// Calls `see` at first and whenever the element comes within the margin around the viewport or leaves it, until the
/// owner is disposed of. The returned function makes it call `see` once more.
pub fn observe<E>(
    node: NodeRef<E>,
    margin: &str,
    see: impl Fn(IntersectionObserverEntry) + 'static,
) -> impl Fn() + 'static
where
    E: html::ElementType,
    E::Output: JsCast + Clone + 'static,
{
    watch(Rc::new(move || node.get().map(JsCast::unchecked_into)), margin, Box::new(see))
}

/// Not generic, so that it is compiled once.
fn watch(
    node: Rc<dyn Fn() -> Option<Element>>,
    margin: &str,
    see: Box<dyn Fn(IntersectionObserverEntry)>,
) -> impl Fn() + use<> {
    let changed = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
        if let Ok(entry) = entries.at(-1).dyn_into() {
            see(entry);
        }
    });
    let options = IntersectionObserverInit::new();
    options.set_root_margin(margin);
    let observer =
        IntersectionObserver::new_with_options(changed.as_ref().unchecked_ref(), &options).expect("the margin is one");
    let watched = LocalValue::new_local((observer, changed));
    let look = move |node: Option<Element>| {
        watched.with_value(|(observer, _)| {
            observer.disconnect();
            if let Some(node) = node {
                observer.observe(&node);
            }
        });
    };
    effect({
        let node = node.clone();
        move || look(node())
    });
    on_cleanup(move || watched.with_value(|(observer, _)| observer.disconnect()));
    move || look(untrack(|| node()))
}
