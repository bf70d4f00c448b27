//! Issuing a guest code (R19–R22).

mod fields;
pub mod preview;

use crate::prelude::*;
use api_types::{Door, DoorKind, GuestCode, GuestCodeKind, GuestCodeRequest, IssuedGuestCode};
use ids::DoorId;

use crate::{
    api,
    components::{DoorChoice, FormProblem, WEEKDAYS, guest_code_kind_name, guest_code_kind_sentence},
    intl,
    location::ask_before_leaving,
    mutation::Mutation,
    ui::{Button, ButtonKind, Choice, ChoiceGroup, InputKind, TextField, read_fields, use_now},
};
use fields::Fields;
use preview::Preview;

/// The maximum length of a guest's name in characters.
const MAX_GUEST_NAME: u32 = 80;

/// The maximum length of a reference in characters (R45).
const MAX_REFERENCE: u32 = 64;

/// Kind, doors, guest and times, with the next five windows before issuing (R22). The code itself is always random
/// (R19), so there is no field for it.
#[component]
pub fn GuestCodeIssueForm(
    /// Doors that the person may issue for (R21).
    doors: Vec<Door>,
    /// The doors that are ticked initially.
    chosen: Vec<DoorId>,
    /// A guest code whose other values are filled in.
    like: Option<GuestCode>,
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
    if let Some(like) = like {
        fields.fill(&like, &zone);
    }
    let doors_zone = zone.clone();
    let zone = StoredValue::new(zone);
    let kinds = StoredValue::new(doors.iter().map(|door| (door.id, door.kind)).collect::<Vec<_>>());
    let kind = memo(move || fields.kind());
    // Only these two kinds start now by default, so the start is reset when switching between them and the others.
    let mut before = None;
    effect(move || {
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
    let preview = memo(move || {
        let (mut request, errors) = request();
        // The windows don't depend on the guest, the reference or the doors.
        if errors.iter().any(|error| !matches!(error.field.as_str(), "guest_name" | "door_ids")) {
            return None;
        }
        request.guest_name = "A guest".to_owned();
        request.reference = None;
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
    let unsaved = RwSignal::new(false);
    ask_before_leaving(unsaved.into());
    let changed = move |event: web_sys::Event| {
        unsaved.set(true);
        issue.mend(&event);
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        read_fields(&event);
        let (request, errors) = untrack(request);
        if errors.is_empty() {
            issue.submit(request);
        } else {
            issue.refuse(errors);
        }
    };
    let zone_words = derived(move || zone.with_value(|zone| intl::zone_label(zone, now.get())));
    let start_hint = derived(move || t::issue::fields::starts_hint(&zone_words.get()));
    let to_hint = derived(move || {
        let next_day = fields.to.with(|to| fields.from.with(|from| !to.is_empty() && to <= from));
        if next_day { t::issue::fields::to_next_day(&zone_words.get()) } else { zone_words.get() }
    });
    let is = move |wanted: GuestCodeKind| kind.get() == wanted;
    view! {
        <form method="post" class="issue-form" novalidate=true on:submit=submit on:input=changed>
            <div class="issue-fields">
                <FormProblem mutation=issue />
                <ChoiceGroup
                    legend=t::issue::fields::kind()
                    name="kind"
                    chosen=fields.kind
                    choices=kind_choices()
                    error=issue.field_error("kind")
                />
                <DoorChoice
                    doors
                    zone=doors_zone
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
                <TextField
                    label=t::issue::fields::reference()
                    name="reference"
                    value=fields.reference
                    hint=t::issue::fields::reference_hint()
                    max_length=MAX_REFERENCE
                    optional=true
                    error=issue.field_error("reference")
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
                    <ChoiceGroup
                        legend=t::issue::fields::weekdays()
                        name="recurrence.weekdays"
                        chosen=fields.weekdays
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
                <ChoiceGroup
                    legend=t::issue::fields::length()
                    name="length"
                    chosen=fields.length
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
    let choice =
        |kind: GuestCodeKind| Choice::new(kind.name(), guest_code_kind_name(kind)).hint(guest_code_kind_sentence(kind));
    GuestCodeKind::ALL.iter().copied().map(choice).collect()
}
