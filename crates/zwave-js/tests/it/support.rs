//! What both kinds of tests use.

use std::time::Duration;

use access_code::Code;
use hub::{HubAddress, HubEvent, Slot, SlotContent};
use tokio::sync::broadcast;
use tokio::time::timeout;

/// Longer than anything here takes, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn slot(number: u16) -> Slot {
    Slot::new(number).expect("not 0")
}

pub(crate) fn code(digits: &str) -> Code {
    Code::parse(digits).expect("four or six digits")
}

pub(crate) fn address(port: u16) -> HubAddress {
    HubAddress::parse(&format!("ws://127.0.0.1:{port}")).expect("on this machine")
}

/// The content in words, since it has no `Debug`.
pub(crate) fn shown(content: &SlotContent) -> String {
    match content {
        SlotContent::Empty => "empty".to_owned(),
        SlotContent::Occupied => "occupied".to_owned(),
        SlotContent::Holds(code) => code.expose().to_owned(),
    }
}

/// Waits for an event and leaves out others.
pub(crate) async fn event(events: &mut broadcast::Receiver<HubEvent>, wanted: HubEvent) {
    let mut seen = Vec::new();
    let found = timeout(PATIENCE, async {
        loop {
            let event = events.recv().await.expect("no event is lost");
            if event == wanted {
                return;
            }
            seen.push(event);
        }
    });
    assert!(found.await.is_ok(), "no {wanted:?}, but {seen:?}");
}
