-- What the issuer's own papers call a guest code (R45).
ALTER TABLE guest_code ADD COLUMN reference TEXT;
