//! The language of the console.

use crate::prelude::*;

/// Chooses the language, remembers it on this device and reloads the page.
#[component]
pub fn LanguageChoice() -> impl IntoView {
    let current = t::current();
    let choices = t::LANGUAGES
        .into_iter()
        .map(|(tag, name)| {
            let chosen = tag == current;
            view! {
                <label class="segment" lang=tag>
                    <input type="radio" name="language" value=tag prop:checked=chosen on:change=move |_| t::choose(tag) />
                    <span>{name}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="segmented">
            <legend>{t::ui::language()}</legend>
            <div>{choices}</div>
        </fieldset>
    }
}
