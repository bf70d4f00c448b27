//! May this resident pick their own code, here and now? (R1–R5, R12–R14)
//!
//! [`Facts`] go in, a [`Decision`] comes out: the whole checklist, the first thing that stands in the way, and what to
//! do next. The same decision answers a request and the question "why don't I see the option?" (R14).
//!
//! Only *changing* to a custom code is decided here. Keeping the code one has is no request and is never refused, nor
//! is taking a random one instead (R12, R16).

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use crate::{AppVersion, MIN_APP_VERSION, Violation, check_custom};

/// The way to a custom code in the mobile app (R15).
pub const APP_STEPS: [&str; 4] = ["Access", "My Access", "Pick a Code", "Custom Code"];

/// The next step when all conditions hold and it still fails (R14).
pub const CONTACT_SUPPORT: &str = "Contact support: every condition holds, so something else is wrong.";

/// How a request came in. On the server this comes from the credential; nothing in a request can claim another channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel<'a> {
    /// The console, where codes are never picked (R5).
    Web,
    /// The resident app.
    Mobile {
        /// The app's version as the token holds it; missing counts as too old (R4).
        app_version: Option<&'a str>,
    },
    /// The system itself, which picks no codes for anybody (R1).
    System,
}

/// What a door is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoorKind {
    /// A unit's own.
    Unit,
    /// Gym, pool and the like.
    Amenity,
    /// Gates, lobby.
    Property,
}

/// Whether a hub or lock answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connectivity<'a> {
    /// It answers.
    Online,
    /// It doesn't.
    Offline {
        /// Since when: RFC 3339 text, shown as it is.
        since: &'a str,
    },
}

/// What is known. `None` always means *not checked*, never *no*.
///
/// No `Debug`: it holds the digits that somebody picked (R32).
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// How the request came in (R5).
    pub channel: Channel<'a>,
    /// The app version last seen, to tell a person on the web how things stand in their app. Ignored on the other
    /// channels.
    pub last_seen_app: Option<&'a str>,
    /// The person is a resident with a current tenancy, and asks for themselves (R1).
    pub is_resident: Option<bool>,
    /// The door belongs to the unit of that tenancy (R1).
    pub own_unit_door: Option<bool>,
    /// What the door is for (R2). If it isn't a unit door, it is nobody's own, whatever `own_unit_door` says.
    pub door_kind: Option<DoorKind>,
    /// The property has enabled custom codes (R3).
    pub feature_enabled: Option<bool>,
    /// What was picked, as it was typed (R6–R8).
    pub candidate: Option<&'a str>,
    /// The hub (R13).
    pub hub: Option<Connectivity<'a>>,
    /// The lock (R13). With several doors, one that is offline if there is any.
    pub lock: Option<Connectivity<'a>>,
    /// No other live code on the same lock equals it (R11).
    pub available_on_door: Option<bool>,
}

impl<'a> Facts<'a> {
    /// Nothing checked yet but the channel.
    pub const fn new(channel: Channel<'a>) -> Self {
        Self {
            channel,
            last_seen_app: None,
            is_resident: None,
            own_unit_door: None,
            door_kind: None,
            feature_enabled: None,
            candidate: None,
            hub: None,
            lock: None,
            available_on_door: None,
        }
    }
}

/// What must hold for a resident to pick their own code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// Asked in the mobile app (R5).
    InMobileApp,
    /// That app is new enough (R4).
    AppVersion,
    /// By a resident, for their own current tenancy (R1).
    OwnTenancy,
    /// For a door of that unit, not an amenity or property door (R1, R2).
    OwnUnitDoor,
    /// The property has enabled it (R3).
    FeatureEnabled,
    /// Four or six digits (R6).
    CodeFormat,
    /// Not one digit repeated throughout (R7).
    CodeNotRepeated,
    /// Not a run (R8).
    CodeNotConsecutive,
    /// The hub answers (R13).
    HubOnline,
    /// The lock answers (R13).
    LockOnline,
    /// No other live code on the same lock is equal (R11).
    CodeAvailable,
}

impl Condition {
    /// All of them, in the order of every checklist. The first that isn't met is the refusal.
    ///
    /// What can't be helped here comes before what can: where and with which app, who and for what, whether the
    /// property allows it; then the code itself, which the person can mend at once; then the devices; and last whether
    /// the code is available, which isn't checked for a code that can't be had anyway.
    pub const ALL: [Self; 11] = [
        Self::InMobileApp,
        Self::AppVersion,
        Self::OwnTenancy,
        Self::OwnUnitDoor,
        Self::FeatureEnabled,
        Self::CodeFormat,
        Self::CodeNotRepeated,
        Self::CodeNotConsecutive,
        Self::HubOnline,
        Self::LockOnline,
        Self::CodeAvailable,
    ];

