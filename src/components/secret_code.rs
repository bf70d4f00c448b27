//! Digits, masked by default and shown only for a while (R30).

use std::time::Duration;

use crate::prelude::*;
use api_types::RevealedCode;
use ids::CodeId;
use leptos::{ev, html, leptos_dom::helpers::IntervalHandle};
use wasm_bindgen::JsCast;

use super::FormProblem;
use crate::{
    api,
    mutation::{Mutation, invalid},
    ui::{Button, ButtonKind, Dialog, Icon, IconView, TextArea, Toasts, use_toasts},
};

/// A reason's maximum length in characters.
const MAX_REASON: u32 = 200;

/// Digits that are shown for a while. They are nowhere else in the console, and dropped when hidden.
#[derive(Clone, Copy)]
pub struct ShownDigits {
    digits: RwSignal<Option<String>>,
    left_s: RwSignal<u32>,
    watch: StoredValue<Option<Watch>>,
    toasts: Toasts,
}

/// What hides shown digits: a timer, and listeners for the window losing the focus. It exists only while digits are
/// shown, since a table has many codes.
struct Watch {
    timer: Option<IntervalHandle>,
    listeners: [WindowListenerHandle; 3],
}

impl Watch {
    fn end(self) {
        if let Some(timer) = self.timer {
            timer.clear();
        }
        self.listeners.into_iter().for_each(WindowListenerHandle::remove);
    }
}

impl ShownDigits {
    /// Without digits. Call it in a component's body.
    pub fn new() -> Self {
        let shown = Self {
            digits: RwSignal::new(None),
            left_s: RwSignal::new(0),
            watch: StoredValue::new(None),
            toasts: use_toasts(),
        };
        on_cleanup(move || {
            if let Some(Some(watch)) = shown.watch.try_update_value(Option::take) {
                watch.end();
            }
        });
        shown
    }

    /// Shows digits for that many seconds. They are hidden earlier when the tab or window loses the focus, and dropped
    /// with the page.
    pub fn show(&self, digits: String, seconds: u32) {
        self.hide();
        let shown = *self;
        self.left_s.set(seconds);
        self.digits.set(Some(digits));
        let tick = move || {
            if shown.left_s.get_untracked() > 1 {
                shown.left_s.update(|left| *left -= 1);
            } else {
                shown.hide();
            }
        };
        let watch = Watch {
            timer: set_interval_with_handle(tick, Duration::from_secs(1)).ok(),
            listeners: [
                window_event_listener(ev::blur, move |_| shown.hide()),
                window_event_listener_untyped("pagehide", move |_| shown.hide()),
                window_event_listener_untyped("visibilitychange", move |_| {
                    if document().hidden() {
                        shown.hide();
                    }
                }),
            ],
        };
        self.watch.set_value(Some(watch));
    }

    /// Hides them and announces it, since they also hide by themselves.
    pub fn hide(&self) {
        if let Some(Some(watch)) = self.watch.try_update_value(Option::take) {
            watch.end();
        }
        if self.digits.with_untracked(Option::is_some) {
            self.digits.set(None);
            self.toasts.announce(t::common::secret::hidden());
        }
    }

    /// The digits, if they are shown.
    pub fn digits(&self) -> Signal<Option<String>> {
        self.digits.into()
    }

    /// Whether they are shown.
    pub fn shown(&self) -> bool {
        self.digits.with(Option::is_some)
    }

    /// Seconds until they hide.
    pub fn seconds_left(&self) -> u32 {
        self.left_s.get()
    }
}

impl Default for ShownDigits {
    fn default() -> Self {
        Self::new()
    }
}

/// Digits in groups of two, or dots in their place.
#[component]
pub fn Digits(
    /// What to show; `None` shows dots.
    #[prop(into)]
    digits: Signal<Option<String>>,
    /// How many there are (4 or 6).
    #[prop(into)]
    length: Signal<u8>,
) -> impl IntoView {
    let groups = move || {
        let text = digits.get().unwrap_or_else(|| "•".repeat(usize::from(length.get())));
        let glyphs: Vec<char> = text.chars().collect();
        glyphs
            .chunks(2)
            .map(|pair| view! { <span class="digit-pair">{pair.iter().collect::<String>()}</span> })
            .collect_view()
    };
    // Read out digit by digit, not as a number.
    let spoken = move || match digits.get() {
        Some(digits) => digits.chars().flat_map(|digit| [digit, ' ']).collect::<String>(),
        None => t::common::secret::hidden_digits(u32::from(length.get())),
    };
    view! {
        <span class="digits" class:masked=move || digits.with(Option::is_none)>
            <span class="digit-pairs" aria-hidden="true">{groups}</span>
            <span class="visually-hidden">{spoken}</span>
        </span>
    }
}

