//! Verifying the audit log (R31).

use crate::prelude::*;
use api_types::AuditVerification;

use super::zone::Zones;
use crate::{
    api,
    components::FormProblem,
    intl::{self, Style},
    mutation::Mutation,
    ui::{Button, Dialog, Icon, Pill, Tone, use_toasts},
};

/// Has the server verify the whole chain, and shows the result.
#[component]
pub fn Verify(
    /// The zone in which the time of the check is shown.
    zones: Zones,
) -> impl IntoView {
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    let result = RwSignal::new(None::<(AuditVerification, f64)>);
    let verify = Mutation::new(
        |()| api::audit::verify(),
        move |answer: AuditVerification| {
            toasts.announce(if answer.intact {
                t::audit::verify::intact_sentence()
            } else {
                t::audit::verify::broken_sentence()
            });
            result.set(Some((answer, intl::now_ms())));
        },
    );
    let press = Callback::new(move |()| {
        result.set(None);
        open.set(true);
        verify.submit(());
    });
    view! {
        <Button icon=Icon::Shield on_press=press>{t::audit::verify::button()}</Button>
        <Dialog open title=t::audit::verify::title()>
            <FormProblem mutation=verify />
            <Show when=move || verify.pending().get()>
                <p role="status">{t::audit::verify::under_way()}</p>
            </Show>
            {move || result.get().map(|(answer, at)| view! { <Verified answer at zone=zones.of_days() /> })}
            <div class="dialog-actions">
                <Button on_press=Callback::new(move |()| open.set(false))>{t::ui::close()}</Button>
            </div>
        </Dialog>
    }
}

#[component]
fn Verified(answer: AuditVerification, at: f64, zone: String) -> impl IntoView {
    let events = u32::try_from(answer.events).unwrap_or(u32::MAX);
    let time = [&intl::format_ms(at, &zone, Style::Seconds), ", ", &intl::zone_label(&zone, at)].concat();
    let verdict = if answer.intact {
        view! {
            <p><Pill tone=Tone::Good icon=Icon::Check>{t::audit::verify::intact()}</Pill></p>
            <p>{t::audit::verify::checked(events)}</p>
        }
        .into_any()
    } else {
        let first = answer.first_broken.map(|id| id.to_string()).unwrap_or_default();
        view! {
            <p><Pill tone=Tone::Bad icon=Icon::X>{t::audit::verify::broken()}</Pill></p>
            <p>{t::audit::verify::whole(events)}</p>
            <p><code>{first}</code></p>
        }
        .into_any()
    };
    view! {
        {verdict}
        <dl class="facts">
            <dt>{t::audit::verify::checked_at()}</dt>
            <dd>{time}</dd>
            <dt>{t::audit::verify::newest_hash()}</dt>
            <dd><code>{answer.head}</code></dd>
        </dl>
    }
}
