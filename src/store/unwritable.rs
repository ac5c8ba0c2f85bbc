//! Why a store cannot be written to, and what its owner can do about it.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{Access, AtFlags, CWD, StatxAttributes, StatxFlags, access, statx};
use rustix::io::Errno;

use crate::store::files::beside;

/// What keeps this user from writing to the store at `path`, as far as the file system tells.
///
/// Nothing is opened: closing a file anew would drop the locks that `SQLite` holds on it.
pub(super) fn why(path: &Path) -> Option<String> {
    let files = [path.to_owned(), beside(path, "-wal"), beside(path, "-shm")];
    files
        .iter()
        .find_map(|file| of(file, Access::WRITE_OK))
        .or_else(|| {
            let directory = path.parent()?;
            let why = of(directory, Access::WRITE_OK | Access::EXEC_OK)?;
            Some(format!("its log and its locks stand beside it: {why}"))
        })
}

fn of(place: &Path, wanted: Access) -> Option<String> {
    let shown = place.display();
    if marked(place) {
        return Some(format!(
            "{shown} is marked immutable or append-only; run `chattr -i -a {shown}`"
        ));
    }
    let error = access(place, wanted).err()?;
    match error {
        // The log stands there only while somebody has the store open.
        Errno::NOENT => None,
        Errno::ROFS => Some(format!(
            "{shown} is on a file system that is mounted read-only; mount it for writing, \
             or name a store elsewhere with --store"
        )),
        _ if of_another(place) => Some(format!(
            "{shown} belongs to another user ({error}); name a store in a directory of your \
             own with --store"
        )),
        _ => Some(format!(
            "{shown} may not be written to ({error}); run `chmod u+w {shown}`"
        )),
    }
}

/// Tells whether the file system itself forbids changes, to root too.
fn marked(place: &Path) -> bool {
    let forbids = StatxAttributes::IMMUTABLE | StatxAttributes::APPEND;
    statx(CWD, place, AtFlags::empty(), StatxFlags::BASIC_STATS)
        .is_ok_and(|found| found.stx_attributes.intersects(forbids))
}

fn of_another(place: &Path) -> bool {
    let own = rustix::process::geteuid().as_raw();
    fs::metadata(place).is_ok_and(|found| found.uid() != own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_written_to_has_no_reason() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store.db");
        fs::write(&path, "").unwrap();
        assert_eq!(why(&path), None);
    }
}
