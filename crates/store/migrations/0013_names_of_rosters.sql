-- A property knows its residents by the names of its own roster (R39), whatever they are called elsewhere.
ALTER TABLE tenancy ADD COLUMN name TEXT NOT NULL DEFAULT '';
UPDATE tenancy SET name = (SELECT person.name FROM person WHERE person.id = tenancy.person_id);
