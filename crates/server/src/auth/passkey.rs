//! Passkeys: what authenticators are asked, and whether what they answer is right (Web Authentication Level 3).
//!
//! What is asked is kept here, in memory: it can be answered once, within a few minutes, and only by the browser that asked
//! for it. A restart forgets it, and whoever was about to answer asks again.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use api_types::{FieldCode, PasskeyOptions, ProblemCode};
use ids::PersonId;
use serde_json::{Value, json};
use store::Millis;
use store::passkeys::PasskeyRecord;
use store::sessions::IdHash;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url,
    Webauthn, WebauthnBuilder, WebauthnError,
};

use crate::clock::Clock;
use crate::network::Network;
use crate::problem::{Problem, Result};

/// How long an answer is waited for, in seconds: five minutes, since people look for their security key.
pub(crate) const ANSWERED_WITHIN_S: u32 = 5 * 60;

/// How much is kept at most that was asked, by whomever.
const KEPT: usize = 10_000;

/// How much is kept at most that was asked from one network: a large office's.
const KEPT_OF_NETWORK: usize = 100;

/// What this server is called where it wasn't told: passkeys then work on the machine itself.
const OWN_MACHINE: &str = "http://localhost";

/// Asks for passkeys, and checks the answers.
pub(crate) struct Passkeys {
    /// `None` where people reach the server by a number: passkeys belong to a name.
    site: Option<Site>,
    clock: Clock,
    asked: Mutex<HashMap<IdHash, Asked>>,
}

struct Site {
    name: String,
    checks: Webauthn,
}

struct Asked {
    what: What,
    network: Network,
    until: Millis,
}

enum What {
    /// A new passkey; with the answer, once there is one.
    Registration {
        asked: Box<PasskeyRegistration>,
        answer: Option<Value>,
    },
    SignIn(Box<DiscoverableAuthentication>),
}

/// An answer that was checked, of a passkey that may be added.
pub(crate) struct Registered {
    /// What devices call it.
    pub(crate) credential_id: Vec<u8>,
    /// As it is stored.
    pub(crate) credential: String,
}

/// What was asked of somebody who signs in, and their answer to it, which isn't checked yet.
pub(crate) struct SignInAnswer {
    asked: Box<DiscoverableAuthentication>,
    answer: PublicKeyCredential,
}

/// Why there is no answer to what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// Nothing was asked there, or too long ago, or it was answered already.
    TooLate,
    /// What came isn't an answer to it.
    Unfit,
}

impl Unanswered {
    /// What happened, and what to do about it.
    pub(crate) fn detail(self) -> &'static str {
        match self {
            Self::TooLate => "This took too long, or was begun in another window. Try again.",
            Self::Unfit => "Your device’s answer doesn’t fit. Try again.",
        }
    }
}

impl From<Unanswered> for Problem {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::TooLate => Self::new(ProblemCode::PasskeyTooLate, unanswered.detail()),
            Unanswered::Unfit => Self::invalid_field("credential", FieldCode::Invalid, unanswered.detail()),
        }
    }
}

/// Why an answer isn't that of the passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// The passkey's counter has gone back: somebody may have copied it.
    Copied,
    /// Anything else: another passkey, another site, no user verification.
    NotIt,
}

impl Passkeys {
    /// For people who reach the server at that address, or on the machine itself where there is none.
    ///
    /// # Errors
    /// It is no address of the web.
    pub(crate) fn new(public_url: Option<&str>, clock: Clock) -> anyhow::Result<Self> {
        let origin: Url = public_url.unwrap_or(OWN_MACHINE).parse().context("LATCHKEY_PUBLIC_URL is no address")?;
        let name = origin.domain().map(str::to_owned);
        let site = name.map(|name| {
            let builder = WebauthnBuilder::new(&name, &origin)?
                .rp_name("Latchkey")
                .allow_any_port(public_url.is_none())
                .timeout(Duration::from_secs(ANSWERED_WITHIN_S.into()));
            let checks = builder.build()?;
            Ok::<_, WebauthnError>(Site { name, checks })
        });
        let site = site.transpose().context("LATCHKEY_PUBLIC_URL has no name that passkeys could belong to")?;
        Ok(Self { site, clock, asked: Mutex::default() })
    }

