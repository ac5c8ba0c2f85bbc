//! What stands outside of the program under test: a sandbox of its own, and a process that sees
//! nothing of whoever runs the tests.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_countersign");

/// A running sandbox. Dropping it ends it.
pub(crate) struct Sandbox {
    pub(crate) url: String,
    pub(crate) config: PathBuf,
    child: Child,
}

impl Sandbox {
    /// Starts one that keeps what it has below `home`.
    pub(crate) fn start(home: &Path) -> Self {
        let mut child = command(home)
            .args(["--json", "sandbox", "--dir"])
            .arg(home.join("sandbox"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut first)
            .unwrap();
        let told: Value = serde_json::from_str(&first).unwrap();
        Self {
            url: text(&told["sandbox_url"]),
            config: text(&told["config"]).into(),
            child,
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.child.kill().and_then(|()| self.child.wait()));
    }
}

/// A command that sees no configuration and no store of whoever runs the tests.
pub(crate) fn command(home: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command.env_clear().env("HOME", home).stdin(Stdio::null());
    command
}

/// Makes the ERP misbehave when it is next asked to commit an order.
pub(crate) fn fault(url: &str, kind: &str, times: u32, delay_ms: u32) {
    set_fault(url, ("erp", "commit_order"), kind, (times, delay_ms));
}

/// Makes an operation misbehave so many times, so late.
pub(crate) fn set_fault(
    url: &str,
    (service, operation): (&str, &str),
    kind: &str,
    (times, delay_ms): (u32, u32),
) {
    let fault = json!({
        "service": service, "operation": operation, "kind": kind, "times": times, "delay_ms": delay_ms,
    });
    request(url, "POST", "/_faults", &fault.to_string());
}

/// Every order that the ERP committed.
pub(crate) fn orders(url: &str) -> Vec<Value> {
    done_by(url, "erp")
}

/// Everything that one service did.
pub(crate) fn done_by(url: &str, service: &str) -> Vec<Value> {
    let ledger: Vec<Value> = serde_json::from_str(&get(url, "/_ledger")).unwrap();
    ledger
        .into_iter()
        .filter(|entry| entry["service"] == service)
        .collect()
}

/// A JSON text as a Rust one.
pub(crate) fn text(value: &Value) -> String {
    let text = value.as_str();
    text.unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// Reads a page of the sandbox.
pub(crate) fn get(url: &str, path: &str) -> String {
    request(url, "GET", path, "")
}

/// One HTTP request over a connection of its own.
fn request(url: &str, method: &str, path: &str, body: &str) -> String {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    // HTTP/1.0: the answer comes in one piece and ends with the connection.
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nhost: {address}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(" 2"), "{head}");
    body.to_owned()
}
