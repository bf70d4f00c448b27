//! The server's messages, in the language of the console.
//!
//! The server says everything twice: with a stable name, for programs, and as an English sentence. Here the words are
//! chosen by name; an unknown name keeps the server's sentence. In English, refusals keep it in any case, since it may
//! be more specific: a line, a door, a time.

use access_code::{APP_STEPS, Condition, MIN_APP_VERSION};
use api_types::{
    Action, ChecklistItem, Eligibility, FieldCode, FieldError, MaybeKnown, Placement, PlacementReason, PlacementStatus,
    Problem, ProblemCode,
};

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
        Code::BodyTooSlow => t::problem::body_too_slow(),
        Code::TimedOut | Code::StorageUnavailable => t::problem::unavailable(),
        Code::TooManyGuestCodes => t::problem::too_many_guest_codes(),
        Code::CodesExhausted => t::problem::codes_exhausted(),
        Code::DeliveryNotForThisDoor => t::problem::delivery_not_for_this_door(),
        Code::ReasonRequired => t::problem::reason_required(),
        Code::TooManyShares => t::problem::too_many_shares(),
        Code::PassNotLive => t::problem::pass_not_live(),
        Code::GuestCodeBegun => t::problem::guest_code_begun(),
        Code::CodeEnded => t::problem::code_ended(),
        Code::SetUpDone => t::problem::set_up_done(),
        Code::LinkOver => t::problem::link_over(),
        Code::AlreadyActive => t::problem::already_active(),
        Code::NotActive => t::problem::not_active(),
        Code::LastAdministrator => t::problem::last_administrator(),
        Code::LayoutNotReadable => t::problem::layout_not_readable(),
        Code::LayoutHasBadRows => t::problem::roster_has_bad_rows(),
        Code::RosterNotReadable => t::problem::roster_not_readable(),
        Code::RosterHasBadRows => t::problem::roster_has_bad_rows(),
        Code::RosterUndecided => t::problem::roster_undecided(),
        Code::RosterMovedOn => t::problem::roster_moved_on(),
        Code::UndoOver => t::problem::undo_over(),
        Code::NoAddress => t::problem::no_address(),
        // Which field it is, and why, is said beside it.
        Code::Invalid | Code::UnknownField => t::problem::invalid(),
        // Shown in other ways: by the sign-in form, by what was done earlier.
        Code::SignedOut | Code::IdempotencyKeyReused => return None,
        // Few pages can be told so, and they have its words: see [`refusal_of_layout`].
        Code::LayoutMovedOn
        | Code::Retired
        | Code::UnitOccupied
        | Code::BuildingNotEmpty
        | Code::HubInUse
        | Code::HubOffline
        | Code::HubRejected
        | Code::LockLinked
        | Code::LockNotReady
        | Code::NoLockLinked
        | Code::UnknownLock => return None,
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
        // Said by `passkey_words`, so that who signs in with a password doesn't download it.
        Code::PasskeyRefused
        | Code::PasskeyTooLate
        | Code::PasskeysUnavailable
        | Code::SignInAgain
        | Code::LastWayIn => return None,
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

/// What a problem with a passkey says by its code; `None` for any other, and where the server's own sentence is kept.
pub fn passkey_words(code: ProblemCode) -> Option<&'static str> {
    if locale::is_the_servers() {
        return None;
    }
    match code {
        ProblemCode::PasskeyRefused => Some(t::problem::passkey_refused()),
        ProblemCode::PasskeyTooLate => Some(t::problem::passkey_too_late()),
        ProblemCode::PasskeysUnavailable => Some(t::problem::passkeys_unavailable()),
        ProblemCode::SignInAgain => Some(t::problem::sign_in_again()),
        ProblemCode::LastWayIn => Some(t::problem::last_way_in()),
        _ => None,
    }
}

