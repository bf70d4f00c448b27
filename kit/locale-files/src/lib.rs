//! Texts in several languages, from `locales/{language}/{namespace}.json` in [i18next's format]: nested objects,
//! `{{name}}` for placeholders, `_one` and `_other` for plural forms.
//!
//! A message is identified by its number: its position among all, with files sorted by name and keys in their order. So
//! that a number means the same in every language, all have the same keys in the same order
//! ([`Language::check_against`]).
//!
//! [i18next's format]: https://www.i18next.com/misc/json-format

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// One text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its namespace and keys, outermost first.
    pub path: Vec<String>,
    /// The text, with `{{name}}` for placeholders and `<name>…</name>` around a marked-up part.
    pub text: String,
}

impl Message {
    /// `namespace.key.key`, for error messages.
    pub fn name(&self) -> String {
        self.path.join(".")
    }

    /// The names of the placeholders in the order of the text, each once.
    pub fn placeholders(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for part in self.text.split("{{").skip(1) {
            let name = part.split("}}").next().unwrap_or_default();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The text before the marked-up part, in it and after it, if there is one.
    pub fn marked_up(&self) -> Option<(&str, &str, &str)> {
        let (before, rest) = self.text.split_once('<')?;
        let (tag, rest) = rest.split_once('>')?;
        let (inside, after) = rest.split_once(&format!("</{tag}>"))?;
        Some((before, inside, after))
    }
}

/// All texts in one language.
#[derive(Clone, Debug)]
pub struct Language {
    /// Its tag (`en`).
    pub tag: String,
    /// The files it was read from.
    pub files: Vec<PathBuf>,
    /// The messages; a message's number is its index.
    pub messages: Vec<Message>,
}

/// What is wrong with the files of a language.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A folder or file can't be read.
    #[error("{path} can't be read: {source}")]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file isn't JSON.
    #[error("{path} is not JSON: {source}")]
    NotJson {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: serde_json::Error,
    },
    /// A value is neither text nor an object.
    #[error("{name} is neither text nor an object")]
    NotText {
        /// The key.
        name: String,
    },
    /// The languages differ in their keys or in their order.
    #[error("{language} has {found} where {reference} has {expected}")]
    OtherKey {
        /// The language that was checked.
        language: String,
        /// The language it was checked against.
        reference: String,
        /// The key that was found.
        found: String,
        /// The key that was expected.
        expected: String,
    },
    /// A text has other placeholders or marked-up parts than in the other language.
    #[error("{language}: {name} fills in or marks up something else than in {reference}")]
    OtherHoles {
        /// The language that was checked.
        language: String,
        /// The language it was checked against.
        reference: String,
        /// The key.
        name: String,
    },
}

impl Language {
    /// Reads `{folder}/{tag}/*.json`.
    ///
    /// # Errors
    /// If it can't be read or isn't in the format.
    pub fn read(folder: &Path, tag: &str) -> Result<Self, Error> {
        let folder = folder.join(tag);
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Unreadable { path, source }
        };
        let mut files = Vec::new();
        for entry in fs::read_dir(&folder).map_err(unreadable(&folder))? {
            let path = entry.map_err(unreadable(&folder))?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                files.push(path);
            }
        }
        files.sort();
        let mut messages = Vec::new();
        for path in &files {
            let text = fs::read_to_string(path).map_err(unreadable(path))?;
            let value = serde_json::from_str(&text).map_err(|source| Error::NotJson { path: path.clone(), source })?;
            let namespace = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            collect(&value, vec![namespace], &mut messages)?;
        }
        Ok(Self { tag: tag.to_owned(), files, messages })
    }

    /// Checks that it has the same keys as `reference` in the same order, with the same placeholders in each text.
    ///
    /// # Errors
    /// The first difference.
    pub fn check_against(&self, reference: &Self) -> Result<(), Error> {
        let (language, other) = (&self.tag, &reference.tag);
        let name = |message: Option<&Message>| message.map_or_else(|| "nothing more".to_owned(), Message::name);
        for at in 0..self.messages.len().max(reference.messages.len()) {
            let (found, expected) = (self.messages.get(at), reference.messages.get(at));
            if found.map(|it| &it.path) != expected.map(|it| &it.path) {
                return Err(Error::OtherKey {
                    language: language.clone(),
                    reference: other.clone(),
                    found: name(found),
                    expected: name(expected),
                });
            }
        }
        for (message, expected) in self.messages.iter().zip(&reference.messages) {
            // `_one` may say "one" instead of the number.
            let placeholders = |message: &Message| -> BTreeSet<String> {
                let names = message.placeholders().into_iter().filter(|name| *name != "count").map(str::to_owned);
                names.chain(message.marked_up().map(|_| "<>".to_owned())).collect()
            };
            if placeholders(message) != placeholders(expected) {
                return Err(Error::OtherHoles {
                    language: language.clone(),
                    reference: other.clone(),
                    name: message.name(),
                });
            }
        }
        Ok(())
    }

    /// The texts with these numbers as a JSON array: a number is that of the text after it, and any other text has the number
    /// after that of the text before it.
    pub fn to_json(&self, numbers: &BTreeSet<usize>) -> String {
        let mut entries = Vec::new();
        let mut next = 0;
        for (number, message) in self.messages.iter().enumerate().filter(|(number, _)| numbers.contains(number)) {
            if number != next {
                entries.push(Value::from(number));
            }
            entries.push(Value::from(message.text.clone()));
            next = number + 1;
        }
        Value::from(entries).to_string()
    }

    /// The numbers of the texts that each function of `locale-macro` returns, by the path of the function: two for a plural.
    pub fn functions(&self) -> BTreeMap<Vec<String>, Vec<usize>> {
        let mut functions = BTreeMap::<_, Vec<usize>>::new();
        for (number, message) in self.messages.iter().enumerate() {
            let mut path = message.path.clone();
            if let Some(key) = path.last_mut()
                && let Some(plural) = key.strip_suffix("_one").or_else(|| key.strip_suffix("_other"))
            {
                *key = plural.to_owned();
            }
            functions.entry(path).or_default().push(number);
        }
        functions
    }
}

