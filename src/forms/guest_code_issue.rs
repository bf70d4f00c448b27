//! Issuing a guest code (R19–R22).

use std::time::Duration;

use crate::prelude::*;
use api_types::{
    Door, DoorKind, FieldError, GuestCodeKind, GuestCodePreview, GuestCodeRequest, Instant, IssuedGuestCode, Recurrence,
};
use leptos::{leptos_dom::helpers::TimeoutHandle, task::spawn_local};
use uuid::Uuid;

use crate::{
    api::{self, ApiError},
    components::{
        DoorChoice, FormProblem, GUEST_CODE_KINDS, WEEKDAYS, guest_code_kind_name, guest_code_kind_sentence,
        guest_code_kind_value, span_text,
    },
    intl::{self, Repeated, Style},
    mutation::{Mutation, invalid},
    ui::{Button, ButtonKind, CheckboxGroup, Choice, Icon, IconView, InputKind, RadioGroup, TextField, use_now},
};

/// How long nothing must have changed before the preview is requested.
const PREVIEW_DELAY: Duration = Duration::from_millis(300);

/// The maximum length of a guest's name in characters.
const MAX_GUEST_NAME: u32 = 80;

const DAY_MS: f64 = 86_400_000.0;

/// The values of the form, which are stored nowhere else.
#[derive(Clone, Copy)]
struct Fields {
    kind: RwSignal<String>,
    doors: RwSignal<Vec<Uuid>>,
    guest_name: RwSignal<String>,
    starts_at: RwSignal<String>,
    ends_at: RwSignal<String>,
    weekdays: RwSignal<Vec<String>>,
    from: RwSignal<String>,
    to: RwSignal<String>,
    first_day: RwSignal<String>,
    last_day: RwSignal<String>,
    length: RwSignal<String>,
}

impl Fields {
    /// Initial values: from the last full quarter of an hour until tomorrow, in the property's zone.
    fn new(zone: &str, chosen: Vec<Uuid>) -> Self {
        let quarter = 900_000.0;
        let start = (intl::now_ms() / quarter).floor() * quarter;
        let text = |text: &str| RwSignal::new(text.to_owned());
        Self {
            kind: text("temporary"),
            doors: RwSignal::new(chosen),
            guest_name: text(""),
            starts_at: RwSignal::new(intl::local_in_zone(start, zone)),
            ends_at: RwSignal::new(intl::local_in_zone(start + DAY_MS, zone)),
            weekdays: RwSignal::new(Vec::new()),
            from: text("09:00"),
            to: text("12:00"),
            first_day: RwSignal::new(intl::day_in_zone(start, zone)),
            last_day: RwSignal::new(intl::day_in_zone(start + 28.0 * DAY_MS, zone)),
            length: text("6"),
        }
    }

    fn kind(&self) -> GuestCodeKind {
        let value = self.kind.get();
        let known = GUEST_CODE_KINDS.into_iter().find(|kind| guest_code_kind_value(*kind) == value);
        known.unwrap_or(GuestCodeKind::Temporary)
    }