/// Why something that is on record was refused; `None` where what was recorded says it better.
pub fn refusal(code: ProblemCode) -> Option<&'static str> {
    // What was recorded then names the fields as programs do.
    let fields = code == ProblemCode::Invalid;
    if locale::is_the_servers() && !fields {
        None
    } else {
        refusal_of_layout(code).or_else(|| problem_words(code)).or_else(|| passkey_words(code))
    }
}

/// Why a change of a property's layout, hubs or locks was refused, apart from the rest, so that no other page has these words;
/// `None` where the server's sentence is kept.
pub fn refusal_of_layout(code: ProblemCode) -> Option<&'static str> {
    if locale::is_the_servers() {
        return None;
    }
    Some(match code {
        ProblemCode::LayoutMovedOn => t::problem::layout_moved_on(),
        ProblemCode::Retired => t::problem::retired(),
        ProblemCode::UnitOccupied => t::problem::unit_occupied(),
        ProblemCode::BuildingNotEmpty => t::problem::building_not_empty(),
        ProblemCode::HubInUse => t::problem::hub_in_use(),
        ProblemCode::HubOffline => t::problem::hub_offline(),
        ProblemCode::HubRejected => t::problem::hub_rejected(),
        ProblemCode::LockLinked => t::problem::lock_linked(),
        ProblemCode::LockNotReady => t::problem::lock_not_ready(),
        ProblemCode::NoLockLinked => t::problem::no_lock_linked(),
        ProblemCode::UnknownLock => t::problem::unknown_lock(),
        _ => return None,
    })
}

/// What is wrong with a field of a hub, apart from the rest for the same reason.
pub fn field_of_hub(code: FieldCode) -> Option<&'static str> {
    if locale::is_the_servers() {
        return None;
    }
    Some(match code {
        FieldCode::NotAHubAddress => t::field::not_a_hub_address(),
        FieldCode::NotEncrypted => t::field::not_encrypted(),
        FieldCode::HasSecrets => t::field::has_secrets(),
        _ => return None,
    })
}

/// The error of a field that the server refused.
pub fn field_error(error: &FieldError) -> &str {
    field(&error.field, &error.code, &error.detail)
}

/// The error of a field or column, by its stable code, or else in the words of the server (`said`).
pub fn field<'a>(name: &str, code: &MaybeKnown<FieldCode>, said: &'a str) -> &'a str {
    if code.is(FieldCode::MoveOutPast) {
        // In any language: the server doesn't know how rows are decided here.
        return t::field::move_out_past();
    }
    if locale::is_the_servers() {
        return said;
    }
    use FieldCode as Code;
    let Some(code) = code.known() else { return said };
    match (code, name) {
        (Code::Required, "guest_name") => t::field::guest_name_required(),
        (Code::Required, "door_ids") => t::field::door_required(),
        (Code::Required, _) => t::field::required(),
        (Code::ReasonRequired, _) => t::problem::reason_required(),
        (Code::DeliveryNotForThisDoor, _) => t::problem::delivery_not_for_this_door(),
        (Code::TooShort, _) => t::field::too_short(),
        (Code::TooCommon, _) => t::field::too_common(),
        (Code::NoMail, _) => t::field::no_mail(),
        (Code::WrongPassword, _) => t::field::wrong_password(),
        (Code::Taken, _) => t::field::taken(),
        (Code::TooLong, _) => t::field::too_long(),
        (Code::UnseenCharacters, _) => t::field::unseen_characters(),
        (Code::HoldsDigits, _) => t::field::holds_digits(),
        (Code::WrongLength, _) => t::field::wrong_length(),
        (Code::TooMany, "door_ids") => t::field::too_many_doors(),
        (Code::SeveralProperties, _) => t::field::several_properties(),
        (Code::InThePast, _) => t::field::in_the_past(),
        (Code::EndNotAfterStart, _) => t::field::end_not_after_start(),
        (Code::WindowTooLong, _) => t::field::window_too_long(),
        (Code::NoWeekdays, _) => t::field::no_weekdays(),
        (Code::LastDayBeforeFirstDay, _) => t::field::last_day_before_first_day(),
        (Code::NoWindows, _) => t::field::no_windows(),
        (Code::OutOfRange, _) => t::field::out_of_range(),
        (Code::UnknownUnit, _) => t::field::unknown_unit(),
        (Code::NotAName, _) => t::field::not_a_name(),
        (Code::NotAnAddress, _) => t::field::not_an_address(),
        (Code::NotADate, _) => t::field::not_a_date(),
        (Code::BeforeMoveIn, _) => t::field::before_move_in(),
        (Code::Twice, _) => t::field::twice(),
        (Code::AlreadyOver, _) => t::field::already_over(),
        (Code::MoveOutPast, _) => t::field::move_out_past(),
        (Code::Undecided, _) => t::field::undecided(),
        // A form's own finding, in the console's language already.
        (Code::Invalid, _) => said,
        // The console sends nothing that is refused so.
        (
            Code::TooMany
            | Code::UnknownField
            | Code::Duplicate
            | Code::NotUtf8
            | Code::GuestCodesAreRandom
            | Code::NotForThisKind
            | Code::NotAnInstant
            | Code::NotATime
            | Code::ComesLater,
            _,
        ) => said,
        // Their form has put it into words already: see [`field_of_hub`].
        (Code::NotAHubAddress | Code::NotEncrypted | Code::HasSecrets, _) => said,
    }
}

