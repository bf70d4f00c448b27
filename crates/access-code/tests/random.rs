//! R17, R18: random codes are uniform over what is allowed and free, and making one always ends.

use std::collections::{BTreeMap, BTreeSet};

use access_code::{Code, Length, RandomCodeError, RandomSource, SourceFailed, content_violation, random_code};

/// SplitMix64: good enough to test statistics with, and the same in every run.
struct Seeded(u64);

impl RandomSource for Seeded {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), SourceFailed> {
        for byte in buffer {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.0;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (mixed ^ (mixed >> 31)) as u8;
        }
        Ok(())
    }
}

/// Gives every number of `bytes` bytes exactly once, in a scattered order, and then fails.
struct EveryNumberOnce {
    bytes: usize,
    given: u32,
}

impl RandomSource for EveryNumberOnce {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), SourceFailed> {
        assert_eq!(buffer.len(), self.bytes, "draws as many bytes as the number needs");
        if self.given == 1 << (8 * self.bytes) {
            return Err(SourceFailed);
        }
        // An odd factor permutes the numbers below a power of two.
        let number = self.given.wrapping_mul(0x9e37_79b1).to_le_bytes();
        buffer.copy_from_slice(&number[..self.bytes]);
        self.given += 1;
        Ok(())
    }
}

/// Fills with one byte for ever.
struct Stuck(u8);

impl RandomSource for Stuck {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), SourceFailed> {
        buffer.fill(self.0);
        Ok(())
    }
}

struct Broken;

impl RandomSource for Broken {
    fn fill(&mut self, _: &mut [u8]) -> Result<(), SourceFailed> {
        Err(SourceFailed)
    }
}

fn number(code: &Code) -> usize {
    code.expose().parse().expect("digits")
}

/// R17, exactly: of all the numbers that a source can give, the same number makes each allowed code, and none makes a
/// refused one. With a modulo instead of rejection, 4-digit codes below 6,384 would come up more often.
#[test]
fn r17_each_allowed_code_comes_from_equally_many_draws() {
    for (length, bytes, codes, refused, draws_each) in
        [(Length::Four, 2, 10_000, 24, (1 << 16) >> 14), (Length::Six, 3, 1_000_000, 20, (1 << 24) >> 20)]
    {
        let mut source = EveryNumberOnce { bytes, given: 0 };
        let mut count = vec![0_u32; codes];
        loop {
            match random_code(length, &mut source, |_| true) {
                Ok(code) => count[number(&code)] += 1,
                Err(error) => break assert_eq!(error, RandomCodeError::SourceFailed),
            }
        }
        assert_eq!(count.iter().filter(|&&draws| draws == 0).count(), refused);
        assert_eq!(count.iter().filter(|&&draws| draws == draws_each).count(), codes - refused);
    }
}

/// How far the counts are from uniform: Pearson's chi-square, in standard deviations from its mean.
fn deviation(counts: &[u32]) -> f64 {
    let categories = counts.len() as f64;
    let expected = f64::from(counts.iter().sum::<u32>()) / categories;
    let chi_square = counts.iter().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum::<f64>();
    let freedom = categories - 1.0;
    (chi_square - freedom) / (2.0 * freedom).sqrt()
}

/// R17: over all allowed codes of four digits; and every place of six digits on its own.
#[test]
fn r17_random_codes_are_uniform_by_chi_square() {
    let mut source = Seeded(17);
    let mut counts = vec![0; 10_000];
    for _ in 0..500_000 {
        counts[number(&random_code(Length::Four, &mut source, |_| true).expect("free"))] += 1;
    }
    let allowed: Vec<u32> = counts.into_iter().filter(|&count| count > 0).collect();
    assert_eq!(allowed.len(), 10_000 - 24);
    assert!(deviation(&allowed).abs() < 4.0, "{}", deviation(&allowed));

    let mut places = [[0; 10]; 6];
    for _ in 0..200_000 {
        let code = random_code(Length::Six, &mut source, |_| true).expect("free");
        for (place, digit) in code.expose().bytes().enumerate() {
            places[place][usize::from(digit - b'0')] += 1;
        }
    }
    for digits in places {
        assert!(deviation(&digits).abs() < 4.0, "{}", deviation(&digits));
    }
}

/// The measure above does notice a modulo: numbers of 14 bits, reduced to 10,000.
#[test]
fn r17_chi_square_would_notice_a_modulo() {
    let mut source = Seeded(17);
    let mut counts = vec![0; 10_000];
    for _ in 0..500_000 {
        let mut bytes = [0; 2];
        source.fill(&mut bytes).expect("never fails");
        counts[usize::from(u16::from_le_bytes(bytes) & 0x3fff) % 10_000] += 1;
    }
    assert!(deviation(&counts) > 100.0, "{}", deviation(&counts));
}

