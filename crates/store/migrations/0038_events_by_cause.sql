-- What belongs together in the audit log: the events of a property that came of the same thing.
CREATE INDEX audit_by_cause ON audit (cause, property_id) WHERE cause IS NOT NULL;
