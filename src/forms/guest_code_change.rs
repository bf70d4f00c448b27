//! Moving the windows of a guest code that was issued (R43).

use crate::prelude::*;
use api_types::{FieldError, GuestCode, GuestCodeEdit, GuestCodeKind, GuestCodeState, Instant};

use super::guest_code_issue::{
    fields::Fields,
    preview::{Asked, Preview},
};
use crate::{
    api::{self, ApiError},
    components::{FormProblem, WEEKDAYS, recurrence_days, when_text},
    intl,
    location::ask_before_leaving,
    mutation::Mutation,
    ui::{Button, ButtonKind, Choice, ChoiceGroup, InputKind, TextField, read_fields, use_now},
};

/// The maximum length of a reference in characters (R45).
const MAX_REFERENCE: u32 = 64;

/// The times of a guest code, as far as they can be moved, and its reference, with its next windows before saving. Its digits
/// stay, so there is no field for them.
#[component]
pub fn GuestCodeChangeForm(
    /// The guest code, as it was last read.
    guest: Signal<GuestCode>,
    /// Called with it as it is now.
    #[prop(into)]
    on_changed: Callback<GuestCode>,
    /// Called when somebody else has changed it meanwhile.
    #[prop(into)]
    on_stale: Callback<()>,
) -> impl IntoView {
    let now = use_now();
    let (id, kind, zone) = guest.with_untracked(|guest| (guest.id, guest.kind, guest.time_zone.clone()));
    let fields = Fields::new(&zone, Vec::new());
    let zone = StoredValue::new(zone);
    guest.with_untracked(|guest| zone.with_value(|zone| fields.fill(guest, zone, true)));
    // What the person has seen: if somebody else changes the code while something is unsaved, saving says so first.
    let seen = RwSignal::new(guest.get_untracked());
    let unsaved = RwSignal::new(false);
    effect(move || {
        let guest = guest.get();
        if !unsaved.get_untracked() {
            zone.with_value(|zone| fields.fill(&guest, zone, true));
            seen.set(guest);
        }
    });
    let begun = memo(move || guest.with(|guest| guest.state != GuestCodeState::Scheduled));
    let edit = move || zone.with_value(|zone| seen.with(|seen| edit(&fields, seen, begun.get(), zone)));
    let preview = memo(move || {
        let (mut edit, errors) = edit();
        edit.reference = None;
        let recurrence = edit.recurrence.clone().or_else(|| seen.with(|seen| seen.recurrence.clone()));
        errors.is_empty().then_some(Asked::Change(id, edit, recurrence))
    });
    ask_before_leaving(unsaved.into());
    let save = Mutation::new(
        move |edit: GuestCodeEdit| {
            let etag = seen.with_untracked(|seen| seen.etag.clone());
            async move { api::guest_codes::change(id, &etag, &edit).await }
        },
        move |changed: GuestCode| {
            unsaved.set(false);
            on_changed.run(changed);
        },
    );
    let stale = move || save.error().with(|error| error.as_ref().is_some_and(ApiError::is_stale));
    effect(move || {
        let guest = guest.get();
        if untrack(stale) {
            seen.set(guest);
        }
    });
    effect(move || {
        if stale() {
            // It may have been read again already.
            seen.set(guest.get_untracked());
            on_stale.run(());
        }
    });
    let changed = move |event: web_sys::Event| {
        unsaved.set(true);
        save.mend(&event);
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        let (edit, errors) = untrack(edit);
        if !errors.is_empty() {
            save.refuse(errors);
        } else if edit == GuestCodeEdit::default() {
            // It is as it should be already.
            unsaved.set(false);
            on_changed.run(seen.get_untracked());
        } else {
            save.submit(edit);
        }
    };
    let zone_words = derived(move || zone.with_value(|zone| intl::zone_label(zone, now.get())));
    let to_hint = derived(move || {
        let next_day = fields.to.with(|to| fields.from.with(|from| !to.is_empty() && to <= from));
        if next_day { t::issue::fields::to_next_day(&zone_words.get()) } else { zone_words.get() }
    });
    let when = move || {
        seen.with(|seen| match &seen.recurrence {
            Some(recurrence) => [&when_text(seen, now.get()), ", ", &recurrence_days(recurrence)].concat(),
            None => when_text(seen, now.get()),
        })
    };
    let has_end = kind == GuestCodeKind::Temporary;
    let is_recurring = kind == GuestCodeKind::Recurring;
    view! {
        <form method="post" class="issue-form" novalidate=true on:submit=submit on:input=changed>
            <div class="issue-fields">
                <FormProblem mutation=save />
                <div class="stack">
                    <p>{move || t::guest_code_change::now(&when())}</p>
                    <p class="second">
                        {move || {
                            match (begun.get(), kind) {
                                (false, _) => t::guest_code_change::scheduled(),
                                (true, GuestCodeKind::Temporary) => t::guest_code_change::begun(),
                                (true, GuestCodeKind::Recurring) => t::guest_code_change::begun_recurring(),
                                (true, _) => t::guest_code_change::begun_without_end(),
                            }
                        }}
                    </p>
                </div>
                <Show when=move || !is_recurring>
                    <div class="field-pair">
                        <Show when=move || !begun.get()>
                            <TextField
                                label=t::issue::fields::starts()
                                name="starts_at"
                                kind=InputKind::DateTime
                                value=fields.starts_at
                                hint=zone_words
                                error=save.field_error("starts_at")
                            />
                        </Show>
                        <Show when=move || has_end>
                            <TextField
                                label=t::issue::fields::ends()
                                name="ends_at"
                                kind=InputKind::DateTime
                                value=fields.ends_at
                                hint=zone_words
                                error=save.field_error("ends_at")
                            />
                        </Show>
                    </div>
                </Show>
                <Show when=move || is_recurring>
                    <ChoiceGroup
                        legend=t::issue::fields::weekdays()
                        name="recurrence.weekdays"
                        chosen=fields.weekdays
                        choices=WEEKDAYS.map(|(_, value, name)| Choice::new(value, name)).to_vec()
                        inline=true
                        error=save.field_error("recurrence.weekdays")
                    />
                    <div class="field-pair">
                        <TextField
                            label=t::issue::fields::from()
                            name="recurrence.from"
                            kind=InputKind::Time
                            value=fields.from
                            hint=zone_words
                            error=save.field_error("recurrence.from")
                        />
                        <TextField
                            label=t::issue::fields::to()
                            name="recurrence.to"
                            kind=InputKind::Time
                            value=fields.to
                            hint=to_hint
                            error=save.field_error("recurrence.to")
                        />
                    </div>
                    <div class="field-pair">
                        <Show when=move || !begun.get()>
                            <TextField
                                label=t::issue::fields::first_day()
                                name="recurrence.first_day"
                                kind=InputKind::Date
                                value=fields.first_day
                                error=save.field_error("recurrence.first_day")
                            />
                        </Show>
                        <TextField
                            label=t::issue::fields::last_day()
                            name="recurrence.last_day"
                            kind=InputKind::Date
                            value=fields.last_day
                            error=save.field_error("recurrence.last_day")
                        />
                    </div>
                </Show>
                <TextField
                    label=t::issue::fields::reference()
                    name="reference"
                    value=fields.reference
                    hint=t::issue::fields::reference_hint()
                    max_length=MAX_REFERENCE
                    optional=true
                    error=save.field_error("reference")
                />
            </div>
            <Preview request=preview zone=zone_words />
            <div class="issue-submit">
                <Button kind=ButtonKind::Primary submit=true busy=save.pending()>
                    {t::guest_code_change::submit()}
                </Button>
            </div>
        </form>
    }
}

