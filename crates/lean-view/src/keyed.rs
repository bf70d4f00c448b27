//! Lists whose rows stay while their keys do.

use std::{collections::HashMap, hash::Hash, mem};

use leptos::prelude::{Owner, component, untrack};
use web_sys::Node;

use crate::{
    IntoView, View, dom,
    follow::{Place, effect},
};

/// A row for each item. A row is made once for its key and kept, moved or dropped with it; so what its item says must
/// be part of the key, or never change.
#[component]
pub fn For<I, T, K, V>(
    /// The items, in order.
    each: impl Fn() -> I + 'static,
    /// What tells them apart.
    key: impl Fn(&T) -> K + 'static,
    /// The row of an item.
    children: impl Fn(T) -> V + 'static,
) -> View
where
    I: IntoIterator<Item = T>,
    K: Eq + Hash + 'static,
    V: IntoView,
{
    let owner = Owner::current().unwrap_or_default();
    let (view, place) = Place::new();
    let mut keys: HashMap<K, usize> = HashMap::new();
    let mut rows = Vec::new();
    effect(Box::new(move || {
        let items = each();
        untrack(|| {
            let mut before = mem::take(&mut keys);
            let next = items.into_iter().enumerate().map(|(index, item)| {
                let key = key(&item);
                let kept = before.remove(&key);
                keys.insert(key, index);
                match kept {
                    Some(old) => Next::Kept(old),
                    None => Next::New(Row::new(owner.child(), || children(item).into_view())),
                }
            });
            let next = next.collect();
            arrange(&place, &mut rows, next);
        });
    }));
    view
}

/// The nodes of one item, and the owner of their effects.
struct Row {
    first: Node,
    last: Node,
    _owner: Owner,
}

impl Row {
    fn new(owner: Owner, make: impl FnOnce() -> View) -> Self {
        let view = owner.with(make);
        Self::of(owner, view)
    }

    fn of(owner: Owner, view: View) -> Self {
        let node = view.0;
        if node.node_type() != Node::DOCUMENT_FRAGMENT_NODE {
            return Self { first: node.clone(), last: node, _owner: owner };
        }
        if node.first_child().is_none() {
            dom::append(&node, &dom::comment());
        }
        // What comes and goes within has a comment on either side, so these two stay.
        let (first, last) = (node.first_child(), node.last_child());
        Self { first: first.unwrap_or_else(|| node.clone()), last: last.unwrap_or(node), _owner: owner }
    }

    /// Puts it before `mark` unless it is there already.
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

/// What comes next in the list.
enum Next {
    /// The row that was at this index.
    Kept(usize),
    /// Another.
    New(Row),
}

/// Brings the rows of the page to `next`, touching only those that come, go or move.
fn arrange(place: &Place, rows: &mut Vec<Row>, next: Vec<Next>) {
    let mut before: Vec<Option<Row>> = mem::take(rows).into_iter().map(Some).collect();
    rows.extend(next.into_iter().filter_map(|next| match next {
        Next::Kept(index) => before.get_mut(index)?.take(),
        Next::New(row) => Some(row),
    }));
    for gone in before.into_iter().flatten() {
        dom::remove(&gone.first, &gone.last);
    }
    let mut mark = place.end();
    for row in rows.iter().rev() {
        row.put_before(mark);
        mark = &row.first;
    }
}
