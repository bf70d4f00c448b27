//! `#[derive(FromJs)]`.
//!
//! For structs with named fields, newtypes with `#[serde(transparent)]`, and enums without data. It supports serde's
//! `rename`, `rename_all = "snake_case"`, `default` and `flatten`. Attributes about writing or unknown fields are
//! ignored; any other is an error.

use proc_macro::TokenStream;
use quote::quote;
use syn::{
    Attribute, Data, DeriveInput, Error, Field, Fields, FieldsNamed, LitStr, Result, Type, parse_macro_input,
    parse_quote,
};

/// Reads the type from a JavaScript value.
#[proc_macro_derive(FromJs, attributes(serde))]
pub fn from_js(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(input).unwrap_or_else(Error::into_compile_error).into()
}

fn expand(mut input: DeriveInput) -> Result<proc_macro2::TokenStream> {
    let options = Options::of(&input.attrs)?;
    let body = match &input.data {
        Data::Struct(of) => match &of.fields {
            Fields::Named(fields) => {
                // Where nothing has to be there, anything would do for an object.
                let check = (!has_a_required_field(fields)?).then(|| quote! { ::from_js::object(value)?; });
                let fields = fields.named.iter().map(field).collect::<Result<Vec<_>>>()?;
                quote! { #check ::core::option::Option::Some(Self { #(#fields),* }) }
            }
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 && options.transparent => {
                quote! { ::from_js::FromJs::from_js(value).map(Self) }
            }
            _ => return Err(Error::new_spanned(&input.ident, "only named fields, or one value that is transparent")),
        },
        Data::Enum(of) => {
            let mut arms = Vec::new();
            for variant in &of.variants {
                if !variant.fields.is_empty() {
                    return Err(Error::new_spanned(variant, "only variants without data"));
                }
                let (ident, own) = (&variant.ident, Options::of(&variant.attrs)?);
                let written = ident.to_string();
                let name = own.rename.unwrap_or(if options.snake_case { snake_case(&written) } else { written });
                arms.push(quote! { #name => ::core::option::Option::Some(Self::#ident) });
            }
            quote! { match value.as_string()?.as_str() { #(#arms,)* _ => ::core::option::Option::None } }
        }
        Data::Union(_) => return Err(Error::new_spanned(&input.ident, "no unions")),
    };
    for parameter in input.generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(::from_js::FromJs));
    }
    let (name, (impl_generics, generics, clause)) = (&input.ident, input.generics.split_for_impl());
    Ok(quote! {
        impl #impl_generics ::from_js::FromJs for #name #generics #clause {
            fn from_js(value: &::from_js::JsValue) -> ::core::option::Option<Self> {
                #body
            }
        }
    })
}

/// Whether one of the fields can't be left out.
fn has_a_required_field(fields: &FieldsNamed) -> Result<bool> {
    for field in &fields.named {
        let options = Options::of(&field.attrs)?;
        if !options.default && !options.flatten && !is_option(&field.ty) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn field(field: &Field) -> Result<proc_macro2::TokenStream> {
    let options = Options::of(&field.attrs)?;
    let ident = field.ident.as_ref().ok_or_else(|| Error::new_spanned(field, "fields have names"))?;
    let written = ident.to_string();
    let name = options.rename.unwrap_or_else(|| written.trim_start_matches("r#").to_owned());
    Ok(if options.flatten {
        quote! { #ident: ::from_js::FromJs::from_js(value)? }
    } else if options.default && !is_option(&field.ty) {
        quote! { #ident: ::from_js::property_or_default(value, #name)? }
    } else {
        quote! { #ident: ::from_js::property(value, #name)? }
    })
}

/// An `Option<…>` may be missing.
fn is_option(of: &Type) -> bool {
    matches!(of, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}

/// As serde's `rename_all = "snake_case"`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (index, character) in name.char_indices() {
        if index > 0 && character.is_uppercase() {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}

/// The supported serde attributes.
#[derive(Default)]
struct Options {
    rename: Option<String>,
    snake_case: bool,
    default: bool,
    flatten: bool,
    transparent: bool,
}

impl Options {
    fn of(attributes: &[Attribute]) -> Result<Self> {
        let mut options = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
            attribute.parse_nested_meta(|meta| {
                let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
                match name.as_str() {
                    "default" => options.default = true,
                    "flatten" => options.flatten = true,
                    "transparent" => options.transparent = true,
                    "rename" => options.rename = Some(meta.value()?.parse::<LitStr>()?.value()),
                    "rename_all" => {
                        let case: LitStr = meta.value()?.parse()?;
                        if case.value() != "snake_case" {
                            return Err(Error::new(case.span(), "only snake_case"));
                        }
                        options.snake_case = true;
                    }
                    "skip_serializing_if" => {
                        meta.value()?.parse::<LitStr>()?;
                    }
                    "deny_unknown_fields" => {}
                    _ => return Err(meta.error("FromJs doesn't know this attribute of serde")),
                }
                Ok(())
            })?;
        }
        Ok(options)
    }
}
