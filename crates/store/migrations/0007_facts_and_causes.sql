-- What an event says, as data (JSON), and what it came of. Older events have neither.
ALTER TABLE audit ADD COLUMN facts TEXT;
ALTER TABLE audit ADD COLUMN cause BLOB;

-- What made a placement wanted or unwanted last: the cause of what then happens on the lock.
ALTER TABLE placement ADD COLUMN cause BLOB;
