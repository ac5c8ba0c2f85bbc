//! A temporary directory with a store, a running sandbox and its configuration.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::outside::{self, Sandbox, command};

pub(crate) use crate::outside::{BINARY, text};

/// All 3,771 shipped orders.
pub(crate) const ORDERS: &str = "assets/data/purchase_orders.csv";

/// What one call of the binary gave.
pub(crate) struct Told {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Told {
    /// The one JSON document on stdout.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }

    /// The JSON Lines on stdout.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let lines = self.stdout.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The summary that ends `start`.
    pub(crate) fn summary(&self) -> Value {
        self.lines().last().expect("a summary")["summary"].clone()
    }

    /// The error document of a failed call.
    pub(crate) fn code(&self) -> String {
        let error = self.lines().pop().expect("an error document");
        let keys: Vec<&String> = error["error"].as_object().unwrap().keys().collect();
        assert_eq!(keys, ["code", "hint", "message"]);
        assert!(error["error"]["hint"].is_string(), "{error}");
        error["error"]["code"].as_str().unwrap().to_owned()
    }
}

/// Runs the binary with nothing but these arguments, away from the user's own files.
pub(crate) fn bare<S: AsRef<OsStr>>(args: &[S]) -> Told {
    let home = TempDir::new().unwrap();
    told(command(home.path()).args(args).output().unwrap())
}

fn told(output: Output) -> Told {
    Told {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The outside world of one test.
pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) sandbox: Sandbox,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::inside(TempDir::new().unwrap())
    }

    /// Ends the sandbox and starts it again in the same directory.
    pub(crate) fn restarted(mut self) -> Self {
        let dir = std::mem::replace(&mut self.dir, TempDir::new().unwrap());
        drop(self);
        Self::inside(dir)
    }

    fn inside(dir: TempDir) -> Self {
        Self {
            sandbox: Sandbox::start(dir.path()),
            dir,
        }
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.dir.path().join("store.db")
    }

    /// A call in this world, JSON on stdout, not yet run.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = self.human(&[] as &[&str]);
        command.arg("--json").args(args);
        command
    }

    /// A call in this world for people.
    pub(crate) fn human<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = command(self.dir.path());
        command
            .arg("--store")
            .arg(self.store())
            .arg("--config")
            .arg(&self.sandbox.config)
            .args(args);
        command
    }

    /// Runs a call.
    pub(crate) fn cs<S: AsRef<OsStr>>(&self, args: &[S]) -> Told {
        told(self.command(args).output().unwrap())
    }

    /// Runs a call that must succeed, and answers its document.
    pub(crate) fn one<S: AsRef<OsStr>>(&self, args: &[S]) -> Value {
        let told = self.cs(args);
        assert_eq!(told.status, 0, "{}", told.stderr);
        told.json()
    }

    /// Runs a call with something on stdin.
    pub(crate) fn fed<S: AsRef<OsStr>>(&self, args: &[S], input: &[u8]) -> Told {
        let mut command = self.command(args);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        told(child.wait_with_output().unwrap())
    }

    /// Starts one purchase order and answers its line.
    pub(crate) fn order(&self, po_id: &str, vendor: &str, amount: f64) -> Value {
        let row = serde_json::json!({"po_id": po_id, "vendor": vendor, "amount": amount});
        let told = self.fed(
            &["start", "purchase-order", "--input", "-"],
            row.to_string().as_bytes(),
        );
        assert_eq!(told.status, 0, "{}", told.stderr);
        told.lines().remove(0)
    }

    /// Starts an order that waits, and answers its run, its packet and the packet's digest.
    pub(crate) fn waiting(&self, po_id: &str) -> (String, String, String) {
        let line = self.order(po_id, "Alpha Tech Systems", 7850.0);
        assert_eq!(line["status"], "waiting", "{line}");
        let packet = text(&line["packet"]);
        let shown = self.one(&["packets", "show", &packet]);
        (text(&line["run"]), packet, text(&shown["digest"]))
    }

    /// Makes the ERP misbehave when it is next asked to commit an order.
    pub(crate) fn fault(&self, kind: &str, times: u32, delay_ms: u32) {
        outside::fault(&self.sandbox.url, kind, times, delay_ms);
    }

    /// Makes another operation misbehave.
    pub(crate) fn fault_on(&self, service: &str, operation: &str, kind: &str, times: u32) {
        outside::set_fault(&self.sandbox.url, (service, operation), kind, (times, 0));
    }

    /// Every update of a deal that the CRM made.
    pub(crate) fn updates(&self) -> Vec<Value> {
        outside::done_by(&self.sandbox.url, "crm")
    }

    /// Every refund that the payment API made.
    pub(crate) fn refunds(&self) -> Vec<Value> {
        outside::done_by(&self.sandbox.url, "payments")
    }

    /// Every order that the ERP committed.
    pub(crate) fn orders(&self) -> Vec<Value> {
        outside::orders(&self.sandbox.url)
    }
}

/// Looks again until something holds. Each look runs a process, so nothing is spun on.
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    const LOOKS_MAX: usize = 1_000;
    assert!((0..LOOKS_MAX).any(|_| holds()), "in vain: {what}");
}
