-- People see where they are signed in, and sign out there. Sessions get an id that may be shown (their hash never is),
-- what they were begun with, and when they were last used.

CREATE TABLE session_with_id (
    id_hash             BLOB PRIMARY KEY,        -- SHA-256 of the opaque id
    id                  BLOB NOT NULL UNIQUE,    -- UUIDv7; good for naming the session, not for being it
    person_id           BLOB NOT NULL REFERENCES person (id),
    channel             TEXT NOT NULL CHECK (channel IN ('web', 'mobile')),
    platform            TEXT,
    app_version         TEXT,
    browser             TEXT,                    -- 'Chrome on Windows'; NULL: not known
    assurance           TEXT CHECK (assurance IN ('declared', 'attested')),
    created_at          INTEGER NOT NULL,
    last_seen_at        INTEGER NOT NULL,        -- coarsely
    idle_expires_at     INTEGER NOT NULL,
    absolute_expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- UUIDv7 of the time each session began: 48 bits of milliseconds, the version, 12 random bits, the variant, 62 more.
INSERT INTO session_with_id
SELECT id_hash,
       unhex (printf ('%012x', created_at) || '7' || substr (hex (randomblob (2)), 2)
           || substr ('89AB', 1 + abs (random () % 4), 1) || substr (hex (randomblob (2)), 2) || hex (randomblob (6))),
       person_id, channel, platform, app_version, NULL, assurance, created_at,
       -- A session of the console is renewed when it is used: its idle limit is 30 minutes from then.
       CASE channel WHEN 'web' THEN max (created_at, idle_expires_at - 1800000) ELSE created_at END,
       idle_expires_at, absolute_expires_at
FROM session;

DROP TABLE session;
ALTER TABLE session_with_id RENAME TO session;
CREATE INDEX session_by_person ON session (person_id, created_at, id);
