-- Runs that were parked before there were rows for dead letters. Their letters are read off their
-- states until somebody redrives or discards them, which gives them a row.
CREATE TABLE parked_before (
  id  INTEGER PRIMARY KEY,             -- the run's id
  run BLOB NOT NULL
) STRICT;

INSERT INTO parked_before
  SELECT id, run FROM runs
  WHERE status IN ('dead_lettered', 'paused') AND json_extract(state, '$.phase.is') = 'parked'
  AND run NOT IN (SELECT run FROM dead_letters WHERE status = 'open');
