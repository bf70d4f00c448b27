//! How views react to changes: rows stay, only what differs is replaced, and removed views are disposed of.

use std::{
    cell::Cell,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use latchkey_console::prelude::*;
use leptos::{html, mount::UnmountHandle, prelude::Owner, tachys::view::Render, task::tick};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement, HtmlInputElement};

/// The handle that keeps a view alive, for either kind of views.
#[cfg(not(feature = "leptos-views"))]
type Handle = UnmountHandle<<() as Render>::State>;
#[cfg(feature = "leptos-views")]
type Handle = UnmountHandle<<AnyView as Render>::State>;

/// A view in the page, and the handle that keeps it alive.
struct Shown {
    root: Element,
    handle: Option<Handle>,
}

impl Shown {
    fn new<V: IntoView + 'static>(view: impl FnOnce() -> V + 'static) -> Self {
        let document = web_sys::window().and_then(|window| window.document()).expect("a page");
        let root = document.create_element("div").expect("an element");
        document.body().expect("a body").append_child(&root).expect("a place");
        let handle = mount_to(root.clone().unchecked_into(), move || view().into_any());
        Self { root, handle: Some(handle) }
    }

    fn html(&self) -> String {
        // Comments only mark places.
        self.root.inner_html().replace("<!---->", "")
    }

    fn all(&self, selector: &str) -> Vec<Element> {
        let found = self.root.query_selector_all(selector).expect("a selector");
        (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect()
    }

    fn one(&self, selector: &str) -> Element {
        self.all(selector).into_iter().next().unwrap_or_else(|| panic!("no {selector} in {}", self.html()))
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.handle.take();
        self.root.remove();
    }
}

/// Counts how often something happened.
#[derive(Clone, Default)]
struct Count(Arc<AtomicUsize>);

