//! Choosing doors: from the whole list, or by searching if there are many.

use crate::prelude::*;
use api_types::{Door, DoorKind};
use ids::DoorId;

use crate::{
    intl,
    ui::{field_id, unique_id},
};

/// Up to this many doors are all shown; with more, unit doors are shown only by searching.
const FEW: usize = 12;

/// The most unit doors shown for a search.
const MAX_FOUND: usize = 20;

fn groups() -> [(DoorKind, &'static str); 3] {
    [
        (DoorKind::Unit, t::guest_code::choice::unit()),
        (DoorKind::Property, t::guest_code::choice::property()),
        (DoorKind::Amenity, t::guest_code::choice::amenity()),
    ]
}

/// Since when the door's lock is offline, and what that means for a code (R29, R44); `None` while it is online.
fn offline_words(door: &Door, zone: &str) -> Option<String> {
    let since = door.offline_since.as_ref()?;
    Some(t::guest_code::choice::offline(&intl::short(since.as_str(), zone, intl::now_ms())))
}

/// Checkboxes for doors, by kind. A door that can't be chosen now says why, and stays in `chosen`, so it is selected
/// again when it can be. One whose lock is offline can be chosen, and says what will happen.
#[component]
pub fn DoorChoice(
    /// The doors to choose from.
    doors: Vec<Door>,
    /// The property's IANA time zone.
    zone: String,
    /// The chosen ones.
    chosen: RwSignal<Vec<DoorId>>,
    /// Why doors of a kind can't be chosen now; tracked.
    #[prop(into)]
    blocked: Callback<DoorKind, Option<&'static str>>,
    /// How to choose.
    #[prop(optional_no_strip)]
    hint: Option<&'static str>,
    /// What is wrong with the choice.
    #[prop(into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let many = doors.len() > FEW;
    let doors = StoredValue::new(doors);
    let zone = StoredValue::new(zone);
    let text = RwSignal::new(String::new());
    let (hint_id, error_id) = (unique_id("doors"), unique_id("doors"));
    let described = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || {
            let both = [hint.map(|_| hint_id.as_str()), error.with(Option::is_some).then_some(error_id.as_str())];
            let both: Vec<&str> = both.into_iter().flatten().collect();
            (!both.is_empty()).then(|| both.join(" "))
        }
    };
    // Not tracking `chosen`, so that a door that is unticked stays in place.
    let shown = move || {
        let wanted = text.with(|text| text.trim().to_lowercase());
        let already = chosen.get_untracked();
        groups()
            .into_iter()
            .map(|(kind, title)| {
                let (shown, more) = doors.with_value(|doors| {
                    let of_kind = doors.iter().filter(|door| door.kind == kind);
                    let hidden = many && kind == DoorKind::Unit && wanted.is_empty();
                    let fits = |door: &&Door| {
                        if hidden { already.contains(&door.id) } else { door.name.to_lowercase().contains(&wanted) }
                    };
                    let total = of_kind.clone().count();
                    let mut shown: Vec<Door> = of_kind.filter(fits).cloned().collect();
                    let found = shown.len();
                    if many && kind == DoorKind::Unit && !hidden {
                        shown.truncate(MAX_FOUND);
                    }
                    let more = match (hidden, found - shown.len()) {
                        (true, _) if total > found => Some(t::guest_code::choice::search(count(total))),
                        (_, 0) => None,
                        (_, rest) => Some(t::guest_code::choice::more(count(rest))),
                    };
                    (shown, more)
                });
                if shown.is_empty() && more.is_none() {
                    return ().into_any();
                }
                view! { <DoorGroup kind title shown zone more chosen blocked /> }.into_any()
            })
            .collect_view()
    };
    let none_found = move || {
        let wanted = text.with(|text| text.trim().to_lowercase());
        !wanted.is_empty()
            && doors.with_value(|doors| !doors.iter().any(|door| door.name.to_lowercase().contains(&wanted)))
    };
    let summary = move || {
        let chosen = chosen.get();
        let names = doors.with_value(|doors| {
            let open = |door: &&Door| chosen.contains(&door.id) && blocked.run(door.kind).is_none();
            doors.iter().filter(open).map(|door| door.name.clone()).collect::<Vec<_>>()
        });
        match names.len() {
            0 => t::guest_code::choice::none_chosen().to_owned(),
            _ => t::guest_code::choice::opens(&names.join(", ")),
        }
    };
    // Beside the summary too, since a search may have taken the door out of the list.
    let warnings = move || {
        let chosen = chosen.get();
        doors.with_value(|doors| {
            let chosen = |door: &&Door| chosen.contains(&door.id) && blocked.run(door.kind).is_none();
            let warnings = doors.iter().filter(chosen).filter_map(|door| {
                let words = zone.with_value(|zone| offline_words(door, zone))?;
                Some(view! { <span class="door-offline"><strong>{door.name.clone()}</strong> " " {words}</span> })
            });
            warnings.collect_view()
        })
    };
    view! {
        <fieldset
            class="field choices"
            class:invalid=move || error.with(Option::is_some)
            id=field_id("door_ids")
            tabindex="-1"
            aria-describedby=described
        >
            <legend>{t::guest_code::choice::legend()}</legend>
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            {many
                .then(|| {
                    view! {
                        <input
                            type="search"
                            aria-label=t::guest_code::choice::find()
                            placeholder=t::guest_code::choice::find_hint()
                            autocomplete="off"
                            prop:value=text
                            on:input=move |event| text.set(event_target_value(&event))
                            on:keydown=move |event| {
                                // Enter searches for a door and must not submit the form.
                                if event.key() == "Enter" {
                                    event.prevent_default();
                                }
                            }
                        />
                    }
                })}
            <div class="door-groups">
                {shown}
                <Show when=none_found>
                    <p class="second">{t::guest_code::choice::none_found()}</p>
                </Show>
            </div>
            <p class="door-summary" role="status">{summary} {warnings}</p>
            {move || {
                error.get().map(|error| view! { <p class="field-error" id=error_id.clone()>{error}</p> })
            }}
        </fieldset>
    }
}

