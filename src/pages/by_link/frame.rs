//! The frame of a page that a link leads to.

use crate::prelude::*;
use api_types::Invitation;

use crate::{
    components::{LanguageChoice, LoadView, PageHeader, ProblemView},
    load::{Load, Stage},
    ui::{Icon, IconView, SkeletonLines},
};

/// The secret of the link.
pub fn secret() -> String {
    window().location().hash().unwrap_or_default().trim_start_matches('#').to_owned()
}

/// What somebody sees who isn't in the console: the brand, what they do, and the choice of the language.
#[component]
pub fn Outside(children: Children) -> impl IntoView {
    view! {
        <div class="sign-in">
            <p class="brand">
                <IconView icon=Icon::Key />
                <span>"Latchkey"</span>
            </p>
            {children()}
            <LanguageChoice />
        </div>
    }
}

/// Shows what a link is good for, or that it is over.
#[component]
pub fn ByLink(
    /// Whom the link is for.
    load: Load<Invitation>,
    /// The heading once it is over.
    over: &'static str,
    /// What to do then.
    over_hint: &'static str,
    /// What to do with it.
    form: fn(Signal<Invitation>) -> AnyView,
) -> impl IntoView {
    let failed = memo(move || match load.stage().get() {
        Stage::Failed(error) => Some(error),
        _ => None,
    });
    let again = Callback::new(move |()| load.reload());
    // Another link was pasted over this one.
    let other = window_event_listener_untyped("hashchange", |_| {
        // Fails only while the page is being left.
        let _ = window().location().reload();
    });
    on_cleanup(move || other.remove());
    view! {
        <Outside>
            {move || match failed.get() {
                Some(error) if error.is_not_found() => {
                    view! {
                        <div class="card">
                            <PageHeader title=over />
                            <p role="status">{over_hint}</p>
                        </div>
                    }
                        .into_any()
                }
                Some(error) => view! { <ProblemView error on_retry=again /> }.into_any(),
                None => {
                    view! {
                        <LoadView load skeleton=|| view! { <SkeletonLines lines=6 /> } let:found>
                            {form(found)}
                        </LoadView>
                    }
                        .into_any()
                }
            }}
        </Outside>
    }
}
