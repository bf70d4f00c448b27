-- What each event of the record can be found by: the things it is about and its words, in sets of a block of events each.
-- Takes the place of an index for each column and of the full-text table. An older record gets its sets when it is
-- opened (`store::audit::index`).
CREATE TABLE audit_index (
    block  INTEGER NOT NULL,                     -- of 4096 events: (seq - 1) / 4096
    term   BLOB NOT NULL,                        -- a letter for its kind, then the value
    events BLOB NOT NULL,                        -- which of the block's events have it
    PRIMARY KEY (block, term)
) STRICT, WITHOUT ROWID;

DROP TABLE audit_words;
DROP INDEX audit_by_property;
DROP INDEX audit_by_actor;
DROP INDEX audit_by_action;
DROP INDEX audit_by_property_action;
DROP INDEX audit_by_outcome;
DROP INDEX audit_by_resident;
DROP INDEX audit_by_door;
