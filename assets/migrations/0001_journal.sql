-- The journal. rowid = seq = global sequence from 1, without gaps.
CREATE TABLE events (
  seq       INTEGER PRIMARY KEY,
  run       BLOB,              -- 16 bytes; NULL for facts about the store itself
  run_seq   INTEGER,           -- from 1, without gaps
  at        INTEGER NOT NULL,  -- milliseconds since 1970-01-01T00:00:00Z
  actor     TEXT    NOT NULL,
  kind      TEXT    NOT NULL,
  version   INTEGER NOT NULL,
  body      TEXT    NOT NULL,  -- canonical JSON (RFC 8785)
  prev_hash BLOB    NOT NULL,  -- SHA-256
  hash      BLOB    NOT NULL,
  CHECK ((run IS NULL) = (run_seq IS NULL))
) STRICT;

-- One run's events in order; its first event, which is its row's id; its last, which binds its state.
CREATE UNIQUE INDEX events_of_run ON events (run, run_seq) WHERE run IS NOT NULL;

CREATE TRIGGER events_never_change BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER events_never_go BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- REPLACE deletes without firing a DELETE trigger, so that an insert must extend the end.
CREATE TRIGGER events_only_extend BEFORE INSERT ON events
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- What the events' commitments stand for. A row, or a member of it, may be destroyed.
CREATE TABLE event_values (
  seq     INTEGER PRIMARY KEY,
  salt    BLOB NOT NULL,       -- 16 random bytes, from which each member's salt is derived
  members TEXT NOT NULL        -- JSON object
) STRICT;

-- One row for each run: what it is now.
CREATE TABLE runs (
  id             INTEGER PRIMARY KEY,  -- seq of the run's first event
  run            BLOB    NOT NULL,
  workflow       TEXT    NOT NULL,
  key            TEXT,
  status         TEXT    NOT NULL,
  step           TEXT,
  started_at     INTEGER NOT NULL,
  updated_at     INTEGER NOT NULL,
  cost_micro_usd INTEGER NOT NULL,
  tokens         INTEGER NOT NULL,
  packet         BLOB,
  timer          INTEGER,
  wake           INTEGER,              -- least integer: now; a time; NULL: not by itself
  state          TEXT    NOT NULL
) STRICT;

-- Starting is idempotent: the run of a workflow and key.
CREATE UNIQUE INDEX runs_by_key ON runs (workflow, key) WHERE key IS NOT NULL;

-- Runs to drive now, runs whose timer is due, the earliest timer, lists and counts by status.
CREATE INDEX runs_by_status ON runs (status, wake);

CREATE TABLE packets (
  id       INTEGER PRIMARY KEY,        -- seq of the command that opened it
  packet   BLOB    NOT NULL UNIQUE,
  seq      INTEGER NOT NULL,           -- event that binds this row
  run      BLOB    NOT NULL,
  workflow TEXT    NOT NULL,
  status   TEXT    NOT NULL,
  due_at   INTEGER NOT NULL,
  flags    TEXT    NOT NULL,           -- JSON array of codes
  salt     BLOB    NOT NULL,
  document TEXT    NOT NULL
) STRICT;

-- What waits for a person, oldest deadline first.
CREATE INDEX packets_open ON packets (due_at) WHERE status = 'open';

CREATE TABLE effects (
  key        BLOB    NOT NULL PRIMARY KEY,
  seq        INTEGER NOT NULL,         -- event that binds this row
  run        BLOB    NOT NULL,
  step       TEXT    NOT NULL,
  tool       TEXT    NOT NULL,
  state      TEXT    NOT NULL,
  digest     BLOB    NOT NULL,
  operation  TEXT    NOT NULL,
  minor      INTEGER,
  currency   TEXT,
  attempt    INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  error      TEXT,
  salt       BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

-- What a person or a probe must settle. Few rows, so that sending touches no further page.
CREATE INDEX effects_unknown ON effects (seq) WHERE state = 'unknown';

-- What is under way: INTENT is durable and no outcome stands yet.
CREATE VIEW outbox AS
  SELECT key, seq, run, step, tool, digest, attempt FROM effects WHERE state = 'intent';

CREATE TABLE definitions (
  digest BLOB    NOT NULL PRIMARY KEY,
  seq    INTEGER NOT NULL,             -- event that binds this row
  name   TEXT    NOT NULL,
  at     INTEGER NOT NULL,
  bundle TEXT    NOT NULL
) STRICT;

-- Who executes. pid is NULL while nobody does.
CREATE TABLE lease (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  token    INTEGER NOT NULL,
  pid      INTEGER,
  host     TEXT,
  taken_at INTEGER
) STRICT;

-- Where the chain was last known to be whole.
CREATE TABLE checkpoints (
  seq  INTEGER PRIMARY KEY,
  hash BLOB    NOT NULL,
  at   INTEGER NOT NULL
) STRICT;
