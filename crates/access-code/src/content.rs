//! Which codes are refused for what they are (R6–R9).

use alloc::{vec, vec::Vec};
use core::fmt;

use crate::{Code, Length};

/// What is wrong with a code that somebody picked. There is nothing else that can be (R9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Violation {
    /// Neither four nor six characters (R6).
    WrongLength,
    /// Something other than the ASCII digits 0 to 9 (R6).
    NotDigits,
    /// One digit repeated throughout (R7).
    Repeated,
    /// Up by one or down by one throughout (R8).
    Run,
}

impl Violation {
    /// All of them, in the order of the rules.
    pub const ALL: [Self; 4] = [Self::WrongLength, Self::NotDigits, Self::Repeated, Self::Run];

    /// Stable, `snake_case`; what programs decide on.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WrongLength => "code_wrong_length",
            Self::NotDigits => "code_not_digits",
            Self::Repeated => "code_repeated_digit",
            Self::Run => "code_consecutive",
        }
    }

    /// What is wrong, as a sentence for the person who picked it. The digits aren't in it (R32).
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::WrongLength => "The code must have exactly 4 or exactly 6 digits.",
            Self::NotDigits => "The code can have only the digits 0 to 9.",
            Self::Repeated => "The code can’t be the same digit throughout.",
            Self::Run => "The code can’t be consecutive digits throughout, up or down.",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

/// Takes the text that a resident picked for a code if R6, R7 and R8 allow it; no other rule of content exists (R9).
///
/// # Errors
/// Everything that is wrong with it, in the order of the rules; never empty. R7 and R8 speak of codes, so text that
/// R6 refuses isn't held against them.
///
/// ```
/// use access_code::{Violation, check_custom};
///
/// assert!(check_custom("7890").is_ok()); // no wrap from 9 to 0
/// assert_eq!(check_custom("000000").err(), Some(vec![Violation::Repeated]));
/// assert_eq!(check_custom("12a").err(), Some(vec![Violation::WrongLength, Violation::NotDigits]));
/// ```
pub fn check_custom(text: &str) -> Result<Code, Vec<Violation>> {
    if let Ok(code) = Code::parse(text) {
        return match content_violation(&code) {
            None => Ok(code),
            Some(violation) => Err(vec![violation]),
        };
    }
    let mut violations = Vec::new();
    if Length::from_digits(text.chars().count()).is_none() {
        violations.push(Violation::WrongLength);
    }
    if !text.chars().all(|character| character.is_ascii_digit()) {
        violations.push(Violation::NotDigits);
    }
    Err(violations)
}

/// What R7 or R8 have against a code. They exclude each other, so it is one thing at most.
///
/// ```
/// use access_code::{Code, Violation, content_violation};
///
/// # fn main() -> Result<(), access_code::Malformed> {
/// assert_eq!(content_violation(&Code::parse("9876")?), Some(Violation::Run));
/// assert_eq!(content_violation(&Code::parse("112345")?), None);
/// # Ok(())
/// # }
/// ```
pub fn content_violation(code: &Code) -> Option<Violation> {
    let digits = code.expose().as_bytes();
    // A code is refused when every step from one digit to the next is the same, and that step is 0, +1 or -1.
    let every_step_is = |step: i16| digits.windows(2).all(|pair| i16::from(pair[1]) - i16::from(pair[0]) == step);
    if every_step_is(0) {
        Some(Violation::Repeated)
    } else if every_step_is(1) || every_step_is(-1) {
        Some(Violation::Run)
    } else {
        None
    }
}
