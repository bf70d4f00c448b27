-- Support searches the residents of all properties by name.
CREATE INDEX tenancy_of_anywhere_by_name ON tenancy (name_key, id) WHERE ended_at IS NULL AND code_id IS NOT NULL;
