-- Failed sign-ins with the mark of a device that signed in to that account before. Only devices with failures are here, and
-- only by the hash of their mark.
CREATE TABLE device_failures (
    mark_hash  BLOB PRIMARY KEY,                 -- SHA-256 of the mark
    failures   INTEGER NOT NULL,
    failed_at  INTEGER NOT NULL,
    wait_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX device_failures_by_age ON device_failures (failed_at);
