//! The hash chain, followed from the disk.

use rusqlite::Connection;

use crate::domain::Digest;
use crate::store::StoreError;
use crate::store::fault::Fault;
use crate::store::journal::{Line, Tip};

/// An event's values as stored: salts and members.
pub(in crate::store) type StoredValues = Option<(Vec<u8>, String)>;

/// The last event that was found good.
#[derive(Debug)]
pub(in crate::store) struct Chain(Tip);

impl Chain {
    pub(in crate::store) fn from_start() -> Self {
        Self(Tip {
            seq: 0,
            hash: Digest::ZERO,
        })
    }

    /// Goes on after an event that is known to be good.
    pub(in crate::store) fn after(tip: Tip) -> Self {
        Self(tip)
    }

    pub(in crate::store) fn seq(&self) -> u64 {
        self.0.seq
    }

    pub(in crate::store) fn hash(&self) -> Digest {
        self.0.hash
    }

    /// Follows the chain to its end.
    pub(in crate::store) fn follow_all(&mut self, conn: &Connection) -> Result<(), Fault> {
        let sql = format!(
            "SELECT {} FROM events e WHERE e.seq > ?1 ORDER BY e.seq",
            Line::COLUMNS
        );
        let mut statement = conn.prepare_cached(&sql)?;
        let mut rows = statement.query([self.0.seq.cast_signed()])?;
        while let Some(row) = rows.next()? {
            self.follow(&Line::read(row, 0)?)?;
        }
        Ok(())
    }

    /// Follows the chain to its end; `each` sees every event once it was found good.
    pub(in crate::store) fn follow_each(
        &mut self,
        conn: &Connection,
        each: &mut dyn FnMut(&Line, StoredValues) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let sql = format!(
            "SELECT {}, v.salt, v.members FROM events e \
             LEFT JOIN event_values v ON v.seq = e.seq WHERE e.seq > ?1 ORDER BY e.seq",
            Line::COLUMNS
        );
        let mut statement = conn.prepare(&sql)?;
        let mut rows = statement.query([self.0.seq.cast_signed()])?;
        while let Some(row) = rows.next()? {
            let line = Line::read(row, 0)?;
            self.follow(&line)?;
            let salt: Option<Vec<u8>> = row.get(Line::WIDTH)?;
            let members: Option<String> = row.get(Line::WIDTH + 1)?;
            each(&line, salt.zip(members))?;
        }
        Ok(())
    }

    fn follow(&mut self, line: &Line) -> Result<(), StoreError> {
        let wrong = |what: String| {
            Err(StoreError::Integrity {
                what,
                seq: self.0.seq + 1,
            })
        };
        if line.seq != self.0.seq + 1 {
            return wrong(format!("the missing event {}", self.0.seq + 1));
        }
        if line.prev_hash != self.0.hash {
            return wrong(format!("the previous hash in event {}", line.seq));
        }
        line.check()?;
        self.0 = Tip {
            seq: line.seq,
            hash: line.hash,
        };
        Ok(())
    }
}
