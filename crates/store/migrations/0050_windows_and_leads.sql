-- How long before a window begins a guest code may be sent to locks (R44).
ALTER TABLE property ADD COLUMN guest_code_lead_minutes INTEGER NOT NULL DEFAULT 15
    CHECK (guest_code_lead_minutes BETWEEN 0 AND 120);

-- How its windows were when they were last looked at. Between windows, `next_change_at` is when the next one opens; how
-- long before then the code is to be sent is read from the property when it is needed, so that changing it changes no code.
ALTER TABLE guest_code ADD COLUMN window_state TEXT NOT NULL DEFAULT 'closed'
    CHECK (window_state IN ('closed', 'soon', 'open'));
-- Until now a code was wanted on its locks only in its windows.
UPDATE guest_code SET window_state = 'open'
WHERE state IN ('scheduled', 'live')
    AND EXISTS (SELECT 1 FROM placement WHERE placement.code_id = guest_code.id AND placement.wanted);
CREATE INDEX guest_code_windows ON guest_code (property_id, window_state, next_change_at)
    WHERE next_change_at IS NOT NULL;