/// What was done, in people's words: of an event, and as a choice to filter by.
pub fn action(action: Action) -> &'static str {
    use crate::locale::wording::action as t;
    match action {
        Action::AccessRefused => t::access_refused(),
        Action::CodeRevealed => t::code_revealed(),
        Action::CodeCustomSet => t::code_custom_set(),
        Action::CodeCustomRefused => t::code_custom_refused(),
        Action::CodeCustomKept => t::code_custom_kept(),
        Action::CodeHeldOff => t::code_held_off(),
        Action::CodeRestored => t::code_restored(),
        Action::CodeRandomIssued => t::code_random_issued(),
        Action::CodeRandomRefused => t::code_random_refused(),
        Action::GuestCodeExpired => t::guest_code_expired(),
        Action::GuestCodeIssued => t::guest_code_issued(),
        Action::GuestCodePassOpened => t::guest_code_pass_opened(),
        Action::GuestCodePassRevealed => t::guest_code_pass_revealed(),
        Action::GuestCodeRefused => t::guest_code_refused(),
        Action::GuestCodeRevoked => t::guest_code_revoked(),
        Action::GuestCodeMailBounced => t::guest_code_mail_bounced(),
        Action::GuestCodeShareRevoked => t::guest_code_share_revoked(),
        Action::GuestCodeShared => t::guest_code_shared(),
        Action::GuestCodeUsed => t::guest_code_used(),
        Action::GuestCodeChanged => t::guest_code_changed(),
        Action::GuestCodeWindowClosed => t::guest_code_window_closed(),
        Action::GuestCodeWindowOpened => t::guest_code_window_opened(),
        Action::HubOffline => t::hub_offline(),
        Action::HubOnline => t::hub_online(),
        Action::LockOffline => t::lock_offline(),
        Action::LockOnline => t::lock_online(),
        Action::LockUnknownCodeClearing => t::lock_unknown_code_clearing(),
        Action::LockUnknownCodeCleared => t::lock_unknown_code_cleared(),
        Action::LockUnknownCodeFound => t::lock_unknown_code_found(),
        Action::LockUnknownCodeGone => t::lock_unknown_code_gone(),
        Action::MobileTokenCreated => t::mobile_token_created(),
        Action::MobileTokenEnded => t::mobile_token_ended(),
        Action::MobileTokenRefused => t::mobile_token_refused(),
        Action::PersonAdded => t::person_added(),
        Action::PersonAdministratorAdded => t::person_administrator_added(),
        Action::PersonAdministratorRemoved => t::person_administrator_removed(),
        Action::PersonInvitationAccepted => t::person_invitation_accepted(),
        Action::PersonInvited => t::person_invited(),
        Action::PersonSupportRemoved => t::person_support_removed(),
        Action::PropertyLayoutImported => t::property_layout_imported(),
        Action::PersonDisabled => t::person_disabled(),
        Action::PersonEnabled => t::person_enabled(),
        Action::PersonManagerAdded => t::person_manager_added(),
        Action::PersonManagerRemoved => t::person_manager_removed(),
        Action::PersonAddressChanged => t::person_address_changed(),
        Action::PersonAddressRequested => t::person_address_requested(),
        Action::PersonMailBounced => t::person_mail_bounced(),
        Action::PersonPasskeyAdded => t::person_passkey_added(),
        Action::PersonPasskeyRemoved => t::person_passkey_removed(),
        Action::PersonPasskeyRenamed => t::person_passkey_renamed(),
        Action::PersonPasswordChanged => t::person_password_changed(),
        Action::PersonPasswordForgotten => t::person_password_forgotten(),
        Action::PersonPasswordLink => t::person_password_link(),
        Action::PersonPasswordRemoved => t::person_password_removed(),
        Action::PersonSupportAdded => t::person_support_added(),
        Action::PlacementFailed => t::placement_failed(),
        Action::PlacementDrifted => t::placement_drifted(),
        Action::PlacementOnLock => t::placement_on_lock(),
        Action::PlacementRemovalUnconfirmed => t::placement_removal_unconfirmed(),
        Action::PlacementRemoved => t::placement_removed(),
        Action::PlacementWaiting => t::placement_waiting(),
        Action::PropertyAdded => t::property_added(),
        Action::PropertyContactChanged => t::property_contact_changed(),
        Action::PropertyGuestLeadChanged => t::property_guest_lead_changed(),
        Action::PropertyGuestLimitChanged => t::property_guest_limit_changed(),
        Action::PropertyLanguageChanged => t::property_language_changed(),
        Action::PropertySummaryChanged => t::property_summary_changed(),
        Action::PersonSummaryStarted => t::person_summary_started(),
        Action::PersonSummaryStopped => t::person_summary_stopped(),
        Action::PropertyRenamed => t::property_renamed(),
        Action::PropertyUnitDeliveriesAllowed => t::property_unit_deliveries_allowed(),
        Action::PropertyUnitDeliveriesForbidden => t::property_unit_deliveries_forbidden(),
        Action::PropertyCustomCodesDisabled => t::property_custom_codes_disabled(),
        Action::PropertyCustomCodesEnabled => t::property_custom_codes_enabled(),
        Action::RecordSetAside => t::record_set_aside(),
        Action::ResidentAdded => t::resident_added(),
        Action::ResidentChanged => t::resident_changed(),
        Action::ResidentMovedOut => t::resident_moved_out(),
        Action::RosterImported => t::roster_imported(),
        Action::RosterUndone => t::roster_undone(),
        Action::SessionCreated => t::session_created(),
        Action::SessionEnded => t::session_ended(),
        Action::SessionOthersEnded => t::session_others_ended(),
        Action::SessionRefused => t::session_refused(),
        Action::BuildingBroughtBack => t::building_brought_back(),
        Action::BuildingDeleted => t::building_deleted(),
        Action::BuildingAdded => t::building_added(),
        Action::BuildingRenamed => t::building_renamed(),
        Action::BuildingRetired => t::building_retired(),
        Action::UnitBroughtBack => t::unit_brought_back(),
        Action::UnitDeleted => t::unit_deleted(),
        Action::UnitMoved => t::unit_moved(),
        Action::UnitAdded => t::unit_added(),
        Action::UnitRenamed => t::unit_renamed(),
        Action::UnitRetired => t::unit_retired(),
        Action::DoorBroughtBack => t::door_brought_back(),
        Action::DoorDeleted => t::door_deleted(),
        Action::DoorKindChanged => t::door_kind_changed(),
        Action::DoorMoved => t::door_moved(),
        Action::DoorAdded => t::door_added(),
        Action::DoorRenamed => t::door_renamed(),
        Action::DoorRetired => t::door_retired(),
        Action::CodeSentAgain => t::code_sent_again(),
        Action::HubAdded => t::hub_added(),
        Action::HubAddressChanged => t::hub_address_changed(),
        Action::HubRemoved => t::hub_removed(),
        Action::HubRenamed => t::hub_renamed(),
        Action::HubTested => t::hub_tested(),
        Action::HubTokenChanged => t::hub_token_changed(),
        Action::LockConfirmedGone => t::lock_confirmed_gone(),
        Action::LockExchanged => t::lock_exchanged(),
        Action::LockLinked => t::lock_linked(),
        Action::LockSentAgain => t::lock_sent_again(),
        Action::LockUnlinked => t::lock_unlinked(),
    }
}

