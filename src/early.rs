//! What the console and the script that runs before it must agree on. `public/boot.js` sends the first requests of the
//! page that is loading, and the console uses the answers only if it would have sent the same requests. `xtask`
//! includes this file and writes it into the script (`xtask/src/pages.rs`).

/// The languages that can be chosen: tag, and name in that language.
pub(crate) const LANGUAGES: [(&str, &str); 2] = [("en", "English"), ("es", "Español")];

/// How to estimate how many rows fill the screen: the height below `above` divided by the least height of a row.
/// Lengths are in CSS pixels.
pub(crate) struct FirstRows {
    /// The height above a list.
    pub(crate) above: u32,
    /// The height of a row of a table.
    pub(crate) row: u32,
    /// The height of a row on a screen narrower than `narrow`, where it is a card (`style/tables.css`).
    pub(crate) card: u32,
    /// See `card`.
    pub(crate) narrow: u32,
    /// The fewest rows.
    pub(crate) least: u32,
    /// The most rows.
    pub(crate) most: u32,
}

/// How many rows a list requests first: `{rows}` in the table of pages.
pub(crate) const FIRST_ROWS: FirstRows = FirstRows { above: 200, row: 44, card: 88, narrow: 800, least: 6, most: 50 };

/// How many events about a resident are on their page; the audit log has the rest. `{events}` in the table of pages.
pub(crate) const EVENTS: usize = 8;

/// The most rows that the API returns at once, requested where a whole list is needed: `{all}` in the table of pages.
pub(crate) const ALL: &str = "200";

/// The time limit for an answer, in milliseconds; after it, the outcome is unknown.
pub(crate) const TIMEOUT_MS: u32 = 20_000;
