//! The theme: light, dark, or that of the system.

use crate::prelude::*;

use crate::ui::{Icon, IconView};

/// Where the choice is kept; `public/boot.js` reads it before the first paint.
const SLOT: &str = "latchkey.theme";

fn choices() -> [(&'static str, &'static str, Icon); 3] {
    [
        ("system", t::ui::theme::system(), Icon::Monitor),
        ("light", t::ui::theme::light(), Icon::Sun),
        ("dark", t::ui::theme::dark(), Icon::Moon),
    ]
}

fn stored() -> String {
    window()
        .local_storage()
        .ok()
        .flatten()
        .and_then(|storage| storage.get_item(SLOT).ok().flatten())
        .filter(|theme| theme == "light" || theme == "dark")
        .unwrap_or_else(|| "system".to_owned())
}

/// Sets the theme (`light`, `dark` or `system`), and remembers it on this device.
pub fn apply_theme(theme: &str) {
    if let Some(root) = document().document_element() {
        // Setting a plain attribute doesn't fail.
        let _ = if theme == "system" {
            root.remove_attribute("data-theme")
        } else {
            root.set_attribute("data-theme", theme)
        };
    }
    if let Ok(Some(storage)) = window().local_storage() {
        // Without storage the choice is lost with the page, nothing more.
        let _ = if theme == "system" { storage.remove_item(SLOT) } else { storage.set_item(SLOT, theme) };
    }
}

/// Chooses the theme, and remembers it on this device.
#[component]
pub fn ThemeChoice() -> impl IntoView {
    let theme = RwSignal::new(stored());
    let choices = choices()
        .into_iter()
        .map(|(value, label, icon)| {
            view! {
                <label class="segment">
                    <input
                        type="radio"
                        name="theme"
                        value=value
                        prop:checked=move || theme.with(|theme| theme == value)
                        on:change=move |_| {
                            apply_theme(value);
                            theme.set(value.to_owned());
                        }
                    />
                    <span><IconView icon />{label}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="segmented">
            <legend>{t::ui::theme::label()}</legend>
            <div>{choices}</div>
        </fieldset>
    }
}