fn count(doors: usize) -> u32 {
    u32::try_from(doors).unwrap_or(u32::MAX)
}

#[component]
fn DoorGroup(
    kind: DoorKind,
    title: &'static str,
    shown: Vec<Door>,
    zone: StoredValue<String>,
    more: Option<String>,
    chosen: RwSignal<Vec<DoorId>>,
    blocked: Callback<DoorKind, Option<&'static str>>,
) -> impl IntoView {
    let title_id = unique_id("door-group");
    let reason_id = unique_id("door-reason");
    let reason = memo(move || blocked.run(kind));
    let boxes = shown
        .into_iter()
        .map(|door| {
            let id = door.id;
            let offline = zone.with_value(|zone| offline_words(&door, zone));
            let reason_id = reason_id.clone();
            view! {
                <label class="choice" class:blocked=move || reason.get().is_some()>
                    // Not `disabled`, so that it can be focused and a screen reader reads the reason.
                    <input
                        type="checkbox"
                        name="door_ids"
                        aria-disabled=move || reason.get().is_some().then_some("true")
                        aria-describedby=move || reason.get().is_some().then(|| reason_id.clone())
                        prop:checked=move || reason.get().is_none() && chosen.with(|chosen| chosen.contains(&id))
                        on:click=move |event| {
                            if reason.get_untracked().is_some() {
                                event.prevent_default();
                            }
                        }
                        on:change=move |event| {
                            let on = event_target_checked(&event);
                            chosen
                                .update(|chosen| {
                                    chosen.retain(|other| *other != id);
                                    if on {
                                        chosen.push(id);
                                    }
                                });
                        }
                    />
                    <span class="choice-text">
                        {door.name} {offline.map(|words| view! { <span class="door-offline">{words}</span> })}
                    </span>
                </label>
            }
        })
        .collect_view();
    view! {
        <div role="group" aria-labelledby=title_id.clone()>
            <p class="door-group-title" id=title_id.clone()>{title}</p>
            {move || reason.get().map(|reason| view! { <p class="field-hint" id=reason_id.clone()>{reason}</p> })}
            {boxes}
            {more.map(|more| view! { <p class="field-hint">{more}</p> })}
        </div>
    }
}
