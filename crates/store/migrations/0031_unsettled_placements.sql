-- The few placements by which a door isn't as it should be. A code whose window hasn't begun isn't among them, however many
-- of those there are.
CREATE INDEX placement_unsettled ON placement (door_id)
    WHERE state NOT IN ('on_lock', 'removed') AND (wanted OR state IN ('removing', 'removal_failed'));
