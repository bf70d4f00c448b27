//! Properties: adding one, and changing what is set for it (R3, R20, R34).

use api_types::{
    Action, FieldCode, Language, NewProperty, ProblemCode, PropertyEdit, Role, Said, Subject, SubjectKind,
};
use ids::PropertyId;
use jiff::tz::TimeZone;
use store::properties::{self, PropertyRecord};
use store::{Tx, people, summaries};

use super::deed::Deed;
use super::{By, Done, Refusal};
use crate::text::{Address, Line, tidy};

/// The longest name, and the longest telephone number.
pub const MAX_NAME: usize = 60;

/// The most guest codes that a unit may be allowed.
pub const MAX_GUEST_CODES_PER_UNIT: u32 = 1_000;

/// The longest time before a window begins at which guest codes may be sent, in minutes (R44).
pub const MAX_GUEST_CODE_LEAD: u32 = 120;

/// Adds a property. Whoever adds it may manage it too; otherwise they see no codes there (R34).
///
/// # Errors
/// `forbidden` for anybody but administrators; `invalid` for a name that is taken or a time zone that isn't known.
pub fn add(deed: &Deed<'_>, new: &NewProperty) -> Done<PropertyId> {
    deed.require_administrator()?;
    let Deed { tx, now, .. } = *deed;
    let name = free_name(tx, &new.name, None)?.to_string();
    if TimeZone::get(&new.time_zone).is_err() {
        let detail = "Use a time zone’s IANA name, like America/Denver.";
        return Err(Refusal::invalid("time_zone", FieldCode::Invalid, detail).into());
    }
    let email = address("support_email", new.support_email.as_deref())?;
    let phone = phone("support_phone", new.support_phone.as_deref())?;
    let id = properties::insert(tx, &name, &new.time_zone, false, now)?;
    properties::set_contact(tx, id, email.as_deref(), phone.as_deref())?;
    if let Some(language) = new.language {
        properties::set_language(tx, id, language.name())?;
    }
    let by = deed.acting_as(Role::Administrator);
    let subject = Subject { kind: SubjectKind::Property.into(), id: Some(id.uuid()), name: name.clone() };
    let mut event = by.event(Action::PropertyAdded, subject);
    event.property_id = Some(id);
    tx.record(now, event)?;
    if new.manage {
        people::add_manager(tx, deed.person_id(), id)?;
        let authority = deed.authority();
        let subject = Subject {
            kind: SubjectKind::Person.into(),
            id: Some(authority.person_id.uuid()),
            name: authority.name.clone(),
        };
        let mut event = by.event(Action::PersonManagerAdded, subject);
        event.property_id = Some(id);
        event.say(Said::Nothing, [], format!("Manages {name}."));
        tx.record(now, event)?;
    }
    Ok(id)
}

/// Changes what is given, provided that the person has read the property's current version. Each change is an event.
///
/// Custom codes are switched by the property's managers alone (R3), everything else by administrators too (R34). Codes
/// that exist stay as they are (R12). Setting what is set already is done and recorded again.
///
/// # Errors
/// `not_found` for a property they may not set up (R33); `forbidden` for custom codes at a property that they don't manage;
/// `stale` when it was edited since; `invalid`, and then nothing is changed.
pub fn edit(deed: &Deed<'_>, id: PropertyId, has_read: impl Fn(i64) -> bool, edit: &PropertyEdit) -> Done<()> {
    let Deed { tx, now, .. } = *deed;
    let (scope, role) = deed.set_up_scope()?;
    let property = properties::get(tx, scope, id)?.ok_or_else(Refusal::not_found)?;
    let manages = deed.authority().sees_codes_of(id) && deed.authority().is_manager();
    if edit.custom_codes_enabled.is_some() && !manages {
        return Err(Refusal::role().into());
    }
    let role = if manages { Role::Manager } else { role };
    if !has_read(property.version) {
        let refusal = Refusal::new(ProblemCode::Stale, "Someone changed this property since you opened it.");
        let action = first_action(edit);
        return Err(refusal.record(
            tx,
            now,
            Changes { deed, property: &property, by: deed.acting_as(role) }.event(action),
        )?);
    }
    // A refusal is kept along with what was done before it, so everything is checked first.
    let name = edit.name.as_deref().map(|name| free_name(tx, name, Some(id))).transpose()?;
    let email = edit.support_email.as_deref().map(|email| address("support_email", Some(email))).transpose()?;
    let phone = edit.support_phone.as_deref().map(|number| phone("support_phone", Some(number))).transpose()?;
    if edit.guest_codes_per_unit.is_some_and(|most| most > MAX_GUEST_CODES_PER_UNIT) {
        let detail = format!("Choose a number up to {MAX_GUEST_CODES_PER_UNIT}.");
        return Err(Refusal::invalid("guest_codes_per_unit", FieldCode::OutOfRange, detail).into());
    }
    if edit.guest_code_lead_minutes.is_some_and(|minutes| minutes > MAX_GUEST_CODE_LEAD) {
        let detail = format!("Choose a number of minutes up to {MAX_GUEST_CODE_LEAD}.");
        return Err(Refusal::invalid("guest_code_lead_minutes", FieldCode::OutOfRange, detail).into());
    }
    let summary_at = edit.summary_at.as_deref().map(time_of_day).transpose()?;
    if *edit == PropertyEdit::default() {
        return Err(Refusal::new(ProblemCode::Invalid, "Say what to change.").into());
    }
    let changes = Changes { deed, property: &property, by: deed.acting_as(role) };
    if let Some(enabled) = edit.custom_codes_enabled {
        changes.custom_codes(enabled)?;
    }
    if let Some(name) = name {
        changes.name(&name)?;
    }
    if email.is_some() || phone.is_some() {
        let email = email.map_or(property.support_email.clone(), |email| email.map(|email| email.to_string()));
        let phone = phone.map_or(property.support_phone.clone(), |phone| phone.map(|phone| phone.to_string()));
        changes.contact(email.as_deref(), phone.as_deref())?;
    }
    if let Some(most) = edit.guest_codes_per_unit {
        changes.guest_codes_per_unit(most)?;
    }
    if let Some(minutes) = edit.guest_code_lead_minutes {
        changes.guest_code_lead(minutes)?;
    }
    if let Some(at) = summary_at {
        changes.summary(at)?;
    }
    if let Some(language) = edit.language {
        changes.language(language)?;
    }
    if let Some(allowed) = edit.delivery_opens_unit_doors {
        changes.delivery_opens_unit_doors(allowed)?;
    }
    Ok(())
}

