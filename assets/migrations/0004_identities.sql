-- The business identity that an effect holds, across all runs: NULL where its tool declares none,
-- where it holds none (blocked, refused, given up, undone), and in every row written before this.
ALTER TABLE effects ADD COLUMN identity BLOB;            -- SHA-256
ALTER TABLE effects ADD COLUMN identity_number INTEGER;  -- from 1; more where a person said so

-- One effect for each.
CREATE UNIQUE INDEX effects_by_identity ON effects (identity, identity_number)
  WHERE identity IS NOT NULL;
