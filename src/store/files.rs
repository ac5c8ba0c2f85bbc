//! The store's files: where they are, whose they are, who may read them.

use std::fs::{self, DirBuilder, File, Metadata, Permissions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::store::StoreError;
use crate::store::connection::{APPLICATION_ID, make_store};
use crate::store::disk;

/// Owner alone may read and write.
pub(super) const FILE_MODE: u32 = 0o600;
const DIRECTORY_MODE: u32 = 0o700;
/// Permissions of group and others.
const FOREIGN_BITS: u32 = 0o077;

/// First bytes of a `SQLite` file, and where its application id stands (`SQLite` file format §1.3).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const APPLICATION_ID_AT: usize = 68;
const HEADER_BYTES: usize = 72;

/// What stands beside the store file.
const BESIDE: [&str; 3] = ["-wal", "-shm", ".lock"];

/// Makes sure that a store of this user stands at `path`, creating it where `create` allows.
/// Looser permissions are tightened. Returns the path with its directory resolved.
pub(super) fn ready(path: &Path, create: bool) -> Result<PathBuf, StoreError> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let name = path
        .file_name()
        .ok_or_else(|| cannot(path, "it names no file"))?;
    let directory = ready_directory(path, directory, create)?;
    let real = directory.join(name);
    match fs::symlink_metadata(&real) {
        Ok(found) if found.len() == 0 && found.is_file() && create => {
            check_owner(path, &found)?;
            build(path, &directory, &real, true)?;
        }
        Ok(found) => check_file(path, &real, &found)?,
        Err(error) if error.kind() == ErrorKind::NotFound && create => {
            build(path, &directory, &real, false)?;
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(cannot(path, "there is no such file; `start` creates one"));
        }
        Err(error) => return Err(cannot(path, &error.to_string())),
    }
    tighten(path, &real)?;
    for suffix in BESIDE {
        tighten(path, &beside(&real, suffix))?;
    }
    Ok(real)
}

/// The file named like the store with `suffix` after it.
pub(super) fn beside(store: &Path, suffix: &str) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Tells whether everything is in the store file itself.
pub(super) fn log_is_empty(store: &Path) -> bool {
    match fs::metadata(beside(store, "-wal")) {
        Ok(found) => found.len() == 0,
        Err(error) => error.kind() == ErrorKind::NotFound,
    }
}

pub(super) fn cannot(path: &Path, why: &str) -> StoreError {
    StoreError::Open {
        path: path.to_owned(),
        why: why.to_owned(),
    }
}

/// Resolves the directory. One level is created, so that a mistyped path does not grow a tree.
fn ready_directory(path: &Path, directory: &Path, create: bool) -> Result<PathBuf, StoreError> {
    let shown = directory.display();
    match fs::metadata(directory) {
        Ok(found) if found.is_dir() => {}
        Ok(_) => return Err(cannot(path, &format!("{shown} is no directory"))),
        Err(error) if error.kind() == ErrorKind::NotFound && create => {
            DirBuilder::new()
                .mode(DIRECTORY_MODE)
                .create(directory)
                .and_then(|()| {
                    fs::set_permissions(directory, Permissions::from_mode(DIRECTORY_MODE))
                })
                .map_err(|error| {
                    cannot(
                        path,
                        &format!("the directory {shown} cannot be made: {error}"),
                    )
                })?;
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(cannot(
                path,
                &format!("the directory {shown} does not exist"),
            ));
        }
        Err(error) => return Err(cannot(path, &format!("{shown}: {error}"))),
    }
    let real =
        fs::canonicalize(directory).map_err(|error| cannot(path, &format!("{shown}: {error}")))?;
    disk::check(path, &real)?;
    Ok(real)
}

fn check_file(path: &Path, real: &Path, found: &Metadata) -> Result<(), StoreError> {
    if found.is_symlink() {
        return Err(cannot(path, "it is a symbolic link; name the file itself"));
    }
    let foreign = |why: &str| StoreError::NotAStore {
        path: path.to_owned(),
        why: why.to_owned(),
    };
    if !found.is_file() {
        return Err(foreign("it is no regular file"));
    }
    check_owner(path, found)?;
    if found.len() == 0 {
        return Err(foreign("the file is empty"));
    }
    let mut header = Vec::with_capacity(HEADER_BYTES);
    File::open(real)
        .and_then(|file| file.take(HEADER_BYTES as u64).read_to_end(&mut header))
        .map_err(|error| cannot(path, &error.to_string()))?;
    if !header.starts_with(MAGIC) {
        return Err(foreign("it is no SQLite database"));
    }
    // Read before SQLite is let in, which would put files beside another program's database.
    let id = header.get(APPLICATION_ID_AT..HEADER_BYTES);
    if id != Some(APPLICATION_ID.to_be_bytes().as_slice()) {
        return Err(foreign("the database belongs to another program"));
    }
    Ok(())
}

fn check_owner(path: &Path, found: &Metadata) -> Result<(), StoreError> {
    if found.uid() == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    let why = "it belongs to another user; run this as that user, or name a store of your own with --store";
    Err(cannot(path, why))
}

/// Builds the store under a passing name and moves it into place whole, so that no crash leaves
/// half a store and two builders cannot meet in one file.
fn build(path: &Path, directory: &Path, real: &Path, replace: bool) -> Result<(), StoreError> {
    let refused = |error: std::io::Error| {
        cannot(
            path,
            &format!("nothing can be written to {}: {error}", directory.display()),
        )
    };
    let file = tempfile::Builder::new()
        .prefix(".countersign-")
        .permissions(Permissions::from_mode(FILE_MODE))
        .tempfile_in(directory)
        .map_err(refused)?;
    fs::set_permissions(file.path(), Permissions::from_mode(FILE_MODE)).map_err(refused)?;
    make_store(file.path())?;
    let placed = if replace {
        file.persist(real)
    } else {
        file.persist_noclobber(real)
    };
    match placed {
        Ok(_) => {}
        // Another process was faster; its store is as good.
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(real).map_err(refused)?;
            check_file(path, real, &found)?;
        }
        Err(error) => return Err(refused(error.error)),
    }
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(refused)
}

/// Takes permissions from group and others.
fn tighten(path: &Path, file: &Path) -> Result<(), StoreError> {
    let found = match fs::symlink_metadata(file) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(cannot(path, &error.to_string())),
    };
    if found.is_symlink() {
        let why = format!("{} is a symbolic link", file.display());
        return Err(cannot(path, &why));
    }
    if found.mode() & FOREIGN_BITS == 0 {
        return Ok(());
    }
    // What its owner took from himself stays taken.
    match fs::set_permissions(file, Permissions::from_mode(found.mode() & FILE_MODE)) {
        Ok(()) => Ok(()),
        // A log may vanish with the last process that used it.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => {
            let shown = file.display();
            let why = format!(
                "others may read or write {shown}, and that cannot be changed: {error}; \
                 run `chmod go= {shown}` as the user that it belongs to"
            );
            Err(cannot(path, &why))
        }
    }
}
