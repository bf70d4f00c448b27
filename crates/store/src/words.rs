//! How names are found and sorted (R42): as people expect, whatever they are written with.
//!
//! Lists are in the order of Unicode's collation, numbers by their value. What is searched for is folded: case, accents,
//! ligatures and kinds of apostrophes and hyphens don't matter. Both are stored beside the names, and worked out again for
//! every row when this program works them out otherwise than the one before ([`refresh`]): a newer collation orders some
//! letters differently.

use std::sync::OnceLock;

use icu_casemap::CaseMapper;
use icu_collator::options::CollatorOptions;
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use icu_properties::CodePointMapData;
use icu_properties::props::Script;
use ids::{DoorId, PropertyId, TenancyId, UnitId};
use rusqlite::params;
use unicode_normalization::UnicodeNormalization;

use crate::{Db, Query, Result, sql};

/// Which keys these are. Raise it whenever [`sort_key`] or [`fold`] gives something else for any text, as a newer version of
/// their libraries may: the test `keys_are_those_of_their_version` finds out.
const VERSION: i64 = 1;

/// What a name is sorted by: the collation's key in hexadecimal, so that code points are in its order too.
pub(crate) fn sort_key(name: &str) -> String {
    let mut key = Vec::new();
    let Ok(()) = collator().write_sort_key_to(name, &mut key);
    const_hex::encode(key)
}

fn collator() -> &'static CollatorBorrowed<'static> {
    static COLLATOR: OnceLock<CollatorBorrowed<'static>> = OnceLock::new();
    COLLATOR.get_or_init(|| {
        let mut preferences = CollatorPreferences::default();
        preferences.numeric_ordering = Some(CollationNumericOrdering::True);
        Collator::try_new(preferences, CollatorOptions::default()).expect("the data are in the program")
    })
}

/// A text as it is searched: lower case, without accents and apostrophes, with a space for every hyphen, and Latin letters as
/// they are typed without a keyboard for them (`ł` is `l`, `ß` is `ss`).
pub fn fold(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_accent(*c)) {
        match c {
            '\'' | '`' | '´' | '‘' | '’' | '‛' | 'ʹ' | 'ʻ' | 'ʼ' | 'ʽ' | 'ˈ' | '′' | '＇' => {}
            '-' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '_' => plain.push(' '),
            c if !c.is_ascii() && is_latin(c) => plain.push_str(deunicode::deunicode_char(c).unwrap_or_default()),
            c => plain.push(c),
        }
    }
    CaseMapper::new().fold_string(&plain).into_owned()
}

/// The words of a text that is searched for, folded; a row is found if it has all of them. Words that people put before a
/// unit's number are left out where they are not alone.
pub(crate) fn wanted(text: &str) -> Vec<String> {
    const BEFORE_A_NUMBER: [&str; 6] = ["unit", "apt", "apartment", "unidad", "apto", "apartamento"];
    let folded = fold(text);
    let all =
        || folded.split(|c: char| c.is_whitespace() || matches!(c, ',' | '#' | ';')).filter(|word| !word.is_empty());
    let said: Vec<String> = all().filter(|word| !BEFORE_A_NUMBER.contains(word)).map(str::to_owned).collect();
    if said.is_empty() { all().map(str::to_owned).collect() } else { said }
}

/// Whether it is a mark that merely accents a letter, as in é. Marks of other scripts, such as Indic vowel signs, carry
/// meaning of their own.
fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

fn is_latin(c: char) -> bool {
    CodePointMapData::<Script>::new().get(c) == Script::Latin
}

/// Restricts a query to rows whose `folded` column, or whose `address`, has every word that is wanted.
pub(crate) fn push_wanted(query: &mut Query, text: &str, folded: &str, address: &str) {
    let words = wanted(text);
    if words.is_empty() {
        // Nothing but marks: nobody is called that.
        query.push(" AND FALSE");
    }
    for word in words {
        let pattern = |word: &str| {
            let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            format!("%{escaped}%")
        };
        query.push(" AND (").push(folded).push(" LIKE ").bind(pattern(&word)).push(" ESCAPE '\\' OR ");
        query.push(address).push(" LIKE ").bind(pattern(&word)).push(" ESCAPE '\\')");
    }
}

/// What a tenancy is found by, beside the person's address: its name and the unit's.
pub(crate) fn of_tenancy(name: &str, unit: &str) -> String {
    fold(&format!("{name}\n{unit}"))
}

