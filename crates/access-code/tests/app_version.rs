//! R4: which versions of the app may make custom codes.

use access_code::{AppVersion, MIN_APP_VERSION};
use proptest::prelude::*;

fn allows(text: &str) -> bool {
    AppVersion::parse(text).is_some_and(|version| version.allows_custom_codes())
}

#[test]
fn r4_2_8_0_or_newer() {
    for text in
        ["2.8.0", "2.8.1", "2.8.10", "2.9.0", "2.10.0", "2.10.0-rc.1", "2.8.1-alpha", "3.0.0", "3.0.0-0", "10.0.0"]
    {
        assert!(allows(text), "{text}");
    }
    for text in ["2.7.9", "2.7.99", "2.7.999+2.8.0", "1.99.99", "0.0.0", "0.2.8"] {
        assert!(!allows(text), "{text}");
    }
}

#[test]
fn r4_a_pre_release_of_2_8_0_is_older() {
    for text in ["2.8.0-alpha", "2.8.0-rc.1", "2.8.0-0", "2.8.0-rc.1+9", "2.8.0-zzz"] {
        assert!(AppVersion::parse(text).is_some(), "{text}");
        assert!(!allows(text), "{text}");
    }
}

#[test]
fn r4_build_metadata_makes_no_difference() {
    assert!(allows("2.8.0+1"));
    assert!(!allows("2.7.9+999"));
    assert_eq!(AppVersion::parse("2.8.0+ios.4711"), Some(MIN_APP_VERSION));
}

#[test]
fn r4_a_malformed_version_counts_as_too_old() {
    #[rustfmt::skip]
    let malformed = [
        "", "2", "2.8", "2.8.0.0", "v2.8.0", "V2.8.0", " 2.8.0", "2.8.0 ", "2.8.0\n", "02.8.0", "2.08.0", "2.8.00",
        "2.8.0-", "2.8.0+", "2.8.0-01", "2.8.x", "2.8.*", ">=2.8.0", "latest", "2,8,0", "-2.8.0", "2.-8.0", "９.８.０",
        "99999999999999999999999.0.0",
    ];
    for text in malformed {
        assert!(AppVersion::parse(text).is_none(), "{text:?}");
        assert!(!allows(text), "{text:?}");
    }
}

/// R4: the order is that of Semantic Versioning 2.0.0, section 11, with its own example.
#[test]
fn r4_semantic_version_order() {
    #[rustfmt::skip]
    let ascending = [
        "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
        "1.0.0", "2.0.0", "2.1.0", "2.1.1", "2.8.0", "2.10.0",
    ];
    let parsed: Vec<AppVersion> = ascending.iter().map(|text| AppVersion::parse(text).expect(text)).collect();
    assert!(parsed.is_sorted_by(|one, next| one < next));
    // What is newer is not the same.
    assert!(parsed.is_sorted_by(|one, next| one != next));
}

proptest! {
    /// R4: a release is judged by its three numbers, in that order.
    #[test]
    fn r4_releases_compare_by_their_numbers(numbers in (0_u64..5, 0_u64..20, 0_u64..20), build in "(\\+[0-9a-z]{1,8})?") {
        let (major, minor, patch) = numbers;
        prop_assert_eq!(allows(&format!("{major}.{minor}.{patch}{build}")), numbers >= (2, 8, 0));
    }

    /// R4: a pre-release comes just before its release: allowed where an older release than its own is.
    #[test]
    fn r4_a_pre_release_is_older_than_its_release(numbers in (0_u64..5, 0_u64..20, 0_u64..20), pre in "[a-z]{1,5}(\\.[1-9])?") {
        let (major, minor, patch) = numbers;
        prop_assert_eq!(allows(&format!("{major}.{minor}.{patch}-{pre}")), numbers > (2, 8, 0));
    }

    /// No text at all makes it panic, and what it reads it writes again as it was.
    #[test]
    fn r4_any_text(text in prop_oneof![any::<String>(), "[0-9.v+-]{0,12}"]) {
        if let Some(version) = AppVersion::parse(&text) {
            prop_assert_eq!(version.to_string(), text);
        }
    }
}
