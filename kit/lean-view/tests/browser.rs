//! Behaviour that is specific to these views. What they share with Leptos's own is tested in the console's
//! `tests/wasm/views.rs`, which runs with both.

#![cfg(target_arch = "wasm32")]

use std::{cell::Cell, rc::Rc};

use lean_view::{For, IntoAny, IntoView, mount_to, view};
use leptos::{
    prelude::{Get, Owner, RwSignal, Set},
    task::tick,
};
use wasm_bindgen::{JsCast, throw_str};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlElement, Node};

wasm_bindgen_test_configure!(run_in_browser);

const SVG: &str = "http://www.w3.org/2000/svg";
const HTML: &str = "http://www.w3.org/1999/xhtml";

/// An element of the page that shows this view for good.
fn shown<V: IntoView>(view: impl FnOnce() -> V + 'static) -> HtmlElement {
    let document = web_sys::window().and_then(|window| window.document()).expect("a page");
    let root: HtmlElement = document.create_element("div").expect("an element").unchecked_into();
    document.body().expect("a body").append_child(&root).expect("a place");
    mount_to(root.clone(), view).forget();
    root
}

fn one(root: &Element, selector: &str) -> Element {
    let found = root.query_selector(selector).expect("a selector");
    found.unwrap_or_else(|| panic!("no {selector} in {}", root.inner_html()))
}

#[wasm_bindgen_test]
fn the_content_of_an_svg_is_svg_whether_static_or_dynamic() {
    let owner = Owner::new();
    let width = owner.with(|| RwSignal::new(2));
    let root = shown(move || {
        view! {
            <svg width=move || width.get().to_string()>
                <title>"A bar"</title>
                <rect width="1" height="1" />
                <g class=move || width.get().to_string()>
                    <a href="#one"><path d="M0 0h1" /></a>
                    {move || view! { <circle r=width.get().to_string() /> }}
                    {move || view! { <line x1="0" /> }}
                </g>
                <foreignObject><p>"In HTML again"</p></foreignObject>
            </svg>
        }
    });
    for selector in ["svg", "title", "rect", "g", "a", "path", "circle", "line", "foreignObject"] {
        assert_eq!(one(&root, selector).namespace_uri().as_deref(), Some(SVG), "{selector}");
    }
    assert_eq!(one(&root, "foreignObject p").namespace_uri().as_deref(), Some(HTML));
}

/// What page translators do: a `<font>` with the translation in a `<font>`, in the place of the text.
fn translate(place: &Element) {
    let document = place.owner_document().expect("a page");
    let mut next = place.first_child();
    while let Some(text) = next {
        next = text.next_sibling();
        if text.node_type() != Node::TEXT_NODE {
            continue;
        }
        let [outer, inner] = ["font", "font"].map(|name| document.create_element(name).expect("an element"));
        inner.set_text_content(Some(&format!("translated {}", text.text_content().unwrap_or_default())));
        outer.append_child(&inner).expect("a place");
        place.replace_child(&outer, &text).expect("its place");
    }
}

#[wasm_bindgen_test]
async fn a_text_that_was_translated_changes_like_any_other() {
    let owner = Owner::new();
    let count = owner.with(|| RwSignal::new(1));
    let root = shown(move || view! { <p>"Opens " {move || count.get().to_string()} " doors"</p> });
    let place = one(&root, "p");
    let text = || place.text_content().unwrap_or_default();
    translate(&place);
    assert_eq!(text(), "translated Opens translated 1translated  doors");
    for (now, seen) in [(2, "translated Opens 2translated  doors"), (3, "translated Opens 3translated  doors")] {
        count.set(now);
        tick().await;
        assert_eq!(text(), seen);
    }
    // The translator has noticed the change.
    translate(&place);
    count.set(4);
    tick().await;
    assert_eq!(text(), "translated Opens 4translated  doors");
}

/// In wasm nothing unwinds: a panic ends its task. The other effects in the queue must run all the same.
#[wasm_bindgen_test]
async fn a_panic_in_one_effect_leaves_the_others() {
    let owner = Owner::new();
    let count = owner.with(|| RwSignal::new(0));
    let tried = Rc::new(Cell::new(0));
    let counted = tried.clone();
    let root = shown(move || {
        view! {
            <p>{move || count.get().to_string()}</p>
            <i>
                {move || {
                    counted.set(counted.get() + 1);
                    if count.get() == 1 {
                        // Like a panic in a release build, it leaves wasm without unwinding.
                        throw_str("an effect that fails, as this test wants it");
                    }
                    count.get().to_string()
                }}
            </i>
            <b>{move || count.get().to_string()}</b>
        }
    });
    let texts = || ["p", "i", "b"].map(|name| one(&root, name).text_content().unwrap_or_default());
    assert_eq!((texts(), tried.get()), (["0", "0", "0"].map(str::to_owned), 1));
    count.set(1);
    tick().await;
    tick().await;
    assert_eq!(texts(), ["1", "0", "1"].map(str::to_owned), "the one after it ran too");
    count.set(2);
    tick().await;
    tick().await;
    assert_eq!(texts(), ["2", "0", "2"].map(str::to_owned), "and so do they later");
    assert_eq!(tried.get(), 2, "the one that failed is left alone");
}

#[wasm_bindgen_test]
#[should_panic = "two rows of a list have the same key"]
fn two_rows_with_one_key_are_refused_in_development() {
    shown(|| view! { <For each=|| [1, 1] key=|item| *item let(item)>{item.to_string().into_any()}</For> });
}
