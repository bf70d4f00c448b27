//! The DOM calls that views need. None of them fails on a document that only this crate writes to.

use std::{cell::RefCell, ptr};

use web_sys::{Comment, Document, DocumentFragment, Element, Node, Text, wasm_bindgen::JsCast};

/// The page's document.
pub(crate) fn document() -> Document {
    leptos::prelude::document()
}

/// The namespace of SVG elements.
const SVG: &str = "http://www.w3.org/2000/svg";

pub(crate) fn html(name: &str) -> Element {
    document().create_element(name).expect("the name of an element")
}

pub(crate) fn svg(name: &str) -> Element {
    document().create_element_ns(Some(SVG), name).expect("the name of an element")
}

pub(crate) fn text(text: &str) -> Text {
    document().create_text_node(text)
}

pub(crate) fn comment() -> Comment {
    document().create_comment("")
}

pub(crate) fn fragment() -> DocumentFragment {
    document().create_document_fragment()
}

/// The namespace in which a piece of HTML is parsed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    Html,
    Svg,
}

/// The nodes of trusted HTML (literals in `view!`). It is parsed once and cloned from then on.
pub(crate) fn markup(markup: &'static str, within: Within) -> Node {
    thread_local! {
        static PARSED: RefCell<Vec<(&'static str, DocumentFragment)>> = const { RefCell::new(Vec::new()) };
    }
    PARSED.with_borrow_mut(|parsed| {
        // By address; there are a hundred at most.
        if let Some((_, template)) = parsed.iter().find(|(known, _)| ptr::eq(*known, markup)) {
            return copy(template);
        }
        let nodes = match within {
            Within::Html => parsed_into(html("template"), markup),
            Within::Svg => parsed_into(svg("svg"), markup),
        };
        let copied = copy(&nodes);
        parsed.push((markup, nodes));
        copied
    })
}

/// Parses markup inside an element, which decides the namespace.
#[inline(never)]
fn parsed_into(element: Element, markup: &str) -> DocumentFragment {
    element.set_inner_html(markup);
    if let Some(template) = element.dyn_ref::<web_sys::HtmlTemplateElement>() {
        return template.content();
    }
    let nodes = fragment();
    while let Some(node) = element.first_child() {
        append(&nodes, &node);
    }
    nodes
}

/// A deep clone of a node.
pub(crate) fn copy(node: &Node) -> Node {
    node.clone_node_with_deep(true).expect("any node but a shadow root can be copied")
}

pub(crate) fn append(parent: &Node, child: &Node) {
    let _ = parent.append_child(child);
}

/// Inserts `node` before `mark`, wherever that is.
pub(crate) fn put_before(mark: &Node, node: &Node) {
    if let Some(parent) = mark.parent_node() {
        let _ = parent.insert_before(node, Some(mark));
    }
}

/// Puts `node` back before `mark` if a page translator has replaced or wrapped it.
pub(crate) fn take_back(node: &Node, mark: &Node) {
    let before = mark.previous_sibling();
    if before.as_ref() == Some(node) {
        return;
    }
    put_before(mark, node);
    if let Some(theirs) = before.filter(|before| before.node_name() == "FONT") {
        detach(&theirs);
    }
}

/// Removes the siblings from `first` to `last`.
pub(crate) fn remove(first: &Node, last: &Node) {
    if first != last {
        clear(first, last);
        detach(last);
    }
    detach(first);
}

/// Removes the siblings between two nodes.
pub(crate) fn clear(start: &Node, end: &Node) {
    while let Some(next) = start.next_sibling().filter(|next| next != end) {
        detach(&next);
    }
}

fn detach(node: &Node) {
    if let Some(parent) = node.parent_node() {
        let _ = parent.remove_child(node);
    }
}
