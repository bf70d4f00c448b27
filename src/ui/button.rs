//! Buttons.

use crate::prelude::*;

use super::{Icon, IconView};

/// How a button looks, by its purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The main action of the page or dialog.
    Primary,
    /// Everything else.
    #[default]
    Secondary,
    /// Leads to removing something: outlined.
    Danger,
    /// The last step before something is removed: filled.
    LastStep,
    /// Beside content, without a border.
    Quiet,
}

impl ButtonKind {
    /// Its class, also for links that look like buttons: `<a class=ButtonKind::Primary.class() …>`.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Primary => "button primary",
            Self::Secondary => "button",
            Self::Danger => "button danger",
            Self::LastStep => "button danger last",
            Self::Quiet => "button quiet",
        }
    }
}

/// A button. While `busy` it keeps its size and focus, and ignores presses. With a `disabled_reason` it shows the
/// reason, can still be focused, and ignores presses. A form's Save is never disabled: it shows what is wrong instead.
#[component]
pub fn Button(
    /// What it does, as a verb.
    children: Children,
    /// How it looks.
    #[prop(optional)]
    kind: ButtonKind,
    /// Shown before the text.
    #[prop(optional, into)]
    icon: Option<Signal<Icon>>,
    /// Whether an attempt is pending.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Why it can't be pressed now; `None` if it can.
    #[prop(optional, into)]
    disabled_reason: Signal<Option<String>>,
    /// Whether it submits its form.
    #[prop(optional)]
    submit: bool,
    /// Shows only the icon; the text is for screen readers.
    #[prop(optional)]
    icon_only: bool,
    /// Called when it is pressed, unless it is busy or disabled. Left out for a submitting button, where the form's
    /// `on:submit` acts.
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
