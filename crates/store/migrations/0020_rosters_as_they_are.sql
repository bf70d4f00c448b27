-- A resident need not have an address (R41): who has none can't sign in.
ALTER TABLE person ALTER COLUMN email DROP NOT NULL;

-- A tenancy that an import added and that was undone: nobody moved out of it (R40).
ALTER TABLE tenancy ADD COLUMN undone INTEGER NOT NULL DEFAULT 0;

-- Which column of a roster is which, where somebody had to say, by the names that the file has for its columns.
CREATE TABLE roster_columns (
    property_id BLOB NOT NULL REFERENCES property (id),
    headings    TEXT NOT NULL,
    columns     TEXT NOT NULL,
    PRIMARY KEY (property_id, headings)
) STRICT, WITHOUT ROWID;

-- Imports, so that they can be undone.
CREATE TABLE roster_import (
    id          BLOB PRIMARY KEY,
    property_id BLOB NOT NULL REFERENCES property (id),
    person_id   BLOB NOT NULL REFERENCES person (id),
    at          INTEGER NOT NULL,
    by_whom     TEXT NOT NULL,                   -- JSON: as whom the rest of it is done, and because of what
    undone_at   INTEGER
) STRICT;
CREATE INDEX roster_import_by_property ON roster_import (property_id, at);

-- The rest of a long import, which is accepted and still to be done, some rows at a time: JSON, by line. Nobody else's
-- changes wait for all of it.
CREATE TABLE roster_import_rest (
    import_id BLOB NOT NULL REFERENCES roster_import (id),
    part      INTEGER NOT NULL,
    rows      TEXT NOT NULL,
    PRIMARY KEY (import_id, part)
) STRICT, WITHOUT ROWID;

-- What an import did to a tenancy: what it was before, if it was there.
CREATE TABLE roster_import_row (
    import_id   BLOB NOT NULL REFERENCES roster_import (id),
    line        INTEGER NOT NULL,
    tenancy_id  BLOB NOT NULL REFERENCES tenancy (id),
    seq         INTEGER NOT NULL,                -- of its event: whatever comes after it was done to what it made
    added       INTEGER NOT NULL,
    addressed   INTEGER NOT NULL,                -- its person was given an address
    old_name    TEXT,
    old_own     TEXT,                            -- what the person was called themselves, if that changed
    old_in      TEXT,
    old_out     TEXT,
    old_starts  INTEGER,
    old_ends    INTEGER,
    PRIMARY KEY (import_id, line)
) STRICT, WITHOUT ROWID;