/// What is to be changed, and what is wrong with it. Tracks every field.
fn edit(fields: &Fields, guest: &GuestCode, begun: bool, zone: &str) -> (GuestCodeEdit, Vec<FieldError>) {
    let (request, mut errors) = fields.request(zone, guest.door_ids.clone());
    // To the minute, as it is typed: what is as it was isn't given.
    let moved = |typed: RwSignal<String>, was: &Option<Instant>| {
        let was = was.as_ref().and_then(|at| intl::epoch_ms(at.as_str())).map(|at| intl::local_in_zone(at, zone));
        Some(typed.get()) != was
    };
    let starts_at = request.starts_at.filter(|_| !begun && moved(fields.starts_at, &guest.starts_at));
    let ends_at = request.ends_at.filter(|_| moved(fields.ends_at, &guest.ends_at));
    if begun {
        errors.retain(|error| error.field != "starts_at");
    }
    let reference = request.reference.unwrap_or_default();
    let edit = GuestCodeEdit {
        starts_at,
        ends_at,
        recurrence: request.recurrence.filter(|recurrence| guest.recurrence.as_ref() != Some(recurrence)),
        reference: Some(reference).filter(|reference| guest.reference.as_deref().unwrap_or_default() != reference),
    };
    (edit, errors)
}
