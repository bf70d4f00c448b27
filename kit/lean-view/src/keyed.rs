//! Keyed lists: a row stays as long as its key.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    mem,
};

use leptos::prelude::{Owner, component, untrack};
use web_sys::Node;

use crate::{AnyView, IntoView, dom, effect::run_now, follow::Place};

/// A row for each item. A row is created once per key and kept, moved or dropped with it, so everything it shows must
/// be part of the key, or never change.
///
/// # Panics
/// In development builds, if two items have the same key. Release builds show both.
#[component]
pub fn For<I, T, K, V>(
    /// The items, in order.
    each: impl Fn() -> I + 'static,
    /// The key of an item.
    key: impl Fn(&T) -> K + 'static,
    /// The row of an item.
    children: impl Fn(T) -> V + 'static,
) -> AnyView
where
    I: IntoIterator<Item = T>,
    K: Hash + 'static,
    V: IntoView,
{
    let list = move |add: Add<'_>| {
        let items = each();
        untrack(|| {
            for item in items {
                let mut hasher = DefaultHasher::new();
                key(&item).hash(&mut hasher);
                let mut item = Some(item);
                add(hasher.finish(), &mut || {
                    item.take().map_or_else(AnyView::empty, |item| children(item).into_view())
                });
            }
        });
    };
    rows(Box::new(list), cfg!(debug_assertions))
}

/// Receives a row's key, and a closure that creates the row if there is none with that key.
type Add<'a> = &'a mut dyn FnMut(u64, &mut dyn FnMut() -> AnyView);

/// Not generic, so that it is compiled once. A key is a 64-bit hash: among 10,000 rows, two are equal once in 10¹¹
/// lists.
fn rows(mut list: Box<dyn FnMut(Add<'_>)>, refuses_duplicates: bool) -> AnyView {
    let owner = Owner::current().unwrap_or_default();
    let (view, place) = Place::new();
    let mut rows: Vec<Row> = Vec::new();
    run_now(Box::new(move || {
        let mut before: HashMap<u64, Row> = mem::take(&mut rows).into_iter().map(|row| (row.key, row)).collect();
        list(&mut |mut key, make| {
            // A row with a duplicate key would be lost from `before`, and its nodes would stay in the page for ever.
            while rows.iter().any(|row| row.key == key) {
                assert!(!refuses_duplicates, "two rows of a list have the same key");
                key = key.wrapping_add(1);
            }
            let kept = before.remove(&key);
            rows.push(kept.unwrap_or_else(|| Row::new(key, owner.child(), make)));
        });
        for gone in before.into_values() {
            dom::remove(&gone.first, &gone.last);
        }
        // Only new and moved rows are touched.
        let mut mark = place.end();
        for row in rows.iter().rev() {
            row.put_before(mark);
            mark = &row.first;
        }
    }));
    view
}

/// The nodes of one item, and the owner of their effects.
struct Row {
    key: u64,
    first: Node,
    last: Node,
    _owner: Owner,
}

impl Row {
    fn new(key: u64, owner: Owner, make: &mut dyn FnMut() -> AnyView) -> Self {
        let node = owner.with(make).0;
        let (mut first, mut last) = (node.clone(), node.clone());
        if node.node_type() == Node::DOCUMENT_FRAGMENT_NODE {
            if node.first_child().is_none() {
                dom::append(&node, &dom::comment());
            }
            // Dynamic nodes inside have a comment on either side, so the first and last node stay.
            first = node.first_child().unwrap_or(first);
            last = node.last_child().unwrap_or(last);
        }
        Self { key, first, last, _owner: owner }
    }

    /// Moves it before `mark` unless it is there already.
    fn put_before(&self, mark: &Node) {
        if self.last.next_sibling().as_ref() == Some(mark) {
            return;
        }
        let nodes = dom::fragment();
        let mut node = self.first.clone();
        while node != self.last {
            let next = node.next_sibling();
            dom::append(&nodes, &node);
            let Some(next) = next else { break };
            node = next;
        }
        dom::append(&nodes, &self.last);
        dom::put_before(mark, &nodes);
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use leptos::prelude::{Get, RwSignal, Set};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

    /// As in release builds: a list with duplicates shows each of them, and nothing stays when they are removed.
    #[wasm_bindgen_test]
    async fn rows_with_one_key_come_and_go_like_others() {
        let body = dom::document().body().expect("a body");
        let root: web_sys::HtmlElement = web_sys::wasm_bindgen::JsCast::unchecked_into(dom::html("div"));
        dom::append(&body, &root);
        let owner = Owner::new();
        let list = owner.with(|| RwSignal::new(vec!["a", "b", "a"]));
        let handle = crate::mount_to(root.clone(), move || {
            let each = move |add: Add<'_>| {
                for item in list.get() {
                    let mut hasher = DefaultHasher::new();
                    item.hash(&mut hasher);
                    add(hasher.finish(), &mut || AnyView::text(item));
                }
            };
            rows(Box::new(each), false)
        });
        let text = || root.text_content().unwrap_or_default();
        assert_eq!(text(), "aba");
        for order in [vec!["b", "a", "a"], vec!["a", "a", "a", "c"], vec!["c", "a"], vec![], vec!["b", "b"]] {
            list.set(order.clone());
            leptos::task::tick().await;
            assert_eq!(text(), order.concat());
        }
        drop(handle);
    }
}
