//! *Back* returns to the place and the row that a page was left at.
//!
//! By itself a browser scrolls only once, when a list has yet to be read again. So the history entry of a page that is
//! left remembers how far it was scrolled and which link was followed. When it is shown again, it is scrolled there as
//! often as something is added to it, which makes a list read its next page, until the link is there and has the focus, or,
//! without one, until it is scrolled that far. If neither happens soon, it stays where it is.

use std::{cell::RefCell, rc::Rc};

use crate::prelude::*;
use js_sys::Date;
use leptos::html;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlElement, MouseEvent};

use super::focus::on_changes;
use crate::location::Place;

/// How long a page is scrolled to where it was left, in milliseconds. What hasn't come by then has probably gone: the list
/// is shorter now, or without that row.
const RETURNING_MS: f64 = 10_000.0;

/// Remembers where pages are left, and returns there. Call it once.
pub fn return_to_places(main: NodeRef<html::Main>) {
    // The place, and until when.
    let returning = Rc::new(RefCell::new(None::<(Place, f64)>));
    // While the event is on its way down, before the router follows the link.
    let leave = Closure::<dyn Fn(MouseEvent)>::new(move |event: MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(link) = target.and_then(|target| target.closest("a[href^='/']").ok().flatten()) else { return };
        let within = main.get_untracked().is_some_and(|main| main.contains(Some(&link)));
        let link = link.get_attribute("href").filter(|_| within);
        Place::here(link).remember();
    });
    let _ = document().add_event_listener_with_callback_and_bool("click", leave.as_ref().unchecked_ref(), true);
    leave.forget();
    let _lives_as_long_as_the_page = window_event_listener_untyped("popstate", {
        let returning = returning.clone();
        move |_| *returning.borrow_mut() = Place::remembered().map(|place| (place, Date::now() + RETURNING_MS))
    });
    // Whoever scrolls or does anything else by then isn't moved.
    for event in ["wheel", "touchmove", "pointerdown", "keydown"] {
        let returning = returning.clone();
        let _lives_as_long_as_the_page = window_event_listener_untyped(event, move |_| {
            *returning.borrow_mut() = None;
            Place::forget();
        });
    }
    on_changes(move || {
        let mut place = returning.borrow_mut();
        let arrived = match (&*place, main.get_untracked()) {
            (Some((place, until)), Some(main)) => Date::now() > *until || come_closer(place, &main),
            _ => return,
        };
        if arrived {
            *place = None;
        }
    });
}

/// Scrolls as far as the page has come. Whether it has arrived.
fn come_closer(place: &Place, main: &Element) -> bool {
    window().scroll_to_with_x_and_y(0.0, place.pixels.into());
    let Some(link) = &place.link else { return Place::here(None).pixels >= place.pixels };
    let link = main.query_selector(&["a[href=\"", link, "\"]"].concat()).ok().flatten();
    let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) else { return false };
    // Scrolls to it if rows have come or gone above it.
    link.focus().is_ok()
}
