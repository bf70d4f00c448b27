//! Codes travel to hubs in the clear, so a hub is reached over TLS or on this very machine.

use hub::{HubAddress, HubAddressError};

#[test]
fn a_hub_is_reached_over_tls_or_on_this_machine() {
    for good in [
        "wss://hub.example:3000",
        "wss://10.0.0.7/zwave",
        "ws://127.0.0.1:3000",
        "ws://127.8.0.1:3000",
        "ws://[::1]:3000",
        "ws://localhost:3000",
        "  ws://LOCALHOST:3000 ",
    ] {
        assert!(HubAddress::parse(good).is_ok(), "{good}");
    }
}

#[test]
fn anything_else_is_refused_and_told_apart() {
    use HubAddressError::{HasSecrets, NotAnAddress, NotEncrypted};
    for (bad, why) in [
        ("", NotAnAddress),
        ("hub.example:3000", NotAnAddress),
        ("https://hub.example", NotAnAddress),
        ("wss://", NotAnAddress),
        ("ws://10.0.0.7:3000", NotEncrypted),
        ("ws://localhost.example:3000", NotEncrypted),
        ("ws://127.0.0.1.example:3000", NotEncrypted),
        ("ws://0.0.0.0:3000", NotEncrypted),
        ("wss://me:secret@hub.example", HasSecrets),
        ("wss://me@hub.example", HasSecrets),
        ("ws://127.0.0.1:3000/#token", HasSecrets),
    ] {
        assert_eq!(HubAddress::parse(bad), Err(why), "{bad}");
    }
    let long = format!("wss://hub.example/{}", "x".repeat(HubAddress::MAX_CHARS));
    assert_eq!(HubAddress::parse(&long), Err(NotAnAddress));
}