    /// Stable, `snake_case`; what programs decide on.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InMobileApp => "in_mobile_app",
            Self::AppVersion => "app_version",
            Self::OwnTenancy => "own_tenancy",
            Self::OwnUnitDoor => "own_unit_door",
            Self::FeatureEnabled => "feature_enabled",
            Self::CodeFormat => "code_format",
            Self::CodeNotRepeated => "code_not_repeated",
            Self::CodeNotConsecutive => "code_not_consecutive",
            Self::HubOnline => "hub_online",
            Self::LockOnline => "lock_online",
            Self::CodeAvailable => "code_available",
        }
    }
}

/// How one condition stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionResult {
    /// Which.
    pub condition: Condition,
    /// `Some(true)` met, `Some(false)` not met, `None` not checked.
    pub met: Option<bool>,
    /// What holds or doesn't, as a sentence. The digits are never in it (R32).
    pub detail: String,
    /// What the person can do about it; always there when it isn't met, never when it is.
    pub next_step: Option<String>,
    /// What `detail` refers to, for those who word it differently.
    pub about: Option<About>,
}

/// What the finding of a condition refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// Hub or lock is offline since then: RFC 3339 text (R13).
    OfflineSince(String),
    /// The version that the app has (R4).
    AppVersion(AppVersion),
}

/// Why a custom code is refused: the first condition that isn't met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// Not asked in the mobile app (R5).
    NotOnWeb,
    /// The app is older than 2.8.0, or its version is missing or malformed (R4).
    AppTooOld,
    /// Not by a resident for the unit of their own current tenancy (R1).
    NotYourUnit,
    /// For an amenity or property door (R2).
    NotAUnitDoor,
    /// The property hasn't enabled custom codes (R3).
    CustomCodesDisabled,
    /// Neither four nor six characters (R6).
    CodeWrongLength,
    /// Something other than digits (R6).
    CodeNotDigits,
    /// One digit repeated throughout (R7).
    CodeRepeatedDigit,
    /// A run (R8).
    CodeConsecutive,
    /// Hub or lock is offline (R13).
    LockOffline,
    /// Neutral on purpose: that another live code on this lock is equal is not told (R10, R11).
    CodeUnavailableForThisDoor,
}

impl Refusal {
    /// All of them, in the order in which they are looked for.
    pub const ALL: [Self; 11] = [
        Self::NotOnWeb,
        Self::AppTooOld,
        Self::NotYourUnit,
        Self::NotAUnitDoor,
        Self::CustomCodesDisabled,
        Self::CodeWrongLength,
        Self::CodeNotDigits,
        Self::CodeRepeatedDigit,
        Self::CodeConsecutive,
        Self::LockOffline,
        Self::CodeUnavailableForThisDoor,
    ];

    /// Stable, `snake_case`; the `code` of the problem that a client gets.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotOnWeb => "not_on_web",
            Self::AppTooOld => "app_too_old",
            Self::NotYourUnit => "not_your_unit",
            Self::NotAUnitDoor => "not_a_unit_door",
            Self::CustomCodesDisabled => "custom_codes_disabled",
            Self::CodeWrongLength => Violation::WrongLength.name(),
            Self::CodeNotDigits => Violation::NotDigits.name(),
            Self::CodeRepeatedDigit => Violation::Repeated.name(),
            Self::CodeConsecutive => Violation::Run.name(),
            Self::LockOffline => "lock_offline",
            Self::CodeUnavailableForThisDoor => "code_unavailable_for_this_door",
        }
    }
}

/// What was decided, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Every condition, in the order of [`Condition::ALL`] (R14).
    pub checklist: Vec<ConditionResult>,
    /// The first that isn't met. `None`: nothing that was checked speaks against it; see
    /// [`all_conditions_hold`](Self::all_conditions_hold).
    pub refusal: Option<Refusal>,
    /// What to do now, as a sentence. On the web, if that isn't all that stands in the way, the first of the others:
    /// going to the app would not help yet.
    pub next_step: String,
}

