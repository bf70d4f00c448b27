//! What the server says, in the language of the console.
//!
//! The server says everything twice: by a stable name, for programs, and as a sentence in English. Here the name decides on
//! the words; what has a name that isn't known here keeps the server's sentence. Of refusals English has the server's
//! sentence anyway, which may name more: a line, a door, a time.

use access_code::{APP_STEPS, MIN_APP_VERSION};
use api_types::{ChecklistItem, Eligibility, FieldError, Placement, PlacementStatus, Problem, ProblemCode};

use crate::locale::{self, wording as t};

/// A refusal or failure.
pub fn problem(problem: &Problem) -> String {
    if !problem.detail.is_empty() && locale::is_the_servers() {
        return problem.detail.clone();
    }
    let said = if problem.detail.is_empty() { &problem.title } else { &problem.detail };
    problem.code.known().and_then(problem_words).unwrap_or(said).to_owned()
}

/// What a problem says by its code; `None` where the server's own sentence is kept.
fn problem_words(code: ProblemCode) -> Option<&'static str> {
    use ProblemCode as Code;
    Some(match code {
        Code::WrongCredentials => t::problem::wrong_credentials(),
        Code::NoRole => t::problem::no_role(),
        Code::Forbidden => t::problem::forbidden(),
        Code::NotFound => t::problem::not_found(),
        Code::Stale => t::problem::stale(),
        Code::TooLarge => t::problem::too_large(),
        Code::TooManyRequests => t::problem::too_many_requests(),
        Code::Internal => t::problem::internal(),
        Code::RecordUnreadable => t::problem::record_unreadable(),
        Code::TimedOut | Code::StorageUnavailable => t::problem::unavailable(),
        Code::CodesExhausted => t::problem::codes_exhausted(),
        Code::DeliveryNotForThisDoor => t::problem::delivery_not_for_this_door(),
        Code::ReasonRequired => t::problem::reason_required(),
        Code::TooManyShares => t::problem::too_many_shares(),
        Code::PassNotLive => t::problem::pass_not_live(),
        Code::CodeEnded => t::problem::code_ended(),
        Code::RosterNotReadable => t::problem::roster_not_readable(),
        Code::RosterHasBadRows => t::problem::roster_has_bad_rows(),
        // Shown in other ways: by the sign-in form, by what was done earlier, field by field.
        Code::SignedOut | Code::IdempotencyKeyReused | Code::Invalid | Code::UnknownField => return None,
        // The console asks for nothing that is refused so.
        Code::BadCursor
        | Code::BothCredentials
        | Code::IdempotencyKeyRequired
        | Code::MalformedJson
        | Code::CrossSite
        | Code::NotAResident
        | Code::NotOnMobile
        | Code::NotOnWeb
        | Code::MethodNotAllowed
        | Code::UnsupportedMediaType
        | Code::IfMatchRequired
        | Code::GuestCodesAreRandom => return None,
        // Of picking a code of one's own, which is done in the app alone (R5).
        Code::AppTooOld
        | Code::NotYourUnit
        | Code::NotAUnitDoor
        | Code::CustomCodesDisabled
        | Code::CodeWrongLength
        | Code::CodeNotDigits
        | Code::CodeRepeatedDigit
        | Code::CodeConsecutive
        | Code::CodeUnavailableForThisDoor
        | Code::LockOffline
        | Code::NotChecked => return None,
    })
}

/// What is wrong with a field that the server refused.
pub fn field_error(error: &FieldError) -> &str {
    field(&error.field, &error.code, &error.detail)
}

