//! R6–R9: what a code is, and which are refused. Judged against lists written out by hand, over all codes there are.

use access_code::{Code, Length, Violation, check_custom, content_violation};
use proptest::prelude::*;
use zeroize::ZeroizeOnDrop;

#[rustfmt::skip]
const REPEATED: [&str; 20] = [
    "0000", "1111", "2222", "3333", "4444", "5555", "6666", "7777", "8888", "9999",
    "000000", "111111", "222222", "333333", "444444", "555555", "666666", "777777", "888888", "999999",
];

#[rustfmt::skip]
const RUNS: [&str; 24] = [
    "0123", "1234", "2345", "3456", "4567", "5678", "6789",
    "9876", "8765", "7654", "6543", "5432", "4321", "3210",
    "012345", "123456", "234567", "345678", "456789",
    "987654", "876543", "765432", "654321", "543210",
];

/// What the hand-written lists say.
fn expected(text: &str) -> Option<Violation> {
    if REPEATED.contains(&text) {
        Some(Violation::Repeated)
    } else if RUNS.contains(&text) {
        Some(Violation::Run)
    } else {
        None
    }
}

fn every_code(length: usize) -> impl Iterator<Item = String> {
    (0..10_u32.pow(length as u32)).map(move |number| format!("{number:0length$}"))
}

/// R6–R9: each of the 1,010,000 codes gets the verdict of the lists, and no other rule refuses any.
#[test]
fn r7_r8_r9_refuse_exactly_24_of_10_000_and_20_of_1_000_000() {
    for (length, all, refused) in [(4, 10_000, 24), (6, 1_000_000, 20)] {
        let (mut seen, mut against) = (0, 0);
        for text in every_code(length) {
            let verdict = check_custom(&text).err();
            assert_eq!(verdict, expected(&text).map(|violation| vec![violation]), "wrong verdict on {text}");
            seen += 1;
            against += u32::from(verdict.is_some());
        }
        assert_eq!((seen, against), (all, refused));
    }
}

/// R6: a code that exists but isn't allowed is still a code; R7 and R8 are asked separately.
#[test]
fn r6_parsing_says_nothing_of_r7_and_r8() {
    for text in REPEATED.into_iter().chain(RUNS) {
        let code = Code::parse(text).expect("well formed");
        assert_eq!(content_violation(&code), expected(text), "{text}");
    }
}

/// R6: leading zeros count, and a code is text.
#[test]
fn r6_leading_zeros_count() {
    let code = Code::parse("0192").expect("well formed");
    assert_eq!(code.expose(), "0192");
    assert_eq!(code.length(), Length::Four);
    assert!(code != Code::parse("000192").expect("well formed"));
}

/// R6: nothing but four or six ASCII digits, and everything wrong with it is reported.
#[test]
fn r6_anything_but_four_or_six_ascii_digits_is_refused() {
    use Violation::{NotDigits, WrongLength};
    let cases: [(&str, &[Violation]); 20] = [
        ("", &[WrongLength]),
        ("5", &[WrongLength]),
        ("019", &[WrongLength]),
        ("11111", &[WrongLength]),
        ("12345", &[WrongLength]),
        ("1928374", &[WrongLength]),
        ("01928374", &[WrongLength]),
        ("19 2", &[NotDigits]),
        (" 192", &[NotDigits]),
        ("192\n", &[NotDigits]),
        ("0192\n", &[WrongLength, NotDigits]),
        ("0192\0", &[WrongLength, NotDigits]),
        ("+192", &[NotDigits]),
        ("-19283", &[NotDigits]),
        ("1e10", &[NotDigits]),
        ("0x1928", &[NotDigits]),
        ("abcde", &[WrongLength, NotDigits]),
        ("１９２８", &[NotDigits]),
        ("٠١٩٢", &[NotDigits]),
        // Two characters, but four bytes.
        ("éé", &[WrongLength, NotDigits]),
    ];
    for (text, violations) in cases {
        assert_eq!(check_custom(text).err().as_deref(), Some(violations), "{text:?}");
        assert!(Code::parse(text).is_err(), "{text:?}");
    }
}

/// R8: no wrap from 9 to 0, and only the whole code counts.
#[test]
fn r8_neither_wrapping_nor_partial_runs_are_refused() {
    for text in ["7890", "8901", "0987", "1098", "890123", "567890", "1235", "0124", "112345", "123455", "2468", "1357"]
    {
        assert!(check_custom(text).is_ok(), "{text}");
    }
}

/// R9: birthdays and codes that everybody picks are fine.
#[test]
fn r9_nothing_else_refuses_a_code() {
    for text in ["1984", "2580", "1212", "1122", "0007", "696969", "121212", "311299", "112233", "100000"] {
        assert!(check_custom(text).is_ok(), "{text}");
    }
}

#[test]
fn violations_have_the_names_that_clients_know() {
    let names = Violation::ALL.map(Violation::name);
    assert_eq!(names, ["code_wrong_length", "code_not_digits", "code_repeated_digit", "code_consecutive"]);
}

#[test]
fn lengths_are_four_and_six_only() {
    for digits in 0..=20 {
        let length = Length::from_digits(digits);
        assert_eq!(length.is_some(), digits == 4 || digits == 6);
        assert!(length.is_none_or(|length| length.digits() == digits));
    }
}

/// R32: the digits are wiped on drop. (That a code can't be printed is proved where `Code` is documented.)
#[test]
fn r32_a_code_is_wiped_on_drop() {
    fn wiped<T: ZeroizeOnDrop>(_: &T) {}
    wiped(&Code::parse("0192").expect("well formed"));
}

proptest! {
    /// R6: for any text, both ways in agree on what is well formed, and on why not.
    #[test]
    fn r6_any_text(text in prop_oneof![any::<String>(), "[0-9]{0,8}", "[0-9 ０-９a-f]{4}", "\\PC{6}"]) {
        let characters: Vec<char> = text.chars().collect();
        let right_length = [4, 6].contains(&characters.len());
        let digits = characters.iter().all(|character| "0123456789".contains(*character));
        prop_assert_eq!(Code::parse(&text).is_ok(), right_length && digits);
        match check_custom(&text) {
            Ok(code) => prop_assert_eq!(code.expose(), text),
            Err(violations) => {
                prop_assert!(!violations.is_empty());
                prop_assert_eq!(violations.contains(&Violation::WrongLength), !right_length);
                prop_assert_eq!(violations.contains(&Violation::NotDigits), !digits);
            }
        }
    }
}