impl Decision {
    /// Every condition was checked and is met. A code may be changed only then.
    pub fn all_conditions_hold(&self) -> bool {
        self.checklist.iter().all(|item| item.met == Some(true))
    }

    /// How that condition stands.
    pub fn condition(&self, condition: Condition) -> Option<&ConditionResult> {
        self.checklist.iter().find(|item| item.condition == condition)
    }

    /// What the refusal is about, as a sentence or, when both hub and lock are offline, two (R13).
    pub fn refusal_detail(&self) -> Option<String> {
        let refusal = self.refusal?;
        let not_met = |item: &&ConditionResult| item.met == Some(false);
        let first = self.checklist.iter().find(not_met)?;
        let both = [Condition::HubOnline, Condition::LockOnline];
        if refusal != Refusal::LockOffline {
            return Some(first.detail.clone());
        }
        let offline = self.checklist.iter().filter(not_met).filter(|item| both.contains(&item.condition));
        Some(offline.map(|item| item.detail.as_str()).collect::<Vec<_>>().join(" "))
    }

    /// What to do when a change failed: the next step of the refusal, or to contact support if all conditions hold
    /// and it failed all the same (R14).
    pub fn next_step_after_failure(&self) -> &str {
        if self.all_conditions_hold() { CONTACT_SUPPORT } else { &self.next_step }
    }
}

/// Decides whether a resident may pick their own code, or this one (R1–R5, R12–R14).
///
/// ```
/// use access_code::policy::{Channel, Connectivity, DoorKind, Facts, Refusal, decide};
///
/// let facts = Facts {
///     is_resident: Some(true),
///     own_unit_door: Some(true),
///     door_kind: Some(DoorKind::Unit),
///     feature_enabled: Some(true),
///     candidate: Some("4321"),
///     hub: Some(Connectivity::Online),
///     lock: Some(Connectivity::Offline { since: "2026-11-03T16:12:00Z" }),
///     ..Facts::new(Channel::Mobile { app_version: Some("2.8.0") })
/// };
/// let decision = decide(&facts);
///
/// // The first thing in the way, and nevertheless all of them (R14).
/// assert_eq!(decision.refusal, Some(Refusal::CodeConsecutive));
/// let unmet = decision.checklist.iter().filter(|item| item.met == Some(false));
/// assert_eq!(unmet.map(|item| item.condition.name()).collect::<Vec<_>>(), ["code_not_consecutive", "lock_online"]);
/// ```
pub fn decide(facts: &Facts<'_>) -> Decision {
    let mut checklist = Vec::with_capacity(Condition::ALL.len());
    let mut refusals = Vec::new();
    for condition in Condition::ALL {
        let finding = match condition {
            Condition::InMobileApp => in_mobile_app(facts),
            Condition::AppVersion => app_version(facts),
            Condition::OwnTenancy => own_tenancy(facts),
            Condition::OwnUnitDoor => own_unit_door(facts),
            Condition::FeatureEnabled => feature_enabled(facts),
            Condition::CodeFormat => code_format(facts),
            Condition::CodeNotRepeated => code_not_repeated(facts),
            Condition::CodeNotConsecutive => code_not_consecutive(facts),
            Condition::HubOnline => online(facts.hub, "hub"),
            Condition::LockOnline => online(facts.lock, "lock"),
            Condition::CodeAvailable => code_available(facts),
        };
        let (met, detail, next_step) = match finding {
            Finding::Met(detail) => (Some(true), detail, None),
            Finding::NotMet(refusal, detail, next_step) => {
                refusals.push((refusal, next_step.clone()));
                (Some(false), detail, Some(next_step))
            }
            Finding::NotChecked(detail, next_step) => (None, detail, next_step),
        };
        checklist.push(ConditionResult { condition, met, detail, next_step, about: about(condition, facts) });
    }

    // Going to the app helps only once nothing else is in the way, so on the web any other thing comes first.
    let in_the_way = refusals.iter().find(|(refusal, _)| *refusal != Refusal::NotOnWeb).or(refusals.first());
    let next_step = match in_the_way {
        Some((_, next_step)) => next_step.clone(),
        None => format!("{} If that doesn't work, contact support.", steps_in_the_app()),
    };
    Decision { refusal: refusals.first().map(|(refusal, _)| *refusal), next_step, checklist }
}

