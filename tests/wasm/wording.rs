//! What the console has words for, and what it shows by name on purpose.

use api_types::Action;
use latchkey_console::wording;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn actions_that_are_shown_by_name() {
    let by_name: Vec<&str> =
        Action::ALL.iter().filter(|action| wording::action(**action).is_none()).map(|action| action.name()).collect();
    assert_eq!(
        by_name,
        [
            "access.refused",
            "code.custom.kept",
            "code.random.issued",
            "code.random.refused",
            "guest_code.expired",
            "guest_code.issued",
            "guest_code.pass_opened",
            "guest_code.pass_revealed",
            "guest_code.refused",
            "guest_code.revoked",
            "guest_code.share_revoked",
            "guest_code.shared",
            "guest_code.used",
            "guest_code.window_closed",
            "guest_code.window_opened",
            "hub.offline",
            "hub.online",
            "lock.offline",
            "lock.online",
            "mobile_token.created",
            "mobile_token.ended",
            "mobile_token.refused",
            "person.enabled",
            "person.manager.added",
            "person.manager.removed",
            "person.password.changed",
            "person.support.added",
            "placement.failed",
            "placement.on_lock",
            "placement.removal_unconfirmed",
            "placement.removed",
            "placement.waiting",
            "property.added",
            "property.custom_codes.disabled",
            "property.custom_codes.enabled",
            "record.set_aside",
            "resident.added",
            "resident.changed",
            "resident.moved_out",
            "roster.imported",
            "session.created",
            "session.ended",
            "session.others_ended",
        ]
    );
}
