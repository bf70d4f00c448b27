//! R1–R5, R11–R14: who may pick a code, for which door, where and when; and the checklist that says why not.

use access_code::AppVersion;
use access_code::policy::{
    APP_STEPS, About, CONTACT_SUPPORT, Channel, Condition, Connectivity, Decision, DoorKind, Facts, Refusal, decide,
};
use proptest::prelude::*;

const SINCE: &str = "2026-11-03T16:12:00Z";
const OFFLINE: Option<Connectivity<'_>> = Some(Connectivity::Offline { since: SINCE });
const APP: Channel<'_> = Channel::Mobile { app_version: Some("2.8.0") };

/// Everything is as it should be.
fn all_well() -> Facts<'static> {
    Facts {
        channel: APP,
        last_seen_app: None,
        is_resident: Some(true),
        own_unit_door: Some(true),
        door_kind: Some(DoorKind::Unit),
        feature_enabled: Some(true),
        candidate: Some("0192"),
        hub: Some(Connectivity::Online),
        lock: Some(Connectivity::Online),
        available_on_door: Some(true),
    }
}

fn refusal(facts: &Facts<'_>) -> Option<&'static str> {
    decide(facts).refusal.map(Refusal::code)
}

fn met(decision: &Decision, condition: Condition) -> Option<bool> {
    decision.condition(condition).expect("every condition is on the list").met
}

/// What every decision has to be like (R14), whatever the facts.
fn assert_sound(decision: &Decision) {
    let conditions: Vec<Condition> = decision.checklist.iter().map(|item| item.condition).collect();
    assert_eq!(conditions, Condition::ALL, "complete and in order");
    let not_met: Vec<Condition> =
        decision.checklist.iter().filter(|item| item.met == Some(false)).map(|item| item.condition).collect();
    assert_eq!(decision.refusal.is_some(), !not_met.is_empty(), "refused just when something isn't met");
    assert_eq!(decision.refusal.is_some(), decision.refusal_detail().is_some());
    assert!(!(decision.all_conditions_hold() && decision.refusal.is_some()));
    assert!(!decision.next_step.is_empty());
    for item in &decision.checklist {
        assert!(item.detail.ends_with('.'), "a sentence: {}", item.detail);
        match item.met {
            Some(true) => assert_eq!(item.next_step, None),
            Some(false) => assert!(item.next_step.as_ref().is_some_and(|step| step.ends_with('.'))),
            None => {}
        }
    }
}

#[test]
fn r1_to_r14_with_everything_as_it_should_be_nothing_is_refused() {
    let decision = decide(&all_well());
    assert_sound(&decision);
    assert_eq!(decision.refusal, None);
    assert!(decision.all_conditions_hold());
}

#[test]
fn r1_only_a_resident_with_a_current_tenancy() {
    assert_eq!(refusal(&Facts { is_resident: Some(false), ..all_well() }), Some("not_your_unit"));
}

#[test]
fn r1_only_the_door_of_the_own_unit() {
    let other_unit = Facts { own_unit_door: Some(false), ..all_well() };
    assert_eq!(refusal(&other_unit), Some("not_your_unit"));
    assert_eq!(met(&decide(&other_unit), Condition::OwnUnitDoor), Some(false));
}

/// R1: the system picks no codes for anybody.
#[test]
fn r1_r5_not_by_the_system() {
    assert_eq!(refusal(&Facts { channel: Channel::System, ..all_well() }), Some("not_on_web"));
}

#[test]
fn r2_never_for_amenity_or_property_doors() {
    for kind in [DoorKind::Amenity, DoorKind::Property] {
        for own_unit_door in [None, Some(true), Some(false)] {
            let facts = Facts { door_kind: Some(kind), own_unit_door, ..all_well() };
            assert_eq!(refusal(&facts), Some("not_a_unit_door"), "{kind:?} {own_unit_door:?}");
        }
    }
    assert_eq!(refusal(&Facts { door_kind: None, own_unit_door: Some(false), ..all_well() }), Some("not_a_unit_door"));
}

#[test]
fn r3_only_where_the_property_has_enabled_it() {
    assert_eq!(refusal(&Facts { feature_enabled: Some(false), ..all_well() }), Some("custom_codes_disabled"));
}

#[test]
fn r4_only_from_an_app_that_is_new_enough() {
    for (app_version, refused) in [
        (Some("2.8.0"), None),
        (Some("2.10.0"), None),
        (Some("2.7.9"), Some("app_too_old")),
        (Some("2.8.0-rc.1"), Some("app_too_old")),
        (Some("newest"), Some("app_too_old")),
        (Some(""), Some("app_too_old")),
        (None, Some("app_too_old")),
    ] {
        let facts = Facts { channel: Channel::Mobile { app_version }, ..all_well() };
        assert_eq!(refusal(&facts), refused, "{app_version:?}");
        // What was seen before doesn't help an app that is too old now.
        assert_eq!(refusal(&Facts { last_seen_app: Some("9.0.0"), ..facts }), refused, "{app_version:?}");
    }
}

/// R4: what a client sent as a version isn't repeated if it isn't one.
#[test]
fn r4_a_malformed_version_is_not_repeated() {
    let channel = Channel::Mobile { app_version: Some("<script>") };
    let decision = decide(&Facts { channel, ..all_well() });
    assert!(!format!("{decision:?}").contains("script"));
}

/// R5: the web is refused whatever else holds, and before anything else is checked.
#[test]
fn r5_never_from_the_web() {
    for last_seen_app in [None, Some("2.7.0"), Some("2.8.0"), Some("99.0.0")] {
        assert_eq!(refusal(&Facts { channel: Channel::Web, last_seen_app, ..all_well() }), Some("not_on_web"));
        assert_eq!(refusal(&Facts { last_seen_app, ..Facts::new(Channel::Web) }), Some("not_on_web"));
    }
    let none_else_holds = Facts {
        is_resident: Some(false),
        feature_enabled: Some(false),
        candidate: Some("1111"),
        ..Facts::new(Channel::Web)
    };
    assert_eq!(refusal(&none_else_holds), Some("not_on_web"));
}

#[test]
fn r6_r7_r8_the_code_itself() {
    use Condition::{CodeFormat, CodeNotConsecutive, CodeNotRepeated};
    for (candidate, refused, [format, repeated, run]) in [
        ("0192", None, [Some(true), Some(true), Some(true)]),
        ("7890", None, [Some(true), Some(true), Some(true)]),
        ("019", Some("code_wrong_length"), [Some(false), None, None]),
        ("11111", Some("code_wrong_length"), [Some(false), None, None]),
        ("019x", Some("code_not_digits"), [Some(false), None, None]),
        ("x", Some("code_wrong_length"), [Some(false), None, None]),
        ("7777", Some("code_repeated_digit"), [Some(true), Some(false), Some(true)]),
        ("654321", Some("code_consecutive"), [Some(true), Some(true), Some(false)]),
    ] {
        let decision = decide(&Facts { candidate: Some(candidate), ..all_well() });
        assert_eq!(decision.refusal.map(Refusal::code), refused, "{candidate}");
        assert_eq!(met(&decision, CodeFormat), format, "{candidate}");
        assert_eq!(met(&decision, CodeNotRepeated), repeated, "{candidate}");
        assert_eq!(met(&decision, CodeNotConsecutive), run, "{candidate}");
    }
}

/// R10, R11: the refusal is neutral. It says nothing of anybody holding the code.
#[test]
fn r10_r11_an_unavailable_code_is_refused_neutrally() {
    let decision = decide(&Facts { available_on_door: Some(false), ..all_well() });
    assert_eq!(decision.refusal.map(Refusal::code), Some("code_unavailable_for_this_door"));
    let said = format!("{:?}", decision.condition(Condition::CodeAvailable)).to_lowercase();
    for hint in
        ["taken", "use", "another resident", "someone", "somebody", "guest", "exists", "already", "same", "equal"]
    {
        assert!(!said.contains(hint), "{hint}: {said}");
    }
}

/// R12: disabling refuses only the change to a custom code; the list says that the current code doesn’t change.
#[test]
fn r12_a_resident_may_keep_the_code_they_have() {
    let decision = decide(&Facts { feature_enabled: Some(false), ..all_well() });
    let item = decision.condition(Condition::FeatureEnabled).expect("on the list");
    assert!(item.detail.contains("current code doesn’t change"));
    assert!(item.next_step.as_ref().is_some_and(|step| step.contains("keep the code you have")));
    assert_eq!(refusal(&Facts { feature_enabled: Some(true), ..all_well() }), None);
}

/// R13: which of hub and lock is offline, and since when.
#[test]
fn r13_hub_and_lock_must_be_online() {
    for (hub, lock, named, unnamed) in [
        (OFFLINE, all_well().lock, vec!["The hub has been offline"], vec!["The lock"]),
        (all_well().hub, OFFLINE, vec!["The lock has been offline"], vec!["The hub"]),
        (OFFLINE, OFFLINE, vec!["The hub has been offline", "The lock has been offline"], vec![]),
    ] {
        let decision = decide(&Facts { hub, lock, ..all_well() });
        assert_eq!(decision.refusal.map(Refusal::code), Some("lock_offline"));
        let detail = decision.refusal_detail().expect("refused");
        assert!(detail.contains(SINCE) && detail.contains("current code keeps working"), "{detail}");
        assert!(named.iter().all(|words| detail.contains(words)), "{detail}");
        assert!(!unnamed.iter().any(|words: &&str| detail.contains(words)), "{detail}");
        for (condition, connectivity) in [(Condition::HubOnline, hub), (Condition::LockOnline, lock)] {
            let on_list = decision.checklist.iter().find(|result| result.condition == condition).expect("on the list");
            let since = (connectivity == OFFLINE).then(|| About::OfflineSince(SINCE.to_owned()));
            assert_eq!(on_list.about, since, "{condition:?}");
        }
    }
}

/// R14: with everything wrong, everything is on the list, and the refusals come in the documented order as one thing
/// after another is fixed.
#[test]
fn r14_the_refusal_is_the_first_condition_that_is_not_met() {
    let mut facts = Facts {
        channel: Channel::Web,
        last_seen_app: Some("2.7.9"),
        is_resident: Some(false),
        own_unit_door: Some(true),
        door_kind: Some(DoorKind::Amenity),
        feature_enabled: Some(false),
        candidate: Some("123"),
        hub: OFFLINE,
        lock: OFFLINE,
        available_on_door: Some(false),
    };
    let mending: [fn(&mut Facts<'_>); 11] = [
        |facts| facts.channel = Channel::Mobile { app_version: Some("2.7.9") },
        |facts| facts.channel = APP,
        |facts| facts.is_resident = Some(true),
        |facts| facts.door_kind = Some(DoorKind::Unit),
        |facts| facts.feature_enabled = Some(true),
        |facts| facts.candidate = Some("12a4"),
        |facts| facts.candidate = Some("1111"),
        |facts| facts.candidate = Some("1234"),
        |facts| facts.candidate = Some("0192"),
        |facts| (facts.hub, facts.lock) = (Some(Connectivity::Online), Some(Connectivity::Online)),
        |facts| facts.available_on_door = Some(true),
    ];
    let mut refusals = Vec::new();
    for mend in mending {
        let decision = decide(&facts);
        assert_sound(&decision);
        refusals.extend(decision.refusal);
        mend(&mut facts);
    }
    assert_eq!(refusals, Refusal::ALL);
    assert!(decide(&facts).all_conditions_hold());
}

/// R14: "can I pick my own code?" comes without a code, and is answered all the same.
#[test]
fn r14_without_a_code_the_conditions_of_content_are_not_checked() {
    let decision = decide(&Facts { candidate: None, available_on_door: None, ..all_well() });
    assert_sound(&decision);
    assert_eq!(decision.refusal, None);
    assert!(!decision.all_conditions_hold(), "nothing may be changed by what wasn't checked");
    for item in &decision.checklist {
        let about_the_code = item.condition.name().starts_with("code_");
        assert_eq!(item.met, if about_the_code { None } else { Some(true) }, "{}", item.condition.name());
    }
}

/// R14, R5, R15: on the web the list tells how things stand in the app, and the way there.
#[test]
fn r14_r15_on_the_web_the_list_speaks_of_the_app_last_seen() {
    let web = Facts { channel: Channel::Web, candidate: None, available_on_door: None, ..all_well() };

    let ready = decide(&Facts { last_seen_app: Some("2.9.1"), ..web });
    assert_eq!(met(&ready, Condition::InMobileApp), Some(false));
    assert_eq!(met(&ready, Condition::AppVersion), Some(true));
    assert_eq!(met(&ready, Condition::FeatureEnabled), Some(true));
    assert_eq!(ready.next_step, "In the mobile app, open Access → My Access → Pick a Code → Custom Code.");

    let too_old = decide(&Facts { last_seen_app: Some("2.7.9"), ..web });
    assert_eq!(met(&too_old, Condition::AppVersion), Some(false));
    assert_eq!(too_old.refusal.map(Refusal::code), Some("not_on_web"));
    assert!(too_old.next_step.starts_with("Update the app"), "{}", too_old.next_step);

    assert_eq!(met(&decide(&web), Condition::AppVersion), None, "never seen: not checked");
}

/// R14: when all conditions hold and it still fails, support is the next step; else it is what the list says.
#[test]
fn r14_contact_support_when_all_conditions_hold() {
    assert_eq!(decide(&all_well()).next_step_after_failure(), CONTACT_SUPPORT);
    let offline = decide(&Facts { lock: OFFLINE, ..all_well() });
    assert_eq!(
        Some(offline.next_step_after_failure()),
        offline.condition(Condition::LockOnline).and_then(|item| item.next_step.as_deref())
    );
}

#[test]
fn r4_r13_what_a_finding_names_is_there_for_other_languages() {
    let facts = Facts {
        lock: Some(Connectivity::Offline { since: "2026-11-03T16:12:00Z" }),
        last_seen_app: Some("2.9.1"),
        ..Facts { channel: Channel::Web, ..all_well() }
    };
    let decision = decide(&facts);
    let about = |condition| decision.condition(condition).and_then(|item| item.about.clone());
    assert_eq!(about(Condition::LockOnline), Some(About::OfflineSince("2026-11-03T16:12:00Z".into())));
    assert_eq!(about(Condition::AppVersion), AppVersion::parse("2.9.1").map(About::AppVersion));
    assert_eq!(about(Condition::HubOnline), None);
}

#[test]
fn r15_the_steps_of_the_app() {
    assert_eq!(APP_STEPS, ["Access", "My Access", "Pick a Code", "Custom Code"]);
}

#[test]
fn r14_conditions_and_refusals_have_the_names_that_clients_know() {
    assert_eq!(
        Condition::ALL.map(Condition::name),
        [
            "in_mobile_app",
            "app_version",
            "own_tenancy",
            "own_unit_door",
            "feature_enabled",
            "code_format",
            "code_not_repeated",
            "code_not_consecutive",
            "hub_online",
            "lock_online",
            "code_available",
        ]
    );
    assert_eq!(
        Refusal::ALL.map(Refusal::code),
        [
            "not_on_web",
            "app_too_old",
            "not_your_unit",
            "not_a_unit_door",
            "custom_codes_disabled",
            "code_wrong_length",
            "code_not_digits",
            "code_repeated_digit",
            "code_consecutive",
            "lock_offline",
            "code_unavailable_for_this_door",
        ]
    );
}

const TRUTHS: [Option<bool>; 3] = [None, Some(false), Some(true)];
const CONNECTIVITIES: [Option<Connectivity<'_>>; 3] = [None, OFFLINE, Some(Connectivity::Online)];

/// R1–R14, the truth table: every combination of facts, against the rules written once more as plain conditions.
#[test]
fn r1_r2_r3_r4_r5_r6_r7_r8_r13_r14_truth_table() {
    let channels = [
        (Channel::Web, None, false, None),
        (Channel::Web, Some("2.7.9"), false, Some(false)),
        (Channel::Web, Some("2.8.0"), false, Some(true)),
        (Channel::System, None, false, None),
        (Channel::Mobile { app_version: None }, None, true, Some(false)),
        (Channel::Mobile { app_version: Some("2.8.0-rc.1") }, None, true, Some(false)),
        (Channel::Mobile { app_version: Some("2.8.0") }, None, true, Some(true)),
    ];
    let kinds = [None, Some(DoorKind::Unit), Some(DoorKind::Amenity), Some(DoorKind::Property)];
    let candidates = [
        (None, [None, None, None], None),
        (Some("0192"), [Some(true); 3], None),
        (Some("01924"), [Some(false), None, None], Some("code_wrong_length")),
        (Some("019a"), [Some(false), None, None], Some("code_not_digits")),
        (Some("3333"), [Some(true), Some(false), Some(true)], Some("code_repeated_digit")),
        (Some("3210"), [Some(true), Some(true), Some(false)], Some("code_consecutive")),
    ];
    let online = |device| match device {
        None => None,
        Some(Connectivity::Online) => Some(true),
        Some(Connectivity::Offline { .. }) => Some(false),
    };

    let mut combinations = 0;
    let mut allowed = 0;
    for (channel, last_seen_app, in_app, new_enough) in channels {
        for (is_resident, own_unit_door, door_kind) in combinations_of(TRUTHS, TRUTHS, kinds) {
            let door = match door_kind {
                Some(DoorKind::Amenity | DoorKind::Property) => Some(false),
                Some(DoorKind::Unit) | None => own_unit_door,
            };
            for (feature_enabled, hub, lock) in combinations_of(TRUTHS, CONNECTIVITIES, CONNECTIVITIES) {
                for ((candidate, content, content_refusal), available_on_door, ()) in
                    combinations_of(candidates, TRUTHS, [()])
                {
                    let decision = decide(&Facts {
                        channel,
                        last_seen_app,
                        is_resident,
                        own_unit_door,
                        door_kind,
                        feature_enabled,
                        candidate,
                        hub,
                        lock,
                        available_on_door,
                    });
                    let [format, repeated, run] = content;
                    let (hub, lock) = (online(hub), online(lock));
                    let expected = [
                        Some(in_app),
                        new_enough,
                        is_resident,
                        door,
                        feature_enabled,
                        format,
                        repeated,
                        run,
                        hub,
                        lock,
                        available_on_door,
                    ];
                    let found: Vec<Option<bool>> = decision.checklist.iter().map(|item| item.met).collect();
                    assert_eq!(found, expected);

                    let door_refusal =
                        if door_kind == Some(DoorKind::Unit) { "not_your_unit" } else { "not_a_unit_door" };
                    let refusal = if !in_app {
                        Some("not_on_web")
                    } else if new_enough == Some(false) {
                        Some("app_too_old")
                    } else if is_resident == Some(false) {
                        Some("not_your_unit")
                    } else if door == Some(false) {
                        Some(door_refusal)
                    } else if feature_enabled == Some(false) {
                        Some("custom_codes_disabled")
                    } else if content_refusal.is_some() {
                        content_refusal
                    } else if hub == Some(false) || lock == Some(false) {
                        Some("lock_offline")
                    } else if available_on_door == Some(false) {
                        Some("code_unavailable_for_this_door")
                    } else {
                        None
                    };
                    assert_eq!(decision.refusal.map(Refusal::code), refusal);
                    assert_eq!(decision.all_conditions_hold(), expected == [Some(true); 11]);
                    combinations += 1;
                    allowed += u32::from(decision.all_conditions_hold());
                }
            }
        }
    }
    assert_eq!(combinations, 7 * 3 * 3 * 4 * 3 * 3 * 3 * 6 * 3);
    // The door's kind may be left unchecked when the door is known to be the resident's own.
    assert_eq!(allowed, 2);
}

/// Every combination of three.
fn combinations_of<A: Copy, B: Copy, C: Copy>(
    first: impl IntoIterator<Item = A>,
    second: impl IntoIterator<Item = B> + Clone,
    third: impl IntoIterator<Item = C> + Clone,
) -> impl Iterator<Item = (A, B, C)> {
    first.into_iter().flat_map(move |a| {
        let third = third.clone();
        second.clone().into_iter().flat_map(move |b| third.clone().into_iter().map(move |c| (a, b, c)))
    })
}

fn some_channel() -> impl Strategy<Value = Channel<'static>> {
    let version = prop_oneof![
        Just(None),
        Just(Some("2.7.9")),
        Just(Some("2.8.0-rc.1")),
        Just(Some("2.8.0")),
        Just(Some("3.0.0")),
        Just(Some("x"))
    ];
    prop_oneof![
        Just(Channel::Web),
        Just(Channel::System),
        version.prop_map(|app_version| Channel::Mobile { app_version })
    ]
}

fn some_facts() -> impl Strategy<Value = Unprinted> {
    let last_seen_app = proptest::sample::select(vec![None, Some("2.7.9"), Some("2.8.0"), Some("x")]);
    let truths = proptest::array::uniform4(proptest::sample::select(TRUTHS.to_vec()));
    let kinds = vec![None, Some(DoorKind::Unit), Some(DoorKind::Amenity), Some(DoorKind::Property)];
    let devices = proptest::array::uniform2(proptest::sample::select(CONNECTIVITIES.to_vec()));
    (some_channel(), last_seen_app, truths, proptest::sample::select(kinds), devices).prop_map(
        |(channel, last_seen_app, truths, door_kind, [hub, lock])| {
            let [is_resident, own_unit_door, feature_enabled, available_on_door] = truths;
            Unprinted(Facts {
                channel,
                last_seen_app,
                is_resident,
                own_unit_door,
                door_kind,
                feature_enabled,
                candidate: None,
                hub,
                lock,
                available_on_door,
            })
        },
    )
}

/// Facts have no `Debug` (they may hold digits), but proptest prints what failed: here, what follows from them.
struct Unprinted(Facts<'static>);

impl std::fmt::Debug for Unprinted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", decide(&self.0))
    }
}

proptest! {
    /// R14: whatever the facts and whatever was typed, the decision is sound.
    #[test]
    fn r14_any_facts_and_any_text(
        facts in some_facts(),
        candidate in proptest::option::of(prop_oneof![any::<String>(), "[0-9]{4}", "[0-9]{6}", "[0-9]{1,8}"]),
    ) {
        assert_sound(&decide(&Facts { candidate: candidate.as_deref(), ..facts.0 }));
    }

    /// R32: what is said depends only on the rules that a code breaks, so digits can't be read out of it.
    #[test]
    fn r32_no_sentence_tells_the_digits(
        facts in some_facts(),
        one in "[0-9]{4}|[0-9]{6}",
        other in "[0-9]{4}|[0-9]{6}",
    ) {
        let verdict = |text: &str| access_code::check_custom(text).err();
        prop_assume!(verdict(&one) == verdict(&other));
        let said = |candidate| decide(&Facts { candidate: Some(candidate), ..facts.0 });
        prop_assert_eq!(said(one.as_str()), said(other.as_str()));
    }

    /// R5: no fact whatsoever lets the web through.
    #[test]
    fn r5_no_fact_lets_the_web_through(facts in some_facts()) {
        let decision = decide(&Facts { channel: Channel::Web, candidate: Some("0192"), ..facts.0 });
        prop_assert_eq!(decision.refusal, Some(Refusal::NotOnWeb));
    }
}
