-- Links by which a guest sees their own code without signing in. A link's secret isn't here, only its SHA-256.
CREATE TABLE guest_code_share (
    id             BLOB PRIMARY KEY,
    guest_code_id  BLOB NOT NULL REFERENCES guest_code (id),
    secret_hash    BLOB NOT NULL UNIQUE,
    created_by     BLOB NOT NULL REFERENCES person (id),
    created_at     INTEGER NOT NULL,
    revoked_at     INTEGER,                      -- kept, so that whoever still tries it is on record
    opened_count   INTEGER NOT NULL DEFAULT 0,
    last_opened_at INTEGER
) STRICT;
CREATE INDEX guest_code_share_live ON guest_code_share (guest_code_id, created_at, id) WHERE revoked_at IS NULL;