/// As what a change that was refused is recorded.
fn first_action(edit: &PropertyEdit) -> Action {
    match edit {
        PropertyEdit { custom_codes_enabled: Some(true), .. } => Action::PropertyCustomCodesEnabled,
        PropertyEdit { custom_codes_enabled: Some(false), .. } => Action::PropertyCustomCodesDisabled,
        PropertyEdit { name: Some(_), .. } => Action::PropertyRenamed,
        PropertyEdit { guest_codes_per_unit: Some(_), .. } => Action::PropertyGuestLimitChanged,
        PropertyEdit { guest_code_lead_minutes: Some(_), .. } => Action::PropertyGuestLeadChanged,
        PropertyEdit { delivery_opens_unit_doors: Some(true), .. } => Action::PropertyUnitDeliveriesAllowed,
        PropertyEdit { delivery_opens_unit_doors: Some(false), .. } => Action::PropertyUnitDeliveriesForbidden,
        PropertyEdit { summary_at: Some(_), .. } => Action::PropertySummaryChanged,
        PropertyEdit { language: Some(_), .. } => Action::PropertyLanguageChanged,
        PropertyEdit { .. } => Action::PropertyContactChanged,
    }
}

/// Changes to a property, each with its event.
struct Changes<'a> {
    deed: &'a Deed<'a>,
    /// As it was before.
    property: &'a PropertyRecord,
    by: By,
}

