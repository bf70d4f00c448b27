//! Static elements, as HTML that the browser parses from one string.

use rstml::node::{KeyedAttribute, Node, NodeAttribute, NodeElement};
use syn::{Expr, ExprLit, Lit};

use crate::component;

/// Elements without an end tag.
const VOID: [&str; 5] = ["br", "hr", "img", "input", "wbr"];

/// The HTML of an element whose attributes and children are all literals.
pub(crate) fn of_element(element: &NodeElement<rstml::Infallible>) -> Option<String> {
    if component::is_component(element) {
        return None;
    }
    let name = element.name().to_string();
    let mut html = format!("<{name}");
    for attribute in element.attributes() {
        let NodeAttribute::Attribute(attribute) = attribute else { return None };
        let key = attribute.key.to_string();
        let value = literal(attribute)?;
        if key.contains(':') {
            return None;
        }
        html.push_str(&format!(" {key}=\""));
        escape(&value, &mut html);
        html.push('"');
    }
    html.push('>');
    for child in &element.children {
        match child {
            Node::Comment(_) => {}
            Node::Text(text) => escape(&text.value_string(), &mut html),
            Node::Element(child) => html.push_str(&of_element(child)?),
            _ => return None,
        }
    }
    if !VOID.contains(&name.as_str()) {
        html.push_str(&format!("</{name}>"));
    }
    Some(html)
}

/// The value of an attribute that is a literal. `true` and `false` are not: they say whether it is there at all.
pub(crate) fn literal(attribute: &KeyedAttribute) -> Option<String> {
    match attribute.value() {
        Some(Expr::Lit(ExprLit { lit: Lit::Bool(_), .. })) => None,
        _ => attribute.value_literal_string(),
    }
}

/// Appends text, escaped for HTML.
pub(crate) fn escape(text: &str, html: &mut String) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
}
