//! A link that invites somebody, to hand over.

use crate::prelude::*;
use api_types::Invite;

use crate::{
    intl::{self, Style},
    ui::{Button, CopyButton, Dialog},
};

/// Shows the link of an invitation once it is there, with a button to copy it. The link is kept nowhere else.
#[component]
pub fn InviteLink(
    /// Whom it is for, and the link; `None` closes it.
    made: RwSignal<Option<(String, Invite)>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    effect(move || open.set(made.with(Option::is_some)));
    effect(move || {
        if !open.get() && made.with_untracked(Option::is_some) {
            made.set(None);
        }
    });
    let title = derived(move || {
        made.with(|made| made.as_ref().map(|(name, _)| t::setting_up::link::title(name)).unwrap_or_default())
    });
    view! {
        <Dialog open title>
            {move || {
                made.get()
                    .map(|(_, invite)| {
                        let until = intl::format(invite.expires_at.as_str(), &intl::device_zone(), Style::DateTime);
                        let link = StoredValue::new(invite.link);
                        view! {
                            <p>{t::setting_up::link::intro(&until)}</p>
                            <p class="words"><code>{link.get_value()}</code></p>
                            <div class="dialog-actions">
                                <Button on_press=Callback::new(move |()| open.set(false))>
                                    {t::setting_up::link::close()}
                                </Button>
                                <CopyButton
                                    text=Callback::new(move |()| link.get_value())
                                    label=t::setting_up::link::copy()
                                    done=t::setting_up::link::copied()
                                />
                            </div>
                        }
                    })
            }}
        </Dialog>
    }
}
