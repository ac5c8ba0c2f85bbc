//! Files that somebody named: read whole, but never waited for and never without end.

use std::fs::{self, File, OpenOptions};
use std::io::{Error, ErrorKind, Read as _, Result};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Opens a file for reading. A pipe would wait for a writer and a device may never end, so
/// nothing but a regular file is opened, symbolic links followed.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] for what is no regular file, else what the system says.
pub fn open_regular(path: &Path) -> Result<File> {
    // Asked before it is opened, because opening alone can make a device act.
    check(&fs::metadata(path)?)?;
    let file = OpenOptions::new()
        .read(true)
        // It may have become a pipe meanwhile.
        .custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed())
        .open(path)?;
    check(&file.metadata()?)?;
    Ok(file)
}

/// Reads a regular file of at most `limit` bytes, whatever size it claims to have.
///
/// # Errors
/// As [`open_regular`]; [`ErrorKind::FileTooLarge`] beyond the limit.
pub fn read_regular(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_regular(path)?
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let why = format!("it is larger than {limit} bytes");
        return Err(Error::new(ErrorKind::FileTooLarge, why));
    }
    Ok(bytes)
}

fn check(found: &fs::Metadata) -> Result<()> {
    if found.is_file() {
        return Ok(());
    }
    let what = if found.is_dir() {
        "it is a directory, not a file"
    } else {
        "it is no regular file but a pipe or a device"
    };
    Err(Error::new(ErrorKind::InvalidInput, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(path: &Path) -> ErrorKind {
        read_regular(path, 4).unwrap_err().kind()
    }

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        fs::write(&path, "1234").unwrap();
        assert_eq!(read_regular(&path, 4).unwrap(), b"1234");
        fs::write(&path, "12345").unwrap();
        assert_eq!(kind(&path), ErrorKind::FileTooLarge);
        assert_eq!(kind(&dir.path().join("none")), ErrorKind::NotFound);
    }

    #[test]
    fn what_is_no_file_is_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        for path in [pipe.as_path(), dir.path(), Path::new("/dev/zero")] {
            assert_eq!(kind(path), ErrorKind::InvalidInput, "{}", path.display());
        }
    }
}
