//! Whether a row was written: a foreign trigger can have one left out without an error.

use crate::store::StoreError;
use crate::store::fault::Fault;

/// Refuses a statement that did not change exactly one row; the transaction is rolled back.
pub(super) fn one(changed: usize, what: &str, seq: i64) -> Result<(), Fault> {
    if changed == 1 {
        return Ok(());
    }
    Err(Fault::Told(StoreError::Integrity {
        what: format!("{what}, of which {changed} rows were written instead of one,"),
        seq: seq.cast_unsigned(),
    }))
}
