-- When a code was refused as not available for a unit's door, in real time: limits of a day must not end early because
-- the clock was set forward (R11).
CREATE TABLE unavailable_code (
  unit_id BLOB NOT NULL REFERENCES unit (id),
  at INTEGER NOT NULL
);
CREATE INDEX unavailable_code_by_unit ON unavailable_code (unit_id, at);
-- Those of the day before this version was installed count too.
INSERT INTO unavailable_code (unit_id, at)
  SELECT subject_id, at FROM audit
  WHERE at >= (unixepoch() - 24 * 60 * 60) * 1000
    AND action = 'code.custom_refused' AND code = 'code_unavailable_for_this_door'
    AND subject_id IN (SELECT id FROM unit);
-- By how many milliseconds the clock has been set forward in all, while the server ran.
CREATE TABLE clock (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  ahead INTEGER NOT NULL
);
INSERT INTO clock (only_row, ahead) VALUES (1, 0);
