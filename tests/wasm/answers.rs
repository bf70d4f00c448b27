//! Answers read through the browser's JSON parser are the same as read by serde.

use api_types::{
    AuditEvent, AuditVerification, DamagedRecords, Diagnosis, Door, DoorDetails, EndedSessions, FoundLocks,
    FoundResidents, GuestCode, GuestCodeDiagnosis, GuestCodePreview, GuestPass, HubTest, Invitation, Invite,
    InvitedResidents, IssuedGuestCode, LayoutImport, LayoutPart, MailHealth, MailService, ManagedHub, ManagedHubs,
    MoveOut, MyAccess, MyPasskey, MyPasskeys, MySessions, NewShare, Page, PassState, Problem, Property,
    PropertyInBrief, Resident, Retirement, RevealedCode, Reveals, RosterImport, RosterImports, RosterUndo, SentAgain,
    Session, Setup, Shares, StaffMember, ToInvite,
};
use from_js::FromJs;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

const ID: &str = "0189f000-0000-7000-8000-000000000001";
const AT: &str = "2026-11-03T16:12:07Z";

/// Reads the answer, and variants with each part left out or replaced by another kind of value, with both.
fn assert_read_as_serde_does<T: FromJs + DeserializeOwned + PartialEq>(answer: &Value) {
    assert!(refusals::<T>(answer) > 10, "some of the changes must matter");
}

/// The same; returns how many of the variants were refused.
fn refusals<T: FromJs + DeserializeOwned + PartialEq>(answer: &Value) -> usize {
    assert!(from_js::parse::<T>(&answer.to_string()).is_some(), "{answer}");
    let mut more = answer.clone();
    more["added_later"] = json!([1]);
    assert!(from_js::parse::<T>(&more.to_string()).is_some(), "additional fields of a newer server don't matter");
    let mut refused = 0;
    for changed in changes(answer) {
        let text = changed.to_string();
        let (ours, serdes) = (from_js::parse::<T>(&text), serde_json::from_str::<T>(&text).ok());
        assert!(ours == serdes, "read differently (by serde: {}): {text}", serdes.is_some());
        refused += usize::from(serdes.is_none());
    }
    refused
}

/// Variants of the value with one part changed, for each part and each change.
fn changes(value: &Value) -> Vec<Value> {
    let others = [
        Value::Null,
        json!(true),
        json!(-1),
        json!(7),
        json!(1.5),
        json!(5_000_000_000_u64),
        json!("nonsense"),
        json!({}),
    ];
    let mut all = others.to_vec();
    match value {
        Value::Object(parts) => {
            for (name, part) in parts {
                let with = |part: Option<Value>| {
                    let mut parts: Map<String, Value> = parts.clone();
                    parts.remove(name);
                    parts.extend(part.map(|part| (name.clone(), part)));
                    Value::Object(parts)
                };
                all.push(with(None));
                all.extend(changes(part).into_iter().map(|part| with(Some(part))));
            }
        }
        Value::Array(items) => {
            all.push(json!([]));
            for (index, item) in items.iter().enumerate() {
                all.extend(changes(item).into_iter().map(|item| {
                    let mut items = items.clone();
                    items[index] = item;
                    Value::Array(items)
                }));
            }
        }
        _ => {}
    }
    all
}

fn placement() -> Value {
    json!({
        "door_id": ID, "door_name": "Unit 204", "status": "being_removed", "since": AT, "evidence": "confirmed",
        "reason": "The lock is offline.", "next_step": "Check its batteries.", "slot": 12, "attempts": 3,
        "protocol_error": null,
    })
}

fn code() -> Value {
    json!({"id": ID, "origin": "random", "length": 6, "status": "waiting", "changed_at": AT, "placements": [placement()]})
}

fn checklist() -> Value {
    json!([
        {"condition": "app_version", "met": false, "detail": "2.7.9", "next_step": "Update the app."},
        {"condition": "own_unit", "met": null, "detail": "Not checked.", "next_step": null},
    ])
}

fn guest_code() -> Value {
    json!({
        "id": ID, "kind": "recurring", "guest_name": "Zoë \"Z\" Ångström", "property_id": ID,
        "time_zone": "America/Denver", "door_ids": [ID, ID], "starts_at": AT, "ends_at": null,
        "recurrence": {
            "weekdays": ["mon", "sun"], "from": "09:00", "to": "17:00", "first_day": "2026-11-03",
            "last_day": "2026-12-03",
        },
        "issued_by": {"id": ID, "name": "Ana"}, "issued_at": AT, "state": "live", "length": 4,
        "next_windows": [{"starts_at": AT, "ends_at": AT}, {"starts_at": AT}], "placements": [placement()],
        "may_manage": true, "etag": "\"1\"",
    })
}