/// As [`action`]; what a newer server recorded keeps its name.
pub fn action_or_name(action: &MaybeKnown<Action>) -> &str {
    match action {
        MaybeKnown::Known(action) => self::action(*action),
        MaybeKnown::Unknown(name) => name,
    }
}

/// A condition of the policy (R14), met or not. `time` formats an instant.
pub fn condition(item: &ChecklistItem, time: impl Fn(&str) -> String) -> String {
    let Some(condition) = item.condition.known() else { return item.detail.clone() };
    let least = MIN_APP_VERSION.to_string();
    let words = match (condition, item.met) {
        (Condition::InMobileApp, Some(true)) => t::condition::in_mobile_app::met(),
        (Condition::InMobileApp, Some(false)) => t::condition::in_mobile_app::not_met(),
        (Condition::AppVersion, met) => {
            return match (&item.app_version, met) {
                (Some(version), _) => t::condition::app_version::known(version, &least),
                (None, Some(true)) => item.detail.clone(),
                (None, Some(false)) => t::condition::app_version::unknown(&least),
                (None, None) => t::condition::app_version::not_checked(&least),
            };
        }
        (Condition::OwnTenancy, Some(true)) => t::condition::own_tenancy::met(),
        (Condition::OwnTenancy, Some(false)) => t::condition::own_tenancy::not_met(),
        (Condition::OwnTenancy, None) => t::condition::own_tenancy::not_checked(),
        (Condition::OwnUnitDoor, Some(true)) => t::condition::own_unit_door::met(),
        (Condition::OwnUnitDoor, Some(false)) => t::condition::own_unit_door::not_met(),
        (Condition::OwnUnitDoor, None) => t::condition::own_unit_door::not_checked(),
        (Condition::FeatureEnabled, Some(true)) => t::condition::feature_enabled::met(),
        (Condition::FeatureEnabled, Some(false)) => t::condition::feature_enabled::not_met(),
        (Condition::FeatureEnabled, None) => t::condition::feature_enabled::not_checked(),
        (Condition::CodeFormat, Some(true)) => t::condition::code_format::met(),
        (Condition::CodeFormat, Some(false)) => t::condition::code_format::not_met(),
        (Condition::CodeFormat, None) => t::condition::code_format::not_checked(),
        (Condition::CodeNotRepeated, Some(true)) => t::condition::code_not_repeated::met(),
        (Condition::CodeNotRepeated, Some(false)) => t::condition::code_not_repeated::not_met(),
        (Condition::CodeNotRepeated, None) => t::condition::code_not_repeated::not_checked(),
        (Condition::CodeNotConsecutive, Some(true)) => t::condition::code_not_consecutive::met(),
        (Condition::CodeNotConsecutive, Some(false)) => t::condition::code_not_consecutive::not_met(),
        (Condition::CodeNotConsecutive, None) => t::condition::code_not_consecutive::not_checked(),
        (Condition::CodeAvailable, Some(true)) => t::condition::code_available::met(),
        (Condition::CodeAvailable, Some(false)) => t::condition::code_available::not_met(),
        (Condition::CodeAvailable, None) => t::condition::code_available::not_checked(),
        (Condition::HubOnline, Some(true)) => t::condition::hub_online::met(),
        (Condition::HubOnline, None) => t::condition::hub_online::not_checked(),
        (Condition::LockOnline, Some(true)) => t::condition::lock_online::met(),
        (Condition::LockOnline, None) => t::condition::lock_online::not_checked(),
        (Condition::HubOnline, Some(false)) if let Some(since) = &item.since => {
            return t::condition::hub_online::not_met(&time(since.as_str()));
        }
        (Condition::LockOnline, Some(false)) if let Some(since) = &item.since => {
            return t::condition::lock_online::not_met(&time(since.as_str()));
        }
        (Condition::InMobileApp, None) | (Condition::HubOnline | Condition::LockOnline, Some(false)) => &item.detail,
    };
    words.to_owned()
}