    /// The request, and what is wrong with it. Tracks every field.
    fn request(&self, zone: &str, doors: Vec<Uuid>) -> (GuestCodeRequest, Vec<FieldError>) {
        let mut errors = Vec::new();
        let kind = self.kind();
        if doors.is_empty() {
            errors.push(invalid("door_ids", t::issue::missing::doors()));
        }
        let guest_name = self.guest_name.get().trim().to_owned();
        if guest_name.is_empty() {
            errors.push(invalid("guest_name", t::issue::missing::guest()));
        }
        let mut request = GuestCodeRequest {
            kind,
            door_ids: doors,
            guest_name,
            starts_at: None,
            ends_at: None,
            recurrence: None,
            length: self.length.get().parse().ok(),
        };
        if kind == GuestCodeKind::Recurring {
            request.recurrence = Some(self.recurrence(&mut errors));
            return (request, errors);
        }
        let mut instant = |field: &str, local: RwSignal<String>, repeated, required: bool| {
            let local = local.get();
            let at = intl::instant_of_local(&local, zone, repeated).map(Instant);
            if at.is_none() && (required || !local.is_empty()) {
                errors.push(invalid(field, t::issue::missing::date_time()));
            }
            at
        };
        if kind == GuestCodeKind::Temporary {
            request.starts_at = instant("starts_at", self.starts_at, Repeated::First, true);
            // The second of two equal local times, so that a window never closes early (R22).
            request.ends_at = instant("ends_at", self.ends_at, Repeated::Second, true);
        } else {
            request.starts_at = instant("starts_at", self.starts_at, Repeated::First, false);
        }
        (request, errors)
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

/// Kind, doors, guest and times, with the next five windows before issuing (R22). The code itself is always random
/// (R19), so there is no field for it.
#[component]
pub fn GuestCodeIssueForm(
    /// Doors that the person may issue for (R21).
    doors: Vec<Door>,
    /// The doors that are ticked initially.
    chosen: Vec<Uuid>,
    /// Delivery codes may open unit doors too (R20).
    delivery_opens_unit_doors: bool,
    /// The property's IANA zone, in which all times are.
    zone: String,
    /// How to choose doors.
    #[prop(optional_no_strip)]
    doors_hint: Option<&'static str>,
    /// Called with the issued code, digits included.
    #[prop(into)]
    on_issued: Callback<IssuedGuestCode>,
) -> impl IntoView {
    let now = use_now();
    let fields = Fields::new(&zone, chosen);
    let zone = StoredValue::new(zone);
    let kinds = StoredValue::new(doors.iter().map(|door| (door.id, door.kind)).collect::<Vec<_>>());
    let kind = Memo::new(move |_| fields.kind());
    // Only these two kinds start now by default, so the start is reset when switching between them and the others.
    let mut before = None;
    Effect::new(move |_| {
        let kind = kind.get();
        let starts_now = |kind| matches!(kind, GuestCodeKind::Delivery | GuestCodeKind::Permanent);
        if let Some(before) = before.replace(kind)
            && starts_now(before) != starts_now(kind)
        {
            let start = zone.with_value(|zone| Fields::new(zone, Vec::new()).starts_at.get_untracked());
            fields.starts_at.set(if starts_now(kind) { String::new() } else { start });
        }
    });
    let blocked = Callback::new(move |door: DoorKind| {
        if kind.get() != GuestCodeKind::Delivery {
            return None;
        }
        match door {
            DoorKind::Property => None,
            DoorKind::Unit if delivery_opens_unit_doors => None,
            DoorKind::Unit => Some(t::issue::blocked::unit()),
            DoorKind::Amenity => Some(t::issue::blocked::amenity()),
        }
    });
    let open = move |kind: DoorKind| blocked.run(kind).is_none();
    let doors_now = move || {
        let chosen = fields.doors.get();
        kinds.with_value(|kinds| {
            let wanted = kinds.iter().filter(|(id, kind)| chosen.contains(id) && open(*kind));
            wanted.map(|(id, _)| *id).collect::<Vec<_>>()
        })
    };
    let request = move || zone.with_value(|zone| fields.request(zone, doors_now()));
    let preview = Memo::new(move |_| {
        let (mut request, errors) = request();
        // The windows don't depend on the guest or the doors.
        if errors.iter().any(|error| !matches!(error.field.as_str(), "guest_name" | "door_ids")) {
            return None;
        }
        request.guest_name = "A guest".to_owned();
        request.length = None;
        if request.door_ids.is_empty() {
            let any = kinds.with_value(|kinds| kinds.iter().find(|(_, kind)| open(*kind)).map(|(id, _)| *id));
            request.door_ids = vec![any?];
        }
        Some(request)
    });

    let issue = Mutation::with_key(
        "guest_code.issue",
        |request: GuestCodeRequest, key| async move { api::guest_codes::issue(&request, &key).await },
        move |issued| on_issued.run(issued),
    );
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let (request, errors) = untrack(request);
        if errors.is_empty() {
            issue.submit(request);
        } else {
            issue.refuse(errors);
        }
    };
    let zone_words = Signal::derive(move || zone.with_value(|zone| intl::zone_label(zone, now.get())));
    let start_hint = Signal::derive(move || t::issue::fields::starts_hint(&zone_words.get()));
    let to_hint = Signal::derive(move || {
        let next_day = fields.to.with(|to| fields.from.with(|from| !to.is_empty() && to <= from));
        if next_day { t::issue::fields::to_next_day(&zone_words.get()) } else { zone_words.get() }
    });
    let is = move |wanted: GuestCodeKind| kind.get() == wanted;
    view! {
        <form method="post" class="issue-form" novalidate=true on:submit=submit>
            <div class="issue-fields">
                <FormProblem mutation=issue />
                <RadioGroup
                    legend=t::issue::fields::kind()
                    name="kind"
                    value=fields.kind
                    choices=kind_choices()
                    error=issue.field_error("kind")
                />
                <DoorChoice
                    doors
                    chosen=fields.doors
                    blocked
                    hint=doors_hint
                    error=issue.field_error("door_ids")
                />
                <TextField
                    label=t::issue::fields::guest()
                    name="guest_name"
                    value=fields.guest_name
                    hint=t::issue::fields::guest_hint()
                    max_length=MAX_GUEST_NAME
                    error=issue.field_error("guest_name")
                />
                <Show when=move || is(GuestCodeKind::Temporary)>
                    <div class="field-pair">
                        <TextField
                            label=t::issue::fields::starts()
                            name="starts_at"
                            kind=InputKind::DateTime
                            value=fields.starts_at
                            hint=zone_words
                            error=issue.field_error("starts_at")
                        />
                        <TextField
                            label=t::issue::fields::ends()
                            name="ends_at"
                            kind=InputKind::DateTime
                            value=fields.ends_at
                            hint=zone_words
                            error=issue.field_error("ends_at")
                        />
                    </div>
                </Show>
                <Show when=move || is(GuestCodeKind::Delivery) || is(GuestCodeKind::Permanent)>
                    <TextField
                        label=t::issue::fields::starts()
                        name="starts_at"
                        kind=InputKind::DateTime
                        value=fields.starts_at
                        hint=start_hint
                        optional=true
                        error=issue.field_error("starts_at")
                    />
                </Show>
                <Show when=move || is(GuestCodeKind::Recurring)>
                    <CheckboxGroup
                        legend=t::issue::fields::weekdays()
                        name="recurrence.weekdays"
                        value=fields.weekdays
                        choices=WEEKDAYS.map(|(_, value, name)| Choice::new(value, name)).to_vec()
                        inline=true
                        error=issue.field_error("recurrence.weekdays")
                    />
                    <div class="field-pair">
                        <TextField
                            label=t::issue::fields::from()
                            name="recurrence.from"
                            kind=InputKind::Time
                            value=fields.from
                            hint=zone_words
                            error=issue.field_error("recurrence.from")
                        />
                        <TextField
                            label=t::issue::fields::to()
                            name="recurrence.to"
                            kind=InputKind::Time
                            value=fields.to
                            hint=to_hint
                            error=issue.field_error("recurrence.to")
                        />
                    </div>
                    <div class="field-pair">
                        <TextField
                            label=t::issue::fields::first_day()
                            name="recurrence.first_day"
                            kind=InputKind::Date
                            value=fields.first_day
                            error=issue.field_error("recurrence.first_day")
                        />
                        <TextField
                            label=t::issue::fields::last_day()
                            name="recurrence.last_day"
                            kind=InputKind::Date
                            value=fields.last_day
                            error=issue.field_error("recurrence.last_day")
                        />
                    </div>
                </Show>
                <RadioGroup
                    legend=t::issue::fields::length()
                    name="length"
                    value=fields.length
                    choices=vec![
                        Choice::new("6", t::issue::fields::digits(6)),
                        Choice::new("4", t::issue::fields::digits(4)),
                    ]
                    hint=t::issue::fields::length_hint()
                    inline=true
                    error=issue.field_error("length")
                />
            </div>
            <Preview request=preview zone=zone_words />
            <div class="issue-submit">
                <Button kind=ButtonKind::Primary submit=true busy=issue.pending()>
                    {t::issue::fields::submit()}
                </Button>
            </div>
        </form>
    }
}

fn kind_choices() -> Vec<Choice> {
    GUEST_CODE_KINDS
        .map(|kind| {
            Choice::new(guest_code_kind_value(kind), guest_code_kind_name(kind)).hint(guest_code_kind_sentence(kind))
        })
        .to_vec()
}

/// The server's answer for the current times.
#[derive(Clone, PartialEq)]
enum Answer {
    Nothing,
    Windows(GuestCodePreview),
    Refused(ApiError),
}

/// The next five windows, requested shortly after the last change; the old ones stay until the new ones arrive.
#[component]
fn Preview(
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
    Effect::new(move |_| {
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
    view! {
        <section class="card preview" aria-labelledby="preview-title" aria-busy=move || asking.get().then_some("true")>
            <h2 id="preview-title">{t::issue::preview::title()}</h2>
            <p class="small second">{move || zone.get()}</p>
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