#[wasm_bindgen_test]
fn guest_codes() {
    assert_read_as_serde_does::<GuestCode>(&guest_code());
}

/// The digits are beside the guest code's own properties.
#[wasm_bindgen_test]
fn an_issued_guest_code() {
    let mut issued = guest_code();
    issued["code"] = json!("480213");
    assert_read_as_serde_does::<IssuedGuestCode>(&issued);
}

#[wasm_bindgen_test]
fn a_page_of_residents() {
    assert_read_as_serde_does::<Page<Resident>>(&json!({
        "items": [{
            "id": ID, "name": "Ana", "email": "ana@example.com", "unit": "204", "move_in": "2026-01-01",
            "move_out": null, "code": code(),
        }],
        "next_cursor": "abc",
    }));
}

#[wasm_bindgen_test]
fn the_residents_own_access() {
    let door = |kind: &str| json!({"id": ID, "name": "Unit 204", "kind": kind, "unit": "204"});
    let property = json!({"id": ID, "name": "Maple Court", "time_zone": "America/Denver"});
    let access = json!({
        "tenancy_id": ID, "tenancies": [{"id": ID, "property": property, "unit": "204"}],
        "property": property, "unit": "204",
        "doors": [door("unit")], "guest_doors": [door("unit"), door("amenity")], "delivery_opens_unit_doors": false,
        "code": code(), "previous_code": code(), "eligibility": {"checklist": checklist(), "next_step": "Update."},
    });
    assert_read_as_serde_does::<MyAccess>(&access);
}

#[wasm_bindgen_test]
fn properties() {
    assert_read_as_serde_does::<Property>(&json!({
        "id": ID, "name": "Maple Court", "time_zone": "America/Denver", "custom_codes_enabled": true,
        "custom_codes_changed": {"at": AT, "by_id": ID, "by": "Ana"}, "delivery_opens_unit_doors": false, "guest_codes_per_unit": 20, "guest_code_lead_minutes": 15,
        "set_up": true,
        "counts": {
            "units": 4, "residents": 5, "residents_app_ready": 1, "residents_app_too_old": 2,
            "residents_without_app": 2, "custom_codes": 1, "guest_codes_live": 21,
            "guest_codes": {"working": 1, "sending": 2, "waiting": 3, "failed": 4, "being_removed": 5, "removed": 6},
        },
        "health": {
            "hubs": [], "doors": 7, "doors_in_order": 5, "locks_offline": 1, "doors_unsettled": 1, "waiting": 1, "failed": 0,
            "needs": [{
                "cause": "hub_offline", "hub_id": ID, "name": "East", "since": AT, "doors": 1,
                "codes": [{"status": "waiting", "of": "former_resident", "count": 1}],
            }],
            "removals_unconfirmed": 0, "needs_you_total": 1,
            "needs_you": [{
                "door_id": ID, "door_name": "Unit 204", "unit": "204", "code_id": ID, "guest": false, "holder": "Ana",
                "resident_id": ID, "former": false, "previous": true, "status": "failed", "reason": "slots_full", "next_step": "Remove a code.", "since": AT,
            }],
        },
    }));
}

#[wasm_bindgen_test]
fn events_of_the_audit_log() {
    assert_read_as_serde_does::<AuditEvent>(&json!({
        "id": ID, "at": AT, "actor": {"id": null, "name": "Latchkey", "role": "system"},
        "channel": {"kind": "mobile", "platform": "ios", "app_version": "2.7.9"}, "action": "code.create",
        "property_id": ID, "subject": {"kind": "code", "id": ID, "name": "Ana"}, "outcome": "refused",
        "code": "app_too_old", "detail": "2.7.9", "checklist": checklist(), "hash": "00ff", "cause": ID,
        "facts": {"person": "Ana", "unit": null, "said": "from_to", "values": ["2026-11-01", "2026-11-03"]},
    }));
}

