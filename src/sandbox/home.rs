//! The sandbox's directory: its lock, its port, and the configuration file it offers.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::error::SandboxError;

/// The connectors the shipped workflows use; all of them are served at one address.
const CONNECTORS: [&str; 6] = ["erp", "register", "payments", "crm", "mail", "model"];

/// A directory that a sandbox keeps its files in.
#[derive(Debug)]
pub(super) struct Home {
    dir: PathBuf,
}

impl Home {
    /// Makes the directory where it is missing, readable by its owner alone.
    pub(super) fn open(dir: &Path) -> Result<Self, SandboxError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .map_err(|source| failed(dir, source))?;
        // Connectors and messages name the directory to readers who stand elsewhere.
        let dir = dir.canonicalize().map_err(|source| failed(dir, source))?;
        Ok(Self { dir })
    }

    pub(super) fn database(&self) -> PathBuf {
        self.dir.join("sandbox.db")
    }

    /// Keeps a second sandbox out for as long as the file lives, whatever its port.
    pub(super) fn lock(&self) -> Result<File, SandboxError> {
        let path = self.dir.join("sandbox.lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|source| failed(&path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(SandboxError::DirInUse {
                dir: self.dir.clone(),
            }),
            Err(TryLockError::Error(source)) => Err(failed(&path, source)),
        }
    }

    /// Listens where asked, else on the port of the last start, else on a free one.
    ///
    /// The address that is answered has the port that was taken.
    pub(super) fn listen(
        &self,
        asked: Option<SocketAddr>,
    ) -> Result<(TcpListener, SocketAddr), SandboxError> {
        let address = match asked {
            Some(address) => address,
            None => SocketAddr::from((Ipv4Addr::LOCALHOST, self.remembered_port()?.unwrap_or(0))),
        };
        if !address.ip().is_loopback() {
            return Err(SandboxError::NotLoopback { address });
        }
        let listen = || {
            let listener = TcpListener::bind(address)?;
            listener.set_nonblocking(true)?;
            let taken = listener.local_addr()?;
            Ok((listener, taken))
        };
        listen().map_err(|source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => SandboxError::PortInUse { address },
            _ => SandboxError::Listen { address, source },
        })
    }

    pub(super) fn remember_port(&self, port: u16) -> Result<(), SandboxError> {
        self.replace("sandbox.port", &format!("{port}\n")).map(drop)
    }

    /// Writes `countersign.toml`, anew at every start because the port may have changed.
    pub(super) fn write_config(&self, url: &str) -> Result<PathBuf, SandboxError> {
        let sections = CONNECTORS
            .map(|connector| format!("\n[connectors.{connector}]\nbase_url = \"{url}\"\n"));
        let note = "# Written by the sandbox at every start: copy it before you edit it.\n";
        let text = format!("{note}{}", sections.concat());
        self.replace("countersign.toml", &text)
    }

    fn remembered_port(&self) -> Result<Option<u16>, SandboxError> {
        let path = self.dir.join("sandbox.port");
        match fs::read_to_string(&path) {
            Ok(text) => match text.trim().parse() {
                Ok(port) => Ok(Some(port)),
                Err(_) => Err(SandboxError::NotAPort { path }),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(failed(&path, source)),
        }
    }

    /// Replaces a file in one step; temporary files are made with mode 0600, which stays.
    fn replace(&self, name: &str, text: &str) -> Result<PathBuf, SandboxError> {
        let path = self.dir.join(name);
        let write = || {
            let mut file = NamedTempFile::new_in(&self.dir)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)
        };
        match write() {
            Ok(_) => Ok(path),
            Err(source) => Err(failed(&path, source)),
        }
    }
}

fn failed(path: &Path, source: io::Error) -> SandboxError {
    SandboxError::File {
        path: path.to_owned(),
        source,
    }
}
