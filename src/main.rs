//! Mounts the console in place of the static shell of `index.html`.

use latchkey_console::{
    app::App,
    locale::{self, NoTexts},
    pages,
    prelude::{document, mount_to_body},
};
use wasm_bindgen_futures::spawn_local;

fn main() {
    // In release builds a panic has no message.
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    spawn_local(async {
        let shell = document().get_element_by_id("shell");
        let texts = locale::load(locale::ALWAYS).await;
        // Was requested long before, and so is there on most connections: then the page is the first thing shown.
        pages::load_first().await;
        match (texts, shell) {
            (Ok(()), shell) => {
                if let Some(shell) = shell {
                    shell.remove();
                }
                mount_to_body(App);
            }
            // Shows its message for this, in every language, instead of the spinner.
            (Err(NoTexts), Some(shell)) => {
                let _ = shell.class_list().add_1("failed");
            }
            (Err(NoTexts), None) => {}
        }
    });
}
