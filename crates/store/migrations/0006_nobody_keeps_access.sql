-- Records that can't be read, for support to see to.
CREATE TABLE incident (
    id          BLOB PRIMARY KEY,
    kind        TEXT NOT NULL,
    subject_id  BLOB NOT NULL,
    property_id BLOB,                            -- what it names may be damaged too: no reference
    detail      TEXT NOT NULL,
    found_at    INTEGER NOT NULL,
    UNIQUE (kind, subject_id)
) STRICT;

-- A resident without a current tenancy (its days were moved, or the person was disabled) keeps the code; it is off the locks.
ALTER TABLE tenancy ADD COLUMN codes_held_off INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tenancy_held_off ON tenancy (starts_at) WHERE codes_held_off;
CREATE INDEX tenancy_ahead ON tenancy (starts_at) WHERE ended_at IS NULL AND code_id IS NOT NULL AND NOT codes_held_off;

-- Guest codes that open something, by who issued them: to be looked through when a right is lost.
CREATE INDEX guest_code_in_force ON guest_code (issued_by) WHERE state IN ('scheduled', 'live');
CREATE INDEX person_disabled ON person (id) WHERE disabled_at IS NOT NULL;

-- What is due at a lock.
CREATE INDEX placement_due_by_lock ON placement (lock_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
