//! The values of the form, and the request that they make.

use crate::prelude::*;
use api_types::{FieldError, GuestCode, GuestCodeKind, GuestCodeRequest, Instant, Named, Recurrence};
use ids::DoorId;

use crate::{
    components::WEEKDAYS,
    intl::{self, Repeated},
    mutation::invalid,
};

const DAY_MS: f64 = 86_400_000.0;

/// The values of the form, which are stored nowhere else.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    pub(super) kind: RwSignal<String>,
    pub(super) doors: RwSignal<Vec<DoorId>>,
    pub(super) guest_name: RwSignal<String>,
    pub(super) reference: RwSignal<String>,
    pub(super) starts_at: RwSignal<String>,
    pub(super) ends_at: RwSignal<String>,
    pub(super) weekdays: RwSignal<Vec<String>>,
    pub(super) from: RwSignal<String>,
    pub(super) to: RwSignal<String>,
    pub(super) first_day: RwSignal<String>,
    pub(super) last_day: RwSignal<String>,
    pub(super) length: RwSignal<String>,
}

impl Fields {
    /// Initial values: from the last full quarter of an hour until tomorrow, in the property's zone.
    pub(super) fn new(zone: &str, chosen: Vec<DoorId>) -> Self {
        let quarter = 900_000.0;
        let start = (intl::now_ms() / quarter).floor() * quarter;
        let text = |text: &str| RwSignal::new(text.to_owned());
        Self {
            kind: text("temporary"),
            doors: RwSignal::new(chosen),
            guest_name: text(""),
            reference: text(""),
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

    /// The values of another guest code, to issue one like it. Times that are past stay as they are in a new form.
    pub(super) fn fill(&self, guest: &GuestCode, zone: &str) {
        let now = intl::now_ms();
        let coming = |at: &Option<Instant>| {
            let at = at.as_ref().and_then(|at| intl::epoch_ms(at.as_str())).filter(|at| *at > now);
            at.map(|at| intl::local_in_zone(at, zone))
        };
        let set = |field: RwSignal<String>, value: Option<String>| {
            if let Some(value) = value {
                field.set(value);
            }
        };
        self.kind.set(guest.kind.name().to_owned());
        self.guest_name.set(guest.guest_name.clone());
        self.reference.set(guest.reference.clone().unwrap_or_default());
        self.length.set(guest.length.to_string());
        set(self.starts_at, coming(&guest.starts_at));
        set(self.ends_at, coming(&guest.ends_at));
        if matches!(guest.kind, GuestCodeKind::Delivery | GuestCodeKind::Permanent)
            && coming(&guest.starts_at).is_none()
        {
            self.starts_at.set(String::new());
        }
        let Some(recurrence) = &guest.recurrence else { return };
        let chosen = WEEKDAYS.iter().filter(|(day, ..)| recurrence.weekdays.contains(day));
        self.weekdays.set(chosen.map(|(_, value, _)| (*value).to_owned()).collect());
        self.from.set(recurrence.from.clone());
        self.to.set(recurrence.to.clone());
        let today = intl::day_in_zone(now, zone);
        let from_today = |day: &String| (*day >= today).then(|| day.clone());
        set(self.first_day, from_today(&recurrence.first_day));
        set(self.last_day, from_today(&recurrence.last_day));
    }

    pub(super) fn kind(&self) -> GuestCodeKind {
        GuestCodeKind::from_name(&self.kind.get()).unwrap_or(GuestCodeKind::Temporary)
    }

    /// The request, and what is wrong with it. Tracks every field.
    pub(super) fn request(&self, zone: &str, doors: Vec<DoorId>) -> (GuestCodeRequest, Vec<FieldError>) {
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
            reference: Some(self.reference.get().trim().to_owned()).filter(|reference| !reference.is_empty()),
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
