//! Codes sealed at rest, the keyed fingerprints that find equal codes on one lock, the secrets of links in mail that waits, and
//! the tokens of hubs.
//!
//! - A code is sealed with XChaCha20-Poly1305 under its property's data key; the associated data names the property,
//!   the code's id and the key's version, so that a ciphertext moved to another row does not open.
//! - Data keys are stored in the database wrapped by the master key, which is kept outside it and outside its backups.
//! - A fingerprint is `HMAC-SHA256(HKDF(index key, lock), digits)`: equal codes match on one lock (R11) and nowhere
//!   else (R10).

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use access_code::Code;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use ids::{CodeId, HubId, LockId, PropertyId};
use rusqlite::params;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{Db, Error, Result, sql};

/// The key that wraps all others. Not in the database. No `Debug`.
#[derive(Clone)]
pub struct MasterKey {
    version: u32,
    key: Arc<Zeroizing<[u8; 32]>>,
}

impl MasterKey {
    /// A master key with that version.
    pub fn new(version: u32, key: [u8; 32]) -> Self {
        Self { version, key: Arc::new(Zeroizing::new(key)) }
    }

    /// A new random key from the operating system.
    ///
    /// # Errors
    /// [`Error::NoRandomness`].
    pub fn generate(version: u32) -> Result<Self> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| Error::NoRandomness)?;
        Ok(Self::new(version, key))
    }

    /// The bytes, to be written to a key file.
    pub fn expose(&self) -> &[u8; 32] {
        &self.key
    }
}

/// A code as it is stored in the database.
#[derive(Clone)]
pub struct SealedCode {
    /// The version of the property's data key that it was sealed with.
    pub key_version: i64,
    /// Nonce, then ciphertext and tag.
    pub bytes: Vec<u8>,
}

/// Equal for equal codes on the same lock; says nothing across locks.
pub type Fingerprint = Vec<u8>;

/// Where a code belongs; it can't be opened anywhere else.
#[derive(Clone, Copy)]
pub struct CodeAddress {
    /// The property.
    pub property_id: PropertyId,
    /// The code's id.
    pub code_id: CodeId,
}

type DataKey = Arc<Zeroizing<[u8; 32]>>;

/// Seals and opens codes; keeps unwrapped data keys in memory.
///
/// They are looked up by their wrapped form in the database, so that a key of a rolled-back transaction is never
/// mistaken for the one created after it.
#[derive(Clone)]
pub struct Vault {
    master: MasterKey,
    keys: Arc<Mutex<HashMap<Vec<u8>, DataKey>>>,
}

const NONCE: usize = 24;
const INDEX_SCOPE: &str = "index";
const REQUEST_SCOPE: &str = "requests";
const MAIL_SCOPE: &str = "mail";

impl Vault {
    pub(crate) fn new(master: MasterKey) -> Self {
        Self { master, keys: Arc::default() }
    }

    /// What [`crate::Tx::seal`] does.
    pub(crate) fn seal(&self, db: &Db, address: CodeAddress, code: &Code) -> Result<SealedCode> {
        let scope = property_scope(address.property_id);
        let (key_version, key) = self.newest_key(db, &scope)?;
        let bytes = encrypt(&key, &address.associated_data(key_version), code.expose().as_bytes())?;
        Ok(SealedCode { key_version, bytes })
    }

    /// Opens a sealed code.
    ///
    /// # Errors
    /// [`Error::Sealed`] when it was sealed for another place or under another key.
    pub fn open(&self, db: &Db, address: CodeAddress, sealed: &SealedCode) -> Result<Code> {
        let key = self.key(db, &property_scope(address.property_id), sealed.key_version)?.ok_or(Error::Sealed)?;
        let digits = decrypt(&key, &address.associated_data(sealed.key_version), &sealed.bytes)?;
        let digits = std::str::from_utf8(&digits).map_err(|_| Error::Sealed)?;
        Code::parse(digits).map_err(|_| Error::Sealed)
    }

