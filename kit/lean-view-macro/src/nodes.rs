//! Sibling nodes.

use proc_macro2::TokenStream;
use quote::quote;
use rstml::node::{Node, NodeBlock};
use syn::{Error, Result, Stmt, spanned::Spanned};

use crate::{component, element, markup, space::Space};

/// One expression of type `AnyView`.
pub(crate) fn view_of(nodes: &[Node]) -> Result<TokenStream> {
    match parts(nodes, Space::Html)?.as_slice() {
        [] => Ok(quote! { ::lean_view::AnyView::empty() }),
        [Part::View(only)] => Ok(quote! { ::lean_view::IntoView::into_view(#only) }),
        [Part::Markup(markup, Space::Html)] => Ok(quote! { ::lean_view::AnyView::markup(#markup) }),
        [Part::Markup(markup, Space::Svg)] => Ok(quote! { ::lean_view::AnyView::svg_markup(#markup) }),
        [Part::Text(text)] => Ok(quote! { ::lean_view::AnyView::text(#text) }),
        several => {
            let calls = several.iter().map(Part::call);
            Ok(quote! { ::lean_view::Parent::fragment() #(#calls)* .into_view() })
        }
    }
}

/// The calls that append these nodes to a parent.
pub(crate) fn append_calls(nodes: &[Node], space: Space) -> Result<TokenStream> {
    let parts = parts(nodes, space)?;
    let calls = parts.iter().map(Part::call);
    Ok(quote! { #(#calls)* })
}

/// What one call appends.
enum Part {
    /// Text.
    Text(String),
    /// Static HTML; neighbours in one namespace are combined.
    Markup(String, Space),
    /// Anything else.
    View(TokenStream),
}

impl Part {
    fn call(&self) -> TokenStream {
        match self {
            Self::Text(text) => quote! { .text(#text) },
            Self::Markup(markup, Space::Html) => quote! { .markup(#markup) },
            Self::Markup(markup, Space::Svg) => quote! { .svg_markup(#markup) },
            Self::View(view) => quote! { .child(#view) },
        }
    }
}

/// The parts of sibling nodes in this namespace.
fn parts(nodes: &[Node], space: Space) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    for node in nodes {
        match node {
            Node::Comment(_) => {}
            Node::Text(text) => push_static(&mut parts, &text.value_string(), None),
            Node::Block(block) => parts.push(Part::View(block_value(block))),
            Node::Fragment(fragment) => parts.push(Part::View(view_of(&fragment.children)?)),
            Node::Element(element) if component::is_component(element) => {
                parts.push(Part::View(component::call(element)?));
            }
            Node::Element(element) => match markup::of_element(element) {
                Some(markup) => {
                    // The HTML parser understands `<svg>` itself.
                    let name = element.name().to_string();
                    let of = if name == "svg" { space } else { space.of_element(&name) };
                    push_static(&mut parts, "", Some((markup, of)));
                }
                None => parts.push(Part::View(element::build(element, space)?)),
            },
            Node::RawText(text) => return Err(Error::new(text.span(), "text stands in quotes")),
            Node::Doctype(other) => return Err(Error::new(other.span(), "no document types in a view")),
            Node::Custom(_) => {}
        }
    }
    Ok(parts)
}

/// `{value}` without its braces, if they aren't needed.
fn block_value(block: &NodeBlock) -> TokenStream {
    match block.try_block().map(|block| block.stmts.as_slice()) {
        Some([Stmt::Expr(value, None)]) => quote! { #value },
        _ => quote! { #block },
    }
}

/// Appends text or markup, together with the static part before it if either is markup.
fn push_static(parts: &mut Vec<Part>, text: &str, markup: Option<(String, Space)>) {
    match (parts.last_mut(), markup) {
        (Some(Part::Markup(before, space)), Some((markup, of))) if *space == of => before.push_str(&markup),
        (Some(Part::Markup(before, _)), None) => markup::escape(text, before),
        (Some(Part::Text(before)), None) => before.push_str(text),
        (Some(Part::Text(before)), Some((markup, of))) => {
            let mut together = String::new();
            markup::escape(before, &mut together);
            together.push_str(&markup);
            parts.pop();
            parts.push(Part::Markup(together, of));
        }
        (_, Some((markup, of))) => parts.push(Part::Markup(markup, of)),
        (_, None) => parts.push(Part::Text(text.to_owned())),
    }
}
