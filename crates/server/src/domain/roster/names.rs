//! Names as files write them: the last name first, or no name at all because nobody lives there.

use super::columns::folded;

/// "Last, First" as "First Last"; none for anything else, such as a couple, a company or a nickname.
pub(super) fn turned(name: &str) -> Option<String> {
    const AFTER: [&str; 14] =
        ["jr", "sr", "ii", "iii", "iv", "md", "phd", "esq", "inc", "llc", "ltd", "lp", "sa", "gmbh"];
    let (last, first) = name.split_once(',')?;
    let (last, first) = (last.trim(), first.trim());
    let plain = !first.contains([',', '"', '&', '/', '(']) && !last.contains(['"', '&', '/', '(']);
    let short = first.split_whitespace().count() <= 3 && last.split_whitespace().count() <= 4;
    if first.is_empty() || last.is_empty() || !plain || !short || AFTER.contains(&folded(first).as_str()) {
        return None;
    }
    Some(format!("{first} {last}"))
}

/// Whether a cell says that nobody lives in the unit.
pub(super) fn is_vacant(name: &str) -> bool {
    const WORDS: [&str; 20] = [
        "vacant",
        "vacantunit",
        "vacantrented",
        "vacantunrented",
        "vacantready",
        "vacantnotready",
        "vacantleased",
        "vacancy",
        "empty",
        "available",
        "unoccupied",
        "model",
        "modelunit",
        "vacante",
        "vacia",
        "vacio",
        "libre",
        "disponible",
        "desocupado",
        "desocupada",
    ];
    WORDS.contains(&folded(name).as_str())
}

/// Whether a cell begins a row of totals.
pub(super) fn is_total(cell: &str) -> bool {
    const WORDS: [&str; 9] =
        ["total", "totals", "totales", "subtotal", "subtotals", "subtotales", "sum", "suma", "count"];
    let word = |word: &str| WORDS.contains(&folded(word).as_str());
    let mut words = cell.split([' ', ':', '-']).filter(|word| !word.is_empty());
    match words.next() {
        Some(first) if folded(first) == "grand" || folded(first) == "sub" => words.next().is_some_and(word),
        Some(first) => word(first),
        None => false,
    }
}

/// A name as two are compared: its words, folded, in any order. "Roe, Ann" is "ann roe".
pub(super) fn key(name: &str) -> String {
    let folded = store::folded(name);
    let mut words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    if words.is_empty() { folded } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_first_is_turned_and_nothing_else() {
        for (written, name) in [("Prieto, Olga", "Olga Prieto"), ("de la Peña, José Luis", "José Luis de la Peña")]
        {
            assert_eq!(turned(written).as_deref(), Some(name));
        }
        for other in
            ["Olga Prieto", "Roe, Jr.", "Acme, Inc.", "Roe, Ann & Bo", "A, B, C", ", Olga", "Nuño, \"el Niño\""]
        {
            assert_eq!(turned(other), None, "{other}");
        }
    }

    #[test]
    fn totals_and_vacancies_are_known() {
        assert!(["VACANT", "Vacía", "-- vacant --"].iter().all(|it| is_vacant(it)));
        assert!(!is_vacant("Vacant Smith"));
        assert!(["Total residents: 1", "TOTAL", "Grand Total", "Sub-total", "Totales"].iter().all(|it| is_total(it)));
        assert!(!is_total("Grand Ave") && !is_total("Totalia"));
    }

    #[test]
    fn names_are_compared_without_case_accents_and_order() {
        assert_eq!(key("Roe, ANN"), key("Ann Roe"));
        assert_eq!(key("José Ñandú"), key("jose nandu"));
        assert_ne!(key("Ann Roe"), key("Ben Roe"));
        assert_ne!(key("李雷"), key("李明"));
    }
}