/// What the person can do about a condition; `None` if there is nothing to do.
pub fn condition_step(item: &ChecklistItem) -> Option<String> {
    let said = item.next_step.as_ref()?;
    let Some(condition) = item.condition.known() else { return Some(said.clone()) };
    let least = MIN_APP_VERSION.to_string();
    let words = match (condition, item.met) {
        (Condition::InMobileApp, _) => return Some(t::condition::in_mobile_app::next(&app_steps())),
        (Condition::AppVersion, None) => return Some(t::condition::app_version::next_unseen(&least)),
        (Condition::AppVersion, _) => return Some(t::condition::app_version::next(&least)),
        (Condition::OwnTenancy, _) => t::condition::own_tenancy::next(),
        (Condition::OwnUnitDoor, _) => t::condition::own_unit_door::next(),
        (Condition::FeatureEnabled, _) => t::condition::feature_enabled::next(),
        (Condition::CodeFormat, _) => t::condition::code_format::next(),
        (Condition::CodeNotRepeated | Condition::CodeNotConsecutive | Condition::CodeAvailable, _) => {
            t::condition::pick_another()
        }
        (Condition::HubOnline, _) => t::condition::hub_online::next(),
        (Condition::LockOnline, _) => t::condition::lock_online::next(),
    };
    Some(words.to_owned())
}

