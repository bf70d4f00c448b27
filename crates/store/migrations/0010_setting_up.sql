-- Administrators (R34).
ALTER TABLE person ADD COLUMN administrator INTEGER NOT NULL DEFAULT 0;
CREATE INDEX person_administrator ON person (id) WHERE administrator;

-- One-time links: to make the first administrator, and to invite somebody (R34, R37). Only the SHA-256 of their secrets
-- is stored.
CREATE TABLE one_time_link (
    secret_hash BLOB PRIMARY KEY,
    purpose     TEXT NOT NULL CHECK (purpose IN ('set_up', 'invitation')),
    person_id   BLOB REFERENCES person (id),     -- whom it invites; NULL for setting up
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    CHECK ((purpose = 'set_up') = (person_id IS NULL))
) STRICT, WITHOUT ROWID;
-- A newer one voids the older.
CREATE UNIQUE INDEX one_time_link_of_person ON one_time_link (purpose, coalesce(person_id, ''));

-- Whom residents of a property turn to.
ALTER TABLE property ADD COLUMN support_email TEXT;
ALTER TABLE property ADD COLUMN support_phone TEXT;

-- A hub of kind 'none' stands for locks that aren't linked to a hub yet: nothing drives it (R35).
ALTER TABLE hub ADD COLUMN kind TEXT NOT NULL DEFAULT 'simulated' CHECK (kind IN ('simulated', 'none'));
