-- A code on a lock that isn't ours concerns whoever follows the lock, and the rows of this table have no numbers to follow.
CREATE TRIGGER unknown_code_added AFTER INSERT ON unknown_code BEGIN
    UPDATE lock SET online = online WHERE id = NEW.lock_id;
END;
CREATE TRIGGER unknown_code_changed AFTER UPDATE OF state ON unknown_code WHEN OLD.state <> NEW.state BEGIN
    UPDATE lock SET online = online WHERE id = NEW.lock_id;
END;
CREATE TRIGGER unknown_code_gone AFTER DELETE ON unknown_code BEGIN
    UPDATE lock SET online = online WHERE id = OLD.lock_id;
END;