/// A code that can be revealed. It hides itself after the time the server gives, and at once when the window loses the
/// focus; the audit log has every reveal. With `ask_reason` a dialog asks for the reason first (managers, R30).
#[component]
pub fn SecretCode(
    /// The code's id.
    #[prop(into)]
    id: Signal<CodeId>,
    /// 4 or 6.
    #[prop(into)]
    length: Signal<u8>,
    /// Whose code it is, for the button's name and the dialog: `Ada Brandt's code`, `your code`.
    #[prop(into)]
    whose: Signal<String>,
    /// Ask why first; the resident sees the reason.
    #[prop(optional)]
    ask_reason: bool,
    /// In a table's row, in place of a [`MaskedCode`] that was pressed: an icon button, which is focused and pressed at
    /// once.
    #[prop(optional)]
    in_row: bool,
    /// Called after each reveal, which adds an entry to the list of reveals.
    #[prop(optional, into)]
    on_revealed: Option<Callback<()>>,
) -> impl IntoView {
    let shown = ShownDigits::new();
    let toasts = use_toasts();
    let (asking, ever_asked) = (RwSignal::new(false), RwSignal::new(false));
    let reason = RwSignal::new(String::new());

    let reveal = Mutation::new(
        |(id, reason): (CodeId, Option<String>)| api::codes::reveal(id, reason),
        move |revealed: RevealedCode| {
            asking.set(false);
            reason.set(String::new());
            let seconds = revealed.hide_after_s;
            shown.show(revealed.code, seconds);
            toasts.announce(t::common::secret::shown(seconds));
            if let Some(on_revealed) = on_revealed {
                on_revealed.run(());
            }
        },
    );
    // Another code in the same place must not inherit what is shown.
    let mut before = None;
    effect(move || {
        let id = id.get();
        if before.replace(id).is_some_and(|before| before != id) {
            shown.hide();
        }
    });
    if !ask_reason {
        effect(move || {
            if let Some(error) = reveal.error().get() {
                let step = error.next_step().unwrap_or_default();
                toasts.failed([&error.sentence(), " ", &step].concat());
            }
        });
    }

    let press = Callback::new(move |()| {
        if untrack(|| shown.shown()) {
            shown.hide();
        } else if ask_reason {
            reveal.clear();
            ever_asked.set(true);
            asking.set(true);
        } else {
            reveal.submit((id.get_untracked(), None));
        }
    });
    let confirm = move || {
        let text = reason.get_untracked().trim().to_owned();
        if text.is_empty() {
            reveal.refuse(vec![invalid("reason", t::common::secret::reason_missing())]);
        } else {
            reveal.submit((id.get_untracked(), Some(text)));
        }
    };
    // One button for both, so that it keeps the focus.
    let icon = derived(move || if shown.shown() { Icon::EyeOff } else { Icon::Eye });
    let words = move || if shown.shown() { t::common::secret::hide() } else { t::common::secret::show() };
    let kind = if in_row { ButtonKind::Quiet } else { ButtonKind::Secondary };
    let button = view! {
        <Button kind icon icon_only=in_row busy=reveal.pending() on_press=press>
            {move || words()[0]}
            <span class="visually-hidden">{move || whose.get()}</span>
            {move || words()[2]}
        </Button>
    };
    let hides_in = || {
        let [_, words, _] = t::common::secret::countdown("");
        words
    };
    let seconds_left = move || {
        let [_, _, seconds] = t::common::secret::countdown(&shown.seconds_left().to_string());
        seconds
    };
    let node = NodeRef::<html::Span>::new();
    if in_row {
        effect(move || {
            let button = node.get().and_then(|code| code.query_selector("button").ok().flatten());
            if let Some(button) = button.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
                let _ = button.focus();
                press.run(());
            }
        });
    }
    // Few codes are ever revealed: the dialog is created when it is opened.
    view! {
        <span class="secret-code" class:compact=in_row class:shown=move || shown.shown() node_ref=node>
            <Digits digits=shown.digits() length />
            {button}
            <Show when=move || shown.shown()>
                <span class="secret-countdown">
                    <span class:visually-hidden=in_row>{hides_in()}</span>
                    {seconds_left}
                </span>
            </Show>
        </span>
        {move || {
            ever_asked
                .get()
                .then(|| {
                view! {
                    <Dialog open=asking title=derived(move || t::common::secret::question(&whose.get()))>
                        <form on:submit=move |event| {
                            event.prevent_default();
                            confirm();
                        }>
                            <p>{t::common::secret::note()}</p>
                            <FormProblem mutation=reveal />
                            <TextArea
                                label=t::common::secret::reason()
                                name="reason"
                                value=reason
                                hint=t::common::secret::reason_hint()
                                error=reveal.field_error("reason")
                                max_length=MAX_REASON
                                rows=2
                            />
                            <div class="dialog-actions">
                                <Button on_press=Callback::new(move |()| asking.set(false))>{t::ui::cancel()}</Button>
                                <Button kind=ButtonKind::Primary submit=true busy=reveal.pending()>
                                    {t::common::secret::confirm()}
                                </Button>
                            </div>
                        </form>
                    </Dialog>
                }
            })}}
    }
}

/// A code in a table's row: a mask and a button, replaced by a [`SecretCode`] when that is pressed. A table has
/// hundreds of codes, and each `SecretCode` would create its effects.
#[component]
pub fn MaskedCode(
    /// The code's id.
    id: CodeId,
    /// 4 or 6.
    length: u8,
    /// Whose code it is, for the button's name and the dialog: `Ada Brandt's code`.
    whose: String,
) -> impl IntoView {
    let pressed = RwSignal::new(false);
    move || {
        let whose = whose.clone();
        if pressed.get() {
            return view! { <SecretCode id length whose ask_reason=true in_row=true /> }.into_any();
        }
        let [before, _, after] = t::common::secret::show();
        let dots = vec!["••"; usize::from(length) / 2].join(" ");
        view! {
            <span class="secret-code compact">
                <span class="digits masked" role="img" aria-label=t::common::secret::hidden_digits(u32::from(length))>
                    {dots}
                </span>
                <button
                    type="button"
                    class="button quiet icon-only"
                    aria-label=[before, &whose, after].concat()
                    on:click=move |_| pressed.set(true)
                >
                    <IconView icon=Icon::Eye />
                </button>
            </span>
        }
        .into_any()
    }
}
