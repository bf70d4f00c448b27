//! Writing spreadsheets: RFC 4180, with no cell that is taken for a formula.

/// Appends a row.
pub(super) fn push_row(text: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().copied().map(cell).collect();
    text.push_str(&cells.join(","));
    text.push_str("\r\n");
}

/// A cell that no spreadsheet takes for a formula, quoted where RFC 4180 requires it.
fn cell(text: &str) -> String {
    // An apostrophe before such a sign gets another, so that an import knows which of them to take off.
    let formula = text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r', '\0']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_starts_a_formula() {
        for start in ['=', '+', '-', '@', '\t', '\r', '\0'] {
            let made = cell(&format!("{start}1+1"));
            assert!(made.trim_start_matches('"').starts_with('\''), "{made:?}");
        }
    }

    #[test]
    fn cells_are_quoted_according_to_rfc_4180() {
        assert_eq!(cell("plain"), "plain");
        assert_eq!(cell("a, \"b\""), "\"a, \"\"b\"\"\"");
    }
}
