-- Hubs that the server connects to, and locks that are linked to doors, exchanged and unlinked (R35).
--
-- Both tables are made anew: a hub has a further kind, and a door has its lock and besides those it had before, as long as
-- codes of ours may be on them (R24). The rows that refer to them find them again by the end of the transaction.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE hub_before AS SELECT * FROM hub;
CREATE TABLE lock_before AS SELECT * FROM lock;
DROP TABLE lock;
DROP TABLE hub;

CREATE TABLE hub (
    id           BLOB PRIMARY KEY,
    property_id  BLOB NOT NULL REFERENCES property (id),
    name         TEXT NOT NULL,
    kind         TEXT NOT NULL DEFAULT 'simulated' CHECK (kind IN ('simulated', 'none', 'zwave_js')),
    online       INTEGER NOT NULL,
    since        INTEGER NOT NULL,
    url          TEXT,                           -- where its server listens
    sealed_token BLOB,
    sealed_with  INTEGER,                        -- the version of the property's data key
    software     TEXT,                           -- what it last said that it is
    problem      TEXT,                           -- why it won't talk to us, as it last said
    removed_at   INTEGER,                        -- it stays for what is on record of it
    version      INTEGER NOT NULL DEFAULT 1,     -- the ETag
    CHECK ((sealed_token IS NULL) = (sealed_with IS NULL)),
    CHECK (removed_at IS NOT NULL OR (kind = 'zwave_js') = (url IS NOT NULL))
) STRICT;
INSERT INTO hub (id, property_id, name, kind, online, since) SELECT id, property_id, name, kind, online, since FROM hub_before;
CREATE INDEX hub_by_property ON hub (property_id, name);
CREATE INDEX hub_by_kind ON hub (kind) WHERE removed_at IS NULL;

CREATE TABLE lock (
    id              BLOB PRIMARY KEY,
    door_id         BLOB NOT NULL REFERENCES door (id),
    property_id     BLOB NOT NULL REFERENCES property (id),
    hub_id          BLOB NOT NULL REFERENCES hub (id),
    hub_lock        TEXT,                        -- what names the device at its hub; NULL: none is linked, or no longer
    model           TEXT,
    online          INTEGER NOT NULL,
    since           INTEGER NOT NULL,
    battery_percent INTEGER,
    slots_total     INTEGER NOT NULL,
    lengths         TEXT CHECK (lengths IN ('four', 'six', 'four_and_six')),
    read_back       TEXT CHECK (read_back IN ('digits', 'occupancy', 'none')),
    schedules       INTEGER,
    former_since    INTEGER                      -- since when the door has another lock, or none
) STRICT;
INSERT INTO lock (id, door_id, property_id, hub_id, online, since, battery_percent, slots_total)
    SELECT id, door_id, property_id, hub_id, online, since, battery_percent, slots_total FROM lock_before;
CREATE UNIQUE INDEX lock_of_door ON lock (door_id) WHERE former_since IS NULL;
CREATE INDEX lock_by_door ON lock (door_id);
CREATE INDEX lock_by_hub ON lock (hub_id);
CREATE INDEX lock_by_property ON lock (property_id, online);
-- One device is on one door at most, whatever hub it was found through.
CREATE UNIQUE INDEX lock_by_device ON lock (hub_lock) WHERE hub_lock IS NOT NULL;

DROP TABLE hub_before;
DROP TABLE lock_before;

-- A simulated lock is named by its id.
UPDATE lock SET hub_lock = lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-' || substr(hex(id), 13, 4)
    || '-' || substr(hex(id), 17, 4) || '-' || substr(hex(id), 21))
    WHERE (SELECT kind FROM hub WHERE hub.id = lock.hub_id) = 'simulated';

-- What may be on a lock, or is to be, whatever was there before.
CREATE INDEX placement_at_lock ON placement (lock_id) WHERE state <> 'removed';

-- What the locks reported of their batteries: each change.
CREATE TABLE battery_reading (
    lock_id BLOB NOT NULL REFERENCES lock (id),
    at      INTEGER NOT NULL,
    percent INTEGER NOT NULL,
    PRIMARY KEY (lock_id, at)
) STRICT, WITHOUT ROWID;

-- Goes up with every hub that is added, changed or removed and every lock that is linked or let go, by whatever program.
CREATE TABLE hub_changes (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    count    INTEGER NOT NULL
) STRICT;
INSERT INTO hub_changes (only_row, count) VALUES (1, 0);
