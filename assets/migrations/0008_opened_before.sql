-- Packets that were open before windows acted, with the end of the window they had then: silence
-- during that one means nothing, for people had been told that nothing follows.
CREATE TABLE opened_before (
  id     INTEGER PRIMARY KEY,          -- the packet's id
  due_at INTEGER NOT NULL
) STRICT;

INSERT INTO opened_before SELECT id, due_at FROM packets WHERE status = 'open';
