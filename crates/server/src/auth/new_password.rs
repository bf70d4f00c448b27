//! What a new password has to be (R37): at least 12 characters, and not one that many people use.

use api_types::FieldCode;
use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

use super::password::Password;
use crate::extract::FieldErrors;

/// Takes a new password, or notes in `errors` what is wrong with it. `about` is what is known of the person, such as
/// their name and address, which a password shouldn't consist of.
///
/// There are no rules of composition: what counts is only how soon a list of common passwords, names and words would find
/// it.
pub(crate) fn new_password(errors: &mut FieldErrors, text: String, about: &[&str]) -> Password {
    // The estimate takes longer with every character, and what begins well needs no more than its beginning.
    let beginning: Zeroizing<String> = Zeroizing::new(text.chars().take(64).collect());
    let password = Password::new(text);
    if !password.is_acceptable_as_new() {
        let (code, detail) = if beginning.chars().count() < Password::MIN_NEW {
            (FieldCode::TooShort, "Use at least 12 characters.")
        } else {
            (FieldCode::TooLong, "Use at most 1,000 characters.")
        };
        errors.require(false, "password", code, detail);
        return password;
    }
    let about: Vec<&str> = about.iter().flat_map(|text| text.split([' ', '@', '.'])).collect();
    let found = zxcvbn(&beginning, &about).score();
    let detail = "Many people use this password, or it is easy to guess. Use another one, such as four words.";
    errors.require(found > Score::One, "password", FieldCode::TooCommon, detail);
    password
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> bool {
        let mut errors = FieldErrors::default();
        new_password(&mut errors, text.to_owned(), &["Morgan Reyes", "morgan@example.com"]);
        errors.check().is_err()
    }

    #[test]
    fn r37_a_new_password_is_long_and_not_common() {
        for bad in ["", "short", "elevenchars", "password1234", "123456789012", "aaaaaaaaaaaaaa", "qwertyuiop12"] {
            assert!(refused(bad), "{bad}");
        }
        for good in ["correct horse battery staple", "vvörter ohne sinn", "tR4-9kq-zzP-1m", "дверь открыта ночью"]
        {
            assert!(!refused(good), "{good}");
        }
        assert!(refused(&"x".repeat(2000)));
    }
}
