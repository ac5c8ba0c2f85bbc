-- Which effect undid which, from either side: NULL where none did, and in every row written before
-- this.
ALTER TABLE effects ADD COLUMN undoes BLOB;     -- key of the effect that this one undoes
ALTER TABLE effects ADD COLUMN undone_by BLOB;  -- key of the effect that undid this one
