//! A device with passkeys, in software: what a browser and its authenticator make of what the server asks, by Web
//! Authentication Level 3.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// That the user was there, and was verified.
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
/// That there is a new key in the data.
const WITH_KEY: u8 = 0x40;

/// A device that holds one passkey, as soon as it was asked for one.
#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) key: SigningKey,
    /// What it calls the passkey.
    pub(crate) id: Vec<u8>,
    /// Whose the passkey is, as it was told.
    pub(crate) user_handle: String,
    /// How often it was used, as it counts itself.
    pub(crate) counter: u32,
    /// The page that it believes to be asked by.
    pub(crate) origin: String,
    /// Whether it verifies who uses it.
    pub(crate) verifies: bool,
}

impl Device {
    /// A new one, in front of a page with that origin.
    pub(crate) fn at(origin: &str) -> Self {
        let mut secret = [0; 32];
        let mut id = vec![0; 20];
        getrandom::fill(&mut secret).expect("random bytes");
        getrandom::fill(&mut id).expect("random bytes");
        // All but a negligible part of such numbers are keys.
        let key = SigningKey::from_slice(&secret).expect("a key");
        Self { key, id, user_handle: String::new(), counter: 0, origin: origin.to_owned(), verifies: true }
    }

    fn authenticator_data(&self, site: &str, flags: u8) -> Vec<u8> {
        let verified = if self.verifies { VERIFIED } else { 0 };
        let site = Sha256::digest(site.as_bytes());
        [&site[..], &[PRESENT | verified | flags], &self.counter.to_be_bytes()].concat()
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data =
            json!({"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false});
        data.to_string().into_bytes()
    }

    fn credential(&self, response: Value) -> Value {
        let id = text(&self.id);
        json!({"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {},
            "authenticatorAttachment": "platform"})
    }

    /// Makes a passkey for what was asked.
    pub(crate) fn make(&mut self, options: &Value) -> Value {
        self.user_handle = options["user"]["id"].as_str().expect("whose").to_owned();
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = (point.x().expect("a point"), point.y().expect("a point"));
        // A COSE key: EC2, ES256, P-256.
        let key = [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32], &x[..], &[0x22, 0x58, 32], &y[..]].concat();
        let length = u16::try_from(self.id.len()).expect("short").to_be_bytes();
        let site = options["rp"]["id"].as_str().expect("a site");
        let data = self.authenticator_data(site, WITH_KEY);
        let data = [&data[..], &[0; 16], &length, &self.id, &key].concat();
        let size = u8::try_from(data.len()).expect("short");
        // CBOR: {"fmt": "none", "attStmt": {}, "authData": …}.
        let attestation = [b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".as_slice(), &[size], &data].concat();
        let client = self.client_data("webauthn.create", options);
        self.credential(json!({"attestationObject": text(&attestation), "clientDataJSON": text(&client),
            "transports": ["internal"]}))
    }

    /// Signs in with the passkey, for what was asked.
    pub(crate) fn sign(&mut self, options: &Value) -> Value {
        self.counter += 1;
        let site = options["rpId"].as_str().expect("a site");
        let (data, client) = (self.authenticator_data(site, 0), self.client_data("webauthn.get", options));
        let signature: Signature = self.key.sign(&[&data[..], &Sha256::digest(&client)].concat());
        self.credential(json!({"authenticatorData": text(&data), "clientDataJSON": text(&client),
            "signature": text(signature.to_der().as_bytes()), "userHandle": self.user_handle}))
    }
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