    /// What [`crate::Tx::fingerprinter`] does.
    pub(crate) fn fingerprinter(&self, db: &Db, lock_id: LockId) -> Result<Fingerprinter> {
        let (_, index_key) = self.newest_key(db, INDEX_SCOPE)?;
        let mut lock_key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, &index_key[..])
            .expand(lock_id.as_ref(), &mut lock_key[..])
            .map_err(|_| Error::Sealed)?;
        Ok(Fingerprinter { lock_key })
    }

    /// What [`crate::Tx::request_fingerprint`] does.
    pub(crate) fn request_fingerprint(&self, db: &Db, request: &[u8]) -> Result<Vec<u8>> {
        let (_, key) = self.newest_key(db, REQUEST_SCOPE)?;
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&key[..]).expect("any length is a key");
        mac.update(request);
        Ok(mac.finalize().into_bytes().to_vec())
    }

    /// What [`crate::Tx::seal_link`] does.
    pub(crate) fn seal_link(&self, db: &Db, message_id: &str, secret: &str) -> Result<(i64, Vec<u8>)> {
        let (version, key) = self.newest_key(db, MAIL_SCOPE)?;
        Ok((version, encrypt(&key, &link_data(message_id, version), secret.as_bytes())?))
    }

    /// Opens the secret of a link that waits to be sent in the message with that id.
    ///
    /// # Errors
    /// [`Error::Sealed`] when it was sealed for another message or under another key.
    pub(crate) fn open_link(
        &self,
        db: &Db,
        message_id: &str,
        version: i64,
        sealed: &[u8],
    ) -> Result<Zeroizing<String>> {
        let key = self.key(db, MAIL_SCOPE, version)?.ok_or(Error::Sealed)?;
        let secret = decrypt(&key, &link_data(message_id, version), sealed)?;
        let secret = std::str::from_utf8(&secret).map_err(|_| Error::Sealed)?;
        Ok(Zeroizing::new(secret.to_owned()))
    }

    /// What [`crate::Tx::seal_token`] does.
    pub(crate) fn seal_token(
        &self,
        db: &Db,
        property_id: PropertyId,
        hub_id: HubId,
        token: &str,
    ) -> Result<(i64, Vec<u8>)> {
        let (version, key) = self.newest_key(db, &property_scope(property_id))?;
        Ok((version, encrypt(&key, &token_data(hub_id, version), token.as_bytes())?))
    }

    /// Opens the token of a hub.
    ///
    /// # Errors
    /// [`Error::Sealed`] when it was sealed for another hub or under another key.
    pub(crate) fn open_token(
        &self,
        db: &Db,
        property_id: PropertyId,
        hub_id: HubId,
        version: i64,
        sealed: &[u8],
    ) -> Result<Zeroizing<String>> {
        let key = self.key(db, &property_scope(property_id), version)?.ok_or(Error::Sealed)?;
        let token = decrypt(&key, &token_data(hub_id, version), sealed)?;
        let token = std::str::from_utf8(&token).map_err(|_| Error::Sealed)?;
        Ok(Zeroizing::new(token.to_owned()))
    }

    /// Checks that this is the database's master key, as far as anything was sealed in it. A damaged key among others is
    /// not taken for that.
    ///
    /// # Errors
    /// [`Error::OtherKey`].
    pub(crate) fn check(&self, db: &Db) -> Result<()> {
        let mut checked = false;
        let sql = "SELECT scope, version, master_version, wrapped FROM data_key LIMIT 100";
        for ScopedKey { scope, version, master_version, wrapped } in sql::all::<ScopedKey>(db, sql, [])? {
            match self.unwrap(&scope, WrappedKey { version, master_version, wrapped }) {
                Ok(_) => return Ok(()),
                Err(Error::Sealed) => checked = true,
                Err(error) => return Err(error),
            }
        }
        if checked { Err(Error::OtherKey) } else { Ok(()) }
    }

    /// The newest data key of a scope; the first use of a scope creates one.
    fn newest_key(&self, db: &Db, scope: &str) -> Result<(i64, DataKey)> {
        let newest: Option<WrappedKey> = sql::optional(
            db,
            "SELECT version, master_version, wrapped FROM data_key WHERE scope = ? ORDER BY version DESC LIMIT 1",
            [scope],
        )?;
        if let Some(newest) = newest {
            return Ok((newest.version, self.unwrap(scope, newest)?));
        }
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(&mut key[..]).map_err(|_| Error::NoRandomness)?;
        let wrapped = encrypt(&self.master.key, &wrap_data(scope, 1, self.master.version), &key[..])?;
        sql::execute(
            db,
            "INSERT INTO data_key (scope, version, master_version, wrapped) VALUES (?, 1, ?, ?)",
            params![scope, self.master.version, wrapped],
        )?;
        Ok((1, Arc::new(key)))
    }

    fn key(&self, db: &Db, scope: &str, version: i64) -> Result<Option<DataKey>> {
        let row: Option<WrappedKey> = sql::optional(
            db,
            "SELECT version, master_version, wrapped FROM data_key WHERE scope = ? AND version = ?",
            params![scope, version],
        )?;
        row.map(|row| self.unwrap(scope, row)).transpose()
    }

    fn unwrap(&self, scope: &str, WrappedKey { version, master_version, wrapped }: WrappedKey) -> Result<DataKey> {
        if let Some(key) = self.keys.lock().expect("no holder panics").get(&wrapped) {
            return Ok(key.clone());
        }
        if master_version != self.master.version {
            return Err(Error::Sealed);
        }
        let plain = decrypt(&self.master.key, &wrap_data(scope, version, master_version), &wrapped)?;
        let key: [u8; 32] = plain.as_slice().try_into().map_err(|_| Error::Sealed)?;
        let key: DataKey = Arc::new(Zeroizing::new(key));
        self.keys.lock().expect("no holder panics").insert(wrapped, key.clone());
        Ok(key)
    }
}

