//! The command palette: pages, actions and people, found by typing.

use std::time::Duration;

use crate::prelude::*;
use api_types::Role;
use ids::PropertyId;
use leptos::{html, leptos_dom::helpers::debounce, task::spawn_local};

use super::{hide, show};
use crate::{
    api::{self, residents::ResidentsQuery},
    components::{Navigate, Place, Tool, Tools, apply_theme, issuing_for, places, use_go, use_properties, use_tools},
    query::Query,
    routes::Route,
    session::{SessionStore, use_session},
    ui::{Icon, IconView, Toasts, use_toasts},
};

/// The most people that are offered.
const MAX_PEOPLE: usize = 6;
/// How long after the last key the search for people starts.
const SEARCH_DELAY: Duration = Duration::from_millis(200);

/// One line of the palette.
#[derive(Clone, PartialEq)]
struct Command {
    group: &'static str,
    label: String,
    note: String,
    icon: Icon,
    run: Run,
}

/// What a line does.
#[derive(Clone, PartialEq)]
enum Run {
    Go(String),
    Theme(&'static str),
    Language(&'static str),
    Keys,
    SignOut,
}

/// A field and the matching commands under it; arrows select one, Enter runs it.
#[component]
pub fn Palette() -> impl IntoView {
    let (tools, session, properties, go) = (use_tools(), use_session(), use_properties(), use_go());
    let node = NodeRef::<html::Dialog>::new();
    show(node);
    let words = RwSignal::new(String::new());
    let people = RwSignal::new(Vec::new());
    let all = StoredValue::new(untrack(|| commands(session, properties)));
    let found = memo(move || {
        let words = words.get().to_lowercase();
        let fits = |command: &&Command| fits(&command.label, &words);
        let mut found = all.with_value(|all| all.iter().filter(fits).cloned().collect::<Vec<_>>());
        found.extend(people.get());
        found
    });
    let at = RwSignal::new(0_usize);
    effect(move || {
        words.track();
        at.set(0);
    });
    let property = untrack(|| properties.current()).map(|property| property.id);
    let mut look = debounce(SEARCH_DELAY, move |words: String| look_for_people(words, session, property, people));
    let mut typed = move |text: String| {
        words.set(text.clone());
        look(text);
    };
    let act = Actions { node, tools, session, go, toasts: use_toasts() };
    // The list of shortcuts may have replaced it.
    let closed = move |_| {
        if tools.open().get_untracked() == Some(Tool::Palette) {
            tools.close();
        }
    };
    let press = move |event: web_sys::KeyboardEvent| {
        let last = found.with(Vec::len).saturating_sub(1);
        let next = match (event.key().as_str(), at.get_untracked()) {
            ("ArrowDown", here) if here >= last => 0,
            ("ArrowDown", here) => here + 1,
            ("ArrowUp", 0) => last,
            ("ArrowUp", here) => here - 1,
            ("Enter", here) => {
                event.prevent_default();
                if let Some(command) = untrack(|| found.with(|found| found.get(here).cloned())) {
                    act.run(&command.run);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        at.set(next);
    };
    effect(move || {
        let id = option_id(at.get());
        if let Some(option) = document().get_element_by_id(&id) {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            option.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
    let none = memo(move || found.with(Vec::is_empty));
    view! {
        <dialog node_ref=node class="dialog palette" aria-label=t::tools::palette::title() on:close=closed>
            <input
                type="text"
                class="palette-words"
                role="combobox"
                aria-expanded="true"
                aria-controls="palette-list"
                aria-autocomplete="list"
                aria-activedescendant=move || (!none.get()).then(|| option_id(at.get()))
                aria-label=t::tools::palette::words()
                placeholder=t::tools::palette::words()
                autocomplete="off"
                spellcheck="false"
                autofocus=true
                on:input=move |event| typed(event_target_value(&event))
                on:keydown=press
            />
            <ul id="palette-list" class="palette-list" role="listbox" aria-label=t::tools::palette::title()>
                {move || lines(&found.get(), at, act)}
            </ul>
            <p class="palette-foot second small" role="status">
                {move || match found.with(Vec::len) {
                    0 => t::tools::palette::nothing().to_owned(),
                    number => t::tools::palette::found(u32::try_from(number).unwrap_or(u32::MAX)),
                }}
            </p>
        </dialog>
    }
}

fn option_id(at: usize) -> String {
    ["palette-", &at.to_string()].concat()
}

fn lines(found: &[Command], at: RwSignal<usize>, act: Actions) -> AnyView {
    let mut group = "";
    let lines = found.iter().enumerate().map(|(number, command)| {
        let head = (command.group != group).then(|| {
            group = command.group;
            view! { <li class="palette-group" role="presentation">{command.group}</li> }
        });
        let Command { label, note, icon, run, group: _ } = command.clone();
        view! {
            {head}
            <li
                id=option_id(number)
                role="option"
                class="palette-line"
                aria-selected=move || if at.get() == number { "true" } else { "false" }
                on:mousemove=move |_| {
                    if at.get_untracked() != number {
                        at.set(number);
                    }
                }
                on:click=move |_| act.run(&run)
            >
                <IconView icon />
                <span>{label}</span>
                <span class="second small">{note}</span>
            </li>
        }
    });
    lines.collect_view().into_any()
}

/// Whether every word is the beginning of a word in the label.
fn fits(label: &str, words: &str) -> bool {
    let label = label.to_lowercase();
    words.split_whitespace().all(|word| label.split([' ', ':', '-']).any(|of| of.starts_with(word)))
}

#[derive(Clone, Copy)]
struct Actions {
    node: NodeRef<html::Dialog>,
    tools: Tools,
    session: SessionStore,
    go: Navigate,
    toasts: Toasts,
}

impl Actions {
    fn run(self, run: &Run) {
        hide(self.node);
        match run {
            Run::Go(address) => self.go.to_address(&address.clone()),
            Run::Theme(theme) => apply_theme(theme),
            Run::Language(tag) => t::choose(tag),
            Run::Keys => self.tools.show(Tool::Keys),
            Run::SignOut => sign_out(self.session, self.toasts),
        }
    }
}

/// Ending the session leads to the sign-in form by itself.
fn sign_out(session: SessionStore, toasts: Toasts) {
    spawn_local(async move {
        match api::session::sign_out().await {
            Ok(()) => session.end(),
            Err(error) => toasts.failed(t::shell::still_signed_in(&error.sentence())),
        }
    });
}

fn commands(session: SessionStore, properties: crate::components::PropertyScope) -> Vec<Command> {
    let roles = session.roles();
    let property = properties.current();
    let mut all = Vec::new();
    let mut add = |group, label: String, note: String, icon, run| {
        all.push(Command { group, label, note, icon, run });
    };
    let (pages, actions) = (t::tools::palette::pages(), t::tools::palette::actions());
    for Place { route, label, icon, key } in places(&roles, property.as_ref().map(|property| property.id)) {
        add(pages, label.to_owned(), ["g ", key].concat(), icon, Run::Go(route.path()));
    }
    let page = |route: Route| (route.title(&roles).to_owned(), Run::Go(route.path()));
    if let Some(property) = property.as_ref().filter(|_| roles.contains(&Role::Manager)) {
        let (label, run) = page(Route::Roster(property.id));
        add(pages, label, String::new(), Icon::Users, run);
    }
    for (route, icon) in [(Route::Settings, Icon::Sliders), (Route::Help, Icon::Help)] {
        let (label, run) = page(route);
        add(pages, label, String::new(), icon, run);
    }
    if let Some(route) = issuing_for(&roles, property.as_ref()) {
        let (label, run) = page(route);
        add(actions, label, "n".to_owned(), Icon::Plus, run);
    }
    for (theme, label, icon) in [
        ("light", t::tools::palette::theme_light(), Icon::Sun),
        ("dark", t::tools::palette::theme_dark(), Icon::Moon),
        ("system", t::tools::palette::theme_system(), Icon::Monitor),
    ] {
        add(actions, label.to_owned(), String::new(), icon, Run::Theme(theme));
    }
    let current = t::current();
    for (tag, name) in t::LANGUAGES.into_iter().filter(|(tag, _)| *tag != current) {
        add(actions, t::tools::palette::language(name), String::new(), Icon::Globe, Run::Language(tag));
    }
    add(actions, t::tools::keys::title().to_owned(), "?".to_owned(), Icon::Keyboard, Run::Keys);
    add(actions, t::shell::sign_out().to_owned(), String::new(), Icon::LogOut, Run::SignOut);
    let several = properties.all();
    if several.len() > 1 {
        for other in several {
            let run = Run::Go(Route::Property(other.id).path());
            add(t::tools::palette::properties(), other.name, String::new(), Icon::Building, run);
        }
    }
    all
}

/// Searches residents by name or unit, for people who may see residents.
fn look_for_people(words: String, session: SessionStore, property: Option<PropertyId>, people: RwSignal<Vec<Command>>) {
    let words = words.trim().to_owned();
    let is = |role| untrack(|| session.is(role));
    if words.chars().count() < 2 || !(is(Role::Manager) || is(Role::Support)) {
        people.set(Vec::new());
        return;
    }
    let manages = is(Role::Manager);
    spawn_local(async move {
        let lines = match property.filter(|_| manages) {
            Some(property) => residents_of_property(property, &words).await,
            None if manages => Vec::new(),
            None => residents_of_all(&words).await,
        };
        // Does nothing if the palette was closed.
        let _ = people.try_set(lines);
    });
}

fn person(name: String, note: String, address: String) -> Command {
    let group = t::tools::palette::residents();
    Command { group, label: name, note, icon: Icon::User, run: Run::Go(address) }
}

async fn residents_of_property(property: PropertyId, words: &str) -> Vec<Command> {
    let query = ResidentsQuery { q: words.to_owned(), ..ResidentsQuery::default() };
    let found = api::residents::list(property, &query, None).await.map(|page| page.items).unwrap_or_default();
    let lines = found.into_iter().take(MAX_PEOPLE).map(|resident| {
        let route = Route::Resident { property, resident: resident.id };
        person(resident.name, t::tools::palette::unit(&resident.unit), route.path())
    });
    lines.collect()
}

async fn residents_of_all(words: &str) -> Vec<Command> {
    let found = api::troubleshoot::find(words).await.map(|found| found.items).unwrap_or_default();
    let lines = found.into_iter().take(MAX_PEOPLE).map(|resident| {
        let query = Query::new().with("resident", &resident.id.to_string());
        let note = [&t::tools::palette::unit(&resident.unit), " · ", &resident.property].concat();
        person(resident.name, note, query.on(&Route::Troubleshoot.path()))
    });
    lines.collect()
}