#[wasm_bindgen_test]
fn problems() {
    assert_read_as_serde_does::<Problem>(&json!({
        "type": "https://example.com/problems/policy", "title": "Not here", "status": 403, "detail": "Use the app.",
        "code": "channel_not_allowed", "request_id": "r", "checklist": checklist(),
        "errors": [{"field": "ends_at", "code": "ends_before_start", "detail": "It ends before it starts."}],
    }));
}

#[wasm_bindgen_test]
fn a_roster_import() {
    let side = json!({"unit": "203", "name": "Ann", "email": "", "move_in": "2026-01-01", "move_out": ""});
    assert_read_as_serde_does::<RosterImport>(&json!({
        "dry_run": true,
        "rows": [{
            "line": 3, "change": "conflict", "new": side, "old": side, "unit_written": "#203", "name_written": null,
            "notes": ["no_address", "said_by_a_newer_server"],
            "decide": [{"question": "other_name", "choices": ["rename", "leave_out"], "chosen": "rename"}],
        }],
        "row_count": 500, "created": 1, "unchanged": 2, "updated": 3, "left_out": 1, "undecided": 2, "past_move_outs": 4,
        "bad_rows": [{"line": 7, "column": "email", "value": "no one", "code": "email", "detail": "That is no address."}],
        "asks": ["columns", "date_order"],
        "reading": {
            "format": "csv", "separator": "comma", "encoding": "utf-8", "sheet": null, "other_sheets": [],
            "headings_line": 1,
            "columns": [{"place": 1, "heading": "Unit #", "example": "203", "column": "unit"}],
            "date_order": "day_first",
            "date_example": {"line": 2, "text": "3/4/2026", "day_first": "2026-04-03", "month_first": "2026-03-04"},
            "set_aside": [{"line": 4, "reason": "vacant", "text": "204"}], "set_aside_count": 1,
        },
        "plan": "abcdef", "import_id": ID,
    }));
}

#[wasm_bindgen_test]
fn imports_of_rosters_and_what_was_undone() {
    assert_read_as_serde_does::<RosterImports>(&json!({
        "items": [
            {"id": ID, "by": "Jordan", "at": AT, "added": 2, "changed": 1, "undo_until": AT},
            {"id": ID, "by": "Jordan", "at": AT, "added": 2, "changed": 1, "undo_until": null},
        ],
    }));
    assert_read_as_serde_does::<RosterUndo>(&json!({
        "undone": 2, "kept": [{"line": 4, "name": "Per", "unit": "407", "because": "acted_on"}],
    }));
}

#[wasm_bindgen_test]
fn damaged_records() {
    assert_read_as_serde_does::<DamagedRecords>(&json!({
        "items": [
            {"kind": "guest_code", "id": ID, "property": "Maple Court", "detail": "Its times.", "found_at": AT},
            {"kind": "resident", "id": ID, "property": null, "detail": "Its days.", "found_at": AT},
        ],
    }));
}

#[wasm_bindgen_test]
fn text_that_is_not_json_is_not_an_answer() {
    for text in ["", "<html>", "{", "undefined"] {
        assert!(from_js::parse::<Problem>(text).is_none(), "{text}");
    }
}

/// The contract, which the server's own test holds against the server.
const CONTRACT: &str = include_str!("../../docs/openapi.json");
/// Answers that the console never reads, and who does.
const OTHERS: [(&str, &str); 4] = [
    ("LiveEvent", "public/boot.js, which passes on its kind and ids"),
    ("Token", "the mobile app"),
    ("Opened", "tests, of the simulated keypad"),
    ("PasskeyOptions", "the browser itself"),
];

/// Reads an example of an answer; gives how many changes of it were refused.
type Reads = fn(&Value) -> usize;

macro_rules! answers {
    ($($name:literal: $answer:ty),* $(,)?) => {
        [$(($name, refusals::<$answer> as Reads)),*]
    };
}

