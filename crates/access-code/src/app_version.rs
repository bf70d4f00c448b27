//! Versions of the mobile app (R4).

use core::cmp::Ordering;
use core::fmt;

use semver::Version;

/// The first version of the mobile app that may make custom codes: 2.8.0 (R4).
pub const MIN_APP_VERSION: AppVersion = AppVersion(Version::new(2, 8, 0));

/// A version of the mobile app: three numbers, perhaps a pre-release, perhaps build metadata, exactly as Semantic
/// Versioning 2.0.0 writes them.
///
/// Versions compare by precedence, which ignores build metadata: two versions that differ only there are equal.
///
/// ```
/// use access_code::AppVersion;
///
/// let parse = |text| AppVersion::parse(text).unwrap();
/// assert!(parse("2.10.0") > parse("2.8.0"));
/// assert!(parse("2.8.0-rc.1") < parse("2.8.0"));
/// assert!(parse("2.8.0+ios.4711") == parse("2.8.0"));
/// assert!(AppVersion::parse("v2.8.0").is_none());
/// ```
#[derive(Clone, Debug)]
pub struct AppVersion(Version);

impl AppVersion {
    /// The version that the text names; `None` if it isn't one. Strict: no `v`, no spaces, no leading zeros, no part
    /// left out.
    pub fn parse(text: &str) -> Option<Self> {
        Version::parse(text).ok().map(Self)
    }

    /// This app is new enough for custom codes: 2.8.0 or newer, of which a pre-release of 2.8.0 is not (R4).
    ///
    /// A version that is missing or malformed counts as too old:
    ///
    /// ```
    /// use access_code::AppVersion;
    ///
    /// let allows = |text| AppVersion::parse(text).is_some_and(|version| version.allows_custom_codes());
    /// assert!(allows("2.8.0"));
    /// assert!(!allows("2.8.0-beta"));
    /// assert!(!allows("latest"));
    /// ```
    pub fn allows_custom_codes(&self) -> bool {
        *self >= MIN_APP_VERSION
    }
}

impl fmt::Display for AppVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Ord for AppVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp_precedence(&other.0)
    }
}

impl PartialOrd for AppVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for AppVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for AppVersion {}
