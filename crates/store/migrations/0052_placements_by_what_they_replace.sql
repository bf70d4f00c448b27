-- Whether a code was written over another is asked from the one that was there before.
CREATE INDEX placement_by_replaced ON placement (replaces) WHERE replaces IS NOT NULL;
