-- When the managers of a property are mailed what needs attention there: minutes after its midnight; NULL: never.
ALTER TABLE property ADD COLUMN summary_at INTEGER DEFAULT 480 CHECK (summary_at BETWEEN 0 AND 1439);
-- When that is next; NULL until it is worked out.
ALTER TABLE property ADD COLUMN summary_due_at INTEGER;
CREATE INDEX property_summary_due ON property (summary_due_at) WHERE summary_at IS NOT NULL;
-- Whether this manager wants it.
ALTER TABLE manages ADD COLUMN summary INTEGER NOT NULL DEFAULT 1;
