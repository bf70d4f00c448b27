//! What is searched for, by entry of the tab's history. Addresses don't have it, since whoever comes after somebody who has signed
//! out can read them with *Back*; the entry has a key instead, and the words are in the tab's storage until then.

use leptos::prelude::window;
use web_sys::Storage;

/// How keys begin in the tab's storage.
const PREFIX: &str = "latchkey.searched.";

fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// Keeps the words of a history entry, under the key that it has or a new one. Returns the key; empty for no words.
pub fn keep(key: &str, words: &str) -> String {
    let Some(storage) = storage() else { return String::new() };
    if words.is_empty() {
        // Fails where the browser keeps nothing, and then there is nothing.
        let _ = storage.remove_item(&[PREFIX, key].concat());
        return String::new();
    }
    let key = match key {
        "" => ((js_sys::Math::random() * f64::from(u32::MAX)) as u32).to_string(),
        key => key.to_owned(),
    };
    match storage.set_item(&[PREFIX, &key].concat(), words) {
        Ok(()) => key,
        Err(_) => String::new(),
    }
}

/// The words of a history entry with that key, as in a query.
pub fn words(key: &str) -> Option<String> {
    if key.is_empty() { None } else { storage()?.get_item(&[PREFIX, key].concat()).ok().flatten() }
}

/// Forgets all of them: somebody has signed out.
pub fn forget() {
    let Some(storage) = storage() else { return };
    let count = storage.length().unwrap_or_default();
    let keys: Vec<String> = (0..count).filter_map(|at| storage.key(at).ok().flatten()).collect();
    for key in keys.iter().filter(|key| key.starts_with(PREFIX)) {
        // Fails where the browser keeps nothing.
        let _ = storage.remove_item(key);
    }
}
