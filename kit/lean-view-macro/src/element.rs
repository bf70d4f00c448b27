//! Elements that need code of their own.

use proc_macro2::TokenStream;
use quote::quote;
use rstml::node::{KeyedAttribute, NodeAttribute, NodeElement};
use syn::{Error, Expr, Ident, Result, Stmt, spanned::Spanned};

use crate::{markup, nodes, space::Space};

/// An expression of type `Parent`.
pub(crate) fn build(element: &NodeElement<rstml::Infallible>, space: Space) -> Result<TokenStream> {
    let name = element.name().to_string();
    let start = match space.of_element(&name) {
        Space::Svg => quote! { svg },
        Space::Html => quote! { html },
    };
    let attributes = element.attributes().iter().map(attribute).collect::<Result<Vec<_>>>()?;
    let children = nodes::append_calls(&element.children, space.within(&name))?;
    Ok(quote! { ::lean_view::Parent::#start(#name) #(#attributes)* #children })
}

fn attribute(attribute: &NodeAttribute) -> Result<TokenStream> {
    let NodeAttribute::Attribute(attribute) = attribute else {
        return Err(Error::new(attribute.span(), "attributes have a name"));
    };
    let key = attribute.key.to_string();
    if let Some((kind, name)) = key.split_once(':') {
        let value = value(attribute)?;
        return match kind {
            "class" => Ok(quote! { .class(#name, #value) }),
            "prop" => Ok(quote! { .prop(#name, #value) }),
            "on" => {
                let event = Ident::new(name, attribute.key.span());
                Ok(quote! { .on(::leptos::ev::#event, #name, #value) })
            }
            _ => Err(Error::new(attribute.key.span(), "only class:, prop: and on: are known here")),
        };
    }
    if let Some(text) = markup::literal(attribute) {
        return Ok(quote! { .fixed(#key, #text) });
    }
    let value = value(attribute)?;
    Ok(if key == "node_ref" {
        quote! { .node_ref(#value) }
    } else {
        quote! { .attr(#key, #value) }
    })
}

/// The value of `name=value`, or for `name` alone the variable of that name.
pub(crate) fn value(attribute: &KeyedAttribute) -> Result<TokenStream> {
    let key = &attribute.key;
    Ok(match attribute.value() {
        None => quote! { #key },
        // `name={value}`: the braces belong to the view.
        Some(Expr::Block(braced)) => match braced.block.stmts.as_slice() {
            [Stmt::Expr(value, None)] => quote! { #value },
            _ => quote! { #braced },
        },
        Some(value) => quote! { #value },
    })
}
