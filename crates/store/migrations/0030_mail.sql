-- One-time links also set a forgotten password and confirm another address (R38). SQLite can't change a CHECK, so the table is
-- made anew.
CREATE TABLE one_time_link_new (
    secret_hash BLOB PRIMARY KEY,
    purpose     TEXT NOT NULL CHECK (purpose IN ('set_up', 'invitation', 'reset', 'address')),
    person_id   BLOB REFERENCES person (id),     -- whom it is for; NULL for setting up
    email       TEXT,                            -- the address that it confirms
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    CHECK ((purpose = 'set_up') = (person_id IS NULL)),
    CHECK ((purpose = 'address') = (email IS NOT NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO one_time_link_new (secret_hash, purpose, person_id, created_at, expires_at)
    SELECT secret_hash, purpose, person_id, created_at, expires_at FROM one_time_link;
DROP TABLE one_time_link;
ALTER TABLE one_time_link_new RENAME TO one_time_link;
-- A newer one voids the older.
CREATE UNIQUE INDEX one_time_link_of_person ON one_time_link (purpose, coalesce(person_id, ''));

-- The language that somebody last used the console in, for the mail that they get.
ALTER TABLE person ADD COLUMN language TEXT;

-- Mail that was written in the transaction of what it tells of, and how its delivery goes. It has a rowid, so that the worker
-- is notified of it.
CREATE TABLE mail (
    id              INTEGER PRIMARY KEY,
    message_id      TEXT NOT NULL UNIQUE,        -- stays the same however often it is sent
    kind            TEXT NOT NULL,               -- which letter it is
    person_id       BLOB REFERENCES person (id), -- whom it is for, if that is somebody known
    property_id     BLOB REFERENCES property (id),
    address         TEXT NOT NULL,
    language        TEXT NOT NULL,
    letter          TEXT NOT NULL,               -- what it says, as JSON, without the secret of its link
    link_hash       BLOB,                        -- SHA-256 of that secret
    sealed_link     BLOB,                        -- the secret itself, sealed; NULL as soon as it isn't needed any more
    sealed_with     INTEGER,                     -- the version of the key
    link_lasts      INTEGER,                     -- from when it is sent, where that is what counts
    created_at      INTEGER NOT NULL,
    give_up_at      INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'bounced', 'dropped')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,                     -- NULL once it is settled
    settled_at      INTEGER,
    reply           TEXT,                        -- what the mail server last said, if it didn't take it
    CHECK ((state = 'waiting') = (next_attempt_at IS NOT NULL)),
    CHECK (state = 'waiting' OR sealed_link IS NULL)
) STRICT;
CREATE INDEX mail_waiting ON mail (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX mail_of_person ON mail (person_id, id);
CREATE INDEX mail_settled ON mail (settled_at) WHERE settled_at IS NOT NULL;
