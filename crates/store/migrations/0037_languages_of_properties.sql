-- The language of a property's letters and sheets to people who have chosen none; NULL: that of whoever has them written.
ALTER TABLE property ADD COLUMN language TEXT;
