//! What the console and the script that runs before it agree on. `public/boot.js` asks for the first answers of the page that
//! is on its way, and the console takes them only if they are what it would have asked for itself. `xtask` includes this
//! file and writes it into the script (`xtask/src/pages.rs`).

/// The languages that can be chosen: each one's tag, and its name in itself.
pub(crate) const LANGUAGES: [(&str, &str); 2] = [("en", "English"), ("es", "Español")];

/// So many rows fill a screen, or a few more: what is below `above`, in rows as high as these at least. Lengths are in CSS
/// pixels.
pub(crate) struct FirstRows {
    /// What stands above a list.
    pub(crate) above: u32,
    /// A row of a table.
    pub(crate) row: u32,
    /// On a screen that is less than `narrow` wide each row is a card (`style/tables.css`).
    pub(crate) card: u32,
    /// See `card`.
    pub(crate) narrow: u32,
    /// Never fewer rows.
    pub(crate) least: u32,
    /// Never more.
    pub(crate) most: u32,
}

/// The rows that a list asks for first: `{rows}` in the table of pages.
pub(crate) const FIRST_ROWS: FirstRows = FirstRows { above: 200, row: 44, card: 88, narrow: 800, least: 6, most: 50 };

/// So many events about a resident are on their page; the record itself has the rest. `{events}` in the table of pages.
pub(crate) const EVENTS: usize = 8;

/// The most that the API gives at once, asked for where a list is wanted as a whole: `{all}` in the table of pages.
pub(crate) const ALL: &str = "200";

/// Give up on an answer after so long, in milliseconds; the outcome is then unknown.
pub(crate) const TIMEOUT_MS: u32 = 20_000;
