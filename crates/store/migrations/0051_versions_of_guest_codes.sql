-- Incremented when somebody changes a guest code: its windows or its reference (R43).
ALTER TABLE guest_code ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
