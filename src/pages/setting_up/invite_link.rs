//! A link that invites somebody or sets another password, to hand over.

use crate::prelude::*;
use api_types::Invite;

use crate::{
    intl::{self, Style},
    ui::{Button, CopyButton, Dialog},
};

/// Shows a link once it is made, with a button to copy it, and whether it is on its way by mail. The link is kept nowhere else.
#[component]
pub fn InviteLink(
    /// What the dialog is called, and the link; `None` closes it.
    made: RwSignal<Option<(String, Invite)>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    effect(move || open.set(made.with(Option::is_some)));
    effect(move || {
        if !open.get() && made.with_untracked(Option::is_some) {
            made.set(None);
        }
    });
    let title = derived(move || made.with(|made| made.as_ref().map(|(title, _)| title.clone()).unwrap_or_default()));
    view! {
        <Dialog open title>
            {move || {
                made.get()
                    .map(|(_, invite)| {
                        let until = intl::format(invite.expires_at.as_str(), &intl::device_zone(), Style::DateTime);
                        let link = StoredValue::new(invite.link);
                        view! {
                            <p>
                                {if invite.mailed {
                                    t::setting_up::link::mailed(&until)
                                } else {
                                    t::setting_up::link::intro(&until)
                                }}
                            </p>
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