/// A data key as it is stored in the database.
struct WrappedKey {
    version: i64,
    master_version: u32,
    wrapped: Vec<u8>,
}

sql::from_row!(WrappedKey { version, master_version, wrapped });

/// A data key with what it is for.
struct ScopedKey {
    scope: String,
    version: i64,
    master_version: u32,
    wrapped: Vec<u8>,
}

sql::from_row!(ScopedKey { scope, version, master_version, wrapped });

/// Makes fingerprints for one lock.
pub struct Fingerprinter {
    lock_key: Zeroizing<[u8; 32]>,
}

impl Fingerprinter {
    /// The code's fingerprint on this lock.
    pub fn fingerprint(&self, code: &Code) -> Fingerprint {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.lock_key[..]).expect("any length is a key");
        mac.update(code.expose().as_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}

impl CodeAddress {
    fn associated_data(self, key_version: i64) -> Vec<u8> {
        let mut data = b"latchkey code".to_vec();
        data.extend(self.property_id.as_ref());
        data.extend(self.code_id.as_ref());
        data.extend(key_version.to_be_bytes());
        data
    }
}

fn property_scope(property_id: PropertyId) -> String {
    format!("property:{property_id}")
}

fn link_data(message_id: &str, key_version: i64) -> Vec<u8> {
    format!("latchkey link in mail {message_id} {key_version}").into_bytes()
}

fn token_data(hub_id: HubId, key_version: i64) -> Vec<u8> {
    format!("latchkey token of hub {hub_id} {key_version}").into_bytes()
}

fn wrap_data(scope: &str, version: i64, master_version: u32) -> Vec<u8> {
    format!("latchkey data key {scope} {version} {master_version}").into_bytes()
}

fn encrypt(key: &[u8; 32], associated: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(|_| Error::NoRandomness)?;
    let cipher = XChaCha20Poly1305::new(&Key::from(*key));
    let sealed =
        cipher.encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: associated }).map_err(|_| Error::Sealed)?;
    Ok([&nonce[..], &sealed].concat())
}

fn decrypt(key: &[u8; 32], associated: &[u8], bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE>().ok_or(Error::Sealed)?;
    let cipher = XChaCha20Poly1305::new(&Key::from(*key));
    let plain =
        cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: associated }).map_err(|_| Error::Sealed)?;
    Ok(Zeroizing::new(plain))
}
