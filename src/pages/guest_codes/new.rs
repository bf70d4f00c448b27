//! `/properties/{property}/guest-codes/new` and `/my-access/guest-codes/new`

use crate::prelude::*;
use api_types::{Door, DoorKind, GuestCode, IssuedGuestCode, NewShare};
use ids::{DoorId, GuestCodeId};
use leptos::html;

use super::{
    Offer, Whose, offer,
    share::{NewLink, message},
    show::windows,
};
use crate::{
    api,
    components::{
        Card, Digits, FormProblem, GuestCodeLocks, Link, LoadView, PageHeader, SecretCode, ShownDigits, door_names,
        recurrence_days, when_text,
    },
    forms::GuestCodeIssueForm,
    intl, live,
    load::Load,
    mutation::Mutation,
    query::use_query_params,
    routes::Route,
    ui::{Button, ButtonKind, CopyButton, Icon, SkeletonLines, use_now, use_toasts},
};

/// How long the digits are shown after issuing, in seconds.
const SHOWN_S: u32 = 120;

/// The form, and then the issued code.
#[component]
pub fn GuestCodeNewPage(
    /// Whose guest codes.
    whose: Whose,
) -> impl IntoView {
    let now = use_now();
    let toasts = use_toasts();
    // Another guest code, to issue one like it; its id, since a guest's name is never in an address.
    let params = use_query_params();
    let (again, tenancy, door) = (params.param("again"), params.param("tenancy"), params.param("door"));
    let load = Load::once(move || {
        let id = again.get_untracked().parse::<GuestCodeId>().ok();
        let tenancy = tenancy.get_untracked();
        async move {
            let offer = offer(whose, tenancy).await?;
            let like = match id {
                // Without it, the form is simply empty.
                Some(id) => api::guest_codes::get(id).await.ok(),
                None => None,
            };
            Ok((offer, like))
        }
    });
    let shown = ShownDigits::new();
    let issued = RwSignal::new(None::<GuestCode>);
    let first = StoredValue::new(true);
    let on_issued = Callback::new(move |answer: IssuedGuestCode| {
        first.set_value(false);
        shown.show(answer.code, SHOWN_S);
        issued.set(Some(answer.guest_code));
        toasts.announce(t::issue::announced());
    });
    let another = Callback::new(move |()| {
        shown.hide();
        issued.set(None);
    });
    let title = derived(move || {
        let title = if issued.with(Option::is_some) { t::issue::title_issued() } else { t::issue::title() };
        title.to_owned()
    });
    let facts =
        move || load.with(|read| read.map(|(offer, _)| t::issue::times(&intl::zone_label(&offer.zone, now.get()))));
    view! {
        <p class="back"><Link to=whose.list()>{t::issue::all()}</Link></p>
        <PageHeader title facts />
        <LoadView load skeleton=|| view! { <SkeletonLines lines=9 /> } let:read>
            {move || {
                let (offer, like) = read.get_untracked();
                let Offer { property, zone, doors, delivery_opens_unit_doors } = offer;
                match issued.get() {
                    Some(guest) => view! { <Issued guest shown property doors another /> }.into_any(),
                    None => {
                        let like = like.filter(|_| first.get_value());
                        let chosen = match &like {
                            Some(like) => like.door_ids.clone(),
                            None => first_chosen(whose, &doors, door.get_untracked().parse().ok()),
                        };
                        let doors_hint = (whose == Whose::Mine).then(t::issue::doors_hint);
                        view! {
                            <GuestCodeIssueForm doors chosen like delivery_opens_unit_doors zone doors_hint on_issued />
                        }
                        .into_any()
                    }
                }
            }}
        </LoadView>
    }
}

/// A resident's guest usually comes to the unit; a manager's choice is the door whose page they come from, or can't be
/// guessed.
fn first_chosen(whose: Whose, doors: &[Door], from: Option<DoorId>) -> Vec<DoorId> {
    let chosen = |door: &&Door| Some(door.id) == from || (whose == Whose::Mine && door.kind == DoorKind::Unit);
    doors.iter().filter(chosen).map(|door| door.id).collect()
}

