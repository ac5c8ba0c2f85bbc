//! Whether a directory is a place for a store: on a disk of this machine, whose locks prove that a
//! process died, and where nobody else can swap the file.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::store::StoreError;
use crate::store::files::cannot;

/// File systems of other machines by their magic number, with the name that people know.
const REMOTE: [(u64, &str); 13] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB2"),
    (0x5346_414f, "AFS"),
    (0x6b41_4653, "AFS"),
    (0x0102_1997, "9p"),
    (0x00c3_6400, "Ceph"),
    (0x7375_7245, "Coda"),
    (0x564c, "NCP"),
    (0x0bd0_0bd0, "Lustre"),
    (0x786f_4256, "a shared folder of VirtualBox"),
    (0x6573_5546, "FUSE"),
];
/// FUSE is behind both: disks of this machine, which the mount table calls `fuseblk`, and others.
const FUSE: u64 = 0x6573_5546;
const FUSE_ON_A_DISK: &str = "fuseblk";

/// Others may write, and whoever may write may rename another's file.
const OTHERS_WRITE: u32 = 0o002;
const STICKY: u32 = 0o1000;

/// Bytes that a user may still write in the file system of `directory`; none where it does not say.
pub(super) fn room(directory: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(directory).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Refuses a directory that is no place for the store at `path`.
pub(super) fn check(path: &Path, directory: &Path) -> Result<(), StoreError> {
    let found = rustix::fs::statfs(directory)
        .map_err(|error| cannot(path, &format!("its file system cannot be asked: {error}")))?;
    let magic = u64::try_from(found.f_type).unwrap_or(0);
    let metadata = fs::metadata(directory)
        .map_err(|error| cannot(path, &format!("{}: {error}", directory.display())))?;
    if let Some(kind) = remote(magic, || mounted_as(metadata.dev())) {
        let why = format!(
            "it is on {kind}, whose locks do not prove that a process died; use a local disk"
        );
        return Err(cannot(path, &why));
    }
    if metadata.mode() & OTHERS_WRITE != 0 && metadata.mode() & STICKY == 0 {
        let shown = directory.display();
        let why = format!(
            "everybody may write to its directory and could swap the file; run `chmod o-w {shown}`"
        );
        return Err(cannot(path, &why));
    }
    Ok(())
}

/// Tells whether the disk of the file at `path` has less room than `bytes`; a disk that cannot be
/// asked is not known to be full.
pub(super) fn has_no_room(path: &Path, bytes: u64) -> bool {
    let directory = path.parent().unwrap_or(path);
    rustix::fs::statvfs(directory)
        .is_ok_and(|found| found.f_bavail.saturating_mul(found.f_frsize) < bytes)
}

/// The name of a file system of another machine; `mounted` is its word in the mount table.
fn remote(magic: u64, mounted: impl FnOnce() -> Option<String>) -> Option<&'static str> {
    let (_, name) = REMOTE.iter().find(|(known, _)| *known == magic)?;
    if magic == FUSE && mounted().as_deref() == Some(FUSE_ON_A_DISK) {
        return None;
    }
    Some(name)
}

/// What the mount table calls the file system of a device; see `proc_pid_mountinfo(5)`.
fn mounted_as(device: u64) -> Option<String> {
    let wanted = format!(
        "{}:{}",
        rustix::fs::major(device),
        rustix::fs::minor(device)
    );
    let table = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let line = table
        .lines()
        .find(|line| line.split(' ').nth(2) == Some(wanted.as_str()))?;
    let (_, after) = line.split_once(" - ")?;
    after.split(' ').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_system_of_another_machine_is_known_by_its_number() {
        for magic in [0x6969, 0xff53_4d42, 0xfe53_4d42, 0x0102_1997, 0x00c3_6400] {
            assert!(remote(magic, || None).is_some(), "{magic:x}");
        }
        // ext4, XFS, Btrfs, tmpfs, overlay, ZFS, F2FS
        for magic in [
            0xef53,
            0x5846_5342,
            0x9123_683e,
            0x0102_1994,
            0x794c_7630,
            0x2fc1_2fc1,
            0xf2f5_2010,
        ] {
            assert_eq!(remote(magic, || None), None, "{magic:x}");
        }
    }

    #[test]
    fn fuse_is_local_only_where_a_disk_is_behind_it() {
        let as_named = |name: &'static str| remote(FUSE, move || Some(name.to_owned()));
        assert_eq!(as_named("fuse.sshfs"), Some("FUSE"));
        assert_eq!(as_named("fuseblk"), None);
        assert_eq!(remote(FUSE, || None), Some("FUSE"));
    }

    #[test]
    fn the_mount_table_names_the_file_system_of_proc() {
        let device = fs::metadata("/proc").unwrap().dev();
        assert_eq!(mounted_as(device).as_deref(), Some("proc"));
    }

    #[test]
    fn a_directory_that_everybody_may_write_to_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store.db");
        let set = |mode| {
            let permissions = fs::Permissions::from_mode(mode);
            fs::set_permissions(directory.path(), permissions).unwrap();
            check(&path, directory.path())
        };
        assert!(set(0o700).is_ok() && set(0o775).is_ok() && set(0o1777).is_ok());
        let refused = set(0o777).unwrap_err().to_string();
        assert!(refused.contains("chmod o-w"), "{refused}");
    }
}
