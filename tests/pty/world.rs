//! What stands around a console: a directory, a sandbox, a store, other processes on the same store.

use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::outside::{self, BINARY, Sandbox, command, text};
use crate::terminal::Terminal;

/// Looks at something that must come soon.
const LOOKS_MAX: usize = 500;

pub(crate) struct World {
    dir: TempDir,
    url: String,
    config: PathBuf,
    store: PathBuf,
    /// None where the demo has its own.
    sandbox: Option<Sandbox>,
}

impl World {
    /// A running sandbox and no store yet.
    pub(crate) fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let sandbox = Sandbox::start(dir.path());
        Self {
            url: sandbox.url.clone(),
            config: sandbox.config.clone(),
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
        self.console_with(size, &[])
    }

    /// The same with these variables in its environment.
    pub(crate) fn console_with(&self, size: (u16, u16), env: &[(&str, &str)]) -> Terminal {
        Terminal::with(self.home(), size, env, &self.arguments())
    }

    /// A shell with job control that starts the console, says when it is back, and after a line of
    /// the person brings the console to the foreground again.
    pub(crate) fn shell(&self, size: (u16, u16)) -> Terminal {
        let script =
            r#"set -m; "$@"; echo "the shell is back: $?"; read line; fg; echo "it ended: $?""#;
        let mut arguments: Vec<OsString> = ["/bin/sh", "-c", script, "shell", BINARY]
            .iter()
            .map(Into::into)
            .collect();
        arguments.extend(self.arguments());
        Terminal::program(self.home(), size, &[], &arguments)
    }

    pub(crate) fn config(&self) -> &Path {
        &self.config
    }

    pub(crate) fn home(&self) -> &Path {
        self.dir.path()
    }

    fn arguments(&self) -> Vec<OsString> {
        let demo = self.dir.path().join("demo");
        match self.sandbox {
            None => vec!["demo".into(), "--dir".into(), demo.into()],
            Some(_) => vec![
                "--store".into(),
                self.store.clone().into(),
                "--config".into(),
                self.config.clone().into(),
            ],
        }
    }

    /// A program for `EDITOR`: this script, which gets the file as `$1`.
    pub(crate) fn editor(&self, script: &str) -> String {
        let path = self.home().join("editor");
        let script = format!("#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n");
        std::fs::write(&path, script).unwrap();
        let mode = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(&path, mode).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Makes the ERP misbehave so many times when it is next asked to commit an order.
    pub(crate) fn fault(&self, kind: &str, times: u32) {
        outside::fault(&self.url, kind, times, 0);
    }

    /// Makes the ERP answer late when it is next asked to commit an order.
    pub(crate) fn delay(&self, delay_ms: u32) {
        outside::fault(&self.url, "delay", 1, delay_ms);
    }

    /// Tells whether any process executes for this store now.
    pub(crate) fn executes(&self) -> bool {
        let told = self.call().arg("doctor").output().unwrap();
        let told = String::from_utf8(told.stdout).unwrap();
        assert!(told.contains("for this store"), "{told}");
        !told.contains("no process executes")
    }

    /// The document of a call by another process, which must succeed.
    pub(crate) fn one(&self, args: &[&str]) -> Value {
        document(self.call().args(args))
    }

    /// Starts an order that waits for a person.
    pub(crate) fn order(&self, po_id: &str, vendor: &str, amount: &str) {
        let started = self.start(po_id, vendor, amount);
        assert!(started, "{po_id} was not started");
    }

    /// Starts an order; tells whether it came to a good end, or waits.
    pub(crate) fn start(&self, po_id: &str, vendor: &str, amount: &str) -> bool {
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
        child.wait().unwrap().success()
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
        let orders = self.ledger();
        let mut orders: Vec<String> = orders.iter().map(|entry| text(&entry["subject"])).collect();
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

    /// Every order as it arrived at the ERP.
    pub(crate) fn ledger(&self) -> Vec<Value> {
        outside::orders(&self.url)
    }

    fn call(&self) -> Command {
        let mut command = command(self.dir.path());
        command.arg("--json").arg("--store").arg(&self.store);
        command.arg("--config").arg(&self.config);
        command
    }
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
