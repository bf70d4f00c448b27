-- How many guest codes that are scheduled or live the residents of a unit may have.
ALTER TABLE property ADD COLUMN guest_codes_per_unit INTEGER NOT NULL DEFAULT 20
    CHECK (guest_codes_per_unit BETWEEN 0 AND 1000);
