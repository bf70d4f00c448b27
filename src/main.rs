//! Mounts the console in place of the static shell of `index.html`.

use latchkey_console::app::App;
use leptos::prelude::{document, mount_to_body};

fn main() {
    // As it is shipped, a panic has no text.
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    if let Some(shell) = document().get_element_by_id("shell") {
        shell.remove();
    }
    mount_to_body(App);
}
