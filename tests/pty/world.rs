//! What stands around a console: a directory, a sandbox, a store, other processes on the same store.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::terminal::Terminal;

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_countersign");

/// Looks at something that must come soon.
const LOOKS_MAX: usize = 500;

pub(crate) struct World {
    dir: TempDir,
    url: String,
    config: PathBuf,
    store: PathBuf,
    /// None where the demo has its own.
    sandbox: Option<Child>,
}

impl World {
    /// A running sandbox and no store yet.
    pub(crate) fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let mut sandbox = command(dir.path())
            .args(["--json", "sandbox", "--dir"])
            .arg(dir.path().join("sandbox"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(sandbox.stdout.as_mut().unwrap())
            .read_line(&mut first)
            .unwrap();
        let told: Value = serde_json::from_str(&first).unwrap();
        Self {
            url: text(&told["sandbox_url"]),
            config: text(&told["config"]).into(),
            store: dir.path().join("store.db"),
            dir,
            sandbox: Some(sandbox),
        }
    }

    /// The demo's directory after its orders ran; its sandbox comes back with the next demo.
    pub(crate) fn demo() -> Self {
        let dir = TempDir::new().unwrap();
        let mut headless = command(dir.path());
        headless.args(["--json", "demo", "--headless", "--dir"]);
        headless.arg(dir.path().join("demo"));
        let told = document(&mut headless);
        Self {
            url: text(&told["sandbox_url"]),
            config: text(&told["config"]).into(),
            store: text(&told["store"]).into(),
            dir,
            sandbox: None,
        }
    }

    /// The console on this store, or the demo that goes on here.
    pub(crate) fn console(&self, size: (u16, u16)) -> Terminal {
        let demo = self.dir.path().join("demo");
        match self.sandbox {
            None => Terminal::start(
                self.dir.path(),
                size,
                &[OsStr::new("demo"), OsStr::new("--dir"), demo.as_os_str()],
            ),
            Some(_) => Terminal::start(
                self.dir.path(),
                size,
                &[
                    OsStr::new("--store"),
                    self.store.as_os_str(),
                    OsStr::new("--config"),
                    self.config.as_os_str(),
                ],
            ),
        }
    }

    /// The document of a call by another process, which must succeed.
    pub(crate) fn one(&self, args: &[&str]) -> Value {
        document(self.call().args(args))
    }

    /// Starts an order that waits for a person.
    pub(crate) fn order(&self, po_id: &str, vendor: &str, amount: &str) {
        let row = json!({"po_id": po_id, "vendor": vendor, "amount": amount});
        let mut child = self
            .call()
            .args(["start", "purchase-order", "--input", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(row.to_string().as_bytes()).unwrap();
        drop(input);
        assert!(child.wait().unwrap().success(), "{po_id} was not started");
    }

    /// The open packet whose title holds `part`.
    pub(crate) fn packet(&self, part: &str) -> Value {
        let open = self.one(&["packets", "list", "--limit", "1000"]);
        let open = open.as_array().unwrap().iter();
        let found = open.filter(|packet| text(&packet["title"]).contains(part));
        let found: Vec<&Value> = found.collect();
        assert_eq!(found.len(), 1, "{part}");
        found[0].clone()
    }

    /// What another process does with a packet as it stands now.
    pub(crate) fn decide(&self, how: &str, part: &str, more: &[&str]) {
        let packet = self.packet(part);
        let (id, digest) = (text(&packet["packet"]), text(&packet["digest"]));
        let mut args = vec!["packets", how, &id, "--digest", &digest];
        args.extend(more);
        self.one(&args);
    }

    /// The orders that the ERP committed, by their numbers.
    pub(crate) fn orders(&self) -> Vec<String> {
        let ledger: Vec<Value> = serde_json::from_str(&get(&self.url, "/_ledger")).unwrap();
        let orders = ledger.iter().filter(|entry| entry["service"] == "erp");
        let mut orders: Vec<String> = orders.map(|entry| text(&entry["subject"])).collect();
        orders.sort();
        orders
    }

    /// The orders once there are so many, and nothing of any run is under way any more.
    pub(crate) fn orders_once(&self, count: usize) -> Vec<String> {
        let settled = || {
            let running = self.one(&["runs", "list", "--status", "running"]);
            running.as_array().is_some_and(Vec::is_empty) && self.orders().len() >= count
        };
        // Each look runs a process, so nothing is spun on.
        assert!((0..LOOKS_MAX).any(|_| settled()), "{:?}", self.orders());
        self.orders()
    }

    fn call(&self) -> Command {
        let mut command = command(self.dir.path());
        command.arg("--json").arg("--store").arg(&self.store);
        command.arg("--config").arg(&self.config);
        command
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(sandbox) = &mut self.sandbox {
            drop(sandbox.kill().and_then(|()| sandbox.wait()));
        }
    }
}

/// A JSON text as a Rust one.
pub(crate) fn text(value: &Value) -> String {
    let text = value.as_str();
    text.unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// A command that sees no configuration and no store of whoever runs the tests.
fn command(home: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command.env_clear().env("HOME", home).stdin(Stdio::null());
    command
}

fn document(command: &mut Command) -> Value {
    let output = command.output().unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{out}{err}");
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"))
}

/// Reads a page of the sandbox.
fn get(url: &str, path: &str) -> String {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    // HTTP/1.0: the answer comes in one piece and ends with the connection.
    write!(stream, "GET {path} HTTP/1.0\r\nhost: {address}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(" 200 "), "{head}");
    body.to_owned()
}
