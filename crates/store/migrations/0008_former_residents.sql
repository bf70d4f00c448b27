-- Former residents, in the order of their names.
CREATE INDEX tenancy_former_by_name ON tenancy (property_id, name_key, id) WHERE ended_at IS NOT NULL;