impl Changes<'_> {
    fn event(&self, action: Action) -> store::audit::NewEvent {
        let PropertyRecord { id, name, .. } = self.property;
        let subject = Subject { kind: SubjectKind::Property.into(), id: Some(id.uuid()), name: name.clone() };
        let mut event = self.by.event(action, subject);
        event.property_id = Some(*id);
        event
    }

    fn custom_codes(&self, enabled: bool) -> Done<()> {
        let action = if enabled { Action::PropertyCustomCodesEnabled } else { Action::PropertyCustomCodesDisabled };
        let Deed { tx, now, .. } = *self.deed;
        properties::set_custom_codes(tx, self.property.id, enabled, self.deed.person_id(), now)?;
        self.record_switch(action, self.property.custom_codes_enabled)
    }

    fn name(&self, name: &str) -> Done<()> {
        properties::rename(self.deed.tx, self.property.id, name)?;
        let mut event = self.event(Action::PropertyRenamed);
        event.subject.name = name.to_owned();
        let before = &self.property.name;
        event.say(Said::WasCalled, [before], format!("Was called {before}."));
        self.deed.tx.record(self.deed.now, event)?;
        Ok(())
    }

    fn contact(&self, email: Option<&str>, phone: Option<&str>) -> Done<()> {
        properties::set_contact(self.deed.tx, self.property.id, email, phone)?;
        self.deed.tx.record(self.deed.now, self.event(Action::PropertyContactChanged))?;
        Ok(())
    }

    fn guest_codes_per_unit(&self, most: u32) -> Done<()> {
        properties::set_guest_codes_per_unit(self.deed.tx, self.property.id, most)?;
        let mut event = self.event(Action::PropertyGuestLimitChanged);
        let before = self.property.guest_codes_per_unit.to_string();
        event.say(Said::WasNumber, [&before], format!("{most} for each unit. Was {before}."));
        self.deed.tx.record(self.deed.now, event)?;
        Ok(())
    }

    /// How long before a window begins guest codes are sent to locks (R44), those that are issued already included.
    fn guest_code_lead(&self, minutes: u32) -> Done<()> {
        properties::set_guest_code_lead(self.deed.tx, self.property.id, minutes)?;
        let mut event = self.event(Action::PropertyGuestLeadChanged);
        let (now, before) = (minutes.to_string(), self.property.guest_code_lead_minutes.to_string());
        event.say(Said::Minutes, [&now, &before], format!("{now} minutes before a window. Was {before}."));
        self.deed.tx.record(self.deed.now, event)?;
        Ok(())
    }

    /// When managers are mailed what needs attention, in minutes after midnight.
    fn summary(&self, at: Option<u16>) -> Done<()> {
        summaries::set_time(self.deed.tx, self.property.id, at)?;
        let mut event = self.event(Action::PropertySummaryChanged);
        let now = at.map_or("Never.".into(), |at| format!("At {}.", clock_time(at)));
        match self.property.summary_at.map(clock_time) {
            Some(before) => event.say(Said::WasAt, [&before], format!("{now} Was at {before}.")),
            None => event.say(Said::WasOff, [], format!("{now} Was off.")),
        }
        self.deed.tx.record(self.deed.now, event)?;
        Ok(())
    }

    fn language(&self, language: Language) -> Done<()> {
        properties::set_language(self.deed.tx, self.property.id, language.name())?;
        let mut event = self.event(Action::PropertyLanguageChanged);
        let before = self.property.language.as_deref().unwrap_or_default();
        event.say(Said::Language, [language.name(), before], format!("{}.", in_english(language)));
        self.deed.tx.record(self.deed.now, event)?;
        Ok(())
    }

    fn delivery_opens_unit_doors(&self, allowed: bool) -> Done<()> {
        let action =
            if allowed { Action::PropertyUnitDeliveriesAllowed } else { Action::PropertyUnitDeliveriesForbidden };
        properties::set_delivery_opens_unit_doors(self.deed.tx, self.property.id, allowed)?;
        self.record_switch(action, self.property.delivery_opens_unit_doors)
    }

    fn record_switch(&self, action: Action, before: bool) -> Done<()> {
        let mut event = self.event(action);
        match before {
            true => event.say(Said::WasOn, [], "Was on."),
            false => event.say(Said::WasOff, [], "Was off."),
        }
        self.deed.tx.record(self.deed.now, event)?;
        Ok(())
    }
}

fn in_english(language: Language) -> &'static str {
    match language {
        Language::English => "English",
        Language::Spanish => "Spanish",
    }
}

/// Minutes after midnight, as a clock shows them.
pub fn clock_time(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A time as in `08:00`, in minutes after midnight; `None` for none.
fn time_of_day(text: &str) -> Done<Option<u16>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let part = |text: &str, below: u16| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number: &u16| digits && *number < below)
    };
    let minutes = text.split_once(':').and_then(|(hour, minute)| Some(part(hour, 24)? * 60 + part(minute, 60)?));
    let wrong = || Refusal::invalid("summary_at", FieldCode::Invalid, "Enter a time like 08:00, or nothing.");
    Ok(Some(minutes.ok_or_else(wrong)?))
}

/// A name that no other property has (R36).
fn free_name(tx: &Tx, text: &str, own: Option<PropertyId>) -> Done<Line> {
    let name = named("name", text)?;
    if properties::is_named(tx, &name, own)? {
        return Err(Refusal::invalid("name", FieldCode::Taken, "Another property has this name.").into());
    }
    Ok(name)
}

/// An address to write to; `None` if there is none.
fn address(field: &str, text: Option<&str>) -> Done<Option<Address>> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let address = Address::parse(text).ok_or_else(|| {
        Refusal::invalid(field, FieldCode::NotAnAddress, "Enter an email address like help@example.com.")
    })?;
    Ok(Some(address))
}

/// A number to call, as people write it; `None` if there is none.
fn phone(field: &str, text: Option<&str>) -> Done<Option<Line>> {
    text.filter(|text| !text.trim().is_empty()).map(|text| named(field, text)).transpose()
}

/// A name as it is kept: without blanks around it, and single ones within.
pub(super) fn named(field: &str, text: &str) -> Done<Line> {
    Ok(Line::parse(&tidy(text), MAX_NAME).map_err(|unfit| Refusal::unfit(field, unfit))?)
}
