//! Every action has words, and the audit log's filter has every action.

use std::collections::HashSet;

use api_types::Action;
use latchkey_console::{pages::audit, wording};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn every_action_has_words_of_its_own() {
    let words: HashSet<&str> = Action::ALL.iter().map(|action| wording::action(*action)).collect();
    assert_eq!(words.len(), Action::ALL.len());
    assert!(words.iter().all(|words| !words.is_empty() && !words.contains(['.', '_'])));
}

#[wasm_bindgen_test]
fn each_choice_of_the_filter_finds_actions_and_each_action_is_found() {
    let choices: Vec<String> = audit::actions().into_iter().map(|choice| choice.value).collect();
    for choice in &choices {
        let finds = |action: &Action| {
            if choice.ends_with('.') { action.name().starts_with(choice) } else { action.name() == choice }
        };
        assert!(choice.is_empty() || Action::ALL.iter().any(finds), "{choice} finds nothing");
    }
    for action in Action::ALL {
        let found = choices
            .iter()
            .any(|choice| choice == action.name() || choice.ends_with('.') && action.name().starts_with(choice));
        assert!(found, "{} isn't found", action.name());
    }
}
