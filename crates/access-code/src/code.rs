//! The code itself: text of four or six digits that can't be printed by accident.

use alloc::string::String;
use core::fmt;

use zeroize::{ZeroizeOnDrop, Zeroizing};

/// How many digits a code has (R6).
///
/// ```
/// use access_code::Length;
///
/// assert_eq!(Length::from_digits(6), Some(Length::Six));
/// assert_eq!(Length::from_digits(5), None);
/// assert_eq!(Length::Four.digits(), 4);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Length {
    /// Four digits: 10,000 codes, 24 of them refused.
    Four,
    /// Six digits: 1,000,000 codes, 20 of them refused.
    Six,
}

impl Length {
    /// Both, the shorter first.
    pub const ALL: [Self; 2] = [Self::Four, Self::Six];

    /// The number of digits.
    pub const fn digits(self) -> usize {
        match self {
            Self::Four => 4,
            Self::Six => 6,
        }
    }

    /// The length of that many digits, if codes can have it.
    pub const fn from_digits(digits: usize) -> Option<Self> {
        match digits {
            4 => Some(Self::Four),
            6 => Some(Self::Six),
            _ => None,
        }
    }

    /// How many codes of this length there are, the refused ones counted too.
    pub(crate) const fn codes(self) -> u32 {
        match self {
            Self::Four => 10_000,
            Self::Six => 1_000_000,
        }
    }
}

/// An access code: exactly four or exactly six ASCII digits (R6). Leading zeros count, so it is text, never a number.
///
/// Having one says nothing of R7 and R8: a lock may hold a code from before those rules. Ask [`content_violation`] or
/// start from [`check_custom`].
///
/// The digits are wiped on drop and leave by [`Code::expose`] alone (R32). There is no way to print one:
///
/// ```compile_fail,E0277
/// let code = access_code::Code::parse("0192").unwrap();
/// format!("{code:?}");
/// ```
/// ```compile_fail,E0277
/// let code = access_code::Code::parse("0192").unwrap();
/// format!("{code}");
/// ```
/// ```compile_fail,E0277
/// fn hashable<T: core::hash::Hash>() {}
/// hashable::<access_code::Code>();
/// ```
/// The same with something that may be printed compiles, so it is the code that fails above:
/// ```
/// let code = access_code::Code::parse("0192").unwrap();
/// format!("{:?}", code.length());
/// ```
///
/// [`content_violation`]: crate::content_violation
/// [`check_custom`]: crate::check_custom
// On the heap, so that moving a code leaves no copy behind that nobody wipes.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(Zeroizing<String>);

impl Code {
    /// Takes text for a code if it is four or six ASCII digits and nothing else (R6).
    ///
    /// # Errors
    /// [`Malformed`] for anything else. [`check_custom`](crate::check_custom) says what is wrong.
    ///
    /// ```
    /// use access_code::Code;
    ///
    /// assert!(Code::parse("0000").is_ok());
    /// assert!(Code::parse(" 0192").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let well_formed = Length::from_digits(text.len()).is_some() && text.bytes().all(|byte| byte.is_ascii_digit());
        if well_formed { Ok(Self(Zeroizing::new(String::from(text)))) } else { Err(Malformed) }
    }

    /// The code of this length at `index` when all are sorted; `index` is below `length.codes()`.
    pub(crate) fn at(length: Length, index: u32) -> Self {
        // Filled from the last digit without growing, so that no buffer is left behind with some of the digits.
        let mut digits = Zeroizing::new([b'0'; 6]);
        let mut rest = index;
        for digit in digits[..length.digits()].iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        let mut text = String::with_capacity(length.digits());
        text.extend(digits[..length.digits()].iter().map(|&digit| char::from(digit)));
        Self(Zeroizing::new(text))
    }

    /// The digits. This is the only way to get them; the caller is responsible for where they go (R32).
    ///
    /// ```
    /// # fn main() -> Result<(), access_code::Malformed> {
    /// assert_eq!(access_code::Code::parse("0192")?.expose(), "0192");
    /// # Ok(())
    /// # }
    /// ```
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// How many digits it has.
    pub fn length(&self) -> Length {
        if self.0.len() == Length::Four.digits() { Length::Four } else { Length::Six }
    }
}

impl ZeroizeOnDrop for Code {}

/// The text is not a code: not exactly four or six ASCII digits (R6). It holds nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a code is exactly 4 or exactly 6 digits")
    }
}

impl core::error::Error for Malformed {}
