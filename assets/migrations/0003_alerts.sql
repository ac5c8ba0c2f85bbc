-- Something unusual that a person should look at: one row each, also once it was acknowledged.
CREATE TABLE alerts (
  id       INTEGER PRIMARY KEY,        -- seq of the event that raised it
  alert    BLOB    NOT NULL UNIQUE,
  seq      INTEGER NOT NULL,           -- event that binds this row
  kind     TEXT    NOT NULL,
  subject  TEXT    NOT NULL,           -- one alert at a time is open on each; '' for the store
  run      BLOB,
  status   TEXT    NOT NULL,
  salt     BLOB    NOT NULL,
  document TEXT    NOT NULL
) STRICT;

-- What waits for a person, oldest first; one open alert on each subject.
CREATE UNIQUE INDEX alerts_open ON alerts (kind, subject) WHERE status = 'open';

-- Facts about the store itself are few: an alert's later ones are found without the runs' events.
CREATE INDEX events_of_store ON events (seq) WHERE run IS NULL;

-- What people are told without having asked, written with the event that causes it. A reminder
-- and nothing more: no verdict and no effect reads it, so the journal does not bind it.
CREATE TABLE notifications (
  id       INTEGER PRIMARY KEY,
  kind     TEXT    NOT NULL,
  subject  TEXT    NOT NULL,           -- id of the dead letter, packet or alert
  run      BLOB,
  text     TEXT    NOT NULL,
  at       INTEGER NOT NULL,
  shown_at INTEGER
) STRICT;

CREATE INDEX notifications_unshown ON notifications (id) WHERE shown_at IS NULL;
