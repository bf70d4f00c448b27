//! Units as files spell them: `0520`, `#520`, `Unit 520` and `520.0` suggest unit 520, which somebody has to confirm.

use std::collections::HashMap;

use ids::UnitId;

use crate::text::folded;

/// A property's units, by what their names are compared by.
pub(super) struct Units {
    by_name: HashMap<String, (UnitId, String)>,
    /// Without what people put before and around a number; none where several units come to the same.
    by_core: HashMap<String, Option<(UnitId, String)>>,
}

/// What a cell says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The unit, by its name (R36: case and spaces don't matter).
    Named(UnitId, String),
    /// Probably this one.
    Suggested(UnitId, String),
    /// None.
    Unknown,
}

impl Units {
    pub(super) fn of(units: Vec<(UnitId, String)>) -> Self {
        let (mut by_name, mut by_core) = (HashMap::new(), HashMap::new());
        for (id, name) in units {
            let core = by_core.entry(core(&name)).or_insert_with(|| Some((id, name.clone())));
            if core.as_ref().is_some_and(|(other, _)| *other != id) {
                *core = None;
            }
            by_name.insert(folded(&name), (id, name));
        }
        Self { by_name, by_core }
    }

    pub(super) fn find(&self, cell: &str) -> Found {
        if let Some((id, name)) = self.by_name.get(&folded(cell)) {
            return Found::Named(*id, name.clone());
        }
        match self.by_core.get(&core(cell)) {
            Some(Some((id, name))) => Found::Suggested(*id, name.clone()),
            _ => Found::Unknown,
        }
    }
}

/// What is left of a unit's name without words and signs before it, noughts in front, and the decimals of a spreadsheet.
fn core(name: &str) -> String {
    const BEFORE: [&str; 19] = [
        "apartment",
        "apartamento",
        "departamento",
        "unidad",
        "suite",
        "unit",
        "depto",
        "dpto",
        "flat",
        "room",
        "apto",
        "apt",
        "ste",
        "num",
        "no",
        "nr",
        "nº",
        "n.º",
        "#",
    ];
    let mut text = folded(name);
    // A spreadsheet's mark for text.
    if let Some(rest) = text.strip_prefix('\'') {
        text = rest.to_owned();
    }
    if let Some(formula) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        text = formula.to_owned();
    }
    loop {
        let rest = BEFORE.iter().find_map(|word| {
            let rest = text.strip_prefix(word)?;
            let apart = rest.trim_start_matches(['.', ':', ' ', '#', '-']);
            // "Norte" is no number "rte", but "no 5" and "apt5" are fives.
            (apart.len() < rest.len() || apart.starts_with(|c: char| c.is_ascii_digit()) || *word == "#")
                .then(|| apart.to_owned())
        });
        match rest.filter(|rest| !rest.is_empty()) {
            Some(rest) => text = rest,
            None => break,
        }
    }
    if let Some((whole, decimals)) = text.split_once('.')
        && !whole.is_empty()
        && whole.bytes().all(|byte| byte.is_ascii_digit())
        && decimals.bytes().all(|byte| byte == b'0')
    {
        text = whole.to_owned();
    }
    // "B-12", "B 12" and "B12" are one.
    let chars: Vec<char> = text.chars().collect();
    let between = |at: usize| {
        let (before, after) = (at.checked_sub(1).and_then(|at| chars.get(at)), chars.get(at + 1));
        let kinds = (before.map(|c| c.is_ascii_digit()), after.map(|c| c.is_ascii_digit()));
        matches!(kinds, (Some(false), Some(true)) | (Some(true), Some(false)))
    };
    let text: String =
        chars.iter().enumerate().filter(|(at, c)| !(matches!(c, '-' | ' ') && between(*at))).map(|(_, c)| *c).collect();
    let bare = text.trim_start_matches('0');
    if bare.is_empty() { text } else { bare.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_suggest_a_unit_and_names_are_it() {
        let (a, b, c) = (UnitId::generate(), UnitId::generate(), UnitId::generate());
        let units = Units::of(vec![(a, "520".into()), (b, "B12".into()), (c, "Norte 7".into())]);
        for name in ["520", " 520 ", "b12", "norte  7"] {
            assert!(matches!(units.find(name), Found::Named(..)), "{name}");
        }
        for name in [
            "0520",
            "#520",
            "# 520",
            "Unit 520",
            "unit520",
            "Apt. 520",
            "APT #520",
            "520.0",
            "520.00",
            "Unidad 0520",
            "'0520",
            "=\"0520\"",
        ] {
            assert_eq!(units.find(name), Found::Suggested(a, "520".into()), "{name}");
        }
        for name in ["B-12", "b 12", "Apt B-12"] {
            assert_eq!(units.find(name), Found::Suggested(b, "B12".into()), "{name}");
        }
        for name in ["52", "5200", "520A", "rte 7", "unit", "", "52.0"] {
            assert_eq!(units.find(name), Found::Unknown, "{name}");
        }
        let two = Units::of(vec![(a, "0520".into()), (b, "520".into())]);
        assert_eq!(two.find("#520"), Found::Unknown, "nobody can tell which");
        assert_eq!(two.find("520"), Found::Named(b, "520".into()));
    }
}
