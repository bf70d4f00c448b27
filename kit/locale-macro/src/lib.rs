//! `messages!`: a function for each text of the locale files, so that a missing key, a missing value or an incomplete
//! language is a compile error.

use std::{collections::BTreeMap, path::PathBuf};

use locale_files::{Language, Message};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{LitStr, Token, parse_macro_input, punctuated::Punctuated};

/// `messages!("locales", "en", "es")` generates, from `locales/en/*.json`, a module for each file and object and a
/// function for each text in it:
///
/// - `fn title() -> &'static str` for a plain text,
/// - `fn greeting(name: &str) -> String` for a text with `{{name}}`,
/// - `fn doors(count: u32) -> String` for the plural `doors_one` and `doors_other`,
/// - `fn see() -> [&'static str; 3]` for `See <link>this</link>.`: the text before the marked-up part, in it and after it
///   (`[String; 3]` if there are placeholders too).
///
/// They are never inlined, so that a build that takes the program apart can tell from its functions which part needs which
/// texts. They call `text`, `fill`, `plural`, `parts` and `filled_parts` of `crate::locale` in the crate that uses the macro.
/// The folder is relative to that crate's `Cargo.toml`. The other languages are checked against the first, and `TABLES`
/// has each language's tag and texts.
#[proc_macro]
pub fn messages(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let arguments = parse_macro_input!(input with Punctuated::<LitStr, Token![,]>::parse_terminated);
    let arguments: Vec<String> = arguments.iter().map(LitStr::value).collect();
    expand(&arguments).unwrap_or_else(|message| syn::Error::new(Span::call_site(), message).to_compile_error()).into()
}

fn expand(arguments: &[String]) -> Result<TokenStream, String> {
    let [folder, reference, others @ ..] = arguments else {
        return Err("messages!(\"folder\", \"first language\", …)".into());
    };
    let root = std::env::var("CARGO_MANIFEST_DIR").map_err(|error| error.to_string())?;
    let folder = PathBuf::from(root).join(folder);
    let read = |tag: &String| Language::read(&folder, tag).map_err(|error| error.to_string());
    let reference = read(reference)?;
    let mut languages = Vec::new();
    for tag in others {
        let language = read(tag)?;
        language.check_against(&reference).map_err(|error| error.to_string())?;
        languages.push(language);
    }
    let functions = Module::of(&reference.messages)?.tokens();
    languages.insert(0, reference);
    let tables = languages.iter().map(|Language { tag, messages, .. }| {
        let texts = messages.iter().map(|message| &message.text);
        quote!((#tag, &[#(#texts),*]))
    });
    // So that the crate is recompiled when one of them changes.
    let files = languages.iter().flat_map(|language| &language.files).map(|file| file.to_string_lossy().into_owned());
    Ok(quote! {
        #functions
        /// Each language's tag and texts, indexed by number.
        pub(crate) const TABLES: &[(&str, &[&str])] = &[#(#tables),*];
        const _: &[&[u8]] = &[#(include_bytes!(#files)),*];
    })
}

/// A module to generate, with its submodules and functions.
#[derive(Default)]
struct Module {
    modules: BTreeMap<String, Module>,
    functions: Vec<TokenStream>,
}

impl Module {
    fn of(messages: &[Message]) -> Result<Self, String> {
        let mut root = Self::default();
        let mut number = 0;
        while let Some(message) = messages.get(number) {
            let [modules @ .., key] = &message.path[..] else { return Err("a text without a key".into()) };
            let module = modules.iter().fold(&mut root, |module, name| module.modules.entry(name.clone()).or_default());
            let plural = key.strip_suffix("_one");
            let other = plural.and(messages.get(number + 1)).filter(|next| {
                next.path.last().map(String::as_str) == plural.map(|key| format!("{key}_other")).as_deref()
            });
            module.functions.push(match (plural, other) {
                (Some(key), Some(other)) => plural_function(key, number, other)?,
                (Some(_), None) => return Err(format!("{} is not followed by its _other", message.name())),
                _ => function(key, number, message)?,
            });
            number += 1 + usize::from(other.is_some());
        }
        Ok(root)
    }

    fn tokens(&self) -> TokenStream {
        let modules = self.modules.iter().map(|(name, module)| {
            let (name, tokens) = (ident(name), module.tokens());
            quote! {
                #[allow(missing_docs, reason = "a group of keys")]
                pub mod #name { #tokens }
            }
        });
        let functions = &self.functions;
        quote!(#(#modules)* #(#functions)*)
    }
}

fn ident(name: &str) -> Ident {
    match syn::parse_str(name) {
        Ok(ident) => ident,
        Err(_) => Ident::new_raw(name, Span::call_site()),
    }
}

fn parameters(message: &Message) -> Result<(Vec<&str>, Vec<Ident>), String> {
    let names: Vec<_> = message.placeholders().into_iter().filter(|name| *name != "count").collect();
    for name in &names {
        syn::parse_str::<Ident>(name).map_err(|_| format!("{}: {name:?} can't be a parameter", message.name()))?;
    }
    let idents = names.iter().map(|name| ident(name)).collect();
    Ok((names, idents))
}

fn function(key: &str, number: usize, message: &Message) -> Result<TokenStream, String> {
    let (name, doc, number) = (ident(key), format!("> {}", message.text), number_of(number)?);
    let (names, idents) = parameters(message)?;
    let call = quote!(crate::locale);
    Ok(match (names.is_empty(), message.marked_up().is_some()) {
        (true, false) => quote! {
            #[doc = #doc]
            #[inline(never)]
            pub fn #name() -> &'static str { #call::text(#number) }
        },
        (true, true) => quote! {
            #[doc = #doc]
            #[inline(never)]
            pub fn #name() -> [&'static str; 3] { #call::parts(#call::text(#number)) }
        },
        (false, false) => quote! {
            #[doc = #doc]
            #[inline(never)]
            pub fn #name(#(#idents: &str),*) -> String { #call::fill(#number, &[#((#names, #idents)),*]) }
        },
        (false, true) => quote! {
            #[doc = #doc]
            #[inline(never)]
            pub fn #name(#(#idents: &str),*) -> [String; 3] {
                #call::filled_parts(#number, &[#((#names, #idents)),*])
            }
        },
    })
}

fn plural_function(key: &str, number: usize, other: &Message) -> Result<TokenStream, String> {
    let (name, doc, number) = (ident(key), format!("> {}", other.text), number_of(number)?);
    let (names, idents) = parameters(other)?;
    Ok(quote! {
        #[doc = #doc]
        #[inline(never)]
        pub fn #name(count: u32 #(, #idents: &str)*) -> String {
            crate::locale::plural(#number, count, &[#((#names, #idents)),*])
        }
    })
}

fn number_of(number: usize) -> Result<u16, String> {
    u16::try_from(number).map_err(|_| "more texts than there are numbers".to_owned())
}
