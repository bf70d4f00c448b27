//! Moving the windows of a guest code that was issued (R43).

use crate::prelude::*;
use api_types::{
    FieldError, GuestCode, GuestCodeEdit, GuestCodeKind, GuestCodePreview, GuestCodeState, Instant, Recurrence, Window,
};
use ids::GuestCodeId;

use crate::{
    api::{self, ApiError},
    components::{FormProblem, WEEKDAYS, Week, recurrence_days, span_text, when_text},
    intl::{self, Repeated, Style},
    load::{Load, Stage},
    location::ask_before_leaving,
    mutation::{Mutation, invalid},
    ui::{Button, ButtonKind, Choice, ChoiceGroup, Icon, IconView, InputKind, TextField, read_fields, use_now},
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
    let fields = Fields::empty();
    let zone = StoredValue::new(zone);
    guest.with_untracked(|guest| zone.with_value(|zone| fields.fill(guest, zone)));
    // What the person has seen: if somebody else changes the code while something is unsaved, saving says so first.
    let seen = RwSignal::new(guest.get_untracked());
    let unsaved = RwSignal::new(false);
    effect(move || {
        let guest = guest.get();
        if !unsaved.get_untracked() {
            zone.with_value(|zone| fields.fill(&guest, zone));
            seen.set(guest);
        }
    });
    let begun = memo(move || guest.with(|guest| guest.state != GuestCodeState::Scheduled));
    let edit = move || zone.with_value(|zone| seen.with(|seen| fields.edit(seen, begun.get(), zone)));
    let times = memo(move || {
        let (mut edit, errors) = edit();
        edit.reference = None;
        errors.is_empty().then_some(edit)
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
                <Show when=move || !is_recurring && (has_end || !begun.get())>
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
            <Preview id times recurrence=derived(move || {
                let moved = times.with(|edit| edit.as_ref().and_then(|edit| edit.recurrence.clone()));
                moved.or_else(|| seen.with(|seen| seen.recurrence.clone()))
            }) zone=zone_words />
            <div class="issue-submit">
                <Button kind=ButtonKind::Primary submit=true busy=save.pending()>
                    {t::guest_code_change::submit()}
                </Button>
            </div>
        </form>
    }
}

/// When the code will open its doors, as the server works it out. The old windows stay until the new ones arrive.
#[component]
fn Preview(
    id: GuestCodeId,
    times: Memo<Option<GuestCodeEdit>>,
    recurrence: Signal<Option<Recurrence>>,
    zone: Signal<String>,
) -> impl IntoView {
    let load =
        Load::search(move || times.get(), move |edit| async move { api::guest_codes::preview_change(id, &edit).await });
    let problem = move || match load.stage().get() {
        Stage::Failed(error) => Some(error),
        _ => load.stale().get(),
    };
    let body = move || match problem() {
        Some(error) => view! {
            <p class="preview-problem">
                <IconView icon=Icon::Warning />
                <span>{error.sentence()}</span>
            </p>
        }
        .into_any(),
        None => load.get().map(|preview| windows(&preview)).into_any(),
    };
    view! {
        <section class="card preview" aria-labelledby="preview-title">
            <h2 id="preview-title">{t::guest_code_change::opens()}</h2>
            <p class="small second">{move || zone.get()}</p>
            {move || recurrence.get().map(|recurrence| view! { <Week recurrence /> })}
            <div role="status">{body}</div>
        </section>
    }
}

fn windows(preview: &GuestCodePreview) -> AnyView {
    if preview.windows.is_empty() {
        return view! { <p>{t::guest_code_change::ends()}</p> }.into_any();
    }
    let (zone, now) = (preview.time_zone.as_str(), intl::now_ms());
    let words = |window: &Window| match (window.starts_at.as_str(), &window.ends_at) {
        (from, Some(to)) => span_text(from, to.as_str(), zone, now),
        (from, None) => t::guest_code::when::from(&intl::format(from, zone, Style::DateTime)),
    };
    let rows = preview.windows.iter().map(|window| view! { <li>{words(window)}</li> }).collect_view();
    view! { <ol class="windows">{rows}</ol> }.into_any()
}

/// The values of the form, which are stored nowhere else. They aren't those of the form for issuing, which has others and
/// begins with other values.
#[derive(Clone, Copy)]
struct Fields {
    starts_at: RwSignal<String>,
    ends_at: RwSignal<String>,
    weekdays: RwSignal<Vec<String>>,
    from: RwSignal<String>,
    to: RwSignal<String>,
    first_day: RwSignal<String>,
    last_day: RwSignal<String>,
    reference: RwSignal<String>,
}

impl Fields {
    fn empty() -> Self {
        let text = || RwSignal::new(String::new());
        Self {
            starts_at: text(),
            ends_at: text(),
            weekdays: RwSignal::new(Vec::new()),
            from: text(),
            to: text(),
            first_day: text(),
            last_day: text(),
            reference: text(),
        }
    }

    fn fill(&self, guest: &GuestCode, zone: &str) {
        self.starts_at.set(local(guest.starts_at.as_ref(), zone));
        self.ends_at.set(local(guest.ends_at.as_ref(), zone));
        self.reference.set(guest.reference.clone().unwrap_or_default());
        let Some(recurrence) = &guest.recurrence else { return };
        let chosen = WEEKDAYS.iter().filter(|(day, ..)| recurrence.weekdays.contains(day));
        self.weekdays.set(chosen.map(|(_, value, _)| (*value).to_owned()).collect());
        self.from.set(recurrence.from.clone());
        self.to.set(recurrence.to.clone());
        self.first_day.set(recurrence.first_day.clone());
        self.last_day.set(recurrence.last_day.clone());
    }

    /// What is to be changed of the code as it was seen, and what is wrong with it. Tracks every field.
    fn edit(&self, seen: &GuestCode, begun: bool, zone: &str) -> (GuestCodeEdit, Vec<FieldError>) {
        let mut errors = Vec::new();
        // To the minute, as it is typed: what is as it was isn't given.
        let mut moved = |field: &str, typed: RwSignal<String>, was: Option<&Instant>, repeated| {
            let typed = typed.get();
            if typed == local(was, zone) {
                return None;
            }
            let at = intl::instant_of_local(&typed, zone, repeated).map(Instant);
            if at.is_none() {
                errors.push(invalid(field, t::issue::missing::date_time()));
            }
            at
        };
        let mut edit = GuestCodeEdit::default();
        if seen.recurrence.is_none() && !begun {
            edit.starts_at = moved("starts_at", self.starts_at, seen.starts_at.as_ref(), Repeated::First);
        }
        if seen.kind == GuestCodeKind::Temporary {
            // The second of two equal local times, so that a window never closes early (R22).
            edit.ends_at = moved("ends_at", self.ends_at, seen.ends_at.as_ref(), Repeated::Second);
        }
        if let Some(was) = &seen.recurrence {
            let recurrence = self.recurrence(&mut errors);
            edit.recurrence = (recurrence != *was).then_some(recurrence);
        }
        let reference = self.reference.get().trim().to_owned();
        edit.reference = (reference != seen.reference.as_deref().unwrap_or_default()).then_some(reference);
        (edit, errors)
    }

    fn recurrence(&self, errors: &mut Vec<FieldError>) -> Recurrence {
        let chosen = self.weekdays.get();
        let on = |value: &str| chosen.iter().any(|day| day == value);
        let weekdays = WEEKDAYS.iter().filter(|(_, value, _)| on(value)).map(|(day, ..)| *day).collect::<Vec<_>>();
        if weekdays.is_empty() {
            errors.push(invalid("recurrence.weekdays", t::issue::missing::weekdays()));
        }
        let mut filled = |field: &str, value: RwSignal<String>, missing: &str| {
            let value = value.get();
            if value.is_empty() {
                errors.push(invalid(field, missing));
            }
            value
        };
        Recurrence {
            weekdays,
            from: filled("recurrence.from", self.from, t::issue::missing::time()),
            to: filled("recurrence.to", self.to, t::issue::missing::time()),
            first_day: filled("recurrence.first_day", self.first_day, t::issue::missing::date()),
            last_day: filled("recurrence.last_day", self.last_day, t::issue::missing::date()),
        }
    }
}

/// An instant as a field has it, in the property's zone; empty for none.
fn local(at: Option<&Instant>, zone: &str) -> String {
    let at = at.and_then(|at| intl::epoch_ms(at.as_str()));
    at.map(|at| intl::local_in_zone(at, zone)).unwrap_or_default()
}
