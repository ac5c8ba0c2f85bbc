//! Whether the file that is open is still the one under its name.
//!
//! A file that was removed or replaced can be written to as before, and nobody would ever read it.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// A file by its name and by what it is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl Place {
    /// The file that stands at `path` now.
    pub(super) fn of(path: &Path) -> Result<Self, StoreError> {
        let metadata = std::fs::metadata(path).map_err(|error| StoreError::Open {
            path: path.to_owned(),
            why: error.to_string(),
        })?;
        Ok(Self {
            path: path.to_owned(),
            device: metadata.dev(),
            inode: metadata.ino(),
        })
    }

    /// Refuses where another file, or none, stands there.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let same = std::fs::metadata(&self.path)
            .is_ok_and(|now| (now.dev(), now.ino()) == (self.device, self.inode));
        if same {
            return Ok(());
        }
        Err(StoreError::Failed {
            why: format!(
                "the store file {} was removed or replaced while it was open: nothing more is \
                 written; put it back, or end this process",
                self.path.display()
            ),
        })
    }
}
