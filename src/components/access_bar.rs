//! The green bar with the resident's own code (R15), as in the app.

use crate::prelude::*;
use ids::CodeId;

use super::SecretCode;

/// The top of *My Access*: the code, masked until revealed, and what it opens.
#[component]
pub fn AccessBar(
    /// The code's id.
    #[prop(into)]
    id: Signal<CodeId>,
    /// 4 or 6.
    #[prop(into)]
    length: Signal<u8>,
    /// What it opens: `Unit 101 · front door`.
    #[prop(into)]
    opens: Signal<String>,
    /// Called after each reveal.
    #[prop(optional, into)]
    on_revealed: Option<Callback<()>>,
) -> impl IntoView {
    let on_revealed = Callback::new(move |()| {
        if let Some(on_revealed) = on_revealed {
            on_revealed.run(());
        }
    });
    view! {
        <section class="access-bar" aria-labelledby="access-bar-title">
            <h1 id="access-bar-title">{t::shell::titles::my_access()}</h1>
            <SecretCode id length whose=t::common::my_code() on_revealed=on_revealed />
            <p class="access-bar-opens">{move || opens.get()}</p>
        </section>
    }
}
