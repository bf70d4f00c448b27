//! Languages.

use crate::named::named;

named! {
    /// The languages that the console, letters and sheets to print are in.
    pub enum Language {
        /// English.
        English = "en",
        /// Spanish.
        Spanish = "es",
    }
}
