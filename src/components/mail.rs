//! Mail that didn't arrive.

use crate::prelude::*;
use api_types::UndeliveredMail;

use crate::{
    api,
    intl::{self, Style},
    load::Load,
    ui::{Icon, Pill, Tone},
};

/// What became of the last mail to somebody: it bounced or still waits, and what the mail server said.
#[component]
pub fn Undelivered(
    /// The mail.
    mail: UndeliveredMail,
) -> impl IntoView {
    let (tone, icon, words) = if mail.bounced {
        (Tone::Bad, Icon::X, t::mail::bounced().to_owned())
    } else {
        (Tone::Waiting, Icon::Clock, t::mail::waits(&moment(mail.since.as_str())))
    };
    view! {
        <Pill tone icon>{words}</Pill>
        {mail.reply.map(|reply| view! { <p class="second small words">{reply}</p> })}
    }
}

/// Says since when mail waits, if any does.
#[component]
pub fn WaitingMail() -> impl IntoView {
    let load = Load::once(api::people::mail_health);
    move || {
        let health = load.with(|health| health.cloned()).filter(|health| health.waiting > 0)?;
        let since = moment(health.since.as_ref()?.as_str());
        Some(view! {
            <div role="status">
                <p>
                    <Pill tone=Tone::Waiting icon=Icon::Clock>{t::mail::waiting(health.waiting, &since)}</Pill>
                </p>
                {health.reply.map(|reply| view! { <p class="second small words">{reply}</p> })}
            </div>
        })
    }
}

fn moment(at: &str) -> String {
    intl::format(at, &intl::device_zone(), Style::DateTime)
}
