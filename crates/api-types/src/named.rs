//! Names with a meaning, on the wire and in the records: an enumeration for each set of them, one spelling for each value.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value that is written as its name.
pub trait Named: Copy + Eq + 'static {
    /// Every value.
    const ALL: &'static [Self];

    /// The name: stable, and the same everywhere.
    fn name(self) -> &'static str;

    /// The value of that name.
    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.name() == name)
    }
}

/// A name that was read from elsewhere. Names are added and never changed, so that what was written by a newer program may
/// hold some that aren't known here; they are kept as they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MaybeKnown<T> {
    /// One of the known names.
    Known(T),
    /// Another name.
    Unknown(String),
}

impl<T: Named> MaybeKnown<T> {
    /// The value, if the name is known.
    pub fn known(&self) -> Option<T> {
        match self {
            Self::Known(value) => Some(*value),
            Self::Unknown(_) => None,
        }
    }

    /// Is it this value's name?
    pub fn is(&self, value: T) -> bool {
        self.known() == Some(value)
    }

    /// The name itself.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(value) => value.name(),
            Self::Unknown(name) => name,
        }
    }
}

impl<T> From<T> for MaybeKnown<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T: Named> From<String> for MaybeKnown<T> {
    fn from(name: String) -> Self {
        T::from_name(&name).map_or(Self::Unknown(name), Self::Known)
    }
}

impl<T: Named> fmt::Display for MaybeKnown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<T: Named> Serialize for MaybeKnown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de, T: Named> Deserialize<'de> for MaybeKnown<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(feature = "console")]
impl<T: Named> from_js::FromJs for MaybeKnown<T> {
    fn from_js(value: &from_js::JsValue) -> Option<Self> {
        value.as_string().map(Self::from)
    }
}

/// Makes an enumeration of names.
macro_rules! named {
    ($(#[$about:meta])* pub enum $type:ident { $($(#[$doc:meta])* $variant:ident = $name:tt),* $(,)? }) => {
        $(#[$about])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $type {
            $($(#[$doc])* #[serde(rename = $name)] $variant),*
        }

        impl $type {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name: stable, and the same on the wire and in the records.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),*
                }
            }
        }

        impl $crate::Named for $type {
            const ALL: &'static [Self] = Self::ALL;

            fn name(self) -> &'static str {
                Self::name(self)
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        #[cfg(feature = "console")]
        impl from_js::FromJs for $type {
            fn from_js(value: &from_js::JsValue) -> Option<Self> {
                <Self as $crate::Named>::from_name(&value.as_string()?)
            }
        }
    };
}
pub(crate) use named;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fmt::Debug;

    use serde::de::DeserializeOwned;

    use super::*;
    use crate::*;

    /// Each name is one value's alone, and both ways of reading and writing it agree.
    fn each_has_a_name_of_its_own<T: Named + Debug + Serialize + DeserializeOwned>() {
        let mut names = HashSet::new();
        for &value in T::ALL {
            let name = value.name();
            assert!(names.insert(name), "{name} is there twice");
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.".contains(c)), "{name}");
            assert_eq!(T::from_name(name), Some(value));
            let json = serde_json::to_string(&value).expect("JSON");
            assert_eq!(json, format!("\"{name}\""));
            assert_eq!(serde_json::from_str::<T>(&json).expect("the same"), value);
        }
    }

    #[test]
    fn every_value_has_a_name_of_its_own() {
        each_has_a_name_of_its_own::<Action>();
        each_has_a_name_of_its_own::<ProblemCode>();
        each_has_a_name_of_its_own::<FieldCode>();
        each_has_a_name_of_its_own::<ActorRole>();
        each_has_a_name_of_its_own::<ChannelKind>();
        each_has_a_name_of_its_own::<CodeOrigin>();
        each_has_a_name_of_its_own::<DamagedKind>();
        each_has_a_name_of_its_own::<DoorKind>();
        each_has_a_name_of_its_own::<DoorState>();
        each_has_a_name_of_its_own::<Evidence>();
        each_has_a_name_of_its_own::<GuestCodeKind>();
        each_has_a_name_of_its_own::<GuestCodeState>();
        each_has_a_name_of_its_own::<NeedCause>();
        each_has_a_name_of_its_own::<NeedOf>();
        each_has_a_name_of_its_own::<Outcome>();
        each_has_a_name_of_its_own::<PlacementReason>();
        each_has_a_name_of_its_own::<PlacementStatus>();
        each_has_a_name_of_its_own::<Platform>();
        each_has_a_name_of_its_own::<Role>();
        each_has_a_name_of_its_own::<RosterAsk>();
        each_has_a_name_of_its_own::<RosterChange>();
        each_has_a_name_of_its_own::<RosterChoice>();
        each_has_a_name_of_its_own::<RosterColumn>();
        each_has_a_name_of_its_own::<RosterNote>();
        each_has_a_name_of_its_own::<RosterQuestion>();
        each_has_a_name_of_its_own::<RosterSetAside>();
        each_has_a_name_of_its_own::<DateOrder>();
        each_has_a_name_of_its_own::<KeptBecause>();
        each_has_a_name_of_its_own::<Said>();
        each_has_a_name_of_its_own::<SubjectKind>();
        each_has_a_name_of_its_own::<TenancyStage>();
        each_has_a_name_of_its_own::<Weekday>();
        each_has_a_name_of_its_own::<WhichCode>();
    }

    #[test]
    fn a_name_that_is_not_known_is_kept() {
        for name in ["stale", "said_by_a_newer_server"] {
            let json = format!("\"{name}\"");
            let read: MaybeKnown<ProblemCode> = serde_json::from_str(&json).expect("any name is read");
            assert_eq!(serde_json::to_string(&read).expect("JSON"), json);
            assert_eq!(read.known(), (name == "stale").then_some(ProblemCode::Stale));
            assert_eq!(read, MaybeKnown::from(name.to_owned()));
        }
        assert!(serde_json::from_str::<MaybeKnown<ProblemCode>>("7").is_err());
    }
}
