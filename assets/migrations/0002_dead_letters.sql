-- A step parked for a person: one row each, also once it was redriven or discarded.
CREATE TABLE dead_letters (
  id          INTEGER PRIMARY KEY,     -- seq of the command that parked it
  dead_letter BLOB    NOT NULL UNIQUE,
  seq         INTEGER NOT NULL,        -- event that binds this row
  run         BLOB    NOT NULL,
  workflow    TEXT    NOT NULL,
  code        TEXT    NOT NULL,
  status      TEXT    NOT NULL,
  salt        BLOB    NOT NULL,
  document    TEXT    NOT NULL
) STRICT;

-- What waits for a person, oldest first.
CREATE INDEX dead_letters_open ON dead_letters (id) WHERE status = 'open';