impl Count {
    fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

#[wasm_bindgen_test]
fn elements_attributes_and_text_are_as_written() {
    let shown = Shown::new(move || {
        let dynamic = "<b> & \"quotes\"".to_owned();
        let absent: Option<String> = None;
        view! {
            <p class="lead" data-kind=dynamic.clone() hidden=false aria-label=absent>
                "Codes " <em>"& doors"</em> {dynamic.clone()}
            </p>
            <svg viewBox="0 0 1 1">
                <path d="M0 0" />
            </svg>
        }
    });
    let lead = shown.one("p");
    assert_eq!(lead.get_attribute("data-kind").as_deref(), Some("<b> & \"quotes\""));
    assert!(!lead.has_attribute("hidden") && !lead.has_attribute("aria-label"));
    assert_eq!(lead.text_content().as_deref(), Some("Codes & doors<b> & \"quotes\""), "text is never markup");
    assert_eq!(shown.one("path").namespace_uri().as_deref(), Some("http://www.w3.org/2000/svg"));
}

#[wasm_bindgen_test]
async fn text_and_attributes_are_updated_in_the_same_element() {
    let owner = Owner::new();
    let (name, label) = owner.with(|| (RwSignal::new("Ana".to_owned()), RwSignal::new(Some("one".to_owned()))));
    let shown = Shown::new(move || {
        view! {
            <p title=move || label.get() class:on=move || label.with(Option::is_some)>
                "Of " {move || name.get()} "."
            </p>
        }
    });
    let before = shown.one("p");
    assert_eq!(shown.html(), "<p title=\"one\" class=\"on\">Of Ana.</p>");
    name.set("Zoë".to_owned());
    label.set(None);
    tick().await;
    assert_eq!(shown.one("p").text_content().as_deref(), Some("Of Zoë."));
    assert!(!shown.one("p").has_attribute("title") && !shown.one("p").class_list().contains("on"));
    assert!(shown.one("p").is_same_node(Some(&before)));
}

#[wasm_bindgen_test]
async fn show_replaces_its_view_only_when_its_condition_changes() {
    let owner = Owner::new();
    let count = owner.with(|| RwSignal::new(1));
    let made = Count::default();
    let counted = made.clone();
    let shown = Shown::new(move || {
        view! {
            <Show when=move || { count.get() > 0 } fallback=|| view! { <i>"none"</i> }>
                {
                    counted.add();
                    view! { <b>{move || count.get().to_string()}</b> }
                }
            </Show>
        }
    });
    let some = shown.one("b");
    count.set(2);
    tick().await;
    assert!(shown.one("b").is_same_node(Some(&some)), "the condition still holds: the same element");
    assert_eq!((shown.html().as_str(), made.get()), ("<b>2</b>", 1));
    count.set(0);
    tick().await;
    assert_eq!(shown.html(), "<i>none</i>");
    count.set(3);
    tick().await;
    assert_eq!((shown.html().as_str(), made.get()), ("<b>3</b>", 2));
}

#[wasm_bindgen_test]
async fn rows_are_kept_moved_and_dropped_by_key() {
    let owner = Owner::new();
    let list = owner.with(|| RwSignal::new(vec!["a", "b", "c"]));
    let (made, gone) = (Count::default(), Count::default());
    let counts = (made.clone(), gone.clone());
    let shown = Shown::new(move || {
        view! {
            <ul>
                <For
                    each=move || list.get()
                    key=|item| *item
                    children=move |item| {
                        let (made, gone) = counts.clone();
                        made.add();
                        on_cleanup(move || gone.add());
                        // Two elements in a row: both move with it.
                        view! { <li id=item>{item}</li><li>{item.to_uppercase()}</li> }
                    }
                />
            </ul>
        }
    });
    let text = || shown.root.text_content().unwrap_or_default();
    let (a, c) = (shown.one("#a"), shown.one("#c"));
    assert_eq!((text().as_str(), made.get()), ("aAbBcC", 3));
    list.set(vec!["c", "a", "d"]);
    tick().await;
    assert_eq!((text().as_str(), made.get(), gone.get()), ("cCaAdD", 4, 1));
    assert!(shown.one("#a").is_same_node(Some(&a)) && shown.one("#c").is_same_node(Some(&c)), "kept");
    list.set(Vec::new());
    tick().await;
    assert_eq!((text().as_str(), gone.get()), ("", 4));
    list.set(vec!["a"]);
    tick().await;
    assert_eq!((text().as_str(), made.get()), ("aA", 5));
}

/// Any order can change into any other, and the rows always match the list.
#[wasm_bindgen_test]
async fn rows_follow_any_change_of_order() {
    let orders: [&[u8]; 8] = [b"abcde", b"edcba", b"ace", b"xaybzc", b"", b"q", b"bqa", b"abcdefgh"];
    let owner = Owner::new();
    let list = owner.with(|| RwSignal::new(Vec::<char>::new()));
    let shown = Shown::new(move || {
        view! { <For each=move || list.get() key=|item| *item children=|item| view! { <i>{item.to_string()}</i> } /> }
    });
    for from in orders {
        for to in orders {
            for order in [from, to] {
                list.set(order.iter().map(|byte| char::from(*byte)).collect());
                tick().await;
                assert_eq!(shown.root.text_content().unwrap_or_default().as_bytes(), order);
            }
        }
    }
}

/// A replaced view is disposed of with its owner: its effects no longer run, its clean-ups have run.
#[wasm_bindgen_test]
async fn a_replaced_view_is_disposed_of() {
    let owner = Owner::new();
    let (page, tick_of) = owner.with(|| (RwSignal::new("one"), RwSignal::new(0)));
    let (ran, gone) = (Count::default(), Count::default());
    let counts = (ran.clone(), gone.clone());
    let mut shown = Shown::new(move || {
        view! {
            <main>
                {move || {
                    let (ran, gone) = counts.clone();
                    on_cleanup(move || gone.add());
                    let name = page.get();
                    view! {
                        <p>
                            {move || {
                                ran.add();
                                [name, &tick_of.get().to_string()].concat()
                            }}
                        </p>
                    }
                }}
            </main>
        }
    });
    page.set("two");
    tick().await;
    assert_eq!((shown.html().as_str(), gone.get(), ran.get()), ("<main><p>two0</p></main>", 1, 2));
    tick_of.set(1);
    tick().await;
    assert_eq!((shown.html().as_str(), ran.get()), ("<main><p>two1</p></main>", 3), "only the shown effect ran");
    shown.handle.take();
    tick_of.set(2);
    tick().await;
    assert_eq!((gone.get(), ran.get()), (2, 3), "nothing runs after its owner is gone");
}

#[wasm_bindgen_test]
async fn events_properties_and_references_reach_the_element() {
    let owner = Owner::new();
    let (value, checked) = owner.with(|| (RwSignal::new("start".to_owned()), RwSignal::new(false)));
    let node = owner.with(NodeRef::<html::Input>::new);
    let clicks = Rc::new(Cell::new(0));
    let counted = clicks.clone();
    let shown = Shown::new(move || {
        view! {
            <input node_ref=node prop:value=move || value.get() on:input=move |event| value.set(event_target_value(&event)) />
            <input type="checkbox" prop:checked=move || checked.get() />
            <button on:click=move |_| counted.set(counted.get() + 1)>"Press"</button>
        }
    });
    tick().await;
    let input: HtmlInputElement = shown.one("input").unchecked_into();
    assert!(node.get_untracked().is_some_and(|node| node.is_same_node(Some(&input))));
    assert_eq!(input.value(), "start");
    input.set_value("typed");
    input.dispatch_event(&web_sys::Event::new("input").expect("an event")).expect("sent");
    assert_eq!(value.get_untracked(), "typed");
    value.set("set".to_owned());
    checked.set(true);
    tick().await;
    assert_eq!(input.value(), "set", "a typed value is overwritten");
    assert!(shown.one("[type=checkbox]").unchecked_into::<HtmlInputElement>().checked());
    shown.one("button").unchecked_into::<HtmlElement>().click();
    assert_eq!(clicks.get(), 1);
}

#[wasm_bindgen_test]
async fn a_memo_notifies_only_of_another_value() {
    let owner = Owner::new();
    let count = owner.with(|| RwSignal::new(1));
    let heard = Count::default();
    let counted = heard.clone();
    let shown = Shown::new(move || {
        let even = memo(move || count.get() % 2 == 0);
        let derived = derived(move || if even.get() { "even" } else { "odd" });
        effect(move || {
            even.track();
            counted.add();
        });
        view! { <p>{move || derived.get()}</p> }
    });
    tick().await;
    assert_eq!((shown.html().as_str(), heard.get()), ("<p>odd</p>", 1));
    count.set(3);
    tick().await;
    assert_eq!(heard.get(), 1, "odd as before");
    count.set(4);
    tick().await;
    assert_eq!((shown.html().as_str(), heard.get()), ("<p>even</p>", 2));
}

/// However many of an effect's sources have changed: a list is requested once when its filters change.
#[wasm_bindgen_test]
async fn an_effect_runs_once_for_one_change() {
    let owner = Owner::new();
    let address = owner.with(|| RwSignal::new((1, 1)));
    let (ran, rendered) = (Count::default(), Count::default());
    let counts = (ran.clone(), rendered.clone());
    let _shown = Shown::new(move || {
        let (ran, rendered) = counts;
        let first = memo(move || address.get().0);
        let second = memo(move || address.get().1);
        effect(move || {
            let _ = (first.get(), second.get());
            ran.add();
        });
        view! {
            <p>
                {move || {
                    rendered.add();
                    (first.get() + second.get()).to_string()
                }}
            </p>
        }
    });
    tick().await;
    assert_eq!((ran.get(), rendered.get()), (1, 1));
    address.set((2, 1));
    tick().await;
    assert_eq!((ran.get(), rendered.get()), (2, 2), "one of them changed");
    address.set((3, 3));
    tick().await;
    assert_eq!((ran.get(), rendered.get()), (3, 3), "both changed");
    address.set((3, 3));
    tick().await;
    assert_eq!((ran.get(), rendered.get()), (3, 3), "neither did");
}

#[wasm_bindgen_test]
async fn every_part_of_the_gallery_can_be_shown() {
    let shown = Shown::new(move || {
        latchkey_console::ui::Now::provide();
        latchkey_console::ui::Toasts::provide();
        view! { <latchkey_console::pages::gallery::GalleryPage /> }
    });
    tick().await;
    for part in
        ["button.primary", "button.danger", ".pill", ".checklist", "input", "select", "table", "dialog", ".skeleton"]
    {
        assert!(!shown.all(part).is_empty(), "no {part}");
    }
}
