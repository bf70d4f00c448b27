//! The `view!` macro of `lean-view`: Leptos's syntax, compiled to few calls.
//!
//! It supports elements, text, `{expressions}`, fragments, comments; on elements `name=value`, `class:name=`,
//! `prop:name=`, `on:event=` and `node_ref=`; on components properties, `let:name` and `let(pattern)`. Anything else
//! that Leptos has is an error.

mod component;
mod element;
mod markup;
mod nodes;
mod space;

use proc_macro::TokenStream;
use quote::quote;

/// A view: HTML with Rust in it, as in Leptos. Its type is `lean_view::AnyView`.
#[proc_macro]
pub fn view(tokens: TokenStream) -> TokenStream {
    let parsed = rstml::Parser::new(rstml::ParserConfig::default()).parse_recoverable(tokens);
    let (nodes, diagnostics) = parsed.split_vec();
    let errors = diagnostics.into_iter().map(|diagnostic| diagnostic.emit_as_expr_tokens());
    let view = nodes::view_of(&nodes).unwrap_or_else(syn::Error::into_compile_error);
    quote! { { #(#errors)* #view } }.into()
}