    /// Whether passkeys work for who reaches the server by that name.
    pub(crate) fn work_for(&self, reached_as: Option<&str>) -> bool {
        self.site_for(reached_as).is_ok()
    }

    fn site_for(&self, reached_as: Option<&str>) -> Result<&Site> {
        let unavailable = |detail: String| Problem::new(ProblemCode::PasskeysUnavailable, detail);
        let Some(site) = &self.site else {
            return Err(unavailable(
                "Passkeys need a name, such as keys.example.com: this server only has a number.".into(),
            ));
        };
        if reached_as.is_some_and(|name| name == site.name) {
            Ok(site)
        } else {
            Err(unavailable(format!("Passkeys work at {} only. Open Latchkey there.", site.name)))
        }
    }

    /// Asks for a new passkey of somebody, for the session whose hash that is. `existing` are those that they have.
    ///
    /// # Errors
    /// 409 `passkeys_unavailable`.
    pub(crate) fn ask_for_new(
        &self,
        reached_as: Option<&str>,
        session: IdHash,
        address: IpAddr,
        (id, email, name): (PersonId, &str, &str),
        existing: &[PasskeyRecord],
    ) -> Result<PasskeyOptions> {
        let site = self.site_for(reached_as)?;
        let existing = existing.iter().filter_map(|passkey| parse(&passkey.credential).ok());
        let existing = existing.map(|passkey| passkey.cred_id().clone()).collect();
        let asked = site.checks.start_passkey_registration(id.uuid(), email, name, Some(existing));
        let (options, asked) = asked.map_err(Problem::internal)?;
        let mut options = serde_json::to_value(options.public_key).map_err(Problem::internal)?;
        // So that nobody has to type an address to sign in with it.
        options["authenticatorSelection"]["residentKey"] = json!("required");
        options["authenticatorSelection"]["requireResidentKey"] = json!(true);
        self.keep(session, What::Registration { asked: Box::new(asked), answer: None }, address);
        Ok(PasskeyOptions { public_key: options })
    }

    /// Asks for a passkey of whoever signs in, for the browser that knows the secret whose hash that is.
    ///
    /// # Errors
    /// 409 `passkeys_unavailable`.
    pub(crate) fn ask_to_sign_in(
        &self,
        reached_as: Option<&str>,
        browser: IdHash,
        address: IpAddr,
    ) -> Result<PasskeyOptions> {
        let site = self.site_for(reached_as)?;
        let (options, asked) = site.checks.start_discoverable_authentication().map_err(Problem::internal)?;
        let options = serde_json::to_value(options.public_key).map_err(Problem::internal)?;
        self.keep(browser, What::SignIn(Box::new(asked)), address);
        Ok(PasskeyOptions { public_key: options })
    }

    /// Checks what came back for a new passkey. Off the async threads: signatures take a moment.
    ///
    /// # Errors
    /// 500 only; why it can't be added is the value.
    pub(crate) async fn new_one(
        &self,
        session: &IdHash,
        answer: Value,
    ) -> Result<std::result::Result<Registered, Unanswered>> {
        let (Some(asked), Some(site)) = (self.registration(session, &answer), &self.site) else {
            return Ok(Err(Unanswered::TooLate));
        };
        let Ok(answer) = serde_json::from_value::<RegisterPublicKeyCredential>(answer) else {
            return Ok(Err(Unanswered::Unfit));
        };
        let checks = site.checks.clone();
        let checked = move || checks.finish_passkey_registration(&answer, &asked);
        let passkey = tokio::task::spawn_blocking(checked).await.map_err(Problem::internal)?;
        Ok(match passkey {
            Ok(passkey) => {
                let credential = serde_json::to_string(&passkey).map_err(Problem::internal)?;
                Ok(Registered { credential_id: passkey.cred_id().to_vec(), credential })
            }
            Err(error) => {
                tracing::info!(%error, "a new passkey was refused");
                Err(Unanswered::Unfit)
            }
        })
    }