/// The code in large digits, shown once (R23); a link to it for the guest; what it opens and when; and its status on the
/// locks. Printed without the locks, it is a sheet for the guest.
#[component]
fn Issued(
    guest: GuestCode,
    shown: ShownDigits,
    property: String,
    doors: Vec<Door>,
    another: Callback<()>,
) -> impl IntoView {
    let now = use_now();
    let (id, length) = (guest.id, guest.length);
    let load = Load::once(move || api::guest_codes::get(id));
    load.set(guest.clone());
    load.follow_changes(live::GUEST_CODE, id.uuid());
    let current = {
        let guest = guest.clone();
        memo(move || load.get().unwrap_or_else(|| guest.clone()))
    };
    let heading = NodeRef::<html::Section>::new();
    effect(move || {
        if let Some(heading) = heading.get() {
            let _ = heading.focus();
        }
    });
    let names = door_names(&guest, &doors);
    let opens = names.join(", ");
    // Dropped with the page: anybody who has it sees the digits.
    let link = RwSignal::new(None::<NewShare>);
    let share =
        Mutation::new(move |()| api::guest_codes::share(id, None, None), move |made: NewShare| link.set(Some(made)));
    share.submit(());
    let message = {
        let (guest, property) = (guest.clone(), property.clone());
        Callback::new(move |url: String| message(&guest, &property, &names, &url))
    };
    let contact = guest.issued_by.name.clone();
    let doors = Signal::stored(doors);
    let for_when = guest.clone();
    let days = guest.recurrence.as_ref().map(recurrence_days);
    let next = (!guest.next_windows.is_empty() && guest.recurrence.is_some())
        .then(|| windows(&guest.next_windows, &guest.time_zone, intl::now_ms()));
    let whose = Signal::stored(t::issue::issued::whose(&guest.guest_name));
    view! {
        <div class="guest-code">
            <section class="card issued" tabindex="-1" node_ref=heading aria-labelledby="issued-for">
                <h2 id="issued-for">{t::issue::issued::heading(&guest.guest_name)}</h2>
                <div class="digits-large">
                    <Show
                        when=move || shown.shown()
                        fallback=move || {
                            view! { <SecretCode id=derived(move || id.code()) length=derived(move || length) whose /> }
                        }
                    >
                        <Digits digits=shown.digits() length=derived(move || length) />
                    </Show>
                </div>
                <Show when=move || shown.shown()>
                    <div class="row">
                        <CopyButton
                            text=Callback::new(move |()| shown.digits().get_untracked().unwrap_or_default())
                            label=t::issue::issued::copy()
                            done=t::issue::issued::copied()
                        />
                        <Button
                            icon=Icon::Printer
                            on_press=Callback::new(move |()| {
                                let _ = window().print();
                            })
                        >
                            {t::issue::issued::print()}
                        </Button>
                        <Button icon=Icon::EyeOff on_press=Callback::new(move |()| shown.hide())>
                            {t::issue::issued::hide()}
                        </Button>
                    </div>
                </Show>
                <p class="small second no-print">
                    {t::issue::issued::note()}
                    <Show when=move || shown.shown()>
                        " " {move || t::issue::issued::hides_in(&shown.seconds_left().to_string())}
                    </Show>
                </p>
                <dl class="facts">
                    <dt>{t::issue::issued::property()}</dt>
                    <dd>{property}</dd>
                    <dt>{t::issue::issued::opens()}</dt>
                    <dd>{opens}</dd>
                    <dt>{t::issue::issued::when()}</dt>
                    <dd>
                        {move || when_text(&for_when, now.get())}
                        {days.map(|days| view! { <span class="cell-note">{days}</span> })}
                        <span class="cell-note">{intl::zone_label(&guest.time_zone, intl::now_ms())}</span>
                    </dd>
                    <dt>{t::issue::issued::contact()}</dt>
                    <dd>{contact}</dd>
                </dl>
                {next}
                <h3>{t::share::made()}</h3>
                <FormProblem mutation=share />
                {move || match link.get() {
                    Some(link) => view! { <NewLink link message /> }.into_any(),
                    None => {
                        let again = Callback::new(move |()| share.submit(()));
                        view! {
                            <Button icon=Icon::Link busy=share.pending() on_press=again>{t::share::make()}</Button>
                        }
                        .into_any()
                    }
                }}
            </section>
            <div class="no-print">
                <Card title=t::issue::issued::locks()>
                    <GuestCodeLocks guest=current doors />
                </Card>
            </div>
        </div>
        <div class="row no-print">
            <Link to=Route::GuestCode(id) class=ButtonKind::Secondary.class()>{t::issue::issued::open()}</Link>
            <Button icon=Icon::Plus on_press=another>{t::issue::issued::another()}</Button>
        </div>
    }
}
