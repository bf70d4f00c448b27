//! `/my-access/check`: which rules a code would break, checked by the shared crate in this browser.

use crate::prelude::*;
use access_code::{APP_STEPS, MIN_APP_VERSION, Violation, check_custom};

use crate::{
    components::{Card, PageHeader},
    ui::{Icon, IconView, InputKind, Notice, TextField},
};

/// The maximum length of the input: one digit more than any code has.
const MAX_LENGTH: u32 = 7;

/// Shows which rules a typed code follows. Nothing is sent, stored or set (R5); what is typed is dropped with the page.
#[component]
pub fn CheckCodePage() -> impl IntoView {
    let typed = RwSignal::new(String::new());
    on_cleanup(move || {
        let _ = typed.try_set(String::new());
    });
    let verdict =
        memo(move || typed.with(|text| text.is_empty().then_some(()).map_or_else(|| verdict(text), |()| None)));
    let rules = [
        (t::check_code::rules::format(), [Violation::WrongLength, Violation::NotDigits]),
        (t::check_code::rules::repeated(), [Violation::Repeated, Violation::Repeated]),
        (t::check_code::rules::run(), [Violation::Run, Violation::Run]),
    ];
    let rows = move || {
        let verdict = verdict.get();
        rules
            .map(|(words, breaks)| {
                let broken = verdict.as_ref().map(|broken| broken.iter().any(|violation| breaks.contains(violation)));
                // R7 and R8 apply to codes only, not to text that isn't one yet.
                let is_code = verdict.as_ref().is_some_and(|broken| {
                    !broken.contains(&Violation::WrongLength) && !broken.contains(&Violation::NotDigits)
                });
                let met = match broken {
                    Some(true) => Some(false),
                    Some(false) if is_code => Some(true),
                    _ => None,
                };
                view! { <Rule words met /> }
            })
            .collect_view()
    };
    view! {
        <PageHeader title=t::check_code::title() facts=t::check_code::facts />
        <div class="stack narrow">
            <Card title=t::check_code::question()>
                <TextField
                    label=t::check_code::candidate()
                    name="candidate"
                    value=typed
                    kind=InputKind::Digits
                    autocomplete="off"
                    max_length=MAX_LENGTH
                    hint=t::check_code::candidate_hint()
                />
                <div role="status">{move || verdict.get().map(|broken| view! { <Verdict broken /> })}</div>
                <ul class="checklist">{rows}</ul>
                <p class="second">{t::check_code::note()}</p>
            </Card>
            <Notice>
                <p>
                    <strong>{t::check_code::makes_none()} " "</strong>
                    {t::check_code::pick(&MIN_APP_VERSION.to_string(), &APP_STEPS.join(" → "))}
                </p>
            </Notice>
        </div>
    }
}

/// The rules that a text breaks; empty for a code that may be picked.
fn verdict(text: &str) -> Option<Vec<Violation>> {
    Some(check_custom(text).err().unwrap_or_default())
}

#[component]
fn Verdict(broken: Vec<Violation>) -> impl IntoView {
    if broken.is_empty() {
        return view! { <p class="verdict good"><IconView icon=Icon::Check /> {t::check_code::verdict::good()}</p> }
            .into_any();
    }
    let sentences = broken.into_iter().map(|violation| view! { <p>{sentence(violation)}</p> }).collect_view();
    view! { <div class="verdict bad"><IconView icon=Icon::X /> <div>{sentences}</div></div> }.into_any()
}

/// A violation in words. [`Violation::sentence`] says the same in English only.
fn sentence(violation: Violation) -> &'static str {
    match violation {
        Violation::WrongLength => t::check_code::verdict::wrong_length(),
        Violation::NotDigits => t::check_code::verdict::not_digits(),
        Violation::Repeated => t::check_code::verdict::repeated(),
        Violation::Run => t::check_code::verdict::run(),
    }
}

#[component]
fn Rule(words: &'static str, met: Option<bool>) -> impl IntoView {
    let (class, icon, word) = match met {
        Some(true) => ("met", Icon::Check, t::check_code::rules::followed()),
        Some(false) => ("not-met", Icon::X, t::check_code::rules::broken()),
        None => ("not-checked", Icon::Minus, t::check_code::rules::not_checked()),
    };
    view! {
        <li class=class>
            <IconView icon />
            <p class="checklist-detail"><span class="visually-hidden">{word} " "</span> {words}</p>
        </li>
    }
}
