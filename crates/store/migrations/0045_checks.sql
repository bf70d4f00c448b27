-- Codes are looked for again after they were confirmed (R25): locks lose them.
ALTER TABLE placement ADD COLUMN drifts INTEGER NOT NULL DEFAULT 0;   -- in a row, since it was last seen there
ALTER TABLE placement ADD COLUMN confirmed_at INTEGER;                -- when the lock was last known to hold it
ALTER TABLE placement ADD COLUMN check_at INTEGER;                    -- when the lock is to be asked again
UPDATE placement SET confirmed_at = since, check_at = since WHERE state = 'on_lock' AND wanted;
CREATE INDEX placement_to_check ON placement (hub_id, check_at) WHERE check_at IS NOT NULL;
-- What a lock lost so often that it wasn't written again, until the lock or its hub comes back.
CREATE INDEX placement_lost ON placement (hub_id) WHERE reason = 'lost_by_lock';

-- What is, or may be, in a slot that no placement of ours holds. Never digits: what they are is nobody's business.
CREATE TABLE unknown_code (
    lock_id         BLOB NOT NULL REFERENCES lock (id),
    slot            INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('suspected', 'found', 'clearing')),
    since           INTEGER NOT NULL,
    next_attempt_at INTEGER,             -- when the lock is to be asked, or the slot emptied
    attempts        INTEGER NOT NULL DEFAULT 0,
    protocol_error  TEXT,
    cause           BLOB,
    PRIMARY KEY (lock_id, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX unknown_code_due ON unknown_code (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
