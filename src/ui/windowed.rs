//! Long tables, of which only the rows near what one sees are in the page.
//!
//! The rows come in blocks, each a `<tbody>`. A block that is far from what one sees is measured and replaced by a gap of
//! just that height, so that nothing jumps however high its rows are. Nor do columns become narrower again.
//!
//! A browser makes columns as wide as the rows that are in the page need, so left alone they would change whenever a block
//! leaves, and every row would wrap in another way. Setting a width is the least that a column then has.

use std::rc::Rc;

use crate::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{
    Element, HtmlElement, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit, ResizeObserver,
};

/// How far beyond what one sees rows are kept: enough for a flick of the wheel, and so much more than [`super::LoadMore`]
/// looks ahead that the rows of a page that comes are near.
const MARGIN: &str = "1800px 0px";

/// Where the blocks of a table come from.
pub trait Blocks {
    /// How many there are so far.
    fn count(&self) -> usize;
    /// Whether the rows of a block are at hand; followed.
    fn is_loaded(&self, block: usize) -> bool;
    /// The rows of a block.
    fn rows(&self, block: usize) -> View;
    /// A block comes near: its rows will be wanted.
    fn near(&self, block: usize);
    /// A block is far now: its rows may be forgotten.
    fn far(&self, block: usize);
}

/// The `<tbody>`s of a [`super::Table`] made with `windowed`.
pub fn windowed(blocks: Rc<dyn Blocks>) -> View {
    let printing = RwSignal::new(false);
    let handles = [
        window_event_listener(ev::beforeprint, move |_| printing.set(true)),
        window_event_listener(ev::afterprint, move |_| printing.set(false)),
        window_event_listener_untyped("resize", |_| release_columns()),
    ];
    on_cleanup(move || handles.into_iter().for_each(WindowListenerHandle::remove));
    let count = {
        let blocks = blocks.clone();
        move || {
            let count = blocks.count();
            // Before the next block is in the page; another list begins with one.
            if count > 1 {
                keep_columns();
            } else {
                release_columns();
            }
            0..count
        }
    };
    keep_wider_columns();
    view! {
        <For each=count key=|block| *block let(block)>
            {one(blocks.clone(), block, printing)}
        </For>
    }
}

fn one(blocks: Rc<dyn Blocks>, block: usize, printing: RwSignal<bool>) -> View {
    let body = NodeRef::<html::Tbody>::new();
    // A block is made when it is about to be seen.
    let near = RwSignal::new(true);
    let height = StoredValue::new(0.0);
    let shown = LocalValue::new_local(blocks.clone());
    let shown = memo(move || (near.get() || printing.get()) && shown.with_value(|blocks| blocks.is_loaded(block)));
    let _ = observe(body, MARGIN, {
        let blocks = blocks.clone();
        move |entry| {
            let is_near = entry.is_intersecting();
            if is_near == near.get_untracked() {
                return;
            }
            if is_near {
                near.set(true);
                blocks.near(block);
            } else if !holds_focus(&entry.target()) {
                height.set_value(entry.bounding_client_rect().height());
                near.set(false);
                blocks.far(block);
            }
        }
    });
    view! {
        <tbody node_ref=body>
            {move || if shown.get() { blocks.rows(block) } else { gap(height.get_value()) }}
        </tbody>
    }
    .into_any()
}

/// The heads of the columns. There is one long table on a page.
fn heads() -> Vec<HtmlElement> {
    let Ok(heads) = document().query_selector_all(".windowed thead th") else { return Vec::new() };
    (0..heads.length()).filter_map(|at| heads.get(at)).map(JsCast::unchecked_into).collect()
}

const WIDTH: &str = "width";

fn are_kept(heads: &[HtmlElement]) -> bool {
    let width = heads.first().and_then(|head| head.style().get_property_value(WIDTH).ok());
    width.is_some_and(|width| !width.is_empty())
}

/// Columns stay at least as wide as they are now.
fn keep_columns() {
    let heads = heads();
    // Measuring may lay the page out, which takes longer than all else here.
    if !are_kept(&heads) {
        set_widths(&heads);
    }
}

fn set_widths(heads: &[HtmlElement]) {
    // All are measured before the first is set, so that the page is laid out once.
    let widths: Vec<_> = heads.iter().map(HtmlElement::offset_width).collect();
    for (head, width) in heads.iter().zip(widths) {
        set_pixels(head, WIDTH, Some(width));
    }
}

/// Columns are as wide as the rows need.
fn release_columns() {
    let heads = heads();
    if are_kept(&heads) {
        heads.iter().for_each(|head| set_pixels(head, WIDTH, None));
    }
}

/// Where rows that came made a column wider, it stays so. Told by the browser when it has just laid the page out.
fn keep_wider_columns() {
    let changed = Closure::<dyn Fn()>::new(|| {
        let heads = heads();
        if are_kept(&heads) {
            set_widths(&heads);
        }
    });
    let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) else { return };
    let observing = LocalValue::new_local((observer, changed));
    // Once the table around the rows is there.
    effect(move || observing.with_value(|(observer, _)| heads().iter().for_each(|head| observer.observe(head))));
    on_cleanup(move || observing.with_value(|(observer, _)| observer.disconnect()));
}

/// Not in the markup: the content security policy forbids styles there.
fn set_pixels(element: &HtmlElement, property: &str, pixels: Option<i32>) {
    let value = pixels.map_or_else(String::new, |pixels| [pixels.to_string().as_str(), "px"].concat());
    let _ = element.style().set_property(property, &value);
}

/// What is typed into or pressed stays.
fn holds_focus(element: &Element) -> bool {
    document().active_element().is_some_and(|focused| element.contains(Some(&focused)))
}

fn gap(height: f64) -> View {
    let cell = NodeRef::<html::Td>::new();
    effect(move || {
        if let Some(cell) = cell.get() {
            set_pixels(&cell, "height", Some(height.round() as i32));
        }
    });
    view! { <tr class="gap" aria-hidden="true"><td node_ref=cell colspan="99"></td></tr> }.into_any()
}

/// Calls `see` whenever the element comes within that margin of what one sees or leaves it, and once at first; until the owner is disposed of.
/// What it gives has it call `see` once more.
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

/// Not generic, so that it is in the wasm once.
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
