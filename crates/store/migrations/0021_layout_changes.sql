-- Buildings, units and doors that are no longer used (R36): they stay, with their names, as what has happened there is told by
-- them. The versions are their ETags.
ALTER TABLE building ADD COLUMN retired_at INTEGER;
ALTER TABLE building ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE unit ADD COLUMN retired_at INTEGER;
ALTER TABLE unit ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE door ADD COLUMN retired_at INTEGER;
ALTER TABLE door ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

-- The code is no longer for this door: it is never wanted there again, whatever becomes of the code elsewhere.
ALTER TABLE placement ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0;
