//! What happens at the server, as it happens. `public/boot.js` follows it, in one of the browser's tabs for all of them, and
//! passes on what each event is about: its kind, and the ids in it. A page says what it shows ([`on_change`]), and reads that
//! again when something happens to it.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use crate::prelude::*;
use api_types::LiveKind;
use js_sys::{Array, Reflect};
use leptos::ev;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::session::{Session, SessionStore};

/// Whether what happens is heard of. Copy it freely.
#[derive(Clone, Copy)]
pub struct Live {
    current: RwSignal<bool>,
    was_interrupted: StoredValue<bool>,
}

impl Live {
    /// Puts it into the context, and follows what happens while somebody is signed in.
    pub fn provide(session: SessionStore) -> Self {
        let live = Self { current: RwSignal::new(true), was_interrupted: StoredValue::new(false) };
        provide_context(live);
        effect(move || {
            let _ = follow(matches!(session.get(), Session::SignedIn(_)));
        });
        // Never removed: it lives as long as the page.
        let _ = window_event_listener_untyped("latchkey:live", move |event| {
            let words = Reflect::get(&event, &"detail".into()).map(|detail| Array::from(&detail)).unwrap_or_default();
            live.hear(session, &words);
        });
        live
    }

    /// Whether what is shown may be older than what has happened, since the events don't arrive.
    pub fn is_behind(&self) -> bool {
        !self.current.get()
    }

    fn hear(self, session: SessionStore, words: &Array) {
        let kind = words.get(0).as_string().unwrap_or_default();
        match kind.as_str() {
            "current" => {
                self.set(true);
                // The server can be reached again, which only an answer tells (`Connection`).
                if self.was_interrupted.get_value() {
                    self.was_interrupted.set_value(false);
                    session.look();
                }
            }
            // The session may have been ended elsewhere. Only the server knows.
            "interrupted" | "behind" | "session_ended" => {
                self.was_interrupted.set_value(true);
                if kind == "behind" {
                    self.set(false);
                }
                session.look();
            }
            _ => tell(&kind, words),
        }
    }

    fn set(self, current: bool) {
        if self.current.get_untracked() != current {
            self.current.set(current);
        }
    }
}

#[wasm_bindgen]
extern "C" {
    /// From `public/boot.js`: whether what happens is to be followed.
    #[wasm_bindgen(catch, js_name = latchkeyFollow)]
    fn follow(wanted: bool) -> Result<(), JsValue>;
}

/// What changes what is said of a guest code.
pub const GUEST_CODE: &[LiveKind] = &[LiveKind::GuestCode, LiveKind::Placement];

/// What changes what is said of a resident and their codes.
pub const RESIDENT: &[LiveKind] = &[LiveKind::Resident, LiveKind::Placement, LiveKind::GuestCode];

/// How long events are gathered before something is read again: one deed makes several.
const GATHERED: Duration = Duration::from_millis(60);

/// How often the same thing is read again at most, however much happens to it.
const AT_MOST_EVERY: Duration = Duration::from_secs(1);

/// Something that a page shows, and what has happened to it.
struct Follower {
    kinds: &'static [LiveKind],
    id: Option<JsValue>,
    /// Reads it again; returns whether that could be begun.
    read: Box<dyn Fn() -> bool>,
    is_due: Cell<bool>,
    is_waiting: Cell<bool>,
    is_gone: Cell<bool>,
}

thread_local! {
    static FOLLOWERS: RefCell<Vec<Rc<Follower>>> = const { RefCell::new(Vec::new()) };
}

/// Calls `read` whenever something of these kinds happens to the thing with that id, or without one to anything that the
/// person may see; and whenever something may have been missed. What happens while the tab is hidden, or while `read`
/// returns `false`, is read when that is over. Ends with the owner.
pub fn on_change(kinds: &'static [LiveKind], id: Option<String>, read: impl Fn() -> bool + 'static) {
    add(kinds, id, Box::new(read));
}

/// Not generic, so that it is compiled once.
fn add(kinds: &'static [LiveKind], id: Option<String>, read: Box<dyn Fn() -> bool>) {
    let follower = Rc::new(Follower {
        kinds,
        id: id.map(JsValue::from),
        read,
        is_due: Cell::new(false),
        is_waiting: Cell::new(false),
        is_gone: Cell::new(false),
    });
    FOLLOWERS.with_borrow_mut(|all| all.push(follower.clone()));
    let kept = StoredValue::new_local(follower.clone());
    let shown = window_event_listener(ev::visibilitychange, move |_| {
        kept.try_with_value(|follower| {
            if follower.is_due.get() {
                follower.clone().wait(GATHERED);
            }
        });
    });
    let kept = StoredValue::new_local(follower);
    on_cleanup(move || {
        shown.remove();
        kept.try_with_value(|follower| {
            follower.is_gone.set(true);
            FOLLOWERS.with_borrow_mut(|all| all.retain(|other| !Rc::ptr_eq(other, follower)));
        });
    });
}

fn tell(kind: &str, words: &Array) {
    let all = FOLLOWERS.with_borrow(Clone::clone);
    for follower in all {
        if kind == LiveKind::Reset.name() || follower.is_about(kind, words) {
            follower.is_due.set(true);
            follower.wait(GATHERED);
        }
    }
}

impl Follower {
    fn is_about(&self, kind: &str, words: &Array) -> bool {
        self.kinds.iter().any(|it| it.name() == kind) && self.id.as_ref().is_none_or(|id| words.includes(id, 1))
    }

    /// Reads after a while, unless that is to happen anyway.
    fn wait(self: Rc<Self>, time: Duration) {
        if self.is_waiting.replace(true) {
            return;
        }
        set_timeout(
            move || {
                self.is_waiting.set(false);
                if self.is_gone.get() || !self.is_due.get() || document().hidden() {
                    return;
                }
                self.is_due.set(!untrack(|| (self.read)()));
                // Whatever happens in the meantime is read at its end.
                self.wait(AT_MOST_EVERY);
            },
            time,
        );
    }
}
