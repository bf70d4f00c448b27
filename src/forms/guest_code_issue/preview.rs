//! When the code would open its doors, as the server works it out (R22).

use std::time::Duration;

use crate::prelude::*;
use api_types::{GuestCodePreview, GuestCodeRequest};
use leptos::{leptos_dom::helpers::TimeoutHandle, task::spawn_local};

use crate::{
    api::{self, ApiError},
    components::{Week, span_text},
    intl::{self, Style},
    ui::{Icon, IconView},
};

/// How long nothing must have changed before the preview is requested.
const PREVIEW_DELAY: Duration = Duration::from_millis(300);

/// The server's answer for the current times.
#[derive(Clone, PartialEq)]
enum Answer {
    Nothing,
    Windows(GuestCodePreview),
    Refused(ApiError),
}

/// The next five windows, requested shortly after the last change; the old ones stay until the new ones arrive.
#[component]
pub fn Preview(
    /// What would be issued; `None` while times are missing.
    request: Memo<Option<GuestCodeRequest>>,
    /// The property's zone in words.
    zone: Signal<String>,
) -> impl IntoView {
    let answer = RwSignal::new(Answer::Nothing);
    let asking = RwSignal::new(false);
    let run = StoredValue::new(0_u32);
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(Some(timer)) = waiting.try_update_value(Option::take) {
            timer.clear();
        }
    };
    on_cleanup(stop);
    effect(move || {
        stop();
        let this = run.get_value().wrapping_add(1);
        run.set_value(this);
        let Some(request) = request.get() else {
            answer.set(Answer::Nothing);
            asking.set(false);
            return;
        };
        let ask = move || {
            asking.set(true);
            spawn_local(async move {
                let result = api::guest_codes::preview(&request).await;
                // The form is gone, or something has changed meanwhile.
                if run.try_get_value() != Some(this) {
                    return;
                }
                asking.set(false);
                answer.set(match result {
                    Ok(preview) => Answer::Windows(preview),
                    Err(error) => Answer::Refused(error),
                });
            });
        };
        waiting.set_value(set_timeout_with_handle(ask, PREVIEW_DELAY).ok());
    });
    let body = move || match answer.get() {
        Answer::Nothing => view! { <p class="second">{t::issue::preview::nothing()}</p> }.into_any(),
        Answer::Refused(error) => view! {
            <p class="preview-problem">
                <IconView icon=Icon::Warning />
                <span>{error.sentence()}</span>
            </p>
        }
        .into_any(),
        Answer::Windows(preview) => view! { <Windows preview /> }.into_any(),
    };
    let recurrence = memo(move || request.with(|request| request.as_ref().and_then(|it| it.recurrence.clone())));
    let week = move || recurrence.get().map(|recurrence| view! { <Week recurrence /> });
    view! {
        <section class="card preview" aria-labelledby="preview-title" aria-busy=move || asking.get().then_some("true")>
            <h2 id="preview-title">{t::issue::preview::title()}</h2>
            <p class="small second">{move || zone.get()}</p>
            {week}
            <div role="status">{body}</div>
        </section>
    }
}

#[component]
fn Windows(preview: GuestCodePreview) -> impl IntoView {
    let GuestCodePreview { time_zone, windows, more } = preview;
    let now = intl::now_ms();
    let rows = windows
        .into_iter()
        .map(|window| {
            let from = window.starts_at.as_str();
            let text = match &window.ends_at {
                Some(to) => span_text(from, to.as_str(), &time_zone, now),
                None => t::issue::preview::until_revoked(&intl::format(from, &time_zone, Style::DateTime)),
            };
            view! { <li>{text}</li> }
        })
        .collect_view();
    view! {
        <ol class="windows">{rows}</ol>
        {more.then(|| view! { <p class="small second">{t::issue::preview::more()}</p> })}
    }
}
