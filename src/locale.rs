//! The language of the console and its texts.
//!
//! The console's texts are in `locales/{language}/*.json`; [`messages!`](locale_macro::messages) makes a function for
//! each text (`locale::common::cancel()`), so that a missing key doesn't compile. In release builds (feature `chunks`)
//! the texts of the chosen language are in files of their own: those that every visit needs, and those of each chunk, which
//! are requested together with its code, before the console has loaded (`public/boot.js`). Otherwise they are part of
//! the wasm.

#[cfg(feature = "chunks")]
use std::cell::RefCell;
#[cfg(not(feature = "chunks"))]
use std::sync::OnceLock;

#[cfg(feature = "chunks")]
use js_sys::Promise;
use js_sys::{Array, Intl, Object};
#[cfg(feature = "chunks")]
use wasm_bindgen::prelude::wasm_bindgen;
#[cfg(feature = "chunks")]
use wasm_bindgen_futures::JsFuture;

pub(crate) use crate::early::LANGUAGES;
use crate::{intl, prelude::*};

locale_macro::messages!("locales", "en", "es");

// The macro takes literals, which must be the languages that can be chosen.
const _: () = {
    assert!(TABLES.len() == LANGUAGES.len(), "LANGUAGES isn't what there are texts for");
    let mut at = 0;
    while at < TABLES.len() {
        let tags = (TABLES[at].0.as_bytes(), LANGUAGES[at].0.as_bytes());
        assert!(matches!(tags, ([a, b], [c, d]) if *a == *c && *b == *d), "LANGUAGES isn't what there are texts for");
        at += 1;
    }
};

/// Where the choice is stored; `public/boot.js` reads it before the first paint.
const SLOT: &str = "latchkey.language";

/// The texts of the chosen language by their numbers. Set once: choosing another language reloads the page.
#[cfg(not(feature = "chunks"))]
static TEXTS: OnceLock<&'static [&'static str]> = OnceLock::new();

#[cfg(feature = "chunks")]
thread_local! {
    /// The texts that have arrived by their numbers; the others are empty. Choosing another language reloads the page.
    static TEXTS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// The tag of the page's language.
pub fn current() -> String {
    document().document_element().and_then(|root| root.get_attribute("lang")).unwrap_or_else(|| "en".to_owned())
}

/// Whether that is the language of the server's sentences.
pub fn is_the_servers() -> bool {
    current() == "en"
}

/// The `lang` attribute for English texts of the audit log, if the page is in another language.
pub fn recorded_lang() -> Option<&'static str> {
    (!is_the_servers()).then_some("en")
}

/// Chooses a language, remembers it on this device and reloads the page.
pub fn choose(tag: &str) {
    if let Ok(Some(storage)) = window().local_storage()
        && storage.set_item(SLOT, tag).is_ok()
    {
        // Fails only while the page is being left.
        let _ = window().location().reload();
    }
}

/// The texts couldn't be loaded.
#[derive(Debug)]
pub struct NoTexts;

/// In place of a chunk's name: the texts that every visit needs.
pub const ALWAYS: &str = "";

/// Downloads the texts of a chunk that no earlier one had, or those that are [`ALWAYS`] needed. They are requested at once,
/// before the future is polled.
///
/// # Errors
/// If they can't be downloaded.
#[cfg(feature = "chunks")]
pub fn load(chunk: &str) -> impl Future<Output = Result<(), NoTexts>> + use<> {
    let requested = JsFuture::from(requested(chunk));
    async {
        let arrived = requested.await.map_err(|_| NoTexts)?;
        TEXTS.with_borrow_mut(|texts| {
            let mut number = 0;
            for entry in Array::from(&arrived).iter() {
                let Some(text) = entry.as_string() else {
                    // The number of the next text, a whole one of at most 16 bits (`kit/locale-files`).
                    number = entry.as_f64().unwrap_or_default() as usize;
                    continue;
                };
                if texts.len() <= number {
                    texts.resize(number + 1, "");
                }
                if texts[number].is_empty() {
                    // Leaked, since it lives as long as the page.
                    texts[number] = text.leak();
                }
                number += 1;
            }
        });
        Ok(())
    }
}

#[cfg(feature = "chunks")]
#[wasm_bindgen]
extern "C" {
    /// From `public/boot.js`, which requests those of the first page itself.
    #[wasm_bindgen(js_name = latchkeyTexts)]
    fn requested(chunk: &str) -> Promise;
}

/// Uses the texts of the chosen language, which are part of the wasm.
///
/// # Errors
/// None.
#[cfg(not(feature = "chunks"))]
#[allow(clippy::unused_async, reason = "in release builds it waits")]
pub async fn load(_chunk: &str) -> Result<(), NoTexts> {
    let tag = current();
    if let Some((_, texts)) = TABLES.iter().find(|(language, _)| *language == tag) {
        let _ = TEXTS.set(texts);
    }
    Ok(())
}

/// The text with this number.
#[cfg(feature = "chunks")]
fn text(number: u16) -> &'static str {
    TEXTS.with_borrow(|texts| texts.get(usize::from(number)).copied().unwrap_or_default())
}

/// The text with this number; English if none were loaded, as in tests.
#[cfg(not(feature = "chunks"))]
fn text(number: u16) -> &'static str {
    TEXTS.get_or_init(|| TABLES[0].1).get(usize::from(number)).copied().unwrap_or_default()
}

/// A text with its `{{name}}`s filled in.
fn fill(number: u16, values: &[(&str, &str)]) -> String {
    fill_in(text(number), values)
}

fn fill_in(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        let value = values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        filled.push_str(before);
        filled.push_str(value);
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// The plural form for `count`, filled in: the text with this number for *one*, else the next one.
fn plural(number: u16, count: u32, values: &[(&str, &str)]) -> String {
    thread_local! {
        static RULES: Intl::PluralRules =
            Intl::PluralRules::new(&Array::of1(&current().as_str().into()), &Object::new());
    }
    let is_one = RULES.with(|rules| String::from(rules.select(f64::from(count)))) == "one";
    let counted = intl::number(count);
    let mut all = vec![("count", counted.as_str())];
    all.extend_from_slice(values);
    fill(if is_one { number } else { number + 1 }, &all)
}

/// As [`parts`], filled in; values are never taken for markup.
fn filled_parts(number: u16, values: &[(&str, &str)]) -> [String; 3] {
    parts(text(number)).map(|part| fill_in(part, values))
}

/// The text before the marked-up part, in it and after it.
fn parts(text: &str) -> [&str; 3] {
    let found = (|| {
        let (before, rest) = text.split_once('<')?;
        let (_, rest) = rest.split_once('>')?;
        let (inside, rest) = rest.split_once("</")?;
        let (_, after) = rest.split_once('>')?;
        Some([before, inside, after])
    })();
    found.unwrap_or([text, "", ""])
}
