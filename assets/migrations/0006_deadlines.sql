-- When something becomes of a packet by itself: it is escalated, or silence rejects it. NULL once
-- it is closed, and where nothing more becomes of it without a person.
ALTER TABLE packets ADD COLUMN deadline INTEGER;

UPDATE packets SET deadline = due_at WHERE status = 'open';

-- Windows that have passed, and the one that passes next.
CREATE INDEX packets_deadline ON packets (deadline) WHERE deadline IS NOT NULL;