/// What to do first: the next step of the condition that the server chose, or the steps in the app if all are met.
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
    lock_step(placement.status, placement.reason.as_ref(), placement.next_step.as_deref())
}

/// As [`placement_step`], from its parts. `said` is the server's sentence; without one there is nothing to do.
pub fn lock_step<'a>(
    status: PlacementStatus,
    reason: Option<&MaybeKnown<PlacementReason>>,
    said: Option<&'a str>,
) -> Option<&'a str> {
    let said = said?;
    Some(match (status, reason.and_then(MaybeKnown::known)) {
        (PlacementStatus::Waiting, Some(PlacementReason::HubOffline)) => t::placement::waiting_hub(),
        (PlacementStatus::Waiting, Some(PlacementReason::NoLockLinked)) => t::placement::waiting_link(),
        (PlacementStatus::Waiting, _) => t::placement::waiting_lock(),
        (PlacementStatus::Failed, Some(PlacementReason::SlotsFull)) => t::placement::slots_full(),
        (PlacementStatus::Failed, Some(PlacementReason::LengthNotSupported)) => t::placement::length_not_supported(),
        (PlacementStatus::Failed, Some(PlacementReason::DuplicateOnLock)) => t::placement::duplicate_on_lock(),
        (PlacementStatus::Failed, Some(PlacementReason::LostByLock)) => t::placement::lost_by_lock(),
        (PlacementStatus::Failed, Some(PlacementReason::ReplacedAtLock)) => t::placement::replaced_at_lock(),
        (PlacementStatus::Failed, _) => t::placement::failed(),
        (PlacementStatus::BeingRemoved, Some(PlacementReason::HubOffline)) => t::placement::removing_hub(),
        (PlacementStatus::BeingRemoved, Some(PlacementReason::LockOffline)) => t::placement::removing_lock(),
        (PlacementStatus::BeingRemoved, _) => t::placement::removing(),
        _ => said,
    })
}
