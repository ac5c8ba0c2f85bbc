//! File systems made for harm: only root may.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::Outcome;

/// Something mounted; dropping it takes it away.
pub(crate) struct Mount {
    pub(crate) at: PathBuf,
}

impl Mount {
    /// None where this user may not mount.
    pub(crate) fn tmpfs(at: &Path, megabytes: u32) -> Outcome<Option<Self>> {
        let size = format!("size={megabytes}m,mode=700");
        Self::new(at, &["-t", "tmpfs", "-o", &size, "tmpfs"])
    }

    /// An ext4 image by way of a loop device. Nothing is written back by time alone.
    pub(crate) fn image(image: &Path, at: &Path) -> Outcome<Option<Self>> {
        let image = image.to_string_lossy();
        Self::new(at, &["-t", "ext4", "-o", "loop,commit=300", &image])
    }

    fn new(at: &Path, args: &[&str]) -> Outcome<Option<Self>> {
        std::fs::create_dir_all(at)?;
        let mut mount = Command::new("mount");
        mount.args(args).arg(at).stderr(Stdio::null());
        let mounted = mount.status().is_ok_and(|status| status.success());
        Ok(mounted.then(|| Self { at: at.to_owned() }))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let mut umount = Command::new("umount");
        let quiet = umount.arg("-l").arg(&self.at).stderr(Stdio::null());
        // What cannot be taken away is seen in the mount table; nothing else can be done here.
        quiet.status().ok();
    }
}

/// An empty ext4 image without reserved blocks.
pub(crate) fn make_image(image: &Path, megabytes: u64) -> Outcome<bool> {
    std::fs::File::create(image)?.set_len(megabytes * 1024 * 1024)?;
    let mut mkfs = Command::new("mkfs.ext4");
    let quiet = mkfs.args(["-q", "-F", "-m", "0"]).arg(image);
    let made = quiet.stdout(Stdio::null()).stderr(Stdio::null()).status();
    Ok(made.is_ok_and(|status| status.success()))
}

pub(crate) const ROOT: &str = "needs root to mount";
