//! Pills: a status as icon, words and colour, never as colour alone. What is in order or over is quiet: words and an icon.

use crate::prelude::*;

use super::{Icon, IconView};

/// What a pill's colour means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// In order: quiet, so that the others stand out.
    Good,
    /// In progress.
    Moving,
    /// Waiting for something.
    Waiting,
    /// Needs attention.
    Bad,
    /// Neither good nor bad.
    Plain,
    /// Over, and nothing to care about: quiet.
    Over,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Good => "pill good",
            Self::Moving => "pill moving",
            Self::Waiting => "pill waiting",
            Self::Bad => "pill bad",
            Self::Plain => "pill plain",
            Self::Over => "pill over",
        }
    }
}

/// A pill.
#[component]
pub fn Pill(
    /// Its colour.
    tone: Tone,
    /// Its icon.
    icon: Icon,
    /// Its words.
    children: Children,
) -> impl IntoView {
    view! { <span class=tone.class()><IconView icon /><span>{children()}</span></span> }
}
