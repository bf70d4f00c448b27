//! Whether the server can be reached.

use crate::prelude::*;
use leptos::ev;

use crate::{
    api,
    live::Live,
    ui::{Icon, IconView},
};

/// Whether the last request got an answer and the browser has a network. Copy it freely.
#[derive(Clone, Copy)]
pub struct Connection(RwSignal<bool>);

impl Connection {
    /// Puts it into the context and starts watching.
    pub fn provide() -> Self {
        let online = RwSignal::new(window().navigator().on_line());
        let connection = Self(online);
        provide_context(connection);
        api::on_connection_change(move |reached| {
            if online.get_untracked() != reached {
                online.set(reached);
            }
        });
        let handles = [
            window_event_listener(ev::offline, move |_| online.set(false)),
            window_event_listener(ev::online, move |_| online.set(true)),
        ];
        on_cleanup(move || handles.into_iter().for_each(WindowListenerHandle::remove));
        connection
    }

    /// Whether the server can be reached, as far as is known.
    pub fn online(&self) -> bool {
        self.0.get()
    }
}

/// Says that there is no connection while there is none; and that what is shown may be old, while the server can be reached and
/// what happens there isn't heard of.
#[component]
pub fn OfflineBanner() -> impl IntoView {
    let (connection, live) = (expect_context::<Connection>(), expect_context::<Live>());
    view! {
        <div role="status">
            <Show when=move || !connection.online()>
                <div class="offline-banner">
                    <IconView icon=Icon::WifiOff />
                    <span>{t::shell::offline()}</span>
                </div>
            </Show>
            <Show when=move || connection.online() && live.is_behind()>
                <div class="offline-banner">
                    <IconView icon=Icon::Clock />
                    <span>{t::shell::behind()}</span>
                </div>
            </Show>
        </div>
    }
}
