//! The rules of access codes: what a code is (R6), which are refused (R7–R9), who may pick one, where and when
//! (R1–R5, R12–R14), and how random ones are made (R17, R18).
//!
//! It is shared by the server, which enforces these rules, and the console, which explains them in the browser. So it
//! is `no_std`, does no I/O, keeps no time and remembers nothing: facts go in, a verdict comes out.
//!
//! ```
//! use access_code::{Violation, check_custom};
//!
//! assert!(check_custom("0192").is_ok());
//! assert_eq!(check_custom("4321").err(), Some(vec![Violation::Run]));
//! ```
#![no_std]

extern crate alloc;

mod app_version;
mod code;
mod content;
pub mod policy;
mod random;

pub use app_version::{AppVersion, MIN_APP_VERSION};
pub use code::{Code, Length, Malformed};
pub use content::{Violation, check_custom, content_violation};
pub use policy::{APP_STEPS, CONTACT_SUPPORT, Condition, ConditionResult, Decision, Facts, Refusal, decide};
#[cfg(feature = "getrandom")]
pub use random::OsRandom;
pub use random::{RandomCodeError, RandomSource, SourceFailed, random_code};