/// R17: when only few codes are free, so that all are looked through, each is as likely as the other.
#[test]
fn r17_the_last_free_codes_are_uniform_too() {
    let free = ["0192", "0193", "4711", "8086", "9990"];
    let mut counts = BTreeMap::new();
    let mut source = Seeded(18);
    for _ in 0..2_000 {
        let code = random_code(Length::Four, &mut source, |code| free.contains(&code.expose())).expect("five are free");
        *counts.entry(code.expose().to_owned()).or_insert(0) += 1;
    }
    assert_eq!(counts.keys().map(String::as_str).collect::<Vec<_>>(), free);
    let counts: Vec<u32> = counts.into_values().collect();
    // Four degrees of freedom: 23.5 is passed by chance once in 10,000 times, and that is 6.9 deviations up.
    assert!(deviation(&counts) < 6.9, "{counts:?}");
}

/// R17, R18: codes are handed out until none is left: each allowed one once, then `codes_exhausted`.
#[test]
fn r18_every_free_code_is_found_and_then_codes_are_exhausted() {
    let mut source = Seeded(18);
    // The first 9,900 are taken directly, so that the search among the last ones takes the time.
    let allowed: Vec<String> = (0..10_000)
        .map(|number| format!("{number:04}"))
        .filter(|text| content_violation(&Code::parse(text).expect("well formed")).is_none())
        .collect();
    let mut taken: BTreeSet<String> = allowed.iter().take(9_900).cloned().collect();
    for _ in 9_900..allowed.len() {
        let code =
            random_code(Length::Four, &mut source, |code| !taken.contains(code.expose())).expect("some are free");
        assert!(taken.insert(code.expose().to_owned()), "given twice");
    }
    assert_eq!(taken.into_iter().collect::<Vec<_>>(), allowed);
    let error =
        random_code(Length::Four, &mut source, |code| allowed.binary_search(&code.expose().to_owned()).is_err());
    assert_eq!(error.err(), Some(RandomCodeError::Exhausted));
}

/// R18: the rules hold even if nothing but refused codes is free.
#[test]
fn r18_no_rule_is_weakened_to_find_a_code() {
    for length in Length::ALL {
        let only_refused = |code: &Code| content_violation(code).is_some();
        assert_eq!(random_code(length, &mut Seeded(1), only_refused).err(), Some(RandomCodeError::Exhausted));
    }
    assert_eq!(RandomCodeError::Exhausted.name(), "codes_exhausted");
}

/// R18: each code is asked for a bounded number of times, so it ends for six digits too.
#[test]
fn r18_making_a_code_ends_after_asking_for_each_code_about_once() {
    let mut asked = 0;
    let last = random_code(Length::Six, &mut Seeded(3), |code| {
        asked += 1;
        code.expose() == "999998"
    });
    assert!(last.is_ok_and(|code| code.expose() == "999998"));
    assert!(asked <= 1_000_000 - 20 + 64, "{asked}");
}

/// R17, R18: a source that fails or is stuck makes no code and no endless loop.
#[test]
fn r18_a_broken_source_is_an_error() {
    for length in Length::ALL {
        assert_eq!(random_code(length, &mut Broken, |_| true).err(), Some(RandomCodeError::SourceFailed));
        // All ones is out of range every time.
        assert_eq!(random_code(length, &mut Stuck(0xff), |_| true).err(), Some(RandomCodeError::SourceFailed));
    }
}

/// A source stuck at a code that R7 refuses: searching all codes ends it.
#[test]
fn r18_a_source_that_names_only_refused_codes_ends() {
    let code = random_code(Length::Four, &mut Stuck(0), |_| true).expect("codes are free");
    assert_eq!(code.expose(), "0001");
}

/// R17: the operating system's source gives allowed codes, and not always the same.
#[cfg(feature = "getrandom")]
#[test]
fn r17_the_operating_system_makes_codes() {
    let codes: BTreeSet<String> = (0..50)
        .map(|_| random_code(Length::Six, &mut access_code::OsRandom, |_| true).expect("free"))
        .inspect(|code| assert_eq!(content_violation(code), None))
        .map(|code| code.expose().to_owned())
        .collect();
    // Fifty out of a million: fewer than 45 different ones would be a miracle.
    assert!(codes.len() > 45);
}