fn collect(value: &Value, path: Vec<String>, messages: &mut Vec<Message>) -> Result<(), Error> {
    match value {
        Value::String(text) => messages.push(Message { path, text: text.clone() }),
        Value::Object(members) => {
            for (key, member) in members {
                let path = path.iter().chain([key]).cloned().collect();
                collect(member, path, messages)?;
            }
        }
        _ => return Err(Error::NotText { name: path.join(".") }),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(tag: &str, json: &str) -> Language {
        let mut messages = Vec::new();
        collect(&serde_json::from_str(json).expect("JSON"), vec!["ns".into()], &mut messages).expect("texts");
        Language { tag: tag.into(), files: Vec::new(), messages }
    }

    #[test]
    fn messages_are_numbered_in_the_order_of_the_file() {
        let english = language("en", r#"{"b": {"y": "1", "x": "2"}, "a": "3"}"#);
        let names: Vec<_> = english.messages.iter().map(Message::name).collect();
        assert_eq!(names, ["ns.b.y", "ns.b.x", "ns.a"]);
        assert_eq!(english.to_json(&BTreeSet::from([0, 1, 2])), r#"["1","2","3"]"#);
        assert_eq!(english.to_json(&BTreeSet::from([1, 2])), r#"[1,"2","3"]"#);
        assert_eq!(english.to_json(&BTreeSet::from([0, 2])), r#"["1",2,"3"]"#);
    }

    #[test]
    fn a_plural_is_one_function() {
        let english = language("en", r#"{"title": "Doors", "a": {"n_one": "one", "n_other": "{{count}}"}}"#);
        let functions: Vec<_> =
            english.functions().into_iter().map(|(path, numbers)| (path.join("."), numbers)).collect();
        assert_eq!(functions, [("ns.a.n".to_owned(), vec![1, 2]), ("ns.title".to_owned(), vec![0])]);
    }

    #[test]
    fn a_text_knows_its_placeholders_and_its_marked_up_part() {
        let english = language("en", r#"{"a": "{{who}} saw {{what}}, {{who}}: <link>look</link>!"}"#);
        let message = &english.messages[0];
        assert_eq!(message.placeholders(), ["who", "what"]);
        assert_eq!(message.marked_up(), Some(("{{who}} saw {{what}}, {{who}}: ", "look", "!")));
        assert_eq!(language("en", r#"{"a": "1 < 2"}"#).messages[0].marked_up(), None);
    }

    #[test]
    fn a_difference_in_keys_order_or_placeholders_is_an_error() {
        let english = language("en", r#"{"a": "{{n}} of {{m}}", "b": "x"}"#);
        let wrong = |json: &str| language("es", json).check_against(&english).expect_err("a difference").to_string();
        assert!(language("es", r#"{"a": "{{m}} y {{n}}", "b": "x"}"#).check_against(&english).is_ok());
        assert_eq!(wrong(r#"{"a": "{{n}} {{m}}"}"#), "es has nothing more where en has ns.b");
        assert_eq!(wrong(r#"{"b": "x", "a": "{{n}} {{m}}"}"#), "es has ns.b where en has ns.a");
        assert_eq!(wrong(r#"{"a": "{{n}}", "b": "x"}"#), "es: ns.a fills in or marks up something else than in en");
        assert!(wrong(r#"{"a": "{{n}} {{m}}", "b": "<i>x</i>"}"#).starts_with("es: ns.b"));
    }
}