/// Works out every key again if another version of them is stored. In a transaction of its own.
pub(crate) fn refresh(db: &mut Db) -> Result<()> {
    let stored: Option<i64> = sql::optional_value(db, "SELECT version FROM text_keys", [])?;
    if stored == Some(VERSION) {
        return Ok(());
    }
    let tx = db.transaction()?;
    for (id, name) in sql::all_readable::<(PropertyId, String)>(&tx, "SELECT id, name FROM property", [])? {
        sql::execute(&tx, "UPDATE property SET sort_key = ? WHERE id = ?", params![sort_key(&name), id])?;
    }
    for (id, name) in sql::all_readable::<(UnitId, String)>(&tx, "SELECT id, name FROM unit", [])? {
        sql::execute(&tx, "UPDATE unit SET sort_key = ? WHERE id = ?", params![sort_key(&name), id])?;
    }
    for (id, name) in sql::all_readable::<(DoorId, String)>(&tx, "SELECT id, name FROM door", [])? {
        sql::execute(&tx, "UPDATE door SET sort_key = ? WHERE id = ?", params![sort_key(&name), id])?;
    }
    let tenancies = "SELECT tenancy.id, tenancy.name, unit.name FROM tenancy JOIN unit ON unit.id = tenancy.unit_id";
    for (id, name, unit) in sql::all_readable::<(TenancyId, String, String)>(&tx, tenancies, [])? {
        sql::execute(
            &tx,
            "UPDATE tenancy SET name_key = ?, name_text = ?, unit_key = ? WHERE id = ?",
            params![sort_key(&name), of_tenancy(&name, &unit), sort_key(&unit), id],
        )?;
    }
    sql::execute(&tx, "DELETE FROM text_keys", [])?;
    sql::execute(&tx, "INSERT INTO text_keys (version) VALUES (?)", [VERSION])?;
    Ok(tx.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r42_names_sort_as_in_a_directory() {
        let sorted = [
            "",
            "9",
            "10",
            "101",
            "Unit 2",
            "unit 9",
            "Unit 10",
            "Ada",
            "Élan",
            "Émile",
            "Emma",
            "Łukasz",
            "O’Brien",
            "Öztürk",
            "Zoë",
            "Zz",
            "Ольга",
        ];
        let mut names = sorted.to_vec();
        names.reverse();
        names.sort_by_key(|name| sort_key(name));
        let unit = |name: &&&str| !name.to_lowercase().starts_with("unit");
        assert_eq!(names.iter().filter(unit).collect::<Vec<_>>(), sorted.iter().filter(unit).collect::<Vec<_>>());
        assert!(sort_key("unit 9") < sort_key("Unit 10") && sort_key("Unit 2") < sort_key("unit 9"));
        // Whichever way accents are composed.
        assert_eq!(sort_key("José"), sort_key("Jose\u{301}"));
    }

    #[test]
    fn r42_a_search_finds_what_people_mean() {
        for (words, name) in [
            ("jose", "José García"),
            ("Jose\u{301}", "José García"),
            ("garcia jose", "José García"),
            ("o'neil", "Sean O’Neil"),
            ("o’neil", "Sean O'Neil"),
            ("oneil", "Sean OʼNeil"),
            ("lukasz", "Łukasz Żółć-Öztürk"),
            ("zolc–ozturk", "Łukasz Żółć-Öztürk"),
            ("strasse", "Straße"),
            ("STRASSE", "straẞe"),
            ("aerodrome", "Ærodrome"),
            ("finn", "ﬁnn"),
            ("smorrebrod", "Smørrebrød"),
            ("ada   lovelace", "Ada Lovelace"),
            ("izmir", "İzmir"),
            ("οδυσσευς", "ΟΔΥΣΣΕΥΣ"),
            ("unit 101", "Brandt\n101"),
            ("Apt. 101, brandt", "apt. Brandt\n101"),
            ("#101", "Brandt\n101"),
            ("101 brandt", "Brandt\n101"),
            ("unit", "The Unit"),
        ] {
            let text = fold(name);
            assert!(wanted(words).iter().all(|word| text.contains(word)), "{words}: {text}");
        }
        let text = fold("José García");
        assert!(!wanted("jose brandt").iter().all(|word| text.contains(word)));
        assert!(fold("हिन्दी") == "हिन्दी" && fold("李雷") == "李雷");
    }

    #[test]
    fn keys_are_those_of_their_version() {
        // Raise VERSION when these change.
        let key = "33433b4133044709702d4d3b3345050e41533f2b4f5d04100c06044f514d2b4f4f33044547100b01458840733fb239700a01dcc0dcc5dcc1dcbcdcc3\
                   e0d3c4e2d305";
        assert_eq!(sort_key("Émile O’Brien-Łukasz 10, Straße №9"), key);
        assert_eq!(fold("Émile O’Brien-Łukasz 10, Straße №9"), "emile obrien lukasz 10, strasse no9");
    }
}