/// What is wrong with a field or a column: by its stable code, or as the server `said` it.
pub fn field<'a>(name: &str, code: &str, said: &'a str) -> &'a str {
    if code == "move_out_past" {
        // In any language: the server doesn't know of the box that is meant.
        return t::field::move_out_past();
    }
    if locale::is_the_servers() {
        return said;
    }
    match (code, name) {
        ("required", "guest_name") => t::field::guest_name_required(),
        ("required", "door_ids") => t::field::door_required(),
        ("required", _) => t::field::required(),
        ("reason_required", _) => t::problem::reason_required(),
        ("delivery_not_for_this_door", _) => t::problem::delivery_not_for_this_door(),
        ("too_long", _) => t::field::too_long(),
        ("holds_digits", _) => t::field::holds_digits(),
        ("wrong_length", _) => t::field::wrong_length(),
        ("too_many", "door_ids") => t::field::too_many_doors(),
        ("several_properties", _) => t::field::several_properties(),
        ("in_the_past", _) => t::field::in_the_past(),
        ("end_not_after_start", _) => t::field::end_not_after_start(),
        ("window_too_long", _) => t::field::window_too_long(),
        ("no_weekdays", _) => t::field::no_weekdays(),
        ("last_day_before_first_day", _) => t::field::last_day_before_first_day(),
        ("no_windows", _) => t::field::no_windows(),
        ("out_of_range", _) => t::field::out_of_range(),
        ("unknown_unit", _) => t::field::unknown_unit(),
        ("not_a_name", _) => t::field::not_a_name(),
        ("not_an_address", _) => t::field::not_an_address(),
        ("not_a_date", _) => t::field::not_a_date(),
        ("before_move_in", _) => t::field::before_move_in(),
        ("twice", _) => t::field::twice(),
        ("already_over", _) => t::field::already_over(),
        _ => said,
    }
}

/// A condition of the policy (R14): what holds or doesn't. `time` writes an instant.
pub fn condition(item: &ChecklistItem, time: impl Fn(&str) -> String) -> String {
    let least = MIN_APP_VERSION.to_string();
    let words = match (item.condition.as_str(), item.met) {
        ("in_mobile_app", Some(true)) => t::condition::in_mobile_app::met(),
        ("in_mobile_app", Some(false)) => t::condition::in_mobile_app::not_met(),
        ("app_version", met) => {
            return match (&item.app_version, met) {
                (Some(version), _) => t::condition::app_version::known(version, &least),
                (None, Some(true)) => item.detail.clone(),
                (None, Some(false)) => t::condition::app_version::unknown(&least),
                (None, None) => t::condition::app_version::not_checked(&least),
            };
        }
        ("own_tenancy", Some(true)) => t::condition::own_tenancy::met(),
        ("own_tenancy", Some(false)) => t::condition::own_tenancy::not_met(),
        ("own_tenancy", None) => t::condition::own_tenancy::not_checked(),
        ("own_unit_door", Some(true)) => t::condition::own_unit_door::met(),
        ("own_unit_door", Some(false)) => t::condition::own_unit_door::not_met(),
        ("own_unit_door", None) => t::condition::own_unit_door::not_checked(),
        ("feature_enabled", Some(true)) => t::condition::feature_enabled::met(),
        ("feature_enabled", Some(false)) => t::condition::feature_enabled::not_met(),
        ("feature_enabled", None) => t::condition::feature_enabled::not_checked(),
        ("code_format", Some(true)) => t::condition::code_format::met(),
        ("code_format", Some(false)) => t::condition::code_format::not_met(),
        ("code_format", None) => t::condition::code_format::not_checked(),
        ("code_not_repeated", Some(true)) => t::condition::code_not_repeated::met(),
        ("code_not_repeated", Some(false)) => t::condition::code_not_repeated::not_met(),
        ("code_not_repeated", None) => t::condition::code_not_repeated::not_checked(),
        ("code_not_consecutive", Some(true)) => t::condition::code_not_consecutive::met(),
        ("code_not_consecutive", Some(false)) => t::condition::code_not_consecutive::not_met(),
        ("code_not_consecutive", None) => t::condition::code_not_consecutive::not_checked(),
        ("code_available", Some(true)) => t::condition::code_available::met(),
        ("code_available", Some(false)) => t::condition::code_available::not_met(),
        ("code_available", None) => t::condition::code_available::not_checked(),
        ("hub_online", Some(true)) => t::condition::hub_online::met(),
        ("hub_online", None) => t::condition::hub_online::not_checked(),
        ("lock_online", Some(true)) => t::condition::lock_online::met(),
        ("lock_online", None) => t::condition::lock_online::not_checked(),
        ("hub_online", Some(false)) if let Some(since) = &item.since => {
            return t::condition::hub_online::not_met(&time(since.as_str()));
        }
        ("lock_online", Some(false)) if let Some(since) = &item.since => {
            return t::condition::lock_online::not_met(&time(since.as_str()));
        }
        _ => &item.detail,
    };
    words.to_owned()
}

