//! A person takes a store as it is, which this program by itself refuses: an older copy, a copy with
//! a history of its own, or one whose executor was never heard of again on another machine.

use rusqlite::{Connection, params};
use serde_json::{Map, Value};

use crate::domain::Timestamp;
use crate::engine::Authority;
use crate::store::fault::Fault;
use crate::store::journal::Tip;
use crate::store::lease::{self, host};
use crate::store::prepare::store_entry;
use crate::store::sqlite::SqliteStore;
use crate::store::{Head, Store as _, StoreError};

/// Kind of the event that says so.
const KIND: &str = "store_accepted";

impl SqliteStore {
    /// Why this store may not be written or executed for; `None` where it may.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn objection(&self) -> Result<Option<StoreError>, StoreError> {
        match self.standing.check() {
            Err(error) => Ok(Some(error)),
            Ok(()) => Ok(self.refuse_other_host().err()),
        }
    }

    /// Takes the store as it is: verifies all of it, writes that into the journal on `by`'s
    /// authority, and keeps its head from here on. Answers what was objected to, if anything was,
    /// and the head.
    ///
    /// # Errors
    /// It does not verify, another process executes for it, or it cannot be written.
    pub fn accept(
        &self,
        reason: &str,
        at: Timestamp,
        by: &Authority,
    ) -> Result<(Option<StoreError>, Head), StoreError> {
        let Some(objection) = self.objection()? else {
            return Ok((None, self.head()?));
        };
        if matches!(objection, StoreError::Broken { .. }) {
            return Err(objection);
        }
        let Some(_lock) = lease::try_lock(&self.path)? else {
            return Err(StoreError::Busy {
                path: self.path.clone(),
            });
        };
        let report = self.verify(&mut |_, _| {})?;
        if !report.ok {
            return Err(StoreError::Integrity {
                what: report.problem.unwrap_or_default(),
                seq: report.first_bad_seq.unwrap_or_default(),
            });
        }
        self.standing.refuse(None);
        let mut body = Map::new();
        body.insert("why".to_owned(), Value::from(objection.to_string()));
        body.insert("reason".to_owned(), Value::from(reason));
        let entry = store_entry(KIND, at, Some(by), body)?;
        let lost = matches!(
            objection,
            StoreError::OlderCopy { .. } | StoreError::OtherHistory { .. }
        );
        let tip = self.transact(at, move |conn, tip| {
            tip.append(conn, &entry)?;
            if lost {
                conn.execute(
                    "INSERT INTO accepted VALUES (?1, ?2)",
                    params![tip.seq.cast_signed(), at.0],
                )?;
            }
            lease::clear(conn)?;
            Ok(*tip)
        })?;
        self.keep(tip)?;
        Ok((Some(objection), tip.head()))
    }

    /// Refuses a lease that a process of another machine never gave back, unless this user's
    /// processes have used this very file before: then the machine only has another name now.
    pub(super) fn refuse_other_host(&self) -> Result<(), StoreError> {
        let last = self.readers.with(|conn| Ok(lease::read(conn)?))?;
        let (Some(pid), Some(was)) = (last.pid, last.host) else {
            return Ok(());
        };
        let known_here = self
            .head
            .as_ref()
            .is_some_and(|head| head.read().is_some_and(|seen| head.is_same_file(&seen)));
        if host().is_none_or(|here| here == was) || known_here {
            return Ok(());
        }
        Err(StoreError::ExecutorElsewhere {
            path: self.path.clone(),
            host: was,
            pid,
        })
    }

    /// Keeps `tip` as the head from here on, also where a newer one was seen.
    fn keep(&self, tip: Tip) -> Result<(), StoreError> {
        let Some(head) = &self.head else {
            return Ok(());
        };
        head.write(tip, true).map_err(|error| StoreError::Failed {
            why: format!("the store is taken, but its head cannot be kept: {error}"),
        })
    }
}

/// When an older copy was last taken as it is.
pub(super) fn lost_before(conn: &Connection) -> Result<Option<Timestamp>, Fault> {
    let newest: Option<i64> = conn
        .prepare_cached("SELECT max(at) FROM accepted")?
        .query_row([], |row| row.get(0))?;
    Ok(newest.map(Timestamp))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::OpenOptions;

    #[test]
    fn after_a_disk_error_this_process_may_not_send_what_it_has_intended() {
        let directory = tempfile::tempdir().unwrap();
        let options = OpenOptions {
            create: true,
            ..OpenOptions::default()
        };
        let path = directory.path().join("store.db");
        let store = SqliteStore::open(&path, options.clone()).unwrap();
        let fence = store.take_lease(Timestamp(1)).unwrap().unwrap();
        assert!(store.fence_holds(fence).unwrap());
        store.standing.break_off("disk I/O error");
        let broken = |error: StoreError| matches!(error, StoreError::Broken { .. });
        assert!(store.fence_holds(fence).is_err_and(broken));
        assert!(store.take_lease(Timestamp(1)).is_err_and(broken));
        assert!(store.release_lease(fence, Timestamp(1)).is_err_and(broken));
        assert_eq!(store.head().unwrap().size, 2, "reading still works");
        drop(store);
        let again = SqliteStore::open(&path, options).unwrap();
        assert!(again.take_lease(Timestamp(2)).unwrap().unwrap() > fence);
    }
}
