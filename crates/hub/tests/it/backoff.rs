//! R28: transient failures are retried with jittered backoff.

use std::time::Duration;

use hub::backoff::{BASE, CAP, ceiling, delay};
use proptest::prelude::*;

#[test]
fn r28_the_ceiling_doubles_from_a_second_to_five_minutes() {
    let ceilings: Vec<u64> = (0..=12).map(|failures| ceiling(failures).as_secs()).collect();
    assert_eq!(ceilings, [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
    assert_eq!(ceiling(u32::MAX), CAP);
}

#[test]
fn r28_the_jitter_is_full() {
    assert_eq!(delay(1, 0), Duration::ZERO);
    assert_eq!(delay(1, u64::MAX), BASE);
    assert_eq!(delay(3, 1 << 63), Duration::from_secs(2));
    assert_eq!(delay(u32::MAX, u64::MAX), CAP);
    assert_eq!(delay(0, u64::MAX), Duration::ZERO);
}

#[test]
fn r28_codes_that_failed_together_are_retried_apart() {
    // Evenly spaced numbers stand for uniform ones: each tenth of the range gets its share of the retries.
    let mut tenths = [0; 10];
    for seed in 0..1_000 {
        let wait = delay(9, seed * (u64::MAX / 1_000));
        tenths[(wait.as_millis() * 10 / (ceiling(9).as_millis() + 1)) as usize] += 1;
    }
    assert!(tenths.iter().all(|retries| (99..=101).contains(retries)), "{tenths:?}");
}

proptest! {
    #[test]
    fn r28_no_wait_is_longer_than_its_ceiling_or_the_cap(failures: u32, random: u64) {
        prop_assert!(delay(failures, random) <= ceiling(failures));
        prop_assert!(ceiling(failures) <= CAP);
    }

    #[test]
    fn r28_no_wait_in_the_first_attempts_escapes_its_bounds(failures in 1u32..16, random: u64) {
        let wait = delay(failures, random);
        prop_assert!(wait <= BASE * 2u32.pow(failures - 1));
        prop_assert!(wait <= CAP);
    }

    #[test]
    fn r28_more_failures_never_mean_a_shorter_wait(failures in 0u32..40, random: u64) {
        prop_assert!(delay(failures, random) <= delay(failures + 1, random));
    }
}