/// What the person can do about a condition; nothing where there is nothing to do.
pub fn condition_step(item: &ChecklistItem) -> Option<String> {
    let said = item.next_step.as_ref()?;
    let least = MIN_APP_VERSION.to_string();
    let words = match (item.condition.as_str(), item.met) {
        ("in_mobile_app", _) => return Some(t::condition::in_mobile_app::next(&app_steps())),
        ("app_version", None) => return Some(t::condition::app_version::next_unseen(&least)),
        ("app_version", _) => return Some(t::condition::app_version::next(&least)),
        ("own_tenancy", _) => t::condition::own_tenancy::next(),
        ("own_unit_door", _) => t::condition::own_unit_door::next(),
        ("feature_enabled", _) => t::condition::feature_enabled::next(),
        ("code_format", _) => t::condition::code_format::next(),
        ("code_not_repeated" | "code_not_consecutive" | "code_available", _) => t::condition::pick_another(),
        ("hub_online", _) => t::condition::hub_online::next(),
        ("lock_online", _) => t::condition::lock_online::next(),
        _ => said,
    };
    Some(words.to_owned())
}

/// What to do first: the step of the condition that the server chose it from, or the app's where all hold.
pub fn next_step(eligibility: &Eligibility) -> String {
    let chosen = |item: &&ChecklistItem| item.next_step.as_ref() == Some(&eligibility.next_step);
    match eligibility.checklist.iter().find(chosen).and_then(condition_step) {
        Some(step) => step,
        None if eligibility.checklist.iter().any(|item| item.met == Some(false)) => eligibility.next_step.clone(),
        None => t::condition::all_hold(&app_steps()),
    }
}

fn app_steps() -> String {
    APP_STEPS.join(" → ")
}

/// What the person can do about a code on a lock (R26).
pub fn placement_step(placement: &Placement) -> Option<&str> {
    lock_step(placement.status, placement.reason.as_deref(), placement.next_step.as_deref())
}

/// As [`placement_step`], of its parts. `said` is the server's sentence; where it has none there is nothing to do.
pub fn lock_step<'a>(status: PlacementStatus, reason: Option<&str>, said: Option<&'a str>) -> Option<&'a str> {
    let said = said?;
    Some(match (status, reason) {
        (PlacementStatus::Waiting, Some("hub_offline")) => t::placement::waiting_hub(),
        (PlacementStatus::Waiting, _) => t::placement::waiting_lock(),
        (PlacementStatus::Failed, Some("slots_full")) => t::placement::slots_full(),
        (PlacementStatus::Failed, Some("length_not_supported")) => t::placement::length_not_supported(),
        (PlacementStatus::Failed, Some("duplicate_on_lock")) => t::placement::duplicate_on_lock(),
        (PlacementStatus::Failed, _) => t::placement::failed(),
        (PlacementStatus::BeingRemoved, Some("hub_offline")) => t::placement::removing_hub(),
        (PlacementStatus::BeingRemoved, Some("lock_offline")) => t::placement::removing_lock(),
        (PlacementStatus::BeingRemoved, _) => t::placement::removing(),
        _ => said,
    })
}
