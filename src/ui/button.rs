//! Buttons.

use crate::prelude::*;

use super::{Icon, IconView};

/// How a button looks, by what it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one thing the page or dialog is for.
    Primary,
    /// Everything else.
    #[default]
    Secondary,
    /// Takes something away.
    Danger,
    /// Beside content: no border.
    Quiet,
}

impl ButtonKind {
    /// The class for it, also for links that look like buttons: `<a class=ButtonKind::Primary.class() …>`.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Primary => "button primary",
            Self::Secondary => "button",
            Self::Danger => "button danger",
            Self::Quiet => "button quiet",
        }
    }
}

/// A button. While `busy` it keeps its size and focus, and ignores presses. With a `disabled_reason` it says why, can
/// still be focused, and ignores presses. A form's Save is never disabled: it shows what is wrong instead.
#[component]
pub fn Button(
    /// What it does, in a verb.
    children: Children,
    /// How it looks.
    #[prop(optional)]
    kind: ButtonKind,
    /// Before the words.
    #[prop(optional, into)]
    icon: Option<Signal<Icon>>,
    /// An attempt is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Why it can't be pressed now; `None` if it can.
    #[prop(optional, into)]
    disabled_reason: Signal<Option<String>>,
    /// Submits the form it is in.
    #[prop(optional)]
    submit: bool,
    /// The words are for screen readers only; the icon stands alone.
    #[prop(optional)]
    icon_only: bool,
    /// Pressed; not called while busy or disabled. A submitting button leaves it out: the form's `on:submit` acts.
    #[prop(optional, into)]
    on_press: Option<Callback<()>>,
) -> impl IntoView {
    let blocked = move || busy.get() || disabled_reason.with(Option::is_some);
    let press = move |event: web_sys::MouseEvent| {
        if untrack(blocked) {
            event.prevent_default();
        } else if let Some(on_press) = on_press {
            on_press.run(());
        }
    };
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class=kind.class()
            class:icon-only=icon_only
            class:busy=busy
            aria-disabled=move || blocked().then_some("true")
            aria-busy=move || busy.get().then_some("true")
            on:click=press
        >
            {icon.map(|icon| move || view! { <IconView icon=icon.get() /> })}
            <span class:visually-hidden=icon_only>{children()}</span>
        </button>
        {move || disabled_reason.get().map(|reason| view! { <span class="button-reason">{reason}</span> })}
    }
}
