-- What names are found and sorted by (R42) is worked out by the program (`store::words`), which does so again for every row
-- whenever it would work out something else. This is what it was worked out by last.
CREATE TABLE text_keys (version INTEGER NOT NULL) STRICT;

-- Properties are sorted as people expect too.
ALTER TABLE property ADD COLUMN sort_key TEXT NOT NULL DEFAULT '';
DROP INDEX property_by_name;
CREATE INDEX property_by_sort_key ON property (sort_key, id);
