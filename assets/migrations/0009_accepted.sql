-- When a person took an older copy of this store as it is. What was sent by the file that went on is
-- not known here.
CREATE TABLE accepted (
  seq INTEGER PRIMARY KEY,             -- of the event that says so
  at  INTEGER NOT NULL
) STRICT;
