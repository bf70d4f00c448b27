-- Passkeys: public keys by which people sign in without a password. Their private keys stay on people's devices.
CREATE TABLE passkey (
    id            BLOB PRIMARY KEY,
    person_id     BLOB NOT NULL REFERENCES person (id),
    credential_id BLOB NOT NULL UNIQUE,          -- what devices call it
    credential    TEXT NOT NULL,                 -- the public key, the counter and more, as JSON
    name          TEXT NOT NULL,                 -- what its person calls it
    created_at    INTEGER NOT NULL,
    last_used_at  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX passkey_of_person ON passkey (person_id, id);

-- Since when somebody signs in with passkeys alone. Their password_hash is then of a password that nobody knows.
ALTER TABLE person ADD COLUMN password_removed_at INTEGER;
