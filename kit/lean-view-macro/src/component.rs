//! Components: Leptos's own, through their property builders.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use rstml::node::{KeyedAttributeValue, NodeAttribute, NodeElement};
use syn::{Error, Result, spanned::Spanned};

use crate::{element, nodes};

/// Whether an element is a component: those are named like types.
pub(crate) fn is_component(element: &NodeElement<rstml::Infallible>) -> bool {
    let name = element.name().to_string();
    name.rsplit("::").next().and_then(|last| last.chars().next()).is_some_and(char::is_uppercase)
}

/// The call of a component.
pub(crate) fn call(element: &NodeElement<rstml::Infallible>) -> Result<TokenStream> {
    let name = element.name();
    let (mut props, mut bound) = (Vec::new(), Vec::new());
    for attribute in element.attributes() {
        let NodeAttribute::Attribute(attribute) = attribute else {
            return Err(Error::new(attribute.span(), "properties have a name"));
        };
        let key = attribute.key.to_string();
        match (key.as_str(), &attribute.possible_value) {
            ("let", KeyedAttributeValue::Binding(binding)) => {
                let inputs = &binding.inputs;
                bound.push(quote! { #inputs });
            }
            (key, _) if key.starts_with("let:") => {
                let variable = format_ident!("{}", key.trim_start_matches("let:"), span = attribute.key.span());
                bound.push(quote! { #variable });
            }
            (key, _) if key.contains(':') => {
                return Err(Error::new(attribute.key.span(), "a component takes properties only"));
            }
            _ => {
                let (key, value) = (&attribute.key, element::value(attribute)?);
                props.push(quote! { .#key(#[allow(unused_braces)] { #value }) });
            }
        }
    }
    let children = (!element.children.is_empty()).then(|| nodes::view_of(&element.children)).transpose()?;
    let children = children.map(|children| {
        if bound.is_empty() {
            quote! { .children(::lean_view::ToChildren::to_children(move || #children)) }
        } else {
            quote! { .children(move |#(#bound),*| #children) }
        }
    });
    Ok(quote! {
        ::leptos::component::component_view(
            #[allow(clippy::needless_borrows_for_generic_args)]
            &#name,
            ::leptos::component::component_props_builder(&#name) #(#props)* #children .build(),
        )
    })
}
