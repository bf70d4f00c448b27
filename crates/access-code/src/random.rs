//! Random codes (R17, R18).

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use crate::{Code, Length, content_violation};

/// Codes tried before looking through all of them. While at least half are free, the chance of needing more is below
/// one in 10^19.
const SAMPLES: u32 = 64;

/// Draws in a row that may fall outside the range. An honest source does so with a chance below one half each time,
/// so this many in a row (below one in 10^38) mean that the source is broken.
const DRAWS: u32 = 128;

/// Where random bytes come from. Outside tests that is `OsRandom` (feature `getrandom`), the operating system's
/// CSPRNG (R17).
pub trait RandomSource {
    /// Fills the whole buffer with independent, uniform random bytes.
    ///
    /// # Errors
    /// [`SourceFailed`] if there are none to be had; the buffer isn't to be used then.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), SourceFailed>;
}

/// The source has no random bytes to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceFailed;

impl fmt::Display for SourceFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the source of randomness failed")
    }
}

impl core::error::Error for SourceFailed {}

/// Why there is no random code. Neither weakens a rule to give one all the same (R18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RandomCodeError {
    /// No code of that length that passes R7 and R8 is free (R18).
    Exhausted,
    /// The source of randomness failed, or gave bytes that can't be random.
    SourceFailed,
}

impl RandomCodeError {
    /// Stable, `snake_case`; what programs decide on.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exhausted => "codes_exhausted",
            Self::SourceFailed => "random_source_failed",
        }
    }
}

impl fmt::Display for RandomCodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exhausted => "no code of this length is free",
            Self::SourceFailed => "the source of randomness failed",
        })
    }
}

impl core::error::Error for RandomCodeError {}

impl From<SourceFailed> for RandomCodeError {
    fn from(_: SourceFailed) -> Self {
        Self::SourceFailed
    }
}

/// Makes a random code: uniform over the codes of that length which pass R7 and R8 and for which `is_free` says yes
/// (R17).
///
/// It tries a few dozen at random; when none will do, it looks through all codes of that length and picks one of the
/// free ones, each as likely as the other. So it always ends, and finds the last free code too (R18). `is_free` may be
/// asked of every code of that length, and must answer alike when asked twice; it should be a look-up in memory.
///
/// # Errors
/// [`RandomCodeError::Exhausted`] if no code is free, [`RandomCodeError::SourceFailed`] if the source fails.
///
/// ```
/// use access_code::{Length, RandomSource, SourceFailed, random_code};
///
/// struct Always(u8);
/// impl RandomSource for Always {
///     fn fill(&mut self, buffer: &mut [u8]) -> Result<(), SourceFailed> {
///         buffer.fill(self.0);
///         Ok(())
///     }
/// }
///
/// let code = random_code(Length::Six, &mut Always(7), |_| true)?;
/// assert_eq!(code.length(), Length::Six);
/// # Ok::<(), access_code::RandomCodeError>(())
/// ```
pub fn random_code(
    length: Length,
    source: &mut impl RandomSource,
    mut is_free: impl FnMut(&Code) -> bool,
) -> Result<Code, RandomCodeError> {
    let mut may_be = |code: &Code| content_violation(code).is_none() && is_free(code);
    for _ in 0..SAMPLES {
        let code = Code::at(length, below(length.codes(), source)?);
        if may_be(&code) {
            return Ok(code);
        }
    }
    // Wiped and never grown: what is free on a lock tells what isn't.
    let mut free = Zeroizing::new(Vec::with_capacity(length.codes() as usize));
    free.extend((0..length.codes()).filter(|&index| may_be(&Code::at(length, index))));
    if free.is_empty() {
        return Err(RandomCodeError::Exhausted);
    }
    let pick = below(free.len() as u32, source)?;
    Ok(Code::at(length, free[pick as usize]))
}

/// A uniform number from 0 to `bound - 1`; `bound` is from 1 to 1,000,000.
///
/// It draws just as many bits as the largest such number has, and draws again when they come out too large. Taking the
/// remainder of a division instead would make the small numbers likelier (R17).
fn below(bound: u32, source: &mut impl RandomSource) -> Result<u32, SourceFailed> {
    let largest = bound - 1;
    let bits = u32::BITS - largest.leading_zeros();
    let mask = (1 << bits) - 1;
    let mut bytes = Zeroizing::new([0; 4]);
    for _ in 0..DRAWS {
        source.fill(&mut bytes[..bits.div_ceil(8) as usize])?;
        let number = u32::from_le_bytes(*bytes) & mask;
        if number <= largest {
            return Ok(number);
        }
    }
    Err(SourceFailed)
}

/// The operating system's CSPRNG (R17).
///
/// ```
/// use access_code::{Length, OsRandom, random_code};
///
/// assert!(random_code(Length::Four, &mut OsRandom, |_| true).is_ok());
/// ```
#[cfg(feature = "getrandom")]
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

#[cfg(feature = "getrandom")]
impl RandomSource for OsRandom {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), SourceFailed> {
        getrandom::fill(buffer).map_err(|_| SourceFailed)
    }
}
