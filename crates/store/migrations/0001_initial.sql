-- Ids are UUIDv7 as 16 bytes. Instants are milliseconds since 1970 in UTC. Local dates are 'YYYY-MM-DD'.

CREATE TABLE person (
    id            BLOB PRIMARY KEY,
    email         TEXT NOT NULL UNIQUE,          -- lower case
    name          TEXT NOT NULL,
    password_hash TEXT,                          -- Argon2id in PHC form; NULL: can't sign in yet
    support       INTEGER NOT NULL DEFAULT 0,
    disabled_at   INTEGER,
    app_platform  TEXT,                          -- the resident app last signed in with
    app_version   TEXT,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE property (
    id                        BLOB PRIMARY KEY,
    name                      TEXT NOT NULL,
    time_zone                 TEXT NOT NULL,     -- IANA
    custom_codes_enabled      INTEGER NOT NULL DEFAULT 0,   -- R3: off until switched on
    custom_codes_changed_at   INTEGER,
    custom_codes_changed_by   BLOB REFERENCES person (id),
    delivery_opens_unit_doors INTEGER NOT NULL DEFAULT 0,   -- R20
    version                   INTEGER NOT NULL DEFAULT 1,   -- the ETag
    created_at                INTEGER NOT NULL
) STRICT;
CREATE INDEX property_by_name ON property (name, id);

CREATE TABLE manages (
    person_id   BLOB NOT NULL REFERENCES person (id),
    property_id BLOB NOT NULL REFERENCES property (id),
    PRIMARY KEY (person_id, property_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE building (
    id          BLOB PRIMARY KEY,
    property_id BLOB NOT NULL REFERENCES property (id),
    name        TEXT NOT NULL,
    UNIQUE (property_id, name)
) STRICT;

CREATE TABLE unit (
    id          BLOB PRIMARY KEY,
    property_id BLOB NOT NULL REFERENCES property (id),
    building_id BLOB REFERENCES building (id),
    name        TEXT NOT NULL,
    sort_key    TEXT NOT NULL,                   -- numbers padded, so that 9 comes before 10
    UNIQUE (property_id, name)
) STRICT;

CREATE TABLE hub (
    id          BLOB PRIMARY KEY,
    property_id BLOB NOT NULL REFERENCES property (id),
    name        TEXT NOT NULL,
    online      INTEGER NOT NULL,
    since       INTEGER NOT NULL
) STRICT;
CREATE INDEX hub_by_property ON hub (property_id, name);

CREATE TABLE door (
    id          BLOB PRIMARY KEY,
    property_id BLOB NOT NULL REFERENCES property (id),
    building_id BLOB REFERENCES building (id),   -- NULL for property doors: on everybody's way
    unit_id     BLOB REFERENCES unit (id),
    kind        TEXT NOT NULL CHECK (kind IN ('unit', 'amenity', 'property')),
    name        TEXT NOT NULL,
    sort_key    TEXT NOT NULL,
    CHECK ((kind = 'unit') = (unit_id IS NOT NULL))
) STRICT;
CREATE INDEX door_by_property ON door (property_id, sort_key, id);
CREATE INDEX door_by_unit ON door (unit_id) WHERE unit_id IS NOT NULL;

-- A table of its own: a lock is exchanged, a door stays.
CREATE TABLE lock (
    id              BLOB PRIMARY KEY,
    door_id         BLOB NOT NULL UNIQUE REFERENCES door (id),
    property_id     BLOB NOT NULL REFERENCES property (id),
    hub_id          BLOB NOT NULL REFERENCES hub (id),
    online          INTEGER NOT NULL,
    since           INTEGER NOT NULL,
    battery_percent INTEGER,
    slots_total     INTEGER NOT NULL
) STRICT;
CREATE INDEX lock_by_hub ON lock (hub_id);
CREATE INDEX lock_by_property ON lock (property_id, online);

CREATE TABLE tenancy (
    id              BLOB PRIMARY KEY,            -- what the API calls a resident
    property_id     BLOB NOT NULL REFERENCES property (id),
    unit_id         BLOB NOT NULL REFERENCES unit (id),
    person_id       BLOB NOT NULL REFERENCES person (id),
    move_in         TEXT NOT NULL,
    move_out        TEXT,                        -- the last day
    starts_at       INTEGER NOT NULL,            -- move_in and the day after move_out, in the property's zone
    ends_at         INTEGER,
    ended_at        INTEGER,                     -- moved out: everything revoked
    -- What the residents list sorts and filters by, kept with the rows it comes from.
    name_key        TEXT NOT NULL,
    name_text       TEXT NOT NULL,               -- lower case in any script, which SQLite's LIKE can't fold
    unit_key        TEXT NOT NULL,
    code_id         BLOB REFERENCES code (id),   -- the current code
    code_origin     TEXT,
    code_status     TEXT,
    code_changed_at INTEGER
) STRICT;
CREATE INDEX tenancy_by_name ON tenancy (property_id, name_key, id) WHERE ended_at IS NULL;
CREATE INDEX tenancy_by_unit ON tenancy (property_id, unit_key, id) WHERE ended_at IS NULL;
CREATE INDEX tenancy_by_changed ON tenancy (property_id, code_changed_at, id) WHERE ended_at IS NULL;
CREATE INDEX tenancy_by_status ON tenancy (property_id, code_status) WHERE ended_at IS NULL;
CREATE INDEX tenancy_by_person ON tenancy (person_id, starts_at) WHERE ended_at IS NULL;
CREATE INDEX tenancy_of_unit ON tenancy (unit_id);
CREATE INDEX tenancy_codeless ON tenancy (starts_at) WHERE ended_at IS NULL AND code_id IS NULL;
CREATE INDEX tenancy_ending ON tenancy (ends_at) WHERE ended_at IS NULL AND ends_at IS NOT NULL;

-- Data keys, wrapped by the master key, which is not in the database.
CREATE TABLE data_key (
    scope          TEXT NOT NULL,                -- 'property:<id>' or 'index'
    version        INTEGER NOT NULL,
    master_version INTEGER NOT NULL,
    wrapped        BLOB NOT NULL,
    PRIMARY KEY (scope, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE code (
    id          BLOB PRIMARY KEY,
    property_id BLOB NOT NULL REFERENCES property (id),
    tenancy_id  BLOB REFERENCES tenancy (id),    -- the resident's, or the resident's guest's
    holder      TEXT NOT NULL CHECK (holder IN ('resident', 'guest')),
    origin      TEXT NOT NULL CHECK (origin IN ('random', 'custom')),
    length      INTEGER NOT NULL CHECK (length IN (4, 6)),
    sealed      BLOB NOT NULL,
    key_version INTEGER NOT NULL,
    status      TEXT NOT NULL,                   -- the worst of its placements (R26)
    created_at  INTEGER NOT NULL,
    ended_at    INTEGER                          -- superseded, revoked, expired or used
) STRICT;
CREATE INDEX code_of_tenancy ON code (tenancy_id, created_at) WHERE tenancy_id IS NOT NULL;

CREATE TABLE guest_code (
    id             BLOB PRIMARY KEY REFERENCES code (id),
    property_id    BLOB NOT NULL REFERENCES property (id),
    tenancy_id     BLOB REFERENCES tenancy (id), -- NULL: issued by a manager
    kind           TEXT NOT NULL CHECK (kind IN ('temporary', 'recurring', 'delivery', 'permanent')),
    guest_name     TEXT NOT NULL,
    starts_at      INTEGER,
    ends_at        INTEGER,
    recurrence     TEXT,                         -- JSON, as on the wire
    issued_by      BLOB NOT NULL REFERENCES person (id),
    issued_at      INTEGER NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('scheduled', 'live', 'used', 'expired', 'revoked')),
    next_change_at INTEGER                       -- when a window opens or closes next
) STRICT;
CREATE INDEX guest_code_by_property ON guest_code (property_id, issued_at, id);
CREATE INDEX guest_code_by_state ON guest_code (property_id, state, issued_at, id);
CREATE INDEX guest_code_by_tenancy ON guest_code (tenancy_id, issued_at, id) WHERE tenancy_id IS NOT NULL;
CREATE INDEX guest_code_due ON guest_code (next_change_at) WHERE next_change_at IS NOT NULL;

-- What is (R25). Also the outbox: a row with next_attempt_at is work for its hub's worker.
CREATE TABLE placement (
    id              BLOB PRIMARY KEY,
    code_id         BLOB NOT NULL REFERENCES code (id),
    property_id     BLOB NOT NULL REFERENCES property (id),
    door_id         BLOB NOT NULL REFERENCES door (id),
    lock_id         BLOB NOT NULL REFERENCES lock (id),
    hub_id          BLOB NOT NULL REFERENCES hub (id),
    wanted          INTEGER NOT NULL,            -- should the lock hold it now?
    state           TEXT NOT NULL CHECK (state IN ('pending', 'writing', 'confirming', 'on_lock', 'waiting_offline',
                        'failed', 'removing', 'removed', 'removal_failed', 'drifted')),
    since           INTEGER NOT NULL,
    slot            INTEGER,
    generation      INTEGER NOT NULL DEFAULT 0,  -- goes up with every change of what is wanted
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,
    reason          TEXT,
    evidence        TEXT,
    protocol_error  TEXT,
    fingerprint     BLOB,                        -- keyed by lock; kept while live or while its removal is unconfirmed (R11)
    replaces        BLOB REFERENCES placement (id),
    UNIQUE (code_id, lock_id)
) STRICT;
CREATE UNIQUE INDEX placement_fingerprint ON placement (lock_id, fingerprint) WHERE fingerprint IS NOT NULL;
CREATE UNIQUE INDEX placement_slot ON placement (lock_id, slot) WHERE slot IS NOT NULL;
CREATE INDEX placement_due ON placement (hub_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX placement_open ON placement (property_id, state)
    WHERE state NOT IN ('on_lock', 'removed');
CREATE INDEX placement_by_door ON placement (door_id);

CREATE TABLE session (
    id_hash             BLOB PRIMARY KEY,        -- SHA-256 of the opaque id
    person_id           BLOB NOT NULL REFERENCES person (id),
    channel             TEXT NOT NULL CHECK (channel IN ('web', 'mobile')),
    platform            TEXT,
    app_version         TEXT,
    assurance           TEXT CHECK (assurance IN ('declared', 'attested')),
    created_at          INTEGER NOT NULL,
    idle_expires_at     INTEGER NOT NULL,
    absolute_expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_person ON session (person_id);

CREATE TABLE idempotency (
    person_id   BLOB NOT NULL REFERENCES person (id),
    key         TEXT NOT NULL,
    fingerprint BLOB NOT NULL,                   -- of method, path and body
    status      INTEGER NOT NULL,
    body        TEXT NOT NULL,                   -- never with digits
    code_id     BLOB REFERENCES code (id),       -- its digits are added to the answer again
    at          INTEGER NOT NULL,
    PRIMARY KEY (person_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (at);

-- The record (R31). seq is also time's order: `at` never goes back.
CREATE TABLE audit (
    seq          INTEGER PRIMARY KEY,
    id           BLOB NOT NULL UNIQUE,
    at           INTEGER NOT NULL,
    actor_id     BLOB,
    actor_name   TEXT NOT NULL,
    actor_role   TEXT NOT NULL,
    channel      TEXT NOT NULL,
    platform     TEXT,
    app_version  TEXT,
    action       TEXT NOT NULL,
    property_id  BLOB,
    subject_kind TEXT NOT NULL,
    subject_id   BLOB,
    subject_name TEXT NOT NULL,
    resident_id  BLOB,
    door_id      BLOB,
    outcome      TEXT NOT NULL,
    code         TEXT,
    detail       TEXT NOT NULL,
    checklist    TEXT,                           -- JSON
    hash         BLOB NOT NULL
) STRICT;
CREATE INDEX audit_by_at ON audit (at);
CREATE INDEX audit_by_property ON audit (property_id);
CREATE INDEX audit_by_actor ON audit (actor_id);
CREATE INDEX audit_by_action ON audit (action);
CREATE INDEX audit_by_property_action ON audit (property_id, action);
CREATE INDEX audit_by_outcome ON audit (outcome);
CREATE INDEX audit_by_subject ON audit (subject_id) WHERE subject_id IS NOT NULL;
CREATE INDEX audit_by_resident ON audit (resident_id) WHERE resident_id IS NOT NULL;
CREATE INDEX audit_by_door ON audit (door_id) WHERE door_id IS NOT NULL;
CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit
    BEGIN SELECT RAISE (ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit
    BEGIN SELECT RAISE (ABORT, 'the audit log is append-only'); END;
-- REPLACE deletes without asking the trigger above.
CREATE TRIGGER audit_is_append_only_insert BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq) OR EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
    BEGIN SELECT RAISE (ABORT, 'the audit log is append-only'); END;

-- Words of the record, for search.
CREATE VIRTUAL TABLE audit_words USING fts5 (words, content = '', tokenize = 'unicode61 remove_diacritics 2');