    /// What the browser was asked that knows the secret whose hash that is, with its answer.
    ///
    /// # Errors
    /// Where it was asked nothing, or too long ago, and for an answer that isn't one.
    pub(crate) fn answered(
        &self,
        browser: Option<&IdHash>,
        answer: Value,
    ) -> std::result::Result<SignInAnswer, Unanswered> {
        let asked = browser.and_then(|browser| self.take(browser));
        let Some(What::SignIn(asked)) = asked else { return Err(Unanswered::TooLate) };
        let answer = serde_json::from_value(answer).map_err(|_| Unanswered::Unfit)?;
        Ok(SignInAnswer { asked, answer })
    }

    /// Whether the answer is that of the passkey. Returns the passkey as it is to be stored from now on. Off the async threads.
    ///
    /// # Errors
    /// 500 for a stored passkey that can't be read.
    pub(crate) async fn check(
        &self,
        SignInAnswer { asked, answer }: SignInAnswer,
        stored: &PasskeyRecord,
    ) -> Result<std::result::Result<String, Wrong>> {
        let Some(site) = &self.site else { return Ok(Err(Wrong::NotIt)) };
        let (checks, mut passkey) = (site.checks.clone(), parse(&stored.credential)?);
        let checked = move || {
            let checked = checks.finish_discoverable_authentication_v2(&answer, *asked, &passkey).map(|result| {
                passkey.update_credential(&result);
                passkey
            });
            checked.map_err(|error| {
                tracing::info!(%error, "a passkey was refused");
                if matches!(error, WebauthnError::CredentialPossibleCompromise) { Wrong::Copied } else { Wrong::NotIt }
            })
        };
        let checked = tokio::task::spawn_blocking(checked).await.map_err(Problem::internal)?;
        Ok(match checked {
            Ok(passkey) => Ok(serde_json::to_string(&passkey).map_err(Problem::internal)?),
            Err(wrong) => Err(wrong),
        })
    }

    fn keep(&self, key: IdHash, what: What, address: IpAddr) {
        let (now, network) = (self.clock.now(), Network::from(address));
        let mut asked = self.lock();
        asked.retain(|_, asked| asked.until > now);
        let of_network = asked.values().filter(|asked| asked.network == network).count();
        // Whoever asks and asks is forgotten before others are.
        let crowded = of_network >= KEPT_OF_NETWORK;
        if crowded || asked.len() >= KEPT {
            let candidates = asked.iter().filter(|(_, asked)| !crowded || asked.network == network);
            let oldest = candidates.min_by_key(|(_, asked)| asked.until).map(|(key, _)| *key);
            oldest.and_then(|oldest| asked.remove(&oldest));
        }
        asked.insert(key, Asked { what, network, until: now + Millis::from(ANSWERED_WITHIN_S) * 1000 });
    }

    /// What was asked for a new passkey, which can be answered with this one only: who sends the same answer again, under
    /// the same key, is told again what came of it.
    fn registration(&self, key: &IdHash, with: &Value) -> Option<Box<PasskeyRegistration>> {
        let now = self.clock.now();
        let mut all = self.lock();
        let asked = all.get_mut(key).filter(|asked| asked.until > now)?;
        let What::Registration { asked, answer } = &mut asked.what else { return None };
        (answer.get_or_insert_with(|| with.clone()) == with).then(|| asked.clone())
    }

    /// What was asked, which can be answered no more.
    fn take(&self, key: &IdHash) -> Option<What> {
        let asked = self.lock().remove(key)?;
        (asked.until > self.clock.now()).then_some(asked.what)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IdHash, Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SignInAnswer {
    /// What the device calls the passkey, and whose it says it is; `None` if it doesn't say.
    pub(crate) fn claims(&self) -> Option<(Vec<u8>, PersonId)> {
        let person = self.answer.get_user_unique_id().and_then(|id| uuid::Uuid::from_slice(id).ok())?;
        Some((self.answer.get_credential_id().to_vec(), PersonId::from_uuid(person)))
    }
}

/// A stored passkey.
fn parse(credential: &str) -> Result<Passkey> {
    serde_json::from_str(credential).map_err(|error| {
        tracing::error!(%error, "a stored passkey can't be read");
        Problem::record_unreadable()
    })
}