/// What the finding of that condition refers to.
fn about(condition: Condition, facts: &Facts<'_>) -> Option<About> {
    let offline = |connectivity| match connectivity {
        Some(Connectivity::Offline { since }) => Some(About::OfflineSince(since.to_string())),
        Some(Connectivity::Online) | None => None,
    };
    match condition {
        Condition::AppVersion => known_app(facts).and_then(AppVersion::parse).map(About::AppVersion),
        Condition::HubOnline => offline(facts.hub),
        Condition::LockOnline => offline(facts.lock),
        _ => None,
    }
}

/// How one condition stands, before it is put on the list.
enum Finding {
    /// With what holds.
    Met(String),
    /// With what doesn't, and the next step.
    NotMet(Refusal, String, String),
    /// With why not, and perhaps a next step.
    NotChecked(String, Option<String>),
}

impl Finding {
    fn met(detail: &str) -> Self {
        Self::Met(detail.to_string())
    }

    fn not_met(refusal: Refusal, detail: &str, next_step: &str) -> Self {
        Self::NotMet(refusal, detail.to_string(), next_step.to_string())
    }

    fn not_checked(detail: &str) -> Self {
        Self::NotChecked(detail.to_string(), None)
    }
}

fn steps_in_the_app() -> String {
    format!("In the mobile app, open {}.", APP_STEPS.join(" → "))
}

/// R5.
fn in_mobile_app(facts: &Facts<'_>) -> Finding {
    let detail = match facts.channel {
        Channel::Mobile { .. } => return Finding::met("This is the mobile app."),
        Channel::Web => "Codes are picked in the mobile app, never on the web.",
        Channel::System => "Codes are picked by residents in the mobile app, never by the system.",
    };
    Finding::NotMet(Refusal::NotOnWeb, detail.to_string(), steps_in_the_app())
}

/// The version as reported by the app, now or when it was last seen.
fn known_app<'a>(facts: &Facts<'a>) -> Option<&'a str> {
    match facts.channel {
        Channel::Mobile { app_version } => app_version,
        Channel::Web => facts.last_seen_app,
        Channel::System => None,
    }
}

/// R4.
fn app_version(facts: &Facts<'_>) -> Finding {
    let version = known_app(facts);
    if version.is_none() && !matches!(facts.channel, Channel::Mobile { .. }) {
        return Finding::NotChecked(
            format!("The app must be version {MIN_APP_VERSION} or newer; it hasn’t been seen yet."),
            Some(format!("Sign in to the mobile app, version {MIN_APP_VERSION} or newer.")),
        );
    }
    // What can't be parsed isn't repeated: it could be anything a client sent.
    let detail = match version.and_then(AppVersion::parse) {
        Some(version) if version.allows_custom_codes() => {
            return Finding::Met(format!("The app is version {version}; {MIN_APP_VERSION} or newer is needed."));
        }
        Some(version) => format!("The app is version {version}; {MIN_APP_VERSION} or newer is needed."),
        None => format!("The app doesn’t report its version; {MIN_APP_VERSION} or newer is needed."),
    };
    Finding::NotMet(Refusal::AppTooOld, detail, format!("Update the app to version {MIN_APP_VERSION} or newer."))
}

/// R1.
fn own_tenancy(facts: &Facts<'_>) -> Finding {
    match facts.is_resident {
        Some(true) => Finding::met("The code is the resident’s own, for the unit they live in now."),
        Some(false) => Finding::not_met(
            Refusal::NotYourUnit,
            "Only a resident can pick a code, and only for the unit they live in now.",
            "Ask the property whether the tenancy is entered and current.",
        ),
        None => Finding::not_checked("We didn’t check whether the resident lives in the unit now."),
    }
}

/// R1 and R2.
fn own_unit_door(facts: &Facts<'_>) -> Finding {
    match (facts.door_kind, facts.own_unit_door) {
        (Some(DoorKind::Amenity), _) => Finding::not_met(
            Refusal::NotAUnitDoor,
            "The door is an amenity; a custom code opens only the doors of the resident’s own unit.",
            "Pick a code for the door of your own unit.",
        ),
        (Some(DoorKind::Property), _) => Finding::not_met(
            Refusal::NotAUnitDoor,
            "The door is a property door; a custom code opens only the doors of the resident’s own unit.",
            "Pick a code for the door of your own unit.",
        ),
        (Some(DoorKind::Unit), Some(false)) => Finding::not_met(
            Refusal::NotYourUnit,
            "The door belongs to another unit; a custom code opens only the doors of the resident’s own.",
            "Pick a code for the door of your own unit.",
        ),
        (None, Some(false)) => Finding::not_met(
            Refusal::NotAUnitDoor,
            "The door isn’t part of the resident’s own unit, and a custom code opens only those.",
            "Pick a code for the door of your own unit.",
        ),
        (_, Some(true)) => Finding::met("The door belongs to the resident’s own unit."),
        (_, None) => Finding::not_checked("We didn’t check whether the door belongs to the resident’s own unit."),
    }
}

