//! Writing letters, in the transaction of what they tell of.

use api_types::Language;
use ids::{PersonId, PropertyId};
use store::mail::{self, NewLink, NewMail};
use store::{Millis, Tx, people, properties};

use super::language;
use super::letter::Letter;
use crate::auth::session::Secret;

/// Where letters go, if this server sends any.
#[derive(Clone, Copy, Debug)]
pub struct Post {
    sends: bool,
    language: Language,
}

/// Whom a letter is for.
#[derive(Clone, Copy)]
pub struct Addressee<'a> {
    /// The person, if they are known here.
    pub person_id: Option<PersonId>,
    /// The property that the letter is about.
    pub property_id: Option<PropertyId>,
    /// Where it goes.
    pub address: &'a str,
}

impl Post {
    /// For a server that sends mail or doesn't, in something that was asked for in that language.
    pub fn new(sends: bool, language: Language) -> Self {
        Self { sends, language }
    }

    /// The language of who asked.
    pub fn language(self) -> Language {
        self.language
    }

    /// Sends nothing: for the command line, which prints its links.
    pub fn none() -> Self {
        Self::new(false, Language::English)
    }

    /// Whether this server sends mail.
    pub fn sends(self) -> bool {
        self.sends
    }

    /// Writes a letter, in the language that the person has chosen; else for residents and guests in their property's; else in
    /// that of who asked for it. Returns whether it was written: it isn't where this server sends no mail.
    ///
    /// # Errors
    /// [`store::Error`].
    pub fn write(
        self,
        tx: &Tx,
        now: Millis,
        to: Addressee<'_>,
        letter: &Letter,
        secret: Option<&Secret>,
    ) -> store::Result<bool> {
        if !self.sends {
            return Ok(false);
        }
        let chosen = to.person_id.map(|id| people::language(tx, id)).transpose()?.flatten();
        let language = match chosen {
            Some(chosen) => Some(chosen),
            None => properties::language_of_people(tx, to.person_id, to.property_id)?,
        };
        let language = language.as_deref().and_then(language::named).unwrap_or(self.language);
        let text = serde_json::to_string(letter).map_err(|error| store::Error::Unreadable(error.to_string()))?;
        let hash = secret.map(Secret::hash);
        let link = secret.zip(hash.as_ref());
        let link = link.map(|(secret, hash)| NewLink { secret: secret.expose(), hash, lasts: letter.link_lasts() });
        let mail = NewMail {
            kind: letter.kind(),
            of_each_property: letter.is_of_each_property(),
            person_id: to.person_id,
            property_id: to.property_id,
            address: to.address,
            language: language.name(),
            letter: &text,
            link,
            give_up_at: now + letter.worth_sending_for(),
        };
        mail::insert(tx, now, &mail)?;
        Ok(true)
    }
}