#[wasm_bindgen_test]
fn every_answer_of_the_contract_is_read_as_serde_reads_it() {
    let contract: Value = serde_json::from_str(CONTRACT).expect("JSON");
    let answers = answers! {
        "AuditEvent": AuditEvent,
        "AuditVerification": AuditVerification,
        "DamagedRecords": DamagedRecords,
        "Diagnosis": Diagnosis,
        "DoorDetails": DoorDetails,
        "EndedSessions": EndedSessions,
        "FoundLocks": FoundLocks,
        "FoundResidents": FoundResidents,
        "GuestCode": GuestCode,
        "GuestCodeDiagnosis": GuestCodeDiagnosis,
        "GuestCodePreview": GuestCodePreview,
        "GuestPass": GuestPass,
        "HubTest": HubTest,
        "Invitation": Invitation,
        "Invite": Invite,
        "InvitedResidents": InvitedResidents,
        "IssuedGuestCode": IssuedGuestCode,
        "LayoutImport": LayoutImport,
        "LayoutPart": LayoutPart,
        "MailHealth": MailHealth,
        "MailService": MailService,
        "ManagedHub": ManagedHub,
        "ManagedHubs": ManagedHubs,
        "MoveOut": MoveOut,
        "MyAccess": MyAccess,
        "MyPasskey": MyPasskey,
        "MyPasskeys": MyPasskeys,
        "MySessions": MySessions,
        "NewShare": NewShare,
        "PassState": PassState,
        "Page_AuditEvent": Page<AuditEvent>,
        "Page_Door": Page<Door>,
        "Page_GuestCode": Page<GuestCode>,
        "Page_LayoutPart": Page<LayoutPart>,
        "Page_Property": Page<PropertyInBrief>,
        "Page_Resident": Page<Resident>,
        "Page_StaffMember": Page<StaffMember>,
        "Page_ToInvite": Page<ToInvite>,
        "Problem": Problem,
        "Property": Property,
        "Resident": Resident,
        "RevealedCode": RevealedCode,
        "Retirement": Retirement,
        "Reveals": Reveals,
        "RosterImport": RosterImport,
        "RosterImports": RosterImports,
        "RosterUndo": RosterUndo,
        "SentAgain": SentAgain,
        "Session": Session,
        "Setup": Setup,
        "Shares": Shares,
        "StaffMember": StaffMember,
    };
    for name in answered(&contract) {
        let read = answers.iter().find(|(known, _)| *known == name);
        if OTHERS.iter().any(|(other, _)| *other == name) {
            assert!(read.is_none(), "{name} is read here");
            continue;
        }
        let (_, read) = read.unwrap_or_else(|| panic!("{name} is an answer of the contract: read it here"));
        for whole in [true, false] {
            let example = example(&contract, &contract["components"]["schemas"][&name], whole);
            assert!(read(&example) > 0, "no change of {example} mattered");
        }
    }
}

/// The names of all JSON answers.
fn answered(contract: &Value) -> std::collections::BTreeSet<String> {
    let operations = contract["paths"].as_object().expect("paths").values().filter_map(Value::as_object).flatten();
    let responses = operations.filter_map(|(_, operation)| operation["responses"].as_object()).flat_map(Map::values);
    let contents = responses.filter_map(|response| response["content"].as_object()).flat_map(Map::values);
    let names = contents.filter_map(|content| Some(content["schema"]["$ref"].as_str()?.rsplit('/').next()?.to_owned()));
    let names: std::collections::BTreeSet<_> = names.collect();
    assert!(names.len() > 20, "{names:?}");
    names
}

/// A value of a schema: with all that it may have, or with no more than it must.
fn example(contract: &Value, schema: &Value, whole: bool) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().expect("a name");
        return example(contract, &contract["components"]["schemas"][name], whole);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        // What `#[serde(flatten)]` comes to.
        return parts.iter().map(|part| example(contract, part, whole)).fold(json!({}), |mut all, part| {
            let object = all.as_object_mut().expect("an object");
            object.extend(part.as_object().expect("an object").clone());
            all
        });
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let one = choices.iter().find(|choice| choice["type"] != "null").expect("a value");
        return example(contract, one, whole);
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null").expect("a kind"),
        kind => kind,
    };
    match kind.as_str().unwrap_or_default() {
        "object" => {
            let mut object = Map::new();
            let must = |name: &String| schema["required"].as_array().is_some_and(|all| all.iter().any(|it| it == name));
            for (name, part) in schema["properties"].as_object().into_iter().flatten() {
                if whole || must(name) {
                    object.insert(name.clone(), example(contract, part, whole));
                }
            }
            Value::Object(object)
        }
        "array" => json!([example(contract, &schema["items"], whole)]),
        "integer" => schema.get("minimum").cloned().unwrap_or_else(|| json!(4)),
        "number" => json!(4),
        "boolean" => json!(true),
        "string" => match schema["format"].as_str() {
            Some("uuid") => json!(ID),
            Some("date-time") => json!(AT),
            _ => json!("words"),
        },
        other => panic!("{other:?} in {schema}"),
    }
}
