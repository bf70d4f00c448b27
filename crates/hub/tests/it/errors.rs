//! The reasons of failures: stable, rightly classified, free of digits.

use hub::{LockError, Rejection};
use proptest::prelude::*;

fn every_error() -> [LockError; 9] {
    [
        LockError::HubOffline,
        LockError::LockOffline,
        LockError::SlotsFull,
        LockError::LengthNotSupported,
        LockError::DuplicateOnLock,
        LockError::TimedOut,
        LockError::rejected("transmit failed"),
        LockError::NotSupported,
        LockError::UnknownLock,
    ]
}

fn those(of: impl Fn(&LockError) -> bool) -> Vec<LockError> {
    every_error().into_iter().filter(of).collect()
}

#[test]
fn r28_only_what_can_not_succeed_is_permanent() {
    assert_eq!(
        those(LockError::is_permanent),
        [LockError::SlotsFull, LockError::LengthNotSupported, LockError::DuplicateOnLock, LockError::NotSupported]
    );
    assert_eq!(
        those(|error| !error.is_permanent()),
        [
            LockError::HubOffline,
            LockError::LockOffline,
            LockError::TimedOut,
            LockError::rejected("transmit failed"),
            LockError::UnknownLock,
        ]
    );
}

#[test]
fn r13_r29_hub_and_lock_offline_are_told_apart_and_from_all_else() {
    assert_eq!(those(LockError::is_offline), [LockError::HubOffline, LockError::LockOffline]);
}

#[test]
fn r26_support_reads_what_the_protocol_said() {
    assert_eq!(LockError::rejected("node 17: code 204").protocol_error(), "node 17: code 204");
    assert_eq!(LockError::TimedOut.protocol_error(), "the lock did not answer in time");
}

#[test]
fn r32_a_protocol_that_quotes_the_code_is_not_quoted() {
    for (said, kept) in [
        ("407159 refused", "•••••• refused"),
        ("slot 12: {\"data\":\"0192\"}", "slot 12: {\"data\":\"••••\"}"),
        ("pin=0192,407159", "pin=••••,••••••"),
        ("٤٠٧١ refused", "•••• refused"),
        ("status 255 of node 3", "status 255 of node 3"),
        ("", ""),
    ] {
        let error = LockError::rejected(said);
        assert_eq!(error.protocol_error(), kept);
        assert_eq!(error.to_string(), format!("rejected: {kept}"));
        assert!(!format!("{error:?}").contains("0192"));
    }
}

#[test]
fn r32_a_code_cut_by_the_length_limit_stays_hidden() {
    let said = format!("{}407159", "x".repeat(Rejection::MAX_CHARS - 3));
    let kept = LockError::rejected(&said).protocol_error();
    assert_eq!(kept.chars().count(), Rejection::MAX_CHARS);
    assert!(kept.ends_with("x•••"));
}

proptest! {
    #[test]
    fn r32_no_error_holds_the_code_it_was_given(before in "\\PC{0,40}", code in "[0-9]{4}|[0-9]{6}", after in "\\PC{0,40}") {
        let kept = LockError::rejected(&format!("{before}{code}{after}")).protocol_error();
        prop_assert!(!kept.contains(&code));
        prop_assert!(kept.chars().count() <= Rejection::MAX_CHARS);
    }
}