/// R3, and R12: switching it off takes no code away.
fn feature_enabled(facts: &Facts<'_>) -> Finding {
    match facts.feature_enabled {
        Some(true) => Finding::met("The property has turned on custom codes."),
        Some(false) => Finding::not_met(
            Refusal::CustomCodesDisabled,
            "The property hasn’t turned on custom codes. The current code doesn’t change.",
            "Ask the property to turn on custom codes, or keep the code you have.",
        ),
        None => Finding::not_checked("We didn’t check whether the property has turned on custom codes."),
    }
}

/// What is wrong with the candidate; `None` if there is none.
fn violations(facts: &Facts<'_>) -> Option<Vec<Violation>> {
    facts.candidate.map(|candidate| check_custom(candidate).err().unwrap_or_default())
}

const NO_CODE_YET: &str = "No code has been picked yet.";
const PICK_ANOTHER: &str = "Pick another code.";

/// R6.
fn code_format(facts: &Facts<'_>) -> Finding {
    let Some(violations) = violations(facts) else { return Finding::not_checked(NO_CODE_YET) };
    let refusal = match violations.first() {
        Some(Violation::WrongLength) => Refusal::CodeWrongLength,
        Some(Violation::NotDigits) => Refusal::CodeNotDigits,
        Some(Violation::Repeated | Violation::Run) | None => {
            return Finding::met("The code has exactly 4 or exactly 6 digits.");
        }
    };
    let detail = violations.iter().map(|violation| violation.sentence()).collect::<Vec<_>>().join(" ");
    Finding::NotMet(refusal, detail, "Pick a code of 4 or 6 digits.".to_string())
}

/// R7.
fn code_not_repeated(facts: &Facts<'_>) -> Finding {
    match violations(facts).as_deref() {
        None => Finding::not_checked(NO_CODE_YET),
        Some([Violation::WrongLength | Violation::NotDigits, ..]) => Finding::not_checked(NOT_A_CODE_YET),
        Some([Violation::Repeated, ..]) => {
            Finding::not_met(Refusal::CodeRepeatedDigit, Violation::Repeated.sentence(), PICK_ANOTHER)
        }
        Some([Violation::Run, ..] | []) => Finding::met("The code isn’t the same digit throughout."),
    }
}

/// R8.
fn code_not_consecutive(facts: &Facts<'_>) -> Finding {
    match violations(facts).as_deref() {
        None => Finding::not_checked(NO_CODE_YET),
        Some([Violation::WrongLength | Violation::NotDigits, ..]) => Finding::not_checked(NOT_A_CODE_YET),
        Some([Violation::Run, ..]) => {
            Finding::not_met(Refusal::CodeConsecutive, Violation::Run.sentence(), PICK_ANOTHER)
        }
        Some([Violation::Repeated, ..] | []) => Finding::met("The code isn’t consecutive digits throughout."),
    }
}

const NOT_A_CODE_YET: &str = "Checked once the code has 4 or 6 digits.";

/// R13.
fn online(connectivity: Option<Connectivity<'_>>, device: &str) -> Finding {
    match connectivity {
        Some(Connectivity::Online) => Finding::Met(format!("The {device} is online.")),
        Some(Connectivity::Offline { since }) => Finding::NotMet(
            Refusal::LockOffline,
            format!("The {device} has been offline since {since}. The current code keeps working."),
            format!("Try again when the {device} is online; if it stays offline, tell the property."),
        ),
        None => Finding::NotChecked(format!("We didn’t check whether the {device} is online."), None),
    }
}

/// R11 and R10: the sentence must not reveal that anybody holds the code.
fn code_available(facts: &Facts<'_>) -> Finding {
    match facts.available_on_door {
        Some(true) => Finding::met("The code is available for this door."),
        Some(false) => Finding::not_met(
            Refusal::CodeUnavailableForThisDoor,
            "The code isn’t available for this door.",
            PICK_ANOTHER,
        ),
        None => Finding::not_checked("We didn’t check whether the code is available for this door."),
    }
}
